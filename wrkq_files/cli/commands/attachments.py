"""Files that belong to documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from wrkq_files.cli import tables
from wrkq_files.cli.output import Rows, reader
from wrkq_files.cli.request import Request, content, request
from wrkq_files.cli.written import answer
from wrkq_files.errors import WrkqError

Target = Annotated[str, typer.Argument(metavar="TARGET", help="A task or container: id, address or path.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The attachment's name.")]
_FIELDS = ("name", "size", "on", "file")


def put(
    ctx: typer.Context,
    target: Target,
    file: Annotated[str, typer.Argument(metavar="FILE", help="The file; - for standard input.")],
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="Another name than the file's.")] = None,
) -> int:
    """Attach a file to a document.

    Git keeps every version of it for ever: at most 50 MiB. --force replaces another file of that name.
    """
    from wrkq_files.service import attachments

    ask = request(ctx)
    if file == "-" and not name:
        raise WrkqError("usage", "standard input has no name", hint="wrkq attach put TARGET - --name NAME")
    called = name or Path(file).name
    return answer(ask, attachments.put(ask.tracker, target, called, content(file), ask.options), many=False)


def ls(ctx: typer.Context, target: Target) -> None:
    """List a document's attachments."""
    from wrkq_files.service import attachments

    ask = request(ctx)
    found = [
        {"name": each.name, "size": each.size, "on": each.on, "file": each.path}
        for each in attachments.ls(ask.tracker, target)
    ]
    ask.out.rows(Rows(found, reader(_FIELDS), lambda items: _table(ask, items), _FIELDS, "name", ("name",)))


def get(
    ctx: typer.Context,
    target: Target,
    name: Name,
    output: Annotated[
        str | None, typer.Option("-o", "--output", metavar="FILE", help="Save it there; a folder keeps the name.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that is there.")] = False,
) -> None:
    """Print an attachment, or save it.

    Without -o its bytes go to standard output. An existing file is not overwritten without --force.
    """
    from wrkq_files.service import attachments

    ask = request(ctx)
    data = attachments.get(ask.tracker, target, name)
    if output is None:
        if ask.screen.terminal and b"\0" in data:
            raise WrkqError("refused", f"{name} is not text", hint=f"save it: wrkq attach get {target} {name} -o .")
        ask.screen.emit_raw(data)
        return
    place = Path(output) / name if Path(output).is_dir() else Path(output)
    _save(place, data, force=force)
    if ask.given.get("json"):
        ask.out.object({"name": name, "size": len(data), "saved": str(place)})
    else:
        ask.out.line(f"{place}: {len(data)} bytes")


def rm(ctx: typer.Context, target: Target, name: Name) -> int:
    """Remove an attachment.

    Git's history keeps it.
    """
    from wrkq_files.service import attachments

    ask = request(ctx)
    return answer(ask, attachments.rm(ask.tracker, target, name, ask.options), many=False)


def _save(place: Path, data: bytes, *, force: bool) -> None:
    try:
        with place.open("wb" if force else "xb") as file:
            file.write(data)
    except FileExistsError as error:
        raise WrkqError("exists", f"{place} is there already", hint="--force overwrites it") from error


def _table(ask: Request, items: Sequence[dict[str, Any]]) -> Iterator[str]:
    columns = [tables.Column("size", right=True), tables.Column("name", least=12), tables.Column("file", least=12)]
    cells = [[str(item["size"]), item["name"], item["file"]] for item in items]
    return tables.lines(columns, cells, ask.screen)
