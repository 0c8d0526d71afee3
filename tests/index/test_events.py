"""Events of histories as git makes them: merges, squashes, rewrites, cut clones, trackers that move."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.sandbox import Sandbox
from wrkq_files.index.events import Events, Happened

A, B, C, P = "T-AAAAAAAA", "T-BBBBBBBB", "T-CCCCCCCC", "P-PPPPPPPP"


def doc(identifier: str | None, *lines: str, body: str = "") -> str:
    own = [f"id: {identifier}"] if identifier else []
    return "\n".join(["---", "title: x", *own, *lines, "---", "", body])


def told(box: Sandbox, events: Events | None = None, *, tip: str = "") -> list[Happened]:
    """Everything that HEAD reaches, in its order, from a store that knew nothing unless one is given."""
    mine = events or Events(box.tracker.place)
    found = list(mine.ask(mine.upto(tip or box.repo.head), newest_first=False))
    if events is None:
        mine.close()
        shutil.rmtree(box.repo.path / ".git" / "wrkq" / "events-wrkq", ignore_errors=True)
    return found


def since(box: Sandbox, commit: str) -> list[tuple[str, str, str]]:
    """(type, id, field) of what came after a commit."""
    before = set(box.repo.git("rev-list", commit).split())
    return [(h.event.type, h.event.id, h.event.field) for h in told(box) if h.commit not in before]


@pytest.fixture
def two(tmp_path: Path) -> Sandbox:
    """Two tasks, on main."""
    box = Sandbox(tmp_path / "repo")
    box.commit_all()
    box.repo.git("branch", "-M", "main")
    box.write("x/a.md", doc(A, body="one\n\ntwo\n\nthree\n"))
    box.write("x/b.md", doc(B))
    box.commit_all()
    return box


def branch(box: Sandbox, name: str, path: str, text: str, start: str = "main") -> None:
    box.repo.git("checkout", "-q", "-b", name, start)
    box.write(path, text)
    box.commit_all()
    box.repo.git("checkout", "-q", "main")


def test_a_clean_merge_says_nothing_again(two: Sandbox) -> None:
    start = two.repo.head
    branch(two, "side", "x/a.md", doc(A, "state: completed", body="one\n\ntwo\n\nthree\n"))
    two.write("x/a.md", doc(A, body="one\n\ntwo\n\nthree, changed\n"))
    two.commit_all()
    two.repo.git("merge", "-q", "--no-edit", "side")
    assert sorted(since(two, start)) == [("task.updated", A, "body"), ("task.updated", A, "state")]


def test_a_merge_says_what_it_decided(two: Sandbox) -> None:
    branch(two, "side", "x/a.md", doc(A, "state: completed"))
    two.write("x/a.md", doc(A, "state: cancelled"))
    two.commit_all()
    start = two.repo.head
    two.repo.run("merge", "-q", "side")
    two.write("x/a.md", doc(A, "state: in_progress", "priority: 1"))
    two.commit_all()
    [merge] = [h for h in told(two) if h.commit == two.repo.head and h.event.field == "state"]
    assert (merge.event.old, merge.event.new) == ("cancelled", "in_progress")
    assert ("task.updated", A, "priority") in since(two, start)


def test_a_merge_that_takes_one_side_of_a_field_says_nothing_of_it(two: Sandbox) -> None:
    branch(two, "side", "x/a.md", doc(A, "state: completed", "assignee: mara"))
    two.write("x/a.md", doc(A, "state: cancelled"))
    two.commit_all()
    two.repo.run("merge", "-q", "side")
    two.write("x/a.md", doc(A, "state: completed", "priority: 1"))
    two.commit_all()
    assert [h.event.field for h in told(two) if h.commit == two.repo.head] == ["priority"]


def test_a_document_moved_on_one_side_and_edited_on_the_other(two: Sandbox) -> None:
    start = two.repo.head
    branch(two, "side", "x/a.md", doc(A, "state: completed", body="one\n\ntwo\n\nthree\n"))
    two.repo.git("mv", "wrkq/x/a.md", "wrkq/x/c.md")
    two.commit_all()
    two.repo.git("merge", "-q", "--no-edit", "side")
    assert sorted(since(two, start)) == [("task.moved", A, ""), ("task.updated", A, "state")]


def test_an_octopus(two: Sandbox) -> None:
    start = two.repo.head
    for name in ("c", "d", "e"):
        branch(two, name, f"x/{name}.md", doc(f"T-{name.upper() * 8}"))
    two.repo.git("merge", "-q", "-m", "all", "c", "d", "e")
    assert sorted(since(two, start)) == [("task.created", f"T-{each * 8}", "") for each in "CDE"]


def test_a_criss_cross(two: Sandbox) -> None:
    start = two.repo.head
    branch(two, "side", "x/a.md", doc(A, "state: completed", body="one\n\ntwo\n\nthree\n"))
    two.write("x/b.md", doc(B, "priority: 1"))
    two.commit_all()
    two.repo.git("branch", "old-main")
    two.repo.git("merge", "-q", "--no-edit", "side")
    two.repo.git("checkout", "-q", "side")
    two.repo.git("merge", "-q", "--no-edit", "old-main")
    two.repo.git("checkout", "-q", "main")
    two.repo.git("merge", "-q", "--no-edit", "side")
    assert sorted(since(two, start)) == [("task.updated", A, "state"), ("task.updated", B, "priority")]


def test_a_squash_tells_of_each_operation(two: Sandbox) -> None:
    two.repo.git("checkout", "-q", "-b", "side")
    two.set(A, priority="2")
    two.set(A, priority="1")
    added = two.add("New one")
    two.repo.git("checkout", "-q", "main")
    two.repo.git("merge", "-q", "--squash", "side")
    two.repo.git("commit", "-q", "--no-edit")
    found = [h for h in told(two) if h.commit == two.repo.head]
    said = {(h.event.type, h.event.id, h.event.field): (h.operation, bool(h.item)) for h in found}
    assert said["task.updated", A, "priority"] == ("set", True)
    assert said["task.created", added, ""][0] in ("add", "touch")
    assert [h.event.new for h in found if h.event.field == "priority"] == [1]
    assert [(h.event.id, h.event.field) for h in found if h.event.type == "operation.recorded"] == [(A, "set")]
    assert len({h.ulid for h in found}) == 3


def test_a_revert_a_pick_and_a_rebase(two: Sandbox) -> None:
    start = two.repo.head
    two.set(A, priority="1")
    done = two.repo.head
    two.repo.git("revert", "--no-edit", "HEAD")
    two.repo.git("cherry-pick", done)
    found = [h for h in told(two) if h.event.field == "priority"]
    assert [(h.event.old, h.event.new) for h in found] == [(3, 1), (1, 3), (3, 1)]
    assert [h.reverts for h in found] == ["", done, ""]
    assert found[0].ulid == found[2].ulid  # the message came along
    branch(two, "side", "x/b.md", doc(B, "priority: 4"), start)
    two.repo.git("checkout", "-q", "side")
    two.repo.git("rebase", "-q", "main")
    assert [h.event.id for h in told(two) if h.event.field == "priority"] == [A, A, A, B]


def test_rewritten_commits_are_forgotten_and_nothing_is_said_twice(two: Sandbox) -> None:
    with_head = Events(two.tracker.place)
    two.set(A, priority="1")
    view = with_head.upto(two.repo.head, "HEAD")
    before = [h.event for h in with_head.ask(view)]
    two.repo.git("commit", "-q", "--amend", "-m", "reworded")
    view = with_head.upto(two.repo.head, "HEAD")
    found = list(with_head.ask(view))
    assert [h.event for h in found] == before
    assert found[0].subject == "reworded"
    with_head.close()


def test_switching_branches_there_and_back(two: Sandbox) -> None:
    events = Events(two.tracker.place)
    branch(two, "side", "x/c.md", doc(C))
    two.set(A, priority="1")

    def seen() -> list[tuple[str, str]]:
        return [(h.event.type, h.event.id) for h in events.ask(events.upto(two.repo.head, "HEAD"))]

    on_main = seen()
    two.repo.git("checkout", "-q", "side")
    assert seen()[0] == ("task.created", C)
    assert ("task.updated", A) not in seen()
    two.repo.git("checkout", "-q", "main")
    assert seen() == on_main
    events.close()


def test_two_roots(two: Sandbox) -> None:
    two.repo.git("checkout", "-q", "--orphan", "other")
    two.repo.git("rm", "-rfq", "--cached", ".")
    for name in ("x/a.md", "x/b.md"):
        (two.root / name).unlink()
    two.write("x/c.md", doc(C))
    two.commit_all()
    two.repo.git("merge", "-q", "--allow-unrelated-histories", "-Xours", "-m", "both", "main")
    assert {(h.event.type, h.event.id) for h in told(two)} >= {("task.created", each) for each in (A, B, C)}


def test_a_graft(two: Sandbox) -> None:
    first = two.repo.git("rev-list", "--max-parents=0", "HEAD")
    two.set(A, priority="1")
    events = Events(two.tracker.place)
    assert len(list(events.ask(events.upto(two.repo.head)))) > 3
    events.close()
    two.repo.git("replace", "--graft", "HEAD", first)
    found = told(two)
    assert [h.event.type for h in found if h.commit == two.repo.head] == ["task.created"] * 2


def test_a_shallow_clone_knows_nothing_of_its_beginning(two: Sandbox, tmp_path: Path) -> None:
    two.set(A, priority="1")
    clone = tmp_path / "clone"
    two.repo.git("clone", "-q", "--depth=2", f"file://{two.repo.path}", str(clone))
    box = Sandbox.there(clone)
    assert [(h.event.type, h.event.field) for h in told(box)] == [("task.updated", "priority")]
    box.repo.git("fetch", "-q", "--unshallow")
    assert len(told(box)) > 3


def test_a_partial_clone(two: Sandbox, tmp_path: Path) -> None:
    two.set(A, priority="1")
    two.repo.git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    two.repo.git("clone", "-q", "--filter=blob:none", f"file://{two.repo.path}", str(clone))
    assert [h.event for h in told(Sandbox.there(clone))] == [h.event for h in told(two)]


def test_a_partial_clone_whose_origin_is_gone(two: Sandbox, tmp_path: Path) -> None:
    two.set(A, priority="1")
    two.repo.git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    two.repo.git("clone", "-q", "--filter=blob:none", f"file://{two.repo.path}", str(clone))
    shutil.move(two.repo.path, tmp_path / "elsewhere")
    found = told(Sandbox.there(clone))
    assert "file.unreadable" in {h.event.type for h in found}


def test_a_tracker_that_moves_is_the_same_one(two: Sandbox) -> None:
    two.set(A, priority="1")
    (two.repo.path / "docs").mkdir()
    two.repo.git("mv", "wrkq", "docs/plan")
    two.repo.git("commit", "-q", "-m", "move")
    moved = two.repo.head
    two.folder = "docs/plan"
    two.cwd = two.root
    two.set(A, priority="2")
    found = told(two)
    assert [h.event.type for h in found if h.commit == moved] == []
    assert [(h.event.old, h.event.new) for h in found if h.event.field == "priority"] == [(3, 1), (1, 2)]


def test_an_unreadable_file_between_two_readable_ones(two: Sandbox) -> None:
    start = two.repo.head
    two.write("x/a.md", "---\ntitle: [\n---\n")
    two.commit_all()
    two.write("x/a.md", doc(A, "priority: 1", body="one\n\ntwo\n\nthree\n"))
    two.commit_all()
    assert since(two, start) == [
        ("file.unreadable", A, ""),
        ("file.readable", A, ""),
        ("task.updated", A, "priority"),
    ]


def test_conflict_markers_that_were_committed(two: Sandbox) -> None:
    start = two.repo.head
    two.write("x/a.md", doc(A).replace("title: x", "<<<<<<< a\ntitle: x\n=======\ntitle: y\n>>>>>>> b"))
    two.commit_all()
    [found] = [h for h in told(two) if h.commit == two.repo.head]
    assert (found.event.type, found.event.new["rule"], found.event.id) == ("file.unreadable", "conflict-markers", A)
    assert len(since(two, start)) == 1


def test_what_is_deleted_and_comes_back(two: Sandbox) -> None:
    start = two.repo.head
    text = two.text("x/a.md")
    (two.root / "x/a.md").unlink()
    two.commit_all()
    two.write("y/a.md", text)
    two.commit_all()
    assert since(two, start) == [("task.deleted", A, ""), ("task.restored", A, "")]


def test_a_container_and_all_in_it(two: Sandbox) -> None:
    two.write("x/README.md", doc(P, "kind: area"))
    two.commit_all()
    start = two.repo.head
    two.repo.git("mv", "wrkq/x", "wrkq/y")
    two.commit_all()
    assert since(two, start) == [("container.moved", P, "")]


def test_a_folder_without_a_document(two: Sandbox) -> None:
    start = two.repo.head
    two.repo.git("mv", "wrkq/x", "wrkq/y")
    two.commit_all()
    [found] = [h for h in told(two) if h.commit == two.repo.head]
    assert (found.event.type, found.event.old, found.event.new) == ("container.moved", "x/README.md", "y/README.md")
    assert len(since(two, start)) == 1


def test_several_tasks_that_leave_a_folder_are_no_renamed_one(two: Sandbox) -> None:
    two.write("x/c.md", doc(C))
    two.commit_all()
    start = two.repo.head
    (two.root / "y").mkdir()
    two.repo.git("mv", "wrkq/x/a.md", "wrkq/x/b.md", "wrkq/y")
    two.commit_all()
    assert since(two, start) == [("task.moved", A, ""), ("task.moved", B, "")]


def test_hand_made_files_keep_their_derived_id(two: Sandbox) -> None:
    two.write("x/c.md", doc(None, body="some words that are enough to know it by\n" * 5))
    two.commit_all()
    derived = two.derived("x/c.md")
    two.repo.git("mv", "wrkq/x/c.md", "wrkq/x/d.md")
    two.commit_all()
    two.set("x/d", priority="1")
    found = [h for h in told(two) if h.event.path in ("x/c.md", "x/d.md")]
    assert [(h.event.type, h.event.field) for h in found] == [
        ("task.created", ""),
        ("task.moved", ""),
        ("task.updated", "id"),
        ("task.updated", "priority"),
    ]
    assert {h.event.id for h in found} == {derived}


def test_a_workspace_lands(two: Sandbox) -> None:
    branch(two, "side", "_workspaces/W-AAAAAAAA.md", "---\ntitle: x\nid: W-AAAAAAAA\nbranch: side\n---\n")
    two.set(A, priority="1")
    start = two.repo.head
    two.repo.git("merge", "-q", "--no-edit", "side")
    two.set(A, priority="2")
    assert since(two, start) == [
        ("workspace.created", "W-AAAAAAAA", ""),
        ("workspace.landed", "W-AAAAAAAA", ""),
        ("task.updated", A, "priority"),
    ]


def test_links_are_no_documents(two: Sandbox) -> None:
    start = two.repo.head
    (two.root / "x/l.md").symlink_to("a.md")
    two.commit_all()
    assert since(two, start) == []


def test_settings_attachments_comments(two: Sandbox) -> None:
    start = two.repo.head
    two.write("wrkq.yaml", two.text("wrkq.yaml") + "kinds: [story]\n")
    two.write(f"_attachments/AA/{A}/notes.txt", "x\n")
    two.write(f"_comments/AA/{A}/20260101T000000Z-mara-00000001.md", f"---\nid: C-00000001\non: {A}\n---\nhi\n")
    two.commit_all()
    assert sorted(since(two, start)) == [
        ("attachment.added", A, "notes.txt"),
        ("comment.created", "C-00000001", ""),
        ("settings.updated", "", "kinds"),
    ]
    assert {h.about for h in told(two) if h.event.type == "comment.created"} == {A}


def test_another_tracker_inside_is_none_of_ours(two: Sandbox) -> None:
    start = two.repo.head
    two.write("inner/wrkq.yaml", "format: 1\n")
    two.write("inner/c.md", doc(C))
    two.commit_all()
    assert since(two, start) == []


def test_ignored_folders(two: Sandbox) -> None:
    start = two.repo.head
    two.write("wrkq.yaml", two.text("wrkq.yaml") + "ignore: [posts]\n")
    two.write("posts/c.md", doc(C))
    two.commit_all()
    assert since(two, start) == [("settings.updated", "", "ignore")]


def test_ids_that_messages_name(two: Sandbox) -> None:
    (two.repo.path / "code.py").write_text("x\n")
    two.repo.git("add", "-A")
    two.repo.git("commit", "-q", "-m", f"Fix it, closes {A}; see {B} and T-ZZZZZZZZ")
    found = [h for h in told(two) if h.event.type == "commit.mentioned"]
    assert [(h.event.id, h.event.new) for h in found] == [(A, "closes"), (B, "mentions")]  # T-ZZZZZZZZ is nobody


def test_a_sha256_repository(tmp_path: Path) -> None:
    box = Sandbox(tmp_path / "repo", options=("--object-format=sha256",))
    box.commit_all()
    added = box.add("One")
    box.set(added, priority="1")
    assert [(h.event.type, h.event.field) for h in told(box)][-2:] == [
        ("task.created", ""),
        ("task.updated", "priority"),
    ]


def test_a_tracker_at_the_top_of_a_repository_of_code(tmp_path: Path) -> None:
    box = Sandbox(tmp_path / "repo", folder=".")
    box.write("src/code.py", "x\n")
    box.commit_all()
    added = box.add("One")
    assert [h.event.id for h in _all(box)][-1] == added


def _all(box: Sandbox) -> list[Happened]:
    events = Events(box.tracker.place)
    found = list(events.ask(events.upto(box.repo.head), newest_first=False))
    events.close()
    return found


@pytest.mark.parametrize("damage", [b"", b"no database at all" * 100, None])
def test_a_damaged_or_missing_store_is_derived_again(two: Sandbox, damage: bytes | None) -> None:
    expected = _all(two)
    folder = two.repo.path / ".git" / "wrkq" / "events-wrkq"
    for file in folder.iterdir():
        if damage is None:
            file.unlink()
        elif file.name != "lock":
            file.write_bytes(damage)
    assert _all(two) == expected


def test_a_store_that_cannot_be_written(two: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = _all(two)
    shutil.rmtree(two.repo.path / ".git" / "wrkq" / "events-wrkq")
    (two.repo.path / ".git" / "wrkq" / "events-wrkq").write_text("in the way")
    assert _all(two) == expected


def test_linked_worktrees_share_what_was_derived(
    two: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _all(two)
    other = tmp_path / "other"
    two.repo.git("worktree", "add", "-q", "-b", "side", str(other))
    box = Sandbox.there(other)
    monkeypatch.setattr("wrkq_files.index.deriving.Deriver.events", _never)
    assert [h.event for h in _all(box)] == [h.event for h in _all(two)]


def _never(*_: Any) -> None:
    raise AssertionError("it was derived before")
