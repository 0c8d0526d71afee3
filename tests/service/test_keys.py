"""Requests with a key: done once, whoever repeats them and whatever kills them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest

from tests.service.test_batch import STORY, operations
from tests.service.worker import agree, opened, snapshot, spawn
from tests.support.repos import TestRepo
from tests.support.sandbox import COMMIT, FILES_ONLY, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.git import write as git_write
from wrkq_files.index import local
from wrkq_files.service import batch, create, keys, pending, status, update
from wrkq_files.service.change import Options, Written
from wrkq_files.service.tracker import Tracker

SAID = "add Fix it"


def with_key(options: Options = COMMIT, name: str = "k-1", said: str = SAID) -> Options:
    return options._replace(key=keys.key(name, said))


def add(box: Sandbox, options: Options, title: str = "Fix it") -> Written:
    return create.add(box.tracker, title, create.New(), options)


def tasks(tracker: Tracker) -> list[str]:
    return sorted(path.name for path in (tracker.root / "inbox").glob("*.md") if path.name != "README.md")


def conflict(act: Callable[[], object]) -> WrkqError:
    with pytest.raises(WrkqError) as caught:
        act()
    assert (caught.value.code, caught.value.exit_status) == ("conflict", 4)
    return caught.value


def store(box: Sandbox) -> Path:
    return local.path(box.tracker.repo)


def forget(box: Sandbox) -> None:
    """As a clone that has no such store, or as after a kill."""
    store(box).unlink()


def trailer(box: Sandbox, commit: str = "HEAD") -> list[str]:
    return box.repo.git("log", "-1", "--format=%(trailers:key=Wrkq-Key,valueonly)", commit).split()


# --- once


@pytest.mark.parametrize("options", [COMMIT, FILES_ONLY])
def test_the_second_call_tells_of_the_first_and_changes_nothing(box: Sandbox, options: Options) -> None:
    first = add(box, with_key(options))
    before = snapshot(box.repo)
    again = add(box, with_key(options))
    assert snapshot(box.repo) == before
    assert not first.replayed
    assert again.replayed
    for name in ("operation", "status", "ids", "subject", "paths", "commit"):
        assert getattr(again, name) == getattr(first, name), name
    assert again.data["created"] == list(first.data["created"])
    assert "done before" in again.notes[-1]


@pytest.mark.parametrize("remembered", [True, False])
@pytest.mark.parametrize("options", [COMMIT, FILES_ONLY])
def test_another_request_under_the_same_key_is_refused(box: Sandbox, options: Options, remembered: bool) -> None:
    first = add(box, with_key(options))
    if not remembered:
        forget(box)
    before = snapshot(box.repo)
    error = conflict(lambda: add(box, with_key(options, said="add Another"), "Another"))
    assert "k-1" in error.message
    assert error.details["ids"] == list(first.ids)
    assert error.details["commit"] == first.commit
    assert snapshot(box.repo) == before
    assert add(box, with_key(options, "k-2", "add Another"), "Another").status in ("committed", "written")


def test_what_is_refused_does_not_use_the_key_up(box: Sandbox) -> None:
    with pytest.raises(WrkqError):
        create.add(box.tracker, "Fix it", create.New(), with_key(), into="nowhere")
    assert not add(box, with_key()).replayed
    assert tasks(box.tracker) == ["fix-it.md"]


def test_a_dry_run_neither_reads_a_key_nor_uses_it_up(box: Sandbox) -> None:
    dry = with_key()._replace(dry_run=True)
    assert add(box, dry).status == "dry-run"
    assert not store(box).exists()
    add(box, with_key())
    assert add(box, dry).status == "dry-run"


def test_nothing_to_do_is_an_answer_too(box: Sandbox) -> None:
    task = box.add("Fix it")
    same = with_key(said="set priority 3")
    assert box.set(task, same, priority="3").status == "unchanged"
    box.set(task, priority="1")
    assert box.set(task, same, priority="3").status == "unchanged"
    assert "priority: 1" in box.text("inbox/fix-it.md")


def test_where_it_was_done_is_told_as_it_was_then(box: Sandbox) -> None:
    task = box.add("Fix it")
    box.set(task, with_key(), priority="1")
    box.repo.git("mv", "wrkq/inbox/fix-it.md", "wrkq/inbox/moved.md")
    box.repo.git("commit", "-qm", "moved")
    again = box.set(task, with_key(), priority="1")
    assert again.data["places"] == [{"id": task, "path": "inbox/fix-it"}]


def test_targets_that_failed_are_told_again(box: Sandbox) -> None:
    task = box.add("Fix it")
    asked = update.Assignments([("priority", "1")])
    run = partial(update.set_fields, targets=[task, "nowhere"], asked=asked, options=with_key())
    first = run(box.tracker, outcome=update.Outcome())
    again = run(box.tracker, outcome=update.Outcome())
    assert again.replayed
    assert [(each.target, each.error.code) for each in again.failed] == [("nowhere", "not_found")]
    assert [each.error.message for each in again.failed] == [each.error.message for each in first.failed]


@pytest.mark.parametrize("name", ["", "a b", "a\tb", "a\nb", "x" * 201, "a\x1bb", "\u00a0", "a\u2028b", "\u200e"])
def test_what_no_key_can_be(name: str) -> None:
    with pytest.raises(WrkqError) as caught:
        keys.key(name, "")
    assert caught.value.code == "usage"


@pytest.mark.parametrize(
    "name", ["x" * 200, "import/2026-01", "käse", "'", '"; DROP TABLE request; --', "--", "%s", ".*"]
)
def test_what_a_key_can_be(box: Sandbox, name: str) -> None:
    name = name.replace(" ", "_")
    first = add(box, with_key(name=name))
    forget(box)
    assert add(box, with_key(name=name)).ids == first.ids
    assert not add(box, with_key(name=f"{name[:-6]}-other")).replayed


# --- commits


def test_the_commit_says_so(box: Sandbox) -> None:
    add(box, with_key())
    name, payload, span = trailer(box)
    assert (name, payload) == ("k-1", keys.key("k-1", SAID).payload[:16])
    assert f"Wrkq-Op: {span} add T-" in box.repo.git("log", "-1", "--format=%B")


def test_another_clone_knows_by_the_commit(box: Sandbox, tmp_path: Path) -> None:
    first = add(box, with_key())
    TestRepo(tmp_path).git("clone", "-q", str(box.repo.path), "clone")
    there = create.add(opened(tmp_path / "clone"), "Fix it", create.New(), with_key())
    assert (there.replayed, there.ids, there.commit, there.paths) == (True, first.ids, first.commit, first.paths)
    assert tasks(opened(tmp_path / "clone")) == ["fix-it.md"]
    conflict(lambda: create.add(opened(tmp_path / "clone"), "Other", create.New(), with_key(said="other")))


def test_another_worktree_knows_by_the_store(box: Sandbox, tmp_path: Path) -> None:
    box.repo.git("worktree", "add", "-q", str(tmp_path / "second"))
    first = add(box, with_key(FILES_ONLY))
    there = create.add(opened(tmp_path / "second"), "Fix it", create.New(), with_key(FILES_ONLY))
    assert (there.replayed, there.ids) == (True, first.ids)
    assert tasks(opened(tmp_path / "second")) == []


def test_a_squash_still_knows(box: Sandbox) -> None:
    base = box.repo.head
    add(box, with_key(name="k-0", said="0"), "First")
    first = add(box, with_key())
    add(box, COMMIT, "Last")
    text = box.repo.git("log", "--format=%B", f"{base}..")
    box.repo.git("reset", "-q", "--soft", base)
    box.repo.git("commit", "-qm", f"Squashed\n\n{text}")
    forget(box)
    again = add(box, with_key())
    assert (again.ids, again.commit) == (first.ids, box.repo.head)


def test_a_batch_is_told_again_from_its_commit(box: Sandbox) -> None:
    act = partial(batch.run, operations=operations(STORY), options=with_key())
    first = act(box.tracker)
    assert act(box.tracker).data["operations"] == first.data["operations"]
    forget(box)
    again = act(box.tracker)
    assert again.replayed
    assert [row["ids"] for row in again.data["operations"]] == [row["ids"] for row in first.data["operations"]]
    assert again.commit == first.commit


def test_a_later_commit_tells_each_key_of_its_own(box: Sandbox) -> None:
    """Files only: one commit takes along what several requests wrote, with keys and without."""
    add(box, FILES_ONLY, "Before")
    rows = operations(STORY[:3])
    many = batch.run(box.tracker, rows, with_key(FILES_ONLY, "many", "many"))
    add(box, FILES_ONLY, "Between")
    one = add(box, with_key(FILES_ONLY))
    status.commit_all(box.tracker, Options())
    assert [each for each in trailer(box) if each in ("many", "k-1")] == ["many", "k-1"]
    forget(box)
    assert add(box, with_key(FILES_ONLY)).ids == one.ids
    again = batch.run(box.tracker, rows, with_key(FILES_ONLY, "many", "many"))
    assert [row["ids"] for row in again.data["operations"]] == [row["ids"] for row in many.data["operations"]]


def test_a_log_in_another_encoding_is_read(box: Sandbox) -> None:
    box.repo.git("config", "i18n.logOutputEncoding", "ISO-8859-1")
    first = add(box, with_key(name="käse"))
    forget(box)
    assert add(box, with_key(name="käse")).ids == first.ids


def test_what_a_message_merely_mentions_is_no_key(box: Sandbox) -> None:
    box.repo.commit({"x": "1"}, "see Wrkq-Key: k-1 0123456789abcdef 01X\n\nWrkq-Key: k-1 short 01X\nWrkq-Key: k-1 \n")
    assert not add(box, with_key()).replayed


# --- kills

STEPS = ("built", "staged", "locked", "copied", "secured", "journal", "placed 0", "ref", "index", "unlocked", "done")


def dies(at: str) -> Callable[[str], None]:
    def step(name: str) -> None:
        if name == at:
            os.kill(os.getpid(), signal.SIGKILL)

    return step


def killed(act: Callable[[], object]) -> None:
    child = os.fork()
    if child == 0:
        try:
            act()
        finally:
            os._exit(3)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL


@pytest.mark.parametrize("at", STEPS)
def test_killed_while_committing(box: Sandbox, at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Done by the killed one or by the one that repeats it, never by both."""
    act = partial(batch.run, operations=operations(STORY[:4]), options=with_key())
    with monkeypatch.context() as patched:
        patched.setitem(git_write.commit.__kwdefaults__, "step", dies(at))
        killed(lambda: act(box.tracker))
    again = act(box.tracker)
    assert again.replayed == (at in ("ref", "index", "unlocked", "done"))
    assert act(box.tracker).ids == again.ids
    assert box.repo.log()[:2] == ["4 changes to the tracker", "by hand"]
    agree(box.tracker)


