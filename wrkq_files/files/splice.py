"""One step of an edit, as a splice of frontmatter text: everything outside it stays as it is.

The functions take the text and nodes freshly read from it, and return the new text. They are careful, not proven:
``edits`` reads the result again and refuses what is not exactly the change that was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

from wrkq_files.files import emit
from wrkq_files.files.comments import has_comment, header_comment, scalars
from wrkq_files.files.nodes import Map, Node, Scalar, Seq
from wrkq_files.files.values_diff import Add, Arrange, Path, Put, Remove, Step

_SEPARATOR: Final = re.compile(r",\s+")
_INDENTED_COMMENTS: Final = re.compile(r"(?:[ ]+#[^\n]*\n)*")
_BLANK_LINES: Final = re.compile(r"(?:[ ]*\r?\n)*")
_EMPTY_LINE: Final = re.compile(r"\n\r?\n")
_INDENTED_COMMENT: Final = re.compile(r"([ ]+)#")
_DASHES: Final = re.compile(r"[ ]*(?:-[ ]+)*")


class NoSpliceError(Exception):
    """The text is written in a way that this step cannot be done to without touching more."""


class Sheet(NamedTuple):
    """Frontmatter lines (every one with its end), the nodes in them, and the line end to write."""

    text: str
    root: Map
    eol: str

    def at(self, path: Path) -> Node:
        node: Node = self.root
        for part in path:
            if isinstance(node, Map) and isinstance(part, str):
                node = node.pairs[part][1]
            elif isinstance(node, Seq) and isinstance(part, int):
                node = node.items[part]
            else:
                raise AssertionError(f"no {part!r} at {path}")
        return node

    def line_start(self, offset: int) -> int:
        return self.text.rfind("\n", 0, offset) + 1

    def after_line(self, offset: int) -> int:
        """The beginning of the line after the one that holds ``offset``."""
        end = self.text.find("\n", offset)
        return len(self.text) if end < 0 else end + 1

    def column(self, offset: int) -> int:
        return offset - self.line_start(offset)

    def replaced(self, start: int, end: int, new: str) -> str:
        return self.text[:start] + new + self.text[end:]

    def joined(self, lines: Sequence[str]) -> str:
        return "".join(line + self.eol for line in lines)


def apply(sheet: Sheet, step: Step) -> str:
    """The text after the step. Raises :class:`NoSpliceError`, and KeyError or IndexError for a path that is not."""
    return _STEPS[type(step)](sheet, step)


def _put(sheet: Sheet, step: Put) -> str:
    *above, last = step.path
    parent = sheet.at(tuple(above))
    if isinstance(parent, Map) and isinstance(last, str) and last not in parent.pairs:
        return _insert_key(sheet, parent, last, step)
    node = sheet.at(step.path)
    if isinstance(node, Scalar) and not emit.is_block(step.value) and not node.is_empty:
        return _replace_scalar(sheet, node, step.value, flow=parent.flow)  # type: ignore[union-attr]
    if isinstance(parent, Seq):
        return _replace_item(sheet, parent, int(last), step.value)
    if isinstance(parent, Map) and isinstance(last, str):
        return _replace_value(sheet, parent, last, step.value)
    raise AssertionError(f"nothing at {step.path}")


def _replace_scalar(sheet: Sheet, node: Scalar, value: Any, *, flow: bool) -> str:
    style = node.style if node.style in ("'", '"') else ""
    if not flow and isinstance(value, str) and "\n" in value and node.style in ("|", ">", ""):
        return _replace_by_literal(sheet, node, value)
    empty = isinstance(value, (list, tuple, dict))
    text = emit.inline(value) if empty else emit.scalar(value, flow=flow, style=style)
    return sheet.replaced(node.start, node.end, text + header_comment(sheet.text, node))


def _replace_by_literal(sheet: Sheet, node: Scalar, value: str) -> str:
    """A multi-line text in place of a scalar, indented two more than its key or its dash."""
    line = sheet.text[sheet.line_start(node.start) : node.start]
    dashes = _DASHES.match(line)
    key = dashes.end() if dashes else 0
    indent = key if line[key:] else line.rindex("-") if "-" in line else key
    header = "" if _would_swallow(sheet, sheet.after_line(node.end), value, indent) else emit.head(value)
    tail = sheet.text[node.end : sheet.after_line(node.end)]
    if not header.startswith(" |") or (tail.strip() and node.style == "") or not line.rstrip().endswith((":", "-")):
        return sheet.replaced(node.start, node.end, emit.scalar(value) + header_comment(sheet.text, node))
    lines = [header[1:] + header_comment(sheet.text, node), *emit.below(value, indent)]
    return sheet.replaced(node.start, sheet.after_line(node.end), sheet.joined(lines))


def _insert_key(sheet: Sheet, parent: Map, name: str, step: Put) -> str:
    before = _predecessor(parent, name, step.order)
    if parent.flow:
        return _insert_flow_pair(sheet, parent, name, step.value, before)
    if not parent.pairs:
        return sheet.text + sheet.joined(emit.entry(name, step.value))
    first = next(iter(parent.pairs.values()))[0]
    indent = sheet.column(first.start)
    if before is not None:
        at = _after_entry(sheet, parent.pairs[before][1])
        return sheet.replaced(at, at, _entry(sheet, at, name, step.value, indent))
    if parent is sheet.root and not indent:
        # Comments that an empty line parts from the first key are about all of it, and stay on top.
        at = max((each.end() for each in _EMPTY_LINE.finditer(sheet.text, 0, first.start)), default=0)
        return sheet.replaced(at, at, _entry(sheet, at, name, step.value, 0))
    lines = sheet.joined(emit.entry(name, step.value, indent))[indent:]
    return sheet.replaced(first.start, first.start, lines + " " * indent)


def _entry(sheet: Sheet, at: int, name: str, value: Any, indent: int) -> str:
    """The lines of a new entry that is to stand at ``at``; on one where it would take an indented comment along."""
    takes = emit.is_block(value) and _INDENTED_COMMENT.match(sheet.text, at)
    if takes or _would_swallow(sheet, at, value, indent):
        return sheet.joined([f"{' ' * indent}{emit.key(name)}: {emit.inline(value)}"])
    return sheet.joined(emit.entry(name, value, indent))


def _would_swallow(sheet: Sheet, at: int, value: Any, indent: int) -> bool:
    """Whether a value that ends in a literal text would take what stands at ``at`` for more of it.

    So it goes with an indented comment, and with a blank line where the literal keeps them.
    """
    while emit.is_block(value):
        value = list(value.values())[-1] if isinstance(value, Mapping) else value[-1]
    if not emit.head(value).startswith(" |"):
        return False
    blank = _BLANK_LINES.match(sheet.text, at)
    below = blank.end() if blank else at
    comment = _INDENTED_COMMENT.match(sheet.text, below)
    return (below > at and value.endswith("\n\n")) or (comment is not None and len(comment[1]) >= indent + 2)


def _predecessor(parent: Map, name: str, order: Sequence[str]) -> str | None:
    """The present key that the new one goes after: the nearest before it in canonical order."""
    if name not in order:
        return next(reversed(parent.pairs), None)
    place = order.index(name)
    return next((each for each in reversed(order[:place]) if each in parent.pairs), None)


def _after_entry(sheet: Sheet, value: Node) -> int:
    """The line after an entry and the indented comments that close it."""
    after = sheet.after_line(value.end)
    found = _INDENTED_COMMENTS.match(sheet.text, after)
    return found.end() if found and isinstance(value, (Seq, Map)) and not value.flow else after


def _insert_flow_pair(sheet: Sheet, parent: Map, name: str, value: Any, before: str | None) -> str:
    pair = emit.inline({name: value})[1:-1]
    if before is not None:
        at = parent.pairs[before][1].end
        return sheet.replaced(at, at, f", {pair}")
    first = next(iter(parent.pairs.values()), None)
    if first is None:
        return sheet.replaced(parent.start + 1, parent.start + 1, pair)
    return sheet.replaced(first[0].start, first[0].start, f"{pair}, ")


def _replace_value(sheet: Sheet, parent: Map, name: str, value: Any) -> str:
    """Another kind of value for a key that stays where it is, with the comment beside it."""
    key, node = parent.pairs[name]
    if parent.flow:
        _keep_comments(sheet, node)
        text = emit.inline({"_": value})[4:-1]
        return sheet.replaced(
            node.start, node.end, text if sheet.text[node.start - 1 : node.start] != ":" else f" {text}"
        )
    colon = sheet.text.index(":", key.end) + 1
    bare = _without_value(sheet, colon, node)
    indent = sheet.column(key.start)
    at = bare.after_line(colon)
    if _would_swallow(bare, at, value, indent):
        return bare.replaced(colon, colon, f" {emit.inline(value)}")
    text = bare.replaced(at, at, sheet.joined(emit.below(value, indent)))
    return text[:colon] + emit.head(value) + text[colon:]


def _without_value(sheet: Sheet, colon: int, node: Node) -> Sheet:
    """The sheet with nothing but the key left of an entry; comments that would go with the value stop it."""
    on_key_line = sheet.after_line(colon) > node.start
    if isinstance(node, Scalar) and node.is_empty:
        return sheet
    if on_key_line and isinstance(node, Scalar) and (beside := header_comment(sheet.text, node)):
        return Sheet(sheet.replaced(colon, node.end, beside), sheet.root, sheet.eol)
    end = node.end if on_key_line else sheet.after_line(node.end)
    if has_comment(sheet.text[colon:end], node, colon):
        raise NoSpliceError
    if on_key_line:
        return Sheet(sheet.replaced(colon, node.end, ""), sheet.root, sheet.eol)
    start, end = sheet.after_line(colon), sheet.after_line(node.end)
    return Sheet(sheet.replaced(start, end, ""), sheet.root, sheet.eol)


def _keep_comments(sheet: Sheet, node: Node) -> None:
    if has_comment(sheet.text[node.start : node.end], node, node.start):
        raise NoSpliceError


def _remove(sheet: Sheet, step: Remove) -> str:
    *above, last = step.path
    parent = sheet.at(tuple(above))
    if isinstance(parent, Map) and isinstance(last, str):
        names = list(parent.pairs)
        parts = [(key.start, value.end) for key, value in parent.pairs.values()]
        nodes = list(parent.values())
        place = names.index(last)
    elif isinstance(parent, Seq) and isinstance(last, int):
        parts = [(item_start(sheet, parent, item), item.end) for item in parent.items]
        nodes = parent.items
        place = last
    else:
        raise AssertionError(f"nothing at {step.path}")
    if parent.flow:
        return _cut_flow(sheet, parts, place)
    return _cut_block(sheet, parts, place, nodes[place - 1] if place else None)


def item_start(sheet: Sheet, parent: Seq, item: Node) -> int:
    """Where an item begins, its dash included."""
    if parent.flow:
        return item.start
    dash = sheet.text.rfind("-", 0, item.start)
    if sheet.text[dash + 1 : item.start].strip():
        raise NoSpliceError
    return dash


def _cut_block(sheet: Sheet, parts: Sequence[tuple[int, int]], place: int, before: Node | None) -> str:
    start, end = parts[place]
    line = sheet.line_start(start)
    if not sheet.text[line:start].strip():
        after = sheet.after_line(end)
        return _cut_below(sheet, line, after, sheet.text[line:start], before)
    # The first key of a map in a list stands behind the dash: the next one takes its place.
    if place + 1 == len(parts):
        raise NoSpliceError
    return sheet.replaced(start, parts[place + 1][0], "")


def _cut_below(sheet: Sheet, start: int, end: int, indent: str, before: Node | None) -> str:
    """The text without these lines; an indented comment after them must not become text of a literal above them."""
    literal = next(reversed(scalars(before)), None) if before else None
    blank = _BLANK_LINES.match(sheet.text, end)
    comment = _INDENTED_COMMENT.match(sheet.text, blank.end() if blank else end)
    if not literal or literal.style not in ("|", ">") or sheet.text[literal.end : start].strip() or not comment:
        return sheet.replaced(start, end, "")
    header, *lines = sheet.text[literal.start : literal.end].split("\n")
    indents = [len(line) - len(line.lstrip(" ")) for line in lines if line.strip()]
    least = 0 if re.match(r"[|>][-+]?[0-9]", header) else min(indents, default=0)
    kept = comment[1] if len(comment[1]) < least else indent
    return sheet.text[:start] + sheet.text[end : comment.start()] + kept + sheet.text[comment.end(1) :]


def _cut_flow(sheet: Sheet, parts: Sequence[tuple[int, int]], place: int) -> str:
    start, end = parts[place]
    line = sheet.line_start(start)
    after = sheet.after_line(end)
    if not sheet.text[line:start].strip() and re.fullmatch(r",?[ ]*(?:#.*)?\r?\n", sheet.text[end:after]):
        return sheet.replaced(line, after, "")
    if place + 1 < len(parts):
        return sheet.replaced(start, parts[place + 1][0], "")
    before = parts[place - 1][1] if place else start
    # The comma before the last item may be followed by a comment on the item before: then the comma stays as well.
    return sheet.replaced(start if "#" in sheet.text[before:start] else before, end, "")


def _add(sheet: Sheet, step: Add) -> str:
    node = sheet.at(step.path)
    if isinstance(node, Scalar):
        return _list_from_scalar(sheet, node, step)
    if not isinstance(node, Seq):
        raise AssertionError(f"no list at {step.path}")
    style = _common_style(node)
    if node.flow:
        return _add_to_flow(sheet, node, step, style)
    start = item_start(sheet, node, node.items[0])
    indent = sheet.column(start)
    if sheet.text[start - indent : start].strip():
        raise NoSpliceError
    if style and isinstance(step.value, str):
        lines = [f"{' ' * indent}- {emit.scalar(step.value, style=style)}"]
    else:
        lines = _item_lines(sheet, node, step.value, indent)
    at = sheet.after_line(node.items[step.place - 1].end) if step.place else start - indent
    if _would_swallow(sheet, at, step.value, indent):
        lines = [f"{' ' * indent}- {emit.inline(step.value)}"]
    return sheet.replaced(at, at, sheet.joined(lines))


def _item_lines(sheet: Sheet, node: Seq, value: Any, indent: int) -> list[str]:
    """An item's lines with as many spaces after the dash as the first item has."""
    lines = emit.item(value, indent)
    gap = node.items[0].start - item_start(sheet, node, node.items[0]) - 1
    if len(lines) == 1 and 1 <= gap <= 8:
        return [f"{' ' * indent}-{' ' * gap}{lines[0][indent + 2 :]}"]
    return lines


