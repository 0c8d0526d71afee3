"""Checkboxes in a body: where they are and what they say.

Items inside code fences, indented code, block quotes and HTML comments are text, not items.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate
from typing import Final, NamedTuple

from wrkq_files.model.outline import outline

#: Items under these headings are what completing a task asks for.
CRITERIA_HEADINGS: Final = frozenset({"acceptance criteria", "definition of done", "success criteria"})
_BOX: Final = re.compile(r"[ \t]*(?:(?:[-*+]|[0-9]{1,9}[.)])[ \t]+)+\[(.)\](?=[ \t\r]|$)(.*)")
_MEASURE: Final = re.compile(r"\(measure:\s*`([^`]+)`\)$")
#: Most bodies have no box: they need no outline.
_ANY_BOX: Final = re.compile(r"[-*+.)][ \t]+\[.\]")
#: Lines of text, however deep, then a heading or a box at the margin. No such text can open what hides a line below
#: it, so what stands at the margin is what it looks like.
_EASY: Final = re.compile(
    r"""
    (?: [^\S\n]*+ \n
      | [ ]*+ (?: (?: [-*+] | [0-9]{1,9}+[.)] ) [ ]{1,4}+ (?!\[.\]) )?+
        (?: [^\s><#`~*_\-+=0-9] | \*{1,2}+[^\s*] | _{1,2}+[^\s_] | `{1,2}+[^\s`] | <(?!!) | [0-9]++(?![.)]) )
        [^\n]*+ \n
    )*+
    (?: (\#{1,6}+) (?: [ ] ([^\t\n]*+) )?+ (?: \n | \Z )
      | [-*+][ ]{1,4}+\[ (.) \](?=[ \t\r\n]|\Z) ([^\n]*+) \n?+
    )?+
    """,
    re.VERBOSE,
)
_STATES: Final = {"x": "done", "X": "done", "-": "dropped"}


#: A box that was found: the offset of its mark in the body, the mark, what stands after it, the heading it is under.
_Box = tuple[int, str, str, str]


class Item(NamedTuple):
    """One checkbox. ``line`` and ``column`` are 0-based places of the mark in the body; ``number`` counts from 1."""

    number: int
    line: int
    column: int
    mark: str
    text: str
    heading: str
    measure: str | None

    @property
    def state(self) -> str:
        """``done`` (``x``), ``dropped`` (``-``), or ``open``: any other mark."""
        return _STATES.get(self.mark, "open")

    @property
    def is_criterion(self) -> bool:
        return _asks(self.heading)


def find_items(body: str) -> list[Item]:
    """Every checkbox of a body, in order."""
    items: list[Item] = []
    line, end = 0, 0
    for start, mark, text, heading in _boxes(body):
        line += body.count("\n", end, start)
        column = start - body.rfind("\n", 0, start) - 1
        items.append(_item(len(items) + 1, line, column, mark, text, heading))
        end = start
    return items


def count_items(body: str) -> tuple[int, int, int]:
    """(open acceptance items, items done, items done or open) of a body."""
    still_open = done = dropped = 0
    boxes = _boxes(body)
    for _, mark, _, heading in boxes:
        state = _STATES.get(mark)
        if state is None:
            still_open += _asks(heading)
        elif state == "done":
            done += 1
        else:
            dropped += 1
    return still_open, done, len(boxes) - dropped


def _boxes(body: str) -> list[_Box]:
    if "[" not in body:
        return []
    quick = _quick(body)
    return [*_walk(body)] if quick is None else quick


def _quick(body: str) -> list[_Box] | None:
    """The boxes, by a tenth of the work; None where one stands below a line that only the outline can judge.

    A property test holds it to :func:`_walk`.
    """
    found: list[_Box] = []
    heading, level = "", 7
    for match in _EASY.finditer(body):
        group = match.lastindex
        if group == 4:
            found.append((match.start(3), match[3], match[4], heading))
        elif group is None:  # the end, or a line that is not easy
            return None if _ANY_BOX.search(body, match.end()) else found
        elif (depth := len(match[1])) <= level or not _asks(heading):
            heading, level = (match[2] or "").strip(), depth
            if heading.endswith("#"):
                return None
    return found


def _walk(body: str) -> Iterator[_Box]:
    if not _ANY_BOX.search(body):
        return
    heading, level = "", 7
    starts = [0, *accumulate(len(line) + 1 for line in body.split("\n"))]
    for number, depth, text in outline(body):
        if depth:
            # A deeper heading inside "Acceptance criteria" only groups its items.
            if depth <= level or not _asks(heading):
                heading, level = text, depth
        elif box := _BOX.match(text):
            yield starts[number] + box.start(1), box[1], box[2], heading


def _item(number: int, line: int, column: int, mark: str, text: str, heading: str) -> Item:
    text = text.strip()
    measure = _MEASURE.search(text)
    if measure:
        text = text[: measure.start()].rstrip()
    return Item(number, line, column, mark, text, heading, measure[1] if measure else None)


@lru_cache(maxsize=256)
def _asks(heading: str) -> bool:
    return heading.casefold().rstrip(":") in CRITERIA_HEADINGS


def open_criteria(body: str) -> list[Item]:
    """The acceptance items that are neither done nor dropped."""
    return [item for item in find_items(body) if item.is_criterion and item.state == "open"]
