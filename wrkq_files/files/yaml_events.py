"""The YAML reader: libyaml's event stream, turned into nodes.

Events and not ``yaml.compose``: the composer recurses in C and crashes the process on deep nesting, loses anchors
that are never used, and lets duplicate keys pass.
"""

from __future__ import annotations

import re
from typing import Any, Final

from yaml import YAMLError
from yaml._yaml import CParser

from wrkq_files.files import yaml_advice
from wrkq_files.files.nodes import Map, Node, Scalar, Seq, Unreadable
from wrkq_files.files.split import CONTROL

MAX_DEPTH: Final = 50
#: Line breaks in YAML 1.1 (which libyaml speaks), ordinary characters in 1.2 and in every editor.
_BREAKS: Final = "\x85\u2028\u2029"
_NO_YAML: Final = "yaml-syntax"
_NO_DIRECTIVES: Final = "YAML directives (`%`) are not allowed"
_WRITE_OUT: Final = "write the value out"


def read(text: str) -> Map:
    """The map that frontmatter says. Raises :class:`Unreadable` with the offset in ``text``."""
    masked, unmask = _masked(text)
    return _Builder(masked, unmask).build()


def _masked(text: str) -> tuple[str, dict[int, str]]:
    """The text with characters that only YAML 1.1 takes for line breaks replaced, one for one; and the way back."""
    present = [each for each in _BREAKS if each in text]
    if not present:
        return text, {}
    lower = text.lower()
    spare = (chr(code) for code in range(0xE000, 0xF8FF) if chr(code) not in text and f"{code:x}" not in lower)
    stand_ins = {ord(each): next(spare) for each in present}
    return text.translate(stand_ins), {ord(mark): chr(code) for code, mark in stand_ins.items()}


