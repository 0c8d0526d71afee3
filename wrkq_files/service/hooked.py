"""What git's hooks ask for besides checking: trailers for what the tool wrote, a fresh index after git has moved."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import Final

from wrkq_files.errors import WrkqError
from wrkq_files.git import hooks as git_hooks
from wrkq_files.git import lock, trailers
from wrkq_files.git import repo as git_repo
from wrkq_files.service import message, pending
from wrkq_files.service.tracker import Door, Tracker, roots

#: A message of these sources is there before an editor opens, and is committed as it is when nobody changes it. A
#: template is none: git aborts a commit whose template was left as it is.
_WRITTEN: Final = ("message", "merge", "squash", "commit")
_OURS: Final = re.compile(rb"Wrkq-[A-Za-z]+: ")


def prepare_message(door: Door, file: str, source: str = "", *, edited: bool) -> None:
    """``prepare-commit-msg``: adds the trailers to a message that is there already.

    Where the person has yet to write it nothing is added: with our trailers in it, an empty one would be committed
    where git has to abort. :func:`finish_message` does it then. ``edited``: an editor opens afterwards.
    """
    repo = _repo(door)
    with contextlib.suppress(WrkqError), lock.worktree_lock(repo, timeout=0):
        pending.prune(repo)
    if source in _WRITTEN:
        _add_trailers(repo, door.cwd / file, plain=not edited)


def finish_message(door: Door, file: str, *, edited: bool) -> None:
    """``commit-msg``: adds the trailers that are missing, once there is a message.

    Where an editor was open and nothing but our trailers is left, these go too: git shall find the message empty.
    """
    repo, place = _repo(door), door.cwd / file
    if edited:
        _remove_lone_trailers(repo, place)
    _add_trailers(repo, place)


def refresh(door: Door) -> None:
    """``post-…``: brings the index of each tracker of the repository up to date."""
    repo = _repo(door)
    for root in roots(repo.top):
        Tracker(door, repo, root).index.refresh()


def _repo(door: Door) -> git_repo.Repo:
    return git_repo.discover(door.cwd, use_git=door.ask_git)


def _add_trailers(repo: git_repo.Repo, file: Path, *, plain: bool = False) -> None:
    """``plain``: lines that look like comments are none, as in ``git commit -m '#12 is done'``."""
    operations = pending.staged(repo)
    if not operations:
        return
    data = file.read_bytes()
    comment = b"" if plain else trailers.comment_char(repo, data)
    text, rest = trailers.above_scissors(data, comment)
    if _has_words(text, comment):
        added = trailers.added(repo, text, message.trailers(operations), comment)
        if added != text:
            _write(file, added + rest)


def _remove_lone_trailers(repo: git_repo.Repo, file: Path) -> None:
    data = file.read_bytes()
    comment = trailers.comment_char(repo, data)
    text, rest = trailers.above_scissors(data, comment)
    lines = text.splitlines(keepends=True)
    others = [line for line in lines if not _OURS.match(line)]
    if len(others) < len(lines) and not _has_words(text, comment):
        _write(file, b"".join(others) + rest)


def _has_words(text: bytes, comment: bytes) -> bool:
    """Whether there is anything but blank lines, comments and trailers of ours."""
    lines = [line.strip() for line in text.splitlines()]
    return any(line and not (comment and line.startswith(comment)) and not _OURS.match(line) for line in lines)


def _write(file: Path, data: bytes) -> None:
    git_hooks.write(file, data, file.stat().st_mode)
