"""A check of what the last commits did to each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import Final

from wrkq_files.model.events import Event
from wrkq_files.service.health import WARNING, Health, ok, some
from wrkq_files.service.history import History, Seen
from wrkq_files.service.tracker import Tracker

#: So many of the last events are looked at.
_LAST: Final = 1000
_SHORT: Final = 8


def undone(tracker: Tracker) -> Health:
    """Commits made by hand that exactly undo what the tool committed right before, and do not say so.

    git reads its index before it locks it: a `git commit` that began before the tool's, and ends after it, can put
    files back that it never showed to anybody. It cannot be kept from doing so, only be found.
    """
    commits = [list(group) for _, group in groupby(_latest(tracker), key=lambda seen: seen.happened.number)]
    found = [
        later[0].happened.commit[:_SHORT]
        for later, earlier in pairwise(commits)
        if _is_by_hand(later) and earlier[0].happened.ulid and _inverts(later, earlier)
    ]
    if not found:
        return ok("none of the last commits undoes what the tool wrote")
    remedy = f"wrkq undo {found[0]}  # unless it was meant"
    return Health(WARNING, some(found, "commit"), "commits that say so where they undo another", remedy)


def _latest(tracker: Tracker) -> Iterator[Seen]:
    for number, seen in enumerate(History(tracker).ask("type NOT LIKE 'commit.%'")):
        if number >= _LAST:
            return
        yield seen


def _is_by_hand(commit: Sequence[Seen]) -> bool:
    return not any(seen.happened.ulid or seen.happened.reverts for seen in commit)


def _inverts(later: Sequence[Seen], earlier: Sequence[Seen]) -> bool:
    """Whether all that a commit changed is as before after the next one."""
    back = {_change(seen.happened.event, reverse=True) for seen in later}
    return all(_change(seen.happened.event) in back for seen in earlier)


def _change(event: Event, *, reverse: bool = False) -> tuple[str, str, str, str]:
    """What tells whether one change is another's opposite: the file's bytes before and after."""
    blobs = (event.blob, event.old_blob) if reverse else (event.old_blob, event.blob)
    return (event.id, event.path, *blobs)
