"""What is in flight, as rows and as table lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from wrkq_files.cli import tables
from wrkq_files.cli.entries import STATE_STYLES
from wrkq_files.cli.output import Rows
from wrkq_files.cli.request import Request
from wrkq_files.cli.tables import Column

if TYPE_CHECKING:
    from wrkq_files.service.flight import Flying

LEAN: Final = ("id", "path", "title", "state", "assignee", "branch", "what")
_COLUMNS: Final = (
    Column("id", style=lambda _: "dim"),
    Column("state", style=lambda word: STATE_STYLES.get(word, "")),
    Column("what", style=lambda _: "dim"),
    Column("branch", least=10, style=lambda _: "yellow"),
    Column("path", least=14, keep_end=True),
    Column("title", least=14),
    Column("who", least=6, optional=True, style=lambda _: "cyan"),
)


def rows(ask: Request, found: Sequence[Flying]) -> Rows:
    from wrkq_files.service import flight

    def read(items: Sequence[Any], names: Sequence[str]) -> list[dict[str, Any]]:
        return flight.rows(items, names)

    return Rows(found, read, lambda items: lines(ask, items), LEAN, "path", ("branch", "path"))


def lines(ask: Request, found: Sequence[Flying], indent: str = "") -> Iterator[str]:
    cells = [
        [
            f"{indent}{each.document.id}",
            each.document.state,
            each.document.what,
            each.branch,
            each.document.address,
            each.document.title,
            each.document.assignee or each.who,
        ]
        for each in found
    ]
    return tables.lines(_COLUMNS, cells, ask.screen)
