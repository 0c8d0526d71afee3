"""Relations between documents."""

from __future__ import annotations

from typing import Annotated

import typer

from wrkq_files.cli.request import request
from wrkq_files.cli.written import answer

First = Annotated[str, typer.Argument(metavar="A", help="An id, an address or a path.")]
Word = Annotated[str, typer.Argument(metavar="RELATION", help="blocks, blocked-by, relates-to or duplicate-of.")]
Second = Annotated[str, typer.Argument(metavar="B", help="The other document.")]


def relate(ctx: typer.Context, a: First, relation: Word, b: Second) -> int:
    """Say that one task blocks or relates to another.

    Example: `wrkq relate T-8W2 blocks T-4K9`
    """
    from wrkq_files.service import relations

    ask = request(ctx)
    return answer(ask, relations.relate(ask.tracker, a, relation.replace("_", "-"), b, ask.options), many=False)


def unrelate(ctx: typer.Context, a: First, relation: Word, b: Second) -> int:
    """Take a relation away.

    Example: `wrkq unrelate T-8W2 blocks T-4K9`
    """
    from wrkq_files.service import relations

    ask = request(ctx)
    return answer(ask, relations.unrelate(ask.tracker, a, relation.replace("_", "-"), b, ask.options), many=False)
