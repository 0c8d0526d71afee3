"""Checkboxes first: two people who tick neighbouring boxes do not disagree, though their lines touch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from wrkq_files.merge.values import settle
from wrkq_files.model.items import Item, find_items

#: A box by its text, and which of that text it is.
_Name = tuple[str, int]


def agreed(base: str, ours: str, theirs: str) -> tuple[str, str, str]:
    """The three bodies, with every box that all of them have marked as it will be in the end, where that is clear."""
    texts = (base, ours, theirs)
    if not all("[" in text for text in texts):
        return texts
    found = [find_items(text) for text in texts]
    names = [_named(items, found) for items in found]
    marks: dict[_Name, str] = {}
    for name in names[0]:
        was, mine, yours = (side[name].mark for side in names)
        settled = settle(was, mine, yours)
        if settled is not None and not was == mine == yours:
            marks[name] = (mine, yours)[settled]
    if not marks:
        return texts
    first, second, third = (_marked(text, side, marks) for text, side in zip(texts, names, strict=True))
    return first, second, third


def _named(items: Sequence[Item], everywhere: Sequence[Sequence[Item]]) -> dict[_Name, Item]:
    """The items of which it is clear which is which.

    Their text stands once in each of the bodies, or in each under the same headings in the same order.
    """
    headings = [_headings(side) for side in everywhere]
    seen: Counter[str] = Counter()
    found: dict[_Name, Item] = {}
    for item in items:
        places = [each.get(item.text, []) for each in headings]
        if all(len(each) == 1 for each in places) or places[0] == places[1] == places[2]:
            found[item.text, seen[item.text]] = item
        seen[item.text] += 1
    return found


def _headings(items: Sequence[Item]) -> dict[str, list[str]]:
    """The headings that items of a text stand under, by that text."""
    found: dict[str, list[str]] = {}
    for item in items:
        found.setdefault(item.text, []).append(item.heading)
    return found


def _marked(text: str, items: Mapping[_Name, Item], marks: Mapping[_Name, str]) -> str:
    lines = text.split("\n")
    for name, mark in marks.items():
        item = items[name]
        line = lines[item.line]
        lines[item.line] = line[: item.column] + mark + line[item.column + 1 :]
    return "\n".join(lines)
