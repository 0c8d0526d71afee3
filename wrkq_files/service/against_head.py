"""What changed in a way that it should not: identities, and moves that no command makes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from wrkq_files.git import read
from wrkq_files.model import layout, states
from wrkq_files.model.document import Document
from wrkq_files.model.fields import FIELDS, DocType
from wrkq_files.model.finding import Finding
from wrkq_files.model.rules import RULES
from wrkq_files.service.surroundings import are_two, bytes_of, place
from wrkq_files.service.tracker import Tracker


class Edited(NamedTuple):
    """A document that changed: its path in the tracker, and its bytes before (under its old name, where renamed)."""

    path: str
    before: bytes | None


def findings(tracker: Tracker, edited: Iterable[Edited]) -> Iterator[Finding]:
    """Compares documents with what they were."""
    for path, head in edited:
        kind = layout.type_of(path)
        before = tracker.parse(head, kind, path).document if kind and head is not None else None
        after = _present(tracker, path)
        if kind is not None and before is not None and after is not None:
            yield from _identity(tracker, kind, before, after)
            yield from _move(tracker, before, after)


def uncommitted(tracker: Tracker) -> list[Edited]:
    """The changed documents, with their bytes in HEAD."""
    if tracker.ref or tracker.repo.head() is None:
        return []
    cut = len(tracker.prefix) + 1 if tracker.prefix else 0
    before = {
        each.path: each.orig or each.path
        for each in read.status(tracker.repo, tracker.prefix)
        if not each.untracked and layout.type_of(each.path[cut:]) and not tracker.ignores(each.path[cut:])
    }
    blobs = read.blobs(tracker.repo, [f"HEAD:{path}" for path in before.values()])
    found = [(path, old, blobs[f"HEAD:{old}"]) for path, old in before.items()]
    return [
        Edited(path[cut:], data)
        for path, old, data in found
        if path == old or not are_two(data, bytes_of(tracker, path[cut:]))
    ]


def _present(tracker: Tracker, path: str) -> Document | None:
    """The document as it is now; None where there is none that could be read: that is said elsewhere."""
    kind, data = layout.type_of(path), bytes_of(tracker, path)
    return tracker.parse(data, kind, path).document if kind and data else None


def _identity(tracker: Tracker, kind: DocType, before: Document, after: Document) -> Iterator[Finding]:
    for name, field in FIELDS[kind].items():
        old = before.get(name)
        if field.minted and old is not None and after.get(name) != old:
            if name == "id" and any(each.path != after.path for each in tracker.index.by_id(str(old))):
                continue  # a copy that had the original's id: taking it out is how that is mended
            now = after.get(name)
            message = f"{name} was {old}, and is {'gone' if now is None else now}"
            line, column = place(tracker, after.path, f"{name}:")
            yield Finding("changed-identity", after.path, message, line, column, remedy=f"put `{name}: {old}` back")

    if kind is DocType.COMMENT and before.body != after.body:
        message = "the text of a comment never changes"
        yield Finding("changed-identity", after.path, message, remedy="put it back, and write another comment")


def _move(tracker: Tracker, before: Document, after: Document) -> Iterator[Finding]:
    if after.type is DocType.TASK and not states.allowed(before.state, after.state):
        line, column = place(tracker, after.path, "state:")
        yield Finding(
            "illegal-move",
            after.path,
            f"state went from {before.state} to {after.state}",
            line,
            column,
            allowed=", ".join(states.MOVES[before.state]),
            remedy=RULES["illegal-move"].remedy,
        )
