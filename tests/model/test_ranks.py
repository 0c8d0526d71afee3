"""Ranks: what is put somewhere sorts there, and as little else as can be gets another rank."""

from __future__ import annotations

from itertools import pairwise

import pytest
from fractional_indexing import generate_n_keys_between
from hypothesis import given
from hypothesis import strategies as st

from wrkq_files.model.ranks import AFTER, BEFORE, BOTTOM, TOP, Place, arranged, by_hand, inserted, place, ranked

KEYS = generate_n_keys_between(None, None, 30) + generate_n_keys_between("a1", "a2", 30)


def in_order(ranks: list[str | None]) -> list[str | None]:
    return sorted(ranks, key=lambda rank: by_hand(rank, 3, None, ""))


def after_placing(ranks: list[str | None], at: int) -> list[str | None]:
    new = ranked(ranks, at)
    return [new.get(number, rank) for number, rank in enumerate(ranks)]


@given(
    st.lists(st.one_of(st.none(), st.sampled_from(KEYS), st.sampled_from(["1", "2", "m", "zz"])), max_size=12),
    st.data(),
)
def test_the_list_sorts_as_it_stands_and_the_thing_is_strictly_between_its_neighbours(
    others: list[str | None], data: st.DataObject
) -> None:
    ranks = in_order(others)
    at = data.draw(st.integers(0, len(ranks)))
    ranks.insert(at, data.draw(st.one_of(st.none(), st.sampled_from(KEYS))))
    result = after_placing(ranks, at)
    assert result == in_order(result)
    mine = result[at]
    assert mine is not None
    assert at == 0 or (result[at - 1] or "~") < mine
    assert at + 1 == len(result) or mine < (result[at + 1] or "~")


@given(st.lists(st.sampled_from(KEYS), unique=True, max_size=12), st.data())
def test_among_things_that_have_a_rank_only_one_changes(keys: list[str], data: st.DataObject) -> None:
    ranks: list[str | None] = [*sorted(keys)]
    at = data.draw(st.integers(0, len(ranks)))
    ranks.insert(at, None)
    assert [*ranked(ranks, at)] == [at]


def test_at_the_top_of_things_without_a_rank_only_one_changes() -> None:
    assert [*ranked([None, None, None], 0)] == [0]


def test_below_things_without_a_rank_these_get_one_too() -> None:
    assert [*ranked([None, None, None], 2)] == [0, 1, 2]


def test_ranks_of_another_kind_are_all_replaced() -> None:
    assert sorted(ranked(["1", "2", None, "3", None], 2)) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("top", Place(TOP)),
        ("bottom", Place(BOTTOM)),
        ("before:T-4K9", Place(BEFORE, "T-4K9")),
        ("after:a/b:c", Place(AFTER, "a/b:c")),
        ("before:", None),
        ("top:x", None),
        ("a0", None),
        ("", None),
    ],
)
def test_places_as_typed(text: str, expected: Place | None) -> None:
    assert place(text) == expected


@pytest.mark.parametrize(
    ("at", "other", "expected"),
    [(Place(TOP), None, 0), (Place(BOTTOM), None, 4), (Place(BEFORE, "x"), 2, 2), (Place(AFTER, "x"), 2, 3)],
)
def test_where_it_goes(at: Place, other: int | None, expected: int) -> None:
    assert inserted(4, at, other) == expected


@given(st.lists(st.one_of(st.none(), st.sampled_from(KEYS), st.sampled_from(["1", "m"])), max_size=10))
def test_any_order_can_be_had_and_things_that_stand_right_keep_their_rank(ranks: list[str | None]) -> None:
    new = arranged(ranks, len(ranks))
    result = [new.get(number, rank) for number, rank in enumerate(ranks)]
    assert all(one is not None and other is not None and one < other for one, other in pairwise(result))
    stands = sorted(set(KEYS) & {each for each in ranks if each})
    if list(ranks) == stands:
        assert new == {}


def test_one_thing_that_stands_wrong_is_the_only_one_to_change() -> None:
    keys = generate_n_keys_between(None, None, 5)
    assert [*arranged([keys[4], *keys[:4]], 5)] == [0]
    assert [*arranged([*keys[1:], keys[0]], 5)] == [4]
