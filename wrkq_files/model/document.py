"""A document as the rest of the program sees it: typed values, no YAML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from wrkq_files.model.fields import DEFAULT_PRIORITY, DEFAULT_STATE, DEFAULT_TASK_KIND, FIELDS, DocType
from wrkq_files.model.outline import outline

#: A field's value: see :class:`wrkq_files.model.fields.FieldType` for which Python type stands for which.
Value = Any


class Document(NamedTuple):
    """One file, read.

    ``path`` is relative to the tracker's root, with ``/``. ``fields`` holds what the frontmatter says, in file order:
    known fields under their canonical name with normalised values (``state: done`` is ``completed``, ``priority:
    high`` is 2, sets are tuples in file order), unknown keys as YAML 1.2 core reads them. Defaults and derived values
    are not in it. ``body`` has ``\\n`` line ends, whatever the file has.
    """

    type: DocType
    path: str
    fields: Mapping[str, Value]
    body: str

    def get(self, name: str, default: Value = None) -> Value:
        return self.fields.get(name, default)

    def _own(self, name: str) -> Value:
        """The value of a field that the type has: another key of that name holds anything."""
        return self.fields.get(name) if name in FIELDS[self.type] else None

    @property
    def id(self) -> str | None:
        """The id in the file; None for a hand-made file that has none yet."""
        found: str | None = self._own("id")
        return found

    @property
    def slug(self) -> str:
        return slug_of(self.type, self.path)

    @property
    def title(self) -> str:
        """The title, else the first heading, else the slug."""
        if self.type is DocType.ACTOR:
            return self._own("display_name") or self.slug
        return self._own("title") or first_heading(self.body) or self.slug

    @property
    def state(self) -> str:
        return str(self._own("state") or DEFAULT_STATE)

    @property
    def priority(self) -> int:
        return int(self._own("priority") or DEFAULT_PRIORITY)

    @property
    def kind(self) -> str:
        default = {DocType.TASK: DEFAULT_TASK_KIND, DocType.CONTAINER: "misc", DocType.COMMENT: "comment"}
        return str(self._own("kind") or default.get(self.type, ""))

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(self._own("labels") or ())

    @property
    def score_total(self) -> int | None:
        """The sum of the score's parts; None without a score."""
        score = self._own("score")
        return sum(score.values()) if score else None


def slug_of(kind: DocType, path: str) -> str:
    """``portal/auth/login-ux.md`` -> ``login-ux``; a container's is its folder's name (empty for the root)."""
    folder, _, name = path.rpartition("/")
    if kind is DocType.CONTAINER:
        return folder.rpartition("/")[2]
    return name.removesuffix(".md")


def address_of(kind: DocType, path: str) -> str:
    """The address people type: a task's path without ``.md``, a container's folder."""
    if kind is DocType.CONTAINER:
        return path.rpartition("/")[0]
    return path.removesuffix(".md")


def in_order(address: str) -> str:
    """What addresses are sorted by: a container, then all it holds, then its siblings."""
    return address.replace("/", "\0")


def path_in_order(path: str) -> str:
    """What paths of documents are sorted by, so that they come in the order of their addresses."""
    return path[:-3].replace("/", "\0").replace("\0README", "\0")


def first_heading(body: str) -> str:
    """The text of the first heading, or an empty string."""
    return next((block.text for block in outline(body) if block.level and block.text), "")
