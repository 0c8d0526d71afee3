"""Edits of a document's bytes: only what must change changes, and every result is read again before it is given."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from wrkq_files.errors import WrkqError
from wrkq_files.files import emit, order, split, typed
from wrkq_files.files.documents import Parsed, parse, read_nodes
from wrkq_files.files.nodes import Map, Node, Scalar, Seq, Unreadable
from wrkq_files.files.splice import NoSpliceError, Sheet, apply
from wrkq_files.files.split import Spans
from wrkq_files.files.values_diff import Arrange, Put, Remove, Step, set_steps, steps
from wrkq_files.model.document import Document, Value
from wrkq_files.model.fields import FIELD_SYNONYMS, FIELDS, DocType, Field, FieldType
from wrkq_files.model.items import Item, find_items
from wrkq_files.model.values import same

#: Each step reads the text anew.
_MOST_STEPS = 100
_COLLECTIONS = typed.SETS | {FieldType.MAP, FieldType.MAPS}
_BY_HAND = "edit the file by hand, or let `wrkq fmt` bring it into canonical style first"


def set_fields(data: bytes, kind: DocType, changes: Mapping[str, Value | None]) -> bytes:
    """The bytes with the fields changed as asked for and nothing else; None and empty collections remove a field.

    Values are typed as in ``Document.fields``. Raises :class:`WrkqError`: ``unreadable`` for input that cannot be
    read, ``validation`` for text that frontmatter cannot hold, ``refused`` where the change needs a hand.
    """
    document = _readable(data, kind)
    wanted = {name: _wanted(value) for name, value in changes.items()}
    spans = split.split(data)
    sheet = Sheet(spans.frontmatter, read_nodes(spans.frontmatter), spans.eol)
    for name, value in wanted.items():
        try:
            sheet = _change(sheet, kind, document, name, value)
        except (NoSpliceError, IndexError):
            raise _refused(name) from None
    if sheet.text == spans.frontmatter:
        return data
    result = (spans.text[: spans.front] + sheet.text + spans.text[spans.close :]).encode()
    _verify(result, document, {**document.fields, **wanted}, wanted)
    return result


def set_part(text: str, kind: DocType, name: str, value: Value) -> str | None:
    """The frontmatter lines of one field with another value, and nothing else changed; None where that needs a hand.

    A field's lines are read alone: of ``text`` no other key may be part. Where very much changes in it, it is written
    anew in canonical style.
    """
    try:
        root = _reread(text)
        before = Document(kind, "", typed.fields_of(root, kind, lambda *_: None, None), "")
        sheet = _change(Sheet(text, root, "\n"), kind, before, name, value, most=_MOST_STEPS)
        _verify(f"---\n{sheet.text}---\n".encode(), before, {name: value}, {name: value})
    except (NoSpliceError, IndexError, Unreadable, WrkqError):
        return None
    return sheet.text


def set_body(data: bytes, body: str) -> bytes:
    """The bytes with another body (given with ``\\n``); the frontmatter and the lines both bodies share are kept."""
    spans = _spans(data)
    head = spans.text[: spans.body]
    if body and not head.endswith("\n"):
        head += spans.eol + spans.eol
    elif body.startswith("\n") and spans.text[spans.close : spans.body].count("\n") < 2:
        head += spans.eol
    result = (head + _with_line_ends(spans, body)).encode()
    if split.split(result).raw_body.replace("\r\n", "\n") != body:
        raise WrkqError("refused", "this body cannot be written as it is given", hint=_BY_HAND)
    return result


def sort_sets(data: bytes, kind: DocType) -> bytes:
    """The bytes with every set sorted, and a word that stands twice standing once; nothing else changes.

    Raises :class:`WrkqError` ``unreadable``; a set whose items cannot be moved without touching more stays.
    """
    document = _readable(data, kind)
    spans = split.split(data)
    sheet = Sheet(spans.frontmatter, read_nodes(spans.frontmatter), spans.eol)
    for name in document.fields:
        field, key = FIELDS[kind].get(name), _key_in(sheet.root, name)
        node = sheet.root.pairs[key][1] if key in sheet.root.pairs else None
        if field and field.type in typed.SETS and isinstance(node, Seq):
            with contextlib.suppress(NoSpliceError, IndexError):
                sheet = _applied(sheet, _sorting_steps(field, key, node))
    result = (spans.text[: spans.front] + sheet.text + spans.text[spans.close :]).encode()
    _verify(result, document, document.fields, {})
    return result


def mark_item(data: bytes, item: Item, mark: str) -> bytes:
    """The bytes with the mark of one checkbox changed. Raises ``conflict`` where the item is not there any more."""
    spans = _spans(data)
    lines = spans.raw_body.split("\n")
    line = lines[item.line] if item.line < len(lines) else ""
    if len(mark) != 1 or mark in "\r\n[]":
        raise WrkqError("validation", f"{mark!r} is no mark", hint="`x` is done, `-` dropped, a space open")
    if line[item.column - 1 : item.column + 2] != f"[{item.mark}]" or item.text not in line:
        raise WrkqError("conflict", f"item {item.number} has changed since it was read", hint="read it again")
    lines[item.line] = line[: item.column] + mark + line[item.column + 1 :]
    result = spans.text[: spans.body] + "\n".join(lines)
    if len(find_items("\n".join(lines))) != len(find_items(spans.raw_body)):
        raise WrkqError("refused", "the mark changes what is a checkbox", hint=_BY_HAND)
    return result.encode()


def write(kind: DocType, fields: Mapping[str, Value], body: str) -> bytes:
    """A new file in canonical order and style. Empty values are left out; defaults are the caller's to leave out.

    Raises ``validation`` for text that frontmatter cannot hold.
    """
    names = [*FIELDS[kind], *sorted(name for name in fields if name not in FIELDS[kind])]
    entries = [
        (name, _canonical(kind, name, fields[name])) for name in names if _wanted(fields.get(name)) is not None
    ]
    return emit.document(entries, body).encode()


def fmt(data: bytes, kind: DocType) -> bytes:
    """The bytes in canonical order and style; comments go with their key, the body stays byte for byte."""
    document = _readable(data, kind)
    spans = split.split(data)
    sheet = Sheet(spans.frontmatter, read_nodes(spans.frontmatter), spans.eol)
    text = order.formatted(sheet, kind, document.fields)
    result = (spans.text[: spans.front] + text + spans.text[spans.close :]).encode()
    _verify(result, document, document.fields, {})
    return result


def _canonical(kind: DocType, name: str, value: Value) -> Value:
    field = FIELDS[kind].get(name)
    return order.canonical_value(field, value)


def _wanted(value: Value) -> Value:
    """An empty collection says the same as no value, but in `meta`-like data only the top level is judged."""
    return None if isinstance(value, (tuple, list, dict)) and not value else value


def _readable(data: bytes, kind: DocType) -> Document:
    parsed = _parsed(data, kind)
    if parsed.document is None:
        raise _unreadable(parsed)
    return parsed.document


def _parsed(data: bytes, kind: DocType) -> Parsed:
    """Which kinds of task there are is the tracker's to say: to an edit, a word that stands there is one."""
    return parse(data, kind, "", kinds=None)


