"""The order of things that two sides have moved, added to, and taken away from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any


def reordered(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether both sides put what all have in a new order, and not in the same."""
    return _skeleton(base, ours, theirs) is None


def order(
    base: Sequence[str],
    ours: Sequence[str],
    theirs: Sequence[str],
    keep: Collection[str],
    rank: Callable[[str], Any],
) -> list[str]:
    """``keep`` in an order that both sides can follow. The names in each sequence are unique.

    What all have stands as the one side has it that reordered it; where both did, as the side that ``rank`` puts
    first (one of the two orders, never a third: what has been merged can then be merged again). What is not in all
    of them stands after the one it stood after. Swapping the sides changes nothing: where both put something at one
    place, ``rank`` decides, as far as each side's own order allows.
    """
    skeleton = _skeleton(base, ours, theirs)
    if skeleton is None:
        everywhere = set(base) & set(ours) & set(theirs)
        sides = ([name for name in side if name in everywhere] for side in (ours, theirs))
        skeleton = min(sides, key=lambda names: [(rank(name), name) for name in names])
    known = set(skeleton)
    after_ours, after_theirs = _after(ours, known, keep), _after(theirs, known, keep)
    found = _interleaved(after_ours.get("", []), after_theirs.get("", []), rank)
    for name in skeleton:
        found += [name] if name in keep else []
        found += _interleaved(after_ours.get(name, []), after_theirs.get(name, []), rank)
    return list(dict.fromkeys(found))


def _skeleton(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> list[str] | None:
    everywhere = set(base) & set(ours) & set(theirs)
    first, mine, yours = ([name for name in each if name in everywhere] for each in (base, ours, theirs))
    if mine == yours or yours == first:
        return mine
    return yours if mine == first else None


def _after(side: Sequence[str], skeleton: Collection[str], keep: Collection[str]) -> dict[str, list[str]]:
    """What a side has besides the skeleton, by the name of that which it stands after."""
    found: dict[str, list[str]] = {}
    last = ""
    for name in side:
        if name in skeleton:
            last = name
        elif name in keep:
            found.setdefault(last, []).append(name)
    return found


def _interleaved(one: Sequence[str], other: Sequence[str], rank: Callable[[str], Any]) -> list[str]:
    """Both sequences in one; a name that is in both waits until both have come to it."""
    left, right = [*one], [*other]
    found: list[str] = []
    while left and right:
        heads = [head for head, rest in ((left[0], right), (right[0], left)) if head == rest[0] or head not in rest]
        chosen = min(heads or [left[0], right[0]], key=rank)
        found.append(chosen)
        left, right = ([name for name in side if name != chosen] for side in (left, right))
    return [*found, *left, *right]
