"""Making tasks and containers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from wrkq_files.cli.request import Request, assignments, body, request, targets
from wrkq_files.cli.text import one_line
from wrkq_files.cli.written import answer
from wrkq_files.errors import WrkqError

if TYPE_CHECKING:
    from wrkq_files.service.change import Written
    from wrkq_files.service.create import New

Body = Annotated[
    str | None,
    typer.Option("--body", metavar="TEXT", help="The text: as it is, from @FILE, or from - (standard input)."),
]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Name no tasks with a similar title.")]
Template = Annotated[str | None, typer.Option("--template", metavar="NAME", help="Begin with _templates/NAME.md.")]


def add(
    ctx: typer.Context,
    title: Annotated[list[str], typer.Argument(metavar="TITLE", help="The title; several words need no quotes.")],
    into: Annotated[
        str | None,
        typer.Option("--into", metavar="CONTAINER", help="Where; else the container you are in, else inbox."),
    ] = None,
    text: Body = None,
    template: Template = None,
    quiet: Quiet = False,
) -> int:
    """Capture a task: its title is enough.

    It goes into the container of the working directory, else into the inbox. The file's name comes from the title.
    Tasks with a very similar title are named on stderr.

    Example: `wrkq add "Sign-in button is below the fold" --label ux --priority 2`
    """
    from wrkq_files.service import create

    ask = request(ctx)
    words = " ".join(title).strip()
    if not words:
        raise WrkqError("usage", "the title is empty", hint='wrkq add "What is to be done"')
    new = _new(ask, ask.pairs, text, template)
    written = create.add(ask.tracker, words, new, ask.options, into=into)
    if not quiet:
        _say_similar(ask, written, words)
    return answer(ask, written, many=False)


def touch(
    ctx: typer.Context,
    addresses: Annotated[
        list[str], typer.Argument(metavar="ADDRESS", help="Where: portal/auth/login-ux; - for stdin.")
    ],
    text: Body = None,
    template: Template = None,
    quiet: Quiet = False,
) -> int:
    """Make tasks at the addresses you name.

    Words of the form FIELD=VALUE set fields too, also parts of them: `score.effort=2`, `meta.ticket=17`.

    Example: `wrkq touch portal/auth/login-ux --title "Login UX" --assignee me --due 3d --body @notes.md`
    """
    from wrkq_files.service import create

    ask = request(ctx)
    names, pairs = assignments(addresses)
    new = _new(ask, [*ask.pairs, *pairs], text, template)
    written = create.touch(ask.tracker, targets(names, "ADDRESS"), new, ask.options)
    if not quiet:
        _say_similar(ask, written, new.title)
    return answer(ask, written, many=True)


def mkdir(
    ctx: typer.Context,
    addresses: Annotated[list[str], typer.Argument(metavar="ADDRESS", help="Where: portal/auth; - for stdin.")],
    parents: Annotated[
        bool, typer.Option("-p", "--parents", help="Make those above too; one that exists is fine.")
    ] = False,
) -> int:
    """Make containers: projects, features, areas.

    The kind is `area` unless --kind says otherwise. A project gets the sections of wrkq.yaml.

    Example: `wrkq mkdir portal --kind project && wrkq mkdir portal/auth --kind feature`
    """
    from wrkq_files.service import create

    ask = request(ctx)
    names, words = assignments(addresses)
    pairs = dict([*ask.pairs, *words])
    kind, title = pairs.pop("kind", "area"), pairs.pop("title", None)
    written = create.mkdir(
        ask.tracker,
        targets(names, "ADDRESS"),
        ask.options,
        kind=kind,
        title=title,
        pairs=list(pairs.items()),
        labels=ask.many("label"),
        parents=parents,
    )
    return answer(ask, written, many=True)


def _say_similar(ask: Request, written: Written, title: str | None) -> None:
    """Names what may be the same as the one task that was made."""
    made = written.data.get("created", ())
    if len(made) != 1 or written.replayed:
        return
    from wrkq_files.service import duplicates

    address = made[0]["path"]
    title = title or address.rpartition("/")[2].replace("-", " ")
    found = duplicates.similar(ask.tracker, title, address)
    for each in found:
        old = each.entry
        facts = {"id": old.id, "path": old.address, "state": old.state, "title": old.title}
        words = f"similar: {old.id}  {one_line(old.address)}  {old.state}  {one_line(old.title)}"
        ask.out.about(words, similar=[{**facts, "score": round(each.score, 2)}])
    if found and written.status != "dry-run":
        ask.out.about(f"  if it is the same: wrkq set {made[0]['id']} --duplicate-of {found[0].entry.id}")


def _new(ask: Request, given: list[tuple[str, str]], text: str | None, template: str | None) -> New:
    from wrkq_files.service.create import New

    named = dict(given)
    pairs = [pair for pair in given if pair[0] not in ("title", "parent")]
    return New(
        title=named.get("title"),
        pairs=pairs,
        labels=ask.many("label"),
        body=body(text),
        template=template,
        parent=named.get("parent") or None,
    )
