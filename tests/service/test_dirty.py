"""A person's uncommitted edits of a file that a command writes too (the dirty-file rule, in all its cases)."""

from __future__ import annotations

import pytest

from tests.support.sandbox import COMMIT, FILES_ONLY, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.service import remove, update
from wrkq_files.service.change import Options

PATH = "inbox/fix-it.md"


@pytest.fixture
def task(box: Sandbox) -> str:
    return box.add("Fix it")


def views(box: Sandbox) -> tuple[str, str, str]:
    """HEAD's, the index's and the working text."""
    name = box.name(PATH)
    return box.repo.git("show", f"HEAD:{name}"), box.repo.git("show", f":{name}"), box.text(PATH).rstrip("\n")


def test_clean_file_all_three_change_alike(box: Sandbox, task: str) -> None:
    box.set(task, priority="1")
    head, staged, work = views(box)
    assert head == staged == work
    assert "priority: 1" in head
    assert box.repo.status() == []


def test_unstaged_edit_stays_unstaged(box: Sandbox, task: str) -> None:
    box.replace(PATH, "title: Fix it", "title: Fix it well")
    box.set(task, priority="1")
    head, staged, work = views(box)
    assert "title: Fix it\n" in head
    assert head == staged
    assert "title: Fix it well\n" in work
    assert all("priority: 1" in text for text in (head, staged, work))


def test_staged_edit_stays_staged(box: Sandbox, task: str) -> None:
    box.replace(PATH, "title: Fix it", "title: Fix it well")
    box.repo.git("add", "-A")
    box.set(task, priority="1")
    head, staged, work = views(box)
    assert "title: Fix it\n" in head
    assert "title: Fix it well\n" in staged
    assert staged == work
    assert all("priority: 1" in text for text in (head, staged, work))


def test_staged_and_then_edited_further(box: Sandbox, task: str) -> None:
    box.replace(PATH, "title: Fix it", "title: Fix it well")
    box.repo.git("add", "-A")
    box.replace(PATH, "title: Fix it well", "title: Fix it very well")
    box.set(task, priority="1")
    head, staged, work = views(box)
    assert ["title: Fix it\n" in head, "title: Fix it well\n" in staged, "title: Fix it very well\n" in work] == [
        True
    ] * 3
    assert all("priority: 1" in text for text in (head, staged, work))


def test_the_same_field_is_refused_and_nothing_happens(box: Sandbox, task: str) -> None:
    box.set(task, priority="2")
    box.replace(PATH, "priority: 2", "priority: 4")
    before = views(box), box.repo.head
    with pytest.raises(WrkqError, match="priority") as caught:
        box.set(task, priority="1")
    assert caught.value.code == "dirty_file"
    assert (views(box), box.repo.head) == before


def test_with_edits_takes_them_along(box: Sandbox, task: str) -> None:
    box.replace(PATH, "title: Fix it", "title: Fix it well")
    box.set(task, Options(commit=True, with_edits=True), priority="1")
    head, staged, work = views(box)
    assert head == staged == work
    assert "Fix it well" in head


def test_no_commit_writes_the_file_alone(box: Sandbox, task: str) -> None:
    box.replace(PATH, "title: Fix it", "title: Fix it well")
    head = box.repo.head
    box.set(task, FILES_ONLY, priority="1")
    assert box.repo.head == head
    assert "priority: 1" in box.text(PATH)
    assert box.repo.status() == [f" M {box.name(PATH)}"]


def test_a_file_that_was_never_committed_is_refused(box: Sandbox) -> None:
    box.write("inbox/by-hand.md", "---\ntitle: By hand\n---\n")
    with pytest.raises(WrkqError, match="not committed") as caught:
        box.set("inbox/by-hand", priority="1")
    assert caught.value.code == "dirty_file"
    assert box.text("inbox/by-hand.md") == "---\ntitle: By hand\n---\n"


def test_a_purge_never_loses_uncommitted_edits(box: Sandbox, task: str) -> None:
    box.replace(PATH, "title: Fix it", "title: Fix it well")
    with pytest.raises(WrkqError, match="would be lost"):
        remove.rm(box.tracker, [task], COMMIT, purge=True)
    assert "Fix it well" in box.text(PATH)


def test_items_are_found_by_their_text_in_each_of_the_three(box: Sandbox, task: str) -> None:
    box.write(PATH, box.text(PATH) + "\n- [ ] one\n- [ ] two\n")
    box.repo.git("commit", "-qam", "items")
    box.replace(PATH, "- [ ] one", "- [ ] zero\n- [ ] one")
    update.tick(box.tracker, task, ["two"], "x", COMMIT)
    head, staged, work = views(box)
    assert "- [x] two" in head
    assert "zero" not in head
    assert head == staged
    assert "- [ ] zero\n- [ ] one\n- [x] two" in work


def test_other_files_staged_and_not_are_untouched(box: Sandbox, task: str) -> None:
    box.repo.commit({"code.py": "a = 1\n", "other.py": "b = 1\n"})
    box.repo.write({"code.py": "a = 2\n", "new.py": "c = 1\n"})
    box.repo.git("add", "code.py")
    box.repo.write({"other.py": "b = 2\n"})
    before = box.repo.status()
    box.set(task, priority="1")
    assert box.repo.status() == before
    assert box.repo.git("show", "--name-only", "--format=", "HEAD").split() == [box.name(PATH)]


@pytest.mark.parametrize("by", ["id", "path"])
def test_a_file_that_a_hand_edit_broke_is_named_and_not_written(box: Sandbox, task: str, by: str) -> None:
    box.replace(PATH, "title: Fix it", "title: Fix: it: badly")
    broken = box.text(PATH)
    with pytest.raises(WrkqError, match=r"inbox/fix-it\.md:2:") as caught:
        box.set(task if by == "id" else "inbox/fix-it", priority="1")
    assert caught.value.code == "unreadable"
    assert box.text(PATH) == broken


def test_what_only_an_uncommitted_edit_asks_for_is_written_and_not_committed(box: Sandbox, task: str) -> None:
    """``fmt`` of a file whose edit, and nothing in HEAD, is out of order: there is nothing to commit."""
    box.replace(PATH, "title: Fix it", "due: 2026-12-01\ntitle: Fix it")
    head = box.repo.head
    written = update.fmt(box.tracker, [task], COMMIT)
    assert (written.status, box.repo.head) == ("written", head)
    assert "not committed" in written.notes[0]
    assert box.text(PATH).startswith("---\ntitle: Fix it\n")
    assert box.repo.status() == [" M wrkq/inbox/fix-it.md"]


def test_with_edits_commits_nothing_where_nothing_is_asked_for(box: Sandbox, task: str) -> None:
    box.replace(PATH, "title: Fix it", "title: Fix it well")
    head, status = box.repo.head, box.repo.status()
    written = box.set(task, Options(commit=True, with_edits=True), state="open")
    assert (written.status, box.repo.head, box.repo.status()) == ("unchanged", head, status)
