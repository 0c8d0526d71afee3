"""What waits for what: the tasks around one, or all of them, by who blocks whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from wrkq_files.index.entry import Entry
from wrkq_files.index.query import Query
from wrkq_files.model import forest, states
from wrkq_files.model.document import path_in_order
from wrkq_files.model.fields import CLOSED_STATES, DocType
from wrkq_files.model.finding import Finding
from wrkq_files.service import reading, resolve
from wrkq_files.service.tracker import Tracker

Edges = dict[str, list[str]]


class Freeing(NamedTuple):
    """What finishing a task does. ``frees``: what waits for nothing else; ``waiting``: how many wait for it in all,
    directly or not.
    """

    frees: Sequence[Entry]
    waiting: int


class Graph(NamedTuple):
    """``tasks`` by id, None for one that is missing; ``below``: by id, the ids that are shown below it.

    ``starts``: what it begins with; ``deeper``: how many are left out because they lie too deep; ``hidden``: how many
    because they are closed or archived. ``blockers_below``: below a task stands what it waits for, else what waits
    for it. ``freeing`` is of the one task that was asked for.
    """

    tasks: Mapping[str, Entry | None]
    below: Mapping[str, Sequence[str]]
    starts: Sequence[str]
    blockers_below: bool
    deeper: int
    hidden: Mapping[str, int]
    freeing: Freeing | None
    broken: Sequence[Finding]

    @property
    def edges(self) -> list[tuple[str, str]]:
        """Who blocks, and who waits."""
        pairs = [(node, below) for node in self.tasks for below in self.below.get(node, ()) if below in self.tasks]
        return [(there, here) for here, there in pairs] if self.blockers_below else pairs


def graph(
    tracker: Tracker,
    target: str | None = None,
    *,
    reverse: bool = False,
    everything: bool = False,
    depth: int | None = None,
) -> Graph:
    """What the target waits for, or with ``reverse`` what waits for it; at most ``depth`` steps away.

    Without a target all tasks of which one waits for another: below each what waits for it, or with ``reverse`` what
    it waits for. Closed and archived tasks are left out unless ``everything`` is asked for; a task that is named is
    there in any case. Raises ``not_found``, ``ambiguous``.
    """
    tracker.index.refresh()
    start = resolve.one(tracker, target, (DocType.TASK,)).id if target else None
    web = _Web(tracker)
    blockers_below = (start is None) == reverse
    whole = web.edges(blockers_below=blockers_below, among=web.known)
    shown = {*web.live, *([start] if start else [])}
    below = whole if everything else web.edges(blockers_below=blockers_below, among=shown)
    starts = [start] if start else forest.roots(below, sorted({*below, *_targets(below)}, key=web.place))
    reached = forest.steps(below, starts)
    near = [name for name, steps in reached.items() if depth is None or steps <= depth]
    everywhere = forest.steps(whole, [start]) if start else {*whole, *_targets(whole)}
    return Graph(
        {name: web.tasks.get(name) for name in near},
        below,
        starts,
        blockers_below,
        len(reached) - len(near),
        Counter(web.reason(name) for name in everywhere if name not in reached and name not in shown),
        web.freeing(start) if start else None,
        reading.faults(tracker),
    )


class _Web:
    """All tasks, and which wait for which. ``live`` are those that are neither closed nor archived, what is missing,
    and of the archived what still holds back one of these.
    """

    def __init__(self, tracker: Tracker) -> None:
        found = tracker.index.find(Query())
        self.tasks = {each.id: each for each in reversed(found)}
        self.waits = tracker.index.waits()
        self.known = {*self.tasks, *self.waits, *_targets(self.waits)}
        is_live = {each.id for each in found if each.state not in CLOSED_STATES and not each.archived}
        held = _targets({name: below for name, below in self.waits.items() if name in is_live})
        self.live = is_live | {name for name in held if self.is_open(name)}

    def is_open(self, identifier: str) -> bool:
        """Whether it still blocks; what is missing does."""
        task = self.tasks.get(identifier)
        return task is None or task.state not in CLOSED_STATES

    def place(self, identifier: str) -> tuple[bool, str, str]:
        """By which tasks are put in order: as lists are, what is missing last."""
        task = self.tasks.get(identifier)
        return task is None, path_in_order(task.path) if task else "", identifier

    def reason(self, identifier: str) -> str:
        """Why it is left out."""
        return "closed" if not self.is_open(identifier) else "archived"

    def edges(self, *, blockers_below: bool, among: Collection[str]) -> Edges:
        """By id, what it waits for, or what waits for it; each once, in their order."""
        found: Edges = {}
        for name, blockers in self.waits.items():
            for blocker in dict.fromkeys(blockers):
                if name in among and blocker in among:
                    here, there = (name, blocker) if blockers_below else (blocker, name)
                    found.setdefault(here, []).append(there)
        for below in found.values():
            below.sort(key=self.place)
        return found

    def freeing(self, identifier: str) -> Freeing:
        if not self.is_open(identifier):
            return Freeing((), 0)
        waiting = self.edges(blockers_below=False, among=self.live | {identifier})
        frees = [self.tasks[name] for name in waiting.get(identifier, ()) if self._waits_alone(name, identifier)]
        return Freeing(frees, len(forest.steps(waiting, [identifier])) - 1)

    def _waits_alone(self, name: str, blocker: str) -> bool:
        """Whether nothing else keeps it back, be that no task."""
        if name == blocker or any(self.is_open(each) for each in self.waits[name] if each != blocker):
            return False
        task = self.tasks[name]
        has_reason = bool(task.document_fields().get("blocked_reason"))
        return states.effective(task.state, waits=False, lists_blockers=True, has_reason=has_reason) != "blocked"


def _targets(edges: Mapping[str, Iterable[str]]) -> set[str]:
    return {each for below in edges.values() for each in below}
