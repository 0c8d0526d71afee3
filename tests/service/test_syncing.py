"""Two clones of a repository that holds only a tracker, and the bare one between them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.repos import TestRepo
from tests.support.sandbox import COMMIT, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.git import remotes
from wrkq_files.service import settings
from wrkq_files.service.bundles import syncing


class Clones:
    def __init__(self, path: Path) -> None:
        self.hub = TestRepo.init(path / "hub.git", "--bare", "-b", "main")
        self.one = Sandbox(path / "one", folder=".")
        self.one.commit_all()
        settings.change(self.one.tracker, "commit.mode", "auto", COMMIT)
        self.one.repo.git("remote", "add", "origin", str(self.hub.path))
        self.one.add("One")
        syncing.sync(self.one.tracker)
        self.hub.git("clone", "-q", ".", str(path / "two"))
        self.two = Sandbox.there(path / "two", folder=".")

    def agree(self) -> None:
        tips = {each.git("rev-parse", "main") for each in (self.hub, self.one.repo, self.two.repo)}
        assert len(tips) == 1
        assert self.one.repo.status() == self.two.repo.status() == []


@pytest.fixture
def clones(tmp_path: Path) -> Clones:
    return Clones(tmp_path)


def test_what_is_new_comes_and_goes(clones: Clones) -> None:
    clones.one.add("Two")
    assert syncing.sync(clones.one.tracker)._replace(commit="") == ("main", "origin", 0, 1, False, "")
    assert syncing.sync(clones.two.tracker).received == 1
    assert (clones.two.root / "inbox/two.md").exists()
    assert syncing.sync(clones.two.tracker).sent == 0
    clones.agree()


def test_both_sides_are_merged_field_by_field(clones: Clones) -> None:
    """Two fields of one task that stand on neighbouring lines."""
    clones.one.set("inbox/one", COMMIT, priority="1")
    clones.two.set("inbox/one", COMMIT, estimate_hours="3")
    syncing.sync(clones.one.tracker)
    assert syncing.sync(clones.two.tracker).merged
    syncing.sync(clones.one.tracker)
    text = clones.one.text("inbox/one.md")
    assert "priority: 1" in text
    assert "estimate_hours: 3" in text
    clones.agree()


def test_somebody_pushes_in_between(clones: Clones, monkeypatch: pytest.MonkeyPatch) -> None:
    clones.one.add("Two")
    clones.two.add("Three")
    original, turns = remotes.push, [1]

    def push(*given: object) -> None:
        if turns:
            turns.pop()
            syncing.sync(clones.two.tracker)
        original(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(remotes, "push", push)
    syncing.sync(clones.one.tracker)
    assert {"two.md", "three.md"} <= {each.name for each in (clones.one.root / "inbox").iterdir()}
    syncing.sync(clones.two.tracker)
    clones.agree()


def test_what_does_not_agree_changes_nothing(clones: Clones) -> None:
    clones.one.set("inbox/one", COMMIT, priority="1")
    clones.two.set("inbox/one", COMMIT, priority="4")
    syncing.sync(clones.one.tracker)
    head = clones.two.repo.head
    with pytest.raises(WrkqError) as caught:
        syncing.sync(clones.two.tracker)
    assert caught.value.exit_status == 4
    assert (clones.two.repo.head, clones.two.repo.status()) == (head, [])


def test_an_edit_in_the_way(clones: Clones) -> None:
    clones.one.set("inbox/one", COMMIT, priority="1")
    syncing.sync(clones.one.tracker)
    clones.two.replace("inbox/one.md", "title: One", "title: Uno")
    with pytest.raises(WrkqError) as caught:
        syncing.sync(clones.two.tracker)
    assert caught.value.code == "dirty_file"
    assert "title: Uno" in clones.two.text("inbox/one.md")


def test_beside_code_it_is_refused(clones: Clones) -> None:
    settings.change(clones.one.tracker, "commit.mode", "manual", COMMIT)
    with pytest.raises(WrkqError, match="lies beside code"):
        syncing.sync(clones.one.tracker)


def test_without_a_remote(clones: Clones) -> None:
    with pytest.raises(WrkqError, match="there is no remote `upstream`"):
        syncing.sync(clones.one.tracker, "upstream")


def test_a_remote_that_is_gone(clones: Clones, tmp_path: Path) -> None:
    (tmp_path / "hub.git").rename(tmp_path / "away.git")
    with pytest.raises(WrkqError, match="git fetch"):
        syncing.sync(clones.one.tracker)


def test_off_any_branch(clones: Clones) -> None:
    clones.one.repo.git("checkout", "-q", "--detach")
    with pytest.raises(WrkqError, match="HEAD is on no branch"):
        syncing.sync(clones.one.tracker)


def test_a_remote_that_refuses(clones: Clones) -> None:
    hook = clones.hub.path / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho not today >&2\nexit 1\n")
    hook.chmod(0o755)
    clones.one.add("Two")
    with pytest.raises(WrkqError, match=r"origin does not take main: pre-receive hook declined.*not today"):
        syncing.sync(clones.one.tracker)
