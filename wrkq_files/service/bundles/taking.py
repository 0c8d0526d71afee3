"""Moving what cannot be pushed to the base onto a bundle: uncommitted edits of the tracker, and local commits."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git import branches, build, lock, onto, trees
from wrkq_files.git import write as git_write
from wrkq_files.git.advance import advance
from wrkq_files.git.branches import LOCAL, Branch, Moved
from wrkq_files.git.write import FileWrite
from wrkq_files.service import actors, message, pending, publish, status
from wrkq_files.service.base import Base
from wrkq_files.service.bundles import keeping, landing, names, sides, standing
from wrkq_files.service.change import Change, Options
from wrkq_files.service.publish import LOCK_SECONDS, Attempts
from wrkq_files.service.tracker import Tracker


class Taken(NamedTuple):
    """``files`` had uncommitted edits and ``commits`` were only here; both are on the bundle, at ``commit``.

    ``kept``: the ref under which the base's old tip stays; None where it was not moved.
    """

    name: str
    branch: str
    commit: str
    base: str
    files: Sequence[str]
    commits: int
    kept: str | None = None
    dry_run: bool = False

    @property
    def is_nothing(self) -> bool:
        return not self.files and not self.commits


class _Source(NamedTuple):
    """What there is to take: the base as it is checked out, how many commits the remote lacks, the edits."""

    base: Base
    local: Branch
    commits: int
    change: Change
    writes: Sequence[FileWrite]


def take(tracker: Tracker, name: str | None, *, dry_run: bool = False) -> Taken:
    """Takes the edits, and the base's commits that the remote has not, to a bundle: the pending one without a name.

    The base is then what the remote has. Everything is on the bundle before anything here changes, and the base's old
    tip is kept under a ref of ours. Raises ``refused`` where the base is not checked out, ``conflict`` where the
    bundle says something else, ``dirty_file`` for other edits in the way.
    """
    attempts = Attempts()
    while True:
        source = _source(tracker)
        ref, target = _target(tracker, name)
        try:
            return _take(tracker, source, ref, target, dry_run=dry_run)
        except (Moved, git_write.HeadMoved) as moved:
            attempts.again(str(moved), moved=True)


def _source(tracker: Tracker) -> _Source:
    base = sides.required_base(tracker)
    if base.local is None or tracker.repo.branch() != base.name:
        message = f"{base.name} is not checked out here, and what is on another branch can be pushed"
        raise WrkqError("refused", message, hint=f"git switch {base.name}")
    ahead = branches.ahead_behind(tracker.repo, base.local.tip, base.remote.tip)[0] if base.remote else 0
    change, writes = status.edits(tracker)
    return _Source(base, base.local, ahead, change, writes)


def _target(tracker: Tracker, name: str | None) -> tuple[str, Branch | None]:
    """The bundle's branch by its full name, and as it is."""
    if name is None:
        actors.required(tracker)
        ref = standing.ref_of(tracker) or ""
        name = ref.removeprefix(LOCAL)
    else:
        found = names.find(tracker.repo, name)
        ref = found.ref if found else names.new_ref(tracker.repo, name)
    if (folder := onto.holder(tracker.repo, ref)) is not None:
        raise WrkqError("refused", f"{names.short(ref)} is checked out in {folder}", hint=f"name another than {name}")
    return ref, branches.branch(tracker.repo, ref.removeprefix(LOCAL))


def _take(tracker: Tracker, source: _Source, ref: str, target: Branch | None, *, dry_run: bool) -> Taken:
    name, files = names.short(ref), [each.path for each in source.writes]
    if not files and not source.commits:
        tip = target.tip if target else source.local.tip
        return Taken(name, ref.removeprefix(LOCAL), tip, source.base.name, (), 0, dry_run=dry_run)
    new = _joined(tracker, _committed(tracker, source), target, source)
    taken = Taken(name, ref.removeprefix(LOCAL), new, source.base.name, files, source.commits, dry_run=dry_run)
    if dry_run:
        return taken
    if target is None or new != target.tip:
        onto.move(tracker.repo, ref, new, target.tip if target else None, "bundle take")
    _put_back(tracker, source)
    return taken._replace(kept=_reset(tracker, source))


def _committed(tracker: Tracker, source: _Source) -> str:
    """The edits as a commit on the base's tip, which nobody sees yet."""
    if not source.writes:
        return source.local.tip
    text = message.compose(
        tracker.config,
        [source.change],
        publish.operations_of(tracker, source.change, Options()),
        why=None,
        earlier=pending.taken_along(tracker.repo, source.writes),
        coauthor=publish.coauthor(tracker),
    )
    built = build.build(tracker.repo, source.writes, build.Request(text, source.local.tip))
    if built.storing:
        built.storing.wait()
    return built.commit


def _joined(tracker: Tracker, commit: str, target: Branch | None, source: _Source) -> str:
    """The commit, or what merging it into the bundle comes to. Raises ``conflict``."""
    if target is None or branches.is_ancestor(tracker.repo, target.tip, commit):
        return commit
    return landing.merged(tracker, target, commit, f"take from {source.base.name}")


def _put_back(tracker: Tracker, source: _Source) -> None:
    """The edited files become what the base's tip has; one that was edited again by now is left, and told."""
    if not source.writes:
        return
    repo, tip = tracker.repo, source.local.tip
    paths = {each.path for each in source.writes}
    there = {each.path: each for each in trees.listing(repo, tip, tracker.prefix) if each.path in paths}
    entries = {path: (there[path].mode, there[path].blob) if path in there else None for path in paths}
    with lock.worktree_lock(repo, timeout=LOCK_SECONDS):
        git_write.recover(repo)
        blobs = _texts(tracker, {each.blob for each in there.values()})
        writes = [
            _restored(each, blobs[there[each.path].blob] if each.path in there else None) for each in source.writes
        ]
        git_write.follow(repo, writes, tip, entries, parent=tip)
    with contextlib.suppress(WrkqError):
        pending.prune(repo)


def _texts(tracker: Tracker, blobs: set[str]) -> dict[str, bytes | None]:
    from wrkq_files.git.batch import Blobs

    with Blobs(tracker.repo) as found:
        return found.many([*blobs])


def _restored(write: FileWrite, text: bytes | None) -> FileWrite:
    return FileWrite(write.path, text, text, text, write.mode, work_old=write.work_old, staged_old=write.staged_old)


def _reset(tracker: Tracker, source: _Source) -> str | None:
    """The base becomes what the remote has, files and index too; the ref that keeps what it was."""
    if not source.commits or source.base.remote is None:
        return None
    kept = keeping.archive(tracker.repo, source.base.name, source.local.tip)
    now = branches.branch(tracker.repo, source.base.name)
    if now is None or now.tip != source.local.tip:
        raise Moved(f"{source.base.name} is not at {source.local.tip}")
    advance(tracker.repo, now, source.base.remote.tip, "bundle take: to what the remote has")
    return kept
