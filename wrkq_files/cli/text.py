"""Text on a terminal: without control characters, measured in columns, cut to a width."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import repeat
from typing import Final

#: Control characters (but for tab and newline), and those that reorder text: it would not show what is there.
_UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\ud800-\udfff]"
)
_SPACES: Final = re.compile(r"\s+")
_ELLIPSIS: Final = "…"
_JOINER: Final = "\u200d"
_EMOJI_STYLE: Final = "\ufe0f"


def clean(text: str) -> str:
    """``text`` without what could drive a terminal; newlines and tabs stay."""
    return text if text.isprintable() else _UNSAFE.sub("", text)


def one_line(text: str) -> str:
    """``text`` cleaned, on one line."""
    return text if text.isprintable() else _SPACES.sub(" ", _UNSAFE.sub("", text)).strip()


def width(text: str) -> int:
    """How many columns a terminal gives ``text``."""
    if text.isascii():
        return len(text)
    return sum(columns for _, columns in _clusters(text))


def widest(texts: Sequence[str]) -> int:
    """How many columns the widest of the texts takes."""
    return max(map(len if all(map(str.isascii, texts)) else width, texts), default=0)


def cut(text: str, limit: int, *, keep_end: bool = False) -> str:
    """``text`` in at most ``limit`` columns; what is cut is marked."""
    if width(text) <= limit:
        return text
    if limit < 2:
        return _ELLIPSIS[:limit]
    clusters = _clusters(text)
    kept: list[str] = []
    used = 0
    for cluster, columns in reversed(clusters) if keep_end else clusters:
        if used + columns > limit - 1:
            break
        kept.append(cluster)
        used += columns
    return _ELLIPSIS + "".join(reversed(kept)) if keep_end else "".join(kept).rstrip() + _ELLIPSIS


def wrapped(line: str, room: int | None) -> list[str]:
    """A line as the lines that fit; without a ``room`` it is never too long."""
    if room is None or width(line) <= room:
        return [line]
    import textwrap

    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.wrap(line, max(room, 20), subsequent_indent=indent, break_on_hyphens=False) or [line]


def padded(texts: Sequence[str], columns: int, *, right: bool = False) -> Iterator[str]:
    """The texts, each with spaces up to ``columns``."""
    # ``str.ljust`` counts characters; where all are ASCII these are columns.
    wide = not all(map(str.isascii, texts))
    room = [columns - width(text) + len(text) for text in texts] if wide else repeat(columns)
    return map(str.rjust if right else str.ljust, texts, room)


def _clusters(text: str) -> list[tuple[str, int]]:
    """What is drawn together, each with its columns: marks join what they follow, joined emoji are one."""
    clusters: list[tuple[str, int]] = []
    for character in text:
        columns = _columns(character)
        joined = clusters and (columns == 0 or clusters[-1][0].endswith(_JOINER))
        if not joined:
            clusters.append((character, columns))
            continue
        before, had = clusters[-1]
        clusters[-1] = (before + character, 2 if character == _EMOJI_STYLE else max(had, columns))
    return clusters


@lru_cache(maxsize=1024)
def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    # The emoji modifiers (skin tones) are drawn into the emoji before them.
    if "\U0001f3fb" <= character <= "\U0001f3ff":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def plural(count: int, noun: str, nouns: str | None = None) -> str:
    """``1 error``, ``2 errors``, ``2 entries``."""
    return f"{count} {noun if count == 1 else nouns or noun + 's'}"
