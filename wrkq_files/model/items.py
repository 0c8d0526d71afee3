"""Checkboxes in a body: where they are and what they say.

Items inside code fences, indented code, block quotes and HTML comments are text, not items.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

#: Items under these headings are what completing a task asks for.
CRITERIA_HEADINGS: Final = frozenset({"acceptance criteria", "definition of done", "success criteria"})
_BOX: Final = re.compile(r"^(\s*(?:[-*+]|\d{1,9}[.)])\s+\[)(.)(\])(?:\s+(.*?))?\s*$")
_BULLET: Final = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s")
_MEASURE: Final = re.compile(r"\s*\(measure:\s*`([^`]+)`\)\s*$")
_FENCE: Final = re.compile(r"^ {0,3}(?:[-*+]\s+)?(`{3,}|~{3,})")
_HEADING: Final = re.compile(r"^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")


@dataclass(frozen=True, slots=True)
class Item:
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
        return self.heading.casefold().rstrip(":") in CRITERIA_HEADINGS


def find_items(body: str) -> list[Item]:
    """Every checkbox of a body, in order."""
    items: list[Item] = []
    heading, level = "", 7
    for number, line in _plain_lines(body):
        if title := _HEADING.match(line):
            depth = len(title[1])
            # A deeper heading inside "Acceptance criteria" only groups its items.
            if depth <= level or heading.casefold().rstrip(":") not in CRITERIA_HEADINGS:
                heading, level = title[2], depth
        elif box := _BOX.match(line):
            text = box[4] or ""
            measure = _MEASURE.search(text)
            items.append(
                Item(
                    number=len(items) + 1,
                    line=number,
                    column=box.end(1),
                    mark=box[2],
                    text=text[: measure.start()] if measure else text,
                    heading=heading,
                    measure=measure[1] if measure else None,
                )
            )
    return items


def open_criteria(body: str) -> list[Item]:
    """The acceptance items that are neither done nor dropped."""
    if "[" not in body:
        return []
    return [item for item in find_items(body) if item.is_criterion and item.state == "open"]


def _plain_lines(body: str) -> list[tuple[int, str]]:
    """The lines (0-based number, text) that are prose: not code, quotes or comments."""
    lines: list[tuple[int, str]] = []
    fence, comment, blank, in_list = "", False, True, False
    for number, line in enumerate(body.split("\n")):
        if comment:
            comment = "-->" not in line
        elif fence:
            closing = line.strip()
            fence = "" if closing.startswith(fence) and not closing.strip(fence[0]) else fence
        elif opening := _FENCE.match(line):
            fence = opening[1]
        elif line.lstrip().startswith(">") or (blank and not in_list and line.startswith(("    ", "\t"))):
            continue
        else:
            start = line.find("<!--")
            comment = start >= 0 and "-->" not in line[start:]
            if not line.lstrip().startswith("<!--"):
                lines.append((number, line))
            in_list = bool(_BULLET.match(line)) or (in_list and (not line.strip() or line[0] in " \t"))
        blank = not line.strip()
    return lines
