"""Writing to a branch that nobody has checked out: a commit there, and nothing here changes."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from tests.index.support import content
from tests.service.worker import FORK, leftovers, snapshot, spawn
from tests.support.sandbox import Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.git import onto
from wrkq_files.model.fields import DocType
from wrkq_files.service import batch, batch_input, comments, create, move, remove, undo, update
from wrkq_files.service.bundles import opening
from wrkq_files.service.change import Options, Written
from wrkq_files.service.onbranch import OnBranch
from wrkq_files.service.tracker import Door, Tracker

PLAIN = Options()
REF = "refs/heads/wrkq/plan"


@pytest.fixture
def plan(box: Sandbox) -> Sandbox:
    """With a task on main, and a branch ``wrkq/plan`` from there."""
    box.add("One")
    box.repo.git("branch", "wrkq/plan")
    return box


_OPENED: list[opening.Opened] = []


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while _OPENED:
        _OPENED.pop().close()


def bundle(box: Sandbox, name: str = "plan") -> Tracker:
    """The tracker there, closed when the test ends."""
    _OPENED.append(opening.opened(box.door, name))
    return _OPENED[-1].tracker


def label(cwd: Path, task: str, labels: Sequence[str]) -> None:
    """As a command of its own."""
    source = random.SystemRandom()
    door = Door(cwd=cwd, now=lambda: datetime.now(UTC), random_bits=source.getrandbits)
    for each in labels:
        found = opening.opened(door, "plan")
        try:
            update.set_fields(found.tracker, [task], update.Assignments(add_labels=[each]), PLAIN)
        finally:
            found.close()


def labels_on(box: Sandbox, ref: str = REF) -> set[str]:
    data = box.repo.show(f"{ref}:wrkq/inbox/one.md")
    assert data is not None
    found = box.tracker.parse(data, DocType.TASK, "inbox/one.md").document
    assert found is not None
    return set(found.labels)


def index_file(box: Sandbox) -> tuple[int, bytes]:
    file = box.repo.git_dir / "index"
    return file.stat().st_mtime_ns, file.read_bytes()


def test_nothing_here_changes(plan: Sandbox) -> None:
    """The person's edits, what they staged, and git's index are as they were, to the byte."""
    plan.replace("inbox/one.md", "title: One", "title: Uno")
    plan.repo.write({"code.txt": "x\n", "other.txt": "y\n"})
    plan.repo.git("add", "code.txt")
    status, files, index = plan.repo.status(), snapshot(plan.repo), index_file(plan)
    written = create.add(bundle(plan), "Two", create.New(), PLAIN)
    assert written.status == "committed"
    assert index_file(plan) == index  # before git looks, which may write it
    assert (snapshot(plan.repo), plan.repo.status()) == (files, status)
    assert plan.repo.git("diff", "--name-only", "main", "wrkq/plan") == "wrkq/inbox/two.md"


def test_reads_see_the_branch(plan: Sandbox) -> None:
    create.add(bundle(plan), "Two", create.New(), PLAIN)
    there = bundle(plan)
    assert there.index.entry("inbox/two.md") is not None
    plan.tracker.index.refresh()
    assert plan.tracker.index.entry("inbox/two.md") is None


def test_the_commit_says_who_did_what(plan: Sandbox) -> None:
    written = create.add(bundle(plan), "Two", create.New(), Options(message="It is wanted."))
    text = plan.repo.git("log", "-1", "--format=%B", "wrkq/plan")
    assert written.commit == plan.repo.git("rev-parse", "wrkq/plan")
    assert text.startswith("inbox/two: created\n\nIt is wanted.\n\nWrkq-Op: ")
    assert "Wrkq-Actor: robin" in text


def test_one_tracker_writes_again_and_again(plan: Sandbox) -> None:
    """It follows its own commits, and those of others."""
    there = bundle(plan)
    create.add(there, "Two", create.New(), PLAIN)
    create.add(bundle(plan), "Three", create.New(), PLAIN)
    create.add(there, "Two", create.New(), PLAIN)
    names = plan.repo.git("ls-tree", "--name-only", "wrkq/plan", "wrkq/inbox/").split()
    assert {Path(each).name for each in names} == {"README.md", "one.md", "two.md", "three.md", "two-2.md"}


def test_its_index_is_that_of_the_branch(plan: Sandbox) -> None:
    """After each own write, as if it were built from the branch's tree alone."""
    create.mkdir(bundle(plan), ["area"], PLAIN)
    there = bundle(plan)
    create.add(there, "Two", create.New(labels=["a"]), PLAIN, into="area")
    move.mv(there, ["area/two"], "inbox", PLAIN)
    comments.add(there, "inbox/two", "A word.", PLAIN)
    remove.rm(there, ["inbox/one"], PLAIN, purge=True)
    grown = content(there.index)
    there.index.close()
    shutil.rmtree(there.place.snapshot_folder)
    assert content(bundle(plan).index) == grown


