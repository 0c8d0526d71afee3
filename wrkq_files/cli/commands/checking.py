"""Checking files."""

from __future__ import annotations

from typing import Annotated

import typer

from wrkq_files.cli import findings, reports
from wrkq_files.cli.output import Rows, reader
from wrkq_files.cli.request import request
from wrkq_files.cli.request import targets as named


def check(
    ctx: typer.Context,
    targets: Annotated[
        list[str] | None, typer.Argument(metavar="TARGET", help="Files or containers; else everything.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Leave notices out.")] = False,
    given: Annotated[
        str | None,
        typer.Option("--format", metavar="FORMAT", help="github or sarif: a report for CI, in place of text."),
    ] = None,
) -> int:
    """Find what is wrong, with file:line:column.

    Exits 1 when there are errors. `rules:` in wrkq.yaml gives a rule another severity or turns it off; docs/rules.md
    lists them.
    """
    from wrkq_files.service import checking

    ask = request(ctx)
    report = reports.chosen(ask, given)
    found = checking.check(ask.tracker, named(targets) if targets else [])
    shown = [each for each in found if not (quiet and each.severity == "notice")]
    rows = [findings.as_row(ask, each) for each in shown]
    places = {id(row): each for row, each in zip(rows, shown, strict=True)}
    table = Rows(
        rows,
        reader(findings.FIELDS),
        lambda items: findings.lines(ask, [places[id(item)] for item in items]),
        findings.FIELDS,
        "file",
        ("path", "line", "column", "rule"),
    )
    if report:
        ask.out.lines(reports.lines(ask, report, shown))
    else:
        ask.out.rows(table)
    counts = {word: sum(each.severity == word for each in found) for word in findings.STYLES}
    ask.out.about(findings.summary(shown), counts=counts)
    return 1 if counts["error"] or (strict and counts["warning"]) else 0
