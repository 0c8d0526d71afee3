"""Doing something again whenever a file of the tracker changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from wrkq_files.cli import findings
from wrkq_files.cli.findings import Shown
from wrkq_files.cli.request import Request
from wrkq_files.model.layout import CONFIG_NAME

#: Milliseconds without another change before it begins: editors write a file in several steps.
_CALM = 100


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
