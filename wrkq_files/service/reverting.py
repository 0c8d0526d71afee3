"""Taking one change of one document back out of its text, whatever else was changed in it since."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from wrkq_files.errors import WrkqError
from wrkq_files.files import documents, edits
from wrkq_files.files.typed import SETS
from wrkq_files.model.document import Document
from wrkq_files.model.events import BODY
from wrkq_files.model.fields import FIELDS, DocType
from wrkq_files.model.values import same
from wrkq_files.service.change import Transform

#: Base, ours and theirs to what both made of it; None where they meet.
Merge = Callable[[bytes, bytes, bytes], bytes | None]


def reverse(before: bytes, after: bytes, kind: DocType, path: str, merge: Merge) -> Transform:
    """What makes of a text that came of ``after`` the one that would have come of ``before``.

    It raises WrkqError ``conflict`` with the field (in ``details``) that was changed again since.
    """

    def apply(data: bytes) -> bytes:
        if data == after:
            return before
        old, new, now = (documents.parse(each, kind, path, kinds=None).document for each in (before, after, data))
        if old is None or new is None or now is None:
            raise changed_again(path, "")
        changed = dict(_fields(old, new, now))
        result = edits.set_fields(data, kind, changed) if changed else data
        if old.body == new.body or now.body == old.body:
            return result
        return edits.set_body(result, _body(old, new, now, merge))

    return apply


def touched(before: bytes, after: bytes, kind: DocType, path: str) -> frozenset[str]:
    """The fields that differ (``body`` for the text); all, where one of them cannot be read."""
    old, new = (documents.parse(each, kind, path, kinds=None).document for each in (before, after))
    if old is None or new is None:
        return frozenset({*FIELDS[kind], BODY})
    names = {name for name in {*old.fields, *new.fields} if not same(old.get(name), new.get(name))}
    return frozenset(names | ({BODY} if old.body != new.body else set()))


def changed_again(path: str, field: str) -> WrkqError:
    what = f"its {field}" if field else "it"
    return WrkqError("conflict", f"{path}: {what} was changed again since", details={"path": path, "field": field})


def _fields(old: Document, new: Document, now: Document) -> Iterator[tuple[str, Any]]:
    for name in dict.fromkeys([*old.fields, *new.fields]):
        was, became, is_now = old.get(name), new.get(name), now.get(name)
        if same(was, became) or same(is_now, was) or name == "id":  # an id that was written stays
            continue
        if same(is_now, became):
            yield name, was
        elif _is_set(now.type, name):
            yield name, _without(was, became, is_now)
        else:
            raise changed_again(now.path, name)


def _is_set(kind: DocType, name: str) -> bool:
    field = FIELDS[kind].get(name)
    return field is not None and field.type in SETS


def _without(was: Any, became: Any, is_now: Any) -> tuple[str, ...] | None:
    """A set, less what was added, and with what was removed."""
    old, new = set(was or ()), set(became or ())
    kept = [each for each in is_now or () if each not in new - old]
    return (*kept, *sorted(old - new - set(kept))) or None


def _body(old: Document, new: Document, now: Document, merge: Merge) -> str:
    if now.body == new.body:
        return old.body
    merged = merge(new.body.encode(), now.body.encode(), old.body.encode())
    if merged is None:
        raise changed_again(now.path, BODY)
    return merged.decode()


def whole(before: bytes, after: bytes, path: str) -> Transform:
    """The same for a file that is no document: only as a whole."""

    def apply(data: bytes) -> bytes:
        if data != after:
            raise changed_again(path, "")
        return before

    return apply
