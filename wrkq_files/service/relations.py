"""Relations: stored once, in the document that says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from wrkq_files.errors import WrkqError
from wrkq_files.index.entry import Entry
from wrkq_files.model.document import Document, Value
from wrkq_files.model.fields import DocType
from wrkq_files.service import graph, resolve
from wrkq_files.service.change import Change, Options, Written
from wrkq_files.service.publish import carry_out
from wrkq_files.service.tracker import Tracker
from wrkq_files.service.update import check_match, modified, sorted_set

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
        holder, field, other = _places(tracker, a, word, b)
        if holder.id == other.id:
            raise WrkqError("validation", f"{holder.address} cannot have a relation to itself")
        if field == "blocked_by":
            graph.check_acyclic(tracker, other.id, holder.id)
        check_match(holder, options)
        return _change(holder, other, field, f"{field} {other.address}", "relate", add=True)

    return carry_out(tracker, plan, options)


def unrelate(tracker: Tracker, a: str, word: str, b: str, options: Options) -> Written:
    """Takes a relation away. Raises ``not_found`` when there is none."""

    def plan() -> Change:
        holder, field, other = _places(tracker, a, word, b)
        held = holder.document_fields().get(field) or ()
        if other.id not in ((held,) if isinstance(held, str) else held):
            raise WrkqError("not_found", f"{holder.address} does not say {field} {other.id}")
        check_match(holder, options)
        return _change(holder, other, field, f"no longer {field} {other.address}", "unrelate", add=False)

    return carry_out(tracker, plan, options)


def _places(tracker: Tracker, a: str, word: str, b: str) -> tuple[Entry, str, Entry]:
    if word not in WORDS:
        raise WrkqError("usage", f"`{word}` is no relation", hint=f"relations: {', '.join(WORDS)}")
    field, second = WORDS[word]
    types = resolve.ANY if field == "relates_to" else (DocType.TASK,)
    first, other = resolve.one(tracker, a, types), resolve.one(tracker, b, types)
    return (other, field, first) if second else (first, field, other)


def _change(holder: Entry, other: Entry, field: str, said: str, operation: str, *, add: bool) -> Change:
    def make(document: Document) -> Mapping[str, Value | None]:
        held = document.get(field)
        if field == "duplicate_of":
            return {field: other.id if add else None}
        return {field: sorted_set(held or (), add=[other.id] if add else (), remove=() if add else {other.id})}

    edit = modified(holder, make, {field})
    return Change(operation, (holder.id, other.id), f"{holder.address}: {said}", (edit,))
