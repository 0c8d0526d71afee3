"""Doing something again whenever a file of the tracker changes, or HEAD moves."""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

from wrkq_files.cli import findings
from wrkq_files.cli.findings import Shown
from wrkq_files.cli.request import Request
from wrkq_files.model.layout import CONFIG_NAME

#: Milliseconds without another change before it begins: editors write a file in several steps.
_CALM = 100
#: Milliseconds between two looks at whether a file has changed, and at most between two looks at HEAD itself.
_STEP, _LOOK = 20, 250


def rounds(ask: Request, check: Callable[[Request], Sequence[Shown]]) -> int:
    """Check now, and after every change, each time in a request of its own; until it is interrupted.

    ``check`` prints what it finds, and returns it.

    Prints ``checking…`` before each round and ``done: 2 errors`` after it: an editor's task knows by these when what
    it shows is old (docs/editors.md).
    """
    from watchfiles import DefaultFilter, watch

    class OurFiles(DefaultFilter):
        def __call__(self, change: object, path: str) -> bool:
            return path.endswith((".md", CONFIG_NAME)) and "/.git/" not in path

    # Woken five times a second, with nothing where nothing happened: by the first time it is watching, so that no
    # change between the first check and the first wait is missed.
    changes = watch(ask.tracker.root, watch_filter=OurFiles(), step=_CALM, rust_timeout=200, yield_on_timeout=True)
    next(changes)
    while True:
        fresh = Request(ask.program, ask.screen)
        fresh.given.update(ask.given)
        fresh.out.line("checking…")
        shown = check(fresh)
        fresh.out.line(f"done: {findings.summary([each.severity for each in shown])}")
        fresh.out.close()
        ask.screen.out.flush()
        while not next(changes):
            pass


class Wakes:
    """Waits for files in some folders to change; where the system cannot tell, only for time to pass.

    ``folders`` is asked again whenever something has happened: a branch may lie in a folder of its own.
    """

    def __init__(self, folders: Callable[[], Sequence[Path]]) -> None:
        self._folders = folders
        self._watched: Sequence[Path] = ()
        self._changes: Iterator[object] | None = None

    def wait(self, seconds: float) -> None:
        """Until something changes, at most so long, and at most a quarter of a second."""
        if seconds * 1000 < _LOOK:
            time.sleep(max(seconds, 0))
            return
        try:
            if self._changes is None or self._folders() != self._watched:
                self._watch()
            assert self._changes is not None
            next(self._changes)
        except (OSError, RuntimeError, StopIteration):  # no inotify is left, or a folder has gone
            self._changes = None
            time.sleep(_LOOK / 1000)

    def _watch(self) -> None:
        from watchfiles import watch

        self._watched = self._folders()
        self._changes = watch(
            *self._watched,
            watch_filter=None,  # which would pass over `.git`
            debounce=_LOOK,
            step=_STEP,
            rust_timeout=_LOOK,
            yield_on_timeout=True,
            recursive=False,
        )


def is_read(stream: TextIO) -> bool:
    """Whether anybody is left to read what is written: a pipe tells, before it is written to."""
    try:
        poll = select.poll()
        poll.register(stream.fileno(), 0)
        return not any(state & (select.POLLERR | select.POLLHUP) for _, state in poll.poll(0))
    except (AttributeError, OSError, ValueError):  # no poll on this system, or no file
        return True
