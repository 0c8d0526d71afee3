"""Events in words, for people."""

from __future__ import annotations

import json
from typing import Any, Final

from wrkq_files.model.document import address_of
from wrkq_files.model.events import BODY, LAYOUT, Event
from wrkq_files.model.layout import type_of

_WHOLE: Final = {
    "created": "created",
    "deleted": "purged",
    "archived": "archived",
    "withdrawn": "withdrawn",
    "landed": "landed",
    "moved": "moved",
    "restored": "brought back",
}
_ITEMS: Final = {
    "checked": "[x]",
    "unchecked": "[ ]",
    "dropped": "[-]",
    "added": "+ [ ]",
    "removed": "- [ ]",
}
_RELATIONS: Final = {"blocked_by": "blocked by", "relates_to": "relates to", "duplicate_of": "duplicate of"}
_LONGEST: Final = 60


def phrase(event: Event) -> str:
    """What happened, in one line: ``state open -> completed``."""
    kind, _, what = event.type.partition(".")
    if kind == "item":
        return f"{_ITEMS[what]} {event.field}"
    if kind == "relation":
        sign = "" if what == "added" else "no longer "
        return f"{sign}{_RELATIONS.get(event.field, event.field)} {event.new or event.old}"
    if kind == "attachment":
        return f"attachment {event.field} {what}"
    if kind == "file":
        return f"cannot be read: {event.new['message']}" if what == "unreadable" else "can be read again"
    if kind == "commit":
        return "closed by this commit's message" if event.new == "closes" else "named by this commit"
    if kind == "operation":
        return f"{event.field} (of which nothing is left)"
    if kind == "comment":
        return _commented(event) if what == "created" else f"comment {_WHOLE.get(what) or _field(event)}"
    if what == "moved":
        return f"moved from {address(str(event.old))} to {address(str(event.new))}"
    return _WHOLE.get(what) or _field(event)


def _commented(event: Event) -> str:
    said = event.new.get("kind")
    return "commented" if said in (None, "comment") else f"commented ({said})"


def _field(event: Event) -> str:
    if event.field == BODY:
        return f"text +{event.new['added']} -{event.new['removed']}"
    if event.field == LAYOUT:
        return "layout"
    if isinstance(event.old, list) or isinstance(event.new, list):
        return f"{event.field} {_lists(event.old or [], event.new or [])}"
    if event.field == "id" and event.old is None:
        return "id written"
    if event.old is None:
        return f"{event.field} {short(event.new)}"
    return f"{event.field} {short(event.old)} -> {'none' if event.new is None else short(event.new)}"


def _lists(old: Any, new: Any) -> str:
    """What was added and removed; both lists where only the order differs, or one is none."""
    if not isinstance(old, list) or not isinstance(new, list):
        return f"{short(old)} -> {short(new)}"
    words = [f"+{short(each)}" for each in new if each not in old] + [
        f"-{short(each)}" for each in old if each not in new
    ]
    return " ".join(words) or "in another order"


def short(value: Any) -> str:
    """A value on one line of readable length."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def address(path: str) -> str:
    """A document's path as people type it."""
    kind = type_of(path)
    return address_of(kind, path) or "." if kind else path
