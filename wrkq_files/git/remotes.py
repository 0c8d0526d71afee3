"""What this clone and others have: fetching, pushing. Only these two go over the network, and only when asked to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wrkq_files.errors import WrkqError
from wrkq_files.git.branches import LOCAL, REMOTE, tip
from wrkq_files.git.run import git, start

if TYPE_CHECKING:
    from wrkq_files.git.repo import Repo

_TOLD = 12


class Rejected(Exception):
    """The remote has commits that we have not: fetch, merge, and push again. The text is what it said."""


def url(repo: Repo, remote: str) -> str:
    """Where a remote is; empty where there is none of that name."""
    running = start(repo, "remote", "get-url", remote)
    found = running.wait(check=False).decode("utf-8", "replace").strip()
    return found if running.returncode == 0 else ""


def fetch(repo: Repo, remote: str) -> None:
    """Bring the remote-tracking branches up to date. Raises WrkqError ``git``."""
    git(repo, "fetch", "-q", "--no-recurse-submodules", "--", remote)


def push(repo: Repo, remote: str, branch: str, commit: str) -> None:
    """Make a remote's branch a commit that contains it.

    Raises :class:`Rejected` where it has others, WrkqError ``refused`` where the remote does not take it.
    """
    ref = f"{LOCAL}{branch}"
    running = start(repo, "push", "--porcelain", "--", remote, f"{commit}:{ref}")
    out = running.wait(check=False).decode("utf-8", "replace")
    if running.returncode == 0:
        return
    row = next((line for line in out.splitlines() if line.startswith("!")), "")
    if "(fetch first)" in row or "(non-fast-forward)" in row or "stale info" in row or "failed to lock" in row:
        raise Rejected(row)
    if not row:
        running.wait()  # it never came to that: raises with what git says
    lines = [line for line in running.told.splitlines() if line.strip()][:_TOLD]
    said = "; ".join(line.removeprefix("remote:").strip() for line in lines if line.startswith("remote:"))
    reason = row.rpartition("(")[2].rstrip(")") or "it does not say why"
    message = f"{remote} does not take {branch}: {reason}" + (f" ({said})" if said else "")
    raise WrkqError("refused", message, details={"remote": remote, "branch": branch})


def tracked(repo: Repo, remote: str, branch: str) -> str | None:
    """Where a remote's branch was when we last looked."""
    return tip(repo, f"{REMOTE}{remote}/{branch}")
