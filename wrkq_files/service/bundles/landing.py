"""Bringing a bundle and the base together: looking whether it would work, merging the base in, landing it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git import branches, log, onto, trees
from wrkq_files.git.advance import advance
from wrkq_files.git.branches import Branch, Moved
from wrkq_files.model import messages
from wrkq_files.model.fields import DEFAULT_STATE
from wrkq_files.model.merged import Conflict
from wrkq_files.model.phrases import short
from wrkq_files.model.rules import ERROR
from wrkq_files.service import joining, message, publish, refusals, scopes
from wrkq_files.service.bundles import names, sides
from wrkq_files.service.bundles.sides import Sides
from wrkq_files.service.change import Change, Options
from wrkq_files.service.joining import Joined
from wrkq_files.service.publish import Attempts
from wrkq_files.service.scopes import Reviewed
from wrkq_files.service.tracker import Tracker

#: How a bundle landed, or would.
FAST_FORWARD, MERGE, SQUASH, NOTHING = "fast-forward", "merge", "squash", "unchanged"
#: Trailers besides those of operations and their actors.
_OTHER: Final = re.compile(r"(?:Wrkq-(?!Op:|Actor:)[A-Za-z]+|Co-authored-by): \S")
_SHORT: Final = 8
_LISTED: Final = 50


class Checked(NamedTuple):
    """``findings``: of the bundle's commits. ``joined``: what merging it with the base comes to."""

    sides: Sides
    findings: Sequence[Reviewed]
    joined: Joined

    @property
    def is_sound(self) -> bool:
        return not any(each.checked.severity == ERROR for each in self.findings)


class Landed(NamedTuple):
    """``branch`` went from ``old`` to ``new`` (the same, where nothing was to be done), or would."""

    name: str
    branch: str
    other: str
    how: str
    old: str
    new: str
    files: Sequence[str] = ()
    dry_run: bool = False
    notes: Sequence[str] = ()


def check(tracker: Tracker, name: str | None) -> Checked:
    """Judges each commit of a bundle, and merges it with the base in memory."""
    both = sides.of(tracker, name)
    found = (
        scopes.ranged(tracker.door, f"{both.base.tip}..{both.branch.tip}", repo=tracker.repo) if both.ahead else []
    )
    return Checked(both, found, join(tracker, both))


def join(tracker: Tracker, both: Sides) -> Joined:
    """The base merged into the bundle, in memory."""
    labels = (both.branch.name, both.base.name)
    return joining.join(tracker.door, tracker.repo, both.branch.tip, both.base.tip, labels=labels)


# Merging the base in


def sync(tracker: Tracker, name: str | None, *, dry_run: bool = False) -> Landed:
    """Merges the base into a bundle, so that a host's button finds nothing left to merge.

    Raises WrkqError ``conflict`` where the two do not agree, with what to type; ``dirty_file`` where uncommitted
    edits are in the way of a worktree that has the bundle checked out. Nothing is changed then.
    """
    attempts = Attempts()
    while True:
        both = sides.of(tracker, name)
        try:
            return _sync(tracker, both, dry_run=dry_run)
        except Moved as moved:
            attempts.again(str(moved), moved=True)


def _sync(tracker: Tracker, both: Sides, *, dry_run: bool) -> Landed:
    branch, base = both.branch, both.base
    _check_not_base(both)
    if both.behind == 0:
        return Landed(both.name, branch.name, base.name, NOTHING, branch.tip, branch.tip, dry_run=dry_run)
    joined = join(tracker, both)
    if not joined.is_clean:
        raise _conflict(joined, f"{base.name} cannot be merged into {branch.name}", _by_hand(both))
    if both.ahead == 0:
        new, how = base.tip, FAST_FORWARD
    else:
        line = f"merge {base.name} into {branch.name}"
        text = _message(tracker, "bundle-sync", line)
        new, how = joining.commit_join(tracker.repo, joined.tree, [branch.tip, base.tip], text), MERGE
    files = _files(tracker, branch.tip, new)
    if not dry_run:
        _advance(tracker, branch, new, f"bundle sync: {how}")
    return Landed(both.name, branch.name, base.name, how, branch.tip, new, files, dry_run)


