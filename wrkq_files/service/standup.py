"""What was done, is going on and waits: what happened since a moment, and what is so now, section by section."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git import log as git_log
from wrkq_files.git import revisions
from wrkq_files.index.entry import Entry
from wrkq_files.index.query import Query
from wrkq_files.model import sections as sections_of
from wrkq_files.model import urgency
from wrkq_files.model.events import LAYOUT, MENTIONED, RECORDED
from wrkq_files.model.fields import DEFAULT_STATE, DocType
from wrkq_files.model.phrases import address
from wrkq_files.service import columns, moments, planning
from wrkq_files.service.flight import LANDING, TAKEN, Flying
from wrkq_files.service.history import History, Seen, here_and_base, joined, moment
from wrkq_files.service.planning import Mark, Plan
from wrkq_files.service.tracker import Tracker

SECTIONS: Final = ("done", "doing", "in_review", "blocked", "due_soon", "added", "moved", "cancelled")
DONE, DOING, REVIEW, BLOCKED, DUE_SOON, ADDED, MOVED, CANCELLED = SECTIONS
#: Sections that tell of what is so now, by the state that it is called.
_NOW: Final = {"in_progress": DOING, "in_review": REVIEW}
_CLOSED: Final = {"completed": DONE, "cancelled": CANCELLED}
_NOT_DONE: Final = frozenset({MENTIONED, RECORDED})


class Since(NamedTuple):
    """A moment, or a commit: then all that it does not reach has happened since."""

    time: datetime
    commit: str = ""


class Item(NamedTuple):
    """One task of a section, or a feature that moved.

    ``feature`` is the title of the feature it is in (None: in none), ``place`` that one's address. ``actor``: who did
    what the section says, else who is on it. ``time``: when that was, or since when it is so. ``waits_for`` are ids
    and titles, ``reason`` is why it is blocked or cancelled. ``due``: when that is, where it is soon or past and the
    task is not begun. ``is_small``: a subtask or a chore. ``marks``: what other branches say of it.
    """

    id: str
    title: str
    path: str
    feature: str | None
    place: str | None
    actor: str | None = None
    time: datetime | None = None
    assignee: str | None = None
    reviewer: str | None = None
    waits_for: Sequence[tuple[str, str]] = ()
    reason: str | None = None
    old: str | None = None
    new: str | None = None
    due: str | None = None
    is_small: bool = False
    marks: Sequence[Mark] = ()


class Standup(NamedTuple):
    """``sections``: by the names of :data:`SECTIONS`, each in the order of addresses, what is in no feature last.

    ``as_of``: the commit of the base with which the documents here were merged, and which is beside other branches.
    """

    since: Since
    until: datetime
    sections: Mapping[str, Sequence[Item]]
    as_of: str = ""


def since(tracker: Tracker, text: str | None) -> Since:
    """What a revision or a time means; None: yesterday, on a Monday Friday. Raises WrkqError ``usage``."""
    now = tracker.door.now()
    if text is None:
        today = now.astimezone()
        text = (today - timedelta(days=3 if today.weekday() == 0 else 1)).date().isoformat()
    elif found := revisions.named(tracker.repo, text):
        return Since(moment(found.time * 1000), found.id)
    time = moments.moment(text, now, end=False)
    if time is None:
        hint = "2026-01-19, yesterday, 3d; or a branch, a tag, HEAD~3"
        raise WrkqError("usage", f"--since {text}: that is neither a time nor a revision", hint=hint)
    return Since(time)


def standup(tracker: Tracker, begin: Since, actor: str | None = None) -> Standup:
    """What there is to say, here merged with base; of an actor, only what that one did or is assigned to."""
    with planning.plan(tracker) as planned:
        return _standup(planned, begin, actor)


def _standup(planned: Plan, begin: Since, actor: str | None) -> Standup:
    tracker, now = planned.tracker, planned.tracker.door.now()
    away = {each.document.id: each for each in reversed(planned.in_flight.documents) if each.mark}
    with ExitStack() as ends:
        base = planned.as_of if planned.merged else ""
        histories = [ends.enter_context(closing(each)) for each in here_and_base(tracker, base)]
        lives = _lives(tracker, histories, begin)
        entries = tracker.index.find(Query(types=(DocType.TASK, DocType.CONTAINER)))
        chosen = [
            (entry, name)
            for entry in entries
            if (name := _section(entry, lives.get(entry.id), planned.elsewhere(entry.id), now))
        ]
        begun = _begun(histories, [entry for entry, _ in chosen if entry.state in _NOW])
    features = _Features(tracker, [entry for entry in entries if entry.type is DocType.CONTAINER])
    found: dict[str, list[Item]] = {name: [] for name in SECTIONS}
    for entry, name in chosen:
        life = lives.get(entry.id) or _Life()
        item = _item(tracker, features, entry, name, life, begun.get(entry.id))
        due = entry.due if name in (BLOCKED, DUE_SOON) and _is_due_soon(entry, now) else None
        item = item._replace(marks=planned.marks.get(entry.id, ()), due=due)
        if planned.elsewhere(entry.id) and entry.id in away:
            item = _away(item, away[entry.id])
        if actor in (None, entry.assignee, item.actor, item.assignee) or actor in life.actors:
            found[name].append(item)
    known = {entry.id for entry in entries}
    for identifier, life in lives.items():
        if identifier not in known and life.purged and actor in (None, life.purged.get("assignee"), *life.actors):
            found[DONE] += _purged(features, identifier, life)
    ordered = {name: sorted(items, key=lambda item: item.feature is None) for name, items in found.items()}
    return Standup(begin, now, ordered, planned.as_of)


def _away(item: Item, there: Flying) -> Item:
    """A task that somebody is on elsewhere."""
    assignee = there.document.assignee
    return item._replace(actor=assignee or there.who, assignee=assignee or item.assignee, time=there.time)


class _Life:
    """What happened to one document since. ``reached``: the states it came into, each with the last event of it."""

    def __init__(self) -> None:
        self.actors: set[str] = set()
        self.created: Seen | None = None
        self.first_state: str | None = None
        self.reached: dict[str, Seen] = {}
        self.section: tuple[str | None, str | None, Seen] | None = None
        self.purged: Mapping[str, Any] | None = None
        self.path = ""

    def add(self, seen: Seen) -> None:
        event = seen.happened.event
        self.actors |= {seen.actor, *seen.coauthors}
        if seen.about != event.id:  # a comment
            return
        self.path = event.path
        what = event.type.partition(".")[2]
        if what in ("created", "restored") and not event.field:
            self.created = seen if what == "created" else self.created
            self.reached[str((event.new or {}).get("state") or DEFAULT_STATE)] = seen
            self.purged = None
        elif what == "deleted":
            self.purged = event.old or {}
        elif event.type == "task.updated" and event.field == "state":
            self.first_state = self.first_state or str(event.old or DEFAULT_STATE)
            self.reached[str(event.new or DEFAULT_STATE)] = seen
        elif event.type == "feature.section_changed":
            before = self.section[0] if self.section else event.old
            self.section = (before, event.new, seen)


def _lives(tracker: Tracker, histories: Sequence[History], begin: Since) -> dict[str, _Life]:
    """By id, for all to which anything happened."""
    found: dict[str, _Life] = {}
    for seen in joined([_happened(tracker, each, begin) for each in histories]):
        event = seen.happened.event
        if event.type not in _NOT_DONE and event.field != LAYOUT:
            found.setdefault(seen.about, _Life()).add(seen)
    return found


def _happened(tracker: Tracker, history: History, begin: Since) -> Iterator[Seen]:
    """The events since, the oldest first."""
    if not begin.commit:
        return history.ask("event.time >= ?", [int(begin.time.timestamp() * 1000)], newest_first=False)
    if not history.tip:
        return iter(())
    return history.of_commits(git_log.between(tracker.repo, begin.commit, history.tip))


def _section(entry: Entry, life: _Life | None, elsewhere: Sequence[Mark], now: datetime) -> str:
    """Where an entry belongs: each is in one section, or (empty) in none."""
    if entry.type is DocType.CONTAINER:
        return MOVED if life and life.section and life.section[0] != life.section[1] and not entry.archived else ""
    if entry.state in _CLOSED:
        return _CLOSED[entry.state] if life and entry.state in life.reached else ""
    if entry.archived:
        return ""
    if any(each.kind in (LANDING, TAKEN) for each in elsewhere):
        return DOING
    if name := _NOW.get(entry.effective_state) or (BLOCKED if entry.effective_state == "blocked" else ""):
        return name
    if _is_due_soon(entry, now):
        return DUE_SOON
    if life and life.created:
        return ADDED
    return MOVED if life and life.first_state not in (None, entry.state) else ""


def _is_due_soon(entry: Entry, now: datetime) -> bool:
    return urgency.is_due_soon(entry.effective_state, urgency.due_at(entry.due), now.timestamp())


def _begun(histories: Sequence[History], entries: Iterable[Entry]) -> dict[str, Seen]:
    """When each came into the state that it is in, by id."""
    states = {entry.id: entry.state for entry in entries}
    lives: dict[str, _Life] = {}
    for seen in joined([each.of(states) for each in histories]):
        lives.setdefault(seen.happened.event.id, _Life()).add(seen)
    return {each: life.reached[states[each]] for each, life in lives.items() if states[each] in life.reached}


class _Features:
    """The features there are, and what their sections are called."""

    def __init__(self, tracker: Tracker, containers: Iterable[Entry]) -> None:
        self._tracker = tracker
        self._containers = {each.address: each for each in containers}

    def above(self, folder: str) -> tuple[str | None, str | None]:
        """Title and address of the nearest feature that a folder is, or is in."""
        parts = folder.split("/") if folder else []
        for depth in range(len(parts), 0, -1):
            place = "/".join(parts[:depth])
            if (each := self._containers.get(place)) and each.kind == "feature":
                return each.title, place
        return None, None

    def section(self, feature: Entry, slug: str | None) -> str:
        """A section's title for people."""
        project = self._containers.get(feature.project) if feature.project is not None else None
        listed = columns.own(self._tracker, project)
        name = slug or sections_of.default(listed)
        return next((str(each.get("title") or name) for each in listed if each.get("slug") == name), name)


