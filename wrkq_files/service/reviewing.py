"""Reviews: what waits for one, and what becomes of a task that passes or fails it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.index.entry import Entry
from wrkq_files.index.query import EXCLUDE, Query
from wrkq_files.model import items
from wrkq_files.model.document import Document, Value
from wrkq_files.model.fields import DocType
from wrkq_files.service import actors, comments, flight, resolve, update, workflow
from wrkq_files.service.change import Change, FileEdit, Options, Written
from wrkq_files.service.flight import Flying
from wrkq_files.service.publish import carry_out, ulid
from wrkq_files.service.tracker import Tracker

_FAIL: Final = "fail"
IN_REVIEW: Final = "in_review"
_LIFE: Final = {"pass": "completed", _FAIL: "in_progress"}
_WORDS: Final = {"pass": "passed", _FAIL: "failed"}


class Item(NamedTuple):
    """A task in review. ``branch``: where it is, empty for here. ``criteria``: the open acceptance items, by text.

    ``gates``: the last verdict at each gate, by the gate's name; a review without one is under the empty name.
    """

    id: str
    path: str
    title: str
    priority: int
    assignee: str | None
    reviewer: str | None
    branch: str
    criteria: Sequence[str]
    gates: Mapping[str, str]


def ls(tracker: Tracker, who: str | None = None) -> list[Item]:
    """The tasks in review here, then those on other branches; ``who``: those that this actor reviews, `me` for you.

    Raises ``not_found`` for an actor that does not exist.
    """
    tracker.index.refresh()
    slug = actors.named(tracker, who) if who else None
    found = tracker.index.find(Query(states=(IN_REVIEW,), archived=EXCLUDE))
    mine = [each for each in found if slug is None or each.reviewer == slug]
    tracker.index.refresh_comments([each.id for each in mine])
    items_ = [_here(tracker, each) for each in sorted(mine, key=lambda each: (each.priority, each.path))]
    known = {each.id for each in found}
    there = [
        each
        for each in flight.in_flight(tracker, others=True).documents
        if each.document.is_task and each.document.state == IN_REVIEW and each.document.id not in known
    ]
    reviewers = _reviewers(tracker, there)
    return items_ + [
        _there(each, reviewer)
        for each, reviewer in zip(there, reviewers, strict=True)
        if slug is None or reviewer == slug
    ]


def decide(
    tracker: Tracker,
    targets: Sequence[str],
    verdict: str,
    options: Options,
    *,
    reason: str | None = None,
    gate: str | None = None,
) -> Written:
    """A verdict (``pass`` or ``fail``) on tasks in review, and a ``review`` comment that says it, in one change.

    Without a ``gate`` a task that passes is completed, and one that fails goes back to work; with one, passing says
    so and the task stays in review. A task that fails, and has a target, gets another one; the old is kept. Raises
    ``usage`` for a failure without a reason, ``invalid_state`` for a task that is not in review or is another's to
    review.
    """
    if verdict == _FAIL and not (reason or "").strip():
        raise WrkqError("usage", "why does it fail?", hint='wrkq review fail TARGET -m "what is missing"')

    def plan() -> Change:
        entries = resolve.many(tracker, targets, (DocType.TASK,))
        overrides: set[str] = set()
        edits: list[FileEdit] = []
        moved: dict[str, tuple[Entry, str]] = {}
        said: list[str] = []
        for entry in entries:
            update.check_match(entry, options)
            document = update.document_of(tracker.read(entry.path) or b"", entry)
            fixed = _fixed(tracker, document, verdict, gate, options, overrides)
            edits.append(update.modified(entry, partial(_given, fixed), fixed))
            moved |= update.move_of(entry, document, fixed)
            text = (reason or "").strip() or f"Review {_WORDS[verdict]}."
            pairs = [("verdict", verdict), *([("gate", gate)] if gate else [])]
            identifier, path, content = comments.new(tracker, entry, text, "review", pairs)
            edits.append(FileEdit.create(path, content))
            said.append(identifier)
        named = entries[0].address if len(entries) == 1 else f"{len(entries)} tasks"
        subject = f"{named}: review {_WORDS[verdict]}" + (f" ({gate})" if gate else "")
        ids = tuple(each.id for each in entries)
        change = Change("review", ids, subject, tuple(edits), overrides=tuple(sorted(overrides)))
        change = update.advanced(tracker, change, moved)
        return change._replace(data={**change.data, "verdict": verdict, "gate": gate, "comments": said})

    return carry_out(tracker, plan, options)


def _fixed(
    tracker: Tracker, document: Document, verdict: str, gate: str | None, options: Options, overrides: set[str]
) -> dict[str, Value | None]:
    target = document.path.removesuffix(".md")
    if document.state != IN_REVIEW:
        message = f"{document.slug} is {document.state}: only what is in review passes or fails"
        raise WrkqError("invalid_state", message, hint=f"wrkq done {target} hands over what has a reviewer")
    if gate and verdict != _FAIL:
        return {}
    fixed: dict[str, Value | None] = {"state": _LIFE[verdict]}
    workflow.check_reviewer(tracker, document, fixed, options, overrides)
    if verdict == _FAIL and (old := document.get("target")):
        fixed["target"] = {"type": old.get("type"), "id": ulid(tracker)}
    return fixed | workflow.consequences(tracker, document, fixed, options, overrides)


def _given(fixed: Mapping[str, Value | None], document: Document) -> Mapping[str, Value | None]:
    return fixed


def _here(tracker: Tracker, entry: Entry) -> Item:
    left = items.open_criteria(tracker.index.body(entry.path))
    gates: dict[str, str] = {}
    for each in tracker.index.comments(entry.id):
        fields = each.entry.document_fields()
        if each.entry.kind == "review" and fields.get("verdict") and not fields.get("deleted"):
            gates[str(fields.get("gate") or "")] = str(fields["verdict"])
    return Item(
        entry.id,
        entry.address,
        entry.title,
        entry.priority,
        entry.assignee,
        entry.reviewer,
        "",
        [each.text for each in left],
        gates,
    )


def _there(flying: Flying, reviewer: str | None) -> Item:
    there = flying.document
    return Item(there.id, there.address, there.title, there.priority, there.assignee, reviewer, flying.branch, (), {})


def _reviewers(tracker: Tracker, there: Sequence[Flying]) -> list[str | None]:
    """As the branches' files say."""
    from wrkq_files.git import read

    texts = read.blobs(tracker.repo, list(dict.fromkeys(each.document.blob for each in there)))
    parsed = [
        tracker.parse(texts[each.document.blob] or b"", DocType.TASK, each.document.path).document for each in there
    ]
    return [each.get("reviewer") if each else None for each in parsed]
