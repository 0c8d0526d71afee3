"""Many processes write while a person commits in the same worktree: nothing is lost, nothing reverted."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest

from tests.service.worker import Person, agree, changed_files, opened, spawn
from tests.support.repos import TestRepo
from tests.support.sandbox import COMMIT, FILES_ONLY, Sandbox
from wrkq_files.model.document import Document
from wrkq_files.model.fields import DocType
from wrkq_files.service import comments, create, move, resolve, setup, update
from wrkq_files.service.change import Options


@pytest.fixture
def shared(box: Sandbox) -> Sandbox:
    """With a person's own file, and no garbage collection in the middle."""
    box.repo.git("config", "gc.auto", "0")
    box.repo.commit({"human.txt": ""})
    return box


def label(cwd: Path, task: str, labels: Sequence[str], options: Options = COMMIT) -> None:
    for turn, each in enumerate(labels):
        time.sleep(0.5 if turn else 0)
        update.set_fields(opened(cwd), [task], update.Assignments(add_labels=[each]), options)


def document(box: Sandbox, path: str) -> Document:
    found = box.tracker.parse((box.root / path).read_bytes(), DocType.TASK, path).document
    assert found is not None
    return found


def nothing_lost(box: Sandbox, person: Person, since: str, files: set[str]) -> None:
    """The history is one line; each commit of the person's holds their file only, each of ours none but ``files``."""
    assert person.commits > 0
    assert box.repo.git("rev-list", "--merges", "HEAD") == ""
    for row in box.repo.git("log", "--format=%H %s", f"{since}..HEAD").splitlines():
        commit, _, subject = row.partition(" ")
        changed = set(changed_files(box.repo, commit))
        assert changed == {"human.txt"} if subject.startswith("human") else changed <= files, (subject, changed)
        assert changed
    agree(box.tracker)
    box.repo.fsck()


@pytest.mark.parametrize("times", [1, pytest.param(15, marks=pytest.mark.soak)])
def test_one_task(shared: Sandbox, times: int) -> None:
    task = shared.add("Fix it")
    since, count = shared.repo.head, 20
    labels = [[f"w{number:02d}-{turn}" for turn in range(times)] for number in range(count)]
    with Person(shared.repo.path) as person:
        ended = spawn([partial(label, shared.repo.path, task, each) for each in labels])
    assert ended == ["done"] * count
    assert set(document(shared, "inbox/fix-it.md").labels) == {each for own in labels for each in own}
    assert len(shared.repo.git("log", "--format=%H", "--grep=^inbox/fix-it", f"{since}..").split()) == count * times
    nothing_lost(shared, person, since, {"wrkq/inbox/fix-it.md"})


@pytest.mark.parametrize("times", [1, pytest.param(15, marks=pytest.mark.soak)])
def test_different_tasks(shared: Sandbox, times: int) -> None:
    tasks = [shared.add(f"Task {number}", options=FILES_ONLY) for number in range(20)]
    shared.commit_all()
    since = shared.repo.head
    labels = [f"turn-{turn}" for turn in range(times)]
    with Person(shared.repo.path) as person:
        ended = spawn([partial(label, shared.repo.path, task, labels) for task in tasks])
    assert ended == ["done"] * 20
    paths = [f"inbox/task-{number}.md" for number in range(20)]
    assert all(set(document(shared, path).labels) == set(labels) for path in paths)
    nothing_lost(shared, person, since, {f"wrkq/{path}" for path in paths})


def test_if_match_refuses_exactly_the_stale(shared: Sandbox) -> None:
    """All have read the same version: the first write stands, the others are told, and none is half done."""
    task = shared.add("Fix it")
    since = shared.repo.head
    options = Options(commit=True, if_match=resolve.one(shared.tracker, task).blob[:12])
    with Person(shared.repo.path) as person:
        ended = spawn([partial(label, shared.repo.path, task, [f"w{number}"], options) for number in range(20)])
    assert sorted(ended) == ["conflict"] * 19 + ["done"]
    assert document(shared, "inbox/fix-it.md").labels == (f"w{ended.index('done')}",)
    nothing_lost(shared, person, since, {"wrkq/inbox/fix-it.md"})


