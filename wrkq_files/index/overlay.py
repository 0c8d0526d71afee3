"""The view of the working files, with some of them otherwise than they are on the disk.

All that differs is in a transaction that is never committed: other processes see nothing of it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from wrkq_files.git.batch import Blobs
from wrkq_files.git.repo import blob_id
from wrkq_files.index import fulltext
from wrkq_files.index.index import Index
from wrkq_files.index.look import Candidate, Changes, Known, Look
from wrkq_files.index.place import Place
from wrkq_files.index.scan import Stat
from wrkq_files.index.snapshot import Snapshot
from wrkq_files.index.sources import Tree
from wrkq_files.index.view import View, revision_of
from wrkq_files.model import layout

T = TypeVar("T")
_NOWHERE: Final = Stat(0, 0, 0, 0)


class Overlay(Index):
    """Answers what :class:`Index` does. It looks at the disk once, when it is first asked, and again for comments."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._files: dict[str, bytes | None] = {}
        self._begun = False
        self._knows_comments = False
        self._seen: object = None

    def follow(self, other: View) -> None:
        """Take the disk to be as another view of it has just seen it, where that has written down what it saw."""
        self._seen = other.revision

    def put(self, files: Mapping[str, bytes | None]) -> None:
        """These files (by path; None: there is none) from now on."""
        self._files.update(files)
        if self._begun:
            self._repairing(lambda: self._apply_files(self._store.read(), files))

    def close(self) -> None:
        """Ends the transaction, which keeps other processes from noting what they see on the disk."""
        self._begun = False
        super().close()

    def _apply_files(self, connection: sqlite3.Connection, files: Mapping[str, bytes | None]) -> None:
        _put(connection, self._place, files)
        self._revision = revision_of(connection)

    # In place of looking at the disk

    def _begin(self) -> None:
        """Looks at the disk as every request does, then puts on top what differs."""
        self._begun = False
        self._knows_comments = self._has_comments
        if self._seen is None or self._has_comments or revision_of(self._store.read()) != self._seen:
            View._update(self, self._all)
        self._seen = None
        self._store.try_out(lambda connection: self._apply_files(connection, self._files))
        self._begun = True

    def _update(self, scope: Callable[[Look], None]) -> None:
        """All that is asked for was looked at in the beginning, but for comments where nobody asked for them."""
        if self._has_comments and not self._knows_comments:
            self._begin()

    def _follow_blockers(self, paths: list[str]) -> None:
        """They are there as well."""

    def _current(self) -> sqlite3.Connection:
        if not self._begun:
            self._begin()
        return self._store.read()

    def _ask_text(self, text: str | None, question: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._current()
        if text is not None and fulltext.is_stale(connection):
            fulltext.update(connection)
        return question(connection)

    def _repairing(self, act: Callable[[], T]) -> T:
        """Do it; where the file turns out to be damaged, do all of it again in memory."""
        try:
            return act()
        except sqlite3.DatabaseError:
            self.repairs += 1
            self._store.stay_in_memory()
        if self._begun:
            self._begin()
        return act()


class OnTree(Snapshot):
    """The same of a git tree, by its id, in place of the working files."""

    def __init__(self, place: Place, blobs: Blobs, tree: str) -> None:
        super().__init__(place, blobs)
        self._files: dict[str, bytes | None] = {}
        self.try_out(tree)

    def follow(self, other: View) -> None:
        """What a tree holds needs no look at the disk."""

    def put(self, files: Mapping[str, bytes | None]) -> None:
        """These files (by path; None: there is none) from now on."""
        self._files.update(files)
        self._repairing(lambda: self._apply_files(files))

    def _begin(self) -> None:
        super()._begin()
        self._apply_files(self._files)

    def _apply_files(self, files: Mapping[str, bytes | None]) -> None:
        connection = self._store.read()
        _put(connection, self._place, files)
        self._revision = revision_of(connection)


def _put(connection: sqlite3.Connection, place: Place, files: Mapping[str, bytes | None]) -> None:
    from wrkq_files.files.documents import is_document  # brings yaml
    from wrkq_files.index.apply import apply

    changes = Changes()
    blobs: dict[str, bytes] = {}
    names: dict[str, str] = {}
    for path, data in files.items():
        if layout.type_of(path) is None:
            continue
        known = _known(connection, path)
        if data is not None:
            names[path] = blob_id(data, place.repo.object_format)
            blobs[names[path]] = data
            changes.read.append(Candidate(*_split(path), known))
        elif known is not None:
            changes.gone.append(Candidate(*_split(path), known))
    apply(connection, place, changes, Tree(names, lambda _: blobs, is_document), None)


def _known(connection: sqlite3.Connection, path: str) -> Known | None:
    sql = "SELECT blob, role, entry FROM file WHERE folder = ? AND name = ?"
    row = connection.execute(sql, _split(path)).fetchone()
    return Known(_NOWHERE, 1, *row) if row else None


def _split(path: str) -> tuple[str, str]:
    folder, _, name = path.rpartition("/")
    return folder, name
