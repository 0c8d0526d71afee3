"""Trailers of what the tool wrote, in commits that a person makes with git: every way to make one."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest

from tests.support.repos import TestRepo
from tests.support.sandbox import FILES_ONLY, Sandbox
from wrkq_files.index import local
from wrkq_files.service import create, hooks, keys, pending, update

PATH = "inbox/fix-it.md"
NAME = f"wrkq/{PATH}"


@pytest.fixture
def task(box: Sandbox) -> str:
    return box.add("Fix it")


@pytest.fixture
def hooked(box: Sandbox, task: str, real: None) -> Sandbox:
    """With our hooks, the real ``wrkq``, and a tracker that leaves commits to people."""
    hooks.install(box.door)
    return box


def written(box: Sandbox, task: str, **fields: str) -> str:
    """A write of the tool that nobody has committed; the beginning of its trailer's value."""
    box.set(task, FILES_ONLY, **(fields or {"priority": "1"}))
    operation = pending.load(box.tracker.repo)[-1].operation
    return f"{operation.ulid} {operation.operation} {task}"


def trailers(box: Sandbox, rev: str = "HEAD", key: str = "Wrkq-Op") -> list[str]:
    text = box.repo.git("log", "-1", f"--format=%(trailers:key={key},valueonly)", rev)
    return [line for line in text.splitlines() if line]


def editor(tmp_path: Path, code: str) -> dict[str, str]:
    """An editor that does ``code`` with the ``text`` of the file."""
    script = tmp_path / "editor.py"
    script.write_text(
        f"import sys\nname = sys.argv[1]\ntext = open(name).read()\n{code}\nopen(name, 'w').write(text)\n"
    )
    return {"GIT_EDITOR": f"{shlex.quote(sys.executable)} {shlex.quote(str(script))}"}


# With a message on the command line


def test_a_key_is_told_with_its_operations(hooked: Sandbox, task: str) -> None:
    """So that another clone knows by this commit."""
    written(hooked, task)
    key = keys.key("k-1", "said")
    made = create.add(hooked.tracker, "Another", create.New(), FILES_ONLY._replace(key=key))
    hooked.repo.git("add", "-A")
    hooked.repo.git("commit", "-q", "-m", "Subject")
    (line,) = trailers(hooked, key="Wrkq-Key")
    assert line.startswith(f"k-1 {key.payload[:16]} ")
    local.path(hooked.tracker.repo).unlink()
    again = create.add(hooked.tracker, "Another", create.New(), FILES_ONLY._replace(key=key))
    assert (again.ids, again.commit) == (made.ids, hooked.repo.head)


def test_a_message_gets_the_trailers(hooked: Sandbox, task: str) -> None:
    first, second = written(hooked, task), written(hooked, task, state="in_progress", assignee="robin")
    hooked.repo.git("commit", "-q", "-a", "-m", "Subject", "-m", "#12 is a line of the message\n\n---\nand more")
    text = hooked.repo.git("log", "-1", "--format=%B")
    assert text.startswith("Subject\n\n#12 is a line of the message\n\n---\nand more\n\nWrkq-Op: ")
    assert trailers(hooked) == [first, second]
    assert (trailers(hooked, key="Wrkq-Actor"), trailers(hooked, key="Wrkq-Via")) == (["robin"], ["cli"])


def test_a_message_that_looks_like_a_comment(hooked: Sandbox, task: str) -> None:
    one = written(hooked, task)
    hooked.repo.git("commit", "-q", "-a", "-m", "#12")
    assert hooked.repo.git("log", "-1", "--format=%B").startswith("#12\n\nWrkq-Op: ")
    assert trailers(hooked) == [one]


def test_a_file_and_other_trailers(hooked: Sandbox, task: str) -> None:
    one = written(hooked, task)
    hooked.repo.git("commit", "-q", "-a", "-s", "-F", "-", input=b"Subject\n\nText: not\nlast.\n")
    text = hooked.repo.git("log", "-1", "--format=%B")
    assert text.endswith(
        "last.\n\nSigned-off-by: Robin Example <robin@example.com>\n"
        f"Wrkq-Op: {one}\nWrkq-Actor: robin\nWrkq-Via: cli\n"
    )


def test_overrides_are_told(hooked: Sandbox, task: str) -> None:
    options = FILES_ONLY._replace(force=True)
    update.set_fields(hooked.tracker, [task], update.Assignments([("state", "in_review")]), options)
    update.set_fields(hooked.tracker, [task], update.Assignments([("state", "draft")]), options)
    overrides = [each for record in pending.load(hooked.tracker.repo) for each in record.operation.overrides]
    assert overrides
    hooked.repo.git("commit", "-q", "-a", "-m", "Subject")
    assert trailers(hooked, key="Wrkq-Override") == [", ".join(overrides)]


