from __future__ import annotations

from pathlib import Path

import pytest

from tests.git.writer import ours
from tests.support.repos import TestRepo
from wrkq_files.errors import WrkqError
from wrkq_files.git import run
from wrkq_files.git.read import Status, blob, blobs, clean_id, email, identity, in_progress, status, tracked, unmerged

A = "wrkq/a.md"


@pytest.fixture
def repo(tmp_path: Path) -> TestRepo:
    return TestRepo.init(tmp_path / "r", files={A: "a\n", "wrkq/b.md": "b\n", "src/x.py": "x\n"})


@pytest.fixture
def conflicted(repo: TestRepo) -> TestRepo:
    repo.git("checkout", "-qb", "other")
    repo.commit({A: "theirs\n"})
    repo.git("checkout", "-q", "main")
    repo.commit({A: "ours\n"})
    return repo


def test_blobs(repo: TestRepo) -> None:
    repo.write({A: "staged\n", "wrkq/new line\n.md": "n\n", "wrkq/s p ü.md": "s\n"})
    repo.git("add", ".")
    specs = [
        f"HEAD:{A}",
        f":{A}",
        "HEAD:none",
        ":none",
        "HEAD:wrkq",
        ":wrkq/new line\n.md",
        ":wrkq/s p ü.md",
        "nope:x",
    ]
    assert blobs(ours(repo), specs) == dict(
        zip(specs, [b"a\n", b"staged\n", None, None, None, b"n\n", b"s\n", None], strict=True)
    )
    assert blobs(ours(repo), []) == {}
    assert blob(ours(repo), "HEAD:a\nb") is None


def test_blobs_with_any_bytes(repo: TestRepo) -> None:
    data = b"\n\0HEAD:x missing\n" * 20_000
    repo.commit({"big": data, "empty": b""})
    assert blobs(ours(repo), ["HEAD:empty", "HEAD:big", f"HEAD:{A}"]) == {
        "HEAD:empty": b"",
        "HEAD:big": data,
        f"HEAD:{A}": b"a\n",
    }


def test_blobs_of_the_index_a_hook_is_given(repo: TestRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    other = str(repo.git_dir / "other-index")
    repo.write({A: "in the other\n"})
    for command in (["read-tree", "HEAD"], ["add", A]):
        repo.git(*command, env={"GIT_INDEX_FILE": other})
    monkeypatch.setenv("GIT_INDEX_FILE", other)
    assert blob(ours(repo), f":{A}") == b"in the other\n"


def test_status(repo: TestRepo) -> None:
    repo.commit({"wrkq/move.md": "a line that is long enough\n", "wrkq/gone.md": "g\n"})
    assert status(ours(repo)) == []
    repo.git("mv", "wrkq/move.md", "wrkq/moved to.md")
    repo.write({A: "1\n", "wrkq/b.md": "1\n", "wrkq/n/u ü\n.md": "u\n", "src/x.py": "1\n", "wrkq/gone.md": None})
    repo.git("add", A)
    repo.write({A: "2\n"})
    assert sorted(status(ours(repo), "wrkq"), key=lambda one: one.path) == [
        Status(A, "M", "M"),
        Status("wrkq/b.md", ".", "M"),
        Status("wrkq/gone.md", ".", "D"),
        Status("wrkq/moved to.md", "R", ".", orig="wrkq/move.md"),
        Status("wrkq/n/u ü\n.md", ".", "?", untracked=True),
    ]
    assert "src/x.py" in {one.path for one in status(ours(repo))}


def test_status_takes_no_lock(repo: TestRepo) -> None:
    (repo.path / A).touch()
    before = (repo.git_dir / "index").stat().st_mtime_ns
    assert status(ours(repo)) == []
    assert (repo.git_dir / "index").stat().st_mtime_ns == before


def test_a_prefix_is_not_a_pattern(repo: TestRepo) -> None:
    repo.write({"w*/x": "x", "w1/x": "x", ":(top)/x": "x"})
    assert [one.path for one in status(ours(repo), "w*")] == ["w*/x"]
    assert [one.path for one in status(ours(repo), ":(top)")] == [":(top)/x"]


def test_tracked(repo: TestRepo) -> None:
    repo.write({"wrkq/ü\n.md": "1\n", "wrkq/untracked": "u\n"})
    repo.git("add", "wrkq/ü\n.md")
    assert tracked(ours(repo)) == ["src/x.py", A, "wrkq/b.md", "wrkq/ü\n.md"]


def test_merge_in_progress(conflicted: TestRepo) -> None:
    assert in_progress(ours(conflicted)) is None
    assert conflicted.run("merge", "other").returncode == 1
    assert in_progress(ours(conflicted)) == "merge"
    assert unmerged(ours(conflicted), "wrkq") == [A]
    assert unmerged(ours(conflicted), "src") == []
    assert status(ours(conflicted)) == [Status(A, "U", "U", unmerged=True)]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["rebase", "other"], "rebase"),
        (["rebase", "--apply", "other"], "rebase"),
        (["cherry-pick", "other"], "cherry-pick"),
        (["revert", "HEAD~1"], "revert"),
        (["bisect", "start"], "bisect"),
    ],
)
def test_in_progress(conflicted: TestRepo, command: list[str], expected: str) -> None:
    conflicted.commit({A: "more\n"})
    conflicted.run(*command)
    assert in_progress(ours(conflicted)) == expected


