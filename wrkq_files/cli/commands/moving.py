"""Moving, taking away, bringing back."""

from __future__ import annotations

from typing import Annotated

import typer

from wrkq_files.cli.request import request
from wrkq_files.cli.request import targets as named
from wrkq_files.cli.written import answer
from wrkq_files.errors import WrkqError

Targets = Annotated[list[str], typer.Argument(metavar="TARGET", help="Ids, addresses, paths, globs; - for stdin.")]


def mv(
    ctx: typer.Context,
    words: Annotated[
        list[str], typer.Argument(metavar="SOURCE... TARGET", help="What to move, and a container or new name.")
    ],
) -> int:
    """Move or rename documents; subtasks go along.

    Ids, and so every reference, stay.

    Example: `wrkq mv inbox/login-ux portal/auth`, `wrkq mv T-4K9 login-experience`
    """
    from wrkq_files.service import move

    ask = request(ctx)
    if len(words) < 2:
        raise WrkqError("usage", "what moves, and where to?", hint="wrkq mv SOURCE... TARGET")
    return answer(ask, move.mv(ask.tracker, named(words[:-1], "SOURCE"), words[-1], ask.options), many=True)


def rm(
    ctx: typer.Context,
    targets: Targets,
    recursive: Annotated[bool, typer.Option("-r", "--recursive", help="Containers with all they hold.")] = False,
    purge: Annotated[
        bool, typer.Option("--purge", help="Delete the files, comments and attachments; git keeps them.")
    ] = False,
) -> int:
    """Archive documents, or purge them.

    An archived document stays where it is, out of default views; `wrkq restore` brings it back.
    """
    from wrkq_files.service import remove

    ask = request(ctx)
    written = remove.rm(ask.tracker, named(targets), ask.options, purge=purge, recursive=recursive)
    return answer(ask, written, many=True)


def restore(ctx: typer.Context, targets: Targets) -> int:
    """Bring archived or purged documents back.

    A purged one comes with its comments and attachments, by its id or the address it had.
    """
    from wrkq_files.service import remove

    ask = request(ctx)
    return answer(ask, remove.restore(ask.tracker, named(targets), ask.options), many=True)
