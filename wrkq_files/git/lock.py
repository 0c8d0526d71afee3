"""One writer of ours at a time in a worktree."""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING

from wrkq_files.errors import WrkqError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wrkq_files.git.repo import Repo


def own_folder(repo: Repo) -> Path:
    """``<git_dir>/wrkq``, made when missing. Raises ``io`` where it cannot be."""
    return _made(repo.git_dir)


def common_folder(repo: Repo) -> Path:
    """The same for all worktrees: ``<common_dir>/wrkq``."""
    return _made(repo.common_dir)


def _made(git_dir: Path) -> Path:
    folder = git_dir / "wrkq"
    try:
        if not folder.is_dir():
            folder.mkdir(exist_ok=True)
            # As open as .git itself, so that core.sharedRepository's group can write too.
            folder.chmod(git_dir.stat().st_mode & 0o7777)
    except OSError as error:
        raise read_only(folder, error) from error
    return folder


def read_only(path: Path, error: OSError, hint: str = "") -> WrkqError:
    """The refusal for a git folder, or what is in it, that cannot be written."""
    return WrkqError(
        "io",
        f"{path}: cannot be written ({os.strerror(error.errno) if error.errno else error})",
        hint=hint or "nothing was changed; make the git folder writable, or free some space",
    )


@contextlib.contextmanager
def worktree_lock(repo: Repo, timeout: float = 10) -> Iterator[None]:
    """Hold this worktree's write lock; ``busy`` when another process keeps it for ``timeout`` seconds.

    It is ``flock`` on ``<git_dir>/wrkq/write.lock``: gone with its holder however that dies, the file stays. Taken
    with ``fcntl`` and not through filelock, because ``git update-ref`` must inherit the descriptor (``run.start``),
    and importing filelock costs more than a whole git call.
    """
    path = own_folder(repo) / "write.lock"
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise read_only(path, error) from error
    try:
        _acquire(handle, path, timeout)
        _sign(handle)
        os.set_inheritable(handle, True)
        yield
    finally:
        os.close(handle)


def _acquire(handle: int, path: Path, timeout: float) -> None:
    import fcntl

    began = time.monotonic()
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() - began >= timeout:
                raise _busy(path, timeout) from None
        backoff(time.monotonic() - began)


def backoff(waited: float) -> None:
    """Sleep a little, with jitter so that waiters do not march in step; shorter the longer one has waited.

    Who asks more often gets it sooner: the other way round newcomers overtake, and among twenty one starves.
    """
    import random

    time.sleep(random.uniform(0.5, 1.5) * max(0.003, 0.02 - waited / 60))  # noqa: S311 (not a secret)


def _sign(handle: int) -> None:
    """Say in the file who holds it, for the one who waits in vain. Without it the lock is as good."""
    with contextlib.suppress(OSError):
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()} {os.uname().nodename} {time.time():.0f}\n".encode(), 0)


def _busy(path: Path, timeout: float) -> WrkqError:
    words = path.read_text("utf-8", "replace").split()
    who, details = "another wrkq command", {}
    if len(words) == 3 and words[0].isdigit() and words[2].isdigit():
        held = max(0, round(time.time() - int(words[2])))
        who = f"process {words[0]} on {words[1]}, for {held} s,"
        details = {"pid": int(words[0]), "host": words[1], "held_seconds": held}
    return WrkqError(
        "busy",
        f"{who} is writing in this worktree; waited {timeout:g} s",
        hint="try again; nothing was changed",
        details=details,
    )
