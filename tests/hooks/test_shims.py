"""The shims in ``hooks/``, as git runs them: what they start, what they spare, and that they are never in the way."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.sandbox import Sandbox
from wrkq_files.service import hooks, hooktexts

SHIMS = hooktexts.folder()
#: Of those whose scripts can take our block, the ones that are here.
SHELLS = [shell for shell in ("sh", "bash", "dash", "zsh") if shutil.which(shell)]
TASK = "---\ntitle: Task\n---\n"


@pytest.fixture
def hooked(box: Sandbox, calls: Path) -> Sandbox:
    hooks.install(box.door)
    return box


def test_there_is_a_shim_for_each_hook() -> None:
    assert {path.name for path in SHIMS.iterdir()} == {*hooktexts.CLIENT, *hooktexts.SERVER, "README.md"}


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("name", [*hooktexts.CLIENT, *hooktexts.SERVER])
def test_every_shell_reads_them(tmp_path: Path, shell: str, name: str) -> None:
    for text in (hooktexts.own(name), hooktexts.chain(name), hooktexts.with_block(name, b"#!/bin/sh\n:\n")):
        script = tmp_path / name
        script.write_bytes(text)
        done = subprocess.run([shell, "-n", str(script)], capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("name", [*hooktexts.CLIENT, *hooktexts.SERVER])
def test_without_wrkq_it_warns_in_one_line_at_most_and_succeeds(box: Sandbox, bare_path: None, name: str) -> None:
    box.write("inbox/new.md", TASK)
    box.repo.git("add", "-A")
    (box.repo.git_dir / "wrkq/pending.jsonl").write_text("x\n")
    for script in (["sh"], ["sh", "-e"], ["sh", "-u"]):
        done = subprocess.run(
            [*script, str(SHIMS / name), "1", "2", "1"],
            cwd=box.repo.path,
            capture_output=True,
            check=False,
            input=b"",
        )
        assert (done.returncode, done.stdout) == (0, b"")
        assert done.stderr.count(b"\n") == (0 if name.startswith("post-") else 1)
        assert name.startswith("post-") or b"wrkq is not on PATH" in done.stderr


# What starts wrkq


@pytest.mark.parametrize(
    ("path", "starts"),
    [
        ("code.py", False),
        ("docs/readme.mdx", False),
        ("wrkq.yaml.txt", False),
        ("wrkq/inbox/new.md", True),
        ('wrkq/inbox/"quoted" \t.md', True),
        ("other/wrkq.yaml", True),
    ],
)
def test_pre_commit_starts_for_tracker_files_only(hooked: Sandbox, calls: Path, path: str, starts: bool) -> None:
    hooked.repo.commit({path: "x\n"})
    assert calls.read_text() == ("wrkq hook pre-commit --\n" if starts else "")
    hooked.repo.commit({path: None})
    assert calls.read_text().count("pre-commit") == (2 if starts else 0)


def test_pre_commit_starts_for_links_submodules_and_the_first_commit(
    hooked: Sandbox, calls: Path, tmp_path: Path
) -> None:
    (hooked.repo.path / "link").symlink_to("code.py")
    hooked.repo.git("add", "link")
    hooked.repo.git("commit", "-q", "-m", "link")
    assert calls.read_text() == "wrkq hook pre-commit --\n"
    hooked.repo.git("update-index", "--add", "--cacheinfo", f"160000,{hooked.repo.head},sub")
    hooked.repo.git("commit", "-q", "-m", "submodule")
    assert calls.read_text().count("pre-commit") == 2
    hooked.repo.git("checkout", "-q", "--orphan", "other")
    hooked.repo.git("rm", "-rq", "--cached", ".")
    hooked.repo.commit({"code.py": "2\n"})
    assert calls.read_text().count("pre-commit") == 3


def test_pre_commit_looks_at_what_is_committed_and_not_at_what_is_staged(hooked: Sandbox, calls: Path) -> None:
    hooked.write("inbox/new.md", TASK)
    hooked.repo.git("add", "-A")
    hooked.repo.write({"code.py": "2\n"})
    hooked.repo.git("commit", "-q", "-m", "the code alone", "code.py")
    assert calls.read_text() == ""
    hooked.repo.git("commit", "-q", "-m", "the rest")
    assert calls.read_text() == "wrkq hook pre-commit --\n"


def test_message_hooks_start_only_where_something_is_pending(hooked: Sandbox, calls: Path) -> None:
    hooked.repo.commit({"code.py": "2\n"})
    assert calls.read_text() == ""
    (hooked.repo.git_dir / "wrkq/pending.jsonl").write_text("{}\n")
    hooked.repo.commit({"code.py": "3\n"})
    assert calls.read_text().splitlines() == [
        "wrkq hook prepare-commit-msg -- .git/COMMIT_EDITMSG message",
        "wrkq hook commit-msg -- .git/COMMIT_EDITMSG",
    ]


def test_post_hooks_start_after_a_branch_and_not_after_a_file(hooked: Sandbox, calls: Path) -> None:
    hooked.repo.git("checkout", "--", "code.py")
    assert calls.read_text() == ""
    hooked.repo.git("checkout", "-q", "-b", "side")
    assert calls.read_text().startswith("wrkq hook post-checkout -- ")
    hooked.repo.commit({"side.py": "1\n"})
    hooked.repo.git("checkout", "-q", "main")
    hooked.repo.git("merge", "-q", "side")
    assert calls.read_text().splitlines()[-1] == "wrkq hook post-merge -- 0"
    hooked.repo.git("commit", "-q", "--amend", "-m", "again")
    assert calls.read_text().splitlines()[-1] == "wrkq hook post-rewrite -- amend"


# What they answer


def test_pre_commit_and_pre_push_can_refuse(
    hooked: Sandbox, calls: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = tmp_path / "remote.git"
    hooked.repo.git("init", "-q", "--bare", str(remote))
    monkeypatch.setenv("FAKE_EXIT", "1")
    hooked.write("inbox/new.md", TASK)
    hooked.repo.git("add", "-A")
    assert hooked.repo.run("commit", "-q", "-m", "refused").returncode == 1
    assert hooked.repo.run("push", "-q", str(remote), "main").returncode == 1
    monkeypatch.setenv("FAKE_EXIT", "0")
    hooked.repo.git("push", "-q", str(remote), "main")
    pushed = f"  ours: refs/heads/main {hooked.repo.head} refs/heads/main {'0' * 40}"
    assert calls.read_text().splitlines()[-2:] == [f"wrkq hook pre-push -- {remote} {remote}", pushed]


def test_the_others_never_refuse(hooked: Sandbox, calls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_EXIT", "70")
    (hooked.repo.git_dir / "wrkq/pending.jsonl").write_text("{}\n")
    hooked.repo.commit({"code.py": "2\n"})
    done = hooked.repo.run("checkout", "-q", "-b", "side")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert calls.read_text().count("wrkq hook") == 3


# The real one


def test_the_index_is_fresh_after_a_checkout(box: Sandbox, real: None) -> None:
    """Of each tracker of the repository; and in a linked worktree, of its own."""
    hooks.install(box.door)
    box.repo.git("checkout", "-q", "-b", "side")
    box.repo.commit({"wrkq/inbox/side.md": TASK, "two/wrkq.yaml": "format: 1\n", "two/inbox/x.md": TASK})
    box.repo.git("checkout", "-q", "main")
    box.tracker.index.refresh()
    pointers = set(_pointers(box.repo.git_dir))
    box.repo.git("checkout", "-q", "side")
    assert len(set(_pointers(box.repo.git_dir)) - pointers) >= 1
    linked = box.repo.path.parent / "linked"
    box.repo.git("worktree", "add", "-q", str(linked), "-b", "third")
    assert _pointers(box.repo.git_dir / "worktrees/linked")


def _pointers(git_dir: Path) -> list[tuple[str, bytes]]:
    found = [path for path in (git_dir / "wrkq").rglob("*") if path.is_file() and path.stat().st_size < 4096]
    return [(os.fspath(path), path.read_bytes()) for path in found if path.name != "write.lock"]


def test_a_repository_without_a_tracker_is_left_alone(tmp_path: Path, real: None) -> None:
    from tests.support.repos import TestRepo

    repo = TestRepo.init(tmp_path / "plain", files={"README.md": "# Plain\n"})
    for name in hooktexts.CLIENT:
        (repo.git_dir / "hooks" / name).write_bytes(hooktexts.own(name))
        (repo.git_dir / "hooks" / name).chmod(0o755)
    repo.commit({"README.md": "# Plainer\n"})
    done = repo.run("checkout", "-q", "-b", "side")
    assert (done.returncode, done.stderr) == (0, b"")
    assert not (repo.git_dir / "wrkq").exists()
