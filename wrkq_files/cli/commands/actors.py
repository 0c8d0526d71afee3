"""The people and agents that work here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer

from wrkq_files.cli import tables
from wrkq_files.cli.output import Rows, reader
from wrkq_files.cli.request import Request, assignments, request
from wrkq_files.cli.written import answer
from wrkq_files.errors import WrkqError

Slug = Annotated[str, typer.Argument(metavar="NAME", help="The actor's name: a-z, 0-9 and -.")]
Role = Annotated[str | None, typer.Option("--role", metavar="ROLE", help="human, agent or system.")]
Display = Annotated[str | None, typer.Option("--name", metavar="TEXT", help="The name for people.")]
Duties = Annotated[
    list[str] | None,
    typer.Option("--duty", metavar="DUTY", help="planner, executor, reviewer, coordinator; repeat it."),
]
Emails = Annotated[
    list[str] | None, typer.Option("--email", metavar="EMAIL", help="A git identity that is this actor; repeat it.")
]
_FIELDS = ("actor", "role", "display_name", "duties", "emails", "file")


def add(
    ctx: typer.Context,
    slug: Slug,
    role: Role = "human",
    name: Display = None,
    duties: Duties = None,
    emails: Emails = None,
) -> int:
    """Add an actor.

    Example: `wrkqadm actor add agent-codex --role agent --duty executor`
    """
    from wrkq_files.service import roster

    ask = request(ctx)
    given = _typed(ask, role, name, duties, emails, [])
    written = roster.add(
        ask.tracker,
        slug,
        role=str(given.get("role", "human")),
        display_name=name,
        duties=given.get("duties", ()),
        emails=given.get("emails", ()),
        options=ask.options,
    )
    return answer(ask, written, many=False)


def ls(ctx: typer.Context) -> None:
    """List the actors."""
    ask = request(ctx)
    found = [
        {
            "actor": slug,
            "role": entry.fields.get("role", "human"),
            "display_name": entry.title,
            "duties": list(entry.fields.get("duties", ())),
            "emails": list(entry.fields.get("emails", ())),
            "file": entry.path,
        }
        for slug, entry in sorted(ask.tracker.actors().items())
    ]
    ask.out.rows(Rows(found, reader(_FIELDS), lambda items: _table(ask, items), _FIELDS, "actor", ("actor",)))


def set_(
    ctx: typer.Context,
    slug: Slug,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="FIELD=VALUE", help="Fields; an empty value clears.")
    ] = None,
    role: Role = None,
    name: Display = None,
    duties: Duties = None,
    emails: Emails = None,
) -> int:
    """Change an actor.

    --duty and --email name the whole list.

    Example: `wrkqadm actor set lance --email lance@example.com --email lance@work.example`
    """
    from wrkq_files.service import roster

    ask = request(ctx)
    left, pairs = assignments(words or [])
    if left:
        raise WrkqError("usage", f"`{left[0]}` is no FIELD=VALUE", hint="wrkqadm actor set NAME --role agent")
    given = _typed(ask, role, name, duties, emails, pairs)
    if not given:
        raise WrkqError("usage", "nothing to change", hint="--role, --name, --duty, --email, or FIELD=VALUE")
    return answer(ask, roster.change(ask.tracker, slug, given, ask.options), many=False)


def _typed(
    ask: Request,
    role: str | None,
    name: str | None,
    duties: list[str] | None,
    emails: list[str] | None,
    pairs: list[tuple[str, str]],
) -> dict[str, Any]:
    from wrkq_files.model.fields import DocType
    from wrkq_files.service import assign

    told = {"role": role, "display_name": name, "duties": _listed(duties), "emails": _listed(emails)}
    given = [(field, value) for field, value in told.items() if value is not None]
    return assign.all_typed(ask.tracker, DocType.ACTOR, [*given, *pairs])


def _listed(values: list[str] | None) -> str | None:
    return ",".join(values) if values else None


def _table(ask: Request, items: Sequence[dict[str, Any]]) -> Iterator[str]:
    columns = [
        tables.Column("actor", style=lambda _: "cyan"),
        tables.Column("role"),
        tables.Column("name", least=12),
        tables.Column("duties", least=12),
        tables.Column("emails", least=12),
    ]
    cells = [
        [item["actor"], item["role"], item["display_name"], ",".join(item["duties"]), ",".join(item["emails"])]
        for item in items
    ]
    return tables.lines(columns, cells, ask.screen)
