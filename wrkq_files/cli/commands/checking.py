"""Checking files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from wrkq_files.cli import findings, reports, text
from wrkq_files.cli.findings import Shown
from wrkq_files.cli.form import TABLE
from wrkq_files.cli.output import Rows, reader
from wrkq_files.cli.request import Request, request
from wrkq_files.cli.request import targets as named
from wrkq_files.errors import WrkqError

if TYPE_CHECKING:
    from wrkq_files.service.tracker import Tracker


class How(NamedTuple):
    """How findings are told. ``report``: as which file for other programs; ``strict``: warnings count as errors."""

    report: str | None
    strict: bool
    quiet: bool


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
        str | None, typer.Option("--at", metavar="REV|DATE", help="Check the whole tracker as it was then.")
    ] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="First mend what has one right answer, in the working files.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("-n", "--dry-run", help="With --fix: print the exact difference, and write nothing.")
    ] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Check again whenever a file changes.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Leave notices out.")] = False,
    given: Annotated[
        str | None,
        typer.Option("--format", metavar="FORMAT", help="github or sarif: a report for CI, in place of text."),
    ] = None,
) -> int:
    """Find what is wrong, with file:line:column.

    Exits 1 when there are errors. `rules:` in wrkq.yaml gives a rule another severity or turns it off; docs/rules.md
    lists them. --staged and --range look at every tracker of the repository. --fix writes missing ids, sorts sets,
    gives legacy fields their names, takes out derived ones, moves misplaced comments and irregular file names.
    """
    ask = request(ctx)
    how = How(reports.chosen(ask, given), strict=strict, quiet=quiet)
    scopes = [name for name, value in (("--staged", staged), ("--range", commits), ("--at", revision)) if value]
    _check_options(ask, how, [*scopes, *(["TARGET"] if targets else [])], fix=fix, dry_run=dry_run, watch=watch)
    chosen = named(targets) if targets else []
    if watch:
        from wrkq_files.cli import watching

        return watching.rounds(ask, lambda fresh: _listed(fresh, _in_worktree(fresh.tracker, fresh, chosen), how))
    if fix:
        return _fix(ask, chosen, how, staged=staged, dry_run=dry_run)
    found = _in_git(ask, commits, revision) if scopes else _in_worktree(ask.tracker, ask, chosen)
    status = _reported(ask, found, how)
    if found and not scopes:
        _say_changed(ask, found)
    return status


def _say_changed(ask: Request, found: Sequence[Shown]) -> None:
    """Which of the files with findings the base branch has changed since: it may have mended them."""
    files = {each.finding.path: each.file for each in found}
    words = ask.marks.by_path() if ask.marks.changed else {}
    told = [f"{files[path]} ({words[path]})" for path in files if path in words]
    if told:
        ask.out.note(f"changed on {ask.marks.base} since this branch left it: {', '.join(told)}")


def _check_options(ask: Request, how: How, scopes: Sequence[str], *, fix: bool, dry_run: bool, watch: bool) -> None:
    if len(scopes) > 1:
        raise WrkqError("usage", f"{' and '.join(scopes)} are two scopes of one check", hint="choose one")
    others = [scope for scope in scopes if scope in ("--range", "--at") or (watch and scope == "--staged")]
    if others and (fix or watch):
        word = "--fix" if fix else "--watch"
        raise WrkqError(
            "usage", f"{word} is about working files, and {others[0]} is not", hint=f"leave {others[0]} out"
        )
    if watch and (fix or how.report or ask.form.name != TABLE):
        raise WrkqError("usage", "--watch goes with no other form, and not with --fix", hint="wrkq check --watch")
    if dry_run and not fix:
        raise WrkqError("usage", "--dry-run goes with --fix", hint="a check without --fix writes nothing")


def _in_worktree(tracker: Tracker, ask: Request, targets: Sequence[str]) -> list[Shown]:
    from wrkq_files.service import checking

    return [findings.of_worktree(ask, tracker, each) for each in checking.check(tracker, targets)]


def _fix(ask: Request, targets: Sequence[str], how: How, *, staged: bool, dry_run: bool) -> int:
    """Mends, and reports what is left."""
    from wrkq_files.service import mending, scopes

    named_in = scopes.staged_files(ask.door) if staged else [(ask.worktree, list(targets))]
    found: list[Shown] = []
    diffs: list[str] = []
    for tracker, paths in named_in:
        written = mending.mend(tracker, paths, dry_run=dry_run)
        for note in written.notes:
            ask.out.note(note)
        diffs.append(written.diff)
        if written.paths and not dry_run:
            ask.out.about(f"mended: {', '.join(written.paths)}", mended=list(written.paths))
        if not dry_run:
            found += _in_worktree(tracker, ask, mending.names_now(written, paths))
    if not dry_run:
        return _reported(ask, found, how)
    if ask.form.is_json:
        ask.out.objects([{"diff": each} for each in diffs])
    else:
        ask.out.lines(text.clean(line) for each in diffs for line in each.splitlines())
    return 0


def _reported(ask: Request, found: Sequence[Shown], how: How) -> int:
    """Prints findings, and how many there are; returns the exit status."""
    shown = _listed(ask, found, how)
    severities = [each.severity for each in found]
    counts = {word: severities.count(word) for word in findings.STYLES}
    ask.out.about(findings.summary([each.severity for each in shown]), counts=counts)
    return 1 if counts["error"] or (how.strict and counts["warning"]) else 0


def _listed(ask: Request, found: Sequence[Shown], how: How) -> list[Shown]:
    """Prints findings in the form that was asked for; returns those that were to be shown."""
    shown = [each for each in found if not (how.quiet and each.severity == "notice")]
    if how.report:
        ask.out.lines(reports.lines(how.report, shown))
        return shown
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
    return shown


def _in_git(ask: Request, commits: str | None, revision: str | None) -> list[Shown]:
    from wrkq_files.service import scopes

    if commits:
        if ".." not in commits:
            raise WrkqError("usage", f"--range {commits}: this is one commit", hint="--range A..B, or --at REV")
        found = scopes.ranged(ask.door, commits)
    elif revision:
        found = scopes.at(ask.door, revision)
    else:
        found = scopes.staged(ask.door)
    return [findings.of_git(ask, each) for each in found]
