"""Bundles and the base: whether they merge, the base merged in, the bundle landed."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.service.worker import FORK, leftovers, snapshot
from tests.support.bundles import PLAIN, Bundles
from tests.support.sandbox import COMMIT, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.git import write
from wrkq_files.git.branches import Moved
from wrkq_files.model import messages
from wrkq_files.service import relations
from wrkq_files.service.bundles import landing

HAND = "---\ntitle: By hand\n---\n"


@pytest.fixture
def two(bundles: Bundles) -> Bundles:
    """A bundle `plan` with a task and a priority, and a base that went on in another field of the same task."""
    bundles.start("plan")
    bundles.add("plan", "Two")
    bundles.set("plan", "inbox/one", priority="1")
    bundles.box.set("inbox/one", COMMIT, estimate_hours="3")
    return bundles


@pytest.fixture
def torn(bundles: Bundles) -> Bundles:
    """The two set one field to different values."""
    bundles.start("plan")
    bundles.set("plan", "inbox/one", priority="1")
    bundles.box.set("inbox/one", COMMIT, priority="4")
    return bundles


# --- check


def test_check_of_a_sound_bundle(two: Bundles) -> None:
    found = landing.check(two.tracker, "plan")
    assert (found.is_sound, found.joined.is_clean, found.findings) == (True, True, [])


def test_check_names_conflicts(torn: Bundles) -> None:
    found = landing.check(torn.tracker, "plan")
    [conflict] = found.joined.conflicts
    assert landing.words(conflict) == "wrkq/inbox/one.md: priority 1 here, 4 there, was none"


def test_check_judges_each_commit(two: Bundles) -> None:
    two.repo.git("switch", "-q", "wrkq/plan")
    two.box.write("inbox/bad.md", "---\ntitle: Bad\nstate: nowhere\n---\n")
    two.box.commit_all()
    two.repo.git("switch", "-q", "main")
    found = landing.check(two.tracker, "plan")
    assert not found.is_sound
    with pytest.raises(WrkqError, match="nowhere"):
        landing.apply(two.tracker, "plan")


def test_check_tells_what_is_wrong_only_together(bundles: Bundles) -> None:
    """Each side makes one waiting for the other."""
    bundles.box.add("Two")
    bundles.start("plan")
    with bundles.on("plan") as there:
        relations.relate(there, "inbox/one", "blocks", "inbox/two", PLAIN)
    relations.relate(bundles.tracker, "inbox/two", "blocks", "inbox/one", COMMIT)
    found = landing.check(bundles.tracker, "plan")
    assert found.joined.findings
    with pytest.raises(WrkqError, match="cannot be merged into"):
        landing.sync(bundles.tracker, "plan")


# --- sync


def test_sync_merges_the_base_in(two: Bundles) -> None:
    before = snapshot(two.repo)
    done = landing.sync(two.tracker, "plan")
    assert (done.how, two.repo.git("rev-parse", "wrkq/plan^2")) == (landing.MERGE, two.repo.head)
    assert "priority: 1\n" in two.show("wrkq/plan", "inbox/one.md")
    assert "estimate_hours: 3\n" in two.show("wrkq/plan", "inbox/one.md")
    assert snapshot(two.repo) == before
    assert landing.sync(two.tracker, "plan").how == landing.NOTHING


def test_a_host_that_knows_no_driver_has_nothing_to_merge(two: Bundles) -> None:
    landing.sync(two.tracker, "plan")
    two.repo.git("merge", "-q", "--no-ff", "-m", "landed", "wrkq/plan")
    assert two.tip("HEAD^{tree}") == two.tip("wrkq/plan^{tree}")


def test_sync_of_a_bundle_without_own_commits(bundles: Bundles) -> None:
    bundles.start("plan")
    bundles.box.add("Two")
    assert landing.sync(bundles.tracker, "plan").how == landing.FAST_FORWARD
    assert bundles.tip("wrkq/plan") == bundles.repo.head


def test_sync_with_a_conflict_changes_nothing(torn: Bundles) -> None:
    before, tip = snapshot(torn.repo), torn.tip("wrkq/plan")
    with pytest.raises(WrkqError) as caught:
        landing.sync(torn.tracker, "plan")
    assert caught.value.exit_status == 4
    assert "git switch wrkq/plan; git merge main; wrkq conflicts" in caught.value.hint
    assert caught.value.details["conflicts"][0]["field"] == "priority"
    assert (snapshot(torn.repo), torn.tip("wrkq/plan")) == (before, tip)


def test_sync_through_the_worktree_that_has_it(two: Bundles, tmp_path: Path) -> None:
    side = tmp_path / "side"
    two.repo.git("worktree", "add", "-q", str(side), "wrkq/plan")
    there = Sandbox.there(side)
    there.write("inbox/by-hand.md", HAND)
    landing.sync(two.tracker, "plan")
    assert "estimate_hours: 3\n" in there.text("inbox/one.md")
    assert there.repo.status() == ["?? wrkq/inbox/by-hand.md"]


def test_an_edit_in_the_way_of_sync(two: Bundles, tmp_path: Path) -> None:
    side = tmp_path / "side"
    two.repo.git("worktree", "add", "-q", str(side), "wrkq/plan")
    there = Sandbox.there(side)
    there.replace("inbox/one.md", "title: One", "title: Uno")
    before = snapshot(there.repo)
    with pytest.raises(WrkqError, match=r"inbox/one\.md: it has uncommitted edits"):
        landing.sync(two.tracker, "plan")
    assert snapshot(there.repo) == before


def test_the_base_cannot_be_synced(bundles: Bundles) -> None:
    with pytest.raises(WrkqError, match="is the base branch"):
        landing.sync(bundles.tracker, "main")


def test_a_dry_run_of_sync(two: Bundles) -> None:
    tip = two.tip("wrkq/plan")
    done = landing.sync(two.tracker, "plan", dry_run=True)
    assert (done.files, two.tip("wrkq/plan")) == (["wrkq/inbox/one.md"], tip)


def test_overtaken_it_begins_again(two: Bundles, monkeypatch: pytest.MonkeyPatch) -> None:
    original, turns = landing._advance, [1]

    def advance(*given: object) -> None:
        if turns:
            turns.pop()
            two.add("plan", "Sneaked in")
        original(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(landing, "_advance", advance)
    landing.sync(two.tracker, "plan")
    assert two.show("wrkq/plan", "inbox/sneaked-in.md")
    assert two.repo.git("rev-list", "--count", "wrkq/plan..main") == "0"


def test_who_is_always_overtaken_is_told(two: Bundles, monkeypatch: pytest.MonkeyPatch) -> None:
    def advance(*given: object) -> None:
        raise Moved("elsewhere")

    monkeypatch.setattr(landing, "_advance", advance)
    monkeypatch.setattr("wrkq_files.service.publish._PATIENCE", 0.0)
    with pytest.raises(WrkqError, match="keeps changing"):
        landing.sync(two.tracker, "plan")


# --- apply


def test_apply_by_fast_forward(bundles: Bundles) -> None:
    """Files and index of the worktree that has the base go along; a person's own edits stay."""
    bundles.start("plan")
    bundles.set("plan", "inbox/one", priority="1")
    bundles.add("plan", "Two")
    bundles.repo.write({"code.txt": "x\n"})
    bundles.repo.git("add", "code.txt")
    done = landing.apply(bundles.tracker, "plan")
    assert (done.how, bundles.repo.head) == (landing.FAST_FORWARD, bundles.tip("wrkq/plan"))
    assert bundles.repo.status() == ["A  code.txt"]
    assert "priority: 1" in bundles.box.text("inbox/one.md")
    assert leftovers(bundles.repo) == []


