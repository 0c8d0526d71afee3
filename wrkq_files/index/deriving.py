"""From a commit to its events: the documents that differ from all its parents, read and compared."""

from __future__ import annotations

import json
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from wrkq_files.files import config_file, documents, typed
from wrkq_files.files.nodes import Unreadable
from wrkq_files.git import log, read, trees
from wrkq_files.git.batch import Blobs
from wrkq_files.git.log import Logged, Touched
from wrkq_files.git.repo import Repo, blob_id
from wrkq_files.index import lineage
from wrkq_files.model import ids, layout, versions
from wrkq_files.model.document import Document
from wrkq_files.model.events import READABLE, UNREADABLE, Event
from wrkq_files.model.fields import DocType
from wrkq_files.model.values import same
from wrkq_files.model.versions import Pair, Version

#: Parsed documents that are remembered (and bytes of their files): what a commit writes is what a later one finds.
_REMEMBERED: Final = 8000
_REMEMBERED_BYTES: Final = 1 << 26
#: Files that are fetched together.
_TOGETHER: Final = 100
_ATTACHMENT: Final = f"{layout.ATTACHMENTS}/"


class _Row(NamedTuple):
    """One file of a comparison, relative to the tracker's root; blobs are empty where it is not there."""

    path: str
    old: str
    new: str


class _Step(NamedTuple):
    """From one commit to another. ``number``: the latter is being derived, and has this one; ``is_next``: it comes
    right after the former, so a file that only it has begins with it.
    """

    old: str
    new: str
    number: int = 0
    is_next: bool = False


class _Bad(NamedTuple):
    """A document that cannot be read, and why."""

    rule: str
    line: int | None
    message: str


