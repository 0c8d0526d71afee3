"""What documents may say of one another: relations, sources, sections; and the path of a cycle one would close."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from wrkq_files.errors import WrkqError
from wrkq_files.index.entry import Entry
from wrkq_files.index.query import Query
from wrkq_files.model.document import Value
from wrkq_files.model.fields import FIELDS, DocType, FieldType
from wrkq_files.model.layout import document_path
from wrkq_files.service import columns
from wrkq_files.service.tracker import Tracker

#: So many tasks of a long cycle are named at its beginning, and at its end.
_ENDS: Final = 5


def check(tracker: Tracker, kind: DocType, address: str, identifier: str, fixed: Mapping[str, Value | None]) -> None:
    """Raises WrkqError for fields of a document that do not go with the others' there are.

    ``validation``: a cycle, a subtask of a subtask, a parent in another folder, a section that the project has not;
    ``not_found``: a reference to nothing; ``exists``: another task's source. ``identifier`` is empty for a new one.
    """
    _check_references(tracker, kind, fixed)
    if identifier:  # nothing waits for what is new
        for blocker in fixed.get("blocked_by") or ():
            check_acyclic(tracker, blocker, identifier)
    if parent := fixed.get("parent"):
        check_parent(tracker, identifier, address.rpartition("/")[0], parent)
    if original := fixed.get("duplicate_of"):
        _check_original(tracker, address, identifier, original)
    if identifier and identifier in (fixed.get("relates_to") or ()):
        raise WrkqError("validation", f"{address} cannot have a relation to itself")
    if source := fixed.get("source"):
        _check_source(tracker, identifier, source)
    if section := fixed.get("section"):
        check_section(tracker, project_above(tracker, address), section)


def referred(tracker: Tracker, kind: DocType, fixed: Mapping[str, Value | None]) -> list[Entry]:
    """The documents that fields refer to and whose ids are in no file yet."""
    entries = [entry for each in _ids(kind, fixed) for entry in tracker.index.by_id(each)[:1]]
    return [entry for entry in entries if entry.id_source in ("derived", "provisional")]


def _ids(kind: DocType, fixed: Mapping[str, Value | None]) -> list[str]:
    found: list[str] = []
    for name, value in fixed.items():
        field = FIELDS[kind].get(name)
        if value and field and not field.minted:
            found += [value] if field.type is FieldType.ID else value if field.type is FieldType.IDS else []
    return found


def _check_references(tracker: Tracker, kind: DocType, fixed: Mapping[str, Value | None]) -> None:
    wanted = _ids(kind, fixed)
    if not wanted:
        return
    tracker.index.refresh()
    for name in wanted:
        if not tracker.index.by_id(name):
            raise WrkqError("not_found", f"there is no document {name}", details={"target": name})
    for name in ("blocked_by", "duplicate_of", "parent"):
        for each in _ids(kind, {name: fixed.get(name)}):
            if tracker.index.by_id(each)[0].type is not DocType.TASK:
                raise WrkqError("validation", f"{name} names a task, and {each} is none")


def _check_original(tracker: Tracker, address: str, identifier: str, original: str) -> None:
    """A duplicate leads to its original in one step."""
    if original == identifier:
        raise WrkqError("validation", f"{address} cannot be a duplicate of itself")
    found = tracker.index.by_id(original)[0]
    further = found.document_fields().get("duplicate_of")
    if not further:
        return
    message = f"{found.address} ({original}) is itself a duplicate of {_name(tracker, further)}"
    hint = f"{f'wrkq set {identifier} ' if identifier else ''}--duplicate-of {further}"
    if further == identifier:
        hint = f"wrkq reopen {original}, if it is the one to keep"
    raise WrkqError("validation", message, hint=hint, details={"target": original, "duplicate_of": further})


def _check_source(tracker: Tracker, identifier: str, source: str) -> None:
    tracker.index.refresh()
    for other in tracker.index.find(Query(types=(DocType.TASK,), source=source)):
        if other.id != identifier:
            raise WrkqError(
                "exists",
                f"{other.address} ({other.id}) already came from {source}",
                hint=f"it is there already: wrkq cat {other.id}",
                details={"id": other.id, "path": other.address, "source": source},
            )


def project_above(tracker: Tracker, address: str) -> Entry | None:
    """The nearest project that a place lies in; a container is not its own."""
    while address:
        address = address.rpartition("/")[0]
        path = document_path(DocType.CONTAINER, address)
        tracker.index.refresh_paths([path])
        if (entry := tracker.index.entry(path)) and entry.kind == "project":
            return entry
    return None


def check_section(tracker: Tracker, project: Entry | None, section: str) -> None:
    """Raises ``validation`` unless the project (the default sections without one) has the section."""
    known = [str(each.get("slug")) for each in columns.own(tracker, project)]
    if section not in known:
        where = project.address if project else "the default sections"
        allowed = f"one of {', '.join(known)}"
        raise WrkqError(
            "validation",
            f"`{section}` is no section of {where}: allowed is {allowed}",
            details={"field": "section", "allowed": allowed},
        )


def check_acyclic(tracker: Tracker, blocker: str, blocked: str) -> None:
    """Raises ``validation``, with the path, when "``blocker`` blocks ``blocked``" would close a cycle."""
    tracker.index.refresh()
    path = _path(tracker.index.waits(blocker), blocker, blocked)
    if path:
        cycle = [blocked, *path]
        left_out = len(cycle) - 2 * _ENDS
        shown = cycle if left_out < 2 else [*cycle[:_ENDS], *cycle[-_ENDS:]]
        named = [_name(tracker, each) for each in shown]
        if len(shown) < len(cycle):
            named.insert(_ENDS, f"… ({left_out} more)")
        names = " waits for ".join(named)
        # The first edge is the one that was asked for: the others are there.
        way = f"wrkq unrelate {path[-2]} blocked-by {path[-1]}" if len(path) > 1 else "name another task"
        raise WrkqError("validation", f"that would close a cycle: {names}", hint=way)


def check_parent(tracker: Tracker, child: str, folder: str, parent: str) -> None:
    """Raises ``validation`` unless ``parent`` can be the parent of a task in ``folder``."""
    tracker.index.refresh()
    found = tracker.index.by_id(parent)
    if not found:
        raise WrkqError("not_found", f"there is no task {parent}")
    if found[0].type is not DocType.TASK:
        raise WrkqError("validation", f"{found[0].address} is no task, and only tasks have subtasks")
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
    waiting = [start]
    for here in waiting:
        for there in sorted(waits.get(here, ())):
            if there not in before:
                before[there] = here
                waiting.append(there)
        if goal in before:
            break
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
