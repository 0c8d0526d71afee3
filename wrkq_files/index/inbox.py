"""Up to where each actor has read the news: kept in the git directory, for all worktrees, and never shared.

A table of the file beside the indexes that cannot be derived from anything: a damaged one is never replaced.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from typing import Final, NamedTuple

from wrkq_files.git.lock import common_folder
from wrkq_files.git.repo import Repo
from wrkq_files.index import local
from wrkq_files.index.place import Place
from wrkq_files.index.store import uri

_TABLE: Final = """CREATE TABLE IF NOT EXISTS inbox(actor TEXT NOT NULL, tracker TEXT NOT NULL, tip TEXT NOT NULL,
    time TEXT NOT NULL, PRIMARY KEY(actor, tracker)) WITHOUT ROWID"""


class Read(NamedTuple):
    """All that a commit reaches has been read. ``time``: when that was said."""

    tip: str
    time: str


def get(place: Place, actor: str) -> Read | None:
    """Up to where an actor has read; None where that was never said. Raises WrkqError ``busy``, ``io``, ``index``."""
    if not local.path(place.repo).exists():
        return None
    sql = "SELECT tip, time FROM inbox WHERE actor = ? AND tracker = ?"
    with _opened(place.repo, "rw", local.PATIENCE) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'inbox'").fetchone():
            return None
        row = connection.execute(sql, (actor, place.prefix)).fetchone()
    return Read(*row) if row else None


def put(place: Place, actor: str, read: Read, patience: float = local.PATIENCE) -> None:
    """Raises WrkqError ``busy``, ``io``, ``index``."""
    common_folder(place.repo)
    with _opened(place.repo, "rwc", patience) as connection:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(_TABLE)
        connection.execute("INSERT OR REPLACE INTO inbox VALUES (?, ?, ?, ?)", (actor, place.prefix, *read))
        connection.execute("COMMIT")


@contextlib.contextmanager
def _opened(repo: Repo, mode: str, patience: float) -> Iterator[sqlite3.Connection]:
    try:
        connection = sqlite3.connect(uri(local.path(repo), mode), uri=True, isolation_level=None, timeout=patience)
        with contextlib.closing(connection):
            yield connection
    except sqlite3.Error as error:
        raise local.unusable(repo, error) from error
