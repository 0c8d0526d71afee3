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


def commit(ctx: typer.Context) -> int:
    """Commit every edit of the tracker.

    By hand or tool, staged or not; nothing outside the tracker is touched. Files with errors are refused, unless
    --force.
    """
    from wrkq_files.service import status as service

    ask = request(ctx)
    return answer(ask, service.commit_all(ask.worktree, ask.options), many=False)


def status(ctx: typer.Context) -> None:
    """Show this worktree: branch, edits, broken files."""
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
        "commit_mode": found.commit_mode,
        "operation": found.operation,
        "bundle": found.bundle,
        "actor": {"actor": who.slug, "role": who.role, "source": who.source} if who else None,
        "pending": [
            {"id": each.id, "file": each.path, "status": each.status, "what": each.what} for each in found.pending
        ],
        "unreadable": [dict(each.as_json()) for each in found.broken if RULES[each.rule].unreadable],
        "invalid": [dict(each.as_json()) for each in found.broken if not RULES[each.rule].unreadable],
    }


def _lines(ask: Request, found: Status) -> Iterator[str]:
    who = found.actor
    where = found.branch or "no branch"
    at = f" at {found.head[:_HASH]}" if found.head else ", no commit yet"
    yield f"tracker  {text.one_line(found.root)}, commit mode {found.commit_mode}"
    yield f"branch   {text.one_line(where)}{at}"
    yield (
        f"actor    {who.slug} ({who.role}, by {who.source})" if who else "actor    nobody is known: wrkqadm actor add"
    )
    if found.bundle:
        yield f"bundle   {text.one_line(found.bundle)}: commands read and write it, and not these files"
    if found.operation:
        yield ask.screen.styled(f"a {found.operation} is in progress: writes are not committed", "yellow")
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
