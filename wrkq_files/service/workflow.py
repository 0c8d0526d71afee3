"""What goes with a task's move to another state, and the moves that are refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wrkq_files.errors import WrkqError
from wrkq_files.model import items, states
from wrkq_files.model.document import Document, Value
from wrkq_files.model.fields import CLOSED_STATES, DocType
from wrkq_files.service import assign
from wrkq_files.service.change import Options
from wrkq_files.service.tracker import Tracker


def consequences(
    tracker: Tracker, document: Document, fixed: Mapping[str, Value | None], options: Options, overrides: set[str]
) -> dict[str, Value | None]:
    """What goes with a move to another state; raises ``invalid_state`` for a move that is none.

    ``document`` has the text as it will be, and the fields as they are.
    """
    if document.type is not DocType.TASK:
        return {}
    given, extra = fixed, {**as_duplicate(fixed, document.state), **_past_targets(document, fixed)}
    fixed = {**given, **extra}
    new = (fixed["state"] or assign.DEFAULTS["state"]) if "state" in fixed else document.state
    _check_resolution(document, new, fixed)
    if "state" not in fixed:
        return extra
    if not states.allowed(document.state, new):
        _override(options, overrides, "illegal-move", _illegal(document, new))
    if new == "completed" and document.state != "completed" and (left := items.open_criteria(document.body)):
        _override(options, overrides, "open-criteria", _open_criteria(document, left))
    if new == "completed" != document.state:
        check_reviewer(tracker, document, fixed, options, overrides)
    if new not in CLOSED_STATES and document.get("resolution"):
        extra["resolution"] = None
    if new not in CLOSED_STATES and document.state in CLOSED_STATES and document.get("duplicate_of"):
        extra["duplicate_of"] = None
    if new == "in_progress" and not (fixed.get("assignee") or document.get("assignee")):
        extra["assignee"] = _me(tracker)
    return {name: value for name, value in extra.items() if name not in given}


def as_duplicate(fixed: Mapping[str, Value | None], state: str) -> dict[str, Value | None]:
    """What goes with ``duplicate_of``: the task is closed by it, unless it is ``completed`` already.

    What was completed was done, whatever else is the same; then only the relation is noted.
    """
    if not fixed.get("duplicate_of") or (state == "completed" and "state" not in fixed):
        return {}
    closing: dict[str, Value | None] = {"state": "cancelled", "resolution": "duplicate"}
    return {name: value for name, value in closing.items() if name not in fixed}


def _past_targets(document: Document, fixed: Mapping[str, Value | None]) -> dict[str, Value | None]:
    """A target that another one takes the place of is kept."""
    old = document.get("target")
    if not old or "target" not in fixed or fixed["target"] == old or "past_targets" in fixed:
        return {}
    return {"past_targets": (*(document.get("past_targets") or ()), old)}


def check_reviewer(
    tracker: Tracker, document: Document, fixed: Mapping[str, Value | None], options: Options, overrides: set[str]
) -> None:
    """A task with a reviewer is completed by nobody else, and only after it was in review.

    Raises ``invalid_state``; with ``force`` it is noted in ``overrides``.
    """
    reviewer = fixed.get("reviewer", document.get("reviewer"))
    if not reviewer:
        return
    target = document.path.removesuffix(".md")
    if document.state != "in_review":
        message = f"{document.slug} has a reviewer, {reviewer}: it goes to review before it is completed"
        hint = f"wrkq done {target} hands it over; --force completes it, and is recorded"
    elif _me(tracker) != reviewer:
        message = f"{document.slug} is in review: {reviewer} says whether it is done"
        hint = f"wrkq done {target} --as {reviewer}, or --force, which is recorded"
    else:
        return
    _override(options, overrides, "review", WrkqError("invalid_state", message, hint=hint))


def _check_resolution(document: Document, state: str, fixed: Mapping[str, Value | None]) -> None:
    resolution = fixed.get("resolution")
    if resolution and not states.agree(state, resolution):
        fitting = "completed" if resolution == "done" else "cancelled"
        raise WrkqError(
            "invalid_state",
            f"{document.slug} is {state}: resolution {resolution} goes with {fitting}",
            hint=f"wrkq set TARGET --state {fitting} --resolution {resolution}",
        )


def _me(tracker: Tracker) -> str | None:
    from wrkq_files.service import actors

    who = actors.current(tracker)
    return who.slug if who else None


def _override(options: Options, overrides: set[str], rule: str, error: WrkqError) -> None:
    if not options.force:
        raise error
    overrides.add(rule)


def _illegal(document: Document, new: str) -> WrkqError:
    legal = states.MOVES[document.state]
    return WrkqError(
        "invalid_state",
        f"{document.slug} is {document.state}; from there it can go to {', '.join(legal)}, not to {new}",
        hint=_way(document, new),
        details={"from": document.state, "to": new, "allowed": list(legal)},
    )


def _way(document: Document, new: str) -> str:
    """How to get there: by a state between the two, or by force."""
    between = [state for state in states.MOVES[document.state] if new in states.MOVES[state]]
    target = document.path.removesuffix(".md")
    first = f"first: wrkq set {target} --state {between[0]}; or " if between else ""
    return f"{first}--force makes the move, and is recorded"


def _open_criteria(document: Document, left: Sequence[items.Item]) -> WrkqError:
    listed = "; ".join(f'{item.number} "{item.text}"' for item in left[:5])
    return WrkqError(
        "invalid_state",
        f"{document.slug} has {len(left)} open acceptance item{'s' if len(left) > 1 else ''}: {listed}",
        hint=f"wrkq tick {document.path.removesuffix('.md')} {left[0].number}, or --force",
        details={"open": [item.text for item in left]},
    )
