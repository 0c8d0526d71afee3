"""Order, pages and the forms of a list."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wrkq_files.cli import form
from wrkq_files.cli.form import Form
from wrkq_files.errors import WrkqError

ROWS = [{"id": "c", "p": 2}, {"id": "a", "p": 1}, {"id": "b", "p": None}, {"id": "d", "p": 1}]


def ids(rows: Any) -> str:
    return "".join(row["id"] for row in rows)


@pytest.mark.parametrize(
    ("sort", "order"),
    [(("id",), "abcd"), (("-id",), "dcba"), (("p",), "adcb"), (("-p",), "cadb"), (("p", "-id"), "dacb")],
)
def test_order(sort: tuple[str, ...], order: str) -> None:
    assert ids(form.ordered(ROWS, sort)) == order


def pages(rows: list[dict[str, Any]], sort: tuple[str, ...], limit: int) -> list[str]:
    keys = (*sort, "id")
    found: list[str] = []
    cursor: str | None = None
    while True:
        asked = Form("json", sort=sort, limit=limit, cursor=cursor)
        start, end, cursor = form.page(rows, asked, keys)
        found.append(ids(rows[start:end]))
        if cursor is None:
            return found


def test_pages_hold_everything_once() -> None:
    rows = form.ordered(ROWS, ("p",))
    assert pages(list(rows), ("p",), 3) == ["adc", "b"]
    assert pages(list(rows), ("p",), 4) == ["adcb"]


@given(
    st.lists(st.none() | st.integers(0, 2), max_size=8),
    st.sampled_from([(), ("p",), ("-p",)]),
    st.integers(1, 3),
)
def test_any_pages_make_the_whole(values: list[int | None], sort: tuple[str, ...], limit: int) -> None:
    dicts = form.ordered([{"id": f"{number};", "p": value} for number, value in enumerate(values)], sort)
    assert "".join(pages(list(dicts), sort, limit)) == ids(dicts)


@pytest.mark.parametrize("sort", ["p", "-p", "id", "-id"])
def test_a_page_goes_on_where_its_last_row_is_gone(sort: str) -> None:
    """The usual reason: the rows of the first page were closed, and the list leaves closed ones out."""
    rows = form.ordered(ROWS, (sort, "id"))
    keys = (sort, "id")
    _, end, cursor = form.page(rows, Form("json", limit=2), keys)
    left = rows[end:]
    start, end, _ = form.page(left, Form("json", limit=9, cursor=cursor), keys)
    assert (start, end) == (0, 2)


@pytest.mark.parametrize("cursor", ["x", "e30", "W10", "!!", ""])
def test_a_cursor_that_is_none(cursor: str) -> None:
    if cursor:
        with pytest.raises(WrkqError, match="cursor"):
            form.page(ROWS, Form("json", cursor=cursor), ("id",))


def test_a_cursor_of_another_order() -> None:
    _, _, cursor = form.page(ROWS, Form("json", limit=1), ("id",))
    with pytest.raises(WrkqError, match="another order"):
        form.page(ROWS, Form("json", cursor=cursor), ("p", "id"))


def test_tsv_keeps_one_row_a_line() -> None:
    rows = [{"a": "x\ty\nz\\", "b": ["l", "m"], "c": {"k": 1}, "d": None, "e": True}]
    assert list(form.lines(Form("tsv"), "abcde", rows)) == ["a\tb\tc\td\te", 'x\\ty\\nz\\\\\tl,m\t{"k": 1}\t\ttrue']


def test_json_is_an_array_even_for_nothing() -> None:
    assert list(form.lines(Form("json"), (), [])) == ["[]"]
    assert list(form.lines(Form("ndjson"), (), [])) == []


@pytest.mark.parametrize("given_options", [{"json": True, "tsv": True}, {"lines": True, "nul": True}, {"limit": 0}])
def test_options_that_contradict_each_other(given_options: dict[str, Any]) -> None:
    with pytest.raises(WrkqError) as caught:
        form.from_options(given_options)
    assert caught.value.exit_status == 2
