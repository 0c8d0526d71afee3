"""Merging texts by lines, as git does it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wrkq_files.git.run import git, start

if TYPE_CHECKING:
    from wrkq_files.git.repo import Repo

#: git counts conflicts in its exit status up to here; what is above is a failure.
_MOST: Final = 127
LABELS: Final = ("ours", "theirs")


def merged(repo: Repo | Path, base: bytes, ours: bytes, theirs: bytes) -> bytes | None:
    """What both sides made of the base; None where they changed the same lines, or it is no text."""
    result, conflicts = merge(repo, base, ours, theirs)
    return None if conflicts else result


def merge(
    repo: Repo | Path,
    base: bytes,
    ours: bytes,
    theirs: bytes,
    *,
    labels: tuple[str, str] = LABELS,
    marker_size: int = 7,
) -> tuple[bytes, int]:
    """The merged lines, and how many conflicts stand in them between markers.

    What git takes for binary is in conflict as a whole, and ours is returned. Raises WrkqError ``git``, ``io``.
    """
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("base", "ours", "theirs")]
        for path, data in zip(paths, (base, ours, theirs), strict=True):
            path.write_bytes(data)
        return merge_files(repo, *paths, labels=labels, marker_size=marker_size)


def merge_files(
    repo: Repo | Path, base: Path, ours: Path, theirs: Path, *, labels: tuple[str, str], marker_size: int
) -> tuple[bytes, int]:
    """As :func:`merge`, of three files, none of which is changed."""
    named = ("-L", labels[0], "-L", "base", "-L", labels[1], f"--marker-size={marker_size}")
    # Whatever merge.conflictStyle is: what is between the markers is read again.
    words = ("-c", "merge.conflictStyle=merge", "merge-file", "-p", "-q", *named, "--")
    running = start(repo, *words, *map(str, (ours, base, theirs)))
    result = running.wait(check=False)
    if not 0 <= running.returncode <= _MOST:
        if any(b"\0" in each.read_bytes() for each in (ours, base, theirs)):
            return ours.read_bytes(), 1
        git(repo, "version")  # where git itself cannot be started, that is what there is to say
        running.wait()
    return result, running.returncode
