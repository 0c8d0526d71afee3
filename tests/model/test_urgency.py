"""The number that orders the queue, term by term."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wrkq_files.model import urgency
from wrkq_files.model.fields import STATES
from wrkq_files.model.urgency import PRESETS, TERMS, Facts, depths, terms, total, weights

NOW = 1_800_000_000.0
HOUR = 3600.0
DAY = 24 * HOUR


def points(name: str, facts: Facts, preset: str = "standard", **own: float) -> float:
    found = {each.name: each.points for each in terms(facts, preset, weights(preset, own))}
    return found.get(name, 0.0)


@pytest.mark.parametrize(("priority", "expected"), [(1, 5), (2, 2), (3, 0), (4, -5)])
def test_priority(priority: int, expected: float) -> None:
    assert points("priority", Facts(NOW, priority)) == expected
    assert points("priority", Facts(NOW, priority), "age-depth") == expected


@pytest.mark.parametrize(
    ("days", "expected"), [(-30, 4), (-0.01, 4), (0.01, 3), (1.9, 3), (2, 2), (6.9, 2), (7, 1), (13.9, 1), (14, 0)]
)
def test_deadline(days: float, expected: float) -> None:
    assert points("due", Facts(NOW, 3, due=NOW + days * DAY)) == expected


@pytest.mark.parametrize(("hours", "standard", "age_depth"), [(0, 0, 0), (5, 0.5, 0.5), (20, 2, 2), (500, 2, 50)])
def test_age_is_capped_in_one_preset_only(hours: float, standard: float, age_depth: float) -> None:
    facts = Facts(NOW, 3, created=NOW - hours * HOUR)
    assert points("age", facts) == pytest.approx(standard)
    assert points("age", facts, "age-depth") == pytest.approx(age_depth)


def test_a_task_of_the_future_is_no_younger_than_new() -> None:
    assert points("age", Facts(NOW, 3, created=NOW + DAY)) == 0


def test_score_and_depth() -> None:
    assert points("score", Facts(NOW, 3, score_total=10)) == pytest.approx(3)
    assert points("depth", Facts(NOW, 3, depth=4)) == 2


def test_rubric_puts_what_is_blocked_below_all_others() -> None:
    worst = total(terms(Facts(NOW, 3, score_total=5), "rubric", weights("rubric", {})))
    best = total(terms(Facts(NOW, 1, score_total=15, blocked=True), "rubric", weights("rubric", {})))
    assert worst > best


def test_own_weights_stand_in_place_of_the_preset_s() -> None:
    facts = Facts(NOW, 1, score_total=10)
    assert points("priority", facts, priority=2) == 10
    assert points("score", facts, score=0) == 0


def test_the_sum_is_that_of_its_terms() -> None:
    found = terms(Facts(NOW, 1, 12, NOW + DAY, NOW - 5 * HOUR, 3), "standard", weights("standard", {}))
    assert total(found) == pytest.approx(5 + 3.6 + 3 + 0.5 + 1.5)
    assert [each.name for each in found] == ["priority", "score", "due", "age", "depth"]


def test_presets_weigh_known_terms_and_the_schema_knows_them_too() -> None:
    assert all(set(each) <= set(TERMS) for each in PRESETS.values())
    schema = json.loads((Path(__file__).parents[2] / "schema" / "config.schema.json").read_text())
    queue = schema["properties"]["queue"]["properties"]
    assert set(queue["weights"]["properties"]) == set(TERMS)
    assert set(queue["preset"]["enum"]) == set(PRESETS)


def test_due_soon() -> None:
    assert urgency.is_due_soon("open", NOW + 47 * HOUR, NOW)
    assert urgency.is_due_soon("blocked", NOW - DAY, NOW)
    assert not urgency.is_due_soon("open", NOW + 49 * HOUR, NOW)
    assert not urgency.is_due_soon("open", None, NOW)


def test_what_is_begun_or_closed_is_not_due_soon() -> None:
    soon = [state for state in STATES if urgency.is_due_soon(state, NOW, NOW)]
    assert soon == ["idea", "draft", "open", "blocked"]


def test_how_long_a_chain_waits() -> None:
    waits = {"b": ["a"], "c": ["b"], "d": ["a"], "e": ["c", "a"]}
    assert depths(waits) == {"a": 3, "b": 2, "c": 1, "d": 0, "e": 0}


@given(st.dictionaries(st.integers(0, 12), st.lists(st.integers(0, 12), unique=True, max_size=4), max_size=12))
def test_the_longest_chain_of_any_graph_without_cycles(edges: dict[int, list[int]]) -> None:
    waits = {f"{task:02}": [f"{each:02}" for each in blockers if each < task] for task, blockers in edges.items()}

    def longest(blocker: str) -> int:
        return max((longest(task) + 1 for task, blockers in waits.items() if blocker in blockers), default=0)

    nodes = {*waits, *(each for blockers in waits.values() for each in blockers)}
    assert depths(waits) == {each: longest(each) for each in nodes}


def test_a_cycle_ends() -> None:
    assert set(depths({"a": ["b"], "b": ["a"], "c": ["c"]})) == {"a", "b", "c"}


def test_chains_and_fans_of_thousands_cost_no_more_than_their_edges(untraced: None) -> None:
    begin = time.process_time()
    chain = depths({str(number): [str(number - 1)] for number in range(1, 20_000)})
    fan = depths({str(number): ["0"] for number in range(1, 20_000)})
    source = random.Random(1)
    web = depths({str(n): [str(source.randrange(max(0, n - 500), n)) for _ in "ab"] for n in range(1, 10_000)})
    assert (chain["0"], fan["0"]) == (19_999, 1)
    assert len(web) == 10_000
    assert time.process_time() - begin < 3
