"""Values that two sides have made of a common one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from wrkq_files.merge.order import order, reordered
from wrkq_files.merge.strategies import Strategy, strategy
from wrkq_files.model.document import Value
from wrkq_files.model.fields import DEFAULTS, FIELDS, DocType
from wrkq_files.model.values import same


class Opaque(str):
    """A value that does not fit its field, as its lines say it: nothing but these lines can be compared."""

    __slots__ = ()


class Outcome(NamedTuple):
    """The merged value as ours and as theirs has it: they differ in nothing but what is in conflict."""

    ours: Value
    theirs: Value

    @property
    def is_clean(self) -> bool:
        return same(self.ours, self.theirs)


#: Where a map has no such key: its value may well be None.
ABSENT: Final = type("Absent", (), {"__repr__": lambda self: "ABSENT"})()
_Merge = Callable[[Value, Value, Value], Outcome]


def merge_values(kind: DocType, name: str, base: Value, ours: Value, theirs: Value) -> Outcome:
    """What becomes of a field; None stands for a field that is not there."""
    meant = [meaning(kind, name, each) for each in (base, ours, theirs)]
    if (settled := settle(*meant)) is not None:
        if same(meant[1], meant[2]):  # in other words, perhaps: then who found other words has changed it
            settled = settle(base, ours, theirs)
        chosen = (theirs if ours is None else ours) if settled is None else (ours, theirs)[settled]
        return Outcome(chosen, chosen)
    if any(isinstance(each, Opaque) for each in (base, ours, theirs)):
        return Outcome(ours, theirs)
    return _strategies(kind, name)(base, ours, theirs)


def meaning(kind: DocType, name: str, value: Value) -> Value:
    """What a value says, however it is written: the default where there is none, a set in one order."""
    if value is None:
        return DEFAULTS.get((kind, name))
    if isinstance(value, tuple) and strategy(kind, name) is Strategy.SET:
        return tuple(sorted(set(value)))
    return value


def settle(base: Any, ours: Any, theirs: Any) -> int | None:
    """0 where ours is to be taken, 1 where theirs is; None where both changed the base, and differently."""
    if same(ours, theirs) or same(theirs, base):
        return 0
    return 1 if same(ours, base) else None


def _strategies(kind: DocType, name: str) -> _Merge:
    chosen = strategy(kind, name)
    if chosen is Strategy.SET:
        return _sets
    if chosen is Strategy.KEYS:
        return _maps
    if chosen is Strategy.KEYED_LIST:
        key = FIELDS[kind][name].key
        return lambda base, ours, theirs: _keyed(key, base, ours, theirs)
    return _whole


def _whole(base: Value, ours: Value, theirs: Value) -> Outcome:
    return Outcome(ours, theirs)


def _sets(base: Value, ours: Value, theirs: Value) -> Outcome:
    """What either side removed is out, what either side added is in: in the base's order, then in a sorted one."""
    was, mine, yours = (dict.fromkeys(each or ()) for each in (base, ours, theirs))
    kept = [word for word in was if word in mine and word in yours]
    added = sorted(word for word in {**mine, **yours} if word not in was)
    found = (*kept, *added) or None
    return Outcome(found, found)


def _maps(base: Value, ours: Value, theirs: Value) -> Outcome:
    if not isinstance(ours, Mapping) or not isinstance(theirs, Mapping):
        return Outcome(ours, theirs)
    was = base if isinstance(base, Mapping) else {}
    names = order([*was], [*ours], [*theirs], {*was, *ours, *theirs}, str)
    found = {name: _of_key(*(each.get(name, ABSENT) for each in (was, ours, theirs))) for name in names}
    return _halves(found, lambda items: dict(items) or None)


def _of_key(base: Value, ours: Value, theirs: Value) -> Outcome:
    settled = settle(base, ours, theirs)
    if settled is not None:
        chosen = (ours, theirs)[settled]
        return Outcome(chosen, chosen)
    return _maps(base, ours, theirs)


def _keyed(key: str, base: Value, ours: Value, theirs: Value) -> Outcome:
    """Lists of maps, each told apart by what its ``key`` is; as a whole where they cannot be told apart."""
    was, mine, yours = (_by_key(each or (), key) for each in (base, ours, theirs))
    if was is None or mine is None or yours is None:
        return Outcome(ours, theirs)
    if reordered([*was], [*mine], [*yours]):
        return Outcome(ours, theirs)
    found = {
        name: _of_key(*(each.get(name, ABSENT) for each in (was, mine, yours))) for name in {**was, **mine, **yours}
    }
    keep = {name for name, outcome in found.items() if outcome.ours is not ABSENT or outcome.theirs is not ABSENT}
    names = order([*was], [*mine], [*yours], keep, str)
    return _halves({name: found[name] for name in names}, lambda items: tuple(items.values()) or None)


def _halves(found: Mapping[str, Outcome], build: Callable[[Mapping[str, Any]], Value]) -> Outcome:
    mine, yours = ({name: outcome[side] for name, outcome in found.items()} for side in (0, 1))
    return Outcome(*(build({name: v for name, v in each.items() if v is not ABSENT}) for each in (mine, yours)))


def _by_key(items: Sequence[Any], key: str) -> dict[str, Any] | None:
    found = {str(item.get(key)): item for item in items if isinstance(item, Mapping) and item.get(key) is not None}
    return found if len(found) == len(items) else None
