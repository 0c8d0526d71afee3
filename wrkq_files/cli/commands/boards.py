"""The board, and the order of what stands on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from wrkq_files.cli import boarding, entries, tables
from wrkq_files.cli.options import EDITING
from wrkq_files.cli.output import Rows, reader
from wrkq_files.cli.request import Request, request
from wrkq_files.cli.request import targets as named
from wrkq_files.cli.tables import Column
from wrkq_files.cli.written import answer
from wrkq_files.errors import WrkqError

_ROADMAP: Final = (
    *("id", "path", "title", "project", "section", "owner", "done", "tasks", "percent", "in_progress", "blocked"),
    *("due", "due_soon"),
)
_COLUMNS: Final = (
    Column("path", least=14, keep_end=True, style=lambda _: "cyan"),
    Column("title", least=14),
    Column("section", style=lambda _: "blue"),
    Column("owner", least=6, optional=True),
    Column("done", right=True),
    Column("tasks", right=True),
    Column("percent", right=True, style=lambda _: "green"),
    Column("in_progress", right=True, style=lambda _: "yellow"),
    Column("blocked", right=True, style=lambda _: "red"),
    Column("due", optional=True),
)

if TYPE_CHECKING:
    from wrkq_files.service.board import Board, Card, Found, Stack


def board(
    ctx: typer.Context,
    project: Annotated[
        str | None, typer.Argument(metavar="PROJECT", help="Else all projects; with --tasks any container.")
    ] = None,
    tasks: Annotated[bool, typer.Option("--tasks", help="Tasks by their state, in place of features.")] = False,
    everything: Annotated[bool, typer.Option("-a", "--all", help="With --tasks: closed ones and ideas too.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="As Markdown, for a job's summary.")] = False,
    edit: Annotated[
        bool, typer.Option("--edit", help="Move the features in your editor, line by line; one commit.")
    ] = False,
) -> int:
    """Show features in their sections, or tasks by state.

    Here merged with the base branch: what main has finished is finished, and what other branches have in flight is
    said on its card. Features follow their tasks; `-> SECTION` says where one belongs that hand edits or a merge have
    left behind (`wrkq tidy` moves it).

    Example: `wrkq board portal --edit`
    """
    from wrkq_files.service import board as service

    ask = request(ctx)
    if edit:
        if tasks or markdown or project is None or "at" in ask.given:
            raise WrkqError(
                "usage", "--edit is for the features of one project, as they are", hint="wrkq board PROJECT --edit"
            )
        return _edit(ask, project)
    if asked := [name for name in EDITING if name in ask.given]:
        option = asked[0].replace("_", "-")
        raise WrkqError("usage", f"--{option} is about --edit: a board alone changes nothing", hint="add --edit")
    found = (
        service.tasks(ask.tracker, project, everything=everything)
        if tasks
        else service.features(ask.tracker, project)
    )
    _say(ask, found)
    _show(ask, found, markdown=markdown)
    return 0


def _show(ask: Request, found: Found, *, markdown: bool) -> None:
    for each in found.boards:
        ask.out.hidden(each.hidden)
    if ask.form.is_json:
        ask.out.objects([_board(each) for each in found.boards])
        return
    for number, each in enumerate(found.boards):
        if markdown:
            ask.out.lines(boarding.markdown(each))
        else:
            ask.out.lines([""] if number else [])
            ask.out.lines(boarding.lines(each, ask.screen))
    if not found.boards:
        ask.out.about("there is no project and no feature: wrkq mkdir NAME --kind project")


def roadmap(
    ctx: typer.Context,
    project: Annotated[str | None, typer.Argument(metavar="PROJECT", help="Else all projects.")] = None,
) -> None:
    """List features: how far each is, what waits, what is due.

    In the order of the board, here merged with the base branch. A feature's percentage is the mean of its tasks'; a
    task that is not completed is as far as its checkboxes and subtasks are.
    """
    from wrkq_files.service import board as service

    ask = request(ctx)
    found = service.features(ask.tracker, project)
    _say(ask, found)
    cards = [(board, stack, card) for board in found.boards for stack in board.stacks for card in stack.cards]

    def read(items: Sequence[Any], names: Sequence[str]) -> list[dict[str, Any]]:
        return reader(_ROADMAP)([_line(*each) for each in items], names)

    def table(items: Sequence[Any]) -> Iterator[str]:
        return tables.lines(_COLUMNS, [_cells(_line(*each)) for each in items], ask.screen, heading=True)

    ask.out.rows(Rows(cards, read, table, _ROADMAP, "path", ("path",)))


def tidy(
    ctx: typer.Context,
    targets: Annotated[list[str] | None, typer.Argument(metavar="TARGET", help="Else all of them.")] = None,
) -> int:
    """Move features into the sections that their tasks say.

    Commands do so by themselves; this is for what hand edits and merges left, as where two branches each completed
    half of a feature. A section that somebody chose after the tasks last moved holds.
    """
    from wrkq_files.service import tidying

    ask = request(ctx)
    return answer(ask, tidying.tidy(ask.tracker, named(targets) if targets else [], ask.options), many=True)


def _say(ask: Request, found: Found) -> None:
    ask.out.merged_with(found.base, found.as_of, merged=found.merged)
    ask.out.faults(entries.moved(ask, found.broken))


def _edit(ask: Request, project: str) -> int:
    from wrkq_files.cli import editor
    from wrkq_files.service import rearranging

    ask.edits = True
    sheet = rearranging.checkout(ask.tracker, project)
    new = sheet.text.encode()
    while True:
        new = editor.edit(new, "board.txt")
        try:
            return answer(ask, rearranging.rearrange(ask.tracker, sheet, new.decode(), ask.options), many=True)
        except WrkqError as error:
            if not editor.again(error):
                raise


def _board(board: Board) -> dict[str, Any]:
    project = board.project
    return {
        "id": project.id if project else None,
        "path": project.address if project else None,
        "title": project.title if project else None,
        **_progress(board),
        "loose": board.loose,
        "sections": [_stack(each) for each in board.stacks],
    }


def _line(board: Board, stack: Stack, card: Card) -> dict[str, Any]:
    facts = {**_card(card), "project": board.project.address if board.project else None, "section": stack.slug}
    return {**facts, "in_progress": card.states.get("in_progress", 0)}


def _cells(line: Mapping[str, Any]) -> list[str]:
    shown = {**line, "in_progress": line["in_progress"] or None, "blocked": line["blocked"] or None}
    return ["" if shown[each.name] is None else str(shown[each.name]) for each in _COLUMNS]


def _stack(stack: Stack) -> dict[str, Any]:
    return {
        "section": stack.slug,
        "title": stack.title,
        "role": stack.role or None,
        "wip_limit": stack.wip_limit,
        "over_limit": stack.is_over,
        "cards": [_card(each) for each in stack.cards],
    }


def _card(card: Card) -> dict[str, Any]:
    entry = card.entry
    facts: dict[str, Any] = {
        "id": entry.id,
        "path": entry.address,
        "title": entry.title,
        "priority": entry.priority,
        "due": card.due,
        "due_soon": card.due_soon,
        "blocked": card.blocked,
        "marks": [mark.words for mark in card.marks],
    }
    if card.progress is None:
        return {**facts, "state": entry.state, "effective_state": entry.effective_state, "assignee": card.person}
    told = {"owner": card.person, **_progress(card), "states": dict(card.states), "suggested": card.suggested}
    return {**facts, **told, "in_flight": [{"branch": name, "documents": n} for name, n in card.branches.items()]}


def _progress(of: Board | Card) -> dict[str, Any]:
    done = of.progress
    return {"done": done.done, "tasks": done.total, "percent": done.percent} if done else {}
