"""Ranks: words that sort between any two others, so that a thing put in its place by hand changes one file."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

TOP: Final = "top"
BOTTOM: Final = "bottom"
BEFORE: Final = "before"
AFTER: Final = "after"
#: What can be typed for a place in an order.
PLACES: Final = "top, bottom, before:OTHER or after:OTHER"
_UNRANKED: Final = "~"  # after every rank


class Place(NamedTuple):
    """A place in an order: at an end, or beside ``other``, as that was typed."""

    where: str
    other: str = ""


def place(text: str) -> Place | None:
    """``top``, ``bottom``, ``before:OTHER``, ``after:OTHER``; None for what is no place."""
    where, colon, other = text.partition(":")
    if colon:
        return Place(where, other) if where in (BEFORE, AFTER) and other else None
    return Place(where) if where in (TOP, BOTTOM) else None


def by_hand(rank: str | None, priority: int, created: str | None, identifier: str) -> tuple[str, int, str, str]:
    """What orders things by hand: by their ranks; then those without, by priority and age."""
    return rank or _UNRANKED, priority, created or _UNRANKED, identifier


def inserted(count: int, at: Place, other: int | None) -> int:
    """Where a thing goes into a list of ``count`` others; ``other``: where the one stands that ``at`` names."""
    if other is None:
        return 0 if at.where == TOP else count
    return other if at.where == BEFORE else other + 1


def ranked(ranks: Sequence[str | None], at: int) -> dict[int, str]:
    """The ranks that let the thing at the position ``at`` sort where it stands, by position.

    ``ranks`` are those of the whole list in its order, None for what has none: such sort after all others. Usually
    only that one thing gets a rank; so do those without one that stand before it.
    """
    last = max((number for number, rank in enumerate(ranks) if rank is not None), default=at)
    return arranged([*ranks[:at], None, *ranks[at + 1 :]], max(last, at) + 1)


def arranged(ranks: Sequence[str | None], count: int) -> dict[int, str]:
    """The ranks that let the first ``count`` things of a list sort as they stand, by position: as few as can be.

    What has a rank and stands behind another one as it should keeps that; ranks of another kind than ours are all
    replaced. Keys are those of https://observablehq.com/@dgreensp/implementing-fractional-indexing.
    """
    from fractional_indexing import generate_n_keys_between

    first = list(ranks[:count])
    kept = _rising(first) if all(is_key(each) for each in first if each is not None) else []
    found: dict[int, str] = {}
    for before, after in pairwise([-1, *kept, count]):
        lower = first[before] if before >= 0 else None
        upper = first[after] if after < count else None
        keys = generate_n_keys_between(lower, upper, after - before - 1)
        found |= zip(range(before + 1, after), keys, strict=True)
    return found


def _rising(ranks: Sequence[str | None]) -> list[int]:
    """The positions of the longest run of ranks that rise from one to the next."""
    longest: list[int] = []  # for each position: how long the longest run is that ends there
    for number, rank in enumerate(ranks):
        ends = [longest[each] for each in range(number) if rank is not None and (ranks[each] or _UNRANKED) < rank]
        longest.append(max(ends, default=0) + 1 if rank is not None else 0)
    found: list[int] = []
    wanted, limit = max(longest, default=0), _UNRANKED
    for number in reversed(range(len(ranks))):
        rank = ranks[number]
        if rank is not None and longest[number] == wanted and rank < limit:
            found.append(number)
            wanted, limit = wanted - 1, rank
    return found[::-1]


def is_key(rank: str) -> bool:
    """Whether a word is one of our ranks."""
    from fractional_indexing import FIError, validate_order_key

    try:
        validate_order_key(rank)
    except (FIError, IndexError):  # of an empty one
        return False
    return True
