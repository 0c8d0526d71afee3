"""What is counted of some tasks in some time, and how it is added up: ``docs/stats.md`` defines each figure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple

from wrkq_files.model import figures
from wrkq_files.model.fields import CLOSED_STATES

_HOUR: Final = 3_600_000


class Mark(NamedTuple):
    """What a comment says of a task. ``on`` is the task's id, ``time`` in milliseconds since 1970."""

    on: str
    time: int
    verdict: str | None
    quality: int | None
    timeliness: int | None


class Times(NamedTuple):
    """How long tasks took, in hours: of how many it is known, and between which values half and 85 % of them lie."""

    tasks: int
    median: float | None
    p85: float | None


class Estimates(NamedTuple):
    """Of completed tasks that say both, in hours. ``ratio``: actual by estimate."""

    tasks: int
    estimate: float | None
    actual: float | None
    ratio: float | None


class Reviews(NamedTuple):
    """Reviews with a verdict. ``rate``: of those that failed."""

    verdicts: int
    failed: int
    rate: float | None


class Judged(NamedTuple):
    """How many marks were given, and their mean."""

    marks: int
    mean: float | None


class Figures(NamedTuple):
    """What is counted of some tasks in some time; rates and means are None where there is nothing to count.

    ``open``: at the end of the time, None where that is nobody's.
    """

    created: int
    completed: int
    cancelled: int
    reopened: int
    removed: int
    restored: int
    open: int | None
    cycle: Times
    lead: Times
    estimates: Estimates
    reopen_rate: float | None
    reviews: Reviews
    quality: Judged
    timeliness: Judged


class Ended(NamedTuple):
    """A task's last completion, with how long it took in milliseconds, where that is known."""

    cycle: int | None
    lead: int | None
    hours: tuple[float, float] | None


class Tally:
    """What is counted of one time, or one row of it."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.ended: dict[str, Ended] = {}
        self.marks: list[Mark] = []
        self.open = 0

    def figures(self, *, has_open: bool = True) -> Figures:
        counts = self.counts
        ended = self.ended.values()
        hours = [each.hours for each in ended if each.hours]
        estimate, actual = (math.fsum(each) for each in zip(*hours, strict=True)) if hours else (None, None)
        verdicts = [each.verdict for each in self.marks if each.verdict]
        failed = verdicts.count("fail")
        closed = sum(counts[state] for state in CLOSED_STATES)
        return Figures(
            created=counts["created"],
            completed=counts["completed"],
            cancelled=counts["cancelled"],
            reopened=counts["reopened"],
            removed=counts["removed"],
            restored=counts["restored"],
            open=self.open if has_open else None,
            cycle=_times(each.cycle for each in ended),
            lead=_times(each.lead for each in ended),
            estimates=Estimates(len(hours), estimate, actual, figures.ratio(actual or 0, estimate or 0)),
            reopen_rate=figures.ratio(counts["reopened"], closed),
            reviews=Reviews(len(verdicts), failed, figures.ratio(failed, len(verdicts))),
            quality=_judged(each.quality for each in self.marks),
            timeliness=_judged(each.timeliness for each in self.marks),
        )


def _times(milliseconds: Iterable[int | None]) -> Times:
    hours = [each / _HOUR for each in milliseconds if each is not None]
    return Times(len(hours), figures.percentile(hours, 50), figures.percentile(hours, 85))


def _judged(given: Iterable[int | None]) -> Judged:
    marks = [each for each in given if each is not None]
    return Judged(len(marks), figures.mean(marks))
