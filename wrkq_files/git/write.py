"""One change of named files, as one commit or as files only.

The order matters. "Move the ref, then the index" let concurrent ``git commit`` revert our writes and left the index
behind after a kill. Here: objects (nothing visible); git's ``index.lock``; HEAD read again; the new index in a copy;
a journal; the files; the ref, by compare-and-swap; the index.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from wrkq_files.errors import WrkqError
from wrkq_files.git import gitindex, housekeeping, journal, place
from wrkq_files.git.build import UNCHANGED, Built, FileWrite, Request, build
from wrkq_files.git.lock import read_only
from wrkq_files.git.repo import blob_id
from wrkq_files.git.run import git, wait_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from wrkq_files.git.repo import Repo

__all__ = ["UNCHANGED", "FileWrite", "HeadMoved", "commit", "recover", "write_files"]

recover = journal.recover

#: From here on it pays to let git note the new files' times at once: until then each ``git status`` reads them again.
_BULK = 100


class HeadMoved(Exception):
    """HEAD is not ``parent`` any more. Nothing was changed: the caller reads again and builds anew."""


def _no_step(name: str) -> None:
    """Tests stop or kill the writer here."""


def commit(
    repo: Repo,
    writes: Sequence[FileWrite],
    message: str,
    *,
    parent: str | None,
    actor_env: Mapping[str, str] | None = None,
    sign: bool | None = None,
    timeout: float = 10,
    step: Callable[[str], None] = _no_step,
) -> str:
    """Commit ``writes`` on ``parent`` and bring index and worktree along; the new commit's id.

    Held: the worktree lock, after :func:`recover`. Nothing but these files changes anywhere. Raises ``HeadMoved``;
    ``conflict`` when a file or index entry is not what the caller read or is unmerged; ``busy`` while a person's git
    holds the index; ``refused``, ``no_identity``, ``git``, ``io``. Whatever it raises, everything is as before.
    """
    for write in writes:
        place.check_path(write.path)
    request = Request(message, parent, actor_env, sign)
    built = build(repo, writes, request)
    step("built")
    with built.storing or contextlib.nullcontext():
        _land(repo, writes, built, request, timeout, step)
    housekeeping.collect(repo, wanted=built.gc)
    step("done")
    return built.commit


def follow(
    repo: Repo,
    writes: Sequence[FileWrite],
    commit: str,
    entries: gitindex.Changes,
    *,
    parent: str,
    timeout: float = 10,
    step: Callable[[str], None] = _no_step,
) -> None:
    """Make HEAD's branch one with a commit that is there already, index (``entries``) and files (``writes``) too.

    Held and raised: as :func:`commit`.
    """
    built = Built(commit, entries, None, gc=False)
    _land(repo, writes, built, Request(f"to {commit[:8]}", parent), timeout, step)
    step("done")


def _land(
    repo: Repo,
    writes: Sequence[FileWrite],
    built: Built,
    request: Request,
    timeout: float,
    step: Callable[[str], None],
) -> None:
    """All three at once, HEAD's branch, git's index and the files, or none of them."""
    with _transaction(repo):
        plan = _stage(repo, writes)
        step("staged")
        gitindex.take_lock(repo, journal.folder(repo) / "mark", timeout)
        step("locked")
        if repo.head() != request.parent:
            raise HeadMoved(f"HEAD is {repo.head()}, not {request.parent}")
        _publish(repo, writes, built, request, plan, step)


def write_files(repo: Repo, writes: Sequence[FileWrite], *, step: Callable[[str], None] = _no_step) -> None:
    """Write only the working files (``work``); git's index and HEAD are not touched. Held: the worktree lock.

    Raises ``conflict`` when a file is not what the caller read, ``refused``, ``io``; then nothing is changed.
    """
    for write in writes:
        place.check_path(write.path)
    with _transaction(repo):
        plan = _stage(repo, writes)
        step("staged")
        _place(repo, plan, step)
        journal.end(repo, plan)
    step("done")


@contextlib.contextmanager
def _transaction(repo: Repo) -> Iterator[None]:
    """Make the transaction's folder; after any failure mend at once what a later command would have mended."""
    journal.begin(repo)
    try:
        yield
    except BaseException as error:
        with contextlib.suppress(WrkqError, OSError):  # what cannot be mended now, the next write mends
            journal.recover(repo)
        if isinstance(error, OSError):
            raise read_only(Path(error.filename or repo.top), error) from error
        raise


