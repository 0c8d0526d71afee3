"""Putting our git hooks, and our merge driver, into a repository, and taking them out again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from wrkq_files.cli import tables, text
from wrkq_files.cli.output import Rows, reader
from wrkq_files.cli.request import Request, request
from wrkq_files.cli.written import PARTLY, painted

if TYPE_CHECKING:
    from wrkq_files.service.hooks import Done, Hook

_FIELDS: Final = ("name", "state", "file", "how")
_STYLES: Final = {"installed": "green", "chained": "green", "missing": "dim"}
_SHARED: Final = "Also in a folder outside of this repository, which others may use."


def install(
    ctx: typer.Context,
    shared: Annotated[bool, typer.Option("--shared", help=_SHARED)] = False,
) -> int:
    """Put wrkq's git hooks into this repository.

    They check what is committed and pushed, and add the trailers of what wrkq wrote to your commits. Hooks that are
    there go on working: ours run before them. Where git looks for hooks (core.hooksPath, husky) is honoured. The
    merge driver, by which git merges documents field by field, goes into this clone's configuration. The second time
    it changes nothing.
    """
    from wrkq_files.service import driving

    ask = request(ctx)
    return _answer(ask, "hooks install", driving.install(ask.door, shared=shared, dry_run=ask.options.dry_run))


def uninstall(
    ctx: typer.Context,
    shared: Annotated[bool, typer.Option("--shared", help=_SHARED)] = False,
) -> int:
    """Take out what `wrkq hooks install` put in.

    Byte for byte what was there before; lines of ours that somebody has edited are left, and named.
    """
    from wrkq_files.service import driving

    ask = request(ctx)
    return _answer(ask, "hooks uninstall", driving.uninstall(ask.door, shared=shared, dry_run=ask.options.dry_run))


def status(ctx: typer.Context) -> None:
    """Show the git hooks, and which of them are ours; the merge driver too.

    installed, chained (with another hook), missing, outdated, edited, disabled (not executable).
    """
    from wrkq_files.service import driving

    ask = request(ctx)
    _, found = driving.status(ask.door)
    rows = [_row(hook) for hook in found]
    ask.out.rows(Rows(rows, reader(_FIELDS), lambda items: _table(ask, items), _FIELDS, "name", ("name",)))


def _answer(ask: Request, operation: str, done: Done) -> int:
    """One line for people, one object for programs; 5 where a hook was left as it is."""
    for name, reason in done.left:
        ask.out.warn(f"{name}: left as it is: {reason}")
    for note in done.notes:
        ask.out.note(note)
    dry_run = ask.options.dry_run
    how = "unchanged" if not done.changed else "dry-run" if dry_run else "written"
    if ask.form.is_json:
        facts: dict[str, Any] = {
            "operation": operation,
            "status": how,
            "folder": str(done.folder),
            "changed": list(done.changed),
            "left": [{"name": name, "reason": reason} for name, reason in done.left],
            "hooks": [_row(hook) for hook in done.hooks],
        }
        ask.out.object(facts | ({"diff": done.diff} if dry_run else {}))
    else:
        count = _counted(done)
        if dry_run:
            ask.out.lines(painted(ask, done.diff))
            ask.out.about(f"{count}  [dry run: nothing is written]")
        else:
            ask.out.lines([f"{count}  {ask.screen.styled(f'[{how}]', 'green' if done.changed else 'dim')}"])
    return PARTLY if done.left else 0


def _counted(done: Done) -> str:
    from wrkq_files.service import driving

    names = [name for name in done.changed if name != driving.NAME]
    count = f"{text.plural(len(names), 'hook')} in {text.one_line(str(done.folder))}"
    return f"{count}, and the merge driver" if len(names) < len(done.changed) else count


def _row(hook: Hook) -> dict[str, Any]:
    return {"name": hook.name, "state": hook.state, "file": str(hook.file), "how": hook.how}


def _table(ask: Request, items: Sequence[dict[str, Any]]) -> Iterator[str]:
    columns = [
        tables.Column("name"),
        tables.Column("state", style=lambda word: _STYLES.get(word, "yellow")),
        tables.Column("file", least=20, keep_end=True),
        tables.Column("how", least=10, style=lambda _: "dim"),
    ]
    return tables.lines(columns, [[item[name] for name in _FIELDS] for item in items], ask.screen)
