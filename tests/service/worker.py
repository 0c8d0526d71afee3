"""Processes that make requests as commands do, and what must hold when they are done or dead."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from tests.index.support import content
from tests.support.repos import TestRepo
from wrkq_files.errors import WrkqError
from wrkq_files.service.tracker import Door, Tracker, open_tracker

FORK = multiprocessing.get_context("fork")


def opened(cwd: Path, **more: Any) -> Tracker:
    """A tracker as a command of its own opens it: real clock, real randomness."""
    source = random.SystemRandom()
    return open_tracker(Door(cwd=cwd, now=lambda: datetime.now(UTC), random_bits=source.getrandbits, **more))


def spawn(works: Collection[Callable[[], object]]) -> list[str]:
    """Do each work in a process of its own, all at once; how each ended: ``done``, an error, or a bug."""
    answers: multiprocessing.Queue[tuple[int, str]] = FORK.Queue()
    processes = [FORK.Process(target=_one, args=(work, number, answers)) for number, work in enumerate(works)]
    for process in processes:
        process.start()
    found = dict(answers.get(timeout=300) for _ in processes)
    for process in processes:
        process.join()
    return [found[number] for number in range(len(processes))]


def _one(work: Callable[[], object], number: int, answers: multiprocessing.Queue[tuple[int, str]]) -> None:
    try:
        work()
        answers.put((number, "done"))
    except WrkqError as error:
        answers.put((number, error.code if error.code == "conflict" else f"{error.code}: {error.message}"))
    except BaseException as error:
        answers.put((number, f"bug: {error!r}"))


class Person:
    """Someone who edits and commits a file of their own all the while: ``with Person(path) as person``.

    Several times a second, no faster: git reads its index before it locks it, so that at saturation a person's
    ``git commit`` can still take back a write that fell in between, and no tool can prevent it.
    """

    def __init__(self, path: Path, pause: float = 0.15) -> None:
        self.path, self.pause = path, pause
        self.commits = 0
        self._done: Event = FORK.Event()
        self._made: multiprocessing.Queue[int] = FORK.Queue()
        self._process = FORK.Process(target=self._work)

    def __enter__(self) -> Person:
        self._process.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self.commits = self._made.get(timeout=60)
        self._process.join()

    def _work(self) -> None:
        repo = TestRepo(self.path)
        made = 0
        while not self._done.is_set():
            with (self.path / "human.txt").open("a") as file:
                file.write(f"{made}\n")
            # git refuses while our write holds the index, or when the branch moves under it: then they try again.
            added = repo.run("add", "human.txt")
            made += added.returncode == 0 and repo.run("commit", "-qm", f"human {made}").returncode == 0
            time.sleep(self.pause)
        while b"human.txt" in repo.run("status", "--porcelain").stdout:
            repo.run("add", "human.txt")
            repo.run("commit", "-qm", "human last")
        self._made.put(made)


def leftovers(repo: TestRepo) -> list[str]:
    """Locks, journals and temporary files that nobody holds any more."""
    git_dir, common = repo.git_dir, Path(repo.git("rev-parse", "--path-format=absolute", "--git-common-dir"))
    found = [*git_dir.glob("*.lock"), *common.glob("*.lock"), *common.glob("refs/**/*.lock")]
    found += [*git_dir.glob("wrkq/txn*"), *git_dir.glob("index.*"), *repo.path.rglob(".wrkq-*")]
    found += [path for path in repo.path.rglob("*.tmp") if ".git" not in path.parts]
    return [str(path) for path in found]


def agree(tracker: Tracker, status: Collection[str] = ()) -> None:
    """Files, HEAD and git's index differ only as ``status`` says; no lock is left; our index equals a rebuilt one."""
    repo = TestRepo(tracker.repo.top)
    assert repo.status() == sorted(status)
    assert leftovers(repo) == []
    rebuilds(tracker)


def rebuilds(tracker: Tracker) -> None:
    index = tracker.index
    index.refresh()
    index.refresh_comments()
    grown = content(index)
    index.rebuild()
    index.refresh_comments()
    assert grown == content(index)


def views(repo: TestRepo, name: str) -> tuple[bytes | None, bytes | None, bytes | None]:
    """HEAD's, the index's and the working bytes of a file."""
    place = repo.path / name
    return repo.show(f"HEAD:{name}"), repo.show(f":{name}"), place.read_bytes() if place.is_file() else None


def snapshot(repo: TestRepo) -> Mapping[str, object]:
    """All that a refused write must leave as it was."""
    files = {
        str(path.relative_to(repo.path)): path.read_bytes()
        for path in repo.path.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(repo.path).parts
    }
    head = repo.run("rev-parse", "-q", "--verify", "HEAD").stdout
    return {"files": files, "head": head, "entries": repo.git("ls-files", "-s"), "leftovers": leftovers(repo)}


def changed_files(repo: TestRepo, commit: str) -> list[str]:
    return repo.git("diff-tree", "-r", "--root", "--name-only", "--no-commit-id", "-z", commit).split("\0")[:-1]
