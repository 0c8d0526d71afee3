"""Branches, by real git: what there is, how two are related, moving one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.repos import TestRepo
from wrkq_files.errors import WrkqError
from wrkq_files.git import branches
from wrkq_files.git.branches import LOCAL, REMOTE, Moved
from wrkq_files.git.repo import Repo, discover


@pytest.fixture
def made(tmp_path: Path) -> TestRepo:
    return TestRepo.init(tmp_path / "repo", "-b", "main", files={"a": "1"})


@pytest.fixture
def repo(made: TestRepo) -> Repo:
    return discover(made.path)


@pytest.fixture
def clone(made: TestRepo, tmp_path: Path) -> TestRepo:
    TestRepo(tmp_path).git("clone", "-q", str(made.path), "clone")
    return TestRepo(tmp_path / "clone")


def test_a_local_branch(made: TestRepo, repo: Repo) -> None:
    [found] = branches.branches(repo)
    assert (found.ref, found.name, found.is_local, found.tip) == ("refs/heads/main", "main", True, made.head)
    assert found.tree == made.git("rev-parse", "HEAD^{tree}")
    assert found.time == int(made.git("log", "-1", "--format=%ct"))
    assert found.worktree == str(made.path)


def test_an_unborn_repository_has_none(tmp_path: Path) -> None:
    made = TestRepo.init(tmp_path)
    assert branches.branches(discover(made.path)) == []


def test_remote_tracking_branches_without_their_head(clone: TestRepo) -> None:
    found = branches.branches(discover(clone.path))
    assert [(each.ref, each.name) for each in found] == [
        ("refs/heads/main", "main"),
        ("refs/remotes/origin/main", "origin/main"),
    ]
    assert found[0].upstream == "refs/remotes/origin/main"
    assert not found[1].is_local


def test_a_branch_that_another_worktree_has(made: TestRepo, repo: Repo, tmp_path: Path) -> None:
    made.git("worktree", "add", "-q", "-b", "other", str(tmp_path / "other"))
    assert {each.name: each.worktree for each in branches.branches(repo)} == {
        "main": str(made.path),
        "other": str(tmp_path / "other"),
    }


def test_branches_below_a_pattern(made: TestRepo, repo: Repo) -> None:
    for name in ("wrkq/one", "wrkq/two"):
        made.git("branch", name)
    assert [each.name for each in branches.branches(repo, f"{LOCAL}wrkq")] == ["wrkq/one", "wrkq/two"]


def test_odd_names(made: TestRepo, repo: Repo) -> None:
    names = ["a'b", "dev;x", "refs/heads/main", "wörk", "x.y"]
    for name in names:
        made.git("branch", name)
    assert [each.name for each in branches.branches(repo)] == sorted(["main", *names])
    assert all(branches.branch(repo, name) for name in names)


def test_a_tag_or_a_blob_is_no_branch(made: TestRepo, repo: Repo) -> None:
    made.git("update-ref", "refs/remotes/origin/odd", made.git("rev-parse", "HEAD:a"))
    made.git("tag", "v1")
    assert [each.name for each in branches.branches(repo)] == ["main"]


@pytest.mark.parametrize("name", ["", "-d", "a..b", "a b", "a~1", "a:b", "a\\b", "a\nb", "@{-1}", ".a", "a.lock"])
def test_what_is_no_name(made: TestRepo, repo: Repo, name: str) -> None:
    made.git("checkout", "-q", "-b", "second")
    made.git("checkout", "-q", "main")
    assert branches.branch(repo, name) is None


def test_a_name_is_not_a_pattern(made: TestRepo, repo: Repo) -> None:
    made.git("branch", "work/one")
    assert branches.branch(repo, "work") is None
    assert branches.branch(repo, "mai") is None


def test_the_remotes_default(made: TestRepo, clone: TestRepo, repo: Repo) -> None:
    assert branches.remote_head(discover(clone.path)) == "refs/remotes/origin/main"
    assert branches.remote_head(repo) is None
    assert branches.remotes(discover(clone.path)) == ["origin"]


def test_merge_bases(made: TestRepo, repo: Repo) -> None:
    first = made.head
    second = made.commit({"a": "2"})
    made.git("checkout", "-q", "--orphan", "alone")
    alone = made.commit({"a": "3"})
    assert branches.merge_bases(repo, first, second) == [first]
    assert branches.merge_bases(repo, first, alone) == []
    with pytest.raises(WrkqError, match="merge-base"):
        branches.merge_bases(repo, first, "0" * 40)


def test_ancestors_and_counts(made: TestRepo, repo: Repo) -> None:
    first = made.head
    made.git("checkout", "-q", "-b", "work")
    work = made.commit({"b": "1"})
    made.git("checkout", "-q", "main")
    made.commit({"c": "1"})
    main = made.commit({"c": "2"})
    assert branches.is_ancestor(repo, first, main)
    assert branches.is_ancestor(repo, main, main)
    assert not branches.is_ancestor(repo, work, main)
    assert branches.ahead_behind(repo, main, work) == (2, 1)


def test_unmerged(made: TestRepo, repo: Repo) -> None:
    made.git("branch", "merged")
    made.git("checkout", "-q", "-b", "work")
    made.commit({"b": "1"})
    found = branches.unmerged(repo, branches.tip(repo, f"{LOCAL}main") or "", branches.branches(repo))
    assert [each.name for each in found] == ["work"]


def test_moving_a_branch(made: TestRepo, repo: Repo) -> None:
    first = made.head
    made.git("branch", "work")
    second = made.commit({"a": "2"})
    branches.move(repo, f"{LOCAL}work", second, first, "wrkq: test")
    assert made.git("rev-parse", "work") == second
    assert "wrkq: test" in made.git("reflog", "work")


def test_moving_one_that_has_moved_changes_nothing(made: TestRepo, repo: Repo) -> None:
    first = made.head
    second = made.commit({"a": "2"})
    made.git("branch", "work")
    with pytest.raises(Moved):
        branches.move(repo, f"{LOCAL}work", first, first, "wrkq: test")
    assert made.git("rev-parse", "work") == second


def test_making_and_dropping_one(made: TestRepo, repo: Repo) -> None:
    ref = f"{LOCAL}wrkq/new"
    branches.move(repo, ref, made.head, None, "wrkq: new")
    assert branches.tip(repo, ref) == made.head
    with pytest.raises(Moved):
        branches.move(repo, ref, made.head, None, "wrkq: again")
    branches.move(repo, ref, None, made.head, "wrkq: gone")
    assert branches.tip(repo, ref) is None


def test_what_git_refuses_otherwise_is_its_own_error(made: TestRepo, repo: Repo) -> None:
    with pytest.raises(WrkqError, match="update-ref"):
        branches.move(repo, f"{LOCAL}main/below", made.head, None, "wrkq: no room")


# The same by files alone


def test_a_ref_by_its_file(made: TestRepo, clone: TestRepo, repo: Repo) -> None:
    assert repo.ref(f"{LOCAL}main") == made.head
    assert repo.ref(f"{LOCAL}other") is None
    found = discover(clone.path)
    assert found.ref(f"{REMOTE}origin/main") == made.head
    assert found.ref(f"{REMOTE}origin/HEAD") == made.head
    assert found.symbolic(f"{REMOTE}origin/HEAD") == f"{REMOTE}origin/main"
    assert repo.symbolic(f"{REMOTE}origin/HEAD") is None


def test_a_ref_that_is_packed(made: TestRepo, repo: Repo) -> None:
    made.git("branch", "work")
    made.git("pack-refs", "--all")
    assert repo.ref(f"{LOCAL}work") == made.head
    assert repo.ref(f"{LOCAL}wor") is None


def test_a_ref_seen_from_another_worktree(made: TestRepo, tmp_path: Path) -> None:
    made.git("worktree", "add", "-q", "-b", "other", str(tmp_path / "other"))
    assert discover(tmp_path / "other").ref(f"{LOCAL}main") == made.head


def test_a_ref_that_points_to_another(made: TestRepo, repo: Repo) -> None:
    made.git("symbolic-ref", "refs/heads/alias", "refs/heads/main")
    assert repo.ref(f"{LOCAL}alias") == made.head


def test_refs_that_point_at_each_other_are_none(made: TestRepo, repo: Repo) -> None:
    (made.git_dir / "refs/heads/one").write_text("ref: refs/heads/two\n")
    (made.git_dir / "refs/heads/two").write_text("ref: refs/heads/one\n")
    assert repo.ref(f"{LOCAL}one") is None


@pytest.mark.parametrize("name", ["../config", "a\nb", "a\0b", "", "main/x"])
def test_no_name_leads_out_of_the_refs(made: TestRepo, repo: Repo, name: str) -> None:
    assert repo.ref(f"{LOCAL}{name}") is None
