# ruff: noqa: S608 (only our own column names and placeholders are ever put into SQL)
"""What folders hand down to the documents in them, and which folders are containers without saying so."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Final

from wrkq_files.index.entry import repack
from wrkq_files.index.rows import INSERT, Context, placeholder_row
from wrkq_files.model import layout

#: The root's own document is in no container: an empty address would make it its own.
_INSIDE: Final = "container = ? AND type IN ('task', 'container') AND path != 'README.md'"


def update(connection: sqlite3.Connection) -> dict[str, Context]:
    """Work out every folder's context; put right the folders and documents whose context is another now."""
    documents = _containers(connection)
    contexts: dict[str, Context] = {}
    for path, *old in connection.execute(
        "SELECT path, project, feature, archived FROM folder ORDER BY path"
    ).fetchall():
        if path.startswith("_"):
            continue
        above = contexts.get(path.rpartition("/")[0], Context()) if path else Context()
        context = contexts[path] = _inside(above, path, documents.get(path))
        if (context.project, context.feature, int(context.archived)) != tuple(old):
            _store(connection, path, context)
    return contexts


def _containers(connection: sqlite3.Connection) -> dict[str, tuple[str, int]]:
    rows = connection.execute(
        "SELECT path, kind, own_archived FROM entry WHERE type = 'container' AND id_source != 'none'"
    )
    return {path.rpartition("/")[0]: (kind, archived) for path, kind, archived in rows}


def _inside(above: Context, path: str, document: tuple[str, int] | None) -> Context:
    if document is None:
        return above
    kind, archived = document
    return Context(
        path if kind == "project" else above.project,
        path if kind == "feature" else above.feature,
        above.archived or bool(archived),
    )


def _store(connection: sqlite3.Connection, path: str, context: Context) -> None:
    values = (context.project, context.feature, int(context.archived), path)
    connection.execute("UPDATE folder SET project = ?, feature = ?, archived = ? WHERE path = ?", values)
    connection.execute(
        f"UPDATE entry SET project = ?, feature = ?, archived = own_archived OR ? WHERE {_INSIDE}",
        values,
    )
    repack(connection, _INSIDE, (path,))


def lacks_row(connection: sqlite3.Connection, addresses: Iterable[str]) -> bool:
    """Whether one of these folders, which hold documents, has no row as a container yet."""
    sql = "SELECT 1 FROM entry WHERE path = ?"
    paths = [f"{address}/{layout.CONTAINER_NAME}" for address in addresses if address]
    return any(connection.execute(sql, (path,)).fetchone() is None for path in paths)


def update_placeholders(connection: sqlite3.Connection) -> None:
    """Give a row to every folder that holds documents somewhere below and has no ``README.md`` of its own."""
    rows = connection.execute("SELECT path, number, id_source FROM entry WHERE type = 'container'").fetchall()
    documented = {path.rpartition("/")[0] for path, _, source in rows if source != "none"}
    present = {path.rpartition("/")[0]: number for path, number, source in rows if source == "none"}
    needed = _with_ancestors(
        [path.rpartition("/")[0] for path in documented]
        + [address for (address,) in connection.execute("SELECT DISTINCT container FROM entry WHERE type = 'task'")]
    )
    _drop(connection, [number for address, number in present.items() if address not in needed - documented])
    _add(connection, sorted(needed - documented - present.keys()))


def _with_ancestors(addresses: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for address in addresses:
        while address and address not in found:
            found.add(address)
            address = address.rpartition("/")[0]
    return found


def _drop(connection: sqlite3.Connection, numbers: list[int]) -> None:
    connection.executemany("DELETE FROM entry WHERE number = ?", [(number,) for number in numbers])


def _add(connection: sqlite3.Connection, addresses: list[str]) -> None:
    number: int = connection.execute("SELECT coalesce(max(number), 0) FROM entry").fetchone()[0]
    for address in addresses:
        number += 1
        row = placeholder_row(address, context_of(connection, address.rpartition("/")[0]), number)
        connection.execute(INSERT, row)


def context_of(connection: sqlite3.Connection, folder: str) -> Context:
    row = connection.execute("SELECT project, feature, archived FROM folder WHERE path = ?", (folder,)).fetchone()
    return Context(row[0], row[1], bool(row[2])) if row else Context()


def ensure_folders(connection: sqlite3.Connection, folders: Iterable[str]) -> bool:
    """Rows for these folders and all above them, inheriting; whether any was missing."""
    wanted = _with_ancestors(folders) | {""}
    missing = [
        path for path in wanted if not connection.execute("SELECT 1 FROM folder WHERE path = ?", (path,)).fetchone()
    ]
    connection.executemany("INSERT INTO folder(path) VALUES (?)", [(path,) for path in missing])
    return any(not path.startswith(layout.COMMENTS) for path in missing)
