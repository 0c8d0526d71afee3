"""`commit_all`: every edit of the tracker, by hand or tool, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.service.worker import agree, changed_files, snapshot, views
from tests.support.repos import TestRepo
from tests.support.sandbox import COMMIT, FILES_ONLY, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.service import attachments, create, setup, status
from wrkq_files.service.change import Options, Written
from wrkq_files.service.tracker import open_tracker

PATH = "inbox/fix-it.md"


@pytest.fixture
def task(box: Sandbox) -> str:
    return box.add("Fix it")


def commit(box: Sandbox, **options: object) -> Written:
    return status.commit_all(box.tracker, Options(**options))  # type: ignore[arg-type]


def names(box: Sandbox) -> list[str]:
    return [name.removeprefix("wrkq/") for name in changed_files(box.repo, "HEAD")]


def trailers(box: Sandbox) -> dict[str, str]:
    message = box.repo.git("log", "-1", "--format=%B")
    parsed = box.repo.git("interpret-trailers", "--parse", input=message.encode())
    return dict(line.split(": ", 1) for line in parsed.splitlines())


# Every kind of edit


def test_edits_by_hand_and_tool(box: Sandbox, task: str) -> None:
    box.set(task, FILES_ONLY, priority="1")
    box.replace("inbox/README.md", "title: Inbox", "title: In")
    made = commit(box)
    assert (made.status, made.paths) == ("committed", ("wrkq/inbox/README.md", f"wrkq/{PATH}"))
    assert names(box) == ["inbox/README.md", PATH]
    agree(box.tracker)
    assert commit(box).status == "unchanged"


def test_deleted_and_moved_by_hand_and_by_git(box: Sandbox, task: str) -> None:
    for title in ("By hand", "By git", "Deleted", "Deleted by git"):
        box.add(title)
    (box.root / "inbox/by-hand.md").rename(box.root / "inbox/renamed-by-hand.md")
    box.repo.git("mv", "wrkq/inbox/by-git.md", "wrkq/inbox/renamed-by-git.md")
    (box.root / "inbox/deleted.md").unlink()
    box.repo.git("rm", "-q", "wrkq/inbox/deleted-by-git.md")
    commit(box)
    assert names(box) == [
        f"inbox/{name}.md"
        for name in ("by-git", "by-hand", "deleted-by-git", "deleted", "renamed-by-git", "renamed-by-hand")
    ]
    agree(box.tracker)


def test_what_is_in_the_file_counts_whatever_is_staged(box: Sandbox, task: str) -> None:
    box.replace(PATH, "title: Fix it", "title: Staged")
    box.repo.git("add", "-A")
    box.replace(PATH, "title: Staged", "title: Further")
    box.write("inbox/new.md", "---\ntitle: New\n---\n")
    box.repo.git("add", "-N", "wrkq/inbox/new.md")
    commit(box)
    assert b"title: Further" in (box.repo.show(f"HEAD:wrkq/{PATH}") or b"")
    assert names(box) == [PATH, "inbox/new.md"]
    agree(box.tracker)


def test_staged_and_taken_back_is_no_edit(box: Sandbox, task: str) -> None:
    text = box.text(PATH)
    box.replace(PATH, "title: Fix it", "title: Staged")
    box.repo.git("add", "-A")
    box.write(PATH, text)
    before = snapshot(box.repo)
    assert commit(box).status == "unchanged"
    assert status.status(box.tracker).pending == []
    assert snapshot(box.repo) == before


def test_a_changed_mode_is_no_edit(box: Sandbox, task: str) -> None:
    """It would be an empty commit, again and again."""
    (box.root / PATH).chmod(0o755)
    before = snapshot(box.repo)
    assert commit(box).status == "unchanged"
    assert snapshot(box.repo) == before


def test_untracked_notes_and_attachments(box: Sandbox, task: str) -> None:
    box.write("inbox/note.md", "Just a note, no frontmatter.\n")
    box.write("inbox/picture.png", "\x89PNG")
    box.write("inbox/run.sh", "#!/bin/sh\n")
    (box.root / "inbox/run.sh").chmod(0o755)
    attachments.put(box.tracker, task, "large.bin", b"\0" * (12 << 20), FILES_ONLY)
    commit(box)
    assert len(names(box)) == 4
    assert box.repo.git("ls-tree", "HEAD", "wrkq/inbox/run.sh").startswith("100755")
    agree(box.tracker)
    attachments.rm(box.tracker, task, "large.bin", COMMIT)
    agree(box.tracker)


def test_ignored_files_stay_out(box: Sandbox) -> None:
    box.repo.commit({".gitignore": "*.swp\n"})
    box.write("inbox/.x.md.swp", "vim\n")
    assert commit(box).status == "unchanged"


def test_other_people_s_files_stay_staged_and_unstaged(box: Sandbox, task: str) -> None:
    box.repo.commit({"code.py": "a\n", "other.py": "a\n", "gone.py": "a\n", "moved.py": "a\n" * 9})
    box.repo.write({"code.py": "b\n", "new.py": "n\n"})
    box.repo.git("add", "code.py", "new.py")
    box.repo.git("rm", "-q", "gone.py")
    box.repo.git("mv", "moved.py", "there.py")
    box.repo.write({"other.py": "b\n", "untracked.py": "u\n"})
    others = box.repo.status()
    box.set(task, FILES_ONLY, priority="1")
    commit(box)
    assert names(box) == [PATH]
    agree(box.tracker, [line for line in others if line != "moved.py"] + [x for x in others if x == "moved.py"])


def test_a_file_moved_out_of_the_tracker(box: Sandbox, task: str) -> None:
    box.repo.git("mv", f"wrkq/{PATH}", "elsewhere.md")
    commit(box)
    assert names(box) == [PATH]
    agree(box.tracker, ["A  elsewhere.md"])


# What is refused


def test_a_file_that_cannot_be_read(box: Sandbox, task: str) -> None:
    box.replace(PATH, "title: Fix it", "title: Fix: it: badly")
    box.write("inbox/note.md", "a note\n")
    before = snapshot(box.repo)
    with pytest.raises(WrkqError, match=r"inbox/fix-it\.md:2:") as caught:
        commit(box)
    assert caught.value.code == "validation"
    assert "--force" in caught.value.hint
    assert snapshot(box.repo) == before
    assert commit(box, force=True).status == "committed"
    agree(box.tracker)


def test_a_symbolic_link_is_named_and_left_out_with_force(box: Sandbox, task: str) -> None:
    (box.root / "inbox/link.md").symlink_to("/etc/passwd")
    box.set(task, FILES_ONLY, priority="1")
    with pytest.raises(WrkqError, match=r"inbox/link\.md is a symbolic link"):
        commit(box)
    assert [each.path for each in status.status(box.tracker).pending] == [PATH, "inbox/link.md"]
    commit(box, force=True)
    assert names(box) == [PATH]
    agree(box.tracker, ["?? wrkq/inbox/link.md"])


def test_repositories_inside_are_left_alone(box: Sandbox, task: str) -> None:
    TestRepo.init(box.root / "inbox" / "nested", files={"x.md": "x\n"})
    box.set(task, FILES_ONLY, priority="1")
    commit(box)
    assert names(box) == [PATH]
    agree(box.tracker, ["?? wrkq/inbox/nested/"])


# At the repository's root


@pytest.fixture
def beside(tmp_path: Path) -> Sandbox:
    """A tracker at the root of a repository with code, not committed yet."""
    repo = TestRepo.init(
        tmp_path / "r", files={"src/a.py": "a\n", "README.md": "# Code\n", ".gitattributes": "*.py text"}
    )
    return Sandbox(repo.path, folder=".")


def test_at_the_root_only_the_tracker_s_files(beside: Sandbox) -> None:
    code = {
        "later/guide.md": "# Guide\n",
        "later/x.py": "x\n",
        ".github/ISSUE_TEMPLATE/bug.md": "---\nname: Bug\n---\n",
    }
    beside.repo.write({**code, "README.md": "changed\n", "src/notes.md": "---\ntitle: x\n---\n"})
    beside.write("inbox/task.md", "---\ntitle: Task\n---\n")
    beside.write("inbox/note.md", "A note among the tasks.\n")
    commit(beside)
    assert changed_files(beside.repo, "HEAD") == [
        ".gitattributes", "_actors/robin.md", "inbox/README.md", "inbox/note.md", "inbox/task.md", "wrkq.yaml",
    ]  # fmt: skip
    left = [" M README.md", "?? src/notes.md", *(f"?? {name}" for name in code)]
    agree(beside.tracker, left)


def test_at_the_root_the_attributes_are_the_repository_s(beside: Sandbox) -> None:
    """Our lines are committed; the person's own edits of the file stay as they were."""
    beside.replace(".gitattributes", "*.py text", "*.py text eol=lf")
    commit(beside)
    head, staged, work = views(beside.repo, ".gitattributes")
    assert head == staged
    assert head is not None
    assert head.startswith(b"*.py text\n*.md -text\n")
    assert (work or b"").startswith(b"*.py text eol=lf\n*.md -text\n")
    agree(beside.tracker, [" M .gitattributes"])
    assert commit(beside).status == "unchanged"


