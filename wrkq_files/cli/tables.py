"""Tables for people: aligned columns, cut to the terminal, never in a pipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from wrkq_files.cli import text
from wrkq_files.cli.screen import Screen

_GAP: Final = "  "


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``give``: how early it gives way on a narrow terminal (0 never), down to ``least`` columns.

    ``style`` says how a cell looks, by its text. ``keep_end``: the beginning is what is cut.
    """

    name: str
    give: int = 0
    least: int = 8
    right: bool = False
    keep_end: bool = False
    style: Callable[[str], str] | None = None


def lines(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], screen: Screen, *, heading: bool = False
) -> Iterator[str]:
    """The table's lines. Columns that are empty in every row are left out."""
    cells = [[text.one_line(cell) for cell in row] for row in rows]
    used = [number for number in range(len(columns)) if heading or any(row[number] for row in cells)]
    shown = [columns[number] for number in used]
    cells = [[row[number] for number in used] for row in cells]
    if heading and screen.terminal:
        cells.insert(0, [column.name.upper() for column in shown])
    widths = _widths(shown, cells, screen.width if screen.terminal else None)
    for number, row in enumerate(cells):
        head = heading and screen.terminal and number == 0
        yield _line(shown, row, widths, screen, head=head)


def _widths(columns: Sequence[Column], cells: Sequence[Sequence[str]], limit: int | None) -> list[int]:
    widths = [max((text.width(row[number]) for row in cells), default=0) for number in range(len(columns))]
    if limit is None:
        return widths
    over = sum(widths) + len(_GAP) * (len(widths) - 1) - limit
    for number in sorted(range(len(columns)), key=lambda each: -columns[each].give):
        if over <= 0 or not columns[number].give:
            break
        less = min(over, max(0, widths[number] - columns[number].least))
        widths[number] -= less
        over -= less
    return widths


def _line(columns: Sequence[Column], row: Sequence[str], widths: Sequence[int], screen: Screen, *, head: bool) -> str:
    parts: list[str] = []
    for column, cell, columns_wide in zip(columns, row, widths, strict=True):
        short = text.cut(cell, columns_wide, keep_end=column.keep_end)
        last = len(parts) == len(columns) - 1
        full = short if last and not column.right else text.padded(short, columns_wide, right=column.right)
        style = "dim" if head else column.style(cell) if column.style else ""
        parts.append(full.replace(short, screen.styled(short, style), 1) if style and short else full)
    return _GAP.join(parts).rstrip()
