"""A reader for the frontmatter that nearly every file has: ``key: value`` lines, ``- item`` lines, plain nesting.

It reads a subset of YAML in a tenth of the time, and without importing a YAML library. Whatever is not plainly in the
subset makes it give up (None), and then ``yaml_events`` reads the text. A property test holds the two to the same
nodes, offsets included.
"""

from __future__ import annotations

import re
from typing import Final

from wrkq_files.files.nodes import Map, Node, Scalar, Seq

#: A plain scalar on one line. Spaces other than U+0020 are left to the YAML reader.
PLAIN: Final = (
    r"""[^\s\-?:,\[\]{}#&*!|>'"%@`][^\s:]*+"""  # indicators cannot begin it
    r"""(?:(?:[ ]++(?!\#)|:)(?=\S)[^\s:]*+)*+"""  # neither ": " nor " #" within
)
_LINE: Final = re.compile(
    rf"""
    ([ ]*+)
    (?: \#[^\n]*+ | (?=\r?\n) |                        # a comment, a blank line
        (-[ ]++)?
        (?: ([A-Za-z_][A-Za-z0-9_-]{{0,99}}+) : (?=[ \r\n]) )?
        [ ]*+
        (?: ({PLAIN}) | '([^'\n]*+)' | "([^"\\\n]*+)" )?
        [ ]*+ (?: (?<=[ ])\#[^\n]*+ )?
    )
    \r?\n
    | ([^\n]+)                                          # anything else: matched, or finditer would try every place
    """,
    re.VERBOSE,
)
_FLAT: Final = re.compile(
    rf"""(?:[a-z_]++:(?:[ ](?:{PLAIN}|"[^"\\\n]*+"|'[^'\n]*+')\n|\n(?:[ ][ ]-[ ]{PLAIN}\n)++))*+"""
)
_PAIR: Final = re.compile(r"([a-z_]++):(?: (.*+)|((?:\n  - .*+)++))\n")
_NOT_PLAIN: Final = 7
_MAX_DEPTH: Final = 12

#: indent, column of what follows the dash (-1 without a dash), key, value, offset of the line
_Line = tuple[int, int, Scalar | None, Scalar | None, int]


class _NotPlainError(Exception):
    pass


def pairs(text: str) -> list[tuple[str, str, str]] | None:
    """The key, the value as it is written and the ``- item`` lines of each pair; one of these two is empty.

    None where :func:`read` is needed: it takes only scalars on one line, quotes around a value, and lists of plain
    ones. A key may come twice. It makes no nodes, which take most of the time.
    """
    return _PAIR.findall(text) if _FLAT.fullmatch(text) else None


def items_of(block: str) -> list[str]:
    """The items that the lines of :func:`pairs` hold."""
    return block.split("\n  - ")[1:]


def read(text: str) -> Map | None:
    """The map that frontmatter lines (each with its line end) say, or None where they are not plain enough."""
    lines = _lines(text)
    if lines is None:
        return None
    if not lines:
        return Map({}, False, 0, 0)
    if lines[0][0] or lines[0][1] >= 0:
        return None
    try:
        node, after = _map(lines, 0, 0, _MAX_DEPTH)
    except _NotPlainError:
        return None
    return node if after == len(lines) else None


def _lines(text: str) -> list[_Line] | None:
    """The lines that say something; None when one of them is not plain."""
    found: list[_Line] = []
    end = 0
    for match in _LINE.finditer(text):
        start, end = match.span()
        group = match.lastindex
        if group is None or group == 1:
            continue
        if group == _NOT_PLAIN:
            return None
        value = _value(match, group) if group > 3 else None
        column = match.end(2) - start if match[2] is not None else -1
        key_start, key_end = match.span(3)
        if key_start < 0 and (column < 0 or value is None):
            return None
        key = Scalar(match[3], "", key_start, key_end) if key_start >= 0 else None
        found.append((match.end(1) - start, column, key, value, start))
    return found if end == len(text) else None


def _value(match: re.Match[str], group: int) -> Scalar:
    start, end = match.span(group)
    if group == 4:
        return Scalar(match[4], "", start, end)
    return Scalar(match[group], "'" if group == 5 else '"', start - 1, end + 1)


def _map(lines: list[_Line], at: int, column: int, depth: int) -> tuple[Map, int]:
    """The map whose first key is in line ``at`` and whose keys begin at ``column``; and the line after it."""
    if not depth:
        raise _NotPlainError
    pairs: dict[str, tuple[Scalar, Node]] = {}
    first, end = lines[at][2], 0
    while True:
        key, value = lines[at][2], lines[at][3]
        if key is None or first is None or key.text in pairs:
            raise _NotPlainError
        at += 1
        node: Node
        if value is not None:
            node = value
        else:
            node, at = _below(lines, at, column, key, depth)
        pairs[key.text] = (key, node)
        end = node.end
        if at == len(lines) or lines[at][0] < column:
            return Map(pairs, False, first.start, end), at
        if lines[at][0] > column or lines[at][1] >= 0:
            raise _NotPlainError


def _below(lines: list[_Line], at: int, column: int, key: Scalar, depth: int) -> tuple[Node, int]:
    """What stands below a key without a value on its line."""
    if at < len(lines):
        indent, dash = lines[at][0], lines[at][1]
        if dash >= 0 and indent >= column:
            return _seq(lines, at, indent, depth - 1)
        if dash < 0 and indent > column:
            return _map(lines, at, indent, depth - 1)
    return Scalar("", "", key.end + 1, key.end + 1), at


def _seq(lines: list[_Line], at: int, indent: int, depth: int) -> tuple[Seq, int]:
    """The list whose first dash is in line ``at``; and the line after it."""
    items: list[Node] = []
    start = lines[at][4] + indent
    while True:
        _, column, key, value, _ = lines[at]
        item: Node
        if key is None and value is not None:
            item, at = value, at + 1
        else:
            item, at = _map(lines, at, column, depth - 1)
        items.append(item)
        if at == len(lines) or lines[at][0] < indent or (lines[at][0] == indent and lines[at][1] < 0):
            return Seq(items, False, start, item.end), at
        if lines[at][0] != indent:
            raise _NotPlainError
