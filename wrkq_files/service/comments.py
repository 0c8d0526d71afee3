"""Comments: one file each, immutable once written but for their withdrawal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from wrkq_files.errors import WrkqError
from wrkq_files.files import edits
from wrkq_files.index.entry import Comment, Entry
from wrkq_files.model import layout, times
from wrkq_files.model.document import Value
from wrkq_files.model.fields import COMMENT_KINDS, DocType
from wrkq_files.service import actors, assign, resolve
from wrkq_files.service.change import Change, FileEdit, Options, Written
from wrkq_files.service.publish import carry_out
from wrkq_files.service.tracker import Tracker
from wrkq_files.service.update import check_document, check_match, modified, written_ids

#: What may be commented on.
TARGETS: Final = (DocType.TASK, DocType.CONTAINER, DocType.WORKSPACE)

#: The kind of comment that a field belongs to.
_KIND_OF: Final = {
    "percent": "progress",
    "verdict": "review",
    "gate": "review",
    "quality": "feedback",
    "timeliness": "feedback",
}


def add(
    tracker: Tracker,
    target: str,
    body: str,
    options: Options,
    *,
    kind: str = "comment",
    pairs: Sequence[tuple[str, str]] = (),
) -> Written:
    """A comment on a document; a hand-made document gets its id written, since the comment refers to it."""

    def plan() -> Change:
        if not body.strip():
            raise WrkqError(
                "usage", "an empty comment", hint='wrkq comment add TARGET "text", or - for standard input'
            )
        if kind not in COMMENT_KINDS:
            raise assign.unfit("kind", kind, f"one of {', '.join(COMMENT_KINDS)}")
        entry = check_document(resolve.one(tracker, target, TARGETS))
        check_match(entry, options)
        identifier, path, content = new(tracker, entry, body, kind, pairs)
        files = [FileEdit.create(path, content), *written_ids([entry])]
        subject = f"{entry.address}: {kind} added"
        row = {"id": identifier, "on": entry.id, "path": path}
        return Change("comment", (identifier, entry.id), subject, tuple(files), data=row)

    return carry_out(tracker, plan, options)


def feedback(tracker: Tracker, target: str, marks: Mapping[str, int | None], body: str, options: Options) -> Written:
    """Feedback on what a task delivered: a comment of that kind.

    ``marks``: ``quality`` and ``timeliness``, each 1 to 5; None for what is not judged. Without a ``body`` the
    comment says the marks in a sentence. Raises WrkqError ``usage`` without any mark, ``not_found`` for what is no
    task, ``validation`` for a mark outside its bounds.
    """
    given = {name: mark for name, mark in marks.items() if mark is not None}
    if not given:
        raise WrkqError("usage", "feedback without a mark", hint="--quality 1-5, --timeliness 1-5, or both")
    resolve.one(tracker, target, (DocType.TASK,))
    text = (
        body
        if body.strip()
        else f"{' and '.join(f'{name} {mark} of 5' for name, mark in given.items())}.".capitalize()
    )
    pairs = [(name, str(mark)) for name, mark in given.items()]
    return add(tracker, target, text, options, kind="feedback", pairs=pairs)


def ls(tracker: Tracker, target: str, *, everything: bool = False) -> list[Comment]:
    """The comments on a document, oldest first; withdrawn ones with ``everything`` only."""
    entry = resolve.one(tracker, target, TARGETS)
    tracker.index.refresh_comments([entry.id])
    found = tracker.index.comments(entry.id)
    return [each for each in found if everything or not each.entry.deleted]


def find(tracker: Tracker, identifier: str) -> Entry:
    """One comment by its id or a prefix of it."""
    return resolve.one(tracker, identifier, (DocType.COMMENT,))


def rm(tracker: Tracker, identifiers: Sequence[str], options: Options) -> Written:
    """Withdraws comments: they stay, marked with the time."""

    def plan() -> Change:
        found = [find(tracker, identifier) for identifier in identifiers]
        now = times.stamp(tracker.door.now())
        files = [
            modified(entry, lambda _: {"deleted": now}, {"deleted"})
            for entry in found
            if not entry.document_fields().get("deleted")
        ]
        names = ", ".join(entry.id for entry in found)
        return Change("comment-rm", tuple(e.id for e in found), f"{names}: withdrawn", tuple(files))

    return carry_out(tracker, plan, options)


def new(
    tracker: Tracker, entry: Entry, body: str, kind: str, pairs: Sequence[tuple[str, str]]
) -> tuple[str, str, bytes]:
    who = actors.required(tracker)
    now = tracker.door.now()
    identifier = tracker.mint(DocType.COMMENT)
    fields: dict[str, Value] = {
        "id": identifier,
        "on": entry.id,
        "author": who.slug,
        "created": times.stamp(now),
        "kind": kind,
    }
    fields |= {name: value for name, value in _extra(tracker, entry, kind, pairs).items() if value is not None}
    path = layout.comment_path(entry.id, times.compact(now), who.slug, identifier)
    return identifier, path, edits.write(DocType.COMMENT, fields, assign.text("body", body).strip("\n"))


def _extra(tracker: Tracker, entry: Entry, kind: str, pairs: Sequence[tuple[str, str]]) -> dict[str, Value | None]:
    """The fields that go with the kind."""
    found: dict[str, Value | None] = {}
    for name, text in pairs:
        field, value = assign.minted(tracker, DocType.COMMENT, name, text)
        if value is not None and _KIND_OF.get(field, kind) != kind:
            raise WrkqError(
                "validation", f"`{field}` goes with kind {_KIND_OF[field]}, not {kind}", hint=f"-k {_KIND_OF[field]}"
            )
        found[field] = assign.merged(found.get(field), value) if "." in name else value
    if (earlier := found.get("supersedes")) and tracker.index.by_id(earlier)[0].on != entry.id:
        raise WrkqError("validation", f"{earlier} is no comment on {entry.address}")
    return found
