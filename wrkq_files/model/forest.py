"""A directed graph as a forest that is read line by line, each node whole in one place.

``edges`` maps a node to those below it, in the order in which they are shown. Everything is linear in the edges and
without recursion: a chain of 10,000 tasks is deeper than Python's stack, and the paths through a row of diamonds are
more than anybody could read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from wrkq_files.model.graph import components

Edges = Mapping[str, Sequence[str]]

#: Why a node is not shown whole where it stands: what is below it is shown further up, or further down, or it is
#: below itself.
ABOVE: Final = "above"
BELOW: Final = "below"
CYCLE: Final = "cycle"


class Line(NamedTuple):
    """One line. ``level`` counts from 0; ``is_last`` of those directly below the same node.

    ``sign``: see :data:`ABOVE`; empty where it is shown whole. ``cut``: how many directly below it are left out,
    because they lie too deep.
    """

    node: str
    level: int
    is_last: bool
    sign: str = ""
    cut: int = 0


def steps(edges: Edges, starts: Iterable[str]) -> dict[str, int]:
    """All nodes that can be reached from ``starts``, in the order of how few steps it takes, with that number."""
    found = dict.fromkeys(starts, 0)
    waiting = list(found)
    for node in waiting:
        for below in edges.get(node, ()):
            if below not in found:
                found[below] = found[node] + 1
                waiting.append(below)
    return found


def roots(edges: Edges, order: Collection[str]) -> list[str]:
    """Nodes from which all others can be reached, in the given order: what is below nothing.

    Of a knot that is below nothing but itself it is the first.
    """
    number: dict[str, int] = {}
    knots = components(edges)
    for place, knot in enumerate(knots):
        number.update(dict.fromkeys(knot, place))
    entered = {number[below] for node in edges for below in edges[node] if number[below] != number[node]}
    first: dict[int, str] = {}
    for node in order:
        if node in number and number[node] not in entered:
            first.setdefault(number[node], node)
    return [*first.values()]


def lines(edges: Edges, starts: Sequence[str], depth: int | None = None) -> Iterator[Line]:
    """The forest below ``starts``, at most ``depth`` steps down.

    A node is shown whole where it is reached in the fewest steps, so that a depth cuts off nothing else than what
    lies deeper. Of every cycle at least one edge is not followed, and marked.
    """
    reached = steps(edges, starts)
    knot = {node: place for place, nodes in enumerate(components(edges)) for node in nodes}
    above: dict[str, str] = {}  # by node: below which other one it is whole
    for node in reached:
        for below in edges.get(node, ()):
            if reached[below] == reached[node] + 1:
                above.setdefault(below, node)
    shown: set[str] = set()
    waiting = _level("", starts, 0)
    while waiting:
        parent, node, level, is_last = waiting.pop()
        if reached[node] != level or above.get(node, "") != parent:
            sign = CYCLE if knot.get(node) == knot.get(parent) else ABOVE if node in shown else BELOW
            yield Line(node, level, is_last, sign)
            continue
        shown.add(node)
        following = edges.get(node, ())
        if depth is not None and level >= depth:
            yield Line(node, level, is_last, cut=sum(reached[each] > depth for each in following))
            continue
        yield Line(node, level, is_last)
        waiting += _level(node, following, level + 1)


def _level(parent: str, nodes: Sequence[str], level: int) -> list[tuple[str, str, int, bool]]:
    """Nodes below one, in the order in which they are popped."""
    return [(parent, node, level, number == 0) for number, node in enumerate(reversed(nodes))]
