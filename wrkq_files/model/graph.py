"""What hangs together in a directed graph: its knots, and the cycles in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def cycles(edges: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """One cycle for each knot of nodes that reach each other, smallest name first; a self-loop is one of length 1.

    ``edges`` maps a node to the nodes it points at.
    """
    found = []
    for component in components(edges):
        if len(component) > 1 or component[0] in edges.get(component[0], ()):
            found.append(_cycle_in(edges, set(component)))
    return sorted(found)


def components(edges: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """The nodes, together where they reach each other: a component stands after all that it points at.

    Tarjan's strongly connected components (SIAM J. Comput. 1, 1972), without recursion: a chain of 10,000 tasks is
    deeper than Python's stack.
    """
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    components: list[list[str]] = []
    for root in edges:
        if root in number:
            continue
        work = [(root, iter(edges.get(root, ())))]
        _enter(root, number, low, stack, on_stack)
        while work:
            node, targets = work[-1]
            target = next(targets, None)
            if target is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == number[node]:
                    components.append(_leave(node, stack, on_stack))
            elif target not in number:
                _enter(target, number, low, stack, on_stack)
                work.append((target, iter(edges.get(target, ()))))
            elif target in on_stack:
                low[node] = min(low[node], number[target])
    return components


def _cycle_in(edges: Mapping[str, Sequence[str]], members: set[str]) -> list[str]:
    """Walks inside the component from its smallest node until a node comes again."""
    walk = [min(members)]
    place = {walk[0]: 0}
    while True:
        step = min(node for node in edges[walk[-1]] if node in members)
        if step in place:
            cycle = walk[place[step] :]
            first = cycle.index(min(cycle))
            return cycle[first:] + cycle[:first]
        place[step] = len(walk)
        walk.append(step)


def _enter(node: str, number: dict[str, int], low: dict[str, int], stack: list[str], on_stack: set[str]) -> None:
    number[node] = low[node] = len(number)
    stack.append(node)
    on_stack.add(node)


def _leave(node: str, stack: list[str], on_stack: set[str]) -> list[str]:
    component: list[str] = []
    while not component or component[-1] != node:
        component.append(stack.pop())
        on_stack.discard(component[-1])
    return component
