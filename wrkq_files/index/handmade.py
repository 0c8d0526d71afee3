# ruff: noqa: S608 (only our own column names and placeholders are ever put into SQL)
"""Ids of files that nobody gave one: from the bytes as first committed, or as they are when never committed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.index.entry import repack
from wrkq_files.index.place import Place
from wrkq_files.index.sources import Source
from wrkq_files.model import ids
from wrkq_files.model.fields import DocType

if TYPE_CHECKING:
    from wrkq_files.git.history import Origin

_HANDMADE = "id_source IN ('derived', 'provisional')"


def is_stale(connection: sqlite3.Connection, place: Place) -> bool:
    """Whether HEAD has moved since the history was asked about some file without an id."""
    return bool(_unasked(connection, place.head() or ""))


def provisional(place: Place, kind: DocType, path: str, data: bytes) -> str:
    return ids.deterministic(kind, place.repository_path(path), data)


def update(connection: sqlite3.Connection, place: Place, inserted: set[str], source: Source) -> set[str]:
    """Give every hand-made file the id its history says; ``inserted`` are paths whose rows are new.

    The history is asked once for a path and HEAD. Returns the ids that came or went.
    """
    rows = connection.execute(f"SELECT path FROM entry WHERE {_HANDMADE} LIMIT 1").fetchone()
    if rows is None:
        return set()
    head = place.head() or ""
    unasked = _unasked(connection, head)
    if unasked:
        _ask(connection, place, head, unasked)
    return _assign(connection, place, inserted | set(unasked), source)


def _unasked(connection: sqlite3.Connection, head: str) -> list[str]:
    rows = connection.execute(
        f"SELECT path FROM entry WHERE {_HANDMADE} AND NOT EXISTS"
        " (SELECT 1 FROM origin WHERE origin.path = entry.path AND origin.head = ?)",
        (head,),
    )
    return [path for (path,) in rows]


class _Answer(NamedTuple):
    """What the history said of a file when HEAD was ``head`` (empty: there was none)."""

    head: str = ""
    id: str | None = None
    origin: Origin | None = None


def _ask(connection: sqlite3.Connection, place: Place, head: str, paths: list[str]) -> None:
    """Ask the history about these files, from where it was asked last; store what it says."""
    before = {path: _stored(connection, path) for path in paths}
    for old_head in {answer.head for answer in before.values()}:
        group = {path: answer for path, answer in before.items() if answer.head == old_head}
        for path, origin in _origins(place, head, old_head, group).items():
            known = group[path]
            if origin is None or origin == known.origin:
                answer = known._replace(head=head, origin=origin, id=known.id if origin else None)
            else:
                answer = _Answer(head, _derived(connection, place, path, origin), origin)
            _store(connection, path, answer)


def _stored(connection: sqlite3.Connection, path: str) -> _Answer:
    from wrkq_files.git.history import Origin

    row = connection.execute("SELECT head, id, origin FROM origin WHERE path = ?", (path,)).fetchone()
    return _Answer(row[0], row[1], Origin(*json.loads(row[2])) if row[2] else None) if row else _Answer()


def _store(connection: sqlite3.Connection, path: str, answer: _Answer) -> None:
    origin = answer.origin
    values = origin and json.dumps(origin)
    row = (path, answer.head, answer.id, "derived" if origin else "provisional", values)
    connection.execute("INSERT OR REPLACE INTO origin VALUES (?, ?, ?, ?, ?)", row)


def _origins(place: Place, head: str, old_head: str, group: Mapping[str, _Answer]) -> dict[str, Origin | None]:
    """What the history says now of files that it was asked about when HEAD was ``old_head``."""
    from wrkq_files.git import history

    if not head:
        return dict.fromkeys(group)
    names = {path: place.repository_path(path) for path in group}
    known = {names[path]: answer.origin for path, answer in group.items()}
    found = history.first_commits(place.repo, list(names.values()), tip=head, since=old_head or None, known=known)
    return {path: found.get(name) for path, name in names.items()}


def _derived(connection: sqlite3.Connection, place: Place, path: str, origin: Origin) -> str:
    """The id that the bytes of a file's first commit make."""
    from wrkq_files.git import history

    kind = connection.execute("SELECT type FROM entry WHERE path = ?", (path,)).fetchone()[0]
    return ids.deterministic(DocType(kind), origin.path, history.content(place.repo, origin.blob))


def _assign(connection: sqlite3.Connection, place: Place, paths: set[str], bytes_of: Source) -> set[str]:
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
            identity = old if old_source == "provisional" else _present(place, DocType(kind), path, old, bytes_of)
        if (identity, source) != (old, old_source):
            changed |= {old, identity}
            connection.execute("UPDATE entry SET id = ?, id_source = ? WHERE path = ?", (identity, source, path))
            repack(connection, "path = ?", (path,))
    return changed


def _present(place: Place, kind: DocType, path: str, otherwise: str, source: Source) -> str:
    """The id of the bytes as they are now; what a change meanwhile makes wrong, the next look puts right."""
    source.expect([path])
    try:
        read = source.read(path)
    except (OSError, WrkqError):
        return otherwise
    return otherwise if read is None or read.data is None else provisional(place, kind, path, read.data)
