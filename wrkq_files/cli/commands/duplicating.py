"""Tasks that may be there twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from wrkq_files.cli import entries, tables, text
from wrkq_files.cli.entries import STATE_STYLES
from wrkq_files.cli.output import Rows, check_fields
from wrkq_files.cli.request import Request, request
from wrkq_files.cli.tables import Column
from wrkq_files.errors import WrkqError

if TYPE_CHECKING:
    from wrkq_files.service.duplicates import Found, Pair

_LEAN: Final = ("score", "id", "path", "title", "other_id", "other_path", "other_title", "why")
_FIELDS: Final[Mapping[str, Callable[[Found, Pair], Any]]] = {
    "score": lambda found, pair: pair.score,
    "id": lambda found, pair: pair.entry.id,
    "path": lambda found, pair: pair.entry.address,
    "title": lambda found, pair: pair.entry.title,
    "state": lambda found, pair: pair.entry.state,
    "other_id": lambda found, pair: pair.other.id,
    "other_path": lambda found, pair: pair.other.address,
    "other_title": lambda found, pair: pair.other.title,
    "other_state": lambda found, pair: pair.other.state,
    "why": lambda found, pair: found.why(pair),
}
_COLUMNS: Final = (
    Column("score", style=lambda _: "bold"),
    Column("id", style=lambda _: "dim"),
    Column("state", style=lambda word: STATE_STYLES.get(word, "")),
    Column("path", least=14, keep_end=True),
    Column("title", least=14),
)


def duplicates(
    ctx: typer.Context,
    container: Annotated[
        str | None, typer.Argument(metavar="CONTAINER", help="Only tasks below it; else all.")
    ] = None,
    min_score: Annotated[
        float | None, typer.Option("--min-score", metavar="N", help="The least score (0 to 1); else 0.4.")
    ] = None,
    everything: Annotated[bool, typer.Option("-a", "--all", help="Closed and archived tasks too.")] = False,
) -> None:
    """List pairs of tasks that may be the same, the likeliest first.

    They share rare words of their titles, and of what their texts begin with; or the whole title, or the source. The
    older one stands below. What you have judged is not listed again: `wrkq set ID --duplicate-of OTHER` closes one of
    them, `wrkq relate ID relates-to OTHER` keeps both.
    """
    from wrkq_files.service import duplicates as service

    ask = request(ctx)
    least = service.LEAST if min_score is None else min_score
    if not 0 <= least <= 1:
        raise WrkqError("usage", f"--min-score {least:g} is no score", hint="from 0 to 1, such as 0.6")
    found = service.pairs(ask.tracker, container, least=least, everything=everything)
    read, table = partial(_read, found), partial(_lines, ask, found)
    ask.out.rows(Rows(found.pairs, read, table, _LEAN, "id", ("-score", "other_id", "id")))
    if not found.pairs:
        ask.out.about(f"no pair reaches {least:g}")
    ask.out.hidden(found.hidden)
    ask.out.faults(entries.moved(ask, found.broken))


def _read(found: Found, items: Sequence[Pair], names: Sequence[str]) -> list[dict[str, Any]]:
    check_fields(names, _FIELDS)
    return [{name: _FIELDS[name](found, item) for name in names} for item in items]


def _lines(ask: Request, found: Found, items: Sequence[Pair]) -> Iterator[str]:
    """Two lines a pair, one below the other, and a third that says why."""
    cells = []
    for pair in items:
        for entry, score in ((pair.entry, f"{pair.score:.2f}"), (pair.other, "")):
            cells.append([score, entry.id, entries.state_word(entry, entry.type), entry.address, entry.title])
    lines = tables.lines(_COLUMNS, cells, ask.screen)
    for pair, first, second in zip(items, lines, lines, strict=True):
        yield first
        yield second
        why = text.one_line(found.why(pair))
        yield ask.screen.styled(f"      {text.cut(why, ask.screen.width - 6) if ask.screen.terminal else why}", "dim")
