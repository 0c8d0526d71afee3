"""Up to where each actor has read the news: kept in the git directory, for all worktrees, and never shared.

A table of the file beside the indexes that cannot be derived from anything: a damaged one is never replaced.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git.lock import own_folder
from wrkq_files.git.repo import Repo
from wrkq_files.index.place import Place
from wrkq_files.index.store import uri

NAME: Final = "local.sqlite"
#: Seconds to wait for who else writes into the file: a request with a key holds it while it lasts.
PATIENCE: Final = 120.0
_TABLE: Final = """CREATE TABLE IF NOT EXISTS inbox(actor TEXT NOT NULL, tracker TEXT NOT NULL, tip TEXT NOT NULL,
    time TEXT NOT NULL, PRIMARY KEY(actor, tracker)) WITHOUT ROWID"""


class Read(NamedTuple):
    """All that a commit reaches has been read. ``time``: when that was said."""

    tip: str
    time: str


def get(place: Place, actor: str) -> Read | None:
    """Up to where an actor has read; None where that was never said. Raises WrkqError ``busy``, ``io``, ``index``."""
    if not path(place.repo).exists():
        return None
    sql = "SELECT tip, time FROM inbox WHERE actor = ? AND tracker = ?"
    with _opened(place.repo, "rw", PATIENCE) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'inbox'").fetchone():
            return None
        row = connection.execute(sql, (actor, place.prefix)).fetchone()
    return Read(*row) if row else None


def put(place: Place, actor: str, read: Read, patience: float = PATIENCE) -> None:
    """Raises WrkqError ``busy``, ``io``, ``index``."""
    own_folder(place.repo._replace(git_dir=place.repo.common_dir))
    with _opened(place.repo, "rwc", patience) as connection:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(_TABLE)
        connection.execute("INSERT OR REPLACE INTO inbox VALUES (?, ?, ?, ?)", (actor, place.prefix, *read))
        connection.execute("COMMIT")


def path(repo: Repo) -> Path:
    return repo.common_dir / "wrkq" / NAME


@contextlib.contextmanager
def _opened(repo: Repo, mode: str, patience: float) -> Iterator[sqlite3.Connection]:
    try:
        connection = sqlite3.connect(uri(path(repo), mode), uri=True, isolation_level=None, timeout=patience)
        with contextlib.closing(connection):
            yield connection
    except sqlite3.Error as error:
        raise _unusable(repo, error) from error


def _unusable(repo: Repo, error: sqlite3.Error) -> WrkqError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return WrkqError("busy", "a request with a key is being carried out", hint="try again")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR):
        message = f"{path(repo)} cannot be used: {error}"
        return WrkqError("index", message, hint=f"move it away, and with it what was read: {path(repo)}")
    return WrkqError("io", f"{path(repo)}: {error}", hint="make the git folder writable, or free some space")
