"""The board: features in their sections, or tasks by state; here merged with base, with what is in flight."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.index.entry import Entry
from wrkq_files.index.query import EXCLUDE, Query
from wrkq_files.model import progress, urgency
from wrkq_files.model.fields import CLOSED_STATES, DocType
from wrkq_files.model.finding import Finding
from wrkq_files.model.layout import folders_above
from wrkq_files.model.progress import Piece, Progress
from wrkq_files.model.urgency import SOON
from wrkq_files.service import columns, planning, resolve
from wrkq_files.service.columns import Columns
from wrkq_files.service.planning import Mark, Plan
from wrkq_files.service.tracker import Tracker

_HOUR: Final = 3600
_DAY: Final = 25  # hours, at most: clocks are put back
#: The columns of a board of tasks, in their order: effective states that are worth a column.
_SHOWN: Final = ("draft", "open", "blocked", "in_progress", "in_review")
_ALWAYS: Final = frozenset({"open", "in_progress", "in_review"})


class Card(NamedTuple):
    """A feature or a task on a board. ``person``: the owner, or the assignee. ``progress``: of a task None.

    ``blocked``, ``due_soon``: how many of its open tasks are (of a task 0 or 1); ``due``: the earliest of these, as
    in the file. ``branches``: how many documents each other branch has in flight below it. ``suggested``: the section
    it belongs into by its tasks.
    """

    entry: Entry
    person: str | None
    progress: Progress | None
    states: Mapping[str, int]
    blocked: int
    due: str | None
    due_soon: int
    branches: Mapping[str, int]
    marks: Sequence[Mark]
    suggested: str | None


class Stack(NamedTuple):
    """A column and its cards. ``role`` and ``wip_limit`` are a section's; a section that is none has no role."""

    slug: str
    title: str
    role: str
    wip_limit: int | None
    cards: Sequence[Card]

    @property
    def is_over(self) -> bool:
        return self.wip_limit is not None and len(self.cards) > self.wip_limit


class Board(NamedTuple):
    """``project`` None: of features in no project, or of a whole tracker's tasks. ``loose``: open tasks below it that
    are in no feature. ``hidden``: what is left out, by reason.
    """

    project: Entry | None
    progress: Progress
    stacks: Sequence[Stack]
    loose: int = 0
    hidden: Mapping[str, int] = MappingProxyType({})


class Found(NamedTuple):
    """``base`` and ``as_of``: the base branch and its commit; ``merged``: whether it has changed anything since."""

    boards: Sequence[Board]
    base: str
    as_of: str
    merged: bool
    broken: Sequence[Finding]


def features(tracker: Tracker, target: str | None = None) -> Found:
    """The board of a project, or of all. Raises ``not_found``, ``usage`` for what is no project."""
    under = _project(tracker, target)
    with planning.plan(tracker) as plan:
        cards = _Cards(plan, tracker)
        boards = [each for each in columns.of(plan.tracker) if target is None or _address(each) == under]
        suggested = cards.suggestions(boards)
        made = [cards.board(each, suggested) for each in boards]
        return Found(made, plan.base, plan.as_of, plan.merged, plan.tracker.index.broken())


def tasks(tracker: Tracker, target: str | None = None, *, everything: bool = False) -> Found:
    """The tasks of a container, or of all, by effective state; with ``everything`` closed ones and ideas too."""
    under = resolve.one(tracker, target, (DocType.CONTAINER,)) if target else None
    with planning.plan(tracker) as plan:
        cards = _Cards(plan, tracker)
        board = cards.by_state(under, everything=everything)
        return Found([board], plan.base, plan.as_of, plan.merged, plan.tracker.index.broken())


def _project(tracker: Tracker, target: str | None) -> str | None:
    if target is None:
        return None
    entry = resolve.one(tracker, target, (DocType.CONTAINER,))
    if entry.kind != "project":
        kind = entry.kind or "container"
        message = f"{entry.address or '.'} is no project, but a container of kind {kind}: projects have sections"
        raise WrkqError("usage", message, hint=f"wrkq board --tasks {entry.address or '.'}")
    return entry.address


def _address(board: Columns) -> str | None:
    return board.project.address if board.project else None