def test_apply_by_a_merge_commit(two: Bundles) -> None:
    old = two.repo.head
    done = landing.apply(two.tracker, "plan")
    assert (done.how, two.tip("HEAD^1"), two.tip("HEAD^2")) == (landing.MERGE, old, two.tip("wrkq/plan"))
    assert two.repo.status() == []
    assert landing.apply(two.tracker, "plan").how == landing.NOTHING


def test_apply_as_one_commit_keeps_every_trailer(two: Bundles) -> None:
    done = landing.apply(two.tracker, "plan", squash=True)
    assert (done.how, two.repo.git("rev-list", "--count", "--merges", "main")) == (landing.SQUASH, "0")
    told = messages.read(two.repo.git("log", "-1", "--format=%B"))
    assert [each.name for each in told.operations] == ["add", "set"]
    assert {each.actor for each in told.operations} == {"robin"}


def test_apply_into_another_branch(two: Bundles) -> None:
    two.repo.git("branch", "release")
    before = snapshot(two.repo)
    landing.apply(two.tracker, "plan", into="release")
    assert two.show("release", "inbox/two.md")
    assert snapshot(two.repo) == before


def test_apply_with_a_conflict_changes_nothing(torn: Bundles) -> None:
    before = snapshot(torn.repo)
    with pytest.raises(WrkqError, match="cannot be merged into main; nothing is changed"):
        landing.apply(torn.tracker, "plan")
    assert snapshot(torn.repo) == before


@pytest.mark.parametrize("way", ["edited", "staged", "untracked", "deleted"])
def test_what_is_in_the_way_of_apply(two: Bundles, way: str) -> None:
    if way == "untracked":
        two.box.write("inbox/two.md", HAND)
    elif way == "deleted":
        (two.box.root / "inbox/one.md").unlink()
    else:
        two.box.replace("inbox/one.md", "title: One", "title: Uno")
    if way == "staged":
        two.repo.git("add", "-A")
    before = snapshot(two.repo)
    with pytest.raises(WrkqError) as caught:
        landing.apply(two.tracker, "plan")
    assert caught.value.code == "dirty_file"
    assert snapshot(two.repo) == before


