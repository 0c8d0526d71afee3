"""A store of what is derived from commits, in the common git directory: one for all worktrees of a clone."""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Callable, Sequence
from typing import TypeVar

from wrkq_files import __version__
from wrkq_files.git import log
from wrkq_files.git.lock import common_folder
from wrkq_files.index.place import Place
from wrkq_files.index.store import Store

T = TypeVar("T")


class CommitStore(Store):
    """Of one tracker. ``name`` says what it holds, ``variant`` which of several; without ``keep`` nothing is written.

    What is in it depends on commits' ids, the tracker's place, what that ignores, what git takes for rewritten, and
    ``tables``.
    """

    def __init__(self, place: Place, name: str, tables: Sequence[str], *, keep: bool, variant: str = "") -> None:
        folder = place.repo.common_dir / "wrkq" / (place.folder.name.replace("index", name, 1) + variant)

        def make() -> None:
            if not keep:
                raise OSError("it is not ours to write")
            common_folder(place.repo)
            folder.mkdir(exist_ok=True)

        depends = "\0".join((place.prefix, *place.ignore, log.rewritten(place.repo), *tables))
        super().__init__(folder, f"{__version__}-{zlib.crc32(os.fsencode(depends)):08x}", make, tables=tables)

    def ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """An answer from the file; where that turns out to be damaged, from an empty one in memory."""
        try:
            return question(self.read())
        except sqlite3.DatabaseError:  # damaged
            self.stay_in_memory()
            return question(self.read())
