"""Carrying events out again: what the documents are, by nothing but what the events say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tests.support.repos import TestRepo
from wrkq_files.files import documents
from wrkq_files.model import layout
from wrkq_files.model.document import Document
from wrkq_files.model.events import RELATIONS, Event
from wrkq_files.model.versions import marked

State = dict[str, tuple[dict[str, Any], str]]
_DEFAULTS = {
    ("task", "state"): "open",
    ("task", "priority"): 3,
    ("task", "kind"): "task",
    ("container", "priority"): 3,
}

_OF_FIELDS = ("updated", "archived", "restored", "withdrawn", "section_changed")


def replay(state: State, events: Iterable[Event], body_of: Callable[[Event], str]) -> State:
    """The documents, by path, after one commit's events. ``body_of`` fetches a text that an event only counts."""
    listed = list(events)
    state = {path: (dict(fields), body) for path, (fields, body) in state.items()}
    for event in listed:
        if event.type.endswith(".deleted"):
            del state[event.path]
    state = _moved(state, [event for event in listed if event.type.endswith(".moved")])
    for event in listed:
        _apply(state, event, body_of)
    return state


def _moved(state: State, events: list[Event]) -> State:
    """All at once: each says where from as it was before the commit."""
    single = {each.old: each.new for each in events}
    folders = {
        each.old.removesuffix("README.md"): each.new.removesuffix("README.md")
        for each in events
        if each.type == "container.moved" and each.field != "document"
    }

    def target(path: str) -> str:
        if path in single:
            return str(single[path])
        inner = max((each for each in folders if path.startswith(each)), key=len, default=None)
        return path if inner is None else folders[inner] + path.removeprefix(inner)

    moved = {target(path): value for path, value in state.items()}
    assert len(moved) == len(state), "two documents in one place"
    return moved


def _apply(state: State, event: Event, body_of: Callable[[Event], str]) -> None:
    kind, _, what = event.type.partition(".")
    if what in ("created", "restored") and event.field != "archived":
        assert event.path not in state
        state[event.path] = (dict(event.new), body_of(event))
    elif kind == "relation":
        _relation(state[event.path][0], event)
    elif kind == "item":
        if what in ("checked", "unchecked", "dropped") and event.old["number"] == event.new["number"]:
            fields, body = state[event.path]
            state[event.path] = (fields, marked(body, {event.new["number"]: event.new["mark"]}))
    elif event.field == "body" and what == "updated":
        state[event.path] = (state[event.path][0], body_of(event))
    elif what in _OF_FIELDS and event.field != "layout" and kind != "settings":
        _put(state[event.path][0], event.field, event.old, event.new)


def _relation(fields: dict[str, Any], event: Event) -> None:
    assert event.field in RELATIONS
    if event.field == "duplicate_of":
        assert event.old is None or fields[event.field] == event.old
        if event.new is not None:
            fields[event.field] = event.new
        elif fields.get(event.field) == event.old:
            del fields[event.field]
        return
    present = list(fields.get(event.field, []))
    if event.new is not None:
        assert event.new not in present
        present.append(event.new)
    else:
        present.remove(event.old)
    fields[event.field] = present
    if not present:
        del fields[event.field]


def _put(fields: dict[str, Any], name: str, old: Any, new: Any) -> None:
    assert fields.get(name) == old or (name not in fields and old in _DEFAULTS.values())
    if new is None:
        fields.pop(name, None)
    else:
        fields[name] = new


def truth(repo: TestRepo, commit: str, prefix: str) -> tuple[State, set[str]]:
    """The documents of a commit, read; and the paths of those that cannot be read."""
    state: State = {}
    broken = set()
    for name in repo.git("ls-tree", "-r", "-z", "--name-only", commit, "--", prefix).split("\0"):
        path = name.removeprefix(f"{prefix}/")
        kind = layout.type_of(path) if name else None
        data = repo.show(f"{commit}:{name}") if kind else None
        if kind is None or data is None or not documents.is_document(data[:4096]):
            continue
        document = documents.parse(data, kind, path, kinds=None).document
        if document is None:
            broken.add(path)
        else:
            state[path] = plain(document)
    return state, broken


def plain(document: Document) -> tuple[dict[str, Any], str]:
    fields = {name: list(value) if isinstance(value, tuple) else value for name, value in document.fields.items()}
    return fields, document.body


def normal(state: State) -> State:
    """Sets in order, defaults filled in: what two writings of the same have in common."""
    found: State = {}
    for path, (fields, body) in state.items():
        kind = layout.type_of(path)
        filled = {name: value for (of, name), value in _DEFAULTS.items() if kind is not None and of == kind.value}
        found[path] = (filled | {name: _in_order(name, value) for name, value in fields.items()}, body)
    return found


def _in_order(name: str, value: Any) -> Any:
    return sorted(value) if name in RELATIONS and isinstance(value, list) else value
