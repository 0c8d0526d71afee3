"""Cutting a document's text into the parts that a merge puts together again, and giving a part another value."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from wrkq_files.files import comments, documents, edits, split, typed
from wrkq_files.files.nodes import Map, Seq, Unreadable
from wrkq_files.files.splice import Sheet
from wrkq_files.model.document import Value
from wrkq_files.model.fields import DocType, field_named
from wrkq_files.model.parts import Part, Parts
from wrkq_files.model.rules import ERROR, RULES

#: Comments that are indented below a list or a map close it.
_BELOW: Final = re.compile(r"(?:[ ]+#[^\n]*\n)*")


def cut(data: bytes, kind: DocType) -> tuple[Parts, dict[str, str]] | None:
    """The parts of a readable document, and what each field is that does not fit (by name, its lines).

    None where its frontmatter cannot be cut at its keys: in braces, or indented. Raises :class:`Unreadable`.
    """
    spans = split.split(data)
    text = spans.frontmatter
    root = documents.read_nodes(text)
    if root.flow or any(key.start and text[key.start - 1] != "\n" for key, _ in root.pairs.values()):
        return None
    misfits: set[int] = set()

    def report(rule: str, offset: int, message: str, allowed: str, remedy: str) -> None:
        if RULES[rule].severity == ERROR:
            misfits.add(offset)

    values = typed.fields_of(root, kind, report, None)
    fields, header, footer = _fields(Sheet(text, root, "\n"), kind, values)
    at, odd = len(header), {}
    for name, part in fields.items():
        if any(at <= offset < at + len(part.full) for offset in misfits):
            odd[name] = part.text
        at += len(part.full)
    opening = spans.text[: spans.front]
    return Parts(opening, header, fields, footer, spans.text[spans.close :]), odd


def _fields(sheet: Sheet, kind: DocType, values: dict[str, Value]) -> tuple[dict[str, Part], str, str]:
    """The fields in the order of the text, the header and the footer."""
    found: dict[str, Part] = {}
    position, header = 0, ""
    for name, (key, node) in sheet.root.pairs.items():
        above = sheet.text[position : key.start]
        if not found:
            header, above = _about_all(above)
        position = sheet.after_line(node.end)
        if isinstance(node, (Seq, Map)) and not node.flow and (below := _BELOW.match(sheet.text, position)):
            position = below.end()
        field = field_named(kind, name)
        named = field.name if field else name
        found[named] = Part(above, sheet.text[key.start : position], values.get(named))
    footer = sheet.text[position:]
    if not found and "#" in footer:  # a comment about all stays on top when the first field comes
        header, footer = _about_all(footer)
    return found, header, footer


def _about_all(text: str) -> tuple[str, str]:
    """The comments that an empty line parts from what is below them, and the rest."""
    cut_at = f"\n{text}".rfind("\n\n") + 1
    return text[:cut_at], text[cut_at:]


def with_value(text: str, kind: DocType, name: str, value: Value) -> str | None:
    """A field's lines saying another value and nothing else otherwise; None where that needs a hand."""
    return edits.set_part(text, kind, name, value)


def value_in(text: str, kind: DocType, name: str) -> Value:
    """What a field's lines say. Raises :class:`Unreadable` where they are not this field, or do not fit it."""

    def refuse(rule: str, offset: int, message: str, allowed: str, remedy: str) -> None:
        if RULES[rule].severity == ERROR:
            raise Unreadable(rule, offset, message)

    found = typed.fields_of(documents.read_nodes(text), kind, refuse, None)
    if {*found} - {name}:
        raise Unreadable("yaml-syntax", 0, f"there is more than {name}")
    return found.get(name)


def comments_in(text: str) -> Counter[str]:
    """The comments of frontmatter lines, and how often each stands there; of lines that cannot be read, all lines."""
    try:
        root = documents.read_nodes(text)
    except Unreadable:
        return Counter(text.splitlines())
    return Counter(each.strip() for each in comments.comments(text, root))


__all__ = ["comments_in", "cut", "value_in", "with_value"]
