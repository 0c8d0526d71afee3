"""From values to YAML text: quoted only where YAML would read something else, never folded."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from wrkq_files.errors import WrkqError
from wrkq_files.files import plain
from wrkq_files.files.split import CONTROL
from wrkq_files.model import values

_PLAIN: Final = re.compile(plain.PLAIN)
_FLOW_PLAIN: Final = re.compile(
    r"[^\s\-?:,\[\]{}#&*!|>'\"%@`=][^\s:,\[\]{}]*+(?:(?:[ ]++(?!#)|:)(?=[^\s,\[\]{}])[^\s:,\[\]{}]*+)*+"
)
_PLAIN_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,99}")
#: Line breaks to some YAML readers; only escapes keep them apart from a line's end.
_BREAKS: Final = re.compile("[\n\x85\u2028\u2029]")
_ESCAPES: Final = {"\x85": "\\N", "\u2028": "\\L", "\u2029": "\\P"}
#: Line ends to some readers: a literal block cannot hold them as text.
_LITERAL_BAD: Final = re.compile("[\x85\u2028\u2029]")


def scalar(value: Any, *, flow: bool = False, style: str = "") -> str:
    """One value on one line; ``style`` is the quoting to keep where the value allows it.

    Raises :class:`WrkqError` for text that YAML cannot hold.
    """
    if not isinstance(value, str):
        return _literal(value)
    check_text(value)
    if _BREAKS.search(value):
        return _double(value)
    if style == '"':
        return _double(value)
    if style == "'" or not is_plain(value, flow=flow):
        return "'" + value.replace("'", "''") + "'"
    return value


def is_plain(text: str, *, flow: bool = False) -> bool:
    """Whether the text may stand unquoted and is read back as this text."""
    pattern = _FLOW_PLAIN if flow else _PLAIN
    return pattern.fullmatch(text) is not None and values.is_core_text(text) and text != "<<"


def key(name: str, *, flow: bool = False) -> str:
    return name if _PLAIN_KEY.fullmatch(name) and values.is_core_text(name) else scalar(name, flow=flow)


def check_text(text: str) -> None:
    """Raises :class:`WrkqError` for characters that frontmatter cannot hold."""
    if bad := CONTROL.search(text) or re.search("\r", text):
        raise WrkqError(
            "validation",
            f"the value holds the control character U+{ord(bad[0]):04X}",
            hint="remove it; put text as it came into the body or an attachment",
        )
    if any("\ud800" <= each <= "\udfff" for each in text):
        raise WrkqError("validation", "the value holds half a surrogate pair", hint="remove it")


def is_block(value: Any) -> bool:
    """Whether a value is written on lines of its own below its key."""
    return isinstance(value, (list, tuple, dict)) and bool(value)


def inline(value: Any, *, style: str = "") -> str:
    """A value on its key's line: a scalar, or a list or map in brackets."""
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(in_flow(item) for item in value) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key(name, flow=True)}: {in_flow(item)}" for name, item in value.items()) + "}"
    return scalar(value, style=style)


def in_flow(value: Any, *, style: str = "") -> str:
    """A value as it stands in brackets."""
    return inline(value) if isinstance(value, (list, tuple, Mapping)) else scalar(value, flow=True, style=style)


def entry(name: str, value: Any, indent: int = 0) -> list[str]:
    """The lines of ``key: value`` in canonical style, without line ends."""
    return [f"{' ' * indent}{key(name)}:{head(value)}", *below(value, indent)]


def head(value: Any) -> str:
    """What follows a key's colon or an item's dash on its line, a space first; empty for a block."""
    if isinstance(value, str) and "\n" in value and (header := _literal_header(value)):
        return f" {header}"
    return "" if is_block(value) else f" {inline(value)}"


def below(value: Any, indent: int) -> list[str]:
    """The lines below a key at ``indent``: a block's, or a literal text's."""
    inner = indent + 2
    if isinstance(value, Mapping):
        return [line for name, child in value.items() for line in entry(name, child, inner)]
    if isinstance(value, (list, tuple)):
        return [line for child in value for line in item(child, inner)]
    if isinstance(value, str) and "\n" in value and _literal_header(value):
        text = value[:-1] if value.endswith("\n") else value
        return [f"{' ' * inner}{line}" if line else "" for line in text.split("\n")]
    return []


def item(value: Any, indent: int) -> list[str]:
    """The lines of ``- value`` in canonical style."""
    pad = " " * indent
    if isinstance(value, Mapping) and value:
        lines = [line for name, child in value.items() for line in entry(name, child, indent + 2)]
        return [f"{pad}- {lines[0][indent + 2 :]}", *lines[1:]]
    if is_block(value):
        return [f"{pad}- {inline(value)}"]
    return [f"{pad}-{head(value)}", *below(value, indent)]


def document(fields: Iterable[tuple[str, Any]], body: str) -> str:
    """A whole file: frontmatter in the order given, a blank line, the body with one final newline."""
    lines = ["---", *(line for name, value in fields for line in entry(name, value)), "---", ""]
    text = body.rstrip("\n")
    return "\n".join(lines) + (f"\n{text}\n" if text else "")


def _literal(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    raise AssertionError(f"no YAML for {type(value).__name__}")


def _double(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    return _BREAKS.sub(lambda found: _ESCAPES.get(found[0], found[0]), quoted)


def _literal_header(text: str) -> str:
    """The header of a literal block that holds the text; empty where only quotes can."""
    check_text(text)
    if _LITERAL_BAD.search(text) or not text.strip("\n "):
        return ""
    # An indentation indicator is due when the first line's own spaces would be taken for the block's.
    indicator = "2" if text[0] in " \n\t" else ""
    chomp = "-" if not text.endswith("\n") else "+" if text.endswith("\n\n") else ""
    return f"|{indicator}{chomp}"
