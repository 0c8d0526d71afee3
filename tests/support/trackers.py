"""Trackers for tests, written directly: ten thousand tasks in well under a second."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_STATES = ("open",) * 9 + ("in_progress", "in_progress", "in_review", "blocked", "idea", "draft") + ("completed",) * 5
_LABELS = ("api", "auth", "backend", "cli", "docs", "frontend", "infra", "performance", "security", "tests")
_PROSE = """
account alert archive batch border branch button cache change client column commit config cursor dialog document
editor email entry error event export field filter folder form graph handle header history import index invoice
keyboard label layout limit list login machine merge message migration mobile number order page parser password
payment picture preview queue quota reader record release report request retry review schema screen search
section server session setting signal state storage summary table target template test thread timeout token
update upload user value version view window worker
"""
_WORDS = _PROSE.split()
_ACTORS = ("lance", "mara", "agent-codex", "agent-claude")


@dataclass
class Made:
    """What :func:`make` wrote: ids in order of writing, and where each task is (relative to the root)."""

    root: Path
    tasks: list[str] = field(default_factory=list)
    paths: dict[str, str] = field(default_factory=dict)
    containers: dict[str, str] = field(default_factory=dict)
    comments: int = 0


def identifier(letter: str, source: random.Random) -> str:
    bits = source.getrandbits(40)
    return f"{letter}-" + "".join(_ALPHABET[(bits >> (5 * place)) & 31] for place in range(8))


def make(
    root: Path,
    tasks: int,
    *,
    seed: int = 1,
    projects: int = 4,
    per_feature: int = 100,
    comments: bool = True,
    ids: bool = True,
) -> Made:
    """Write a tracker of ``tasks`` tasks: ``projects`` folders of features of ``per_feature`` tasks each.

    Nearly all have labels and prose, a third have checkboxes, a third a comment, a fifth wait for earlier tasks, some
    are subtasks. ``ids=False`` leaves out the tasks' ids, as if all were made by hand.
    """
    source = random.Random(seed)
    made = Made(root)
    root.mkdir(parents=True, exist_ok=True)
    (root / "wrkq.yaml").write_text("format: 1\n")
    _write_actors(root)
    features = _write_containers(made, source, projects, -(-tasks // per_feature))
    for number in range(tasks):
        folder = features[number // per_feature]
        _write_task(made, source, number, folder, first=number % per_feature == 0, ids=ids)
    if comments:
        _write_comments(made, source)
    return made


def _write_actors(root: Path) -> None:
    (root / "_actors").mkdir(exist_ok=True)
    for slug in _ACTORS:
        role = "agent" if slug.startswith("agent") else "human"
        (root / "_actors" / f"{slug}.md").write_text(f"---\nrole: {role}\ndisplay_name: {slug.title()}\n---\n")


def _write_containers(made: Made, source: random.Random, projects: int, features: int) -> list[str]:
    addresses = []
    for number in range(min(projects, max(features, 1))):
        _write_container(made, source, f"project-{number}", f"Project {number}", "project", "")
    for number in range(features):
        address = f"project-{number % projects}/feature-{number:03d}"
        section = source.choice(("backlog", "ready", "doing", "review"))
        _write_container(made, source, address, f"Feature {number}", "feature", f"section: {section}\n")
        addresses.append(address)
    return addresses


def _write_container(made: Made, source: random.Random, address: str, title: str, kind: str, more: str) -> None:
    made.containers[address] = identifier("P", source)
    folder = made.root / address
    folder.mkdir(parents=True, exist_ok=True)
    head = f"---\ntitle: {title}\nid: {made.containers[address]}\nkind: {kind}\n{more}created: 2026-01-02T10:00:00Z\n"
    (folder / "README.md").write_text(head + f"---\n\n{title} has a few tasks.\n")


def _write_task(made: Made, source: random.Random, number: int, folder: str, *, first: bool, ids: bool) -> None:
    words = source.choices(_WORDS, k=5)
    task = identifier("T", source)
    path = f"{folder}/{number:05d}-{'-'.join(words[:3])}.md"
    lines = ["---", f"title: {' '.join(words).capitalize()}"]
    if ids:
        lines.append(f"id: {task}")
    lines += _fields(made, source, number, parent=not first and number % 11 == 0)
    with open(f"{made.root}/{path}", "w") as file:
        file.write("\n".join([*lines, "---", "", *_body(source, number)]))
    made.tasks.append(task)
    made.paths[task] = path


def _fields(made: Made, source: random.Random, number: int, *, parent: bool) -> list[str]:
    state = source.choice(_STATES)
    lines = [] if state == "open" else [f"state: {state}"]
    if state in ("in_progress", "in_review") or number % 3 == 0:
        lines.append(f"assignee: {source.choice(_ACTORS)}")
    lines += [f"created: 2026-01-{1 + number % 28:02d}T14:24:16Z", f"priority: {1 + source.getrandbits(2)}"]
    if number % 5 == 0:
        lines.append(f"due: 2026-0{1 + number % 9}-15")
    lines += ["created_by: lance", "labels:", *(f"  - {each}" for each in sorted(source.sample(_LABELS, 2)))]
    if number % 5 == 1 and made.tasks:
        blockers = sorted(set(source.choices(made.tasks[-500:], k=2)))
        lines += ["blocked_by:", *(f"  - {each}" for each in blockers)]
    if parent:
        lines.append(f"parent: {made.tasks[-1]}")
    return lines


def _body(source: random.Random, number: int) -> list[str]:
    lines = []
    for _ in range(2 + number % 3):
        lines += [f"{' '.join(source.choices(_WORDS, k=12)).capitalize()}.", ""]
    if number % 3 == 0:
        marks = source.choices(("[ ]", "[x]", "[x]", "[-]"), k=3)
        boxes = [f"- {mark} {' '.join(source.choices(_WORDS, k=4))}" for mark in marks]
        lines += ["## Acceptance criteria", "", *boxes, ""]
    return lines


def _write_comments(made: Made, source: random.Random) -> None:
    for task in made.tasks[::3]:
        comment, author = identifier("C", source), source.choice(_ACTORS)
        folder = f"{made.root}/_comments/{task[2:4]}/{task}"
        Path(folder).mkdir(parents=True, exist_ok=True)
        with open(f"{folder}/20260119T142416Z-{author}-{comment[2:]}.md", "w") as file:
            file.write(
                f"---\nid: {comment}\non: {task}\nauthor: {author}\ncreated: 2026-01-19T14:24:16Z\nkind: note\n---\n"
                f"\n{' '.join(source.choices(_WORDS, k=10))}\n"
            )
        made.comments += 1
