"""Checkboxes: which count, what they say, and where."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from wrkq_files.model import items
from wrkq_files.model.items import Item, count_items, find_items, open_criteria

VARIETIES = Path(__file__).parents[1] / "corpus" / "valid" / "task" / "checkbox-varieties.md"


def texts(body: str) -> list[str]:
    return [item.text for item in find_items(body)]


def one(body: str) -> Item:
    (item,) = find_items(body)
    return item


@pytest.mark.parametrize(
    ("mark", "state"),
    [(" ", "open"), ("x", "done"), ("X", "done"), ("-", "dropped"), ("/", "open"), (">", "open"), ("✓", "open")],
)
def test_marks(mark: str, state: str) -> None:
    item = one(f"- [{mark}] a")
    assert (item.mark, item.state, item.text) == (mark, state, "a")


@pytest.mark.parametrize(
    "line",
    [
        "- [ ] a",
        "* [ ] a",
        "+ [ ] a",
        "1. [ ] a",
        "123456789) [ ] a",
        "   - [ ] a",
        "-   [ ]   a  ",
        "-\t[ ]\ta",
        "- - [ ] a",
    ],
)
def test_places(line: str) -> None:
    body = f"text\n\n{line}"
    item = one(body)
    assert (item.number, item.line, item.text) == (1, 2, "a")
    assert body.split("\n")[item.line][item.column - 1 : item.column + 2] == "[ ]"


@pytest.mark.parametrize(
    "line",
    [
        "- [] a",
        "- [ ]a",
        "- [xx] a",
        "- [ ](url) a",
        "-[ ] a",
        "[ ] a",
        "\\- [ ] a",
        "- a [ ] b",
        "-\u00a0[ ] a",
        "    - [ ] a",
    ],
)
def test_no_boxes(line: str) -> None:
    assert find_items(line) == []


def test_an_empty_box_is_an_item() -> None:
    assert (one("- [ ]").text, one("- [x] \r").text) == ("", "")


@pytest.mark.parametrize(
    "hidden",
    [
        "```\n- [ ] no\n```",
        "~~~ text\n- [ ] no\n```\n- [ ] no\n~~~~",
        "````\n```\n- [ ] no\n```\n- [ ] no\n`````",
        "```\n- [ ] no\n``` no end\n- [ ] no\n    ```\n- [ ] no\n```",
        "```\n- [ ] no\n\n# Heading\n```",
        "    - [ ] no\n\n    - [ ] no",
        "\t- [ ] no",
        "> - [ ] no\n> > - [ ] no",
        ">- [ ] no",
        "<!-- - [ ] no -->",
        "<!--\n- [ ] no\n\n- [ ] no\n-->",
        "<!-- one --> <!-- two\n-->",
        "<!-- one --> - [ ] no <!-- two -->",
        "  <!-- - [ ] no\n- [ ] no --> - [ ] no",
    ],
)
def test_code_quotes_and_comments_hide_and_end(hidden: str) -> None:
    assert texts(f"- [ ] before\n\n## Heading\n\n{hidden}\n\n- [ ] after") == ["before", "after"]


@pytest.mark.parametrize("start", ["```", "~~~", "<!--", "````\n```"])
def test_what_is_never_closed_hides_the_rest(start: str) -> None:
    assert texts(f"- [ ] a\n\n{start}\n- [ ] no\n\n- [ ] no") == ["a"]


@pytest.mark.parametrize(
    "line",
    [
        "Use `<!--` to begin",
        "- [ ] Strip `<!--` from titles",
        "```inline``` code",
        "``` also `inline` ```",
        "1. ~~struck~~",
    ],
)
def test_what_only_looks_like_a_beginning_hides_nothing(line: str) -> None:
    assert texts(f"{line}\n- [ ] after")[-1] == "after"


def test_lists_nest_and_hold_code() -> None:
    body = """\