def test_moves_comments_purges_and_undo(plan: Sandbox) -> None:
    move.mv(bundle(plan), ["inbox/one"], "inbox/uno", PLAIN)
    comments.add(bundle(plan), "inbox/uno", "A word.", PLAIN)
    undo.undo(bundle(plan), None, PLAIN)
    remove.rm(bundle(plan), ["inbox/uno"], PLAIN, purge=True)
    assert plan.repo.show(f"{REF}:wrkq/inbox/uno.md") is None
    remove.restore(bundle(plan), ["inbox/uno"], PLAIN)
    assert plan.repo.show(f"{REF}:wrkq/inbox/uno.md") == plan.repo.show("main:wrkq/inbox/one.md")


def test_settings_of_the_branch_hold_there(plan: Sandbox) -> None:
    """And a write that changes them is followed by one that knows them."""
    from wrkq_files.service import settings

    there = bundle(plan)
    settings.change(there, "kinds", "story", PLAIN)
    create.add(there, "Tale", create.New(pairs=[("kind", "story")]), PLAIN)
    assert b"kind: story" in (plan.repo.show(f"{REF}:wrkq/inbox/tale.md") or b"")


def test_a_batch(plan: Sandbox) -> None:
    text = '{"op":"add","title":"A","as":"a"}\n{"op":"set","target":"$a","fields":{"priority":1}}\n'
    text += '{"op":"mv","source":["inbox/one"],"target":"inbox/uno"}\n'
    before = (snapshot(plan.repo), index_file(plan))
    written = _batch(bundle(plan), text)
    assert (written.status, plan.repo.git("rev-list", "--count", "main..wrkq/plan")) == ("committed", "1")
    assert b"priority: 1" in (plan.repo.show(f"{REF}:wrkq/inbox/a.md") or b"")
    assert plan.repo.show(f"{REF}:wrkq/inbox/uno.md") is not None
    assert (snapshot(plan.repo), index_file(plan)) == before


def _batch(tracker: Tracker, text: str) -> Written:
    return batch.run(tracker, batch_input.read(text.encode(), "-"), PLAIN)


def test_a_dry_run_makes_no_object(plan: Sandbox) -> None:
    before = plan.repo.git("count-objects", "-v")
    written = update.set_fields(
        bundle(plan), ["inbox/one"], update.Assignments([("priority", "1")]), Options(dry_run=True)
    )
    assert "+priority: 1" in written.diff
    assert plan.repo.git("count-objects", "-v") == before


def test_no_commit_is_refused(plan: Sandbox) -> None:
    with pytest.raises(WrkqError, match="a commit at once"):
        create.add(bundle(plan), "Two", create.New(), Options(commit=False))


def test_an_unknown_name_tells_those_there_are(plan: Sandbox) -> None:
    with pytest.raises(WrkqError, match="there is no bundle `plna`") as caught:
        bundle(plan, "plna")
    assert caught.value.hint.endswith("there are: plan")


