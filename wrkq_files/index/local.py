"""What is kept in the git directory and cannot be derived from anything: the keys of requests; see ``inbox`` too.

One SQLite file for all worktrees of a repository, apart from the indexes: those may be deleted at any moment. Here
every commit is synced, and a damaged file is never replaced.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git.lock import common_folder
from wrkq_files.git.repo import Repo
from wrkq_files.index.store import uri

NAME: Final = "local.sqlite"
#: Seconds to wait for another request with a key: it holds the file while it writes.
PATIENCE: Final = 120.0
_TABLE: Final = """CREATE TABLE IF NOT EXISTS request(
    key TEXT PRIMARY KEY, payload TEXT NOT NULL, made TEXT NOT NULL, result TEXT NOT NULL) WITHOUT ROWID"""


class Kept(NamedTuple):
    """What a request with a key asked for (a digest), and what it did, as JSON."""

    payload: str
    result: str


class Keys:
    """The keys, while nobody else has them."""

    def __init__(self, repo: Repo, connection: sqlite3.Connection) -> None:
        self._repo, self._connection = repo, connection

    def get(self, key: str) -> Kept | None:
        """Raises WrkqError ``index`` where the file is damaged."""
        try:
            row = self._connection.execute("SELECT payload, result FROM request WHERE key = ?", (key,)).fetchone()
        except sqlite3.Error as error:
            raise unusable(self._repo, error) from error
        return Kept(*row) if row else None

    def put(self, key: str, kept: Kept, made: str) -> None:
        """Keeps it for good. ``made``: the time, for whoever looks into the file. Raises WrkqError ``io``."""
        try:
            self._connection.execute(
                "INSERT INTO request VALUES (?, ?, ?, ?)", (key, kept.payload, made, kept.result)
            )
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise unusable(self._repo, error) from error


def path(repo: Repo) -> Path:
    return repo.common_dir / "wrkq" / NAME


@contextlib.contextmanager
def keys(repo: Repo, patience: float = PATIENCE) -> Iterator[Keys]:
    """The keys of a repository, for one request at a time in all its worktrees.

    Raises WrkqError ``busy``, ``io``, ``index``.
    """
    common_folder(repo)
    try:
        connection = sqlite3.connect(uri(path(repo), "rwc"), uri=True, isolation_level=None, timeout=patience)
    except sqlite3.Error as error:
        raise unusable(repo, error) from error
    with contextlib.closing(connection):
        try:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(_TABLE)
        except sqlite3.Error as error:
            raise unusable(repo, error) from error
        yield Keys(repo, connection)


def unusable(repo: Repo, error: sqlite3.Error) -> WrkqError:
    """Why the file could not be read or written."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return WrkqError("busy", "another request with a key is being carried out", hint="try again")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR):
        message = f"{path(repo)} cannot be used: {error}; it holds what requests with a key did, and what was read"
        return WrkqError("index", message, hint=f"look at it, or begin anew: mv {path(repo)} {path(repo)}.damaged")
    return WrkqError("io", f"{path(repo)}: {error}", hint="make the git folder writable, or free some space")