def test_between_two_picks(conflicted: TestRepo) -> None:
    conflicted.commit({A: "more\n"})
    conflicted.run("cherry-pick", "HEAD~1", "other")
    conflicted.git("reset", "-q", "--hard")
    (conflicted.git_dir / "CHERRY_PICK_HEAD").unlink(missing_ok=True)
    assert in_progress(ours(conflicted)) == "cherry-pick"


def test_in_progress_is_each_worktree_s_own(conflicted: TestRepo, tmp_path: Path) -> None:
    conflicted.git("worktree", "add", "-q", str(tmp_path / "side"), "other")
    conflicted.run("merge", "other")
    assert in_progress(ours(TestRepo(tmp_path / "side"))) is None


def test_a_stash_that_does_not_apply_leaves_only_unmerged_entries(repo: TestRepo) -> None:
    repo.write({A: "stashed\n"})
    repo.git("stash", "-q")
    repo.commit({A: "committed\n"})
    assert repo.run("stash", "pop").returncode == 1
    assert in_progress(ours(repo)) is None
    assert unmerged(ours(repo)) == [A]


def test_identity(repo: TestRepo, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert identity(ours(repo)) == ("Robin Example", "robin@example.com")
    assert email(ours(repo)) == "robin@example.com"
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "env@example.com")
    assert email(ours(repo)) == "env@example.com"
    monkeypatch.delenv("GIT_AUTHOR_EMAIL")
    (home / ".gitconfig").write_text("[user]\n\tuseConfigOnly = true\n")
    assert identity(ours(repo)) is None
    assert email(ours(repo)) is None


def test_clean_id(repo: TestRepo) -> None:
    assert clean_id(ours(repo), A, b"a\n") == repo.git("rev-parse", f"HEAD:{A}")
    repo.write({".gitattributes": "*.md text\n"})
    assert clean_id(ours(repo), "wrkq/x\ny.md", b"a\r\n") == repo.git("rev-parse", f"HEAD:{A}")


def test_a_failing_git_says_what_git_said(repo: TestRepo) -> None:
    with pytest.raises(WrkqError) as caught:
        run.git(ours(repo), "cat-file", "blob", "HEAD:nothing")
    assert caught.value.code == "git"
    assert caught.value.message.startswith("git cat-file: fatal: path 'nothing' does not exist")
    assert caught.value.details["status"] == 128


def test_somebody_else_s_repository_is_refused_with_the_way_out(
    repo: TestRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(WrkqError, match="dubious ownership") as caught:
        status(ours(repo))
    assert "safe.directory" in caught.value.hint


def test_no_git(repo: TestRepo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(WrkqError, match="no such folder"):
        run.git(tmp_path / "missing", "version")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(WrkqError, match="could not be started"):
        run.git(ours(repo), "version")


def test_input_larger_than_a_pipe(repo: TestRepo) -> None:
    data = b"x" * 1_000_000
    assert len(
        run.git(
            ours(repo),
            "cat-file",
            "blob",
            run.git(ours(repo), "hash-object", "-w", "--stdin", input=data).decode().strip(),
        )
    ) == len(data)


def test_a_git_that_does_not_read_its_input(repo: TestRepo) -> None:
    assert run.git(ours(repo), "version", input=b"x" * 4000).startswith(b"git version")
    assert run.git(ours(repo), "version", input=b"x" * 400_000).startswith(b"git version")
