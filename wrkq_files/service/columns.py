"""Which features stand in which section of their projects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from wrkq_files.index.entry import Entry
from wrkq_files.model import sections
from wrkq_files.model.ranks import by_hand
from wrkq_files.service.tracker import Tracker


class Columns(NamedTuple):
    """The sections of a project, and its features, in their order by hand.

    ``project`` None: those that are in none.
    """

    project: Entry | None
    sections: Sequence[Mapping[str, Any]]
    features: Sequence[Entry]

    def section_of(self, feature: Entry) -> str:
        """The slug of the section a feature stands in: its own, else the default one."""
        return feature.section or sections.default(self.sections)

    def standing(self, slug: str) -> list[Entry]:
        return [each for each in self.features if self.section_of(each) == slug]


def of(tracker: Tracker, *, archived: bool = False) -> list[Columns]:
    """Every project's, by address; last those of features that are in no project, where there are such.

    What is archived only with ``archived``.
    """
    found = [each for each in tracker.index.containers() if archived or not each.archived]
    features: dict[str | None, list[Entry]] = {}
    for each in found:
        if each.kind == "feature":
            features.setdefault(each.project, []).append(each)
    projects = [each for each in found if each.kind == "project"]
    columns = [Columns(each, own(tracker, each), _by_hand(features.pop(each.address, ()))) for each in projects]
    loose = features.pop(None, [])
    return [*columns, *([Columns(None, tracker.config.sections, _by_hand(loose))] if loose else [])]


def around(tracker: Tracker, feature: Entry) -> Columns:
    """The columns that a feature stands in."""
    found = of(tracker)
    mine = [each for each in found if (each.project.address if each.project else None) == feature.project]
    return mine[0] if mine else Columns(None, tracker.config.sections, [feature])


def own(tracker: Tracker, project: Entry | None) -> Sequence[Mapping[str, Any]]:
    """A project's sections; the tracker's where it names none."""
    return (project.document_fields().get("sections") if project else None) or tracker.config.sections


def title_of(section: Mapping[str, Any]) -> str:
    """A section's name for people."""
    return str(section.get("title") or str(section.get("slug")).replace("-", " ").capitalize())


def hand_order(entry: Entry) -> tuple[str, int, str, str]:
    return by_hand(entry.rank, entry.priority, entry.created, entry.id)


def _by_hand(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=hand_order)
