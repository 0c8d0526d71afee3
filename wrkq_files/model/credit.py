"""Who did what: the operations that a commit's message names, joined to the differences found in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from wrkq_files.model.events import MENTIONED, RECORDED, Event
from wrkq_files.model.messages import Operation, Told

#: Operations that touch nothing of the document but what hangs on it.
_BESIDE = {"comment": ("comment.",), "attach": ("attachment.",)}


class Credit(NamedTuple):
    """What a message says of an event; empty where it says nothing. ``time``: milliseconds since 1970."""

    operation: str = ""
    ulid: str = ""
    item: str = ""
    actor: str = ""
    workspace: str = ""
    session: str = ""
    time: int = 0


def credited(events: Sequence[Event], told: Told, time: int) -> list[tuple[Event, Credit]]:
    """The events with who did them, and one for each operation of which nothing is left, and each id that is named.

    ``time``: the author's, in milliseconds since 1970, for what no operation dates.
    """
    found = []
    used: set[str] = set()
    general = _general(told, time)
    # A squash lists its commits in any order; a ULID begins with the time.
    operations = sorted(told.operations, key=lambda each: each.ulid)
    for event in events:
        operation = _operation_of(event, operations)
        credit = _credit(operation, general) if operation else general
        used.add(credit.ulid)
        found.append((event, credit))
    if len(told.operations) > 1:
        for operation in told.operations:
            if operation.ulid not in used:
                subject = operation.ids[0] if operation.ids else ""
                found.append((Event(RECORDED, subject, "", operation.name), _credit(operation, general)))
    for identifier in told.named:
        how = "closes" if identifier in told.closed else "mentions"
        found.append((Event(MENTIONED, identifier, "", "", None, how), general))
    return found


def _general(told: Told, time: int) -> Credit:
    """What holds for all of a commit."""
    actor, workspace, session = (
        values[0] if len(values) == 1 else "" for values in (told.actors, told.workspaces, told.sessions)
    )
    return Credit(actor=actor, workspace=workspace, session=session, time=time)


def _credit(operation: Operation, general: Credit) -> Credit:
    return Credit(
        operation.name,
        operation.ulid,
        operation.item,
        operation.actor or general.actor,
        operation.workspace or general.workspace,
        operation.session or general.session,
        operation.time,
    )


def _operation_of(event: Event, operations: Sequence[Operation]) -> Operation | None:
    """What did it: the operations that name the document, the first for its beginning, else the last."""
    naming = [each for each in operations if event.id in each.ids and _fits(each, event)]
    if naming:
        return naming[0] if event.type.endswith((".created", ".restored")) else naming[-1]
    if len(operations) == 1:  # it wrote more than it names: ids into what it refers to, a feature's section
        return operations[0]
    wide = [each for each in operations if not each.ids]
    return wide[-1] if wide else None


def _fits(operation: Operation, event: Event) -> bool:
    kinds = next((kinds for name, kinds in _BESIDE.items() if operation.name.partition("-")[0] == name), None)
    return kinds is None or event.type.startswith(kinds)
