"""Days, weeks and months by the machine's clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from wrkq_files.service import moments


def first_day(moment: datetime, per: str) -> date:
    """The day with which the ``day``, ``week`` (from Monday) or ``month`` begins that a moment lies in."""
    day = moment.astimezone().date()
    if per == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if per == "week" else day


def bounds(begin: datetime, end: datetime, per: str) -> Iterator[datetime]:
    """Where periods begin and end: ``begin``, each beginning of one after it, ``end``."""
    yield begin
    day = _next(first_day(begin, per), per)
    while (moment := moments.midnight(day)) < end:
        yield moment
        day = _next(day, per)
    yield end


def _next(day: date, per: str) -> date:
    if per == "month":
        return (day + timedelta(days=31)).replace(day=1)
    return day + timedelta(days=7 if per == "week" else 1)
