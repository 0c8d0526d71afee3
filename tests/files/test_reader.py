"""The quick reader and the YAML reader agree, offsets included; and what both must never do."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from tests.support.documents import hand_made
from wrkq_files.files import plain, split, yaml_events
from wrkq_files.files.nodes import Node, Scalar, Seq, Unreadable

#: What lines are made of, in combinations that a strategy for valid files would never try.
_PIECES = st.sampled_from(
    [
        "a",
        "b:",
        "key: value",
        "c",
        "- ",
        "-",
        " ",
        "  ",
        "\t",
        ":",
        ": ",
        "#",
        " #",
        "'",
        '"',
        "x y",
        "'q'",
        '"d"',
        "[",
        "]",
        "{",
        "}",
        ",",
        "&a",
        "*a",
        "!t",
        "|",
        ">",
        "%",
        "@",
        "?",
        "? ",
        "---",
        "...",
        "\\",
        "é",
        "\u2028",
        "\xa0",
        "0042",
        "~",
        "<<",
        "- k: v",
        "\r",
    ]
)
_SOUP = st.lists(st.lists(_PIECES, max_size=5).map("".join), max_size=7).map(
    lambda lines: "".join(f"{x}\n" for x in lines)
)
#: Mostly what the quick reader takes, for a file is left to YAML as soon as one line of it is odd.
_PLAIN = st.sampled_from(
    ["x", "x y:z", "'q # q'", '"d: d"', "x#y", "x # y", "'q' # y", "x ", "''", "x  y", "a,b", "="]
)
_ODD = st.sampled_from(
    [
        ":x",
        "[]",
        "x: y",
        "x:",
        "x :",
        "# c",
        "x\xa0y",
        "-x",
        "'a' b",
        "'a''b'",
        '"a\\n"',
        "|",
        "~",
        "a]",
        "x\ty",
        "x\t",
        "x :y",
    ]
)
_VALUES = st.one_of(*[_PLAIN] * 15, _ODD)
_ENDS = st.sampled_from(["\n"] * 30 + ["\r\n", "\n\n", "\n# c\n", "\n      # c\n", " \n", "\n  \n", " # c\n", "\t\n"])


@st.composite
def _nearly(draw: st.DrawFn) -> str:
    """Block style with odd values and, now and then, an indentation that is a little off."""
    lines: list[str] = []

    def slip(indent: int) -> str:
        return " " * max(0, indent + draw(st.sampled_from([0] * 50 + [-2, -1, 1, 2])))

    def block(indent: int, depth: int, lead: str) -> None:
        for place in range(draw(st.integers(1, 3))):
            start = lead if lead and not place else slip(indent)
            key = draw(st.sampled_from(["abc"[place]] * 20 + ["a", "'k'", "a b"]))
            gap = draw(st.sampled_from([" ", " ", " ", "  ", ""]))
            if depth > 2 or draw(st.integers(0, 2)):
                lines.append(f"{start}{key}:{gap}{draw(_VALUES)}{draw(_ENDS)}")
                continue
            lines.append(f"{start}{key}:{draw(_ENDS)}")
            if draw(st.booleans()):
                block(indent + draw(st.sampled_from([2, 2, 4, 1])), depth + 1, "")
            else:
                items(indent + draw(st.sampled_from([0, 2, 2, 4])), depth + 1)

    def items(indent: int, depth: int) -> None:
        for _ in range(draw(st.integers(0, 3))):
            dash = draw(st.sampled_from(["- ", "- ", "-   ", "-"]))
            if draw(st.booleans()):
                lines.append(f"{slip(indent)}{dash}{draw(_VALUES)}{draw(_ENDS)}")
            else:
                block(indent + len(dash), depth + 1, f"{slip(indent)}{dash}")

    block(0, 0, "")
    return "".join(lines)


def dump(node: Node) -> Any:
    if isinstance(node, Scalar):
        return (node.text, node.style, node.start, node.end)
    if isinstance(node, Seq):
        return ("list", node.flow, node.start, node.end, [dump(item) for item in node.items])
    return ("map", node.flow, node.start, node.end, [(dump(key), dump(value)) for key, value in node.pairs.values()])


@settings(max_examples=1500, deadline=None)
@given(_SOUP | _nearly() | _nearly() | hand_made().map(lambda made: split.split(made.data).frontmatter))
@example("a:\n- b\nc: d\n")
@example("a:\n  - b: c\n    d:\n    - e\n")
@example("a: 'x'# y\n")
@example("a: b\n  # c\n d: e\n")
@example("a:\n b:\n  c:\n d: e\n")
def test_the_quick_reader_reads_nothing_that_yaml_reads_otherwise(text: str) -> None:
    if split.CONTROL.search(text):
        return
    quick = plain.read(text)
    event("quick" if quick is not None else "left to YAML")
    if quick is not None:
        assert dump(quick) == dump(yaml_events.read(text))


@settings(max_examples=1000, deadline=None)
@given(_SOUP | _nearly() | hand_made().map(lambda made: split.split(made.data).frontmatter))
@example("a: 'x'\n")
@example("a: 'x''y'\n")
@example('a: "x\\n"\n')
@example("a:\n  - x\n")
@example("a:\n- x\n")
def test_flat_pairs_are_what_the_nodes_say(text: str) -> None:
    if split.CONTROL.search(text) or (pairs := plain.pairs(text)) is None:
        return
    event("flat")
    if len({key for key, _, _ in pairs}) < len(pairs):
        assert plain.read(text) is None
        return
    root = plain.read(text)
    assert root is not None
    assert [(key, _written(node)) for key, (_, node) in root.pairs.items()] == [
        (key, plain.items_of(block) if block else value) for key, value, block in pairs
    ]


def _written(node: Node) -> Any:
    if isinstance(node, Seq):
        return [_written(item) for item in node.items]
    assert isinstance(node, Scalar)
    return f"{node.style}{node.text}{node.style}"


def test_typical_frontmatter_takes_the_quick_way() -> None:
    text = (
        "title: Login: no\n".replace(": no", "")
        + "labels:\n  - a\n  - b\nscore:\n  effort: 1\nparticipants:\n  - actor: a\n    role: b\n"
    )
    assert plain.read(text) is not None
    assert plain.read(text.replace("\n", "\r\n")) is not None
    assert plain.pairs('title: "Login: no"\nlabels:\n  - a\n  - b\nid: T-00000001\n') == [
        ("title", '"Login: no"', ""),
        ("labels", "", "\n  - a\n  - b"),
        ("id", "T-00000001", ""),
    ]


@pytest.mark.parametrize("character", ["\x85", "\u2028", "\u2029"])
@pytest.mark.parametrize("around", ["{}", "'{}'", '"{}"', "[x{}y]"])
def test_line_breaks_of_yaml_1_1_are_text(character: str, around: str) -> None:
    node = yaml_events.read(f"a: {around.format('x' + character + 'y')}\nb: 1\n").pairs["a"][1]
    while isinstance(node, Seq):
        node = node.items[0]
    assert isinstance(node, Scalar)
    assert f"x{character}y" in node.text


def test_a_stand_in_for_such_a_character_is_never_one_of_the_texts_own() -> None:
    root = yaml_events.read('a: \ue000 \\ue001 \u2028\nb: "\\ue002"\nc: "\\uE003"\n')
    assert [value.text for value in root.values() if isinstance(value, Scalar)] == [
        "\ue000 \\ue001 \u2028",
        "\ue002",
        "\ue003",
    ]


@pytest.mark.parametrize(
    "evil",
    [
        "a: " + "[" * 25000,
        "a: " + "{" * 25000,
        "- " * 30000,
        "? " * 30000,
        "a: " * 20000,
        "a:\n" + " - -" * 15000,
        "".join(" " * depth + "a:\n" for depth in range(300)),
        "[" * 60000 + "]",
        "a: {" + "a: {" * 15000,
        "'" * 60001,
        "&a " * 20000,
        "*a " * 20000,
        "!t " * 20000,
        "a: |" + "\n" * 60000,
        "a: x" + "\n  y" * 15000,
        "# " * 30000,
        "a: [" + "x, " * 20000 + "]",
        "a: " + "#" * 60000,
        "a: " + "x:" * 30000,
        "- k: v\n" * 9000,
        " " * 60000,
        "x" * 60000,
    ],
)
def test_nothing_takes_long_or_crashes(evil: str) -> None:
    started = time.process_time()
    plain.pairs(evil + "\n")
    quick = plain.read(evil + "\n")
    try:
        slow = yaml_events.read(evil + "\n")
    except Unreadable:
        assert quick is None
    else:
        assert quick is None or dump(quick) == dump(slow)
    # What is quadratic takes minutes.
    assert time.process_time() - started < 10
