"""A document that a branch has changed, as the store of such things holds it."""

from __future__ import annotations

from typing import Final, NamedTuple

from wrkq_files.model.document import address_of
from wrkq_files.model.fields import DocType

CREATED: Final = "created"
CHANGED: Final = "changed"
MOVED: Final = "moved"
DELETED: Final = "deleted"
UNREADABLE: Final = "unreadable"


class Differs(NamedTuple):
    """A document that is otherwise on a branch than where that left another.

    ``what`` is one of the words above. ``path`` and ``blob``: there, ``old_path`` and ``old_blob`` before; empty
    where it is not. ``title`` to ``archived``: there, of a deleted or unreadable one before. ``old_state`` and
    ``old_assignee``: before; states are empty for all but tasks, and where there was nothing.
    """

    id: str
    type: str
    what: str
    path: str
    blob: str
    old_path: str
    old_blob: str
    title: str = ""
    state: str = ""
    priority: int = 3
    assignee: str | None = None
    archived: bool = False
    old_state: str = ""
    old_assignee: str | None = None

    @property
    def address(self) -> str:
        return address_of(DocType(self.type), self.path or self.old_path)

    @property
    def is_task(self) -> bool:
        return self.type == DocType.TASK.value
