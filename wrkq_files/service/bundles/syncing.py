"""A tracker that has its repository to itself: fetch, merge field by field, push, until nobody came in between."""

from __future__ import annotations

from typing import Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git import branches, remotes
from wrkq_files.git.advance import advance
from wrkq_files.git.branches import Branch, Moved
from wrkq_files.git.repo import Repo
from wrkq_files.service.bundles import landing, publishing
from wrkq_files.service.publish import Attempts
from wrkq_files.service.tracker import Tracker

AUTO: Final = "auto"


class Synced(NamedTuple):
    """``received`` and ``sent``: how many commits came and went. ``merged``: whether both sides had some."""

    branch: str
    remote: str
    received: int
    sent: int
    merged: bool
    commit: str


def sync(tracker: Tracker, remote: str = "origin") -> Synced:
    """Makes this branch here and there the same.

    Raises ``conflict`` where the two do not agree, and nothing is changed; ``dirty_file`` where uncommitted edits
    are in the way; ``refused`` where the tracker lies beside code, and where the remote does not take the branch.
    """
    if tracker.config.commit_mode != AUTO:
        message = "this tracker lies beside code, which you push yourself (commit.mode: manual)"
        raise WrkqError("refused", message, hint="git pull; git push")
    publishing.address(tracker.repo, remote)
    attempts = Attempts()
    while True:
        try:
            return _once(tracker, remote)
        except (Moved, remotes.Rejected) as overtaken:
            attempts.again(str(overtaken), moved=True)


def _once(tracker: Tracker, remote: str) -> Synced:
    repo = tracker.repo
    remotes.fetch(repo, remote)
    here = _here(repo)
    there = remotes.tracked(repo, remote, here.name)
    if there is None:
        remotes.push(repo, remote, here.name, here.tip)
        return Synced(here.name, remote, 0, 1, merged=False, commit=here.tip)
    sent, received = branches.ahead_behind(repo, here.tip, there)
    commit = _joined(tracker, here, there, remote) if sent and received else there if received else here.tip
    if commit != here.tip:
        advance(repo, here, commit, f"sync with {remote}")
    if sent:
        remotes.push(repo, remote, here.name, commit)
    return Synced(here.name, remote, received, sent, bool(sent and received), commit)


def _joined(tracker: Tracker, here: Branch, there: str, remote: str) -> str:
    return landing.merged(tracker, here, there, f"merge {remote}/{here.name}")


def _here(repo: Repo) -> Branch:
    name = repo.branch()
    found = branches.branch(repo, name) if name else None
    if found is None:
        raise WrkqError("refused", "HEAD is on no branch with a commit", hint="git switch BRANCH")
    return found
