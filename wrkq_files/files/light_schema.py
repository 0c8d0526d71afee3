"""Reading nodes by a JSON Schema: the schema decides the type of a scalar, and a misfit has a place in the file.

Only the few words of JSON Schema that ``config.schema.json`` uses; a test holds this and jsonschema together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from wrkq_files.files import typed
from wrkq_files.files.nodes import Map, Node, Scalar, Seq
from wrkq_files.files.schema import pattern

#: The words this reader knows; a schema with others must not be read with it.
WORDS: Final = frozenset(
    {"$schema", "$id", "title", "description", "default", "readOnly", "type", "enum", "pattern", "minLength"}
    | {"minimum", "maximum", "properties", "additionalProperties", "items", "required"}
)
#: What a value that does not fit is read as.
MISFIT: Final = object()

#: offset, what was found (the value's path in it: `queue.preset`), what is allowed
Report = Callable[[int, str, str], None]


def read(node: Node, schema: Mapping[str, Any], report: Report, path: str = "") -> Any:
    """The value of a node, :data:`MISFIT` where it does not fit, None where it is empty.

    A key whose value does not fit is left out of its map; a list with one such item is left out as a whole.
    """
    kind = schema.get("type")
    if isinstance(node, Scalar) and node.is_empty:
        return None
    if kind == "object" and isinstance(node, Map):
        return _map(node, schema, report, path)
    if kind == "array" and isinstance(node, Seq):
        items = [read(item, schema["items"], report, f"{path}[{place}]") for place, item in enumerate(node.items)]
        return MISFIT if any(item is MISFIT or item is None for item in items) else items
    value = _scalar(node, str(kind)) if isinstance(node, Scalar) else MISFIT
    allowed = problem(value, schema)
    if allowed is None:
        return value
    found = f"`{value}`" if isinstance(node, Scalar) else "a list" if isinstance(node, Seq) else "a map"
    report(node.start, f"`{path}` is {found}", allowed)
    return MISFIT


def problem(value: Any, schema: Mapping[str, Any]) -> str | None:
    """What a scalar would have to be, as a phrase; None when it fits."""
    kind = schema.get("type")
    if "enum" in schema:
        return None if value in schema["enum"] else f"one of {', '.join(schema['enum'])}"
    if kind == "string" and isinstance(value, str):
        if len(value) < schema.get("minLength", 0):
            return "some text"
        source = schema.get("pattern")
        return None if source is None or pattern(source).search(value) else "a slug: a-z, 0-9 and `-`"
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if (kind == "number" and number) or (kind == "integer" and number and value == int(value)):
        low = schema.get("minimum", value)
        return None if value >= low else f"a number not below {low}"
    if kind == "boolean" and isinstance(value, bool):
        return None
    return _NOUNS.get(str(kind), "something else")


def _map(node: Map, schema: Mapping[str, Any], report: Report, path: str) -> Any:
    found: dict[str, Any] = {}
    known, extra = schema.get("properties", {}), schema.get("additionalProperties", True)
    for name, (key, child) in node.pairs.items():
        inner = known.get(name, extra)
        place = f"{path}.{name}" if path else name
        if inner is False:
            report(key.start, f"there is no setting `{place}`{_nearest(name, known)}", ", ".join(known))
            continue
        value = typed.plain_value(child) if inner is True else read(child, inner, report, place)
        if value is not MISFIT and value is not None:
            found[name] = value
    missing = [name for name in schema.get("required", ()) if name not in found]
    if missing:
        report(node.start, f"`{path}` lacks {', '.join(missing)}", f"a map with {', '.join(schema['required'])}")
    return MISFIT if missing else found


def _nearest(name: str, known: Mapping[str, Any]) -> str:
    import difflib

    found = difflib.get_close_matches(name, known, n=1) if len(name) < 40 else []
    return f"; did you mean `{found[0]}`?" if found else ""


def _scalar(node: Scalar, kind: str) -> Any:
    return node.text if node.style or kind == "string" else typed.core(node.text)


_NOUNS: Final = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "a map of `key: value`",
    "array": "a list",
}