def _unreadable(parsed: Parsed) -> WrkqError:
    first = parsed.findings[0]
    place = f"line {first.line}, column {first.column}: " if first.line else ""
    details = {"findings": [dict(finding.as_json()) for finding in parsed.findings]}
    return WrkqError("unreadable", f"{place}{first.message}", hint=first.remedy, details=details)


def _spans(data: bytes) -> Spans:
    try:
        return split.split(data)
    except Unreadable:
        raise _unreadable(parse(data, DocType.TASK, "")) from None


def _change(
    sheet: Sheet, kind: DocType, document: Document, name: str, value: Value, *, most: int | None = None
) -> Sheet:
    """The sheet after one field's change; as a whole where it takes more than ``most`` steps.

    Raises :class:`NoSpliceError`.
    """
    field = FIELDS[kind].get(name)
    key = _key_in(sheet.root, name)
    old = _wanted(document.get(name))
    present = sheet.root.pairs[key][1] if key in sheet.root.pairs else None
    if old is None and value is not None and field and field.type in _COLLECTIONS and not _is_void(present):
        # It holds something that does not fit: what the caller adds to "nothing" would wipe it out.
        raise NoSpliceError
    try:
        todo = [*islice(_steps_for(field, kind, key, old, value, present), most and most + 1)]
        if most and len(todo) > most:
            raise NoSpliceError
        return _applied(sheet, todo)
    except (NoSpliceError, IndexError):
        if not emit.is_block(value):
            raise
        # No way to the part that changes: the field's whole value, where no comment is lost with it.
        return _applied(sheet, [Put((key,), order.canonical_value(field, value))])


def _applied(sheet: Sheet, todo: Iterable[Step]) -> Sheet:
    """The sheet after the steps; each of them reads the text anew."""
    for step in todo:
        text = apply(sheet, step)
        sheet = Sheet(text, _reread(text), sheet.eol)
    return sheet


def _reread(text: str) -> Map:
    try:
        return read_nodes(text)
    except Unreadable:
        raise NoSpliceError from None


