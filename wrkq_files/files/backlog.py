"""A backlog kept as one Markdown file, read as a plan: what `import markdown` would create. Pure.

Level-2 headings are features, level-3 headings their tasks; what stands before the first level-2 heading is offered
as the project's own body. Three rules that the file format leaves open:

- Blank lines around a body, and the `---` lines that end an item, separate items and belong to none. A `---` with
  text after it inside the same item stays.
- A `Status:` line after an item's first `---` begins an item that has lost its heading (an orphan).
- Deeper headings, a second level-1 heading and everything inside a code fence are body.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from wrkq_files.files.backlog_fields import (
    FEATURE_KEYS,
    TASK_KEYS,
    Metadata,
    Note,
    heading_date,
    is_metadata,
    is_status,
)

__all__ = ["Backlog", "Note", "PlannedFeature", "PlannedTask", "parse_backlog"]

_HEADING: Final = re.compile(r" {0,3}(#{1,3})[ \t]+(\S|\S.*?\S)(?:[ \t]+#+)?[ \t]*")
_FENCE: Final = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})(.*)")
_SEPARATOR: Final = re.compile(r" {0,3}-{3,}[ \t]*")
_LEAD: Final = re.compile(r"\s*(?:(?:[-*+>]|#{1,6}|[0-9]+[.)])\s+)*")
# A small letter after the full stop: most likely an abbreviation.
_SENTENCE: Final = re.compile(r".+?[.!?](?<!e\.g\.)(?<!i\.e\.)(?=\s+[^a-z\s]|$)")
_PREAMBLE, _FEATURE, _TASK, _ORPHAN = 1, 2, 3, 4


class PlannedTask(NamedTuple):
    """``fields`` has our names and value types, and never a default."""

    title: str
    line: int
    fields: Mapping[str, object]
    body: str
    orphan: bool


class PlannedFeature(NamedTuple):
    title: str
    line: int
    body: str
    fields: Mapping[str, object]
    tasks: tuple[PlannedTask, ...]


class Backlog(NamedTuple):
    """``title`` is empty where the file has no level-1 heading before its first feature."""

    title: str
    body: str
    features: tuple[PlannedFeature, ...]
    notes: tuple[Note, ...]


class _Line(NamedTuple):
    number: int
    text: str
    fenced: bool

    @property
    def blank(self) -> bool:
        return not self.text.strip()

    @property
    def separates(self) -> bool:
        return not self.fenced and _SEPARATOR.fullmatch(self.text) is not None


@dataclass(slots=True)
class _Block:
    """An item's own lines, without its heading."""

    level: int
    title: str
    line: int
    lines: list[_Line] = field(default_factory=list)
    separated: bool = False

    def add(self, line: _Line) -> None:
        self.lines.append(line)
        self.separated = self.separated or line.separates


def parse_backlog(text: str) -> Backlog:
    notes: list[Note] = []
    preamble, *blocks = _blocks(_lines(text, notes), notes)
    groups = _groups(blocks, preamble.title, notes)
    features = tuple(_feature(head, tasks, notes) for head, tasks in groups)
    body = _body(_trimmed(preamble.lines))
    return Backlog(preamble.title, body, features, tuple(sorted(notes, key=lambda note: note.line)))


