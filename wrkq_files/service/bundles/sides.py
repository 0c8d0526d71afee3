"""A bundle beside the base: where they part, what each has that the other has not."""

from __future__ import annotations

from typing import NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git import branches
from wrkq_files.git.branches import Branch
from wrkq_files.git.repo import Repo
from wrkq_files.service import base as bases
from wrkq_files.service.base import Base
from wrkq_files.service.bundles import names, opening
from wrkq_files.service.tracker import Tracker


class Sides(NamedTuple):
    """``fork``: the commit that both came of. ``ahead``: commits only the bundle has; ``behind``: only the base."""

    branch: Branch
    base: Base
    fork: str
    ahead: int
    behind: int

    @property
    def name(self) -> str:
        """The bundle's, as people type it."""
        return names.short(self.branch.name)

    @property
    def is_merged(self) -> bool:
        return self.ahead == 0


def of(tracker: Tracker, name: str | None) -> Sides:
    """A bundle, or any branch, beside the base; without a name, the one this worktree works on.

    Raises WrkqError ``not_found``, ``usage``, ``refused``.
    """
    return beside(tracker, names.required(tracker.repo, name or here(tracker)), required_base(tracker))


def beside(tracker: Tracker, branch: Branch, base: Base) -> Sides:
    forks = branches.merge_bases(tracker.repo, base.tip, branch.tip)
    if not forks:
        message = f"{branch.name} and {base.name} have no commit in common"
        raise WrkqError("refused", message, hint="git merge --allow-unrelated-histories joins them by hand")
    ahead, behind = branches.ahead_behind(tracker.repo, branch.tip, base.tip)
    return Sides(branch, base, forks[0], ahead, behind)


def required_base(tracker: Tracker) -> Base:
    """The base branch. Raises ``not_found`` where there is none."""
    found = bases.base(tracker)
    if found is None:
        message = "there is no base branch: neither main nor master, and wrkq.yaml names none"
        raise WrkqError("not_found", message, hint="wrkqadm config set base BRANCH")
    return found


def here(tracker: Tracker) -> str:
    """The bundle this worktree was switched to, or works on; else the branch it has checked out. Raises ``usage``."""
    from wrkq_files.service.bundles import standing

    found = opening.current(tracker.repo) or standing.default(tracker) or branch_here(tracker.repo)
    if found is None:
        raise WrkqError("usage", "no bundle is named, and HEAD is on no branch", hint="name one: wrkq bundle ls")
    return found


def branch_here(repo: Repo) -> str | None:
    return None if repo.is_bare else repo.branch()