class Deriver:
    """``prefixes``: where the tracker is, then where it was before. ``own`` makes of a repository path the path in
    the tracker, None for what is not its.

    Commits come parents first; what was derived of earlier ones is in the database, where each has a ``number``.
    """

    def __init__(
        self,
        repo: Repo,
        prefixes: Sequence[str],
        own: Callable[[str], str | None],
        connection: sqlite3.Connection,
        blobs: Blobs,
    ) -> None:
        self._repo, self._prefix, self._own, self._blobs = repo, prefixes[0], own, blobs
        self._prefixes = prefixes
        self._lineage = lineage.Lineage(repo, connection)
        self._expected: deque[str] = deque()
        self._data: dict[str, bytes | None] = {}
        self._given: dict[str, bytes] = {}
        self._size = 0
        self._known: dict[tuple[str, DocType], Document | _Bad | None] = {}

    def expect(self, files: Iterable[Touched]) -> None:
        """These files will be read, in this order: they are fetched some at a time."""
        if len(self._known) > _REMEMBERED or self._size > _REMEMBERED_BYTES:
            self._known.clear()
            self._size = 0
        named = {blob: path for each in files if (path := self._own(each.path)) for blob in (*each.old, each.new)}
        named.pop("", None)
        self._expected = deque(
            blob
            for blob, path in named.items()
            if not path.startswith(_ATTACHMENT)
            and ((kind := layout.type_of(path)) is None or (blob, kind) not in self._known)
        )

    def events(self, commit: Logged, number: int, files: Sequence[Touched]) -> list[Event]:
        """What a commit did."""
        rows = [_Row(path, each.old[0], each.new) for each in files if (path := self._own(each.path))]
        if not rows:
            return []
        if len(commit.parents) < 2:
            parent = commit.parents[0] if commit.parents else ""
            return self._between(rows, _Step(parent, commit.id, number, is_next=True))
        return self._of_merge(commit, number)

    def _of_merge(self, commit: Logged, number: int) -> list[Event]:
        """Only what differs from every parent; values before are those of the first."""
        steps = [_Step(parent, commit.id, number) for parent in commit.parents]
        sides = [self._between(self._rows(step), step) for step in steps]
        common = set.intersection(*({_gist(event) for event in side} for side in sides))
        return [event for event in sides[0] if _gist(event) in common]

    def landed(self, files: Iterable[tuple[str, str]]) -> Iterator[Event]:
        """The workspaces whose records a merge brought (repository paths and blobs)."""
        for path, blob in files:
            own = self._own(path)
            document = self._read(own, blob, DocType.WORKSPACE) if own else None
            if own and isinstance(document, Document) and document.id:
                version = Version(document.id, document, blob)
                yield Event("workspace.landed", document.id, own, "", None, versions.facts(version), blob)

    def between(self, old: str, new: str, edited: Mapping[str, bytes | None]) -> list[Event]:
        """What happened from one commit to another, whatever lies between them.

        ``edited``: files that are not as the second commit has them, with their bytes; None where they are gone.
        """
        step = _Step(old, new)
        rows = {row.path: row for row in self._rows(step)}
        missing = [path for path in edited if path not in rows]
        there = read.ids(self._repo, [f"{new}:{self._full(path)}" for path in missing])
        for path, data in edited.items():
            was = rows[path].old if path in rows else there[f"{new}:{self._full(path)}"] or ""
            now = "" if data is None else blob_id(data, self._repo.object_format)
            rows[path] = _Row(path, was, now)
            self._given |= {now: data} if data is not None else {}
        return self._between([row for row in rows.values() if row.old != row.new], step)

    def _within(self) -> str:
        """Where to look for differences: everywhere, where the tracker's folder was renamed."""
        return self._prefix if len(self._prefixes) == 1 else ""

    def _rows(self, step: _Step) -> list[_Row]:
        rows = []
        for each in trees.between(self._repo, step.old, step.new, self._within()):
            if path := self._own(each.path):
                rows.append(_Row(path, each.old_blob, each.blob if each.mode != trees.LINK else ""))
        self._expected = deque(blob for row in rows for blob in (row.old, row.new) if blob)
        return rows

    def _between(self, rows: Sequence[_Row], step: _Step) -> list[Event]:
        found: list[Event] = []
        before: list[Version] = []
        after: list[tuple[_Row, Document]] = []
        for row in _joined(rows):
            kind = layout.type_of(row.path)
            if kind is not None:
                self._look(row, kind, step, before, after, found)
            elif row.path == layout.CONFIG_NAME:
                found += self._settings(row)
            elif row.path.startswith(_ATTACHMENT):
                found += _attachments(row)
        renamed = self._renames(before, after, step) if step.old else {}
        pairs = versions.match(before, self._identified(before, after, renamed, step), renamed)
        found += self._moves(pairs, step)
        for pair in pairs:
            found += versions.changes(pair)
        return sorted((self._restored(event, step.new) for event in found), key=_order)

    # Reading

    def _look(
        self,
        row: _Row,
        kind: DocType,
        step: _Step,
        before: list[Version],
        after: list[tuple[_Row, Document]],
        found: list[Event],
    ) -> None:
        """One file's versions, or why there is none."""
        old, new = self._read(row.path, row.old, kind), self._read(row.path, row.new, kind)
        was_bad = isinstance(old, _Bad)
        last = row.old
        if isinstance(old, _Bad):
            last, old = self._last_good(row.path, kind, step.old)
        version = None
        if old is not None:
            version = Version(old.id or self._lineage.id_of(row.path, step.old, old.type), old, last)
        if isinstance(new, _Bad):
            if not was_bad:
                identifier = version.id if version else ""
                found.append(Event(UNREADABLE, identifier, row.path, "", None, new._asdict(), row.new, row.old))
            return
        if was_bad and new is not None:
            identifier = new.id or (version.id if version else "")
            found.append(Event(READABLE, identifier, row.path, "", None, None, row.new, row.old))
        if version is not None:
            before.append(version)
        if new is not None:
            after.append((row, new))

    def _last_good(self, path: str, kind: DocType, commit: str) -> tuple[str, Document | None]:
        """What an unreadable file last was, along the first parents, when it could be read: its blob, and that."""
        for blob in log.versions(self._repo, commit, self._full(path)):
            found = self._read(path, blob, kind)
            if not isinstance(found, _Bad):
                return blob, found  # None: it was gone, or no document, in between
        return "", None

    def _read(self, path: str, blob: str, kind: DocType) -> Document | _Bad | None:
        if not blob:
            return None
        name = (blob, kind)
        if name not in self._known:
            data = self._bytes(blob)
            self._size += len(data or b"")
            self._known[name] = _parsed(data, kind, path) if data is not None else _MISSING
        known = self._known[name]
        return known._replace(path=path) if isinstance(known, Document) and known.path != path else known

    def _bytes(self, blob: str) -> bytes | None:
        if blob in self._given:
            return self._given[blob]
        if blob not in self._data:
            some = [blob]
            while self._expected and len(some) < _TOGETHER:
                if (following := self._expected.popleft()) != blob:
                    some.append(following)
            self._data = dict(self._blobs.many(some))
        return self._data[blob]

    # Which is which

    def _identified(
        self,
        before: Sequence[Version],
        after: Sequence[tuple[_Row, Document]],
        renamed: Mapping[str, str],
        step: _Step,
    ) -> list[Version]:
        """The documents that are there now, with ids: a file without one goes on with the id it had, or begins."""
        old = {each.path: each for each in before}
        found = []
        for row, document in after:
            identifier = document.id or ""
            if not identifier and document.type is DocType.ACTOR:
                identifier = document.slug
            if not identifier:
                origin = old.get(row.path) or old.get(renamed.get(row.path, ""))
                known = "" if step.is_next else self._lineage.id_of(row.path, step.new, document.type)
                identifier = known or (origin.id if origin else self._born(row, document))
                begins = origin is None or origin.path != row.path or origin.document.id
                if begins and not known and step.number:
                    self._lineage.born(row.path, step.number, identifier)
            found.append(Version(identifier, document, row.new))
        return found

    def _born(self, row: _Row, document: Document) -> str:
        return ids.deterministic(document.type, self._full(row.path), self._bytes(row.new) or b"")

    def _full(self, path: str) -> str:
        """A path of the tracker as the repository knows it."""
        return f"{self._prefix}/{path}" if self._prefix else path

    def _renames(
        self, before: Sequence[Version], after: Sequence[tuple[_Row, Document]], step: _Step
    ) -> dict[str, str]:
        """New paths to old ones, as git pairs them: asked only for files that have no id to know them by."""
        here = {row.path for row, _ in after}
        gone = {each.path for each in before if each.document.id is None and each.path not in here}
        there = {each.path for each in before}
        fresh = {row.path for row, _ in after if row.path not in there}
        if not gone or not fresh:
            return {}
        pairs = [
            (self._own(each.path), self._own(each.old_path))
            for each in trees.between(self._repo, step.old, step.new, self._within(), renames=True)
            if each.path != each.old_path
        ]
        kind = layout.type_of
        return {to: origin for to, origin in pairs if to in fresh and origin in gone and kind(to) is kind(origin)}

    def _moves(self, pairs: Sequence[Pair], step: _Step) -> list[Event]:
        moved = [(a, b) for a, b in pairs if a and b and a.path != b.path]
        if not moved:
            return []
        named = layout.CONTAINER_NAME
        containers = [a.path for a, b in moved if a.document.type is DocType.CONTAINER and a.path != named]
        alone = [path for path in containers if self._has(step.new, path.removesuffix(f"/{named}"))]
        folders = {
            before: after
            for before, after in versions.folder_moves(pairs).items()
            if layout.document_path(DocType.CONTAINER, before) not in containers
            and not self._has(step.new, before)
            and not self._has(step.old, after)
        }
        return versions.moves(pairs, alone, folders)

    def _has(self, commit: str, folder: str) -> bool:
        return log.has(self._repo, commit, self._full(folder))

    def _restored(self, event: Event, commit: str) -> Event:
        """What was there before and was deleted is back, and not new."""
        kind, _, what = event.type.partition(".")
        if what == "created" and event.id and self._lineage.was_deleted(event.id, commit):
            return event._replace(type=f"{kind}.restored")
        return event

    # What is no document

    def _settings(self, row: _Row) -> list[Event]:
        old, new = (self._mapping(blob) for blob in (row.old, row.new))
        if new is None:
            return [Event(UNREADABLE, "", row.path, "", None, None, row.new, row.old)]
        was = old or {}
        return [
            Event("settings.updated", "", row.path, name, was.get(name), new.get(name), row.new, row.old)
            for name in dict.fromkeys([*was, *new])
            if not same(was.get(name), new.get(name))
        ]

    def _mapping(self, blob: str) -> Mapping[str, Any] | None:
        """The settings; None where they cannot be read."""
        if not blob:
            return {}
        try:
            root = documents.read_nodes(config_file.text_of(self._bytes(blob) or b""))
        except Unreadable:
            return None
        value = typed.plain_value(root)
        return value if isinstance(value, dict) else None


