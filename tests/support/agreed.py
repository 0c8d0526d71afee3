"""What two sides of a document come to, field by field: a second opinion, that knows nothing of bytes.

Written from the design alone (section 10), so that the engine has something to disagree with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from wrkq_files.model.document import Document
from wrkq_files.model.fields import FIELDS, FieldType
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


CONFLICT: Final = Agreed(conflict=True)
OPEN: Final = Agreed(open=True)


def agreed(base: Document, ours: Document, theirs: Document) -> dict[str, Agreed]:
    """By field; state, resolution and assignee stand under ``state``, as a tuple. None: the field is absent."""
    names = {*base.fields, *ours.fields, *theirs.fields}
    table = FIELDS[base.type]
    found: dict[str, Agreed] = {}
    if "resolution" in table:
        names -= {*LIFECYCLE}
        found["state"] = _one(*(tuple(each.get(name) for name in LIFECYCLE) for each in (base, ours, theirs)))
    for name in names:
        field = table.get(name)
        values = [normal(field.type if field else None, each.get(name)) for each in (base, ours, theirs)]
        if field and field.type in _SETS:
            found[name] = _sets(*values)
        elif field and field.type is FieldType.MAPS:
            found[name] = _lists(field.key, *values)
        else:
            found[name] = _maps(*values)
    return found


def normal(kind: FieldType | None, value: Any) -> Any:
    """A value such that equal ones are the same: sets sorted; what is empty says nothing."""
    if kind in _SETS:
        value = tuple(sorted(set(value or ())))
    if isinstance(value, (tuple, list, dict)) and not value:
        return None
    return value


def _one(base: Any, ours: Any, theirs: Any) -> Agreed:
    if same(ours, theirs) or same(base, theirs):
        return Agreed(ours)
    return Agreed(theirs) if same(base, ours) else CONFLICT


def _sets(base: Any, ours: Any, theirs: Any) -> Agreed:
    was, here, there = ({*(each or ())} for each in (base, ours, theirs))
    left = {word for word in here | there if word in here and word in there or word not in was}
    return Agreed(tuple(sorted(left)) or None)


def _maps(base: Any, ours: Any, theirs: Any) -> Agreed:
    one = _one(base, ours, theirs)
    if not one.conflict or not all(each is None or isinstance(each, Mapping) for each in (base, ours, theirs)):
        return one
    parts = [base or {}, ours or {}, theirs or {}]
    merged = {key: _maps(*(part.get(key) for part in parts)) for key in dict.fromkeys(_keys(parts))}
    if None in (ours, theirs):
        return OPEN
    return _joined(merged)


def _joined(merged: Mapping[str, Agreed]) -> Agreed:
    if any(each.open for each in merged.values()):
        return OPEN
    if any(each.conflict for each in merged.values()):
        return CONFLICT
    return Agreed({key: each.value for key, each in merged.items() if each.value is not None} or None)


def _keys(parts: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    return (key for part in parts for key in part)


def _lists(key: str, base: Any, ours: Any, theirs: Any) -> Agreed:
    """Lists of maps, by ``key``. The value is a map from keys to items: of their order nothing is said."""
    parts = [_keyed(key, each) for each in (base, ours, theirs)]
    if any(part is None for part in parts):
        return OPEN
    was, here, there = (part or {} for part in parts)
    merged = _joined({name: _maps(*(part.get(name) for part in (was, here, there))) for name in {**was, **here, **there}})
    orders = [[name for name in part if name in was and name in here and name in there] for part in (was, here, there)]
    if orders[0] != orders[1] != orders[2] != orders[0]:
        return OPEN
    return OPEN if None in (ours, theirs) and merged.conflict else merged


def _keyed(key: str, items: Any) -> dict[str, Any] | None:
    names = [str(item.get(key)) for item in items or ()]
    return dict(zip(names, items or (), strict=True)) if len({*names, "None"}) == len(names) + 1 else None


def comparable(name: str, kind: Any, value: Any) -> Any:
    """A field of a document as :func:`agreed` has it."""
    field = FIELDS[kind].get(name)
    if field and field.type is FieldType.MAPS:
        return _keyed(field.key, value) or None
    return normal(field.type if field else None, value)
