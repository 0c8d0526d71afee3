"""The edits that the conflict rates are counted on are the same each time, and what is counted is there."""

from __future__ import annotations

from pathlib import Path

from bench import two_sides


def test_the_same_cases_each_time() -> None:
    first, again = ([*two_sides.cases(3)] for _ in range(2))
    assert first == again
    assert first[0] != first[1]


def test_both_sides_have_edited(tmp_path: Path) -> None:
    cases = [*two_sides.cases(30)]
    for case in cases:
        changed = [path for path, (base, ours, theirs) in case.files.items() if not base == ours == theirs]
        assert changed
        assert len({*case.json}) == 3
    assert [*two_sides.merged_files(cases)]
    found = two_sides.outcome(cases, tmp_path)
    assert found.merges == 30
    assert found.json > found.files > found.engine > 0
    assert found.engine == found.real  # it asks where the sides disagree, and nowhere else


def test_git_tells_what_is_in_conflict() -> None:
    assert two_sides.is_in_conflict("a\n", "b\n", "c\n")
    assert not two_sides.is_in_conflict("a\nx\ny\n", "b\nx\ny\n", "a\nx\nz\n")
