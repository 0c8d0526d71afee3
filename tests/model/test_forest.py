"""Graphs as lines, against who reaches whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wrkq_files.model.forest import ABOVE, BELOW, CYCLE, Line, lines, roots, steps

NODES = "abcdef"
GRAPHS = st.dictionaries(st.sampled_from(NODES), st.lists(st.sampled_from(NODES), unique=True, max_size=4))
Graph = Mapping[str, Sequence[str]]


def reached(edges: Graph, start: str) -> set[str]:
    """The start, and all nodes at the end of a walk from it."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        if (node := waiting.pop()) not in found:
            found.add(node)
            waiting += edges.get(node, [])
    return found


def parents(found: Sequence[Line]) -> list[str]:
    """What each line stands below, empty for the first level."""
    above: list[str] = []
    result = []
    for line in found:
        del above[line.level :]
        result.append(above[-1] if above else "")
        above.append(line.node)
    return result


@given(GRAPHS)
def test_everything_is_reached_from_the_roots_and_no_root_can_be_spared(edges: dict[str, list[str]]) -> None:
    there = {*edges, *(each for below in edges.values() for each in below)}
    found = roots(edges, sorted(there))
    assert set(steps(edges, found)) == there
    for root in found:
        assert root not in set().union(*(reached(edges, other) for other in found if other != root))


@given(GRAPHS)
def test_each_node_is_whole_once_and_each_edge_of_a_whole_one_is_there(edges: dict[str, list[str]]) -> None:
    found = list(lines(edges, roots(edges, sorted(NODES))))
    whole = [line.node for line in found if not line.sign]
    assert sorted(whole) == sorted(set(whole)) == sorted({line.node for line in found})
    drawn = [(parent, line.node) for parent, line in zip(parents(found), found, strict=True) if parent]
    assert sorted(drawn) == sorted((node, below) for node in whole for below in edges.get(node, ()))


@given(GRAPHS)
def test_signs_say_where_the_whole_one_is(edges: dict[str, list[str]]) -> None:
    found = list(lines(edges, roots(edges, sorted(NODES))))
    place = {line.node: number for number, line in enumerate(found) if not line.sign}
    for number, (parent, line) in enumerate(zip(parents(found), found, strict=True)):
        if line.sign == CYCLE:
            assert parent in reached(edges, line.node)
        elif line.sign:
            assert line.sign == (ABOVE if place[line.node] < number else BELOW)
            assert parent not in reached(edges, line.node)


@given(GRAPHS)
def test_every_cycle_is_marked(edges: dict[str, list[str]]) -> None:
    found = list(lines(edges, roots(edges, sorted(NODES))))
    marked = {(p, line.node) for p, line in zip(parents(found), found, strict=True) if line.sign == CYCLE}
    rest = {node: [each for each in below if (node, each) not in marked] for node, below in edges.items()}
    for node, below in rest.items():
        assert all(node not in reached(rest, each) for each in below)


@given(GRAPHS, st.integers(0, 4))
def test_a_depth_shows_just_what_lies_within_it(edges: dict[str, list[str]], depth: int) -> None:
    start = roots(edges, sorted(NODES))
    near = {node for node, far in steps(edges, start).items() if far <= depth}
    found = list(lines(edges, start, depth))
    assert {line.node for line in found if not line.sign} == near
    assert max((line.level for line in found), default=0) <= depth
    for line in found:
        beyond = [each for each in edges.get(line.node, ()) if each not in near]
        assert line.cut == (len(beyond) if not line.sign else 0)


def test_the_last_of_those_below_one_is_marked() -> None:
    found = lines({"a": ["b", "c"], "b": ["d"]}, ["a"])
    assert [(line.node, line.level, line.is_last) for line in found] == [
        ("a", 0, True),
        ("b", 1, False),
        ("d", 2, True),
        ("c", 1, True),
    ]


@pytest.mark.parametrize("width", [1, 2])
def test_long_chains_and_rows_of_diamonds_end(width: int) -> None:
    """Each row of nodes points at all of the next one: with a width of two the paths are 2 to the 20,000th."""
    rows = [[f"{row:05d}{'ab'[place]}" for place in range(width)] for row in range(20_000)]
    edges = {node: after for row, after in pairwise(rows) for node in row}
    found = list(lines(edges, roots(edges, sorted(edges))))
    assert len(found) == width + sum(map(len, edges.values()))
    assert max(line.level for line in found) == len(rows) - 1