def _common_style(node: Seq) -> str:
    """The quotes that every item of a list has; empty when they differ."""
    styles = {item.style if isinstance(item, Scalar) else "" for item in node.items}
    style = styles.pop() if len(styles) == 1 else ""
    return style if style in ("'", '"') else ""


def _add_to_flow(sheet: Sheet, node: Seq, step: Add, style: str) -> str:
    text = emit.in_flow(step.value, style=style)
    if not node.items:
        return sheet.replaced(node.start + 1, node.start + 1, text)
    between = sheet.text[node.items[0].end : node.items[1].start] if len(node.items) > 1 else ""
    separator = between if _SEPARATOR.fullmatch(between) else ", "
    if step.place < len(node.items):
        start = node.items[step.place].start
        line = sheet.line_start(start)
        if not sheet.text[line:start].strip():
            return sheet.replaced(line, line, sheet.text[line:start] + text + "," + sheet.eol)
    if step.place:
        at = node.items[step.place - 1].end
        return sheet.replaced(at, at, separator + text)
    return sheet.replaced(node.items[0].start, node.items[0].start, text + separator)


def _list_from_scalar(sheet: Sheet, node: Scalar, step: Add) -> str:
    """`labels: one` becomes `labels: [one, two]`: still one line."""
    if node.is_empty or node.style in ("|", ">"):
        raise NoSpliceError
    written = sheet.text[node.start : node.end] if node.style else emit.scalar(node.text, flow=True)
    items = [written]
    items.insert(step.place, emit.in_flow(step.value, style=node.style))
    return sheet.replaced(node.start, node.end, f"[{', '.join(items)}]")


