"""The same four requests made of Taskwarrior and Backlog.md, where they are installed: reported, not judged.

Each peer gets the generated tracker's tasks in its own format. Backlog.md commits its writes, as ours does;
Taskwarrior keeps no history in git.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench import generate
from bench import tracker as making
from bench.report import Row
from bench.rows import PROGRAMS, Bench, Group, against, pick, set_priority
from bench.timing import Arguments, Command, CommandFailedError, fixed, in_turns

OPERATIONS: Final = ("list", "add", "edit", "search")
WORD: Final = "invitations"
#: Taskwarrior and Backlog.md take seconds for some of these.
ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class Peer:
    """``prepare`` fills a folder with the tasks and returns more environment; ``requests`` are the four commands."""

    name: str
    program: str
    prepare: Callable[[Path, making.Tracker], Mapping[str, str]]
    requests: Mapping[str, Arguments]


def _taskwarrior(folder: Path, tracker: making.Tracker) -> Mapping[str, str]:
    (folder / "taskrc").write_text(f"data.location={folder / 'data'}\nconfirmation=off\nhooks=off\nverbose=nothing\n")
    env = {"TASKRC": str(folder / "taskrc"), "TASKDATA": str(folder / "data")}
    (folder / "data").mkdir()
    subprocess.run(
        ["task", "import", "-"],
        input=json.dumps([_taskwarrior_task(task) for task in tracker.tasks]),
        env=generate.environment() | env,
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    return env


def _uuid(identifier: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, identifier))


def _taskwarrior_task(task: making.File) -> dict[str, object]:
    closed = {"completed": "completed", "cancelled": "deleted"}.get(task.state)
    when = str(task.fields["created"]).replace("-", "").replace(":", "")
    return {
        "uuid": _uuid(task.id),
        "description": task.fields["title"],
        "project": task.path.rpartition("/")[0].replace("/", "."),
        "status": closed or "pending",
        "entry": when,
        "tags": [label.replace("-", "_") for label in task.words("labels")],
        "depends": [_uuid(blocker) for blocker in task.words("blocked_by")],
        **({"end": when} if closed else {}),
    }


def _backlog(folder: Path, tracker: making.Tracker) -> Mapping[str, str]:
    env = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder / ".config")}
    generate.git(folder, "init", "--quiet", "--initial-branch=main")
    generate.git(folder, "config", "user.name", "Robin")
    generate.git(folder, "config", "user.email", "robin@example.com")
    words = ["backlog", "init", "bench", "--defaults", "--integration-mode", "none", "--include-remote", "false"]
    both = generate.environment() | env
    subprocess.run(words, cwd=folder, env=both, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    config = folder / "backlog" / "config.yml"
    config.write_text(config.read_text().replace("auto_commit: false", "auto_commit: true"))
    numbers = {task.id: number for number, task in enumerate(tracker.tasks, start=1)}
    (folder / "backlog" / "tasks").mkdir(exist_ok=True)
    for task in tracker.tasks:
        name = f"task-{numbers[task.id]} - {task.path.rpartition('/')[2]}"
        (folder / "backlog" / "tasks" / name).write_text(_backlog_task(task, numbers), encoding="utf-8")
    generate.git(folder, "add", "--all")
    generate.git(folder, "commit", "--quiet", "--message", "The tasks")
    return env


def _backlog_task(task: making.File, numbers: Mapping[str, int]) -> str:
    status = {"completed": "Done", "cancelled": "Done", "in_progress": "In Progress"}.get(task.state, "To Do")
    created = str(task.fields["created"])[:16].replace("T", " ")
    return "\n".join(
        [
            "---",
            f"id: TASK-{numbers[task.id]}",
            f"title: {json.dumps(task.fields['title'])}",
            f"status: {status}",
            "assignee: []",
            f"created_date: '{created}'",
            f"labels: {json.dumps(task.words('labels'))}",
            f"dependencies: {json.dumps([f'TASK-{numbers[each]}' for each in task.words('blocked_by')])}",
            "---",
            "",
            "## Description",
            "",
            task.body,
        ]
    )


def _each(*words: str) -> Arguments:
    """The words of each run, with its number in place of ``{}`` and, in place of ``{level}``, a changing priority."""
    return lambda number: [word.format(number, level=("high", "low")[number % 2]) for word in words]


PEERS: Final = (
    Peer(
        "Taskwarrior",
        "task",
        _taskwarrior,
        {
            "list": fixed("task", "list"),
            "add": _each("task", "add", "Look into report {}"),
            "edit": lambda number: ["task", "5", "modify", f"priority:{'HL'[number % 2]}"],
            "search": fixed("task", WORD, "list"),
        },
    ),
    Peer(
        "Backlog.md",
        "backlog",
        _backlog,
        {
            "list": fixed("backlog", "task", "list", "--plain"),
            "add": _each("backlog", "task", "create", "Look into report {}"),
            "edit": _each("backlog", "task", "edit", "5", "--priority", "{level}"),
            "search": fixed("backlog", "search", WORD, "--plain"),
        },
    ),
)


def group(size: int) -> Group:
    """The rows of all peers, at one size."""

    def rows(bench: Bench) -> Iterator[Row]:
        for peer in PEERS:
            if not shutil.which(peer.program):
                yield Row(f"{peer.name}, {size:,}", skipped=f"there is no `{peer.program}` here")
                continue
            try:
                yield from _compare(bench, peer, size)
            except (CommandFailedError, subprocess.CalledProcessError) as error:
                yield Row(f"{peer.name}, {size:,}", skipped=str(error))

    return rows


def _compare(bench: Bench, peer: Peer, size: int) -> Iterator[Row]:
    folder = generate.OUT / f"peer-{peer.program}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    env = {**bench.env, **peer.prepare(folder, making.generate(size, generate.SEED))}
    bench.rebuild(size).run()
    for name in OPERATIONS:
        theirs = Command(peer.requests[name], folder, env)
        ours = bench.command(size, _ours(name, pick(bench.tracker(size), 1)))
        in_turns([ours, theirs], min(ROUNDS, bench.rounds))
        yield against(f"{peer.name} {name}, {size:,}", theirs, ours, "wrkq")


def _ours(name: str, task: str) -> Arguments:
    program = str(PROGRAMS / "wrkq")
    table: Mapping[str, Arguments] = {
        "list": fixed(program, "find"),
        "add": _each(program, "add", "Look into report {}"),
        "edit": set_priority(task),
        "search": fixed(program, "search", WORD),
    }
    return table[name]
