"""Names that documents had once: whose they were, and where these are now."""

from __future__ import annotations

import json

from wrkq_files.model import ids, layout
from wrkq_files.model.fields import DocType
from wrkq_files.service.history import History
from wrkq_files.service.tracker import Tracker

_SHORT = 8


def ids_of(history: History, target: str) -> list[str]:
    """The ids of the documents that an id or address named at some time, the latest first."""
    identifier = target.upper()
    if ids.is_id(identifier):
        return [identifier] if any(True for _ in history.of([identifier])) else []
    address = target.strip("/").removesuffix(f"/{layout.CONTAINER_NAME}").removesuffix(".md")
    paths = [layout.document_path(kind, address) for kind in (DocType.TASK, DocType.CONTAINER)]
    where = "event.path IN (?, ?) OR (event.type LIKE '%.moved' AND event.old IN (?, ?))"
    found = (seen.happened.event.id for seen in history.ask(where, [*paths, *map(json.dumps, paths)]))
    return list(dict.fromkeys(identifier for identifier in found if identifier))


def where(tracker: Tracker, target: str) -> tuple[str, dict[str, str]] | None:
    """What became of what had this name: words for a hint, and the same as facts; None where nothing is known."""
    history = History(tracker)
    for identifier in ids_of(history, target):
        if present := tracker.index.by_id(identifier):
            return f"it is {present[0].address} now ({identifier})", {"id": identifier, "path": present[0].address}
        for seen in history.of([identifier], newest_first=True):
            if seen.happened.event.type.endswith(".deleted"):
                commit = seen.happened.commit
                words = f"{seen.actor} purged it in {commit[:_SHORT]}; wrkq restore {identifier} brings it back"
                return words, {"id": identifier, "commit": commit}
    return None
