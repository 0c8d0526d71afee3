"""What has to be done to a value's text to make it another value: small steps, each of them one splice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from wrkq_files.model.values import same

Path = tuple[str | int, ...]


class Put(NamedTuple):
    """Gives the key (or the item) at ``path`` a value; ``order`` says after which keys a new key belongs."""

    path: Path
    value: Any
    order: Sequence[str] = ()


class Remove(NamedTuple):
    """Takes out the key or the item at ``path``."""

    path: Path


class Add(NamedTuple):
    """Adds an item to the list at ``path``, before the item that stands at ``place`` now."""

    path: Path
    place: int
    value: Any


class Arrange(NamedTuple):
    """Puts the items of the list at ``path`` in a new order: each number is an item's present index."""

    path: Path
    order: tuple[int, ...]


Step = Put | Remove | Add | Arrange


def steps(path: Path, old: Any, new: Any, *, key: str = "", order: Sequence[str] = ()) -> Iterator[Step]:
    """The steps from ``old`` to ``new`` at ``path``; each is right after those before it.

    ``key`` names what tells the maps of a list apart; ``order`` is the canonical order of a map's keys.
    """
    if same(old, new):
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping) and old and new:
        yield from _of_maps(path, old, new, order)
    elif isinstance(old, (list, tuple)) and isinstance(new, (list, tuple)) and old and new:
        yield from _of_lists(path, list(old), list(new), key, order)
    else:
        yield Put(path, new)


def set_steps(path: Path, old: Sequence[str], new: Sequence[str]) -> Iterator[Step]:
    """The steps from one set to another. A sorted set stays sorted; otherwise new words go to its end."""
    present = list(old)
    for word in sorted(set(new) - set(old)):
        index = len(present)
        if present == sorted(present):
            index = next((place for place, other in enumerate(present) if other > word), index)
        yield Add(path, index, word)
        present.insert(index, word)
    for word in [each for each in present if each not in set(new)]:
        yield Remove((*path, present.index(word)))
        present.remove(word)


def _of_maps(path: Path, old: Mapping[str, Any], new: Mapping[str, Any], order: Sequence[str]) -> Iterator[Step]:
    for name, value in new.items():
        if name not in old:
            yield Put((*path, name), value, order or tuple(new))
        else:
            yield from steps((*path, name), old[name], value)
    # Removed last, so that the map is never empty in between.
    for name in old:
        if name not in new:
            yield Remove((*path, name))


def _of_lists(path: Path, old: list[Any], new: list[Any], key: str, order: Sequence[str]) -> Iterator[Step]:
    names_old, names_new = _names(old, key), _names(new, key)
    if names_old is None or names_new is None:
        yield from _by_place(path, old, new, order)
        return
    for place, name in enumerate(names_old):
        if name in names_new:
            yield from steps((*path, place), old[place], new[names_new.index(name)], order=order)
    kept = list(names_old)
    for place, name in enumerate(names_new):
        if name not in names_old:
            yield Add(path, len(kept), new[place])
            kept.append(name)
    for name in names_old:
        if name not in names_new:
            yield Remove((*path, kept.index(name)))
            kept.remove(name)
    if kept != names_new:
        yield Arrange(path, tuple(kept.index(name) for name in names_new))


def _names(items: list[Any], key: str) -> list[Any] | None:
    """What identifies each item; None when nothing does, or not uniquely."""
    if not key and any(isinstance(item, (Mapping, list, tuple)) for item in items):
        return None
    names = [item.get(key) if key and isinstance(item, Mapping) else repr(item) for item in items]
    return names if len(set(map(repr, names))) == len(names) else None


def _by_place(path: Path, old: list[Any], new: list[Any], order: Sequence[str]) -> Iterator[Step]:
    common = min(len(old), len(new))
    for place in range(common):
        yield from steps((*path, place), old[place], new[place], order=order)
    for place in range(common, len(new)):
        yield Add(path, place, new[place])
    for place in reversed(range(common, len(old))):
        yield Remove((*path, place))
