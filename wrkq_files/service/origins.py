"""When and by whom a hand-made file was made: asked of git, and only when shown."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from wrkq_files.index.entry import Entry
from wrkq_files.model import times
from wrkq_files.model.fields import FIELDS
from wrkq_files.service.tracker import Tracker


class Born(NamedTuple):
    """``created`` is a document's time; ``created_by`` an actor's slug, else the author's e-mail."""

    created: str
    created_by: str


def of(tracker: Tracker, entries: Iterable[Entry]) -> dict[str, Born]:
    """By path, for those entries whose file lacks ``created`` or ``created_by`` and that were ever committed."""
    lacking = {tracker.repository_path(e.path): e.path for e in entries if e.blob and _lacks(e)}
    if not lacking:
        return {}
    from wrkq_files.git import history

    actors = tracker.actors_by_email()
    found = history.first_commits(tracker.repo, lacking.keys(), tip=tracker.place.revision)
    return {
        lacking[path]: Born(
            times.stamp(datetime.fromtimestamp(origin.time, UTC)), actors.get(origin.email.casefold(), origin.email)
        )
        for path, origin in found.items()
    }


def _lacks(entry: Entry) -> bool:
    fields, known = entry.document_fields(), FIELDS[entry.type]
    return any(name in known and name not in fields for name in Born._fields)
