"""Bringing a tracker of an older format forward, as one change of its files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.files import legacy
from wrkq_files.files.config_file import FORMAT, format_of
from wrkq_files.files.documents import is_document
from wrkq_files.model import layout
from wrkq_files.model.fields import DocType
from wrkq_files.service.change import Change, FileEdit, Options, Written
from wrkq_files.service.publish import carry_out
from wrkq_files.service.tracker import Door, Tracker, open_tracker


class Step(NamedTuple):
    """One format to the next. Both functions keep every byte that the format did not change.

    ``left`` names what a document still has of the old format afterwards; ``touches``: the fields that may differ.
    """

    document: Callable[[bytes, DocType], bytes]
    settings: Callable[[bytes], bytes]
    left: Callable[[bytes, DocType], Sequence[str]]
    touches: frozenset[str]


#: By the format that it begins with.
MIGRATIONS: Final[Mapping[int, Step]] = MappingProxyType(
    {0: Step(legacy.document_0, legacy.settings_0, legacy.left_0, legacy.TOUCHED_0)}
)


def opened(door: Door) -> Tracker:
    """The tracker, of whatever format its files are."""
    return open_tracker(door, as_found=True)


def migrate(tracker: Tracker, options: Options) -> Written:
    """Makes the files those of the present format; ``unchanged`` where they are.

    ``tracker`` as :func:`opened`. Raises WrkqError ``format`` for a newer format, ``unreadable`` for settings that
    cannot be read, and what a write raises (``dirty_file`` where an uncommitted edit is about the same lines).
    """
    _ = tracker.config  # refused, where it is of a newer format
    found = format_of(tracker.read(layout.CONFIG_NAME) or b"")
    if found == FORMAT:
        return Written("migrate", "unchanged", (), f"nothing to do: the files are of format {FORMAT}", ())
    return carry_out(tracker, lambda: _plan(tracker, found or 0), options)


def steps(start: int, migrations: Mapping[int, Step] = MIGRATIONS) -> list[Step]:
    """What leads from a format to the present one. Raises WrkqError ``format`` where no way does."""
    missing = [number for number in range(start, FORMAT) if number not in migrations]
    if missing or start > FORMAT:
        raise WrkqError("format", f"there is no way from format {start} to {FORMAT}", details={"format": start})
    return [migrations[number] for number in range(start, FORMAT)]


def _plan(tracker: Tracker, start: int) -> Change:
    todo = steps(start)
    touched = frozenset[str]().union(*(step.touches for step in todo))
    _settings(todo, tracker.read(layout.CONFIG_NAME) or b"")  # refused first, where it cannot be read
    edits: list[FileEdit] = [FileEdit.modify(layout.CONFIG_NAME, partial(_settings, todo), {"body", "format"})]
    notes: list[str] = []
    for path, kind, data in _documents(tracker):
        apply = partial(_document, todo, kind)
        new = apply(data)
        if new != data:
            edits.append(FileEdit.modify(path, apply, touched))
        left = [key for step in todo for key in step.left(new, kind)]
        notes += [f"{path}: `{key}` is left as it is: mend it by hand" for key in left]
    notes += [f"{each.place}: cannot be read, and is left as it is" for each in tracker.index.broken()]
    subject = f"format {start} to {FORMAT}: {len(edits)} file{'s' if len(edits) != 1 else ''}"
    return Change("migrate", (), subject, tuple(edits), notes=tuple(notes), data={"from": start, "to": FORMAT})


def _documents(tracker: Tracker) -> list[tuple[str, DocType, bytes]]:
    """Every document's path, type and bytes; comments too."""
    tracker.index.refresh_comments()
    broken = {each.path for each in tracker.index.broken()}
    found: list[tuple[str, DocType, bytes]] = []
    for path in sorted(set(tracker.index.files()) - broken):
        kind = layout.type_of(path)
        data = tracker.read(path) if kind else None
        if kind and data is not None and is_document(data):
            found.append((path, kind, data))
    return found


def _document(todo: Sequence[Step], kind: DocType, data: bytes) -> bytes:
    for step in todo:
        data = step.document(data, kind)
    return data


def _settings(todo: Sequence[Step], data: bytes) -> bytes:
    for step in todo:
        data = step.settings(data)
    return data
