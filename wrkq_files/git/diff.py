"""A file's change as git would print it, in process."""

from __future__ import annotations

import os


def unified(path: str, old: bytes | None, new: bytes | None) -> str:
    """git's unified diff of one file (``None``: absent on that side); empty when nothing differs.

    Bytes that are not UTF-8 come out as replacement characters: it is for reading, not for applying.
    """
    if old == new:
        return ""
    import pygit2  # 44 ms

    name = os.fsencode(path).decode("utf-8", "replace")  # libgit2's binding takes no other
    patch = pygit2.Patch.create_from(old, new, old_as_path=name, new_as_path=name)
    return patch.data.decode("utf-8", "replace")


def renamed(old_path: str, path: str, old: bytes | None, new: bytes | None) -> str:
    """git's diff of a file that moves: where from and where to, then what changes in it."""
    names = [os.fsencode(name).decode("utf-8", "replace") for name in (old_path, path)]
    head = f"diff --git a/{names[0]} b/{names[1]}\nrename from {names[0]}\nrename to {names[1]}\n"
    changed = unified(path, old, new)
    hunks = changed.find("\n@@ ") + 1
    return f"{head}--- a/{names[0]}\n+++ b/{names[1]}\n{changed[hunks:]}" if hunks else head
