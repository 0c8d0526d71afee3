"""Merging texts line by line, and showing where that cannot be done.

Where one look at the common beginning and end of three texts tells the answer, it is told at once; everything else is
git's to say (:data:`Merge`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import NamedTuple

#: base, ours, theirs to the merged text, with markers around what is in conflict, and how many conflicts there are.
Merge = Callable[[str, str, str], tuple[str, int]]


class Style(NamedTuple):
    """How a conflict is shown: what the sides are called, and how many characters a marker has."""

    ours: str = "ours"
    theirs: str = "theirs"
    size: int = 7

    @property
    def opening(self) -> str:
        return f"{'<' * self.size} {self.ours}\n"

    @property
    def middle(self) -> str:
        return "=" * self.size + "\n"

    @property
    def closing(self) -> str:
        return f"{'>' * self.size} {self.theirs}\n"


class Woven(NamedTuple):
    """A piece of a merged text: what it is with every conflict decided for ours, or for theirs, and what to show."""

    ours: str
    theirs: str
    shown: str

    @property
    def is_clean(self) -> bool:
        return self.ours == self.theirs

    @classmethod
    def clean(cls, text: str) -> Woven:
        return cls(text, text, text)


def versus(ours: str, theirs: str, style: Style) -> Woven:
    """Two texts in conflict, with markers around the lines that they do not have in common."""
    mine, yours = split(ours), split(theirs)
    head = _common(mine, yours)
    tail = _common(mine[head:][::-1], yours[head:][::-1])
    middle = (side[head : len(side) - tail] for side in (mine, yours))
    first, second = ("".join(map(_ended, side)) for side in middle)
    shown = [*mine[:head], style.opening, first, style.middle, second, style.closing, *mine[len(mine) - tail :]]
    return Woven(ours, theirs, "".join(shown))


def merge(base: str, ours: str, theirs: str, style: Style, by_git: Merge) -> Woven:
    """What both sides made of the base."""
    if ours in (theirs, base):
        return Woven.clean(theirs)
    if theirs == base:
        return Woven.clean(ours)
    if (found := quick(base, ours, theirs)) is not None:
        return Woven.clean(found)
    shown, count = by_git(base, ours, theirs)
    if not count:
        return Woven.clean(shown)
    halves = _halves(shown, style, count)
    return Woven(*halves, shown) if halves else versus(ours, theirs, style)


def regions(woven: Woven, style: Style) -> list[tuple[str, str]]:
    """The lines of ours and of theirs in each conflict of a text that was merged with this style."""
    found: list[tuple[str, str]] = []
    sides: list[list[str]] = []
    for line in split(woven.shown):
        if line == style.opening:
            sides = [[]]
        elif line == style.middle and len(sides) == 1:
            sides.append([])
        elif line == style.closing and len(sides) == 2:
            found.append(("".join(sides[0]), "".join(sides[1])))
            sides = []
        elif sides:
            sides[-1].append(line)
    return found


def _halves(shown: str, style: Style, count: int) -> tuple[str, str] | None:
    """Ours and theirs of a text with markers; None where its own lines look like markers."""
    mine, yours = [], []
    now, found = (True, True), 0
    for line in split(shown):
        if line == style.opening:
            now, found = (True, False), found + 1
        elif line == style.middle and now == (True, False):
            now = (False, True)
        elif line == style.closing and now == (False, True):
            now = (True, True)
        else:
            mine += [line] if now[0] else []
            yours += [line] if now[1] else []
    return ("".join(mine), "".join(yours)) if found == count and now == (True, True) else None


def quick(base: str, ours: str, theirs: str) -> str | None:
    """What both sides made of the base, where each changed one stretch of it and a line lies between the two."""
    return _quick(*map(split, (base, ours, theirs)))


def _quick(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> str | None:
    start, end = _stretch(base, ours)
    other_start, other_end = _stretch(base, theirs)
    if other_end < start:
        return _quick(base, theirs, ours)
    if end >= other_start:
        return None
    mine = ours[start : len(ours) - (len(base) - end)]
    yours = theirs[other_start : len(theirs) - (len(base) - other_end)]
    return "".join([*base[:start], *mine, *base[end:other_start], *yours, *base[other_end:]])


def _stretch(base: Sequence[str], side: Sequence[str]) -> tuple[int, int]:
    """The lines of the base, from and to, in which a side differs from it."""
    head = _common(base, side)
    tail = _common(base[head:][::-1], side[head:][::-1])
    return head, len(base) - tail


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def split(text: str) -> list[str]:
    """Lines with their ends, as git sees them: nothing but a line feed ends one."""
    lines = [f"{line}\n" for line in text.split("\n")]
    return lines[:-1] if lines[-1] == "\n" else [*lines[:-1], lines[-1][:-1]]


def _ended(line: str) -> str:
    return line if line.endswith("\n") else line + "\n"
