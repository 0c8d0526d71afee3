"""What a change must pass, step by step: ``tools/gate.py test`` (all of it, as CI runs it) or ``lint``.

Stops at the first step that fails, and ends with a summary either way.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Step:
    """One command: a module, a script, or a program beside this Python.

    ``runs_code`` steps are left out of ``make lint``.
    """

    name: str
    what: str
    arguments: tuple[str, ...] = ()
    runs_code: bool = False

    @property
    def command(self) -> list[str]:
        if self.what == "lint-imports":  # has no module to run
            return [str(Path(sys.executable).with_name(self.what)), *self.arguments]
        how = [self.what] if self.what.endswith(".py") else ["-m", self.what]
        return [sys.executable, *how, *self.arguments]

    @property
    def shown(self) -> str:
        program = Path(self.command[0])
        first = str(program.relative_to(TOP)) if program.is_relative_to(TOP) else program.name
        return shlex.join([first, *self.command[1:]])


def steps() -> list[Step]:
    """The table of steps, quick ones first."""
    floor, jobs = os.environ.get("COVERAGE_FLOOR", "85"), os.environ.get("JOBS", "2")
    return [
        Step("format", "ruff", ("format", "--check", ".")),
        Step("lint", "ruff", ("check", ".")),
        Step("layers", "lint-imports"),
        Step("docs", "tools/docs.py", ("--check",)),
        Step("types", "mypy"),
        Step("types of tools", "mypy", ("--strict", "--no-error-summary", "tools", "bench", "docs/generate")),
        Step(
            "tests",
            "pytest",
            (
                *("-n", jobs, "--dist", "worksteal", "-m", "not soak", "--durations=5", "--durations-min=5"),
                *("--cov", "--cov-branch", "--cov-report=term:skip-covered", f"--cov-fail-under={floor}"),
            ),
            runs_code=True,
        ),
        Step("built wheel", "tools/smoke_wheel.py", runs_code=True),
    ]


def run(todo: list[Step]) -> tuple[list[tuple[Step, float]], bool]:
    """Each step that ran with its seconds, and whether the last one passed."""
    ran: list[tuple[Step, float]] = []
    for step in todo:
        print(f"\n== {step.name}: {step.shown}", flush=True)
        start = time.monotonic()
        status = subprocess.run(step.command, cwd=TOP, check=False, stdin=subprocess.DEVNULL).returncode
        ran.append((step, time.monotonic() - start))
        if status:
            return ran, False
    return ran, True


def summary(target: str, todo: list[Step], ran: list[tuple[Step, float]], passed: bool) -> str:
    total = sum(seconds for _, seconds in ran)
    lines = ["", "-" * 72]
    for number, step in enumerate(todo):
        if number >= len(ran):
            lines.append(f"  not run  {step.name}")
        else:
            word = "FAILED" if not passed and number == len(ran) - 1 else "passed"
            lines.append(f"  {word}   {step.name:<16} {ran[number][1]:7.1f} s")
    if passed:
        lines.append(f"make {target}: all {len(ran)} steps passed in {total:.0f} s")
    else:
        step = ran[-1][0]
        lines.append(f"make {target}: FAILED at {step.name!r} after {total:.0f} s; to repeat just that: {step.shown}")
    return "\n".join(lines)


def main() -> int:
    target = sys.argv[1] if len(sys.argv) == 2 else ""
    if target not in ("test", "lint"):
        print(__doc__, file=sys.stderr)
        return 2
    todo = [step for step in steps() if target == "test" or not step.runs_code]
    ran, passed = run(todo)
    print(summary(target, todo, ran, passed), flush=True)
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