def _replace_item(sheet: Sheet, parent: Seq, place: int, value: Any) -> str:
    item = parent.items[place]
    if parent.flow:
        _keep_comments(sheet, item)
        return sheet.replaced(item.start, item.end, emit.in_flow(value))
    start = item_start(sheet, parent, item)
    indent = sheet.column(start)
    whole = sheet.text[start : sheet.after_line(item.end)]
    if sheet.text[start - indent : start].strip() or has_comment(whole, item, start):
        raise NoSpliceError
    end = sheet.after_line(item.end)
    swallows = _would_swallow(sheet, end, value, indent)
    lines = [f"{' ' * indent}- {emit.inline(value)}"] if swallows else emit.item(value, indent)
    return sheet.replaced(start - indent, end, sheet.joined(lines))


def _arrange(sheet: Sheet, step: Arrange) -> str:
    node = sheet.at(step.path)
    if not isinstance(node, Seq):
        raise AssertionError(f"no list at {step.path}")
    if node.flow:
        starts = [item.start for item in node.items]
        pieces = [sheet.text[item.start : item.end] for item in node.items]
        gaps = [sheet.text[item.end : start] for item, start in zip(node.items, starts[1:], strict=False)]
        ordered = [pieces[place] for place in step.order]
        text = ordered[0] + "".join(gap + piece for gap, piece in zip(gaps, ordered[1:], strict=True))
        return sheet.replaced(starts[0], node.items[-1].end, text)
    # Comment lines above an item go with it.
    bounds = [sheet.line_start(item_start(sheet, node, node.items[0]))]
    bounds += [sheet.after_line(item.end) for item in node.items]
    blocks = [sheet.text[start:end] for start, end in pairwise(bounds)]
    return sheet.replaced(bounds[0], bounds[-1], "".join(blocks[place] for place in step.order))


_STEPS: Final[dict[type[Any], Callable[[Sheet, Any], str]]] = {
    Put: _put,
    Remove: _remove,
    Add: _add,
    Arrange: _arrange,
}
