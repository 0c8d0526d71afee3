"""Reading conflicts out of a text: the markers in it, whoever put them there, and what becomes of it without them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from wrkq_files.merge.lines import split
from wrkq_files.merge.strategies import group
from wrkq_files.merge.weave import BODY, COMMENTS
from wrkq_files.model.fields import DocType, field_named

_OPENING: Final = re.compile(r"(<{7,})(?: .*)?\r?\n?")
_FENCE: Final = re.compile(r" {0,3}(?:[-*+] +)?(`{3,}|~{3,})")
_KEY: Final = re.compile(r"([A-Za-z_][\w.-]*|\"[^\"\n]+\"|'[^'\n]+')[ \t]*:(?=[ \t\r\n]|$)", re.MULTILINE)
_CLOSING_LINE: Final = "---"


class Region(NamedTuple):
    """One conflict: the whole lines from ``start`` to ``end`` of a text.

    ``splits``: ours and theirs; several where a line of the text looks like the marker between them.
    """

    start: int
    end: int
    splits: Sequence[tuple[str, str]]

    @property
    def sides(self) -> tuple[str, str]:
        return self.splits[0]


class Marked(NamedTuple):
    """A region, and the names of the fields that it is about: ``body`` for the text, none for the whole file."""

    region: Region
    fields: tuple[str, ...]


def regions(text: str, *, fences: bool = False) -> list[Region]:
    """The conflicts of a text. ``fences``: what begins in a fence of code is an example, and none."""
    lines = split(text)
    found: list[Region] = []
    number, offset, fence = 0, 0, ""
    while number < len(lines):
        line = lines[number]
        opening = None if fence else _OPENING.fullmatch(line.removeprefix("\ufeff") if not offset else line)
        size = _length(lines, number, len(opening[1])) if opening else 0
        if opening and size:
            width = sum(map(len, lines[number : number + size]))
            sides = _splits(lines[number + 1 : number + size - 1], len(opening[1]))
            found.append(Region(offset, offset + width, sides))
            number, offset = number + size, offset + width
            continue
        fence = _fence(line, fence) if fences else ""
        number, offset = number + 1, offset + len(line)
    return found


def _length(lines: Sequence[str], first: int, size: int) -> int:
    """How many lines a conflict has that may begin here; 0 for none. Conflicts may hold conflicts."""
    depth, middles = 0, 0
    for number in range(first, len(lines)):
        kind = _kind(lines[number], size)
        if kind == "<" or number == first:
            depth += 1
        elif kind == "=" and depth == 1:
            middles += 1
        elif kind == ">" and (depth > 1 or middles):
            depth -= 1
            if not depth:
                return number - first + 1
    return 0


def _splits(lines: Sequence[str], size: int) -> list[tuple[str, str]]:
    """Ours and theirs, for each line that may stand between them; the base's lines, where git shows them, go."""
    depth, base, found = 0, None, []
    for number, line in enumerate(lines):
        kind = _kind(line, size)
        depth += {"<": 1, ">": -1}.get(kind, 0)
        if kind == "|" and not depth and base is None:
            base = number
        if kind == "=" and not depth:
            ours = lines[: number if base is None else base]
            found.append(("".join(ours), "".join(lines[number + 1 :])))
    return found


def _kind(line: str, size: int) -> str:
    """Which marker a line is; empty for none."""
    word = line.rstrip("\r\n")
    first = word[:1]
    if first not in ("<", "=", ">", "|") or word[:size] != first * size:
        return ""
    rest = word[size:]
    return first if not rest.rstrip() or (first != "=" and rest.startswith(" ")) else ""


def _fence(line: str, fence: str) -> str:
    if fence:
        closing = line.strip()
        return "" if closing.startswith(fence) and not closing.strip(fence[0]) else fence
    opening = _FENCE.match(line)
    return opening[1] if opening else ""


def without(text: str, chosen: Sequence[tuple[Region, str]]) -> str:
    """The text with these regions, which stand in its order, replaced; to the byte as it was elsewhere."""
    parts, position = [], 0
    for region, replacement in chosen:
        parts += [text[position : region.start], replacement]
        position = region.end
    return "".join([*parts, text[position:]])


# What a region is about


def marked(kind: DocType | None, text: str, found: Sequence[Region]) -> list[Marked]:
    """The regions of a document's text, and the fields that they are about; of another text, nothing is known."""
    if kind is None:
        return [Marked(region, (BODY,)) for region in found]
    close = _front_end(text, found)
    return [Marked(region, _fields(kind, text, region, close)) for region in found]


def _front_end(text: str, found: Sequence[Region]) -> int | None:
    """Where the frontmatter ends, as the lines outside of all regions have it; None where these do not tell."""
    if found and not found[0].start:
        return None
    offset, is_first = 0, True
    for line in _outside(text, found):
        offset, content = line
        if content.rstrip("\r\n") == _CLOSING_LINE and not is_first:
            return offset
        is_first = False
    return None


def _outside(text: str, found: Sequence[Region]) -> Iterator[tuple[int, str]]:
    offset = 0
    starts = {region.start: region.end for region in found}
    until = 0
    for line in split(text):
        until = starts.get(offset, until)
        if offset >= until:
            yield offset, line
        offset += len(line)


def _fields(kind: DocType, text: str, region: Region, close: int | None) -> tuple[str, ...]:
    if close is None:
        return ()
    if region.start > close:
        return (BODY,)
    named: Callable[[str], str] = lambda key: _canonical(kind, key)  # noqa: E731
    inside = [each[1] for side in region.sides for each in _KEY.finditer(side) if _at_line_start(side, each.start())]
    if not all(not side or side[0] not in " \t-#" for side in region.sides):
        above = [each[1] for each in _KEY.finditer(text, 0, region.start) if _at_line_start(text, each.start())]
        inside = [*above[-1:], *inside]
    return tuple(dict.fromkeys(map(named, inside))) or (COMMENTS,)


def _at_line_start(text: str, offset: int) -> bool:
    return not offset or text[offset - 1] == "\n"


def _canonical(kind: DocType, key: str) -> str:
    word = key.strip("\"'")
    field = field_named(kind, word)
    return group(kind, field.name if field else word)
