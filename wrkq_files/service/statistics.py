"""How much was done and how long it took, from git's history: ``docs/stats.md`` defines each figure."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git import history, revisions
from wrkq_files.model.fields import CLOSED_STATES, DocType
from wrkq_files.model.finding import Finding
from wrkq_files.model.lives import COMPLETED, CREATED, STARTED, Turn
from wrkq_files.model.statistics import Ended, Figures, Tally
from wrkq_files.service import lives, periods, resolve
from wrkq_files.service.history import moment
from wrkq_files.service.lives import Task, Told
from wrkq_files.service.tracker import Tracker

PER: Final = ("day", "week", "month")
BY: Final = ("actor", "label", "feature", "kind")
_BEFORE: Final = timedelta(weeks=12)
_MOST: Final = 2000


class Asked(NamedTuple):
    """``container``: only tasks below it. ``since`` None: from the period in which 12 weeks ago lies; ``until`` None:
    to this moment. ``per`` and ``by`` are of :data:`PER` and :data:`BY`.
    """

    container: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    per: str = "week"
    by: str | None = None


class Period(NamedTuple):
    begins: datetime
    figures: Figures


class Row(NamedTuple):
    """``name``: an actor, a label, a kind, a feature's address; None for none. ``title``: a feature's."""

    name: str | None
    title: str | None
    figures: Figures


class Statistics(NamedTuple):
    """``moments``: the beginning, and the end of each period; ``levels``: how many tasks were in which state then.

    ``faults``: what cannot be read at HEAD, and is not there for that.
    """

    since: datetime
    until: datetime
    total: Figures
    periods: Sequence[Period]
    rows: Sequence[Row]
    moments: Sequence[datetime]
    levels: Sequence[Mapping[str, int]]
    faults: Sequence[Finding] = ()


def statistics(tracker: Tracker, asked: Asked) -> Statistics:
    """The figures of a time.

    Who made a change is who the event names, so what an actor completed is what that actor set to completed, whoever
    it was assigned to; reviews and feedback count for the assignee of the task they are on. Each completion counts,
    of a task that is completed again too, and the time it took ends with the last one of the time that is looked at.
    A task that came to be as completed (an import, a squash) counts as created and completed, and took no time that
    anybody knows. What several branches tell of a task is told once, as it came to what HEAD says.

    Raises WrkqError ``not_found``, ``usage``.
    """
    now = _now(tracker)
    under = resolve.one(tracker, asked.container, (DocType.CONTAINER,)).address if asked.container else ""
    told = lives.read(tracker, _milliseconds(now))
    if under:
        tasks = [each for each in told.tasks if each.path.startswith(f"{under}/")]
        told = told._replace(tasks=tasks)
    return _Counting(told, _bounds(told, asked, now), asked).all()


def _now(tracker: Tracker) -> datetime:
    """This moment; for who looks at an earlier commit, the one at which that was made."""
    now, commit = tracker.door.now(), tracker.place.revision
    found = revisions.named(tracker.repo, commit) if commit and not tracker.ref else None
    return min(now, moment(found.time * 1000)) if found else now


def is_cut(tracker: Tracker) -> bool:
    """Whether history begins later here than it did, because the clone is shallow."""
    return history.is_shallow(tracker.repo)


def _bounds(told: Told, asked: Asked, now: datetime) -> list[datetime]:
    """Beginning and end of each period; none ends before the history begins."""
    until = min(asked.until, now) if asked.until else now
    since = asked.since or _begin(until - _BEFORE, asked.per)
    if since >= until:
        raise WrkqError("usage", "there is no time between --since and --until", hint="--since 12w --until today")
    times = [turn.time for task in told.tasks for turn in task.life.turns[:1]]
    if times and (first := _begin(moment(min(times)), asked.per)) < until:
        since = max(since, first)
    found = []
    for each in periods.bounds(since, until, asked.per):
        found.append(each)
        if len(found) > _MOST:
            raise WrkqError("limit", f"more than {_MOST} periods", hint="--per month, or a later --since")
    return found


def _begin(time: datetime, per: str) -> datetime:
    from wrkq_files.service import moments

    return moments.midnight(periods.first_day(time, per))


def _milliseconds(time: datetime) -> int:
    return int(time.timestamp() * 1000)


class _Counting:
    def __init__(self, told: Told, bounds: Sequence[datetime], asked: Asked) -> None:
        self._told, self._bounds, self._by = told, bounds, asked.by
        self._ends = [_milliseconds(each) for each in bounds]
        self._total = Tally()
        self._periods = [Tally() for _ in bounds[1:]]
        self._rows: dict[str | None, Tally] = {}
        self._levels: list[Counter[str]] = [Counter() for _ in bounds]  # first as what each period adds

    def all(self) -> Statistics:
        for task in self._told.tasks:
            self._task(task)
        tasks = {task.id: task for task in self._told.tasks}
        for mark in self._told.marks:
            if mark.on in tasks and (period := self._period(mark.time)) is not None:
                for tally in self._tallies(tasks[mark.on], period, tasks[mark.on].assignee):
                    tally.marks.append(mark)
        return self._statistics()

    def _period(self, time: int) -> int | None:
        """Which one a time lies in: None where in none, and the last has its end."""
        if not self._ends[0] <= time <= self._ends[-1]:
            return None
        return min(bisect_right(self._ends, time), len(self._periods)) - 1

    def _task(self, task: Task) -> None:
        if task.life.begin:
            self._levels[0][task.life.begin.stage] += 1
            self._stands(task, "", task.life.begin.stage)
        started: int | None = None
        for turn in task.life.turns:
            if turn.time > self._ends[-1]:
                return
            started = turn.time if started is None and turn.after.state == STARTED else started
            period = self._period(turn.time)
            level = self._levels[0 if period is None else period + 1]
            level[turn.old] -= turn.before is not None
            level[turn.new] += 1
            self._stands(task, turn.old if turn.before else "", turn.new)
            if period is not None:
                self._turn(task, turn, period, started)

    def _turn(self, task: Task, turn: Turn, period: int, started: int | None) -> None:
        counts = turn.counts
        ended = None
        if COMPLETED in counts and CREATED not in counts:
            birth = task.life.turns[0].time if task.life.begin is None else None
            cycle = None if started is None else turn.time - started
            ended = Ended(cycle, None if birth is None else turn.time - birth, _hours(task))
        elif COMPLETED in counts:
            ended = Ended(None, None, _hours(task))
        for tally in self._tallies(task, period, turn.actor):
            tally.counts.update(counts)
            if ended:
                tally.ended[task.id] = ended

    def _stands(self, task: Task, old: str, new: str) -> None:
        """Counts what is open in the end, in each row that the task is in."""
        change = _is_open(new) - _is_open(old)
        if change and self._by != "actor":
            for name in self._names(task, None):
                self._rows.setdefault(name, Tally()).open += change

    def _tallies(self, task: Task, period: int, actor: str | None) -> list[Tally]:
        rows = [self._rows.setdefault(name, Tally()) for name in self._names(task, actor)]
        return [self._total, self._periods[period], *rows]

    def _names(self, task: Task, actor: str | None) -> Sequence[str | None]:
        """The rows that a task's changes by an actor are counted in."""
        if self._by is None:
            return ()
        if self._by == "label":
            return task.labels or (None,)
        return [{"actor": actor or None, "feature": task.feature, "kind": task.kind}[self._by]]

    def _statistics(self) -> Statistics:
        levels: list[Counter[str]] = []
        for change in self._levels:
            level = Counter(levels[-1]) if levels else Counter[str]()
            level.update(change)
            level.pop("", None)
            levels.append(level)
        for tally, level in zip([*self._periods, self._total], [*levels[1:], levels[-1]], strict=True):
            tally.open = sum(count for state, count in level.items() if _is_open(state))
        return Statistics(
            self._bounds[0],
            self._bounds[-1],
            self._total.figures(),
            [Period(begin, tally.figures()) for begin, tally in zip(self._bounds, self._periods, strict=False)],
            self._listed(),
            self._bounds,
            levels,
            self._told.faults,
        )

    def _listed(self) -> list[Row]:
        """The rows in which there is anything, those with most completions first."""
        found = [
            Row(name, self._told.features.get(name or ""), tally.figures(has_open=self._by != "actor"))
            for name, tally in self._rows.items()
            if tally.counts or tally.marks or tally.open
        ]
        if self._by != "feature":
            found = [row._replace(title=None) for row in found]
        return sorted(found, key=lambda row: (-row.figures.completed, -row.figures.created, row.name or ""))


def _is_open(stage: str) -> bool:
    return bool(stage) and stage not in CLOSED_STATES


def _hours(task: Task) -> tuple[float, float] | None:
    """Estimate and effort, of a task that says both."""
    fields = task.fields
    estimate, actual = fields.get("estimate_hours"), fields.get("actual_hours")
    if isinstance(estimate, (int, float)) and isinstance(actual, (int, float)):
        return float(estimate), float(actual)
    return None
