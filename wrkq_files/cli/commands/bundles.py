"""Bundles: making, syncing and landing them. What they propose is in :mod:`proposing`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from wrkq_files.cli import text
from wrkq_files.cli.request import HERE, Request, request

if TYPE_CHECKING:
    from wrkq_files.service.bundles.landing import Landed

_HASH: Final = 8
Name = Annotated[
    str | None, typer.Argument(metavar="BUNDLE", help="A bundle, or any branch; else the one you work on.")
]
Named = Annotated[str, typer.Argument(metavar="BUNDLE", help="A bundle, or any branch.")]


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


def switch(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="BUNDLE", help="A bundle; - for the working files.")],
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
    _landed(ask, landing.sync(ask.files, bundle_name(ask, name), dry_run=dry_run))


def take(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="BUNDLE", help="A bundle; else your pending one.")] = None,
    dry_run: Annotated[bool, typer.Option("-n", "--dry-run", help="Say what would be done.")] = False,
) -> None:
    """Move edits, and commits that cannot be pushed, from the base to a bundle.

    Uncommitted edits of the tracker, and all commits of the local base that its remote has not. The base is then what
    the remote has; what it was stays under refs/wrkq/archive.
    """
    from wrkq_files.service.bundles import taking

    ask = request(ctx)
    taken = taking.take(ask.files, bundle_name(ask, name), dry_run=dry_run)
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


def bundle_name(ask: Request, name: str | None) -> str | None:
    """The bundle that is named in any way."""
    named = name or ask.bundle_named
    return None if named == HERE else named


# Words


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
