"""Ways back."""

from __future__ import annotations

from typing import Annotated

import typer

from wrkq_files.cli import text
from wrkq_files.cli.request import request
from wrkq_files.cli.written import answer
from wrkq_files.errors import WrkqError


def undo(
    ctx: typer.Context,
    revision: Annotated[
        str | None, typer.Argument(metavar="COMMIT", help="What to undo; without it, your last operation.")
    ] = None,
) -> int:
    """Take an operation back, as a new one.

    Without a commit: your last operation that is not undone yet. What was changed again since is left as it is, and
    the command says by whom (exit 4).
    """
    from wrkq_files.service import undo as service

    ask = request(ctx)
    return answer(ask, service.undo(ask.tracker, revision, ask.options), many=False)


def compact(
    ctx: typer.Context,
    before: Annotated[str, typer.Option("--before", metavar="DATE", help="What was archived before this time.")],
    apply: Annotated[bool, typer.Option("--apply", help="Do it; without, only say what would be done.")] = False,
) -> int:
    """Purge what has long been archived.

    With its comments and attachments. History keeps it: `wrkq log` and `wrkq restore` reach it. What something else
    refers to stays. Says how much smaller the tree gets, and does nothing without --apply.
    """
    from wrkq_files.service import compact as service
    from wrkq_files.service import moments

    ask = request(ctx)
    time = moments.moment(before, ask.door.now(), end=False)
    if time is None:
        raise WrkqError("usage", f"--before {before}: that is no time", hint="2026-01-19, 90d, 12w")
    if apply or ask.options.dry_run:
        return answer(ask, service.compact(ask.tracker, time, ask.options), many=False)
    found = service.plan(ask.tracker, time)
    if ask.form.is_json:
        ask.out.object(
            {
                "purged": [entry.id for entry in found.purged],
                "kept": [entry.id for entry in found.kept],
                "files": found.files,
                "bytes": found.size,
                "bytes_of": found.total,
            }
        )
        return 0
    if not found.purged:
        ask.out.line(f"nothing to purge was archived before {before}")
    for entry in found.purged:
        ask.out.line(f"{entry.id}  {entry.address}")
    share = f"{100 * found.size / found.total:.0f} %" if found.total else "nothing"
    if found.purged:
        ask.out.line(f"{text.plural(found.files, 'file')}, {found.size:,} bytes: {share} of the tree")
    if found.kept:
        names = ", ".join(entry.address for entry in found.kept[:5])
        ask.out.note(f"{text.plural(len(found.kept), 'document')} as old stay: something refers to them ({names})")
    if found.purged:
        ask.out.note(f"nothing is changed yet: wrkqadm compact --before {before} --apply")
    return 0
