"""One tracker's SQLite file: found, verified, changed, replaced, or done without.

A reader opens the generation that the pointer names, begins a read transaction, and compares the file's stat data
with the pointer's seal: nobody can write to the file between that moment and the end of the transaction. Where they
differ it asks again under the lock, and whatever does not hold then is built anew.

Writers hold the lock. A small change is one transaction in the file in use, and readers see it whole or not at all; a
large one, and one that a slow reader is in the way of, is made in a copy that becomes the next generation. Commits
are not synced: after a crash of the machine the pointer names another boot than the running one, and the file is not
used (where the system has no boot id, commits are synced). Where nothing can be written, the same is done in memory.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from wrkq_files.errors import WrkqError
from wrkq_files.index import lock, pointer
from wrkq_files.index.schema import TABLES

#: Seconds to wait for another writer, and for a reader to let a commit pass, before going another way.
PATIENCE: Final = 10.0
_READERS: Final = 0.25
#: Milliseconds a reader waits for a commit.
_BUSY: Final = 2000

Work = Callable[[sqlite3.Connection], None]


class Unusable(Exception):
    """There is no index on the disk that can be used."""


class Store:
    """``key`` names all that the content depends on besides the files; another key is another index.

    ``seed``: another store whose content is a better beginning for a new file than nothing. ``tables``: the
    statements that make an empty one; they make the row ``revision`` in ``meta``.
    """

    def __init__(
        self,
        folder: Path,
        key: str,
        make_folder: Callable[[], None],
        patience: float = PATIENCE,
        seed: Store | None = None,
        tables: Sequence[str] = TABLES,
    ) -> None:
        self._folder = folder
        self._key = key
        self._make_folder = make_folder
        self._patience = patience
        self._seed = seed
        self._tables = tables
        self._connection: sqlite3.Connection | None = None
        self._file: str | None = None  # the generation that is open; None: a database in memory
        self._stuck = False  # the disk failed us: the rest of this process's life is in memory
        self._boot = pointer.boot_id()

    @property
    def file(self) -> Path | None:
        """The generation in use; None when it is in memory."""
        return self._folder / self._file if self._file else None

    def read(self) -> sqlite3.Connection:
        """A connection inside a read transaction, which lasts until :meth:`release` or :meth:`change`.

        An empty database when nothing usable is on the disk.
        """
        if self._connection is not None and (self._connection.in_transaction or self._file is None):
            return self._connection
        try:
            self._connection = self._verified() or self._ask_again() or self._empty()
        except (OSError, lock.Busy, sqlite3.Error):
            self._connection = self._empty()
        return self._connection

    def release(self) -> None:
        """End the read transaction: while it lasts, other processes cannot commit into the same file."""
        if self._connection is None or self._stuck:
            return
        if self._file is None:
            self.close()
        elif self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = self._file = None

    def change(self, work: Work, *, large: bool = False, anew: bool = False) -> sqlite3.Connection:
        """Do ``work`` in a write transaction; returns the connection to read on with.

        ``work`` may be called more than once, each time with what is then the latest state: each call must look for
        itself. ``large`` work is done aside, and ``anew`` on an empty database.
        """
        self.release()
        if not self._stuck and self._can_write():
            try:
                with lock.writing(self._folder, self._patience):
                    self._change_on_disk(work, large, anew)
                return self.read()
            except (OSError, lock.Busy, sqlite3.Error) as error:
                if not _is_the_disk(error):
                    raise
        return self._change_in_memory(work, anew)

    def try_out(self, work: Work) -> sqlite3.Connection:
        """Do ``work`` in a transaction that is never committed; it ends with :meth:`release` or :meth:`close`."""
        self.release()
        if not self._stuck and self._can_write():
            try:
                with lock.writing(self._folder, self._patience):
                    connection = self._verified()
                    if connection is not None:
                        connection.execute("ROLLBACK")
                        connection.execute("BEGIN IMMEDIATE")
                        work(connection)
                        return connection
            except (OSError, lock.Busy, sqlite3.Error) as error:
                self.close()
                if not _is_the_disk(error):
                    raise
            except BaseException:
                self.close()  # an open transaction would be read as if it were committed
                raise
        return self._change_in_memory(work, anew=False)

    def stay_in_memory(self) -> None:
        """Start from an empty database, and leave the disk alone from now on."""
        self._connection, self._stuck = self._empty(), True

    # Reading

    def _verified(self) -> sqlite3.Connection | None:
        """The generation the pointer names, in a read transaction, when it is as its last writer left it."""
        if self._connection is not None and self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        named = pointer.read(self._folder)
        if named is None or named.key != self._key or named.boot != self._boot:
            self.close()
            return None
        path = self._folder / named.file
        try:
            connection = self._open(named.file)
            connection.execute("BEGIN")
            connection.execute("SELECT value FROM meta WHERE key = 'revision'").fetchone()
            # Read again: until the transaction began, a writer could still put another seal on the file.
            if (named := pointer.read(self._folder)) and pointer.seal_of(path) == named.seal:
                return connection
        except (OSError, sqlite3.Error):
            pass
        self.close()
        return None

    def _open(self, file: str) -> sqlite3.Connection:
        if self._connection is None or self._file != file:
            self.close()
            self._connection, self._file = _connect(self._folder / file, synced=not self._boot), file
        return self._connection

    def _can_write(self) -> bool:
        try:
            self._make_folder()
        except (OSError, WrkqError):
            return False
        return True

    def _ask_again(self) -> sqlite3.Connection | None:
        """Once more when no writer is between its commit and its seal."""
        if not (self._folder / pointer.NAME).exists():
            return None
        with lock.writing(self._folder, self._patience):
            return self._verified()

    def _empty(self) -> sqlite3.Connection:
        self.close()
        connection = sqlite3.connect(":memory:", isolation_level=None)
        create(connection, self._tables)
        return connection

    # Writing

    def _change_on_disk(self, work: Work, large: bool, anew: bool) -> None:
        """Under the lock: in place where that is possible, else as a new generation."""
        connection = None if large or anew else self._verified()
        if connection is None or not self._change_in_place(connection, work):
            self._next_generation(work, anew)

    def _change_in_place(self, connection: sqlite3.Connection, work: Work) -> bool:
        """False when a reader that does not finish is in the way, or the file turns out to be damaged."""
        assert self._file is not None
        try:
            connection.execute("ROLLBACK")
            connection.execute("BEGIN IMMEDIATE")
            work(connection)
            connection.execute(f"PRAGMA busy_timeout = {int(_READERS * 1000)}")
            connection.execute("COMMIT")
            connection.execute(f"PRAGMA busy_timeout = {_BUSY}")
        except sqlite3.Error as error:
            self.close()
            if _is_the_disk(error) and not _is_busy(error):
                raise
            return False
        except BaseException:
            self.close()  # an open transaction would be read as if it were committed
            raise
        self._publish(self._file)
        return True

    def _next_generation(self, work: Work, anew: bool) -> None:
        """Do the work in a file that nobody has open, a copy of the current one if that is good; switch to it."""
        name = pointer.next_name(self._folder)
        path = self._folder / name
        try:
            fresh = self._fresh(path) if anew else self._copy(path)
            try:
                fresh.execute("BEGIN IMMEDIATE")
                work(fresh)
                fresh.execute("COMMIT")
            finally:
                fresh.close()
            self._publish(name)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        pointer.drop_old(self._folder, name)

    def _copy(self, path: Path) -> sqlite3.Connection:
        """A new file like the current one, or an empty one where that cannot be read."""
        source = self._verified()
        if source is None:
            return self._fresh(path)
        fresh = _connect_aside(path, synced=not self._boot)
        try:
            source.backup(fresh)
        except sqlite3.Error as error:
            fresh.close()
            if _is_the_disk(error) and not _is_damage(error):
                raise
            path.unlink(missing_ok=True)
            return self._fresh(path)
        self.close()
        return fresh

    def _fresh(self, path: Path) -> sqlite3.Connection:
        self.close()
        fresh = _connect_aside(path, synced=not self._boot)
        if not self._is_seeded(fresh):
            create(fresh, self._tables)
        return fresh

    def _is_seeded(self, fresh: sqlite3.Connection) -> bool:
        """Whether a new file begins as a copy of the seed's."""
        if self._seed is None or (source := self._seed._verified()) is None:
            return False
        try:
            source.backup(fresh)
        finally:
            self._seed.close()
        return True

    def _publish(self, name: str) -> None:
        seal = pointer.seal_of(self._folder / name)
        pointer.write(self._folder, pointer.Pointer(name, self._boot, self._key, seal))

    def _change_in_memory(self, work: Work, anew: bool) -> sqlite3.Connection:
        """The same without the disk, starting from what is on it when that can be read."""
        if anew or not self._stuck or self._connection is None:
            self._connection = self._empty() if anew else self._in_memory()
        connection, self._file, self._stuck = self._connection, None, True
        try:
            connection.execute("BEGIN")
            work(connection)
            connection.execute("COMMIT")
        except BaseException as error:
            self.close()
            if isinstance(error, sqlite3.Error):
                message = f"the index can be kept neither on the disk nor in memory: {error}"
                raise WrkqError("index", message, hint="free some space") from error
            raise
        return connection

    def _in_memory(self) -> sqlite3.Connection:
        source = self._verified()
        if source is None:
            return self._empty()
        memory = sqlite3.connect(":memory:", isolation_level=None)
        try:
            source.backup(memory)
        except sqlite3.Error:
            memory.close()
            return self._empty()
        self.close()
        return memory


