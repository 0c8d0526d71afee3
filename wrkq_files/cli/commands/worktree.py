"""This worktree, and who works in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from wrkq_files.cli import entries, tables, text
from wrkq_files.cli.request import Request, request
from wrkq_files.cli.written import answer

if TYPE_CHECKING:
    from wrkq_files.service.status import Status

_HASH = 8
#: How much of what is in flight a status shows.
_SOME = 5


def commit(ctx: typer.Context) -> int:
    """Commit every edit of the tracker.

    By hand or tool, staged or not; nothing outside the tracker is touched. Files with errors are refused, unless
    --force.
    """
    from wrkq_files.service import status as service

    ask = request(ctx)
    return answer(ask, service.commit_all(ask.worktree, ask.options), many=False)


def status(ctx: typer.Context) -> None:
    """Show this worktree: branch, base, edits, what is in flight.

    How many commits this branch is ahead of the base branch and behind it, what is not committed, which files cannot
    be read, and what other branches have changed (`wrkq find --in-flight` lists all of that).
    """
    from wrkq_files.service import status as service

    ask = request(ctx)
    found = service.status(ask.worktree)
    if ask.form.is_json:
        ask.out.object(_status(ask, found))
        return
    ask.out.lines(_lines(ask, found))
    ask.out.faults(entries.moved(ask, found.broken))


def whoami(ctx: typer.Context) -> None:
    """Show who is acting, and how that is known.

    In this order: --as, WRKQ_ACTOR, the actor with git's e-mail, `default_actor` of wrkq.yaml.
    """
    from wrkq_files.service import actors

    ask = request(ctx)
    who = actors.required(ask.tracker)
    facts = {
        "actor": who.slug,
        "role": who.role,
        "display_name": who.display_name,
        "source": who.source,
        "agent": ask.door.agent,
    }
    if ask.form.is_json:
        ask.out.object(facts)
    else:
        ask.out.line(f"{who.slug} ({who.role}, {who.display_name}), by {who.source}")
    if ask.door.agent and who.role == "human":
        ask.out.warn(
            f"an agent seems to run this, and signs as {who.slug}, a person: --as ACTOR or WRKQ_ACTOR names it"
        )


def _status(ask: Request, found: Status) -> dict[str, Any]:
    from wrkq_files.model.rules import RULES

    who = found.actor
    return {
        "root": found.root,
        "branch": found.branch,
        "head": found.head,
        "base": _base(found),
        "commit_mode": found.commit_mode,
        "operation": found.operation,
        "bundle": found.bundle,
        "actor": {"actor": who.slug, "role": who.role, "source": who.source} if who else None,
        "in_flight": {
            "as_of": found.in_flight.as_of or None,
            "documents": len(found.in_flight.documents),
            "branches": list(found.in_flight.branches),
        },
        "pending": [
            {"id": each.id, "file": each.path, "status": each.status, "what": each.what} for each in found.pending
        ],
        "unreadable": [dict(each.as_json()) for each in found.broken if RULES[each.rule].unreadable],
        "invalid": [dict(each.as_json()) for each in found.broken if not RULES[each.rule].unreadable],
    }


def _base(found: Status) -> dict[str, Any] | None:
    base = found.base
    if base is None:
        return {"problem": found.problem} if found.problem else None
    facts = {"branch": base.name, "tip": base.tip, "ahead": base.ahead, "behind": base.behind}
    return {**facts, "diverged_from": base.diverged or None}


def _lines(ask: Request, found: Status) -> Iterator[str]:
    yield from _place(ask, found)
    yield from _uncommitted(ask, found)
    yield from _in_flight(ask, found)


def _place(ask: Request, found: Status) -> Iterator[str]:
    who = found.actor
    where = found.branch or "no branch"
    at = f" at {found.head[:_HASH]}" if found.head else ", no commit yet"
    yield f"tracker  {text.one_line(found.root)}, commit mode {found.commit_mode}"
    yield f"branch   {text.one_line(where)}{at}"
    yield from _beside_base(ask, found)
    yield (
        f"actor    {who.slug} ({who.role}, by {who.source})" if who else "actor    nobody is known: wrkqadm actor add"
    )
    if found.bundle:
        yield f"bundle   {text.one_line(found.bundle)}: commands read and write it, and not these files"
    if found.operation:
        yield ask.screen.styled(f"a {found.operation} is in progress: writes are not committed", "yellow")
    unmerged = sum(each.status == "unmerged" for each in found.pending)
    if unmerged:
        words = f"{text.plural(unmerged, 'file')} in conflict: wrkq conflicts"
        yield ask.screen.styled(words, "yellow")


def _beside_base(ask: Request, found: Status) -> Iterator[str]:
    base = found.base
    if base is None:
        if found.problem:
            yield ask.screen.styled(text.one_line(f"base     {found.problem}"), "yellow")
        return
    counts = [f"{count} {word}" for count, word in ((base.ahead, "ahead"), (base.behind, "behind")) if count]
    said = f"this branch is {' and '.join(counts)}" if counts else "up to date"
    yield f"base     {text.one_line(base.name)} at {base.tip[:_HASH]}, {said}"
    if base.diverged:
        words = f"{base.diverged} and {base.name} have diverged: what is only on {base.diverged} is not on the base"
        yield ask.screen.styled(text.one_line(words), "yellow")


def _uncommitted(ask: Request, found: Status) -> Iterator[str]:
    if not found.pending:
        yield "nothing to commit in the tracker"
        return
    yield ""
    yield f"{text.plural(len(found.pending), 'file')} not committed (wrkq commit):"
    columns = [
        tables.Column("status", style=lambda _: "yellow"),
        tables.Column("file", least=24),
        tables.Column("what", least=10),
    ]
    cells = [["  " + each.status, entries.place(ask, each.path), each.what] for each in found.pending]
    yield from tables.lines(columns, cells, ask.screen)


def _in_flight(ask: Request, found: Status) -> Iterator[str]:
    from wrkq_files.cli import flying

    there = found.in_flight
    if not there.documents:
        return
    count = text.plural(len(there.documents), "document")
    yield ""
    yield f"{count} in flight on {text.plural(len(there.branches), 'branch', 'branches')} (wrkq find --in-flight):"
    tasks = [each for each in there.documents if each.document.is_task] or there.documents
    yield from flying.lines(ask, tasks[:_SOME], indent="  ")