@pytest.mark.parametrize("words", [("-m", ""), ("-m", "  \n"), ("-F", "/dev/null")])
def test_an_empty_message_is_refused_as_ever(hooked: Sandbox, task: str, words: tuple[str, str]) -> None:
    written(hooked, task)
    head = hooked.repo.head
    assert b"empty commit message" in hooked.repo.run("commit", "-a", *words).stderr
    assert hooked.repo.head == head


# What is committed of what was written


def test_only_what_is_in_the_commit(hooked: Sandbox, task: str) -> None:
    """Staged files only; a file on its own, whatever is staged; each operation once."""
    other = hooked.add("Other")
    mine, theirs = written(hooked, task), written(hooked, other)
    hooked.repo.commit({"code.py": "2\n"})
    assert trailers(hooked) == []
    hooked.repo.git("add", NAME)
    hooked.repo.git("commit", "-q", "-m", "the other one", "wrkq/inbox/other.md")
    assert trailers(hooked) == [theirs]
    hooked.repo.git("commit", "-q", "-m", "mine")
    assert trailers(hooked) == [mine]
    hooked.replace(PATH, "title: Fix it", "title: Fix it by hand")
    hooked.repo.git("commit", "-q", "-a", "-m", "by hand")
    assert trailers(hooked) == []


def test_a_later_write_to_the_same_file_is_not_staged_yet(hooked: Sandbox, task: str) -> None:
    first = written(hooked, task)
    hooked.repo.git("add", "-A")
    second = written(hooked, task, title="Mend it")
    hooked.repo.git("commit", "-q", "-m", "the first")
    assert trailers(hooked) == [first]
    hooked.repo.git("commit", "-q", "-a", "-m", "the second")
    assert trailers(hooked) == [second]


def test_with_a_person_s_edit_on_top(hooked: Sandbox, task: str) -> None:
    one = written(hooked, task)
    hooked.replace(PATH, "title: Fix it", "title: Fix it now")
    hooked.repo.git("commit", "-q", "-a", "-m", "both")
    assert trailers(hooked) == [one]
    hooked.replace(PATH, "title: Fix it now", "title: Fix it soon")
    hooked.repo.git("commit", "-q", "-a", "-m", "by hand")
    assert trailers(hooked) == [], "each is told once"


def test_a_commit_of_something_else_forgets_nothing(hooked: Sandbox, task: str) -> None:
    """What is staged and nowhere else is not in the index that `git commit PATH` shows to its hooks."""
    one = written(hooked, task)
    hooked.repo.git("add", "-A")
    hooked.repo.git("restore", "--source=HEAD", "--worktree", NAME)
    hooked.repo.write({"code.py": "2\n"})
    hooked.repo.git("commit", "-q", "-m", "code", "code.py")
    hooked.repo.git("commit", "-q", "-m", "mine")
    assert trailers(hooked) == [one]


def test_what_was_committed_without_hooks_is_not_told_by_another_commit(hooked: Sandbox, task: str) -> None:
    written(hooked, task)
    hooked.repo.git("-c", "core.hooksPath=/dev/null", "commit", "-q", "-a", "-m", "mine, untold")
    hooked.replace(PATH, "title: Fix it", "title: Fix it by hand")
    hooked.repo.git("commit", "-q", "-a", "-m", "by hand")
    assert trailers(hooked) == []


def test_new_and_removed_files(hooked: Sandbox, task: str) -> None:
    create.add(hooked.tracker, "New", create.New(), FILES_ONLY)
    hooked.commit_all()
    assert trailers(hooked)[0].split()[1] == "add"
    (hooked.root / "inbox/new.md").unlink()
    hooked.repo.git("commit", "-q", "-a", "-m", "by hand")
    assert trailers(hooked) == []


def test_the_first_commit_of_all(tmp_path: Path, real: None) -> None:
    box = Sandbox(tmp_path / "young")
    hooks.install(box.door)
    box.add("New", options=FILES_ONLY)
    box.repo.git("add", "-A")
    box.repo.git("commit", "-q", "-m", "begin")
    assert [each.split()[1] for each in trailers(box)] == ["add"]


def test_a_linked_worktree_has_its_own(hooked: Sandbox, task: str, tmp_path: Path) -> None:
    written(hooked, task)
    linked = TestRepo(tmp_path / "linked")
    hooked.repo.git("worktree", "add", "-q", str(linked.path), "-b", "side")
    linked.commit({NAME: hooked.text(PATH)})
    assert "Wrkq" not in linked.git("log", "-1", "--format=%B")
    there = Sandbox.__new__(Sandbox)
    there.__dict__.update(hooked.__dict__, repo=linked, cwd=linked.path)
    one = written(there, task, title="Mend it")
    linked.git("commit", "-q", "-a", "-m", "there")
    assert trailers(there) == [one]


# With an editor


