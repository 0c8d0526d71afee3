"""A command killed at any moment: after the next one, what it did is there as a whole, or not at all."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.service.worker import agree, changed_files, leftovers, opened, snapshot, views
from tests.support.sandbox import Sandbox
from wrkq_files.git import journal, lock, write
from wrkq_files.service import batch, batch_input, comments, create, move, remove, status, update
from wrkq_files.service.change import Options
from wrkq_files.service.tracker import Tracker

Request = Callable[[Tracker, int, Options], object]


@pytest.fixture
def plan(box: Sandbox) -> Sandbox:
    """A container of tasks, one of them made by hand, and somebody's edits beside the tracker."""
    files = {f"wrkq/p0/sub/t{number}.md": f"---\ntitle: T{number}\n---\n" for number in range(4)}
    files |= {"wrkq/p0/README.md": "---\ntitle: P\nkind: project\n---\n", "wrkq/inbox/fix.md": "---\ntitle: F\n---\n"}
    box.repo.commit({**files, "code.py": "a\n"})
    box.repo.write({"code.py": "staged\n", "untracked.py": "u\n"})
    box.repo.git("add", "code.py")
    box.repo.write({"code.py": "unstaged\n"})
    return box


def batch_of_three(tracker: Tracker, number: int, options: Options) -> object:
    """Five files, one of which two operations change."""
    rows = [
        {"op": "set", "target": "inbox/fix", "fields": {"estimate_hours": number + 1}},
        {"op": "set", "target": "p*/sub/*", "fields": {"estimate_hours": number + 1}},
        {"op": "set", "target": "inbox/fix", "add_labels": f"n{number}"},
    ]
    return batch.run(tracker, batch_input.read(json.dumps(rows).encode(), "ops"), options)


OTHERS = ("?? untracked.py", "MM code.py")


def set_one(tracker: Tracker, number: int, options: Options) -> object:
    """One file."""
    pairs = [("estimate_hours", str(number + 1))]
    return update.set_fields(tracker, ["inbox/fix"], update.Assignments(pairs), options)


def set_many(tracker: Tracker, number: int, options: Options) -> object:
    pairs = [("estimate_hours", str(number + 1))]
    return update.set_fields(tracker, ["p*/sub/*", "inbox/fix"], update.Assignments(pairs), options)


def rename(tracker: Tracker, number: int, options: Options) -> object:
    """Five files, of a container that is renamed."""
    (old,) = [path.name for path in tracker.root.glob("p[0-9]*")]
    return move.mv(tracker, [old], f"p{int(old[1:]) + 1}", options)


def add_and_purge(tracker: Tracker, number: int, options: Options) -> object:
    """Files and folders that come, with a comment, and that go again."""
    if not (tracker.root / "new").exists():
        create.mkdir(tracker, ["new/er"], options, parents=True)
        create.touch(tracker, ["new/er/task"], create.New("Task"), options)
        return comments.add(tracker, "new/er/task", "A word.", options)
    return remove.rm(tracker, ["new"], options, purge=True, recursive=True)


@dataclass
class Killed:
    """How a killed request left things: ``files`` is what was there before."""

    plan: Sandbox
    files: Mapping[str, object]
    signalled: bool


def kill(plan: Sandbox, request: Request, number: int, options: Options, longest: float, *, group: bool) -> Killed:
    before = snapshot(plan.repo)
    gc.collect()  # a read that is left open here would keep the next command from mending the index
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        try:
            request(opened(plan.repo.path), number, options)
        finally:
            os._exit(0)
    time.sleep(random.uniform(0, longest))
    with contextlib.suppress(ProcessLookupError):
        (os.killpg if group else os.kill)(child, signal.SIGKILL)
    return Killed(plan, before, os.waitpid(child, 0)[1] == signal.SIGKILL)


def next_command(plan: Sandbox, number: int) -> None:
    """A read or a write, by turns; a git of the dead one may go on for a moment, holding its lock."""
    if number % 2:
        with lock.worktree_lock(opened(plan.repo.path).repo, 10):
            pass
        opened(plan.repo.path)
    else:
        update.set_fields(
            plan.tracker, ["inbox"], update.Assignments([("labels", f"n{number}")]), Options(commit=True)
        )


def usual(plan: Sandbox, request: Request, options: Options) -> float:
    """A little longer than the request takes when nobody disturbs it."""
    took = [duration(partial(request, opened(plan.repo.path), 900 + turn, options)) for turn in range(2)]
    return min(1.3 * min(took), 0.5)


