"""``--at``: what the reading commands answer of a tracker as it was."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.support import Result, run
from tests.support.repos import TestRepo
from tests.support.rights import of_an_ordinary_person
from wrkq_files.git import batch
from wrkq_files.git import run as run_module

TASK = "portal/auth/login-ux"


@pytest.fixture
def then(site: Path) -> str:
    """The commit before everything changed: titles, places, attachments, comments, actors."""
    repo = TestRepo(site)
    commit = repo.head
    for program, *words in (
        ("wrkq", "set", TASK, "title=Changed"),
        ("wrkq", "mv", "portal/rotate-keys", "portal/auth"),
        ("wrkq", "attach", "rm", TASK, "shot.txt"),
        ("wrkq", "comment", "add", TASK, "A second one"),
        ("wrkqadm", "actor", "add", "agent-two", "--role", "agent"),
        ("wrkq", "rm", "portal/auth/old", "--purge", "--yes"),
    ):
        run(*words, program=program, cwd=site)
    repo.git("commit", "-q", "--allow-empty", "-m", "the last")
    return commit


def at(site: Path, commit: str, *words: str, program: str = "wrkq", cwd: Path | None = None) -> Result:
    done = run(*words, "--at", commit, program=program, cwd=cwd or site)
    assert done.exit == 0, done.err
    return done


def test_every_command_says_what_was(site: Path, then: str) -> None:
    assert at(site, then, "ls", "portal", "-1").lines == ["portal/auth", "portal/rotate-keys"]
    assert "rotate-keys  Rotate keys" in at(site, then, "tree").out
    assert at(site, then, "find", "-1", "portal/*").lines == ["portal/rotate-keys"]
    assert at(site, then, "find", "-1", "--label", "ux").lines == [TASK]
    assert [row["title"] for row in at(site, then, "search", "sign-in", "--json").json] == ["Login UX"]
    assert "title: Login UX\n" in at(site, then, "cat", TASK).out
    [facts] = at(site, then, "stat", TASK, "--json").json
    assert (facts["title"], facts["attachments"], facts["state"]) == ("Login UX", ["shot.txt"], "open")
    assert facts["etag"] == TestRepo(site).git("rev-parse", f"{then}:wrkq/{TASK}.md")
    [comment] = at(site, then, "comment", "ls", TASK, "--json").json
    assert "Focus is lost on Firefox" in at(site, then, "comment", "cat", comment["id"]).out
    [attached] = at(site, then, "attach", "ls", TASK, "--json").json
    assert (attached["name"], attached["size"]) == ("shot.txt", 10)
    assert at(site, then, "attach", "get", TASK, "shot.txt").raw == b"a picture\n"
    names = at(site, then, "actor", "ls", "-1", program="wrkqadm").lines
    assert "agent-codex" in names
    assert "agent-two" not in names


def test_the_answer_says_which_moment_it_is(site: Path, then: str) -> None:
    assert at(site, then[:7], "find", "--json").told("meta")["as_of"] == then
    subject = TestRepo(site).git("log", "-1", "--format=%s", then)
    said = at(site, then, "ls").err.splitlines()
    assert any(line.startswith(f"as of {then[:8]} ") and line.endswith(subject) for line in said)
    on_terminal = run("ls", "--at", then, cwd=site, terminal=True)
    assert f"\x1b[2mas of {then[:8]} " in on_terminal.err
    assert "as_of" not in run("find", "--json", cwd=site).err


def test_a_refusal_says_it_too(site: Path, then: str) -> None:
    done = run("cat", "portal/auth/rotate-keys", "--at", then, "--json", cwd=site)
    assert (done.exit, done.told("error")["code"], done.told("meta")["as_of"]) == (3, "not_found", then)


def test_hidden_ones_are_counted_and_pages_go_on(site: Path, then: str) -> None:
    first = at(site, then, "find", "--json", "--limit", "1")
    meta = first.told("meta")
    assert meta["hidden"] == {"closed": 1}
    rest = at(site, then, "find", "--json", "--cursor", meta["next_cursor"])
    assert first.json + rest.json == at(site, then, "find", "--json").json


@pytest.mark.parametrize("target", ["auth", "./auth", "auth/login-ux", "auth/*", "portal/auth", "wrkq/portal/auth"])
def test_from_a_folder(site: Path, then: str, target: str) -> None:
    """The same words mean the same, before a change and after it, from wherever they are said."""
    folder = site / "wrkq" / "portal" if not target.startswith("wrkq") else site
    assert "portal/auth/login-ux" in at(site, then, "ls", "-1", target, cwd=folder).lines


def test_a_folder_that_was_not_there(site: Path, then: str) -> None:
    assert run("mkdir", "later/deep", "-p", cwd=site).exit == 0
    folder = site / "wrkq" / "later" / "deep"
    assert at(site, then, "find", "-1", cwd=folder).lines == at(site, then, "find", "-1").lines
    assert at(site, then, "cat", TASK, cwd=folder).out
    assert at(site, then, "ls", "-1", "/", cwd=folder).lines == at(site, then, "ls", "-1").lines
    done = run("ls", "--at", then, cwd=folder)
    assert (done.exit, "there was no `later/deep`" in done.err) == (3, True)


def test_a_folder_that_is_gone(site: Path, then: str) -> None:
    shutil.rmtree(site / "wrkq" / "portal")
    assert at(site, then, "ls", "-1", "portal").lines == ["portal/auth", "portal/rotate-keys"]


def test_working_files_do_not_matter(site: Path, then: str) -> None:
    (site / "wrkq" / TASK).with_suffix(".md").write_text("---\ntitle: [\n---\n")
    (site / "wrkq" / "portal" / "rotate-keys.md").symlink_to("README.md")
    done = at(site, then, "cat", TASK, "portal/rotate-keys")
    assert "title: Login UX\n" in done.out
    assert "warning" not in done.err


def test_beginnings_of_ids(site: Path, then: str) -> None:
    [row] = at(site, then, "find", "--json", "portal/rotate-keys").json
    assert at(site, then, "stat", row["id"][:6], "--json").json[0]["path"] == "portal/rotate-keys"
    assert run("stat", row["id"], "--json", cwd=site).json[0]["path"] == "portal/auth/rotate-keys"


def test_broken_files_and_links(site: Path) -> None:
    repo = TestRepo(site)
    repo.write({"wrkq/portal/broken.md": "---\ntitle: [\n---\n"})
    (site / "wrkq" / "linked").symlink_to("portal")
    (site / "wrkq" / "portal" / "link.md").symlink_to("README.md")
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "odd")
    commit = repo.head
    for name in ("portal/broken.md", "linked", "portal/link.md"):
        (site / "wrkq" / name).unlink()
    done = at(site, commit, "ls", "portal")
    for name in ("broken.md:3", "link.md"):
        assert any(f"wrkq/portal/{name}" in line and f"(in {commit[:8]})" in line for line in done.err.splitlines())
    told = at(site, commit, "find", "--json").told("meta")
    assert len(told["unreadable"]) == 3
    refused = run("ls", "linked", "--at", commit, "--json", cwd=site)
    assert refused.told("error")["code"] == "refused"
    assert "symbolic link" in refused.told("error")["message"]
    assert run("cat", "portal/broken", "--at", commit, "--json", cwd=site).told("error")["code"] == "unreadable"
    assert run("cat", "portal/link", "--at", commit, "--json", cwd=site).told("error")["code"] == "unreadable"


def test_words_that_are_not_utf8(site: Path, then: str) -> None:
    word = os.fsdecode(b"\xff")
    assert run("cat", word, "--at", then, cwd=site).exit == run("cat", word, cwd=site).exit != 70
    assert run("search", word, "--at", then, cwd=site).exit == run("search", word, cwd=site).exit != 70


def test_what_writes_does_not_take_it(site: Path, then: str) -> None:
    done = run("set", TASK, "--priority", "1", "--at", then, cwd=site)
    assert done.exit == 2
    assert "there is no option --at of `wrkq set`" in done.err
    assert "the past can be looked at, and not changed: --at goes after ls, tree, find" in done.err


@pytest.mark.parametrize("words", [("find",), ("cat", "nowhere"), ("cat", "T-00000000")])
def test_nothing_is_left_open(site: Path, then: str, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[subprocess.Popen[bytes]] = []

    def converse(*arguments: Any) -> subprocess.Popen[bytes]:
        begun.append(run_module.converse(*arguments))
        return begun[-1]

    monkeypatch.setattr(batch, "converse", converse)
    run(*words, "--at", then, cwd=site)
    assert begun
    assert all(each.returncode is not None for each in begun)


# Where the tracker was


def test_a_tracker_that_moved(site: Path, then: str) -> None:
    repo = TestRepo(site)
    repo.git("mv", "wrkq", "plan")
    repo.git("commit", "-q", "-m", "moved")
    done = at(site, then, "ls", "portal", "--json", "--root", "plan")
    assert [row["path"] for row in done.json] == ["portal/auth", "portal/rotate-keys"]
    assert done.told("meta")["notes"] == ["the tracker lies in `wrkq` there"]
    assert "notes" not in at(site, then, "ls", "--json").told("meta"), "beside code, nobody would look elsewhere"
    inside = at(site, then, "ls", "-1", cwd=site / "plan" / "portal")
    assert inside.lines == ["portal/auth", "portal/rotate-keys"]
    assert "the tracker lies in `wrkq` there" in inside.err


def test_a_tracker_that_is_deleted(site: Path, then: str) -> None:
    repo = TestRepo(site)
    repo.git("rm", "-q", "-r", "wrkq")
    repo.git("commit", "-q", "-m", "gone")
    shutil.rmtree(site / "wrkq", ignore_errors=True)
    assert at(site, then, "find", "-1", "portal/*").lines == ["portal/rotate-keys"]
    assert at(site, then, "find", "-1", "portal/*", "--root", "wrkq").lines == ["portal/rotate-keys"]
    assert run("find", "--at", then, "--root", "nowhere", cwd=site).exit == 3


def test_on_another_branch(site: Path, then: str) -> None:
    repo = TestRepo(site)
    repo.git("checkout", "-q", "--orphan", "code")
    repo.git("rm", "-q", "-r", "-f", ".")
    repo.commit({"code.py": ""})
    assert at(site, "main", "find", "-1", "portal/auth/rotate-keys").lines


def test_a_format_that_is_not_ours(site: Path, then: str) -> None:
    repo = TestRepo(site)
    commit = repo.commit({"wrkq/wrkq.yaml": "format: 99\n"})
    repo.git("revert", "--no-edit", "HEAD")
    done = run("ls", "--at", commit, "--json", cwd=site)
    assert done.told("error")["code"] == "format"
    assert f"(in {commit[:8]} " in done.told("error")["message"]


def test_before_there_was_a_tracker(repo: Path) -> None:
    made = TestRepo(repo)
    first = made.commit({"code.py": ""})
    run("init", "--commit", program="wrkqadm", cwd=repo)
    done = run("ls", "--at", first, "--json", cwd=repo)
    error = done.told("error")
    assert (done.exit, error["code"]) == (3, "no_tracker")
    assert f"there was no tracker at `{first}`" in error["message"]
    assert "git log" in error["hint"]


def test_several_trackers(site: Path, then: str) -> None:
    """Another tracker of that moment is not ours under another name while it is still there."""
    repo = TestRepo(site)
    place = site / "docs" / "plan"
    place.mkdir(parents=True)
    run("init", "docs/plan", "--commit", program="wrkqadm", cwd=site)
    run("add", "Only here", "--root", "docs/plan", "--commit", cwd=site)
    done = run("ls", "--at", then, "--json", cwd=place)
    assert done.exit == 0
    assert done.told("meta")["notes"] == ["the tracker lies in `wrkq` there"], "it lies beside code"
    refused = run("ls", "--at", then, "--json", "--root", "docs/plan", cwd=site)
    assert (refused.exit, refused.told("error")["details"]) == (3, {"trackers": ["wrkq"]})
    assert "wrkq --root wrkq" in refused.told("error")["hint"]
    identifier = run("find", "--json", "--root", "docs/plan", cwd=site).json[0]["id"]
    elsewhere = at(site, repo.head, "stat", identifier, "--json")
    assert elsewhere.json[0]["title"] == "Only here"


def test_a_bare_repository(site: Path, then: str, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    TestRepo(site).git("clone", "-q", "--bare", ".", str(bare))
    assert at(bare, then, "find", "-1", "portal/*").lines == ["portal/rotate-keys"]


def test_an_empty_repository(repo: Path) -> None:
    for word in ("HEAD", "today"):
        done = run("ls", "--at", word, "--json", cwd=repo)
        assert (done.exit, done.told("error")["code"]) == (3, "not_found")
    assert run("ls", "--at", "HEAD", cwd=repo.parent).exit == 1


def test_a_linked_worktree(site: Path, then: str, tmp_path: Path) -> None:
    """HEAD is its own there."""
    repo, linked = TestRepo(site), tmp_path / "linked"
    repo.git("worktree", "add", "-q", "--detach", str(linked), then)
    assert at(linked, "HEAD", "find", "-1", "portal/*").lines == ["portal/rotate-keys"]
    assert at(site, "HEAD", "find", "-1", "portal/*").lines == []
    assert at(linked, "main", "find", "-1", "portal/*").lines == []


@pytest.mark.parametrize("is_known", [True, False])
def test_a_git_directory_that_cannot_be_written(site: Path, then: str, is_known: bool) -> None:
    if is_known:
        at(site, "HEAD", "find")
    else:
        shutil.rmtree(site / ".git" / "wrkq")
    folders = [site / ".git", *(each for each in (site / ".git").rglob("*") if each.is_dir())]
    modes = {each: each.stat().st_mode for each in folders}
    for each in folders:
        each.chmod(0o555)
    try:
        with of_an_ordinary_person():
            for _ in range(2):
                assert at(site, then, "find", "-1", "portal/*").lines == ["portal/rotate-keys"]
                assert [row["title"] for row in at(site, then, "search", "sign-in", "--json").json] == ["Login UX"]
    finally:
        for each, mode in modes.items():
            each.chmod(mode)


def test_a_repository_of_sha256(tmp_path: Path, home: Path) -> None:
    repo = TestRepo.init(tmp_path / "repo", "--object-format=sha256")
    run("init", "--commit", program="wrkqadm", cwd=repo.path)
    run("add", "First", "--commit", cwd=repo.path)
    commit = repo.head
    run("set", "inbox/first", "title=Second", "--commit", cwd=repo.path)
    assert [row["title"] for row in at(repo.path, commit, "find", "--json").json] == ["First"]
    [facts] = at(repo.path, commit, "stat", "inbox/first", "--json").json
    assert facts["etag"] == repo.git("rev-parse", f"{commit}:wrkq/inbox/first.md")


@pytest.mark.parametrize("word", ["0d", "-0h", "today", "main", "@"])
def test_words_for_now(site: Path, then: str, word: str) -> None:
    assert at(site, word, "find", "--json").told("meta")["as_of"] == TestRepo(site).head


def test_check_takes_the_same_words(site: Path, then: str) -> None:
    assert run("check", "--at", "today", cwd=site).exit == 0
    assert run("check", "--at", "2001-01-01", cwd=site).exit == 3


def test_two_at_once(site: Path, then: str) -> None:
    """What is kept of a tree moves on below those who read it."""
    now = TestRepo(site).head
    expected = {commit: at(site, commit, "find", "-a", "--json").json for commit in (then, now)}
    found = {commit: at(site, commit, "search", "o*", "--json").json for commit in (then, now)}
    assert expected[then] != expected[now]
    code = "import sys; from wrkq_files.cli.main import run; sys.exit(run('wrkq', sys.argv[1:]))"
    program = [sys.executable, "-c", code]

    def started(commit: str, *words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*program, *words, "--json", "--at", commit], cwd=site, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    begun = time.monotonic()
    for _ in range(3):
        running = [(commit, started(commit, "find", "-a"), expected) for commit in (then, now)]
        running += [(commit, started(commit, "search", "o*"), found) for commit in (now, then)]
        for commit, process, wanted in running:
            out, _ = process.communicate()
            assert json.loads(out) == wanted[commit]
    assert time.monotonic() - begun < 60
