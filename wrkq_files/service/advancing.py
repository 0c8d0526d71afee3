"""The light automation of sections: a feature follows its tasks, in the same change that moved one of them.

A section that somebody chose by hand holds until the next task moves. What hand edits and merges leave at odds is
said beside it, and `wrkq tidy` applies it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from wrkq_files.index.entry import Entry
from wrkq_files.index.query import Query
from wrkq_files.model import sections
from wrkq_files.model.document import Document, Value
from wrkq_files.model.fields import DocType
from wrkq_files.model.layout import document_path
from wrkq_files.service import columns, graph
from wrkq_files.service.tracker import Tracker


class Step(NamedTuple):
    """A feature that goes from one section to another."""

    feature: Entry
    old: str
    new: str

    @property
    def words(self) -> str:
        return f"{self.feature.address} goes from {self.old} to {self.new}"

    def as_json(self) -> dict[str, str]:
        return {"id": self.feature.id, "path": self.feature.address, "from": self.old, "to": self.new}


def in_section(slug: str, document: Document) -> Mapping[str, Value | None]:
    """What to set of a feature's document so that it stands there."""
    return {"section": slug}


def steps(tracker: Tracker, moved: Mapping[str, tuple[Entry, str]]) -> list[Step]:
    """Where features go because tasks move; ``moved``: each such task by its path, and its new state."""
    features = dict.fromkeys(entry.feature for entry, _ in moved.values() if entry.feature is not None)
    return [step for address in features for step in _steps_of(tracker, address, moved)]


def _steps_of(tracker: Tracker, address: str, moved: Mapping[str, tuple[Entry, str]]) -> list[Step]:
    tracker.index.refresh_folder(address, deep=True)
    feature = tracker.index.entry(document_path(DocType.CONTAINER, address))
    if feature is None or feature.archived or feature.id_source == "none":
        return []
    project = graph.project_above(tracker, address)
    own = columns.own(tracker, project)
    tasks = tracker.index.find(Query(types=(DocType.TASK,), under=address))
    states = [moved[task.path][1] if task.path in moved else task.state for task in tasks if _counts(task, address)]
    stands = feature.section or sections.default(own)
    begun = any(state == "in_progress" for _, state in moved.values())
    done = not begun and any(state in ("completed", "cancelled") for _, state in moved.values())
    wanted = sections.suggested(own, stands, states if done else {"in_progress"} if begun else ())
    return [Step(feature, stands, wanted)] if wanted and wanted != stands else []


def _counts(task: Entry, feature: str) -> bool:
    """Whether a task below a feature is one of its own: another feature may lie in between."""
    return not task.archived and task.feature == feature
