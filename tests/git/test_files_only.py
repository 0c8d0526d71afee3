"""Manual mode: only the working files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.git.writer import leftovers, ours, put_files
from tests.support.repos import TestRepo
from wrkq_files.errors import WrkqError
from wrkq_files.git import run
from wrkq_files.git.lock import worktree_lock
from wrkq_files.git.write import UNCHANGED, FileWrite, write_files

A = "wrkq/a.md"


@pytest.fixture
def repo(tmp_path: Path) -> TestRepo:
    return TestRepo.init(tmp_path / "r", files={A: "a\n", "wrkq/b.md": "b\n"})


def test_git_is_not_touched(repo: TestRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    head, index = repo.head, (repo.git_dir / "index").read_bytes()
    where = ours(repo)
    monkeypatch.setattr(run, "start", None)  # not even asked
    with worktree_lock(where):
        write_files(
            where,
            [
                FileWrite(A, UNCHANGED, UNCHANGED, b"A\n", work_old=b"a\n"),
                FileWrite("wrkq/n/c.md", UNCHANGED, UNCHANGED, b"c\n"),
                FileWrite("wrkq/b.md", UNCHANGED, UNCHANGED, None, work_old=b"b\n"),
                FileWrite("wrkq/other.md", b"x", b"x", UNCHANGED),
            ],
        )
    assert (repo.git_dir / "index").read_bytes() == index
    assert repo.head == head
    assert repo.status() == [" D wrkq/b.md", " M wrkq/a.md", "?? wrkq/n/c.md"]
    assert leftovers(repo) == []


def test_works_while_git_s_index_is_locked(repo: TestRepo) -> None:
    (repo.git_dir / "index.lock").touch()
    put_files(repo, {A: b"A\n"})
    assert repo.read(A) == b"A\n"


@pytest.mark.parametrize("stale", [b"other\n", None])
def test_a_file_that_is_not_what_was_read(repo: TestRepo, stale: bytes | None) -> None:
    where = ours(repo)
    writes = [FileWrite("wrkq/b.md", UNCHANGED, UNCHANGED, b"B\n", work_old=b"b\n")]
    writes.append(FileWrite(A, UNCHANGED, UNCHANGED, b"A\n", work_old=stale))
    with worktree_lock(where), pytest.raises(WrkqError) as caught:
        write_files(where, writes)
    assert caught.value.code == "conflict"
    assert repo.status() == []
    assert leftovers(repo) == []


def test_a_failure_half_way_takes_back_what_was_placed(repo: TestRepo) -> None:
    def interrupt(name: str) -> None:
        if name == "placed 1":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        put_files(repo, {A: b"A\n", "wrkq/n/c.md": b"c\n", "wrkq/b.md": None}, step=interrupt)
    assert repo.status() == []
    assert not (repo.path / "wrkq/n").exists()
    assert leftovers(repo) == []
