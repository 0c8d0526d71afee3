"""The log as people and programs ask for it: whose, when, of what; blame, differences, derived fields."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.sandbox import COMMIT, FILES_ONLY, START, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.service import (
    blame,
    comments,
    comparing,
    derived,
    log,
    move,
    promises,
    reading,
    remove,
    scopes,
    update,
)
from wrkq_files.service.log import Asked

A, B, C, P = "T-AAAAAAAA", "T-BBBBBBBB", "T-CCCCCCCC", "P-PPPPPPPP"


def doc(identifier: str, *lines: str, body: str = "") -> str:
    return "\n".join(["---", "title: x", f"id: {identifier}", *lines, "---", "", body])


@pytest.fixture
def two(box: Sandbox) -> Sandbox:
    box.write("x/README.md", doc(P, "kind: area"))
    box.write("x/a.md", doc(A))
    box.write("x/b.md", doc(B))
    box.write("_actors/codex.md", "---\nrole: agent\nemails:\n  - Codex@Example.org\n---\n")
    box.commit_all()
    return box


def rows(box: Sandbox, *targets: str, **asked: Any) -> list[dict[str, Any]]:
    """The latest first."""
    return log.rows(box.tracker, log.log(box.tracker, Asked(targets=targets, **asked)))


def said(box: Sandbox, *targets: str, **asked: Any) -> list[tuple[str, str]]:
    return [(row["type"], row["id"]) for row in rows(box, *targets, **asked)]


def by_hand(
    box: Sandbox, path: str, text: str, message: str = "by hand", author: str = "Ann <ann@example.org>"
) -> None:
    box.write(path, text)
    box.repo.git("add", "-A")
    box.repo.git("commit", "-q", "-m", message, f"--author={author}")


# Who


def test_who_is_the_trailers_actor(two: Sandbox) -> None:
    two.set(A, priority="1")
    [row] = rows(two, A)[:1]
    assert (row["actor"], row["actor_source"], row["operation"]) == ("robin", "trailer", "set")
    assert row["operation_id"]


def test_who_is_the_actor_of_the_e_mail(two: Sandbox) -> None:
    by_hand(two, "x/a.md", doc(A, "priority: 1"), author="X <codex@example.ORG>")
    [row] = rows(two, A)[:1]
    assert (row["actor"], row["actor_source"]) == ("codex", "email")


def test_whoever_closes_a_task_is_taken_for_its_assignee(two: Sandbox) -> None:
    by_hand(two, "x/a.md", doc(A, "state: completed", "assignee: codex"))
    found = {row["field"]: (row["actor"], row["actor_source"]) for row in rows(two, A)[:2]}
    assert found == {"state": ("codex", "inferred"), "assignee": ("ann@example.org", "unknown")}


def test_co_authors(two: Sandbox) -> None:
    message = "x\n\nCo-authored-by: C <codex@example.org>\nCo-authored-by: O <other@example.org>"
    by_hand(two, "x/a.md", doc(A, "priority: 1"), message)
    assert rows(two, A)[0]["co_authors"] == ["codex", "other@example.org"]
    assert said(two, actor="codex")[0] == ("task.updated", A)


def test_the_time_is_the_operations(two: Sandbox) -> None:
    two.set(A, priority="1")
    assert rows(two, A)[0]["time"].startswith(f"{START:%Y-%m-%dT%H:%M}")


def test_a_time_that_no_calendar_has(two: Sandbox) -> None:
    by_hand(two, "x/a.md", doc(A, "priority: 1"), f"x\n\nWrkq-Op: 7ZZZZZZZZZZZZZZZZZZZZZZZZZ set {A}")
    assert rows(two, A)[0]["time"].startswith("9998-")


# Which


def test_targets(two: Sandbox) -> None:
    two.set(A, priority="1")
    two.set(B, priority="1")
    assert said(two, A) == [("task.updated", A), ("task.created", A)]
    assert said(two, "x/b") == [("task.updated", B), ("task.created", B)]
    assert {each for _, each in said(two, "x")} == {A, B, P}
    assert said(two, "HEAD") == [("task.updated", B)]
    assert said(two, two.repo.head[:10]) == [("task.updated", B)]
    assert said(two, A, "HEAD") == [("task.updated", B), ("task.updated", A), ("task.created", A)]


def test_a_comment_belongs_to_what_it_is_on(two: Sandbox) -> None:
    comments.add(two.tracker, A, "words", COMMIT)
    row = rows(two, A)[0]
    assert (row["type"], row["on"], row["path"]) == ("comment.created", A, "x/a")


def test_what_is_gone_and_what_lay_elsewhere(two: Sandbox) -> None:
    move.mv(two.tracker, [A], "x/c", COMMIT)
    remove.rm(two.tracker, [A], COMMIT, purge=True)
    expected = [("task.deleted", A), ("task.moved", A), ("task.created", A)]
    assert said(two, A) == said(two, "x/a") == said(two, "x/c.md") == expected
    assert said(two, "x")[:1] == [("task.deleted", A)]
    with pytest.raises(WrkqError, match="there is no"):
        rows(two, "x/never")


def test_the_moves_of_a_container_are_its_tasks_too(two: Sandbox) -> None:
    move.mv(two.tracker, ["x"], "y", COMMIT)
    move.mv(two.tracker, ["y"], "z", COMMIT)
    assert said(two, A) == [("container.moved", P), ("container.moved", P), ("task.created", A)]


def test_time_type_field_and_number(two: Sandbox) -> None:
    two.set(A, priority="1")
    two.set(A, due="2026-02-03")
    two.set(A, priority="2")
    later = START + timedelta(hours=1)
    assert said(two, A, since=later) == [("task.created", A)]  # made by hand, and so at the machine's own time
    assert said(two, A, until=later) == [("task.updated", A)] * 3
    assert [row["field"] for row in rows(two, A, field="priority")] == ["priority"] * 2
    assert {each for each, _ in said(two, types=("task.*",))} == {"task.updated", "task.created"}
    assert len(log.log(two.tracker, Asked(targets=(A,)), count=2)) == 2
    forwards = log.log(two.tracker, Asked(targets=(A,)), count=2, reverse=True)
    assert [deed.first.happened.event.field for deed in forwards] == ["due", "priority"]
    with pytest.raises(WrkqError, match=r"no type of event `task\.create`") as caught:
        rows(two, types=("task.create",))
    assert "task.created" in caught.value.hint


def test_workspaces_and_sessions(two: Sandbox) -> None:
    ulid = "01HZY3Q2T4N5M6P7R8S9V0W1X2"
    trailers = f"Wrkq-Op: {ulid} set {A}\nWrkq-Actor: codex\nWrkq-Workspace: W-AAAAAAAA\nWrkq-Session: s1"
    by_hand(two, "x/a.md", doc(A, "priority: 1"), f"x\n\n{trailers}")
    by_hand(two, "x/b.md", doc(B, "priority: 1"))
    assert said(two, workspace="W-AAAAAAAA") == said(two, session="s1") == [("task.updated", A)]
    assert said(two, session="s2") == []
    assert rows(two, A)[0]["workspace"] == "W-AAAAAAAA"


def test_one_deed_is_what_one_operation_did_to_one_document(two: Sandbox) -> None:
    update.set_fields(two.tracker, [A, B], update.Assignments([("priority", "1"), ("due", "2026-02-03")]), COMMIT)
    found = log.log(two.tracker, Asked(), count=2)
    assert [sorted(seen.happened.event.field for seen in deed.events) for deed in found] == [["due", "priority"]] * 2
    assert {deed.first.happened.event.id for deed in found} == {A, B}


def test_the_code_that_came_with_it(two: Sandbox) -> None:
    (two.repo.path / "src").mkdir()
    (two.repo.path / "src/code.py").write_text("x\n")
    by_hand(two, "x/a.md", doc(A, "state: completed"), f"Fix it\n\nCloses {A}")
    deeds = log.log(two.tracker, Asked(targets=(A,)))
    found = log.rows(two.tracker, deeds, code=True)
    assert {(row["type"], *row["files"]) for row in found} == {
        ("task.updated", "src/code.py"),
        ("commit.mentioned", "src/code.py"),
    }
    assert [row["to"] for row in found if row["type"] == "commit.mentioned"] == ["closes"]


def test_the_difference_of_each_file(two: Sandbox) -> None:
    two.set(A, priority="1")
    move.mv(two.tracker, [A], "x/c", COMMIT)
    found = log.rows(two.tracker, log.log(two.tracker, Asked(targets=(A,))), patch=True)
    assert "rename from wrkq/x/a.md" in found[0]["diff"]
    assert "+priority: 1" in found[1]["diff"]
    assert "new file mode" in found[2]["diff"]


def test_a_tracker_without_commits(tmp_path: Any) -> None:
    box = Sandbox(tmp_path / "new")
    assert log.log(box.tracker, Asked()) == []
    assert derived.of(box.tracker, reading.ls(box.tracker, []).entries)


# Blame


def test_each_field_has_its_commit(two: Sandbox) -> None:
    first = two.repo.head
    two.set(A, priority="1", due="2026-02-03")
    second = two.repo.head
    two.set(A, priority="2")
    two.replace("x/a.md", "due: 2026-02-03", "due: 2026-02-04")
    found = {line.field: line.seen and line.seen.happened.commit for line in blame.blame(two.tracker, A).lines}
    assert found == {"title": first, "id": first, "priority": two.repo.head, "due": None, "path": first}
    assert second


def test_blame_of_a_merge_is_the_side_it_took(two: Sandbox) -> None:
    two.repo.git("checkout", "-q", "-b", "side")
    two.set(A, priority="1")
    theirs = two.repo.head
    two.repo.git("checkout", "-q", "-")
    two.set(A, priority="2")
    two.repo.git("merge", "-q", "-Xtheirs", "--no-edit", "side")
    [line] = [each for each in blame.blame(two.tracker, A).lines if each.field == "priority"]
    assert line.seen is not None
    assert line.seen.happened.commit == theirs


def test_blame_of_relations_body_and_path(two: Sandbox) -> None:
    two.set(A, blocked_by=B)
    relates = two.repo.head
    two.write("x/a.md", two.text("x/a.md") + "Words.\n")
    two.commit_all()
    body = two.repo.head
    move.mv(two.tracker, ["x"], "y", COMMIT)
    found = {line.field: line.seen and line.seen.happened.commit for line in blame.blame(two.tracker, A).lines}
    assert (found["blocked_by"], found["body"], found["path"]) == (relates, body, two.repo.head)
    two.write("y/a.md", two.text("y/a.md") + "More.\n")
    [line] = [each for each in blame.blame(two.tracker, A).lines if each.field == "body"]
    assert line.seen is None


# Differences


def differs(box: Sandbox, *words: str) -> list[tuple[str, str, str]]:
    return [(each.type, each.id, each.field) for each in comparing.diff(box.tracker, words).events]


def test_what_is_not_committed(two: Sandbox) -> None:
    assert differs(two) == []
    two.set(A, FILES_ONLY, priority="1")
    two.write("x/c.md", doc(C))
    (two.root / "x/b.md").unlink()
    assert sorted(differs(two)) == [("task.created", C, ""), ("task.deleted", B, ""), ("task.updated", A, "priority")]
    assert differs(two, A) == [("task.updated", A, "priority")]
    text = comparing.diff(two.tracker, [A], unified=True).text
    assert "+priority: 1" in text
    assert "b.md" not in text


def test_between_revisions_and_the_working_files(two: Sandbox) -> None:
    start = two.repo.head
    two.set(A, priority="1")
    middle = two.repo.head
    two.set(A, priority="2")
    two.set(B, due="2026-02-03")
    two.set(A, FILES_ONLY, priority="4")

    def priority(*words: str) -> list[tuple[Any, Any]]:
        found = comparing.diff(two.tracker, words).events
        return [(each.old, each.new) for each in found if each.field == "priority"]

    assert priority(start, middle) == priority(f"{start}..{middle}") == [(3, 1)]
    assert priority(middle, start) == [(1, 3)]
    assert priority(start) == [(3, 4)]
    assert priority("HEAD") == [(2, 4)]
    assert priority(start, "HEAD") == [(3, 2)]
    assert priority(start, B) == []
    assert differs(two, start, B) == [("task.updated", B, "due")]


def test_two_documents(two: Sandbox) -> None:
    two.set(A, priority="1", labels="a")
    two.set(B, priority="2", labels="b")
    found = comparing.diff(two.tracker, [A, B]).events
    assert {(each.field, str(each.old), str(each.new)) for each in found} == {
        ("priority", "1", "2"),
        ("labels", "['a']", "['b']"),
    }


@pytest.mark.parametrize("words", [["x/a", "x/b", "HEAD"], ["HEAD", "HEAD", "HEAD"], ["x", "x/a"]])
def test_what_cannot_be_compared(two: Sandbox, words: list[str]) -> None:
    with pytest.raises(WrkqError) as caught:
        comparing.diff(two.tracker, words)
    assert caught.value.code == "usage"


# Derived fields


def life(box: Sandbox, target: str = A) -> derived.Derived:
    tracker = box.tracker
    tracker.index.refresh()
    [entry] = tracker.index.by_id(target)
    return derived.of(tracker, [entry])[entry.path]


def test_when_things_happened(two: Sandbox) -> None:
    two.set(A, state="in_progress", assignee="codex")
    started = life(two)
    assert started.started_at
    assert (started.completed_at, started.cycle_hours) == (None, None)
    two.set(A, state="completed")
    done = life(two)
    assert done.started_at == started.started_at
    assert done.completed_at == done.updated_at
    assert done.updated_by == "robin"
    assert done.cycle_hours is not None
    two.set(A, state="open")
    assert life(two).completed_at is None
    two.set(A, state="cancelled")
    assert life(two).cancelled_at


def test_they_stay_through_a_rebase_and_follow_a_branch(two: Sandbox) -> None:
    two.repo.git("branch", "-M", "main")
    two.repo.git("checkout", "-q", "-b", "side")
    two.set(A, state="completed")
    there = life(two)
    two.repo.git("checkout", "-q", "main")
    assert life(two).completed_at is None
    two.set(B, priority="1")
    two.repo.git("checkout", "-q", "side")
    two.repo.git("rebase", "-q", "main")
    assert life(two) == there
    assert life(two, B).updated_by == "robin"


def test_edits_that_are_not_committed_are_marked(two: Sandbox) -> None:
    assert life(two).uncommitted is None
    two.replace("x/a.md", "title: x", "title: y")
    assert life(two).uncommitted is True
    assert life(two, B).uncommitted is None


def test_a_clean_merge_is_no_edit(two: Sandbox) -> None:
    two.repo.git("checkout", "-q", "-b", "side")
    two.set(A, state="in_progress", assignee="codex")
    two.repo.git("checkout", "-q", "-")
    two.replace("x/a.md", "---\n\n", "---\n\nWords.\n")
    two.commit_all()
    two.repo.git("merge", "-q", "--no-edit", "side")
    assert life(two).uncommitted is None


def test_they_are_fields_like_others(two: Sandbox) -> None:
    two.set(A, state="completed")
    [facts] = reading.stat(two.tracker, [A])
    assert {"created_at", "updated_at", "updated_by", "completed_at"} <= facts.keys()


def test_what_nobody_has_touched_for_long(two: Sandbox) -> None:
    two.set(A, priority="1")  # by the sandbox's clock, long ago
    index = two.tracker.index
    index.refresh()
    both = [index.by_id(each)[0] for each in (A, B)]

    def stale(moment: datetime) -> list[str]:
        return [entry.id for entry in derived.unchanged_since(two.tracker, both, moment)]

    assert stale(START) == []
    assert stale(START + timedelta(days=1)) == [A]
    assert stale(datetime(3000, 1, 1, tzinfo=UTC)) == [A, B]
    two.replace("x/a.md", "title: x", "title: y")
    index = two.tracker.index
    index.refresh()
    both = [index.by_id(each)[0] for each in (A, B)]
    assert stale(START + timedelta(days=1)) == []


# Promises


def promised(box: Sandbox, start: str) -> list[tuple[str, str]]:
    found = scopes.ranged(box.door, f"{start}..HEAD")
    return [(each.file, each.commit) for each in found if each.checked.finding.rule == promises.RULE]


def test_a_message_that_says_it_closes_what_stays_open(two: Sandbox) -> None:
    start = two.repo.head
    two.repo.git("commit", "-q", "--allow-empty", "-m", f"Fix, closes {A}, {C}")
    says = two.repo.head
    two.set(B, priority="1")
    assert promised(two, start) == [("wrkq/x/a.md", says)]
    two.set(A, state="completed")
    assert promised(two, start) == []
