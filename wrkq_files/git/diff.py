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
