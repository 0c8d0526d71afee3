# ruff: noqa: S608 (only our own column names and placeholders are ever put into SQL)
"""The view of one tracker: opened, brought up to date and kept that way between questions."""

from __future__ import annotations

import os
import sqlite3
import time
import zlib
from collections.abc import Callable, Collection
from types import TracebackType
from typing import Self, TypeVar

from wrkq_files import __version__
from wrkq_files.errors import WrkqError
from wrkq_files.git.lock import own_folder
from wrkq_files.index import globs
from wrkq_files.index.entry import COLUMNS, MORE
from wrkq_files.index.look import Changes, Known, Look, within
from wrkq_files.index.place import Place
from wrkq_files.index.schema import EMPTY, TABLES
from wrkq_files.index.store import PATIENCE, Store, Work
from wrkq_files.model import layout
from wrkq_files.model.fields import DocType
from wrkq_files.model.layout import document_path

T = TypeVar("T")
#: How often others may get in between before we go on alone.
_ATTEMPTS = 4


class View:
    """``patience``: seconds to wait for another writer before working in memory. Opened when it is first asked."""

    def __init__(self, place: Place, *, patience: float = PATIENCE) -> None:
        self._place = place
        self._root = str(place.root)
        self._ignored = globs.ignored(place.ignore)
        self._store = self._open_store(patience)
        self._has_comments = False
        self._revision: object = None  # of the view when it was last brought up to date
        self.progress: Callable[[str, int, int], None] | None = None  # told how far a long refresh is
        self.repairs = 0  # how often the file turned out to be damaged when it was in use

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._store.close()

    def release(self) -> None:
        """End the read, which other processes' writers have to work around; the next question begins another."""
        self._store.release()

    @property
    def revision(self) -> object:
        """What tells apart the states that any view was in, as of the last look; None before that."""
        return self._revision

    def stay_in_memory(self) -> None:
        """Answer from the files alone, and leave the index on the disk as it is."""
        self._store.stay_in_memory()

    # Bringing it up to date

    def refresh(self) -> None:
        """Bring the whole view up to date, but for comments."""
        self._update(Look.view)

    def refresh_comments(self, ids: Collection[str] | None = None) -> None:
        """Bring the comments on these ids up to date, or all."""
        self._has_comments = True
        self._update(lambda look: look.comments(ids))

    def refresh_paths(self, paths: Collection[str]) -> None:
        """Bring these documents up to date, with the containers they are in and the tasks they wait for.

        What a task's subtasks make of its effective state, only its folder can tell: see :meth:`refresh_folder`.
        """
        wanted = list(paths)
        self._has_comments |= any(path.startswith(layout.COMMENTS) for path in paths)
        for path in paths:
            if not path.startswith("_"):
                wanted += _documents_above(layout.folder_of(path))
        self._update(lambda look: look.files(wanted))
        self._follow_blockers([path for path in paths if not path.startswith("_")])

    def refresh_folder(self, address: str, *, deep: bool = False) -> None:
        """Bring a container up to date: what is directly in it, or all below."""
        above = _documents_above(address.rpartition("/")[0]) if address else []

        def look_at(look: Look) -> None:
            look.files(above)
            if deep:
                look.tree(address)
            else:
                look.folder(address)

        self._update(look_at)
        paths = self._ask(lambda c: [path for (path,) in c.execute(*_waiting_in(address, deep))])
        self._follow_blockers(paths)

    def rebuild(self) -> None:
        """Read every file anew; readers go on with what there was until it is done."""
        self._store.change(self._fill, large=True, anew=True)

    # How

    def _open_store(self, patience: float) -> Store:
        return Store(self._place.folder, key(self._place), self._make_folder, patience)

    def _make_folder(self) -> None:
        own_folder(self._place.repo)
        self._place.folder.mkdir(exist_ok=True)

    def _update(self, scope: Callable[[Look], None]) -> None:
        """Look, and where something has changed, look again under the lock and write it down."""
        self._store.release()
        try:
            self._repairing(lambda: self._update_once(scope))
        except OSError as error:
            raise WrkqError("io", f"{error.filename}: cannot be read ({error.strerror})") from error

    def _update_once(self, scope: Callable[[Look], None]) -> None:
        for _ in range(_ATTEMPTS):
            connection = self._store.read()
            seen = revision_of(connection)
            if self._revision not in (None, seen):  # somebody changed what was looked at before
                scope = self._all
            changes = self._look(connection, scope)
            self._revision = seen
            if not changes:
                return
            connection = self._store.change(self._work(scope, seen, changes), large=changes.is_large)
            if revision_of(connection) == self._revision:
                return
        # Others change it faster than we can look, or somebody keeps deleting it.
        self._store.stay_in_memory()
        self._store.change(self._fill)

    def _work(self, scope: Callable[[Look], None], seen: object, changes: Changes) -> Work:
        def work(latest: sqlite3.Connection) -> None:
            self._apply(latest, changes if revision_of(latest) == seen else self._look(latest, scope))

        return work

    def _look(self, connection: sqlite3.Connection, scope: Callable[[Look], None]) -> Changes:
        look = Look(connection, self._root, self._ignored, time.time_ns(), self._is_unchanged)
        if revision_of(connection) == EMPTY:
            # Nothing is known of the rest either, and what is asked next must not depend on what was asked first.
            self._all(look)
            return look.changes
        scope(look)
        if connection.execute(_HANDMADE).fetchone():
            from wrkq_files.index import handmade

            look.changes.handmade = handmade.is_stale(connection, self._place)
        return look.changes

    def _fill(self, empty: sqlite3.Connection) -> None:
        self._apply(empty, self._look(empty, Look.view))

    def _apply(self, connection: sqlite3.Connection, changes: Changes) -> None:
        if changes:
            from wrkq_files.files.documents import is_document  # brings yaml
            from wrkq_files.index.apply import apply
            from wrkq_files.index.sources import Disk

            disk = Disk(self._root, self._place.repo.object_format, is_document)
            apply(connection, self._place, changes, disk, self.progress)
        self._revision = revision_of(connection)

    def _is_unchanged(self, path: str, known: Known) -> bool:
        """Whether a file still holds what it held: asked where the stat data cannot tell yet."""
        from wrkq_files.files.documents import is_document
        from wrkq_files.git.repo import blob_id
        from wrkq_files.index.reading import read_file

        try:
            read = read_file(f"{self._root}/{path}", is_document)
        except PermissionError:
            return known.role == "broken"
        if read is None or read.stat != known.stat:
            return False
        return known.blob == ("" if read.data is None else blob_id(read.data, self._place.repo.object_format))

    def _follow_blockers(self, paths: list[str]) -> None:
        """Bring up to date what these tasks wait for; where that is not known, only everything can tell."""
        if not paths:
            return
        rows = self._ask(lambda c: [row for path in paths for row in c.execute(_BLOCKERS, (path,))])
        known = {path for path, _ in rows if path} - set(paths)
        if known:
            self._update(lambda look: look.files(known))
            rows = self._ask(lambda c: [row for path in paths for row in c.execute(_BLOCKERS, (path,))])
        if any(path is None for path, _ in rows):
            self.refresh()

    def _ask_text(self, text: str | None, question: Callable[[sqlite3.Connection], T]) -> T:
        """Ask where the full text is that of the view."""
        if text is None:
            return self._ask(question)
        from wrkq_files.index import fulltext

        def act() -> T:
            for _ in range(_ATTEMPTS):
                connection = self._current()
                if not fulltext.is_stale(connection):
                    return question(connection)
                self._store.change(fulltext.update, large=fulltext.is_empty(connection))
            self._store.stay_in_memory()
            self._store.change(self._fill)
            return question(self._store.change(fulltext.update))

        return self._repairing(act)

    def _ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        return self._repairing(lambda: question(self._current()))

    def _current(self) -> sqlite3.Connection:
        """The view as it was last brought up to date, or brought up to date again where somebody changed it."""
        connection = self._store.read()
        revision = revision_of(connection)
        if revision != self._revision and (self._revision is not None or revision == EMPTY):
            self._update_once(self._all)
            connection = self._store.read()
        return connection

    def _all(self, look: Look) -> None:
        look.view()
        if self._has_comments:
            look.comments(None)

    def _repairing(self, act: Callable[[], T]) -> T:
        """Do it; where the file turns out to be damaged, build the index anew and do it again."""
        try:
            return act()
        except UnicodeEncodeError as error:
            raise not_text() from error
        except sqlite3.DatabaseError:
            self.repairs += 1
        try:
            self.rebuild()
            return act()
        except sqlite3.Error as error:
            raise WrkqError(
                "index", f"the index cannot be used: {error}", hint=f"remove {self._place.folder}"
            ) from error


