# ruff: noqa: S608 (only our own column names and placeholders are ever put into SQL)
"""A query in SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from wrkq_files.errors import WrkqError
from wrkq_files.index.calm import no_collection
from wrkq_files.index.entry import COLUMNS, Entry, mark_labels
from wrkq_files.index.look import span
from wrkq_files.index.query import EXCLUDE, ONLY, Hand, Query
from wrkq_files.model.document import address_of, path_in_order
from wrkq_files.model.fields import DocType

_PLACEHOLDERS: Final = 500
#: ``Entry._make`` without a call into Python for each row.
_ENTRY: Final[Callable[[Any], Entry]] = partial(tuple.__new__, Entry)
_HIDDEN: Final = "(archived OR state IN ('completed', 'cancelled', 'idea'))"


class _Where:
    def __init__(self) -> None:
        self.clauses: list[str] = []
        self.values: list[Any] = []

    def add(self, clause: str, *values: Any) -> None:
        self.clauses.append(clause)
        self.values += values

    def among(self, column: str, values: Sequence[Any]) -> None:
        if values:
            self.clauses.append(f"{column} IN {self.one_of(values)}")

    def one_of(self, values: Sequence[Any]) -> str:
        """The right side of an ``IN``; long lists as JSON, because SQLite counts placeholders."""
        if len(values) <= _PLACEHOLDERS:
            self.values += values
            return f"({', '.join('?' * len(values))})"
        import json

        self.values.append(json.dumps(values))
        return "(SELECT value FROM json_each(?))"

    def equal(self, column: str, value: Any) -> None:
        if value is not None:
            self.add(f"{column} = ?", value)

    def person(self, column: str, slug: str | None) -> None:
        if slug == "":
            self.add(f"{column} IS NULL")
        else:
            self.equal(column, slug)

    def __str__(self) -> str:
        return " AND ".join(self.clauses) or "1"


def find(connection: sqlite3.Connection, query: Query, sections: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """The rows a query asks for, by address. Raises ``usage`` for a time that is none."""
    where = _where(connection, query, sections)
    if query.hide:
        where.add(f"NOT {_HIDDEN}")
    found = entries(connection, f"SELECT {COLUMNS} FROM entry WHERE {where}", where.values)
    # Not in SQLite: rows lie nearly in order, which costs less to mend than to sort.
    found.sort(key=lambda entry: path_in_order(entry.path))
    return found


def at_hand(
    connection: sqlite3.Connection, query: Query, sections: Sequence[Mapping[str, Any]], hand: Hand
) -> tuple[list[Entry], dict[str, int]]:
    """The tasks that a query asks for and somebody might take up, in no order; and how many others there are.

    These by what is in the way: ``state`` (neither open nor blocked, nor theirs to do or to review), ``section``
    (nobody else's, and in a feature that is shut).
    """
    where, case = _where(connection, query, sections), _Where()
    case.values += [hand.who] * 3
    reason = (
        "CASE WHEN NOT (state IN ('open', 'blocked') OR ifnull(assignee = ?, 0) OR ifnull(reviewer = ?, 0))"
        " THEN 'state' WHEN state IN ('open', 'blocked') AND NOT archived AND ifnull(assignee, '') IN ('', ?)"
        f" AND id NOT IN {case.one_of(hand.marked)}"
        f" AND ifnull(feature IN {case.one_of(hand.shut)}, 0) THEN 'section'"
        " ELSE '' END"
    )
    sql = f"SELECT {COLUMNS} FROM entry WHERE {where} AND {reason} = ''"
    found = entries(connection, sql, [*where.values, *case.values])
    sql = f"SELECT {reason}, count(*) FROM entry WHERE {where} GROUP BY 1"
    counts = dict(connection.execute(sql, [*case.values, *where.values]))
    counts.pop("", None)
    return found, counts


def entries(connection: sqlite3.Connection, sql: str, values: Sequence[Any]) -> list[Entry]:
    """The rows of a statement that selects :data:`COLUMNS`."""
    with no_collection():
        return [*map(_ENTRY, connection.execute(sql, values))]


def hidden(connection: sqlite3.Connection, query: Query, sections: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How many rows ``hide`` leaves out, by reason: ``archived``, ``closed``, ``ideas``."""
    where = _where(connection, query, sections)
    where.add(_HIDDEN)
    reason = "CASE WHEN archived THEN 'archived' WHEN state = 'idea' THEN 'ideas' ELSE 'closed' END"
    sql = f"SELECT {reason}, count(*) FROM entry WHERE {where} GROUP BY 1 ORDER BY 1"
    return dict(connection.execute(sql, where.values))


def _moment(text: str) -> float | None:
    from wrkq_files.model import times

    found = times.parse(text)
    return found.timestamp() if found else None


def _where(connection: sqlite3.Connection, query: Query, sections: Sequence[Mapping[str, Any]]) -> _Where:
    where = _Where()
    where.among("type", [each.value for each in query.types])
    _by_place(connection, where, query)
    _by_column(where, query)
    _by_time(where, query)
    if query.section is not None or query.section_role is not None:
        from wrkq_files.index.sections import features_in

        features = features_in(connection, query.section, query.section_role, sections)
        of_feature, of_path = where.one_of(features), where.one_of([f"{each}/README.md" for each in features])
        where.clauses.append(f"(feature IN {of_feature} OR type = 'container' AND path IN {of_path})")
    if query.text is not None:
        from wrkq_files.index.fulltext import match_expression

        expression = match_expression(query.text)
        where.add("parsed IN (SELECT rowid FROM fulltext WHERE fulltext MATCH ?)" if expression else "0")
        where.values += [expression] if expression else []
    return where


def _by_place(connection: sqlite3.Connection, where: _Where, query: Query) -> None:
    if query.under:
        own = f"{query.under}/README.md"
        where.add("path >= ? AND path < ? AND path != ?", *span(query.under), own)
    where.equal("container", query.container)
    if "" in (query.under, query.container):
        where.add("path != 'README.md'")
    if query.globs:
        from wrkq_files.index.globs import matcher

        fits = matcher(query.globs)
        connection.create_function(
            "wrkq_fits", 2, lambda path, kind: fits(address_of(DocType(kind), path)), deterministic=True
        )
        where.add("wrkq_fits(path, type)")


def _by_column(where: _Where, query: Query) -> None:
    where.among("state", query.states)
    where.among("effective_state", query.effective_states)
    where.among("priority", query.priorities)
    where.person("assignee", query.assignee)
    where.person("reviewer", query.reviewer)
    where.equal("parent", query.parent)
    where.equal("source", query.source)
    if query.kinds:
        plain = [kind for kind in query.kinds if kind != "subtask"]
        subtask = " OR parent IS NOT NULL" if "subtask" in query.kinds else ""
        where.add(f"(kind IN ({', '.join('?' * len(plain))}){subtask})", *plain)
    for label in query.labels:
        where.add("instr(labels, ?)", mark_labels([label]))
    if query.any_labels:
        anyone = " OR ".join(["instr(labels, ?)"] * len(query.any_labels))
        where.add(f"({anyone})", *(mark_labels([label]) for label in query.any_labels))
    if query.score_min is not None:
        where.add("score_total >= ?", query.score_min)
    if query.archived in (ONLY, EXCLUDE):
        where.add("archived" if query.archived == ONLY else "NOT archived")


def _by_time(where: _Where, query: Query) -> None:
    for clause, text in (("due_at < ?", query.due_before), ("due_at >= ?", query.due_after)):
        if text is not None:
            moment = _moment(text)
            if moment is None:
                raise WrkqError("usage", f"`{text}` is no time", hint="write 2026-01-19 or 2026-01-19T14:24:16Z")
            where.add(clause, moment)
