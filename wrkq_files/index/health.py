"""Looking at the index on the disk as it lies there: nothing is repaired, and nothing written."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from wrkq_files.index import lock, pointer, store
from wrkq_files.index.index import Index
from wrkq_files.index.place import Place
from wrkq_files.index.scan import scan
from wrkq_files.index.view import key

NONE: Final = "none"
OTHER: Final = "other"
DAMAGED: Final = "damaged"
GOOD: Final = "good"

_FILES: Final = "SELECT folder, name, mtime, ctime, size, inode, blob FROM file"
#: Seconds to wait for a writer.
_PATIENCE: Final = 2.0


class Health(NamedTuple):
    """``state``: :data:`NONE` on the disk yet; of :data:`OTHER` versions or settings; :data:`DAMAGED`; :data:`GOOD`.

    ``reason`` says why. ``wrong`` are files of which the index says other than they hold, ``stale`` generations that
    nobody needs any more. ``writable``: whether an index can be kept here at all.
    """

    state: str
    reason: str = ""
    wrong: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    writable: bool = True


def look(place: Place, truth: Index) -> Health:
    """What lies on the disk. ``truth``: an index in memory, refreshed just now, that it is compared with."""
    writable = _is_writable(place)
    if not (place.folder / pointer.NAME).exists():
        return Health(NONE, stale=_stale(place, ""), writable=writable)
    with _quiet(place.folder):
        named = pointer.read(place.folder)
        stale = _stale(place, named.file if named else "")
        if named is None or named.key != key(place) or named.boot != pointer.boot_id():
            return Health(OTHER, "it is of another version, or of before a restart", (), stale, writable)
        path = place.folder / named.file
        reason = _damage(path, named.seal)
        if reason:
            return Health(DAMAGED, reason, (), stale, writable)
        with contextlib.closing(_open(path)) as connection:
            return Health(GOOD, "", tuple(_wrong(place, connection, truth)), stale, writable)


def drop_stale(place: Place) -> list[str]:
    """Removes the generations that nobody needs; their names. Raises OSError."""
    with lock.writing(place.folder, _PATIENCE):
        named = pointer.read(place.folder)
        names = pointer.old(place.folder, named.file if named else "")
        pointer.drop_old(place.folder, named.file if named else "")
    return names


def figures(place: Place) -> Mapping[str, Any]:
    """The size of each table in rows, and of the file in pages; empty where there is no index that can be read."""
    named = pointer.read(place.folder)
    if named is None:
        return {}
    with contextlib.closing(_open(place.folder / named.file)) as connection:
        names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
        tables = [name for (name,) in names.fetchall()]
        return {
            "pages": connection.execute("PRAGMA page_count").fetchone()[0],
            "page_size": connection.execute("PRAGMA page_size").fetchone()[0],
            "tables": {
                name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 (its own name)
                for name in tables
            },
        }


def sqlite_version() -> str:
    return sqlite3.sqlite_version


def _is_writable(place: Place) -> bool:
    """Whether the nearest folder that there is takes files."""
    folder = next(each for each in (place.folder, place.folder.parent, place.repo.git_dir) if os.path.lexists(each))
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


@contextlib.contextmanager
def _quiet(folder: Path) -> Iterator[None]:
    """While no writer is between its commit and its seal, where that can be had."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError, lock.Busy):
            stack.enter_context(lock.writing(folder, _PATIENCE))
        yield


def _stale(place: Place, current: str) -> tuple[str, ...]:
    try:
        return tuple(pointer.old(place.folder, current))
    except OSError:
        return ()


def _damage(path: Path, seal: pointer.Seal) -> str:
    """Why the file cannot be used; empty when it can.

    A copy of the whole repository has another inode and ctime: it will be built anew, and nothing is wrong with it.
    """
    try:
        now = pointer.seal_of(path)
        if (now.size, now.mtime) != (seal.size, seal.mtime):
            return f"{now.size} bytes, where its last writer left {seal.size}"
        with contextlib.closing(_open(path)) as connection:
            found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        return "" if found == "ok" else found.splitlines()[-1]
    except (OSError, sqlite3.Error) as error:
        return str(getattr(error, "strerror", None) or error)


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(store.uri(path, "ro"), uri=True, isolation_level=None)


def _wrong(place: Place, connection: sqlite3.Connection, truth: Index) -> Iterator[str]:
    """Files whose stat data the index knows and whose content it does not; then files that it has missed."""
    known = truth.files()
    listed: dict[str, set[str]] = {}
    for folder, name, *stat, blob in connection.execute(_FILES):
        listed.setdefault(folder, set()).add(name)
        path = f"{folder}/{name}" if folder else name
        if path in known and known[path] != (tuple(stat), blob) and known[path][0] == tuple(stat):
            yield path
    for folder, signature in connection.execute("SELECT path, signature FROM folder WHERE signature IS NOT NULL"):
        found = scan(str(place.root), folder)
        if found is not None and found.signature == signature:
            missed = (set(found.names) | set(found.odd)) ^ listed.get(folder, set())
            yield from sorted(f"{folder}/{name}" if folder else name for name in missed)
