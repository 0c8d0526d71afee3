"""Bringing a branch to a commit that is there already, with the worktree that has it checked out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from wrkq_files.errors import WrkqError
from wrkq_files.git import branches, convert, lock, place, read, trees
from wrkq_files.git import write as git_write
from wrkq_files.git.batch import Blobs
from wrkq_files.git.repo import discover
from wrkq_files.git.run import git
from wrkq_files.git.write import FileWrite

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wrkq_files.git.branches import Branch
    from wrkq_files.git.repo import Repo

_PLAIN = "100644"


def advance(repo: Repo, branch: Branch, commit: str, why: str, *, timeout: float = 10) -> None:
    """Moves a branch from its tip to a commit; files and index of the worktree that has it checked out go along.

    Nothing is changed, or all: what is uncommitted stays as it is, and is in the way (``dirty_file``) only in files
    that differ between the two commits. Raises :class:`branches.Moved` where the branch is elsewhere by now;
    ``refused`` while that worktree is in the middle of a merge or the like; ``busy``.
    """
    if not branch.worktree:
        branches.move(repo, branch.ref, commit, branch.tip, why)
        return
    there = discover(Path(branch.worktree))
    with lock.worktree_lock(there, timeout=timeout):
        git_write.recover(there)
        if there.branch() != branch.name or there.head() != branch.tip:
            raise branches.Moved(f"{branch.name} is not at {branch.tip}")
        if operation := read.in_progress(there):
            message = f"a {operation} is in progress in {there.top}"
            raise WrkqError("refused", message, hint=f"finish it first: git -C {there.top} status")
        try:
            _follow(there, branch.tip, commit, timeout)
        except git_write.HeadMoved as moved:
            raise branches.Moved(str(moved)) from moved


def _follow(repo: Repo, old: str, new: str, timeout: float) -> None:
    rows = trees.between(repo, old, new)
    if not _all_plain(repo, rows):
        _by_git(repo, new)
        return
    with Blobs(repo) as blobs:
        texts = blobs.many(list({blob for each in rows for blob in (each.blob, each.old_blob) if blob}))
    changed = _uncommitted(repo)
    writes = []
    for each in rows:
        before, after = (texts[blob] if blob else None for blob in (each.old_blob, each.blob))
        if each.path in changed or _on_disk(repo, each.path) != before:
            raise _in_the_way(each.path)
        writes.append(FileWrite(each.path, after, after, after, work_old=before, staged_old=before))
    entries = {each.path: (each.mode, each.blob) if each.blob else None for each in rows}
    git_write.follow(repo, writes, new, entries, parent=old, timeout=timeout)


def _all_plain(repo: Repo, rows: Sequence[trees.Difference]) -> bool:
    """Whether every file that differs is a regular one which git stores as it is."""
    modes = {mode for each in rows for mode in (each.mode, each.old_mode) if mode}
    if modes - {_PLAIN}:
        return False
    return not convert.filtered(convert.ask_attributes(repo, [each.path for each in rows]).wait())


def _uncommitted(repo: Repo) -> set[str]:
    """The paths that are staged or changed; an untracked one is compared with what is to come there."""
    return {each.path for each in read.status(repo) if not each.untracked}


def _on_disk(repo: Repo, path: str) -> bytes | None:
    target = repo.top / path
    place.check_path(path)
    if target.is_symlink():
        raise _in_the_way(path)
    try:
        return target.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except IsADirectoryError:
        raise _in_the_way(path) from None


def _by_git(repo: Repo, new: str) -> None:
    """Links, submodules, filters: git's own fast-forward knows them, and refuses what would overwrite an edit."""
    try:
        git(repo, "merge", "--ff-only", "-q", new)
    except WrkqError as error:
        told = str(error.details.get("stderr", ""))
        if "would be overwritten" not in told:
            raise
        paths = [line.strip() for line in told.splitlines() if line.startswith(("\t", " "))]
        raise _in_the_way(", ".join(paths) or "a file") from error


def _in_the_way(path: str) -> WrkqError:
    return WrkqError(
        "dirty_file",
        f"{path}: it has uncommitted edits, and would be changed",
        hint="commit them first (wrkq commit, git commit), or put them away: git stash",
        details={"path": path},
    )
