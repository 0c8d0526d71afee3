"""What happened in a tracker: the events of its history, and who is meant by what commits say."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from wrkq_files.index.events import Events, Happened
from wrkq_files.model import times
from wrkq_files.model.events import Event
from wrkq_files.model.phrases import address, phrase
from wrkq_files.service.tracker import Tracker

#: How an actor is known: a commit's trailer says it, the author's e-mail is that actor's, a closed task was theirs;
#: or nobody knows more than the e-mail.
BY_TRAILER: Final = "trailer"
BY_EMAIL: Final = "email"
INFERRED: Final = "inferred"
UNKNOWN: Final = "unknown"
#: Values that one query takes; SQLite's own limit is higher.
_AT_ONCE: Final = 500
_EPOCH: Final = datetime.fromtimestamp(0, UTC)
#: The end of the year 9998: an operation's id can say any time up to the year 10889.
_LATEST: Final = 253_370_764_799_000


class Seen(NamedTuple):
    """One event, with who is meant. ``coauthors``: actors, else e-mails."""

    happened: Happened
    actor: str
    source: str
    coauthors: Sequence[str] = ()

    @property
    def about(self) -> str:
        """The id of what it concerns: of a comment, what that is on."""
        return self.happened.about

    @property
    def time(self) -> datetime:
        return moment(self.happened.time)


class History:
    """The history that a tracker's HEAD (or revision) reaches; brought up to date when it is made.

    ``tip``: another commit, whose history is read instead; what it stands for is told by ``name``.
    """

    def __init__(self, tracker: Tracker, tip: str | None = None, name: str = "") -> None:
        self.events = Events(tracker.place, keep=not tracker.as_found)
        self.events.progress = tracker.door.progress
        self.tip = tip or tracker.place.head()
        if tip is None and not tracker.place.revision:
            name = f"{tracker.repo.git_dir}\0HEAD"
        self._view = self.events.upto(self.tip, name) if self.tip else None
        self._emails = tracker.actors_by_email()

    def close(self) -> None:
        self.events.close()

    def ask(self, where: str = "1", values: Sequence[Any] = (), *, newest_first: bool = True) -> Iterator[Seen]:
        """The events for which a condition holds: see :meth:`Events.ask`."""
        if self._view is None:
            return
        for each in self.events.ask(self._view, where, values, newest_first=newest_first):
            yield self._seen(each)

    def of(self, identifiers: Collection[str], *, newest_first: bool = False) -> Iterator[Seen]:
        """The events of some documents."""
        listed = list(identifiers)
        if len(listed) > _AT_ONCE:  # then most of it is wanted
            wanted = set(listed)
            yield from (each for each in self.ask(newest_first=newest_first) if each.happened.event.id in wanted)
            return
        marks = ", ".join("?" * len(listed))
        yield from self.ask(f"event.id IN ({marks})", listed, newest_first=newest_first)

    def of_commits(self, commits: Sequence[str], *, newest_first: bool = False) -> Iterator[Seen]:
        """The events of some commits."""
        where = "logged.id IN (SELECT value FROM json_each(?))"
        return self.ask(where, [json.dumps(commits)], newest_first=newest_first)

    def _seen(self, happened: Happened) -> Seen:
        actor, source = self._who(happened)
        others = [self._emails.get(email.casefold(), email) for _, email in happened.coauthors]
        return Seen(happened, actor, source, [each for each in dict.fromkeys(others) if each != actor])

    def _who(self, happened: Happened) -> tuple[str, str]:
        if happened.actor:
            return happened.actor, BY_TRAILER
        if actor := self._emails.get(happened.email.casefold()):
            return actor, BY_EMAIL
        if happened.event.assignee:
            return happened.event.assignee, INFERRED
        return happened.email, UNKNOWN


def here_and_base(tracker: Tracker, base: str = "") -> Iterator[History]:
    """The history of HEAD, and of the base's commit where that has something else; each is to be closed."""
    yield History(tracker)
    if base:
        yield History(tracker, base, f"{tracker.repo.common_dir}\0base")


def joined(told: Sequence[Iterable[Seen]]) -> Iterable[Seen]:
    """What several histories tell, each event once, commits after their parents."""
    if len(told) == 1:
        return told[0]
    found = {(each.happened.number, each.happened.place): each for one in told for each in list(one)}
    return [found[place] for place in sorted(found)]


def moment(milliseconds: int) -> datetime:
    """A time of the event store; one that no calendar has in every time zone is the last that it has."""
    return _EPOCH + timedelta(milliseconds=min(max(milliseconds, 0), _LATEST))


def as_row(seen: Seen) -> dict[str, Any]:
    """An event as JSON has it."""
    happened = seen.happened
    return {
        **of_event(happened.event),
        "time": times.stamp(seen.time),
        "actor": seen.actor,
        "actor_source": seen.source,
        "co_authors": list(seen.coauthors),
        "commit": happened.commit,
        "subject": happened.subject,
        "operation": happened.operation or None,
        "operation_id": happened.ulid or None,
        "via": happened.item or None,
        "workspace": happened.workspace or None,
        "session": happened.session or None,
        "email": happened.email,
    }


def of_event(event: Event) -> dict[str, Any]:
    """What happened, without who and when."""
    moved = event.type.endswith(".moved")
    return {
        "type": event.type,
        "id": event.id or None,
        "path": address(event.path) if event.path else None,
        "file": event.path or None,
        "what": phrase(event),
        "field": event.field or None,
        "from": address(event.old) if moved else event.old,
        "to": address(event.new) if moved else event.new,
        "etag": event.blob or None,
    }
