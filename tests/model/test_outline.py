"""Headings and list items, as CommonMark has them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wrkq_files.model.outline import outline


def headings(body: str) -> list[tuple[int, str]]:
    return [(block.level, block.text) for block in outline(body) if block.level]


def items(body: str) -> list[int]:
    return [block.line for block in outline(body) if not block.level]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("# One\n###### Six\n####### seven\n#none", [(1, "One"), (6, "Six")]),
        ("## Closed ##\n## C#\n##  Wide  #", [(2, "Closed"), (2, "C#"), (2, "Wide")]),
        ("Title\n===\nOther\n---", [(1, "Title"), (2, "Other")]),
        ("Two\nlines\n---", [(2, "Two lines")]),
        ("Two\n    lines\n---", [(2, "Two lines")]),
        ("---\n===", []),
        ("text\n\n---", []),
        ("text\n***\n===", []),
        ("> quoted\n---", []),
        ("> quoted\n===", []),
        ("- item\n---", []),
        ("- item\n  ---", []),
        ("- # inside\n\n  ## inside\n\n## Outside", [(2, "Outside")]),
        ("1. item\n ## Outside", [(2, "Outside")]),
    ],
)
def test_headings(body: str, found: list[tuple[int, str]]) -> None:
    assert headings(body) == found


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("- a\n* b\n+ c\n1. d\n2) e", [0, 1, 2, 3, 4]),
        ("- a\n  - b\n    - c\n      - d", [0, 1, 2, 3]),
        ("- a\n\n  - b\n\n    - c", [0, 2, 4]),
        ("- - a", [0]),
        ("-\n  - a", [1]),
        ("-a\n1a\n1234567890. a", []),
        ("    - code", []),
        ("text\n    - text", []),
        ("text\n- a", [1]),
        ("text\n2. no list interrupts so", []),
        ("1. a\n2. b", [0, 1]),
        ("- a\nlazy\n    - b", [0, 2]),
        ("- a\n\n      - code", [0]),
        ("-     code", []),
        ("-\ta\n\t- b", [0, 1]),
        ("- - -\n* * *", []),
        ("- a\n  -\n  2) b", [0, 2]),
        ("- > quoted\n- # heading\n- ```\n- a", [3]),
        ("- ```\n  - code\n  ```\n- a", [3]),
        ("- a\n  - b\n    ```\n    - code\n    ```\n  - c", [0, 1, 5]),
        ("- ```\n- the item before ended, and its fence", [1]),
        ("- <!--\n- the item before ended, and its comment", [1]),
    ],
)
def test_items(body: str, lines: list[int]) -> None:
    assert items(body) == lines


LINES = st.tuples(
    st.sampled_from(["", "", " ", "  ", "    ", "\t"]),
    st.sampled_from(
        [
            "- a",
            "1. b",
            "2) c",
            "text",
            "",
            "```",
            "````",
            "~~~",
            "``` a`",
            "<!--",
            "-->",
            "<!-- x -->",
            "> q",
            ">",
            "# H",
            "===",
            "---",
            "-",
            "- ```",
            "-     d",
        ]
    ),
).map("".join)
BODIES = st.lists(LINES, max_size=8).map("\n".join)


@given(BODIES)
def test_crlf_and_spaces_at_the_end_change_nothing(body: str) -> None:
    for end in ("\r", "  ", "\t"):
        other = body.replace("\n", f"{end}\n") + end
        assert (headings(other), items(other)) == (headings(body), items(body))


@given(BODIES)
def test_a_quote_hides_everything(body: str) -> None:
    assert list(outline("\n".join(f"> {line}" for line in body.split("\n")))) == []


@given(BODIES)
def test_a_longer_fence_hides_everything(body: str) -> None:
    assert list(outline(f"`````\n{body}\n`````\n- a")) == [(body.count("\n") + 3, 0, "- a")]


@given(BODIES)
def test_an_item_holds_what_is_indented_under_it(body: str) -> None:
    held = "\n".join(f"  {line}" if line else "" for line in body.expandtabs(4).split("\n"))
    assert items(f"- x\n\n{held}") == [0, *(line + 2 for line in items(body.expandtabs(4)))]
    assert headings(f"- x\n\n{held}") == []


@pytest.mark.parametrize(
    "body",
    [
        "- " * 100_000 + "\n" + "lazy\n" * 50_000,
        "text\n" * 100_000,
        "# a" + " " * 100_000 + "b",
        "- *" * 50_000,
        "`" * 100_000,
    ],
    ids=["deep", "paragraph", "spaces", "markers", "ticks"],
)
def test_no_body_takes_more_than_moments(body: str) -> None:
    start = time.perf_counter()
    list(outline(body))
    assert time.perf_counter() - start < 3
