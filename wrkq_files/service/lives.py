"""The tasks of a tracker as history has them: what each went through, and what was said of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any, Final, NamedTuple

from wrkq_files.git.batch import Blobs
from wrkq_files.index.entry import Entry
from wrkq_files.index.query import Query
from wrkq_files.model import lives
from wrkq_files.model.document import address_of
from wrkq_files.model.fields import DEFAULT_STATE, DEFAULT_TASK_KIND, DocType
from wrkq_files.model.finding import Finding
from wrkq_files.model.layout import folder_of
from wrkq_files.model.lives import Life, Stand, Step
from wrkq_files.model.statistics import Mark
from wrkq_files.service.committed import Committed
from wrkq_files.service.history import History, Seen
from wrkq_files.service.tracker import Tracker

_WHERE: Final = """
    type IN ('task.created', 'task.deleted', 'task.restored', 'task.archived', 'task.moved', 'container.archived')
    OR (type = 'task.updated' AND field IN ('state', 'id'))
    OR type IN ('comment.withdrawn', 'comment.deleted')
    OR (type IN ('comment.created', 'comment.restored')
        AND (new LIKE '%"verdict"%' OR new LIKE '%"quality"%' OR new LIKE '%"timeliness"%'
             OR new LIKE '%"supersedes"%'))
