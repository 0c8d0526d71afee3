from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wrkq_files.model import figures

NUMBERS = st.lists(st.floats(0, 1e6), min_size=1, max_size=30)


@given(NUMBERS)
def test_half_lies_below_the_median(values: list[float]) -> None:
    assert figures.percentile(values, 50) == pytest.approx(statistics.median(values))


@given(NUMBERS, st.floats(0, 100))
def test_a_percentile_lies_among_the_values_whatever_their_order(values: list[float], percent: float) -> None:
    found = figures.percentile(values, percent)
    assert found is not None
    assert min(values) <= found <= max(values) or found == pytest.approx(min(values))
    assert found == figures.percentile(values[::-1], percent)
    assert figures.percentile(values, 100) == max(values)


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=30))
def test_it_is_what_the_standard_library_says(values: list[float]) -> None:
    expected = statistics.quantiles(values, n=20, method="inclusive")[16]
    assert figures.percentile(values, 85) == pytest.approx(expected)


def test_nothing_has_no_median_no_mean_and_no_rate() -> None:
    assert figures.percentile([], 85) is None
    assert figures.mean([]) is None
    assert figures.ratio(0, 0) is None


def test_means_and_rates() -> None:
    assert figures.mean([1, 2, 6]) == 3
    assert figures.ratio(1, 4) == 0.25


@given(st.lists(st.integers(0, 1000), max_size=60), st.sampled_from([figures.BLOCKS, figures.ASCII]))
def test_a_sparkline_has_a_mark_for_each_value_in_their_order(values: list[int], marks: str) -> None:
    line = figures.sparkline(values, marks)
    assert len(line) == len(values)
    heights = [marks.index(mark) for mark in line]
    for value, height in zip(values, heights, strict=True):
        assert (height == 0) == (value == 0)
        assert (height == len(marks) - 1) >= (value == max(values) > 0)
    assert [heights[n] for n in sorted(range(len(values)), key=values.__getitem__)] == sorted(heights)
