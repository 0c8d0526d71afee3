# ruff: noqa: S608 (only our own column names and placeholders are ever put into SQL)
"""Full text: filled when somebody searches, so that nobody else waits for it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection, Sequence
from typing import Any, Final

from wrkq_files.index.entry import COLUMNS, MARK_CLOSE, MARK_OPEN, Entry, Hit
from wrkq_files.model.fields import DocType

#: A match in a title counts as much as ten in a body, one in a label as five.
_WEIGHTS: Final = "10.0, 5.0, 1.0"
_PIECES: Final = re.compile(r'"([^"]*)"?|([^\s"]+)')
_SNIPPET_WORDS: Final = 16
#: Rows of ``parsed`` that no file needs are kept for as many as the view has, and these: branches are switched back.
_SPARE: Final = 1000
_DELETE: Final = (
    "INSERT INTO fulltext(fulltext, rowid, title, labels, body)"
    " SELECT 'delete', key, title, labels, body FROM parsed WHERE key = ?"
)


def match_expression(text: str) -> str:
    """What a person typed, as an FTS5 expression: every word as a prefix, every quoted phrase, all of them.

    Empty when there is no letter or digit to look for. Whatever is in ``text`` ends up inside FTS5 strings.
    """
    pieces = []
    for quoted, word in _PIECES.findall(text.replace("\0", " ")):
        if any(character.isalnum() for character in quoted or word):
            pieces.append(f'"{quoted}"' if quoted else f'"{word}"*')
    return " AND ".join(pieces)


def is_stale(connection: sqlite3.Connection) -> bool:
    row = connection.execute("SELECT value FROM meta WHERE key = 'stale_text'").fetchone()
    return bool(row[0])


def is_empty(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM searchable LIMIT 1").fetchone() is None


def update(connection: sqlite3.Connection) -> None:
    """Index exactly what the view holds; anything more would change the ranks."""
    stale = "SELECT parsed FROM searchable EXCEPT SELECT parsed FROM entry"
    _forget(connection, [key for (key,) in connection.execute(stale)])
    missing = "SELECT parsed FROM entry WHERE parsed IS NOT NULL EXCEPT SELECT parsed FROM searchable"
    keys = connection.execute(missing).fetchall()
    connection.executemany(
        "INSERT INTO fulltext(rowid, title, labels, body) SELECT key, title, labels, body FROM parsed WHERE key = ?",
        keys,
    )
    connection.executemany("INSERT INTO searchable VALUES (?)", keys)
    connection.execute("UPDATE meta SET value = 0 WHERE key = 'stale_text'")


def _forget(connection: sqlite3.Connection, keys: Sequence[int]) -> None:
    rows = [(key,) for key in keys]
    connection.executemany(_DELETE, rows)
    connection.executemany("DELETE FROM searchable WHERE parsed = ?", rows)


def search(
    connection: sqlite3.Connection, text: str, limit: int | None, types: Collection[DocType] | None
) -> list[Hit]:
    """The documents that hold all words of ``text``, best first."""
    expression = match_expression(text)
    if not expression:
        return []
    narrowed, parameters = "", [MARK_OPEN, MARK_CLOSE, expression]
    if types is not None:
        narrowed = f" AND entry.type IN ({', '.join('?' * len(types))})"
        parameters += [each.value for each in types]
    rows = connection.execute(
        f"SELECT {', '.join('entry.' + name.strip() for name in COLUMNS.split(','))},"
        f" snippet(fulltext, -1, ?, ?, '…', {_SNIPPET_WORDS}), -bm25(fulltext, {_WEIGHTS}) AS score"
        " FROM fulltext JOIN entry ON entry.parsed = fulltext.rowid"
        f" WHERE fulltext MATCH ?{narrowed} ORDER BY score DESC, entry.path LIMIT ?",
        [*parameters, -1 if limit is None else limit],
    )
    return [_hit(row) for row in rows]


def titled(connection: sqlite3.Connection, words: Sequence[str], limit: int) -> list[Entry]:
    """The tasks whose titles have most of these words, as prefixes; at most so many of them, best first.

    What was read since the full text was filled is found without it: nobody waits for that.
    """
    columns = ", ".join(f"entry.{name.strip()}" for name in COLUMNS.split(","))
    expression = "title : (" + " OR ".join(f'"{word}"*' for word in words) + ")"
    # The ranks are computed before any row is looked at: a join would fetch every document that has one of the words.
    ranked = "SELECT rowid FROM fulltext WHERE fulltext MATCH ? ORDER BY rank LIMIT ?"
    sql = f"SELECT {columns} FROM entry WHERE type = 'task' AND parsed IN ({ranked})"
    found = connection.execute(sql, (expression, limit)).fetchall()
    if is_stale(connection):
        having = " + ".join(["(title LIKE ?)"] * len(words))
        sql = (
            f"SELECT {columns} FROM entry WHERE parsed > coalesce((SELECT max(parsed) FROM searchable), 0)"
            f" AND type = 'task' AND {having} >= ? ORDER BY {having} DESC LIMIT ?"
        )
        patterns = [f"%{word}%" for word in words]
        found += connection.execute(sql, (*patterns, (len(words) + 1) // 2, *patterns, limit)).fetchall()
    return [Entry._make(row) for row in found]


def _hit(row: tuple[Any, ...]) -> Hit:
    *columns, snippet, score = row
    return Hit(Entry._make(columns), " ".join(snippet.split()), score)


def collect(connection: sqlite3.Connection) -> None:
    """Forget parsed contents that nothing in the view needs, when there are many."""
    live: int = connection.execute("SELECT count(DISTINCT parsed) FROM entry").fetchone()[0]
    present: int = connection.execute("SELECT count(*) FROM parsed").fetchone()[0]
    if present <= 2 * live + _SPARE:
        return
    query = "SELECT key FROM parsed EXCEPT SELECT parsed FROM entry"
    unused = [key for (key,) in connection.execute(query)]
    indexed = {key for (key,) in connection.execute("SELECT parsed FROM searchable")}
    _forget(connection, [key for key in unused if key in indexed])
    connection.executemany("DELETE FROM parsed WHERE key = ?", [(key,) for key in unused])