def test_an_editor_left_empty_aborts(hooked: Sandbox, task: str, tmp_path: Path) -> None:
    written(hooked, task)
    head = hooked.repo.head
    for code in ("", "text = ''", "text = '# only\\n\\n' + text"):
        done = hooked.repo.run("commit", "-a", env=editor(tmp_path, code))
        assert done.returncode
        assert b"empty commit message" in done.stderr
    for words in (("-v",), ("-m", "gone", "-e")):
        assert hooked.repo.run("commit", "-a", *words, env=editor(tmp_path, "text = ''")).returncode
    assert hooked.repo.head == head


def test_a_git_editor_that_does_nothing_aborts_too(hooked: Sandbox, task: str) -> None:
    """To hooks `GIT_EDITOR=:` means that there is no editor; a person may have set it."""
    written(hooked, task)
    done = hooked.repo.run("commit", "-a", env={"GIT_EDITOR": ":"})
    assert b"empty commit message" in done.stderr


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ((), ()),
        ((), ("-v",)),
        (("-c", "core.commentChar=;"), ("-v", "--cleanup=scissors")),
        (("-c", "core.commentChar=auto"), ()),
        (("-c", "core.commentChar=auto"), ("-v",)),
    ],
)
def test_a_message_from_the_editor(
    hooked: Sandbox, task: str, tmp_path: Path, settings: tuple[str, ...], words: tuple[str, ...]
) -> None:
    one = written(hooked, task)
    code = "assert 'Wrkq-Op' not in text.partition(' >8 ')[0]\ntext = 'Subject\\n\\nWhy.\\n' + text"
    hooked.repo.git(*settings, "commit", "-q", "-a", *words, env=editor(tmp_path, code))
    text = hooked.repo.git("log", "-1", "--format=%B")
    assert text == f"Subject\n\nWhy.\n\nWrkq-Op: {one}\nWrkq-Actor: robin\nWrkq-Via: cli\n"


def test_a_template_that_nobody_edits_aborts(hooked: Sandbox, task: str, tmp_path: Path) -> None:
    one = written(hooked, task)
    (tmp_path / "template").write_text("Ticket: none\n\nSay why.\n")
    hooked.repo.git("config", "commit.template", str(tmp_path / "template"))
    done = hooked.repo.run("commit", "-a", env=editor(tmp_path, ""))
    assert b"did not edit the message" in done.stderr
    hooked.repo.git("commit", "-q", "-a", env=editor(tmp_path, "text = text.replace('none', '12')"))
    assert hooked.repo.git("log", "-1", "--format=%B").startswith("Ticket: 12\n\nSay why.\n\nWrkq-Op")
    assert trailers(hooked) == [one]


def test_a_message_taken_out_in_the_editor_aborts_though_trailers_are_left(
    hooked: Sandbox, task: str, tmp_path: Path
) -> None:
    written(hooked, task)
    code = "lines = text.splitlines(True)\nassert 'Wrkq-Op' in text\ntext = ''.join(lines[1:])"
    done = hooked.repo.run("commit", "-a", "-m", "Subject", "-e", env=editor(tmp_path, code))
    assert b"empty commit message" in done.stderr


# Commits that are made of others


def test_amend(hooked: Sandbox, task: str, tmp_path: Path) -> None:
    first = written(hooked, task)
    hooked.repo.git("commit", "-q", "-a", "-m", "Subject")
    hooked.repo.git("commit", "-q", "--amend", "--no-edit")
    assert trailers(hooked) == [first]
    second = written(hooked, task, title="Mend it")
    hooked.repo.git("commit", "-q", "-a", "--amend", "--no-edit")
    assert trailers(hooked) == [first, second]
    code = "text = text.replace('Subject', 'Other')"
    hooked.repo.git("commit", "-q", "--amend", env=editor(tmp_path, code))
    assert hooked.repo.log("-1") == ["Other"]
    assert trailers(hooked) == [first, second]
    assert trailers(hooked, key="Wrkq-Actor") == ["robin"]


def test_a_commit_that_is_taken_back_and_made_again(hooked: Sandbox, task: str) -> None:
    one = written(hooked, task)
    hooked.repo.git("commit", "-q", "-a", "-m", "Subject")
    hooked.repo.git("reset", "-q", "--soft", "HEAD~1")
    hooked.repo.git("commit", "-q", "-m", "Again")
    assert trailers(hooked) == [one]


def test_amend_where_git_chose_another_comment_char(hooked: Sandbox, task: str, tmp_path: Path) -> None:
    first = written(hooked, task)
    hooked.repo.git("commit", "-q", "-a", "-m", "Subject", "-m", "#12 is no comment")
    second = written(hooked, task, title="Mend it")
    auto = ("-c", "core.commentChar=auto", "-c", "commit.verbose=true")
    hooked.repo.git(*auto, "commit", "-q", "-a", "--amend", env=editor(tmp_path, "assert '; ---' in text"))
    assert trailers(hooked) == [first, second]
    assert "#12 is no comment" in hooked.repo.git("log", "-1", "--format=%B")


