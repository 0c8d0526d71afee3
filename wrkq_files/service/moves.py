"""Short forms of setting a task's state: start, done, block, cancel, reopen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from wrkq_files.errors import WrkqError
from wrkq_files.index.entry import Entry
from wrkq_files.model import items
from wrkq_files.model.fields import CLOSED_STATES, DocType
from wrkq_files.service import resolve
from wrkq_files.service.change import Options, Written
from wrkq_files.service.tracker import Tracker
from wrkq_files.service.update import Assignments, Outcome, set_fields

Pairs = list[tuple[str, str]]
#: Acceptance items that are named; how many more there are is said.
_SHOWN: Final = 5


def start(tracker: Tracker, targets: Sequence[str], options: Options, outcome: Outcome | None = None) -> Written:
    """Work on tasks begins: theirs who asks, where nobody is assigned. The notes say when each counts as done."""
    written = _each(tracker, targets, lambda entry: [("state", "in_progress")], options, outcome)
    return written._replace(notes=(*written.notes, *_done_when(tracker, written.ids)))


def done(
    tracker: Tracker,
    targets: Sequence[str],
    options: Options,
    outcome: Outcome | None = None,
    *,
    summary: str | None = None,
) -> Written:
    """Tasks are completed; one that has a reviewer goes to review first, and its reviewer's `done` completes it.

    Raises ``invalid_state`` for one in review that another has to look at (see :mod:`workflow`).
    """
    told: Pairs = [] if summary is None else [("summary", summary)]
    return _each(
        tracker, targets, lambda entry: [("state", _after_done(tracker, entry, options)), *told], options, outcome
    )


def cancel(
    tracker: Tracker,
    targets: Sequence[str],
    options: Options,
    outcome: Outcome | None = None,
    *,
    resolution: str | None = None,
) -> Written:
    """Tasks that will not be done; ``resolution`` says why."""
    told: Pairs = [("resolution", resolution)] if resolution else []
    return _each(tracker, targets, lambda entry: [("state", "cancelled"), *told], options, outcome)


def reopen(tracker: Tracker, targets: Sequence[str], options: Options, outcome: Outcome | None = None) -> Written:
    """Closed tasks are open again. Raises ``invalid_state`` for one that is not closed."""

    def pairs(entry: Entry) -> Pairs:
        if entry.state not in CLOSED_STATES:
            raise WrkqError(
                "invalid_state",
                f"{entry.address} is {entry.state}: only what is completed or cancelled is reopened",
                hint=f"wrkq set {entry.address} --state open",
            )
        return [("state", "open")]

    return _each(tracker, targets, pairs, options, outcome)


def block(
    tracker: Tracker,
    targets: Sequence[str],
    options: Options,
    outcome: Outcome | None = None,
    *,
    by: Sequence[str] = (),
    reason: str | None = None,
) -> Written:
    """Tasks that have to wait: for others (``by``), or for something that is no task (``reason``, empty: no longer).

    Their state stays as it is: what waits shows as blocked until what it waits for is closed.
    """
    if not by and reason is None:
        raise WrkqError("usage", "blocked by what?", hint="--by TASK, or --reason TEXT")
    others = [resolve.one(tracker, each, (DocType.TASK,)).id for each in by]
    why: Pairs = [] if reason is None else [("blocked_reason", reason)]

    def pairs(entry: Entry) -> Pairs:
        held = entry.document_fields().get("blocked_by") or ()
        return [*([("blocked_by", ",".join(dict.fromkeys([*held, *others])))] if others else []), *why]

    return _each(tracker, targets, pairs, options, outcome)


def _each(
    tracker: Tracker,
    targets: Sequence[str],
    pairs: Callable[[Entry], Pairs],
    options: Options,
    outcome: Outcome | None,
) -> Written:
    def asked(entry: Entry) -> Assignments:
        if entry.type is not DocType.TASK:
            message = f"{entry.address} is a {entry.kind or entry.type}: only tasks have a state"
            raise WrkqError("usage", message, hint=f"wrkq ls {entry.address} shows its tasks")
        return Assignments(pairs(entry))

    return set_fields(tracker, targets, asked, options, outcome=outcome)


def _done_when(tracker: Tracker, identifiers: Sequence[str]) -> Iterator[str]:
    """The acceptance items that are open, task by task."""
    for entry in (each for identifier in identifiers for each in tracker.index.by_id(identifier)[:1]):
        left = items.open_criteria(tracker.index.body(entry.path))
        if left:
            named = "; ".join(f"{each.number} {each.text}" for each in left[:_SHOWN])
            more = f"; and {len(left) - _SHOWN} more" if left[_SHOWN:] else ""
            yield f"{entry.slug} is done when: {named}{more} (wrkq tick {entry.id} N)"


def _after_done(tracker: Tracker, entry: Entry, options: Options) -> str:
    """Where `done` leads."""
    to_review = entry.reviewer and entry.state not in (*CLOSED_STATES, "in_review") and not options.force
    return "in_review" if to_review else "completed"
