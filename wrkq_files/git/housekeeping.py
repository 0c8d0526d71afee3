"""``git gc --auto`` after our commits, as after anybody's."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wrkq_files.git.run import git

if TYPE_CHECKING:
    from wrkq_files.git.repo import Repo

#: git's own estimate: gc.auto is 6700 loose objects, looked for in one of 256 folders.
_LOOSE = 27


def collect(repo: Repo, *, wanted: bool) -> None:
    """Let git pack loose objects, in the background, when there are many. Looking costs microseconds, git 5 ms."""
    if not wanted or _loose(repo) <= _LOOSE:
        return
    # Its failure (a gc.log of an earlier one) is not the failure of the write that has just succeeded.
    git(repo, "-c", "gc.autoDetach=true", "gc", "--auto", "--quiet", check=False)


def _loose(repo: Repo) -> int:
    try:
        return len(os.listdir(repo.common_dir / "objects" / "17"))  # noqa: PTH208 (names are all that is wanted)
    except OSError:
        return 0
