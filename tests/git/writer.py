"""What a caller of ``git/`` does around a write, and what must hold after one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tests.support.repos import TestRepo
from wrkq_files.git import journal
from wrkq_files.git.lock import worktree_lock
from wrkq_files.git.read import blobs
from wrkq_files.git.repo import Repo, discover
from wrkq_files.git.write import FileWrite, HeadMoved, commit, recover, write_files


def ours(repo: TestRepo) -> Repo:
    return discover(repo.path)


def read_work(repo: Repo, path: str) -> bytes | None:
    target = repo.top / path
    return target.read_bytes() if target.is_file() else None


def same_everywhere(repo: Repo, files: Mapping[str, bytes | None]) -> list[FileWrite]:
    """Writes for files without uncommitted edits."""
    staged = blobs(repo, [f":{path}" for path in files])
    return [
        FileWrite(path, data, data, data, work_old=read_work(repo, path), staged_old=staged[f":{path}"])
        for path, data in files.items()
    ]


def put(
    repo: TestRepo | Repo,
    files: Mapping[str, bytes | None],
    message: str = "wrkq: change",
    *,
    step: Callable[[str], None] = lambda name: None,
    timeout: float = 10,
    sign: bool | None = None,
    actor_env: Mapping[str, str] | None = None,
) -> str:
    """Commit files through ``git/``, starting again when HEAD moved."""
    where = ours(repo) if isinstance(repo, TestRepo) else repo
    with worktree_lock(where, 30):
        recover(where)
        while True:
            writes = same_everywhere(where, files)
            options = {"parent": where.head(), "actor_env": actor_env, "sign": sign, "timeout": timeout, "step": step}
            try:
                return commit(where, writes, message, **options)  # type: ignore[arg-type]
            except HeadMoved:
                continue


def put_files(
    repo: TestRepo, files: Mapping[str, bytes | None], *, step: Callable[[str], None] = lambda name: None
) -> None:
    """Write working files only."""
    where = ours(repo)
    with worktree_lock(where, 30):
        recover(where)
        writes = same_everywhere(where, files)
        write_files(where, writes, step=step)


def leftovers(repo: TestRepo) -> list[str]:
    """Locks and temporary files that should not be there."""
    git_dir = repo.git_dir
    found = [str(path) for path in git_dir.rglob("*.lock") if path.name != "write.lock"]
    found += [str(path) for path in (git_dir / "wrkq").glob("*") if path.name != "write.lock"]
    return found + [str(path) for path in Path(repo.path).rglob(".wrkq-*")]


def assert_clean(repo: TestRepo) -> None:
    """Nothing lies about, HEAD, index and worktree agree, and git finds its objects in order."""
    assert not journal.folder(ours(repo)).exists()
    assert leftovers(repo) == []
    assert repo.status() == []
    repo.fsck()
