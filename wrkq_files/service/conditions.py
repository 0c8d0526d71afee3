"""What somebody waits for: a field of a document that has a value, in what is committed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git.batch import Blobs
from wrkq_files.index.entry import Entry
from wrkq_files.model.fields import FIELD_SYNONYMS, DocType
from wrkq_files.service import assign
from wrkq_files.service.committed import Committed
from wrkq_files.service.tracker import Tracker

_EFFECTIVE: Final = "effective_state"


class Condition(NamedTuple):
    """One ``field=value``, typed; lists have to hold all of ``value``. None: the default, or nothing."""

    kind: DocType
    field: str
    value: Any

    def holds(self, entry: Entry) -> bool:
        if entry.type is not self.kind:
            return False
        if self.field == _EFFECTIVE:
            return bool(entry.effective_state == self.value)
        has = assign.without_default(self.kind, self.field, entry.document_fields().get(self.field))
        if isinstance(self.value, tuple):
            return set(self.value) <= set(has or ())
        return bool(has == self.value)


def conditions(tracker: Tracker, entries: Iterable[Entry], texts: Iterable[str]) -> list[Condition]:
    """What ``field=value`` means for these documents.

    Raises WrkqError ``usage`` and ``validation`` for what none of them can ever be.
    """
    kinds = dict.fromkeys(entry.type for entry in entries)
    found = []
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise WrkqError("usage", f"--until {text}: it is FIELD=VALUE", hint="--until state=completed")
        found += [_condition(tracker, kind, name.strip().replace("-", "_"), value.strip()) for kind in kinds]
    return found


def hold(tracker: Tracker, commit: str, identifiers: Sequence[str], wanted: Sequence[Condition]) -> bool:
    """Whether in a commit one of the conditions holds for each of the documents; what is not there has no value."""
    with Blobs(tracker.repo) as blobs:
        then = Committed(tracker.door, tracker.repo, tracker.prefix, commit, blobs)
        try:
            then.snapshot.keep(then.tree)
            found = [then.index.by_id(each) for each in identifiers]
            return all(entries and any(each.holds(entries[0]) for each in wanted) for entries in found)
        except WrkqError as error:
            if error.code != "format":  # there is no tracker in that commit, or none that we know
                raise
            return False
        finally:
            then.close()


def _condition(tracker: Tracker, kind: DocType, name: str, text: str) -> Condition:
    if name == _EFFECTIVE and kind is DocType.TASK:
        state = assign.typed(tracker, kind, "state", text)[1]
        return Condition(kind, name, state or assign.DEFAULTS["state"])
    field, value = assign.typed(tracker, kind, FIELD_SYNONYMS.get(name, name), text)
    return Condition(kind, field, value)
