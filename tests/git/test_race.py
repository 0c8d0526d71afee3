"""Several of ours and a person write at once: nothing is lost and nothing reverted."""

from __future__ import annotations

import multiprocessing
import time
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from tests.git.writer import assert_clean, ours, put, same_everywhere
from tests.support.repos import TestRepo
from wrkq_files.git.lock import worktree_lock
from wrkq_files.git.repo import Repo
from wrkq_files.git.write import HeadMoved, commit, recover

SPAWN = multiprocessing.get_context("fork")


def add_line(where: Repo, path: str, line: str) -> int:
    """Append a line to a file, as a command does: read under the lock, start again when HEAD moved; the retries."""
    with worktree_lock(where, 60):
        recover(where)
        for retries in range(1000):
            parent = where.head()
            writes = same_everywhere(where, {path: (where.top / path).read_bytes() + line.encode()})
            try:
                commit(where, writes, f"wrkq: {line.strip()}", parent=parent, timeout=60)
            except HeadMoved:
                continue
            return retries
    raise AssertionError("HEAD never stood still")


def agent(path: Path, name: str, times: int, pause: float) -> None:
    where = ours(TestRepo(path))
    for number in range(times):
        add_line(where, "wrkq/shared.md", f"{name}-{number}\n")
        time.sleep(pause)


def human(path: Path, done: Event, pause: float, commits: multiprocessing.Queue[int]) -> None:
    repo = TestRepo(path)
    made = 0
    while not done.is_set():
        repo.write({"src/x.py": f"{made}\n"})
        added = repo.run("add", "src/x.py")
        # git refuses when the branch moves under it, or when the index is locked: a person then tries again.
        made += added.returncode == 0 and repo.run("commit", "-qm", f"human {made}").returncode == 0
        time.sleep(pause)
    commits.put(made)


def race(path: Path, agents: int, times: int, pause: float) -> tuple[TestRepo, int]:
    repo = TestRepo.init(path, files={"wrkq/shared.md": "", "src/x.py": "start\n"})
    repo.git("config", "gc.auto", "0")
    done, commits = SPAWN.Event(), SPAWN.Queue()
    person = SPAWN.Process(target=human, args=(path, done, 0.05, commits))
    workers = [SPAWN.Process(target=agent, args=(path, f"agent{n}", times, pause)) for n in range(agents)]
    for process in (person, *workers):
        process.start()
    for process in workers:
        process.join()
    done.set()
    made = commits.get()
    person.join()
    assert [worker.exitcode for worker in workers] == [0] * agents
    return repo, made


@pytest.mark.parametrize(
    ("agents", "times", "pause"), [(8, 4, 0.2), pytest.param(8, 100, 0.15, marks=pytest.mark.soak)]
)
def test_agents_and_a_person(tmp_path: Path, agents: int, times: int, pause: float) -> None:
    repo, made = race(tmp_path / "r", agents, times, pause)
    assert made > 0
    lines = repo.read("wrkq/shared.md").decode().split()
    assert sorted(lines) == sorted(f"agent{n}-{number}" for n in range(agents) for number in range(times))
    assert [subject for subject in repo.log() if subject.startswith("wrkq: ")] == [
        f"wrkq: {x}" for x in reversed(lines)
    ]
    # The person's commits hold the person's file only: none took back or carried along one of ours.
    for commit_id in repo.git("log", "--format=%H", "--grep=^human").splitlines():
        assert repo.git("diff-tree", "-r", "--name-only", "--no-commit-id", commit_id) == "src/x.py"
    repo.git("checkout", "-q", "HEAD", "--", "src/x.py")
    assert_clean(repo)


def test_two_worktrees_write_at_once(tmp_path: Path) -> None:
    repo = TestRepo.init(tmp_path / "r", files={"wrkq/shared.md": ""})
    paths = [tmp_path / "r", *(tmp_path / f"w{n}" for n in range(2))]
    for path in paths[1:]:
        repo.git("worktree", "add", "-q", "-b", path.name, str(path))
    workers = [SPAWN.Process(target=agent, args=(path, path.name, 8, 0)) for path in paths]
    for process in workers:
        process.start()
    for process in workers:
        process.join()
    for path in paths:
        side = TestRepo(path)
        assert side.read("wrkq/shared.md").decode().split() == [f"{path.name}-{number}" for number in range(8)]
        assert_clean(side)


def test_starting_again_when_a_person_commits_in_between(tmp_path: Path) -> None:
    repo = TestRepo.init(tmp_path / "r", files={"wrkq/a.md": "a\n"})
    moved: list[str] = []

    def move(name: str) -> None:
        if name == "staged" and not moved:
            moved.append(repo.commit({"src/x.py": "theirs\n"}, "theirs"))

    put(repo, {"wrkq/a.md": b"ours\n"}, step=move)
    assert repo.log() == ["wrkq: change", "theirs", "first"]
    assert_clean(repo)
