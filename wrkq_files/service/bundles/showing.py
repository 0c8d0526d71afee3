"""What a bundle changes: document by document, not line by line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from wrkq_files.index.events import Events
from wrkq_files.model.events import Event
from wrkq_files.service import comparing
from wrkq_files.service.bundles import keeping, sides
from wrkq_files.service.bundles.sides import Sides
from wrkq_files.service.tracker import Tracker


class Shown(NamedTuple):
    """``events`` lead from where the bundle parted from the base to its tip. ``feature``: what it was started for."""

    sides: Sides
    events: Sequence[Event]
    feature: str | None = None


def show(tracker: Tracker, name: str | None) -> Shown:
    """What a bundle, or any branch, changes. Raises what :func:`sides.of` does."""
    both = sides.of(tracker, name)
    return Shown(both, changes(tracker, both), keeping.feature_of(tracker, both.branch.name))


def changes(tracker: Tracker, both: Sides) -> list[Event]:
    if both.fork == both.branch.tip:
        return []
    events = Events(tracker.place)
    events.progress = tracker.door.progress
    try:
        for commit in (both.fork, both.branch.tip):
            events.upto(commit)
        return events.between(both.fork, both.branch.tip)
    finally:
        events.close()


def as_text(tracker: Tracker, events: Sequence[Event]) -> str:
    """The same as git shows it."""
    return comparing.as_text(tracker, events)
