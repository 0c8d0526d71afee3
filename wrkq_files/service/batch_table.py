"""What can stand in a batch: its operations, and what each of them takes. A table of data."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

#: Kinds of values.
TEXT: Final = "text"
TEXTS: Final = "text, or a list of texts"
FLAG: Final = "true or false"
FIELDS: Final = "an object: fields and their values"


class Slot(NamedTuple):
    """One key of an operation. ``refers``: it names a document, so ``$NAME`` can stand there."""

    kind: str
    help: str
    needed: bool = False
    refers: bool = False


class Shape(NamedTuple):
    """One operation: the command it is, its keys besides those that all have; ``makes``: whether it has an ``as``."""

    command: str
    slots: Mapping[str, Slot]
    makes: bool = False


_TARGET: Final = Slot(TEXT, "An id, an address or a path.", needed=True, refers=True)
_TARGETS: Final = Slot(TEXTS, "Ids, addresses, paths, globs.", needed=True, refers=True)
_VALUES: Final = Slot(FIELDS, "Fields by name; null clears one.")
_ITEMS: Final = Slot(TEXTS, "Numbers of boxes, or parts of their texts.", needed=True)
_TASK: Final = {
    "body": Slot(TEXT, "The text."),
    "template": Slot(TEXT, "Begin with `_templates/NAME.md`."),
    "parent": Slot(TEXT, "The task it is a subtask of.", refers=True),
    "labels": Slot(TEXTS, "Labels."),
    "fields": _VALUES,
}
_RELATION: Final = {
    "a": _TARGET,
    "relation": Slot(TEXT, "`blocks`, `blocked-by`, `relates-to` or `duplicate-of`.", needed=True),
    "b": Slot(TEXT, "The other document.", needed=True, refers=True),
}

OPERATIONS: Final[Mapping[str, Shape]] = MappingProxyType(
    {
        "add": Shape(
            "wrkq add",
            {
                "title": Slot(TEXT, "The title.", needed=True),
                "into": Slot(TEXT, "The container; else that of the working directory, else `inbox`.", refers=True),
                **_TASK,
            },
            makes=True,
        ),
        "touch": Shape(
            "wrkq touch",
            {"address": Slot(TEXT, "Where.", needed=True), "title": Slot(TEXT, "The title."), **_TASK},
            makes=True,
        ),
        "mkdir": Shape(
            "wrkq mkdir",
            {
                "address": Slot(TEXT, "Where.", needed=True),
                "kind": Slot(TEXT, "`project`, `feature`, `area` (as without it) or `misc`."),
                "title": Slot(TEXT, "The title."),
                "parents": Slot(FLAG, "Make those above too; one that exists is fine."),
                "labels": Slot(TEXTS, "Labels."),
                "fields": _VALUES,
            },
            makes=True,
        ),
        "set": Shape(
            "wrkq set",
            {
                "target": _TARGETS,
                "fields": _VALUES,
                "add_labels": Slot(TEXTS, "Labels to add."),
                "remove_labels": Slot(TEXTS, "Labels to take away."),
            },
        ),
        "mv": Shape(
            "wrkq mv",
            {
                "source": _TARGETS,
                "target": Slot(TEXT, "The container it goes to, or its new name.", needed=True, refers=True),
            },
        ),
        "comment": Shape(
            "wrkq comment add",
            {
                "target": _TARGET,
                "text": Slot(TEXT, "The text.", needed=True),
                "kind": Slot(TEXT, "`note`, `decision`, `blocker` …; as without it `comment`."),
                "fields": Slot(FIELDS, "What goes with the kind: `percent`, `verdict`, `supersedes` …"),
            },
            makes=True,
        ),
        "relate": Shape("wrkq relate", _RELATION),
        "unrelate": Shape("wrkq unrelate", _RELATION),
        "tick": Shape(
            "wrkq tick", {"target": _TARGET, "items": _ITEMS, "drop": Slot(FLAG, "`[-]` in place of `[x]`.")}
        ),
        "untick": Shape("wrkq untick", {"target": _TARGET, "items": _ITEMS}),
        "rm": Shape(
            "wrkq rm",
            {
                "target": _TARGETS,
                "recursive": Slot(FLAG, "Containers with all they hold."),
                "purge": Slot(FLAG, "Delete the files, comments and attachments; git keeps them."),
            },
        ),
        "restore": Shape("wrkq restore", {"target": _TARGETS}),
    }
)
#: Words that people use for the same.
SYNONYMS: Final[Mapping[str, str]] = MappingProxyType({"create": "add", "move": "mv", "archive": "rm"})
_FORCE: Final = Slot(FLAG, "Set workflow rules aside; the commit records it.")
_IF_MATCH: Final = Slot(TEXT, "Only where the document still has this etag.")


def slots_of(op: str) -> dict[str, Slot]:
    """All keys of an operation besides ``op`` and ``as``; what is new has no etag yet."""
    shape = OPERATIONS[op]
    return {**shape.slots, "force": _FORCE, **({} if shape.makes else {"if_match": _IF_MATCH})}
