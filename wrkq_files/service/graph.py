"""Relations between tasks: which may be written, and the path of a cycle that one would close."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wrkq_files.errors import WrkqError
from wrkq_files.index.entry import Entry
from wrkq_files.model.document import Value
from wrkq_files.service.tracker import Tracker


def check_relations(tracker: Tracker, entry: Entry, fixed: Mapping[str, Value | None]) -> None:
    """Raises ``validation`` for a cycle, a subtask of a subtask, or a parent in another folder."""
    if blockers := fixed.get("blocked_by"):
        for blocker in blockers:
            check_acyclic(tracker, blocker, entry.id)
    if parent := fixed.get("parent"):
        check_parent(tracker, entry.id, entry.container, parent)
    if (original := fixed.get("duplicate_of")) and original == entry.id:
        raise WrkqError("validation", f"{entry.address} cannot be a duplicate of itself")


def check_acyclic(tracker: Tracker, blocker: str, blocked: str) -> None:
    """Raises ``validation``, with the path, when "``blocker`` blocks ``blocked``" would close a cycle."""
    tracker.index.refresh()
    waits: dict[str, list[str]] = {}
    for source, kind, target in tracker.index.edges():
        if kind == "blocked_by":
            waits.setdefault(source, []).append(target)
    path = _path(waits, blocker, blocked)
    if path:
        names = " waits for ".join(_name(tracker, each) for each in [blocked, *path])
        raise WrkqError("validation", f"that would close a cycle: {names}", hint="take one of these edges out first")


def check_parent(tracker: Tracker, child: str, folder: str, parent: str) -> None:
    """Raises ``validation`` unless ``parent`` can be the parent of a task in ``folder``."""
    tracker.index.refresh()
    found = tracker.index.by_id(parent)
    if not found:
        raise WrkqError("not_found", f"there is no task {parent}")
    if parent == child:
        raise WrkqError("validation", "a task cannot be its own parent")
    if found[0].parent:
        raise WrkqError(
            "validation",
            f"{found[0].address} is a subtask itself, and subtasks have one level",
            hint=f"use its parent: {found[0].parent}",
        )
    if child and any(kind == "parent" and target == child for _, kind, target in tracker.index.edges()):
        raise WrkqError("validation", "it has subtasks of its own, and subtasks have one level")
    if found[0].container != folder:
        raise WrkqError(
            "validation",
            f"a subtask lies in its parent's folder, {found[0].container or '.'}",
            hint=f"wrkq mv TASK {found[0].container or '.'}",
        )


def _path(waits: Mapping[str, Sequence[str]], start: str, goal: str) -> list[str]:
    """A path along ``waits`` from ``start`` to ``goal``, both included; empty when there is none."""
    before: dict[str, str | None] = {start: None}
    queue = [start]
    while queue and goal not in before:
        here = queue.pop(0)
        for there in waits.get(here, ()):
            if there not in before:
                before[there] = here
                queue.append(there)
    if goal not in before:
        return []
    path: list[str] = []
    step: str | None = goal
    while step is not None:
        path.append(step)
        step = before[step]
    return path[::-1]


def _name(tracker: Tracker, identifier: str) -> str:
    found = tracker.index.by_id(identifier)
    return f"{identifier} ({found[0].slug})" if found else identifier
