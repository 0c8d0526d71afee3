"""What others did that concerns somebody: tasks of theirs, and texts that name them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from wrkq_files.git import log as git_log
from wrkq_files.git.batch import Blobs
from wrkq_files.index import inbox
from wrkq_files.index.query import Query
from wrkq_files.model import mentions, times
from wrkq_files.model.events import BODY, LAYOUT, RECORDED, Event
from wrkq_files.model.fields import DocType
from wrkq_files.model.layout import type_of
from wrkq_files.service import actors, log
from wrkq_files.service.history import History, Seen
from wrkq_files.service.log import Deed
from wrkq_files.service.tracker import Tracker

ASSIGNEE, REVIEWER, PARTICIPANT, MENTIONED = "assignee", "reviewer", "participant", "mentioned"
#: What somebody who has never said what they read is told of.
_AT_FIRST: Final = timedelta(days=7)
#: The fields that make a task somebody's, and as what.
_ROLES: Final[Mapping[str, str]] = {"assignee": ASSIGNEE, "reviewer": REVIEWER, "participants": PARTICIPANT}
_WHOLE: Final = (".created", ".restored", ".deleted")

_NONE: Final[frozenset[str]] = frozenset()


class _Turn(NamedTuple):
    """What somebody is in a task by an event (before or after it), and from then on."""

    place: tuple[int, int]
    at: frozenset[str]
    after: frozenset[str]


class News(NamedTuple):
    """The oldest first. ``why``: one word for each event of the deeds, in their order.

    ``since`` is the time from which on they are told, None where they follow what was read last. ``lost``: what was
    read last is not part of the history any more.
    """

    deeds: Sequence[Deed]
    why: Sequence[str]
    since: datetime | None
    lost: bool
    tip: str | None


def news(tracker: Tracker, slug: str) -> News:
    """What happened since an actor last said to have read all. Raises WrkqError ``busy``, ``io``, ``index``."""
    read = inbox.get(tracker.place, slug)
    with closing(History(tracker)) as history:
        since, unread = _unread(tracker, history, read)
        why = _Why(tracker, history, slug)
        found: list[Seen] = []
        reasons: dict[tuple[int, int], str] = {}
        for seen in unread:
            if seen.actor != slug and (reason := why.of(seen)):
                found.append(seen)
                reasons[_place(seen)] = reason
        why.close()
    deeds = [*log.deeds(found)][::-1]
    words = [reasons[_place(seen)] for deed in deeds for seen in deed.events]
    return News(deeds, words, since, bool(read and since), history.tip)


def acknowledge(tracker: Tracker, slug: str, tip: str) -> None:
    """All that a commit reaches has been read. Raises WrkqError ``busy``, ``io``, ``index``."""
    inbox.put(tracker.place, slug, inbox.Read(tip, times.stamp(tracker.door.now())))


def rows(tracker: Tracker, found: News) -> list[dict[str, Any]]:
    """The events as rows."""
    return [{**row, "why": why} for row, why in zip(log.rows(tracker, found.deeds), found.why, strict=True)]


def who(tracker: Tracker) -> str:
    """Whose news they are. Raises WrkqError ``refused``, ``not_found``."""
    return actors.required(tracker).slug


def _unread(tracker: Tracker, history: History, read: inbox.Read | None) -> tuple[datetime | None, Iterator[Seen]]:
    """The events since, the latest first; the time from which on, where no commit can tell."""
    if read and history.tip and git_log.is_ancestor(tracker.repo, read.tip, history.tip):
        return None, history.of_commits(git_log.between(tracker.repo, read.tip, history.tip), newest_first=True)
    since = times.parse(read.time) if read else None
    since = since or tracker.door.now() - _AT_FIRST
    return since, history.ask("event.time >= ?", [int(since.timestamp() * 1000)])


class _Why:
    """Why events concern an actor. ``parts``: what the actor is in a task."""

    def __init__(self, tracker: Tracker, history: History, slug: str) -> None:
        self._tracker, self._slug = tracker, slug
        self._blobs = Blobs(tracker.repo)
        self._now = _parts_now(tracker, slug)
        self._lives: dict[str, list[_Turn]] = {}
        where = "instr(coalesce(event.old, '') || coalesce(event.new, ''), ?) AND event.type LIKE 'task.%'"
        for seen in history.ask(where, [json.dumps(slug)], newest_first=False):
            self._live(seen)

    def close(self) -> None:
        self._blobs.close()

    def of(self, seen: Seen) -> str:
        """One word; empty where it does not."""
        event = seen.happened.event
        if event.field == LAYOUT or event.type == RECORDED:
            return ""
        parts = self._now.get(seen.about, _NONE) | self._then(seen)
        return next((each for each in _ROLES.values() if each in parts), MENTIONED if self._is_named(event) else "")

    def _live(self, seen: Seen) -> None:
        """Note what an event makes of the actor's parts."""
        event = seen.happened.event
        life = self._lives.setdefault(event.id, [])
        had = life[-1].after if life else _NONE
        if event.type.endswith(_WHOLE) and not event.field:
            after = _parts(event.new or {}, self._slug)
            life.append(_Turn(_place(seen), had | after | _parts(event.old or {}, self._slug), after))
        elif part := _ROLES.get(event.field):
            after = had | {part} if _is_in(event.new, self._slug) else had - {part}
            life.append(_Turn(_place(seen), had | after | {part}, after))

    def _then(self, seen: Seen) -> frozenset[str]:
        """The actor's parts in the task when it happened, and by it."""
        place, found = _place(seen), _NONE
        for turn in self._lives.get(seen.about, ()):
            if turn.place > place:
                break
            found = turn.at if turn.place == place else turn.after
        return found

    def _is_named(self, event: Event) -> bool:
        """Whether the text that the event brings names the actor more often than the one before."""
        if event.field != BODY and not event.type.endswith((".created", ".restored")):
            return False
        old, new = (self._named(event.path, blob) for blob in (event.old_blob, event.blob))
        return new > old

    def _named(self, path: str, blob: str) -> int:
        kind = type_of(path)
        data = self._blobs.one(blob) if blob and kind else None
        if kind is None or data is None or b"@" not in data:
            return 0
        document = self._tracker.parse(data, kind, path).document
        return mentions.count(document.body, self._slug) if document else 0


def _parts_now(tracker: Tracker, slug: str) -> dict[str, frozenset[str]]:
    """The tasks that are somebody's now, and as what."""
    tracker.index.refresh()
    listed = tracker.index.find(Query(types=(DocType.TASK,)))
    return {entry.id: _parts(entry.document_fields(), slug) for entry in listed if slug in entry.more}


def _parts(fields: Mapping[str, Any], slug: str) -> frozenset[str]:
    return frozenset(part for name, part in _ROLES.items() if _is_in(fields.get(name), slug))


def _is_in(value: Any, slug: str) -> bool:
    if isinstance(value, (list, tuple)):
        return any(isinstance(each, Mapping) and each.get("actor") == slug for each in value)
    return bool(value == slug)


def _place(seen: Seen) -> tuple[int, int]:
    return (seen.happened.number, seen.happened.place)