class _Cards:
    """Makes cards; what several need is looked at once."""

    def __init__(self, plan: Plan, here: Tracker) -> None:
        self._plan, self._here = plan, here
        self._now = here.door.now().timestamp()
        self._pieces: Sequence[Piece] = plan.tracker.index.pieces()
        self._shares = progress.shares(self._pieces)

    @cached_property
    def _own(self) -> Mapping[str | None, Sequence[Piece]]:
        """The tasks of each feature."""
        return _grouped(self._pieces, lambda each: each.feature)

    @cached_property
    def _of_project(self) -> Mapping[str | None, Sequence[Piece]]:
        return _grouped(self._pieces, lambda each: each.project)

    def suggestions(self, boards: Iterable[Columns]) -> dict[str, str]:
        from wrkq_files.service import tidying  # a board of tasks needs none

        return {each.feature.path: each.new for each in tidying.steps(self._here, boards, self._pieces)}

    def board(self, board: Columns, suggested: Mapping[str, str]) -> Board:
        standing: dict[str, list[Card]] = {str(each.get("slug")): [] for each in board.sections}
        for feature in board.features:
            card = self._feature(feature, suggested.get(feature.path))
            standing.setdefault(board.section_of(feature), []).append(card)
        known = {str(each.get("slug")): each for each in board.sections}
        stacks = [
            Stack(slug, columns.title_of(one), str(one.get("role") or ""), one.get("wip_limit"), cards)
            for slug, cards in standing.items()
            for one in (known.get(slug, {"slug": slug}),)
        ]
        own = self._of_project.get(_address(board), ())
        loose = sum(each.feature is None and each.state not in CLOSED_STATES for each in own)
        there = own if board.project else [each for each in own if each.feature is not None]
        return Board(board.project, progress.together(there, self._shares), stacks, loose if board.project else 0)

    def by_state(self, under: Entry | None, *, everything: bool) -> Board:
        address = under.address if under else None
        shown = ("idea", *_SHOWN, "completed", "cancelled") if everything else _SHOWN
        query = Query(under=address, effective_states=shown, archived=EXCLUDE)
        cards: dict[str, list[Card]] = {state: [] for state in shown}
        for each in sorted(self._plan.tracker.index.find(query), key=columns.hand_order):
            cards[each.effective_state].append(self._task(each))
        stacks = [
            Stack(state, state.replace("_", " ").capitalize(), "", None, here)
            for state, here in cards.items()
            if here or state in _ALWAYS
        ]
        own = self._pieces if not address else [e for e in self._pieces if e.path.startswith(f"{address}/")]
        closed, ideas = (sum(each.state in states for each in own) for states in (CLOSED_STATES, ("idea",)))
        hidden = {} if everything else {"closed": closed, "ideas": ideas}
        return Board(under, progress.together(own, self._shares), stacks, hidden=hidden)

    def _feature(self, feature: Entry, suggested: str | None) -> Card:
        own = self._own.get(feature.address, ())
        going = [each for each in own if each.state not in CLOSED_STATES]
        due = min((each.due for each in going if each.due is not None), default=None)
        soon = sum(urgency.is_due_soon(each.effective_state, self._end(each), self._now) for each in going)
        return Card(
            feature,
            feature.document_fields().get("owner"),
            progress.together(own, self._shares),
            Counter(each.effective_state for each in own),
            sum(each.effective_state == "blocked" for each in going),
            self._due(due, going),
            soon,
            self._flying.get(feature.address, {}),
            self._plan.marks.get(feature.id, ()),
            suggested,
        )

    def _task(self, task: Entry) -> Card:
        said = task.due
        due = urgency.due_at(said) if said and task.state not in CLOSED_STATES else None
        return Card(
            task,
            task.assignee,
            None,
            {},
            int(task.effective_state == "blocked"),
            said if due is not None else None,
            int(urgency.is_due_soon(task.effective_state, due, self._now)),
            {},
            self._plan.marks.get(task.id, ()),
            None,
        )

    def _end(self, piece: Piece) -> float | None:
        """When it has to be finished: a day lasts until its end, which only the text tells, where that matters."""
        if piece.due is None or not SOON - _DAY <= (piece.due - self._now) / _HOUR <= SOON:
            return piece.due
        entry = self._plan.tracker.index.entry(piece.path)
        end = urgency.due_at(entry.due) if entry else None
        return piece.due if end is None else end

    def _due(self, due: float | None, going: Sequence[Piece]) -> str | None:
        if due is None:
            return None
        path = next(each.path for each in going if each.due == due)
        entry = self._plan.tracker.index.entry(path)
        return entry.due if entry else None

    @cached_property
    def _flying(self) -> Mapping[str, Mapping[str, int]]:
        """By a feature's address: how many documents below it each branch has in flight."""
        addresses = {each.address for each in self._plan.tracker.index.containers() if each.kind == "feature"}
        found: dict[str, dict[str, int]] = {}
        for each in self._plan.in_flight.documents:
            path = each.document.path or each.document.old_path
            feature = next((folder for folder in folders_above(path) if folder in addresses), None)
            if feature is not None:
                counts = found.setdefault(feature, {})
                counts[each.branch] = counts.get(each.branch, 0) + 1
        return found


def _grouped(pieces: Iterable[Piece], by: Callable[[Piece], str | None]) -> Mapping[str | None, Sequence[Piece]]:
    found: dict[str | None, list[Piece]] = defaultdict(list)
    for each in pieces:
        found[by(each)].append(each)
    return found
