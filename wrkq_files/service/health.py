"""What a check of ``wrkq doctor`` answers, and the words that several of them share."""

from __future__ import annotations

import os
from collections.abc import Sequence
from shlex import quote
from typing import Final, NamedTuple

from wrkq_files.service.tracker import Tracker

OK: Final = "ok"
WARNING: Final = "warning"
ERROR: Final = "error"
#: What is typed for all that can be mended without a decision of a person's.
FIX: Final = "wrkq doctor --fix"


class Health(NamedTuple):
    """What one check saw. ``remedy`` is a command to type, empty where all is well; ``fixable``: ``--fix`` does it.

    ``plain``: ``observed`` holds no name, address or path, so that anybody may read it.
    """

    status: str
    observed: str
    expected: str = ""
    remedy: str = ""
    fixable: bool = False
    plain: bool = False


def ok(observed: str, *, plain: bool = True) -> Health:
    return Health(OK, observed, plain=plain)


def fixable(status: str, observed: str, expected: str, *, plain: bool = False) -> Health:
    return Health(status, observed, expected, FIX, True, plain)


def some(names: Sequence[str], noun: str) -> str:
    """``3 files: a, b, …``: the number, and the first of them."""
    shown = ", ".join([*names[:3], *(["…"] if len(names) > 3 else [])])
    return f"{len(names)} {noun}{'s' if len(names) != 1 else ''}: {shown}"


def typed(tracker: Tracker, name: str) -> str:
    """A path from the repository's top as it is typed in the door's folder."""
    return quote(os.path.relpath(tracker.repo.top / name, tracker.door.cwd))