@pytest.mark.parametrize("at", ["staged", "secured", "journal", "placed 0", "placed 1", "done"])
def test_killed_while_writing_files(box: Sandbox, at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    act = partial(batch.run, operations=operations(STORY[:4]), options=with_key(FILES_ONLY))
    with monkeypatch.context() as patched:
        patched.setitem(git_write.write_files.__kwdefaults__, "step", dies(at))
        killed(lambda: act(box.tracker))
    there = (opened(box.repo.path).root / "portal/login.md").exists()
    again = act(box.tracker)
    assert again.replayed == there
    assert act(box.tracker).ids == again.ids
    assert len(list((box.root / "portal").rglob("*.md"))) == 5
    status.commit_all(box.tracker, Options())
    agree(box.tracker)


def test_killed_twice(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The note of what was never written does not stand beside the note of what was."""
    with monkeypatch.context() as patched:
        patched.setitem(git_write.write_files.__kwdefaults__, "step", dies("staged"))
        killed(lambda: add(box, with_key(FILES_ONLY)))
    assert len(pending.load(box.tracker.repo)) == 1
    assert tasks(box.tracker) == []
    with monkeypatch.context() as patched:
        patched.setattr(local.Keys, "put", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        killed(lambda: add(box, with_key(FILES_ONLY)))
    (identifier,) = add(box, with_key(FILES_ONLY)).ids
    assert f"id: {identifier}\n" in box.text("inbox/fix-it.md")
    assert len(pending.load(box.tracker.repo)) == 1


@pytest.mark.parametrize("options", [COMMIT, FILES_ONLY])
def test_killed_before_the_key_is_kept(box: Sandbox, options: Options, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(local.Keys, "put", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        killed(lambda: add(box, with_key(options)))
    assert tasks(box.tracker) == ["fix-it.md"]
    box.replace("inbox/fix-it.md", "title: Fix it", "title: Edited since")
    again = add(box, with_key(options))
    assert again.replayed
    assert tasks(box.tracker) == ["fix-it.md"]
    assert again.ids[0] in box.text("inbox/fix-it.md")


def test_written_but_not_committed_for_want_of_a_name(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails, and yet has written: to do it again would make a second one."""
    with monkeypatch.context() as patched:

        def refuse(*_: object, **__: object) -> str:
            raise WrkqError("no_identity", "git does not know who you are")

        patched.setattr(git_write, "commit", refuse)
        with pytest.raises(WrkqError, match="written, but not committed"):
            add(box, with_key())
    again = add(box, with_key())
    assert (again.replayed, again.status) == (True, "written")
    assert tasks(box.tracker) == ["fix-it.md"]


# --- the store


def test_a_full_disk_keeps_the_key_in_the_commit(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise WrkqError("io", "the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(local.Keys, "put", refuse)
        first = add(box, with_key())
    assert "the disk is full" in first.notes[-1]
    assert add(box, with_key()).ids == first.ids


def test_a_damaged_store_is_refused_and_left_alone(box: Sandbox) -> None:
    add(box, with_key())
    store(box).write_bytes(b"no database" * 100)
    before = snapshot(box.repo)
    with pytest.raises(WrkqError) as caught:
        add(box, with_key(name="k-2"))
    assert caught.value.code == "index"
    assert str(store(box)) in caught.value.hint
    assert snapshot(box.repo) == before
    assert store(box).read_bytes().startswith(b"no database")
    assert add(box, COMMIT, "Without").status == "committed"


def test_the_store_outlives_the_indexes(box: Sandbox) -> None:
    first = add(box, with_key(FILES_ONLY))
    box.tracker.index.close()
    shutil.rmtree(box.tracker.place.folder)
    pending.path(box.tracker.repo).unlink()
    assert add(box, with_key(FILES_ONLY)).ids == first.ids


def test_it_is_synced_and_has_no_log_beside_it(box: Sandbox) -> None:
    add(box, with_key())
    with sqlite3.connect(store(box)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        ((payload, result),) = connection.execute("SELECT payload, result FROM request").fetchall()
    connection.close()
    assert payload == keys.key("k-1", SAID).payload
    assert json.loads(result)["operation"] == "add"


# --- races


def one(cwd: Path, options: Options) -> None:
    create.add(opened(cwd), "Fix it", create.New(), options)


def everywhere(box: Sandbox, tmp_path: Path, count: int) -> Sequence[Path]:
    """The worktree and some more, of a repository that has a store already."""
    box.set("inbox", with_key(name="earlier"), title="In")
    for number in range(count):
        box.repo.git("worktree", "add", "-q", str(tmp_path / f"tree-{number}"))
    return [box.repo.path, *(tmp_path / f"tree-{number}" for number in range(count))]


@pytest.mark.parametrize("options", [COMMIT, FILES_ONLY])
def test_of_many_at_once_one_writes(box: Sandbox, options: Options) -> None:
    assert spawn([partial(one, box.repo.path, with_key(options))] * 8) == ["done"] * 8
    assert tasks(box.tracker) == ["fix-it.md"]


@pytest.mark.parametrize("options", [COMMIT, FILES_ONLY])
def test_of_many_at_once_in_many_worktrees_one_writes(box: Sandbox, tmp_path: Path, options: Options) -> None:
    trees = everywhere(box, tmp_path, 3)
    assert spawn([partial(one, tree, with_key(options)) for tree in trees for _ in range(2)]) == ["done"] * 8
    assert sorted(len(tasks(opened(tree))) for tree in trees) == [0, 0, 0, 1]


def test_of_different_requests_at_once_one_has_the_key(box: Sandbox) -> None:
    works = [partial(one, box.repo.path, with_key(said=str(number))) for number in range(6)]
    assert sorted(spawn(works)) == ["conflict"] * 5 + ["done"]
    assert tasks(box.tracker) == ["fix-it.md"]
