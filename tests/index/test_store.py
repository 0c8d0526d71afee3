"""Whatever happens to the index's own files, the answers are those of the tracker."""

from __future__ import annotations

import contextlib
import fcntl
import multiprocessing
import os
import random
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.index import support
from tests.support.trackers import make
from wrkq_files.errors import WrkqError
from wrkq_files.git.repo import Repo
from wrkq_files.index import lock, pointer, store, view, waiting
from wrkq_files.index.index import Index
from wrkq_files.index.place import Place
from wrkq_files.index.query import Query
from wrkq_files.model.fields import DocType


@pytest.fixture
def tracker(tmp_path: Path) -> Place:
    made = support.place(tmp_path)
    make(made.root, 60, per_feature=12, seed=5)
    return made


def answers(tracker: Place, patience: float = 5) -> dict[str, Any]:
    with Index(tracker, patience=patience) as index:
        index.refresh()
        index.refresh_comments()
        return {
            "all": index.find(Query(types=())),
            "open": index.find(Query(hide=True, priorities=(1, 2))),
            "search": index.search("error"),
            "edges": index.edges(),
            "findings": index.findings(),
            "folders": index.folders(),
            "comments": index.comments(index.edges()[0].src),
        }


def generation(tracker: Place) -> Path:
    named = pointer.read(tracker.folder)
    assert named is not None
    return tracker.folder / named.file


@pytest.fixture
def expected(tracker: Place) -> dict[str, Any]:
    """The answers, from an index that is then there."""
    first = answers(tracker)
    assert len(first["all"]) > 60
    assert first["search"]
    return first


def test_a_second_reader_uses_what_the_first_one_wrote(tracker: Place, expected: dict[str, Any]) -> None:
    before = (generation(tracker), pointer.seal_of(generation(tracker)))
    assert answers(tracker) == expected
    assert (generation(tracker), pointer.seal_of(generation(tracker))) == before


def overwrite(file: Path, place: int, data: bytes) -> None:
    with file.open("r+b") as handle:
        handle.seek(place)
        handle.write(data)


DAMAGES: dict[str, Callable[[Path, random.Random], object]] = {
    "truncated": lambda file, source: os.truncate(file, source.randrange(file.stat().st_size)),
    "emptied": lambda file, _: os.truncate(file, 0),
    "some bytes": lambda file, source: overwrite(
        file, source.randrange(file.stat().st_size - 8), source.randbytes(8)
    ),
    "one letter": lambda file, source: rewrite_all(file, b"Feature 3", b"Xeature 3"),
    "header": lambda file, source: overwrite(file, source.randrange(100), source.randbytes(1)),
    "a page of zeros": lambda file, source: overwrite(file, 8192 * source.randrange(1, 20), bytes(8192)),
    "garbage": lambda file, source: file.write_bytes(source.randbytes(50_000)),
    "deleted": lambda file, _: file.unlink(),
    "a folder": lambda file, _: make_folder(file),
    "all deleted": lambda file, _: shutil.rmtree(file.parent),
    "pointer deleted": lambda file, _: (file.parent / pointer.NAME).unlink(),
    "pointer truncated": lambda file, source: os.truncate(file.parent / pointer.NAME, source.randrange(40)),
    "pointer elsewhere": lambda file, _: (file.parent / pointer.NAME).write_text("../../secret"),
    "an old version": lambda file, _: rewrite_pointer(file, "wrkq-index-1", "wrkq-index-0"),
    "another boot": lambda file, _: rewrite_pointer(file, pointer.boot_id(), "0000-1111"),
    "copied": lambda file, _: copy_all(file.parent),
    "hot journal": lambda file, _: Path(f"{file}-journal").write_bytes(
        b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + bytes(5000)
    ),
}


def rewrite_all(file: Path, old: bytes, new: bytes) -> None:
    data = file.read_bytes()
    assert old in data
    overwrite(file, 0, data.replace(old, new))


def make_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def copy_all(folder: Path) -> None:
    shutil.copytree(folder, folder.with_name("copy"))
    shutil.rmtree(folder)
    folder.with_name("copy").rename(folder)


def rewrite_pointer(file: Path, old: str, new: str) -> None:
    named = file.parent / pointer.NAME
    named.write_text(named.read_text().replace(old, new, 1))


def seeds(count: int) -> list[Any]:
    """The first is traced for coverage: the others go the same ways."""
    return [0, *(pytest.param(seed, marks=pytest.mark.no_cover) for seed in range(1, count))]


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("seed", seeds(3))
def test_a_damaged_index_changes_no_answer(tracker: Place, expected: dict[str, Any], damage: str, seed: int) -> None:
    DAMAGES[damage](generation(tracker), random.Random(seed))
    assert answers(tracker) == expected
    assert answers(tracker) == expected


