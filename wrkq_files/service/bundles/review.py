"""Whether a branch is fit to land: what is wrong with its commits, and what merging it with the base comes to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from wrkq_files.git import log, trees
from wrkq_files.git.log import Logged
from wrkq_files.model import messages
from wrkq_files.model.merged import Conflict
from wrkq_files.model.rules import ERROR
from wrkq_files.service import joining, scopes
from wrkq_files.service.bundles.proposal import Bundle
from wrkq_files.service.scopes import Reviewed
from wrkq_files.service.tracker import Tracker


class Contested(NamedTuple):
    """A conflict, and who last changed the file on each side; empty where nobody knows."""

    conflict: Conflict
    ours: str
    theirs: str


class Review(NamedTuple):
    """``findings``: of the branch's commits, and of what it comes to. ``broken``: errors that merging makes of two
    sides that have none. ``tree``: the merged tree's id.
    """

    findings: tuple[Reviewed, ...]
    conflicts: tuple[Contested, ...]
    broken: tuple[Reviewed, ...]
    tree: str

    @property
    def errors(self) -> int:
        return sum(each.checked.severity == ERROR for each in self.findings)

    @property
    def merges(self) -> bool:
        """Whether merging asks nobody anything."""
        return not self.conflicts and not self.broken


def review(tracker: Tracker, found: Bundle) -> Review:
    """Checks a branch as CI does, and merges it with the base in memory.

    Raises WrkqError ``refused`` where they have no commit in common.
    """
    _ = found.fork
    joined = join(tracker, found)
    contested = _contested(tracker, found, joined.conflicts) if joined.conflicts else ()
    return Review(tuple(_findings(tracker, found)), contested, joined.findings, joined.tree)


def join(tracker: Tracker, found: Bundle) -> joining.Joined:
    """The branch merged with the base, in memory."""
    labels = (found.name, found.base.name)
    return joining.join(tracker.door, tracker.repo, found.branch.tip, found.base.tip, labels=labels)


def _findings(tracker: Tracker, found: Bundle) -> Iterable[Reviewed]:
    """What each commit brought; what it merged is the base's, and only what came of it is the branch's."""
    if not found.ahead:
        return []
    revisions = (f"{found.base.tip}..{found.branch.tip}", "--no-merges")
    listed = scopes.ranged(tracker.door, *revisions, repo=tracker.repo)
    if any(len(each.parents) > 1 for each in _commits(tracker, found.branch.tip, found.base.tip)):
        listed += scopes.compared(tracker.door, tracker.repo, found.fork, found.branch.tip)
    once: dict[tuple[str, str, str], Reviewed] = {}
    for each in listed:
        once.setdefault((each.checked.finding.rule, each.file, each.checked.finding.message), each)
    return once.values()


def _commits(tracker: Tracker, tip: str, known: str) -> list[Logged]:
    return list(log.commits(tracker.repo, [tip], [known]))


# Whose the sides of a conflict are


def _contested(tracker: Tracker, found: Bundle, conflicts: Sequence[Conflict]) -> tuple[Contested, ...]:
    moves = [
        (each.old_path, each.path)
        for tip in (found.branch.tip, found.base.tip)
        for each in trees.between(tracker.repo, found.fork, tip, renames=True)
        if each.path != each.old_path
    ]
    by_path = {each.path: _names(each, moves) for each in conflicts}
    paths = {name for some in by_path.values() for name in some}
    ours = _last(tracker, found.branch.tip, found.base.tip, paths)
    theirs = _last(tracker, found.base.tip, found.branch.tip, paths)
    return tuple(
        Contested(each, *(_first(side, by_path[each.path]) for side in (ours, theirs)))
        for each in sorted(conflicts, key=lambda one: one.path)
    )


def _names(conflict: Conflict, moves: Sequence[tuple[str, str]]) -> list[str]:
    """The paths under which the sides may have the file."""
    values: list[Any] = [conflict.path]
    if conflict.field == joining.PATH:
        values += [conflict.base, conflict.ours, conflict.theirs]
    found = [each for each in values if isinstance(each, str)]
    found += [old for old, new in moves if new in found]
    return [*dict.fromkeys([*found, *(new for old, new in moves if old in found)])]


def _first(known: Mapping[str, str], names: Sequence[str]) -> str:
    return next((known[name] for name in names if name in known), "")


def _last(tracker: Tracker, tip: str, known: str, paths: set[str]) -> dict[str, str]:
    """Who touched each of the files last on one side."""
    commits = _commits(tracker, tip, known)
    touched = log.files_of(tracker.repo, [each.id for each in commits])
    last = {path: each for each in commits for path in touched.get(each.id, ()) if path in paths}
    emails = tracker.actors_by_email()
    return {path: actor(each, emails) for path, each in last.items()}


def actor(commit: Logged, emails: Mapping[str, str]) -> str:
    """Who made a commit: as its trailers say, else whose e-mail it is, else the author's name."""
    told = messages.read(commit.message).actors
    return told[-1] if told else emails.get(commit.email.casefold()) or commit.name