_HANDMADE = "SELECT 1 FROM entry WHERE id_source IN ('derived', 'provisional') LIMIT 1"
_BLOCKERS = """SELECT blocker.path, edge.dst FROM entry task JOIN edge ON edge.src = task.number
    LEFT JOIN entry blocker ON blocker.id = edge.dst AND blocker.type = 'task'
    WHERE task.path = ? AND edge.kind = 'blocked_by'"""


def key(place: Place) -> str:
    """What an index depends on besides the files.

    Another key is another index: the settings that are derived into rows, and what this program derives.
    """
    # The program's version for how values are read; the tables and parts for whoever is changing them right now.
    derived = "\0".join((place.prefix, *place.kinds, *TABLES, COLUMNS, *MORE))
    return f"{__version__}-{zlib.crc32(os.fsencode(derived)):08x}"


def _waiting_in(address: str, deep: bool) -> tuple[str, tuple[str, ...]]:
    """SQL and its values: the paths in a folder of tasks that wait for others."""
    where, values = within(address, deep)
    waits = "EXISTS (SELECT 1 FROM edge WHERE edge.src = entry.number AND edge.kind = 'blocked_by')"
    return f"SELECT path FROM entry WHERE {where} AND type = 'task' AND {waits}", values


def _documents_above(folder: str) -> list[str]:
    """The paths of the container documents of a folder and all above it."""
    parts = folder.split("/") if folder else []
    return [document_path(DocType.CONTAINER, "/".join(parts[:depth])) for depth in range(len(parts) + 1)]


def not_text() -> WrkqError:
    """The refusal of what no document can hold."""
    return WrkqError("usage", "text on the command line is not UTF-8")


def revision_of(connection: sqlite3.Connection) -> object:
    """What tells apart all states that any view was ever in."""
    return connection.execute("SELECT value FROM meta WHERE key = 'revision'").fetchone()[0]
