"""The base branch: what is agreed. Everything on other branches is a proposal."""

from __future__ import annotations

from typing import Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git import branches
from wrkq_files.git.branches import LOCAL, REMOTE, Branch
from wrkq_files.git.repo import Repo
from wrkq_files.service.tracker import Tracker

#: What a base branch is called where nobody says so.
_USUAL: Final = ("main", "master")
_REMOTE: Final = "origin"


class Base(NamedTuple):
    """The base branch as this clone knows it; nothing is fetched.

    ``name``: as people type it (``main``). ``tip`` and ``tree``: of the side that holds the other's commits; of the
    remote-tracking one where they have ``diverged``. ``local`` and ``remote``: the two sides, where they exist.
    """

    name: str
    tip: str
    tree: str
    local: Branch | None
    remote: Branch | None
    diverged: bool = False


class Standing(NamedTuple):
    """HEAD beside the base branch: how many commits only HEAD has, and how many only the base.

    ``name`` and ``tip``: of the side of the base that counts. ``diverged``: the other side where they have diverged,
    empty where not.
    """

    name: str
    tip: str
    ahead: int
    behind: int
    diverged: str


def base(tracker: Tracker) -> Base | None:
    """The base branch: `base:` of wrkq.yaml, else the remote's default branch, else main or master.

    None where there is none: in a repository without a commit, or with only branches of other names. Raises WrkqError
    ``not_found`` where the settings name one that does not exist.
    """
    found = of(tracker.repo, tracker.config.base)
    if found is None and tracker.config.base and tracker.repo.head():
        message = f"wrkq.yaml: `base: {tracker.config.base}`: there is no such branch"
        raise WrkqError("not_found", message, hint="wrkqadm config set base BRANCH; git branch -a lists them")
    return found


def of(repo: Repo, name: str | None) -> Base | None:
    """The base branch of a repository; ``name``: what its settings say."""
    remote_head = branches.remote_head(repo, _REMOTE) if name is None else None
    names = [name] if name else [remote_head.removeprefix(f"{REMOTE}{_REMOTE}/")] if remote_head else [*_USUAL]
    for each in names:
        local, remote = (_one(repo, ref) for ref in (f"{LOCAL}{each}", f"{REMOTE}{_REMOTE}/{each}"))
        if local or remote:
            return _joined(repo, each, local, remote)
    return None


def standing(tracker: Tracker) -> tuple[Standing | None, str]:
    """Where HEAD stands; None where there is no base or no HEAD. The second: why it cannot be told."""
    head = tracker.repo.head()
    try:
        found = base(tracker)
    except WrkqError as error:
        return None, f"{error.message}: {error.hint}"
    if found is None or head is None:
        return None, ""
    is_local = found.local is not None and found.local.tip == found.tip
    chosen, other = (found.local, found.remote) if is_local else (found.remote, found.local)
    name = chosen.name if chosen else found.name
    ahead, behind = branches.ahead_behind(tracker.repo, head, found.tip)
    return Standing(name, found.tip, ahead, behind, other.name if found.diverged and other else ""), ""


def _one(repo: Repo, ref: str) -> Branch | None:
    return next((each for each in branches.branches(repo, ref) if each.ref == ref), None)


def _joined(repo: Repo, name: str, local: Branch | None, remote: Branch | None) -> Base:
    chosen = remote or local
    diverged = False
    if local and remote and local.tip != remote.tip:
        if branches.is_ancestor(repo, remote.tip, local.tip):
            chosen = local
        else:
            diverged = not branches.is_ancestor(repo, local.tip, remote.tip)
    assert chosen is not None
    return Base(name, chosen.tip, chosen.tree, local, remote, diverged)
