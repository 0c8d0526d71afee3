"""Which commit, and who, made each field of a document what it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from wrkq_files.index.entry import Entry
from wrkq_files.model import times
from wrkq_files.model.events import BODY, RELATIONS, Event
from wrkq_files.model.layout import CONTAINER_NAME
from wrkq_files.service import reading, resolve
from wrkq_files.service.history import History, Seen
from wrkq_files.service.tracker import Tracker

PATH = "path"


class Line(NamedTuple):
    """One field: what it is now, and the event that made it so; None where no commit has."""

    field: str
    value: Any
    seen: Seen | None


class Blamed(NamedTuple):
    entry: Entry
    lines: Sequence[Line]


def blame(tracker: Tracker, target: str) -> Blamed:
    """The fields in the file's order, then the body and the path. Raises as :func:`resolve.one`."""
    entry = resolve.one(tracker, target, resolve.EVERY)
    shown = reading.shown(tracker, entry)
    history = History(tracker)
    life = _Life(history.of([entry.id]))
    fields = {name: list(value) if isinstance(value, tuple) else value for name, value in shown.fields.items()}
    lines = [Line(name, value, life.last(name, value)) for name, value in fields.items()]
    if shown.body.strip():
        lines.append(Line(BODY, _said(shown.body), _of_body(tracker, entry, shown.body, life)))
    lines.append(Line(PATH, entry.address, life.last(PATH, entry.path) or _carried(history, entry.path)))
    return Blamed(entry, lines)


def rows(blamed: Blamed) -> list[dict[str, Any]]:
    """One mapping for each field."""
    return [{"field": line.field, "value": line.value, **_of_commit(line.seen)} for line in blamed.lines]


def _said(body: str) -> str:
    count = len(body.strip("\n").split("\n"))
    return f"{count} lines" if count > 1 else "1 line"


def _of_commit(seen: Seen | None) -> dict[str, Any]:
    happened = seen.happened if seen else None
    return {
        "commit": happened.commit if happened else None,
        "time": times.stamp(seen.time) if seen else None,
        "actor": seen.actor if seen else None,
        "actor_source": seen.source if seen else None,
        "operation": (happened.operation or None) if happened else None,
        "subject": happened.subject if happened else None,
    }


class _Life:
    """What each field was made, one event after the other."""

    def __init__(self, found: Iterable[Seen]) -> None:
        self._said: dict[str, list[tuple[Seen, Any]]] = {}
        for seen in found:
            self._add(seen, seen.happened.event)

    def last(self, name: str, value: Any) -> Seen | None:
        """The last event that made the field this value: where a merge chose between two, that of the one it took."""
        wanted = _comparable(name, value)
        return next((seen for seen, now in reversed(self._said.get(name, [])) if now == wanted), None)

    def latest(self, name: str) -> Seen | None:
        return self._said[name][-1][0] if name in self._said else None

    def _add(self, seen: Seen, event: Event) -> None:
        kind, _, what = event.type.partition(".")
        if what in ("created", "restored") and not event.field:
            for name, value in (event.new or {}).items():
                self._say(name, seen, value)
            self._say(PATH, seen, event.path)
            self._say(BODY, seen, None)
        elif what == "moved":
            self._say(PATH, seen, event.new)
        elif kind == "relation":
            before = self._said.get(event.field, [(seen, [])])[-1][1]
            others = [each for each in before if each != event.old] + [event.new] * (event.new is not None)
            self._say(event.field, seen, others)
        elif kind == "item":
            self._say(BODY, seen, None)
        elif event.field:
            self._say(event.field, seen, event.new)

    def _say(self, name: str, seen: Seen, value: Any) -> None:
        self._said.setdefault(name, []).append((seen, _comparable(name, value)))


def _comparable(name: str, value: Any) -> Any:
    """A field's value without what order it happens to have."""
    if name in RELATIONS:
        return sorted(value) if isinstance(value, list) else [value]
    return value


def _of_body(tracker: Tracker, entry: Entry, body: str, life: _Life) -> Seen | None:
    """The last event that changed the text, unless it has changed since."""
    from wrkq_files.git import read

    data = read.blob(tracker.repo, f"{tracker.place.head()}:{tracker.repository_path(entry.path)}")
    document = tracker.parse(data, entry.type, entry.path).document if data is not None else None
    return life.latest(BODY) if document is not None and document.body == body else None


def _carried(history: History, path: str) -> Seen | None:
    """The last move of a container that took the document along."""
    for seen in history.ask("type = 'container.moved' AND field = ''"):
        if path.startswith(seen.happened.event.new.removesuffix(CONTAINER_NAME)):
            return seen
    return None
