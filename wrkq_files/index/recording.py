"""Writing a history's events down: which commits are new, what they did, and by whom as far as they say."""

from __future__ import annotations

import contextlib
import json
import posixpath
import sqlite3
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, Final

from wrkq_files.errors import WrkqError
from wrkq_files.git import log, trees
from wrkq_files.git.batch import Blobs
from wrkq_files.git.log import Logged, Touched
from wrkq_files.index import globs
from wrkq_files.index.deriving import Deriver
from wrkq_files.index.place import Place
from wrkq_files.model import layout, messages
from wrkq_files.model.credit import credited
from wrkq_files.model.events import Event

Progress = Callable[[str, int, int], None]
#: Commits whose files are fetched together.
_TOGETHER: Final = 250
#: Views, and tips, that are kept: each branch that is looked at makes one.
_KEPT: Final = 64
_CONFIG: Final = layout.CONFIG_NAME
_CONFIG_BYTES: Final = _CONFIG.encode()
_ATTACHMENTS: Final = layout.ATTACHMENTS.encode() + b"/"


class Unforeseen(Exception):
    """The tracker turns out to have lain elsewhere before: all has to be derived again."""


def record(
    place: Place, connection: sqlite3.Connection, view: str, tip: str, progress: Progress | None = None
) -> None:
    """Derive what ``tip`` reaches and nothing has reached before, and make it the view's tip.

    Raises :class:`Unforeseen`, and WrkqError ``not_found`` for a commit that is not here.
    """
    row = connection.execute("SELECT number, tip FROM view WHERE name = ?", (view,)).fetchone()
    if row is not None and row[1] == tip:
        return
    with contextlib.ExitStack() as open_gits:
        # Several gits run side by side: for one commit more, waiting for them is most of the work.
        apart = open_gits.enter_context(log.ask_apart(place.repo, row[1], tip)) if row else None
        blobs = open_gits.enter_context(Blobs(place.repo))
        _Recorder(place, connection, blobs, progress).derive(tip)
        _reach(place, connection, log.apart(apart) if apart else None, view, tip)
    connection.execute("UPDATE meta SET value = random() WHERE key = 'revision'")


def between(
    place: Place, connection: sqlite3.Connection, old: str, new: str, edited: Mapping[str, bytes | None]
) -> list[Event]:
    """What happened from one commit to another, with files that are edited there; both have been derived."""
    with Blobs(place.repo) as blobs:
        return _Recorder(place, connection, blobs, None).deriver.between(old, new, edited)


class _Recorder:
    def __init__(self, place: Place, connection: sqlite3.Connection, blobs: Blobs, progress: Progress | None) -> None:
        self._place, self._connection, self._progress = place, connection, progress
        self._repo = place.repo
        self._prefixes: list[str] = self._noted("prefixes", [place.prefix])
        self._nested: list[str] = self._noted("nested", [])
        self._ignored = globs.ignored(place.ignore)
        self.deriver = Deriver(self._repo, self._prefixes, lru_cache(maxsize=None)(self._own), connection, blobs)

    def derive(self, tip: str) -> None:
        known = [each for (each,) in self._connection.execute("SELECT id FROM tip")]
        if tip in known:
            return
        logged = log.commits(self._repo, [tip], known)
        try:
            files = self._files(tip, known)
            landed = self._landed(tip, known, files)
        except BaseException:
            deque(logged, maxlen=0)
            raise
        number = self._connection.execute("SELECT coalesce(max(number), 0) FROM logged").fetchone()[0]
        done = 0
        while some := list(islice(logged, _TOGETHER)):
            interesting = [(each, messages.read(each.message)) for each in some]
            interesting = [
                (commit, told)
                for commit, told in interesting
                if commit.id in files or commit.id in landed or told.named or told.operations
            ]
            self.deriver.expect(each for commit, _ in interesting for each in files.get(commit.id, ()))
            for commit, told in interesting:
                number += self._add(number + 1, commit, told, files.get(commit.id, ()), landed.get(commit.id, ()))
            done += len(some)
            if self._progress:
                self._progress("reading history", done, 0)
        self._connection.execute("INSERT OR REPLACE INTO tip(id) VALUES (?)", (tip,))

    def _add(
        self,
        number: int,
        commit: Logged,
        told: messages.Told,
        files: Sequence[Touched],
        landed: Sequence[tuple[str, str]],
    ) -> bool:
        """Write one commit's events down; whether it has any."""
        people = json.dumps(told.coauthors) if told.coauthors else None
        try:
            self._connection.execute(
                "INSERT INTO logged VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    number,
                    commit.id,
                    " ".join(commit.parents),
                    commit.time * 1000,
                    commit.name,
                    commit.email,
                    told.subject,
                    told.reverts,
                    people,
                ),
            )
        except sqlite3.IntegrityError:  # derived before, from a tip that is forgotten
            return False
        found = [*self.deriver.events(commit, number, files), *self.deriver.landed(landed)]
        events = credited(found, told, commit.time * 1000)
        if not events:
            self._connection.execute("DELETE FROM logged WHERE number = ?", (number,))
            return False
        self._connection.executemany(
            "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (number, place, *_row(event), *credit, layout.owner_of(event.path))
                for place, (event, credit) in enumerate(events)
            ],
        )
        return True

    def _landed(
        self, tip: str, known: Sequence[str], files: Mapping[str, Sequence[Touched]]
    ) -> Mapping[str, Sequence[tuple[str, str]]]:
        """The merges that brought workspaces' records; asked only where there ever was one."""
        folder = posixpath.join(self._place.prefix, layout.WORKSPACES)
        sql = "SELECT 1 FROM event WHERE type = 'workspace.created' LIMIT 1"
        are_new = any(each.path.startswith(f"{folder}/") for rows in files.values() for each in rows)
        if not are_new and not self._connection.execute(sql).fetchone():
            return {}
        return log.merged_in(self._repo, tip, known, folder)

    # Whose files

    def _files(self, tip: str, known: Sequence[str]) -> Mapping[str, Sequence[Touched]]:
        """The files each commit touched, wherever the tracker lay at the time."""
        while True:
            found = log.touched(self._repo, [tip], known, self._prefixes, _is_wanted)
            earlier = self._earlier_prefixes(found)
            if not earlier:
                break
            if known:
                raise Unforeseen
            self._prefixes += earlier
        nested = {
            path.removesuffix(f"/{_CONFIG}")
            for rows in found.values()
            for each in rows
            if each.path.endswith(f"/{_CONFIG}") and (path := self._relative(each.path)) and path != _CONFIG
        }
        if nested - {*self._nested}:
            self._nested += sorted(nested - {*self._nested})
        self._note("prefixes", self._prefixes)
        self._note("nested", self._nested)
        return found

    def _earlier_prefixes(self, found: Mapping[str, Sequence[Touched]]) -> list[str]:
        """Folders that a commit renamed the tracker's folder from."""
        settings = {posixpath.join(each, _CONFIG) for each in self._prefixes}
        fresh = [
            commit
            for commit, rows in found.items()
            if any(each.path in settings and each.new and not any(each.old) for each in rows)
        ]
        earlier: dict[str, None] = {}
        for commit in fresh:
            try:
                renamed = trees.between(self._repo, f"{commit}^", commit, renames=True)
            except WrkqError:  # the first commit of all
                continue
            for each in renamed:
                if each.path in settings and each.old_path != each.path and each.old_path.endswith(_CONFIG):
                    earlier[posixpath.dirname(each.old_path)] = None
        return [each for each in earlier if each not in self._prefixes]

    def _own(self, path: str) -> str | None:
        """A repository path as the tracker knows it; None for what is not the tracker's."""
        relative = self._relative(path)
        if relative is None or not (path.isascii() or _is_utf8(path)):
            return None
        if relative != _CONFIG and not relative.startswith(layout.ATTACHMENTS) and layout.type_of(relative) is None:
            return None
        if any(self._ignored(each) or each in self._nested for each in layout.folders_above(relative)):
            return None
        return relative

    def _relative(self, path: str) -> str | None:
        for prefix in sorted(self._prefixes, key=len, reverse=True):
            if not prefix:
                return path
            if path.startswith(f"{prefix}/"):
                return path[len(prefix) + 1 :]
        return None

    def _noted(self, key: str, otherwise: list[str]) -> list[str]:
        row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        found: list[str] = json.loads(row[0]) if row else otherwise
        return found

    def _note(self, key: str, value: list[str]) -> None:
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value)))


