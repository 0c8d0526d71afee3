"""Refusals that several requests give in the same words."""

from __future__ import annotations

from collections.abc import Sequence

from wrkq_files.errors import WrkqError
from wrkq_files.model.finding import Finding


def by_findings(findings: Sequence[Finding], code: str = "validation", *, hint: str = "") -> WrkqError:
    """The refusal of what has these findings: the first in words, with its remedy as the hint; all as details."""
    first = findings[0]
    allowed = f"; allowed: {first.allowed}" if first.allowed else ""
    return WrkqError(
        code,
        f"{first.place}: {first.message}{allowed}",
        hint=hint or first.remedy,
        details={"findings": [dict(finding.as_json()) for finding in findings]},
    )


def unreadable(findings: Sequence[Finding]) -> WrkqError:
    """The refusal of a file that cannot be read."""
    return by_findings(findings, "unreadable")
