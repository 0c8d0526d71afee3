"""The outline of a body: its headings and list items, as CommonMark finds them (spec.commonmark.org/0.31.2).

What a git host shows as code, quote or comment must not count here either, and what it shows as a list item must.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final, NamedTuple

_ATX: Final = re.compile(r"(#{1,6})(?: |$)")
_SETEXT: Final = re.compile(r"(?:=+|-+)$")
_BREAK: Final = re.compile(r"([-*_])(?: *\1){2,}$")
_FENCE: Final = re.compile(r"`{3,}(?=[^`]*$)|~{3,}")
_MARKER: Final = re.compile(r"(?:[-*+]|([0-9]{1,9})[.)])(?=( +|$))")
_COMMENT: Final = "<!--"
#: What a block that can interrupt a paragraph begins with.
_FIRST: Final = frozenset("><#`~*_-+0123456789")
#: The margin of a quote: no line is indented as deeply, so only a paragraph's lazy next line can continue it.
_QUOTE: Final = sys.maxsize


class Block(NamedTuple):
    """A heading (``level`` 1 to 6, ``text`` without its marks), or a list item that begins with text (0, the line).

    ``line`` counts from 0. Headings inside list items are parts of the item, not of the outline.
    """

    line: int
    level: int
    text: str


def outline(body: str) -> Iterator[Block]:
    """The headings and list items of a body, in order."""
    reader = _Reader()
    for number, line in enumerate(body.split("\n")):
        text = (line.expandtabs(4) if "\t" in line else line).rstrip()
        if found := reader.read(text):
            level, title = found
            yield Block(number, level, title if level else line)


def prose(body: str) -> Iterator[tuple[int, str]]:
    """The lines of a body that are neither code nor comment, with their numbers (from 0)."""
    reader = _Reader()
    for number, line in enumerate(body.split("\n")):
        text = (line.expandtabs(4) if "\t" in line else line).rstrip()
        was_code = bool(reader.leaf) or reader.is_indented_code(text)
        reader.read(text)
        if not was_code and not reader.leaf:
            yield number, line


class _Reader:
    """What is open at the end of each line: list items by their margins, a fence or comment, a paragraph."""

    def __init__(self) -> None:
        self.margins = [0]
        self.leaf = ""
        self.paragraph: list[str] = []

    def read(self, text: str) -> tuple[int, str] | None:
        """(level, text) of the heading, (0, "") for the list item that this line is."""
        start = len(text) - len(text.lstrip(" "))
        if not text:
            self.paragraph = []
        elif self.leaf and start >= self.margins[-1]:
            if self._closes(text, start):
                self.leaf = ""
        else:
            self.leaf = ""
            return self._open(text, start)
        return None

    def is_indented_code(self, text: str) -> bool:
        """Whether this line, not read yet, is."""
        start = len(text) - len(text.lstrip(" "))
        return not self.paragraph and start - self.margins[bisect_right(self.margins, start) - 1] >= 4

    def _closes(self, text: str, start: int) -> bool:
        if self.leaf == _COMMENT:
            return "-->" in text
        run = text[start:]
        return run.startswith(self.leaf) and not run.strip(run[0]) and start - self.margins[-1] < 4

    def _open(self, text: str, start: int) -> tuple[int, str] | None:
        depth = bisect_right(self.margins, start)
        inside = depth == len(self.margins)
        if start - self.margins[depth - 1] >= 4:
            if self.paragraph:
                self.paragraph.append(text[start:])
            else:  # indented code
                del self.margins[depth:]
            return None
        if self.paragraph and inside and _SETEXT.match(text, start):
            title, self.paragraph = " ".join(self.paragraph), []
            return None if len(self.margins) > 1 else (1 if text[start] == "=" else 2, title)
        if self.paragraph and not self._begins(text, start, inside):
            self.paragraph.append(text[start:])
            return None
        del self.margins[depth:]
        self.paragraph = []
        return self._nested(text, start)

    def _begins(self, text: str, start: int, inside: bool) -> bool:
        """Whether a block begins here that can interrupt a paragraph; ``inside`` the same list item fewer can."""
        if text[start] not in _FIRST:
            return False
        if text.startswith((">", _COMMENT), start) or _ATX.match(text, start) or _FENCE.match(text, start):
            return True
        if _BREAK.match(text, start):
            return True
        marker = _MARKER.match(text, start)
        return bool(marker and (not inside or (marker[2] and int(marker[1] or 1) == 1)))

    def _nested(self, text: str, start: int) -> tuple[int, str] | None:
        """Walks over the markers of items that begin on one line, to what the innermost begins with."""
        item = False
        if _BREAK.match(text, start):
            return None
        while marker := _MARKER.match(text, start):
            item, end, spaces = True, marker.end(), len(marker[2])
            code = spaces > 4
            self.margins.append(end + 1 if code or not spaces else end + spaces)
            start = end + spaces
            if code or not spaces:
                return None
        return self._content(text, start, item)

    def _content(self, text: str, start: int, item: bool) -> tuple[int, str] | None:
        if heading := _ATX.match(text, start):
            return None if len(self.margins) > 1 else (len(heading[1]), _without_marks(text[heading.end() :]))
        if fence := _FENCE.match(text, start):
            self.leaf = fence[0]
        elif text.startswith(_COMMENT, start):
            self.leaf = "" if "-->" in text[start:] else _COMMENT
        elif text[start] == ">":
            self.margins.append(_QUOTE)
            self.paragraph = [text] if text[start:].strip("> ") else []
        else:
            self.paragraph = [text[start:]]
            return (0, "") if item else None
        return None


def _without_marks(title: str) -> str:
    """``Login ##`` -> ``Login``; ``C#`` stays."""
    bare = title.rstrip("#")
    return (bare if not bare or bare.endswith(" ") else title).strip()
