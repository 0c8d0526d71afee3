"""How far work is, from boxes up to projects."""

from __future__ import annotations

import pytest

from wrkq_files.model.progress import Piece, Progress, below, shares, together


def piece(identifier: str, state: str = "open", boxes: str = "0/0", parent: str | None = None) -> Piece:
    done, _, total = boxes.partition("/")
    return Piece(identifier, f"p/f/{identifier}.md", parent, "p/f", "p", state, state, int(done), int(total), None)


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([piece("a")], {"a": 0}),
        ([piece("a", "completed", "0/4")], {"a": 1}),
        ([piece("a", "in_review", "4/4")], {"a": 1}),
        ([piece("a", boxes="1/4")], {"a": 0.25}),
        ([piece("a", "cancelled", "4/4")], {}),
        # A subtask counts as much as a checkbox.
        ([piece("a", boxes="1/2"), piece("b", "completed", parent="a"), piece("c", parent="a")], {"a": 0.5}),
        ([piece("a"), piece("b", boxes="1/2", parent="a")], {"a": 0.5}),
        ([piece("a"), piece("b", "cancelled", parent="a")], {"a": 0}),
        ([piece("a", "completed"), piece("b", parent="a")], {"a": 1}),
    ],
)
def test_how_far_a_task_is(pieces: list[Piece], expected: dict[str, float]) -> None:
    found = shares(pieces)
    assert {name: share for name, share in found.items() if name == "a"} == expected


def test_a_group_counts_tasks_and_not_their_subtasks() -> None:
    group = [piece("a", "completed"), piece("b", boxes="1/2"), piece("c", "completed", parent="b"), piece("d")]
    found = together(group, shares(group))
    assert found == Progress(1, 3, pytest.approx((1 + 2 / 3 + 0) / 3))


def test_a_subtask_whose_parent_is_in_another_group_counts_by_itself() -> None:
    everything = [piece("a"), piece("b", "completed", parent="a")]
    assert together(everything[1:], shares(everything)) == Progress(1, 1, 1.0)


@pytest.mark.parametrize(
    ("progress", "expected"),
    [
        (Progress(), None),
        (Progress(0, 3, 0.0), 0),
        (Progress(3, 3, 1.0), 100),
        (Progress(2, 3, 1.0), 99),  # all boxes of the last one are ticked
        (Progress(999, 1000, 0.999), 99),
        (Progress(0, 1000, 0.001), 1),
        (Progress(1, 3, 1 / 3), 33),
    ],
)
def test_percent_says_0_and_100_of_these_alone(progress: Progress, expected: int | None) -> None:
    assert progress.percent == expected


def test_what_lies_below_a_folder() -> None:
    pieces = [piece("a"), piece("b")._replace(path="p/b.md"), piece("c")._replace(path="c.md")]
    assert {name: [each.id for each in there] for name, there in below(pieces).items()} == {
        "": ["a", "b", "c"],
        "p": ["a", "b"],
        "p/f": ["a"],
    }