# The message


def test_message_and_trailers(box: Sandbox, task: str) -> None:
    box.set(task, FILES_ONLY, priority="1", state="in_progress")
    commit(box, message="Because.\n\nNot-a-trailer: x")
    lines = box.repo.git("log", "-1", "--format=%B").splitlines()
    assert lines[0] == "inbox/fix-it: state open -> in_progress, assignee robin, priority 1".replace("state ", "")
    assert lines[2] == "Because."
    found = trailers(box)
    assert list(found) == ["Wrkq-Op", "Wrkq-Actor", "Wrkq-Via"]
    ulid, operation, *ids = found["Wrkq-Op"].split()
    assert (len(ulid), operation, ids) == (26, "commit", [task])
    assert (found["Wrkq-Actor"], found["Wrkq-Via"]) == ("robin", "cli")


def test_message_of_many_files(box: Sandbox, task: str) -> None:
    box.set(task, FILES_ONLY, priority="1")
    box.write("inbox/odd\nWrkq-Op: forged x.txt", "x\n")
    commit(box)
    text = box.repo.git("log", "-1", "--format=%B")
    assert text.startswith("2 files of the tracker\n\n- inbox/fix-it: priority 1\n- inbox/odd Wrkq-Op: forged")
    assert len(trailers(box)) == 3


