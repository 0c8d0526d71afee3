"""Where it shows that HEAD has moved, and whether it is to move again at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wrkq_files.git.read import in_progress

if TYPE_CHECKING:
    from pathlib import Path

    from wrkq_files.git.repo import Repo


def folders(repo: Repo) -> list[Path]:
    """The folders, without those below them, in which a file changes when HEAD moves.

    Its own file and its log, the branch's file, the packed ones; with reftable the folder of the tables. Files are
    replaced and not rewritten, so that only their folders tell.
    """
    found = [repo.git_dir, repo.git_dir / "logs", repo.common_dir, repo.common_dir / "refs" / "heads"]
    found += [each / "reftable" for each in (repo.git_dir, repo.common_dir)]
    if branch := repo.branch():  # `feature/x` is a file in a folder of its own
        found.append((repo.common_dir / "refs" / "heads" / branch).parent)
    return [each for each in dict.fromkeys(found) if each.is_dir()]


def is_rebasing(repo: Repo) -> bool:
    """Whether a rebase leads HEAD from commit to commit, none of which has to stay."""
    return in_progress(repo) == "rebase"
