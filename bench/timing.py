"""Whole processes, timed by wall clock, with their peak memory; several of them in turns."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol


class CommandFailedError(Exception):
    """A measured command did not exit 0; the text is what to show for its row."""


class Arguments(Protocol):
    """The argument list for the n-th run: writes must differ from run to run."""

    def __call__(self, number: int, /) -> Sequence[str]: ...


class Sample(NamedTuple):
    """One run to its end: wall clock, processor time with its children's, peak memory of the largest process."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int


@dataclass(slots=True)
class Command:
    """One thing to measure. ``samples`` leave the warm-up out."""

    arguments: Arguments
    cwd: Path
    env: Mapping[str, str]
    samples: list[Sample] = field(default_factory=list)
    _runs: int = 0

    def run(self) -> Sample:
        argv = list(self.arguments(self._runs))
        self._runs += 1
        return once(argv, self.cwd, self.env)

    def output(self) -> str:
        """What it prints, not measured."""
        done = subprocess.run(self.arguments(0), cwd=self.cwd, env=self.env, check=False, capture_output=True)
        if done.returncode:
            raise CommandFailedError(done.stderr.decode(errors="replace").strip())
        return done.stdout.decode()

    @property
    def seconds(self) -> float:
        return statistics.median(sample.seconds for sample in self.samples)

    @property
    def cpu_seconds(self) -> float:
        return statistics.median(sample.cpu_seconds for sample in self.samples)

    @property
    def peak_bytes(self) -> int:
        return max(sample.peak_bytes for sample in self.samples)


def fixed(*argv: str | Path) -> Arguments:
    words = [str(word) for word in argv]
    return lambda _number: words


def once(argv: Sequence[str], cwd: Path, env: Mapping[str, str]) -> Sample:
    with tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        process = subprocess.Popen(
            argv, cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip().splitlines() or ["no message"]
            words = " ".join([Path(argv[0]).name, *argv[1:3]])
            raise CommandFailedError(f"`{words}` exited {process.returncode}: {said[-1]}")
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Sample(seconds, usage.ru_utime + usage.ru_stime, peak)


def in_turns(commands: Sequence[Command], rounds: int) -> None:
    """Warms each command up once, then runs them A B C A B C ...: what slows the machine down slows them all."""
    for command in commands:
        command.run()
    for _ in range(rounds):
        for command in commands:
            command.samples.append(command.run())
