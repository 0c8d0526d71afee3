"""What two sides of a document come to, field by field: a second opinion, that knows nothing of bytes.

Written from the design alone (section 10), so that the engine has something to disagree with.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from wrkq_files.model.document import Document
from wrkq_files.model.fields import (
    DEFAULT_PRIORITY,
    DEFAULT_STATE,
    DEFAULT_TASK_KIND,
    FIELDS,
    DocType,
    Field,
    FieldType,
)
from wrkq_files.model.values import same

LIFECYCLE: Final = ("state", "resolution", "assignee")
_SETS: Final = (FieldType.IDS, FieldType.WORDS)


class Agreed(NamedTuple):
    """``value``: what both sides come to. Where they do not agree (``conflict``), it means nothing.

    ``open``: the design leaves it to the engine whether this is a conflict.
    """

    value: Any = None
    conflict: bool = False
    open: bool = False


#: What is said by saying nothing.
_DEFAULTS: Final[Mapping[DocType, Mapping[str, Any]]] = {
    DocType.TASK: {"state": DEFAULT_STATE, "priority": DEFAULT_PRIORITY, "kind": DEFAULT_TASK_KIND},
    DocType.CONTAINER: {"priority": DEFAULT_PRIORITY},
}
CONFLICT: Final = Agreed(conflict=True)
OPEN: Final = Agreed(open=True)


def agreed(base: Document, ours: Document, theirs: Document) -> dict[str, Agreed]:
    """By field; state, resolution and assignee stand under ``state``, as a tuple. None: the field is absent."""
    kind = base.type
    said = [said_by(each) for each in (base, ours, theirs)]
    found: dict[str, Agreed] = {}
    for name in dict.fromkeys(name for each in said for name in each):
        field = FIELDS[kind].get(name)
        values = [each.get(name) for each in said]
        if name == "target" or (field and field.minted):
            found[name] = _one(*values)
        elif field and field.type in _SETS:
            found[name] = _sets(*values)
        elif field and field.type is FieldType.MAPS:
            found[name] = _lists(field.key, *values)
        else:
            found[name] = _maps(*values)
    return found


def said_by(document: Document) -> dict[str, Any]:
    """A document's fields as :func:`agreed` has them: sets sorted, defaults put in, what is empty left out."""
    kind = document.type
    found = {name: _normal(FIELDS[kind].get(name), value) for name, value in document.fields.items()}
    found = {**_DEFAULTS.get(kind, {}), **found}
    if kind is DocType.TASK:
        found["state"] = tuple(found.pop(name, None) for name in LIFECYCLE)
    return {name: value for name, value in found.items() if value is not None}


def comparable(name: str, kind: DocType, value: Any) -> Any:
    """A value of :func:`said_by`, without the order of a list of maps."""
    field = FIELDS[kind].get(name)
    return _keyed(field.key, value) or None if field and field.type is FieldType.MAPS else value


def _normal(field: Field | None, value: Any) -> Any:
    if field and field.type in _SETS:
        value = tuple(sorted(set(value)))
    return None if isinstance(value, (tuple, list, dict)) and not value else value


def _one(base: Any, ours: Any, theirs: Any) -> Agreed:
    if same(ours, theirs) or same(base, theirs):
        return Agreed(ours)
    return Agreed(theirs) if same(base, ours) else CONFLICT


def _sets(base: Any, ours: Any, theirs: Any) -> Agreed:
    was, here, there = ({*(each or ())} for each in (base, ours, theirs))
    left = {word for word in here | there if (word in here and word in there) or word not in was}
    return Agreed(tuple(sorted(left)) or None)


def _maps(base: Any, ours: Any, theirs: Any) -> Agreed:
    one = _one(base, ours, theirs)
    if not one.conflict or not all(each is None or isinstance(each, Mapping) for each in (ours, theirs)):
        return one
    if ours is None or theirs is None or not (base is None or isinstance(base, Mapping)):
        return OPEN
    return _joined(base or {}, ours, theirs)


def _joined(base: Mapping[str, Any], ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Agreed:
    """Key by key. None is a value here."""
    parts = [base, ours, theirs]
    merged = {}
    for key in dict.fromkeys([*base, *ours, *theirs]):
        one = _one(*([each[key]] if key in each else [] for each in parts))
        if one.conflict and all(isinstance(each.get(key), Mapping) for each in (ours, theirs)):
            inner = base.get(key)
            one = _joined(inner if isinstance(inner, Mapping) else {}, ours[key], theirs[key])
            one = one._replace(value=[one.value or {}])
        merged[key] = one
    if any(each.open for each in merged.values()):
        return OPEN
    if any(each.conflict for each in merged.values()):
        return CONFLICT
    return Agreed({key: each.value[0] for key, each in merged.items() if each.value} or None)


def _lists(key: str, base: Any, ours: Any, theirs: Any) -> Agreed:
    """Lists of maps, by ``key``. The value is a map from keys to items: of their order nothing is said."""
    parts = [_keyed(key, each) for each in (base, ours, theirs)]
    if any(part is None for part in parts):
        return OPEN
    was, here, there = (part or {} for part in parts)
    orders = [
        [name for name in part if name in was and name in here and name in there] for part in (was, here, there)
    ]
    if orders[0] != orders[1] != orders[2] != orders[0]:
        return OPEN
    merged = _joined(was, here, there)
    return OPEN if None in (ours, theirs) and merged.conflict else merged


def _keyed(key: str, items: Any) -> dict[str, Any] | None:
    names = [str(item.get(key)) for item in items or ()]
    return dict(zip(names, items or (), strict=True)) if len({*names, "None"}) == len(names) + 1 else None