def _row(event: Event) -> tuple[Any, ...]:
    values = (None if value is None else json.dumps(value) for value in (event.old, event.new))
    field = event.field if event.field.isascii() else event.field.encode("utf-8", "replace").decode()
    return (event.type, event.id, event.path, field, *values, event.blob, event.old_blob, event.assignee)


def _is_wanted(path: bytes) -> bool:
    return path.endswith((b".md", _CONFIG_BYTES)) or _ATTACHMENTS in path


def _is_utf8(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


# What a view reaches


def _reach(
    place: Place, connection: sqlite3.Connection, apart: tuple[list[str], list[str]] | None, view: str, tip: str
) -> None:
    """Make the commits that a tip reaches the view's. ``apart``: those that it reaches no more, and those that are
    new; None where that is not known.
    """
    connection.execute(
        "INSERT INTO view(name, tip) VALUES (?, ?) ON CONFLICT DO UPDATE SET tip = ?", (view, tip, tip)
    )
    number: int = connection.execute("SELECT number FROM view WHERE name = ?", (view,)).fetchone()[0]
    if apart is None:
        connection.execute("DELETE FROM reach WHERE view = ?", (number,))
    left, right = apart or ([], log.reached(place.repo, tip))
    numbers = dict(connection.execute("SELECT id, number FROM logged").fetchall()) if len(right) > 500 else None

    def numbered(commits: Collection[str]) -> Iterator[tuple[int, int]]:
        for commit in commits:
            found = numbers.get(commit) if numbers is not None else _number(connection, commit)
            if found is not None:
                yield number, found

    connection.executemany("DELETE FROM reach WHERE view = ? AND number = ?", [*numbered(left)])
    connection.executemany("INSERT OR IGNORE INTO reach VALUES (?, ?)", [*numbered(right)])
    _forget(connection)


def _number(connection: sqlite3.Connection, commit: str) -> int | None:
    row = connection.execute("SELECT number FROM logged WHERE id = ?", (commit,)).fetchone()
    return int(row[0]) if row else None


def _forget(connection: sqlite3.Connection) -> None:
    """Drop the oldest of many views and tips; what they led to stays derived."""
    old = connection.execute("SELECT number FROM view ORDER BY number DESC LIMIT -1 OFFSET ?", (_KEPT,)).fetchall()
    for row in old:
        connection.execute("DELETE FROM reach WHERE view = ?", row)
        connection.execute("DELETE FROM view WHERE number = ?", row)
    connection.execute(
        "DELETE FROM tip WHERE number NOT IN (SELECT number FROM tip ORDER BY number DESC LIMIT ?)", (_KEPT,)
    )
