"""What is measured, and what it is held against: one function for each group of rows."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Final

from bench import generate
from bench.report import Row
from bench.timing import Arguments, Command, CommandFailedError, fixed, in_turns
from bench.tracker import ROOT

HERE: Final = Path(__file__).resolve().parent
PROGRAMS: Final = Path(sys.executable).parent
#: The sizes the targets are stated for.
SMALL, MIDDLE, LARGE = 1_000, 10_000, 50_000
MEGABYTE: Final = 1_000_000


@dataclass(slots=True)
class Bench:
    """The options of one run, and the trackers it uses."""

    sizes: Sequence[int]
    rounds: int
    slow_rounds: int
    env: Mapping[str, str] = field(default_factory=generate.environment)
    trackers: dict[int, Path] = field(default_factory=dict)

    def tracker(self, size: int) -> Path:
        if size not in self.trackers:
            # In a process of its own: what this one holds when it starts a command counts as that command's peak.
            words = [sys.executable, "-m", "bench.generate", str(size)]
            done = subprocess.run(words, cwd=HERE.parent, check=True, stdout=subprocess.PIPE, encoding="utf-8")
            self.trackers[size] = Path(done.stdout.strip())
        return self.trackers[size]

    def command(self, size: int, arguments: Arguments) -> Command:
        return Command(arguments, self.tracker(size), self.env)

    def wrkq(self, size: int, *words: str) -> Command:
        return self.command(size, fixed(PROGRAMS / "wrkq", *words))

    def rebuild(self, size: int) -> Command:
        return self.command(size, fixed(PROGRAMS / "wrkqadm", "index", "rebuild"))

    def tiny(self) -> Command:
        return Command(fixed(sys.executable, HERE / "tiny.py"), HERE, self.env)


Group = Callable[[Bench], Iterator[Row]]


def group(name: str) -> Callable[[Group], Group]:
    """A command that fails gives its group one row that says so, and the other groups still run."""

    def wrap(function: Group) -> Group:
        @wraps(function)
        def run(bench: Bench) -> Iterator[Row]:
            try:
                yield from function(bench)
            except CommandFailedError as error:
                yield Row(name, problem=str(error))

        return run

    return wrap


def against(
    what: str, command: Command, floor: Command, name: str, limit: float | None = None, unit: str = "x"
) -> Row:
    """``command`` held against ``floor``; without a limit it is only reported."""
    return Row(
        what,
        command.seconds,
        floor.seconds,
        name,
        limit,
        f"<= {limit:g} {unit}" if limit else "",
        cpu_ratio=command.cpu_seconds / floor.cpu_seconds,
    )


def _against_t(what: str, command: Command, tiny: Command, limit: float) -> Row:
    return against(what, command, tiny, "T", limit, "T")


def _size(count: int) -> str:
    return f"{count:,}"


def pick(repository: Path, number: int = 0) -> str:
    """The address of some task of a generated tracker."""
    names = generate.git(repository, "ls-files", "--", f"{ROOT}/[a-z]*/*/*.md").splitlines()
    tasks = [name for name in names if not name.endswith("/README.md")]
    return tasks[(len(tasks) // 2 + number) % len(tasks)].removeprefix(f"{ROOT}/").removesuffix(".md")


@group("wrkq version")
def start(bench: Bench) -> Iterator[Row]:
    tiny, version = bench.tiny(), bench.wrkq(bench.sizes[0], "version")
    in_turns([tiny, version], bench.rounds)
    yield _against_t("wrkq version", version, tiny, 1.3)


@group("reads")
def reads(bench: Bench) -> Iterator[Row]:
    for size in bench.sizes:
        task = pick(bench.tracker(size))
        folder = task.rpartition("/")[0]
        whole = 2.5 if size <= MIDDLE else 6
        table = [
            ("cat", ("cat", task), 2.0),
            ("stat", ("stat", task), 2.0),
            ("ls of a container", ("ls", folder), 2.0),
            ("find, all", ("find",), whole),
            ("find, some", ("find", "--state", "in_progress"), whole),
            ("search", ("search", "invitations"), whole),
            ("tree", ("tree",), whole),
        ]
        bench.rebuild(size).run()
        tiny, commands = bench.tiny(), [bench.wrkq(size, *words) for _, words, _ in table]
        in_turns([tiny, *commands], bench.rounds)
        for (what, _, limit), command in zip(table, commands, strict=True):
            yield _against_t(f"{what}, {_size(size)}", command, tiny, limit)


@group("reads of the past")
def past(bench: Bench) -> Iterator[Row]:
    """The tracker as an earlier commit has it, once it has been looked at."""
    sizes = [size for size in bench.sizes if size <= MIDDLE]
    words = ("--at", "HEAD~20")
    tiny = bench.tiny()
    commands = {size: bench.wrkq(size, "find", *words) for size in sizes}
    others = {size: bench.wrkq(size, "cat", pick(bench.tracker(size)), *words) for size in sizes}
    for command in commands.values():
        command.run()
    in_turns([tiny, *commands.values(), *others.values()], bench.rounds)
    for size in sizes:
        yield _against_t(f"find --at, {_size(size)}", commands[size], tiny, 4)
        yield _against_t(f"cat --at, {_size(size)}", others[size], tiny, 4)


def set_priority(task: str) -> Arguments:
    """Each run writes another value than the one before."""
    return lambda number: [str(PROGRAMS / "wrkq"), "set", task, "--priority", str(number % 2 + 1)]


@group("one-field write with commit")
def writes(bench: Bench) -> Iterator[Row]:
    sizes = [size for size in bench.sizes if size <= MIDDLE]
    tiny = bench.tiny()
    commands = {size: bench.command(size, set_priority(pick(bench.tracker(size)))) for size in sizes}
    for size, command in commands.items():
        bench.rebuild(size).run()
        command.run()
    before = {size: commits(bench.tracker(size)) for size in sizes}
    in_turns([tiny, *commands.values()], bench.rounds)
    for size, command in commands.items():
        made = commits(bench.tracker(size)) - before[size]
        row = _against_t(f"one-field write with commit, {_size(size)}", command, tiny, 4)
        wrong = made != bench.rounds + 1
        yield Row(row.what, problem=f"{bench.rounds + 1} writes made {made} commits") if wrong else row
    if SMALL in commands and MIDDLE in commands:
        yield against("the same, 10,000 against 1,000", commands[MIDDLE], commands[SMALL], "1,000:", 1.4)


def commits(repository: Path) -> int:
    return int(generate.git(repository, "rev-list", "--count", "HEAD"))


def _floor_index(bench: Bench, size: int) -> Command:
    root, database = bench.tracker(size) / ROOT, generate.OUT / "floor.sqlite"
    return bench.command(size, fixed(sys.executable, HERE / "floor_index.py", root, database))


def _same_files(bench: Bench, size: int) -> None:
    """Raises where the index holds other documents than the floor reads: they could not be compared."""
    bench.rebuild(size).run()
    status = bench.command(size, fixed(PROGRAMS / "wrkqadm", "index", "status", "--json"))
    held, read = json.loads(status.output())["documents"], int(_floor_index(bench, size).output())
    if held != read:
        raise CommandFailedError(f"the index of {_size(size)} tasks holds {held} documents, its floor read {read}")


@group("cold index and check")
def bulk(bench: Bench) -> Iterator[Row]:
    """Cold indexes and checks of everything, all in the same rounds: each is also a floor of another."""
    floors = {size: _floor_index(bench, size) for size in bench.sizes if size <= MIDDLE}
    indexes = {size: bench.rebuild(size) for size in bench.sizes}
    checks = {size: bench.wrkq(size, "check") for size in bench.sizes}
    for size in floors:
        _same_files(bench, size)
    in_turns([*floors.values(), *indexes.values(), *checks.values()], bench.slow_rounds)
    for size, floor in floors.items():
        # Of a thousand, half is the program's start: the target is for ten thousand.
        limit = 1.6 if size >= MIDDLE else None
        yield against(f"cold index, {_size(size)}", indexes[size], floor, "read+parse+insert", limit)
    if MIDDLE in indexes and LARGE in indexes:
        yield against("cold index, 50,000 against 10,000", indexes[LARGE], indexes[MIDDLE], "10,000:", 6)
    biggest = max(indexes)
    peak = indexes[biggest].peak_bytes
    yield Row(f"peak memory of that, {_size(biggest)}", peak, limit=300 * MEGABYTE, target="<= 300 MB", unit="bytes")
    for size in floors:
        what = f"check of everything, {_size(size)}"
        yield against(what, checks[size], indexes[size], "cold index", 3)
    if MIDDLE in checks and LARGE in checks:
        yield against("check, 50,000 against 10,000", checks[LARGE], checks[MIDDLE], "10,000:", 6)


@group("staged check")
def staged(bench: Bench) -> Iterator[Row]:
    """One file staged: what the hook of every commit costs. The size of the tracker must not count."""
    tiny = bench.tiny()
    commands = {size: bench.wrkq(size, "check", "--staged", "-q") for size in bench.sizes}
    try:
        for size, command in commands.items():
            repository = bench.tracker(size)
            file = repository / ROOT / f"{pick(repository, 1)}.md"
            with file.open("a") as text:
                text.write("\nOne more line.\n")
            generate.git(repository, "add", str(file))
            command.run()
        in_turns([tiny, *commands.values()], bench.rounds)
    finally:
        for size in commands:
            generate.git(bench.tracker(size), "reset", "-q", "--hard")
    for size, command in commands.items():
        yield _against_t(f"staged check, 1 file, {_size(size)}", command, tiny, 4)
    if SMALL in commands and MIDDLE in commands:
        yield against("the same, 10,000 against 1,000", commands[MIDDLE], commands[SMALL], "1,000:", 1.4)


GROUPS: Final[Sequence[Group]] = (start, reads, past, writes, staged, bulk)