def _key_in(root: Map, name: str) -> str:
    """The name under which the field stands in the file: a synonym stays one."""
    synonyms = (key for key, field in FIELD_SYNONYMS.items() if field == name and key in root.pairs)
    return name if name in root.pairs else next(synonyms, name)


def _steps_for(
    field: Field | None, kind: DocType, key: str, old: Value, new: Value, present: Node | None
) -> Iterator[Step]:
    if same(old, new) or (field and field.type in typed.SETS and same(_sorted(old), _sorted(new))):
        return
    order_of_keys = tuple(FIELDS[kind])
    if new is None:
        yield Remove((key,))
    elif old is None:
        if isinstance(present, (Seq, Map)) and not emit.is_block(new):
            yield Remove((key,))
        yield Put((key,), order.canonical_value(field, new), order_of_keys)
    elif field and field.type in typed.SETS:
        yield from _set_steps(field, key, old, new, present)
    else:
        sub = tuple(field.sub) if field else ()
        yield from steps((key,), old, new, key=field.key if field and sub else "", order=sub)


def _is_void(node: Node | None) -> bool:
    if node is None:
        return True
    if isinstance(node, Scalar):
        return node.is_empty or (not node.style and typed.core(node.text) is None)
    return not (node.items if isinstance(node, Seq) else node.pairs)


def _set_steps(field: Field, key: str, old: Value, new: Value, present: Node | None) -> Iterator[Step]:
    if not set(old) & set(new) and isinstance(present, Scalar):
        yield Put((key,), new[0]) if len(new) == 1 else Put((key,), tuple(sorted(new)))
        return
    items = present.items if isinstance(present, Seq) else []
    written = [typed.scalar_value(field, item) for item in items if isinstance(item, Scalar)]
    # A word that stands twice is one word: take the later one out first.
    for place in reversed(range(len(written))):
        if written[place] in written[:place]:
            yield Remove((key, place))
    yield from set_steps((key,), old, new)


def _sorting_steps(field: Field, key: str, node: Seq) -> Iterator[Step]:
    words = [str(typed.scalar_value(field, item)) for item in node.items if isinstance(item, Scalar)]
    if len(words) < len(node.items):
        return
    for place in reversed(range(len(words))):
        if words[place] in words[:place]:
            yield Remove((key, place))
            del words[place]
    ordered = tuple(sorted(range(len(words)), key=words.__getitem__))
    if ordered != tuple(range(len(words))):
        yield Arrange((key,), ordered)


def _sorted(value: Value) -> Any:
    return sorted(value) if isinstance(value, (tuple, list)) else value


def _verify(result: bytes, before: Document, expected: Mapping[str, Value], wanted: Mapping[str, Value]) -> None:
    """Raises ``refused`` unless the result says exactly what was asked for."""
    after = _parsed(result, before.type).document
    name = next(iter(wanted), "the file")
    if after is None or after.body != before.body:
        raise _refused(name)
    for each in {*expected, *after.fields}:
        value, got = _wanted(expected.get(each)), _wanted(after.fields.get(each))
        field = FIELDS[before.type].get(each)
        if field and field.type in typed.SETS:
            value, got = _sorted(value), _sorted(got)
        if not same(value, got):
            raise _refused(each)


def _refused(name: str) -> WrkqError:
    message = f"`{name}` cannot be changed without touching other parts of the file"
    return WrkqError("refused", message, hint=_BY_HAND)


def _with_line_ends(spans: Spans, body: str) -> str:
    """The body in the file's line ends; lines at its beginning and end that were there keep their own."""
    raw = spans.raw_body
    if "\r\n" not in raw and (raw or spans.eol == "\n"):
        return body
    old, new = raw.split("\n"), body.split("\n")
    plain = [line.removesuffix("\r") for line in old]
    plain[-1] = old[-1]
    head = _common(plain[:-1], new[:-1])
    tail = _common(plain[head:][::-1], new[head:][::-1]) if plain[-1] == new[-1] else 0
    crlf = raw.find("\r\n") >= 0 and raw.find("\r\n") <= raw.find("\n") if raw else spans.eol == "\r\n"
    middle = new[head : len(new) - tail]
    ends = "\r" if crlf else ""
    lines = [line + ends for line in middle] if tail else [*(line + ends for line in middle[:-1]), *middle[-1:]]
    return "\n".join([*old[:head], *lines, *(old[len(old) - tail :] if tail else [])])


def _common(one: list[str], other: list[str]) -> int:
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count


__all__ = ["fmt", "mark_item", "set_body", "set_fields", "write"]