#: A clone may have the commit and not what is in it, and nobody to ask for it.
_MISSING: Final = _Bad("missing", None, "git does not have the file's contents here")


def _joined(rows: Iterable[_Row]) -> Iterable[_Row]:
    """A row for each path: where the tracker's folder was renamed, a file went in one place and came in another."""
    found: dict[str, _Row] = {}
    for row in rows:
        other = found.get(row.path)
        found[row.path] = _Row(row.path, row.old or other.old, row.new or other.new) if other else row
    return [row for row in found.values() if row.old != row.new]


def _parsed(data: bytes, kind: DocType, path: str) -> Document | _Bad | None:
    if not documents.is_document(data[:4096]):
        return None
    document, findings = documents.parse(data, kind, path, kinds=None)
    if document is not None:
        return document
    first = findings[0]
    return _Bad(first.rule, first.line, first.message)


def _attachments(row: _Row) -> list[Event]:
    parts = row.path.removeprefix(_ATTACHMENT).split("/", 2)
    if len(parts) < 3:
        return []
    what = "changed" if row.old and row.new else "added" if row.new else "removed"
    return [Event(f"attachment.{what}", parts[1], row.path, parts[2], None, None, row.new, row.old)]


#: In the order in which they can be carried out again: what goes first makes room.
_FIRST: Final = ("deleted", "removed", "moved", "created", "restored")


def _order(event: Event) -> int:
    what = event.type.rpartition(".")[2]
    return _FIRST.index(what) if what in _FIRST and not event.type.startswith(("item.", "relation.")) else len(_FIRST)


def _gist(event: Event) -> tuple[str, str, str, str]:
    """What makes events of two comparisons the same one."""
    kind = "" if event.type.endswith((".created", ".restored")) else event.type
    is_counted = event.type.endswith(".updated") and event.field in ("body", "layout")
    return kind, event.id, event.field, "" if is_counted else json.dumps(event.new, sort_keys=True)
