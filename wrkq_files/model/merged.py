"""What merging a file comes to: its bytes, and where the two sides do not agree."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from wrkq_files.model.fields import DEFAULT_STATE

#: The name under which `state`, `resolution` and `assignee` are merged: as one.
LIFECYCLE: Final = "state"
LIFECYCLE_FIELDS: Final = ("state", "resolution", "assignee")


class Conflict(NamedTuple):
    """Where two sides do not agree.

    ``field``: a field's name (:data:`LIFECYCLE` for those that count as one), ``body`` for the text, ``path`` for
    where the file is, empty for the whole file. ``base``, ``ours``, ``theirs``: the values as JSON has them, None
    where there is none. ``why``: in words.
    """

    path: str
    field: str
    base: Any
    ours: Any
    theirs: Any
    why: str


def in_words(field: str, value: Any) -> Any:
    """A side's value of a field as people say it: ``completed, assignee robin`` for those that count as one."""
    if field != LIFECYCLE or not isinstance(value, dict):
        return value
    rest = (f"{name} {value[name]}" for name in LIFECYCLE_FIELDS[1:] if value.get(name))
    return ", ".join((str(value.get(LIFECYCLE) or DEFAULT_STATE), *rest))


class Merged(NamedTuple):
    """A merged file. With ``conflicts``, standard markers stand around the lines that are in question."""

    data: bytes
    conflicts: tuple[Conflict, ...] = ()

    @property
    def is_clean(self) -> bool:
        return not self.conflicts
