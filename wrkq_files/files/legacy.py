"""Documents of earlier formats, brought to the next one byte for byte."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from wrkq_files.files import config_edit, split
from wrkq_files.files.documents import parse, read_nodes
from wrkq_files.files.nodes import Map, Node, Scalar, Unreadable
from wrkq_files.files.splice import NoSpliceError, Sheet, apply
from wrkq_files.files.values_diff import Remove
from wrkq_files.model import times
from wrkq_files.model.fields import STATE_SYNONYMS, STATES, DocType

#: Format 0: keys that format 1 calls otherwise, and those that it derives.
RENAMED_0: Final = {"status": "state", "created_at": "created"}
DROPPED_0: Final = ("updated_at", "updated_by", "completed_at", "etag", "created_at")
#: The fields in which a text of format 0 and its text of format 1 may differ.
TOUCHED_0: Final = frozenset({*RENAMED_0, *RENAMED_0.values(), *DROPPED_0})


def document_0(data: bytes, kind: DocType) -> bytes:
    """A document of format 0 as one of format 1: the same bytes but for the keys that are renamed or dropped.

    What cannot be done without touching more, and a text that cannot be read, stays: see :func:`left_0`.
    """
    if kind is DocType.COMMENT:
        return data  # immutable, and it never had such keys
    try:
        spans = split.split(data)
        sheet = Sheet(spans.frontmatter, read_nodes(spans.frontmatter), spans.eol)
    except Unreadable:
        return data
    for old, new in RENAMED_0.items():
        sheet = _renamed(sheet, old, new, kind)
    for key in DROPPED_0:
        sheet = _dropped(sheet, key)
    result = (spans.text[: spans.front] + sheet.text + spans.text[spans.close :]).encode()
    return result if _says_the_same(data, result, kind) else data


def left_0(data: bytes, kind: DocType) -> list[str]:
    """The keys of format 0 that a document still has: a value that format 1 does not know, or both names given."""
    if kind is DocType.COMMENT:
        return []
    try:
        root = read_nodes(split.split(data).frontmatter)
    except Unreadable:
        return []
    keys = [key for key in RENAMED_0 if kind is DocType.TASK or key != "status"]
    return [key for key in dict.fromkeys([*keys, *DROPPED_0]) if key in root.pairs]


def settings_0(data: bytes) -> bytes:
    """``wrkq.yaml`` of format 0, which named none or 0. Raises WrkqError ``unreadable``, ``refused``."""
    return config_edit.set_config(data, "format", 1)


def _renamed(sheet: Sheet, old: str, new: str, kind: DocType) -> Sheet:
    """The key alone is replaced, where its value is one that the new key takes."""
    pair = sheet.root.pairs.get(old)
    if pair is None or new in sheet.root.pairs or not _fits(pair[1], new, kind):
        return sheet
    return _read_again(sheet, sheet.replaced(pair[0].start, pair[0].end, new))


def _fits(value: Node, key: str, kind: DocType) -> bool:
    if not isinstance(value, Scalar):
        return False
    if key == "state":
        return kind is DocType.TASK and (value.text in STATES or value.text in STATE_SYNONYMS)
    return kind in (DocType.TASK, DocType.CONTAINER) and times.parse(value.text) is not None


def _dropped(sheet: Sheet, key: str) -> Sheet:
    if key not in sheet.root.pairs:
        return sheet
    try:
        return _read_again(sheet, apply(sheet, Remove((key,))))
    except NoSpliceError:
        return sheet


def _read_again(before: Sheet, text: str) -> Sheet:
    """The sheet with another text; the same as before where that text cannot be read."""
    try:
        root: Map = read_nodes(text)
    except Unreadable:
        return before
    return Sheet(text, root, before.eol)


def _says_the_same(before: bytes, after: bytes, kind: DocType) -> bool:
    """Whether all that the format did not change is as it was."""
    old, new = (parse(data, kind, "", kinds=None).document for data in (before, after))
    if old is None or new is None or old.body != new.body:
        return False
    return _others(old.fields) == _others(new.fields)


def _others(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in TOUCHED_0}
