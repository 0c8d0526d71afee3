"""Setting up: a tracker, its settings, its index, an import."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wrkq_files.cli import form, tables, text
from wrkq_files.cli.output import Rows, reader
from wrkq_files.cli.request import Request, content, request
from wrkq_files.cli.written import answer

if TYPE_CHECKING:
    from wrkq_files.service.setup import Initialised

_SETTING = ("name", "value", "source")


def init(
    ctx: typer.Context,
    folder: Annotated[
        str | None, typer.Argument(metavar="DIR", help="The tracker's folder; else wrkq/ at the top.")
    ] = None,
) -> None:
    """Make a tracker in this repository.

    Writes wrkq.yaml, an inbox, the first actor (you, from git's identity) and .gitattributes. `commit:` becomes
    `auto` where nothing but the tracker is tracked. Commits only with --commit; running it again changes nothing.
    """
    from wrkq_files.service import setup

    ask = request(ctx)
    options = ask.options
    made = setup.init(ask.door, folder, dry_run=options.dry_run, commit=bool(options.commit))
    if ask.given.get("json"):
        ask.out.object(_made(made, dry_run=options.dry_run))
    elif options.dry_run:
        ask.out.lines(text.clean(line) for line in made.diff.splitlines())
    else:
        ask.out.line(_init_line(made))
        if made.files and not made.commit:
            ask.out.about(f"commit it when you are ready: git add {made.root} && git commit, or wrkq commit")


def import_markdown(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="The backlog; - for standard input.")],
    into: Annotated[
        str, typer.Option("--into", metavar="PROJECT", help="The project that takes it; made when missing.")
    ],
    again: Annotated[bool, typer.Option("--again", help="Import a file that was imported before.")] = False,
) -> int:
    """Import a backlog from one Markdown file.

    Level-2 headings become features, level-3 headings tasks; bold Status, Priority, Score and Blocked lines become
    fields. What was not taken over word for word is reported on stderr, with its line.
    """
    from wrkq_files.service import importing

    ask = request(ctx)
    name = "standard input" if file == "-" else Path(file).name
    found = importing.import_markdown(ask.tracker, content(file), name, into, ask.options, again=again)
    for note in found.notes:
        ask.out.about(
            f"{file}:{note.line}: {note.message}",
            report=[{"line": note.line, "code": note.code, "message": note.message}],
        )
    ask.out.about(
        f"{text.plural(found.features, 'feature')}, {text.plural(found.tasks, 'task')}",
        features=found.features,
        tasks=found.tasks,
    )
    return answer(ask, found.written, many=False)


def config_doctor(ctx: typer.Context) -> None:
    """Show each setting and where it comes from."""
    from wrkq_files.service import settings

    ask = request(ctx)
    found = [{"name": s.name, "value": s.value, "source": s.source} for s in settings.doctor(ask.tracker)]
    ask.out.rows(Rows(found, reader(_SETTING), lambda items: _settings(ask, items), _SETTING, "name", ("name",)))


def config_set(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The setting: commit.mode, rules.unknown-key.")],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="Its value; an empty one takes it out.")],
) -> int:
    """Change a setting of wrkq.yaml.

    The file's comments and layout stay. Lists are words with commas; docs/schema.md names the settings.

    Example: `wrkqadm config set commit.mode auto`, `wrkqadm config set kinds story,epic`
    """
    from wrkq_files.service import settings

    ask = request(ctx)
    return answer(ask, settings.change(ask.tracker, name, value, ask.options), many=False)


def index_status(ctx: typer.Context) -> None:
    """Show the state of the index."""
    ask = request(ctx)
    ask.tracker.index.refresh()
    _index(ask)


def index_rebuild(ctx: typer.Context) -> None:
    """Build the index again from the files.

    Never needed for right answers: a damaged or old index is rebuilt without asking.
    """
    ask = request(ctx)
    ask.tracker.index.rebuild()
    _index(ask)


def _index(ask: Request) -> None:
    facts = dict(ask.tracker.index.status())
    if ask.form.is_json:
        ask.out.object(facts)
    else:
        facts["size"] = f"{facts['size'] / 1_000_000:.1f} MB"
        widest = max(map(len, facts))
        ask.out.lines(f"{name:<{widest}}  {text.one_line(form.plain(value))}" for name, value in facts.items())


def _made(made: Initialised, *, dry_run: bool) -> dict[str, Any]:
    status = "dry-run" if dry_run else "committed" if made.commit else "written" if made.files else "unchanged"
    facts: dict[str, Any] = {
        "operation": "init",
        "status": status,
        "root": made.root,
        "files": list(made.files),
        "commit_mode": made.commit_mode,
        "actor": made.actor,
        "commit": made.commit,
    }
    return facts | ({"diff": made.diff} if dry_run else {})


def _init_line(made: Initialised) -> str:
    if not made.files:
        return f"there is a tracker in {made.root} already  [unchanged]"
    who = f", actor {made.actor}" if made.actor else ", no actor: git has no identity"
    how = made.commit[:8] if made.commit else "written"
    return f"tracker made in {made.root}, commit mode {made.commit_mode}{who}  [{how}]"


def _settings(ask: Request, items: Sequence[dict[str, Any]]) -> Iterator[str]:
    columns = [
        tables.Column("name"),
        tables.Column("value", least=20),
        tables.Column("source", style=lambda _: "dim"),
    ]
    cells = [[item["name"], form.plain(item["value"]) or "-", item["source"]] for item in items]
    return tables.lines(columns, cells, ask.screen)
