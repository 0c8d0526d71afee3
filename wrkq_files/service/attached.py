"""Which attachments a document has: what reading needs, apart from what writing imports."""

from __future__ import annotations

from typing import NamedTuple

from wrkq_files.index.entry import Entry
from wrkq_files.model import layout
from wrkq_files.service.tracker import Tracker


class Attachment(NamedTuple):
    """``path`` is relative to the tracker's root; ``size`` in bytes."""

    on: str
    name: str
    path: str
    size: int


def of(tracker: Tracker, entry: Entry) -> list[Attachment]:
    """The attachments of a document, by name."""
    if not entry.id:
        return []  # a folder without a document
    folder = layout.attachment_folder(entry.id)
    return [Attachment(entry.id, name, f"{folder}/{name}", size) for name, size in tracker.attachments(entry.id)]
