"""What needs a hand: tasks that lie about, whose files say less than is true, or that nobody has noticed are ready.

Read-only, and as whoever plans reads: here merged with base, beside what other branches are on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.index.entry import Entry
from wrkq_files.index.query import EXCLUDE, Query
from wrkq_files.model import items, times
from wrkq_files.model.events import MENTIONED, RECORDED
from wrkq_files.model.fields import CLOSED_STATES, OPEN_STATES, SCORE_PARTS, DocType
from wrkq_files.service import derived, planning, resolve
from wrkq_files.service.flight import LANDING
from wrkq_files.service.history import Seen, here_and_base, joined
from wrkq_files.service.planning import Plan
from wrkq_files.service.queue import Asked, Ranking
from wrkq_files.service.tracker import Tracker

#: After so many days nobody is expected to be on it still.
DAYS: Final = 30
#: A score that is high in any tracker; its parts add up to 15 at most.
HIGH: Final = 12
_QUARTER: Final = 4
#: What is found, in this order, and what to type about it; docs/queue.md is generated from this table.
COMMANDS: Final[Mapping[str, str]] = {
    "stale": "wrkq set TASK --state open",
    "unscored": f"wrkq set TASK --score {','.join(f'{part}=N' for part in SCORE_PARTS)}",
    "idle": "wrkq start TASK",
    "unblocked": "wrkq start TASK",
    "likely_done": "wrkq done TASK",
    "past_due": "wrkq set TASK --due 7d",
}
#: What is in review cannot be open at once.
_IN_REVIEW: Final = "wrkq set TASK --state in_progress"


class Row(NamedTuple):
    """One task and what it needs. ``what``: a name of :data:`COMMANDS`; ``detail``: why, in words."""

    what: str
    entry: Entry
    detail: str
    command: str
    urgency: float


class Groomed(NamedTuple):
    """``rows``: by what they need, then the most urgent first; the rest as the queue has it."""

    rows: Sequence[Row]
    base: str
    as_of: str
    merged: bool


def groom(tracker: Tracker, what: Collection[str] = (), under: str | None = None, days: int = DAYS) -> Groomed:
    """Everything of these kinds (none named: of all), below a container.

    Raises ``usage`` for a kind that is none, ``not_found`` for a container that does not exist.
    """
    for name in what:
        if name not in COMMANDS:
            raise WrkqError("usage", f"`{name}` is nothing that groom finds", hint=f"one of {', '.join(COMMANDS)}")
    address = resolve.one(tracker, under, (DocType.CONTAINER,)).address if under else None
    with planning.plan(tracker) as plan:
        look = _Look(plan, tracker, days)
        tasks = look.tasks(address)
        found = []
        for name in COMMANDS:
            if not what or name in what:
                rows = [look.row(name, task, why) for task, why in look.tests[name](tasks)]
                found += sorted(rows, key=lambda row: (-row.urgency, row.entry.id))
        return Groomed(found, plan.base, plan.as_of, plan.merged)


_Told = Iterator[tuple[Entry, str]]


class _Look:
    """Each kind is a generator over tasks that are not closed: those that need it, and why."""

    def __init__(self, plan: Plan, tracker: Tracker, days: int) -> None:
        self._plan, self._here, self._days = plan, tracker, days
        self._index = plan.tracker.index
        self._now = tracker.door.now()
        self._since = self._now - timedelta(days=days)
        self._ranking = Ranking(plan, tracker, Asked())
        self.tests: Mapping[str, Callable[[Sequence[Entry]], _Told]] = {
            name: getattr(self, f"_{name}") for name in COMMANDS
        }

    def tasks(self, under: str | None) -> list[Entry]:
        return self._index.find(Query(states=OPEN_STATES, under=under, archived=EXCLUDE))

    def row(self, name: str, task: Entry, why: str) -> Row:
        command = _IN_REVIEW if name == "stale" and task.state == "in_review" else COMMANDS[name]
        return Row(name, task, why, command.replace("TASK", task.id), self._ranking.row(task, None).urgency)

    def _stale(self, tasks: Sequence[Entry]) -> _Told:
        """In progress or in review, and its document was not touched for so long; nobody is on it elsewhere."""
        begun = [each for each in tasks if each.state in ("in_progress", "in_review") and self._is_ours(each)]
        for task, day in self._untouched(begun):
            yield task, f"{task.state}, last touched {day}"

    def _unscored(self, tasks: Sequence[Entry]) -> _Told:
        """Open and without a score, in a tracker that uses scores: some task has one."""
        if any(each.score_total is not None for each in self._index.find(Query(archived=EXCLUDE))):
            for task in tasks:
                if task.state == "open" and task.score_total is None and not self._is_landing(task):
                    yield task, "no score"

    def _idle(self, tasks: Sequence[Entry]) -> _Told:
        """Ready, with a score in the top quarter of the open tasks', or of 12 and more, and untouched for so long."""
        high = min(self._top_quarter, HIGH)
        ready = self._ranking.ready
        chosen = [each for each in tasks if each.state == "open" and (each.score_total or 0) >= high]
        for task, day in self._untouched([each for each in chosen if ready.fails(each) is None]):
            yield task, f"score {task.score_total}, last touched {day}"

    def _unblocked(self, tasks: Sequence[Entry]) -> _Told:
        """What all it waited for was closed, the last of it within so many days, and nobody has started."""
        waits = self._index.waits()
        freed = [
            each for each in tasks if each.id in waits and each.effective_state == "open" and self._is_ours(each)
        ]
        lives = self._lives({blocker for each in freed for blocker in waits[each.id]})
        for task in freed:
            closed = [lives[each].closed for each in waits[task.id] if each in lives]
            last = max((time for time in closed if time), default=None)
            if last is not None and last >= self._since:
                yield task, f"free since {_day(last)}"

    def _likely_done(self, tasks: Sequence[Entry]) -> _Told:
        """Open or in progress, with each acceptance item ticked, or each subtask closed and one of them completed."""
        children = self._children
        for task in tasks:
            if task.state not in ("open", "in_progress") or not self._is_ours(task):
                continue
            states = children.get(task.id, ())
            if task.items_done and not task.criteria_open and (count := self._ticked(task)):
                yield (
                    task,
                    "the acceptance item is ticked" if count == 1 else f"all {count} acceptance items are ticked",
                )
            elif "completed" in states and CLOSED_STATES.issuperset(states):
                yield task, "the subtask is closed" if len(states) == 1 else f"all {len(states)} subtasks are closed"

    def _past_due(self, tasks: Sequence[Entry]) -> _Told:
        """Past due, and not closed, be it on a branch."""
        for task in tasks:
            end = times.deadline(task.due) if task.due else None
            if end is not None and end < self._now and not self._is_landing(task):
                yield task, f"due {task.due}"

    # What they ask

    def _is_ours(self, task: Entry) -> bool:
        """Whether no other branch is on it, or has closed it."""
        return not self._plan.elsewhere(task.id)

    def _is_landing(self, task: Entry) -> bool:
        return any(mark.kind == LANDING for mark in self._plan.elsewhere(task.id))

    @cached_property
    def _top_quarter(self) -> int:
        """The lowest score in the top quarter of those of open tasks."""
        scores = [each.score_total for each in self.tasks(None) if each.state == "open"]
        ordered = sorted((each for each in scores if each is not None), reverse=True)
        return ordered[math.ceil(len(ordered) / _QUARTER) - 1] if ordered else HIGH

    @cached_property
    def _children(self) -> Mapping[str, Sequence[str]]:
        """The states of each task's subtasks, archived ones too."""
        states = {each.id: each.state for each in self._index.find(Query(kinds=("subtask",)))}
        found: dict[str, list[str]] = {}
        for edge in self._index.edges("parent"):
            if edge.src in states:
                found.setdefault(edge.dst, []).append(states[edge.src])
        return found

    def _ticked(self, task: Entry) -> int:
        """How many acceptance items are done."""
        found = items.find_items(self._index.body(task.path))
        return sum(item.is_criterion and item.state == "done" for item in found)

    def _untouched(self, tasks: Sequence[Entry]) -> _Told:
        """Those that nothing has touched for so long, and since when; one never committed is new."""
        lives = self._lives({each.id for each in tasks})
        for task in tasks:
            life = lives.get(task.id)
            if life is not None and life.touched < self._since:
                yield task, _day(life.touched)

    def _lives(self, identifiers: Collection[str]) -> dict[str, _Life]:
        """What history, other branches and edits of the files tell of some documents, by ids; all in one pass."""
        found: dict[str, _Life] = {}
        if not identifiers:
            return found
        with ExitStack() as ends:
            base = self._plan.as_of if self._plan.merged else ""
            histories = [ends.enter_context(closing(each)) for each in here_and_base(self._here, base)]
            for seen in joined([each.of(identifiers) for each in histories]):
                if seen.happened.event.type not in (MENTIONED, RECORDED):
                    found.setdefault(seen.happened.event.id, _Life(seen.time)).add(seen)
        for there in self._plan.in_flight.documents:
            if life := found.get(there.document.id):
                life.touched = max(life.touched, there.time)
        for task in self._edited(found):
            found[task.id].edit(task.state, self._now)
        return found

    def _edited(self, lives: Mapping[str, _Life]) -> Iterable[Entry]:
        """The tasks here whose files have edits that no commit has."""
        here = [each for identifier in lives for each in self._here.index.by_id(identifier)]
        doubtful = [each for each in here if each.blob and each.blob != lives[each.id].blob]
        paths = derived.edited(self._here, doubtful)
        return [each for each in doubtful if each.path in paths]


class _Life:
    """When a document was last touched, and closed (None: it is not); ``blob``: what it last became."""

    def __init__(self, time: datetime) -> None:
        self.touched = time
        self.closed: datetime | None = None
        self.blob: str | None = None

    def add(self, seen: Seen) -> None:
        event = seen.happened.event
        self.touched = max(self.touched, seen.time)
        self.blob = event.blob
        if event.type.endswith((".created", ".restored")) and not event.field:
            self._become(str((event.new or {}).get("state")), seen.time)
        elif event.type == "task.updated" and event.field == "state":
            self._become(str(event.new), seen.time)

    def edit(self, state: str, now: datetime) -> None:
        self.touched = now
        self._become(state, self.closed or now)

    def _become(self, state: str, time: datetime) -> None:
        self.closed = time if state in CLOSED_STATES else None


def _day(time: datetime) -> str:
    return times.stamp(time)[:10]
