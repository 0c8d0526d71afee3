"""The view of a commit, and of what is staged, is that of the same files on the disk."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.index import support
from tests.index.test_law import World, steps
from tests.support.repos import TestRepo
from wrkq_files.git import trees
from wrkq_files.git.batch import Blobs
from wrkq_files.index import fulltext
from wrkq_files.index.index import Index
from wrkq_files.index.query import Query
from wrkq_files.index.snapshot import Snapshot
from wrkq_files.index.store import Store, Work

#: Git keeps no empty folders, and an index says of a note only that it is one.
COMPARED = ("entry", "body", "edge", "lost edge", "finding")


def content(index: Index) -> dict[str, list[Any]]:
    found = support.content(index)
    return {name: found[name] for name in COMPARED}


def on_disk(world: World) -> dict[str, list[Any]]:
    made = support.built_anew(world.place, comments=True)
    found = content(made)
    made.close()
    return found


def tree_of(world: World) -> str:
    found = trees.resolve(world.place.repo, "HEAD", "tree")
    assert found is not None
    return found


class Committing(World):
    """Every so often all is committed, or only staged, and looked at through git."""

    def __init__(self, top: Path) -> None:
        self.repo = TestRepo.init(top, "-b", "main")
        super().__init__(top)

    def commit(self, *_: object) -> None:
        self.repo.git("add", "-A")
        self.repo.git("commit", "-q", "--allow-empty", "-m", "all")
        with Blobs(self.place.repo) as blobs, Snapshot(self.place, blobs) as snapshot:
            snapshot.keep(tree_of(self))
            assert content(snapshot) == on_disk(self)
            assert snapshot.repairs == 0

    def stage(self, *_: object) -> None:
        self.repo.git("add", "-A")
        with Blobs(self.place.repo) as blobs, Snapshot(self.place, blobs) as snapshot:
            snapshot.try_out(None)
            assert content(snapshot) == on_disk(self)


turns = st.tuples(st.sampled_from(["commit", "commit", "stage"]), st.none(), st.none())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(history=st.lists(st.one_of(steps, steps, turns), max_size=25))
@example(
    history=[("write", "a/one.md", {}), ("commit", None, None), ("link", "a/two.md", None), ("stage", None, None)]
)
@example(
    history=[
        ("write", "a/b/one.md", {}),
        ("commit", None, None),
        ("tracker", "a/wrkq.yaml", True),
        ("commit", None, None),
        ("tracker", "a/wrkq.yaml", False),
        ("stage", None, None),
    ]
)
def test_a_snapshot_is_what_a_checkout_would_be(history: list[tuple[str, object, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = Committing(Path(folder))
        for step in [*history, ("commit", None, None)]:
            world.happen(step)
        world.index.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Committing]:
    made = Committing(tmp_path)
    made.write("a/one.md", {"id": "T-00000001"})
    made.commit()
    yield made
    made.index.close()


def test_what_was_tried_out_leaves_no_trace(world: Committing) -> None:
    kept = tree_of(world)
    world.write("a/two.md", {"id": "T-00000002"})
    world.repo.git("add", "-A")
    with Blobs(world.place.repo) as blobs:
        with Snapshot(world.place, blobs) as snapshot:
            snapshot.try_out(None)
            assert support.paths(snapshot.find(Query())) == ["a/one.md", "a/two.md"]
        with Snapshot(world.place, blobs) as snapshot:
            snapshot.keep(kept)
            assert support.paths(snapshot.find(Query())) == ["a/one.md"]


def test_two_look_at_once(world: Committing) -> None:
    """A commit in one terminal is looked at while another's check is not done."""
    world.write("a/two.md", {"id": "T-00000002"})
    world.repo.git("add", "-A")
    with Blobs(world.place.repo) as blobs, Snapshot(world.place, blobs) as first:
        first.try_out(None)
        with Snapshot(world.place, blobs) as second:
            second.try_out(tree_of(world))
            assert support.paths(second.find(Query())) == ["a/one.md"]
            assert support.paths(first.find(Query())) == ["a/one.md", "a/two.md"]


@pytest.mark.parametrize("harm", ["deleted", "cut off", "overwritten"])
def test_a_damaged_file_is_no_matter(world: Committing, harm: str) -> None:
    for file in world.place.snapshot_folder.glob("generation-*"):
        if harm == "deleted":
            file.unlink()
        else:
            file.write_bytes(file.read_bytes()[:5000] if harm == "cut off" else b"x" * 9000)
    with Blobs(world.place.repo) as blobs, Snapshot(world.place, blobs) as snapshot:
        snapshot.try_out(tree_of(world))
        assert support.paths(snapshot.find(Query())) == ["a/one.md"]


