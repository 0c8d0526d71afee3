"""A base that takes no writes (``on_base``): what waits for it, and what is taken to a bundle."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.support import Result, adm, run
from tests.service.worker import snapshot
from tests.support.bundles import Bundles
from tests.support.repos import TestRepo
from tests.support.sandbox import COMMIT, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.git import branches, onto
from wrkq_files.git.branches import Moved
from wrkq_files.service import settings, status
from wrkq_files.service.bundles import publishing, standing, taking
from wrkq_files.service.change import Options

HAND = "---\ntitle: By hand\n---\n"
PENDING = "wrkq/pending/robin"
HOOK = """\
#!/bin/sh
[ "$1" != refs/heads/main ] || [ -e "$GIT_DIR/open" ] || { echo "main is protected" >&2; exit 1; }
"""


@pytest.fixture
def guarded(bundles: Bundles) -> Bundles:
    settings.change(bundles.tracker, "on_base", "bundle", COMMIT)
    return bundles


class Hub:
    """A bare repository whose hook lets only the maintainer's clone push to main."""

    def __init__(self, path: Path) -> None:
        self.repo = TestRepo.init(path / "hub.git", "--bare", "-b", "main")
        hook = self.repo.path / "hooks/update"
        hook.write_text(HOOK)
        hook.chmod(0o755)
        self.open = self.repo.path / "open"
        self.path = path

    def clone(self, name: str) -> TestRepo:
        self.repo.git("clone", "-q", ".", str(self.path / name))
        return TestRepo(self.path / name)

    def push(self, repo: TestRepo) -> None:
        """As the maintainer."""
        self.open.touch()
        repo.git("push", "-q", "origin", "main")
        self.open.unlink()


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    """With a tracker, its base protected."""
    found = Hub(tmp_path)
    boss = found.clone("boss")
    boss.git("switch", "-qc", "main")
    assert adm("init", "--commit", cwd=boss.path).exit == 0
    assert adm("config", "set", "on_base", "bundle", "--commit", cwd=boss.path).exit == 0
    found.push(boss)
    return found


def done(repo: TestRepo, *words: str, program: str = "wrkq") -> Result:
    found = run(*words, cwd=repo.path, program=program)
    assert found.exit == 0, (words, found.err)
    return found


# --- what a write does


def test_a_write_waits_in_the_pending_bundle(guarded: Bundles) -> None:
    before = snapshot(guarded.repo)
    done(guarded.repo, "add", "Two")
    told = done(guarded.repo, "set", "inbox/one", "--priority", "1")
    assert "bundle pending/robin: not on main yet" in told.err
    assert guarded.repo.git("rev-list", "--count", f"main..{PENDING}") == "2"
    assert snapshot(guarded.repo) == before


def test_reads_show_what_waits(guarded: Bundles) -> None:
    assert "Two" not in done(guarded.repo, "ls", "inbox").out
    done(guarded.repo, "add", "Two")
    told = done(guarded.repo, "ls", "inbox")
    assert "Two" in told.out
    assert "not on main yet" in told.err


def test_another_branch_is_written_as_ever(guarded: Bundles) -> None:
    guarded.repo.git("switch", "-qc", "topic")
    done(guarded.repo, "add", "Two", "--commit")
    assert "two.md" in guarded.repo.git("ls-tree", "--name-only", "topic", "wrkq/inbox/")
    assert guarded.repo.git("branch", "--list", "wrkq/*") == ""


def test_a_landed_bundle_begins_anew_at_the_base(guarded: Bundles) -> None:
    done(guarded.repo, "add", "Two")
    done(guarded.repo, "bundle", "apply", "pending/robin", program="wrkqadm")
    assert done(guarded.repo, "ls", "inbox").err == ""
    done(guarded.repo, "add", "Three")
    assert guarded.repo.git("rev-list", "--count", f"main..{PENDING}") == "1"


def test_what_the_base_has_newer_is_said(guarded: Bundles) -> None:
    done(guarded.repo, "add", "Two")
    guarded.repo.commit({"code.txt": "x\n"})
    assert "main has a newer commit: wrkq bundle sync pending/robin" in done(guarded.repo, "ls", "inbox").err


def test_nothing_goes_to_the_base_itself(guarded: Bundles) -> None:
    for words in (("--bundle", "-", "add", "Two"), ("--bundle", "main", "add", "Two")):
        assert "nothing is written to main itself" in run(*words, cwd=guarded.repo.path).err


def test_nor_from_elsewhere(guarded: Bundles, tmp_path: Path) -> None:
    """Where main is not checked out, it could be written by tree."""
    guarded.repo.git("switch", "-qc", "topic")
    assert "nothing is written to main itself" in run("--bundle", "main", "add", "Two", cwd=guarded.repo.path).err


