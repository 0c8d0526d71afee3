"""Checkboxes in a body: where they are and what they say.

Items inside code fences, indented code, block quotes and HTML comments are text, not items.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from wrkq_files.model.outline import outline

#: Items under these headings are what completing a task asks for.
CRITERIA_HEADINGS: Final = frozenset({"acceptance criteria", "definition of done", "success criteria"})
_BOX: Final = re.compile(r"[ \t]*(?:(?:[-*+]|[0-9]{1,9}[.)])[ \t]+)+\[(.)\](?=[ \t\r]|$)(.*)")
_MEASURE: Final = re.compile(r"\(measure:\s*`([^`]+)`\)$")
#: Most bodies have no box: they need no outline.
_ANY_BOX: Final = re.compile(r"[-*+.)][ \t]+\[.\]")


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
        return {"x": "done", "X": "done", "-": "dropped"}.get(self.mark, "open")

    @property
    def is_criterion(self) -> bool:
        return _asks(self.heading)


def find_items(body: str) -> list[Item]:
    """Every checkbox of a body, in order."""
    items: list[Item] = []
    if not _ANY_BOX.search(body):
        return items
    heading, level = "", 7
    for number, depth, text in outline(body):
        if depth:
            # A deeper heading inside "Acceptance criteria" only groups its items.
            if depth <= level or not _asks(heading):
                heading, level = text, depth
        elif box := _BOX.match(text):
            items.append(_item(len(items) + 1, number, box, heading))
    return items


def _item(number: int, line: int, box: re.Match[str], heading: str) -> Item:
    text = box[2].strip()
    measure = _MEASURE.search(text)
    if measure:
        text = text[: measure.start()].rstrip()
    return Item(number, line, box.start(1), box[1], text, heading, measure[1] if measure else None)


def _asks(heading: str) -> bool:
    return heading.casefold().rstrip(":") in CRITERIA_HEADINGS


def open_criteria(body: str) -> list[Item]:
    """The acceptance items that are neither done nor dropped."""
    return [item for item in find_items(body) if item.is_criterion and item.state == "open"]