@pytest.mark.parametrize(
    "title", ["Tab\tand\x1b[31m red", "two\nlines", "wide \u2028 line", "x" * 400, "-n", "#hash", "{subject} {x}"]
)
def test_titles_in_the_subject(box: Sandbox, task: str, title: str) -> None:
    box.replace(PATH, "title: Fix it", f"title: {json.dumps(title)}")
    refused = "\x1b" in title
    if refused:
        with pytest.raises(WrkqError):
            commit(box)
    else:
        commit(box)
        box.set(task, title=f"{' '.join(title.splitlines())} again")
    subject, blank, *_ = box.repo.git("log", "-1", "--format=%B").split("\n")
    assert subject.isprintable()
    assert len(subject) <= 100
    assert blank == ""
    assert trailers(box)["Wrkq-Actor"] == "robin"


@pytest.mark.parametrize(
    ("template", "subject"),
    [
        ("chore(tracker): {subject}", "chore(tracker): inbox/new: created"),
        ("{{wrkq}} {subject}", "{wrkq} inbox/new: created"),
        ("tracker", "tracker"),
        ("a {subject}\n\nSigned-off-by: x", "a inbox/new: created Signed-off-by: x"),
        ("   ", "inbox/new: created"),
    ],
)
def test_commit_subject(box: Sandbox, template: str, subject: str) -> None:
    configure(box, template)
    box.add("New")
    assert box.repo.log("-1") == [subject]
    assert list(trailers(box)) == ["Wrkq-Op", "Wrkq-Actor", "Wrkq-Via"]
    agree(box.tracker)


