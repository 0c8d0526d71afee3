"""What a standup says, from commits at known times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.sandbox import START, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.service import remove, standup
from wrkq_files.service.change import Options
from wrkq_files.service.standup import Item, Standup
from wrkq_files.service.tracker import open_tracker

COMMIT = Options(commit=True)


def at(box: Sandbox, *moment: int) -> standup.Since:
    """What is meant without --since at a moment."""
    tracker = open_tracker(box.door._replace(now=lambda: datetime(*moment, tzinfo=UTC)))
    return standup.since(tracker, None)


def told(box: Sandbox, since: str, actor: str | None = None) -> Standup:
    tracker = box.tracker
    return standup.standup(tracker, standup.since(tracker, since), actor)


def titles(found: Standup) -> dict[str, list[str]]:
    return {name: [item.title for item in items] for name, items in found.sections.items() if items}


def only(found: Standup, name: str) -> Item:
    [item] = found.sections[name]
    return item


@pytest.fixture
def begin(box: Sandbox) -> str:
    """A commit after which things happen."""
    for slug in ("codex", "mara"):
        box.write(f"_actors/{slug}.md", "---\nrole: agent\n---\n")
    box.write("portal/README.md", "---\ntitle: Portal\nkind: project\nid: P-AAAAAAAA\n---\n")
    box.write("portal/auth/README.md", "---\ntitle: Auth\nkind: feature\nid: P-BBBBBBBB\n---\n")
    box.commit_all()
    for title in ("Done before", "Finish", "Start", "Look", "Wait", "Reopen", "Drop"):
        box.add(title, into="portal/auth")
    for name in ("done-before", "reopen"):
        box.set(f"portal/auth/{name}", COMMIT, state="completed")
    return box.repo.head


def test_a_task_is_going_on_when_a_subtask_is(box: Sandbox, begin: str) -> None:
    box.add("Half", into="portal/auth", parent="portal/auth/start")
    box.set("portal/auth/half", COMMIT, assignee="mara", state="in_progress")
    found = titles(told(box, begin))
    assert found["doing"] == ["Half", "Start"]
    assert "due_soon" not in found


def test_each_task_is_in_one_section(box: Sandbox, begin: str) -> None:
    box.set("portal/auth/finish", COMMIT, assignee="codex", state="in_progress")
    box.set("portal/auth/finish", COMMIT, state="completed")
    box.set("portal/auth/start", COMMIT, assignee="mara", state="in_progress")
    box.set("portal/auth/look", COMMIT, assignee="mara", reviewer="codex", state="in_review")
    box.set("portal/auth/wait", COMMIT, blocked_by=box.derived("portal/auth/start.md"))
    box.set("portal/auth/reopen", COMMIT, state="open")
    box.set("portal/auth/drop", COMMIT, state="cancelled", resolution="wont_do")
    box.add("New", into="portal/auth")
    box.add("New and begun", into="portal/auth", assignee="codex", state="in_progress")
    found = told(box, begin)
    assert titles(found) == {
        "done": ["Finish"],
        "doing": ["New and begun", "Start"],
        "in_review": ["Look"],
        "blocked": ["Wait"],
        "added": ["New"],
        "moved": ["Auth", "Reopen"],
        "cancelled": ["Drop"],
    }
    assert {item.feature for items in found.sections.values() for item in items} == {"Auth"}
    assert only(found, "blocked").waits_for == [(box.derived("portal/auth/start.md"), "Start")]
    assert only(found, "cancelled").reason == "wont_do"
    assert only(found, "in_review").reviewer == "codex"
    moved, reopened = found.sections["moved"]
    assert (moved.old, moved.new) == ("Ready", "Doing")  # it followed its tasks
    assert (reopened.old, reopened.new) == ("completed", "open")


def test_due_soon_is_what_is_due_within_two_days_and_not_begun(box: Sandbox, begin: str) -> None:
    soon, later = (START + timedelta(hours=46)).isoformat(), (START + timedelta(hours=50)).isoformat()
    for name, due in (("wait", soon), ("start", soon), ("look", soon), ("reopen", later)):
        box.set(f"portal/auth/{name}", COMMIT, due=due)
    box.set("portal/auth/start", COMMIT, assignee="mara", state="in_progress")
    box.set("portal/auth/wait", COMMIT, blocked_reason="No budget")
    box.set("portal/auth/drop", COMMIT, due="2026-01-01", state="cancelled")
    box.add("Late", into="portal/auth", due="2026-01-18", assignee="mara")
    found = told(box, begin)
    assert {name: titles(found)[name] for name in ("doing", "blocked", "due_soon")} == {
        "doing": ["Start"],
        "blocked": ["Wait"],
        "due_soon": ["Late", "Look"],
    }
    assert "added" not in titles(found), "each is in one section"
    due = {item.title: (item.due, item.actor) for name in found.sections for item in found.sections[name] if item.due}
    assert due == {
        "Late": ("2026-01-18", "mara"),
        "Look": (soon, None),
        "Wait": (soon, None),
    }


def test_nothing_is_empty(box: Sandbox, begin: str) -> None:
    assert titles(told(box, "HEAD")) == {}


def test_done_is_only_what_was_done_since(box: Sandbox, begin: str) -> None:
    """Archived without being done is not, nor purged; done and then archived or purged is."""
    for name in ("finish", "start"):
        box.set(f"portal/auth/{name}", COMMIT, state="completed")
    box.set("portal/auth/look", COMMIT, assignee="codex", state="in_progress")
    remove.rm(box.tracker, ["portal/auth/finish", "portal/auth/look"], COMMIT)
    remove.rm(box.tracker, ["portal/auth/start", "portal/auth/wait"], COMMIT, purge=True)
    assert titles(told(box, begin)) == {"done": ["Finish", "Start"], "moved": ["Auth"]}


def test_of_an_actor(box: Sandbox, begin: str) -> None:
    box.set("portal/auth/start", COMMIT, assignee="codex", state="in_progress")
    box.set("portal/auth/look", COMMIT, assignee="mara", state="in_progress")
    assert titles(told(box, begin, "codex")) == {"doing": ["Start"]}


def test_when_it_began_is_known_from_before(box: Sandbox, begin: str) -> None:
    box.set("portal/auth/start", COMMIT, assignee="codex", state="in_progress")
    first = only(told(box, begin), "doing").time
    box.set("portal/auth/start", COMMIT, priority="1")
    assert first is not None
    assert only(told(box, "HEAD"), "doing").time == first


def test_yesterday_is_friday_on_a_monday(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    days = [at(box, 2026, 1, day, 12).time.astimezone().date().day for day in (18, 19, 20)]
    assert days == [17, 16, 19]


def test_what_is_no_time_is_refused(box: Sandbox) -> None:
    with pytest.raises(WrkqError) as refused:
        told(box, "soonish")
    assert refused.value.code == "usage"


# Beside other branches


def branch(box: Sandbox, name: str) -> None:
    box.repo.git("checkout", "-q", "-B", name)


def test_a_stale_branch_tells_what_the_base_has_done(box: Sandbox, begin: str) -> None:
    box.repo.git("branch", "-q", "-M", "main")
    box.repo.git("branch", "-q", "stale")
    box.set("portal/auth/finish", COMMIT, assignee="codex", state="completed")
    box.repo.git("checkout", "-q", "stale")
    box.set("portal/auth/start", COMMIT, assignee="mara", state="in_progress")
    found = told(box, begin)
    assert titles(found) == {"done": ["Finish"], "doing": ["Start"], "moved": ["Auth"]}
    assert only(found, "done").time is not None
    assert [each.words for each in only(found, "done").marks] == ["~ completed on main"]
    assert found.as_of == box.repo.git("rev-parse", "main")


def test_what_both_have_is_told_once(box: Sandbox, begin: str) -> None:
    box.repo.git("branch", "-q", "-M", "main")
    box.set("portal/auth/finish", COMMIT, assignee="codex", state="completed")
    box.repo.git("branch", "-q", "stale")
    box.set("portal/auth/look", COMMIT, priority="1")
    box.repo.git("checkout", "-q", "stale")
    assert titles(told(box, begin)) == {"done": ["Finish"]}


def test_who_is_at_work_on_a_branch_is_seen_from_main(box: Sandbox, begin: str) -> None:
    box.repo.git("branch", "-q", "-M", "main")
    branch(box, "agent")
    box.set("portal/auth/start", COMMIT, assignee="mara", state="in_progress")
    box.set("portal/auth/finish", COMMIT, assignee="codex", state="completed")
    box.repo.git("checkout", "-q", "main")
    found = told(box, begin)
    assert titles(found) == {"doing": ["Finish", "Start"]}
    assert [(each.actor, each.marks[0].words) for each in found.sections["doing"]] == [
        ("codex", "landing agent"),
        ("mara", "taken agent"),
    ]
    assert titles(told(box, begin, "mara")) == {"doing": ["Start"]}
