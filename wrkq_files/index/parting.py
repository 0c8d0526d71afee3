# ruff: noqa: S608 (only placeholders are ever put into SQL)
"""Writing down what branches changed since they left another one: see :mod:`wrkq_files.index.flight`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from wrkq_files.git import log, meetings, trees
from wrkq_files.git.meetings import Changed
from wrkq_files.index.differing import Comparer, Side
from wrkq_files.index.differs import DELETED, Differs
from wrkq_files.index.index import Index
from wrkq_files.index.place import Place

Bases = tuple[str, ...]
_INSERT = f"INSERT INTO document VALUES ({', '.join('?' * (len(Differs._fields) + 2))})"


def derive(
    connection: sqlite3.Connection, place: Place, index: Index | None, ours: str, met: Mapping[str, Bases]
) -> None:
    """Of these tips what they changed, and what of it ``ours`` has as well; the meetings are there already."""
    fresh = {tip: bases for tip, bases in met.items() if not _is_compared(connection, ours, tip)}
    parted = {tip: bases for tip, bases in fresh.items() if bases != (tip,)}
    unseen = [(bases, tip) for tip, bases in parted.items() if not _side(connection, bases, tip)]
    differences = _Differences(place, [ours, *parted], parted.values())
    differences.ask([*unseen, *((bases[:1], ours) for bases in parted.values())])
    _write_sides(connection, Comparer(place, index), {name: differences.side(*name) for name in unseen})
    _note_had(connection, place, ours, parted, differences)
    done = [(ours, tip) for tip in fresh]
    connection.executemany("UPDATE meeting SET compared = 1 WHERE ours = ? AND theirs = ?", done)


class _Differences:
    """Between common ancestors and tips, all asked of one git."""

    def __init__(self, place: Place, tips: Iterable[str], bases: Iterable[Bases]) -> None:
        self._place = place
        self._is_cut = bool(log.boundary(place.repo))
        commits = list(dict.fromkeys([*tips, *(each for group in bases for each in group)]))
        self._trees = meetings.trees(place.repo, commits)
        self._found: dict[tuple[str, str], list[Changed]] = {}

    def ask(self, names: Iterable[tuple[Bases, str]]) -> None:
        pairs = {self._pair(base, tip) for bases, tip in names for base in bases or ("",)}
        self._found = meetings.differences(self._place.repo, sorted(pairs), self._place.prefix)

    def side(self, bases: Bases, tip: str) -> Side:
        """Of several ancestors, what differs from all of them; what was before is that of the first.

        Nothing where a shallow clone is cut before the two meet: nobody knows here what was there.
        """
        if not bases and self._is_cut:
            return Side("", tip, [])
        first, *rest = bases or ("",)
        rows = self._found[self._pair(first, tip)]
        for base in rest:
            also = {row.path for row in self._found[self._pair(base, tip)]}
            rows = [row for row in rows if row.path in also]
        return Side(first, tip, rows)

    def _pair(self, base: str, tip: str) -> tuple[str, str]:
        return self._trees[base] if base else trees.empty_tree(self._place.repo), self._trees[tip]


def _is_compared(connection: sqlite3.Connection, ours: str, tip: str) -> bool:
    sql = "SELECT compared FROM meeting WHERE theirs = ? AND ours = ?"
    return bool(connection.execute(sql, (tip, ours)).fetchone()[0])


def _side(connection: sqlite3.Connection, bases: Bases, tip: str) -> int:
    """The number of a side; 0 where there is none."""
    sql = "SELECT number FROM side WHERE tip = ? AND bases = ?"
    row = connection.execute(sql, (tip, " ".join(bases))).fetchone()
    return int(row[0]) if row else 0


def _write_sides(connection: sqlite3.Connection, comparer: Comparer, sides: Mapping[tuple[Bases, str], Side]) -> None:
    comparer.read(sides.values())
    for (bases, tip), side in sides.items():
        made = connection.execute("INSERT INTO side(bases, tip) VALUES (?, ?)", (" ".join(bases), tip))
        rows = [(made.lastrowid, place, *each) for place, each in enumerate(comparer.compare(side))]
        connection.executemany(_INSERT, rows)


def _note_had(
    connection: sqlite3.Connection, place: Place, ours: str, met: Mapping[str, Bases], differences: _Differences
) -> None:
    """Which documents ``ours`` has as they are there, or once had since the two parted."""
    unclear: list[tuple[int, int, str, str]] = []  # meeting, place, repository path, blob
    had: list[tuple[int, int]] = []
    for tip, bases in met.items():
        now = {row.path: row.new for row in differences.side(bases[:1], ours).rows}
        for meeting, number, path, blob in _documents(connection, place, ours, tip, now):
            if now[path] == blob:
                had.append((meeting, number))
            elif blob:
                unclear.append((meeting, number, path, blob))
    if unclear:
        paths = list(dict.fromkeys(path for _, _, path, _ in unclear))
        parted = {each for group in met.values() for each in group}
        ever = meetings.blobs_since(place.repo, ours, parted, paths)
        had += [(meeting, number) for meeting, number, path, blob in unclear if blob in ever[path]]
    connection.executemany("INSERT OR IGNORE INTO had VALUES (?, ?)", had)


def _documents(
    connection: sqlite3.Connection, place: Place, ours: str, tip: str, now: Mapping[str, str]
) -> Sequence[tuple[int, int, str, str]]:
    """The documents of a side whose paths ours has changed as well: meeting, place, repository path, blob."""
    sql = (
        "SELECT meeting.number, document.place, CASE what WHEN ? THEN old_path ELSE path END, blob"
        " FROM meeting JOIN side ON side.tip = meeting.theirs AND side.bases = meeting.bases"
        " JOIN document ON document.side = side.number WHERE meeting.theirs = ? AND meeting.ours = ?"
    )
    rows = connection.execute(sql, (DELETED, tip, ours))
    named = [(meeting, number, place.repository_path(path), blob) for meeting, number, path, blob in rows]
    return [row for row in named if row[2] in now]
