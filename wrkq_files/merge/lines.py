"""Merging texts line by line, and showing where that cannot be done.

Where one look at the common beginning and end of three texts tells the answer, it is told at once; everything else is
git's to say (:data:`Merge`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import Final, NamedTuple

#: base, ours, theirs and a style to the merged text, with markers around what is in conflict, and how many conflicts.
Merge = Callable[[str, str, str, "Style"], tuple[str, int]]
#: The beginning of a line that looks like a marker.
_LIKE_MARKER: Final = re.compile(r"^(?:<+|=+|>+)", re.MULTILINE)


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
    """A piece of a merged text: what it is with every conflict decided for ours, or for theirs, and what to show.

    ``regions``: the lines of ours and of theirs in each conflict.
    """

    ours: str
    theirs: str
    shown: str
    regions: tuple[tuple[str, str], ...] = ()

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
    return Woven(ours, theirs, "".join(shown), ((first, second),))


def merge(base: str, ours: str, theirs: str, style: Style, by_git: Merge) -> Woven:
    """What both sides made of the base."""
    if ours in (theirs, base):
        return Woven.clean(theirs)
    if theirs == base:
        return Woven.clean(ours)
    if (found := quick(base, ours, theirs)) is not None:
        return Woven.clean(found)
    longest = max(
        (len(found[0]) for text in (base, ours, theirs) for found in _LIKE_MARKER.finditer(text)), default=0
    )
    unlike = style._replace(size=max(style.size, longest + 1))
    # Where a line stands twice, which one git matches depends on the side that comes first: always the same one.
    first, second = sorted((ours, theirs))
    shown, count = by_git(base, first, second, unlike)
    if not count:
        return Woven.clean(shown)
    return _read(shown, unlike, style, swapped=first != ours) or versus(ours, theirs, style)


def _read(shown: str, unlike: Style, style: Style, *, swapped: bool) -> Woven | None:
    """A text with markers that nothing else looks like, with those that are wanted; None where there are none."""
    opening, middle, closing = map(re.escape, (unlike.opening, unlike.middle, unlike.closing))
    text = re.compile(f"^{opening}(.*?)^{middle}(.*?)^{closing}", re.DOTALL | re.MULTILINE).split(shown)
    of_ours, of_theirs = (text[2::3], text[1::3]) if swapped else (text[1::3], text[2::3])
    regions = tuple(zip(of_ours, of_theirs, strict=True))
    ours, theirs, wanted = [text[0]], [text[0]], [text[0]]
    for (mine, yours), after in zip(regions, text[3::3], strict=True):
        ours += [mine, after]
        theirs += [yours, after]
        wanted += [style.opening, mine, style.middle, yours, style.closing, after]
    if not regions:
        return None
    found = Woven("".join(ours), "".join(theirs), "".join(wanted), regions)
    # The same but for a line's end at the end of the text, which git has given to both.
    return Woven.clean(found.ours) if found.is_clean else found


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
