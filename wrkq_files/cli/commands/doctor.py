"""What is wrong with this worktree, reports about it, and older formats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from wrkq_files.cli import tables, text
from wrkq_files.cli.findings import STYLES
from wrkq_files.cli.output import Rows, reader
from wrkq_files.cli.request import Request, request
from wrkq_files.cli.written import answer
from wrkq_files.errors import WrkqError

if TYPE_CHECKING:
    from wrkq_files.service.doctor import Mended, Row

_FIELDS: Final = ("name", "status", "observed", "expected", "remedy", "fixable")
_STYLES: Final = {"ok": "green", **STYLES}
_INDENT: Final = " " * 9


def doctor(
    ctx: typer.Context,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what needs no decision; nothing is committed.")] = False,
    dry_run: Annotated[
        bool, typer.Option("-n", "--dry-run", help="With --fix: say what would be done, and do nothing.")
    ] = False,
) -> int:
    """Find what ails this worktree, and mend it.

    Looks at git, its configuration, the index, locks, and what a killed command left. Exits 1 when something is an
    error. --fix writes missing lines of .gitattributes, builds a bad index anew, finishes or undoes what was left.
    """
    from wrkq_files.service import doctor as service

    ask = request(ctx)
    if dry_run and not fix:
        raise WrkqError("usage", "--dry-run has a meaning with --fix only", hint="wrkq doctor --fix --dry-run")
    rows = service.examine(ask.door)
    if fix:
        mended = service.mend(ask.door, rows, dry_run=dry_run)
        _mended(ask, mended, dry_run=dry_run)
        rows = rows if dry_run else service.examine(ask.door)
    items = [{name: getattr(row, name) for name in _FIELDS} for row in rows]
    ask.out.rows(Rows(items, reader(_FIELDS), lambda shown: _lines(ask, shown), _FIELDS, "name", ("name",)))
    counts = {word: sum(row.status == word for row in rows) for word in ("error", "warning")}
    ask.out.about(_summary(rows, counts), counts=counts)
    return 1 if counts["error"] else 0


def migrate(ctx: typer.Context) -> int:
    """Bring a tracker of an older format forward.

    One change of all files, each byte for byte but for what the format changed; --dry-run shows it. Says so where
    there is nothing to do.
    """
    from wrkq_files.service import migrate as service

    ask = request(ctx)
    if ask.options.if_match:
        raise WrkqError(
            "usage", "--if-match is about one document", hint="wrkqadm migrate --dry-run shows all of them"
        )
    return answer(ask, service.migrate(service.opened(ask.door), ask.options), many=False)


def diagnostics(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="The zip file to write.")],
    with_content: Annotated[
        bool, typer.Option("--with-content", help="Add every document as it is, titles and texts too.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that is there.")] = False,
) -> None:
    """Write a report to send along, without titles or texts.

    Versions, settings, counts, the state of the index and of the repository, what `wrkq doctor` says: as JSON in a
    zip file. It holds no title, text, address, file name, person or branch, unless --with-content.
    """
    from wrkq_files.service import diagnostics as service

    ask = request(ctx)
    members = service.write(ask.door, Path(ask.door.cwd, file), content=with_content, force=force)
    if ask.form.is_json:
        ask.out.object({"file": file, "members": list(members), "content": with_content})
    else:
        ask.out.line(f"{file}: {text.plural(len(members), 'member')}: {', '.join(members[:8])}")


def _mended(ask: Request, mended: Sequence[Mended], *, dry_run: bool) -> None:
    for each in mended:
        head = "would" if dry_run else "failed to" if each.error else "mended:"
        said = f"{each.name}: {head} {each.done}" + (f": {each.error}" if each.error else "")
        ask.out.about("\n".join([said, *each.diff.splitlines()]))
    ask.out.about(mended=[each._asdict() for each in mended], dry_run=dry_run)


def _summary(rows: Sequence[Row], counts: dict[str, int]) -> str:
    said = ", ".join(text.plural(count, word) for word, count in counts.items() if count) or "all is well"
    fixable = sum(row.fixable and row.status != "ok" for row in rows)
    return f"{said}; wrkq doctor --fix mends {fixable} of them" if fixable else said


def _lines(ask: Request, items: Sequence[dict[str, Any]]) -> Iterator[str]:
    """A line a check; below one that is not well, what it should be and what to type."""
    columns = [
        tables.Column("status", style=lambda word: _STYLES[word.strip()]),
        tables.Column("name"),
        tables.Column("observed", least=20),
    ]
    cells = [[item["status"], item["name"], item["observed"]] for item in items]
    for item, line in zip(items, tables.lines(columns, cells, ask.screen), strict=True):
        yield line
        for word, value in (("want", item["expected"]), ("mend", item["remedy"])):
            if value and item["status"] != "ok":
                yield f"{_INDENT}{ask.screen.styled(word + ':', 'dim')} {text.one_line(value)}"
