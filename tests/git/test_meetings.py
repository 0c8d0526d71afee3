"""Where branches part and what they changed since, for many at once: held against git, one by one."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.support.repos import TestRepo
from wrkq_files.errors import WrkqError
from wrkq_files.git import branches, meetings
from wrkq_files.git.repo import Repo, discover


def history(repo: TestRepo, seed: int, commits: int = 40) -> list[str]:
    """Random commits with one to three parents, some roots: their ids."""
    source = random.Random(seed)
    made: list[str] = []
    tree = repo.git("mktree", input=b"")
    for number in range(commits):
        count = min(len(made), source.choice((0, 1, 1, 1, 1, 2, 2, 3)) if number else 0)
        parents = source.sample(made[-12:], min(count, len(made[-12:])))
        words = [word for each in parents for word in ("-p", each)]
        date = {"GIT_COMMITTER_DATE": f"{1_700_000_000 + source.randrange(1000)} +0000"}
        made.append(repo.git("commit-tree", tree, *words, "-m", str(number), env=date))
    return made


@pytest.mark.parametrize("seed", range(12))
def test_the_bases_are_those_that_git_finds(tmp_path: Path, seed: int) -> None:
    made = TestRepo.init(tmp_path)
    commits = history(made, seed)
    repo = discover(tmp_path)
    for ours in random.Random(seed).sample(commits, 4):
        found = meetings.bases(repo, ours, commits)
        assert found == {tip: tuple(branches.merge_bases(repo, ours, tip)) for tip in commits}


def test_many_commits_are_not_asked_of_one_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meetings, "_MANY", 2)
    made = TestRepo.init(tmp_path)
    commits = history(made, 3)
    repo = discover(tmp_path)
    found = meetings.bases(repo, commits[-1], commits)
    assert found == {tip: tuple(branches.merge_bases(repo, commits[-1], tip)) for tip in commits}


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """Two commits: `a` changes, `b` goes, `c` comes, a link comes; and a third one that changes `a` again."""
    made = TestRepo.init(tmp_path, "-b", "main", files={"w/a": "1", "w/b": "1", "other": "1"})
    made.git("branch", "first")
    (tmp_path / "w/link").symlink_to("a")
    made.write({"w/a": "2", "w/b": None, "w/c d\n": "1", "other": "2"})
    made.git("add", "-A")
    made.git("commit", "-q", "-m", "second")
    made.git("branch", "second")
    made.commit({"w/a": "3"}, "third")
    return discover(tmp_path)


def tree(repo: Repo, name: str) -> str:
    commit = branches.tip(repo, f"refs/heads/{name}") or ""
    return meetings.trees(repo, [commit])[commit]


def test_differences_of_several_pairs(repo: Repo) -> None:
    first, second, main = (tree(repo, name) for name in ("first", "second", "main"))
    pairs = [(first, second), (second, second), (second, main), (main, second)]
    found = meetings.differences(repo, pairs, "w")
    assert [row.path for row in found[first, second]] == ["w/a", "w/b", "w/c d\n", "w/link"]
    assert [row.path for row in found[second, main]] == ["w/a"]
    assert found[second, second] == []
    [there], [back] = found[second, main], found[main, second]
    assert (there.old, there.new) == (back.new, back.old)


def test_what_is_gone_or_new_has_no_blob(repo: Repo) -> None:
    first, second = tree(repo, "first"), tree(repo, "second")
    rows = {row.path: row for row in meetings.differences(repo, [(first, second)], "w")[first, second]}
    assert rows["w/b"].new == ""
    assert rows["w/c d\n"].old == ""


def test_nothing_is_asked_for_nothing(repo: Repo) -> None:
    assert meetings.differences(repo, []) == {}
    assert meetings.trees(repo, []) == {}


def test_a_missing_commit_is_named(repo: Repo) -> None:
    with pytest.raises(WrkqError, match="no commit " + "0" * 40):
        meetings.trees(repo, ["0" * 40])


def test_blobs_that_a_path_ever_had(repo: Repo) -> None:
    first, second, main = (branches.tip(repo, f"refs/heads/{name}") or "" for name in ("first", "second", "main"))
    trees = meetings.trees(repo, [first, second, main])
    blobs = {
        row.new
        for old, new in ((first, second), (second, main))
        for row in meetings.differences(repo, [(trees[old], trees[new])], "w")[trees[old], trees[new]]
        if row.path == "w/a"
    }
    assert meetings.blobs_since(repo, main, [first], ["w/a"]) == {"w/a": blobs}
    assert len(meetings.blobs_since(repo, main, [second], ["w/a"])["w/a"]) == 1
    assert meetings.blobs_since(repo, main, [first, second], ["w/a"]) == {"w/a": blobs}