def _lines(text: str, notes: list[Note]) -> list[_Line]:
    lines: list[_Line] = []
    fence, opened = "", 0
    for number, one in enumerate(text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n"), start=1):
        match = _FENCE.fullmatch(one)
        lines.append(_Line(number, one, bool(fence or match)))
        if match and not fence:
            fence, opened = match[1], number
        elif match and match[1].startswith(fence) and not match[2].strip():
            fence = ""
    if fence:
        notes.append(Note(opened, "fence", "this code fence is never closed: all that follows is its text"))
    return lines


def _blocks(lines: Iterable[_Line], notes: list[Note]) -> list[_Block]:
    """The preamble, then every heading and orphan in source order."""
    blocks = [_Block(_PREAMBLE, "", 1)]
    for line in lines:
        current = blocks[-1]
        heading = None if line.fenced else _HEADING.fullmatch(line.text)
        level = len(heading[1]) if heading else 0
        if heading and level in (_FEATURE, _TASK):
            blocks.append(_Block(level, heading[2], line.number))
        elif heading and level == _PREAMBLE == current.level and not current.title:
            current.title = heading[2]
        elif _begins_orphan(line, current):
            blocks.append(_Block(_ORPHAN, "", line.number, [line]))
        else:
            current.add(line)
            if heading:
                notes.append(Note(line.number, "heading", f"a second level-1 heading stays body: {heading[2]}"))
    return blocks


def _begins_orphan(line: _Line, current: _Block) -> bool:
    return current.level != _PREAMBLE and current.separated and not line.fenced and is_status(line.text)


def _groups(blocks: Iterable[_Block], title: str, notes: list[Note]) -> list[tuple[_Block, list[_Block]]]:
    groups: list[tuple[_Block, list[_Block]]] = []
    for block in blocks:
        if block.level == _FEATURE:
            groups.append((block, []))
            continue
        if not groups:
            home = _Block(_FEATURE, title or "Backlog", block.line)
            notes.append(Note(block.line, "feature", f"tasks before the first feature go into one: {home.title}"))
            groups.append((home, []))
        groups[-1][1].append(block)
    return groups


def _feature(head: _Block, blocks: Iterable[_Block], notes: list[Note]) -> PlannedFeature:
    fields, body = _read(head, FEATURE_KEYS, notes)
    tasks = tuple(_task(block, notes) for block in blocks)
    return PlannedFeature(head.title, head.line, body, fields, tasks)


def _task(block: _Block, notes: list[Note]) -> PlannedTask:
    orphan = block.level == _ORPHAN
    fields, body = _read(block, TASK_KEYS, notes)
    title = _first_sentence(body) or f"Untitled, line {block.line}" if orphan else block.title
    if orphan:
        notes.append(Note(block.line, "orphan", f"an item without a heading, titled by its first sentence: {title}"))
    return PlannedTask(title, block.line, fields, body, orphan)


def _read(block: _Block, keys: frozenset[str], notes: list[Note]) -> tuple[dict[str, object], str]:
    dated = heading_date(block.title)
    metadata = Metadata(keys, dict(dated.fields or {}))
    split = next((at for at, line in enumerate(block.lines) if line.separates), len(block.lines))
    own, rest = block.lines[:split], block.lines[split:]
    body = _body(_trimmed([*_without_metadata(own, metadata), *rest]))
    if dated.code:
        notes.append(Note(block.line, dated.code, dated.message))
    notes += metadata.notes
    stray = next((line for line in rest if not line.blank and not line.separates), None)
    if stray:
        message = f"text after `---` with neither heading nor status stays body: {stray.text.strip()}"
        notes.append(Note(stray.number, "stray", message))
    return metadata.fields, body


def _without_metadata(lines: Iterable[_Line], metadata: Metadata) -> list[_Line]:
    kept: list[_Line] = []
    taken = False
    for line in lines:
        if not line.fenced and is_metadata(line.text):
            text = metadata.take(line.text, line.number)
            taken = not text
            if text:
                kept.append(line._replace(text=text))
            continue
        # A line that went out of the middle of the text would leave two blank lines behind.
        if not (taken and line.blank and (not kept or kept[-1].blank)):
            kept.append(line)
        taken = False
    return kept


def _trimmed(lines: Sequence[_Line]) -> Sequence[_Line]:
    start, end = 0, len(lines)
    while end and (lines[end - 1].blank or lines[end - 1].separates):
        end -= 1
    while start < end and lines[start].blank:
        start += 1
    return lines[start:end]


def _body(lines: Sequence[_Line]) -> str:
    return "".join(f"{line.text}\n" for line in lines)


def _first_sentence(body: str) -> str:
    paragraph = body.partition("\n\n")[0]
    if _FENCE.match(paragraph.partition("\n")[0]):
        return ""
    text = " ".join(_LEAD.sub("", paragraph, count=1).split())
    sentence = _SENTENCE.match(text)
    return (sentence[0] if sentence else text).removesuffix(".")
