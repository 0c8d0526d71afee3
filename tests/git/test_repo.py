from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.repos import TestRepo
from wrkq_files.errors import WrkqError
from wrkq_files.git.repo import Repo, blob_id, discover

FILES: dict[str, str | bytes] = {"wrkq/a.md": "a\n"}


@pytest.fixture
def repo(tmp_path: Path) -> TestRepo:
    return TestRepo.init(tmp_path / "r", files=FILES)


def test_discover_walks_upwards(repo: TestRepo) -> None:
    expected = Repo(repo.path, repo.path / ".git", repo.path / ".git")
    assert discover(repo.path / "wrkq") == discover(repo.path) == discover(repo.path / "wrkq/a.md") == expected


def test_discover_agrees_with_git(repo: TestRepo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "-q", str(tmp_path / "side"))
    TestRepo.init(tmp_path / "sep", f"--separate-git-dir={tmp_path / 'elsewhere'}", files=FILES)
    inner = TestRepo.init(repo.path / "wrkq/inner", files=FILES)
    (tmp_path / "link").symlink_to(repo.path / "wrkq")
    for path in (repo.path, tmp_path / "side/wrkq", tmp_path / "sep", inner.path, tmp_path / "link"):
        asked = discover(path, use_git=True)
        assert discover(path) == Repo(asked.top, asked.git_dir, asked.common_dir)
        assert asked.explicit


def test_core_worktree_is_git_s_to_say(repo: TestRepo, tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    repo.git("config", "core.worktree", str(tmp_path / "tree"))
    assert discover(repo.path).top == tmp_path / "tree"


def test_git_dir_from_the_environment(repo: TestRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = TestRepo.init(tmp_path / "other", files={"wrkq/b.md": "b\n"})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_DIR", "r/.git")
    monkeypatch.setenv("GIT_WORK_TREE", "r")
    found = discover(tmp_path, use_git=True)
    assert (found.top, found.git_dir) == (repo.path, repo.path / ".git")
    from wrkq_files.git.read import blob

    assert blob(found, "HEAD:wrkq/a.md") == b"a\n"
    assert other.path.exists()


def test_not_a_repository(tmp_path: Path) -> None:
    for use_git in (False, True):
        with pytest.raises(WrkqError) as caught:
            discover(tmp_path, use_git=use_git)
        assert caught.value.code == "not_a_repository"
        assert "git init" in caught.value.hint


def test_bare_repository(tmp_path: Path, repo: TestRepo) -> None:
    TestRepo.init(tmp_path / "bare", "--bare")
    repo.git("config", "core.bare", "true")
    for path in (tmp_path / "bare", tmp_path / "bare/objects", repo.path):
        for use_git in (False, True):
            with pytest.raises(WrkqError) as caught:
                discover(path, use_git=use_git)
            assert caught.value.code == "bare_repository"


def test_inside_the_git_folder(repo: TestRepo) -> None:
    with pytest.raises(WrkqError) as caught:
        discover(repo.path / ".git/objects")
    assert caught.value.code == "bare_repository"


def test_something_else_named_dot_git(tmp_path: Path, repo: TestRepo) -> None:
    inside = repo.path / "x"
    (inside / ".git").mkdir(parents=True)
    assert discover(inside).top == repo.path
    (inside / ".git").rmdir()
    (inside / ".git").write_text("gitdir: /nowhere\n")
    assert discover(inside).top == repo.path


def test_head_and_branch(repo: TestRepo) -> None:
    where = discover(repo.path)
    assert (where.head(), where.branch()) == (repo.head, "main")
    repo.git("pack-refs", "--all")
    assert where.head() == repo.head
    repo.git("checkout", "-q", "-b", "feature/ü")
    repo.commit({"x": "x"})
    assert (where.head(), where.branch()) == (repo.head, "feature/ü")
    repo.git("checkout", "-q", "--detach")
    assert (where.head(), where.branch()) == (repo.head, None)
    repo.git("checkout", "-q", "--orphan", "empty")
    assert (where.head(), where.branch()) == (None, "empty")


def test_head_through_a_symbolic_branch(repo: TestRepo) -> None:
    repo.git("symbolic-ref", "refs/heads/alias", "refs/heads/main")
    repo.git("symbolic-ref", "HEAD", "refs/heads/alias")
    assert discover(repo.path).head() == repo.head


def test_head_outside_of_refs_heads(repo: TestRepo) -> None:
    repo.git("update-ref", "refs/odd/x", "HEAD")
    (repo.path / ".git/HEAD").write_text("ref: refs/odd/x\n")
    where = discover(repo.path)
    assert where.head() == repo.git("rev-parse", "refs/odd/x")
    assert where.branch() == "odd/x"


def test_a_branch_whose_name_ends_another_s_in_packed_refs(repo: TestRepo) -> None:
    repo.git("branch", "zz/main")
    repo.commit({"x": "x"})
    repo.git("pack-refs", "--all")
    assert discover(repo.path).head() == repo.head


def test_object_format(tmp_path: Path, repo: TestRepo) -> None:
    assert discover(repo.path).object_format == "sha1"
    other = TestRepo.init(tmp_path / "o", "--object-format=sha256", files=FILES)
    assert discover(other.path).object_format == "sha256"
    assert discover(other.path).head() == other.head


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_blob_id(tmp_path: Path, object_format: str) -> None:
    repo = TestRepo.init(tmp_path / "o", f"--object-format={object_format}")
    for data in (b"", b"a\r\n", bytes(range(256))):
        assert blob_id(data, object_format) == repo.git("hash-object", "--stdin", input=data)


def test_importing_costs_no_git_and_no_subprocess() -> None:
    code = (
        "import sys, wrkq_files.git.repo, wrkq_files.git.read, wrkq_files.git.write, wrkq_files.git.history;"
        "import wrkq_files.git.diff; print({'subprocess', 'pygit2', 'filelock', 'json'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
