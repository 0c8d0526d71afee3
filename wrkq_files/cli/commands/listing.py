"""Lists and trees of containers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from wrkq_files.cli import entries, text
from wrkq_files.cli.request import Request, request
from wrkq_files.model.document import slug_of

if TYPE_CHECKING:
    from wrkq_files.index.entry import Entry
    from wrkq_files.service.reading import Node

#: A shorter piece of a title says nothing.
_LEAST_TITLE: Final = 8
Everything = Annotated[bool, typer.Option("-a", "--all", help="Show closed and archived tasks, ideas and notes too.")]


def ls(
    ctx: typer.Context,
    targets: Annotated[
        list[str] | None, typer.Argument(metavar="TARGET", help="Containers or tasks; else here.")
    ] = None,
    long: Annotated[
        bool, typer.Option("-l", "--long", help="More columns: kind, due, boxes, score, labels.")
    ] = False,
    everything: Everything = False,
    recursive: Annotated[
        bool, typer.Option("-R", "--recursive", help="Everything below, not only what is directly there.")
    ] = False,
) -> None:
    """List what is in a container.

    Closed and archived tasks and ideas are left out, and counted on stderr; -a shows them.
    """
    from wrkq_files.service import reading

    ask = request(ctx)
    found = reading.ls(ask.tracker, targets or [], everything=everything, recursive=recursive)
    notes = [entries.Note(path) for path in found.notes]
    listed: list[Entry | entries.Note] = [*found.entries, *notes]
    ask.out.rows(entries.rows(ask, listed, long=long))
    ask.out.hidden(found.hidden)
    ask.out.faults(entries.moved(ask, found.broken))


def tree(
    ctx: typer.Context,
    target: Annotated[
        str | None, typer.Argument(metavar="CONTAINER", help="Where to begin; else the whole tracker.")
    ] = None,
    everything: Everything = False,
    depth: Annotated[int | None, typer.Option("--depth", metavar="N", min=1, help="At most N levels.")] = None,
) -> None:
    """Show containers, tasks and subtasks as a tree.

    With --json: an array of lean rows, each with its `children`.
    """
    from wrkq_files.service import reading

    ask = request(ctx)
    found = reading.tree(ask.tracker, target, everything=everything, depth=depth)
    if ask.form.is_json:
        ask.out.objects([_object(ask, node) for node in found.roots])
    else:
        ask.out.line(f"{found.address or ask.tracker.prefix or ask.tracker.root.name}/", "blue bold")
        ask.out.lines(_branches(ask, found.roots))
    ask.out.hidden(found.hidden)
    ask.out.faults(entries.moved(ask, found.broken))


def _branches(ask: Request, roots: Sequence[Node]) -> Iterator[str]:
    waiting = _level(roots, "")
    while waiting:
        node, indent, last = waiting.pop()
        yield _leaf(ask, node, indent + ("└── " if last else "├── "))
        if node.children:
            waiting += _level(node.children, indent + ("    " if last else "│   "))


def _level(nodes: Sequence[Node], indent: str) -> list[tuple[Node, str, bool]]:
    """Nodes with what stands before them and whether each is the last, in the order in which they are popped."""
    return [(node, indent, number == 0) for number, node in enumerate(reversed(nodes))]


def _leaf(ask: Request, node: Node, before: str) -> str:
    entry, kind = node.entry, node.entry.type
    is_task = kind == "task"
    state, slug = entries.state_word(entry, kind), slug_of(kind, entry.path)
    plain = text.one_line(slug if is_task else f"{slug}/")
    name = ask.screen.styled(plain, "" if is_task else "blue bold")
    facts = "" if state == "open" or (state == "misc" and not is_task) else state
    facts += f" P{entry.priority}" if is_task and entry.priority < 3 else ""
    facts += f" @{entry.assignee}" if entry.assignee else ""
    if ask.marks.changed and (mark := ask.marks.words(entry)):
        facts += f"  {mark}"
    title = "" if entry.title == slug else text.one_line(entry.title)
    if title and ask.screen.terminal:
        room = ask.screen.width - len(f"{before}{plain}  {facts}  ")
        title = text.cut(title, room) if room >= _LEAST_TITLE else ""
    line = f"{before}{name}  {title}" if title else before + name
    return f"{line}  {ask.screen.styled(facts.strip(), entries.STATE_STYLES.get(state, ''))}" if facts else line


def _object(ask: Request, node: Node) -> dict[str, Any]:
    from wrkq_files.service.rows import LEAN, rows

    [row] = rows(ask.tracker, [node.entry], (*LEAN, "type"))
    return {**row, "children": [_object(ask, child) for child in node.children]}
