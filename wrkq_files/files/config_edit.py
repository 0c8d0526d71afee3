"""Changing ``wrkq.yaml``, comments and all; and the text of a new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wrkq_files.errors import WrkqError
from wrkq_files.files import emit, split, typed
from wrkq_files.files.config_file import FORMAT, read_config, text_of
from wrkq_files.files.documents import read_nodes
from wrkq_files.files.nodes import Unreadable
from wrkq_files.files.schema import load_schema
from wrkq_files.model import values
from wrkq_files.model.config import KEYS


def set_config(data: bytes, key: str, value: Any) -> bytes:
    """The file with one setting changed; ``key`` is dotted (``commit.mode``), None removes it. Comments are kept.

    Raises :class:`WrkqError`: ``unreadable`` for a file that cannot be read, ``validation`` for a value that the
    schema does not allow, ``refused`` where a comment would be lost.
    """
    try:
        text = text_of(data)
        root = read_nodes(text)
    except Unreadable as trouble:
        raise WrkqError(
            "unreadable", f"the settings cannot be read: {trouble.message}", hint=trouble.remedy
        ) from None
    missing = b"" if not text or data.endswith(b"\n") else b"\r\n" if "\r\n" in text else b"\n"
    data += missing
    old = typed.plain_value(root)
    new = _changed(old, key.split("."), value)
    spliced = _spliced(data, old, new)
    result = _round_trip(data, new) if spliced is None else spliced
    _validate(result, key, before=data)
    if spliced is None:
        _verify(result, key, new, before=data)
    # A last blank line is text of a literal that keeps them.
    return result if missing and result.endswith(missing * 2) else result.removesuffix(missing)


def typed_value(key: str, text: str) -> Any:
    """What a person types for a setting, as its type says; None for an empty text. Lists are words with commas.

    Raises :class:`WrkqError` ``usage`` for text that is no JSON where only JSON says what is meant.
    """
    if not text.strip():
        return None
    schema = _schema_of(key)
    kind = schema.get("type", "string")
    is_words = kind == "array" and schema["items"].get("type") == "string"
    if is_words and not text.lstrip().startswith("["):
        return [word.strip() for word in text.split(",") if word.strip()]
    if kind in ("array", "object"):
        return _json(key, text, schema)
    return text if kind == "string" else typed.core(text.strip())


def _schema_of(key: str) -> Mapping[str, Any]:
    """The part of the schema that a dotted key stands for; empty where there is none."""
    schema: Any = load_schema("config")
    for name in key.split("."):
        inner = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
        schema = inner if isinstance(inner, Mapping) else {}
    return dict(schema)


def _json(key: str, text: str, schema: Mapping[str, Any]) -> Any:
    import json

    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        hint = f"wrkqadm config set {key} '{_like(schema)}'"
        raise WrkqError("usage", f"`{key}` takes JSON: {error}", hint=hint) from error


def _like(schema: Mapping[str, Any]) -> str:
    """What the JSON for a list or a map looks like."""
    inner = schema.get("items")
    if inner is None:
        return "{…}"
    names = inner.get("required") or [*inner.get("properties", {})]
    return "[{" + ", ".join(f'"{name}": …' for name in names) + "}]" if names else "[…]"


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
    body, eol = text_of(data), "\r\n" if "\r\n" in text else "\n"
    try:
        for step in values_diff.steps((), old, new, order=KEYS) if old and new else _whole(old, new):
            body = splice.apply(splice.Sheet(body, read_nodes(body), eol), step)
        result = read_nodes(body)
    except (splice.NoSpliceError, Unreadable, KeyError, IndexError):
        return None
    return (mark + body).encode() if values.same(typed.plain_value(result), new) else None


def _whole(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Any]:
    from wrkq_files.files.values_diff import Put, Remove

    if old:
        return [Remove((name,)) for name in old]
    return [Put((name,), value, KEYS) for name, value in new.items()]


def _round_trip(data: bytes, new: Mapping[str, Any]) -> bytes:
    """The change made by ruamel's round trip: comments stay as a rule, spacing may not."""
    import io

    from ruamel.yaml import YAML

    from wrkq_files.model.values import same

    text = text_of(data)
    old = typed.plain_value(read_nodes(text))
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1 << 20
    yaml.indent(mapping=2, sequence=4, offset=2)
    tree = yaml.load(text.replace("\r\n", "\n")) or {}
    for name in [name for name in tree if name not in new]:
        del tree[name]
    for name, value in new.items():
        if name not in old or not same(old[name], value):
            tree[name] = value
    out = io.StringIO()
    yaml.dump(tree, out)
    mark = split.BOM if data.startswith(split.BOM.encode()) else ""
    return (mark + out.getvalue().replace("\n", "\r\n" if "\r\n" in text else "\n")).encode()


def _verify(result: bytes, key: str, new: Mapping[str, Any], *, before: bytes) -> None:
    """Raises ``refused`` unless the result says what was asked for, and still has every comment."""
    from wrkq_files.files import comments

    text, text_before = text_of(result), text_of(before)
    root = read_nodes(text)
    kept = comments.comments(text, root)
    lost = [each for each in comments.comments(text_before, read_nodes(text_before)) if each not in kept]
    if lost or not values.same(typed.plain_value(root), new):
        what = f"the comment `{lost[0]}`" if lost else "other settings"
        raise WrkqError("refused", f"`{key}` cannot be changed without {what}", hint="edit wrkq.yaml by hand")


def _validate(result: bytes, key: str, *, before: bytes) -> None:
    """Raises ``validation`` when the change brought a finding that was not there."""
    known = {finding.message for finding in read_config(before, "wrkq.yaml", older=True)[1]}
    for finding in read_config(result, "wrkq.yaml", older=True)[1]:
        if finding.message not in known:
            message = f"`{key}` cannot be this: {finding.message}"
            raise WrkqError("validation", message, hint=f"allowed: {finding.allowed}")
