"""Events: what a commit did to a tracker, one change of one document each. ``docs/events.md`` is this table."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from wrkq_files.model.fields import DocType


class Event(NamedTuple):
    """One change.

    ``id``: what it is about; empty where nobody can know (an unreadable new file, the settings). ``path``: the file,
    relative to the tracker's root, as it is after the change; where it is gone, as it was. ``old`` and ``new`` are
    JSON values, None for none. ``blob`` and ``old_blob`` are git's ids of the file's bytes, empty for no file.
    ``assignee``: whose task it is, where the change closes one.
    """

    type: str
    id: str
    path: str
    field: str = ""
    old: Any = None
    new: Any = None
    blob: str = ""
    old_blob: str = ""
    assignee: str = ""


class EventType(NamedTuple):
    """One line of the table: what ``field``, ``from`` and ``to`` are in events of the type."""

    help: str
    field: str = ""
    old: str = ""
    new: str = ""


#: The fields whose changes are ``relation.…`` events.
RELATIONS: Final = ("blocked_by", "relates_to", "duplicate_of")
#: A change of the body's text, as a field.
BODY: Final = "body"
#: A change of the file's bytes that changes no value: comments, order, quoting.
LAYOUT: Final = "layout"
MENTIONED: Final = "commit.mentioned"
RECORDED: Final = "operation.recorded"
UNREADABLE: Final = "file.unreadable"
READABLE: Final = "file.readable"

_FIELDS: Final = "all its fields"
_VALUE: Final = ("the value before", "the value after")
_ADDRESS: Final = ("the address before", "the address after")
_MARK: Final = ("its number and mark before", "its number and mark after")


def _a(name: str) -> str:
    return f"an {name}" if name[0] == "a" else f"a {name}"


def _of_type(kind: DocType) -> dict[str, EventType]:
    name = kind.value
    return {
        f"{name}.created": EventType(f"There is a new {name}.", new=_FIELDS),
        f"{name}.updated": EventType(
            f"A field of {_a(name)} changed. `body`: its text did, and `to` counts lines added and removed. `layout`:"
            " only the way the file is written.",
            "the field",
            *_VALUE,
        ),
        f"{name}.moved": EventType(
            f"{_a(name).capitalize()}'s file is somewhere else."
            + (" All it holds moved along, unless `field` is `document`." if kind is DocType.CONTAINER else ""),
            "`document` where only the container's own file moved" if kind is DocType.CONTAINER else "",
            *_ADDRESS,
        ),
        f"{name}.deleted": EventType(f"{_a(name).capitalize()}'s file is gone from the tree.", old=_FIELDS),
        f"{name}.restored": EventType(
            f"{_a(name).capitalize()} that was archived or deleted is back.",
            "`archived` where it was archived",
            "when it was archived",
            f"{_FIELDS}, where its file was gone",
        ),
    }


_ARCHIVABLE: Final = (DocType.TASK, DocType.CONTAINER)

#: Every type of event there is.
TYPES: Final[Mapping[str, EventType]] = MappingProxyType(
    {
        **_of_type(DocType.TASK),
        **_of_type(DocType.CONTAINER),
        **{
            f"{kind.value}.archived": EventType(f"A {kind.value} was archived.", "`archived`", "", "when")
            for kind in _ARCHIVABLE
        },
        "feature.section_changed": EventType("A feature stands in another section.", "`section`", *_VALUE),
        "relation.added": EventType("A task says something of another.", ", ".join(RELATIONS), "", "the other's id"),
        "relation.removed": EventType("It no longer says so.", ", ".join(RELATIONS), "the other's id"),
        "item.checked": EventType("A checkbox was ticked.", "the item's text", *_MARK),
        "item.unchecked": EventType("A checkbox is open again.", "the item's text", *_MARK),
        "item.dropped": EventType("A checkbox was crossed out (`[-]`).", "the item's text", *_MARK),
        "item.added": EventType("There is a new checkbox.", "the item's text", "", _MARK[1]),
        "item.removed": EventType("A checkbox is gone.", "the item's text", _MARK[0]),
        **_of_type(DocType.COMMENT),
        "comment.withdrawn": EventType("A comment was withdrawn.", "`deleted`", "", "when"),
        **_of_type(DocType.ACTOR),
        **_of_type(DocType.WORKSPACE),
        "workspace.landed": EventType("A workspace's branch was merged.", new="the workspace's fields"),
        "attachment.added": EventType("A file was attached to a document.", "the file's name"),
        "attachment.changed": EventType("An attached file has other contents.", "the file's name"),
        "attachment.removed": EventType("An attached file is gone.", "the file's name"),
        "settings.updated": EventType("A setting of `wrkq.yaml` changed.", "the setting", *_VALUE),
        UNREADABLE: EventType("A document can no longer be read.", new="the rule it breaks, the line, and why"),
        READABLE: EventType("A document can be read again. What has changed since it could follows."),
        RECORDED: EventType(
            "An operation that a commit names and that left no difference in it: a later one of the same squash undid"
            " or replaced it.",
            "the operation",
        ),
        MENTIONED: EventType("A commit's message names a document's id.", new="how: `closes` or `mentions`"),
    }
)
