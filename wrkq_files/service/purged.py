"""What was purged, brought back from history: a document, all that a container held, comments and attachments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from wrkq_files.errors import WrkqError
from wrkq_files.files import edits
from wrkq_files.git.batch import Blobs
from wrkq_files.model import layout
from wrkq_files.model.document import address_of
from wrkq_files.model.events import Event
from wrkq_files.service import log
from wrkq_files.service.change import FileEdit
from wrkq_files.service.history import History
from wrkq_files.service.tracker import Tracker


def back(tracker: Tracker, targets: Iterable[str]) -> tuple[tuple[str, ...], list[FileEdit]]:
    """The ids of what comes back, and the edits that bring it, for targets that only history knows.

    Raises WrkqError ``not_found``, ``exists`` where something else is in the place.
    """
    history = History(tracker)
    found: dict[str, Event] = {}
    for target in targets:
        for identifier in sorted(log.scope_of(tracker, history, [target]).ids):
            found |= {event.path: event for event in _gone(tracker, history, identifier)}
    with Blobs(tracker.repo) as blobs:
        files = {path: blobs.one(event.old_blob) for path, event in found.items()}
    documents = [event for event in found.values() if event.type.startswith(("task.", "container."))]
    for event in documents:
        _check_free(tracker, event)
    missing = [path for path, data in files.items() if data is None]
    if missing:
        raise WrkqError(
            "not_found", f"{missing[0]}: git does not have its contents here", hint="git fetch brings them"
        )
    made = [FileEdit.create(path, _shown(path, data)) for path, data in files.items() if data is not None]
    return tuple(dict.fromkeys(event.id for event in documents)), made


def _gone(tracker: Tracker, history: History, identifier: str) -> Iterator[Event]:
    """How a document went, with what went along: all that a container held, comments, attachments."""
    own = next((seen for seen in history.of([identifier], newest_first=True) if _is_end(seen.happened.event)), None)
    if own is None:
        return
    event = own.happened.event
    yield event
    held = [event.id]
    folder = event.path.removesuffix(layout.CONTAINER_NAME) if event.type == "container.deleted" else ""
    together = [
        seen.happened.event
        for seen in history.ask("logged.id = ?", [own.happened.commit])
        if seen.happened.event.type.endswith((".deleted", ".removed")) and seen.happened.event.old_blob
    ]
    for other in together if folder else ():
        if other.path.startswith(folder) and other.path != event.path:
            held.append(other.id)
            yield other
    for other in together:
        if layout.owner_of(other.path) in held:
            yield other


def _is_end(event: Event) -> bool:
    return event.type.endswith(".deleted")


def _check_free(tracker: Tracker, event: Event) -> None:
    if tracker.read(event.path) is not None:
        kind = layout.type_of(event.path)
        address = address_of(kind, event.path) if kind else event.path
        raise WrkqError(
            "exists", f"{address}: something else is there now", hint=f"move it first: wrkq mv {address} …"
        )
    if there := tracker.index.by_id(event.id):
        raise WrkqError("exists", f"{event.id} is there: {there[0].address}", hint=f"wrkq cat {event.id}")


def _shown(path: str, data: bytes) -> bytes:
    """What comes back is not archived, whatever it was before it went."""
    kind = layout.type_of(path)
    if kind is None or path.startswith("_"):
        return data
    try:
        return edits.set_fields(data, kind, {"archived": None})
    except WrkqError:  # unreadable: it comes back as it was
        return data
