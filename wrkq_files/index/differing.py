"""From two trees to the documents that differ between them: which they are, and what matters of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from wrkq_files.files import documents
from wrkq_files.git import history, read
from wrkq_files.git.meetings import Changed
from wrkq_files.index import globs
from wrkq_files.index.differs import CHANGED, CREATED, DELETED, MOVED, UNREADABLE, Differs
from wrkq_files.index.index import Index
from wrkq_files.index.place import Place
from wrkq_files.model import ids, layout, versions
from wrkq_files.model.document import Document
from wrkq_files.model.fields import DocType
from wrkq_files.model.versions import Version

#: Files that are fetched together: a document may have megabytes.
_TOGETHER: Final = 1000


class Side(NamedTuple):
    """What to compare: ``rows`` are repository paths; ``old`` and ``new`` commits (old empty: there is none)."""

    old: str
    new: str
    rows: Sequence[Changed]


class Comparer:
    """``index`` is asked for what it knows: contents that were read before, and ids of files that say none."""

    def __init__(self, place: Place, index: Index | None) -> None:
        self._place, self._index = place, index
        self._ignored = globs.ignored(place.ignore)
        self._known: dict[tuple[str, DocType], Document | None] = {}

    def read(self, sides: Iterable[Side]) -> None:
        """Fetch and parse what :meth:`compare` will need, all sides at once."""
        wanted: dict[tuple[str, DocType], str] = {}
        for side in sides:
            for row, path, kind in self._own(side):
                wanted |= {(blob, kind): path for blob in (row.old, row.new) if blob}
        if self._index is not None:
            self._known |= self._index.contents(wanted)
        missing = [name for name in wanted if name not in self._known]
        for start in range(0, len(missing), _TOGETHER):
            some = missing[start : start + _TOGETHER]
            found = read.blobs(self._place.repo, list({blob for blob, _ in some}))
            for blob, kind in some:
                self._known[blob, kind] = _parsed(found[blob], kind, wanted[blob, kind])

    def compare(self, side: Side) -> list[Differs]:
        """The documents of a side, by path; :meth:`read` was asked for it before."""
        own = self._own(side)
        if any(row.path == self._place.repository_path(layout.CONFIG_NAME) and not row.new for row in side.rows):
            return []  # the tracker is not there, or elsewhere
        before = {path: self._at(row.old, kind, path) for row, path, kind in own if row.old}
        after = {path: self._at(row.new, kind, path) for row, path, kind in own if row.new}
        blobs = {path: row for row, path, _ in own}
        names = _Names(self._place, self._derived, side, before, after)
        old = [Version(names.before(path), each, blobs[path].old) for path, each in before.items() if each]
        new = [Version(names.after(path), each, blobs[path].new) for path, each in after.items() if each]
        found = [_differs(pair.before, pair.after) for pair in versions.match(old, new, {})]
        found += [
            _unreadable(path, kind, row, names.before(path) if before.get(path) else "", before.get(path))
            for row, path, kind in own
            if row.new and self._is_bad(row.new, kind)
        ]
        spoilt = {each.path for each in found if each.what == UNREADABLE}
        return sorted(
            (each for each in found if not (each.what == DELETED and each.old_path in spoilt)),
            key=lambda each: each.path or each.old_path,
        )

    def _derived(self, path: str) -> str:
        """The id of a file that says none, where the index knows it from the history; empty where not."""
        entry = self._index.entry(path) if self._index is not None else None
        return entry.id if entry is not None and entry.id_source == "derived" else ""

    def _own(self, side: Side) -> list[tuple[Changed, str, DocType]]:
        """The rows that are documents of this tracker: with their paths in it, and their types."""
        nested = {
            folder
            for row in side.rows
            if row.path.endswith(f"/{layout.CONFIG_NAME}")
            and (folder := self._relative(row.path).removesuffix(layout.CONFIG_NAME).rstrip("/"))
        }
        found = []
        for row in side.rows:
            path = self._relative(row.path)
            kind = layout.type_of(path) if _is_text(path) else None
            if kind and not any(self._ignored(each) or each in nested for each in layout.folders_above(path)):
                found.append((row, path, kind))
        return found

    def _relative(self, path: str) -> str:
        return path.removeprefix(f"{self._place.prefix}/") if self._place.prefix else path

    def _at(self, blob: str, kind: DocType, path: str) -> Document | None:
        found = self._known.get((blob, kind))
        return found._replace(path=path) if isinstance(found, Document) else None

    def _is_bad(self, blob: str, kind: DocType) -> bool:
        return (blob, kind) in self._known and isinstance(self._known[blob, kind], _Bad)


class _Bad:
    """A document that cannot be read."""


class _Names:
    """The ids of documents that say none."""

    def __init__(
        self,
        place: Place,
        derived: Callable[[str], str],
        side: Side,
        before: Mapping[str, Document | None],
        after: Mapping[str, Document | None],
    ) -> None:
        self._place, self._derived, self._side = place, derived, side
        self._before, self._after = before, after
        self._asked: dict[tuple[str, str], dict[str, history.Origin]] = {}

    def before(self, path: str) -> str:
        """The id that a document had."""
        old, new = self._before.get(path), self._after.get(path)
        if own := _own_id(old) or _own_id(new):
            return own
        return self._derived(path) or self._from_history(self._side.old, path, self._without(self._before))

    def after(self, path: str) -> str:
        """The id that it has there; a file that lost it goes on with the one it had."""
        if own := _own_id(self._after.get(path)):
            return own
        if self._before.get(path):
            return self.before(path)
        return self._from_history(self._side.new, path, self._without(self._after))

    def _without(self, documents_: Mapping[str, Document | None]) -> list[str]:
        return [path for path, each in documents_.items() if each and not _own_id(each)]

    def _from_history(self, commit: str, path: str, paths: Sequence[str]) -> str:
        """As of its first commit; a new file is sought on the branch alone, unless that may be a new name."""
        is_new = commit == self._side.new and not any(path not in self._after for path in self._without(self._before))
        since = self._side.old if is_new else ""
        if (commit, since) not in self._asked:
            full = [self._place.repository_path(each) for each in paths]
            self._asked[commit, since] = history.first_commits(
                self._place.repo, full, tip=commit, since=since or None, known=dict.fromkeys(full) if since else None
            )
        origin = self._asked[commit, since].get(self._place.repository_path(path))
        kind = layout.type_of(path)
        if origin is None or kind is None:
            return ""
        return ids.deterministic(kind, origin.path, history.content(self._place.repo, origin.blob))


def _own_id(document: Document | None) -> str:
    if document is None:
        return ""
    return document.id or (document.slug if document.type is DocType.ACTOR else "")


def _parsed(data: bytes | None, kind: DocType, path: str) -> Any:
    """None for what is no document."""
    if data is None or not documents.is_document(data[:4096]):
        return None
    return documents.parse(data, kind, path, kinds=None).document or _Bad()


def _differs(before: Version | None, after: Version | None) -> Differs:
    shown = after or before
    assert shown is not None
    what = DELETED if after is None else CREATED if before is None else CHANGED
    if before and after and before.blob == after.blob:
        what = MOVED
    document = shown.document
    is_task = document.type is DocType.TASK
    return Differs(
        id=shown.id,
        type=document.type.value,
        what=what,
        path=after.path if after else "",
        blob=after.blob if after else "",
        old_path=before.path if before else "",
        old_blob=before.blob if before else "",
        title=_plain(document.title),
        state=document.state if is_task else "",
        priority=document.priority if is_task else 3,
        assignee=document.get("assignee") if is_task else None,
        archived=bool(document.get("archived")),
        old_state=before.document.state if before and is_task else "",
        old_assignee=before.document.get("assignee") if before and is_task else None,
    )


def _unreadable(path: str, kind: DocType, row: Changed, identifier: str, before: Document | None) -> Differs:
    was = _differs(Version(identifier, before, row.old), None) if before else None
    if was is None:
        return Differs("", kind.value, UNREADABLE, path, row.new, "", row.old)
    return was._replace(what=UNREADABLE, path=path, blob=row.new)


def _plain(text: str) -> str:
    """Without lone surrogates, which SQLite cannot hold."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _is_text(path: str) -> bool:
    """Whether a name is UTF-8; another is a finding wherever it is checked out."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
