"""What happens, as it happens."""

from __future__ import annotations

import gc
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from wrkq_files.cli import watching
from wrkq_files.cli.commands.history import FIELDS, onelines
from wrkq_files.cli.form import dumps
from wrkq_files.cli.request import Request, request
from wrkq_files.cli.request import targets as named
from wrkq_files.errors import WrkqError

if TYPE_CHECKING:
    from wrkq_files.service.watch import Told, Watch

_DURATION: Final = re.compile(r"([0-9]{1,7}(?:\.[0-9]{1,3})?)([smh]?)")
_SECONDS: Final = {"": 1, "s": 1, "m": 60, "h": 3600}
_NAMES: Final = tuple(name for name in FIELDS if name not in ("diff", "files"))
_SHORT: Final = 8
#: Seconds between two looks while HEAD moves.
_MOVING: Final = 0.02


def watch(
    ctx: typer.Context,
    targets: Annotated[
        list[str] | None, typer.Argument(metavar="TARGET", help="Only these documents, and what is in them.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="CURSOR", help="First what has happened since this cursor.")
    ] = None,
    until: Annotated[
        list[str] | None,
        typer.Option("--until", metavar="FIELD=VALUE", help="End when all targets are so; one of several is enough."),
    ] = None,
    timeout: Annotated[
        str | None, typer.Option("--timeout", metavar="TIME", help="End after 90, 90s, 5m, 2h; exit 1 if it waited.")
    ] = None,
    count: Annotated[
        int | None, typer.Option("-n", "--count", metavar="N", help="End after N events.", min=1)
    ] = None,
) -> None:
    """Print what happens, as it is committed.

    One JSON object a line, as `log` has them, each with the cursor after it; on a terminal lines for people. Without
    --since the first is {"type": "cursor"}. After a rebase, a reset or a change to another branch there is one
    {"type": "cursor_lost"} with a fresh cursor, and it goes on from there. Uncommitted edits make no events.

    Example: `wrkq watch T-S847GRSB --until state=completed --until state=cancelled --timeout 2h`
    """
    from wrkq_files.model import cursors
    from wrkq_files.service.watch import Watch

    gc.enable()  # it lives longer than a command does
    ask = request(ctx)
    seconds = _seconds(timeout)
    cursor = cursors.decode(since) if since is not None else None
    watch = Watch(ask.tracker, named(targets) if targets else (), tuple(until or ()), cursor)
    if cursor is None:
        _print(ask, _begin(ask, cursors.encode(watch.cursor)))
    left = count
    end = None if seconds is None else time.monotonic() + seconds
    for found in _reads(ask, watch, end, is_back=cursor is not None):
        kept = _Counted(found, left)
        _print(ask, _lines(ask, watch, kept))
        left = kept.left
        if left == 0 or watch.holds:
            return
    if watch.is_waiting or count:
        raise WrkqError(
            "timeout", f"--timeout {timeout} is over, and it has not come", hint="wrkq watch --since CURSOR goes on"
        )


class _Counted:
    """The first so many events of some lines, all without a number; ``left`` is how many more there may be."""

    def __init__(self, found: Iterable[Told], left: int | None) -> None:
        self._found, self.left = found, left

    def __iter__(self) -> Iterator[Told]:
        for told in self._found:
            yield told
            if self.left is not None and told.event is not None:
                self.left -= 1
                if not self.left:
                    return


def _reads(ask: Request, watch: Watch, end: float | None, *, is_back: bool) -> Iterator[Iterator[Told]]:
    """What each reading of the history finds, beginning with that of now; until the time is over."""
    yield watch.read() if is_back else iter(())
    wakes = watching.Wakes(watch.folders)
    while watching.is_read(ask.screen.out):
        now = time.monotonic()
        if watch.is_due(now):
            yield watch.read()
        elif end is not None and now >= end:
            return
        elif watch.is_moving(now):
            time.sleep(_MOVING)
        else:
            wakes.wait(1 if end is None else end - now)
    raise BrokenPipeError


def _lines(ask: Request, watch: Watch, found: Iterable[Told]) -> Iterator[str]:
    for is_event, some in groupby(found, key=lambda told: told.event is not None):
        rows = (watch.row(told) for told in some)
        if not _for_people(ask):
            yield from (dumps(_whole(row) if is_event else row) for row in rows)
        elif is_event:
            yield from onelines(ask, rows)
        else:
            words = "{head} is no continuation of {seen}: going on from there"
            short = ({name: row[name][:_SHORT] for name in ("head", "seen")} for row in rows)
            yield from (ask.screen.styled(words.format(**each), "dim") for each in short)


def _begin(ask: Request, cursor: str) -> list[str]:
    return [] if _for_people(ask) else [dumps({"type": "cursor", "cursor": cursor})]


def _whole(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**{name: row.get(name) for name in _NAMES}, "cursor": row["cursor"]}


def _for_people(ask: Request) -> bool:
    return ask.screen.terminal and not ask.form.is_json


def _print(ask: Request, lines: Iterable[str]) -> None:
    """Each at once: whoever reads them waits."""
    for line in lines:
        ask.screen.emit(line)
        ask.screen.out.flush()


def _seconds(text: str | None) -> float | None:
    if text is None:
        return None
    found = _DURATION.fullmatch(text.strip().lower())
    if found is None:
        raise WrkqError("usage", f"--timeout {text}: that is no duration", hint="90, 90s, 5m, 2h")
    return float(found[1]) * _SECONDS[found[2]]
