"""What it costs to look at other branches."""

from __future__ import annotations

import contextlib
import shutil
import statistics
import subprocess
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Final

from bench import generate
from bench.report import Row
from bench.rows import MIDDLE, PROGRAMS, Bench, Group, against, group, pick
from bench.timing import Command, fixed, in_turns
from bench.tracker import ROOT

BRANCHES: Final = 100
_DOCUMENTS: Final = 5
#: How many commits the base has made since the oldest of them left it.
_APART: Final = 20
#: 150 ms where T is 50, and next to nothing.
_COLD: Final = 3
_WARM: Final = 0.5


@group("in flight")
def in_flight(bench: Bench) -> Iterator[Row]:
    size = max(each for each in bench.sizes if each <= MIDDLE)
    repository = bench.tracker(size)
    generate.put_back(repository)
    what = f"in flight, {BRANCHES} branches with {BRANCHES * _DOCUMENTS} documents of {size:,}"
    with _branches(repository):
        tiny = bench.tiny()
        find = bench.wrkq(size, "find", "--in-flight", "--limit", "5")
        standup = bench.wrkq(size, "standup")
        in_turns([tiny, find, standup], bench.rounds)
        cold = [_seconds(repository, forget=True) for _ in range(bench.rounds)]
        warm = [_seconds(repository, forget=False) for _ in range(bench.rounds)]
        yield Row(f"{what}, cold", statistics.median(cold), tiny.seconds, "T", _COLD, f"<= {_COLD} T")
        yield Row(f"{what}, warm", statistics.median(warm), tiny.seconds, "T", _WARM, f"<= {_WARM} T")
        yield against("find --in-flight of that", find, tiny, "T")
        yield against("standup beside that", standup, tiny, "T")
        yield from _marks(bench, size, repository)
    generate.put_back(repository)


def _marks(bench: Bench, size: int, repository: Path) -> Iterator[Row]:
    """A list on a branch that the base has gone on without, against the same on the base."""
    folder = pick(repository).rpartition("/")[0]
    other = generate.OUT / "behind"
    shutil.rmtree(other, ignore_errors=True)
    generate.git(repository, "worktree", "add", "--quiet", "--force", str(other), f"work/{BRANCHES - 1}")
    tiny, words = bench.tiny(), fixed(PROGRAMS / "wrkq", "ls", folder)
    on_base, behind = (Command(words, place, bench.env) for place in (repository, other))
    try:
        in_turns([tiny, on_base, behind], bench.rounds)
    finally:
        generate.git(repository, "worktree", "remove", "--force", str(other))
    yield against(f"ls where the base has gone on, {size:,}", behind, tiny, "T", 2, "T")
    yield against("the same, against ls on the base", behind, on_base, "ls")


def _seconds(repository: Path, *, forget: bool) -> float:
    """One look, in this process; the index of the working files is there."""
    from wrkq_files.service import flight
    from wrkq_files.service.tracker import Door, open_tracker

    if forget:
        shutil.rmtree(repository / ".git" / "wrkq" / f"flight-{ROOT}", ignore_errors=True)
    door = Door(cwd=repository, now=lambda: datetime.now(UTC), random_bits=lambda _: 0)
    tracker = open_tracker(door)
    tracker.index.refresh()
    begin = time.perf_counter()
    found = flight.in_flight(tracker)
    seconds = time.perf_counter() - begin
    assert len(found.documents) == BRANCHES * _DOCUMENTS, len(found.documents)
    tracker.index.close()
    return seconds


@contextlib.contextmanager
def _branches(repository: Path) -> Iterator[None]:
    """Branches that left the base at different times, each with changes of its own; none is there afterwards."""
    names = [f"refs/heads/work/{number}" for number in range(BRANCHES)]
    starts = generate.git(repository, "rev-list", "--first-parent", f"--max-count={_APART}", "main").split()
    listed = generate.git(repository, "ls-files", "--", f"{ROOT}/[a-z]*/*/*.md").splitlines()
    tasks = [name for name in listed if not name.endswith("/README.md")]
    chosen = Random("branches").sample(tasks, BRANCHES * _DOCUMENTS)
    stream = []
    for number, name in enumerate(names):
        files = chosen[number * _DOCUMENTS : (number + 1) * _DOCUMENTS]
        stream.append(_commit(repository, name, starts[number % len(starts)], files))
    _import(repository, "".join(stream))
    try:
        yield
    finally:
        for name in names:
            generate.git(repository, "update-ref", "-d", name)


def _commit(repository: Path, name: str, start: str, files: Sequence[str]) -> str:
    now = int(time.time())
    lines = [f"commit {name}\ncommitter Robin <robin@example.com> {now} +0000\ndata 5\nwork\n\nfrom {start}\n"]
    for file in files:
        text = (repository / file).read_text() + "\nAs it is on a branch.\n"
        lines.append(f"M 100644 inline {file}\ndata {len(text.encode())}\n{text}\n")
    return "".join(lines)


def _import(repository: Path, stream: str) -> None:
    words = ["git", "-C", str(repository), "fast-import", "--quiet", "--force"]
    subprocess.run(words, input=stream.encode(), env=generate.environment(), check=True)


GROUPS: Final[Sequence[Group]] = (in_flight,)
