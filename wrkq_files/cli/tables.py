"""Tables for people: aligned columns, cut to the terminal, never in a pipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from wrkq_files.cli import text
from wrkq_files.cli.screen import Screen

_GAP: Final = "  "


class Column(NamedTuple):
    """One column. ``least``: how narrow it may become on a narrow terminal (None: it is never cut).

    ``optional``: it is left out where there is no room for all. ``style`` says how a cell looks, by its text.
    ``keep_end``: the beginning is what is cut.
    """

    name: str
    least: int | None = None
    optional: bool = False
    right: bool = False
    keep_end: bool = False
    style: Callable[[str], str] | None = None


def lines(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], screen: Screen, *, heading: bool = False
) -> Iterator[str]:
    """The table's lines. Columns that are empty in every row are left out."""
    cells = [*zip(*rows, strict=True)] or [() for _ in columns]
    return by_column(columns, cells, screen, heading=heading)


def by_column(
    columns: Sequence[Column], cells: Sequence[Sequence[str]], screen: Screen, *, heading: bool = False
) -> Iterator[str]:
    """The lines of a table whose cells are given column by column.

    So they are worked on: what all have in common is asked once, and a list of thousands costs little.
    """
    headed = heading and screen.terminal
    if headed:
        cells = [(column.name.upper(), *given) for column, given in zip(columns, cells, strict=True)]
    cells = [_clean(column) for column in cells]
    widths = {number: text.widest(column) for number, column in enumerate(cells)}
    widths = {number: width for number, width in widths.items() if width or heading}
    if not screen.terminal:
        yield from _plain(columns, cells, widths)
        return
    _fit(columns, widths, screen.width)
    for number, row in enumerate(zip(*cells, strict=True)):
        yield _line(columns, row, widths, screen, head=headed and number == 0)


def _clean(column: Sequence[str]) -> Sequence[str]:
    return column if "".join(column).isprintable() else [text.one_line(cell) for cell in column]


def _plain(columns: Sequence[Column], cells: Sequence[Sequence[str]], widths: Mapping[int, int]) -> Iterator[str]:
    """Aligned, and nothing else."""
    padded = [text.padded(cells[number], width, right=columns[number].right) for number, width in widths.items()]
    return map(str.rstrip, map(_GAP.join, zip(*padded, strict=True)))


def _fit(columns: Sequence[Column], widths: dict[int, int], limit: int) -> None:
    """Narrows the widest columns that may be narrower; where that is not enough, the last optional ones go."""
    for number in [n for n in reversed(widths) if columns[n].optional]:
        least = [_least(columns[each], width) for each, width in widths.items()]
        if sum(least) + len(_GAP) * (len(widths) - 1) <= limit:
            break
        del widths[number]
    over = sum(widths.values()) + len(_GAP) * (len(widths) - 1) - limit
    while over > 0:
        number = max(widths, key=lambda each: (widths[each] > _least(columns[each], widths[each]), widths[each]))
        if widths[number] <= _least(columns[number], widths[number]):
            return
        widths[number] -= 1
        over -= 1


def _least(column: Column, width: int) -> int:
    return width if column.least is None else min(width, column.least)


def _line(
    columns: Sequence[Column], row: Sequence[str], widths: Mapping[int, int], screen: Screen, *, head: bool
) -> str:
    parts: list[str] = []
    for number, width in widths.items():
        column = columns[number]
        short = text.cut(row[number], width, keep_end=column.keep_end)
        space = " " * (width - text.width(short))
        style = "dim" if head else column.style(row[number]) if column.style else ""
        shown = screen.styled(short, style)
        parts.append(space + shown if column.right else shown + space)
    return _GAP.join(parts).rstrip()
