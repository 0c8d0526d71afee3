"""Lines: what is seen at once is what git says, and markers stand around no more than they must."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from wrkq_files.git import textmerge
from wrkq_files.merge import lines
from wrkq_files.merge.lines import Style, Woven

STYLE = Style()


def by_git(base: str, ours: str, theirs: str, style: Style = STYLE) -> tuple[str, int]:
    texts = (base.encode(), ours.encode(), theirs.encode())
    data, count = textmerge.merge(Path.cwd(), *texts, marker_size=style.size)
    return data.decode(), count


def test_markers_stand_around_what_differs() -> None:
    shown = lines.versus("a\nb\nc\n", "a\nx\nc\n", STYLE).shown
    assert shown == "a\n<<<<<<< ours\nb\n=======\nx\n>>>>>>> theirs\nc\n"


def test_a_marker_begins_a_line_of_its_own() -> None:
    assert lines.versus("a", "b", STYLE).shown == "<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n"


def test_both_sides_of_a_conflict_are_told() -> None:
    woven = lines.merge("a\nb\nc\n", "a\nx\nc\n", "a\ny\nc\n", STYLE, by_git)
    assert (woven.ours, woven.theirs) == ("a\nx\nc\n", "a\ny\nc\n")
    assert woven.regions == (("x\n", "y\n"),)


def test_lines_that_look_like_markers_are_text() -> None:
    odd = "<<<<<<< ours\n=======\n>>>>>>> theirs\n"
    woven = lines.merge(f"{odd}a\n", f"{odd}b\n{odd}", f"{odd}c\n", STYLE, by_git)
    assert woven.regions == ((f"b\n{odd}", "c\n"),)
    assert (woven.ours, woven.theirs) == (f"{odd}b\n{odd}", f"{odd}c\n")
    assert woven.shown == f"{odd}<<<<<<< ours\nb\n{odd}=======\nc\n>>>>>>> theirs\n"


def test_nothing_but_a_line_feed_ends_a_line() -> None:
    assert lines.split("a\u2028b\x0cc\rd\ne") == ["a\u2028b\x0cc\rd\n", "e"]
    assert lines.split("") == []


def test_touching_lines_are_git_s_to_say() -> None:
    assert lines.quick("a\nb\n", "x\nb\n", "a\ny\n") is None
    assert lines.quick("a\nb\nc\n", "x\nb\nc\n", "a\nb\ny\n") == "x\nb\ny\n"


_TEXTS = st.lists(st.sampled_from("abcdefgh"), max_size=8).map(lambda found: "".join(f"{each}\n" for each in found))


@settings(max_examples=60, deadline=None)
@given(_TEXTS, _TEXTS, _TEXTS)
def test_what_is_seen_at_once_is_what_git_says(base: str, ours: str, theirs: str) -> None:
    found = lines.quick(base, ours, theirs)
    expected, count = by_git(base, ours, theirs)
    if found is not None and not count and len({*base.split()}) == len(base.split()):
        assert found == expected


@settings(max_examples=60, deadline=None)
@given(_TEXTS, _TEXTS, _TEXTS)
def test_every_line_of_both_sides_is_there(base: str, ours: str, theirs: str) -> None:
    woven = lines.merge(base, ours, theirs, STYLE, by_git)
    back = lines.merge(base, theirs, ours, STYLE, by_git)
    assert (back.ours, back.theirs) == (woven.theirs, woven.ours)
    for side, whole in ((ours, woven.ours), (theirs, woven.theirs)):
        for line in {*side.split()} - {*base.split()}:
            assert line in whole.split()
    assert isinstance(woven, Woven)


def test_a_line_s_end_at_the_end_of_the_text_is_no_conflict() -> None:
    woven = lines.merge("a\n\none\n", "a\n\ntwo", "a\n\ntwo\n", STYLE, by_git)
    assert woven == Woven.clean("a\n\ntwo\n")
