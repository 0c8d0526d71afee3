"""The bar of long requests."""

from __future__ import annotations

import io

from wrkq_files.cli.progress import Progress
from wrkq_files.cli.screen import Screen


def bar(*, terminal: bool = True) -> tuple[Progress, io.StringIO, list[float]]:
    err, now = io.StringIO(), [0.0]
    screen = Screen(io.StringIO(), err, terminal, terminal, False, False, 80)
    return Progress(screen, lambda: now[0]), err, now


def test_nothing_is_drawn_in_the_first_second() -> None:
    progress, err, now = bar()
    for moment in (0.0, 0.5, 0.9):
        now[0] = moment
        progress("reading", int(moment * 10), 10)
    assert err.getvalue() == ""


def test_a_bar_after_a_second_and_gone_at_the_end() -> None:
    progress, err, now = bar()
    progress("reading", 0, 10)
    now[0] = 1.5
    progress("reading", 5, 10)
    progress("reading", 6, 10)
    progress("reading", 10, 10)
    assert "reading" in err.getvalue()
    assert err.getvalue().endswith("\x1b[2K"), "the line is empty again"
    before = err.getvalue()
    progress("checking", 0, 10)
    assert err.getvalue() == before, "the next part has its own second"


def test_none_where_nobody_looks() -> None:
    progress, err, now = bar(terminal=False)
    progress("reading", 0, 10)
    now[0] = 5.0
    progress("reading", 5, 10)
    assert err.getvalue() == ""


def test_close_without_a_bar() -> None:
    bar()[0].close()
