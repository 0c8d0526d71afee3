"""`wrkq conflicts` and `wrkq resolve`, in every way that git can leave a file in conflict."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.support import Result, run
from tests.hooks.conftest import REAL
from tests.support.repos import TestRepo
from wrkq_files.git.repo import discover
from wrkq_files.service import driving

PATH = "wrkq/inbox/login.md"
TASK = """\
---
id: T-00000001
title: Login
priority: 2
labels:
  - a
---

One line.

Another line.
"""
ROBIN, ANN = "robin@example.com", "ann@example.org"


class Desk:
    """A tracker in which ``main`` and ``topic`` disagree about the title and the last line."""

    def __init__(self, path: Path) -> None:
        self.repo = TestRepo.init(path)
        assert run("init", program="wrkqadm", cwd=path).exit == 0
        assert run("actor", "add", "ann", "--email", ANN, program="wrkqadm", cwd=path).exit == 0
        self.repo.commit({PATH: TASK, "code.txt": "1\n"}, "base")
        self.repo.git("add", "-A")
        self.repo.git("commit", "-q", "--allow-empty", "-m", "all of it")
        self.repo.git("branch", "topic")
        self.edit("title: Login", "title: Log in", "Say it in two words")
        self.edit("Another line.", "Another line, of ours.", "Ours")
        self.repo.git("switch", "-q", "topic")
        self.edit("title: Login", "title: Sign in", "Another word", ANN)
        self.edit("Another line.", "Another line, of theirs.", "Theirs", ANN)
        self.repo.git("switch", "-q", "main")

    def edit(self, old: str, new: str, message: str = "edit", who: str = ROBIN) -> None:
        assert old in self.text
        self.repo.commit({PATH: self.text.replace(old, new, 1)}, message, f"--author=A Name <{who}>")

    @property
    def text(self) -> str:
        return self.repo.read(PATH).decode()

    def install(self) -> None:
        driving.put_in(discover(self.repo.path))

    def wrkq(self, *words: str, **how: Any) -> Result:
        return run(*words, cwd=self.repo.path, **how)

    def open(self, *fields: str) -> list[Any]:
        """What is in conflict; with fields, these, as a tuple each."""
        done = self.wrkq("conflicts", "--json", "--fields", ",".join(fields or ("field", "ours", "theirs")))
        assert done.exit == 0, done.err
        return [tuple(row.values()) for row in done.json]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("conflicts") / "desk"


@pytest.fixture
def desk(tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/wrkq").write_text(REAL)
    (tmp_path / "bin/wrkq").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/local/bin:/usr/bin:/bin")
    if not kept.exists():
        Desk(kept)
    made = Desk.__new__(Desk)
    shutil.copytree(kept, tmp_path / "desk", symlinks=True)
    made.repo = TestRepo(tmp_path / "desk")
    made.repo.git("update-index", "-q", "--refresh")
    made.install()
    return made


TITLE = ("title", "Log in", "Sign in")
BODY = ("body", "Another line, of ours.\n", "Another line, of theirs.\n")


# What is open


def test_nothing(desk: Desk) -> None:
    done = desk.wrkq("conflicts")
    assert (done.exit, done.out) == (0, "nothing is in conflict\n")
    assert desk.open() == []


def test_a_merge(desk: Desk) -> None:
    assert desk.repo.run("merge", "topic").returncode == 1
    assert desk.open() == [TITLE, BODY]
    ours, theirs = desk.repo.git("rev-parse", "main", "topic").split()
    assert desk.open(
        "path", "base", "ours_name", "ours_by", "ours_commit", "theirs_name", "theirs_by", "theirs_commit"
    )[0] == ("inbox/login", "Login", "main", "robin", ours, "topic", "ann", theirs)
    assert desk.open("file", "id", "why")[0] == ("inbox/login.md", "T-00000001", "")
    [at] = {row[0] for row in desk.open("theirs_at")}
    assert at.endswith("Z")
    assert "1 file in conflict: wrkq conflicts" in desk.wrkq("status").out


def test_in_words(desk: Desk) -> None:
    desk.repo.run("merge", "topic")
    lines = desk.wrkq("conflicts").lines
    assert lines[:2] == ["inbox/login  title", "  base    Login"]
    assert lines[2].startswith("  ours    Log in  main, robin, 2")
    assert lines[3].startswith("  theirs  Sign in  topic, ann, 2")


def test_a_rebase_says_whose_side_is_whose(desk: Desk) -> None:
    desk.repo.git("switch", "-q", "topic")
    assert desk.repo.run("rebase", "main").returncode == 1
    assert desk.open() == [TITLE]
    commit = desk.repo.git("rev-parse", "topic~1")
    assert desk.open("ours_name", "ours_by", "theirs_name", "theirs_by", "theirs_commit") == [
        ("main", "robin", f"topic {commit[:8]} Another word", "ann", commit)
    ]
    assert "a rebase: ours is main, theirs is topic" in desk.wrkq("conflicts").err
    done = desk.wrkq("resolve", "inbox/login", "--theirs")
    assert (
        done.out == "T-00000001 inbox/login: title: theirs, staged; none is left: git rebase --continue  [written]\n"
    )
    assert desk.repo.run("-c", "core.editor=true", "rebase", "--continue").returncode == 1
    assert desk.open() == [BODY]


def test_a_rebase_that_applies_patches(desk: Desk) -> None:
    desk.repo.git("switch", "-q", "topic")
    assert desk.repo.run("rebase", "--apply", "main").returncode == 1
    assert desk.open() == [TITLE]
    assert desk.open("ours_name", "theirs_by") == [("main", "ann")]


def test_a_cherry_pick(desk: Desk) -> None:
    assert desk.repo.run("cherry-pick", "topic~1").returncode == 1
    assert desk.open() == [TITLE]
    commit = desk.repo.git("rev-parse", "topic~1")
    assert desk.open("ours_name", "theirs_name", "theirs_by") == [("main", f"{commit[:8]} Another word", "ann")]
    assert "git cherry-pick --continue" in desk.wrkq("resolve", "inbox/login", "--theirs").out


def test_of_a_cherry_pick_nothing_may_be_left(desk: Desk) -> None:
    assert desk.repo.run("cherry-pick", "topic~1").returncode == 1
    assert "none is left: git cherry-pick --skip" in desk.wrkq("resolve", "inbox/login", "--ours").out
    desk.repo.git("cherry-pick", "--skip")
    assert desk.repo.status() == []


def test_a_revert(desk: Desk) -> None:
    desk.edit("title: Log in", "title: Enter")
    commit = desk.repo.git("rev-parse", "main~2")
    assert desk.repo.run("revert", "--no-edit", commit).returncode == 1
    assert desk.open() == [("title", "Enter", "Login")]
    assert desk.open("theirs_name", "theirs_by") == [(f"before {commit[:8]}", "robin")]
    assert "git revert --continue" in desk.wrkq("resolve", "inbox/login", "--theirs").out


def test_a_stash(desk: Desk) -> None:
    desk.repo.git("switch", "-q", "topic")
    desk.repo.write({PATH: desk.text.replace("Sign in", "Identify")})
    desk.repo.git("stash", "-q")
    desk.repo.git("switch", "-q", "main")
    assert desk.repo.run("stash", "pop").returncode == 1
    assert desk.open() == [("title", "Log in", "Identify")]
    assert desk.open("ours_name", "theirs_name", "theirs_by") == [("main", "stash@{0}", "robin")]
    assert "none is left: git stash drop" in desk.wrkq("resolve", "inbox/login", "--theirs").out
    assert "title: Identify\n" in desk.text


def test_a_squash(desk: Desk) -> None:
    assert desk.repo.run("merge", "--squash", "topic").returncode == 1
    assert desk.open("field", "theirs_name", "theirs_by")[0] == ("title", "topic", "ann")
    assert "none is left: git commit" in desk.wrkq("resolve", "inbox/login", "--theirs").out


def test_a_trailer_says_who(desk: Desk) -> None:
    desk.repo.git("switch", "-q", "topic")
    desk.edit("title: Sign in", "title: Enter", "Shorter\n\nWrkq-Actor: agent-codex")
    desk.repo.git("switch", "-q", "main")
    desk.repo.run("merge", "topic")
    assert desk.open("theirs_by")[0] == ("agent-codex",)


def test_without_the_driver_git_s_own_markers(desk: Desk) -> None:
    desk.repo.git("switch", "-q", "topic")
    desk.edit("priority: 2", "priority: 1", "Sooner", ANN)
    desk.repo.git("switch", "-q", "main")
    desk.repo.git("config", "--remove-section", "merge.wrkq")
    desk.repo.git("config", "merge.conflictStyle", "diff3")
    assert desk.repo.run("merge", "topic").returncode == 1
    assert "|||||||" in desk.text
    [first, second] = desk.open()
    assert first[0] == "title, priority"
    assert first[1] == {"title": "Log in", "priority": 2}
    assert second == BODY
    done = desk.wrkq("resolve", "inbox/login", "--theirs", "--field", "title")
    assert (done.exit, "together with title, priority" in done.err) == (1, True)
    desk.wrkq("resolve", "inbox/login", "--theirs")
    assert desk.text == desk.repo.git("show", f"topic:{PATH}") + "\n"


def test_deleted_on_one_side(desk: Desk) -> None:
    desk.repo.git("switch", "-q", "topic")
    desk.repo.commit({PATH: None}, "Not needed", f"--author=Ann <{ANN}>")
    desk.repo.git("switch", "-q", "main")
    assert desk.repo.run("merge", "topic").returncode == 1
    assert desk.open("field", "ours", "theirs", "why", "theirs_by") == [
        ("", "title Log in, text", "deleted", "changed on our side, deleted on theirs", "ann")
    ]
    done = desk.wrkq("resolve", "T-00000001", "--theirs", "--field", "title")
    assert (done.exit, "as a whole" in done.err) == (1, True)
    assert "deleted file" in desk.wrkq("resolve", "T-00000001", "--theirs", "--dry-run").out
    assert (desk.repo.path / PATH).exists()
    done = desk.wrkq("resolve", "T-00000001", "--theirs")
    assert "theirs: deleted, staged; none is left: git commit" in done.out
    assert desk.repo.status() == [f"D  {PATH}"]


def test_deleted_on_our_side_and_kept(desk: Desk) -> None:
    desk.repo.commit({PATH: None}, "Not needed")
    assert desk.repo.run("merge", "topic").returncode == 1
    assert desk.open("ours", "why") == [("deleted", "deleted on our side, changed on theirs")]
    assert "theirs: kept, staged" in desk.wrkq("resolve", PATH, "--theirs").out
    assert desk.repo.status() == [f"A  {PATH}"]
    assert "title: Sign in" in desk.text


def test_both_added(desk: Desk) -> None:
    new = "wrkq/inbox/new.md"
    desk.repo.commit({new: "---\nid: T-00000002\ntitle: One\n---\n"})
    desk.repo.git("switch", "-q", "topic~2", "-c", "other")
    desk.repo.commit({new: "---\nid: T-00000003\ntitle: Other\n---\n"})
    assert desk.repo.run("merge", "main").returncode == 1
    assert desk.open("field", "why") == [("", "both sides made a document of this name, with ids of their own")]
    desk.wrkq("resolve", new, "--theirs")
    assert desk.repo.read(new) == b"---\nid: T-00000002\ntitle: One\n---\n"


def test_renamed_on_both_sides(desk: Desk) -> None:
    desk.repo.git("mv", PATH, "wrkq/inbox/here.md")
    desk.repo.git("commit", "-q", "-m", "move")
    desk.repo.git("switch", "-q", "topic")
    desk.repo.git("mv", PATH, "wrkq/inbox/there.md")
    desk.repo.git("commit", "-q", "-m", "move")
    desk.repo.git("switch", "-q", "main")
    assert desk.repo.run("merge", "topic").returncode == 1
    assert desk.open("path", "why") == [
        ("inbox/here", "only our side has it under this name"),
        ("inbox/login", "both sides have moved or deleted it"),
        ("inbox/there", "only their side has it under this name"),
    ]
    assert "2 conflicts are left" in desk.wrkq("resolve", "inbox/there", "--ours").out
    for name in ("inbox/login", "inbox/here"):
        assert desk.wrkq("resolve", name, "--ours").exit == 0
    assert desk.open() == []
    assert not (desk.repo.path / "wrkq/inbox/there.md").exists()


def test_moved_here_and_edited_there(desk: Desk) -> None:
    desk.repo.git("mv", PATH, "wrkq/inbox/here.md")
    desk.repo.git("commit", "-q", "-m", "move")
    desk.repo.run("merge", "topic")
    commit = desk.repo.git("rev-parse", "topic")
    assert desk.open("path", "field", "theirs_by", "theirs_commit")[0] == ("inbox/here", "title", "ann", commit)


def test_the_settings_themselves(desk: Desk) -> None:
    name = "wrkq/wrkq.yaml"
    settings = desk.repo.read(name).decode()
    for branch, days in (("main", 7), ("topic", 9)):
        desk.repo.git("switch", "-q", branch)
        desk.repo.commit({name: f"{settings}in_flight_days: {days}\n"})
    desk.repo.run("merge", "main")
    assert desk.open("path", "field", "ours")[-1] == ("wrkq.yaml", "", "in_flight_days: 9\n")
    assert desk.wrkq("resolve", "wrkq.yaml", "--theirs").exit == 0
    assert desk.repo.read(name).decode().endswith("in_flight_days: 7\n")


def test_markers_that_were_committed(desk: Desk) -> None:
    desk.repo.run("merge", "topic")
    desk.repo.git("commit", "-q", "-a", "-m", "Oh")
    assert [row[:3] for row in desk.open()] == [TITLE, BODY]
    assert desk.open("why", "ours_by")[0] == ("markers are in the file, and git knows of no conflict", None)
    done = desk.wrkq("resolve", "T-00000001", "--ours")
    assert "body: ours; none is left" in done.out
    assert desk.repo.status() == [f" M {PATH}"], "what git does not ask for is not staged"


def test_an_example_in_a_fence_is_none(desk: Desk) -> None:
    example = "\n```\n<<<<<<< a\n1\n=======\n2\n>>>>>>> b\n```\n"
    desk.edit("\nOne line.\n", f"{example}\nOne line.\n")
    assert desk.open() == []
    desk.repo.run("merge", "topic")
    assert desk.open() == [TITLE, BODY]
    assert desk.wrkq("resolve", PATH, "--ours").exit == 0
    assert example in desk.text


# Settling


def test_a_field_and_then_the_rest(desk: Desk) -> None:
    desk.repo.run("merge", "topic")
    before = desk.text
    dry = desk.wrkq("resolve", PATH, "--theirs", "--field", "title", "--dry-run")
    assert "-title: Log in\n" in dry.out
    assert (dry.exit, desk.text) == (0, before)
    done = desk.wrkq("resolve", PATH, "--theirs", "--field", "title", "--json").json
    assert {name: done[name] for name in ("status", "staged", "left", "next", "files")} == {
        "status": "written",
        "staged": False,
        "left": 1,
        "next": "wrkq conflicts",
        "files": [PATH],
    }
    assert desk.open() == [BODY]
    assert desk.repo.git("ls-files", "-u") != ""
    done = desk.wrkq("resolve", "inbox/login", "--field", "body", "--ours")
    assert done.out == "T-00000001 inbox/login: body: ours, staged; none is left: git commit  [written]\n"
    assert desk.text == TASK.replace("title: Login", "title: Sign in").replace(
        "Another line.", "Another line, of ours."
    )
    desk.repo.git("commit", "-q", "--no-edit")
    assert desk.repo.status() == []


def test_a_value(desk: Desk) -> None:
    desk.repo.run("merge", "topic")
    assert desk.wrkq("resolve", PATH, "--field", "title", "--value", "Enter: here").exit == 0
    assert "title: 'Enter: here'\npriority: 2\n" in desk.text
    assert desk.wrkq("resolve", PATH, "--field", "body", "--value", "A last line.").exit == 0
    assert desk.text.endswith("One line.\n\nA last line.\n")
    assert desk.open() == []


def test_a_value_of_fields_that_count_as_one(desk: Desk) -> None:
    desk.edit("priority: 2", "state: in_progress\nassignee: robin\npriority: 2")
    desk.repo.git("switch", "-q", "topic")
    desk.edit("priority: 2", "state: completed\npriority: 2")
    desk.repo.git("switch", "-q", "main")
    desk.repo.run("merge", "topic")
    assert [row[0] for row in desk.open()] == ["title", "state", "body"]
    assert desk.wrkq("resolve", PATH, "--field", "assignee", "--value", "ann").exit == 0
    assert "state: in_progress\nassignee: ann\npriority: 2\n" in desk.text


def test_a_value_that_does_not_fit_changes_nothing(desk: Desk) -> None:
    desk.edit("priority: 2", "priority: 1")
    desk.repo.git("switch", "-q", "topic")
    desk.edit("priority: 2", "priority: 4")
    desk.repo.git("switch", "-q", "main")
    desk.repo.run("merge", "topic")
    before = desk.text
    done = desk.wrkq("resolve", PATH, "--field", "priority", "--value", "soon", "--json")
    assert (done.exit, done.told("error")["code"], desk.text) == (1, "validation", before)


def test_what_cannot_be_read_is_not_staged(desk: Desk) -> None:
    desk.repo.git("switch", "-q", "topic")
    desk.edit("title: Sign in", "title: Sign: in")
    desk.repo.git("switch", "-q", "main")
    desk.repo.run("merge", "topic")
    before = desk.text
    done = desk.wrkq("resolve", PATH, "--theirs", "--json")
    assert (done.exit, done.told("error")["code"], desk.text) == (1, "unreadable", before)
    assert desk.repo.git("ls-files", "-u") != ""


def test_nothing_else_is_staged(desk: Desk) -> None:
    desk.repo.run("merge", "topic")
    desk.repo.write({"code.txt": "2\n", "wrkq/inbox/other.md": "---\ntitle: Other\n---\n"})
    desk.wrkq("resolve", PATH, "--ours")
    assert desk.repo.status() == [" M code.txt", "?? wrkq/inbox/other.md"]


def test_line_ends_and_odd_bytes_stay(desk: Desk) -> None:
    crlf = desk.text.replace("\n", "\r\n")
    desk.repo.run("merge", "topic")
    marked = desk.text.replace("\n", "\r\n").encode() + b"caf\xe9"
    desk.repo.write({PATH: marked})
    assert desk.wrkq("resolve", PATH, "--ours", "--field", "title").exit == 0
    assert desk.repo.read(PATH).startswith(crlf[: crlf.index("Another")].encode())
    assert desk.repo.read(PATH).endswith(b"caf\xe9")


def test_a_heading_that_looks_like_a_marker(desk: Desk) -> None:
    desk.edit("Another line, of ours.", "Heading\n=======\n\nOurs.")
    desk.repo.run("merge", "topic")
    assert desk.open()[1] == ("body", "Heading\n=======\n\nOurs.\n", "Another line, of theirs.\n")
    desk.wrkq("resolve", PATH, "--ours")
    assert desk.text.endswith("Heading\n=======\n\nOurs.\n")


def test_a_file_without_markers_that_somebody_mended(desk: Desk) -> None:
    desk.repo.run("merge", "topic")
    desk.repo.write({PATH: TASK})
    assert "no marker is left in it" in desk.open("why")[0][0]
    done = desk.wrkq("resolve", PATH, "--ours")
    assert (done.exit, f"git add {PATH}" in done.err) == (1, True)
    assert desk.text == TASK


def test_files_beside_the_tracker_are_not_forgotten(desk: Desk) -> None:
    desk.repo.commit({"code.txt": "2\n"})
    desk.repo.git("switch", "-q", "topic")
    desk.repo.commit({"code.txt": "3\n"})
    desk.repo.git("switch", "-q", "main")
    desk.repo.run("merge", "topic")
    assert {row[0] for row in desk.open("path")} == {"inbox/login"}
    assert "none is left: git status" in desk.wrkq("resolve", PATH, "--ours").out


def test_a_link_is_not_for_us(desk: Desk) -> None:
    link = desk.repo.path / "wrkq/inbox/link.md"
    for branch, to in (("main", "login.md"), ("topic", "README.md")):
        desk.repo.git("switch", "-q", branch)
        link.symlink_to(to)
        desk.repo.git("add", "-A")
        desk.repo.git("commit", "-q", "-m", "link")
    desk.repo.run("merge", "main")
    assert "inbox/link" in {row[0] for row in desk.open("path")}
    done = desk.wrkq("resolve", "inbox/link.md", "--ours")
    assert (done.exit, "git checkout --ours" in done.err, link.is_symlink()) == (1, True, True)


# Refusals


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((PATH,), "usage"),
        ((PATH, "--ours", "--theirs"), "usage"),
        ((PATH, "--ours", "--value", "x"), "usage"),
        ((PATH, "--value", "x"), "usage"),
        ((PATH, "--ours", "--field", "priority"), "invalid_state"),
        (("inbox", "--ours"), "invalid_state"),
        (("no-such-thing", "--ours"), "not_found"),
    ],
)
def test_refusals(desk: Desk, words: tuple[str, ...], code: str) -> None:
    desk.repo.run("merge", "topic")
    before = desk.text
    error = desk.wrkq("resolve", *words, "--json").told("error")
    assert (error["code"], bool(error["hint"]), desk.text) == (code, True, before)


def test_nothing_in_conflict_is_refused(desk: Desk) -> None:
    done = desk.wrkq("resolve", PATH, "--ours", "--json")
    assert (done.exit, done.told("error")["code"]) == (1, "invalid_state")