@pytest.fixture
def side(hooked: Sandbox) -> Sandbox:
    """``side`` has two commits: one of code, one of the task's title."""
    hooked.repo.git("checkout", "-q", "-b", "side")
    hooked.repo.commit({"side.py": "1\n"}, "code")
    hooked.replace(PATH, "title: Fix it", "title: Fix it aside")
    hooked.repo.git("commit", "-q", "-a", "-m", "title")
    hooked.repo.git("checkout", "-q", "main")
    hooked.repo.commit({"main.py": "1\n"}, "on main")
    return hooked


@pytest.mark.parametrize(
    "words", [("merge", "--no-edit", "side~1"), ("cherry-pick", "side~1"), ("revert", "--no-edit", "HEAD")]
)
def test_others_changes_get_no_trailers_of_what_is_pending(side: Sandbox, task: str, words: tuple[str, ...]) -> None:
    one = written(side, task)
    side.repo.git(*words)
    assert trailers(side) == []
    side.repo.git("commit", "-q", "-a", "-m", "mine")
    assert trailers(side) == [one]


def test_nor_where_what_is_pending_was_taken_back(side: Sandbox, task: str) -> None:
    """The record is still there, and the same file is in the commits that are picked, merged and rebased."""
    written(side, task)
    side.repo.git("checkout", "-q", "--", NAME)
    side.repo.git("cherry-pick", "side")
    assert trailers(side) == []
    side.repo.git("reset", "-q", "--hard", "HEAD~1")
    side.repo.git("merge", "-q", "--no-edit", "side")
    assert trailers(side) == []
    side.repo.git("reset", "-q", "--hard", "HEAD~1")
    side.repo.git("rebase", "-q", "main", "side")
    assert [trailers(side, rev) for rev in ("HEAD", "HEAD~1")] == [[], []]


def test_rebase_keeps_each_commit_s_own(side: Sandbox, task: str) -> None:
    side.repo.git("checkout", "-q", "side~1")
    side.repo.git("checkout", "-q", "-b", "work")
    first = written(side, task)
    side.repo.git("commit", "-q", "-a", "-m", "one")
    second = written(side, task, title="Mend it")
    side.repo.git("commit", "-q", "-a", "-m", "two")
    third = written(side, task, title="Mend it well")
    side.repo.git("rebase", "-q", "--autostash", "main")
    assert [trailers(side, rev) for rev in ("HEAD", "HEAD~1")] == [[second], [first]]
    side.repo.git("commit", "-q", "-a", "-m", "three")
    assert trailers(side) == [third]


def test_what_the_tool_did_to_end_a_conflict_is_told(side: Sandbox, task: str) -> None:
    side.replace(PATH, "title: Fix it", "title: Fix it otherwise")
    side.repo.git("commit", "-q", "-a", "-m", "other title")
    assert side.repo.run("merge", "side").returncode
    side.repo.git("checkout", "-q", "--ours", NAME)
    one = written(side, task, title="Agreed")
    side.repo.git("commit", "-q", "-a", "--no-edit")
    assert len(side.repo.git("log", "-1", "--format=%P").split()) == 2
    assert trailers(side) == [one]


def test_squash(side: Sandbox, task: str, tmp_path: Path) -> None:
    side.repo.git("checkout", "-q", "side")
    first = written(side, task)
    side.repo.git("commit", "-q", "-a", "-m", "with trailers")
    side.repo.git("checkout", "-q", "main")
    side.repo.git("merge", "-q", "--squash", "side")
    side.repo.git("commit", "-q", env=editor(tmp_path, ""))
    text = side.repo.git("log", "-1", "--format=%B")
    assert len(re.findall(f"Wrkq-Op: {first}", text)) == 1, "git's own list of what is squashed has it"


# Those that are in nobody's way


def test_a_broken_record_file_stops_no_commit(hooked: Sandbox, task: str) -> None:
    one = written(hooked, task)
    with pending.path(hooked.tracker.repo).open("a") as file:
        file.write('{"operation": {"ulid": "01')
    hooked.repo.git("commit", "-q", "-a", "-m", "Subject")
    assert trailers(hooked) == [one]
    pending.path(hooked.tracker.repo).write_bytes(b"\xff\xfe\0[1]\nnull\n{}\n")
    hooked.repo.commit({"code.py": "2\n"})


def test_without_verify_a_given_message_has_them_all_the_same(hooked: Sandbox, task: str) -> None:
    one = written(hooked, task)
    hooked.repo.git("commit", "-q", "-a", "--no-verify", "-m", "Subject")
    assert trailers(hooked) == [one]
