"""How far work is: from checkboxes to subtasks, tasks, features and projects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from wrkq_files.model.layout import folders_above


class Piece(NamedTuple):
    """What is counted of one task that is not archived. Addresses are None where it is in none such.

    ``items_total``: checkboxes that are done or open. ``due``: seconds since 1970.
    """

    id: str
    path: str
    parent: str | None
    feature: str | None
    project: str | None
    state: str
    effective_state: str
    items_done: int
    items_total: int
    due: float | None


class Progress(NamedTuple):
    """Of a group of tasks: how many there are, how many are completed, and the mean of how far each is, 0 to 1.

    Cancelled tasks are not counted, and subtasks only as parts of their parents. ``share`` is None for no tasks.
    """

    done: int = 0
    total: int = 0
    share: float | None = None

    @property
    def percent(self) -> int | None:
        """See :func:`percent`; None for no tasks."""
        return percent(self.share, done=self.done == self.total)


def shares(pieces: Iterable[Piece]) -> dict[str, float]:
    """How far each task is, by id, 0 to 1; cancelled ones are left out.

    A completed task is done. Of another one each checkbox and each subtask counts the same; one without any is at 0.
    """
    counted = [each for each in pieces if each.state != "cancelled"]
    below: dict[str, list[Piece]] = {}
    for each in counted:
        if each.parent:
            below.setdefault(each.parent, []).append(each)
    return {each.id: _share(each, [_share(one, ()) for one in below.get(each.id, ())]) for each in counted}


def together(pieces: Iterable[Piece], known: Mapping[str, float]) -> Progress:
    """Of a group of tasks; ``known`` as :func:`shares` gives it for all there are."""
    group = [each for each in pieces if each.id in known]
    there = {each.id for each in group}
    tops = [each for each in group if each.parent not in there]
    if not tops:
        return Progress()
    done = sum(each.state == "completed" for each in tops)
    return Progress(done, len(tops), sum(known[each.id] for each in tops) / len(tops))


def below(pieces: Iterable[Piece]) -> dict[str, list[Piece]]:
    """What lies in each folder and its folders, by address; the root's is empty."""
    found: dict[str, list[Piece]] = {}
    for each in pieces:
        for folder in (*folders_above(each.path), ""):
            found.setdefault(folder, []).append(each)
    return found


def percent(share: float | None, *, done: bool) -> int | None:
    """A whole number; 100 is said of what is all completed alone, and 0 of what has not begun."""
    if share is None:
        return None
    if share == 0 or done:
        return round(share * 100)
    return min(99, max(1, round(share * 100)))


def _share(piece: Piece, subtasks: Sequence[float]) -> float:
    if piece.state == "completed":
        return 1.0
    parts = piece.items_total + len(subtasks)
    return (piece.items_done + sum(subtasks)) / parts if parts else 0.0
