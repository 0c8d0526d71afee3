"""Times: what a document may say, what the tool writes, what a person types."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wrkq_files.model import times

NOW = datetime(2026, 1, 19, 14, 24, 16, 999, tzinfo=UTC)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
#: A day from both ends of the calendar, where another zone's clock would fall out of it.
MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=ZONES)


@given(MOMENTS)
def test_what_is_stamped_is_read_back(moment: datetime) -> None:
    assert times.parse(times.stamp(moment)) == moment.replace(microsecond=0)
    assert len(times.stamp(moment)) == 20


@given(MOMENTS, MOMENTS)
def test_compact_times_sort_as_moments(one: datetime, other: datetime) -> None:
    assert (times.compact(one) < times.compact(other)) == (times.stamp(one) < times.stamp(other))
    assert datetime.strptime(times.compact(one), "%Y%m%dT%H%M%S%z") == one.replace(microsecond=0)


@given(MOMENTS, st.sampled_from(["T", "t", " "]), st.sampled_from(["", ":"]))
def test_offsets_with_and_without_a_colon(moment: datetime, between: str, colon: str) -> None:
    minutes = round((moment.utcoffset() or timedelta()).total_seconds() / 60)
    offset = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}{colon}{abs(minutes) % 60:02d}"
    text = f"{moment.replace(tzinfo=None, microsecond=0).isoformat(between)}{offset}"
    assert times.parse(text) == moment.replace(microsecond=0)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-19", datetime(2026, 1, 19, tzinfo=UTC)),
        ("2026-01-19T14:24", datetime(2026, 1, 19, 14, 24, tzinfo=UTC)),
        ("2026-01-19 14:24:16z", datetime(2026, 1, 19, 14, 24, 16, tzinfo=UTC)),
        ("2026-01-19T14:24:16.1234567Z", datetime(2026, 1, 19, 14, 24, 16, 123456, tzinfo=UTC)),
        ("2026-01-19T14:24:16+0530", datetime(2026, 1, 19, 8, 54, 16, tzinfo=UTC)),
    ],
)
def test_parse(text: str, moment: datetime) -> None:
    assert times.parse(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026",
        "2026-1-19",
        "20260119",
        "2026-W04-1",
        "2026-02-30",
        "2026-13-01",
        "2026-01-19T",
        "2026-01-19T25:00Z",
        "2026-01-19T14:60",
        "2026-01-19T14:24:16+24:00",
        "2026-01-19T14:24:16+05:99",
        "2026-01-19T14:24:16+5",
        "2026-01-19T14:24:16,5Z",
        "2026-01-19\n",
        "٢٠٢٦-01-19",
        "0000-01-01",
        "12:30",
    ],
)
def test_no_times(text: str) -> None:
    assert times.parse(text) is None


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("today", "2026-01-19"),
        (" Tomorrow ", "2026-01-20"),
        ("yesterday", "2026-01-18"),
        ("3d", "2026-01-22"),
        ("+3d", "2026-01-22"),
        ("-2w", "2026-01-05"),
        ("1m", "2026-02-18"),
        ("12h", "2026-01-20T02:24:16Z"),
        ("-15h", "2026-01-18T23:24:16Z"),
        (" 2026-02-01 ", "2026-02-01"),
        ("2026-02-01T10:00+01:00", "2026-02-01T10:00+01:00"),
        ("next week", None),
        ("3 d", None),
        ("٣d", None),
        ("99999m", None),
        ("-99999m", None),
        ("", None),
    ],
)
def test_from_words(words: str, value: str | None) -> None:
    assert times.from_words(words, NOW) == value


@given(st.text() | st.from_regex(r"[+-]?[0-9]{1,6}[hdwm]", fullmatch=True))
def test_words_mean_a_time_or_nothing(words: str) -> None:
    value = times.from_words(words, NOW)
    assert value is None or times.parse(value) is not None
