"""One writer of an index at a time."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

NAME: Final = "lock"


class Busy(Exception):
    """Another process kept the lock for longer than one was ready to wait."""


@contextlib.contextmanager
def writing(folder: Path, patience: float) -> Iterator[None]:
    """Hold the folder's lock. Raises :class:`Busy` after ``patience`` seconds, OSError where no lock can be made.

    The lock goes with its holder, however that dies; the file stays.
    """
    handle = _take(folder / NAME, time.monotonic() + patience)
    try:
        yield
    finally:
        os.close(handle)


def _take(path: Path, deadline: float) -> int:
    import fcntl  # a read that finds nothing changed needs no lock

    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_still(path, handle):
                return handle
        except BlockingIOError:
            _wait(handle, deadline)
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _wait(handle: int, deadline: float) -> None:
    if time.monotonic() >= deadline:
        os.close(handle)
        raise Busy
    time.sleep(0.002)


def _is_still(path: Path, handle: int) -> bool:
    """Whether the path is the file that is locked: the folder may be deleted at any moment, and made anew."""
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False
