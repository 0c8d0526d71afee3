"""Times in documents: RFC 3339 date-times in UTC, or dates."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:[Zz]|[+-][0-9]{2}:?[0-5][0-9])?"
)
_IN: Final = re.compile(r"([+-]?)([0-9]{1,5})([hdwm])")
_HOURS: Final = {"h": 1, "d": 24, "w": 168, "m": 720}


def parse(text: str) -> datetime | None:
    """The moment a value of a document means (a date: its midnight in UTC); None when it is no time."""
    try:
        if _DATE.fullmatch(text):
            return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
        if _TIME.fullmatch(text):
            moment = datetime.fromisoformat(text.upper().replace(" ", "T"))
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except ValueError:
        return None
    return None


def deadline(text: str) -> datetime | None:
    """The moment after which something that is due at a time is past due: a date lasts until its midnight in UTC."""
    found = parse(text)
    try:
        return found + timedelta(days=1) if found and _DATE.fullmatch(text) else found
    except OverflowError:  # the last day of the calendar
        return found


def stamp(moment: datetime) -> str:
    """``2026-01-19T14:24:16Z``: how the tool writes a time."""
    # Not strftime: on Linux its %Y writes the year 999 with three digits.
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def compact(moment: datetime) -> str:
    """``20260119T142416Z``: a time in a file's name."""
    return stamp(moment).replace("-", "").replace(":", "")


def from_words(text: str, now: datetime) -> str | None:
    """What a person types for a time: a time, ``today``, ``tomorrow``, ``yesterday``, ``3d``, ``-2w``, ``12h``.

    Returns the document's form, or None when it is none of these.
    """
    word = text.strip().lower()
    days = {"yesterday": -1, "today": 0, "tomorrow": 1}
    if word in days:
        return (now + timedelta(days=days[word])).date().isoformat()
    if match := _IN.fullmatch(word):
        try:
            moment = now + timedelta(hours=_hours(match))
        except OverflowError:  # after the year 9999, or before the year 1
            return None
        return stamp(moment) if match[3] == "h" else moment.date().isoformat()
    return text.strip() if parse(text.strip()) else None


def ago(text: str, now: datetime) -> datetime | None:
    """``3d``, ``-3d``, ``12h``, ``2w``: that long before ``now``; None when it is none of these."""
    match = _IN.fullmatch(text.strip().lower())
    if match is None or match[1] == "+":
        return None
    try:
        return now - timedelta(hours=abs(_hours(match)))
    except OverflowError:  # before the year 1
        return None


def written(text: str) -> tuple[datetime, timedelta] | None:
    """A time as it is written, and how long that lasts: a day, a minute, a second; None when it is no time.

    Without a zone where none is written: what that means is for the caller to say.
    """
    if parse(text) is None:
        return None
    if _DATE.fullmatch(text):
        return datetime.combine(date.fromisoformat(text), datetime.min.time()), timedelta(days=1)
    has_seconds = text[16:17] == ":"
    return datetime.fromisoformat(text.upper().replace(" ", "T")), timedelta(seconds=1 if has_seconds else 60)


def _hours(match: re.Match[str]) -> int:
    return int(match[2]) * _HOURS[match[3]] * (-1 if match[1] == "-" else 1)