def duration(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


SOAK = [20, pytest.param(500, marks=pytest.mark.soak)]


@pytest.mark.parametrize("times", SOAK)
@pytest.mark.parametrize("request_", [set_one, set_many, rename, add_and_purge, batch_of_three])
def test_auto(plan: Sandbox, request_: Request, times: int) -> None:
    options = Options(commit=True)
    longest = usual(plan, request_, options)
    signalled: list[bool] = []
    for number in attempts(times // 4 if times == 20 else times, signalled):
        found = kill(plan, request_, number, options, longest, group=number % 3 == 0)
        signalled.append(found.signalled)
        next_command(plan, number)
        agree(plan.tracker, OTHERS)
        whole(found)
    assert any(signalled)
    plan.repo.fsck()


def attempts(wanted: int, killed: Sequence[bool]) -> Iterator[int]:
    """As many as are wanted; on a machine whose pace changes, more until one was quick enough to kill."""
    for number in range(10 * wanted):
        if number >= wanted and any(killed):
            return
        yield number


def whole(found: Killed) -> None:
    """HEAD moved by whole requests, or not at all; files and index agree with it already."""
    repo = found.plan.repo
    old = bytes(found.files["head"]).decode().strip()  # type: ignore[call-overload]
    for commit in repo.git("rev-list", f"{old}..HEAD").split():
        subject = repo.git("log", "-1", "--format=%s", commit)
        counts = next((counts for words, counts in FILES.items() if words in subject), {1})
        assert len(changed_files(repo, commit)) in counts, subject


#: How many files a commit has, by its subject; a purge takes what an interrupted request before it has left out.
FILES = {
    " -> ": {10},
    "5 documents": {5},
    "purged": {2, 3, 4},
    "new, new/er": {2},
    "2 containers": {2},
    "3 changes": {5},
}


@pytest.mark.parametrize("times", SOAK)
@pytest.mark.parametrize("request_", [set_one, set_many, rename, batch_of_three])
def test_manual(plan: Sandbox, request_: Request, times: int) -> None:
    """git's index is never touched; of the files all have changed, or none."""
    options = Options(commit=False)
    longest = usual(plan, request_, options)
    status.commit_all(plan.tracker, Options())
    signalled: list[bool] = []
    for number in attempts(times // 4 if times == 20 else times, signalled):
        found = kill(plan, request_, number, options, longest, group=number % 3 == 0)
        signalled.append(found.signalled)
        next_command(plan, 1)
        after = snapshot(plan.repo)
        assert {name: after[name] for name in ("head", "entries")} == {n: found.files[n] for n in ("head", "entries")}
        assert leftovers(plan.repo) == []
        lines = [line for line in plan.repo.status() if line not in OTHERS]
        complete = {set_one: [1], set_many: [5], rename: [10], batch_of_three: [5]}[request_]  # type: ignore[index]
        assert len(lines) in (0, *complete), lines
        assert after["files"] == found.files["files"] or lines
        agree(plan.tracker, (*OTHERS, *lines))
        status.commit_all(plan.tracker, Options())
    assert any(signalled)
    agree(plan.tracker, OTHERS)


@pytest.mark.parametrize("at", ["staged", "locked", "copied", "journal", "placed 0", "placed 3", "ref", "index"])
def test_a_read_mends_what_it_finds(plan: Sandbox, at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container that is half moved is never listed so."""
    child = os.fork()
    if child == 0:
        monkeypatch.setattr(write.commit, "__kwdefaults__", {**(write.commit.__kwdefaults__ or {}), "step": dies(at)})
        try:
            rename(plan.tracker, 0, Options(commit=True))
        finally:
            os._exit(3)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    assert journal.folder(plan.tracker.repo).name
    tracker = opened(plan.repo.path)
    tracker.index.refresh()
    tasks = [entry.address for entry in tracker.index.children("p1/sub" if at in ("ref", "index") else "p0/sub")]
    assert len(tasks) == 4
    agree(tracker, OTHERS)


def dies(at: str) -> Callable[[str], None]:
    def step(name: str) -> None:
        if name == at:
            os.kill(os.getpid(), signal.SIGKILL)

    return step


def test_the_next_write_says_what_it_mended(plan: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = opened(plan.repo.path)
    child = os.fork()
    if child == 0:
        monkeypatch.setattr(
            write.commit, "__kwdefaults__", {**(write.commit.__kwdefaults__ or {}), "step": dies("ref")}
        )
        try:
            set_one(plan.tracker, 0, Options(commit=True))
        finally:
            os._exit(3)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    made = update.set_fields(tracker, ["inbox"], update.Assignments([("labels", "x")]), Options(commit=True))
    assert any("killed command" in note for note in made.notes)
    assert b"estimate_hours: 1\n" in (views(plan.repo, "wrkq/inbox/fix.md")[0] or b"")
    agree(plan.tracker, OTHERS)


def test_a_living_writer_is_waited_for_by_nobody_who_reads(plan: Sandbox, tmp_path: Path) -> None:
    repo = plan.tracker.repo
    with lock.worktree_lock(repo, 5):
        journal.begin(repo)
        child = os.fork()
        if child == 0:
            took = duration(lambda: opened(plan.repo.path))
            os._exit(0 if took < 2 and journal.folder(repo).exists() else 1)
        assert os.waitpid(child, 0)[1] == 0
