"""How each field is merged: one table, from which ``docs/merge.md`` is generated.

A side that did not change a field leaves it to the other; where both made the same of it, that is it. A strategy says
what happens where both changed a field, and differently.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from wrkq_files.model.fields import FIELDS, DocType, FieldType
from wrkq_files.model.merged import LIFECYCLE, LIFECYCLE_FIELDS


class Strategy(StrEnum):
    """What is done where both sides changed a value, and differently."""

    VALUE = "value"
    MINTED = "minted"
    LIFECYCLE = "lifecycle"
    SET = "set"
    KEYS = "keys"
    KEYED_LIST = "keyed list"


#: In words, for the docs.
MEANING: Final[Mapping[Strategy, str]] = MappingProxyType(
    {
        Strategy.VALUE: "Both values stand between markers: a person chooses.",
        Strategy.MINTED: "A conflict: it is written once, and two that differ belong to two documents.",
        Strategy.LIFECYCLE: "As one value with the others of its group: who works on it and where it stands are said"
        " together.",
        Strategy.SET: "What either side added is in, what either side removed is out. Never a conflict.",
        Strategy.KEYS: "Key by key, each as a value; maps within maps likewise.",
        Strategy.KEYED_LIST: "Item by item, told apart by a key, and each item key by key. An item removed here and"
        " changed there is a conflict; so are two new orders.",
    }
)
_BY_TYPE: Final[Mapping[FieldType, Strategy]] = MappingProxyType(
    {
        FieldType.IDS: Strategy.SET,
        FieldType.WORDS: Strategy.SET,
        FieldType.MAP: Strategy.KEYS,
        FieldType.MAPS: Strategy.KEYED_LIST,
        FieldType.JSON: Strategy.KEYS,
    }
)
#: Where the type alone does not tell.
_BY_NAME: Final[Mapping[str, Strategy]] = MappingProxyType({"target": Strategy.VALUE})


def strategy(kind: DocType, name: str) -> Strategy:
    """The strategy of a field; an unknown key holds JSON."""
    field = FIELDS[kind].get(name)
    if field is None:
        return Strategy.KEYS
    if field.minted:
        return Strategy.MINTED
    if kind is DocType.TASK and name in LIFECYCLE_FIELDS:
        return Strategy.LIFECYCLE
    return _BY_NAME.get(name) or _BY_TYPE.get(field.type, Strategy.VALUE)


def group(kind: DocType, name: str) -> str:
    """The name under which a field is merged: its own, or that of its group."""
    return LIFECYCLE if kind is DocType.TASK and name in LIFECYCLE_FIELDS else name
