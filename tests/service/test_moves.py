"""`start`, `done`, `block`, `cancel`, `reopen`: short forms of `set`, and what they know besides."""

from __future__ import annotations

import pytest

from tests.support.sandbox import COMMIT, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.service import create, moves, roster
from wrkq_files.service.change import Options
from wrkq_files.service.update import Outcome

FORCE = Options(commit=True, force=True)
TASK = "inbox/fix-it"


@pytest.fixture
def task(box: Sandbox) -> str:
    return box.add("Fix it")


def fields(box: Sandbox, address: str = TASK) -> dict[str, str]:
    front = box.text(f"{address}.md").split("---\n")[1]
    return dict(line.split(": ", 1) for line in front.splitlines() if ": " in line)


def as_actor(box: Sandbox, slug: str) -> Sandbox:
    """The same tracker, asked by another."""
    if slug not in box.tracker.actors():
        roster.add(box.tracker, slug, options=COMMIT)
    other = Sandbox.there(box.repo.path, folder=box.folder)
    original = other.door
    other.__class__ = type("As", (Sandbox,), {"door": property(lambda self: original._replace(actor=slug))})
    return other


def test_start_takes_what_is_nobody_s(box: Sandbox, task: str) -> None:
    moves.start(box.tracker, [TASK], COMMIT)
    assert (fields(box)["state"], fields(box)["assignee"]) == ("in_progress", "robin")


def test_start_leaves_somebody_else_s_to_them(box: Sandbox, task: str) -> None:
    as_actor(box, "sam")
    box.set(TASK, assignee="sam")
    moves.start(box.tracker, [TASK], COMMIT)
    assert fields(box)["assignee"] == "sam"


def test_done_with_a_summary(box: Sandbox, task: str) -> None:
    moves.done(box.tracker, [TASK], COMMIT, summary="It works now.")
    assert (fields(box)["state"], fields(box)["summary"]) == ("completed", "It works now.")


def test_done_asks_for_the_acceptance_items(box: Sandbox, task: str) -> None:
    box.write("inbox/fix-it.md", box.text("inbox/fix-it.md") + "\n## Acceptance criteria\n\n- [ ] one\n")
    box.commit_all()
    with pytest.raises(WrkqError, match="open acceptance item"):
        moves.done(box.tracker, [TASK], COMMIT)
    moves.done(box.tracker, [TASK], FORCE)
    assert "Wrkq-Override: open-criteria" in box.repo.git("log", "-1", "--format=%B")


def test_with_a_reviewer_done_leads_to_review_and_the_reviewer_completes_it(box: Sandbox, task: str) -> None:
    sam = as_actor(box, "sam")
    box.set(TASK, reviewer="sam", state="in_progress")
    moves.done(box.tracker, [TASK], COMMIT)
    assert fields(box)["state"] == "in_review"
    with pytest.raises(WrkqError, match="sam says whether it is done") as caught:
        moves.done(box.tracker, [TASK], COMMIT)
    assert (caught.value.code, "--as sam" in caught.value.hint) == ("invalid_state", True)
    moves.done(sam.tracker, [TASK], COMMIT)
    assert fields(box)["state"] == "completed"


def test_a_reviewer_who_does_the_work_hands_it_to_review_first(box: Sandbox, task: str) -> None:
    box.set(TASK, reviewer="robin", state="in_progress")
    moves.done(box.tracker, [TASK], COMMIT)
    assert fields(box)["state"] == "in_review"


def test_force_passes_the_review(box: Sandbox, task: str) -> None:
    as_actor(box, "sam")
    box.set(TASK, reviewer="sam")
    moves.done(box.tracker, [TASK], FORCE)
    assert fields(box)["state"] == "completed"
    assert "Wrkq-Override: review" in box.repo.git("log", "-1", "--format=%B")


def test_block_adds_what_it_waits_for_and_leaves_the_state(box: Sandbox, task: str) -> None:
    first, second = box.add("First"), box.add("Second")
    moves.block(box.tracker, [TASK], COMMIT, by=[first])
    moves.block(box.tracker, [TASK], COMMIT, by=[second], reason="No budget")
    text = box.text("inbox/fix-it.md")
    assert all(f"  - {each}\n" in text for each in (first, second))
    assert "blocked_reason: No budget\n" in text
    assert "state:" not in text
    moves.block(box.tracker, [TASK], COMMIT, reason="")
    assert "blocked_reason" not in box.text("inbox/fix-it.md")


def test_block_refuses_a_cycle(box: Sandbox, task: str) -> None:
    other = box.add("Other")
    moves.block(box.tracker, [TASK], COMMIT, by=[other])
    with pytest.raises(WrkqError, match="cycle"):
        moves.block(box.tracker, [other], COMMIT, by=[task])


def test_block_wants_to_know_by_what(box: Sandbox, task: str) -> None:
    with pytest.raises(WrkqError) as caught:
        moves.block(box.tracker, [TASK], COMMIT)
    assert caught.value.code == "usage"


def test_cancel_and_reopen(box: Sandbox, task: str) -> None:
    moves.cancel(box.tracker, [TASK], COMMIT, resolution="wont_do")
    assert (fields(box)["state"], fields(box)["resolution"]) == ("cancelled", "wont_do")
    moves.reopen(box.tracker, [TASK], COMMIT)
    assert not {"state", "resolution"} & fields(box).keys()
    with pytest.raises(WrkqError, match="only what is completed or cancelled is reopened"):
        moves.reopen(box.tracker, [TASK], COMMIT)


def test_a_resolution_of_another_state_is_refused(box: Sandbox, task: str) -> None:
    with pytest.raises(WrkqError, match="goes with completed"):
        moves.cancel(box.tracker, [TASK], COMMIT, resolution="done")


def test_only_tasks_have_a_state(box: Sandbox) -> None:
    create.mkdir(box.tracker, ["shop"], COMMIT)
    with pytest.raises(WrkqError, match="only tasks have a state"):
        moves.start(box.tracker, ["shop"], COMMIT)


def test_several_at_once_and_some_that_cannot(box: Sandbox, task: str) -> None:
    box.add("Other")
    moves.start(box.tracker, ["inbox/*"], COMMIT)
    assert fields(box, "inbox/other")["state"] == "in_progress"
    moves.done(box.tracker, [TASK], COMMIT)
    outcome = Outcome()
    written = moves.reopen(box.tracker, ["inbox/*"], COMMIT, outcome)
    assert [failure.target for failure in written.failed] == ["inbox/other"]
    assert "state" not in fields(box)


def test_what_is_begun_says_when_it_is_done(box: Sandbox) -> None:
    first = box.add("First")
    box.write("inbox/first.md", box.text("inbox/first.md") + "\n## Definition of done\n\n- [x] a\n- [ ] b\n- [ ] c\n")
    box.commit_all()
    assert moves.start(box.tracker, [first], COMMIT).notes == (f"first is done when: 2 b; 3 c (wrkq tick {first} N)",)
    second = box.add("Second")
    assert moves.start(box.tracker, [second], COMMIT).notes == ()
