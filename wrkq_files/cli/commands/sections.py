"""The columns of a project's board."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from wrkq_files.cli import tables
from wrkq_files.cli.output import Rows, reader
from wrkq_files.cli.request import request
from wrkq_files.cli.request import targets as named
from wrkq_files.cli.tables import Column
from wrkq_files.cli.written import answer
from wrkq_files.errors import WrkqError
from wrkq_files.model import ranks

if TYPE_CHECKING:
    from wrkq_files.model.ranks import Place
    from wrkq_files.service.sections import Row

_FIELDS: Final = ("project", "section", "title", "role", "default", "wip_limit", "features")
_COLUMNS: Final = (
    Column("project", least=10, keep_end=True, style=lambda _: "cyan"),
    Column("section", style=lambda _: "blue"),
    Column("title", least=10),
    Column("role"),
    Column("features", right=True),
    Column("notes", least=10, optional=True, style=lambda _: "yellow"),
)
_ROLES: Final = "backlog, ready, active, review or done"

Project = Annotated[str, typer.Argument(metavar="PROJECT", help="An id, an address or a path.")]
Slug = Annotated[str, typer.Argument(metavar="SECTION", help="The section's name: a-z, 0-9 and -.")]
Title = Annotated[str | None, typer.Option("--title", metavar="TEXT", help="The name for people.")]
Role = Annotated[str | None, typer.Option("--role", metavar="ROLE", help=f"What it is for: {_ROLES}.")]
Limit = Annotated[
    int | None, typer.Option("--wip-limit", metavar="N", help="How many features may stand in it at once.")
]
Default = Annotated[bool, typer.Option("--default", help="New features land in it.")]
At = Annotated[
    str | None, typer.Option("--place", metavar="PLACE", help="top, bottom, before:SECTION, after:SECTION.")
]


def ls(
    ctx: typer.Context,
    project: Annotated[str | None, typer.Argument(metavar="PROJECT", help="Else those of all projects.")] = None,
) -> None:
    """List the sections of projects."""
    from wrkq_files.service import sections

    ask = request(ctx)
    found = sections.ls(ask.tracker, project)
    rows = Rows(
        found,
        lambda items, names: reader(_FIELDS)([_object(each) for each in items], names),
        lambda items: tables.lines(_COLUMNS, [_cells(each) for each in items], ask.screen),
        _FIELDS,
        "section",
        ("section", "project"),
    )
    ask.out.rows(rows)


def set_(
    ctx: typer.Context,
    words: Annotated[
        list[str], typer.Argument(metavar="FEATURE... SECTION", help="Features, and last the section's name.")
    ],
    rank: Annotated[
        str | None,
        typer.Option("--rank", metavar="PLACE", help="Where in it: top, bottom, before:FEATURE, after:FEATURE."),
    ] = None,
) -> int:
    """Put features into a section.

    The same as `wrkq set FEATURE --section SECTION`. A section that is too full is said, and takes them all the same.

    Example: `wrkq section set portal/login doing --rank top`
    """
    from wrkq_files.service import update

    ask = request(ctx)
    if len(words) < 2:
        raise WrkqError("usage", "which section?", hint="wrkq section set FEATURE SECTION")
    pairs = [("section", words[-1]), *([("rank", rank)] if rank else [])]
    written = update.set_fields(ask.tracker, named(words[:-1]), update.Assignments(pairs), ask.options)
    return answer(ask, written, many=True)


def add(
    ctx: typer.Context,
    project: Project,
    slug: Slug,
    role: Annotated[str, typer.Option("--role", metavar="ROLE", help=f"What it is for: {_ROLES}.")],
    title: Title = None,
    limit: Limit = None,
    default: Default = False,
    place: At = None,
) -> int:
    """Add a section to a project.

    It comes last, unless --place says otherwise.

    Example: `wrkq section add portal qa --role review --wip-limit 3 --place before:done`
    """
    from wrkq_files.service import sections

    ask = request(ctx)
    given = sections.Given(title, role, limit, default)
    return answer(
        ask, sections.add(ask.tracker, project, slug, given, _place(place or ranks.BOTTOM), ask.options), many=False
    )


def edit(
    ctx: typer.Context,
    project: Project,
    slug: Slug,
    title: Title = None,
    role: Role = None,
    limit: Limit = None,
    default: Default = False,
    new: Annotated[str | None, typer.Option("--slug", metavar="NAME", help="Another name.")] = None,
) -> int:
    """Change a section: its title, role, limit or name.

    Features that stand in it go along with another name; `--wip-limit 0` takes the limit away.
    """
    from wrkq_files.service import sections

    ask = request(ctx)
    given = sections.Given(title, role, limit, default, new)
    return answer(ask, sections.edit(ask.tracker, project, slug, given, ask.options), many=False)


def mv(
    ctx: typer.Context,
    project: Project,
    slug: Slug,
    place: Annotated[str, typer.Argument(metavar="PLACE", help="top, bottom, before:SECTION, after:SECTION.")],
) -> int:
    """Put a section at another place among the others."""
    from wrkq_files.service import sections

    ask = request(ctx)
    return answer(ask, sections.mv(ask.tracker, project, slug, _place(place), ask.options), many=False)


def rm(
    ctx: typer.Context,
    project: Project,
    slug: Slug,
    move_to: Annotated[
        str | None, typer.Option("--move-to", metavar="SECTION", help="Where the features go that stand in it.")
    ] = None,
) -> int:
    """Remove a section.

    One that features stand in goes only with --move-to.
    """
    from wrkq_files.service import sections

    ask = request(ctx)
    return answer(ask, sections.rm(ask.tracker, project, slug, ask.options, move_to=move_to), many=False)


def _place(text: str) -> Place:
    found = ranks.place(text)
    if found is None:
        raise WrkqError("usage", f"`{text}` is no place: allowed is {ranks.PLACES}")
    return found


def _object(row: Row) -> dict[str, Any]:
    return {"project": row.project, "section": row.slug, **{n: getattr(row, n) for n in _FIELDS[2:]}}


def _cells(row: Row) -> Sequence[str]:
    notes = ["new features"] if row.default else []
    full = row.wip_limit is not None and row.features > row.wip_limit
    count = str(row.features) if row.wip_limit is None else f"{row.features}/{row.wip_limit}"
    notes += ["over its limit"] if full else []
    return [row.project or ".", row.slug, row.title, row.role, count, ", ".join(notes)]
