"""Figures as people and programs read them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from wrkq_files.cli import tables, text
from wrkq_files.cli.request import Request
from wrkq_files.cli.tables import Column

if TYPE_CHECKING:
    from wrkq_files.model.statistics import Figures, Judged, Times
    from wrkq_files.service.statistics import Statistics

_COUNTS: Final = ("created", "completed", "cancelled", "reopened", "removed", "restored", "open")
_COLUMNS: Final = (
    Column("created", right=True),
    Column("completed", right=True, style=lambda _: "green"),
    Column("cancelled", right=True),
    Column("reopened", right=True),
    Column("removed", right=True),
    Column("restored", right=True),
    Column("open", right=True),
    Column("cycle", right=True),
    Column("lead", right=True, optional=True),
)
#: These are left out where they are 0 everywhere: most trackers take no open task away.
_RARE: Final = ("removed", "restored")
_DAY: Final = 24.0


# JSON


def object_of(found: Statistics, per: str, by: str | None) -> dict[str, Any]:
    from wrkq_files.model import times

    told: dict[str, Any] = {
        "since": times.stamp(found.since),
        "until": times.stamp(found.until),
        "per": per,
        "periods": [{"begins": times.stamp(each.begins), **_figures(each.figures)} for each in found.periods],
        "total": _figures(found.total),
    }
    if by:
        titles = by == "feature"
        told["by"] = [
            {by: row.name, **({"title": row.title} if titles else {}), **_figures(row.figures)} for row in found.rows
        ]
    return told


def _figures(figures: Figures) -> dict[str, Any]:
    estimates, reviews = figures.estimates, figures.reviews
    return {
        **{name: getattr(figures, name) for name in _COUNTS},
        "cycle_hours": _times(figures.cycle),
        "lead_hours": _times(figures.lead),
        "estimates": {
            "tasks": estimates.tasks,
            "estimate_hours": estimates.estimate,
            "actual_hours": estimates.actual,
            "ratio": _rounded(estimates.ratio),
        },
        "reopen_rate": _rounded(figures.reopen_rate),
        "reviews": {"verdicts": reviews.verdicts, "failed": reviews.failed, "fail_rate": _rounded(reviews.rate)},
        "quality": _judged(figures.quality),
        "timeliness": _judged(figures.timeliness),
    }


def _times(times: Times) -> dict[str, Any]:
    return {"tasks": times.tasks, "median": _rounded(times.median), "p85": _rounded(times.p85)}


def _judged(judged: Judged) -> dict[str, Any]:
    return {"marks": judged.marks, "mean": _rounded(judged.mean)}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


# Words


def summary(ask: Request, found: Statistics, per: str) -> Iterator[str]:
    total = found.total
    begin, end = (f"{each.astimezone():%Y-%m-%d}" for each in (found.since, found.until))
    yield ask.screen.styled(f"{begin} to {end}, by {per}", "bold")
    yield ""
    for name, words in _said(total):
        line = f"{name:<12}{words}"
        yield f"{line}  {_spark(ask, found, text.width(line) + 2)}" if name == "completed" else line
    yield ""


def _said(total: Figures) -> Iterator[tuple[str, str]]:
    """Each figure in words; those that count nothing are left out."""
    rate = "" if not total.reopen_rate else f" ({_percent(total.reopen_rate)} of closed)"
    yield "created", str(total.created)
    yield "completed", str(total.completed)
    yield "cancelled", str(total.cancelled)
    yield "reopened", f"{total.reopened}{rate}"
    yield "open", f"{total.open} at the end"
    for name, times in (("cycle time", total.cycle), ("lead time", total.lead)):
        if times.median is not None and times.p85 is not None:
            spans = f"median {_span(times.median)}, 85 % within {_span(times.p85)}"
            yield name, f"{spans}  ({text.plural(times.tasks, 'task')})"
    estimates = total.estimates
    if estimates.ratio is not None:
        hours = f"{estimates.actual:g} h needed, {estimates.estimate:g} h estimated"
        yield "estimates", f"x {estimates.ratio:.2f}: {hours}  ({text.plural(estimates.tasks, 'task')})"
    if total.reviews.rate is not None:
        yield "reviews", f"{total.reviews.failed} of {total.reviews.verdicts} failed ({_percent(total.reviews.rate)})"
    marks = [("quality", total.quality), ("timeliness", total.timeliness)]
    if said := [f"{name} {each.mean:.1f} ({each.marks})" for name, each in marks if each.mean is not None]:
        yield "feedback", ", ".join(said)


def _spark(ask: Request, found: Statistics, used: int) -> str:
    """What was completed in each period; on a terminal the last ones that it has room for."""
    from wrkq_files.model import figures

    values = [each.figures.completed for each in found.periods]
    if ask.screen.terminal:
        values = values[-max(ask.screen.width - used, 1) :]
    return ask.screen.styled(
        figures.sparkline(values, figures.BLOCKS if _has_blocks(ask) else figures.ASCII), "green"
    )


def _has_blocks(ask: Request) -> bool:
    """Whether a terminal shows block characters, as far as its environment says; a file takes them."""
    if not ask.screen.terminal:
        return True
    names = ("LC_ALL", "LC_CTYPE", "LANG")
    locale = next((value for name in names if (value := os.environ.get(name))), "")
    return os.environ.get("TERM") != "dumb" and (not locale or "utf" in locale.lower())


def periods(ask: Request, found: Statistics) -> Iterator[str]:
    columns = (Column("begins"), *_COLUMNS)
    rows = [[f"{each.begins.astimezone():%Y-%m-%d}", *_cells(each.figures)] for each in found.periods]
    return _table(ask, columns, rows)


def rows(ask: Request, found: Statistics, by: str) -> Iterator[str]:
    yield ""
    columns = (Column(by, least=14, style=lambda _: "cyan"), *_COLUMNS)
    rows = [[row.name or f"no {by}", *_cells(row.figures)] for row in found.rows]
    yield from _table(ask, columns, rows)


def _table(ask: Request, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """With a head in a pipe too: numbers alone say nothing."""
    screen = ask.screen if ask.screen.terminal else ask.screen._replace(terminal=True, width=sys.maxsize)
    return tables.lines(*_without_rare(columns, rows), screen, heading=True)


def _cells(figures: Figures) -> list[str]:
    counts = [getattr(figures, name) for name in _COUNTS]
    spans = [figures.cycle.median, figures.lead.median]
    return [*("" if each is None else str(each) for each in counts), *("-" if s is None else _span(s) for s in spans)]


def _without_rare(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> tuple[list[Column], list[list[str]]]:
    kept = [
        number
        for number, column in enumerate(columns)
        if any(row[number] for row in rows) and (column.name not in _RARE or any(row[number] != "0" for row in rows))
    ]
    return [columns[number] for number in kept], [[row[number] for number in kept] for row in rows]


def _span(hours: float) -> str:
    """``12 min``, ``5.3 h``, ``2.1 d``: in the unit that says most."""
    if hours < 1:
        return f"{hours * 60:.0f} min"
    return f"{hours:.1f} h" if hours < 2 * _DAY else f"{hours / _DAY:.1f} d"


def _percent(rate: float) -> str:
    return f"{rate * 100:.0f} %"
