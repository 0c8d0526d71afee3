"""Bringing the view up to date, inside a write transaction."""

from __future__ import annotations

import itertools
import os
import sqlite3
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

from wrkq_files.index import contexts, fulltext, handmade, waiting
from wrkq_files.index.calm import no_collection
from wrkq_files.index.look import Candidate, Changes, after
from wrkq_files.index.place import Place
from wrkq_files.index.reading import Library, Read, is_unreadable
from wrkq_files.index.rows import INSERT, Context, Identity, edge_rows, entry_row, name_finding
from wrkq_files.index.scan import Scan, is_safe
from wrkq_files.index.sources import Source
from wrkq_files.model import layout
from wrkq_files.model.document import slug_of
from wrkq_files.model.fields import DocType
from wrkq_files.model.rules import RULES

#: Files that are held in memory before their rows are written.
_BATCH: Final = 500
_MESSAGES: Final = {
    "symlink": "it is a symbolic link, which is never followed",
    "bad-utf8": "its name is not UTF-8",
}
#: Called with what is done, how much of it, and of how much.
Progress = Callable[[str, int, int], None]
_FINDING: Final = "INSERT OR REPLACE INTO finding VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_FILE: Final = "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


def apply(
    connection: sqlite3.Connection,
    place: Place,
    changes: Changes,
    source: Source,
    progress: Progress | None = None,
) -> None:
    """Make the view what ``changes`` found. To be called inside a transaction.

    ``progress`` is told what is done, how many files are read, and of how many.
    """
    _Applying(connection, place, source, progress).run(changes)


