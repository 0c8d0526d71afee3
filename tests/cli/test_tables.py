"""Tables: aligned, cut on terminals only."""

from __future__ import annotations

import io

from wrkq_files.cli import tables, text
from wrkq_files.cli.screen import Screen
from wrkq_files.cli.tables import Column

COLUMNS = (Column("id"), Column("path", least=6, keep_end=True), Column("title", least=5))
CELLS = [["T-1", "portal/auth/login", "日本語のタイトル"], ["T-22", "x", "short"]]


def screen(*, terminal: bool = True, colour: bool = False, width: int = 80) -> Screen:
    stream = io.StringIO()
    return Screen(stream, stream, terminal, terminal, colour, colour, width)


def test_columns_are_aligned_by_what_is_seen() -> None:
    first, second = tables.lines(COLUMNS, CELLS, screen())
    assert first == "T-1   portal/auth/login  日本語のタイトル"
    assert second == "T-22  x                  short"


def test_a_narrow_terminal_cuts_the_widest_first() -> None:
    for width in range(20, 60):
        lines = list(tables.lines(COLUMNS, CELLS, screen(width=width)))
        assert max(map(text.width, lines)) <= width
    first, _ = tables.lines(COLUMNS, CELLS, screen(width=30))
    assert first == "T-1   …auth/login  日本語のタ…"


def test_optional_columns_go_where_there_is_no_room() -> None:
    columns = (Column("id"), Column("due", optional=True), Column("kind", optional=True), Column("title", least=3))
    rows = [["T-1", "2026-01-19", "task", "words"]]
    assert list(tables.lines(columns, rows, screen(width=26))) == ["T-1  2026-01-19  task  wo…"]
    assert list(tables.lines(columns, rows, screen(width=25))) == ["T-1  2026-01-19  words"]
    assert list(tables.lines(columns, rows, screen(width=12))) == ["T-1  words"]


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
