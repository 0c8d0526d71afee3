"""What happened: the log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from wrkq_files.cli import form, tables, text
from wrkq_files.cli.output import Rows, reader
from wrkq_files.cli.request import Request, request
from wrkq_files.cli.request import targets as named
from wrkq_files.errors import WrkqError

if TYPE_CHECKING:
    from wrkq_files.model.events import Event

#: What JSON has of an event; the last two are asked for.
FIELDS: Final = (
    *("time", "actor", "type", "id", "path", "field", "from", "to", "commit", "subject", "operation", "operation_id"),
    *(
        "what",
        "file",
        "on",
        "via",
        "actor_source",
        "co_authors",
        "workspace",
        "session",
        "email",
        "etag",
        "diff",
        "files",
    ),
)
_EVENT: Final = ("type", "id", "path", "file", "what", "field", "from", "to", "etag")
_BLAME: Final = ("field", "value", "commit", "time", "actor", "actor_source", "operation", "subject")
_SHORT: Final = 8
Row = Mapping[str, Any]


def log(
    ctx: typer.Context,
    targets: Annotated[
        list[str] | None, typer.Argument(metavar="TARGET", help="Documents, containers; a commit.")
    ] = None,
    since: Annotated[str | None, typer.Option("--since", metavar="TIME", help="From this time on.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="TIME", help="Up to this time.")] = None,
    actor: Annotated[str | None, typer.Option("--actor", metavar="ACTOR", help="By this actor, or e-mail.")] = None,
    types: Annotated[
        list[str] | None, typer.Option("--type", metavar="TYPE", help="Of this type; task.* for all of tasks.")
    ] = None,
    field: Annotated[str | None, typer.Option("--field", metavar="FIELD", help="Changes of this field.")] = None,
    workspace: Annotated[str | None, typer.Option("--workspace", metavar="W", help="From this workspace.")] = None,
    session: Annotated[str | None, typer.Option("--session", metavar="S", help="From this session.")] = None,
    count: Annotated[int | None, typer.Option("-n", metavar="N", help="At most N entries.", min=1)] = None,
    oneline: Annotated[bool, typer.Option("--oneline", help="One line for each entry.")] = False,
    patch: Annotated[bool, typer.Option("-p", "--patch", help="With the difference of each file.")] = False,
    code: Annotated[
        bool, typer.Option("--code", help="The commits, and the files beside the tracker they touched.")
    ] = False,
    reverse: Annotated[bool, typer.Option("--reverse", help="The oldest first.")] = False,
) -> None:
    """Show what happened, from git's history.

    Every commit counts, whoever made it and with what. Without a target: everything. A container's log is that of all
    it holds or held. What was purged, or lay at an address once, is found as well.
    """
    from wrkq_files.service import log as service

    ask = request(ctx)
    asked = service.Asked(
        targets=named(targets) if targets else (),
        since=moment(ask, since, "--since", end=False),
        until=moment(ask, until, "--until", end=True),
        actor=actor,
        types=tuple(types or ()),
        field=field,
        workspace=workspace,
        session=session,
    )
    deeds = service.log(ask.tracker, asked, reverse=reverse, count=count)
    rows = service.rows(ask.tracker, deeds, patch=patch, code=code)
    extra = {"diff": patch, "files": code}
    names = [name for name in FIELDS if extra.get(name, True)]
    draw = onelines if oneline else entries
    ask.out.rows(Rows(rows, reader(FIELDS), lambda items: draw(ask, items), names, "commit", ("time", "commit")))


def diff(
    ctx: typer.Context,
    words: Annotated[list[str] | None, typer.Argument(metavar="A B", help="Revisions, or documents.")] = None,
    unified: Annotated[bool, typer.Option("-u", "--unified", help="The text, as git shows it.")] = False,
) -> None:
    """Show what differs between two states.

    Without a word: what is not committed. A revision: since then. Two of them (also A..B): between them. With a
    document: of that only. Two documents: what each says that the other does not.
    """
    from wrkq_files.service import comparing

    ask = request(ctx)
    found = comparing.diff(ask.tracker, words or [], unified=unified)
    if unified and not ask.form.is_json:
        ask.out.lines(text.clean(line) for line in found.text.splitlines())
        return
    print_changes(ask, found.events)


def blame(ctx: typer.Context, target: Annotated[str, typer.Argument(metavar="TARGET", help="A document.")]) -> None:
    """Show which commit, and who, last set each field of a document."""
    from wrkq_files.service import blame as service

    ask = request(ctx)
    rows = service.rows(service.blame(ask.tracker, target))
    ask.out.rows(Rows(rows, reader(_BLAME), lambda items: _blamed(ask, items), _BLAME, "field", ("field",)))


def print_changes(ask: Request, events: Iterable[Event]) -> None:
    """Prints what leads from one state to another."""
    from wrkq_files.service import history as service

    rows = [service.of_event(event) for event in events]
    ask.out.rows(Rows(rows, reader(_EVENT), lambda items: changes(ask, items), _EVENT, "path", ("path",)))


def changes(ask: Request, items: Sequence[Row]) -> Iterator[str]:
    """The same as rows, document by document."""
    for number, (_, group) in enumerate(groupby(items, key=lambda row: (row["id"], row["path"]))):
        rows = list(group)
        if number:
            yield ""
        yield ask.screen.styled(_about(ask, rows[0]), "bold")
        yield from (f"    {text.one_line(row['what'])}" for row in rows)


def _blamed(ask: Request, items: Sequence[Row]) -> Iterator[str]:
    columns = (
        tables.Column("commit", style=lambda _: "yellow"),
        tables.Column("time"),
        tables.Column("actor", style=lambda _: "cyan"),
        tables.Column("field"),
        tables.Column("value", least=16),
    )
    cells = [
        [
            (row["commit"] or "")[:_SHORT] or "-",
            _local(row["time"]) if row["time"] else "not committed",
            (row["actor"] or "-") + (" (inferred)" if row["actor_source"] == "inferred" else ""),
            row["field"],
            text.one_line(form.plain(row["value"])),
        ]
        for row in items
    ]
    yield from tables.lines(columns, cells, ask.screen)


def moment(ask: Request, value: str | None, option: str, *, end: bool) -> datetime | None:
    """What an option that takes a time says. Raises ``usage`` for what is none."""
    if value is None:
        return None
    from wrkq_files.service import moments

    found = moments.moment(value, ask.door.now(), end=end)
    if found is None:
        raise WrkqError(
            "usage", f"{option} {value}: that is no time", hint="2026-01-19, 2026-01-19T14:24, yesterday, 3d, 12h"
        )
    return found


def _grouped(items: Iterable[Row]) -> Iterator[list[Row]]:
    """The events of one commit, operation and document, together again."""
    keys = ("commit", "operation_id", "id")
    for _, group in groupby(items, key=lambda row: tuple(row[name] for name in keys)):
        yield list(group)


def entries(ask: Request, items: Sequence[Row], remark: Callable[[Row], str] | None = None) -> Iterator[str]:
    """A line that says when, who and what about, and one for each thing that happened.

    ``remark``: what else the first line says.
    """
    for number, group in enumerate(_grouped(items)):
        first = group[0]
        if number:
            yield ""
        more = f"  {ask.screen.styled(remark(first), 'dim')}" if remark else ""
        yield f"{_when(ask, first)}  {ask.screen.styled(_who(first), 'cyan')}  {_about(ask, first)}{more}"
        for row in group:
            yield f"    {text.one_line(row['what'])}"
        if words := _why(first):
            yield ask.screen.styled(f"    {words}", "dim")
        for file in first.get("files") or ():
            yield f"    {text.one_line(file)}"
        if diff := first.get("diff"):
            yield ""
            yield from (text.clean(line) for line in diff.rstrip("\n").split("\n"))


def onelines(ask: Request, items: Iterable[Row]) -> Iterator[str]:
    for group in _grouped(items):
        first = group[0]
        said = ", ".join(text.one_line(row["what"]) for row in group)
        who, rest = _who(first), f"{_about(ask, first)}: {said}"
        # The commit and its time take 25 columns.
        room = ask.screen.width - 27 - text.width(who) if ask.screen.terminal else None
        rest = text.cut(rest, max(room, 20)) if room is not None else rest
        yield f"{_when(ask, first)} {ask.screen.styled(who, 'cyan')} {rest}"


def _when(ask: Request, row: Row) -> str:
    return f"{ask.screen.styled(row['commit'][:_SHORT], 'yellow')} {_local(row['time'])}"


def _local(time: str) -> str:
    """A time by the machine's clock, as people read it."""
    from wrkq_files.model import times

    moment = times.parse(time)
    return f"{moment.astimezone():%Y-%m-%d %H:%M}" if moment else time


def _who(row: Row) -> str:
    others = "".join(f", {each}" for each in row["co_authors"])
    return text.one_line(row["actor"] + (" (inferred)" if row["actor_source"] == "inferred" else "") + others)


def _about(ask: Request, row: Row) -> str:
    """The document's id and address; of a comment, what it is on."""
    words = [row.get("on") or row["id"] or "", row["path"] or ""]
    return text.one_line(" ".join(word for word in words if word))


def _why(row: Row) -> str:
    """The commit's subject, where no operation says what was done, or where it is a squash."""
    if row["operation"] and not row["via"]:
        return ""
    return text.one_line(f"{row['subject']}{' / ' + row['via'] if row['via'] else ''}")
