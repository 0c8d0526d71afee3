# ruff: noqa: S608 (only our own column names and placeholders are ever put into SQL)
"""Rows of the current view, as the rest of the program reads them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from wrkq_files.model.document import address_of, slug_of
from wrkq_files.model.fields import FIELDS, DocType, FieldType
from wrkq_files.model.layout import CONTAINER_NAME, folder_of, type_of_document

#: The columns of :class:`Entry`, in order.
COLUMNS: Final = "path, id, title, state, effective_state, priority, assignee, more"
#: Between and around the labels of a row, so that one of them can be looked for as text.
LABEL_MARK: Final = "\x1f"
#: Between the parts of ``Entry.more``. JSON text never holds it, nor what the schema lets into other fields.
PACK_MARK: Final = "\x1e"
#: The parts of ``Entry.more``, in order.
MORE: Final = (
    *("blob", "labels", "resolution", "reviewer", "parent", "section", "due", "start", "created", "source", "rank"),
    *("score_total", "criteria_open", "items_done", "items_total", "on", "author", "kind", "id_source", "project"),
    *("feature", "archived", "fields"),
)
#: Those of them that can change without the file.
_DERIVED: Final = ("id_source", "project", "feature", "archived")
_PLACE: Final = {name: place for place, name in enumerate(MORE)}
_MIDDLE: Final = len(MORE) // 2
#: What stands before and after a match in a snippet: no text that a person wrote has these.
MARK_OPEN, MARK_CLOSE = "\x02", "\x03"
_CONTAINED: Final = (DocType.TASK, DocType.CONTAINER)
_TUPLES: Final = frozenset({FieldType.IDS, FieldType.WORDS, FieldType.MAPS})


class Entry(NamedTuple):
    """One document of the current view, lean: what lists show is columns, the rest is unpacked when asked for.

    An actor's id is its slug. ``more`` is :data:`MORE`, joined by :data:`PACK_MARK`.
    """

    path: str
    id: str
    title: str
    state: str
    effective_state: str
    priority: int
    assignee: str | None
    more: str

    @property
    def type(self) -> DocType:
        return type_of_document(self.path)

    @property
    def address(self) -> str:
        path = self.path
        if path[0] != "_" and not path.endswith(CONTAINER_NAME):  # a task's, as most are
            return path[:-3]
        return address_of(self.type, path)

    @property
    def slug(self) -> str:
        return slug_of(self.type, self.path)

    @property
    def container(self) -> str:
        """The address of the folder it is in; empty for actors, comments and workspaces."""
        return container_of(self.type, self.path)

    @property
    def archived(self) -> bool:
        """Whether it, or any container it is in, is archived."""
        return self._part("archived") == "1"

    @property
    def kind(self) -> str:
        return self._part("kind")

    @property
    def id_source(self) -> str:
        """``file``, ``derived`` (from the first commit), ``provisional`` (never committed), or ``none``.

        None: a container without ``README.md`` has no bytes that an id could come from, and no ``blob``.
        """
        return self._part("id_source")

    @property
    def project(self) -> str | None:
        """The address of the nearest project above; a project is not its own."""
        part = self._part("project")
        return part[1:] if part else None

    @property
    def feature(self) -> str | None:
        """The address of the nearest feature above; a feature is not its own."""
        part = self._part("feature")
        return part[1:] if part else None

    @property
    def blob(self) -> str:
        """The etag: git's id of the file's bytes."""
        return self._part("blob")

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(self._part("labels").split(LABEL_MARK)[1:-1])

    @property
    def resolution(self) -> str | None:
        return self._part("resolution") or None

    @property
    def reviewer(self) -> str | None:
        return self._part("reviewer") or None

    @property
    def parent(self) -> str | None:
        return self._part("parent") or None

    @property
    def section(self) -> str | None:
        """A feature's own section; see ``select.features_in`` for those that have none."""
        return self._part("section") or None

    @property
    def due(self) -> str | None:
        return self._part("due") or None

    @property
    def start(self) -> str | None:
        return self._part("start") or None

    @property
    def created(self) -> str | None:
        """As in the file."""
        return self._part("created") or None

    @property
    def source(self) -> str | None:
        return self._part("source") or None

    @property
    def rank(self) -> str | None:
        return self._part("rank") or None

    @property
    def score_total(self) -> int | None:
        text = self._part("score_total")
        return int(text) if text else None

    @property
    def criteria_open(self) -> int:
        return int(self._part("criteria_open"))

    @property
    def items_done(self) -> int:
        return int(self._part("items_done"))

    @property
    def items_total(self) -> int:
        """Items done or open: dropped ones do not count."""
        return int(self._part("items_total"))

    @property
    def on(self) -> str | None:
        """What a comment belongs to."""
        return self._part("on") or None

    @property
    def author(self) -> str | None:
        return self._part("author") or None

    @property
    def deleted(self) -> str | None:
        """When a comment was withdrawn."""
        return self.document_fields().get("deleted")

    @property
    def fields(self) -> Mapping[str, Any]:
        return self.document_fields()

    def document_fields(self) -> Mapping[str, Any]:
        """The document's fields as :class:`wrkq_files.model.document.Document` has them; decoded at each call."""
        return decode_fields(self.type, self._part("fields"))

    def _part(self, name: str) -> str:
        """From the nearer end, and no further: lists of thousands ask this for each of them, and often."""
        place = _PLACE[name]
        if place < _MIDDLE:
            return self.more.split(PACK_MARK, place + 1)[place]
        return self.more.rsplit(PACK_MARK, len(MORE) - place)[1]


