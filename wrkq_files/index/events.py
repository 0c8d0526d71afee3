"""The events of a tracker's history, each commit derived once and kept in the common git directory.

They are never the truth: without the file, they are derived again. A commit is derived when something first reaches
it; which of the commits a worktree's HEAD reaches is kept as well, and moves with it.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.index.commit_store import CommitStore
from wrkq_files.index.event_tables import TABLES
from wrkq_files.index.place import Place
from wrkq_files.model.events import MENTIONED, Event

#: How often others may get in between before we go on alone.
_ATTEMPTS: Final = 4

_COLUMNS: Final = (
    "event.number, place, type, event.id, path, field, old, new, blob, old_blob, assignee, operation, ulid, item,"
    " actor, workspace, session, time, event.subject, logged.id, authored, name, email, logged.subject, reverts,"
    " coauthors"
)


class Happened(NamedTuple):
    """An event, and what its commit tells about it. Times are milliseconds since 1970.

    ``place`` is its place among the commit's events. ``operation``, ``ulid``: what the commit says was done, empty
    where it does not. ``item``: the line of a squash it stands under. ``actor``: as the commit names it. ``time`` is
    the operation's, else the author's. ``about`` is the event's id; where that is a comment's, of what it is on.
    ``reverts`` is the commit that its commit says it takes back.
    """

    number: int
    place: int
    event: Event
    operation: str
    ulid: str
    item: str
    actor: str
    workspace: str
    session: str
    time: int
    about: str
    commit: str
    authored: int
    name: str
    email: str
    subject: str
    reverts: str
    coauthors: Sequence[tuple[str, str]]


class Events:
    """Of one tracker. ``progress`` is told how far a long derivation is; without ``keep`` nothing is written."""

    def __init__(self, place: Place, *, keep: bool = True) -> None:
        self._place = place
        # Settings of the past, as `--at` reads them, have a store of their own: else both would be derived in turns.
        ignored = f"-{zlib.crc32(chr(0).join(place.ignore).encode()):08x}" if place.ignore else ""
        self._store = CommitStore(place, "events", TABLES, keep=keep, variant=ignored)
        self.progress: Callable[[str, int, int], None] | None = None

    def close(self) -> None:
        self._store.close()

    def upto(self, tip: str, name: str = "") -> int:
        """Derive all that a commit reaches. Returns the view that :meth:`ask` takes.

        ``name``: what moves from tip to tip, as a worktree's HEAD does; without one, the commit stands for itself.
        """
        view = name or tip
        sql = "SELECT number FROM view WHERE name = ? AND tip = ?"
        for _ in range(_ATTEMPTS):
            row = self._store.ask(lambda c: c.execute(sql, (view, tip)).fetchone())
            if row is not None:
                return int(row[0])
            self._derive(view, tip)
        # Others move the view on as fast as we do, or somebody keeps deleting the file.
        self._store.stay_in_memory()
        self._derive(view, tip)
        return int(self._store.ask(lambda c: c.execute(sql, (view, tip)).fetchone())[0])

    def ask(
        self, view: int, where: str = "1", values: Sequence[Any] = (), *, newest_first: bool = True
    ) -> Iterator[Happened]:
        """The events of a view; ``where`` is SQL over the columns of ``event`` and ``logged``.

        They come as they are read: who needs a few pays for these. Nothing else is to be asked meanwhile that could
        bring the store up to date.
        """
        order = "DESC" if newest_first else "ASC"
        sql = (
            f"SELECT {_COLUMNS} FROM reach JOIN event ON event.number = reach.number"  # noqa: S608 (ours)
            f" JOIN logged ON logged.number = reach.number WHERE reach.view = ? AND ({where})"
            f" AND (type != '{MENTIONED}' OR EXISTS (SELECT 1 FROM event AS other WHERE other.id = event.id AND"
            f" other.type != '{MENTIONED}')) ORDER BY reach.number {order}, place {order}"
        )
        return self._told(self._store.ask(lambda c: c.execute(sql, (view, *values))))

    def _told(self, rows: Iterable[Sequence[Any]]) -> Iterator[Happened]:
        try:
            yield from map(_happened, rows)
        except sqlite3.DatabaseError as error:
            folder = self._store.file.parent if self._store.file else "it"
            raise WrkqError("index", f"the event store cannot be read: {error}", hint=f"remove {folder}") from error

    def between(self, old: str, new: str, edited: Mapping[str, bytes | None] | None = None) -> list[Event]:
        """What happened from one commit to another, whatever lies between them; both are in some view.

        ``edited``: files of the tracker that are not as the second commit has them, with their bytes, None for gone.
        """
        from wrkq_files.index import recording

        return self._store.ask(lambda c: recording.between(self._place, c, old, new, edited or {}))

    # Deriving

    def _derive(self, view: str, tip: str) -> None:
        from wrkq_files.index import recording  # brings yaml: a read that finds nothing new needs none

        def work(connection: sqlite3.Connection) -> None:
            recording.record(self._place, connection, view, tip, self.progress)

        try:
            self._store.change(work)
        except recording.Unforeseen:
            self._store.change(work, anew=True)


def _happened(row: Sequence[Any]) -> Happened:
    number, place, kind, identifier, path, field, old, new, *blobs = row[:11]
    event = Event(kind, identifier, path, field, _value(old), _value(new), *blobs)
    people = [(name, email) for name, email in json.loads(row[-1])] if row[-1] else []
    return Happened._make((number, place, event, *row[11:18], row[18] or identifier, *row[19:-1], people))


def _value(text: str | None) -> Any:
    return None if text is None else json.loads(text)
