"""Sections: the columns that a project's features stand in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

Sections = Sequence[Mapping[str, Any]]


def default(sections: Sections) -> str:
    """The section a feature without one stands in: the default, else the first ready one, else the first."""
    chosen = (
        [one for one in sections if one.get("default") is True]
        or [one for one in sections if one.get("role") == "ready"]
        or [*sections]
    )
    return str(chosen[0].get("slug", "")) if chosen else ""


def role_of(sections: Sections, slug: str) -> str | None:
    return next((one.get("role") for one in sections if one.get("slug") == slug), None)


def suggested(sections: Sections, slug: str, states: Collection[str]) -> str | None:
    """Where a feature in the section ``slug`` belongs by its tasks' states; None where it stands right.

    Work that has begun belongs into the first active section, work that is all done into the first done one.
    """
    role = role_of(sections, slug)
    wanted = ""
    if "in_progress" in states and role in ("backlog", "ready", "done"):
        wanted = "active"
    elif role != "done" and "completed" in states and not {*states} - {"completed", "cancelled"}:
        wanted = "done"
    return next((str(one.get("slug")) for one in sections if wanted and one.get("role") == wanted), None)
