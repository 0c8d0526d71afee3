"""What no file says because git knows it: when a document was made, last changed, started, completed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from wrkq_files.index.entry import Entry
from wrkq_files.model import times
from wrkq_files.model.events import MENTIONED, RECORDED
from wrkq_files.model.fields import DEFAULT_STATE
from wrkq_files.service.history import History, Seen
from wrkq_files.service.tracker import Tracker

_NOT_CHANGES: Final = frozenset({MENTIONED, RECORDED})
_STARTED: Final = "in_progress"
_CLOSED: Final = ("completed", "cancelled")


class Derived(NamedTuple):
    """Times are as in documents; None for what has not happened. ``created_at`` is the file's own ``created``, where
    it has one. ``cycle_hours``: from the first start to the completion. ``uncommitted``: the file has edits that no
    commit has, and nothing here knows of them.
    """

    created_at: str | None = None
    updated_at: str | None = None
    updated_by: str | None = None
    started_at: str | None = None
    completed_at: str | None = None
    cancelled_at: str | None = None
    cycle_hours: float | None = None
    uncommitted: bool | None = None


def of(tracker: Tracker, entries: Iterable[Entry]) -> dict[str, Derived]:
    """By path, for documents that have an id."""
    listed = [entry for entry in entries if entry.id]
    if not listed:
        return {}
    history = History(tracker)
    lives: dict[str, _Life] = {}
    for seen in history.of({entry.id for entry in listed}):
        lives.setdefault(seen.happened.event.id, _Life()).add(seen)
    edited = _uncommitted(tracker, listed, lives)
    return {entry.path: _derived(entry, lives.get(entry.id) or _Life(), entry.path in edited) for entry in listed}


def unchanged_since(tracker: Tracker, entries: Sequence[Entry], moment: datetime) -> list[Entry]:
    """Those that were committed, and that nothing has changed since."""
    facts = of(tracker, entries)

    def is_stale(entry: Entry) -> bool:
        known = facts.get(entry.path)
        last = times.parse(known.updated_at) if known and known.updated_at else None
        return last is not None and last < moment and not (known and known.uncommitted)

    return [entry for entry in entries if is_stale(entry)]


class _Life:
    """One document's events, told in their order. ``reached``: when it last came into each state."""

    def __init__(self) -> None:
        self.born: datetime | None = None
        self.last: Seen | None = None
        self.started: datetime | None = None
        self.reached: dict[str, datetime] = {}

    def add(self, seen: Seen) -> None:
        event = seen.happened.event
        if event.type in _NOT_CHANGES:
            return
        self.last = seen
        if event.type.endswith((".created", ".restored")) and not event.field:
            self.born = self.born or seen.time
            self._become(str((event.new or {}).get("state") or DEFAULT_STATE), seen.time)
        elif event.type == "task.updated" and event.field == "state":
            self._become(str(event.new), seen.time)

    def _become(self, state: str, time: datetime) -> None:
        self.reached[state] = time
        if state == _STARTED and self.started is None:
            self.started = time


def _derived(entry: Entry, life: _Life, edited: bool) -> Derived:
    done, dropped = (life.reached.get(state) if entry.state == state else None for state in _CLOSED)
    hours = round((done - life.started).total_seconds() / 3600, 2) if done and life.started else None
    return Derived(
        created_at=entry.created or _stamp(life.born),
        updated_at=_stamp(life.last.time if life.last else None),
        updated_by=life.last.actor if life.last else None,
        started_at=_stamp(life.started),
        completed_at=_stamp(done),
        cancelled_at=_stamp(dropped),
        cycle_hours=hours,
        uncommitted=edited or None,
    )


def _uncommitted(tracker: Tracker, entries: Iterable[Entry], lives: Mapping[str, _Life]) -> set[str]:
    """The paths whose bytes are not those of the commit; git is asked only where the last event does not tell."""
    if tracker.place.revision:
        return set()
    doubtful = {
        tracker.repository_path(entry.path): entry
        for entry in entries
        if entry.blob and not _is_last(entry, lives.get(entry.id))
    }
    return edited(tracker, doubtful.values())


def edited(tracker: Tracker, entries: Iterable[Entry]) -> set[str]:
    """The paths of those whose bytes are not the commit's: git is asked about each."""
    from wrkq_files.git import read

    named = {f"HEAD:{tracker.repository_path(entry.path)}": entry for entry in entries}
    blobs = read.ids(tracker.repo, [*named]) if named else {}
    return {entry.path for name, entry in named.items() if blobs[name] != entry.blob}


def _is_last(entry: Entry, life: _Life | None) -> bool:
    return life is not None and life.last is not None and life.last.happened.event.blob == entry.blob


def _stamp(moment: datetime | None) -> str | None:
    return times.stamp(moment) if moment else None
