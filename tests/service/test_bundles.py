"""Bundles as such: started, listed, shown, dropped; and the one that a worktree works on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.service.worker import snapshot
from tests.support.bundles import Bundles
from tests.support.sandbox import Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.git import onto
from wrkq_files.git.repo import discover_any
from wrkq_files.service.bundles import keeping, opening
from wrkq_files.service.bundles import rows as bundle_rows


def test_start_checks_nothing_out(bundles: Bundles) -> None:
    before = snapshot(bundles.repo)
    made = keeping.start(bundles.tracker, "plan")
    assert (made.name, made.branch, made.origin) == ("plan", "wrkq/plan", "main")
    assert bundles.repo.git("rev-parse", "wrkq/plan") == bundles.repo.head
    assert snapshot(bundles.repo) == before


def test_start_from_a_revision(bundles: Bundles) -> None:
    made = keeping.start(bundles.tracker, "plan", revision="HEAD~1")
    assert made.commit == bundles.repo.git("rev-parse", "HEAD~1")


def test_start_for_a_feature_is_called_as_it(bundles: Bundles) -> None:
    bundles.mkdir("auth", "feature")
    made = keeping.start(bundles.tracker, None, feature="auth")
    assert made.name == "auth"
    assert keeping.feature_of(bundles.tracker, "wrkq/auth") == made.feature
    keeping.drop(bundles.tracker, "auth")
    assert keeping.feature_of(bundles.tracker, "wrkq/auth") is None


@pytest.mark.parametrize(
    ("name", "code"),
    [("plan", "exists"), ("x", "exists"), ("pending/me", "usage"), ("a b", "usage"), ("-a", "usage")],
)
def test_names_that_start_refuses(bundles: Bundles, name: str, code: str) -> None:
    keeping.start(bundles.tracker, "plan")
    bundles.repo.git("branch", "x")
    with pytest.raises(WrkqError) as caught:
        keeping.start(bundles.tracker, name)
    assert caught.value.code == code


def test_start_needs_a_name(bundles: Bundles) -> None:
    with pytest.raises(WrkqError, match="needs a name"):
        keeping.start(bundles.tracker, None)


def test_start_from_nowhere(bundles: Bundles) -> None:
    with pytest.raises(WrkqError, match="knows no commit `nope`"):
        keeping.start(bundles.tracker, "plan", revision="nope")


def test_without_a_base_there_is_no_bundle(bundles: Bundles) -> None:
    bundles.repo.git("branch", "-m", "trunk")
    with pytest.raises(WrkqError, match="there is no base branch"):
        keeping.start(bundles.tracker, "plan")


def test_the_list(bundles: Bundles, tmp_path: Path) -> None:
    bundles.start("plan")
    bundles.add("plan", "Two")
    bundles.start("side")
    bundles.repo.git("worktree", "add", "-q", str(tmp_path / "w"), "wrkq/side")
    bundles.box.add("Three")
    opening.switch(bundles.tracker.repo, "plan")
    plan, side = bundle_rows.rows(bundles.tracker)
    assert (plan["name"], plan["ahead"], plan["behind"], plan["documents"], plan["current"]) == (
        "plan",
        1,
        1,
        1,
        True,
    )
    assert (side["name"], side["ahead"], side["documents"], side["worktree"]) == ("side", 0, 0, str(tmp_path / "w"))


def test_drop_keeps_the_commits(bundles: Bundles) -> None:
    bundles.start("plan")
    bundles.add("plan", "Two")
    tip = bundles.repo.git("rev-parse", "wrkq/plan")
    with pytest.raises(WrkqError, match="has 1 commit that main has not"):
        keeping.drop(bundles.tracker, "plan")
    opening.switch(bundles.tracker.repo, "plan")
    gone = keeping.drop(bundles.tracker, "plan", force=True)
    assert bundles.repo.git("rev-parse", gone.kept) == tip
    assert bundles.repo.git("branch", "--list", "wrkq/*") == ""
    assert opening.current(bundles.tracker.repo) is None


def test_a_second_one_of_that_name_is_kept_beside_it(bundles: Bundles) -> None:
    kept = []
    for title in ("Two", "Three"):
        bundles.start("plan")
        bundles.add("plan", title)
        kept.append(keeping.drop(bundles.tracker, "plan", force=True).kept)
    assert kept == ["refs/wrkq/archive/plan", "refs/wrkq/archive/plan-2"]


def test_drop_refuses_what_is_checked_out(bundles: Bundles, tmp_path: Path) -> None:
    bundles.start("plan")
    bundles.repo.git("worktree", "add", "-q", str(tmp_path / "w"), "wrkq/plan")
    with pytest.raises(WrkqError, match="is checked out in"):
        keeping.drop(bundles.tracker, "plan")
    with pytest.raises(WrkqError, match="is the base branch"):
        keeping.drop(bundles.tracker, "main")


def test_switch_is_of_one_worktree(bundles: Bundles, tmp_path: Path) -> None:
    bundles.start("plan")
    bundles.repo.git("worktree", "add", "-q", "-b", "w", str(tmp_path / "w"))
    assert opening.switch(bundles.tracker.repo, "wrkq/plan") == "plan"
    assert opening.current(bundles.tracker.repo) == "plan"
    assert opening.current(Sandbox.there(tmp_path / "w").tracker.repo) is None
    assert opening.switch(bundles.tracker.repo, "-") is None
    assert opening.current(bundles.tracker.repo) is None
    with pytest.raises(WrkqError, match="there is no bundle"):
        opening.switch(bundles.tracker.repo, "nope")


def test_the_branch_of_a_bare_repository_is_free(bundles: Bundles, tmp_path: Path) -> None:
    """Its HEAD names a branch that nobody has checked out."""
    bundles.repo.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    assert onto.holder(discover_any(tmp_path / "bare.git"), "refs/heads/main") is None
    assert onto.holder(bundles.tracker.repo, "refs/heads/main") == bundles.repo.path
