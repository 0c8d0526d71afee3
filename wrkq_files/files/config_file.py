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


def read_config(data: bytes, path: str, *, older: bool = False) -> tuple[Config, tuple[Finding, ...]]:
    """The settings and what is wrong with them; settings that do not fit have their defaults.

    Raises :class:`WrkqError` ``format`` for a file of a newer format than this program knows, and of an older one
    unless ``older`` ones are wanted: their documents would be read with other meanings.
    """
    text = ""
    try:
        text = text_of(data)
        root = read_nodes(text)
    except Unreadable as trouble:
        shown = data.decode("utf-8", "replace").removeprefix(split.BOM)
        return Config(), (_finding(trouble.rule, path, shown, trouble.offset, trouble.message, trouble.allowed),)
    number = _checked_format(root, path, older=older)
    if number < FORMAT:
        del root.pairs["format"]  # known to this program, if not to the schema of the present format
    findings: list[Finding] = []

    def report(offset: int, message: str, allowed: str) -> None:
        findings.append(_finding("config", path, text, offset, message, allowed))

    raw = light_schema.read(root, load_schema("config"), report)
    config = from_mapping(raw if isinstance(raw, dict) else {})
    return config if number == FORMAT else config._replace(format=number), tuple(findings)


def format_of(data: bytes) -> int | None:
    """The format that the settings name, whichever it is; None where they name none, or cannot be read."""
    try:
        return _format(read_nodes(text_of(data)))
    except Unreadable:
        return None


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


def _checked_format(root: Map, path: str, *, older: bool) -> int:
    """The format's number; what is no number is left to the schema, and read as the present format."""
    found = _format(root)
    if found is None or found < 0:
        return FORMAT
    details = {"format": found, "known": FORMAT}
    if found > FORMAT:
        message = f"{path} is of format {found}; this program knows formats up to {FORMAT}"
        raise WrkqError("format", message, hint="pip install --upgrade wrkq-files", details=details)
    if found < FORMAT and not older:
        message = f"{path} is of format {found}; this program works with format {FORMAT}"
        raise WrkqError("format", message, hint="wrkqadm migrate (with --dry-run it only shows)", details=details)
    return found


def _format(root: Map) -> int | None:
    """Also ``2.0`` and ``"2"``: a newer program's file must not be taken for ours because of how it is written."""
    pair = root.pairs.get("format")
    found = typed.plain_value(pair[1]) if pair else None
    if isinstance(found, str) and found.strip().isdecimal():
        found = int(found)
    if isinstance(found, float) and found == int(found):
        found = int(found)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _finding(rule: str, path: str, text: str, offset: int, message: str, allowed: str) -> Finding:
    line, column = split.place(text, offset)
    return Finding(rule, path, message, line, column, allowed, RULES[rule].remedy)