def _stage(repo: Repo, writes: Sequence[FileWrite]) -> journal.Journal:
    """Write the new working files aside. Additions come first, so that a move does not empty its folder."""
    txn = journal.folder(repo)
    sound: set[str] = set()
    near: dict[Path, Path] = {}
    work: list[tuple[place.Placement, FileWrite]] = []
    for number, write in enumerate(writes):
        if write.work is UNCHANGED:
            continue
        place.check_target(repo, write.path, sound)
        folder = (repo.top / write.path).parent
        base = near.setdefault(folder, near.get(folder) or place.near(folder, txn))
        name = str(base / (f".wrkq-{os.getpid()}-{number}.tmp" if base != txn else str(number)))
        old, new = place.digest(write.work_old), place.digest(write.work)
        work.append((place.Placement(write.path, f"{name}.new", f"{name}.old", old, new), write))
    work.sort(key=lambda pair: pair[0].new is None)
    placements = tuple(placement for placement, _ in work)
    outside = [name for one in placements for name in (one.staged, one.backup) if not name.startswith(f"{txn}/")]
    plan = journal.Journal(temps=tuple(outside))
    if outside:
        journal.save(repo, plan)
    for placement, write in work:
        if isinstance(write.work, bytes):
            place.stage(repo, placement, write.work, write.mode)
    return plan._replace(work=placements)


def _publish(
    repo: Repo,
    writes: Sequence[FileWrite],
    built: Built,
    request: Request,
    plan: journal.Journal,
    step: Callable[[str], None],
) -> None:
    """Index copy, journal, files, ref, index; git's index lock is held."""
    copy = journal.folder(repo) / f"index.{os.getpid()}"
    changes, before = _new_index(repo, writes, built, copy)
    step("copied")
    plan = plan._replace(
        work=_without_sparse(repo, plan.work, before),
        commit=built.commit,
        head=repo.branch() or "",
        entries=changes,
        before={path: (before[path].mode, before[path].oid) if path in before else None for path in changes},
    )
    _place(repo, plan, step)
    if len(changes) > _BULK:
        gitindex.refresh(repo, copy)
    _move_head(repo, built.commit, request)
    step("ref")
    if changes:
        gitindex.put(repo, copy)
    step("index")
    gitindex.remove_our_lock(repo)
    step("unlocked")
    journal.end(repo, plan)


def _new_index(
    repo: Repo, writes: Sequence[FileWrite], built: Built, copy: Path
) -> tuple[gitindex.Changes, dict[str, gitindex.Entry]]:
    """Make the index copy beside reading the present entries: nearly always they have the modes HEAD has."""
    zero = "0" * len(built.commit)
    paths = [write.path for write in writes]
    asked = gitindex.ask_entries(repo, paths)
    making = gitindex.start_copy(repo, copy, built.entries, zero) if built.entries else None
    answer, *_ = wait_all(asked, *filter(None, (making, built.storing)))
    before = gitindex.entries(answer, paths)
    _check_staged(repo, writes, before)
    changes = gitindex.with_modes(built.entries, before)
    if changes != built.entries:
        copy.unlink()
        gitindex.start_copy(repo, copy, changes, zero).wait()
    gitindex.keep_flags(repo, copy, before, changes)
    return changes, before


def _check_staged(repo: Repo, writes: Sequence[FileWrite], before: Mapping[str, gitindex.Entry]) -> None:
    """``conflict`` where somebody has staged something since the caller read the index."""
    for write in writes:
        if write.staged_old is UNCHANGED:
            continue
        expected = None if write.staged_old is None else blob_id(write.staged_old, repo.object_format)
        now = before.get(write.path)
        if (now.oid if now else None) != expected:
            raise place.changed(write.path)


def _without_sparse(
    repo: Repo, work: tuple[place.Placement, ...], before: Mapping[str, gitindex.Entry]
) -> tuple[place.Placement, ...]:
    """Leave out files that a sparse checkout keeps out of the worktree, unless they are there."""
    return tuple(
        one
        for one in work
        if not (one.path in before and "S" in before[one.path].flags and not (repo.top / one.path).exists())
    )


def _place(repo: Repo, plan: journal.Journal, step: Callable[[str], None]) -> None:
    """Check all working files against what the caller read, keep the old ones, then put the new ones in place."""
    for placement in plan.work:
        place.secure(repo, placement)
    step("secured")
    journal.save(repo, plan)
    step("journal")
    for number, placement in enumerate(plan.work):
        place.place(repo, placement)
        step(f"placed {number}")


def _move_head(repo: Repo, new: str, request: Request) -> None:
    """Move the branch HEAD names (or a detached HEAD) by compare-and-swap; unborn is all zeros."""
    old = request.parent or "0" * len(new)
    subject = "commit: " + request.message.split("\n", 1)[0]
    try:
        git(repo, "update-ref", "-m", subject, "HEAD", new, old, env=request.env, inherit_locks=True)
    except WrkqError as error:
        if repo.head() != request.parent:
            raise HeadMoved(f"HEAD is {repo.head()}, not {request.parent}") from error
        raise
