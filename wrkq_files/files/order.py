"""Canonical order and style of existing frontmatter, for ``wrkq fmt``: the one edit that reorders."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from wrkq_files.files import emit, typed
from wrkq_files.files.comments import has_comment
from wrkq_files.files.nodes import Map, Node, Scalar, Seq
from wrkq_files.files.splice import NoSpliceError, Sheet, item_start
from wrkq_files.model.fields import FIELDS, DocType, Field, FieldType, field_named

_COMMENT: Final = re.compile(r"[ \t]+#[^\r\n]*")
#: Kept as they are written: their numbers have spellings (`0x1F`, `007`) that only the source knows.
_AS_FOUND: Final = frozenset({FieldType.JSON})


def canonical_value(field: Field | None, value: Any) -> Any:
    """The value in the order it is written in: sets sorted, known keys of maps first."""
    if field is None:
        return value
    if field.type in typed.SETS:
        return tuple(sorted(set(value)))
    if field.type is FieldType.MAP:
        return _ordered(field, value)
    if field.type is FieldType.MAPS:
        return tuple(_ordered(field, item) for item in value)
    return value


def _ordered(field: Field, value: Mapping[str, Any]) -> dict[str, Any]:
    names = [name for name in field.sub if name in value] + [name for name in value if name not in field.sub]
    return {name: value[name] for name in names}


class _Entry:
    def __init__(self, rank: tuple[int, int], above: list[str], text: str) -> None:
        self.rank = rank
        self.above = above
        self.text = text
        self.below: list[str] = []


def formatted(sheet: Sheet, kind: DocType, fields: Mapping[str, Any]) -> str:
    """The frontmatter's lines in canonical order and style; values that are not valid stay as they are written."""
    if not sheet.root.pairs:
        return sheet.text
    first = next(iter(sheet.root.pairs.values()))[0]
    if sheet.root.flow:
        return _from_flow(sheet, kind, fields)
    if sheet.column(first.start):
        return sheet.text
    entries, footer = _entries(sheet, kind, fields)
    header = _header(sheet.text[: sheet.line_start(first.start)], entries[0])
    entries.sort(key=lambda entry: entry.rank)
    parts = [sheet.joined(entry.above) + entry.text + sheet.joined(entry.below) for entry in entries]
    return sheet.joined(header) + "".join(parts) + sheet.joined(footer)


def _entries(sheet: Sheet, kind: DocType, fields: Mapping[str, Any]) -> tuple[list[_Entry], list[str]]:
    """Every entry with the comments that go with it, in the file's order, and the comments after the last."""
    entries: list[_Entry] = []
    order = list(FIELDS[kind])
    position, below_previous = 0, False
    for place, (name, (key, node)) in enumerate(sheet.root.pairs.items()):
        below, above = _comments(sheet.text[position : sheet.line_start(key.start)], below_previous)
        if entries:
            entries[-1].below = below
        field = field_named(kind, name)
        rank = (order.index(field.name) if field else len(order), place)
        entries.append(_Entry(rank, above, _entry_text(sheet, key, node, field, fields)))
        position = sheet.after_line(node.end)
        below_previous = isinstance(node, (Seq, Map)) and not node.flow
    below, footer = _comments(sheet.text[position:], below_previous)
    entries[-1].below = below
    return entries, footer


def _comments(gap: str, below_previous: bool) -> tuple[list[str], list[str]]:
    """The comment lines between two entries: those that end a block above, and those above the next entry."""
    below: list[str] = []
    above: list[str] = []
    for line in gap.split("\n"):
        text = line.strip()
        if text and below_previous and not above and line.startswith(" "):
            below.append(f"  {text}")
        elif text:
            above.append(text)
    return below, above


def _header(gap: str, first: _Entry) -> list[str]:
    """Comments at the top that a blank line parts from the first key: they are about the file, and stay there."""
    lines = [line.strip() for line in gap.split("\n")[:-1]]
    if "" not in lines:
        return []
    last_blank = len(lines) - 1 - lines[::-1].index("")
    header = [line for line in lines[:last_blank] if line]
    del first.above[: len(header)]
    return [*header, ""] if header else []


def _entry_text(sheet: Sheet, key: Scalar, node: Node, field: Field | None, fields: Mapping[str, Any]) -> str:
    found = sheet.text[sheet.line_start(key.start) : sheet.after_line(node.end)]
    if field is None or field.name not in fields or field.type in _AS_FOUND:
        return found
    colon = sheet.text.index(":", key.end) + 1
    lines = emit.entry(field.name, canonical_value(field, fields[field.name]))
    if isinstance(node, Seq) and not node.flow and field.type in typed.SETS:
        return _set_text(sheet, colon, node, lines[0], field) or found
    tail = sheet.text[node.end : sheet.after_line(node.end)]
    if isinstance(node, Scalar):
        between = sheet.text[colon : node.start] + (
            sheet.text[node.start : node.end] if node.style in ("|", ">") else ""
        )
        inside = "#" in between.partition("\n")[0] or ("\n" in between and "#" in sheet.text[colon : node.start])
    else:
        inside = has_comment(sheet.text[colon : node.end], node, colon)
        tail = tail if node.flow else sheet.text[colon : sheet.after_line(colon)]
        inside = inside or (not node.flow and "#" in sheet.text[node.end : sheet.after_line(node.end)])
    if inside:
        return found
    comment = _COMMENT.match(tail)
    lines[0] += comment[0].rstrip() if comment else ""
    return sheet.joined(lines)


def _set_text(sheet: Sheet, colon: int, node: Seq, head: str, field: Field) -> str | None:
    """A set in block style: its items sorted, each with the comments above and beside it. None for doubled words."""
    beside = _COMMENT.match(sheet.text, colon)
    blocks: dict[str, list[str]] = {}
    position = sheet.after_line(colon)
    for item in node.items:
        try:
            start = sheet.line_start(item_start(sheet, node, item))
        except NoSpliceError:
            return None
        value = typed.scalar_value(field, item) if isinstance(item, Scalar) else ""
        if value in blocks or start < position:
            return None
        above = [f"  {line.strip()}" for line in sheet.text[position:start].split("\n") if line.strip()]
        comment = _COMMENT.match(sheet.text, item.end)
        blocks[value] = [*above, *emit.item(value, 2)]
        blocks[value][-1] += comment[0].rstrip() if comment else ""
        position = sheet.after_line(item.end)
    lines = [head + (beside[0].rstrip() if beside else "")]
    return sheet.joined(lines + [line for value in sorted(blocks) for line in blocks[value]])


def _from_flow(sheet: Sheet, kind: DocType, fields: Mapping[str, Any]) -> str:
    """Frontmatter in braces becomes lines, where every value is known and nothing is commented."""
    root = sheet.root
    if len(fields) != len(root.pairs) or has_comment("\n" + sheet.text, root, -1):
        return sheet.text
    names = [
        *(name for name in FIELDS[kind] if name in fields),
        *(name for name in fields if name not in FIELDS[kind]),
    ]
    entries = [emit.entry(name, canonical_value(field_named(kind, name), fields[name])) for name in names]
    return sheet.joined([line for lines in entries for line in lines])
