"""Bundles: branches that carry changes of the tracker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from wrkq_files.cli import tables, text
from wrkq_files.cli.output import Rows, reader
from wrkq_files.cli.request import HERE, Request, request

if TYPE_CHECKING:
    from wrkq_files.cli import hosts
    from wrkq_files.service.bundles.asking import Asked
    from wrkq_files.service.bundles.keeping import Row
    from wrkq_files.service.bundles.landing import Checked, Landed
    from wrkq_files.service.bundles.sides import Sides
    from wrkq_files.service.joining import Joined

_ROW: Final = ("name", "branch", "ahead", "behind", "files", "time", "current", "pending", "worktree", "tip")
_CONFLICT: Final = 4
_HASH: Final = 8
Name = Annotated[
    str | None, typer.Argument(metavar="NAME", help="A bundle, or any branch; else the one you work on.")
]
Named = Annotated[str, typer.Argument(metavar="NAME", help="A bundle, or any branch.")]


def start(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Its branch is wrkq/NAME.")] = None,
    revision: Annotated[
        str | None, typer.Option("--from", metavar="REV", help="Begin there, and not at the base.")
    ] = None,
    feature: Annotated[
        str | None, typer.Option("--feature", metavar="FEATURE", help="What it is for; it names it, too.")
    ] = None,
) -> None:
    """Make a bundle: a branch for changes of the tracker.

    From the base; nothing is checked out. `--bundle NAME` with any command, WRKQ_BUNDLE, or `wrkq bundle switch`
    works on it.
    """
    from wrkq_files.service.bundles import keeping

    ask = request(ctx)
    made = keeping.start(ask.files, name, revision=revision, feature=feature)
    if ask.form.is_json:
        ask.out.object(made._asdict())
        return
    ask.out.line(f"{made.name}: branch {made.branch}, from {made.origin}  [{made.commit[:_HASH]}]")
    ask.out.note(f"work on it: wrkq --bundle {made.name} …, or: wrkq bundle switch {made.name}")


def ls(
    ctx: typer.Context,
    everything: Annotated[bool, typer.Option("-a", "--all", help="Other local branches too.")] = False,
) -> None:
    """List the bundles, and how far each is from the base."""
    from wrkq_files.service.bundles import keeping

    ask = request(ctx)
    rows = [_as_row(each) for each in keeping.listed(ask.files, everything=everything)]
    ask.out.rows(Rows(rows, reader(_ROW), lambda items: _table(ask, items), _ROW, "name", ("name",)))
    if not rows:
        ask.out.about("there is no bundle: wrkq bundle start NAME makes one")


def show(ctx: typer.Context, name: Name = None) -> None:
    """Show what a bundle changes, document by document."""
    from wrkq_files.cli.commands import history
    from wrkq_files.service import history as service
    from wrkq_files.service.bundles import showing

    ask = request(ctx)
    found = showing.show(ask.files, _name(ask, name))
    rows = [service.of_event(event) for event in found.events]
    if ask.form.is_json:
        ask.out.object({**_sides(found.sides), "feature": found.feature, "changes": rows})
        return
    ask.out.line(_standing(found.sides), "bold")
    ask.out.lines([*([""] if rows else []), *history.changes(ask, rows)])


def diff(
    ctx: typer.Context,
    name: Name = None,
    unified: Annotated[bool, typer.Option("-u", "--unified", help="The text, as git shows it.")] = False,
) -> None:
    """Show what differs between a bundle and where it parted from the base."""
    from wrkq_files.cli.commands import history
    from wrkq_files.service.bundles import showing

    ask = request(ctx)
    found = showing.show(ask.files, _name(ask, name))
    if unified and not ask.form.is_json:
        whole = showing.as_text(ask.files, found.events)
        ask.out.lines(text.clean(line) for line in whole.splitlines())
        return
    history.print_changes(ask, found.events)


def switch(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A bundle; - for the working files.")],
) -> None:
    """Make this worktree's commands work on a bundle.

    Until it is switched again; nothing is checked out. `-` goes back to the working files.
    """
    from wrkq_files.service.bundles import opening

    ask = request(ctx)
    new = opening.switch(ask.files.repo, name)
    if ask.form.is_json:
        ask.out.object({"bundle": new})
    else:
        ask.out.line(f"commands here work on bundle {new}" if new else "commands here work on the working files")


def drop(
    ctx: typer.Context,
    name: Named,
    force: Annotated[bool, typer.Option("--force", help="Also where the base does not contain it.")] = False,
) -> None:
    """Delete a bundle's branch; its commits are kept.

    Under refs/wrkq/archive/NAME, so that nothing is lost.
    """
    from wrkq_files.service.bundles import keeping

    ask = request(ctx)
    gone = keeping.drop(ask.files, name, force=force)
    if ask.form.is_json:
        ask.out.object(gone._asdict())
        return
    ask.out.line(f"{gone.name}: dropped; its commits are kept as {gone.kept}  [{gone.commit[:_HASH]}]")
    ask.out.note(f"bring it back: git branch {gone.branch} {gone.kept}")


def check(ctx: typer.Context, name: Name = None) -> int:
    """Judge a bundle's commits, and try whether it merges with the base.

    Nothing is changed. Exits 1 when a commit of it has errors, 4 when the two do not agree.
    """
    from wrkq_files.service.bundles import landing

    ask = request(ctx)
    found = landing.check(ask.files, _name(ask, name))
    if ask.form.is_json:
        ask.out.object(_checked(found))
    else:
        ask.out.lines(_report(ask, found))
    return _CONFLICT if not found.joined.is_clean else 0 if found.is_sound else 1


def sync(
    ctx: typer.Context,
    name: Name = None,
    dry_run: Annotated[bool, typer.Option("-n", "--dry-run", help="Say what would be done.")] = False,
) -> None:
    """Merge the base into a bundle, so that a host finds nothing left to merge.

    Field by field, as a merge commit on the bundle. Where the two do not agree (exit 4), nothing is changed, and the
    commands to resolve it by hand are named.
    """
    from wrkq_files.service.bundles import landing

    ask = request(ctx)
    _landed(ask, landing.sync(ask.files, _name(ask, name), dry_run=dry_run))


def ask(
    ctx: typer.Context,
    name: Name = None,
    title: Annotated[str | None, typer.Option("--title", metavar="TEXT", help="Instead of ours.")] = None,
    create: Annotated[
        bool, typer.Option("--create", help="Open it on the host, through gh or glab; or bring it up to date.")
    ] = False,
    remote: Annotated[str, typer.Option("--remote", metavar="NAME", help="Where it is opened.")] = "origin",
) -> None:
    """Print the request that asks for a bundle to be landed: title and body.

    What is added, completed and changed, with comments, the result of the checks, and the commits' trailers at the
    end, so that a squash keeps them; the repository's template around it. --create pushes the branch where the
    remote has not all of it.
    """
    from wrkq_files.service.bundles import asking

    asked = request(ctx)
    found = asking.ask(asked.files, _name(asked, name), title=title)
    opened = _opened(asked, found, remote) if create else None
    if asked.form.is_json:
        asked.out.object(_asked(found, opened))
    elif opened:
        asked.out.line(f"{'brought up to date' if opened.updated else 'opened'}: {opened.url}")
    else:
        asked.out.lines(text.clean(line) for line in (found.title, "", *found.body.splitlines()))


def _opened(asked: Request, found: Asked, remote: str) -> hosts.Opened:
    from wrkq_files.cli import hosts
    from wrkq_files.service.bundles import publishing

    repo, both = asked.files.repo, found.sides
    program = hosts.program_for(publishing.address(repo, remote))
    if publishing.push(repo, remote, both.branch):
        asked.out.note(f"pushed {both.branch.name} to {remote}")
    return hosts.open_request(program, str(repo.top), both.branch.name, both.base.name, found.title, found.body)


def _asked(found: Asked, opened: hosts.Opened | None) -> dict[str, Any]:
    told = {"title": found.title, "body": found.body, "template": found.template, "numbers": dict(found.number)}
    whole = {**_sides(found.sides), **told, "sound": found.checked.is_sound, "merges": found.checked.joined.is_clean}
    return whole | ({"url": opened.url, "updated": opened.updated, "program": opened.program} if opened else {})


def take(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="A bundle; else your pending one.")] = None,
    dry_run: Annotated[bool, typer.Option("-n", "--dry-run", help="Say what would be done.")] = False,
) -> None:
    """Move edits, and commits that cannot be pushed, from the base to a bundle.

    Uncommitted edits of the tracker, and all commits of the local base that its remote has not. The base is then what
    the remote has; what it was stays under refs/wrkq/archive.
    """
    from wrkq_files.service.bundles import taking

    ask = request(ctx)
    taken = taking.take(ask.files, _name(ask, name), dry_run=dry_run)
    if ask.form.is_json:
        ask.out.object({**taken._asdict(), "files": list(taken.files)})
        return
    if taken.is_nothing:
        ask.out.line(f"{taken.base} has nothing to take  [unchanged]")
        return
    what = [text.plural(len(taken.files), "edited file")] if taken.files else []
    what += [text.plural(taken.commits, "commit")] if taken.commits else []
    how = "dry run: nothing is changed" if dry_run else taken.commit[:_HASH]
    ask.out.line(f"{taken.name}: took {' and '.join(what)} from {taken.base}  [{how}]")
    if taken.kept:
        ask.out.note(f"{taken.base} is what its remote has; what it was is kept as {taken.kept}")


def sync_repository(
    ctx: typer.Context,
    remote: Annotated[str, typer.Option("--remote", metavar="NAME", help="Whom to sync with.")] = "origin",
) -> None:
    """Fetch, merge and push a repository that holds only a tracker.

    Field by field; again when somebody else pushed meanwhile. Where the two do not agree (exit 4), nothing is
    changed. Beside code (commit.mode: manual) git pull and git push are yours.
    """
    from wrkq_files.service.bundles import syncing

    ask = request(ctx)
    done = syncing.sync(ask.worktree, remote)
    if ask.form.is_json:
        ask.out.object(done._asdict())
        return
    counts = [f"{count} {word}" for count, word in ((done.received, "received"), (done.sent, "sent")) if count]
    ask.out.line(f"{done.branch}: {', '.join(counts) or 'nothing new'}  [{done.commit[:_HASH]}]")


def apply(
    ctx: typer.Context,
    name: Named,
    into: Annotated[str | None, typer.Option("--into", metavar="BRANCH", help="Land there, and not on base.")] = None,
    squash: Annotated[bool, typer.Option("--squash", help="As one commit.")] = False,
    dry_run: Annotated[bool, typer.Option("-n", "--dry-run", help="Say what would be done.")] = False,
) -> None:
    """Land a bundle on the base branch.

    By fast-forward where that goes, else by a merge commit; --squash makes one commit, with all trailers. Files and
    index of a worktree that has the branch checked out go along. All of it happens, or nothing.
    """
    from wrkq_files.service.bundles import landing

    ask = request(ctx)
    _landed(ask, landing.apply(ask.files, name, into=into, squash=squash, dry_run=dry_run))


def _name(ask: Request, name: str | None) -> str | None:
    """The bundle that is named in any way."""
    named = name or ask.bundle_named
    return None if named == HERE else named


# Words


def _as_row(row: Row) -> dict[str, Any]:
    from wrkq_files.service.history import moment

    return {**row._asdict(), "time": moment(row.time * 1000).strftime("%Y-%m-%dT%H:%M:%SZ")}


def _table(ask: Request, items: Sequence[Any]) -> Iterator[str]:
    columns = [
        tables.Column("", style=lambda _: "green"),
        tables.Column("bundle", least=12, style=lambda _: "cyan"),
        tables.Column("what", least=20),
    ]
    cells = [["*" if row["current"] else " ", row["name"], _what(row)] for row in items]
    yield from tables.lines(columns, cells, ask.screen)


def _what(row: Any) -> str:
    words = [
        f"{text.plural(row['ahead'], 'commit')}, {text.plural(row['files'], 'file')}" if row["ahead"] else "landed"
    ]
    words += [f"{row['behind']} behind"] if row["behind"] else []
    words += [f"in {row['worktree']}"] if row["worktree"] else []
    return ", ".join(words)


def _sides(both: Sides) -> dict[str, Any]:
    return {
        "name": both.name,
        "branch": both.branch.name,
        "base": both.base.name,
        "tip": both.branch.tip,
        "fork": both.fork,
        "ahead": both.ahead,
        "behind": both.behind,
        "worktree": both.branch.worktree or None,
    }


def _standing(both: Sides) -> str:
    if not both.ahead:
        return f"{both.name}: nothing that {both.base.name} has not" + (
            f"; {both.behind} behind" if both.behind else ""
        )
    behind = f", {both.behind} behind" if both.behind else ""
    return f"{both.name} ({both.branch.name}): {text.plural(both.ahead, 'commit')} ahead of {both.base.name}{behind}"


def _report(ask: Request, found: Checked) -> Iterator[str]:
    from wrkq_files.cli import findings

    shown = [findings.of_git(ask, each) for each in found.findings]
    yield from findings.lines(ask, shown)
    yield from disagreements(found.joined)
    both = found.sides
    if found.joined.is_clean:
        merged = f"merges with {both.base.name}" if both.behind else f"has all of {both.base.name}"
    else:
        merged = f"does not merge with {both.base.name}: {text.plural(_count(found.joined), 'conflict')}"
    wrong = "" if found.is_sound else "; it has errors"
    yield text.one_line(f"{both.name} {merged}{wrong}")


def disagreements(joined: Joined) -> list[str]:
    from wrkq_files.service.bundles import landing

    said = [landing.words(each) for each in joined.conflicts] + [
        landing.found_words(each) for each in joined.findings
    ]
    return [text.one_line(each) for each in said]


def _count(joined: Joined) -> int:
    return len(joined.conflicts) + len(joined.findings)


def _checked(found: Checked) -> dict[str, Any]:
    from wrkq_files.service.bundles import landing

    return {
        **_sides(found.sides),
        "findings": [_finding(each) for each in found.findings],
        "merges": found.joined.is_clean,
        "conflicts": [landing.as_row(each) for each in found.joined.conflicts],
        "found_in_merge": [_finding(each) for each in found.joined.findings],
    }


def _finding(each: Any) -> dict[str, Any]:
    told = {**each.checked.finding.as_json(), "severity": each.checked.severity}
    return {**told, "file": each.file, "commit": each.commit or None}


def _landed(ask: Request, landed: Landed) -> None:
    for note in landed.notes:
        ask.out.note(note)
    if ask.form.is_json:
        ask.out.object({**landed._asdict(), "files": list(landed.files), "notes": list(landed.notes)})
        return
    if landed.old == landed.new:
        ask.out.line(f"{landed.branch} has all of {landed.other}: nothing to do  [unchanged]")
        return
    tail = "dry run: nothing is changed" if landed.dry_run else landed.new[:_HASH]
    files = text.plural(len(landed.files), "file")
    ask.out.line(f"{landed.branch}: {landed.other} is merged in, by {landed.how}, {files}  [{tail}]")