def _check_not_base(both: Sides) -> None:
    if both.base.local is not None and both.branch.ref == both.base.local.ref:
        raise WrkqError("usage", f"{both.branch.name} is the base branch", hint="name a bundle: wrkq bundle ls")


def _by_hand(both: Sides) -> str:
    going = f"cd {both.branch.worktree}" if both.branch.worktree else f"git switch {both.branch.name}"
    what = both.base.name if both.base.local and both.base.local.tip == both.base.tip else both.base.tip[:_SHORT]
    return f"by hand: {going}; git merge {what}; wrkq conflicts; wrkq resolve TARGET --ours|--theirs; git commit"


def merged(tracker: Tracker, branch: Branch, other: str, line: str) -> str:
    """A branch and another commit merged: a commit that no branch is at yet. Raises ``conflict``."""
    if branches.is_ancestor(tracker.repo, other, branch.tip):
        return branch.tip
    joined = joining.join(tracker.door, tracker.repo, branch.tip, other, labels=(branch.name, other[:_SHORT]))
    if not joined.is_clean:
        going = "" if branch.worktree else f"git switch {branch.name}; "
        hint = f"by hand: {going}git merge {other[:_SHORT]}; wrkq conflicts; wrkq resolve TARGET; git commit"
        raise _conflict(joined, f"{other[:_SHORT]} cannot be merged into {branch.name}", hint)
    return joining.commit_join(tracker.repo, joined.tree, [branch.tip, other], _message(tracker, "sync", line))


# Landing


def apply(
    tracker: Tracker, name: str, *, into: str | None = None, squash: bool = False, dry_run: bool = False
) -> Landed:
    """Brings a bundle into the base, or another branch: by fast-forward, a merge commit, or one commit for all.

    Raises WrkqError ``conflict`` where the two do not agree, ``validation`` for a bundle with errors, ``dirty_file``
    where uncommitted edits are in the way of a worktree that has the branch checked out. Nothing is changed then.
    """
    attempts = Attempts()
    while True:
        branch = names.required(tracker.repo, name)
        target = _target(tracker, into)
        try:
            return _apply(tracker, branch, target, squash=squash, dry_run=dry_run)
        except Moved as moved:
            attempts.again(str(moved), moved=True)


def _target(tracker: Tracker, into: str | None) -> Branch:
    if into is not None:
        return names.required(tracker.repo, into)
    base = sides.required_base(tracker)
    if base.local is None:
        message = f"there is no local branch {base.name} to land on"
        raise WrkqError("not_found", message, hint=f"git branch {base.name} origin/{base.name}; or --into BRANCH")
    return base.local


def _apply(tracker: Tracker, branch: Branch, target: Branch, *, squash: bool, dry_run: bool) -> Landed:
    repo, name = tracker.repo, names.short(branch.name)
    if branch.ref == target.ref:
        raise WrkqError("usage", f"{branch.name} cannot land on itself", hint="--into BRANCH names another")
    if branches.is_ancestor(repo, branch.tip, target.tip):
        return Landed(name, target.name, branch.name, NOTHING, target.tip, target.tip, dry_run=dry_run)
    joined = joining.join(tracker.door, repo, target.tip, branch.tip, labels=(target.name, branch.name))
    if not joined.is_clean:
        hint = f"wrkq bundle sync {name} merges {target.name} into it, and says what to do by hand"
        raise _conflict(joined, f"{branch.name} cannot be merged into {target.name}", hint)
    _check_sound(tracker, joined.bases[0], branch)
    how = SQUASH if squash else FAST_FORWARD if target.tip in joined.bases else MERGE
    new = branch.tip
    if how != FAST_FORWARD:
        line = f"bundle {name}" if squash else f"merge bundle {name}"
        text = squashed(tracker, joined.bases[0], branch, line) if squash else _message(tracker, "bundle-apply", line)
        parents = [target.tip] if squash else [target.tip, branch.tip]
        new = joining.commit_join(repo, joined.tree, parents, text)
    files = _files(tracker, target.tip, new)
    if not dry_run:
        _advance(tracker, target, new, f"bundle apply {name}: {how}")
    return Landed(name, target.name, branch.name, how, target.tip, new, files, dry_run)


