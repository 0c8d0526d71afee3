"""What waits for a review, and its outcome."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from wrkq_files.cli import tables, text
from wrkq_files.cli.output import Rows, reader
from wrkq_files.cli.request import request
from wrkq_files.cli.request import targets as named
from wrkq_files.cli.tables import Column
from wrkq_files.cli.written import answer

if TYPE_CHECKING:
    from wrkq_files.cli.request import Request
    from wrkq_files.service.reviewing import Item

_FIELDS: Final = (*("id", "path", "title", "priority", "assignee", "reviewer", "branch", "criteria_open", "gates"),)
_COLUMNS: Final = (
    Column("id", style=lambda _: "dim"),
    Column("p"),
    Column("path", least=14, keep_end=True, style=lambda _: "cyan"),
    Column("title", least=14),
    Column("assignee", least=6, optional=True),
    Column("reviewer", least=6, optional=True),
    Column("notes", least=10, style=lambda _: "yellow"),
)
Tasks = Annotated[list[str], typer.Argument(metavar="TARGET", help="Ids, addresses, globs, or - for stdin.")]
Gate = Annotated[
    str | None, typer.Option("--gate", metavar="NAME", help="Of this gate alone: passing it completes nothing.")
]


def ls(
    ctx: typer.Context,
    who: Annotated[
        str | None, typer.Option("--for", metavar="ACTOR", help="What this actor reviews; `me` for you.")
    ] = None,
) -> None:
    """List the tasks in review, on other branches too.

    With the acceptance items that are still open, and the last verdict at each gate.
    """
    from wrkq_files.service import reviewing

    ask = request(ctx)
    found = reviewing.ls(ask.tracker, who)

    def read(items: Sequence[Any], names: Sequence[str]) -> list[dict[str, Any]]:
        return reader(_FIELDS)([_object(each) for each in items], names)

    ask.out.rows(Rows(found, read, lambda items: _table(ask, items), _FIELDS, "path", ("path", "id")))


def pass_(ctx: typer.Context, targets: Tasks, gate: Gate = None) -> int:
    """Say that tasks in review are as they should be.

    The reviewer's word completes them; open acceptance items are in the way, as for `wrkq done`. -m says more: it
    becomes a comment of kind review.
    """
    return _decide(ctx, targets, "pass", gate)


def fail(ctx: typer.Context, targets: Tasks, gate: Gate = None) -> int:
    """Send tasks in review back, with the reason.

    -m says the reason: it becomes a comment of kind review, and the task is in progress again. A task with a target
    gets another one; the old is kept in past_targets.

    Example: `wrkq review fail T-4K9 -m "Focus is lost on Firefox"`
    """
    return _decide(ctx, targets, "fail", gate)


def _decide(ctx: typer.Context, targets: list[str], verdict: str, gate: str | None) -> int:
    from wrkq_files.service import reviewing

    ask = request(ctx)
    reason = ask.options.message
    written = reviewing.decide(ask.tracker, named(targets), verdict, ask.options, reason=reason, gate=gate)
    return answer(ask, written, many=True)


def _object(item: Item) -> dict[str, Any]:
    facts = item._asdict()
    left = list(facts.pop("criteria"))
    gates = [{"gate": name or None, "verdict": verdict} for name, verdict in item.gates.items()]
    return {**facts, "branch": item.branch or None, "criteria_open": left, "gates": gates}


def _table(ask: Request, items: Sequence[Item]) -> Iterator[str]:
    return tables.lines(_COLUMNS, [_cells(each) for each in items], ask.screen)


def _cells(item: Item) -> list[str]:
    notes = [f"on {item.branch}"] if item.branch else []
    notes += [f"{text.plural(len(item.criteria), 'item')} open"] if item.criteria else []
    notes += [f"{name or 'review'}: {verdict}" for name, verdict in item.gates.items()]
    return [
        item.id,
        f"P{item.priority}",
        item.path,
        item.title,
        item.assignee or "",
        item.reviewer or "",
        "; ".join(notes),
    ]
