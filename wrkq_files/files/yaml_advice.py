"""From libyaml's words for a syntax error to words for the person who typed the line."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_ENTRY: Final = re.compile(r"(?P<lead>\s*(?:- +)*(?:[^\s:#'\"\[{][^:\n]*?:[ \t]+)?)(?P<value>\S.*?)?\s*$")
_INDICATORS: Final = "@`%*&!|>,?]}-[{\"'"


class Advice(NamedTuple):
    """What is wrong in words, where (an offset), and what to type instead (may be empty)."""

    message: str
    offset: int
    remedy: str


def explain(text: str, offset: int, problem: str, begun: int | None) -> Advice:
    """``begun``: where the construct began that libyaml was reading, when it says so."""
    if "unexpected end of stream" in problem and begun is not None:
        offset = begun
        return Advice(f"the quote {text[offset : offset + 1]} is never closed", offset, "close the quote")
    start = text.rfind("\n", 0, offset) + 1
    line = text[start : text.find("\n", offset) if "\n" in text[offset:] else len(text)].rstrip("\r")
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return Advice("a tab indents the line; YAML allows spaces only", start, "indent with spaces")
    entry = _ENTRY.match(line)
    value = entry["value"] if entry and entry["lead"].strip() else None
    if entry and value and offset >= start:
        return _about_value(value, start + entry.start("value"), offset, problem)
    if "flow" in problem or "',' or" in problem:
        return Advice("a `[` or `{` is never closed", offset if begun is None else begun, "close the bracket")
    return Advice(f"this is not YAML: {problem}", offset, "quote the value, or mend the indentation")


def _about_value(value: str, at: int, offset: int, problem: str) -> Advice:
    quoted = "'" + value.replace("'", "''") + "'"
    if "',' or" in problem:
        return Advice(
            "a `[` or `{` is never closed",
            at if value[0] in "[{" else offset,
            f"close it, or quote the value: {quoted}",
        )
    if value[0] in _INDICATORS:
        what = f"`{value[0]}` cannot begin a plain value"
        if value[0] in "[{" and value[-1] in "]}":
            return Advice(f"this is not YAML: {problem}", offset, f"mend the brackets, or quote the value: {quoted}")
        if value[0] in "[{\"'":
            what = f"text follows the closing `{ {'[': ']', '{': '}'}.get(value[0], value[0]) }`"
        elif value.startswith("- "):
            what = "a list cannot begin on its key's line"
        return Advice(f"{what}; quote it: {quoted}", at, f"quote it: {quoted}")
    if ": " in value or value.endswith(":"):
        return Advice("a value holds `: `; quote it", offset, f"quote it: {quoted}")
    return Advice(f"this is not YAML: {problem}", offset, f"quote the value: {quoted}, or mend the indentation")