1. [ ] one
   - [x] two
     - [-] three

       ```
       - [ ] code
       ```

       - [ ] four

              - [ ] code
2. [ ] five
   ```
   - [ ] code
3. [ ] six
"""
    assert texts(body) == ["one", "two", "three", "four", "five", "six"]
    assert [item.number for item in find_items(body)] == [1, 2, 3, 4, 5, 6]


def test_the_corpus_file_of_varieties() -> None:
    found = find_items(VARIETIES.read_text())
    assert "".join(item.mark for item in found) == " xX-/> x x x-    "
    assert {item.heading for item in found} == {"Acceptance criteria"}
    assert [item.measure for item in found if item.measure] == ["make test"]


@pytest.mark.parametrize(
    ("text", "kept", "measure"),
    [
        ("p95 under 200 ms (measure: `make bench`)", "p95 under 200 ms", "make bench"),
        ("a (measure:`b`)  ", "a", "b"),
        ("(measure: `b`)", "", "b"),
        ("a (measure: `b`) c", "a (measure: `b`) c", None),
        ("a (measure: b)", "a (measure: b)", None),
        ("a (measure: ``)", "a (measure: ``)", None),
        ("a (measure: `b`) (measure: `c`)", "a (measure: `b`)", "c"),
    ],
)
def test_measure(text: str, kept: str, measure: str | None) -> None:
    item = one(f"- [ ] {text}")
    assert (item.text, item.measure) == (kept, measure)


@pytest.mark.parametrize(
    "heading",
    [
        "## Acceptance criteria",
        "# ACCEPTANCE CRITERIA #",
        "### Definition of done:",
        "Success Criteria\n---",
        "Success criteria\n==",
    ],
)
def test_criteria_headings(heading: str) -> None:
    body = f"- [ ] before\n\n{heading}\n\n- [ ] a\n- [x] b\n- [-] c\n- [/] d"
    assert [item.text for item in open_criteria(body)] == ["a", "d"]


@pytest.mark.parametrize(
    "heading", ["## Acceptance", "## Criteria", "**Acceptance criteria**", "> ## Acceptance criteria"]
)
def test_other_headings(heading: str) -> None:
    assert open_criteria(f"{heading}\n\n- [ ] a") == []


def test_deeper_headings_group_and_others_end_the_criteria() -> None:
    body = """\
## Plan
### Acceptance criteria
- [ ] a
#### On the phone
- [ ] b
##### Even deeper
- [ ] c
### Notes
- [ ] d
## Definition of done
- [ ] e

Other
---
- [ ] f
# Acceptance criteria
- [ ] g
"""
    assert [item.text for item in open_criteria(body)] == ["a", "b", "c", "e", "g"]
    assert [item.heading for item in find_items(body)][:4] == ["Acceptance criteria"] * 3 + ["Notes"]


def test_a_heading_in_an_item_does_not_end_the_criteria() -> None:
    assert len(open_criteria("## Acceptance criteria\n\n- [ ] a\n\n  # Note\n\n- [ ] b")) == 2


MARKS = st.sampled_from(" xX-/>*+#`~!|\\$✓√é\u00a0")
PIECES = ("a", "word", "`code`", "<!--", "-->", "**", "_it_", "#", ">", "-", "1.", "[x]", "[a](b)", "(measure:")
WORDS = st.lists(st.sampled_from(PIECES), min_size=1).map(" ".join)


@given(st.lists(st.tuples(st.sampled_from(["-", "*", "+", "1.", "7)"]), MARKS, WORDS), min_size=1))
def test_every_box_of_a_list_is_found_and_can_be_marked(boxes: list[tuple[str, str, str]]) -> None:
    lines = [f"{bullet} [{mark}] {text}" for bullet, mark, text in boxes]
    found = find_items("\n".join(lines))
    assert [(item.mark, item.text) for item in found] == [(mark, text) for _, mark, text in boxes]
    for item, line in zip(found, lines, strict=True):
        assert line[item.column] == item.mark


