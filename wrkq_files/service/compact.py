"""Taking what has long been archived out of the tree; history keeps it, and ``restore`` and ``log`` reach it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.index.entry import Entry
from wrkq_files.index.query import ONLY, Query
from wrkq_files.model import layout, times
from wrkq_files.model.fields import DocType
from wrkq_files.service import remove, resolve
from wrkq_files.service.change import Change, FileEdit, Options, Written
from wrkq_files.service.publish import carry_out
from wrkq_files.service.tracker import Tracker

_NAMED = 50


class Plan(NamedTuple):
    """``purged`` go with all they hold; ``kept`` are as old, and something that stays refers to them. ``files`` and
    ``size`` (bytes) are what the tree gets smaller by, ``total`` what all of the tracker's files have now.
    """

    purged: Sequence[Entry]
    kept: Sequence[Entry]
    edits: Sequence[FileEdit]
    files: int
    size: int
    total: int


def plan(tracker: Tracker, before: datetime) -> Plan:
    """What was archived before a time."""
    tracker.index.refresh()
    tracker.index.refresh_comments()
    old = [entry for entry in tracker.index.find(Query(types=resolve.ANY, archived=ONLY)) if _is_old(entry, before)]
    folders = {f"{entry.address}/" for entry in old if entry.type is DocType.CONTAINER and entry.address}
    tops = [entry for entry in old if not any(entry.address.startswith(each) for each in folders)]
    purged, kept, edits = list(tops), list[Entry](), list[FileEdit]()
    while purged:
        try:
            edits = remove.purging(tracker, purged, Options())
            break
        except WrkqError as error:
            held = {str(each["to"]) for each in error.details.get("references", ())}
            stay = [entry for entry in purged if held & {entry.id, *_below(tracker, entry)}]
            if not stay:
                raise
            kept += stay
            purged = [entry for entry in purged if entry not in stay]
    paths = [edit.path for edit in edits if edit.path and edit.to is None]
    sizes = _sizes(tracker)
    return Plan(purged, kept, edits, len(paths), sum(sizes.get(path, 0) for path in paths), sum(sizes.values()))


def compact(tracker: Tracker, before: datetime, options: Options) -> Written:
    """Purges it, in one change."""

    def change() -> Change:
        found = plan(tracker, before)
        count = len(found.purged)
        # A trailer of thousands of ids helps nobody: what was purged is in the difference.
        ids = tuple(entry.id for entry in found.purged if entry.id) if count <= _NAMED else ()
        subject = f"compact: {count} archived document{'s' * (count != 1)} purged"
        return Change("compact", ids, subject, tuple(found.edits))

    return carry_out(tracker, change, options)


def _is_old(entry: Entry, before: datetime) -> bool:
    value = entry.document_fields().get("archived")
    moment = times.parse(value) if isinstance(value, str) else None
    return moment is not None and moment < before


def _below(tracker: Tracker, entry: Entry) -> set[str]:
    if entry.type is not DocType.CONTAINER:
        return set()
    return {each.id for each in tracker.index.find(Query(types=resolve.ANY, under=entry.address))}


def _sizes(tracker: Tracker) -> dict[str, int]:
    """The bytes of the tracker's files: Markdown, and what is attached."""
    found = {path: stat[2] for path, (stat, _) in tracker.index.files().items()}
    for place in (tracker.root / layout.ATTACHMENTS).rglob("*"):
        if place.is_file():
            found[place.relative_to(tracker.root).as_posix()] = place.lstat().st_size
    return found
