"""Edits of several operations as one edit of each file.

A file is known by where it was before all of them, or as new. So a path that one file left and another came to has
two edits: what is uncommitted in the one is still looked at, whatever comes in its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from wrkq_files.service.change import FileEdit, Transform, keep


class Steps:
    """Transforms one after another; not a chain of calls, which a thousand of them would make too deep."""

    def __init__(self, *steps: Transform) -> None:
        parts = [step._steps if isinstance(step, Steps) else (step,) for step in steps]
        self._steps: tuple[Transform, ...] = tuple(each for part in parts for each in part if each is not keep)

    def __call__(self, data: bytes) -> bytes:
        for step in self._steps:
            data = step(data)
        return data


class _Held(NamedTuple):
    """One file's edit so far, and which operations had a hand in it."""

    edit: FileEdit
    operations: frozenset[int]


class Composition:
    """The edits so far. ``add`` takes those of one operation, told by a number."""

    def __init__(self) -> None:
        self._present: dict[str, _Held] = {}  # by where the file is now
        self._gone: dict[str, _Held] = {}  # by where it was

    def copy(self) -> Composition:
        other = Composition()
        other._present, other._gone = {**self._present}, {**self._gone}
        return other

    def add(self, operation: int, edits: Iterable[FileEdit]) -> None:
        """Files that leave come first: in one operation a path can be left and come to."""
        taken = [(edit, self._present.pop(edit.path, None) if edit.path else None) for edit in edits]
        for edit, before in taken:
            held = _after(before, edit, operation)
            if held.edit.to is not None:
                self._present[held.edit.to] = held
            elif held.edit.path is not None:
                self._gone[held.edit.path] = held

    @property
    def edits(self) -> tuple[FileEdit, ...]:
        return tuple(held.edit for held in self._all())

    def by_operation(self) -> Mapping[int, tuple[FileEdit, ...]]:
        """For each operation that left something, the edits in which it had a hand."""
        found: dict[int, list[FileEdit]] = {}
        for held in self._all():
            for operation in held.operations:
                found.setdefault(operation, []).append(held.edit)
        return {operation: tuple(edits) for operation, edits in found.items()}

    def ends(self, edits: Iterable[FileEdit]) -> set[str]:
        """Where the files of these further edits are, where they come to, and where they were before all."""
        found: set[str | None] = set()
        for edit in edits:
            before = self._present.get(edit.path) if edit.path else None
            found |= {edit.path, edit.to, before.edit.path if before else None}
        return {path for path in found if path}

    def near(self, paths: Iterable[str]) -> tuple[FileEdit, ...]:
        """The edits that have one of these paths at either end."""
        wanted = {*paths}
        return tuple(edit for edit in self.edits if edit.path in wanted or edit.to in wanted)

    def _all(self) -> Sequence[_Held]:
        return [*self._gone.values(), *self._present.values()]


def _after(before: _Held | None, edit: FileEdit, operation: int) -> _Held:
    if before is None:
        return _Held(edit, frozenset((operation,)))
    first = before.edit
    both = FileEdit(first.path, edit.to, Steps(first.apply, edit.apply), first.touches | edit.touches)
    if both.to is None:
        both = both._replace(apply=keep, touches=frozenset())
    return _Held(both, before.operations | {operation})