@pytest.mark.parametrize("name", ["-x", "a..b", "*", "a b", "", "@{-1}", "a\x00b"])
def test_what_is_no_name(plan: Sandbox, name: str) -> None:
    with pytest.raises(WrkqError, match="can be no branch's name"):
        bundle(plan, name)


def test_a_branch_of_that_very_name_wins(plan: Sandbox) -> None:
    plan.repo.git("branch", "feature/x")
    found = bundle(plan, "feature/x")
    assert isinstance(found, OnBranch)
    assert found.ref == "refs/heads/feature/x"


def test_packed_refs_are_found(plan: Sandbox) -> None:
    plan.repo.git("pack-refs", "--all")
    create.add(bundle(plan), "Two", create.New(), PLAIN)
    assert plan.repo.show(f"{REF}:wrkq/inbox/two.md") is not None


def test_a_checked_out_branch_is_written_through_its_worktree(plan: Sandbox, tmp_path: Path) -> None:
    plan.repo.git("worktree", "add", "-q", str(tmp_path / "side"), "wrkq/plan")
    found = opening.opened(plan.door, "plan")
    assert found.worktree == tmp_path / "side"
    create.add(found.tracker, "Two", create.New(), Options(commit=True))
    side = Sandbox.there(tmp_path / "side")
    assert (side.root / "inbox/two.md").exists()
    assert side.repo.status() == []
    assert not (plan.root / "inbox/two.md").exists()


def test_from_a_folder_through_another_worktree(plan: Sandbox, tmp_path: Path) -> None:
    """It works in the same place there; where there is none, above it."""
    plan.repo.git("worktree", "add", "-q", str(tmp_path / "side"), "wrkq/plan")
    door = plan.door._replace(cwd=plan.root / "inbox")
    assert opening.opened(door, "plan").tracker.door.cwd == tmp_path / "side/wrkq/inbox"
    (plan.root / "new").mkdir()
    door = plan.door._replace(cwd=plan.root / "new", root=Path(".."))
    there = opening.opened(door, "plan").tracker
    assert (there.door.cwd, there.root) == (tmp_path / "side/wrkq", tmp_path / "side/wrkq")


def test_where_the_environment_names_the_repository(plan: Sandbox, tmp_path: Path) -> None:
    plan.repo.git("worktree", "add", "-q", str(tmp_path / "side"), "wrkq/plan")
    with pytest.raises(WrkqError, match="the environment sets GIT_DIR"):
        opening.opened(plan.door._replace(ask_git=True), "plan")


def test_a_branch_without_a_tracker(plan: Sandbox) -> None:
    empty = plan.repo.git("commit-tree", "-m", "empty", plan.repo.git("mktree", input=b""))
    plan.repo.git("update-ref", REF, empty)
    with pytest.raises(WrkqError) as caught:
        bundle(plan)
    assert caught.value.code == "no_tracker"


def test_nobody_can_commit(plan: Sandbox) -> None:
    there = bundle(plan)
    plan.repo.git("config", "user.name", "")
    plan.repo.git("config", "user.useConfigOnly", "true")
    with pytest.raises(WrkqError) as caught:
        create.add(there, "Two", create.New(), PLAIN)
    assert caught.value.code == "no_identity"
    assert plan.repo.git("rev-list", "--count", "main..wrkq/plan") == "0"


def test_a_signed_commit_is_asked_for(plan: Sandbox) -> None:
    """As everywhere: git signs, or the write fails as a whole."""
    plan.repo.git("config", "commit.gpgsign", "true")
    plan.repo.git("config", "gpg.program", "false")
    with pytest.raises(WrkqError):
        create.add(bundle(plan), "Two", create.New(), PLAIN)
    assert plan.repo.git("rev-list", "--count", "main..wrkq/plan") == "0"


def test_a_worktree_that_is_gone_is_refused(plan: Sandbox, tmp_path: Path) -> None:
    plan.repo.git("worktree", "add", "-q", str(tmp_path / "side"), "wrkq/plan")
    (tmp_path / "side").rename(tmp_path / "elsewhere")
    with pytest.raises(WrkqError, match="which is not there"):
        bundle(plan)


