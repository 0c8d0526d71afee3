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

#: A message of these sources is there before an editor opens, and is committed as it is when nobody changes it.
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
    _template(repo).unlink(missing_ok=True)
    if source in _WRITTEN:
        _add_trailers(repo, door.cwd / file, plain=not edited)
    elif source == "template":
        _write(_template(repo), (door.cwd / file).read_bytes())


def finish_message(door: Door, file: str, *, edited: bool) -> None:
    """``commit-msg``: adds the trailers that are missing, once there is a message.

    Where an editor was open and nothing but our trailers is left, these go too: git shall find the message empty.
    """
    repo, place = _repo(door), door.cwd / file
    if edited:
        _remove_lone_trailers(repo, place)
    if not _is_template(repo, place):
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


def _template(repo: git_repo.Repo) -> Path:
    """Where the template is kept while the editor is open: git aborts a commit whose message is still only that."""
    return repo.git_dir / "wrkq" / "template"


def _is_template(repo: git_repo.Repo, file: Path) -> bool:
    try:
        data = _template(repo).read_bytes()
    except FileNotFoundError:
        return False
    comment = trailers.comment_char(repo, data)
    mine, its = (_words(trailers.above_scissors(each, comment)[0], comment) for each in (file.read_bytes(), data))
    return mine == its


def _has_words(text: bytes, comment: bytes) -> bool:
    return any(not _OURS.match(line) for line in _words(text, comment))


def _words(text: bytes, comment: bytes) -> list[bytes]:
    """The lines that are neither blank nor comments."""
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if line and not (comment and line.startswith(comment))]


def _write(file: Path, data: bytes) -> None:
    mode = file.stat().st_mode if file.exists() else 0o644
    git_hooks.write(file, data, mode)
