"""Tables: aligned, cut on terminals only."""

from __future__ import annotations

import io

from wrkq_files.cli import tables, text
from wrkq_files.cli.screen import Screen
from wrkq_files.cli.tables import Column

COLUMNS = (Column("id"), Column("path", give=1, least=6, keep_end=True), Column("title", give=2, least=5))
CELLS = [["T-1", "portal/auth/login", "日本語のタイトル"], ["T-22", "x", "short"]]


def screen(*, terminal: bool = True, colour: bool = False, width: int = 80) -> Screen:
    stream = io.StringIO()
    return Screen(stream, stream, terminal, terminal, colour, colour, width)


def test_columns_are_aligned_by_what_is_seen() -> None:
    first, second = tables.lines(COLUMNS, CELLS, screen())
    assert first == "T-1   portal/auth/login  日本語のタイトル"
    assert second == "T-22  x                  short"


def test_a_narrow_terminal_cuts_the_title_then_the_path() -> None:
    for width in range(20, 60):
        lines = list(tables.lines(COLUMNS, CELLS, screen(width=width)))
        assert max(map(text.width, lines)) <= width
    first, _ = tables.lines(COLUMNS, CELLS, screen(width=24))
    assert first == "T-1   …auth/login  日本…"


def test_a_pipe_gets_everything() -> None:
    first, _ = tables.lines(COLUMNS, CELLS, screen(terminal=False, width=10))
    assert first == "T-1   portal/auth/login  日本語のタイトル"


def test_columns_without_a_value_are_left_out() -> None:
    assert list(tables.lines(COLUMNS, [["T-1", "", "title"]], screen())) == ["T-1  title"]


def test_a_heading_is_for_terminals() -> None:
    assert next(tables.lines(COLUMNS, CELLS, screen(), heading=True)).split() == ["ID", "PATH", "TITLE"]
    assert next(tables.lines(COLUMNS, CELLS, screen(terminal=False), heading=True)).startswith("T-1")


def test_cells_cannot_break_the_table() -> None:
    [line] = tables.lines(COLUMNS, [["T-1", "a\nb", "\x1b[2Jtitle\tx"]], screen())
    assert line == "T-1  a b  [2Jtitle x"


def test_colour_does_not_move_columns() -> None:
    styled = (Column("state", style=lambda _: "red"), Column("title"))
    plain = list(tables.lines(styled, [["open", "x"], ["blocked", "y"]], screen()))
    painted = list(tables.lines(styled, [["open", "x"], ["blocked", "y"]], screen(colour=True)))
    assert [line.replace("\x1b[31m", "").replace("\x1b[0m", "") for line in painted] == plain