def pack(values: Iterable[object]) -> str:
    """:data:`MORE`'s values as one text; None and an empty text are the same."""
    texts = [value if isinstance(value, str) else "" if value is None else str(value) for value in values]
    packed = PACK_MARK.join(texts)
    if packed.count(PACK_MARK) != len(MORE) - 1:  # some value holds the mark
        packed = PACK_MARK.join(text.replace(PACK_MARK, " ") for text in texts)
    return packed


def mark_address(address: str | None) -> str | None:
    """An address as ``more`` holds it: the root's is empty, and yet it is one."""
    return None if address is None else f"/{address}"


def repack(connection: sqlite3.Connection, where: str, values: Iterable[object]) -> None:
    """Write into ``more`` what the columns of some rows now say."""
    rows = connection.execute(
        f"SELECT number, more, id_source, project, feature, archived FROM entry WHERE {where}", tuple(values)
    ).fetchall()
    packed = []
    for number, more, source, project, feature, archived in rows:
        parts = more.split(PACK_MARK)
        now = (source, mark_address(project), mark_address(feature), archived)
        for name, value in zip(_DERIVED, now, strict=True):
            parts[_PLACE[name]] = value
        packed.append((pack(parts), number))
    connection.executemany("UPDATE entry SET more = ? WHERE number = ?", packed)


def mark_labels(labels: Iterable[str]) -> str:
    """Labels as one text in which each can be looked for whole: ``LABEL_MARK`` around every one."""
    words = [label.replace(LABEL_MARK, " ") for label in labels]
    return LABEL_MARK + LABEL_MARK.join(words) + LABEL_MARK if words else ""


def container_of(kind: DocType, path: str) -> str:
    """The address of the container a document is directly in; empty for actors, comments and workspaces."""
    return folder_of(path) if kind in _CONTAINED else ""


def decode_fields(kind: DocType, text: str) -> dict[str, Any]:
    """The fields that a row's JSON holds: lists of known fields are tuples again."""
    import json  # a list that shows only columns needs none

    table = FIELDS[kind]
    decoded: dict[str, Any] = json.loads(text)
    for name, value in decoded.items():
        if isinstance(value, list) and name in table and table[name].type in _TUPLES:
            decoded[name] = tuple(value)
    return decoded


class Comment(NamedTuple):
    """A comment and its text."""

    entry: Entry
    body: str


class Hit(NamedTuple):
    """One search result, best first; ``score`` is higher for better ones."""

    entry: Entry
    snippet: str
    score: float


class Edge(NamedTuple):
    """``src`` says of ``dst`` (ids): ``blocked_by``, ``relates_to``, ``duplicate_of`` or ``parent``."""

    src: str
    kind: str
    dst: str
