"""Numbers about many: medians, percentiles, ratios, and lines of them that fit on a line of text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

#: From little to much.
BLOCKS: Final = "▁▂▃▄▅▆▇█"
ASCII: Final = "_.-:=+*#"


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The value below which so many per cent lie, between two values in proportion; None of no values."""
    if not values:
        return None
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def ratio(part: float, whole: float) -> float | None:
    """None where there is no whole."""
    return part / whole if whole else None


def mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None


def sparkline(values: Sequence[float], marks: str = BLOCKS) -> str:
    """One mark for each value, the last of ``marks`` for the greatest; nothing at all has the first to itself."""
    most = max(values, default=0)
    if most <= 0:
        return marks[0] * len(values)
    return "".join(marks[math.ceil(max(value, 0) / most * (len(marks) - 1))] for value in values)
