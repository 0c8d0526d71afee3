"""What waits for what, as a tree or as a diagram."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from wrkq_files.cli import entries, text
from wrkq_files.cli.request import Request, request
from wrkq_files.errors import WrkqError
from wrkq_files.model import diagrams, forest

if TYPE_CHECKING:
    from wrkq_files.index.entry import Entry
    from wrkq_files.service.blocking import Freeing, Graph

_TREE: Final = "tree"
_DIAGRAMS: Final = {"mermaid": diagrams.mermaid, "dot": diagrams.dot}
#: A tree that is drawn deeper than this is wider than anybody's screen; who wants it names a depth.
_DEEPEST: Final = 50
_FIELDS: Final = ("id", "path", "title", "state", "effective_state", "priority", "assignee")
#: What Mermaid refuses to draw without being configured is more than this.
_MERMAID_EDGES: Final = 500
#: So many of what a task frees are named.
_NAMED: Final = 10
_LEAST_TITLE: Final = 8
_SIGNS: Final = {
    forest.ABOVE: "(shown above)",
    forest.BELOW: "(shown below)",
    forest.CYCLE: "(a cycle: it waits for itself)",
}


def graph(
    ctx: typer.Context,
    target: Annotated[str | None, typer.Argument(metavar="TARGET", help="A task; else all.")] = None,
    reverse: Annotated[bool, typer.Option("--reverse", help="What waits for TARGET.")] = False,
    depth: Annotated[int | None, typer.Option("--depth", metavar="N", min=1, help="At most N steps.")] = None,
    everything: Annotated[bool, typer.Option("-a", "--all", help="Closed and archived tasks too.")] = False,
    form: Annotated[str, typer.Option("--format", metavar="FORMAT", help="tree, mermaid or dot.")] = _TREE,
) -> None:
    """Show what tasks wait for.

    Below TARGET stands what it waits for, then what finishing it would free. Without TARGET it is a forest: below
    each task what waits for it. A task that comes again is shown whole in one place.

    With --json: `nodes`, and `edges` from the one that blocks to the one that waits; of TARGET also what it `frees`,
    and how many are `waiting`.

    Example: `wrkq graph --format mermaid`
    """
    from wrkq_files.service import blocking

    ask = request(ctx)
    if form not in (_TREE, *_DIAGRAMS):
        hint = f"formats: {', '.join([_TREE, *_DIAGRAMS])}"
        raise WrkqError("usage", f"there is no format `{form}`", hint=hint)
    if ask.form.is_json and form != _TREE:
        raise WrkqError("usage", f"--json and --format {form} are two forms of one answer", hint="choose one")
    is_drawn = form == _TREE and not ask.form.is_json
    most = depth or (_DEEPEST if is_drawn else None)
    found = blocking.graph(ask.tracker, target, reverse=reverse, everything=everything, depth=most)
    if ask.form.is_json:
        ask.out.object(_object(ask, found))
    elif is_drawn:
        ask.out.lines(_drawn(ask, found, most))
        ask.out.lines(_freeing(found.freeing))
    else:
        ask.out.lines(_DIAGRAMS[form](map(_node, found.tasks.items()), found.edges))
    _about(ask, found, form, most)


def _about(ask: Request, found: Graph, form: str, depth: int | None) -> None:
    if not found.tasks:
        ask.out.about("no open task waits for another" if any(found.hidden.values()) else "no task waits for another")
    if len(found.edges) > _MERMAID_EDGES and form == "mermaid":
        ask.out.note(f"Mermaid draws at most {_MERMAID_EDGES} edges unless it is told to (maxEdges): name a TARGET")
    if found.deeper:
        lie = "task lies" if found.deeper == 1 else "tasks lie"
        ask.out.about(
            f"{found.deeper} {lie} deeper than {depth}; --depth {2 * (depth or 1)} shows more", deeper=found.deeper
        )
    ask.out.hidden(found.hidden)
    ask.out.faults(entries.moved(ask, found.broken))


def _object(ask: Request, found: Graph) -> dict[str, Any]:
    from wrkq_files.service.rows import rows

    there = {name: task for name, task in found.tasks.items() if task}
    facts = dict(zip(there, rows(ask.tracker, [*there.values()], _FIELDS), strict=True))
    told: dict[str, Any] = {
        "nodes": [facts.get(name) or {"id": name, "missing": True} for name in found.tasks],
        "edges": [{"from": first, "to": second} for first, second in found.edges],
    }
    if found.freeing:
        frees = [{"id": each.id, "path": each.address, "title": each.title} for each in found.freeing.frees]
        told |= {"frees": frees, "waiting": found.freeing.waiting}
    return told


def _node(named: tuple[str, Entry | None]) -> diagrams.Node:
    name, task = named
    if task is None:
        return diagrams.Node(name, (f"{name} missing",), diagrams.MISSING)
    state = _state(task)
    is_closed = state in ("completed", "cancelled", "archived")
    return diagrams.Node(name, (f"{name} {state}", task.title), diagrams.CLOSED if is_closed else "")


def _state(task: Entry) -> str:
    return "archived" if task.archived else task.effective_state


def _drawn(ask: Request, found: Graph, depth: int | None) -> Iterator[str]:
    margins: list[str] = []  # by level: what stands before all that is below the last line of that level
    for line in forest.lines(found.below, found.starts, depth):
        del margins[line.level :]
        before = "".join(margins[1:])
        branch = ("└── " if line.is_last else "├── ") if line.level else ""
        margins.append("    " if line.is_last else "│   ")
        yield _leaf(ask, found.tasks[line.node], line, before + branch)


def _leaf(ask: Request, task: Entry | None, line: forest.Line, before: str) -> str:
    state = _state(task) if task else "missing"
    sign = _SIGNS.get(line.sign, f"… {line.cut} more" if line.cut else "")
    if task and ask.marks.changed and (mark := ask.marks.words(task)):
        sign = f"{mark}  {sign}".rstrip()
    title = text.one_line(task.title) if task else ""
    if title and ask.screen.terminal:
        room = ask.screen.width - len(f"{before}{line.node}  {state}    {sign}  ")
        title = text.cut(title, room) if room >= _LEAST_TITLE else ""
    style = entries.STATE_STYLES.get(state, "" if task else "red")
    parts = [ask.screen.styled(text.one_line(line.node), "dim"), ask.screen.styled(state, style), title]
    return before + "  ".join(part for part in (*parts, ask.screen.styled(sign, "dim")) if part)


def _freeing(found: Freeing | None) -> Iterator[str]:
    """What finishing the task would do, for people."""
    if found is None:
        return
    yield ""
    if not found.waiting:
        yield "nothing waits for it"
        return
    waits = f"{found.waiting} wait{'s' if found.waiting == 1 else ''} for it, directly or not"
    if not found.frees:
        yield f"finishing it frees none: {waits}"
        return
    named = [f"{each.id} ({text.one_line(each.slug)})" for each in found.frees[:_NAMED]]
    more = len(found.frees) - len(named)
    yield f"finishing it frees {len(found.frees)}: {', '.join(named)}{f' and {more} more' if more else ''}"
    yield waits
