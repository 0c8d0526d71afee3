"""A fixed set of small trackers that two sides have edited at once, and how many of these merges end in conflict.

Each side does a handful of everyday things to the same few tasks. The same edits are merged as one JSON file under
plain git, as files of this project under plain git, and as these files by the engine; what the two sides truly
disagree about (the same field to two values, the same paragraph in two wordings) is counted beside.
"""

from __future__ import annotations

import copy
import json
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

from bench import tracker as making
from bench import words
from bench.tracker import File, Tracker

MERGES: Final = 300
TASKS: Final = 20
#: Both sides work on these.
HOT: Final = 8
OPERATIONS: Final = 5

#: What a side did that the other may do differently: a task's id and the field; and what it made of it.
Deeds = dict[tuple[str, str], object]


class Case(NamedTuple):
    """Texts by path, each in three versions; None where a version has no such file."""

    files: Mapping[str, tuple[str | None, str | None, str | None]]
    json: tuple[str, str, str]
    disagreements: int


class Outcome(NamedTuple):
    """How many of the merges ended in conflict, by the way they were merged; ``real``: in how many the sides
    disagree."""

    merges: int
    json: int
    files: int
    engine: int
    real: int


def cases(count: int = MERGES) -> Iterator[Case]:
    """The same each time."""
    for number in range(count):
        base = making.generate(TASKS, number)
        sides = []
        for name in ("ours", "theirs"):
            side = copy.deepcopy(base)
            side.random = Random(f"{number}/{name}")
            sides.append((side, _edited(side)))
        (ours, mine), (theirs, yours) = sides
        texts = [_texts(each) for each in (base, ours, theirs)]
        paths = sorted({path for each in texts for path in each})
        files = {path: (texts[0].get(path), texts[1].get(path), texts[2].get(path)) for path in paths}
        one, two, three = (_as_json(each) for each in (base, ours, theirs))
        clashes = [deed for deed in mine.keys() & yours.keys() if mine[deed] != yours[deed]]
        was = {task.id: task for task in base.tasks}
        real = [deed for deed in clashes if _said(was[deed[0]], deed[1]) not in (mine[deed], yours[deed])]
        yield Case(files, (one, two, three), len(real))


def _said(task: File, name: str) -> object:
    """What a task says where a deed may change it."""
    if name == "state":
        return (task.state, task.fields.get("assignee"), task.fields.get("resolution"))
    return task.body.partition("\n")[0] if name == "body" else task.fields.get(name)


def _texts(tracker: Tracker) -> dict[str, str]:
    return {path: file.text() for path, file in tracker.files.items()}


def _as_json(tracker: Tracker) -> str:
    """All documents as one JSON file, indented and with its keys in order: the form that git merges best."""
    found = [{**file.fields, "path": path, "body": file.body.split("\n")} for path, file in tracker.files.items()]
    return json.dumps(found, indent=2, ensure_ascii=False, default=list) + "\n"


def _edited(tracker: Tracker) -> Deeds:
    """Does the things that a side does."""
    deeds: Deeds = {}
    for _ in range(OPERATIONS):
        task = tracker.random.choice(tracker.tasks[:HOT])
        tracker.random.choice(_DEEDS)(tracker, task, deeds)
    return deeds


def _move(tracker: Tracker, task: File, deeds: Deeds) -> None:
    task.fields.pop("resolution", None)
    task.fields["state"] = tracker.random.choice(("in_progress", "blocked", "completed", "in_review"))
    task.fields["assignee"] = tracker.actor()
    deeds[task.id, "state"] = (task.fields["state"], task.fields["assignee"], None)


def _prioritise(tracker: Tracker, task: File, deeds: Deeds) -> None:
    task.fields["priority"] = deeds[task.id, "priority"] = tracker.random.choice((1, 2, 4))


def _schedule(tracker: Tracker, task: File, deeds: Deeds) -> None:
    task.fields["due"] = deeds[task.id, "due"] = f"2026-0{tracker.random.randint(1, 9)}-01"


def _estimate(tracker: Tracker, task: File, deeds: Deeds) -> None:
    task.fields["estimate_hours"] = deeds[task.id, "estimate_hours"] = tracker.random.choice((1, 2, 4, 8))


def _label(tracker: Tracker, task: File, deeds: Deeds) -> None:
    old = {*task.words("labels")}
    task.fields["labels"] = tuple(sorted({*old} ^ {tracker.random.choice(words.LABELS)}))
    if not task.fields["labels"]:
        del task.fields["labels"]


def _tick(tracker: Tracker, task: File, deeds: Deeds) -> None:
    lines = task.body.split("\n")
    boxes = [place for place, line in enumerate(lines) if line.startswith("- [ ] ")]
    if boxes:
        place = tracker.random.choice(boxes)
        lines[place] = lines[place].replace("[ ]", "[x]", 1)
        task.body = "\n".join(lines)


def _reword(tracker: Tracker, task: File, deeds: Deeds) -> None:
    first, end, rest = task.body.partition("\n")
    task.body = f"{first.rpartition('. ')[0] or first}. {tracker.random.choice(words.REMARKS)}{end}{rest}"
    deeds[task.id, "body"] = task.body.partition("\n")[0]


def _comment(tracker: Tracker, task: File, deeds: Deeds) -> None:
    making.comment(tracker, task)


_DEEDS: Final = (_move, _move, _prioritise, _schedule, _estimate, _label, _tick, _tick, _reword, _comment, _comment)


def outcome(all_cases: Sequence[Case], folder: Path) -> Outcome:
    """Merges everything in the three ways; ``folder`` is any folder."""
    from wrkq_files.service.merging import merge_file

    counts = dict.fromkeys(Outcome._fields, 0)
    for case in all_cases:
        both = {path: sides for path, sides in case.files.items() if _is_merged(sides)}
        counts["json"] += is_in_conflict(*case.json)
        counts["files"] += any(is_in_conflict(*(side or "" for side in sides)) for sides in both.values())
        counts["engine"] += any(
            not merge_file(
                folder, path, None if base is None else base.encode(), ours.encode(), theirs.encode()
            ).is_clean
            for path, (base, ours, theirs) in both.items()
            if ours is not None and theirs is not None
        )
        counts["real"] += bool(case.disagreements)
    return Outcome(**{**counts, "merges": len(all_cases)})


def _is_merged(sides: tuple[str | None, str | None, str | None]) -> bool:
    """Whether both sides changed the file, and not alike: of all others git takes one."""
    base, ours, theirs = sides
    return base not in (ours, theirs) and ours != theirs


def merged_files(all_cases: Sequence[Case]) -> Iterator[tuple[str, bytes, bytes, bytes]]:
    """Path, base, ours and theirs of all that a merge has to look into."""
    for case in all_cases:
        for path, sides in case.files.items():
            base, ours, theirs = sides
            if _is_merged(sides) and base is not None and ours is not None and theirs is not None:
                yield path, base.encode(), ours.encode(), theirs.encode()


def is_in_conflict(base: str, ours: str, theirs: str) -> bool:
    """Whether git finds a conflict between the lines of three texts."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("ours", "base", "theirs")]
        for path, text in zip(paths, (ours, base, theirs), strict=True):
            path.write_text(text, encoding="utf-8")
        done = subprocess.run(["git", "merge-file", "-p", "-q", *paths], check=False, capture_output=True)
    if done.returncode > 127:
        raise RuntimeError(done.stderr.decode(errors="replace"))
    return done.returncode > 0
