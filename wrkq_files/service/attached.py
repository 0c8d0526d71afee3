"""Which attachments a document has: what reading needs, apart from what writing imports."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from wrkq_files.files import tree
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
    place = tree.inside(tracker.root, folder)
    files = sorted(each for each in place.iterdir() if _is_plain(each)) if place.is_dir() else []
    return [Attachment(entry.id, each.name, f"{folder}/{each.name}", each.stat().st_size) for each in files]


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()
