"""Many processes write at once: to one task, and each to a task of its own. Reported, not judged.

Each write adds a label that no other write adds, so that whatever was reported as done can be looked for afterwards:
in the file, and as a commit of its own.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from bench import generate
from bench.rows import PROGRAMS, commits, pick
from bench.tracker import ROOT


@dataclass(slots=True)
class Tally:
    """What became of the writes. ``done`` are the labels whose write exited 0, with their tasks."""

    seconds: list[float] = field(default_factory=list)
    done: list[tuple[str, str]] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)


def write(repository: Path, env: Mapping[str, str], task: str, label: str, tally: Tally) -> None:
    start = time.perf_counter()
    result = subprocess.run(
        [PROGRAMS / "wrkq", "set", task, "--add-label", label],
        cwd=repository,
        env=env,
        check=False,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    tally.seconds.append(time.perf_counter() - start)
    if result.returncode == 0:
        tally.done.append((task, label))
    else:
        last = (result.stderr.strip().splitlines() or ["no message"])[-1]
        tally.failures[f"exit {result.returncode}: {last[:100]}"] += 1


def race(repository: Path, tasks: Sequence[str], rounds: int) -> Tally:
    """One writer for each entry of ``tasks``, each with ``rounds`` writes one after the other."""
    tally, env = Tally(), generate.environment()

    def writer(number: int) -> None:
        for turn in range(rounds):
            write(repository, env, tasks[number], f"w{number}-{turn}", tally)

    with ThreadPoolExecutor(len(tasks)) as pool:
        list(pool.map(writer, range(len(tasks))))
    return tally


def lost(repository: Path, tally: Tally) -> int:
    """How many writes that were reported as done are not in the file."""
    missing = 0
    for task, label in tally.done:
        lines = (repository / ROOT / f"{task}.md").read_text(encoding="utf-8").split("\n")
        missing += f"  - {label}" not in lines
    return missing


def report(what: str, repository: Path, tasks: Sequence[str], rounds: int) -> bool:
    """Runs one race and prints what came of it; whether nothing failed and nothing was lost."""
    before, start = commits(repository), time.perf_counter()
    tally = race(repository, tasks, rounds)
    total, made = time.perf_counter() - start, commits(repository) - before
    gone, failed = lost(repository, tally), tally.failures.total()
    slowest = max(tally.seconds)
    print(f"{what}: {len(tasks)} processes, {rounds} writes each")
    print(f"  done {len(tally.done)}, failed {failed}, lost {gone}, commits {made}")
    print(
        f"  {total:.1f} s; a write took {statistics.median(tally.seconds):.2f} s (median), {slowest:.2f} s (slowest)"
    )
    for reason, count in tally.failures.most_common(5):
        print(f"  {count} x {reason}")
    untidy = generate.git(repository, "status", "--porcelain").splitlines()
    if untidy:
        print(f"  {len(untidy)} files differ from the last commit, {untidy[0].strip()} first")
    generate.git(repository, "fsck", "--connectivity-only", "--no-dangling")
    return not failed and not gone and not untidy and made == len(tally.done)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.concurrency", description=__doc__)
    parser.add_argument("--processes", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5, help="writes of each process (default: 5)")
    parser.add_argument("--size", type=int, default=1_000, help="tasks in the tracker (default: 1000)")
    options = parser.parse_args()
    if not (PROGRAMS / "wrkq").exists():
        print(f"there is no {PROGRAMS / 'wrkq'}; run `make venv` first", file=sys.stderr)
        return 2
    repository = generate.cached(options.size)
    places = range(options.processes)
    one = report("one task", repository, [pick(repository)] * options.processes, options.rounds)
    many = report("different tasks", repository, [pick(repository, 2 + each) for each in places], options.rounds)
    print(f"\nconcurrency: {'nothing failed and nothing was lost' if one and many else 'see above'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
