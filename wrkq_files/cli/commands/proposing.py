"""What branches propose: showing, checking and requesting it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from wrkq_files.cli import proposals, text
from wrkq_files.cli.commands.bundles import Name, bundle_name
from wrkq_files.cli.output import Rows, reader
from wrkq_files.cli.request import Request, request
from wrkq_files.errors import WrkqError

if TYPE_CHECKING:
    from wrkq_files.service.bundles.proposal import Proposal
    from wrkq_files.service.bundles.review import Review

_CONFLICT: Final = 4


class Via(StrEnum):
    """The programs that open requests."""

    GH = "gh"
    GLAB = "glab"


def ls(
    ctx: typer.Context,
    check: Annotated[bool, typer.Option("--check", help="Also say whether each merges with the base.")] = False,
) -> None:
    """List the branches that carry changes of the tracker.

    Each with the commits that the base lacks and those it lacks itself, the documents that it changes, who made its
    last commit, and when.
    """
    from wrkq_files.service.bundles import rows as bundle_rows

    ask = request(ctx)
    names = [name for name in bundle_rows.FIELDS if check or name != "merges"]
    rows = bundle_rows.rows(ask.files, check=check)
    ask.out.rows(
        Rows(rows, reader(bundle_rows.FIELDS), lambda items: proposals.listed(ask, items), names, "name", ("name",))
    )
    if not rows:
        ask.out.about("there is no bundle: wrkq bundle start NAME makes one")


def show(ctx: typer.Context, name: Name = None) -> None:
    """Show what a branch proposes, by feature and task.

    What it has otherwise than the commit in which it left the base; then what a check finds, and whether it merges.
    """
    ask = request(ctx)
    proposal, review = _read(ask, name)
    if ask.form.is_json:
        ask.out.object(proposals.as_object(proposal, review))
    else:
        ask.out.lines(proposals.shown(ask, proposal, review))


def diff(
    ctx: typer.Context,
    name: Name = None,
    patch: Annotated[
        bool, typer.Option("-p", "--patch", "-u", "--unified", help="The text, as git shows it.")
    ] = False,
) -> None:
    """Show what a branch changes, field by field."""
    from wrkq_files.cli.commands import history
    from wrkq_files.service.bundles import proposal as service

    ask = request(ctx)
    found = service.bundle(ask.files, bundle_name(ask, name))
    difference = service.difference(ask.files, found, unified=patch)
    if patch and not ask.form.is_json:
        ask.out.lines(text.clean(line) for line in difference.text.splitlines())
    else:
        history.print_changes(ask, difference.events)


def check(
    ctx: typer.Context,
    name: Name = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Leave notices out.")] = False,
) -> int:
    """Check a branch's commits, and merge it with the base in memory.

    Nothing is written, and no file is touched. Exits 4 where the two do not merge, with what each side says; 1 where
    the branch has errors.
    """
    from wrkq_files.service.bundles import proposal as service
    from wrkq_files.service.bundles import review as reviewing

    ask = request(ctx)
    found = service.bundle(ask.files, bundle_name(ask, name))
    review = reviewing.review(ask.files, found)
    if quiet:
        heard = [each for each in review.findings if each.checked.severity != "notice"]
        review = review._replace(findings=tuple(heard))
    if ask.form.is_json:
        ask.out.object({**proposals.place(found), **proposals.verdicts(review)})
    else:
        told = [*proposals.checked(ask, found, review)]
        ask.out.lines([*told, *([""] if told else []), *proposals.verdict(ask, found, review)])
    return _CONFLICT if not review.merges else 1 if review.errors else 0


def request_(
    ctx: typer.Context,
    name: Name = None,
    title: Annotated[str | None, typer.Option("--title", metavar="TEXT", help="The request's title.")] = None,
    create: Annotated[
        bool, typer.Option("--create", help="Push the branch, and open its request or bring it up to date.")
    ] = False,
    via: Annotated[Via | None, typer.Option("--via", help="With --create: the program that opens it.")] = None,
) -> None:
    """Print title and body of a branch's pull request.

    In the repository's template, if it has one: at its line `<!-- wrkq -->`, else above it. Texts of others are
    escaped. The trailers come once more at the end, so that a squash keeps who did what. --create opens the request
    with gh or glab; where one is open it gets the new body.
    """
    ask = request(ctx)
    if via and not create:
        raise WrkqError("usage", "--via goes with --create", hint="wrkq bundle request --create --via gh")
    proposal, review = _read(ask, name)
    if create:
        _create(ask, proposal, review, title, via)
        return
    from wrkq_files.service.bundles import request_open

    made = request_open.text(ask.files, proposal, review, title)
    if ask.form.is_json:
        ask.out.object(_request(ask, proposal, review, title))
    else:
        ask.out.lines(text.clean(line) for line in (made.title, "", *made.body.rstrip("\n").split("\n")))
    if made.left_out:
        ask.out.note(f"{text.plural(made.left_out, 'line')} had no room in the body")


def _read(ask: Request, name: str | None) -> tuple[Proposal, Review]:
    from wrkq_files.service.bundles import proposal as service
    from wrkq_files.service.bundles import review as reviewing

    found = service.bundle(ask.files, bundle_name(ask, name))
    return service.propose(ask.files, found), reviewing.review(ask.files, found)


def _create(ask: Request, proposal: Proposal, review: Review, title: str | None, via: Via | None) -> None:
    from wrkq_files.service.bundles import request_open

    way = request_open.way(ask.files, proposal, via.value if via else None)
    opened = request_open.open_request(ask.files, proposal, review, way, title=title, say=ask.screen.say)
    if ask.form.is_json:
        ask.out.object({**_request(ask, proposal, review, title), "url": opened.url, "new": opened.is_new})
    else:
        ask.out.line(f"{opened.url}  [{'opened' if opened.is_new else 'updated'}]")


def _request(ask: Request, proposal: Proposal, review: Review, title: str | None) -> dict[str, Any]:
    from wrkq_files.service.bundles import request_open

    made = request_open.text(ask.files, proposal, review, title)
    place = proposals.place(proposal.bundle)
    return {
        "title": made.title,
        "body": made.body,
        "branch": place["branch"],
        "base": place["base"],
        **proposals.verdicts(review),
        "left_out": made.left_out,
    }