def _check_sound(tracker: Tracker, fork: str, branch: Branch) -> None:
    found = scopes.compared(tracker.door, tracker.repo, fork, branch.tip)
    wrong = [each.checked.finding for each in found if each.checked.severity == ERROR]
    if wrong:
        raise refusals.by_findings(wrong, hint=f"see them all: wrkq bundle check {names.short(branch.name)}")


def _advance(tracker: Tracker, branch: Branch, new: str, why: str) -> None:
    if not branch.worktree:
        onto.move(tracker.repo, branch.ref, new, branch.tip, why)
        return
    advance(tracker.repo, branch, new, why)


def _files(tracker: Tracker, old: str, new: str) -> list[str]:
    return [each.path for each in trees.between(tracker.repo, old, new)]


# Words


def _message(tracker: Tracker, operation: str, line: str, body: str = "") -> str:
    """A merge's message: its line and the trailers of one operation."""
    change = Change(operation, (), line, ())
    told = publish.operations_of(tracker, change, Options())
    return message.compose(tracker.config, [change], told, why=body or None, coauthor=publish.coauthor(tracker))


def squashed(tracker: Tracker, fork: str, branch: Branch, line: str) -> str:
    """One message for many commits: their subjects, and all their trailers once more."""
    texts = [*texts_of(tracker, fork, branch.tip)]
    subjects = [f"* {message.flat(text.partition(chr(10))[0])}" for text in texts]
    more = [f"* and {len(subjects) - _LISTED} more"] if subjects[_LISTED:] else []
    lines = [message.subject(tracker.config, line), "", *subjects[:_LISTED], *more, "", *trailers(texts)]
    return "\n".join(lines).rstrip() + "\n"


def texts_of(tracker: Tracker, fork: str, tip: str) -> list[str]:
    """The messages of a branch's own commits, oldest first; merges say nothing of their own."""
    found = log.between(tracker.repo, fork, tip)
    said = log.messages(tracker.repo, found)
    return [said[commit] for commit in found if commit in said]


def trailers(texts: Sequence[str]) -> list[str]:
    """The trailers in these messages that history is read by, each once; an actor stands below what is theirs."""
    told = {each.ulid: each for text in texts for each in messages.read(text).operations}
    operations = [
        message.Operation(each.ulid, each.name, each.ids, each.actor or None, (), "") for each in told.values()
    ]
    found = [f"{key}: {value}" for key, value in message.trailers(operations) if value]
    lines = (line.strip() for text in texts for line in text.splitlines())
    return [*found, *dict.fromkeys(line for line in lines if _OTHER.match(line))]


def _conflict(joined: Joined, what: str, hint: str) -> WrkqError:
    """The refusal, with every conflict and every error that only the merge has."""
    said = [words(each) for each in joined.conflicts] + [found_words(each) for each in joined.findings]
    listed = "".join(f"\n  {line}" for line in said)
    details = {
        "conflicts": [as_row(each) for each in joined.conflicts],
        "findings": [{"file": each.file, **each.checked.finding.as_json()} for each in joined.findings],
    }
    return WrkqError("conflict", f"{what}; nothing is changed{listed}", hint=hint, details=details)


def words(each: Conflict) -> str:
    """A conflict on one line."""
    field = f" {each.field}" if each.field else ""
    if each.field in ("", "body", "path") or each.base == each.ours == each.theirs:
        return f"{each.path}:{field} {each.why}"
    why = f" ({each.why})" if each.why else ""
    return f"{each.path}:{field} {_said(each.ours)} here, {_said(each.theirs)} there, was {_said(each.base)}{why}"


def found_words(each: Reviewed) -> str:
    return f"{each.file}: {each.checked.finding.message}"


def as_row(each: Conflict) -> dict[str, Any]:
    return dict(each._asdict())


def _said(value: Any) -> str:
    """A value in words; of what counts as one field, each part."""
    if isinstance(value, dict):
        return " ".join(short(each) for each in value.values()) or DEFAULT_STATE
    return "none" if value is None else short(value)