def test_commit_names_the_way_out(guarded: Bundles) -> None:
    guarded.box.write("inbox/by-hand.md", HAND)
    with pytest.raises(WrkqError, match="nothing is committed to main itself") as caught:
        status.commit_all(guarded.tracker, Options())
    assert "wrkq bundle take" in caught.value.hint


def test_refuse(guarded: Bundles) -> None:
    guarded.box.replace("wrkq.yaml", "on_base: bundle", "on_base: refuse")
    told = run("add", "Two", cwd=guarded.repo.path)
    assert told.exit == 1
    assert "wrkq bundle start NAME" in told.err
    done(guarded.repo, "ls")


def test_nobody_has_no_pending_bundle(guarded: Bundles) -> None:
    guarded.repo.git("config", "user.email", "stranger@example.com")
    done(guarded.repo, "ls")
    assert "nobody is known to be acting" in run("add", "Two", cwd=guarded.repo.path).err
    assert standing.in_place(guarded.tracker, writes=False) is None


def test_a_bundle_that_is_chosen_goes_before(guarded: Bundles) -> None:
    guarded.start("plan")
    done(guarded.repo, "bundle", "switch", "plan")
    assert "bundle plan\n" in done(guarded.repo, "add", "Two").err
    assert guarded.repo.git("branch", "--list", PENDING) == ""


def test_a_pending_bundle_that_is_checked_out(guarded: Bundles, tmp_path: Path) -> None:
    done(guarded.repo, "add", "Two")
    guarded.repo.git("worktree", "add", "-q", str(tmp_path / "w"), PENDING)
    told = done(guarded.repo, "add", "Three")
    assert f"in {tmp_path / 'w'}, where it is checked out: not on main yet" in told.err
    assert guarded.show(PENDING, "inbox/three.md")
    assert "Three" in done(guarded.repo, "ls", "inbox").out


# --- take


def test_take_edits(guarded: Bundles) -> None:
    """By hand: a new file, one that is staged, one that is changed and one that is gone."""
    guarded.box.write("inbox/by-hand.md", HAND)
    guarded.box.write("inbox/staged.md", HAND.replace("By hand", "Staged"))
    guarded.repo.git("add", "wrkq/inbox/staged.md")
    guarded.box.replace("inbox/one.md", "title: One", "title: Uno")
    (guarded.box.root / "inbox/README.md").unlink()
    guarded.repo.write({"code.txt": "x\n"})
    taken = taking.take(guarded.tracker, None)
    assert (taken.name, len(taken.files), taken.kept) == ("pending/robin", 4, None)
    assert guarded.repo.status() == ["?? code.txt"]
    assert "title: Uno" in guarded.show(PENDING, "inbox/one.md")
    assert guarded.show(PENDING, "inbox/by-hand.md") == HAND
    assert guarded.show(PENDING, "inbox/staged.md")
    assert not guarded.show(PENDING, "inbox/README.md")
    assert taking.take(guarded.tracker, None).is_nothing


def test_take_adds_to_what_waits(guarded: Bundles) -> None:
    done(guarded.repo, "set", "inbox/one", "--priority", "1")
    guarded.box.replace("inbox/one.md", "title: One", "title: Uno")
    taking.take(guarded.tracker, None)
    text = guarded.show(PENDING, "inbox/one.md")
    assert "title: Uno" in text
    assert "priority: 1" in text
    assert guarded.repo.status() == []


def test_take_to_a_named_bundle(guarded: Bundles) -> None:
    guarded.box.write("inbox/by-hand.md", HAND)
    assert taking.take(guarded.tracker, "mine").branch == "wrkq/mine"
    assert guarded.show("wrkq/mine", "inbox/by-hand.md") == HAND


def test_what_does_not_fit_stays_where_it_is(guarded: Bundles) -> None:
    done(guarded.repo, "set", "inbox/one", "--title", "Eins")
    guarded.box.replace("inbox/one.md", "title: One", "title: Uno")
    before, tip = snapshot(guarded.repo), guarded.tip(PENDING)
    with pytest.raises(WrkqError, match="cannot be merged"):
        taking.take(guarded.tracker, None)
    assert (snapshot(guarded.repo), guarded.tip(PENDING)) == (before, tip)


def test_a_dry_run_of_take(guarded: Bundles) -> None:
    guarded.box.write("inbox/by-hand.md", HAND)
    before = snapshot(guarded.repo)
    assert taking.take(guarded.tracker, None, dry_run=True).files == ["wrkq/inbox/by-hand.md"]
    assert snapshot(guarded.repo) == before
    assert guarded.repo.git("branch", "--list", PENDING) == ""


def test_take_is_of_the_base(guarded: Bundles) -> None:
    guarded.repo.git("switch", "-qc", "topic")
    with pytest.raises(WrkqError, match="main is not checked out here"):
        taking.take(guarded.tracker, None)


