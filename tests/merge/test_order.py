"""Order after both sides have moved, added and taken away."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wrkq_files.merge.order import order, reordered


def merged(base: str, ours: str, theirs: str, keep: str | None = None) -> str:
    wanted = keep if keep is not None else base + ours + theirs
    return "".join(order([*base], [*ours], [*theirs], {*wanted}, str))


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "expected"),
    [
        ("abc", "abc", "abc", "abc"),
        ("abc", "cab", "abc", "cab"),
        ("abc", "abc", "cab", "cab"),
        ("abc", "axbc", "abcy", "axbcy"),
        ("abc", "axbc", "aybc", "axybc"),
        ("abc", "aybc", "axbc", "axybc"),
        ("abc", "xabc", "abc", "xabc"),
        ("abc", "cxba", "abyc", "cxbya"),
        ("", "ba", "ba", "ba"),
        ("", "bax", "bay", "baxy"),
        ("", "ab", "ba", "ab"),
    ],
)
def test_a_merged_order(base: str, ours: str, theirs: str, expected: str) -> None:
    assert merged(base, ours, theirs) == expected


def test_what_is_not_kept_is_left_out() -> None:
    assert merged("abc", "ac", "abc", keep="ac") == "ac"


def test_both_reordered_is_said_and_the_side_that_ranks_first_is_followed() -> None:
    assert reordered([*"abc"], [*"cba"], [*"bac"])
    assert merged("abc", "cba", "bac") == merged("abc", "bac", "cba") == "bac"
    assert not reordered([*"abc"], [*"cba"], [*"cba"])


_NAMES = st.lists(st.sampled_from("abcdefg"), unique=True)


@given(_NAMES, _NAMES, _NAMES)
def test_nothing_is_lost_or_doubled_and_sides_may_be_swapped(
    base: list[str], ours: list[str], theirs: list[str]
) -> None:
    keep = {*base, *ours, *theirs} - ({*base} - ({*ours} & {*theirs}))
    found = order(base, ours, theirs, keep, str)
    assert sorted(found) == sorted(keep)
    assert found == order(base, theirs, ours, keep, str)


@given(st.permutations("abcd"), st.permutations("abcd"))
def test_what_has_been_merged_can_be_merged_again(ours: list[str], theirs: list[str]) -> None:
    base = [*"abcd"]
    found = order(base, ours, theirs, base, str)
    assert order(base, found, theirs, base, str) == order(base, ours, found, base, str) == found


@given(_NAMES, _NAMES)
def test_who_changes_alone_has_it_as_they_want(base: list[str], side: list[str]) -> None:
    assert order(base, side, base, {*side}, str) == side
