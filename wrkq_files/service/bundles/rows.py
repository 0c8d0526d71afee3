"""The bundles there are: branches that carry changes of the tracker."""

from __future__ import annotations

from typing import Any, Final

from wrkq_files.git import branches, log, trees
from wrkq_files.git.branches import LOCAL, Branch
from wrkq_files.model import layout, times
from wrkq_files.service.base import Base
from wrkq_files.service.bundles import opening, review, sides
from wrkq_files.service.bundles.names import PENDING, PREFIX
from wrkq_files.service.bundles.proposal import Bundle, beside
from wrkq_files.service.history import moment
from wrkq_files.service.tracker import Tracker

#: What JSON has of a bundle; the last is asked for.
FIELDS: Final = (
    *("name", "branch", "ahead", "behind", "documents", "actor", "time"),
    *("current", "pending", "worktree", "tip", "merges"),
)


def rows(tracker: Tracker, *, check: bool = False) -> list[dict[str, Any]]:
    """A row for each bundle, by name: all below ``wrkq/``, and other branches that change documents the base lacks.

    ``documents``: how many differ from the commit in which the branch left the base. ``time``: of the last commit.
    ``merges``, with ``check``: whether merging with the base asks nothing. ``current``: whether this
    worktree was switched to it. Raises WrkqError ``not_found`` where there
    is no base.
    """
    base = sides.required_base(tracker)
    listed = _candidates(tracker, base)
    tips = {each.id: each for each in log.named(tracker.repo, [branch.tip for branch in listed])}
    emails = tracker.actors_by_email() if listed else {}
    current = opening.current(tracker.repo)
    found = []
    for branch in listed:
        bundle = beside(tracker, branch, base)
        documents = _documents(tracker, bundle)
        if documents or branch.name.startswith(PREFIX):
            row = _row(bundle, documents) | {"actor": review.actor(tips[branch.tip], emails)}
            row["current"] = bundle.name == current
            row["merges"] = _merges(tracker, bundle) if check else None
            found.append(row)
    return sorted(found, key=lambda row: row["name"])


def _candidates(tracker: Tracker, base: Base) -> list[Branch]:
    there = [each for each in branches.branches(tracker.repo, LOCAL) if each.name != base.name]
    open_ones = {each.ref for each in branches.unmerged(tracker.repo, base.tip, there)}
    return [each for each in there if each.ref in open_ones or each.name.startswith(PREFIX)]


def _documents(tracker: Tracker, found: Bundle) -> int:
    if not found.forks:
        return 0
    changed = trees.between(tracker.repo, found.fork, found.branch.tip, tracker.prefix, renames=True)
    cut = len(tracker.repository_path(""))
    return sum(layout.type_of(each.path[cut:]) is not None for each in changed)


def _row(found: Bundle, documents: int) -> dict[str, Any]:
    return {
        "name": found.name,
        "branch": found.branch.name,
        "ahead": found.ahead,
        "behind": found.behind,
        "documents": documents,
        "time": times.stamp(moment(found.branch.time * 1000)),
        "pending": found.name.startswith(PENDING),
        "worktree": found.branch.worktree or None,
        "tip": found.branch.tip,
    }


def _merges(tracker: Tracker, found: Bundle) -> bool:
    return bool(found.forks) and review.join(tracker, found).is_clean
