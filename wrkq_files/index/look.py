# ruff: noqa: S608 (only our own column names and placeholders are ever put into SQL)
"""What has changed on the disk since the view was last brought up to date: found by looking, nothing is written."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from wrkq_files.index.scan import Scan, Stat, is_ours, is_safe, scan, stat_file, walk
from wrkq_files.model import layout

#: As a folder's path in SQL: everything in and below ``?1`` (``?2`` is :func:`after` of it).
_BELOW: Final = "(path = ?1 OR (path >= ?1 || '/' AND path < ?2))"


class Known(NamedTuple):
    """A file as the view has it; ``number`` is its entry's, None for one that is no document."""

    stat: Stat
    safe: int
    blob: str
    role: str
    number: int | None


class Candidate(NamedTuple):
    """A file that has to be read, and what is known of it."""

    folder: str
    name: str
    known: Known | None

    @property
    def path(self) -> str:
        return f"{self.folder}/{self.name}" if self.folder else self.name


class Changes:
    """What a change of the view has to do. ``settled``: files that now can be trusted, with their folder's scan."""

    def __init__(self) -> None:
        self.read: list[Candidate] = []
        self.gone: list[Candidate] = []
        self.gone_folders: list[str] = []
        self.scans: list[Scan] = []
        self.settled: list[Candidate] = []
        self.odd: list[tuple[str, str, str]] = []  # folder, name, rule
        self.handmade = False

    def __bool__(self) -> bool:
        return bool(
            self.read or self.gone or self.gone_folders or self.scans or self.settled or self.odd or self.handmade
        )

    @property
    def is_large(self) -> bool:
        return len(self.read) + len(self.gone) + len(self.settled) > 2000 or len(self.gone_folders) > 200