"""


class Task(NamedTuple):
    """One task. What it says of itself is what its file says at HEAD; of one that is gone, what it said last.

    ``feature`` is the address of the nearest feature above it, None where it is in none.
    """

    id: str
    path: str
    life: Life
    feature: str | None
    kind: str
    labels: tuple[str, ...]
    assignee: str | None
    entry: Entry | None
    last: Mapping[str, Any]

    @property
    def fields(self) -> Mapping[str, Any]:
        """All its fields; decoded at each call."""
        return self.entry.document_fields() if self.entry else self.last


class Told(NamedTuple):
    """``features``: the titles of the features there are, by address. ``faults``: what cannot be read."""

    tasks: list[Task]
    marks: list[Mark]
    features: Mapping[str, str]
    faults: Sequence[Finding] = ()


def read(tracker: Tracker, now: int) -> Told:
    """All tasks that HEAD's history knows, and the marks given to them, in one pass.

    ``now``: milliseconds since 1970. What is not committed is not in it.
    """
    reader = _Reader()
    with closing(History(tracker)) as history:
        for seen in history.ask(_WHERE, newest_first=False):
            reader.add(seen)
        if not history.tip:
            return Told([], [], {})
        with _at(tracker, history.tip) as there:
            entries = there.index.find(Query(types=(DocType.TASK, DocType.CONTAINER)))
            faults = there.index.broken()
    return _told(reader, entries, now)._replace(faults=faults)


@contextmanager
def _at(tracker: Tracker, commit: str) -> Iterator[Tracker]:
    """The tracker as a commit has it, brought up to date."""
    if isinstance(tracker, Committed):
        tracker.index.refresh()
        yield tracker
        return
    with Blobs(tracker.repo) as blobs:
        there = Committed(tracker.door, tracker.repo, tracker.prefix, commit, blobs)
        try:
            there.snapshot.keep(there.tree)
            yield there
        finally:
            there.close()


class _Reader:
    """``paths``: the file of each task, and ``ids`` the task of each file, as they were last. ``gone``: the fields of
    tasks when they were deleted last. ``archived``: when containers were, last.
    """

    def __init__(self) -> None:
        self.steps: dict[str, list[Step]] = {}
        self.paths: dict[str, str] = {}
        self.ids: dict[str, str] = {}
        self.gone: dict[str, Mapping[str, Any]] = {}
        self.archived: dict[str, Step] = {}
        self.comments: dict[str, tuple[Mark, str | None]] = {}

    def add(self, seen: Seen) -> None:
        event = seen.happened.event
        kind, _, what = event.type.partition(".")
        if kind == "comment":
            self._comment(seen, what)
        elif kind == "container":
            self.archived[event.id] = Step(seen.happened.time, seen.actor, archived=(False, True))
        else:
            self._task(seen, what)

    def _task(self, seen: Seen, what: str) -> None:
        event = seen.happened.event
        if event.field == "id":
            self._renamed(self.ids.get(event.path, event.id), event.id)
        elif what != "moved":
            self.steps.setdefault(event.id, []).append(self._step(seen, what))
        # All events of a commit name the new id, also those before the one that says so.
        known = self.ids.pop(str(event.old), event.id) if what == "moved" else event.id
        if what != "updated" or event.field == "id":
            self.ids[event.path] = known
        self.paths[event.id] = event.path

    def _renamed(self, old: str, new: str) -> None:
        """Somebody gave a task another id: what happened to it under the old one happened to it."""
        if old != new and old in self.steps and old not in self.gone:
            self.steps[new] = [*self.steps.pop(old), *self.steps.get(new, ())]

    def _step(self, seen: Seen, what: str) -> Step:
        event = seen.happened.event
        step = Step(seen.happened.time, seen.actor)
        if what == "updated":
            return step._replace(state=(str(event.old), str(event.new)))
        if what == "archived" or event.field:
            return step._replace(archived=(what != "archived", what == "archived"))
        if what == "deleted":
            self.gone[event.id] = event.old or {}
            state, archived = _stand(event.old)
            return step._replace(state=(state, state), archived=(archived, archived), gone=(False, True))
        state, archived = _stand(event.new)
        if what == "created":
            return step._replace(state=("", state), archived=(False, archived), gone=(False, False), birth=True)
        old_state, old_archived = _stand(self.gone.get(event.id, event.new))
        return step._replace(state=(old_state, state), archived=(old_archived, archived), gone=(True, False))

    def _comment(self, seen: Seen, what: str) -> None:
        event = seen.happened.event
        if what in ("withdrawn", "deleted"):
            self.comments.pop(event.id, None)
            return
        said = event.new or {}
        mark = Mark(seen.about, seen.happened.time, said.get("verdict"), said.get("quality"), said.get("timeliness"))
        self.comments[event.id] = (mark, said.get("supersedes"))

    @property
    def marks(self) -> list[Mark]:
        """Without those that a later comment replaces."""
        replaced = {other for _, other in self.comments.values()}
        found = [mark for each, (mark, _) in self.comments.items() if each not in replaced]
        return [each for each in found if any(each[2:])]


def _stand(fields: Mapping[str, Any] | None) -> tuple[str, bool]:
    said = fields or {}
    return str(said.get("state") or DEFAULT_STATE), bool(said.get("archived"))


def _told(reader: _Reader, entries: list[Entry], now: int) -> Told:
    there = {entry.id: entry for entry in entries if entry.type is DocType.TASK and entry.id}
    containers = [entry for entry in entries if entry.type is DocType.CONTAINER]
    features = {each.address: each.title for each in containers if each.kind == "feature"}
    archived = {each.address: reader.archived[each.id] for each in containers if each.id in reader.archived}
    # A file that lost its id by hand may be known by another here than in history.
    left = {reader.paths[each]: each for each in reader.steps if each not in there and each not in reader.gone}
    for other in [each for each in there.values() if each.id not in reader.steps and each.path in left]:
        there[left[other.path]] = there.pop(other.id)
    tasks = []
    for identifier in dict.fromkeys([*reader.steps, *there]):
        steps = reader.steps.get(identifier, [])
        if entry := there.get(identifier):
            steps = [*steps, *_archived_above(entry, archived)]
            life = lives.life(steps, Stand(entry.state, entry.archived), now)
            tasks.append(_present(entry, life))
        else:
            path = reader.paths[identifier]
            tasks.append(
                _past(identifier, path, reader.gone.get(identifier, {}), lives.life(steps, None, now), features)
            )
    return Told(tasks, reader.marks, features)


def _archived_above(entry: Entry, archived: Mapping[str, Step]) -> Iterator[Step]:
    """A task that is archived with a container above it, and not by itself."""
    if not entry.archived or entry.document_fields().get("archived"):
        return
    above = [step for folder, step in archived.items() if not folder or entry.address.startswith(f"{folder}/")]
    yield min(above, key=lambda step: step.time, default=Step(0, "", archived=(False, True)))


def _present(entry: Entry, life: Life) -> Task:
    return Task(entry.id, entry.address, life, entry.feature, entry.kind, entry.labels, entry.assignee, entry, {})


def _past(identifier: str, path: str, last: Mapping[str, Any], life: Life, features: Mapping[str, str]) -> Task:
    address = address_of(DocType.TASK, path)
    return Task(
        identifier,
        address,
        life,
        _feature(folder_of(path), features),
        str(last.get("kind") or DEFAULT_TASK_KIND),
        tuple(map(str, last.get("labels") or ())),
        last.get("assignee"),
        None,
        last,
    )


def _feature(folder: str, features: Mapping[str, str]) -> str | None:
    while folder and folder not in features:
        folder = folder.rpartition("/")[0]
    return folder if folder in features else None
