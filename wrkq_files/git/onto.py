"""A commit on a branch that nobody has checked out: objects, then the ref. No file and no index entry changes."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from wrkq_files.errors import WrkqError
from wrkq_files.git import branches, housekeeping, place
from wrkq_files.git.build import Built, FileWrite, Request, build
from wrkq_files.git.run import git

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wrkq_files.git.repo import Repo


def _no_step(name: str) -> None:
    """Tests stop or kill the writer here."""


def commit(
    repo: Repo,
    ref: str,
    writes: Sequence[FileWrite],
    message: str,
    *,
    parent: str,
    old: str | None,
    step: Callable[[str], None] = _no_step,
) -> Built:
    """Commit what ``writes`` say of ``head`` on ``parent``, and make that the branch's tip.

    ``old``: where the branch is, None where it is not there yet. Raises :class:`branches.Moved` where it is elsewhere
    by now, WrkqError ``refused`` where a worktree has it checked out, ``no_identity``, ``git``. Whatever it
    raises, nobody sees anything of it.
    """
    for write in writes:
        place.check_path(write.path)
    built = build(repo, writes, Request(message, parent))
    step("built")
    with built.storing or contextlib.nullcontext():
        if built.storing:
            built.storing.wait()
        step("stored")
        move(repo, ref, built.commit, old, "commit: " + message.partition("\n")[0])
    step("moved")
    housekeeping.collect(repo, wanted=built.gc)
    return built


def move(repo: Repo, ref: str, new: str | None, old: str | None, why: str) -> None:
    """As :func:`branches.move`. Raises WrkqError ``refused`` where a worktree has the branch checked out."""
    folder = holder(repo, ref)
    if folder is not None:
        name = ref.removeprefix(branches.LOCAL)
        message = f"{name} is checked out in {folder}, or git is in the middle of something with it there"
        raise WrkqError("refused", message, hint=f"work there: cd {folder}", details={"worktree": str(folder)})
    branches.move(repo, ref, new, old, why)


def holder(repo: Repo, ref: str) -> Path | None:
    """The worktree that has a branch checked out, or rebases or bisects it. Files tell, so that looking is cheap."""
    if (repo.common_dir / "reftable").is_dir():
        return _listed(repo, ref)
    linked = [*(repo.common_dir / "worktrees").glob("*")]
    found = [each for each in (repo.common_dir, *linked) if _holds(each, ref)]
    if found == [repo.common_dir]:
        return _listed(repo, ref) or (None if _is_free(repo.common_dir, ref) else repo.common_dir.parent)
    return next((_folder(each) for each in found if each != repo.common_dir), None)


def _holds(git_dir: Path, ref: str) -> bool:
    name = ref.removeprefix(branches.LOCAL)
    return _read(git_dir / "HEAD") == f"ref: {ref}" or not _is_free(git_dir, ref, name)


def _is_free(git_dir: Path, ref: str, name: str = "") -> bool:
    """Whether no rebase and no bisect there will come back to the branch."""
    rebased = {_read(git_dir / each / "head-name") for each in ("rebase-merge", "rebase-apply")}
    name = name or ref.removeprefix(branches.LOCAL)
    return ref not in rebased and _read(git_dir / "BISECT_START") not in (ref, name)


def _folder(git_dir: Path) -> Path:
    """The folder of a linked worktree."""
    return Path(_read(git_dir / "gitdir") or git_dir).parent


def _listed(repo: Repo, ref: str) -> Path | None:
    """By git itself: of a bare repository HEAD is no worktree's."""
    rows = os.fsdecode(git(repo, "worktree", "list", "--porcelain")).split("\n\n")
    for row in rows:
        lines = row.splitlines()
        if f"branch {ref}" in lines:
            return Path(lines[0].removeprefix("worktree "))
    return None


def _read(path: Path) -> str:
    try:
        return os.fsdecode(path.read_bytes()).strip()
    except OSError:
        return ""
