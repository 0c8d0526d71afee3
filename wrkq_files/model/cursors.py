"""Where a watch of the history is, as a word that programs keep and give back."""

from __future__ import annotations

import base64
import json
import re
from typing import Any, Final, NamedTuple

from wrkq_files.errors import WrkqError

_VERSION: Final = 1
_COMMIT: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class Cursor(NamedTuple):
    """All that ``seen`` reaches has been told (nothing where it is empty: there was no commit).

    In the middle of what ``reading`` reaches besides: all up to the event that is ``place`` of ``commit``. Commits
    and not numbers of the event store, which may be made anew.
    """

    seen: str
    reading: str = ""
    commit: str = ""
    place: int = 0

    @property
    def tip(self) -> str:
        """The newest commit that this knows."""
        return self.reading or self.seen


def encode(cursor: Cursor) -> str:
    told: dict[str, Any] = {"v": _VERSION, "seen": cursor.seen}
    if cursor.reading:
        told |= {"reading": cursor.reading, "place": [cursor.commit, cursor.place]}
    compact = json.dumps(told, separators=(",", ":"))
    return base64.urlsafe_b64encode(compact.encode()).decode().rstrip("=")


def decode(word: str) -> Cursor:
    """Raises WrkqError ``usage`` for what is no cursor of this version."""
    try:
        told = json.loads(base64.b64decode(word + "=" * (-len(word) % 4), altchars=b"-_", validate=True))
        if told["v"] != _VERSION:
            raise _no_cursor(f"it is of version {told['v']!r}, and this program knows {_VERSION}")
        commit, place = told.get("place", ["", 0])
        cursor = Cursor(told["seen"], told.get("reading", ""), commit, place)
        is_whole = all(_COMMIT.fullmatch(each) for each in cursor[:3] if each != "")
        if not is_whole or bool(cursor.reading) != bool(cursor.commit) or type(place) is not int or place < 0:
            raise ValueError(word)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise _no_cursor("it is damaged") from error
    return cursor


def _no_cursor(why: str) -> WrkqError:
    return WrkqError(
        "usage", f"the cursor is not one: {why}", hint="wrkq watch prints cursors; begin without --since"
    )