def test_a_dry_run_of_apply(two: Bundles) -> None:
    before = snapshot(two.repo)
    done = landing.apply(two.tracker, "plan", dry_run=True)
    assert (done.how, sorted(done.files)) == (landing.MERGE, ["wrkq/inbox/one.md", "wrkq/inbox/two.md"])
    assert snapshot(two.repo) == before


def test_onto_itself(bundles: Bundles) -> None:
    with pytest.raises(WrkqError, match="cannot land on itself"):
        landing.apply(bundles.tracker, "main")


def test_a_base_that_only_the_remote_has(two: Bundles, tmp_path: Path) -> None:
    two.repo.git("clone", "-q", ".", str(tmp_path / "clone"))
    clone = Sandbox.there(tmp_path / "clone")
    clone.repo.git("switch", "-q", "wrkq/plan")
    clone.repo.git("branch", "-qD", "main")
    with pytest.raises(WrkqError, match="no local branch main"):
        landing.apply(clone.tracker, "plan")


# --- the law


def _edit(chance: random.Random) -> Callable[[str], str]:
    """One of many edits of a task's text, by hand."""
    number = chance.randrange(1, 5)
    word = chance.choice("abc")
    return chance.choice(
        [
            lambda text: text.replace("title: Task", f"title: {word} Task", 1),
            lambda text: (
                text.replace("---\n\n", f"priority: {number}\n---\n\n", 1) if "priority" not in text else text
            ),
            lambda text: text.replace("labels:\n", f"labels:\n  - {word}{number}\n", 1),
            lambda text: text.replace("- [ ] one", "- [x] one", 1),
            lambda text: text.replace("- [ ] two", "- [-] two", 1),
            lambda text: text + f"\nMore {word}{number}.\n",
            lambda text: text.replace("First", f"{word} First", 1),
        ]
    )


_TEXT = "---\ntitle: Task {0}\nid: T-0000000{0}\nlabels:\n  - base\n---\n\nFirst.\n\n- [ ] one\n- [ ] two\n\nLast.\n"


@pytest.mark.parametrize("seed", range(12))
def test_after_a_sync_plain_git_merges(box: Sandbox, seed: int) -> None:
    """Whatever two branches did: either sync says that they do not agree, or no driver is needed any more."""
    chance = random.Random(seed)
    paths = [f"inbox/task-{number}.md" for number in range(4)]
    for number, path in enumerate(paths):
        box.write(path, _TEXT.format(number))
    box.commit_all()
    box.repo.git("branch", "wrkq/plan")
    for branch in ("wrkq/plan", "main"):
        box.repo.git("switch", "-q", branch)
        for turn in range(4):
            path = chance.choice(paths)
            if (box.root / path).exists():
                box.write(path, _edit(chance)(box.text(path)))
            if chance.random() < 0.2:
                box.write(f"inbox/new-{branch[-1]}{turn}.md", HAND)
            if chance.random() < 0.15 and (box.root / path).exists():
                box.repo.git("add", "-A")
                box.repo.git("mv", f"wrkq/{path}", f"wrkq/inbox/moved-{turn}{branch[-1]}.md")
        box.repo.git("add", "-A")
        box.repo.git("commit", "-q", "--allow-empty", "-m", branch)
    _synced_or_told(box)


def _synced_or_told(box: Sandbox) -> None:
    """Either the two do not agree, and nothing is changed; or git alone merges them, to what the bundle has."""
    before = box.repo.git("rev-parse", "wrkq/plan")
    if not landing.check(box.tracker, "plan").joined.is_clean:
        with pytest.raises(WrkqError, match="cannot be merged"):
            landing.sync(box.tracker, "plan")
        assert box.repo.git("rev-parse", "wrkq/plan") == before
        return
    landing.sync(box.tracker, "plan")
    box.repo.git("merge", "-q", "--no-ff", "-m", "landed", "wrkq/plan")
    assert box.repo.git("rev-parse", "HEAD^{tree}") == box.repo.git("rev-parse", "wrkq/plan^{tree}")
    assert box.repo.status() == []


# --- killed


STEPS = ("staged", "locked", "copied", "secured", "journal", "placed 0", "placed 1", "ref", "index", "unlocked")


@pytest.mark.parametrize("step", STEPS)
def test_apply_killed_at_any_step(two: Bundles, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """After the next command the base is where it was, or where it was to go, with files and index."""
    old = two.repo.head

    def die(name: str) -> None:
        if name == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def work() -> None:
        monkeypatch.setattr(write.follow, "__kwdefaults__", {**(write.follow.__kwdefaults__ or {}), "step": die})
        landing.apply(two.tracker, "plan")

    process = FORK.Process(target=work)
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    _ = two.tracker  # whoever comes next mends
    landed = two.repo.head != old
    assert landed == (step in ("ref", "index", "unlocked"))
    assert two.repo.status() == []
    assert (two.box.root / "inbox/two.md").exists() == landed
    assert leftovers(two.repo) == []
    landing.apply(two.tracker, "plan")
    assert two.repo.status() == []
