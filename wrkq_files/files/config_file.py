"""Reading ``wrkq.yaml``: what every command does, so nothing that writes is imported here."""

from __future__ import annotations

from typing import Final

from wrkq_files.errors import WrkqError
from wrkq_files.files import light_schema, split, typed
from wrkq_files.files.documents import read_nodes
from wrkq_files.files.nodes import Map, Unreadable
from wrkq_files.files.schema import load_schema
from wrkq_files.model.config import Config, from_mapping
from wrkq_files.model.finding import Finding
from wrkq_files.model.rules import RULES

#: The version of the files that this program reads and writes.
FORMAT: Final = 1


def read_config(data: bytes, path: str) -> tuple[Config, tuple[Finding, ...]]:
    """The settings and what is wrong with them; settings that do not fit have their defaults.

    Raises :class:`WrkqError` ``format`` for a file of a newer format than this program knows.
    """
    text = ""
    try:
        text = text_of(data)
        root = read_nodes(text)
    except Unreadable as trouble:
        shown = data.decode("utf-8", "replace").removeprefix(split.BOM)
        return Config(), (_finding(trouble.rule, path, shown, trouble.offset, trouble.message, trouble.allowed),)
    _check_format(root, path)
    findings: list[Finding] = []

    def report(offset: int, message: str, allowed: str) -> None:
        findings.append(_finding("config", path, text, offset, message, allowed))

    raw = light_schema.read(root, load_schema("config"), report)
    return from_mapping(raw if isinstance(raw, dict) else {}), tuple(findings)


def text_of(data: bytes) -> str:
    """The file's text with a line end at its end. Raises :class:`Unreadable`."""
    try:
        text = data.decode().removeprefix(split.BOM)
    except UnicodeDecodeError as error:
        raise Unreadable("bad-utf8", len(data[: error.start].decode()), "the settings are not UTF-8") from None
    if "<<<<<<< " in text and (place := split.conflict(text)) is not None:
        raise Unreadable("conflict-markers", place, "a merge was left unfinished here")
    if len(data) > split.MAX_FRONTMATTER:
        raise Unreadable("too-large", 0, f"the settings have {len(data)} bytes")
    if bad := split.CONTROL.search(text):
        raise Unreadable("control-characters", bad.start(), f"the settings hold U+{ord(bad[0]):04X}")
    return text if not text or text.endswith("\n") else text + "\n"


def _check_format(root: Map, path: str) -> None:
    pair = root.pairs.get("format")
    found = typed.plain_value(pair[1]) if pair else None
    if isinstance(found, int) and not isinstance(found, bool) and found > FORMAT:
        message = f"{path} is of format {found}; this program knows formats up to {FORMAT}"
        raise WrkqError("format", message, hint="pip install --upgrade wrkq-files", details={"format": found})


def _finding(rule: str, path: str, text: str, offset: int, message: str, allowed: str) -> Finding:
    line, column = split.place(text, offset)
    return Finding(rule, path, message, line, column, allowed, RULES[rule].remedy)
