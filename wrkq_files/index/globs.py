"""Globs over addresses and folders: ``*`` and ``?`` stay inside one name, ``**`` does not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable


def pattern(glob: str) -> str:
    """The regular expression a glob means, for a full match."""
    parts: list[str] = []
    for piece in re.findall(r"/\*\*/|\*\*/?|\*|\?|\[[!^]?[^\]/]+\]|.", glob, re.DOTALL):
        if piece == "/**/":
            parts.append("/(?:.*/)?")
        elif piece == "**/":
            parts.append("(?:.*/)?")
        else:
            parts.append({"**": ".*", "*": "[^/]*", "?": "[^/]"}.get(piece) or _other(piece))
    return "".join(parts)


def _other(piece: str) -> str:
    if len(piece) == 1:
        return re.escape(piece)
    inside = piece[1:-1].replace("\\", "\\\\").replace("[", "\\[")
    return f"[^/{inside[1:]}]" if inside[0] in "!^" and len(inside) > 1 else f"[{inside}]"


def matcher(globs: Iterable[str]) -> Callable[[str], bool]:
    """Whether a whole address fits one of the globs."""
    fits = re.compile("|".join(f"(?:{pattern(glob)})" for glob in globs), re.DOTALL).fullmatch
    return lambda address: fits(address) is not None


def ignored(globs: Iterable[str]) -> Callable[[str], bool]:
    """Whether a folder (relative to the tracker's root) is one that ``ignore:`` leaves alone.

    As in a ``.gitignore``: a glob without a slash but at its end means a folder of that name anywhere, any other is
    anchored at the root. What is below an ignored folder is never asked about.
    """
    patterns = [_folder_pattern(glob) for glob in globs if glob.strip("/")]
    if not patterns:
        return lambda folder: False
    fits = re.compile("|".join(patterns), re.DOTALL).fullmatch
    return lambda folder: fits(folder) is not None


def _folder_pattern(glob: str) -> str:
    inner = glob.removesuffix("/**").rstrip("/")
    if "/" not in inner:
        return f"(?:.*/)?{pattern(inner)}"
    return f"(?:{pattern(inner.lstrip('/'))})"