def test_checked_out_after_it_was_opened_is_refused(plan: Sandbox, tmp_path: Path) -> None:
    there = bundle(plan)
    plan.repo.git("worktree", "add", "-q", str(tmp_path / "side"), "wrkq/plan")
    with pytest.raises(WrkqError, match="is checked out in"):
        create.add(there, "Two", create.New(), PLAIN)


def test_a_branch_that_is_being_rebased_is_refused(plan: Sandbox, tmp_path: Path) -> None:
    create.add(bundle(plan), "Two", create.New(), PLAIN)
    side = tmp_path / "side"
    plan.repo.git("worktree", "add", "-q", str(side), "wrkq/plan")
    Sandbox.there(side).repo.git("-c", "sequence.editor=sed -i s/^pick/edit/", "rebase", "-qi", "HEAD~1")
    with pytest.raises(WrkqError, match="is checked out in"):
        create.add(bundle(plan), "Three", create.New(), PLAIN)
    assert onto.holder(plan.tracker.repo, REF) == side


def test_deleted_meanwhile(plan: Sandbox) -> None:
    there = bundle(plan)
    plan.repo.git("branch", "-D", "wrkq/plan")
    with pytest.raises(WrkqError, match="the branch is gone"):
        create.add(there, "Two", create.New(), PLAIN)


def test_overtaken_between_reading_and_moving(plan: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another writer, of another worktree, is quicker: the request begins again and sees what that one wrote."""
    there = bundle(plan)
    original, others = onto.commit, ["b", "a"]

    def commit(*given: object, **more: object) -> str:
        if others:
            _sneak(plan, others.pop())
        return original(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(onto, "commit", commit)
    update.set_fields(there, ["inbox/one"], update.Assignments(add_labels=["c"]), PLAIN)
    assert labels_on(plan) == {"c"}
    assert plan.repo.git("rev-list", "--count", "main..wrkq/plan") == "3"


def _sneak(box: Sandbox, name: str) -> None:
    """A commit on the branch by plumbing alone."""
    tree = box.repo.git("rev-parse", "wrkq/plan^{tree}")
    commit = box.repo.git("commit-tree", "-p", "wrkq/plan", "-m", name, tree)
    box.repo.git("update-ref", REF, commit)


def test_many_writers_of_several_worktrees(plan: Sandbox, tmp_path: Path) -> None:
    plan.repo.git("config", "gc.auto", "0")
    places = [plan.repo.path, tmp_path / "side"]
    plan.repo.git("worktree", "add", "-q", "-b", "side", str(places[1]))
    works = [partial(label, places[number % 2], "inbox/one", [f"w{number}", f"v{number}"]) for number in range(8)]
    assert spawn(works) == ["done"] * 8
    assert labels_on(plan) == {f"{letter}{number}" for letter in "wv" for number in range(8)}
    assert plan.repo.git("rev-list", "--count", "main..wrkq/plan") == "16"
    assert plan.repo.status() == []
    plan.repo.fsck()


def test_killed_at_any_moment(plan: Sandbox) -> None:
    """The branch has the write as a whole or not at all, nothing is left over, and the next write works."""
    plan.repo.git("config", "gc.auto", "0")
    chance = random.Random(5)
    for turn in range(12):
        process = FORK.Process(target=_in_silence, args=(plan.repo.path, f"k{turn}"))
        process.start()
        time.sleep(chance.uniform(0.0, 0.12))
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
    label(plan.repo.path, "inbox/one", ["last"])
    found = labels_on(plan)
    assert "last" in found
    assert len(found) == int(plan.repo.git("rev-list", "--count", "main..wrkq/plan"))
    assert [each for each in leftovers(plan.repo) if not each.endswith(".lock")] == []
    assert plan.repo.status() == []
    plan.repo.fsck()


def _in_silence(cwd: Path, name: str) -> None:
    label(cwd, "inbox/one", [name])
