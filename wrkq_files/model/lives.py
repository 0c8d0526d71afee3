"""The life of a task, from what its history tells: one line of turns that ends where the task is.

Branches tell of one task side by side, and a merge that took one side says nothing of its own. So the line is found
backwards, from what the task is in the end: a step belongs to it when it leads to where the later ones begin.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from wrkq_files.model.fields import CLOSED_STATES

STARTED: Final = "in_progress"
#: What a turn counts as. Removed: archived, or deleted, while it was open; restored: back from there.
COUNTS: Final = ("created", "completed", "cancelled", "reopened", "removed", "restored")
CREATED, COMPLETED, CANCELLED, REOPENED, REMOVED, RESTORED = COUNTS


class Stand(NamedTuple):
    """What a task is at a moment. ``gone``: its file is not in the tree."""

    state: str
    archived: bool = False
    gone: bool = False

    @property
    def stage(self) -> str:
        """The state in which it counts.

        Empty for one that is open and archived or gone: it counts nowhere. What is closed stays so, wherever it is.
        """
        return self.state if self.state in CLOSED_STATES or not (self.archived or self.gone) else ""


class Step(NamedTuple):
    """What one event said: each of ``state``, ``archived`` and ``gone`` as before and after, None for what it left
    as it was. Times are milliseconds since 1970. ``birth``: the task was not there before, and its first state is
    the one after.
    """

    time: int
    actor: str
    state: tuple[str, str] | None = None
    archived: tuple[bool, bool] | None = None
    gone: tuple[bool, bool] | None = None
    birth: bool = False

    def leads_to(self, stand: Stand) -> bool:
        return self._put(stand, 1) == stand

    def back(self, stand: Stand) -> Stand:
        """What the task was before it was that."""
        return self._put(stand, 0)

    def on(self, stand: Stand) -> Stand:
        return self._put(stand, 1)

    def _put(self, stand: Stand, side: int) -> Stand:
        return Stand(
            self.state[side] if self.state else stand.state,
            self.archived[side] if self.archived else stand.archived,
            self.gone[side] if self.gone else stand.gone,
        )


class Turn(NamedTuple):
    """A step of a life: from what to what. ``before`` is None where the task came to be."""

    time: int
    actor: str
    before: Stand | None
    after: Stand

    @property
    def old(self) -> str:
        return self.before.stage if self.before else ""

    @property
    def new(self) -> str:
        return self.after.stage

    @property
    def counts(self) -> tuple[str, ...]:
        """What it counts as: how it came to be open, if it was not, and how that ended, if it did.

        So of any number of turns: open at the end = open before + created + reopened + restored - completed -
        cancelled - removed. What goes from one closed state to the other was reopened and closed again.
        """
        old, new = self.old, self.new
        if self.before is not None and old == new:
            return ()
        came = CREATED if self.before is None else REOPENED if old in CLOSED_STATES else "" if old else RESTORED
        went = new if new in CLOSED_STATES else "" if new else REMOVED
        return tuple(each for each in (came, went) if each)


class Life(NamedTuple):
    """``begin``: what the task was before all that is known; None where it is known how it came to be."""

    begin: Stand | None
    turns: Sequence[Turn]


def life(steps: Sequence[Step], end: Stand | None, now: int) -> Life:
    """The turns of a task, in their order.

    ``steps``: in the order of commits, parents first. ``end``: what the task is; None where it is not there, whether
    or not a step says so (a file may be unreadable). Times never go back: a step that claims to be earlier than the
    one before it, or later than ``now``, counts where it can have been.
    """
    if end is None:
        end = _last(steps)
        if not end.gone:
            steps = [*steps, Step(0, steps[-1].actor if steps else "", gone=(False, True))]
            end = end._replace(gone=True)
    kept, begin = _kept(steps, end)
    turns: list[Turn] = []
    stand, time = begin, 0
    for step in kept:
        time = max(time, min(step.time, now))
        after = step.on(stand or Stand(""))
        turns.append(Turn(time, step.actor, stand, after))
        stand = after
    return Life(begin, turns)


def _kept(steps: Sequence[Step], end: Stand) -> tuple[list[Step], Stand | None]:
    """The steps that lead to the end, and what was before them. Of several births the first counts."""
    birth = next((number for number, step in enumerate(steps) if step.birth), None)
    kept = []
    stand = end
    for number in range(len(steps) - 1, -1, -1):
        step = steps[number]
        if number == birth:
            # What it began as may be told by no step: one that could not be read, or a side that a merge left out.
            kept.append(Step(step.time, step.actor, ("", stand.state), (False, stand.archived), (False, stand.gone)))
            return kept[::-1], None
        if not step.birth and step.leads_to(stand):
            kept.append(step)
            stand = step.back(stand)
    return kept[::-1], stand


def _last(steps: Sequence[Step]) -> Stand:
    stand = Stand("")
    for step in steps:
        stand = step.on(stand)
    return stand
