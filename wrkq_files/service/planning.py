"""Here merged with base, and annotated with what is in flight: for whoever plans.

A stale branch says things that the base has long finished; to plan, the documents are read as they would be after a
merge, one by one, and nothing of that is written. Where HEAD holds all that the base does, the tracker is read as it
is.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from wrkq_files.git import read
from wrkq_files.index.differs import CREATED, DELETED, UNREADABLE, Differs
from wrkq_files.index.entry import Entry
from wrkq_files.model.fields import CLOSED_STATES, DocType
from wrkq_files.service import flight, since_base
from wrkq_files.service.change import Options
from wrkq_files.service.flight import LANDING, TAKEN, Flying, InFlight
from wrkq_files.service.since_base import Marks
from wrkq_files.service.tracker import Tracker

ON_BASE: Final = "on_base"
CONFLICT: Final = "conflict"
#: No text of a person has a line of so many of them: what is between is a conflict that the merge has marked.
_MARKER: Final = 43


class Mark(NamedTuple):
    """What is to be known of a document besides what it says.

    ``kind``: ``landing`` (closed on a branch), ``taken`` (somebody is on it there), ``on_base`` (the base has changed
    it since HEAD left it), ``conflict`` (the base and here do not agree: the base's value is shown). ``branch``:
    which one. ``word``: the state there, or what happened; of a conflict the fields.
    """

    kind: str
    branch: str
    word: str

    @property
    def words(self) -> str:
        if self.kind == ON_BASE:
            return f"~ {self.word} on {self.branch}"
        if self.kind == CONFLICT:
            return f"{self.word}: in conflict with {self.branch}"
        return f"{self.kind} {self.branch}"


class Plan(NamedTuple):
    """``tracker`` answers as if here were merged with the base; it must not be written through.

    ``base`` and ``as_of``: the base's name and commit, empty where there is none. ``merged``: whether anything of it
    was merged. ``marks`` are by id; ``in_flight`` is what other branches have changed.
    """

    tracker: Tracker
    base: str
    as_of: str
    merged: bool
    marks: Mapping[str, Sequence[Mark]]
    in_flight: InFlight

    def elsewhere(self, identifier: str) -> list[Mark]:
        """Why a task is not to be offered: another branch has closed it or is on it, or the base has deleted it."""
        if identifier not in self.marks:
            return []
        return [
            each
            for each in self.marks[identifier]
            if each.kind in (LANDING, TAKEN) or (each.kind == ON_BASE and each.word == DELETED)
        ]


@contextlib.contextmanager
def plan(tracker: Tracker) -> Iterator[Plan]:
    """The tracker merged with base, brought up to date. While it is read, other processes' indexes have to wait."""
    tracker.index.refresh()
    marks = since_base.marks(tracker)
    there = flight.in_flight(tracker, others=True)
    found: dict[str, list[Mark]] = {}
    with contextlib.ExitStack() as ends:
        merged = tracker
        others = _elsewhere(tracker, there)
        if marks.changed:
            merging = _Merging(tracker, marks)
            merging.merge()
            found = merging.marks
            merged = _overlaid(tracker, merging.files, ends)
        for each in others:
            if not any(entry.state in CLOSED_STATES for entry in merged.index.by_id(each.document.id)):
                found.setdefault(each.document.id, []).append(Mark(each.mark, each.branch, each.document.state))
        yield Plan(merged, there.base or marks.base, there.as_of, bool(marks.changed), found, there)


def _overlaid(tracker: Tracker, files: Mapping[str, bytes | None], ends: contextlib.ExitStack) -> Tracker:
    from wrkq_files.service.overlay import Overlay

    tracker.index.release()
    overlay = Overlay(tracker, Options())
    overlay.index.follow(tracker.index)
    ends.callback(overlay.close)
    overlay.put(files)
    return overlay


class _Merging:
    """Which files a merge with the base would make otherwise than they are here: their bytes, None where gone."""

    def __init__(self, tracker: Tracker, marks: Marks) -> None:
        self._tracker, self._base = tracker, marks
        self.files: dict[str, bytes | None] = {}
        self.marks: dict[str, list[Mark]] = {}
        comments = [each for each in marks.changed.values() if each.type == DocType.COMMENT.value]
        rows = [each for each in marks.changed.values() if each.type != DocType.COMMENT.value]
        if comments and (tracker.config.queue_max_attempts is not None or tracker.config.policy_require):
            # They count: failed attempts, and references to what has to be there.
            tracker.index.refresh_comments({(each.path or each.old_path).split("/")[-2] for each in comments})
            rows += comments
        self._pairs = [(each, self._here(each)) for each in rows]
        blobs = {each.blob for each, _ in self._pairs} | {
            each.old_blob for each, here in self._pairs if here and here.blob != each.old_blob
        }
        self._blobs = read.blobs(tracker.repo, sorted(blobs - {""}))

    def merge(self) -> None:
        # What goes, or moves away, makes room for what comes.
        for there, here in sorted(self._pairs, key=lambda pair: pair[0].what == CREATED):
            if here is not None and (word := self._base.of(here)):
                self._mark(there, ON_BASE, word)
            if there.what == UNREADABLE:
                continue
            if here is None:
                self._bring(there)
            elif there.what == DELETED:
                self._delete(there, here)
            else:
                self._join(there, here)

    def _here(self, there: Differs) -> Entry | None:
        """The document here; of several with its id, the one that is where it was."""
        found = [each for each in self._tracker.index.by_id(there.id) if each.type.value == there.type and each.blob]
        return next(
            (each for each in found if each.path in (there.old_path, there.path)), found[0] if found else None
        )

    def _bring(self, there: Differs) -> None:
        """A document that is not here: new on the base, or changed there and deleted, or spoilt, here."""
        if there.what == DELETED:
            return
        if there.old_path:
            is_there = self._tracker.index.has_file(there.old_path)
            self._mark(there, CONFLICT, "unreadable here" if is_there else "deleted here")
        if self._is_free(there.path):
            self.files[there.path] = self._blobs[there.blob]
        else:
            self._mark(there, CONFLICT, "path")

    def _delete(self, there: Differs, here: Entry) -> None:
        if here.blob == there.old_blob:
            self.files[here.path] = None
        else:
            self._mark(there, CONFLICT, "changed here")

    def _join(self, there: Differs, here: Entry) -> None:
        theirs = self._blobs[there.blob] or b""
        data = theirs if here.blob in (there.old_blob, there.blob) else self._merged(there, here, theirs)
        path = here.path
        if there.path != here.path and here.path == there.old_path:
            if self._is_free(there.path):
                path = there.path
                self.files[here.path] = None
            else:
                self._mark(there, CONFLICT, "path")
        self.files[path] = data

    def _merged(self, there: Differs, here: Entry, theirs: bytes) -> bytes:
        """Both sides' changes; where they do not agree, the base's."""
        from wrkq_files.service.merging import merge_file

        ours = self._tracker.read(here.path)
        if ours is None:
            return theirs
        before = self._blobs.get(there.old_blob) if there.old_blob else None
        merged = merge_file(self._tracker.repo, here.path, before, ours, theirs, marker_size=_MARKER)
        if not merged.conflicts:
            return merged.data
        self._mark(there, CONFLICT, ", ".join(dict.fromkeys(each.field or "text" for each in merged.conflicts)))
        return decided(merged.data, _MARKER) or theirs

    def _is_free(self, path: str) -> bool:
        if path in self.files:
            return self.files[path] is None
        return self._tracker.index.entry(path) is None

    def _mark(self, there: Differs, kind: str, word: str) -> None:
        self.marks.setdefault(there.id, []).append(Mark(kind, self._base.base, word))


def decided(data: bytes, size: int) -> bytes:
    """A text with every conflict that is marked in it decided for theirs; empty where none is."""
    opening, middle, closing = (mark * size for mark in (b"<", b"=", b">"))
    kept: list[bytes] = []
    is_ours = is_marked = False
    for line in data.splitlines(keepends=True):
        if line.startswith(opening):
            is_ours = is_marked = True
        elif is_ours and line.startswith(middle):
            is_ours = False
        elif not is_ours and not line.startswith(closing):
            kept.append(line)
    return b"".join(kept) if is_marked else b""


def _elsewhere(tracker: Tracker, there: InFlight) -> list[Flying]:
    """What other branches have closed or are on, where that is not here already."""
    marked = [each for each in there.documents if each.mark]
    found = [
        each
        for each in marked
        if all(entry.blob != each.document.blob for entry in tracker.index.by_id(each.document.id))
    ]
    head = tracker.repo.head()
    if not found or head is None:
        return found
    with contextlib.closing(since_base.opened(tracker)) as store:
        bases = store.bases(head, [each.tip for each in found])
    return [each for each in found if bases[each.tip] != (each.tip,)]  # a branch that HEAD holds is no other one
