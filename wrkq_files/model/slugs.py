"""Slugs: the names of tasks, containers, actors and sections in files and commands."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from typing import Final

SLUG: Final = re.compile(r"[a-z0-9][a-z0-9-]*")
MAX_BYTES: Final = 200
RESERVED: Final = frozenset({"readme"})
#: A slug made from a title is cut at a word near this many characters.
_FROM_TITLE: Final = 60
_APOSTROPHES: Final = {ord("'"): None, ord("’"): None}
_NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]")


def problem(slug: str) -> str | None:
    """Why ``slug`` cannot be one, as a phrase; None when it can."""
    if len(slug) <= MAX_BYTES and SLUG.fullmatch(slug) and slug not in RESERVED:
        return None
    if slug in RESERVED:
        return f"`{slug}` is reserved: README.md is the container's own document"
    if len(slug.encode("utf-8", "replace")) > MAX_BYTES:
        return f"it is longer than {MAX_BYTES} bytes"
    return "a slug has only a-z, 0-9 and `-`, and begins with a letter or a digit"


def from_title(title: str) -> str:
    """A slug that reminds of the title: ``Login UX: Größe`` -> ``login-ux-grosse``; ``task`` when nothing is left."""
    plain = unicodedata.normalize("NFKD", title.casefold()).translate(_APOSTROPHES)
    slug = ""
    for word in re.findall(r"[a-z0-9]+", _NOT_ASCII.sub(_gap, plain)):
        longer = f"{slug}-{word}" if slug else word[:_FROM_TITLE]
        if len(longer) > _FROM_TITLE:
            break
        slug = longer
    return f"{slug}-1" if slug in RESERVED else slug or "task"


def _gap(character: re.Match[str]) -> str:
    """Punctuation, symbols and spaces part words (``one—two``); accents and other letters go without a trace."""
    return " " if unicodedata.category(character[0])[0] in "PSZ" else ""


def free(slug: str, taken: Container[str]) -> str:
    """``slug``, or the first of ``slug-2``, ``slug-3`` … that is not taken."""
    if slug not in taken:
        return slug
    number = 2
    while f"{slug}-{number}" in taken:
        number += 1
    return f"{slug}-{number}"
