"""Bundles as such: making one, the list of them, dropping one."""

from __future__ import annotations

from typing import NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git import branches, onto
from wrkq_files.git import settings as git_settings
from wrkq_files.git.branches import LOCAL, Moved
from wrkq_files.git.repo import Repo
from wrkq_files.model.fields import DocType
from wrkq_files.service import resolve
from wrkq_files.service.bundles import names, opening, sides
from wrkq_files.service.bundles.names import ARCHIVE
from wrkq_files.service.tracker import Tracker

#: The setting of git, of a branch, that says which feature a bundle is for.
_FEATURE = "wrkqFeature"


class Started(NamedTuple):
    """``origin``: what it was made from, in words. ``feature``: the id of the feature it is for."""

    name: str
    branch: str
    commit: str
    origin: str
    feature: str | None


class Dropped(NamedTuple):
    """``kept``: the ref under which its commits stay."""

    name: str
    branch: str
    commit: str
    kept: str


def start(tracker: Tracker, name: str | None, *, revision: str | None = None, feature: str | None = None) -> Started:
    """Makes a bundle, from the base or a revision, without checking it out.

    Without a name it is called as the feature. Raises WrkqError ``exists``, ``usage``, ``not_found``.
    """
    entry = resolve.one(tracker, feature, (DocType.CONTAINER,)) if feature else None
    if name is None and entry is None:
        raise WrkqError("usage", "a bundle needs a name", hint="wrkq bundle start NAME, or --feature FEATURE")
    ref = names.new_ref(tracker.repo, name or (entry.slug if entry else ""))
    commit, origin = _origin(tracker, revision)
    try:
        branches.move(tracker.repo, ref, commit, None, f"bundle start: from {origin}")
    except Moved as moved:
        raise WrkqError("exists", str(moved), hint="another command made it just now") from moved
    branch = ref.removeprefix(LOCAL)
    if entry and entry.id:
        git_settings.put(tracker.repo, f"branch.{branch}.{_FEATURE}", entry.id)
    return Started(names.short(ref), branch, commit, origin, entry.id if entry else None)


def _origin(tracker: Tracker, revision: str | None) -> tuple[str, str]:
    if revision is None:
        base = sides.required_base(tracker)
        return base.tip, base.name
    from wrkq_files.git import revisions

    found = revisions.named(tracker.repo, revision)
    if found is None:
        raise WrkqError("not_found", f"git knows no commit `{revision}`", hint="a branch, a tag, HEAD~3")
    return found.id, revision


def feature_of(tracker: Tracker, branch: str) -> str | None:
    """The id of the feature that a bundle was started for."""
    return git_settings.get(tracker.repo, f"branch.{branch}.{_FEATURE}")


def drop(tracker: Tracker, name: str, *, force: bool = False) -> Dropped:
    """Deletes a bundle's branch; its commits stay under a ref of ours.

    Raises WrkqError ``refused`` for one that the base does not contain, without ``force``; for one that is checked
    out; for the base.
    """
    both = sides.of(tracker, name)
    repo, branch = tracker.repo, both.branch
    if both.base.local is not None and branch.ref == both.base.local.ref:
        raise WrkqError("refused", f"{branch.name} is the base branch", hint="wrkq bundle ls")
    if both.ahead and not force:
        count = "1 commit" if both.ahead == 1 else f"{both.ahead} commits"
        message = f"{both.name} has {count} that {both.base.name} has not"
        raise WrkqError("refused", message, hint=f"wrkq bundle show {both.name}; to drop it all the same: --force")
    kept = archive(repo, both.name, branch.tip)
    try:
        onto.move(repo, branch.ref, None, branch.tip, "bundle drop")
    except Moved as moved:
        raise WrkqError(
            "conflict", f"{moved}: somebody wrote to it just now", hint="look again, then drop"
        ) from moved
    git_settings.forget(repo, f"branch.{branch.name}")
    if opening.current(repo) == both.name:
        opening.switch(repo, "-")
    return Dropped(both.name, branch.name, branch.tip, kept)


def archive(repo: Repo, name: str, commit: str) -> str:
    """Keeps a commit under a ref of ours, which is returned; a later one has a number after the name."""
    number = 1
    while True:
        ref = f"{ARCHIVE}{name}" + (f"-{number}" if number > 1 else "")
        there = branches.tip(repo, ref)
        if there == commit:
            return ref
        if there is None:
            try:
                branches.move(repo, ref, commit, None, "kept")
            except Moved:
                continue
            return ref
        number += 1
