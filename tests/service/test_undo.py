"""Ways back: one operation undone, what was purged brought back, what was long archived taken out."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.sandbox import COMMIT, FILES_ONLY, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.service import attachments, comments, compact, move, relations, remove, update
from wrkq_files.service.change import Options, Written
from wrkq_files.service.undo import undo

A, B, P = "T-AAAAAAAA", "T-BBBBBBBB", "P-PPPPPPPP"


def doc(identifier: str, *lines: str, body: str = "") -> str:
    return "\n".join(["---", "title: x", f"id: {identifier}", *lines, "---", "", body])


@pytest.fixture
def two(box: Sandbox) -> Sandbox:
    _fill(box)
    return box


def _fill(box: Sandbox) -> None:
    """A container of two tasks; the actor is known by the e-mail that `init` found."""
    box.write("x/README.md", doc(P, "kind: area"))
    box.write(
        "x/a.md", doc(A, "labels: [a, b]   # of ours", body="one\n\ntwo\n\nthree\n\n- [ ] first\n- [ ] second\n")
    )
    box.write("x/b.md", doc(B, "priority: 1"))
    box.commit_all()


#: Every kind of operation, by name.
OPERATIONS: dict[str, Callable[[Sandbox], object]] = {
    "set": lambda box: box.set(A, priority="1", assignee=_me(box), state="in_progress"),
    "set two": lambda box: update.set_fields(box.tracker, [A, B], update.Assignments([("priority", "2")]), COMMIT),
    "tick": lambda box: update.tick(box.tracker, A, ["1"], "x", COMMIT),
    "fmt": lambda box: update.fmt(box.tracker, [A], COMMIT),
    "add": lambda box: box.add("New one", into="x"),
    "archive": lambda box: remove.rm(box.tracker, [A], COMMIT),
    "purge": lambda box: remove.rm(box.tracker, [A], COMMIT, purge=True),
    "purge all": lambda box: remove.rm(box.tracker, ["x"], COMMIT, purge=True, recursive=True),
    "mv": lambda box: move.mv(box.tracker, [A], "x/c", COMMIT),
    "mv all": lambda box: move.mv(box.tracker, ["x"], "y", COMMIT),
    "relate": lambda box: relations.relate(box.tracker, A, "blocked-by", B, COMMIT),
    "comment": lambda box: comments.add(box.tracker, A, "words\n", COMMIT),
    "attach": lambda box: attachments.put(box.tracker, A, "f.bin", b"bytes\0", COMMIT),
}


def _me(box: Sandbox) -> str:
    return next(iter(box.tracker.actors()))


def tree(box: Sandbox) -> str:
    return box.repo.git("rev-parse", "HEAD^{tree}")


@pytest.mark.parametrize("name", OPERATIONS)
def test_nothing_is_left_of_an_operation(two: Sandbox, name: str) -> None:
    before = tree(two)
    OPERATIONS[name](two)
    assert tree(two) != before
    written = undo(two.tracker, None, COMMIT)
    assert tree(two) == before
    assert two.repo.status() == []
    assert written.operation == "undo"


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(["set", "set two", "tick", "add", "relate", "comment", "attach", "mv"]), max_size=5))
def test_undoing_again_and_again_leads_back_to_the_beginning(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        box = Sandbox(Path(folder))
        _fill(box)
        start, done = tree(box), 0
        for name in names:
            try:
                changed = OPERATIONS[name](box)
            except WrkqError:  # a second move to one place, an item that is ticked already
                continue
            done += not (isinstance(changed, Written) and changed.status == "unchanged")
        for _ in range(done):
            undo(box.tracker, None, COMMIT)
        assert tree(box) == start
        with pytest.raises(WrkqError, match="no operation"):
            undo(box.tracker, None, COMMIT)


def test_what_was_changed_elsewhere_since_stays(two: Sandbox) -> None:
    two.set(A, priority="1")
    done = two.repo.head
    two.set(A, due="2026-02-03")
    two.replace("x/a.md", "three", "three, and more")
    two.commit_all()
    undo(two.tracker, done, COMMIT)
    text = two.text("x/a.md")
    assert "priority" not in text
    assert "due: 2026-02-03" in text
    assert "three, and more" in text


def test_of_a_text_only_the_lines_that_were_changed_go_back(two: Sandbox) -> None:
    two.replace("x/a.md", "one\n", "one, changed\n")
    two.commit_all()
    done = two.repo.head
    two.replace("x/a.md", "three\n", "three, changed\n")
    two.commit_all()
    undo(two.tracker, done, COMMIT)
    assert "one\n\ntwo\n\nthree, changed\n" in two.text("x/a.md")


def test_of_labels_only_those_that_came_go(two: Sandbox) -> None:
    update.set_fields(two.tracker, [A], update.Assignments([], add_labels=("c",), remove_labels=("a",)), COMMIT)
    done = two.repo.head
    update.set_fields(two.tracker, [A], update.Assignments([], add_labels=("d",)), COMMIT)
    undo(two.tracker, done, COMMIT)
    index = two.tracker.index
    index.refresh()
    assert sorted(index.by_id(A)[0].labels) == ["a", "b", "d"]


def refused(box: Sandbox, commit: str | None = None) -> WrkqError:
    before = tree(box), box.repo.status()
    with pytest.raises(WrkqError) as caught:
        undo(box.tracker, commit, COMMIT)
    assert (tree(box), box.repo.status()) == before
    return caught.value


def test_the_same_field_changed_since_names_who(two: Sandbox) -> None:
    two.set(A, priority="1")
    done = two.repo.head
    two.set(A, priority="2")
    error = refused(two, done)
    assert (error.code, error.exit_status) == ("conflict", 4)
    assert f"{_me(two)} in {two.repo.head[:8]}" in error.message
    assert error.details["commit"] == two.repo.head
    assert error.details["field"] == "priority"


def test_the_same_lines_changed_since(two: Sandbox) -> None:
    two.replace("x/a.md", "one\n", "one, changed\n")
    two.commit_all()
    done = two.repo.head
    two.replace("x/a.md", "one, changed\n", "one, again\n")
    two.commit_all()
    assert refused(two, done).details["field"] == "body"


def test_what_was_made_and_is_used_by_now(two: Sandbox) -> None:
    added = two.add("New one", into="x")
    done = two.repo.head
    relations.relate(two.tracker, A, "blocked-by", added, COMMIT)
    error = refused(two, done)
    assert error.code == "conflict"
    assert "x/a refers to it" in error.message


def test_what_was_made_and_commented_on_by_now(two: Sandbox) -> None:
    added = two.add("New one", into="x")
    done = two.repo.head
    comments.add(two.tracker, added, "words", COMMIT)
    assert "C-" in refused(two, done).message


def test_a_place_that_is_taken_by_now(two: Sandbox) -> None:
    remove.rm(two.tracker, [A], COMMIT, purge=True)
    done = two.repo.head
    two.write("x/a.md", doc("T-CCCCCCCC"))
    two.commit_all()
    assert "there is a file of that name again" in refused(two, done).message


def test_what_was_moved_on_since(two: Sandbox) -> None:
    move.mv(two.tracker, [A], "x/c", COMMIT)
    done = two.repo.head
    move.mv(two.tracker, [A], "x/d", COMMIT)
    assert refused(two, done).code == "conflict"


def test_a_field_of_what_was_moved_since(two: Sandbox) -> None:
    two.set(A, priority="1")
    done = two.repo.head
    move.mv(two.tracker, [A], "x/d", COMMIT)
    undo(two.tracker, done, COMMIT)
    assert "priority" not in two.text("x/d.md")


def test_only_mine_without_a_commit(two: Sandbox) -> None:
    two.set(A, priority="1")
    two.write("_actors/codex.md", "---\nrole: agent\n---\n")
    two.commit_all()
    door = two.door._replace(actor="codex")
    from wrkq_files.service.tracker import open_tracker

    tracker = open_tracker(door)
    update.set_fields(tracker, [B], update.Assignments([("priority", "4")]), COMMIT)
    undo(two.tracker, None, COMMIT)
    assert "priority" not in two.text("x/a.md")
    assert "priority: 4" in two.text("x/b.md")
    assert "This reverts commit" in two.repo.git("log", "-1", "--format=%B")


def test_merges_and_the_beginning_are_refused(two: Sandbox) -> None:
    two.repo.git("checkout", "-q", "-b", "side")
    two.set(A, priority="1")
    two.repo.git("checkout", "-q", "-")
    two.set(B, priority="3")
    two.repo.run("merge", "-q", "--no-edit", "side")
    two.write("x/a.md", doc(A, "priority: 3", "due: 2026-01-01"))
    two.repo.git("commit", "-q", "-a", "--amend", "--no-edit")
    assert "is a merge" in refused(two, "HEAD").message
    first = two.repo.git("rev-list", "--max-parents=0", "HEAD")
    assert "first commit" in refused(two, first).message
    assert refused(two, "nothing").code == "not_found"


def test_edits_that_are_not_committed_stay_as_they_are(two: Sandbox) -> None:
    two.set(A, priority="1")
    two.replace("x/a.md", "three\n", "three, being edited\n")
    undo(two.tracker, None, COMMIT)
    assert two.repo.status() == [" M wrkq/x/a.md"]
    assert "three, being edited" in two.text("x/a.md")
    assert b"being edited" not in (two.repo.show("HEAD:wrkq/x/a.md") or b"")


def test_a_dry_run_writes_nothing(two: Sandbox) -> None:
    two.set(A, priority="1")
    head = two.repo.head
    written = undo(two.tracker, None, Options(dry_run=True))
    assert two.repo.head == head
    assert "-priority: 1" in written.diff


# What is not committed


def test_what_was_written_and_not_committed(two: Sandbox) -> None:
    two.replace("x/a.md", "three\n", "three, being edited\n")
    before = two.text("x/a.md")
    two.set(A, FILES_ONLY, priority="1")
    two.add("New one", into="x", options=FILES_ONLY)
    assert (two.root / "x/new-one.md").exists()
    assert undo(two.tracker, None, Options()).status == "written"
    assert not (two.root / "x/new-one.md").exists()
    undo(two.tracker, None, Options())
    assert two.text("x/a.md") == before
    assert two.repo.status() == [" M wrkq/x/a.md"]


def test_what_was_removed_and_not_committed(two: Sandbox) -> None:
    before = two.text("x/a.md")
    remove.rm(two.tracker, [A], FILES_ONLY, purge=True)
    undo(two.tracker, None, Options())
    assert two.text("x/a.md") == before
    assert two.repo.status() == []


def test_what_was_changed_by_hand_since_it_was_written(two: Sandbox) -> None:
    two.set(A, FILES_ONLY, priority="1")
    two.replace("x/a.md", "priority: 1", "priority: 2")
    assert refused(two).code == "conflict"


def test_first_what_is_not_committed_then_what_is(two: Sandbox) -> None:
    two.set(A, priority="1")
    two.set(B, FILES_ONLY, priority="2")
    undo(two.tracker, None, Options())
    assert "priority: 1" in two.text("x/a.md")
    assert "priority: 1" in two.text("x/b.md")
    undo(two.tracker, None, COMMIT)
    assert "priority" not in two.text("x/a.md")


# What was purged


def test_a_purged_task_comes_back_with_what_belongs_to_it(two: Sandbox) -> None:
    comments.add(two.tracker, A, "words\n", COMMIT)
    attachments.put(two.tracker, A, "f.bin", b"bytes\0", COMMIT)
    before = tree(two)
    remove.rm(two.tracker, [A], COMMIT, purge=True)
    two.set(B, priority="2")
    two.set(B, priority="1")
    remove.restore(two.tracker, [A], COMMIT)
    assert tree(two) == before


def test_a_purged_container_by_its_address(two: Sandbox) -> None:
    before = tree(two)
    remove.rm(two.tracker, ["x"], COMMIT, purge=True, recursive=True)
    assert not (two.root / "x").exists()
    remove.restore(two.tracker, ["x"], COMMIT)
    assert tree(two) == before


def test_what_was_archived_before_it_was_purged_is_not_archived_any_more(two: Sandbox) -> None:
    before = tree(two)
    remove.rm(two.tracker, [A], COMMIT)
    remove.rm(two.tracker, [A], COMMIT, purge=True)
    remove.restore(two.tracker, [A], COMMIT)
    assert tree(two) == before


def test_a_purged_task_whose_place_is_taken(two: Sandbox) -> None:
    remove.rm(two.tracker, [A], COMMIT, purge=True)
    two.write("x/a.md", doc("T-CCCCCCCC"))
    two.commit_all()
    with pytest.raises(WrkqError) as caught:
        remove.restore(two.tracker, [A], COMMIT)
    assert caught.value.code == "exists"


def test_a_name_that_nobody_ever_had(two: Sandbox) -> None:
    with pytest.raises(WrkqError) as caught:
        remove.restore(two.tracker, ["T-ZZZZZZZZ"], COMMIT)
    assert caught.value.code == "not_found"


# Names that were somebody's


def test_a_name_says_where_it_went(two: Sandbox) -> None:
    move.mv(two.tracker, [A], "x/c", COMMIT)
    remove.rm(two.tracker, [B], COMMIT, purge=True)
    assert hint(two, "x/a") == f"it is x/c now ({A})"
    purged = f"{_me(two)} purged it in {two.repo.head[:8]}; wrkq restore {B} brings it back"
    assert [hint(two, each) for each in ("x/b", "x/b.md", B, B.lower())] == [purged] * 4
    assert "wrkq find" in hint(two, "nonsense")


def hint(box: Sandbox, target: str) -> str:
    with pytest.raises(WrkqError) as caught:
        update.tick(box.tracker, target, ["1"], "x", COMMIT)
    assert caught.value.code == "not_found"
    return caught.value.hint


# Compacting


def archived(box: Sandbox, *targets: str) -> None:
    remove.rm(box.tracker, targets, COMMIT, recursive=True)


LATER = datetime(2027, 1, 1, tzinfo=UTC)


def test_what_was_archived_before_goes(two: Sandbox) -> None:
    comments.add(two.tracker, A, "words\n", COMMIT)
    archived(two, A)
    assert compact.plan(two.tracker, datetime(2025, 1, 1, tzinfo=UTC)).purged == []
    plan = compact.plan(two.tracker, LATER)
    assert [entry.id for entry in plan.purged] == [A]
    assert plan.files == 2
    listed = {path: (two.root / path).stat().st_size for path in _tracked(two)}
    compact.compact(two.tracker, LATER, COMMIT)
    left = {path: (two.root / path).stat().st_size for path in _tracked(two)}
    assert plan.size == sum(listed.values()) - sum(left.values())
    assert not (two.root / "x/a.md").exists()
    remove.restore(two.tracker, [A], COMMIT)
    assert (two.root / "x/a.md").exists()
    assert len(list((two.root / "_comments").rglob("*.md"))) == 1


def _tracked(box: Sandbox) -> list[str]:
    names = box.repo.git("ls-files", "--", box.folder).splitlines()
    return [name.removeprefix(f"{box.folder}/") for name in names if name.endswith(".md")]


def test_what_something_else_refers_to_stays(two: Sandbox) -> None:
    relations.relate(two.tracker, B, "relates-to", A, COMMIT)
    archived(two, A)
    plan = compact.plan(two.tracker, LATER)
    assert ([entry.id for entry in plan.purged], [entry.id for entry in plan.kept]) == ([], [A])


def test_a_container_goes_with_all_it_holds(two: Sandbox) -> None:
    archived(two, "x")
    plan = compact.plan(two.tracker, LATER)
    assert [entry.id for entry in plan.purged] == [P]
    compact.compact(two.tracker, LATER, COMMIT)
    assert not (two.root / "x").exists()
