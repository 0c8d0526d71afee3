"""From libyaml's words for a syntax error to words for the person who typed the line."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from wrkq_files.model.fields import FIELDS

_ENTRY: Final = re.compile(r"(?P<lead>\s*(?:- +)*(?:[^\s:#'\"\[{][^:\n]*?:[ \t]+)?)(?P<value>\S.*?)?\s*$")
_QUOTED_ENTRY: Final = re.compile(r"(?P<lead>\s*(?:\"[^\"\n]*\"|'[^'\n]*'):[ \t]+)(?P<value>\S.*?)\s*$")
_INDICATORS: Final = "@`%*&!|>,?]}-[{\"'"
_CLOSERS: Final = {"[": "]", "{": "}"}
#: What a merge leaves behind when only some of its markers were removed.
_MARKER: Final = re.compile(r"^(?:<{7}|\|{7}|={7}|>{7})(?=[ \r]|$)", re.MULTILINE)
_HAS_KEY: Final = re.compile(
    r"\s*(?:-(?:\s|$)|#|\"[^\"]*\":|'[^']*':|[^\s:][^:]*:(?:\s|$)|[^\s:]+(?::[^\s:]+)+:(?:\s|$))"
)
#: A key with the wrong thing after it: `title=x`, `title:x`, a no-break space after the colon.
_NEARLY: Final = re.compile(r"(?P<key>[A-Za-z_][\w-]*)(?P<gap>:|:\u00a0+|[ \t]*=[ \t]*)(?P<value>[^\s:=/].*)$")
_PEOPLE: Final = frozenset({"assignee", "reviewer", "owner", "author", "created_by", "default_actor"})
_SMART: Final = ("“”", "„“", "‘’", "‚‘", "«»")
#: A longer line is not printed a second time.
_LONGEST: Final = 160


class Advice(NamedTuple):
    """What is wrong in words, where (an offset), and what to type instead (may be empty)."""

    message: str
    offset: int
    remedy: str


def explain(text: str, offset: int, problem: str, begun: int | None) -> Advice:
    """``begun``: where the construct began that libyaml was reading, when it says so."""
    if marker := _MARKER.search(text):
        message = f"`{marker[0]}` is left over from a merge"
        return Advice(message, marker.start(), "choose a side, and remove the marker")
    if "unexpected end of stream" in problem and begun is not None:
        quote = text[begun : begun + 1]
        return Advice(f"the quote `{quote}` is never closed", begun, f"close it: {_line(text, begun).strip()}{quote}")
    start = _start(text, offset)
    line = _line(text, start)
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return Advice("a tab indents the line; YAML allows spaces only", start, "indent with spaces")
    if "unknown escape" in problem:
        return _about_escape(text, offset)
    if "',' or" in problem and begun is not None and (advice := _about_flow(text, begun)):
        return advice
    if advice := _about_layout(text, offset, problem, begun):
        return advice
    entry = _QUOTED_ENTRY.match(line) or _ENTRY.match(line)
    value = entry["value"] if entry and entry["lead"].strip() else None
    if entry and value and offset >= start:
        return _about_value(entry["lead"].lstrip(), value, start + entry.start("value"), offset, problem)
    return Advice(f"this is not YAML: {problem}", offset, "quote the value, or mend the indentation")


def keyless(text: str, offset: int) -> Advice | None:
    """What is wrong with a line that should be ``key: value`` and is not; None when nothing can be said."""
    start = _start(text, offset)
    line = _line(text, start)
    at = start + len(line) - len(line.lstrip())
    if found := _NEARLY.match(line.strip()):
        after = {":": "a space is missing after", "=": "`=` stands for the `:` of"}.get(found["gap"].strip(" \t"))
        message = f"{after or 'a no-break space follows'} `{found['key']}`"
        return Advice(message, at + found.start("gap"), _shown(f"write `{found['key']}: {found['value']}`"))
    return None


def quote_rest(text: str, offset: int) -> str:
    """How to quote the value at an offset, with its key where it has the line for itself."""
    start = _start(text, offset)
    entry = _ENTRY.match(_line(text, start))
    if not entry or not entry["lead"].strip() or start + entry.start("value") != offset:
        return "quote it"
    return _shown(f"quote it: {entry['lead'].lstrip()}{_quoted(entry['value'])}", "quote it")


def _start(text: str, offset: int) -> int:
    return text.rfind("\n", 0, offset) + 1


def _line(text: str, offset: int) -> str:
    """The line from an offset on."""
    end = text.find("\n", offset)
    return text[offset : end if end >= 0 else len(text)].rstrip("\r")


def _shown(remedy: str, otherwise: str = "quote the value") -> str:
    return remedy if len(remedy) <= _LONGEST else otherwise


def _quoted(value: str) -> str:
    """The value between quotes that need no escapes, if any do."""
    for pair in _SMART:
        if len(value) > 2 and value[0] == pair[0] and value[-1] == pair[1]:
            value = value[1:-1]
    if re.fullmatch(r"'(?:[^'\"\\]|(?<=\w)'(?=\w))*'", value) and len(value) > 2:
        value = value[1:-1]
    if "'" in value and '"' not in value and "\\" not in value:
        return f'"{value}"'
    return "'" + value.replace("'", "''") + "'"


def _about_escape(text: str, offset: int) -> Advice:
    escape = text[offset : offset + 1]
    at = offset - 1 if escape != "\\" else offset
    opening = text.rfind('"', 0, at)
    value = _line(text, opening).strip()
    inner = value[1:-1] if value.endswith('"') and len(value) > 1 else ""
    remedy = "write each `\\` twice"
    if inner and "'" not in inner and '"' not in inner:
        line = _line(text, _start(text, opening)).strip()
        remedy = _shown(f"quote it: {line.replace(value, _quoted(inner))}", remedy)
    return Advice(f"`{text[at : at + 2].strip()}` is no escape between double quotes", at, remedy)


def _about_flow(text: str, begun: int) -> Advice | None:
    """A bracket that its own line does not close."""
    opening, rest = text[begun : begun + 1], _line(text, begun)
    closer = _CLOSERS.get(opening, "")
    if not closer or closer in rest:
        return None
    whole = rest.partition(" #")[0].rstrip(", \t")
    return Advice(f"the `{opening}` is never closed", begun, _shown(f"close it: {whole}{closer}", f"add `{closer}`"))


def _about_layout(text: str, offset: int, problem: str, begun: int | None) -> Advice | None:
    """What is wrong with how the lines follow each other."""
    if text[offset : offset + 1] == "," and "expected key" in problem:
        line = _line(text, _start(text, offset)).strip()
        remedy = _shown(f"write `{line[:-1]}`", "remove it") if line.endswith(",") else "remove it"
        return Advice("a comma ends the value; YAML has none between lines", offset, remedy)
    if "could not find expected ':'" in problem and begun is not None:
        return keyless(text, begun) or _no_key(text, begun)
    start = _start(text, offset)
    if "mapping values" not in problem or ":" in text[start:offset] or not start:
        return None
    # It is the line's own key that may not stand here: something is wrong with the indentation, or above.
    line, above = _line(text, start), _start(text, start - 1)
    while above and not _line(text, above).strip():
        above = _start(text, above - 1)
    if not _HAS_KEY.match(_line(text, above)):
        return keyless(text, above) or _no_key(text, above)
    if _indent(line) > _indent(_line(text, above)):
        at = start + _indent(line)
        return Advice(
            "the line is indented more than the one above it", at, _shown(f"write `{line.strip()}` below it")
        )
    return None


def _no_key(text: str, offset: int) -> Advice:
    start = _start(text, offset)
    line = _line(text, start)
    at = start + _indent(line)
    word, _, rest = line.strip().partition(" ")
    if rest and any(word in fields for fields in FIELDS.values()):
        return Advice(f"a `:` is missing after `{word}`", at + len(word), _shown(f"write `{word}: {rest.strip()}`"))
    return Advice(
        "this line is no `key: value`", at, "indent it when it goes on with the value above, else remove it"
    )


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _about_value(lead: str, value: str, at: int, offset: int, problem: str) -> Advice:
    quote_it = _shown(f"quote it: {lead}{_quoted(value)}")
    if "',' or" in problem:
        return Advice("a comma or a bracket is missing", offset, f"mend the brackets, or {quote_it}")
    if value[0] in "[{" and offset > at and "cannot start any token" in problem:
        return _about_item(lead, value, at, offset)
    if value[0] in _INDICATORS:
        return _about_beginning(lead, value, at, offset, problem)
    if ": " in value or value.endswith(":"):
        how = "hold `: `" if ": " in value else "end with `:`"
        return Advice(f"a value without quotes cannot {how}", offset, quote_it)
    return Advice(f"this is not YAML: {problem}", offset, f"{quote_it}, or mend the indentation")


def _about_item(lead: str, value: str, at: int, offset: int) -> Advice:
    """One item of a list in brackets that has to be quoted."""
    rest = value[offset - at :]
    item = re.split(r"[,\]}]", rest, maxsplit=1)[0].rstrip() or rest[0]
    mended = f"{value[: offset - at]}{_quoted(item)}{rest[len(item) :]}"
    return Advice(_cannot_begin(rest[0]), offset, _shown(f"quote it: {lead}{mended}", "quote it"))


def _about_beginning(lead: str, value: str, at: int, offset: int, problem: str) -> Advice:
    quote_it = _shown(f"quote it: {lead}{_quoted(value)}")
    first, closer = value[0], _CLOSERS.get(value[0], value[0])
    if first in "[{" and value[-1] == closer:
        return Advice(f"this is not YAML: {problem}", offset, f"mend the brackets, or {quote_it}")
    if first in "[{\"'":
        return Advice(f"text follows the closing `{closer}`", at, quote_it)
    if value.startswith("- "):
        return Advice("a list cannot begin on its key's line", at, quote_it)
    if first == "@" and lead.partition(":")[0] in _PEOPLE:
        return Advice(_cannot_begin(first), at, f"write `{lead}{value[1:]}`")
    return Advice(_cannot_begin(first), at, quote_it)


def _cannot_begin(character: str) -> str:
    shown = "a backtick" if character == "`" else f"`{character}`"
    return f"a value without quotes cannot begin with {shown}"
