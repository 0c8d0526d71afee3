"""A writer killed at any point leaves all old or all new after the next command's ``recover()``."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.git.writer import leftovers, ours, put, put_files
from tests.support.repos import TestRepo
from wrkq_files.git import journal
from wrkq_files.git.journal import Recovery
from wrkq_files.git.lock import worktree_lock
from wrkq_files.git.write import recover

OLD = {"wrkq/a.md": b"old a\n", "wrkq/b.md": b"old b\n", "wrkq/gone/c.md": b"old c\n", "wrkq/new/d.md": None}
NEW = {"wrkq/a.md": b"new a\n", "wrkq/b.md": b"new b\n", "wrkq/gone/c.md": None, "wrkq/new/d.md": b"new d\n"}
PLACED = ["placed 0", "placed 1", "placed 2", "placed 3"]
BEFORE = ["built", "staged", "locked", "copied", "secured", "journal", *PLACED]
AFTER = ["ref", "index", "unlocked", "done"]


@pytest.fixture
def repo(tmp_path: Path) -> TestRepo:
    made = TestRepo.init(tmp_path / "r", files={"src/x.py": "x\n", **{p: d for p, d in OLD.items() if d is not None}})
    made.write({"src/x.py": "staged\n", "src/untracked": "u\n"})
    made.git("add", "src/x.py")
    made.write({"src/x.py": "unstaged\n"})
    return made


def die(repo: TestRepo, at: str, write: Callable[..., object] = put) -> None:
    """A child process that kills itself at one step."""

    def step(name: str) -> None:
        if name == at:
            os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        try:
            write(repo, NEW, step=step)
        finally:
            os._exit(3)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL, f"the writer never came to {at!r}"


def mend(repo: TestRepo) -> Recovery | None:
    where = ours(repo)
    with worktree_lock(where, 10):
        found = recover(where)
        assert recover(where) is None
    return found


def contents(repo: TestRepo) -> dict[str, bytes | None]:
    return {path: repo.read(path) if (repo.path / path).exists() else None for path in NEW}


def assert_whole(repo: TestRepo, expected: dict[str, bytes | None]) -> None:
    assert contents(repo) == expected
    assert {path: repo.show(f"HEAD:{path}") for path in NEW} == expected
    assert {path: repo.show(f":{path}") for path in NEW} == expected
    assert repo.status() == ["?? src/untracked", "MM src/x.py"]
    assert leftovers(repo) == []
    assert not (repo.path / ("wrkq/new" if expected == OLD else "wrkq/gone")).exists()
    repo.fsck()


@pytest.mark.parametrize("at", BEFORE)
def test_before_the_branch_moves_nothing_has_happened(repo: TestRepo, at: str) -> None:
    die(repo, at)
    found = mend(repo)
    assert (found is None) == (at == "built")
    if at in PLACED:
        assert found is not None
        assert found.action == "back"
    assert_whole(repo, OLD)
    put(repo, NEW)
    assert_whole(repo, NEW)


@pytest.mark.parametrize("at", AFTER)
def test_once_the_branch_has_moved_it_is_finished(repo: TestRepo, at: str) -> None:
    die(repo, at)
    found = mend(repo)
    assert (found.action if found else "") == ("" if at == "done" else "forward")
    assert_whole(repo, NEW)


@pytest.mark.parametrize("at", [*BEFORE, *AFTER])
def test_the_next_write_mends_by_itself(repo: TestRepo, at: str) -> None:
    die(repo, at)
    put(repo, NEW)
    assert_whole(repo, NEW)


@pytest.mark.parametrize("at", ["staged", "secured", "journal", *PLACED])
def test_files_only(repo: TestRepo, at: str) -> None:
    before = repo.status()
    die(repo, at, put_files)
    mend(repo)
    assert contents(repo) == OLD
    assert repo.status() == before
    assert leftovers(repo) == []


@pytest.mark.parametrize("at", ["placed 0", "placed 3"])
def test_files_only_that_somebody_has_added_since_are_finished(repo: TestRepo, at: str) -> None:
    die(repo, at, put_files)
    repo.git("add", "-A", "wrkq")
    repo.git("commit", "-qm", "theirs", "--", "wrkq")
    found = mend(repo)
    assert found is not None
    assert found.action == "forward"
    assert contents(repo) == NEW
    assert leftovers(repo) == []


def test_what_a_person_changed_after_the_kill_is_theirs(repo: TestRepo) -> None:
    die(repo, "placed 3")
    repo.write({"wrkq/a.md": "mine\n"})
    found = mend(repo)
    assert found is not None
    assert set(found.paths) == {"wrkq/b.md", "wrkq/gone/c.md", "wrkq/new/d.md"}
    assert contents(repo) == {**OLD, "wrkq/a.md": b"mine\n"}
    assert leftovers(repo) == []


def test_what_a_person_staged_after_the_kill_is_theirs(repo: TestRepo) -> None:
    die(repo, "ref")
    (repo.git_dir / "index.lock").unlink()  # as git's own message tells them to
    repo.write({"wrkq/a.md": "mine\n"})
    repo.git("add", "wrkq/a.md")
    mend(repo)
    assert repo.show(":wrkq/a.md") == repo.read("wrkq/a.md") == b"mine\n"
    assert repo.show(":wrkq/b.md") == b"new b\n"
    assert leftovers(repo) == []


def test_another_branch_is_not_touched(repo: TestRepo) -> None:
    repo.git("stash", "-q")
    die(repo, "placed 3")
    (repo.git_dir / "index.lock").unlink()
    repo.git("checkout", "-q", "-f", "-b", "other")
    repo.commit({"wrkq/a.md": "new a\n"}, "theirs")
    before = repo.status()
    mend(repo)
    assert repo.read("wrkq/a.md") == b"new a\n"
    assert repo.status() == before
    assert leftovers(repo) == []


def test_a_torn_journal_is_only_cleaned_up(repo: TestRepo) -> None:
    die(repo, "locked")
    (journal.folder(ours(repo)) / "journal").write_text("{")
    found = mend(repo)
    assert found is not None
    assert found.action == "cleaned"
    assert_whole(repo, OLD)


@pytest.mark.parametrize("content", ["ours", ""])
def test_ref_locks_of_a_killed_update_ref_are_removed(repo: TestRepo, content: str) -> None:
    die(repo, "placed 3")
    plan = journal._load(ours(repo))
    assert plan is not None
    (repo.git_dir / "HEAD.lock").touch()
    (repo.git_dir / "refs/heads/main.lock").write_text(plan.commit + "\n" if content else "")
    mend(repo)
    assert_whole(repo, OLD)


def test_a_person_s_ref_lock_stays(repo: TestRepo) -> None:
    die(repo, "placed 3")
    lock = repo.git_dir / "refs/heads/main.lock"
    lock.write_text("0" * 40 + "\n")
    mend(repo)
    assert lock.exists()


def test_a_person_s_index_lock_stays(repo: TestRepo) -> None:
    die(repo, "placed 3")
    lock = repo.git_dir / "index.lock"
    lock.unlink()
    lock.write_bytes(b"")
    mend(repo)
    assert lock.exists()
    assert contents(repo) == OLD


def killed_at_random(repo: TestRepo, number: int, longest: float, chance: random.Random, group: bool) -> bool:
    """Kill a writer (``group``: and its gits) some time after its start; whether it was still alive then."""
    files = {"wrkq/a.md": b"a %d\n" % number, "wrkq/b.md": b"b %d\n" % number, f"wrkq/n/{number}.md": b"n\n"}
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        try:
            put(repo, files)
        finally:
            os._exit(0)
    time.sleep(chance.uniform(0, longest))
    with contextlib.suppress(ProcessLookupError):
        (os.killpg if group else os.kill)(child, signal.SIGKILL)
    killed = os.waitpid(child, 0)[1] == signal.SIGKILL
    mend(repo)
    new = repo.read("wrkq/a.md") == files["wrkq/a.md"]
    assert (repo.read("wrkq/b.md") == files["wrkq/b.md"]) == new
    assert (repo.path / f"wrkq/n/{number}.md").exists() == new
    assert repo.status() == ["?? src/untracked", "MM src/x.py"]
    assert leftovers(repo) == []
    return killed


@pytest.mark.parametrize("group", [False, True])
@pytest.mark.parametrize("times", [20, pytest.param(500, marks=pytest.mark.soak)])
def test_killed_at_any_moment(repo: TestRepo, times: int, group: bool) -> None:
    """The child's gits live on for a moment: the lock they inherit keeps ``recover()`` waiting for them."""
    began = time.monotonic()
    put(repo, {"wrkq/a.md": b"a\n", "wrkq/b.md": b"b\n"})
    longest = 1.6 * (time.monotonic() - began)
    chance = random.Random()
    killed = 0
    for number in range(times):
        hit = killed_at_random(repo, number, longest, chance, group)
        killed += hit
        # The machine's pace changes: earlier after a miss, later after a hit, so that about half are hits.
        longest *= 1.2 if hit else 0.75
    assert killed > times / 4
    repo.fsck()
