"""Documents as rows for a list: one mapping a document, its names stable."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from wrkq_files.errors import WrkqError
from wrkq_files.index.entry import Entry
from wrkq_files.model.fields import (
    ACTOR_FIELDS,
    COMMENT_FIELDS,
    CONTAINER_FIELDS,
    TASK_FIELDS,
    WORKSPACE_FIELDS,
    DocType,
)
from wrkq_files.service import origins
from wrkq_files.service.tracker import Tracker

#: What a list row holds unless fields are named.
LEAN: Final = ("id", "path", "title", "state", "priority", "assignee")

#: Columns that are read off the entry itself.
_COLUMNS: Final[Mapping[str, Callable[[Entry], Any]]] = {
    "id": lambda e: e.id,
    "type": lambda e: e.type.value,
    "path": lambda e: e.address,
    "file": lambda e: e.path,
    "slug": lambda e: e.slug,
    "title": lambda e: e.title,
    "state": lambda e: e.state if e.type is DocType.TASK else None,
    "effective_state": lambda e: e.effective_state if e.type is DocType.TASK else None,
    "resolution": lambda e: e.resolution,
    "kind": lambda e: e.kind,
    "priority": lambda e: e.priority if e.type in (DocType.TASK, DocType.CONTAINER) else None,
    "assignee": lambda e: e.assignee,
    "reviewer": lambda e: e.reviewer,
    "parent": lambda e: e.parent,
    "container": lambda e: e.container,
    "project": lambda e: e.project,
    "feature": lambda e: e.feature,
    "section": lambda e: e.section,
    "due": lambda e: e.due,
    "start": lambda e: e.start,
    "archived": lambda e: e.archived,
    "score_total": lambda e: e.score_total,
    "source": lambda e: e.source,
    "rank": lambda e: e.rank,
    "labels": lambda e: list(e.labels),
    "etag": lambda e: e.blob,
    "id_source": lambda e: e.id_source,
    "items_done": lambda e: e.items_done,
    "items_total": lambda e: e.items_total,
    "criteria_open": lambda e: e.criteria_open,
}
#: Columns that git knows, when the file does not.
_FROM_GIT: Final = ("created", "created_by")
#: Columns that only history knows.
_DERIVED: Final = (
    *("created_at", "updated_at", "updated_by", "started_at", "completed_at", "cancelled_at", "cycle_hours"),
    "uncommitted",
)
#: What the base branch has changed since this one left it.
_ON_BASE: Final = "on_base"
#: How far it is, counted from checkboxes, subtasks and tasks.
_PERCENT: Final = "percent"
#: More places than this are looked at all at once, with the rest of the tracker.
_FEW: Final = 4
_TABLES: Final = (TASK_FIELDS, CONTAINER_FIELDS, COMMENT_FIELDS, ACTOR_FIELDS, WORKSPACE_FIELDS)
#: Every name that ``--fields`` takes.
FIELDS: Final = tuple(
    dict.fromkeys([*_COLUMNS, *(name for table in _TABLES for name in table), *_DERIVED, _ON_BASE, _PERCENT])
)


def rows(tracker: Tracker, entries: Iterable[Entry], fields: Sequence[str] = LEAN) -> list[dict[str, Any]]:
    """One mapping for each entry, with exactly the named fields. Raises ``usage`` for an unknown name."""
    unknown = [name for name in fields if name not in FIELDS]
    if unknown:
        import difflib

        near = difflib.get_close_matches(unknown[0], FIELDS, 1)
        hint = f"did you mean {near[0]}?" if near else f"fields: {', '.join(FIELDS)}"
        raise WrkqError("usage", f"there is no field `{unknown[0]}`", hint=hint)
    listed = list(entries)
    derived = origins.of(tracker, listed) if set(fields) & set(_FROM_GIT) else {}
    lives = _lives(tracker, listed) if set(fields) & set(_DERIVED) else {}
    extra: dict[str, Mapping[str, Any]] = {_ON_BASE: _marked(tracker, listed) if _ON_BASE in fields else {}}
    extra[_PERCENT] = _percents(tracker, listed) if _PERCENT in fields else {}
    return [{name: _value(entry, name, derived, lives, extra) for name in fields} for entry in listed]


def _marked(tracker: Tracker, entries: Sequence[Entry]) -> Mapping[str, str]:
    """What has happened to documents on the base branch since, by path."""
    from wrkq_files.service import since_base

    marks = since_base.marks(tracker)
    return {entry.path: word for entry in entries if (word := marks.of(entry))} if marks.changed else {}


def refresh_parts(tracker: Tracker, entries: Iterable[Entry]) -> Collection[tuple[str, bool]] | None:
    """Bring up to date what counts to documents: the subtasks of a task, all below a container.

    Gives the places that this took, see :meth:`Index.pieces`; None where the whole tracker was looked at.
    """
    places = {(e.container, False) for e in entries if e.type is DocType.TASK}
    places |= {(e.address, True) for e in entries if e.type is DocType.CONTAINER}
    if len(places) > _FEW:
        tracker.index.refresh()
        return None
    for address, deep in sorted(places):
        tracker.index.refresh_folder(address, deep=deep)
    return places


def _percents(tracker: Tracker, entries: Sequence[Entry]) -> Mapping[str, int | None]:
    """How far tasks and containers are, by path; archived tasks count for nothing."""
    from wrkq_files.model import progress

    pieces = tracker.index.pieces(refresh_parts(tracker, entries))
    shares, below = progress.shares(pieces), progress.below(pieces)
    found = {
        entry.path: progress.percent(shares.get(entry.id), done=entry.state == "completed")
        for entry in entries
        if entry.type is DocType.TASK
    }
    inside = {
        entry.path: progress.together(below.get(entry.address, ()), shares).percent
        for entry in entries
        if entry.type is DocType.CONTAINER
    }
    return {**found, **inside}


def _lives(tracker: Tracker, entries: Sequence[Entry]) -> Mapping[str, Any]:
    from wrkq_files.service import derived  # brings the event store

    return derived.of(tracker, entries)


def _value(
    entry: Entry,
    name: str,
    derived: Mapping[str, origins.Born],
    lives: Mapping[str, Any],
    extra: Mapping[str, Mapping[str, Any]],
) -> Any:
    if name in _COLUMNS:
        return _COLUMNS[name](entry)
    if name in extra:
        return extra[name].get(entry.path)
    if name in _DERIVED:
        return getattr(lives.get(entry.path), name, None)
    value = entry.document_fields().get(name)
    if value is None and name in _FROM_GIT and entry.path in derived:
        return getattr(derived[entry.path], name)
    return list(value) if isinstance(value, tuple) else value
