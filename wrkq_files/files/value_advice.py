"""What to type in place of a value that does not fit its field."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from wrkq_files.files.nodes import Map, Node, Scalar, Seq
from wrkq_files.model import near
from wrkq_files.model.fields import Field, FieldType

_SETS: Final = frozenset({FieldType.IDS, FieldType.WORDS})
_REFERENCES: Final = frozenset({FieldType.ID, FieldType.IDS})
#: What can be pasted into a list and into a shell as it stands.
_WORD: Final = re.compile(r"[\w-]{1,60}")
_ADDRESS: Final = re.compile(r"[a-z0-9][a-z0-9/-]{0,80}")
#: More would not be read.
_MOST: Final = 8


def remedy(field: Field, node: Node, fits: Callable[[str], bool], *, item: bool) -> str:
    """The text to type, with the field's name unless the node is an item of a list; empty when there is no guess."""
    if isinstance(node, Scalar):
        return _for_scalar(field, node.text, fits, item=item)
    if isinstance(node, Map):
        keys = list(node.pairs)[:_MOST]
        is_set = field.type in _SETS and not item and all(_WORD.fullmatch(key) and fits(key) for key in keys)
        return _write(field, f"[{', '.join(keys)}]") if is_set and keys else ""
    texts = _texts(node)
    if field.type is FieldType.TEXT and node.flow and texts:
        inner = ", ".join(texts).replace("'", "''")
        return f"quote it: {field.name}: '[{inner}]'" if not item and len(inner) <= 80 else ""
    chosen = next((value for text in texts[:_MOST] if (value := _fitting(field, text, fits))), "")
    if not chosen or item:
        return ""
    return _write(field, chosen) if len(texts) == 1 else f"keep one: `{field.name}: {chosen}`"


def _for_scalar(field: Field, text: str, fits: Callable[[str], bool], *, item: bool) -> str:
    if guess := near.meant(field, text, fits):
        return f"write `{guess}`" if item else _write(field, guess)
    if field.type in _SETS and not item:
        values = [_fitting(field, each, fits) for each in re.split(r"[,;\s]+", text.strip(" ,;"))[: _MOST + 1]]
        if 1 < len(values) <= _MOST and all(values):
            return _write(field, f"[{', '.join(values)}]")
    if field.type in _REFERENCES and field.name != "id":
        known = _ADDRESS.fullmatch(text)
        return f"write the id that `wrkq stat {text}` shows" if known else "correct the id, or remove it"
    return ""


def _fitting(field: Field, text: str, fits: Callable[[str], bool]) -> str:
    """The text, or what was meant by it, where the field takes it as one plain word."""
    if _WORD.fullmatch(text) and fits(text):
        return text
    return near.meant(field, text, fits)


def _texts(node: Node) -> list[str]:
    """The texts of a list's items; of lists in it too, for `[[robin]]` is one to YAML."""
    if isinstance(node, Scalar):
        return [node.text]
    return [text for item in node.items for text in _texts(item)] if isinstance(node, Seq) else []


def _write(field: Field, value: str) -> str:
    return f"write `{field.name}: {value}`"