def test_manual_writes(shared: Sandbox) -> None:
    """Files only: the person's commits take none of them along, and no label is lost."""
    task = shared.add("Fix it")
    since = shared.repo.head
    with Person(shared.repo.path) as person:
        ended = spawn([partial(label, shared.repo.path, task, [f"w{number}"], FILES_ONLY) for number in range(20)])
    assert ended == ["done"] * 20
    assert len(document(shared, "inbox/fix-it.md").labels) == 20
    assert person.commits > 0
    assert {name for c in commits(shared, since) for name in changed_files(shared.repo, c)} == {"human.txt"}
    agree(shared.tracker, [" M wrkq/inbox/fix-it.md"])


def commits(box: Sandbox, since: str) -> list[str]:
    return box.repo.git("rev-list", f"{since}..HEAD").split()


def test_new_tasks_of_one_title(shared: Sandbox) -> None:
    since = shared.repo.head

    def add() -> None:
        create.add(opened(shared.repo.path), "Same title", create.New(), COMMIT)

    with Person(shared.repo.path) as person:
        assert spawn([add] * 10) == ["done"] * 10
    names = sorted(path.name for path in (shared.root / "inbox").glob("same-title*.md"))
    assert len(names) == 10
    assert len({document(shared, f"inbox/{name}").id for name in names}) == 10
    nothing_lost(shared, person, since, {f"wrkq/inbox/{name}" for name in names})


def test_moves_comments_and_edits_together(shared: Sandbox) -> None:
    """A container is renamed back and forth while its tasks are written to by their ids."""
    create.mkdir(shared.tracker, ["one"], COMMIT)
    tasks = [shared.add(f"Task {number}", into="one") for number in range(4)]
    cwd = shared.repo.path

    def rename() -> None:
        for turn in range(4):
            move.mv(opened(cwd), ["one" if turn % 2 == 0 else "two"], "two" if turn % 2 == 0 else "one", COMMIT)

    def comment(task: str) -> None:
        comments.add(opened(cwd), task, "A word.", COMMIT)

    works: list[Callable[[], object]] = [rename]
    works += [partial(label, cwd, task, ["a", "b"]) for task in tasks]
    works += [partial(comment, task) for task in tasks]
    with Person(cwd) as person:
        assert spawn(works) == ["done"] * len(works)
    assert person.commits > 0
    assert [document(shared, f"one/task-{number}.md").labels for number in range(4)] == [("a", "b")] * 4
    assert len(list((shared.root / "_comments").rglob("*.md"))) == 4
    agree(shared.tracker)
    shared.repo.fsck()


def test_linked_worktrees_at_once(shared: Sandbox, tmp_path: Path) -> None:
    task = shared.add("Fix it")
    paths = [shared.repo.path, *(tmp_path / f"side{number}" for number in range(3))]
    for path in paths[1:]:
        shared.repo.git("worktree", "add", "-q", "-b", path.name, str(path))
    works = [partial(label, path, task, [f"w{number}"]) for path in paths for number in range(5)]
    assert spawn(works) == ["done"] * 20
    for path in paths:
        tracker = opened(path)
        found = tracker.parse((path / "wrkq/inbox/fix-it.md").read_bytes(), DocType.TASK, "x.md").document
        assert found is not None
        assert set(found.labels) == {f"w{number}" for number in range(5)}
        agree(tracker)


def test_init_at_once(tmp_path: Path) -> None:
    repo = TestRepo.init(tmp_path / "r")

    def init() -> None:
        import random
        from datetime import UTC, datetime

        from wrkq_files.service.tracker import Door

        source = random.SystemRandom()
        setup.init(Door(repo.path, lambda: datetime.now(UTC), source.getrandbits), commit=True)

    assert spawn([init] * 5) == ["done"] * 5
    assert repo.git("rev-list", "--count", "HEAD") == "1"
    agree(opened(repo.path))
