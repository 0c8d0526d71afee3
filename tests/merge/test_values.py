"""What becomes of a field's value."""

from __future__ import annotations

from typing import Any

import pytest

from wrkq_files.merge.values import Opaque, Outcome, merge_values
from wrkq_files.model.fields import DocType


def merge(name: str, base: Any, ours: Any, theirs: Any, kind: DocType = DocType.TASK) -> Outcome:
    there = merge_values(kind, name, base, ours, theirs)
    back = merge_values(kind, name, base, theirs, ours)
    assert there.is_clean == back.is_clean
    assert back == Outcome(there.theirs, there.ours)
    return there


def clean(name: str, base: Any, ours: Any, theirs: Any, kind: DocType = DocType.TASK) -> Any:
    found = merge(name, base, ours, theirs, kind)
    assert found.is_clean
    return found.ours


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "expected"),
    [(1, 2, 1, 2), (1, 1, 2, 2), (1, 2, 2, 2), (1, None, 1, None), (None, 2, None, 2), (1, None, None, None)],
)
def test_the_side_that_changed_it_wins(base: Any, ours: Any, theirs: Any, expected: Any) -> None:
    assert clean("due", base, ours, theirs) == expected


def test_both_changed_it_is_a_conflict() -> None:
    assert merge("due", "2026-01-01", "2026-01-02", "2026-01-03") == Outcome("2026-01-02", "2026-01-03")
    assert not merge("due", "2026-01-01", None, "2026-01-03").is_clean


def test_a_default_that_is_written_out_is_no_change() -> None:
    assert clean("priority", None, 3, 1) == 1
    assert clean("kind", "task", None, "bug") == "bug"
    assert clean("state", "open", None, "open") is None
    assert clean("state", "draft", None, "open") == "open"


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "expected"),
    [
        (("a", "b"), ("a", "b", "c"), ("b",), ("b", "c")),
        (("a", "b"), ("b", "a"), ("a", "b", "c"), ("a", "b", "c")),
        (None, ("x",), ("y",), ("x", "y")),
        (("a",), None, ("a", "b"), ("b",)),
        (("a", "b"), ("a",), ("b",), None),
    ],
)
def test_sets(base: Any, ours: Any, theirs: Any, expected: Any) -> None:
    assert clean("labels", base, ours, theirs) == expected


def test_a_removal_does_not_come_back_because_the_other_side_touched_the_set() -> None:
    assert clean("labels", ("gone", "stays"), ("stays",), ("gone", "new", "stays")) == ("stays", "new")


def test_maps_by_key() -> None:
    base = {"effort": 1, "leverage": 2}
    assert clean("score", base, {"effort": 3, "leverage": 2}, {"effort": 1}) == {"effort": 3}
    assert merge("score", base, {"effort": 3, "leverage": 2}, {"effort": 2, "leverage": 1}) == Outcome(
        {"effort": 3, "leverage": 1}, {"effort": 2, "leverage": 1}
    )


def test_meta_and_unknown_keys_to_any_depth() -> None:
    for name in ("meta", "sprint"):
        base = {"a": {"b": 1, "c": 2}, "n": None}
        ours = {"a": {"b": 9, "c": 2}, "n": None, "x": [1]}
        theirs = {"a": {"b": 1}, "n": None}
        assert clean(name, base, ours, theirs) == {"a": {"b": 9}, "n": None, "x": [1]}


def test_a_target_is_one_value() -> None:
    base = {"type": "goal", "id": "1"}
    assert not merge("target", base, {"type": "goal", "id": "2"}, {"type": "thread", "id": "1"}).is_clean


def test_lists_of_maps_by_their_key() -> None:
    robin, sam, kim = ({"actor": name, "role": "eyes"} for name in ("robin", "sam", "kim"))
    assert clean("participants", (robin,), (robin, sam), (robin, kim)) == (robin, kim, sam)
    loud = {**robin, "role": "voice"}
    assert clean("participants", (robin, sam), (loud, sam), (robin,)) == (loud,)
    assert not merge("participants", (robin,), (loud,), ()).is_clean


def test_sections_that_both_put_in_another_order_are_a_conflict() -> None:
    a, b, c = ({"slug": name, "title": name} for name in "abc")
    kind = DocType.CONTAINER
    assert clean("sections", (a, b, c), (c, a, b), (a, b), kind) == (a, b)
    assert clean("sections", (a, b, c), (c, a, b), ({**a, "wip_limit": 2}, b, c), kind)[1]["wip_limit"] == 2
    assert not merge("sections", (a, b, c), (c, b, a), (b, a, c), kind).is_clean


def test_items_that_cannot_be_told_apart_are_one_value() -> None:
    twice = ({"actor": "robin"}, {"actor": "robin"})
    assert not merge("participants", (), twice, ({"actor": "sam"},)).is_clean


def test_what_is_minted_on_one_side_is_written_once() -> None:
    assert clean("id", None, "T-AAAAAAAA", None) == "T-AAAAAAAA"
    assert not merge("id", None, "T-AAAAAAAA", "T-BBBBBBBB").is_clean
    assert not merge("created_by", "robin", None, "sam").is_clean


def test_what_does_not_fit_counts_as_its_lines() -> None:
    odd = Opaque("priority: banana\n")
    assert clean("priority", odd, 2, odd) == 2
    assert clean("priority", 2, odd, 2) == odd
    assert not merge("priority", 1, odd, 2).is_clean
