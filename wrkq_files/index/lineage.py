"""What a commit's events depend on besides the commit: ids of files that say none, and what was there before."""

from __future__ import annotations

import sqlite3
from functools import lru_cache

from wrkq_files.git import log
from wrkq_files.git.repo import Repo
from wrkq_files.model.fields import DocType


class Lineage:
    """Kept in the table ``born`` of the event store; see :mod:`wrkq_files.index.events`."""

    def __init__(self, repo: Repo, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._is_ancestor = lru_cache(maxsize=4096)(lambda one, other: log.is_ancestor(repo, one, other))

    def id_of(self, path: str, commit: str, kind: DocType) -> str:
        """The id by which a file that says none is known to a commit; empty where nothing is known.

        That of the latest beginning; of several on different branches, of the earliest.
        """
        if kind is DocType.ACTOR:
            return path.rpartition("/")[2].removesuffix(".md")
        sql = (
            "SELECT born.number, born.id, logged.id, logged.authored FROM born JOIN logged USING (number)"
            " WHERE path = ? ORDER BY born.number"
        )
        rows = self._connection.execute(sql, (path,)).fetchall()
        if len(rows) < 2:
            return str(rows[0][1]) if rows else ""
        rows = [row for row in rows if self._is_ancestor(row[2], commit)]
        last = [row for row in rows if not any(self._is_older(row, other) for other in rows)]
        return str(min(last, key=lambda row: (row[3], row[2]))[1]) if last else ""

    def _is_older(self, one: tuple[int, str, str, int], other: tuple[int, str, str, int]) -> bool:
        return one[0] < other[0] and self._is_ancestor(one[2], other[2])

    def born(self, path: str, number: int, identifier: str) -> None:
        self._connection.execute("INSERT OR REPLACE INTO born VALUES (?, ?, ?)", (path, number, identifier))

    def was_deleted(self, identifier: str, commit: str) -> bool:
        """Whether a document was deleted by a commit that this one comes from."""
        sql = "SELECT logged.id FROM event JOIN logged USING (number) WHERE event.id = ? AND type LIKE '%.deleted'"
        found = self._connection.execute(sql, (identifier,))
        return any(self._is_ancestor(each, commit) for (each,) in found)
