"""What to do next, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from wrkq_files.cli import entries, tables, text
from wrkq_files.cli.entries import STATE_STYLES
from wrkq_files.cli.output import Rows, reader
from wrkq_files.cli.request import Request, request
from wrkq_files.cli.tables import Column
from wrkq_files.cli.written import answer

if TYPE_CHECKING:
    from wrkq_files.model.urgency import Term
    from wrkq_files.service.queue import Asked, Found, Row

_LEAN: Final = ("id", "path", "title", "state", "priority", "assignee", "urgency", "section", "action", "reason")
_FIELDS: Final = (*_LEAN, "effective_state", "score_total", "due", "due_soon", "labels", "terms", "marks")
_COLUMNS: Final = (
    Column("id", style=lambda _: "dim"),
    Column("urgency", right=True, style=lambda _: "bold"),
    Column("state", style=lambda word: STATE_STYLES.get(word, "")),
    Column("p"),
    Column("path", least=14, keep_end=True),
    Column("title", least=14),
    Column("section", optional=True, style=lambda _: "blue"),
    Column("assignee", least=6, optional=True, style=lambda _: "cyan"),
    Column("notes", least=14, optional=True, style=lambda _: "yellow"),
)
_FOR: Final = "For this actor; else for you."

For = Annotated[str | None, typer.Option("--for", metavar="ACTOR", help=_FOR)]
Labels = Annotated[list[str] | None, typer.Option("--label", metavar="LABEL", help="Only with all of these labels.")]
Feature = Annotated[str | None, typer.Option("--feature", metavar="CONTAINER", help="Only below this container.")]
MinScore = Annotated[int | None, typer.Option("--min-score", metavar="N", help="Only with a score of N or more.")]
Explain = Annotated[bool, typer.Option("--explain", help="Say what the urgency is made of, term by term.")]


def next_(
    ctx: typer.Context,
    who: For = None,
    labels: Labels = None,
    feature: Feature = None,
    min_score: MinScore = None,
    explain: Explain = False,
) -> None:
    """Show the one task to take up next.

    The most urgent of those that are ready, wherever you stand: what main has finished, and what another branch is
    on, is not offered. What waits for your review is, with `action: review`. With nothing ready it says what keeps
    tasks back, and exits 3.
    """
    from wrkq_files.service import queue as service

    ask = request(ctx)
    found = service.queue(ask.tracker, service.Asked(who, labels or (), feature, min_score))
    _as_of(ask, found)
    if not found.rows:
        raise service.nothing(found)
    row = found.rows[0]
    if ask.form.is_json:
        names = [*_LEAN, "due", "due_soon", "marks", *(["terms"] if explain else [])]
        ask.out.object({name: value for name, value in _object(row).items() if name in names})
        return
    ask.out.lines(tables.lines(_COLUMNS, [_cells(row)], ask.screen))
    if explain:
        ask.out.lines(_explained(row.terms, row.urgency))


def queue(
    ctx: typer.Context,
    who: For = None,
    labels: Labels = None,
    feature: Feature = None,
    min_score: MinScore = None,
    blocked: Annotated[
        bool, typer.Option("--blocked", help="What waits for others' work or an artifact, too.")
    ] = False,
    all_states: Annotated[bool, typer.Option("--all-states", help="Every task, ready or not.")] = False,
    unblocked: Annotated[
        bool, typer.Option("--unblocked-only", help="With --all-states: what waits for nothing.")
    ] = False,
    explain: Explain = False,
) -> None:
    """List the tasks that are ready, the most urgent first.

    How many are kept back, and by what, is said on stderr; `wrkq why TASK` tells of one. The order is set by `queue`
    in wrkq.yaml (docs/queue.md).
    """
    from wrkq_files.service import queue as service

    ask = request(ctx)
    asked = service.Asked(who, labels or (), feature, min_score, blocked, all_states, unblocked)
    found = service.queue(ask.tracker, asked)
    _as_of(ask, found)
    rows = Rows(
        found.rows, _read, lambda items: _lines(ask, items, explain=explain), _LEAN, "path", ("-urgency", "id")
    )
    ask.out.rows(rows)
    _say_kept_back(ask, found, asked)


def why(
    ctx: typer.Context, target: Annotated[str, typer.Argument(metavar="TARGET", help="A task.")], who: For = None
) -> None:
    """Say why a task is offered, or is not.

    Every test that the queue makes, passed or failed, what to type about a failed one, and what its urgency is made
    of.
    """
    from wrkq_files.service import queue as service

    ask = request(ctx)
    found = service.why(ask.tracker, target, who)
    ready = all(test.passed for test in found.tests)
    if ask.form.is_json:
        ask.out.object(
            {
                "id": found.entry.id,
                "path": found.entry.address,
                "title": found.entry.title,
                "ready": ready,
                "tests": [test._asdict() for test in found.tests],
                "urgency": found.urgency,
                "terms": [term._asdict() for term in found.terms],
                "marks": [mark.words for mark in found.marks],
            }
        )
        return
    said = "is ready" if ready else "is not ready"
    ask.out.line(f"{found.entry.id} {text.one_line(found.entry.address)} {said}")
    for test in found.tests:
        sign = ask.screen.styled("yes", "green") if test.passed else ask.screen.styled("no ", "red")
        ask.out.line(f"  {sign}  {test.name:<10} {text.one_line(test.says)}")
        if test.way:
            ask.out.line(f"{' ' * 18}{text.one_line(test.way)}")
    ask.out.lines(_explained(found.terms, found.urgency))


def retry(ctx: typer.Context, target: Annotated[str, typer.Argument(metavar="TARGET", help="A task.")]) -> int:
    """Give a task another chance: failed attempts until now do not count any more."""
    from wrkq_files.service import queue as service

    ask = request(ctx)
    return answer(ask, service.retry(ask.tracker, target, ask.options, reason=ask.options.message), many=False)


def _as_of(ask: Request, found: Found) -> None:
    ask.out.merged_with(found.base, found.as_of, merged=found.merged)
    ask.out.faults(entries.moved(ask, found.broken))


def _say_kept_back(ask: Request, found: Found, asked: Asked) -> None:
    if not found.kept_back or asked.all_states:
        return
    counts = ", ".join(f"{name} {count}" for name, count in found.kept_back.items())
    ask.out.about(f"kept back: {counts} (wrkq why TASK)", kept_back=dict(found.kept_back))


def _object(row: Row) -> dict[str, Any]:
    task = row.entry
    return {
        "id": task.id,
        "path": task.address,
        "title": task.title,
        "state": task.state,
        "effective_state": task.effective_state,
        "priority": task.priority,
        "assignee": task.assignee,
        "urgency": row.urgency,
        "section": row.section,
        "action": row.action,
        "reason": row.reason[1] if row.reason else None,
        "score_total": task.score_total,
        "due": task.due,
        "due_soon": row.due_soon,
        "labels": list(task.labels),
        "terms": [term._asdict() for term in row.terms],
        "marks": [mark.words for mark in row.marks],
    }


def _read(items: Sequence[Row], names: Sequence[str]) -> list[dict[str, Any]]:
    return reader(_FIELDS)([_object(item) for item in items], names)


def _cells(row: Row) -> list[str]:
    task = row.entry
    notes = ["for your review: wrkq review pass or fail"] if row.action == "review" else []
    notes += [f"due {task.due}"] if row.due_soon else []
    notes += [row.reason[1]] if row.reason else []
    notes += [mark.words for mark in row.marks]
    return [
        task.id,
        f"{row.urgency:g}",
        task.effective_state,
        f"P{task.priority}",
        task.address,
        task.title,
        row.section or "",
        task.assignee or "",
        "; ".join(notes),
    ]


def _lines(ask: Request, items: Sequence[Row], *, explain: bool) -> Iterator[str]:
    lines = tables.lines(_COLUMNS, [_cells(each) for each in items], ask.screen)
    for line, each in zip(lines, items, strict=True):
        yield line
        if explain:
            yield from _explained(each.terms, each.urgency)


def _explained(terms: Sequence[Term], total: float) -> Iterator[str]:
    for term in terms:
        yield f"      {term.name:<9} {term.points:+.3g}  ({term.amount:.4g} x {term.weight:g})"
    yield f"      {'urgency':<9} {total:+g}"
