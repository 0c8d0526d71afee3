"""Opening a tracker as it was at a moment."""

from __future__ import annotations

import os
import posixpath
from pathlib import Path
from typing import NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git import trees
from wrkq_files.git.batch import Blobs
from wrkq_files.git.repo import Repo, discover_any
from wrkq_files.git.revisions import Revision
from wrkq_files.model.layout import CONFIG_NAME, folders_above
from wrkq_files.service.committed import Committed, roots
from wrkq_files.service.tracker import BESIDE, Door, find_root


class Past(NamedTuple):
    """An opened tracker, to be closed, and its commit.

    ``elsewhere``: its folder, where that is another than anybody would expect (empty for the repository's top).
    """

    tracker: Committed
    revision: Revision
    elsewhere: str | None
    blobs: Blobs

    def close(self) -> None:
        self.tracker.close()
        self.blobs.close()


def open_at(door: Door, text: str) -> Past:
    """The tracker of the door's folder as a revision, or a time (see :func:`moments.commit_at`), has it.

    It need not be there any more, nor the folder. Raises WrkqError ``not_found`` for a moment that is none,
    ``no_tracker`` (naming those of that moment), ``format``, ``not_a_repository``.
    """
    from wrkq_files.service import moments

    door = door._replace(cwd=door.cwd.resolve())
    repo = discover_any(door.start, use_git=door.ask_git)
    revision = moments.commit_at(repo, door.now(), text)
    blobs = Blobs(repo)
    try:
        found = find(door, repo, revision, blobs, text)
        tracker = Committed(found.door, repo, found.prefix, revision.id, blobs, revision.tree)
        check_format(tracker, revision)
        tracker.snapshot.keep(revision.tree)
    except BaseException:
        blobs.close()
        raise
    return Past(tracker, revision, None if found.is_expected else found.prefix, blobs)


class Found(NamedTuple):
    """Where a tracker lies in a commit, and the door to it; whether it is where anybody would expect it."""

    door: Door
    prefix: str
    is_expected: bool


def find(door: Door, repo: Repo, revision: Revision, blobs: Blobs, text: str) -> Found:
    """The tracker of the door's folder in a commit; ``text``: what that was called. Raises ``no_tracker``."""
    root = None if repo.is_bare else find_root(door, repo)
    today = _prefix(repo, root) if root else None
    around = _around(door, repo, revision, blobs)
    prefix = _moved(door, repo, revision, today, text) if around is None else around
    if root and prefix != today and door.cwd.is_relative_to(root):
        door = door._replace(cwd=repo.top / prefix / door.cwd.relative_to(root))
    return Found(door, prefix, prefix == (around if today is None else today))


def _around(door: Door, repo: Repo, revision: Revision, blobs: Blobs) -> str | None:
    """Where a checkout of the commit would find the tracker: as :func:`open_tracker` does, by names alone."""
    start = door.start.resolve()
    inside = _prefix(repo, start) if start.is_relative_to(repo.top) else ""
    folders = [inside] if door.root else [inside, *folders_above(inside), "", BESIDE]
    specs = {f"{revision.id}:{posixpath.join(folder, CONFIG_NAME)}": folder for folder in folders}
    found = blobs.many(list(specs))
    return next((folder for spec, folder in specs.items() if found[spec] is not None), None)


def _moved(door: Door, repo: Repo, revision: Revision, today: str | None, text: str) -> str:
    """The one tracker of that moment that is not there any more: ours, under another name. Raises ``no_tracker``."""
    there = roots(trees.listing(repo, revision.id))
    gone = [each for each in there if not (repo.top / each / CONFIG_NAME).is_file()]
    if len(gone) == 1 and (today is not None or not door.root):
        return gone[0]
    from wrkq_files.service import moments

    then = f"`{text}` ({moments.shown(revision)})"
    if there:
        names = [os.path.relpath(repo.top / each, door.cwd) for each in there]
        hint = "there: " + ", ".join(f"wrkq --root {name}" for name in names)
        raise WrkqError("no_tracker", f"no tracker here at {then}", hint=hint, details={"trackers": there})
    file = posixpath.join(today or BESIDE, CONFIG_NAME)
    hint = f"it came with: git log --diff-filter=A --format=%h -- :/{file}"
    raise WrkqError("no_tracker", f"there was no tracker at {then}", hint=hint)


def check_format(tracker: Committed, revision: Revision) -> None:
    """Refuses a format that is not ours before anything is looked at, and says where it is."""
    try:
        _ = tracker.config
    except WrkqError as error:
        from wrkq_files.service import moments

        message = f"{error.message} (in {moments.shown(revision)})"
        raise WrkqError(error.code, message, hint=error.hint, details=error.details) from error


def _prefix(repo: Repo, folder: Path) -> str:
    return "" if folder == repo.top else folder.relative_to(repo.top).as_posix()
