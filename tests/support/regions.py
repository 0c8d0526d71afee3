"""Conflict markers in a merged file, read as a person reads them: which lines are whose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

OURS, THEIRS = "ours", "theirs"


class Region(NamedTuple):
    """A stretch of a file. Agreed on where ``theirs`` is None: then ``ours`` is what both have."""

    ours: bytes
    theirs: bytes | None = None


class TornError(AssertionError):
    """Markers that do not belong together."""


def regions(data: bytes, size: int = 7, labels: tuple[str, str] = (OURS, THEIRS)) -> Iterator[Region]:
    """The stretches of a merged file, in order. Raises TornError."""
    first, middle, last = _markers(size, labels)
    parts: list[bytes] = [b""]
    for line in data.splitlines(keepends=True) if b"\r" not in data else re.findall(rb"[^\n]*\n|[^\n]+\Z", data):
        word = line.rstrip(b"\r\n")
        if word.removeprefix(b"\xef\xbb\xbf") == first and len(parts) == 1:
            # A byte order mark before a file's first marker is agreed on.
            yield Region(parts[0] + (line[:3] if word != first else b""))
            parts = [b"", b""]
        elif word == middle and len(parts) == 2:
            parts.append(b"")
        elif word == last and len(parts) == 3:
            yield Region(parts[1], parts[2])
            parts = [b""]
        else:
            parts[-1] += line
    if len(parts) > 1:
        raise TornError(f"a conflict is not closed: {data!r}")
    yield Region(parts[0])


def _markers(size: int, labels: tuple[str, str]) -> tuple[bytes, bytes, bytes]:
    ours, theirs = (label.encode() for label in labels)
    return b"<" * size + b" " + ours, b"=" * size, b">" * size + b" " + theirs


def taken(data: bytes, side: str, size: int = 7) -> bytes:
    """The file with one side's lines at every conflict."""
    return b"".join(
        each.theirs if side == THEIRS and each.theirs is not None else each.ours for each in regions(data, size)
    )


def conflicts_in(data: bytes, size: int = 7) -> list[Region]:
    return [each for each in regions(data, size) if each.theirs is not None]


def flipped(found: list[Region]) -> list[Region]:
    """The stretches as they are when the sides change places."""
    return [Region(each.theirs, each.ours) if each.theirs is not None else each for each in found]
