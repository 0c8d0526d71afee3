"""The table of moves between states, and what completing asks for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

#: from -> the states a command may move to (a data table; leaving one's own state is no move).
MOVES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "idea": ("draft", "open", "cancelled"),
        "draft": ("idea", "open", "cancelled"),
        "open": ("draft", "in_progress", "in_review", "blocked", "completed", "cancelled"),
        "in_progress": ("open", "blocked", "in_review", "completed", "cancelled"),
        "in_review": ("in_progress", "completed", "cancelled"),
        "blocked": ("open", "in_progress", "in_review", "completed", "cancelled"),
        "completed": ("open",),
        "cancelled": ("open",),
    }
)


def allowed(old: str, new: str) -> bool:
    return old == new or new in MOVES[old]


def agree(state: str, resolution: str) -> bool:
    """Whether a resolution goes with a state: ``done`` with ``completed``, the others with ``cancelled``."""
    return state == ("completed" if resolution == "done" else "cancelled")


#: What a subtask is in that somebody has begun: its parent, still ``open``, shows as in progress.
BEGUN: Final = ("in_progress", "in_review", "completed")


def effective(state: str, *, waits: bool, lists_blockers: bool, has_reason: bool, has_begun: bool = False) -> str:
    """The state to show.

    ``waits``: a blocker is still open. Only an ``open`` task shows as blocked by its edges; one whose file says
    ``blocked`` is ready again when it lists blockers, all are closed, and it gives no reason of its own.
    ``has_begun``: one of its subtasks is :data:`BEGUN`; that it is blocked is more to know.
    """
    if state == "blocked" and lists_blockers and not waits and not has_reason:
        state = "open"
    if state != "open":
        return state
    return "blocked" if waits or has_reason else "in_progress" if has_begun else "open"
