"""Checking files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from wrkq_files.cli import findings
from wrkq_files.cli.findings import Shown
from wrkq_files.cli.output import Rows, reader
from wrkq_files.cli.request import Request, request
from wrkq_files.cli.request import targets as named
from wrkq_files.errors import WrkqError


def check(
    ctx: typer.Context,
    targets: Annotated[
        list[str] | None, typer.Argument(metavar="TARGET", help="Files or containers; else everything.")
    ] = None,
    staged: Annotated[
        bool, typer.Option("--staged", help="Check what is staged, not the working files; of that what changed.")
    ] = False,
    commits: Annotated[
        str | None, typer.Option("--range", metavar="A..B", help="Check what each of these commits changed.")
    ] = None,
    revision: Annotated[
        str | None, typer.Option("--at", metavar="REV", help="Check the whole tracker as this commit has it.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Leave notices out.")] = False,
) -> int:
    """Find what is wrong, with file:line:column.

    Exits 1 when there are errors. `rules:` in wrkq.yaml gives a rule another severity or turns it off; docs/rules.md
    lists them. --staged and --range look at every tracker of the repository.
    """
    ask = request(ctx)
    scopes = [name for name, value in (("--staged", staged), ("--range", commits), ("--at", revision)) if value]
    if len(scopes) + bool(targets) > 1:
        what = " and ".join([*scopes, *(["TARGET"] if targets else [])])
        raise WrkqError("usage", f"{what} are two scopes of one check", hint="choose one")
    if scopes:
        found = _in_git(ask, commits, revision)
    else:
        from wrkq_files.service import checking

        checked = checking.check(ask.tracker, named(targets) if targets else [])
        found = [findings.of_worktree(ask, each) for each in checked]
    return report(ask, found, strict=strict, quiet=quiet)


def report(ask: Request, found: Sequence[Shown], *, strict: bool = False, quiet: bool = False) -> int:
    """Prints findings in the form that was asked for; returns the exit status."""
    shown = [each for each in found if not (quiet and each.severity == "notice")]
    rows = [findings.as_row(each) for each in shown]
    places = {id(row): each for row, each in zip(rows, shown, strict=True)}
    ask.out.rows(
        Rows(
            rows,
            reader(findings.FIELDS),
            lambda items: findings.lines(ask, [places[id(item)] for item in items]),
            findings.FIELDS,
            "file",
            ("path", "line", "column", "rule"),
        )
    )
    severities = [each.severity for each in found]
    counts = {word: severities.count(word) for word in findings.STYLES}
    ask.out.about(findings.summary([each.severity for each in shown]), counts=counts)
    return 1 if counts["error"] or (strict and counts["warning"]) else 0


def _in_git(ask: Request, commits: str | None, revision: str | None) -> list[Shown]:
    from wrkq_files.git.repo import discover_any
    from wrkq_files.service import scopes

    repo = discover_any(ask.door.cwd, use_git=ask.door.ask_git)
    if commits:
        if ".." not in commits:
            raise WrkqError("usage", f"--range {commits}: this is one commit", hint="--range A..B, or --at REV")
        found = scopes.ranged(ask.door, commits, repo=repo)
    elif revision:
        found = scopes.at(ask.door, revision, None if repo.is_bare else ask.tracker.prefix)
    else:
        found = scopes.staged(ask.door, repo)
    return [findings.of_git(ask, each, None if repo.is_bare else str(repo.top)) for each in found]