def test_nothing_can_be_written(world: Committing, tmp_path: Path) -> None:
    shutil.rmtree(world.place.snapshot_folder)
    world.place.snapshot_folder.write_text("in the way")
    with Blobs(world.place.repo) as blobs, Snapshot(world.place, blobs) as snapshot:
        snapshot.keep(tree_of(world))
        assert support.paths(snapshot.find(Query())) == ["a/one.md"]


def test_a_tree_that_is_gone(world: Committing) -> None:
    """A push that was refused leaves the index at a tree that nobody has."""
    with Blobs(world.place.repo) as blobs:
        with Snapshot(world.place, blobs) as snapshot:
            snapshot.keep(tree_of(world))
            snapshot._store.change(lambda c: c.execute("UPDATE meta SET value = ? WHERE key = 'tree'", ("1" * 40,)))
        with Snapshot(world.place, blobs) as snapshot:
            snapshot.keep(tree_of(world))
            assert content(snapshot) == on_disk(world)


def test_it_searches(world: Committing) -> None:
    with Blobs(world.place.repo) as blobs, Snapshot(world.place, blobs) as snapshot:
        snapshot.try_out(tree_of(world))
        assert [hit.entry.path for hit in snapshot.search("one")] == ["a/one.md"]


def test_most_contents_come_from_the_index_of_the_files(world: Committing, monkeypatch: pytest.MonkeyPatch) -> None:
    world.index.refresh()
    shutil.rmtree(world.place.snapshot_folder)
    with Blobs(world.place.repo) as blobs, Snapshot(world.place, blobs) as snapshot:
        monkeypatch.setattr(Blobs, "many", lambda *_: pytest.fail("a blob was read"))
        snapshot.keep(tree_of(world))
        assert support.paths(snapshot.find(Query())) == ["a/one.md"]


@pytest.fixture
def two(world: Committing) -> tuple[str, str]:
    """A tree with one document, and one with another besides."""
    before = tree_of(world)
    world.write("a/two.md", {"id": "T-00000002"})
    world.commit()
    return before, tree_of(world)


def test_who_reads_a_kept_tree_stays_there(world: Committing, two: tuple[str, str]) -> None:
    """Each of two processes wants another tree, and both search, for which something has to be written down."""
    with (
        Blobs(world.place.repo) as blobs,
        Snapshot(world.place, blobs) as first,
        Snapshot(world.place, blobs) as second,
    ):
        first.keep(two[0])
        second.keep(two[1])
        for _ in range(2):
            assert support.paths(first.find(Query())) == ["a/one.md"]
            assert support.paths(second.find(Query())) == ["a/one.md", "a/two.md"]
            assert [hit.entry.path for hit in first.search("a")] == ["a/one.md"]
            assert [hit.entry.path for hit in second.search("a")] == ["a/one.md", "a/two.md"]
        assert first.repairs == second.repairs == 0


def test_who_reads_a_kept_tree_is_in_nobodys_way(
    world: Committing, two: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        Blobs(world.place.repo) as blobs,
        Snapshot(world.place, blobs) as first,
        Snapshot(world.place, blobs) as second,
    ):
        first.keep(two[1])
        monkeypatch.setattr(Store, "change", lambda *_, **__: pytest.fail("it was written"))
        monkeypatch.setattr(Store, "try_out", lambda *_: pytest.fail("others are kept from writing"))
        second.keep(two[1])
        assert support.paths(second.find(Query())) == support.paths(first.find(Query())) == ["a/one.md", "a/two.md"]


def test_another_is_quicker(world: Committing, two: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Between what one writes and reads, another process makes of it what that wants."""
    change = Store.change

    def overtaken(self: Store, work: Work, **how: bool) -> object:
        change(self, work, **how)
        monkeypatch.undo()
        with Snapshot(world.place, blobs) as other:
            other.keep(two[1])
        self.release()
        return self.read()

    with Blobs(world.place.repo) as blobs, Snapshot(world.place, blobs) as snapshot:
        monkeypatch.setattr(Store, "change", overtaken)
        snapshot.keep(two[0])
        assert support.paths(snapshot.find(Query())) == ["a/one.md"]
        assert [hit.entry.path for hit in snapshot.search("a")] == ["a/one.md"]


def test_text_that_is_searched_is_kept(
    world: Committing, two: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        with Blobs(world.place.repo) as blobs, Snapshot(world.place, blobs) as snapshot:
            snapshot.keep(two[1])
            assert [hit.entry.path for hit in snapshot.search("two")] == ["a/two.md"]
        monkeypatch.setattr(fulltext, "update", lambda _: pytest.fail("it was made anew"))


def test_what_lies_there(world: Committing) -> None:
    world.link("a/two.md", None)
    world.commit()
    with Blobs(world.place.repo) as blobs, Snapshot(world.place, blobs) as snapshot:
        snapshot.keep(tree_of(world))
        assert [snapshot.has_folder(each) for each in ("a", "a/b", "b")] == [True, False, False]
        assert [snapshot.is_link(each) for each in ("a/two.md", "a/one.md", "a")] == [True, False, False]
