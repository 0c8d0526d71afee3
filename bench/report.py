"""A row for each number, as aligned text, as Markdown and as JSON."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

HEADINGS: Final = ("what", "floor", "measured", "ratio", "cpu ratio", "target", "verdict")
#: Verdicts that make the run fail.
BAD: Final = ("MISSED", "FAILED")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report. ``floor`` and ``measured`` are seconds, or bytes or shares where ``unit`` says so.

    ``cpu_ratio`` is that of processor times: shown, not judged, it tells a slow command from a busy machine.
    """

    what: str
    measured: float | None = None
    floor: float | None = None
    floor_name: str = ""
    limit: float | None = None
    target: str = ""
    unit: str = "s"
    cpu_ratio: float | None = None
    problem: str = ""
    skipped: str = ""

    @property
    def ratio(self) -> float | None:
        return self.measured / self.floor if self.measured is not None and self.floor else None

    @property
    def verdict(self) -> str:
        if self.problem:
            return "FAILED"
        if self.skipped:
            return "skipped"
        value = self.ratio if self.floor else self.measured
        if self.limit is None or value is None:
            return "-"
        return "pass" if value <= self.limit else "MISSED"

    def cells(self) -> tuple[str, ...]:
        if self.problem or self.skipped:
            return (self.what, "", "", "", "", self.target, f"{self.verdict}: {self.problem or self.skipped}")
        floor = f"{self.floor_name} {amount(self.floor, self.unit)}" if self.floor else ""
        ratio = f"{self.ratio:.2f}" if self.ratio else ""
        cpu = f"{self.cpu_ratio:.2f}" if self.cpu_ratio else ""
        return (self.what, floor, amount(self.measured, self.unit), ratio, cpu, self.target, self.verdict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"ratio": self.ratio, "verdict": self.verdict}


def amount(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    if unit == "bytes":
        return f"{value / 1e6:.0f} MB"
    if unit == "share":
        return f"{value:.1%}"
    if value < 0.01:
        return f"{value * 1000:.1f} ms"
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.0f} ms"


def text_table(rows: Sequence[Row]) -> str:
    table = [HEADINGS, *(row.cells() for row in rows)]
    # What went wrong is a sentence at the end of its line; it must not widen the columns.
    widths = [max(len(line[column]) for line in table) for column in range(len(HEADINGS) - 1)]
    lines = []
    for line in table:
        cells = [
            cell.rjust(width) if column in (2, 3, 4) else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, [*widths, 0], strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    lines.insert(1, "-" * max(map(len, lines[:1])))
    return "\n".join(lines)


def markdown_table(rows: Sequence[Row]) -> str:
    lines = ["| " + " | ".join(HEADINGS) + " |", "|---|---|--:|--:|--:|---|---|"]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row.cells()) + " |" for row in rows]
    return "\n".join(lines)


def machine() -> dict[str, str]:
    """What the numbers were taken on, without anything that names the machine or its user."""
    version = subprocess.run(["git", "--version"], check=True, capture_output=True, encoding="utf-8").stdout
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "git": version.split()[2],
    }


def summary(rows: Sequence[Row]) -> str:
    counts = {word: sum(row.verdict == word for row in rows) for word in ("pass", *BAD, "skipped")}
    judged = counts["pass"] + counts["MISSED"]
    words = [f"{counts['pass']} of {judged} targets met"]
    words += [f"{counts['FAILED']} failed to run"] if counts["FAILED"] else []
    words += [f"{counts['skipped']} skipped"] if counts["skipped"] else []
    return "make bench: " + ", ".join(words)
