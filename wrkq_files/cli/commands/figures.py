"""How good and how fast the work is: feedback, and figures from history."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wrkq_files.cli import entries, statistics, text
from wrkq_files.cli.request import Request, body, request
from wrkq_files.cli.written import answer
from wrkq_files.errors import WrkqError

if TYPE_CHECKING:
    from wrkq_files.service.statistics import Statistics


class Per(StrEnum):
    """How long a period is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class By(StrEnum):
    """What the rows of a table are about."""

    ACTOR = "actor"
    LABEL = "label"
    FEATURE = "feature"
    KIND = "kind"


class Chart(StrEnum):
    """What a picture shows."""

    FLOW = "flow"
    BURNUP = "burnup"


def feedback(
    ctx: typer.Context,
    target: Annotated[str, typer.Argument(metavar="TARGET", help="A task.")],
    quality: Annotated[
        int | None, typer.Option("--quality", metavar="1-5", help="How good it is; 5 is best.")
    ] = None,
    timeliness: Annotated[
        int | None, typer.Option("--timeliness", metavar="1-5", help="How timely it came; 5 is best.")
    ] = None,
) -> int:
    """Say how good, and how timely, what a task delivered is.

    A comment of kind `feedback`, which `wrkq stats` counts. Its text is that of -m (also @FILE, or - for standard
    input); else it says the marks.
    """
    from wrkq_files.model.fields import CLOSED_STATES
    from wrkq_files.service import comments

    ask = request(ctx)
    words = body(ask.given.get("message")) or ""
    # The comment says why; its commit does not have to say it again.
    options = ask.options._replace(message=None)
    marks = {"quality": quality, "timeliness": timeliness}
    written = comments.feedback(ask.tracker, target, marks, words, options)
    for task in ask.tracker.index.by_id(written.ids[1]):
        if task.state not in CLOSED_STATES and not written.replayed:
            ask.out.warn(f"{text.one_line(task.address)} is {task.state}: feedback is about what was delivered")
    return answer(ask, written, many=False)


def stats(
    ctx: typer.Context,
    container: Annotated[
        str | None, typer.Argument(metavar="CONTAINER", help="Only tasks below this container.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help="From this time on; else from 12 weeks ago.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="Up to this time; else to now.")
    ] = None,
    per: Annotated[Per, typer.Option("--per", help="How long a period is.")] = Per.WEEK,
    by: Annotated[By | None, typer.Option("--by", help="Also a row for each of these.")] = None,
    svg: Annotated[
        Chart | None, typer.Option("--svg", help="A picture: tasks by state, or scope and completed tasks.")
    ] = None,
    output: Annotated[
        str | None, typer.Option("-o", "--output", metavar="FILE", help="Save the picture there.")
    ] = None,
) -> None:
    """Count what was done, and how long it took, from git's history.

    What was created, completed, cancelled and reopened in each period, and what was open at its end. Cycle time: from
    the first in_progress to completed; lead time: from created to completed; each the median, and what 85 % stayed
    under. Estimate against actual hours, reviews that failed, and the marks of `wrkq feedback`. Only commits that
    HEAD reaches count, whoever made them. Each figure is defined in docs/stats.md.

    Example: `wrkq stats portal --since 2026-01-01 --per month --by actor`
    """
    from wrkq_files.cli.commands import history
    from wrkq_files.service import statistics as service

    ask = request(ctx)
    if output and not svg:
        raise WrkqError("usage", "--output saves a picture", hint="--svg flow, or --svg burnup")
    if svg and not output and ask.form.is_json:
        raise WrkqError("usage", "a picture is no JSON", hint="--output FILE saves it, and JSON says where")
    asked = service.Asked(
        container,
        history.moment(ask, since, "--since", end=False),
        history.moment(ask, until, "--until", end=True),
        per.value,
        by.value if by else None,
    )
    found = service.statistics(ask.tracker, asked)
    if service.is_cut(ask.tracker):
        words = "this clone is cut short, and what happened before is not counted: git fetch --unshallow brings it"
        ask.out.about(words, shallow=True)
    ask.out.faults(entries.moved(ask, found.faults))
    if svg:
        _draw(ask, found, svg, container, output)
    elif ask.form.is_json:
        ask.out.object(statistics.object_of(found, per.value, by.value if by else None))
    else:
        ask.out.lines(statistics.summary(ask, found, per.value))
        ask.out.lines(statistics.periods(ask, found))
        if by:
            ask.out.lines(statistics.rows(ask, found, by.value))


def _draw(ask: Request, found: Statistics, svg: Chart, container: str | None, output: str | None) -> None:
    from wrkq_files.cli import chart

    where = f" in {container.strip('/')}" if container else ""
    data = (chart.flow if svg is Chart.FLOW else chart.burnup)(found, where).encode()
    if output is None:
        ask.screen.emit_raw(data)
        return
    place = Path(output)
    if place.exists() and not place.read_bytes()[:4].startswith(b"<svg"):
        raise WrkqError("exists", f"{place} is there already, and is no picture", hint="choose another name")
    place.write_bytes(data)
    if ask.form.is_json:
        ask.out.object({"saved": str(place), "size": len(data)})
    else:
        ask.out.line(f"{place}: {len(data)} bytes")
