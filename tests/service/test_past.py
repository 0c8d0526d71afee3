"""A tracker as it was at a commit answers as a checkout of that commit does."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.index.test_law import FOLDERS, IDS, World, readmes, steps, tasks
from tests.support.repos import TestRepo
from tests.support.sandbox import START
from wrkq_files.errors import WrkqError
from wrkq_files.index.query import Query
from wrkq_files.model.fields import DocType
from wrkq_files.model.finding import Finding
from wrkq_files.service import attachments, comments, reading, resolve, rows
from wrkq_files.service.past import open_at
from wrkq_files.service.tracker import Door, Tracker, open_tracker

SETTINGS = (
    "format: 1\n",
    "format: 1\nignore: [a/b]\n",
    "format: 1\nkinds: [story]\n",
    "format: 1\nkinds: [story]\nignore: [d]\n",
)
#: What the base has changed since is said of what is checked out, and of no moment of the past.
ALL = tuple(name for name in rows.FIELDS if name != "on_base")
#: What the history need not be asked for.
CHEAP = tuple(name for name in ALL if not name.startswith("created"))
NAMED = (IDS[0], "T-0000", "p:a", "a", "a/one.md", "wrkq/a/one", "**/one", "a/two.md/x", "d/e", "none", "_actors")


def door_of(folder: Path) -> Door:
    return Door(cwd=folder, now=lambda: START, random_bits=lambda _: 0)


@contextlib.contextmanager
def past(door: Door, text: str) -> Iterator[Tracker]:
    found = open_at(door, text)
    try:
        yield found.tracker
    finally:
        found.close()


def told(tracker: Tracker, ask: Callable[[], Any]) -> Any:
    """An answer, or the refusal; the folder of the tracker is not part of it."""
    try:
        return ask()
    except WrkqError as error:
        return (
            error.code,
            error.message.replace(str(tracker.root), "ROOT"),
            error.hint.replace(str(tracker.root), "ROOT"),
        )


def listing(tracker: Tracker, found: reading.Listing, fields: Sequence[str] = CHEAP) -> Any:
    return rows.rows(tracker, found.entries, fields), dict(found.hidden), found.notes, places(found.broken)


def places(found: Sequence[Finding]) -> Any:
    return [(each.rule, each.place, each.message) for each in found]


def shape(nodes: Sequence[reading.Node]) -> Any:
    return [(node.entry.path, node.entry.effective_state, shape(node.children)) for node in nodes]


def branches(found: reading.Tree) -> Any:
    return found.address, shape(found.roots), dict(found.hidden), places(found.broken)


def without_base(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name != "on_base"}


def answers(tracker: Tracker) -> dict[str, Any]:
    """What the reading commands say, whatever is asked."""
    everything = Query(types=tuple(DocType))

    def searched(text: str) -> Any:
        hits, broken = reading.search(tracker, text, types=tuple(DocType))
        return [(hit.entry.path, hit.snippet, hit.score) for hit in hits], places(broken)

    asked: dict[str, Callable[[], Any]] = {
        "find": lambda: listing(tracker, reading.find(tracker, everything), ALL),
        "find default": lambda: listing(tracker, reading.find(tracker, Query(types=resolve.ANY), everything=False)),
        "tree": lambda: branches(reading.tree(tracker)),
        "tree 1": lambda: branches(reading.tree(tracker, depth=1)),
        "search": lambda: searched("one"),
        "search no": lambda: searched("on* thr"),
        "ls": lambda: listing(tracker, reading.ls(tracker, [])),
        "stat": lambda: [without_base(each) for each in reading.stat(tracker, ["**"], relations=True)],
        "actors": lambda: sorted(tracker.actors()),
    }
    for folder in FOLDERS[1:]:
        for deep in (False, True):
            asked[f"ls {folder} {deep}"] = lambda folder=folder, deep=deep: listing(
                tracker, reading.ls(tracker, [folder], everything=True, recursive=deep)
            )
        asked[f"tree {folder}"] = lambda folder=folder: branches(reading.tree(tracker, folder, everything=True))
    for name in NAMED:
        asked[f"cat {name}"] = lambda name=name: [(s.entry.path, s.text) for s in reading.cat(tracker, [name])]
        asked[f"comments {name}"] = lambda name=name: comments.ls(tracker, name, everything=True)
        asked[f"attached {name}"] = lambda name=name: attachments.ls(tracker, name)
    return {name: told(tracker, ask) for name, ask in asked.items()}


class Recorded(World):
    """What happens is committed now and then; the settings change too."""

    def __init__(self, top: Path, *options: str) -> None:
        self.repo = TestRepo.init(top, "-b", "main", *options)
        self.commits: list[str] = []
        super().__init__(top)
        self.configure(SETTINGS[0])

    def configure(self, text: str, *_: object) -> None:
        self.text("wrkq.yaml", text)

    def attach(self, on: str, name: str) -> None:
        folder = self.root / "_attachments" / on[2:4] / on
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
        if not (folder / "link").is_symlink():
            (folder / "link").symlink_to(name)

    def commit(self, *_: object) -> None:
        self.repo.git("add", "-A")
        date = {"GIT_AUTHOR_DATE": f"{self.clock} +0000"}
        self.clock += 3600
        self.repo.git("commit", "-q", "--allow-empty", "-m", f"commit {len(self.commits)}", env=date)
        self.commits.append(self.repo.head)


def assert_as_checked_out(repo: TestRepo, commit: str, checkout: Path) -> None:
    if not checkout.exists():
        repo.git("worktree", "add", "-q", "--detach", str(checkout), commit)
    with past(door_of(repo.path), commit) as tracker:
        was = answers(tracker)
    expected = answers(open_tracker(door_of(checkout)))
    differing = [name for name in was if was[name] != expected[name]]
    assert {name: was[name] for name in differing} == {name: expected[name] for name in differing}


more_steps = st.one_of(
    st.tuples(st.just("configure"), st.sampled_from(SETTINGS), st.none()),
    st.tuples(st.just("attach"), st.sampled_from(IDS[:2]), st.sampled_from(["a.txt", "b.md"])),
    st.tuples(
        st.just("text"), st.one_of(tasks, readmes), st.sampled_from(["a note\n", "---\nkind: story\n---\nx\n"])
    ),
    st.tuples(st.just("commit"), st.none(), st.none()),
)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(history=st.lists(st.one_of(steps, steps, more_steps), max_size=25))
@example(
    history=[
        ("write", "a/b/one.md", {}),
        ("text", "a/two.md", "---\nkind: story\n---\n"),
        ("commit", None, None),
        ("configure", SETTINGS[2], None),
        ("commit", None, None),
        ("configure", SETTINGS[3], None),
        ("link", "a/one.md", None),
        ("attach", IDS[0], "a.txt"),
        ("write", "a/three.md", {"id": IDS[0]}),
    ]
)
@example(
    history=[
        ("write", "a/one.md", {}),
        ("commit", None, None),
        ("delete", "a/one.md", None),
        ("commit", None, None),
        ("write", "a/one.md", {}),
    ]
)
def test_as_a_checkout_answers(history: list[tuple[str, object, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder).resolve()
        world = Recorded(top / "repo")
        for step in [*history, ("commit", None, None)]:
            world.happen(step)
        # Back and forth, so that what is kept of one is what the other begins with.
        for commit in [*world.commits[-2:], *world.commits[-3:-1]]:
            assert_as_checked_out(world.repo, commit, top / commit)
        world.index.close()


@pytest.fixture
def merged(tmp_path: Path) -> Recorded:
    """Hand-made files that came on two branches, one of them renamed on the way, and a merge of both."""
    world = Recorded(tmp_path / "repo")
    world.write("a/one.md", {})
    world.commit()
    world.repo.git("checkout", "-q", "-b", "side")
    world.write("d/two.md", {"labels": "[x]"})
    world.move("a/one.md", "d/one.md")
    world.commit()
    world.repo.git("checkout", "-q", "main")
    world.write("f/three.md", {"state": "idea"})
    world.commit()
    world.repo.git("merge", "-q", "-m", "both", "side")
    world.commits.append(world.repo.head)
    world.write("d/two.md", {"labels": "[x, y]"})
    world.commit()
    return world


@pytest.mark.parametrize("depth", [0, 2])
def test_merges_and_clones_that_are_cut(merged: Recorded, tmp_path: Path, depth: int) -> None:
    repo, commits = merged.repo, merged.commits
    if depth:
        repo = TestRepo(tmp_path / "cut")
        merged.repo.git("clone", "-q", f"--depth={depth}", f"file://{merged.repo.path}", str(repo.path))
        commits = commits[-depth:]
    for commit in reversed(commits):
        assert_as_checked_out(repo, commit, tmp_path / commit)


def test_a_clone_without_blobs(merged: Recorded, tmp_path: Path) -> None:
    """Git fetches what is asked for."""
    merged.repo.git("config", "uploadpack.allowFilter", "true")
    merged.repo.git("config", "uploadpack.allowAnySHA1InWant", "true")
    repo = TestRepo(tmp_path / "partial")
    merged.repo.git("clone", "-q", "--filter=blob:none", f"file://{merged.repo.path}", str(repo.path))
    for commit in merged.commits:
        assert_as_checked_out(repo, commit, tmp_path / commit)
