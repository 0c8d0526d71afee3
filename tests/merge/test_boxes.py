"""Checkboxes before lines."""

from __future__ import annotations

import pytest

from wrkq_files.merge.boxes import agreed

BASE = "- [ ] one\n- [ ] two\n"


def test_neighbours_ticked_by_two_people() -> None:
    texts = agreed(BASE, BASE.replace("[ ] one", "[x] one"), BASE.replace("[ ] two", "[-] two"))
    assert {*texts} == {"- [x] one\n- [-] two\n"}


def test_one_box_marked_in_two_ways_stays_for_the_lines() -> None:
    ours, theirs = BASE.replace("[ ] one", "[x] one"), BASE.replace("[ ] one", "[-] one")
    assert agreed(BASE, ours, theirs) == (BASE, ours, theirs)


def test_a_tick_is_found_in_a_text_that_was_moved_and_changed() -> None:
    theirs = "Intro.\n\n- [ ] two\n- [ ] one\n"
    assert agreed(BASE, BASE.replace("[ ] one", "[x] one"), theirs)[2] == "Intro.\n\n- [ ] two\n- [x] one\n"


@pytest.mark.parametrize("theirs", ["- [ ] two\n", "- [ ] one, really\n- [ ] two\n", "- [ ] one\n" + BASE])
def test_a_box_that_is_not_in_all_of_them_as_often_is_left_alone(theirs: str) -> None:
    ours = BASE.replace("[ ] one", "[x] one")
    assert agreed(BASE, ours, theirs) == (BASE, ours, theirs)


def test_boxes_of_one_text_are_told_apart_by_their_headings() -> None:
    base = "## A\n\n- [ ] test\n\n## B\n\n- [ ] test\n"
    ours = base.replace("## A\n\n- [ ]", "## A\n\n- [x]")
    assert agreed(base, ours, base)[2] == ours
    swapped = "## B\n\n- [x] test\n\n## A\n\n- [ ] test\n"
    both = base.replace("[ ]", "[x]")
    assert agreed(base, ours, swapped) == (both, both, swapped.replace("[ ]", "[x]"))
    theirs = base.replace("## B\n\n- [ ]", "## B\n\n- [x]")
    assert agreed(base, theirs, swapped) == (theirs, theirs, swapped)


def test_a_box_in_a_fence_is_text() -> None:
    base = "```\n- [ ] one\n```\n"
    ours = base.replace("[ ]", "[x]")
    assert agreed(base, ours, base) == (base, ours, base)
