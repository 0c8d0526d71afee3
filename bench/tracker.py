"""A generated tracker in memory: containers, tasks and comments, what they look like as files, and how work on them
goes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

from bench import words
from wrkq_files.model import ids, layout, slugs, states, times
from wrkq_files.model.config import DEFAULT_SECTIONS
from wrkq_files.model.fields import COMMENT_KINDS, DEFAULT_PRIORITY, FIELDS, DocType

ROOT: Final = "wrkq"
BEGIN: Final = datetime(2025, 3, 3, 8, tzinfo=UTC)
CONTAINER_TASKS: Final = (20, 100)
_FIRST_STATES: Final = ("idea", "draft", "open", "open", "open", "open", "in_progress", "completed", "completed")


@dataclass(slots=True)
class File:
    """One document: frontmatter fields in any order, and a body."""

    kind: DocType
    path: str
    fields: dict[str, object]
    body: str

    @property
    def id(self) -> str:
        return str(self.fields["id"])

    @property
    def state(self) -> str:
        return str(self.fields.get("state", "open"))

    def words(self, name: str) -> tuple[str, ...]:
        """A field that is a set of strings."""
        value = self.fields.get(name, ())
        assert isinstance(value, tuple)
        return value

    def text(self) -> str:
        lines = [line for name in FIELDS[self.kind] if name in self.fields for line in _yaml(name, self.fields[name])]
        return "\n".join(["---", *lines, "---", "", self.body])


def _yaml(name: str, value: object) -> Iterator[str]:
    if not isinstance(value, tuple):
        yield f"{name}: {_scalar(value)}"
        return
    yield f"{name}:"
    for item in value:
        lead = "  - "
        for part in (
            [f"{key}: {_scalar(v)}" for key, v in item.items()] if isinstance(item, dict) else [_scalar(item)]
        ):
            yield lead + part
            lead = "    "


def _scalar(value: object) -> str:
    if isinstance(value, str):
        return json.dumps(value) if ": " in value or value[:1] in "@`'\"-" else value
    return json.dumps(value)


@dataclass(slots=True)
class Tracker:
    """``files`` by path; ``groups`` are the tasks of each container, in order of creation."""

    random: Random
    files: dict[str, File] = field(default_factory=dict)
    groups: dict[str, list[File]] = field(default_factory=dict)
    tasks: list[File] = field(default_factory=list)
    _ids: set[str] = field(default_factory=set)
    _clock: datetime = BEGIN

    def now(self) -> datetime:
        """A little later than the last time anybody asked."""
        self._clock += timedelta(seconds=self.random.randint(20, 400))
        return self._clock

    def mint(self, kind: DocType) -> str:
        while (identifier := ids.mint(kind, self.random.getrandbits(ids.BITS))) in self._ids:
            pass
        self._ids.add(identifier)
        return identifier

    def add(self, file: File) -> File:
        self.files[file.path] = file
        return file

    def actor(self) -> str:
        return self.random.choice(words.ACTORS)


def generate(count: int, seed: int) -> Tracker:
    """A tracker of exactly ``count`` tasks."""
    tracker = Tracker(Random(f"{count}/{seed}"))
    for name in words.ACTORS:
        role = "agent" if name.startswith("agent-") else "human"
        fields: dict[str, object] = {"role": role, "display_name": name.replace("-", " ").title()}
        tracker.add(File(DocType.ACTOR, f"{layout.ACTORS}/{name}.md", fields, ""))
    for folder, size in _containers(tracker, _sizes(tracker.random, count)):
        tracker.groups[folder] = [_task(tracker, folder) for _ in range(size)]
        _make_subtasks(tracker, tracker.groups[folder])
        tracker.tasks += tracker.groups[folder]
        _relate(tracker, tracker.groups[folder])
    for task in tracker.tasks:
        if tracker.random.random() < 1 / 3:
            comment(tracker, task)
    return tracker


def _sizes(random: Random, count: int) -> list[int]:
    """How many tasks each container holds: within the bounds wherever the sum allows it."""
    low, high = CONTAINER_TASKS
    sizes: list[int] = []
    left = count
    while left > high:
        size = min(random.randint(low, high), left - low)
        sizes.append(size)
        left -= size
    return [*sizes, left] if left else sizes


def _containers(tracker: Tracker, sizes: Sequence[int]) -> Iterator[tuple[str, int]]:
    """Projects of up to eight features of up to two areas each; every feature and area holds tasks."""
    for number, size in enumerate(sizes):
        project, feature, area = number // 24, number // 3 % 8, number % 3
        names = [_numbered(words.PROJECTS, project), _numbered(words.FEATURES, project * 5 + feature)]
        if number % 24 == 0:
            sections = tuple(dict(section) for section in DEFAULT_SECTIONS)
            _container(tracker, names[0], {"kind": "project", "operator": "user", "sections": sections})
        if area == 0:
            section = tracker.random.choice([str(each["slug"]) for each in DEFAULT_SECTIONS])
            _container(tracker, "/".join(names), {"kind": "feature", "section": section, "rank": f"a{feature}"})
        else:
            names.append(words.AREAS[(number + area) % len(words.AREAS)])
            _container(tracker, "/".join(names), {"kind": "area"})
        yield "/".join(names), size


def _numbered(names: Sequence[str], number: int) -> str:
    again, place = divmod(number, len(names))
    return f"{names[place]}-{again + 1}" if again else names[place]


def _container(tracker: Tracker, folder: str, more: Mapping[str, object]) -> None:
    name = folder.rpartition("/")[2].replace("-", " ").capitalize()
    fields = {
        "title": name,
        "id": tracker.mint(DocType.CONTAINER),
        "created": times.stamp(tracker.now()),
        "owner": tracker.actor(),
        "created_by": tracker.actor(),
        **more,
    }
    path = layout.document_path(DocType.CONTAINER, folder)
    tracker.add(File(DocType.CONTAINER, path, fields, f"What belongs to {name.lower()}, and nothing else.\n"))


def _task(tracker: Tracker, folder: str) -> File:
    random = tracker.random
    title = words.title(random)
    slug = slugs.from_title(title)
    number = 2
    while (path := layout.document_path(DocType.TASK, f"{folder}/{slug}")) in tracker.files:
        slug = f"{slugs.from_title(title)}-{number}"
        number += 1
    fields: dict[str, object] = {
        "title": title,
        "id": tracker.mint(DocType.TASK),
        "created": times.stamp(tracker.now()),
        "created_by": tracker.actor(),
    }
    if (priority := random.choice((1, 2, 2, 3, 3, 3, 3, 4))) != 3:
        fields["priority"] = priority
    if random.random() < 0.3:
        fields["estimate_hours"] = random.choice((1, 2, 4, 8, 16, 0.5))
    if random.random() < 0.15:
        fields["due"] = (BEGIN + timedelta(days=random.randint(30, 400))).date().isoformat()
    if random.random() < 0.2:
        fields["kind"] = random.choice(("bug", "chore", "spike"))
    if labels := random.sample(words.LABELS, random.choice((0, 0, 1, 1, 2, 3))):
        fields["labels"] = tuple(sorted(labels))
    task = tracker.add(File(DocType.TASK, path, fields, words.body(random, folder.replace("/", ", "))))
    move(tracker, task, random.choice(_FIRST_STATES))
    return task


def _make_subtasks(tracker: Tracker, group: Sequence[File]) -> None:
    """About one task in eight belongs to an earlier one of its folder, one level deep."""
    tops: list[File] = []
    for task in group:
        if tops and tracker.random.random() < 1 / 8:
            task.fields["parent"] = tracker.random.choice(tops[-10:]).id
        else:
            tops.append(task)


def _relate(tracker: Tracker, group: Sequence[File]) -> None:
    """About a third of the tasks wait for one to three others made before them, so that nothing waits in a circle."""
    random = tracker.random
    earlier = tracker.tasks[: -len(group)]
    for place, task in enumerate(group):
        if random.random() > 0.35:
            continue
        near = [each for each in group[max(0, place - 15) : place] if each.id != task.fields.get("parent")]
        pool = near + (random.sample(earlier, 2) if len(earlier) > 2 and random.random() < 0.3 else [])
        if pool:
            chosen = random.sample(pool, min(len(pool), random.randint(1, 3)))
            task.fields["blocked_by"] = tuple(sorted(each.id for each in chosen))


def move(tracker: Tracker, task: File, state: str) -> None:
    """Puts a task into a state, with what goes with it."""
    task.fields.pop("resolution", None)
    task.fields["state"] = state
    if state == "open":
        del task.fields["state"]
    if state in ("in_progress", "in_review", "completed"):
        task.fields.setdefault("assignee", tracker.actor())
    if state == "completed":
        task.fields["resolution"] = "done"
        task.body = task.body.replace("- [ ] ", "- [x] ")
    if state == "cancelled":
        task.fields["resolution"] = "wont_do"


def comment(tracker: Tracker, task: File) -> File:
    moment, author, identifier = tracker.now(), tracker.actor(), tracker.mint(DocType.COMMENT)
    fields: dict[str, object] = {"id": identifier, "on": task.id, "author": author, "created": times.stamp(moment)}
    kind = tracker.random.choice(("comment", "comment", "note", "decision", "progress"))
    if kind != COMMENT_KINDS[0]:
        fields["kind"] = kind
    path = layout.comment_path(task.id, times.compact(moment), author, identifier)
    return tracker.add(File(DocType.COMMENT, path, fields, tracker.random.choice(words.REMARKS) + "\n"))


def work(tracker: Tracker) -> tuple[str, list[File]]:
    """One small piece of work: its commit subject and the documents it changed."""
    random = tracker.random
    task = random.choice(tracker.tasks)
    name = task.path.removesuffix(".md")
    choice = random.random()
    if choice < 0.25:
        return f"{name}: comment", [comment(tracker, task)]
    if choice < 0.5 and "- [ ] " in task.body:
        task.body = task.body.replace("- [ ] ", "- [x] ", 1)
        return f"{name}: item done", [task]
    if choice < 0.75:
        state = random.choice(states.MOVES[task.state])
        move(tracker, task, state)
        return f"{name}: {state}", [task]
    priority = random.choice([number for number in (1, 2, 3, 4) if number != task.fields.get("priority", 3)])
    task.fields["priority"] = priority
    if priority == DEFAULT_PRIORITY:
        del task.fields["priority"]
    return f"{name}: priority {priority}", [task]
