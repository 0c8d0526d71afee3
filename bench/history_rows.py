"""What looking back costs: deriving the events of long histories, reading them, and one commit more."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from bench import generate, histories
from bench.report import Row
from bench.rows import LARGE, MIDDLE, PROGRAMS, SMALL, Bench, Group, against, group
from bench.timing import Arguments, Command, fixed, in_turns
from bench.tracker import ROOT

_LOG: Final = ("log", "-n", "20", "--oneline")
#: The events of 10,000 commits, and of each new one: 5 s and 25 ms where T is 50 ms.
_COLD: Final = 100
_EACH: Final = 0.5


@group("events")
def events(bench: Bench) -> Iterator[Row]:
    for beside_code in (False, True):
        where = "one in ten of" if beside_code else "all of"
        for commits in [size for size in (SMALL, MIDDLE, LARGE) if size <= max(bench.sizes)]:
            yield from _of(bench, histories.cached(commits, beside_code=beside_code), f"{where} {commits:,} commits")


def _of(bench: Bench, repository: Path, what: str) -> Iterator[Row]:
    tiny = bench.tiny()
    cold, warm, more = (
        Command(arguments, repository, bench.env)
        for arguments in (
            _after(_forgotten(repository)),
            fixed(PROGRAMS / "wrkq", *_LOG),
            _after(_one_more(repository)),
        )
    )
    in_turns([cold], max(1, bench.slow_rounds - 1))
    in_turns([tiny, warm], bench.rounds)
    in_turns([more], bench.rounds)
    limit = _COLD if what == f"all of {MIDDLE:,} commits" else None
    yield Row(f"events, {what}, cold", cold.seconds, tiny.seconds, "T", limit, f"<= {_COLD} T" if limit else "")
    yield against(f"log -n 20, {what}, warm", warm, tiny, "T")
    extra = max(0.0, more.seconds - warm.seconds)
    yield Row(f"events of one commit more, {what}", extra, tiny.seconds, "T", _EACH, f"<= {_EACH} T")
    generate.put_back(repository)


def _after(act: Callable[[int], None]) -> Arguments:
    """The log, after something that is not measured."""

    def arguments(number: int) -> Sequence[str]:
        act(number)
        return [str(PROGRAMS / "wrkq"), *_LOG]

    return arguments


def _forgotten(repository: Path) -> Callable[[int], None]:
    return lambda _: shutil.rmtree(repository / ".git" / "wrkq" / f"events-{ROOT}", ignore_errors=True)


def _one_more(repository: Path) -> Callable[[int], None]:
    names = generate.git(repository, "ls-files", "--", f"{ROOT}/[a-z]*/*.md").splitlines()
    task = repository / next(name for name in names if not name.endswith("README.md"))

    def act(number: int) -> None:
        with task.open("a") as file:
            file.write(f"\nLine {number}.\n")
        generate.git(repository, "commit", "-q", "-a", "-m", f"Line {number}")

    return act


GROUPS: Final[Sequence[Group]] = (events,)
