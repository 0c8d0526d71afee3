"""Urgency: the number that orders the queue, a sum of named terms, each with a weight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import Final, NamedTuple

from wrkq_files.model import times

_HOUR: Final = 3600.0
_DAY: Final = 24 * _HOUR
#: Points of each priority, 1 to 4, before the weight.
_PRIORITY: Final[Mapping[int, float]] = MappingProxyType({1: 5.0, 2: 2.0, 3: 0.0, 4: -5.0})
#: Days until it is due, less than which it has these points.
_DUE: Final = ((0.0, 4.0), (2.0, 3.0), (7.0, 2.0), (14.0, 1.0))
#: What is due within so many hours, and not begun, is flagged.
SOON: Final = 48
_NOT_BEGUN: Final = frozenset({"idea", "draft", "open", "blocked"})
#: The weight of each term that a preset counts; docs/queue.md is generated from this table.
PRESETS: Final[Mapping[str, Mapping[str, float]]] = MappingProxyType(
    {
        "standard": MappingProxyType({"priority": 1.0, "score": 0.3, "due": 1.0, "age": 0.1, "depth": 0.5}),
        "rubric": MappingProxyType({"score": 1.0, "blocked": -100.0}),
        "age-depth": MappingProxyType({"priority": 1.0, "age": 0.1, "depth": 0.5}),
    }
)
#: What each term counts, and in what.
TERMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "priority": "5, 2, 0, -5 for priorities 1 to 4",
        "score": "the sum of the score's parts",
        "due": "4 past due, 3 within 2 days, 2 within 7, 1 within 14",
        "age": "hours since it was created",
        "depth": "the longest chain of open tasks that wait for it",
        "blocked": "1 for what waits for something",
    }
)
#: The most points that a term can give, by preset.
MOST: Final[Mapping[str, Mapping[str, float]]] = MappingProxyType({"standard": MappingProxyType({"age": 2.0})})


class Facts(NamedTuple):
    """What urgency is computed from. Times are seconds since 1970; None where the task says nothing."""

    now: float
    priority: int
    score_total: int | None = None
    due: float | None = None
    created: float | None = None
    depth: int = 0
    blocked: bool = False


class Term(NamedTuple):
    """One summand: ``points`` = ``weight`` × ``amount``, or the most that the preset allows."""

    name: str
    amount: float
    weight: float
    points: float


def weights(preset: str, own: Mapping[str, float]) -> dict[str, float]:
    """The preset's weights, with those that the settings say in their place."""
    return {**PRESETS[preset], **own}


def terms(facts: Facts, preset: str, weighted: Mapping[str, float]) -> list[Term]:
    """Every term that counts, in the table's order; those that come to nothing are left out."""
    most = MOST.get(preset, {})
    found = []
    for name in TERMS:
        weight = weighted.get(name, 0.0)
        amount = _amount(name, facts) if weight else 0.0
        if points := weight * amount:
            found.append(Term(name, amount, weight, min(points, most.get(name, points))))
    return found


def total(found: Sequence[Term]) -> float:
    """Rounded, so that two sums of the same terms are the same number."""
    return round(sum(term.points for term in found), 3)


def due_at(text: str | None) -> float | None:
    """The moment after which something is past due, in seconds since 1970; None for no time."""
    end = times.deadline(text) if text else None
    return end.timestamp() if end else None


def is_due_soon(state: str, due: float | None, now: float) -> bool:
    """Whether a task in this state is not begun, and due within :data:`SOON` hours, or past due."""
    return state in _NOT_BEGUN and due is not None and due - now < SOON * _HOUR


def _amount(name: str, facts: Facts) -> float:
    if name == "priority":
        return _PRIORITY[facts.priority]
    if name == "score":
        return float(facts.score_total or 0)
    if name == "due":
        return _due(facts)
    if name == "age":
        return max(0.0, facts.now - facts.created) / _HOUR if facts.created is not None else 0.0
    return float(facts.depth if name == "depth" else facts.blocked)


def _due(facts: Facts) -> float:
    if facts.due is None:
        return 0.0
    days = (facts.due - facts.now) / _DAY
    return next((points for limit, points in _DUE if days < limit), 0.0)


def depths(waits: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """How long the longest chain is that waits for each task; ``waits``: who waits for whom, of open tasks alone.

    A cycle counts each of its tasks once; linear in the edges, without recursion.
    """
    found = dict.fromkeys(waits, 0)
    left = Counter(chain.from_iterable(waits.values()))  # of each task: who waits for it and was not looked at yet
    found |= dict.fromkeys(left, 0)
    ready = [task for task in found if task not in left]
    for task in ready:  # it grows
        below = found[task] + 1
        for blocker in waits.get(task, ()):
            if found[blocker] < below:
                found[blocker] = below
            left[blocker] -= 1
            if not left[blocker]:
                ready.append(blocker)
    return found if len(ready) == len(found) else _with_cycles(waits)


def _with_cycles(waits: Mapping[str, Sequence[str]]) -> dict[str, int]:
    waiting: dict[str, list[str]] = {}
    for task, blockers in waits.items():
        for blocker in blockers:
            waiting.setdefault(blocker, []).append(task)
    found: dict[str, int] = {}
    begun: set[str] = set()
    for start in waiting:
        path = [(start, iter(waiting[start]))] if start not in begun else []
        begun.add(start)
        while path:
            here, ahead = path[-1]
            following = next((each for each in ahead if each not in begun), None)
            if following is not None:
                begun.add(following)
                path.append((following, iter(waiting.get(following, ()))))
            else:
                found[here] = max((found.get(each, 0) + 1 for each in waiting.get(here, ())), default=0)
                path.pop()
    return found