class _Builder:
    """Builds nodes from events with a stack of its own, so that depth costs no recursion."""

    def __init__(self, text: str, unmask: dict[int, str]) -> None:
        self.text = text
        self.unmask = unmask
        self.stack: list[Map | Seq] = []
        self.keys: list[Scalar | None] = []
        self.root: Node | None = None
        self.documents = 0

    def build(self) -> Map:
        parser = CParser(self.text)
        try:
            while (event := parser.get_event()) is not None:
                _HANDLERS[type(event).__name__](self, event)
        except YAMLError as error:
            if "nesting depth" in str(error):  # the scanner's own limit (PyYAML 6.0.4), before an event comes
                raise _too_deep(error.problem_mark.index) from None  # type: ignore[attr-defined]
            raise self._syntax(error) from None
        finally:
            parser.dispose()
        if self.root is None or (isinstance(self.root, Scalar) and self.root.is_empty):
            return Map({}, False, 0, 0)
        if not isinstance(self.root, Map):
            advice = yaml_advice.keyless(self.text, self.root.start) if isinstance(self.root, Scalar) else None
            if advice:
                raise Unreadable("not-a-mapping", advice.offset, advice.message, remedy=advice.remedy)
            raise Unreadable("not-a-mapping", self.root.start, f"the frontmatter is {_word(self.root)}")
        return self.root

    def nothing(self, event: Any) -> None:
        """Stream and document ends say nothing of their own, unless written out."""
        if getattr(event, "explicit", None):
            message = "`...` ends the YAML before the closing `---`"
            raise Unreadable(_NO_YAML, event.start_mark.index, message, remedy="remove the line")

    def document(self, event: Any) -> None:
        self.documents += 1
        if event.version or event.tags or self.text.startswith("%", event.start_mark.index):
            raise Unreadable("yaml-feature", event.start_mark.index, _NO_DIRECTIVES, remedy="remove the line")
        if event.explicit or self.documents > 1:
            at = event.start_mark.index
            message = "this is not the closing line: that is exactly `---`"
            raise Unreadable(_NO_YAML, at, message, remedy="remove what follows `---`, or the whole line")

    def alias(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        message = f"aliases are not allowed (`{self.text[start:end]}`)"
        raise Unreadable(
            "yaml-feature", start, message, remedy=f"{_WRITE_OUT}, or {yaml_advice.quote_rest(self.text, start)}"
        )

    def scalar(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        self._refuse_marks(event)
        text, style = event.value, "" if event.style in (None, "") else event.style
        if self.unmask:
            text = text.translate(self.unmask)
        if style == '"' and "\\" in self.text[start:end] and (bad := CONTROL.search(text) or _lone_return(text)):
            raise Unreadable("control-characters", start, f"the value holds U+{ord(bad[0]):04X}")
        if style in ("|", ">"):
            end = _block_end(self.text, start, end, event.value)
        self._add(Scalar(text, style, start, end))

    def begin(self, event: Any) -> None:
        self._refuse_marks(event)
        start, flow = event.start_mark.index, bool(event.flow_style)
        if len(self.stack) > MAX_DEPTH:
            raise _too_deep(start)
        if self.stack and isinstance(self.stack[-1], Map) and self.keys[-1] is None:
            raise Unreadable("yaml-feature", start, "a key is a list or a map", allowed="a key is one word")
        is_map = type(event).__name__ == "MappingStartEvent"
        self.stack.append(Map({}, flow, start, start) if is_map else Seq([], flow, start, start))
        self.keys.append(None)

    def finish(self, event: Any) -> None:
        self.keys.pop()
        node = self.stack.pop()
        if node.flow:
            node.end = event.end_mark.index
        else:
            last = node.items[-1:] if isinstance(node, Seq) else [list(node.values())[-1]]
            node.end = last[0].end if last else node.start
        self._add(node)

    def _add(self, node: Node) -> None:
        if not self.stack:
            self.root = node
            return
        parent = self.stack[-1]
        if isinstance(parent, Seq):
            parent.items.append(node)
        elif (key := self.keys[-1]) is not None:
            parent.pairs[key.text] = (key, node)
            self.keys[-1] = None
        elif isinstance(node, Scalar):
            self._check_key(parent, node)
            self.keys[-1] = node

    def _check_key(self, parent: Map, key: Scalar) -> None:
        if key.text == "<<" and not key.style:
            raise Unreadable("yaml-feature", key.start, "merge keys (`<<`) are not allowed", remedy=_WRITE_OUT)
        if key.text in parent.pairs:
            line = self.text.count("\n", 0, parent.pairs[key.text][0].start) + 2
            raise Unreadable("duplicate-key", key.start, f"`{key.text}` is given twice: first in line {line}")

    def _refuse_marks(self, event: Any) -> None:
        if event.anchor is not None:
            message, at = f"anchors are not allowed (`&{event.anchor}`)", event.start_mark.index
            remedy = f"remove `&{event.anchor}`, or {yaml_advice.quote_rest(self.text, at)}"
            raise Unreadable("yaml-feature", at, message, remedy=remedy)
        if event.tag is not None:
            message, at = "tags are not allowed (`!…`)", event.start_mark.index
            remedy = f"remove the tag, or {yaml_advice.quote_rest(self.text, at)}"
            raise Unreadable("yaml-feature", at, message, remedy=remedy)

    def _syntax(self, error: YAMLError) -> Unreadable:
        if directive := re.match(r"(?:[ \t]*(?:#.*)?\n)*%", self.text):
            return Unreadable("yaml-feature", directive.end() - 1, _NO_DIRECTIVES, remedy="remove the line")
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        offset = min(mark.index, len(self.text)) if mark is not None else 0
        problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
        begun = getattr(error, "context_mark", None)
        advice = yaml_advice.explain(self.text, offset, problem, begun.index if begun is not None else None)
        return Unreadable(_NO_YAML, advice.offset, advice.message, remedy=advice.remedy)


def _lone_return(text: str) -> re.Match[str] | None:
    """A carriage return that an escape smuggled in; line ends of a file are never part of a value."""
    return re.search("\r", text)


def _block_end(text: str, start: int, end: int, value: str) -> int:
    """The end of a block scalar's own text: trailing blank lines belong to it only with ``+``."""
    if text.endswith("\n", start, end):
        end -= 2 if text.endswith("\r\n", start, end) else 1
    header, *lines = text[start:end].split("\n")
    said = _first_said(value.split("\n"))
    if "+" in header.partition("#")[0]:
        return end
    if said is None:
        return end if " " in value else start + len(header.rstrip())
    # A line of spaces says something when it has more of them than the text is indented by.
    first = _first_said(lines) or ""
    indent = _spaces(first) - _spaces(said)
    while not lines[-1].strip(" \r") and _spaces(lines[-1]) <= indent:
        end -= len(lines.pop()) + 1
    return end - 1 if lines[-1].endswith("\r") and text.startswith("\n", end) else end


def _first_said(lines: list[str]) -> str | None:
    return next((line for line in lines if line.strip(" \r")), None)


def _spaces(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _too_deep(offset: int) -> Unreadable:
    return Unreadable("too-deep", offset, f"values are nested more than {MAX_DEPTH} deep")


def _word(node: Node) -> str:
    return "a list" if isinstance(node, Seq) else "one value"


_HANDLERS: Final = {
    "StreamStartEvent": _Builder.nothing,
    "StreamEndEvent": _Builder.nothing,
    "DocumentStartEvent": _Builder.document,
    "DocumentEndEvent": _Builder.nothing,
    "AliasEvent": _Builder.alias,
    "ScalarEvent": _Builder.scalar,
    "SequenceStartEvent": _Builder.begin,
    "MappingStartEvent": _Builder.begin,
    "SequenceEndEvent": _Builder.finish,
    "MappingEndEvent": _Builder.finish,
}
