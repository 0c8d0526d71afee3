"""The trailers of many commits, to be said once more in one message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from wrkq_files.model import messages

#: What is said below the operations that it belongs to.
_BELOW: Final = {"wrkq-actor": "Wrkq-Actor", "wrkq-workspace": "Wrkq-Workspace", "wrkq-session": "Wrkq-Session"}
#: What is said of all, and the last of which git hosts look for at the end.
_AFTER: Final = {
    "wrkq-override": "Wrkq-Override",
    "wrkq-via": "Wrkq-Via",
    "wrkq-key": "Wrkq-Key",
    "co-authored-by": "Co-authored-by",
}
_OPERATION: Final = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}(?: -{0,2}[0-9A-Za-z][\w./-]*)+")
_VALUE: Final = re.compile(r"[0-9A-Za-z][\w .,:/+=-]*")
_PERSON: Final = re.compile(r"[^@#!<>`|&\[\]\\]*<[\w.+-]+@[\w.-]+>")
#: Anybody can write a trailer: none that a host would take for a reference is repeated.
_REFERENCE: Final = re.compile(r"(?i)\bgh-\d|://|(?:issues|pulls?|merge_requests)/\d")


class _Group(NamedTuple):
    """Operations, and the lines below them that say whose they are."""

    operations: tuple[str, ...]
    below: tuple[str, ...]


def repeated(commits: Iterable[str]) -> list[str]:
    """The trailers of these messages as lines, each once, so that they are read as they were before.

    Operations keep their order, and stand above who did them; those of nobody come last, where no later line can
    claim them. Trailers that are not ours, or could be more than they seem, are left out.
    """
    groups: list[_Group] = []
    after: dict[str, dict[str, None]] = {key: {} for key in _AFTER}
    seen: set[str] = set()
    for message in commits:
        for block in messages.blocks(message):
            for group in _groups(block):
                fresh = tuple(each for each in group.operations if each.split(" ")[0] not in seen)
                seen |= {each.split(" ")[0] for each in fresh}
                if fresh and groups and groups[-1].below == group.below:
                    groups[-1] = _Group(groups[-1].operations + fresh, group.below)
                elif fresh:
                    groups.append(_Group(fresh, group.below))
            for key, value in block:
                if key in after and _is_plain(key, value):
                    after[key][value] = None
    found = [line for group in sorted(groups, key=lambda each: not each.below) for line in _lines(group)]
    return found + [f"{_AFTER[key]}: {value}" for key, values in after.items() for value in values]


def _lines(group: _Group) -> Iterator[str]:
    yield from (f"Wrkq-Op: {each}" for each in group.operations)
    yield from group.below


def _groups(block: list[tuple[str, str]]) -> Iterator[_Group]:
    operations: list[str] = []
    below: list[str] = []
    for key, value in block:
        if key == "wrkq-op":
            if below:
                yield _Group(tuple(operations), tuple(below))
                operations, below = [], []
            if _is_plain(key, value):
                operations.append(value)
        elif key in _BELOW and _is_plain(key, value):
            below.append(f"{_BELOW[key]}: {value}")
    yield _Group(tuple(operations), tuple(below))


def _is_plain(key: str, value: str) -> bool:
    pattern = {"wrkq-op": _OPERATION, "co-authored-by": _PERSON}.get(key, _VALUE)
    return pattern.fullmatch(value) is not None and not _REFERENCE.search(value)