def test_take_from_a_checked_out_bundle_is_refused(guarded: Bundles, tmp_path: Path) -> None:
    guarded.start("plan")
    guarded.repo.git("worktree", "add", "-q", str(tmp_path / "w"), "wrkq/plan")
    with pytest.raises(WrkqError, match="is checked out in"):
        taking.take(guarded.tracker, "plan")


def test_take_when_somebody_writes_to_it(guarded: Bundles, monkeypatch: pytest.MonkeyPatch) -> None:
    guarded.box.write("inbox/by-hand.md", HAND)
    original, turns = onto.move, [1]

    def move(*given: object) -> None:
        if turns:
            turns.pop()
            raise Moved("elsewhere")
        original(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(onto, "move", move)
    taking.take(guarded.tracker, None)
    assert guarded.show(PENDING, "inbox/by-hand.md") == HAND


def test_take_commits_that_cannot_be_pushed(hub: Hub) -> None:
    """Code beside them goes along; another edit of code in the way is refused after all is safe."""
    dev = hub.clone("dev")
    box = Sandbox.there(dev.path)
    box.write("inbox/by-hand.md", HAND)
    old = dev.commit({"code.txt": "x\n", "wrkq/inbox/by-hand.md": HAND}, "by hand")
    assert dev.run("push", "origin", "main").returncode != 0
    taken = taking.take(box.tracker, None)
    assert (taken.commits, dev.git("rev-parse", taken.kept or "")) == (1, old)
    assert dev.head == dev.git("rev-parse", "origin/main")
    assert dev.status() == []
    assert dev.git("rev-parse", PENDING) == old
    dev.git("push", "-q", "origin", PENDING)


def test_an_edit_of_code_in_the_way_of_take(hub: Hub) -> None:
    dev = hub.clone("dev")
    old = dev.commit({"code.txt": "x\n"}, "by hand")
    dev.write({"code.txt": "y\n"})
    box = Sandbox.there(dev.path)
    with pytest.raises(WrkqError, match=r"code\.txt"):
        taking.take(box.tracker, None)
    assert (dev.head, dev.read("code.txt")) == (old, b"y\n")
    dev.git("stash", "-q")
    taking.take(box.tracker, None)
    assert dev.head == dev.git("rev-parse", "origin/main")
    assert dev.git("rev-parse", PENDING) == old


# --- from the plan to the base, without one commit that cannot be pushed


@pytest.mark.parametrize("squash", [False, True])
def test_end_to_end(hub: Hub, squash: bool) -> None:
    dev, boss = hub.clone("dev"), TestRepo(hub.path / "boss")
    done(dev, "mkdir", "portal", "--kind", "project")
    done(dev, "add", "Sign in", "--into", "portal")
    done(dev, "set", "portal/sign-in", "--state", "in_progress")
    done(dev, "comment", "add", "portal/sign-in", "Half of it is there.")
    asked = done(dev, "bundle", "request")
    assert "- **New:** Sign in (_T-" in asked.out
    assert "> Half of it is there." in asked.out
    dev.git("push", "-q", "origin", PENDING)
    _land(hub, boss, squash=squash)
    dev.git("pull", "-q", "--ff-only")
    assert dev.status() == []
    if squash:
        done(dev, "bundle", "sync", "pending/robin")
    done(dev, "set", "portal/sign-in", "--state", "completed")
    asked = done(dev, "bundle", "request", "pending/robin")
    assert "Half of it" not in asked.out
    assert "| state | in_progress | completed |" in asked.out
    dev.git("push", "-q", "origin", PENDING)
    _land(hub, boss, squash=squash)
    dev.git("pull", "-q", "--ff-only")
    assert dev.git("rev-list", "--count", "origin/main..main") == "0"
    assert b"state: completed" in (dev.show("main:wrkq/portal/sign-in.md") or b"")
    done(boss, "check")


def _land(hub: Hub, boss: TestRepo, *, squash: bool) -> None:
    """By a host's button: git alone."""
    boss.git("fetch", "-q")
    if squash:
        boss.git("merge", "-q", "--squash", f"origin/{PENDING}")
        boss.git("commit", "-qm", "landed")
    else:
        boss.git("merge", "-q", "--no-ff", "-m", "landed", f"origin/{PENDING}")
    hub.push(boss)


def test_the_remote_says_why_not(hub: Hub) -> None:
    dev = hub.clone("dev")
    dev.commit({"code.txt": "x\n"}, "by hand")
    box = Sandbox.there(dev.path)
    main = branches.branch(box.tracker.repo, "main")
    assert main is not None
    with pytest.raises(WrkqError, match=r"origin does not take main: .*main is protected"):
        publishing.push(box.tracker.repo, "origin", main)