def test_a_co_author_where_the_settings_ask_for_one(box: Sandbox) -> None:
    box.write("_actors/codex.md", "---\nrole: agent\ndisplay_name: Codex\nemails: [codex@example.org]\n---\n")
    box.commit_all()

    def trailer(actor: str | None) -> str:
        tracker = open_tracker(box.door._replace(actor=actor))
        create.add(tracker, "New", create.New(), COMMIT)
        return box.repo.git("log", "-1", "--format=%(trailers:key=Co-authored-by,valueonly)").strip()

    assert trailer("codex") == ""
    box.replace("wrkq.yaml", "mode: auto", "mode: auto\n  co_author: true")
    assert trailer("codex") == "Codex <codex@example.org>"
    assert trailer(None) == ""


@pytest.mark.parametrize(
    "template", ["{nothing}", "{subject.__class__}", "{subject:>999999999}", "{subject!r}", "{0}", "{", "}"]
)
def test_commit_subject_that_is_no_template(box: Sandbox, template: str) -> None:
    configure(box, template)
    before = snapshot(box.repo)
    for write in (lambda: box.add("New"), lambda: box.set("inbox", title="In")):
        with pytest.raises(WrkqError, match=r"commit\.subject") as caught:
            write()
        assert caught.value.code == "validation"
    assert snapshot(box.repo) == before


def configure(box: Sandbox, template: str) -> None:
    box.repo.commit({"wrkq/wrkq.yaml": f"format: 1\ncommit:\n  mode: auto\n  subject: {json.dumps(template)}\n"})


# Status


def test_status(box: Sandbox, task: str) -> None:
    box.set(task, FILES_ONLY, priority="1")
    box.write("inbox/note.md", "a note\n")
    (box.root / "inbox/README.md").unlink()
    found = status.status(box.tracker)
    assert [(each.path, each.status, each.what) for each in found.pending] == [
        ("inbox/README.md", "deleted", "deleted"),
        (PATH, "changed", "priority 1"),
        ("inbox/note.md", "created", "created"),
    ]
    assert (found.branch, found.head, found.operation) == ("main", box.repo.head, None)


def test_a_second_tracker_is_not_committed_along(box: Sandbox, task: str) -> None:
    setup.init(box.door, "two")
    box.set(task, FILES_ONLY, priority="1")
    commit(box)
    assert names(box) == [PATH]


def test_dry_run_prints_the_diff(box: Sandbox, task: str) -> None:
    create.mkdir(box.tracker, ["portal"], FILES_ONLY)
    box.set(task, FILES_ONLY, priority="1")
    made = commit(box, dry_run=True)
    assert made.status == "dry-run"
    assert "+priority: 1" in made.diff
    assert "+++ b/wrkq/portal/README.md" in made.diff


@pytest.mark.parametrize(
    "change",
    [
        lambda box: box.replace("inbox/fix-it.md", "created: 2026", "created: 2025"),
        lambda box: box.write("inbox/copy.md", box.text("inbox/fix-it.md")),
        lambda box: box.replace("inbox/fix-it.md", "---\n", "---\nblocked_by: [T-00000000]\n"),
    ],
    ids=["identity", "duplicate", "dangling"],
)
def test_what_check_calls_an_error_is_not_committed(box: Sandbox, change: Callable[[Sandbox], None]) -> None:
    box.add("Fix it")
    change(box)
    head = box.repo.head
    with pytest.raises(WrkqError) as caught:
        status.commit_all(box.tracker, Options())
    assert (caught.value.code, box.repo.head) == ("validation", head)
    assert status.commit_all(box.tracker, Options(force=True)).status == "committed"


def test_a_commit_of_several_files_is_about_no_single_document(box: Sandbox) -> None:
    ids = [box.add("One"), box.add("Two")]
    for name in ("one", "two"):
        box.replace(f"inbox/{name}.md", "title: ", "title: A ")
    written = status.commit_all(box.tracker, Options())
    assert (written.ids, sorted(written.data["ids"])) == ((), sorted(ids))
