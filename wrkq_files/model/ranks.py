"""Ranks: words that sort between any two others, so that a thing put in its place by hand changes one file."""

from __future__ import annotations

from collections.abc import Sequence
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
    only that one thing gets a rank; so do those without one that stand before it, those whose rank leaves no room,
    and all, where somebody wrote ranks of another kind. Keys are those of
    https://observablehq.com/@dgreensp/implementing-fractional-indexing.
    """
    from fractional_indexing import generate_n_keys_between

    others = [number for number, rank in enumerate(ranks) if rank is not None and number != at]
    first = last = at
    if all(_is_key(ranks[number] or "") for number in others):
        first = next((number for number in range(at) if ranks[number] is None), at)
        while last + 1 in others and first and (ranks[last + 1] or "") <= (ranks[first - 1] or ""):
            last += 1
    else:
        first, last = 0, max(*others, at)
    lower = ranks[first - 1] if first else None
    upper = ranks[last + 1] if last + 1 < len(ranks) else None
    keys = generate_n_keys_between(lower, upper, last - first + 1)
    return {number: key for number, key in zip(range(first, last + 1), keys, strict=True) if ranks[number] != key}


def _is_key(rank: str) -> bool:
    from fractional_indexing import FIError, validate_order_key

    try:
        validate_order_key(rank)
    except FIError:
        return False
    return True
