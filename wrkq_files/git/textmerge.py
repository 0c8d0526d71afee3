"""Merging texts by lines, as git does it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from wrkq_files.git.run import start

if TYPE_CHECKING:
    from wrkq_files.git.repo import Repo


def merged(repo: Repo, base: bytes, ours: bytes, theirs: bytes) -> bytes | None:
    """What both sides made of the base; None where they changed the same lines."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("ours", "base", "theirs")]
        for path, data in zip(paths, (ours, base, theirs), strict=True):
            path.write_bytes(data)
        running = start(repo, "merge-file", "-p", "-q", *map(str, paths))
        result = running.wait(check=False)
    return result if running.returncode == 0 else None