@pytest.mark.parametrize("damage", ["truncated", "some bytes", "a page of zeros", "garbage"])
@pytest.mark.parametrize("seed", seeds(10))
def test_damage_that_no_stat_shows(tracker: Place, expected: dict[str, Any], damage: str, seed: int) -> None:
    """A disk that returns other bytes than were written: a right answer, or SQLite notices and we begin anew.

    What SQLite cannot notice (a changed letter inside a row) is beyond what is promised, so only structure is asked.
    """
    file = generation(tracker)
    DAMAGES[damage](file, random.Random(seed))
    named = pointer.read(tracker.folder)
    assert named is not None
    pointer.write(tracker.folder, named._replace(seal=pointer.seal_of(file)))
    with contextlib.suppress(WrkqError):
        answers(tracker)


def test_a_file_of_another_boot_is_not_used(tracker: Place, expected: dict[str, Any]) -> None:
    """What a crash of the machine leaves may be any mixture of old and new pages, with any stat data."""
    file = generation(tracker)
    DAMAGES["one letter"](file, random.Random())
    named = pointer.read(tracker.folder)
    assert named is not None
    pointer.write(tracker.folder, named._replace(seal=pointer.seal_of(file), boot="0000-1111"))
    assert answers(tracker) == expected


def test_where_the_system_has_no_boot_id(
    tracker: Place, expected: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pointer, "_BOOT", Path("/nonexistent"))
    assert answers(tracker) == expected
    with Index(tracker) as index:
        index.refresh()
        assert index._store.read().execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_change_that_fails_half_way_was_never_there(
    tracker: Place, expected: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Index(tracker) as index:
        index.refresh()
        support.write(tracker.repo.top, "new.md", id="T-00000001")
        with monkeypatch.context() as patch:
            patch.setattr(waiting, "update", refuse)
            for _ in range(2):
                with pytest.raises(WrkqError, match="refused"):
                    index.refresh()
        assert not index._store.read().execute("SELECT 1 FROM entry WHERE id = 'T-00000001'").fetchone()
        index.refresh()
        assert index.by_id("T-00000001")


def refuse(*_: object) -> None:
    raise WrkqError("git", "refused")


@pytest.mark.parametrize("after", [lambda _: None, Index.refresh_comments], ids=["asked", "comments first"])
def test_a_view_that_somebody_put_back(
    tracker: Place, expected: dict[str, Any], after: Callable[[Index], None]
) -> None:
    """Between a refresh and a question the index becomes what it was before: the question is about the files."""
    old = tracker.folder / "generation-99999999-00000000.sqlite"
    shutil.copy(generation(tracker), old)
    support.write(tracker.repo.top, "new.md", id="T-00000001")
    with Index(tracker) as index:
        index.refresh()
        index.release()
        named = pointer.read(tracker.folder)
        assert named is not None
        pointer.write(tracker.folder, named._replace(file=old.name, seal=pointer.seal_of(old)))
        after(index)
        assert index.by_id("T-00000001")


def test_one_writer_at_a_time(tracker: Place, expected: dict[str, Any]) -> None:
    with process(hold_lock, tracker.folder / "lock"), pytest.raises(lock.Busy), lock.writing(tracker.folder, 0.05):
        pass
    with lock.writing(tracker.folder, 0.05):
        shutil.rmtree(tracker.folder)
        tracker.folder.mkdir()
        with lock.writing(tracker.folder, 0.05):  # the other lock is nobody's any more
            pass


def test_other_settings_make_another_index(tracker: Place, expected: dict[str, Any]) -> None:
    support.write(tracker.repo.top, "epic.md", kind="epic")
    with_kinds = Place(tracker.repo, tracker.root, tracker.prefix, kinds=("epic",))
    assert [each.rule for each in answers(tracker)["findings"] if each.path == "epic.md"]
    assert not [
        each for each in answers(with_kinds)["findings"] if each.path == "epic.md" and each.rule != "missing-id"
    ]


@pytest.mark.parametrize(("name", "other"), [("__version__", "0.0.9"), ("MORE", ("blob",)), ("TABLES", ())])
def test_what_another_program_derived_is_not_read(
    tracker: Place, expected: dict[str, Any], monkeypatch: pytest.MonkeyPatch, name: str, other: object
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(view, name, other)
        assert answers(tracker) == expected
    theirs = generation(tracker)
    assert answers(tracker) == expected
    assert generation(tracker) != theirs


def test_damage_while_it_is_in_use(tracker: Place, expected: dict[str, Any]) -> None:
    with Index(tracker) as index:
        index.refresh()
        index.release()
        os.truncate(generation(tracker), 8192)
        assert index.find(Query(types=(DocType.TASK,))) == [
            each for each in expected["all"] if each.type is DocType.TASK
        ]


def test_deleted_while_it_is_in_use(tracker: Place, expected: dict[str, Any]) -> None:
    with Index(tracker) as index:
        index.refresh()
        shutil.rmtree(tracker.folder)
        support.write(tracker.repo.top, "new.md", id="T-00000001")
        index.refresh()
        assert index.by_id("T-00000001")
        assert len(index.find(Query())) == 61
    assert len(answers(tracker)["all"]) == len(expected["all"]) + 1


def hold_lock(path: str, ready: Any) -> None:
    handle = os.open(path, os.O_RDWR | os.O_CREAT)
    fcntl.flock(handle, fcntl.LOCK_EX)
    ready.set()
    time.sleep(60)


def hold_database(path: str, ready: Any) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    ready.set()
    time.sleep(60)


def hold_reader(path: str, ready: Any) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN")
    connection.execute("SELECT count(*) FROM entry").fetchone()
    ready.set()
    time.sleep(60)


@contextlib.contextmanager
def process(target: Callable[[str, Any], None], path: Path) -> Iterator[None]:
    context = multiprocessing.get_context("fork")
    ready = context.Event()
    other = context.Process(target=target, args=(str(path), ready))
    other.start()
    try:
        assert ready.wait(10)
        yield
    finally:
        other.kill()
        other.join()


@pytest.mark.parametrize("hold", [hold_lock, hold_database, hold_reader])
def test_what_others_hold_changes_no_answer(
    tracker: Place, expected: dict[str, Any], hold: Callable[[str, Any], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_BUSY", 300)
    path = tracker.folder / "lock" if hold is hold_lock else generation(tracker)
    with process(hold, path):
        assert answers(tracker, patience=0.2) == expected
        support.write(tracker.repo.top, "new.md", id="T-00000001")
        changed = answers(tracker, patience=0.2)
        assert len(changed["all"]) == len(expected["all"]) + 1
        if hold is hold_reader:  # a reader keeps nobody from writing
            assert pointer.read(tracker.folder) is not None
            with Index(tracker) as index:
                assert index.by_id("T-00000001")
    assert answers(tracker) == changed


def test_a_cold_index_under_a_held_lock(tracker: Place, expected: dict[str, Any]) -> None:
    (tracker.folder / pointer.NAME).unlink()
    with process(hold_lock, tracker.folder / "lock"):
        assert answers(tracker, patience=0.1) == expected


@contextlib.contextmanager
def mounted(folder: Path, size: str) -> Iterator[None]:
    if os.geteuid() != 0:
        pytest.skip("only root may mount")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True)
    if done.returncode:
        pytest.skip(f"cannot mount: {done.stderr.decode().strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("size", ["64k", "200k", "400k", "600k", "800k"])
def test_a_full_disk_changes_no_answer(tracker: Place, expected: dict[str, Any], size: str) -> None:
    shutil.rmtree(tracker.folder.parent)
    tracker.folder.mkdir(parents=True)
    with mounted(tracker.folder, size):
        assert answers(tracker) == expected
        support.write(tracker.repo.top, "new.md", id="T-00000001", body="x" * 100_000)
        changed = answers(tracker)
        assert len(changed["all"]) == len(expected["all"]) + 1
        assert answers(tracker) == changed


@pytest.mark.parametrize("cold", [True, False])
def test_a_read_only_git_folder_changes_no_answer(tracker: Place, expected: dict[str, Any], cold: bool) -> None:
    with mounted(tracker.repo.git_dir, "20m"):
        support.repository(tracker.repo.top)
        if not cold:
            assert answers(tracker) == expected
        subprocess.run(["mount", "-o", "remount,ro", str(tracker.repo.git_dir)], check=True)
        assert answers(tracker) == expected
        support.write(tracker.repo.top, "new.md", id="T-00000001")
        with Index(tracker) as index:
            index.refresh()
            assert index.by_id("T-00000001")
            assert index.status()["generation"] == "in memory"
            support.write(tracker.repo.top, "newer.md", id="T-00000002")
            index.refresh()
            assert index.by_id("T-00000002")


def test_a_git_folder_that_cannot_be_made(tmp_path: Path, tracker: Place, expected: dict[str, Any]) -> None:
    """A file stands where the folder should be."""
    other = tmp_path / "elsewhere"
    other.mkdir()
    (other / "HEAD").write_text("ref: refs/heads/main\n")
    (other / "wrkq").write_text("")
    moved = Place(Repo(tracker.repo.top, other, other), tracker.root, tracker.prefix)
    assert answers(moved) == expected


def test_old_generations_go(tracker: Place) -> None:
    with Index(tracker) as index:
        for _ in range(6):
            index.rebuild()
    names = sorted(each.name for each in tracker.folder.iterdir() if each.name.startswith("generation"))
    assert len(names) == 1 + pointer.KEEP
    assert generation(tracker).name == names[-1]


def test_two_trackers_and_two_worktrees_have_their_own(tmp_path: Path) -> None:
    first = support.place(tmp_path, "one")
    second = support.place(tmp_path, "two")
    assert first.folder != second.folder
    linked = Repo(tmp_path / "linked", tmp_path / ".git" / "worktrees" / "linked", tmp_path / ".git")
    assert Place(linked, linked.top / "one", "one").folder.is_relative_to(linked.git_dir)
