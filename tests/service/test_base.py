"""Which branch is the base, and which of its two sides counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.repos import TestRepo
from tests.support.sandbox import Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.service import base, since_base, status


def make(path: Path, branch: str = "main") -> Sandbox:
    box = Sandbox(path, options=("-b", branch))
    box.commit_all()
    return box


@pytest.fixture
def origin(tmp_path: Path) -> Sandbox:
    return make(tmp_path / "origin")


@pytest.fixture
def clone(origin: Sandbox, tmp_path: Path) -> Sandbox:
    return cloned(origin, tmp_path / "clone")


def cloned(origin: Sandbox, path: Path) -> Sandbox:
    TestRepo(path.parent).git("clone", "-q", str(origin.repo.path), str(path))
    return Sandbox.there(path)


def move(box: Sandbox) -> str:
    """One commit more on the branch that is checked out."""
    box.repo.git("commit", "-q", "--allow-empty", "-m", f"more in {box.repo.path.name} after {box.repo.head}")
    return box.repo.head


def fetched(clone: Sandbox, origin: Sandbox) -> str:
    tip = move(origin)
    clone.repo.git("fetch", "-q")
    return tip


def found(box: Sandbox) -> tuple[str, str, bool] | None:
    """The base, by git; the way by files alone has to say the same."""
    tracker = box.tracker
    it = base.base(tracker)
    tips = since_base.tips(tracker)
    if it is None:
        assert tips is None
        return None
    assert tips == (it.name, it.local and it.local.tip, it.remote and it.remote.tip)
    store = since_base.opened(tracker)
    assert since_base.tip_of(tips, store) == it.tip
    store.close()
    return it.name, it.tip, it.diverged


@pytest.mark.parametrize("name", ["main", "master"])
def test_the_usual_names(tmp_path: Path, name: str) -> None:
    box = make(tmp_path / "repo", name)
    assert found(box) == (name, box.repo.head, False)


def test_main_comes_before_master(origin: Sandbox) -> None:
    origin.repo.git("branch", "master")
    move(origin)
    assert found(origin) == ("main", origin.repo.head, False)


def test_other_names_are_nobodys_base(tmp_path: Path) -> None:
    assert found(make(tmp_path / "repo", "trunk")) is None


def test_an_unborn_branch_is_none(tmp_path: Path) -> None:
    assert found(Sandbox(tmp_path / "repo", options=("-b", "main"))) is None


def test_the_remotes_default(tmp_path: Path) -> None:
    clone = cloned(make(tmp_path / "origin", "trunk"), tmp_path / "clone")
    assert found(clone) == ("trunk", clone.repo.head, False)


def test_the_remotes_default_comes_before_main(tmp_path: Path) -> None:
    clone = cloned(make(tmp_path / "origin", "trunk"), tmp_path / "clone")
    clone.repo.git("branch", "main")
    move(clone)
    assert found(clone) == ("trunk", clone.repo.head, False)


def test_the_setting_comes_before_all(clone: Sandbox) -> None:
    clone.write("wrkq.yaml", "format: 1\nbase: release/1.0\n")
    clone.repo.git("branch", "release/1.0")
    tip = clone.repo.head
    move(clone)
    assert found(clone) == ("release/1.0", tip, False)


def test_a_setting_that_names_no_branch_is_refused(clone: Sandbox) -> None:
    clone.write("wrkq.yaml", "format: 1\nbase: gone\n")
    with pytest.raises(WrkqError, match="there is no such branch") as refused:
        base.base(clone.tracker)
    assert refused.value.code == "not_found"
    assert since_base.marks(clone.tracker) == since_base.NOTHING
    assert "there is no such branch" in status.status(clone.tracker).problem


@pytest.mark.parametrize("name", ["../../config", "ma*", "main/x", "-D", "@", "HEAD"])
def test_odd_settings_lead_nowhere(clone: Sandbox, name: str) -> None:
    clone.write("wrkq.yaml", f"format: 1\nbase: '{name}'\n")
    assert since_base.tips(clone.tracker) is None
    assert base.of(clone.tracker.repo, name) is None


def test_only_the_remote_has_it(clone: Sandbox) -> None:
    clone.repo.git("checkout", "-q", "-b", "work")
    clone.repo.git("branch", "-q", "-D", "main")
    assert found(clone) == ("main", clone.repo.head, False)


def test_local_ahead(clone: Sandbox) -> None:
    assert found(clone) == ("main", clone.repo.head, False)
    tip = move(clone)
    assert found(clone) == ("main", tip, False)


def test_remote_ahead(origin: Sandbox, clone: Sandbox) -> None:
    tip = fetched(clone, origin)
    assert found(clone) == ("main", tip, False)


def test_diverged_the_remote_counts(origin: Sandbox, clone: Sandbox) -> None:
    move(clone)
    tip = fetched(clone, origin)
    assert found(clone) == ("main", tip, True)


def test_nothing_is_fetched(origin: Sandbox, clone: Sandbox) -> None:
    before = clone.repo.head
    move(origin)
    assert found(clone) == ("main", before, False)


def test_a_detached_head_does_not_matter(clone: Sandbox) -> None:
    tip = clone.repo.head
    clone.repo.git("checkout", "-q", "--detach")
    move(clone)
    assert found(clone) == ("main", tip, False)


def test_packed_refs(clone: Sandbox) -> None:
    clone.repo.git("pack-refs", "--all")
    assert found(clone) == ("main", clone.repo.head, False)


def test_every_worktree_sees_the_same(clone: Sandbox, tmp_path: Path) -> None:
    clone.repo.git("worktree", "add", "-q", "-b", "work", str(tmp_path / "other"))
    assert found(Sandbox.there(tmp_path / "other")) == found(clone)


# What status says


def test_status_counts_commits(clone: Sandbox, origin: Sandbox) -> None:
    clone.repo.git("checkout", "-q", "-b", "work")
    move(clone)
    move(clone)
    tip = fetched(clone, origin)
    assert status.status(clone.tracker).base == base.Standing("origin/main", tip, 2, 1, "")


def test_status_says_that_the_sides_have_diverged(clone: Sandbox, origin: Sandbox) -> None:
    move(clone)
    tip = fetched(clone, origin)
    assert status.status(clone.tracker).base == base.Standing("origin/main", tip, 1, 1, "main")


def test_status_without_a_base(tmp_path: Path) -> None:
    told = status.status(make(tmp_path / "repo", "trunk").tracker)
    assert (told.base, told.problem) == (None, "")
