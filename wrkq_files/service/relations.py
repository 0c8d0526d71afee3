"""Relations: stored once, in the document that says so."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from wrkq_files.errors import WrkqError
from wrkq_files.index.entry import Entry
from wrkq_files.model import ids
from wrkq_files.model.document import Document, Value
from wrkq_files.model.fields import DocType
from wrkq_files.service import graph, resolve
from wrkq_files.service.change import Change, Options, Written
from wrkq_files.service.publish import carry_out
from wrkq_files.service.tracker import Tracker
from wrkq_files.service.update import check_document, check_match, modified, sorted_set, written_ids

#: word -> (the field that holds it, whether the second document is the one that says so)
WORDS: Final[Mapping[str, tuple[str, bool]]] = {
    "blocks": ("blocked_by", True),
    "blocked-by": ("blocked_by", False),
    "relates-to": ("relates_to", False),
    "duplicate-of": ("duplicate_of", False),
}


def relate(tracker: Tracker, a: str, word: str, b: str, options: Options) -> Written:
    """Writes that A blocks, is blocked by, relates to or duplicates B. Raises ``validation`` for a cycle."""

    def plan() -> Change:
        holder_text, field, other_text = _places(a, word, b)
        holder, other = (resolve.one(tracker, text, _types(field)) for text in (holder_text, other_text))
        if holder.path == other.path:
            raise WrkqError("validation", f"{holder.address} cannot have a relation to itself")
        check_document(other)
        graph.check(tracker, holder.type, holder.address, holder.id, _relation(field, other.id))
        check_match(holder, options)
        return _change(holder, other, field, f"{field} {other.address}", "relate", add=True)

    return carry_out(tracker, plan, options)


def unrelate(tracker: Tracker, a: str, word: str, b: str, options: Options) -> Written:
    """Takes a relation away, also to what exists no more. Raises ``not_found`` when there is none."""

    def plan() -> Change:
        holder_text, field, other_text = _places(a, word, b)
        holder, (other, name) = _entry(tracker, holder_text, field), _other(tracker, other_text, field)
        if field == "relates_to" and not _says(holder, field, other) and (twin := _twin(tracker, other, holder)):
            # It holds for both, whichever of them says so.
            holder, other, name = twin, holder.id, holder.address
        if not _says(holder, field, other):
            raise WrkqError("not_found", f"{holder.address} does not say {field} {other}")
        check_match(holder, options)
        return _change(holder, other, field, f"no longer {field} {name}", "unrelate", add=False)

    return carry_out(tracker, plan, options)


def _places(a: str, word: str, b: str) -> tuple[str, str, str]:
    """Who says it, the field, and of whom."""
    if word not in WORDS:
        raise WrkqError("usage", f"`{word}` is no relation", hint=f"relations: {', '.join(WORDS)}")
    field, second = WORDS[word]
    return (b, field, a) if second else (a, field, b)


def _types(field: str) -> Collection[DocType]:
    return resolve.ANY if field == "relates_to" else (DocType.TASK,)


def _entry(tracker: Tracker, text: str, field: str) -> Entry:
    return resolve.one(tracker, text, _types(field))


def _other(tracker: Tracker, text: str, field: str) -> tuple[str, str]:
    """The id of what a relation points at, and its name."""
    try:
        entry = _entry(tracker, text, field)
    except WrkqError as error:
        if error.code != "not_found" or not ids.is_id(text.upper()):
            raise
        return text.upper(), text.upper()
    return entry.id, entry.address


def _says(holder: Entry, field: str, other: str) -> bool:
    held = holder.document_fields().get(field) or ()
    return other in ((held,) if isinstance(held, str) else held)


def _twin(tracker: Tracker, other: str, holder: Entry) -> Entry | None:
    return next((each for each in tracker.index.by_id(other) if _says(each, "relates_to", holder.id)), None)


def _relation(field: str, other: str) -> dict[str, Value | None]:
    return {field: other if field == "duplicate_of" else (other,)}


def _change(holder: Entry, other: Entry | str, field: str, said: str, operation: str, *, add: bool) -> Change:
    identifier = other if isinstance(other, str) else other.id

    def make(document: Document) -> Mapping[str, Value | None]:
        held = document.get(field)
        if field == "duplicate_of":
            return {field: identifier if add else None}
        return {field: sorted_set(held or (), add=[identifier] if add else (), remove=() if add else {identifier})}

    edits = [modified(holder, make, {field})]
    if not isinstance(other, str):
        edits += written_ids([other])
    return Change(operation, (holder.id, identifier), f"{holder.address}: {said}", tuple(edits))
