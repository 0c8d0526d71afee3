"""Checkboxes first: two people who tick neighbouring boxes do not disagree, though their lines touch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from wrkq_files.merge.values import settle
from wrkq_files.model.items import Item, find_items

#: A box by the heading it is under (empty where its text stands but once), its text, and which of these it is.
_Name = tuple[str, str, int]


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
    """The items of which it is clear which is which, by heading and text, and their number among those.

    Under its heading a text must stand as often in each of the bodies; where it stands but once in each, it may have
    come under another.
    """
    here = [Counter((item.heading, item.text) for item in side) for side in everywhere]
    alone = [Counter(item.text for item in side) for side in everywhere]
    seen: Counter[tuple[str, str]] = Counter()
    found: dict[_Name, Item] = {}
    for item in items:
        place = (item.heading, item.text)
        if all(count[item.text] == 1 for count in alone):
            found["", item.text, 0] = item
        elif len({count[place] for count in here}) == 1:
            found[*place, seen[place]] = item
        seen[place] += 1
    return found


def _marked(text: str, items: Mapping[_Name, Item], marks: Mapping[_Name, str]) -> str:
    lines = text.split("\n")
    for name, mark in marks.items():
        item = items[name]
        line = lines[item.line]
        lines[item.line] = line[: item.column] + mark + line[item.column + 1 :]
    return "\n".join(lines)
