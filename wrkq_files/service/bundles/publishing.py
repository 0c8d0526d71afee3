"""Bundles and other clones."""

from __future__ import annotations

from wrkq_files.errors import WrkqError
from wrkq_files.git import remotes
from wrkq_files.git.branches import Branch
from wrkq_files.git.repo import Repo


def address(repo: Repo, remote: str) -> str:
    """Where a remote is. Raises ``not_found``."""
    found = remotes.url(repo, remote)
    if not found:
        raise WrkqError("not_found", f"there is no remote `{remote}`", hint="git remote -v lists those there are")
    return found


def push(repo: Repo, remote: str, branch: Branch) -> bool:
    """Pushes a bundle where the remote has not all of it; whether it had to. Raises ``conflict``, ``refused``."""
    if remotes.tracked(repo, remote, branch.name) == branch.tip:
        return False
    try:
        remotes.push(repo, remote, branch.name, branch.tip)
    except remotes.Rejected as rejected:
        message = f"{remote} has commits of {branch.name} that are not here"
        hint = f"git fetch {remote}; then merge {remote}/{branch.name} into it"
        raise WrkqError("conflict", message, hint=hint) from rejected
    return True
