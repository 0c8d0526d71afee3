"""What to do next: the tasks that are ready, the most urgent first, and why the others are not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.index.entry import Entry
from wrkq_files.index.query import EXCLUDE, Query
from wrkq_files.index.rows import moment
from wrkq_files.model import urgency
from wrkq_files.model.fields import OPEN_STATES, DocType
from wrkq_files.model.finding import Finding
from wrkq_files.model.urgency import Facts, Term
from wrkq_files.service import actors, planning, resolve
from wrkq_files.service.change import Options, Written
from wrkq_files.service.planning import Mark, Plan
from wrkq_files.service.readiness import BLOCKED, RETRY, Readiness, Test, Who
from wrkq_files.service.tracker import Tracker
from wrkq_files.service.ways import WAYS

_NEVER: Final = "~"  # after every rank
#: What is to be done with a task of the queue.
WORK, REVIEW = "work", "review"


class Asked(NamedTuple):
    """What to look at. ``who`` None: for whoever asks. ``feature``: an address or id; ``min_score``: in total.

    ``blocked``: what waits for something, too; ``all_states``: no test at all; ``unblocked_only``: of these, what
    waits for nothing.
    """

    who: str | None = None
    labels: Sequence[str] = ()
    feature: str | None = None
    min_score: int | None = None
    blocked: bool = False
    all_states: bool = False
    unblocked_only: bool = False


class Row(NamedTuple):
    """One task of the queue. ``action``: ``work`` on it, or ``review`` it. ``section`` is its feature's.

    ``reason``: the test it fails and why, None for a ready one (where no test is made, that it is blocked).
    ``due_soon``: within two days, and not begun.
    """

    entry: Entry
    urgency: float
    terms: Sequence[Term]
    section: str | None
    reason: tuple[str, str] | None
    due_soon: bool
    marks: Sequence[Mark]
    action: str


class Found(NamedTuple):
    """``rows`` in their order; ``kept_back``: how many open tasks each test keeps back. ``base`` and ``as_of``: the
    base branch, empty where there is none; ``merged``: whether it has changed anything that is not here.
    ``narrowed``: not every task was looked at. ``broken``: why files cannot be read.
    """

    rows: Sequence[Row]
    kept_back: Mapping[str, int]
    base: str
    as_of: str
    merged: bool
    narrowed: bool
    broken: Sequence[Finding]


class Why(NamedTuple):
    """Every test of one task, and what its urgency is made of."""

    entry: Entry
    tests: Sequence[Test]
    urgency: float
    terms: Sequence[Term]
    marks: Sequence[Mark]


def queue(tracker: Tracker, asked: Asked) -> Found:
    """The queue, as of here merged with base. Raises ``not_found`` for an actor or a feature that does not exist."""
    under = _feature(tracker, asked.feature)
    with planning.plan(tracker) as plan:
        ranking = Ranking(plan, tracker, asked)
        tasks, others = ranking.tasks(under)
        kept = Counter(others)
        rows = []
        for task in tasks:
            fails = None if asked.all_states else ranking.ready.fails(task)
            if fails is not None and not (asked.blocked and ranking.ready.waits(fails, task)):
                kept[fails] += 1
                continue
            if asked.all_states and ranking.ready.is_blocked(task):
                fails = BLOCKED
            rows.append(ranking.row(task, (fails, ranking.ready.reason(fails, task)) if fails else None))
        rows.sort(key=ranking.key)
        narrowed = bool(asked.labels or asked.feature or asked.min_score)
        broken = plan.tracker.index.broken()
        return Found(rows, dict(kept.most_common()), plan.base, plan.as_of, plan.merged, narrowed, broken)


def why(tracker: Tracker, target: str, who: str | None = None) -> Why:
    """Why a task is offered, or is not. Raises ``not_found``, ``usage`` for what is no task."""
    entry = resolve.one(tracker, target, (DocType.TASK,))
    with planning.plan(tracker) as plan:
        ranking = Ranking(plan, tracker, Asked(who))
        found = [each for each in plan.tracker.index.by_id(entry.id) if each.type is DocType.TASK]
        now = found[0] if found else entry
        row = ranking.row(now, None)
        return Why(now, ranking.ready.tests(now), row.urgency, row.terms, row.marks)


def retry(tracker: Tracker, target: str, options: Options, *, reason: str | None = None) -> Written:
    """Gives a task another chance: failed attempts until now do not count any more."""
    from wrkq_files.service import comments

    text = reason or "Another attempt is worth it: earlier ones do not count."
    return comments.add(tracker, target, text, options, kind="note", pairs=[(f"meta.{RETRY}", "true")])


def _feature(tracker: Tracker, text: str | None) -> str | None:
    return resolve.one(tracker, text, (DocType.CONTAINER,)).address if text else None


class Ranking:
    """Which tasks are looked at, and what their place in the order comes from."""

    def __init__(self, plan: Plan, tracker: Tracker, asked: Asked) -> None:
        self._plan, self._asked = plan, asked
        self._now = tracker.door.now()
        config = tracker.config
        self._preset = config.queue_preset
        self._weights = urgency.weights(self._preset, config.queue_weights)
        self.ready = Readiness(plan, _who(tracker, asked.who), self._now)

    def tasks(self, under: str | None) -> tuple[list[Entry], Mapping[str, int]]:
        """What is to be looked at, and how many others are open, by the test that alone keeps them back."""
        asked, index = self._asked, self._plan.tracker.index
        score = max(asked.min_score or 0, 0) or None
        wanted = Query(under=under, labels=tuple(asked.labels), score_min=score, states=OPEN_STATES)
        if asked.all_states:
            wanted = wanted._replace(states=(), archived=EXCLUDE)
        others: Mapping[str, int] = {}
        if asked.all_states or asked.unblocked_only:
            found = index.find(wanted)
        else:
            found, others = index.at_hand(wanted, self.ready.hand)
        once = {each.id: each for each in found}.values()  # two files may have one id
        return [each for each in once if not asked.unblocked_only or not self.ready.is_blocked(each)], others

    def row(self, task: Entry, reason: tuple[str, str] | None) -> Row:
        facts = Facts(
            self._now.timestamp(),
            task.priority,
            task.score_total,
            urgency.due_at(task.due),
            moment(task.created) if task.created else None,
            self.ready.depth(task),
            self.ready.is_blocked(task),
        )
        found = urgency.terms(facts, self._preset, self._weights)
        stand = self.ready.stand(task)
        soon = urgency.is_due_soon(task.effective_state, facts.due, facts.now)
        marks = self._plan.marks.get(task.id, ())
        section, action = stand.slug if stand else None, REVIEW if self.ready.is_to_review(task) else WORK
        return Row(task, urgency.total(found), found, section, reason, soon, marks, action)

    def key(self, row: Row) -> tuple[float, int, str, int, str, str]:
        """The most urgent first; then by section, by hand, what frees more, what is older, and the id."""
        task, stand = row.entry, self.ready.stand(row.entry)
        place = stand.place if stand else 0
        return -row.urgency, place, task.rank or _NEVER, -self.ready.frees(task), task.created or _NEVER, task.id


def _who(tracker: Tracker, named: str | None) -> Who:
    slug = actors.named(tracker, named) if named else None
    who = None if slug else actors.current(tracker)
    slug = slug or (who.slug if who else None)
    entry = tracker.actors().get(slug) if slug else None
    is_agent = entry is not None and entry.document_fields().get("role") == "agent"
    return Who(slug, is_agent or (named is None and tracker.door.agent))


def nothing(found: Found) -> WrkqError:
    """What `next` says where nothing is ready: never silence."""
    if not found.kept_back and found.narrowed:
        return WrkqError("not_found", "no open task is so", hint="wrkq next, without these options")
    if not found.kept_back:
        return WrkqError("not_found", "nothing is open", hint='wrkq add "TITLE" captures something')
    counts = ", ".join(f"{name} {count}" for name, count in found.kept_back.items())
    first = next(iter(found.kept_back))
    return WrkqError(
        "not_found",
        f"nothing is ready; what keeps tasks back: {counts}",
        hint="; ".join(f"{name}: {WAYS[name]}" for name in [*found.kept_back][:3]),
        details={"kept_back": dict(found.kept_back), "first": first},
    )
