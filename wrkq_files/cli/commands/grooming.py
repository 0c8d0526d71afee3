"""What needs a hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from wrkq_files.cli import tables
from wrkq_files.cli.output import Rows, reader
from wrkq_files.cli.request import Request, request
from wrkq_files.cli.tables import Column

if TYPE_CHECKING:
    from wrkq_files.service.grooming import Row

_FIELDS: Final = ("what", "id", "path", "title", "detail", "command")
#: What tells rows apart: a task may need a hand for several reasons.
_KEY: Final = "key"
_COLUMNS: Final = (
    Column("id", style=lambda _: "dim"),
    Column("path", least=14, keep_end=True),
    Column("title", least=14, optional=True),
    Column("detail", style=lambda _: "yellow"),
)


def groom(
    ctx: typer.Context,
    under: Annotated[
        str | None, typer.Argument(metavar="CONTAINER", help="Only what is below it; else the whole tracker.")
    ] = None,
    what: Annotated[
        list[str] | None,
        typer.Option(
            "--what",
            metavar="WHAT,…",
            help="Only stale, unscored, idle, unblocked, likely_done or past_due; may be given several times.",
        ),
    ] = None,
    days: Annotated[
        int, typer.Option("--days", metavar="N", min=1, help="Untouched for so long; or unblocked since then.")
    ] = 30,
) -> None:
    """List the tasks that need a hand, each with its command; nothing is changed.

    Stale: begun, and long untouched. Unscored: open, where other tasks have a score. Idle: ready with a high score,
    and long untouched. Unblocked: all that it waited for was closed lately. Likely done: every acceptance item is
    ticked, or every subtask closed. Past due: still not closed. What other branches have finished, or are on, counts.
    """
    from wrkq_files.service import grooming as service

    ask = request(ctx)
    names = [name for each in what or () for name in each.replace(",", " ").split()]
    found = service.groom(ask.tracker, names, under, days)
    ask.out.merged_with(found.base, found.as_of, merged=found.merged)
    rows = Rows(found.rows, _read, lambda items: _lines(ask, items), _FIELDS, "path", (_KEY,))
    ask.out.rows(rows)
    counts = Counter(row.what for row in found.rows)
    words = ", ".join(f"{name} {count}" for name, count in counts.items())
    ask.out.about(words or "nothing needs a hand", groomed=dict(counts))


def _read(items: Sequence[Row], names: Sequence[str]) -> list[dict[str, Any]]:
    return reader((*_FIELDS, _KEY))([_object(item) for item in items], names)


def _object(row: Row) -> dict[str, Any]:
    task = row.entry
    values = (row.what, task.id, task.address, task.title, row.detail, row.command)
    return {**dict(zip(_FIELDS, values, strict=True)), _KEY: f"{row.what} {task.id}"}


def _lines(ask: Request, items: Sequence[Row]) -> Iterator[str]:
    """By kind, each under what to type about it."""
    screen = ask.screen._replace(width=ask.screen.width - 2)
    for number, (what, group) in enumerate(groupby(items, key=lambda row: row.what)):
        some = [*group]
        commands = dict.fromkeys(row.command.replace(row.entry.id, "TASK") for row in some)
        if number:
            yield ""
        yield f"{ask.screen.styled(what, 'bold')}: {' or '.join(commands)}"
        cells = [[row.entry.id, row.entry.address, row.entry.title, row.detail] for row in some]
        yield from (f"  {line}" for line in tables.lines(_COLUMNS, cells, screen))
