"""How alike tasks are, against a comparison of each with each."""

from __future__ import annotations

import math
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wrkq_files.model.likeness import SAME_SOURCE, SAME_TITLE, Comparison, Pair, Words, of_task, words

VOCABULARY = [
    "login",
    "button",
    "fold",
    "session",
    "token",
    "crash",
    "recovery",
    "import",
    "export",
    "queue",
    "retry",
    "payment",
]
TITLES = st.lists(st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=4).map(" ".join), max_size=8)


def pairs(titles: list[str], least: float = 0.0, **more: set[tuple[int, int]]) -> list[Pair]:
    return Comparison([of_task(each) for each in titles]).pairs(least, **more)


def cosine(one: Words, other: Words, tasks: list[Words]) -> float:
    """The formula as it is written down, for titles without numbers."""
    counts = Counter(word for each in tasks for word in each.in_title)
    square = {word: math.log((len(tasks) + 1) / count) ** 2 for word, count in counts.items()}

    def total(chosen: frozenset[str]) -> float:
        return sum(square[word] for word in chosen)

    return total(one.in_title & other.in_title) / math.sqrt(total(one.in_title) * total(other.in_title))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The stories of boxes and classes", {"story", "box", "class"}),
        ("Login-UX: the status of issues", {"login", "ux", "status", "issue"}),
        ("to be or not to be, 2026", set()),
        ("Größe ÄNDERN", {"grösse", "ändern"}),
    ],
)
def test_words_have_no_case_and_no_plural(text: str, found: set[str]) -> None:
    assert words(text) == found


@given(TITLES)
def test_no_pair_of_a_small_tracker_is_overlooked(titles: list[str]) -> None:
    tasks = [of_task(each) for each in dict.fromkeys(titles)]
    expected = {
        (later, earlier): cosine(tasks[later], tasks[earlier], tasks)
        for later in range(len(tasks))
        for earlier in range(later)
    }
    found = {(pair.first, pair.second): pair.score for pair in Comparison(tasks).pairs(0.3)}
    assert found == {pair: pytest.approx(score) for pair, score in expected.items() if score >= 0.3}


@given(TITLES, st.floats(0.1, 1))
def test_scores_are_in_order_and_reach_what_was_asked_for(titles: list[str], least: float) -> None:
    scores = [pair.score for pair in pairs(titles, least)]
    assert scores == sorted(scores, reverse=True)
    assert all(least <= score <= 1 for score in scores)


def test_rare_words_bring_tasks_together_and_usual_ones_do_not() -> None:
    usual = [f"Add {word} page" for word in VOCABULARY]
    titles = [*usual, "Add quaternion page", "Remove quaternion view"]
    best = pairs(titles, 0.1)[0]
    assert (best.first, best.second) == (len(titles) - 1, len(titles) - 2)


def test_what_texts_have_in_common_adds_to_the_titles_at_most_half_of_what_is_missing() -> None:
    others = [of_task(word, word) for word in VOCABULARY]
    alone = Comparison([of_task("cat nap"), of_task("cat food"), *others])
    told = Comparison([of_task("cat nap", "zebra quagga"), of_task("cat food", "zebra quagga"), *others])
    before, after = alone.score(1, 0), told.score(1, 0)
    assert before < after <= before + (1 - before) / 2 + 0.01
    assert Comparison([of_task("a1", "zebra"), of_task("b2", "zebra")]).pairs(0.1) == []


def test_numbers_only_tell_apart() -> None:
    others = [*VOCABULARY]
    same = Comparison([of_task(each) for each in ["Report (Apr 21, 2026)", "Report (Apr 21, 2026) again", *others]])
    other = Comparison([of_task(each) for each in ["Report (Apr 21, 2026)", "Report (Apr 28, 2026) again", *others]])
    none = Comparison([of_task(each) for each in ["Report (Apr)", "Report (Apr) again", *others]])
    assert same.titles(1, 0) == none.titles(1, 0) > other.titles(1, 0)
    assert pairs(["Phase 1", "2026 1"]) == []
    assert pairs(["Fix 17 and 18", "18 of 17"]) == []


def test_of_many_with_one_title_each_is_paired_with_the_first() -> None:
    titles = ["Weekly report", "Unlike", *["weekly  Report"] * 4]
    assert [(pair.first, pair.second, pair.score) for pair in pairs(titles)] == [
        (number, 0, 1.0) for number in range(2, len(titles))
    ]


def test_why() -> None:
    tasks = [
        of_task("Login", source="x:1"),
        of_task("login"),
        of_task("Crash recovery", "sessions zebra", source="x:1"),
        of_task("Recovery of crashes", "zebra", source=""),
    ]
    found = Comparison(tasks)
    told = {(pair.first, pair.second): found.why(pair) for pair in found.pairs(0.5)}
    assert told == {(1, 0): SAME_TITLE, (2, 0): SAME_SOURCE, (3, 2): "crash, recovery, zebra"}


def test_what_is_known_is_left_out() -> None:
    titles = ["Crash recovery", "Crash recovery", "Recovery of a crash"]
    assert {(pair.first, pair.second) for pair in pairs(titles, is_known={(1, 0)})} == {(2, 0)}
    assert pairs(titles, is_known={(1, 0), (2, 0)}) == []


def test_a_word_that_nearly_all_have_is_not_followed() -> None:
    """So that no tracker costs the square of its tasks."""
    source = random.Random(1)
    titles = [f"Deploy {source.getrandbits(64):x}" for _ in range(3000)]
    assert pairs(titles, 0.1) == []
