# ruff: noqa: S608 (only our own column names and placeholders are ever put into SQL)
"""Ids of files that nobody gave one: from the bytes as first committed, or as they are when never committed."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from wrkq_files.index.place import Place
from wrkq_files.model import ids
from wrkq_files.model.fields import DocType

_HANDMADE = "id_source IN ('derived', 'provisional')"


def is_stale(connection: sqlite3.Connection, place: Place) -> bool:
    """Whether HEAD has moved since the history was asked about some file without an id."""
    return bool(_unasked(connection, place.repo.head() or ""))


def provisional(place: Place, kind: DocType, path: str, data: bytes) -> str:
    return ids.deterministic(kind, place.repository_path(path), data)


def update(connection: sqlite3.Connection, place: Place, inserted: set[str]) -> set[str]:
    """Give every hand-made file the id its history says; ``inserted`` are paths whose rows are new.

    The history is asked once for a path and HEAD. Returns the ids that came or went.
    """
    rows = connection.execute(f"SELECT path FROM entry WHERE {_HANDMADE} LIMIT 1").fetchone()
    if rows is None:
        return set()
    head = place.repo.head() or ""
    unasked = _unasked(connection, head)
    if unasked:
        _ask(connection, place, head, unasked)
    return _assign(connection, place, inserted | set(unasked))


def _unasked(connection: sqlite3.Connection, head: str) -> list[str]:
    rows = connection.execute(
        f"SELECT path FROM entry WHERE {_HANDMADE} AND NOT EXISTS"
        " (SELECT 1 FROM origin WHERE origin.path = entry.path AND origin.head = ?)",
        (head,),
    )
    return [path for (path,) in rows]


def _ask(connection: sqlite3.Connection, place: Place, head: str, paths: list[str]) -> None:
    from wrkq_files.git import history

    wanted = {place.repository_path(path): path for path in paths}
    found = history.first_commits(place.repo, list(wanted)) if head else {}
    answers = []
    for repository_path, path in wanted.items():
        origin = found.get(repository_path)
        identity = None
        if origin is not None:
            row = connection.execute("SELECT type FROM entry WHERE path = ?", (path,)).fetchone()
            identity = ids.deterministic(DocType(row[0]), origin.path, history.content(place.repo, origin.blob))
        answers.append((path, head, identity, "provisional" if origin is None else "derived"))
    connection.executemany("INSERT OR REPLACE INTO origin VALUES (?, ?, ?, ?)", answers)


def _assign(connection: sqlite3.Connection, place: Place, paths: set[str]) -> set[str]:
    changed: set[str] = set()
    for path in sorted(paths):
        row = connection.execute(
            "SELECT entry.id, entry.id_source, entry.type, origin.id, origin.source FROM entry"
            f" JOIN origin USING (path) WHERE path = ? AND {_HANDMADE}",
            (path,),
        ).fetchone()
        if row is None:
            continue
        old, old_source, kind, identity, source = row
        if identity is None:
            identity = old if old_source == "provisional" else _present(place, DocType(kind), path, old)
        if (identity, source) != (old, old_source):
            changed |= {old, identity}
            connection.execute("UPDATE entry SET id = ?, id_source = ? WHERE path = ?", (identity, source, path))
    return changed


def _present(place: Place, kind: DocType, path: str, otherwise: str) -> str:
    """The id of the bytes as they are now; what a change meanwhile makes wrong, the next look puts right."""
    try:
        return provisional(place, kind, path, Path(place.root, path).read_bytes())
    except OSError:
        return otherwise