class _Applying:
    def __init__(
        self, connection: sqlite3.Connection, place: Place, source: Source, progress: Progress | None
    ) -> None:
        self._connection = connection
        self._place = place
        self._source = source
        self._progress = progress
        self._done = self._total = 0  # files
        self._library = Library(connection, place.kinds)
        self._number: int = connection.execute("SELECT coalesce(max(number), 0) FROM entry").fetchone()[0]
        self._contexts: dict[str, Context] = {}
        self._ids: set[str] = set()  # that came, went or changed, and of the parents of such
        self._inserted: dict[str, int] = {}  # path -> number
        self._has_lost = False  # a document, so that a folder may hold none any more
        self._clear()

    def _clear(self) -> None:
        self._entries: list[tuple[Any, ...]] = []
        self._edges: list[tuple[Any, ...]] = []
        self._files: list[tuple[Any, ...]] = []
        self._findings: list[tuple[Any, ...]] = []

    def run(self, changes: Changes) -> None:
        self._remove(changes)
        self._total = len(changes.read)
        folders = {each.folder for each in changes.read} | {each.path for each in changes.scans}
        folders |= {folder for folder, _, _ in changes.odd}
        new_folders = contexts.ensure_folders(self._connection, folders)
        first = [each for each in changes.read if _is_container(each)]
        self._read(first)
        gone_containers = changes.gone_folders or any(_is_container(each) for each in changes.gone)
        if first or new_folders or gone_containers:
            self._contexts = contexts.update(self._connection)
        self._read(each for each in changes.read if not _is_container(each))
        # Of all that is asked for one more task, this alone would look at every other one.
        if self._has_lost or gone_containers or first or contexts.lacks_row(self._connection, self._folders()):
            contexts.update_placeholders(self._connection)
        self._note_odd(changes)
        self._sign(changes)
        self._ids |= handmade.update(self._connection, self._place, set(self._inserted), self._source)
        waiting.update(self._connection, self._ids)
        self._finish()

    def _folders(self) -> set[str]:
        """The folders of the tasks that came."""
        return {path.rpartition("/")[0] for path in self._inserted if not path.startswith("_")}

    # What is gone

    def _remove(self, changes: Changes) -> None:
        for folder in changes.gone_folders:
            rows = self._connection.execute(
                "SELECT folder, name, entry FROM file WHERE folder = ?1 OR (folder >= ?1 || '/' AND folder < ?2)",
                (folder, after(folder)),
            ).fetchall()
            for path, name, number in rows:
                self._remove_file(path, name, number)
            self._connection.execute("DELETE FROM folder WHERE path = ?", (folder,))
        for each in changes.gone:
            self._remove_file(each.folder, each.name, each.known.number if each.known else None)

    def _remove_file(self, folder: str, name: str, number: int | None) -> None:
        self._connection.execute("DELETE FROM file WHERE folder = ? AND name = ?", (folder, name))
        self._connection.execute("DELETE FROM finding WHERE folder = ? AND name = ?", (folder, name))
        if number is not None:
            self._remove_entry(number)
            self._has_lost = True

    def _remove_entry(self, number: int) -> None:
        row = self._connection.execute("SELECT id, parent FROM entry WHERE number = ?", (number,)).fetchone()
        self._ids.update(filter(None, row or ()))
        self._connection.execute("DELETE FROM entry WHERE number = ?", (number,))
        self._connection.execute("DELETE FROM edge WHERE src = ?", (number,))

    # What is to be read

    def _read(self, files: Iterable[Candidate]) -> None:
        waiting_files = iter(files)
        while batch := list(itertools.islice(waiting_files, _BATCH)):
            with no_collection():
                self._source.expect([file.path for file in batch])
                for file in batch:
                    self._read_one(file)
                self._flush()
            self._done += len(batch)
            if self._progress:
                self._progress("reading files", self._done, self._total)

    def _read_one(self, file: Candidate) -> None:
        moment = time.time_ns()
        path = file.path
        number = file.known.number if file.known else None
        denied = ""
        try:
            read = self._source.read(path)
        except PermissionError as error:
            denied, stat = error.strerror or str(error), self._source.stat(path)
            read = Read(stat, None) if stat else None
        if file.known:
            self._connection.execute("DELETE FROM finding WHERE folder = ? AND name = ?", (file.folder, file.name))
        if number is not None:
            self._remove_entry(number)
        if read is None:
            self._remove_file(file.folder, file.name, None)
            self._has_lost |= number is not None
            return
        role, new_number = "note", None
        if denied:
            role = "broken"
            remedy = RULES["no-access"].remedy
            self._findings.append((file.folder, file.name, 0, "no-access", 0, 0, denied, "", remedy, 1))
        elif read.data is not None:
            new_number = self._document(file, path, read.data, read.blob, number)
            role = "broken" if new_number is None else "document"
        self._has_lost |= number is not None and new_number is None
        safe = int(is_safe(read.stat, moment))
        self._files.append((file.folder, file.name, *read.stat, safe, read.blob, role, new_number))

    def _document(self, file: Candidate, path: str, data: bytes, blob: str, number: int | None) -> int | None:
        """Note the rows of a document; returns its entry's number, None for one that cannot be read."""
        kind = layout.type_of_document(path)
        content = self._library.content(blob, kind, data, path)
        findings = content.findings
        if named := name_finding(kind, path):
            findings = [*findings, named]
        if findings:
            self._findings += [
                (file.folder, file.name, place, *each, int(is_unreadable(each[0])))
                for place, each in enumerate(findings)
            ]
        if content.fields is None:
            return None
        if number is None:
            self._number += 1
            number = self._number
        identity = self._identity(kind, path, content.fields.get("id"), data)
        self._ids.add(identity.id)
        if kind is DocType.TASK and (parent := content.fields.get("parent")):
            self._ids.add(parent)
        self._inserted[path] = number
        if kind is DocType.CONTAINER:
            self._connection.execute("DELETE FROM entry WHERE path = ? AND id_source = 'none'", (path,))
        context = self._context(kind, file.folder)
        self._entries.append(entry_row(path, kind, identity, blob, content, context, number))
        self._edges += edge_rows(kind, content.fields, number)
        return number

    def _identity(self, kind: DocType, path: str, written: str | None, data: bytes) -> Identity:
        if kind is DocType.ACTOR:
            return Identity(slug_of(kind, path), "file")
        if written:
            return Identity(written, "file")
        return Identity(handmade.provisional(self._place, kind, path, data), "provisional")

    def _context(self, kind: DocType, folder: str) -> Context:
        if kind is DocType.CONTAINER:
            if not folder:
                return Context()
            folder = folder.rpartition("/")[0]
        elif kind is not DocType.TASK:
            return Context()
        if folder not in self._contexts:
            self._contexts[folder] = contexts.context_of(self._connection, folder)
        return self._contexts[folder]

    def _flush(self) -> None:
        self._library.flush()
        self._connection.executemany(INSERT, self._entries)
        self._connection.executemany("INSERT OR IGNORE INTO edge VALUES (?, ?, ?)", self._edges)
        self._connection.executemany(_FILE, self._files)
        self._connection.executemany(_FINDING, self._findings)
        self._clear()

    # What goes with it

    def _note_odd(self, changes: Changes) -> None:
        for folder, name, rule in changes.odd:
            self._connection.execute(_FILE, (folder, name, 0, 0, 0, 0, 1, "", "odd", None))
            row = (folder, name, 0, rule, 0, 0, _MESSAGES[rule], "", "", 1)
            self._connection.execute(_FINDING, row)

    def _sign(self, changes: Changes) -> None:
        """Store the signatures of folders in which every file can be trusted.

        A folder of which single files were looked at keeps none: with the next change on the disk it could come to
        look as it did before, and what was noted in between would stay.
        """
        scanned = {each.path for each in changes.scans}
        touched = {each.folder for each in (*changes.read, *changes.gone)} | {folder for folder, _, _ in changes.odd}
        self._connection.executemany(
            "UPDATE folder SET signature = NULL WHERE path = ?", [(folder,) for folder in touched - scanned]
        )
        self._connection.executemany(
            "UPDATE file SET safe = 1 WHERE folder = ? AND name = ?",
            [(each.folder, each.name) for each in changes.settled],
        )
        unsafe = {folder for (folder,) in self._connection.execute("SELECT folder FROM file WHERE safe = 0")}
        self._connection.executemany(
            "UPDATE folder SET signature = ? WHERE path = ?",
            [(_signature(each, unsafe), each.path) for each in changes.scans],
        )

    def _finish(self) -> None:
        if self._library.has_grown():
            fulltext.collect(self._connection)
        self._connection.executemany(
            "UPDATE meta SET value = ? WHERE key = ?",
            [(os.urandom(8).hex(), "revision"), (1, "stale_text"), (time.time(), "refreshed")],
        )


def _signature(found: Scan, unsafe: set[str]) -> bytes | None:
    return None if found.path in unsafe else found.signature


def _is_container(file: Candidate) -> bool:
    return file.name == layout.CONTAINER_NAME and not file.folder.startswith("_")
