"""A generated tracker is the same each time, and is one that a check has nothing to say about."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from bench import generate, rows, timing, tracker
from wrkq_files.model import ids, items, layout, slugs
from wrkq_files.model.fields import FIELDS, DocType

COUNT = 60


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generated") / "tracker"
    generate.write_repository(folder, COUNT, seed=7)
    return folder


@pytest.fixture(scope="module")
def documents(repository: Path) -> dict[str, tuple[DocType, dict[str, Any], str]]:
    """Type, fields and body of each file of the checkout, by its path in the tracker."""
    found = {}
    for file in sorted((repository / tracker.ROOT).rglob("*.md")):
        path = file.relative_to(repository / tracker.ROOT).as_posix()
        kind = layout.type_of(path)
        assert kind is not None, path
        head, _, body = file.read_text(encoding="utf-8").removeprefix("---\n").partition("\n---\n")
        # Every scalar as its text: YAML 1.1 takes the key `on` for a truth value.
        found[path] = kind, yaml.load(head, Loader=yaml.BaseLoader), body
    return found


def tasks_of(documents: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {path: fields for path, (kind, fields, _) in documents.items() if kind is DocType.TASK}


def test_the_same_seed_makes_the_same_commit(repository: Path, tmp_path: Path) -> None:
    generate.write_repository(tmp_path / "same", COUNT, seed=7)
    generate.write_repository(tmp_path / "other", COUNT, seed=8)
    first = generate.git(repository, "rev-parse", "HEAD")
    assert generate.git(tmp_path / "same", "rev-parse", "HEAD") == first
    assert generate.git(tmp_path / "other", "rev-parse", "HEAD") != first


def test_the_repository_is_sound_and_has_a_history(repository: Path) -> None:
    generate.git(repository, "fsck", "--strict")
    assert generate.git(repository, "status", "--porcelain") == ""
    assert rows.commits(repository) > generate.edits_for(COUNT)


def test_it_has_as_many_tasks_as_asked_in_folders_of_a_believable_size(documents: dict[str, Any]) -> None:
    tasks = tasks_of(documents)
    assert len(tasks) == COUNT
    low, high = tracker.CONTAINER_TASKS
    assert all(low <= size <= high for size in Counter(path.rpartition("/")[0] for path in tasks).values())


@pytest.mark.parametrize("count", [1, 100, 101, 119, 120, 1_000])
def test_any_number_of_tasks_is_spread_over_three_levels(count: int) -> None:
    made = tracker.generate(count, seed=1)
    assert len(made.tasks) == count
    sizes = [len(group) for group in made.groups.values()]
    assert max(sizes) <= tracker.CONTAINER_TASKS[1]
    assert min(sizes) >= min(count, tracker.CONTAINER_TASKS[0])
    assert {path.count("/") for path in made.groups} <= {1, 2}


def test_fields_are_known_ordered_and_in_sets_sorted(documents: dict[str, Any]) -> None:
    for path, (kind, fields, body) in documents.items():
        assert list(fields) == [name for name in FIELDS[kind] if name in fields], path
        assert all(value == sorted(set(value)) for name, value in fields.items() if name in ("labels", "blocked_by"))
        assert kind is DocType.ACTOR or body.strip(), path


def test_ids_are_unique_and_references_resolve(documents: dict[str, Any]) -> None:
    known = [fields["id"] for kind, fields, _ in documents.values() if kind is not DocType.ACTOR]
    assert len(known) == len(set(known))
    assert all(map(ids.is_id, known))
    tasks = {fields["id"]: path for path, fields in tasks_of(documents).items()}
    for path, (kind, fields, _) in documents.items():
        assert set(fields.get("blocked_by", ())) <= tasks.keys() - {fields.get("id")}
        if kind is DocType.COMMENT:
            assert path.startswith(layout.comment_folder(fields["on"]))
            assert fields["on"] in tasks
    actors = {path.removeprefix("_actors/").removesuffix(".md") for path in documents if path.startswith("_actors/")}
    people = ("assignee", "created_by", "owner", "author")
    assert {fields[name] for _, fields, _ in documents.values() for name in people if name in fields} <= actors


def test_nothing_waits_in_a_circle(documents: dict[str, Any]) -> None:
    waits = {fields["id"]: set(fields.get("blocked_by", ())) for fields in tasks_of(documents).values()}
    assert any(waits.values())
    while free := [each for each, blockers in waits.items() if not blockers & waits.keys()]:
        for each in free:
            del waits[each]
    assert not waits


def test_subtasks_lie_beside_their_parents_one_level_deep(documents: dict[str, Any]) -> None:
    tasks = tasks_of(documents)
    by_id = {fields["id"]: path for path, fields in tasks.items()}
    children = {path: by_id[fields["parent"]] for path, fields in tasks.items() if "parent" in fields}
    assert children
    for path, parent in children.items():
        assert path.rpartition("/")[0] == parent.rpartition("/")[0]
        assert parent not in children


def test_names_are_slugs_and_work_is_as_its_state_says(documents: dict[str, Any]) -> None:
    for path, fields in tasks_of(documents).items():
        assert slugs.problem(path.rpartition("/")[2].removesuffix(".md")) is None
        state = fields.get("state", "open")
        assert ("resolution" in fields) == (state in ("completed", "cancelled"))
        assert state not in ("in_progress", "in_review") or "assignee" in fields
        body = documents[path][2]
        assert items.find_items(body)
        assert state != "completed" or not items.open_criteria(body)


def test_about_one_task_in_three_is_commented_on() -> None:
    made = tracker.generate(1_000, seed=1)
    commented = {file.fields["on"] for file in made.files.values() if file.kind is DocType.COMMENT}
    assert 280 < len(commented) < 390


def test_a_check_finds_nothing(repository: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from wrkq_files.cli.program import wrkq; wrkq()", "check"],
        cwd=repository,
        env=generate.environment(),
        check=False,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_failed_command_is_a_row_and_not_a_crash(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", "import sys; sys.exit('no such thing')"]
    with pytest.raises(timing.CommandFailedError, match=r"exited 1: no such thing"):
        timing.once(argv, tmp_path, {})


def test_commands_take_turns(tmp_path: Path) -> None:
    log = tmp_path / "log"

    def writer(name: str) -> timing.Command:
        code = f"open({str(log)!r}, 'a').write({name!r})"
        return timing.Command(timing.fixed(sys.executable, "-c", code), tmp_path, {})

    both = [writer("A"), writer("B")]
    timing.in_turns(both, 3)
    assert log.read_text() == "AB" * 4
    assert [len(command.samples) for command in both] == [3, 3]
    samples = [sample for command in both for sample in command.samples]
    assert all(sample.seconds > 0 and sample.peak_bytes > 1_000_000 for sample in samples)
