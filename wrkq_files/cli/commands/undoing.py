"""Ways back."""

from __future__ import annotations

from typing import Annotated

import typer

from wrkq_files.cli.request import request
from wrkq_files.cli.written import answer


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
