"""Writes docs/schema.md from the JSON Schemas; with --check, exits 1 when the page is not current."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import _page

_TOP = Path(__file__).resolve().parents[2]
_NAMES = ("task", "container", "actor", "comment", "workspace", "config")
_INTRO = """# Fields and settings

Generated from [`schema/`](../schema) by `docs/generate/schema.py`; do not edit. An editor that knows JSON Schema can
check frontmatter and `wrkq.yaml` while you type.

A plain value of a text field is its source text: `0042`, `no` and `2026-01-19` stay what they are. An empty value
(`due:`) is no value. Where a list of words is due, a single word is a list of one.
"""


def page() -> str:
    """The whole page."""
    parts = [_INTRO]
    for name in _NAMES:
        schema = json.loads((_TOP / "schema" / f"{name}.schema.json").read_text(encoding="utf-8"))
        parts.append("\n".join(_section(name, schema)))
    return "\n".join(parts)


def _section(name: str, schema: dict[str, Any]) -> Iterator[str]:
    noun = "setting" if name == "config" else "field"
    yield f"## {schema['title']}\n"
    yield f"{schema['description']} Schema: [`{name}.schema.json`](../schema/{name}.schema.json).\n"
    yield f"| {noun} | holds | meaning |"
    yield "|---|---|---|"
    yield from _rows(schema["properties"], "")
    yield ""


def _rows(properties: dict[str, Any], above: str) -> Iterator[str]:
    for name, part in properties.items():
        once = " Written once." if part.get("readOnly") else ""
        default = f" Default `{part['default']}`." if "default" in part else ""
        yield f"| `{above}{name}` | {_holds(part)} | {part['description']}{default}{once} |"
        inner = part.get("items", part)
        mark = "[]." if "items" in part else "."
        yield from _rows(inner.get("properties", {}), f"{above}{name}{mark}")


def _holds(part: dict[str, Any]) -> str:
    """What a value looks like, in words."""
    choices = part.get("anyOf", [])
    if "enum" in part:
        return ", ".join(f"`{each}`" for each in part["enum"])
    if choices:
        return _holds(choices[0]) + ("" if "items" in choices[0] else ", and others")
    kind = part.get("type")
    if "items" in part:
        return f"list of {_holds(part['items'])}"
    if kind == "object":
        extra = part.get("additionalProperties")
        return f"map to {_holds(extra)}" if isinstance(extra, dict) else "map"
    if part.get("format") == "wrkq-time":
        return "date or time"
    return _plain(part, str(kind))


def _plain(part: dict[str, Any], kind: str) -> str:
    words = {"string": "text", "integer": "whole number", "number": "number", "boolean": "`true` or `false`"}
    pattern = part.get("pattern", "")
    if pattern.endswith("{8}$"):
        return "id"
    if pattern.startswith("^[a-z0-9]["):
        return "slug"
    bounds = [str(part[name]) for name in ("minimum", "maximum") if name in part]
    span = f", {' to '.join(bounds)}" if len(bounds) == 2 else f", at least {bounds[0]}" if bounds else ""
    return words.get(kind, "anything") + span


if __name__ == "__main__":
    sys.exit(_page.main(_TOP / "docs" / "schema.md", page, __doc__ or ""))
