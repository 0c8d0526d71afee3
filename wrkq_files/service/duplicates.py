"""Tasks that may be there twice: what is like a new one, and pairs of those there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from wrkq_files.index.entry import Entry
from wrkq_files.index.query import EXCLUDE, Query
from wrkq_files.model import likeness
from wrkq_files.model.document import path_in_order
from wrkq_files.model.fields import CLOSED_STATES, DocType
from wrkq_files.model.finding import Finding
from wrkq_files.model.likeness import Comparison
from wrkq_files.service import reading, resolve
from wrkq_files.service.tracker import Tracker

#: A pair with less is one by chance more often than not.
LEAST: Final = 0.4
#: A title that is less like a new one is no reason to interrupt anybody.
_SIMILAR: Final = 0.75
_MOST_SIMILAR: Final = 3
#: The title that is the likest is among so many of the full text's.
_CANDIDATES: Final = 50
#: Of a text so many characters are looked at: what comes after that are details.
_OPENING: Final = 300


class Similar(NamedTuple):
    """A task that is there already. ``score``: how alike the titles are, from 0 to 1."""

    score: float
    entry: Entry


class Pair(NamedTuple):
    """Two tasks that may be one; ``other`` is the older one."""

    score: float
    entry: Entry
    other: Entry
    place: likeness.Pair


class Found(NamedTuple):
    """Pairs, best first; ``hidden``: how many tasks were not looked at, by reason."""

    pairs: Sequence[Pair]
    comparison: Comparison
    hidden: Mapping[str, int]
    broken: Sequence[Finding]

    def why(self, pair: Pair) -> str:
        """What the two share, in words."""
        return self.comparison.why(pair.place)


def similar(tracker: Tracker, title: str, address: str) -> list[Similar]:
    """The tasks, closed ones too, whose titles are very like that of the one at ``address``; the three best at most.

    Only that task's folder is looked at afresh: of the rest, what was last seen.
    """
    new = likeness.of_task(title)
    tracker.index.refresh_folder(address.rpartition("/")[0])
    found = {each.path: each for each in tracker.index.titled(new.in_title, _CANDIDATES) if each.address != address}
    there = [*found.values()]
    comparison = Comparison([new, *(likeness.of_task(each.title) for each in there)], weight={})
    scored = [Similar(comparison.titles(0, number), each) for number, each in enumerate(there, 1)]
    near = [each for each in scored if each.score >= _SIMILAR]
    near.sort(key=lambda each: (-each.score, each.entry.state in CLOSED_STATES, each.entry.path))
    return near[:_MOST_SIMILAR]


def pairs(tracker: Tracker, container: str | None = None, *, least: float = LEAST, everything: bool = False) -> Found:
    """Pairs of open tasks that may be one, with a score of ``least`` or more; of all with ``everything``.

    Left out is what somebody has judged: what is a duplicate already, what is related, and parent and child.
    Raises ``not_found`` for a container that does not exist.
    """
    tracker.index.refresh()
    under = _under(tracker, container)
    query = Query(under=under) if everything else Query(under=under, archived=EXCLUDE)
    looked_at = [each for each in tracker.index.find(query) if everything or each.state not in CLOSED_STATES]
    edges = tracker.index.edges()
    settled = {edge.src for edge in edges if edge.kind == "duplicate_of"}
    tasks = sorted((each for each in looked_at if each.id not in settled), key=_age)
    number = {each.id: place for place, each in enumerate(tasks)}
    related = [edge for edge in edges if edge.kind in ("relates_to", "parent")]
    ends = [(number[edge.src], number[edge.dst]) for edge in related if {edge.src, edge.dst} <= number.keys()]
    openings = tracker.index.openings(_OPENING)
    comparison = Comparison([likeness.of_task(e.title, _text(e, openings), e.source or "") for e in tasks])
    found = comparison.pairs(least, {(max(pair), min(pair)) for pair in ends})
    told = [Pair(round(each.score, 2), tasks[each.first], tasks[each.second], each) for each in found]
    told.sort(key=lambda each: (-each.score, each.other.id, each.entry.id))
    return Found(told, comparison, _left_out(tracker, under, everything), reading.faults(tracker, under))


def _under(tracker: Tracker, container: str | None) -> str:
    return resolve.one(tracker, container, (DocType.CONTAINER,)).address if container else ""


def _age(task: Entry) -> tuple[str, str]:
    """The oldest first; what does not say when it was made comes before."""
    return task.created or "", path_in_order(task.path)


def _text(task: Entry, openings: Mapping[str, str]) -> str:
    return " ".join([*task.labels, openings.get(task.path) or ""])


def _left_out(tracker: Tracker, under: str, everything: bool) -> dict[str, int]:
    if everything:
        return {}
    return {name: count for name, count in tracker.index.hidden(Query(under=under)).items() if name != "ideas"}
