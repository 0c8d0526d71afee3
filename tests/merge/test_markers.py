"""Conflicts are read out of a text as they were put in, and what is chosen stands there in their place."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wrkq_files.merge import lines, markers
from wrkq_files.merge.lines import Style
from wrkq_files.model.fields import DocType

SAMPLE = """\
---
title: A
<<<<<<< ours
state: completed
=======
state: in_progress
assignee: robin
>>>>>>> theirs
labels:
  - a
<<<<<<< ours
  - b
=======
>>>>>>> theirs
---

Text
<<<<<<< HEAD
one
||||||| base
none
=======
two
>>>>>>> topic
"""


def found(text: str, *, fences: bool = False) -> list[tuple[str, str]]:
    return [region.sides for region in markers.regions(text, fences=fences)]


def test_each_with_its_sides_and_fields() -> None:
    there = markers.marked(DocType.TASK, SAMPLE, markers.regions(SAMPLE))
    assert [(each.fields, each.region.sides) for each in there] == [
        (("state",), ("state: completed\n", "state: in_progress\nassignee: robin\n")),
        (("labels",), ("  - b\n", "")),
        (("body",), ("one\n", "two\n")),
    ]


def test_one_is_replaced_and_the_rest_stays() -> None:
    first, *_ = markers.regions(SAMPLE)
    assert markers.without(SAMPLE, [(first, "X\n")]).startswith("---\ntitle: A\nX\nlabels:\n  - a\n<<<<<<< ours\n")


@pytest.mark.parametrize(
    "text",
    [
        "<<<<<<< a\n1\n",
        "<<<<<<< a\n1\n>>>>>>> b\n",
        "<<<<<<< a\n1\n=======\n2\n",
        "<<<<<< a\n1\n======\n2\n>>>>>> b\n",
        "<<<<<<<< a\n1\n=======\n2\n>>>>>>> b\n",
        " <<<<<<< a\n1\n=======\n2\n>>>>>>> b\n",
        "<<<<<<<a\n1\n=======\n2\n>>>>>>> b\n",
    ],
)
def test_what_is_no_conflict(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "<<<<<<< a\n1\n=======\n2\n>>>>>>> b\n",
        "<<<<<<<\n1\n=======\n2\n>>>>>>>\n",
        "<<<<<<<<<< a\n1\n==========\n2\n>>>>>>>>>> b\n",
        "<<<<<<< a\n1\n=======\n2\n>>>>>>> b",
        "\ufeff<<<<<<< a\n1\n=======\n2\n>>>>>>> b\n",
    ],
)
def test_what_is_one(text: str) -> None:
    assert found(text) == [("1\n", "2\n")]


def test_line_ends_of_another_system() -> None:
    assert found("<<<<<<< a\r\n1\r\n=======\r\n2\r\n>>>>>>> b\r\n") == [("1\r\n", "2\r\n")]


def test_a_conflict_in_a_conflict_is_its_text() -> None:
    inner = "<<<<<<< x\n1\n=======\n2\n>>>>>>> y\n"
    assert found(f"<<<<<<< a\n{inner}=======\n3\n>>>>>>> b\n") == [(inner, "3\n")]


def test_a_line_that_looks_like_the_middle_leaves_it_open() -> None:
    [region] = markers.regions("<<<<<<< a\nHead\n=======\n=======\nTail\n>>>>>>> b\n")
    assert region.splits == [("Head\n", "=======\nTail\n"), ("Head\n=======\n", "Tail\n")]


def test_an_example_in_a_fence() -> None:
    text = "```\n<<<<<<< a\n1\n=======\n2\n>>>>>>> b\n```\n"
    assert (len(found(text)), found(text, fences=True)) == (1, [])


def test_of_the_whole_file_nothing_is_known() -> None:
    text = "<<<<<<< a\n---\ntitle: A\n---\n=======\n---\ntitle: B\n---\n>>>>>>> b\n"
    assert [each.fields for each in markers.marked(DocType.TASK, text, markers.regions(text))] == [()]


WORDS = st.lists(st.sampled_from(["a\n", "b\n", "---\n", "title: x\n", "\n"]), max_size=6).map("".join)


@settings(max_examples=200, deadline=None)
@given(before=WORDS, ours=WORDS, theirs=WORDS, after=WORDS, size=st.integers(7, 9))
def test_either_side_comes_out_whole(before: str, ours: str, theirs: str, after: str, size: int) -> None:
    mine, yours = before + ours + after, before + theirs + after
    shown = lines.versus(mine, yours, Style("us", "them", size)).shown
    there = markers.regions(shown)
    assert len(there) == 1
    assert markers.without(shown, [(each, each.sides[0]) for each in there]) == mine
    assert markers.without(shown, [(each, each.sides[1]) for each in there]) == yours
