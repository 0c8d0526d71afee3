"""The hooks that check, as git runs them: commits and pushes, good and bad, to real repositories."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.support.repos import TestRepo

ROOT = Path(__file__).parents[2]
A, B = "T-AAAAAAAA", "T-BBBBBBBB"


def doc(identifier: str, *lines: str) -> str:
    return "\n".join(["---", "title: x", f"id: {identifier}", *lines, "---", ""])


GOOD, BAD = doc(A), doc(A, "state: nonsense")


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on PATH that holds ``wrkq``: this checkout's."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from wrkq_files.cli.program import wrkq; wrkq()"
    (folder / "wrkq").write_text(f"#!{sys.executable}\n{script}\n")
    (folder / "wrkq").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


def with_hooks(repo: TestRepo, *names: str) -> TestRepo:
    folder = Path(repo.git("rev-parse", "--absolute-git-dir")) / "hooks"
    folder.mkdir(exist_ok=True)
    for name in names:
        shutil.copy(ROOT / "hooks" / name, folder / name)
        (folder / name).chmod(0o755)
    return repo


@pytest.fixture
def repo(tmp_path: Path, program: Path) -> TestRepo:
    files = {"plan/wrkq.yaml": "format: 1\n", "plan/x/b.md": doc(B), "code.py": "pass\n"}
    return with_hooks(TestRepo.init(tmp_path / "repo", "-b", "main", files=files), "pre-commit")


@pytest.fixture(params=["pre-receive", "update"])
def server(request: pytest.FixtureRequest, repo: TestRepo, tmp_path: Path) -> TestRepo:
    """A bare repository with a hook, and ``repo`` pushes to it."""
    repo.git("clone", "-q", "--bare", ".", str(tmp_path / "server.git"))
    repo.git("remote", "add", "origin", str(tmp_path / "server.git"))
    repo.git("fetch", "-q")
    (Path(repo.path) / ".git" / "hooks" / "pre-commit").unlink()
    return with_hooks(TestRepo(tmp_path / "server.git"), request.param)


def said(repo: TestRepo, *arguments: str) -> tuple[int, str]:
    done = repo.run(*arguments)
    return done.returncode, (done.stderr + done.stdout).decode()


# Committing


@pytest.mark.parametrize("how", [[], ["-a"], ["--", "plan/x/b.md"]])
def test_a_bad_commit_is_stopped(repo: TestRepo, how: list[str]) -> None:
    """``-a`` and paths have git work with an index of their own."""
    head = repo.git("rev-parse", "HEAD")
    repo.write({"plan/x/b.md": doc(B, "state: nonsense")})
    if not how:
        repo.git("add", "-A")
    status, words = said(repo, "commit", "-m", "bad", *how)
    assert status == 1
    assert "plan/x/b.md:4:8: error: `state` is `nonsense` [unknown-state]" in words
    assert "stopped by 1 error; git commit --no-verify sets the check aside" in words
    assert repo.git("rev-parse", "HEAD") == head
    repo.write({"plan/x/b.md": doc(B, "state: in_review")})
    if not how:
        repo.git("add", "-A")
    assert said(repo, "commit", "-m", "good", *how)[0] == 0
    assert repo.git("status", "--porcelain") == ""


def test_what_is_not_staged_stops_nobody(repo: TestRepo) -> None:
    repo.write({"code.py": "1\n", "plan/x/a.md": BAD})
    repo.git("add", "code.py")
    assert said(repo, "commit", "-m", "code")[0] == 0
    assert repo.git("status", "--porcelain") == "?? plan/x/a.md"


def test_what_is_staged_is_judged_and_not_the_file(repo: TestRepo) -> None:
    repo.write({"plan/x/a.md": BAD})
    repo.git("add", "-A")
    repo.write({"plan/x/a.md": GOOD})
    assert said(repo, "commit", "-m", "bad")[0] == 1


def test_a_folder_below_and_a_linked_worktree(repo: TestRepo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    for place in (repo.path / "plan" / "x", tmp_path / "linked" / "plan" / "x"):
        (place / "a.md").write_text(BAD)
        inside = TestRepo(place)
        inside.git("add", "-A")
        assert said(inside, "commit", "-m", "bad")[0] == 1
        (place / "a.md").write_text(GOOD)
        assert said(inside, "commit", "-m", "good", "-a")[0] == 0


def test_a_hand_made_file_with_only_a_title_passes(repo: TestRepo) -> None:
    repo.write({"plan/x/Buy milk.md": "---\ntitle: Buy milk\n---\n"})
    repo.git("add", "-A")
    status, words = said(repo, "commit", "-m", "hand")
    assert status == 0
    assert "irregular-name" in words


# Pushing


def test_a_bad_push_is_stopped(repo: TestRepo, tmp_path: Path) -> None:
    repo.git("clone", "-q", "--bare", ".", str(tmp_path / "server.git"))
    repo.git("remote", "add", "origin", str(tmp_path / "server.git"))
    with_hooks(repo, "pre-push")
    repo.commit({"plan/x/a.md": GOOD})
    assert said(repo, "push", "origin", "main")[0] == 0
    repo.write({"plan/x/a.md": BAD})
    repo.git("commit", "-q", "-a", "--no-verify", "-m", "bad")
    bad = repo.git("rev-parse", "--short=8", "HEAD")
    repo.write({"plan/x/a.md": GOOD})
    repo.git("commit", "-q", "-a", "-m", "good again")
    for name in ("main", "HEAD:refs/heads/new"):
        status, words = said(repo, "push", "origin", name)
        assert (status, f"(in {bad}) [unknown-state]" in words) == (1, True)
    assert said(repo, "push", "--no-verify", "origin", "main")[0] == 0
    repo.git("fetch", "-q")
    assert said(repo, "push", "origin", "HEAD:refs/heads/new")[0] == 0
    assert said(repo, "push", "origin", ":new")[0] == 0


# Receiving


def test_a_server_refuses_a_bad_push_and_keeps_nothing_of_it(repo: TestRepo, server: TestRepo) -> None:
    repo.commit({"plan/x/a.md": GOOD})
    status, words = said(repo, "push", "origin", "main")
    assert status == 0, words
    repo.commit({"plan/x/a.md": BAD})
    bad = repo.git("rev-parse", "HEAD")
    repo.commit({"plan/x/a.md": GOOD})
    status, words = said(repo, "push", "origin", "main", "HEAD:refs/heads/other")
    assert status == 1
    assert f"plan/x/a.md:4:8: error: `state` is `nonsense` (in {bad[:8]}) [unknown-state]" in words
    assert server.git("rev-parse", "main") == repo.git("rev-parse", "HEAD~2")
    if (server.path / "hooks" / "pre-receive").exists():  # before `update`, git has let the objects in
        assert server.run("cat-file", "-e", bad).returncode != 0
    # The index may have been left at a tree of the quarantine that is gone now.
    repo.git("reset", "-q", "--hard", "HEAD~2")
    repo.commit({"plan/x/c.md": doc("T-CCCCCCCC", f"blocked_by: [{A}]")})
    assert said(repo, "push", "origin", "main")[0] == 0


def test_a_server_takes_deletions_tags_and_other_branches(repo: TestRepo, server: TestRepo) -> None:
    repo.commit({"code.py": "2\n"})
    repo.git("tag", "-a", "-m", "one", "v1")
    repo.git("tag", "blob", "HEAD:code.py")
    status, words = said(repo, "push", "origin", "main", "v1", "blob", "HEAD:refs/heads/other")
    assert status == 0, words
    assert said(repo, "push", "origin", ":other", ":v1")[0] == 0


def test_a_server_without_the_program_takes_everything_and_says_so(
    repo: TestRepo, server: TestRepo, program: Path
) -> None:
    (program / "wrkq").unlink()
    path = os.pathsep.join(
        folder for folder in os.environ["PATH"].split(os.pathsep) if not (Path(folder) / "wrkq").exists()
    )
    repo.commit({"plan/x/a.md": BAD})
    done = repo.run("push", "origin", "main", env={"PATH": path})
    assert done.returncode == 0
    assert b"wrkq is not on PATH" in done.stderr
