"""Carrying out a change: under the lock read, decide and apply; then commit, or leave that to the person."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Final

from wrkq_files.errors import WrkqError
from wrkq_files.git import lock, read
from wrkq_files.git import write as git_write
from wrkq_files.git.run import Running, start
from wrkq_files.git.write import UNCHANGED, FileWrite
from wrkq_files.model.config import ON_BASE_COMMIT
from wrkq_files.service import message, pending, views
from wrkq_files.service.change import Change, Options, Written
from wrkq_files.service.tracker import Tracker

Plan = Callable[[], Change]
#: Twenty writers may wait for each other on a slow machine.
LOCK_SECONDS: Final = 120.0
#: A person's commit can move HEAD between our reading and our writing; each try starts from the new HEAD.
_PATIENCE: Final = 45.0
#: A file that is never what was read a moment ago is not somebody's edit, but in the way.
_CONFLICTS: Final = 12


class Attempts:
    """How often, and how long, a write that is overtaken again and again goes on trying."""

    def __init__(self) -> None:
        self._end = time.monotonic() + _PATIENCE
        self._conflicts = 0

    def again(self, reason: str, *, moved: bool) -> None:
        """Raises WrkqError ``busy`` when it was enough; ``moved``: it was HEAD that changed."""
        self._conflicts += not moved
        if time.monotonic() > self._end or self._conflicts >= _CONFLICTS:
            message = f"the branch or the file keeps changing under this write ({reason})"
            raise WrkqError("busy", message, hint="nothing was changed; try again")


def carry_out(tracker: Tracker, plan: Plan, options: Options) -> Written:
    """Makes the change that ``plan`` describes; ``plan`` may be called again when HEAD moved meanwhile.

    Raises whatever ``plan`` refuses, and WrkqError ``dirty_file``, ``validation``, ``busy``, ``no_identity``; with a
    key also ``conflict`` where it stands for another request.
    """
    if tracker.gather:
        change = plan()
        return result_of(tracker, change, "written" if tracker.gather(change) else "unchanged", ())
    if options.dry_run:
        return preview(tracker, plan())
    if tracker.publisher:
        return tracker.publisher(plan, options)
    if tracker.config.on_base != ON_BASE_COMMIT:
        from wrkq_files.service.bundles import standing

        standing.check_free(tracker)
    with lock.worktree_lock(tracker.repo, timeout=LOCK_SECONDS):
        mended = git_write.recover(tracker.repo)
        if options.key:
            from wrkq_files.service import keys

            written = keys.once(tracker, options.key, lambda: _try(tracker, plan, options))
        else:
            written = _try(tracker, plan, options)
        return written._replace(notes=(mended.words, *written.notes)) if mended else written


def _try(tracker: Tracker, plan: Plan, options: Options) -> Written:
    """Plans and writes until nobody comes in between."""
    attempts = Attempts()
    while True:
        with _ask_unmerged(tracker, options) as asked:  # git looks while we plan
            change = plan()
        try:
            return _once(tracker, change, options, asked)
        except _Overtaken as overtaken:
            attempts.again(str(overtaken), moved=overtaken.moved)


class _Overtaken(Exception):
    """Somebody moved HEAD or wrote the file between our reading and our writing; nothing was changed."""

    def __init__(self, reason: str, *, moved: bool) -> None:
        super().__init__(reason)
        self.moved = moved


def _once(tracker: Tracker, change: Change, options: Options, asked: Running | None) -> Written:
    reason = _why_not_commit(tracker, asked)
    if reason is not None:
        return _write_only(tracker, change, options, reason)
    # Read before the texts: a branch that moves later makes the commit start again.
    parent = tracker.repo.head()
    writes = views.committed_writes(tracker, change.edits, with_edits=options.with_edits)
    if not writes:
        return result_of(tracker, change, "unchanged", writes)
    if all(write.head is UNCHANGED for write in writes):
        why_not = "only what is not committed yet has changed: written, not committed"
        return _write_only(tracker, change, options, why_not)
    operations = operations_of(tracker, change, options)
    earlier = pending.taken_along(tracker.repo, writes) if options.with_edits else ()
    text = message.compose(
        tracker.config,
        change.operations,
        operations,
        why=options.message,
        earlier=earlier,
        coauthor=coauthor(tracker),
    )
    tracker.index.release()  # other commands need not work around our read while git works
    try:
        commit = git_write.commit(tracker.repo, writes, text, parent=parent)
    except git_write.HeadMoved as moved:
        raise _Overtaken(str(moved), moved=True) from moved
    except WrkqError as error:
        if error.code == "no_identity":
            _write_files(tracker, change, operations, writes)
            raise no_identity("written, but not committed: git does not know who you are") from error
        raise _overtaken(error) from error
    return result_of(tracker, change, "committed", writes, commit=commit)


def _write_only(tracker: Tracker, change: Change, options: Options, reason: str) -> Written:
    writes = views.working_writes(tracker, change.edits)
    if writes:
        _write_files(tracker, change, operations_of(tracker, change, options), writes)
    notes = (*change.notes, reason) if reason and writes else change.notes
    return result_of(tracker, change, "written" if writes else "unchanged", writes, notes=notes)


def operations_of(tracker: Tracker, change: Change, options: Options) -> list[message.Operation]:
    """A change's operations as a commit's trailers tell them."""
    actor = _actor(tracker)
    return [
        message.Operation.of(each, ulid(tracker), actor=actor, door=tracker.door, key=options.key)
        for each in change.operations
    ]


def _write_files(
    tracker: Tracker, change: Change, operations: Sequence[message.Operation], writes: Sequence[FileWrite]
) -> None:
    """Writes the files, and notes the operations down for whoever commits them."""
    paths = [_paths(tracker, each) for each in change.operations]
    try:
        with pending.noted(tracker.repo, [*zip(operations, paths, strict=True)], writes):
            git_write.write_files(tracker.repo, writes)
    except WrkqError as error:
        raise _overtaken(error) from error


def _paths(tracker: Tracker, operation: Change) -> Collection[str]:
    """The repository paths that an operation is about."""
    ends = {path for edit in operation.edits for path in (edit.path, edit.to) if path}
    return [tracker.repository_path(path) for path in ends]


def _overtaken(error: WrkqError) -> Exception:
    """git/ answers ``conflict`` when a file is not what was read any more: that is no answer to the person yet."""
    return _Overtaken(error.message, moved=False) if error.code == "conflict" else error


def _ask_unmerged(tracker: Tracker, options: Options) -> AbstractContextManager[Running | None]:
    """Starts asking for unmerged entries anywhere in the repository; None when nothing is to be committed."""
    wanted = options.commit if options.commit is not None else tracker.config.commit_mode == "auto"
    return start(tracker.repo, "ls-files", "-u", "-z") if wanted else nullcontext()


def _why_not_commit(tracker: Tracker, asked: Running | None) -> str | None:
    """None when the change is to be committed, else the reason (empty when it is simply the mode)."""
    if asked is None:
        return ""
    if operation := read.in_progress(tracker.repo):
        return f"a {operation} is in progress: written, not committed"
    if unmerged := os.fsdecode(asked.wait()).partition("\0")[0].partition("\t")[2]:
        return f"{unmerged} is unmerged: written, not committed"
    return None


def preview(tracker: Tracker, change: Change) -> Written:
    """What a change would do."""
    from wrkq_files.git.diff import renamed, unified

    writes = views.working_writes(tracker, change.edits)
    name = tracker.repository_path
    moved = [edit for edit in change.edits if edit.path and edit.to and edit.path != edit.to]
    olds = {name(edit.path): tracker.read(edit.path) for edit in moved if edit.path}
    origins = {name(edit.to): name(edit.path) for edit in moved if edit.path and edit.to}
    gone = {*origins.values()} - origins.keys()
    diff = "".join(
        renamed(origins[write.path], write.path, olds[origins[write.path]], _bytes(write))
        if write.path in origins
        else unified(write.path, write.work_old, _bytes(write))
        for write in writes
        if write.path not in gone or _bytes(write) is not None
    )
    return result_of(tracker, change, "dry-run" if writes else "unchanged", writes, diff=diff)


def _bytes(write: FileWrite) -> bytes | None:
    return write.work if isinstance(write.work, bytes) else None


def result_of(
    tracker: Tracker,
    change: Change,
    status: str,
    writes: Sequence[FileWrite],
    *,
    commit: str | None = None,
    diff: str = "",
    notes: tuple[str, ...] | None = None,
) -> Written:
    """What a person, or a program, is told of a change."""
    told = change.notes if notes is None else notes
    if status in ("committed", "written"):
        told += tuple(f"{each.place}: {each.message}: the default holds" for each in tracker.config_findings)
    return Written(
        operation=change.operation,
        status=status,
        ids=change.ids,
        subject=change.subject,
        paths=tuple(dict.fromkeys(write.path for write in writes)),
        commit=commit,
        diff=diff,
        notes=told,
        data=change.data,
        failed=change.failed,
    )


def ulid(tracker: Tracker) -> str:
    """A ULID (github.com/ulid/spec) of the door's clock and randomness."""
    from ulid import ULID

    milliseconds = int(tracker.door.now().timestamp() * 1000)
    return str(ULID.from_bytes(milliseconds.to_bytes(6, "big") + tracker.door.random_bits(80).to_bytes(10, "big")))


def coauthor(tracker: Tracker) -> str | None:
    """The actor, where the settings ask for it and git would write somebody else as the author."""
    from wrkq_files.service import actors

    return actors.coauthor(tracker) if tracker.config.commit_co_author else None


def _actor(tracker: Tracker) -> str | None:
    from wrkq_files.service import actors

    who = actors.current(tracker)
    return who.slug if who else None


def no_identity(message: str) -> WrkqError:
    """The refusal to commit in nobody's name."""
    return WrkqError(
        "no_identity",
        message,
        hint='git config user.name "Your Name"; git config user.email you@example.org; then: wrkq commit',
    )
