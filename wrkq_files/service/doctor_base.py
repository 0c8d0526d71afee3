"""Checks of the base branch: whether there is one, and whether what lies on it here can get to all others."""

from __future__ import annotations

from wrkq_files.errors import WrkqError
from wrkq_files.git import branches
from wrkq_files.model.config import ON_BASE_COMMIT
from wrkq_files.service import base as bases
from wrkq_files.service.health import ERROR, WARNING, Health, ok
from wrkq_files.service.tracker import Tracker


def base(tracker: Tracker) -> Health:
    try:
        found = bases.base(tracker)
    except WrkqError as error:
        if error.code != "not_found":
            raise
        return Health(ERROR, error.message, "the branch on which all is agreed", error.hint)
    if found is None:
        return ok("no branch is the base: neither `base:`, nor a remote's default, nor main or master")
    if found.local is None or found.remote is None:
        return ok(found.name, plain=False)
    ahead, behind = branches.ahead_behind(tracker.repo, found.local.tip, found.remote.tip)
    local, remote = found.local.name, found.remote.name
    is_protected = tracker.config.on_base != ON_BASE_COMMIT
    if ahead and is_protected:
        said = f"{_commits(ahead)} on {local} cannot be pushed: {remote} has not got {'it' if ahead == 1 else 'them'}"
        return Health(WARNING, said, "none: what is new reaches the base by request", "wrkq bundle take")
    if ahead and behind:
        said = f"{local} and {remote} have diverged: {_commits(ahead)} here, {_commits(behind)} there"
        return Health(WARNING, said, "one that holds the other", f"git rebase {remote} {local}  # or git merge")
    apart = f", {_commits(ahead or behind)} {'ahead' if ahead else 'behind'}" if ahead or behind else ""
    return ok(f"{local}{apart}", plain=False)


def _commits(count: int) -> str:
    return f"{count} commit{'s' if count != 1 else ''}"