def create(connection: sqlite3.Connection, tables: Sequence[str] = TABLES) -> None:
    """Make the tables of an empty index."""
    for statement in tables:
        connection.execute(statement)


def _connect(path: Path, *, synced: bool) -> sqlite3.Connection:

    connection = sqlite3.connect(uri(path, "rw"), uri=True, isolation_level=None, timeout=_BUSY / 1000)
    connection.execute(f"PRAGMA synchronous = {'FULL' if synced else 'OFF'}")
    # A transaction that outgrows the cache would need the whole file to itself before it commits.
    connection.execute("PRAGMA cache_spill = OFF")
    return connection


def _connect_aside(path: Path, *, synced: bool) -> sqlite3.Connection:
    """A new file for a generation: not journalled, because it is nothing until the pointer names it."""
    connection = sqlite3.connect(uri(path, "rwc"), uri=True, isolation_level=None)
    connection.execute("PRAGMA page_size = 8192")
    connection.execute(f"PRAGMA synchronous = {'FULL' if synced else 'OFF'}")
    connection.execute("PRAGMA journal_mode = OFF")
    return connection


def uri(path: Path, mode: str) -> str:
    """A file's name as SQLite takes it with a mode: ``ro``, ``rw``, ``rwc``."""
    escaped = "".join(f"%{ord(each):02x}" if each in "%?#" else each for each in str(path))
    return f"file:{escaped}?mode={mode}"


def _is_busy(error: Exception) -> bool:
    return isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) & 0xFF in (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
    )


def _is_damage(error: Exception) -> bool:
    return isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) & 0xFF in (
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
    )


def _is_the_disk(error: Exception) -> bool:
    """Whether a failure is the disk's (full, read-only, locked, gone) and not that of what was asked for."""
    if not isinstance(error, sqlite3.Error):
        return True
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
    )
