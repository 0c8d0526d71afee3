"""Many operations as one change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from wrkq_files.cli import form, text
from wrkq_files.cli.request import Request, content, request
from wrkq_files.cli.written import PARTLY, painted, warn_agent

if TYPE_CHECKING:
    from wrkq_files.service.change import Written

_SHORT: Final = 8


def batch(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="The operations; - for standard input.")],
    go_on: Annotated[
        bool, typer.Option("--continue-on-error", help="Leave out operations that fail; exit 5 when some did.")
    ] = False,
) -> int:
    """Do many things as one change.

    One JSON object for each operation, a line each or in an array: docs/batch.md. All of them become one commit, or
    none is done. "as" names what an operation makes, and "$NAME" stands for it in later ones.

    Example: `echo '{"op": "set", "target": "T-4K9", "fields": {"priority": 1}}' | wrkq batch -`
    """
    from wrkq_files.service import batch as service
    from wrkq_files.service import batch_input

    ask = request(ctx)
    tracker = ask.tracker  # where there is none, nothing needs to be read
    operations = batch_input.read(content(file), "stdin" if file == "-" else file)
    # The same operations are the same request, wherever they are read from.
    ask.words = (ctx.command_path, {"go_on": go_on})
    ask.came_in = [form.dumps([each.as_json() for each in operations])]
    return _answer(ask, service.run(tracker, operations, ask.options, go_on=go_on))


def _answer(ask: Request, written: Written) -> int:
    from wrkq_files.service.batch import ROWS

    rows: Sequence[Mapping[str, Any]] = written.data[ROWS]
    for note in written.notes:
        ask.out.note(note)
    warn_agent(ask, written)
    if ask.form.is_json:
        again = {"replayed": True} if written.replayed else {}
        if written.status == "dry-run":
            ask.out.about(diff=written.diff)
        ask.out.objects([{**row, **again} for row in rows])
    else:
        _as_text(ask, written, rows)
    return PARTLY if written.failed else 0


def _as_text(ask: Request, written: Written, rows: Sequence[Mapping[str, Any]]) -> None:
    if written.status == "dry-run":
        ask.out.lines(painted(ask, written.diff))
    else:
        ask.out.lines(_line(ask, row) for row in rows if row["status"] != "failed")
    for place, error in written.failed:
        hint = f"\n  hint: {error.hint}" if error.hint else ""
        ask.out.about(f"{ask.program}: {place}: {error.message}{hint}")
    if written.status == "dry-run":
        ask.out.about(f"{written.subject}  [dry run: nothing is written]")


def _line(ask: Request, row: Mapping[str, Any]) -> str:
    commit = row.get("commit")
    how = commit[:_SHORT] if commit else row["status"]
    said = row.get("subject") or f"{row['path'] or ''} {row['op']}".strip()
    words = f"{row['ids'][0]} {said}" if row["ids"] and not said.startswith(row["ids"][0]) else said
    style = "dim" if row["status"] == "unchanged" else "green"
    return f"{text.one_line(words)}  {ask.screen.styled(f'[{how}]', style)}"
