"""What can be asked of the view, as one value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from wrkq_files.model.fields import DocType

#: Whether archived documents take part.
INCLUDE, ONLY, EXCLUDE = "include", "only", "exclude"


class Query(NamedTuple):
    """Which documents are wanted. Every field narrows; an empty tuple or None asks nothing.

    ``under``: the address of a container, everything below it (the root's is empty); ``container``: what is directly
    in it. ``globs``: over addresses, with ``*``, ``?`` and
    ``**``. ``kinds`` may hold ``subtask``: whatever has a parent. ``labels``: all of them; ``any_labels``: one of
    them. ``assignee`` and ``reviewer`` are slugs, an empty one means nobody. ``due_before`` (exclusive) and
    ``due_after`` (inclusive) are times or dates. ``section`` and ``section_role`` look at the feature a task is in.
    ``hide``: leave out what a list leaves out by default: closed, archived and ideas. ``text``: as in a search.
    """

    types: tuple[DocType, ...] = (DocType.TASK,)
    under: str | None = None
    container: str | None = None
    globs: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    effective_states: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    any_labels: tuple[str, ...] = ()
    assignee: str | None = None
    reviewer: str | None = None
    priorities: tuple[int, ...] = ()
    parent: str | None = None
    due_before: str | None = None
    due_after: str | None = None
    score_min: int | None = None
    source: str | None = None
    section: str | None = None
    section_role: str | None = None
    archived: str = INCLUDE
    hide: bool = False
    text: str | None = None


class Hand(NamedTuple):
    """Who looks for work (an actor's slug, empty for anybody), and what is known to be none without a look at it.

    ``shut``: features, by address, in which nothing is taken up; ``marked``: ids that other branches speak of.
    """

    who: str
    shut: Sequence[str]
    marked: Sequence[str]