def _item(tracker: Tracker, features: _Features, entry: Entry, name: str, life: _Life, begun: Seen | None) -> Item:
    feature, place = features.above(entry.address if entry.type is DocType.CONTAINER else entry.container)
    is_small = entry.type is DocType.TASK and bool(entry.parent or entry.kind == "chore")
    item = Item(entry.id, entry.title, entry.address, feature, place, assignee=entry.assignee, is_small=is_small)
    if entry.type is DocType.CONTAINER:
        assert life.section is not None
        old, new, seen = life.section
        words = (features.section(entry, old), features.section(entry, new))
        return item._replace(actor=seen.actor, time=seen.time, old=words[0], new=words[1])
    if name in _NOW.values():
        return item._replace(actor=entry.assignee, reviewer=entry.reviewer, time=begun.time if begun else None)
    if name == DUE_SOON:
        return item._replace(actor=entry.assignee)
    if name == BLOCKED:
        reason = entry.document_fields().get("blocked_reason")
        return item._replace(actor=entry.assignee, waits_for=_blockers(tracker, entry), reason=reason)
    did = life.created if name == ADDED else life.reached.get(entry.state)
    item = item._replace(actor=did.actor if did else None, time=did.time if did else None)
    if name == CANCELLED:
        return item._replace(reason=entry.resolution)
    return item._replace(old=life.first_state, new=entry.state) if name == MOVED else item


def _blockers(tracker: Tracker, entry: Entry) -> list[tuple[str, str]]:
    """The open tasks it waits for; what there is not has no title."""
    found = []
    for identifier in tracker.index.blockers(entry.id):
        others = tracker.index.by_id(identifier)
        if not others or others[0].state not in _CLOSED:
            found.append((identifier, others[0].title if others else ""))
    return found


def _purged(features: _Features, identifier: str, life: _Life) -> list[Item]:
    """What is not there any more counts as done where that is how it ended."""
    fields = life.purged or {}
    seen = life.reached.get("completed")
    if not identifier.startswith("T-") or fields.get("state") != "completed" or seen is None:
        return []
    place = address(life.path)
    feature, above = features.above(place.rpartition("/")[0])
    title = str(fields.get("title") or place.rpartition("/")[2])
    is_small = bool(fields.get("parent") or fields.get("kind") == "chore")
    item = Item(identifier, title, place, feature, above, seen.actor, seen.time, is_small=is_small)
    return [item._replace(assignee=fields.get("assignee"))]