#: Lines that are easy to judge; most bodies hold nothing else.
_EASY = st.sampled_from(
    [
        "- [ ] a",
        "* [x] b",
        "+ [-] c",
        "-  [/] d",
        "- [ ]",
        "- [ ]\tt",
        "- [ ] x\r",
        "",
        "",
        "  ",
        "text",
        "- text",
        "1. text",
        "## Acceptance criteria",
        "# H",
        "### Success criteria:",
        "#",
        "**b** x",
        "_i_ x",
        "`code` x",
        "<b>",
        "   text",
        "2026 x",
        "  - text",
        "- **b**",
        "- `c`",
        "- [a](b)",
        "      deep",
        "- [ ]\xa0u",
        "é [ ] x",
        "x\ty",
        "~~s~~ x",
    ]
)
_HARD = st.sampled_from(
    [
        "-     [ ] code",
        "1. [ ] n",
        "2. [x] m",
        "- [x]no",
        "  - [ ] in",
        "    - [ ] code",
        "\t- [ ] t",
        "-\t[ ] t",
        "\t",
        "### Definition of done ##",
        "# A#",
        "#\t",
        "## a\tb",
        "##x",
        "####### x",
        "```",
        "~~~",
        "````py",
        "``` x `",
        "<!--",
        "<!-- a -->",
        "-->",
        "> q",
        "> - [ ] q",
        "---",
        "===",
        "***",
        "- - [ ] x",
        "* * *",
        "___",
        "1.5 x",
        "-",
        "- # h",
        "- ```",
        "- > q",
        "- <!-- x",
        "  ```",
        "  <!--",
        "  # H",
        "  ---",
        "- [ ] x - [x] y",
        "+",
        "=",
        "\xa0",
        "\xa0- [ ] x",
        "\r",
        "\u2028x",
        "# \u2028",
        "- `[ ]",
        "`- [ ] x`",
        "- 1. [ ] x",
        "- 1. x",
        "3. ",
        "_ [ ] x",
    ]
)


@settings(max_examples=1000)
@given(st.lists(st.one_of(*[_EASY] * 6, _HARD), max_size=9).map("\n".join))
def test_the_quick_way_finds_no_box_that_the_outline_finds_otherwise(body: str) -> None:
    quick = items._quick(body)
    event("quick" if quick else "no box" if quick is not None else "left to the outline")
    if quick is not None:
        assert quick == [*items._walk(body)]


def test_a_usual_body_takes_the_quick_way() -> None:
    body = "Why.\n\n## Acceptance criteria\n\n- [ ] a\n- [x] b\n  more\n\n## Notes\n\n- c\n\n```python\nx[1]\n```\n"
    assert len(items._quick(body) or ()) == 2


def test_what_is_counted() -> None:
    body = "- [ ] a\n\n## Definition of done\n\n- [ ] b\n- [/] c\n- [x] d\n- [X] e\n- [-] f"
    assert count_items(body) == count_items(f"1. text\n   ```\n   ```\n{body}") == (2, 2, 5)
    assert count_items("no [box]") == count_items("") == (0, 0, 0)


@pytest.mark.parametrize(
    "body",
    [
        "- [ ] a" + " " * 100_000 + "b",
        "- [ ] a\n" * 50_000 + "```\n- [ ] b",
        "text\n" * 100_000 + "> - [ ] b",
        "- [ ] " + "(measure: `" * 50_000,
        "- [ ] " + "(measure: " + " " * 100_000,
        "\t" * 100_000 + "- [ ] a",
    ],
    ids=["spaces", "boxes", "text", "measures", "measure", "tabs"],
)
@pytest.mark.usefixtures("untraced")
def test_no_line_takes_more_than_moments(body: str) -> None:
    start = time.process_time()
    find_items(body)
    assert time.process_time() - start < 2
