# ruff: noqa: S608 (only our own column names and placeholders are ever put into SQL)
"""What branches changed, as seen from another one; kept in the common git directory, for all worktrees.

It is derived from commits alone and never the truth: without the file, it is derived again. A *meeting* is where two
commits part; a *side* is what differs between there and one of them. When one of two branches moves, what the other
has changed since they parted stays as it is: then only where they part is asked anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from wrkq_files.git import log, meetings
from wrkq_files.index.commit_store import CommitStore
from wrkq_files.index.differs import Differs

if TYPE_CHECKING:
    from wrkq_files.index.index import Index
    from wrkq_files.index.place import Place

_COLUMNS: Final = (
    "id, type, what, path, blob, old_path, old_blob, title, state, priority, assignee, archived, old_state,"
    " old_assignee"
)
#: ``meeting``: ``bases`` are the best common ancestors of two commits, a word each. ``side``: what differs between
#: some of these and a commit. ``had``: what the other commit of a meeting has as well, or once had since they parted.
#: ``author``: who made a commit.
TABLES: Final = (
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID",
    """CREATE TABLE meeting(number INTEGER PRIMARY KEY, ours TEXT NOT NULL, theirs TEXT NOT NULL, bases TEXT NOT NULL,
    compared INTEGER NOT NULL DEFAULT 0, UNIQUE(theirs, ours))""",
    "CREATE TABLE side(number INTEGER PRIMARY KEY, bases TEXT NOT NULL, tip TEXT NOT NULL, UNIQUE(tip, bases))",
    """CREATE TABLE document(side INTEGER NOT NULL, place INTEGER NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL,
    what TEXT NOT NULL, path TEXT NOT NULL, blob TEXT NOT NULL, old_path TEXT NOT NULL, old_blob TEXT NOT NULL,
    title TEXT NOT NULL, state TEXT NOT NULL, priority INTEGER NOT NULL, assignee TEXT, archived INTEGER NOT NULL,
    old_state TEXT NOT NULL, old_assignee TEXT, PRIMARY KEY(side, place)) WITHOUT ROWID""",
    "CREATE TABLE had(meeting INTEGER NOT NULL, place INTEGER NOT NULL, PRIMARY KEY(meeting, place)) WITHOUT ROWID",
    """CREATE TABLE author(tip TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, actor TEXT NOT NULL)
    WITHOUT ROWID""",
    "INSERT INTO meta VALUES ('revision', 0)",
)
#: Meetings of commits that no ref names, which are kept: those of a HEAD that is on no branch.
_SPARE: Final = 64


class Author(NamedTuple):
    """Who made a commit: as git has it, and as its trailer says (empty where none does)."""

    name: str
    email: str
    actor: str


class Flight:
    """Of one tracker. ``index`` saves reading what that has read; without ``keep`` nothing is written."""

    def __init__(self, place: Place, index: Index | None = None, *, keep: bool = True) -> None:
        self._place, self._index = place, index
        self._store = CommitStore(place, "flight", TABLES, keep=keep)

    def close(self) -> None:
        self._store.close()

    def bases(self, ours: str, tips: Collection[str]) -> dict[str, tuple[str, ...]]:
        """For each tip the best common ancestors that it has with ``ours``; a tip that ours contains is its own."""
        known = self._store.ask(lambda c: _met(c, ours, tips))
        missing = [tip for tip in dict.fromkeys(tips) if tip not in known]
        if missing:
            found = meetings.bases(self._place.repo, ours, missing)
            self._change(lambda c: _meet(c, ours, found))
            known |= found
        return known

    def changed(self, ours: str, tips: Collection[str]) -> dict[str, list[Differs]]:
        """What each tip has changed since it left ``ours``, by path; left out is what ours has as well, or once had
        since then: a squash, or a pick, brought it there.
        """
        wanted = list(dict.fromkeys(tips))
        if self._store.ask(lambda c: self._missing(c, ours, wanted)):
            bases = self.bases(ours, wanted)
            self._change(lambda c: self._derive(c, ours, bases))
        return self._store.ask(lambda c: {tip: _differing(c, ours, tip) for tip in wanted})

    def authors(self, tips: Collection[str]) -> dict[str, Author]:
        """Who made these commits."""
        known = self._store.ask(lambda c: _authors(c, tips))
        missing = [tip for tip in dict.fromkeys(tips) if tip not in known]
        if missing:
            found = self._ask_authors(missing)
            rows = [(tip, *map(_plain, each)) for tip, each in found.items()]
            self._change(lambda c: c.executemany("INSERT OR REPLACE INTO author VALUES (?, ?, ?, ?)", rows))
            known |= found
        return known

    def prune(self, tips: Collection[str]) -> None:
        """Forget what concerns none of these commits: the tips of all refs there are."""
        live = set(tips)
        if self._store.ask(lambda c: any(tip not in live for (tip,) in c.execute("SELECT tip FROM author"))) or (
            self._store.ask(lambda c: len(_stale(c, live))) > _SPARE
        ):
            self._change(lambda c: _prune(c, live))

    # How

    def _missing(self, connection: sqlite3.Connection, ours: str, tips: Iterable[str]) -> bool:
        sql = "SELECT 1 FROM meeting WHERE theirs = ? AND ours = ? AND compared"
        return any(connection.execute(sql, (tip, ours)).fetchone() is None for tip in tips)

    def _derive(self, connection: sqlite3.Connection, ours: str, bases: Mapping[str, tuple[str, ...]]) -> None:
        from wrkq_files.index.parting import derive  # brings yaml: a read that finds nothing new needs none

        _meet(connection, ours, bases)
        derive(connection, self._place, self._index, ours, bases)

    def _ask_authors(self, tips: Sequence[str]) -> dict[str, Author]:
        from wrkq_files.model import messages

        found = {}
        for each in log.single(self._place.repo, tips):
            actors = messages.read(each.message).actors
            found[each.id] = Author(each.name, each.email, actors[0] if actors else "")
        return found

    def _change(self, work: Callable[[sqlite3.Connection], object]) -> None:
        def whole(connection: sqlite3.Connection) -> None:
            work(connection)
            connection.execute("UPDATE meta SET value = random() WHERE key = 'revision'")

        self._store.change(whole)


def _met(connection: sqlite3.Connection, ours: str, tips: Iterable[str]) -> dict[str, tuple[str, ...]]:
    sql = "SELECT bases FROM meeting WHERE theirs = ? AND ours = ?"
    rows = {tip: connection.execute(sql, (tip, ours)).fetchone() for tip in tips}
    return {tip: tuple(row[0].split()) for tip, row in rows.items() if row}


def _meet(connection: sqlite3.Connection, ours: str, found: Mapping[str, Sequence[str]]) -> None:
    rows = [(ours, tip, " ".join(bases)) for tip, bases in found.items()]
    connection.executemany("INSERT OR IGNORE INTO meeting(ours, theirs, bases) VALUES (?, ?, ?)", rows)


def _differing(connection: sqlite3.Connection, ours: str, tip: str) -> list[Differs]:
    sql = (
        f"SELECT {_COLUMNS} FROM meeting JOIN side ON side.tip = meeting.theirs AND side.bases = meeting.bases"
        " JOIN document ON document.side = side.number WHERE meeting.theirs = ? AND meeting.ours = ?"
        " AND NOT EXISTS (SELECT 1 FROM had WHERE had.meeting = meeting.number AND had.place = document.place)"
        " ORDER BY document.place"
    )
    return [Differs._make(row) for row in connection.execute(sql, (tip, ours))]


def _authors(connection: sqlite3.Connection, tips: Iterable[str]) -> dict[str, Author]:
    sql = "SELECT name, email, actor FROM author WHERE tip = ?"
    rows = {tip: connection.execute(sql, (tip,)).fetchone() for tip in tips}
    return {tip: Author._make(row) for tip, row in rows.items() if row}


def _stale(connection: sqlite3.Connection, live: Collection[str]) -> list[int]:
    """The meetings in which some commit has no ref, the latest first."""
    rows = connection.execute("SELECT number, ours, theirs FROM meeting ORDER BY number DESC")
    return [number for number, ours, theirs in rows if ours not in live or theirs not in live]


def _prune(connection: sqlite3.Connection, live: Collection[str]) -> None:
    gone: list[Any] = [(number,) for number in _stale(connection, live)[_SPARE:]]
    connection.executemany("DELETE FROM had WHERE meeting = ?", gone)
    connection.executemany("DELETE FROM meeting WHERE number = ?", gone)
    tips = [row for row in connection.execute("SELECT tip FROM author").fetchall() if row[0] not in live]
    connection.executemany("DELETE FROM author WHERE tip = ?", tips)
    connection.execute(
        "DELETE FROM side WHERE NOT EXISTS (SELECT 1 FROM meeting WHERE theirs = side.tip AND bases = side.bases)"
    )
    connection.execute("DELETE FROM document WHERE side NOT IN (SELECT number FROM side)")


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
