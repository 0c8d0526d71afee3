"""What differs: between revisions, between one and the working files, between two documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git.batch import Blobs
from wrkq_files.index.entry import Entry
from wrkq_files.index.events import Events
from wrkq_files.model import layout, versions
from wrkq_files.model.document import Document
from wrkq_files.model.events import Event
from wrkq_files.service import reading, resolve, status
from wrkq_files.service.tracker import Tracker

#: What has no commit yet.
WORKING = ""


class Difference(NamedTuple):
    """``events`` lead from the one to the other; ``text`` is the same as git shows it, where that was asked for."""

    events: Sequence[Event]
    text: str = ""


def diff(tracker: Tracker, words: Sequence[str], *, unified: bool = False) -> Difference:
    """What differs.

    No word: HEAD and the working files. A revision: it and the working files; two (also ``A..B``): both. A document
    narrows that to it; two documents are held against each other. Raises WrkqError ``usage``, ``not_found``.
    """
    revisions, entries = _sorted(tracker, words)
    if len(entries) == 2 and not revisions:
        return _of_documents(tracker, entries[0], entries[1], unified=unified)
    if len(revisions) > 2 or len(entries) > 1:
        hint = "wrkq diff A [B]: two revisions, or two documents"
        raise WrkqError("usage", "that are too many to compare", hint=hint)
    head = tracker.place.head()
    if head is None:
        raise WrkqError("not_found", "there is no commit yet to compare with", hint="git commit makes the first")
    old, new = [*(revisions or [_before(tracker, head)]), head if tracker.ref else WORKING][:2]
    return _of_revisions(tracker, old, new, entries, unified=unified)


def _before(tracker: Tracker, head: str) -> str:
    """What is compared with where no revision is named: HEAD; of a bundle, where it parted from the base."""
    if not tracker.ref:
        return head
    from wrkq_files.git import branches
    from wrkq_files.service.bundles import sides

    return next(iter(branches.merge_bases(tracker.repo, sides.required_base(tracker).tip, head)), head)


def _sorted(tracker: Tracker, words: Sequence[str]) -> tuple[list[str], list[Entry]]:
    """The words as commits and documents; what may be both is a document."""
    revisions: list[str] = []
    entries: list[Entry] = []
    for word in words:
        one, dots, other = word.partition("..")
        if dots and not one.endswith("/"):
            revisions += [_commit(tracker, each or "HEAD") for each in (one, other.removeprefix("."))]
            continue
        try:
            entries.append(resolve.one(tracker, word, resolve.EVERY))
        except WrkqError as error:
            if error.code != "not_found":
                raise
            from wrkq_files.git import revisions as git_revisions

            found = git_revisions.named(tracker.repo, word)
            if found is None:
                raise
            revisions.append(found.id)
    return revisions, entries


def _commit(tracker: Tracker, word: str) -> str:
    from wrkq_files.service import moments

    return moments.commit_at(tracker.repo, tracker.door.now(), word).id


def _of_documents(tracker: Tracker, one: Entry, other: Entry, *, unified: bool) -> Difference:
    if one.type is not other.type:
        message = f"{one.address or '.'} is a {one.type.value}, and {other.address or '.'} a {other.type.value}"
        raise WrkqError("usage", message, hint="compare two of one type")
    before, after = (reading.shown(tracker, each) for each in (one, other))
    pair = versions.Pair(*(_version(shown, other.id) for shown in (before, after)))
    events = [event._replace(blob="", old_blob="") for event in versions.changes(pair) if event.field != "layout"]
    from wrkq_files.git.diff import unified as as_text

    return Difference(events, as_text(other.path, before.text.encode(), after.text.encode()) if unified else "")


def _version(shown: reading.Shown, identifier: str) -> versions.Version:
    """A document as if it were the one of this id; its own says nothing about what differs."""
    entry = shown.entry
    fields = {name: value for name, value in shown.fields.items() if name != "id"}
    return versions.Version(identifier, Document(entry.type, entry.path, fields, shown.body), entry.path)


def _of_revisions(tracker: Tracker, old: str, new: str, entries: Sequence[Entry], *, unified: bool) -> Difference:
    events = Events(tracker.place)
    events.progress = tracker.door.progress
    head = tracker.repo.head() or ""
    for commit in (old, new or head):
        events.upto(commit)
    edited = _edited(tracker) if new == WORKING else {}
    found = events.between(old, new or head, edited)
    wanted = {entry.id for entry in entries}
    chosen = [event for event in found if not wanted or event.id in wanted or about(event) in wanted]
    return Difference(chosen, as_text(tracker, chosen, edited) if unified else "")


def about(event: Event) -> str:
    """The id of what an event concerns: of a comment, what that is on."""
    return layout.owner_of(event.path) or event.id


def as_text(
    tracker: Tracker, events: Sequence[Event], edited: Mapping[str, bytes | None] = MappingProxyType({})
) -> str:
    """The files' differences, each once, as git shows them."""
    from wrkq_files.git.diff import renamed, unified

    last = {(event.path, event.old_blob): event for event in events if event.blob or event.old_blob}
    moved = {event.path: str(event.old) for event in events if event.type.endswith(".moved")}
    texts = []
    with Blobs(tracker.repo) as blobs:
        for event in sorted(last.values(), key=lambda each: each.path):
            old = blobs.one(event.old_blob) if event.old_blob else None
            new = edited.get(event.path) or (blobs.one(event.blob) if event.blob else None)
            path = tracker.repository_path(event.path)
            if origin := moved.get(event.path):
                texts.append(renamed(tracker.repository_path(origin), path, old, new))
            else:
                texts.append(unified(path, old, new))
    return "".join(texts)


def _edited(tracker: Tracker) -> dict[str, bytes | None]:
    """The working files that HEAD does not have as they are, with their bytes."""
    return {path: tracker.read(path) for path in status.uncommitted(tracker)}
