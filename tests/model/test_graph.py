"""Cycles, against a reference that only asks who reaches whom."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wrkq_files.model.graph import cycles

NODES = "abcdef"
GRAPHS = st.dictionaries(st.sampled_from(NODES), st.lists(st.sampled_from(NODES), max_size=4))


def reached(edges: dict[str, list[str]], start: str) -> set[str]:
    """All nodes at the end of a walk of one step or more."""
    found: set[str] = set()
    waiting = list(edges.get(start, []))
    while waiting:
        if (node := waiting.pop()) not in found:
            found.add(node)
            waiting += edges.get(node, [])
    return found


@given(GRAPHS)
def test_one_cycle_for_each_knot(edges: dict[str, list[str]]) -> None:
    reach = {node: reached(edges, node) for node in NODES}
    knots = {frozenset(m for m in reach[node] if node in reach[m]) for node in NODES if node in reach[node]}
    found = cycles(edges)
    assert len(found) == len(knots)
    assert found == sorted(found)
    for cycle in found:
        assert any(knot >= set(cycle) for knot in knots)
        assert len(set(cycle)) == len(cycle)
        assert cycle[0] == min(cycle)
        assert all(after in edges[before] for before, after in zip(cycle, [*cycle[1:], cycle[0]], strict=True))


@given(GRAPHS)
def test_the_order_of_edges_does_not_matter(edges: dict[str, list[str]]) -> None:
    assert cycles({node: edges[node][::-1] for node in reversed(edges)}) == cycles(edges)


@pytest.mark.parametrize(
    ("edges", "found"),
    [
        ({}, []),
        ({"a": ["b"], "b": ["missing"]}, []),
        ({"a": ["a"]}, [["a"]]),
        ({"b": ["c"], "c": ["b"], "a": ["a"]}, [["a"], ["b", "c"]]),
        ({"a": ["b", "b"], "b": ["c"], "c": ["a"]}, [["a", "b", "c"]]),
    ],
)
def test_cycles(edges: dict[str, list[str]], found: list[list[str]]) -> None:
    assert cycles(edges) == found


def chain(length: int) -> dict[str, list[str]]:
    return {f"{number:05d}": [f"{number + 1:05d}"] for number in range(length)}


def test_a_long_chain_does_not_recurse() -> None:
    assert cycles(chain(20_000)) == []


def test_a_long_cycle_is_found_in_no_more_than_moments() -> None:
    start = time.perf_counter()
    assert cycles({**chain(20_000), "20000": ["00000"]}) == [[f"{number:05d}" for number in range(20_001)]]
    assert time.perf_counter() - start < 2
