"""Opening the tracker of a bundle, and which bundle a worktree works on."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git import onto
from wrkq_files.git.batch import Blobs
from wrkq_files.git.branches import Branch
from wrkq_files.git.lock import own_folder, read_only
from wrkq_files.git.repo import Repo, discover_any
from wrkq_files.git.revisions import Revision
from wrkq_files.service import past
from wrkq_files.service.bundles import names
from wrkq_files.service.onbranch import OnBranch, tree_of
from wrkq_files.service.tracker import Door, Tracker, open_tracker

#: The file, in a worktree's own folder of ours, that names the bundle it works on.
_SWITCH: Final = "bundle"


class Opened(NamedTuple):
    """``worktree``: where the branch is checked out, and so its files are read and written; None where it is not."""

    tracker: Tracker
    name: str
    worktree: Path | None = None

    def close(self) -> None:
        if isinstance(self.tracker, OnBranch):
            self.tracker.close()


def opened(door: Door, name: str) -> Opened:
    """The tracker of the door's folder as a bundle has it. Raises what :func:`names.required` and
    :func:`past.find` do, and ``refused`` for one that is checked out where we cannot work."""
    door = door._replace(cwd=door.cwd.resolve())
    repo = discover_any(door.start, use_git=door.ask_git)
    quick = names.quickly(repo, name)
    if quick is None or onto.holder(repo, quick[0]):
        branch = names.required(repo, name)
        if branch.worktree:
            return _through(door, repo, branch)
        quick = branch.ref, branch.tip
    return Opened(on_branch(door, repo, *quick), names.short(quick[0]))


def on_branch(door: Door, repo: Repo, ref: str, old: str | None, *, at: str | None = None) -> OnBranch:
    """The tracker as a branch has it that is not checked out. ``at``: another commit that it begins at."""
    tip = at or old or ""
    blobs = Blobs(repo)
    try:
        tree = tree_of(blobs, tip) or ""
        revision = Revision(tip, tree, 0, "")
        found = past.find(door, repo, revision, blobs, names.short(ref))
        tracker = OnBranch(found.door, repo, found.prefix, tip, blobs, tree, ref=ref, old=old)
        past.check_format(tracker, revision)
        tracker.snapshot.keep(tree)
    except BaseException:
        blobs.close()
        raise
    return tracker


def _through(door: Door, repo: Repo, branch: Branch) -> Opened:
    """A branch that a worktree has checked out is read and written there."""
    folder = Path(branch.worktree)
    name = names.short(branch.name)
    if not repo.is_bare and folder.resolve() == repo.top.resolve():
        return Opened(open_tracker(door), name, folder)
    if not folder.is_dir():
        message = f"{branch.name} is checked out in {folder}, which is not there"
        raise WrkqError("refused", message, hint="git worktree prune forgets worktrees that are gone")
    if door.ask_git:
        message = f"{branch.name} is checked out in {folder}, and the environment sets GIT_DIR"
        raise WrkqError("refused", message, hint=f"work there: cd {folder}")
    return Opened(open_tracker(_moved(door, repo, folder)), name, folder)


def _moved(door: Door, repo: Repo, folder: Path) -> Door:
    """The door, as if it stood in the same place of another worktree."""
    cwd = folder / os.path.relpath(door.cwd, repo.top) if door.cwd.is_relative_to(repo.top) else folder
    while not cwd.is_dir():
        cwd = cwd.parent
    if door.root is None:
        return door._replace(cwd=cwd)
    start = door.start.resolve()
    root = folder / os.path.relpath(start, repo.top) if start.is_relative_to(repo.top) else start
    return door._replace(cwd=cwd, root=root)


# The bundle that a worktree works on


def current(repo: Repo) -> str | None:
    """The bundle that this worktree was switched to."""
    try:
        return (repo.git_dir / "wrkq" / _SWITCH).read_text("utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def switch(repo: Repo, name: str) -> str | None:
    """Makes commands of this worktree work on a bundle; ``-`` goes back to the files. The bundle's short name."""
    new = None if name == "-" else names.short(names.required(repo, name).name)
    path = own_folder(repo) / _SWITCH
    try:
        if new:
            path.write_text(f"{new}\n", "utf-8")
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise read_only(path, error) from error
    return new
