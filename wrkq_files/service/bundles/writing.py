"""Carrying out a change on a branch that is not checked out: as a commit, and no file or index entry is touched."""

from __future__ import annotations

from wrkq_files.errors import WrkqError
from wrkq_files.git import lock, onto
from wrkq_files.git.branches import Moved
from wrkq_files.service import message, publish, views
from wrkq_files.service.bundles.branch import OnBranch
from wrkq_files.service.change import Change, Options, Written
from wrkq_files.service.publish import Attempts, Plan
from wrkq_files.service.tracker import Tracker


def carry_out(tracker: Tracker, plan: Plan, options: Options) -> Written:
    """As :func:`publish.carry_out`; who is overtaken by another writer begins again at the branch's new tip.

    Raises WrkqError ``refused`` where a worktree has the branch checked out by now, ``not_found`` where it is gone.
    """
    assert isinstance(tracker, OnBranch)
    if options.commit is False:
        message = "a write to a bundle is a commit at once: no file of it is here that could wait for one"
        raise WrkqError("usage", message, hint="leave out --no-commit")
    if options.dry_run:
        return publish.preview(tracker, plan())
    # Who waits for a turn loses no work; without it all but one of many would begin again.
    with lock.worktree_lock(tracker.repo, timeout=publish.LOCK_SECONDS):
        tracker.follow()
        if options.key:
            from wrkq_files.service import keys

            return keys.once(tracker, options.key, lambda: _try(tracker, plan, options))
        return _try(tracker, plan, options)


def _try(tracker: OnBranch, plan: Plan, options: Options) -> Written:
    attempts = Attempts()
    while True:
        try:
            return _once(tracker, plan(), options)
        except Moved as moved:
            attempts.again(str(moved), moved=True)
            tracker.follow()


def _once(tracker: OnBranch, change: Change, options: Options) -> Written:
    writes = views.branch_writes(tracker, change.edits)
    if not writes:
        return publish.told(tracker, change, "unchanged", writes)
    text = message.compose(
        tracker.config,
        change.operations,
        publish.operations_of(tracker, change, options),
        why=options.message,
        coauthor=publish.coauthor(tracker),
    )
    tracker.index.release()
    commit = onto.commit(tracker.repo, tracker.ref, writes, text, parent=tracker.commit, is_new=tracker.is_new)
    tracker.follow(commit)
    return publish.told(tracker, change, "committed", writes, commit=commit)