class Look:
    """One look at a tracker's disk. ``moment``: when it began, nanoseconds; ``unchanged``: see :meth:`_verify`."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        root: str,
        ignored: Callable[[str], bool],
        moment: int,
        unchanged: Callable[[str, Known], bool],
    ) -> None:
        self._connection = connection
        self._root = root
        self._ignored = ignored
        self._moment = moment
        self._unchanged = unchanged
        self.changes = Changes()

    # Scopes

    def view(self) -> None:
        """Everything but comments."""
        query = "SELECT path, signature FROM folder WHERE NOT (path >= ? AND path < ?)"
        known = dict(self._connection.execute(query, (layout.COMMENTS, after(layout.COMMENTS))))
        scans = walk(self._root, "", self._ignored)
        self._compare(scans, known)
        for reserved in (layout.ACTORS, layout.WORKSPACES):
            self._compare(self._flat(reserved), known)
        self._lose(known)

    def comments(self, ids: Iterable[str] | None) -> None:
        """The folders of these ids' comments, or all comments."""
        for folder in [layout.COMMENTS] if ids is None else sorted({layout.comment_folder(each) for each in ids}):
            self.tree(folder)

    def tree(self, folder: str) -> None:
        """A folder and all below it."""
        if not folder:
            self.view()
            return
        query = f"SELECT path, signature FROM folder WHERE {_BELOW}"
        known = dict(self._connection.execute(query, (folder, after(folder))))
        if is_ours(self._root, folder, self._ignored):
            self._compare(walk(self._root, folder, self._ignored), known)
        self._lose(known)

    def folder(self, folder: str) -> None:
        """What is directly in a folder; of a folder in it as much as tells what it is."""
        found = scan(self._root, folder) if is_ours(self._root, folder, self._ignored) else None
        if found is None:
            self.tree(folder)
            return
        row = self._connection.execute("SELECT signature FROM folder WHERE path = ?", (folder,)).fetchone()
        self._compare([found], {folder: row[0]} if row else {})
        before = f"{folder}/" if folder else ""
        inside = {before + name for name in found.folders if not self._ignored(before + name)}
        for child in sorted(inside | set(self._child_folders(folder))):
            if child in inside and self._has_document(child):
                self.files([f"{child}/{layout.CONTAINER_NAME}"])
            else:
                self.tree(child)

    def files(self, paths: Iterable[str]) -> None:
        """Just these files."""
        gone: set[str] = set()
        for path in dict.fromkeys(paths):
            folder, _, name = path.rpartition("/")
            known = self._known_file(folder, name)
            is_there = is_ours(self._root, folder, self._ignored)
            here = layout.type_of(path) is not None and is_there
            stat = stat_file(self._root, path) if here else None
            is_odd = here and stat is None and Path(self._root, path).is_symlink()
            if stat is not None:
                self._file(Candidate(folder, name, known), stat, settle=False)
            elif known is not None and not (is_odd and known.role == "odd"):
                self.changes.gone.append(Candidate(folder, name, known))
            if is_odd and (known is None or known.role != "odd"):
                self.changes.odd.append((folder, name, "symlink"))
            if not is_there:
                gone.add(folder)
        for folder in sorted(gone):  # with it all else that was in it has gone
            self.tree(folder)

    # One by one

    def _flat(self, folder: str) -> Iterator[Scan]:
        if is_ours(self._root, folder, self._ignored) and (found := scan(self._root, folder)):
            yield found

    def _compare(self, scans: Iterable[Scan], known: dict[str, bytes | None]) -> None:
        """Compare folders with ``known`` signatures, which are taken out of it."""
        for found in scans:
            is_new = found.path not in known
            if is_new or known.pop(found.path) != found.signature:
                self._folder(found, is_new)

    def _folder(self, found: Scan, is_new: bool) -> None:
        files = {} if is_new else self._known_files(found.path)
        before = len(self.changes.read)
        unsafe, settled = False, len(self.changes.settled)
        odd = {name for name, known in files.items() if known.role == "odd"}
        for name, stat in found.stats().items():
            unsafe |= not self._file(Candidate(found.path, name, files.pop(name, None)), stat, settle=True)
        gone = [Candidate(found.path, name, known) for name, known in files.items() if name not in found.odd]
        self.changes.gone += gone
        new_odd = [(found.path, name, rule) for name, rule in found.odd.items() if name not in odd]
        self.changes.odd += new_odd
        if is_new or gone or new_odd or len(self.changes.read) > before or not unsafe:
            self.changes.scans.append(found)
        else:  # not worth a write: some file here will have to be read again anyway
            del self.changes.settled[settled:]

    def _file(self, file: Candidate, stat: Stat, *, settle: bool) -> bool:
        """Take note of what one file asks for; False when it cannot be trusted yet."""
        known = file.known
        if known is None or known.stat != stat or known.role == "odd":
            self.changes.read.append(file)
        elif not known.safe:
            if not self._unchanged(file.path, known):
                self.changes.read.append(file)
            elif is_safe(stat, self._moment):
                if settle:
                    self.changes.settled.append(file)
            else:
                return False
        return True

    def _lose(self, known: Iterable[str]) -> None:
        self.changes.gone_folders += known

    def _known_files(self, folder: str) -> dict[str, Known]:
        rows = self._connection.execute(
            "SELECT name, mtime, ctime, size, inode, safe, blob, role, entry FROM file WHERE folder = ?", (folder,)
        )
        return {row[0]: _known(row) for row in rows}

    def _known_file(self, folder: str, name: str) -> Known | None:
        row = self._connection.execute(
            "SELECT name, mtime, ctime, size, inode, safe, blob, role, entry FROM file WHERE folder = ? AND name = ?",
            (folder, name),
        ).fetchone()
        return _known(row) if row else None

    def _child_folders(self, folder: str) -> list[str]:
        if not folder:
            rows = self._connection.execute("SELECT path FROM folder WHERE path NOT LIKE '%/%' AND path != ''")
            return [path for (path,) in rows if path[0] != "_"]
        rows = self._connection.execute(
            "SELECT path FROM folder WHERE path >= ?1 || '/' AND path < ?2"
            " AND instr(substr(path, length(?1) + 2), '/') = 0",
            (folder, after(folder)),
        )
        return [path for (path,) in rows]

    def _has_document(self, folder: str) -> bool:
        known = self._known_file(folder, layout.CONTAINER_NAME)
        return known is not None and known.role == "document"


def _known(row: tuple[Any, ...]) -> Known:
    return Known(Stat(*row[1:5]), *row[5:])


def span(folder: str) -> tuple[str, str]:
    """Where the paths below a folder begin, and what is the first after them; the root's address is empty."""
    return (f"{folder}/", after(folder)) if folder else ("", "\U0010ffff")


def within(address: str, deep: bool) -> tuple[str, tuple[str, ...]]:
    """A condition of SQL and its values: an entry is in a container, or (``deep``) anywhere below it."""
    return ("(path >= ? AND path < ?)", span(address)) if deep else ("container = ?", (address,))


def after(folder: str) -> str:
    """The first path after all those below a folder: ``0`` follows ``/``."""
    return f"{folder}0"
