"""Reading and changing ``wrkq.yaml``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from wrkq_files.errors import WrkqError
from wrkq_files.files import emit, light_schema, split, typed
from wrkq_files.files.documents import read_nodes
from wrkq_files.files.nodes import Map, Unreadable
from wrkq_files.files.schema import load_schema
from wrkq_files.model.config import KEYS, Config, from_mapping
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
        text = _text(data)
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


def set_config(data: bytes, key: str, value: Any) -> bytes:
    """The file with one setting changed; ``key`` is dotted (``commit.mode``), None removes it. Comments are kept.

    Raises :class:`WrkqError`: ``unreadable`` for a file that cannot be read, ``validation`` for a value that the
    schema does not allow.
    """
    try:
        root = read_nodes(_text(data))
    except Unreadable as trouble:
        raise WrkqError(
            "unreadable", f"the settings cannot be read: {trouble.message}", hint=trouble.remedy
        ) from None
    old = typed.plain_value(root)
    new = _changed(old, key.split("."), value)
    result = _spliced(data, old, new)
    if result is None:
        result = _round_trip(data, new)
    _validate(result, key, before=data)
    return result


def new_config(
    *,
    base: str | None = None,
    commit_mode: str = "manual",
    ignore: Sequence[str] = (),
    default_actor: str | None = None,
) -> bytes:
    """The text of a new tracker's ``wrkq.yaml``, with a word on each setting."""
    parts = ["# Settings of this tracker; docs/schema.md names them all.", f"format: {FORMAT}"]
    if base is not None:
        parts += ["", "# What is on this branch is agreed; everything else is a proposal.", *emit.entry("base", base)]
    said = {
        "auto": "# Every change becomes a commit at once.",
        "manual": "# Changes are committed by you, together with the code (`wrkq commit` commits the tracker alone).",
    }
    parts += ["", "commit:", f"  {said[commit_mode]}", f"  mode: {commit_mode}"]
    if default_actor is not None:
        parts += ["", "# Who acts when nothing else says so.", *emit.entry("default_actor", default_actor)]
    if ignore:
        parts += ["", "# Folders that are no part of the tracker.", *emit.entry("ignore", tuple(ignore))]
    return ("\n".join(parts) + "\n").encode()


def _text(data: bytes) -> str:
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


def _changed(old: Mapping[str, Any], names: Sequence[str], value: Any) -> dict[str, Any]:
    """The mapping with one key changed; maps that become empty go too."""
    new = dict(old)
    name, rest = names[0], names[1:]
    if rest:
        inner = new.get(name)
        value = _changed(inner if isinstance(inner, Mapping) else {}, rest, value) or None
    if value is None:
        new.pop(name, None)
    else:
        new[name] = value
    return new


def _spliced(data: bytes, old: Mapping[str, Any], new: Mapping[str, Any]) -> bytes | None:
    """The change made to the text itself; None where that cannot be done."""
    from wrkq_files.files import splice, values_diff

    text = data.decode()
    mark = split.BOM if text.startswith(split.BOM) else ""
    body, eol = _text(data), "\r\n" if "\r\n" in text else "\n"
    try:
        for step in values_diff.steps((), old, new, order=KEYS) if old and new else _whole(old, new):
            body = splice.apply(splice.Sheet(body, read_nodes(body), eol), step)
        result = read_nodes(body)
    except (splice.NoSpliceError, Unreadable, KeyError, IndexError):
        return None
    return (mark + body).encode() if values_diff.same(typed.plain_value(result), new) else None


def _whole(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Any]:
    from wrkq_files.files.values_diff import Put, Remove

    if old:
        return [Remove((name,)) for name in old]
    return [Put((name,), value, KEYS) for name, value in new.items()]


def _round_trip(data: bytes, new: Mapping[str, Any]) -> bytes:
    """The change made by ruamel's round trip: comments stay, spacing may not."""
    import io

    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1 << 20
    yaml.indent(mapping=2, sequence=4, offset=2)
    tree = yaml.load(_text(data)) or {}
    for name in [name for name in tree if name not in new]:
        del tree[name]
    for name, value in new.items():
        if name not in tree or tree[name] != value:
            tree[name] = value
    out = io.BytesIO()
    yaml.dump(tree, out)
    return out.getvalue()


def _validate(result: bytes, key: str, *, before: bytes) -> None:
    """Raises ``validation`` when the change brought a finding that was not there."""
    known = {finding.message for finding in read_config(before, "wrkq.yaml")[1]}
    for finding in read_config(result, "wrkq.yaml")[1]:
        if finding.message not in known:
            message = f"`{key}` cannot be this: {finding.message}"
            raise WrkqError("validation", message, hint=f"allowed: {finding.allowed}")
