"""Figures from commits at known times: what each counts, and what it leaves out."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.repos import TestRepo
from tests.support.sandbox import COMMIT, FILES_ONLY, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.model import figures
from wrkq_files.model.statistics import Figures, Times
from wrkq_files.service import comments, create, periods, remove, roster, statistics
from wrkq_files.service.past import open_at
from wrkq_files.service.statistics import Asked, Statistics

MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
HOUR = timedelta(hours=1)


#: Days begin by the machine's clock.
pytestmark = pytest.mark.usefixtures("in_greenwich")


@pytest.fixture
def box(box: Sandbox) -> Sandbox:
    """With a project to make tasks in."""
    box.go_to(MONDAY - DAY)
    create.mkdir(box.tracker, ["portal"], COMMIT, pairs=[("kind", "project")])
    box.repo.git("branch", "-q", "-M", "main")
    return box


def by_hand(box: Sandbox, moment: datetime, message: str = "by hand", author: str = "") -> None:
    box.repo.git("add", "-A")
    dates = {"GIT_AUTHOR_DATE": moment.isoformat(), "GIT_COMMITTER_DATE": moment.isoformat()}
    box.repo.git("commit", "-q", "-m", message, *([f"--author={author}"] if author else []), env=dates)


def add(box: Sandbox, name: str, moment: datetime, **fields: str) -> str:
    """A task in `portal`, made at this moment; its address."""
    box.go_to(moment)
    create.touch(box.tracker, [f"portal/{name}"], create.New(pairs=list(fields.items())), COMMIT)
    return f"portal/{name}"


def become(box: Sandbox, target: str, moment: datetime, *states: str) -> None:
    """A task takes these states, a day apart."""
    for number, state in enumerate(states):
        box.go_to(moment + number * DAY)
        box.set(target, COMMIT, state=state)


def ask(box: Sandbox, now: datetime, **asked: object) -> Statistics:
    box.go_to(now)
    return statistics.statistics(box.tracker, Asked(**{"since": MONDAY - DAY, **asked}))  # type: ignore[arg-type]


def column(found: Statistics, name: str) -> list[int]:
    return [getattr(each.figures, name) for each in found.periods]


def lasting(*spans: timedelta) -> Times:
    hours = [span / HOUR for span in spans]
    return Times(len(hours), figures.percentile(hours, 50), figures.percentile(hours, 85))


def is_near(found: Times, expected: Times) -> bool:
    """The clock of requests ticks by seconds."""
    return found.tasks == expected.tasks and found[1:] == pytest.approx(expected[1:], abs=0.01)


def test_each_period_counts_what_happened_in_it(box: Sandbox) -> None:
    first, second = add(box, "first", MONDAY), add(box, "second", MONDAY)
    add(box, "third", MONDAY + WEEK)
    become(box, first, MONDAY + DAY, "completed")
    become(box, second, MONDAY + WEEK, "cancelled")
    become(box, first, MONDAY + 2 * WEEK, "open")
    found = ask(box, MONDAY + 2 * WEEK + DAY)
    assert [each.begins.date().isoformat() for each in found.periods] == ["2026-01-05", "2026-01-12", "2026-01-19"]
    assert column(found, "created") == [2, 1, 0]
    assert column(found, "completed") == [1, 0, 0]
    assert column(found, "cancelled") == [0, 1, 0]
    assert column(found, "reopened") == [0, 0, 1]
    assert column(found, "open") == [1, 1, 2]
    assert found.total.open == 2
    assert found.total.reopen_rate == 1 / 2


def test_cycle_time_is_from_the_first_start_and_lead_time_from_creation(box: Sandbox) -> None:
    for number, days in enumerate((1, 3, 4)):
        task = add(box, f"task-{number}", MONDAY)
        become(box, task, MONDAY + DAY, "in_progress")
        become(box, task, MONDAY + (1 + days) * DAY, "completed")
    found = ask(box, MONDAY + WEEK)
    assert is_near(found.total.cycle, lasting(1 * DAY, 3 * DAY, 4 * DAY))
    assert is_near(found.total.lead, lasting(2 * DAY, 4 * DAY, 5 * DAY))


def test_a_task_that_is_put_back_and_begun_again_was_begun_the_first_time(box: Sandbox) -> None:
    task = add(box, "slow", MONDAY)
    become(box, task, MONDAY + DAY, "in_progress", "open", "in_progress", "completed")
    assert is_near(ask(box, MONDAY + WEEK).total.cycle, lasting(3 * DAY))


def test_what_was_never_in_progress_has_no_cycle_time(box: Sandbox) -> None:
    become(box, add(box, "straight", MONDAY), MONDAY + DAY, "completed")
    found = ask(box, MONDAY + WEEK)
    assert found.total.cycle == Times(0, None, None)
    assert is_near(found.total.lead, lasting(DAY))


def test_completed_again_counts_again_and_takes_until_the_last(box: Sandbox) -> None:
    task = add(box, "again", MONDAY)
    become(box, task, MONDAY + DAY, "in_progress", "completed", "open", "completed")
    become(box, task, MONDAY + WEEK, "open", "completed")
    found = ask(box, MONDAY + WEEK + 2 * DAY)
    assert column(found, "completed") == [2, 1]
    assert [
        is_near(each.figures.cycle, lasting(span)) for each, span in zip(found.periods, (3 * DAY, WEEK), strict=True)
    ] == [True, True]
    assert is_near(found.total.cycle, lasting(WEEK))


def test_what_came_as_completed_is_created_and_completed_and_took_no_time(box: Sandbox) -> None:
    box.write("portal/old.md", "---\ntitle: Old\nstate: completed\ncreated: 2020-01-01\n---\n")
    by_hand(box, MONDAY)
    found = ask(box, MONDAY + DAY)
    assert (found.total.created, found.total.completed, found.total.open) == (1, 1, 0)
    assert (found.total.cycle.tasks, found.total.lead.tasks) == (0, 0)


def test_a_squash_is_told_by_its_operations(box: Sandbox) -> None:
    task = add(box, "squashed", MONDAY)
    roster.add(box.tracker, "codex", role="agent", options=COMMIT)
    box.repo.git("checkout", "-q", "-b", "work")
    become(box, task, MONDAY + DAY, "in_progress", "completed")
    made = add(box, "made", MONDAY + 3 * DAY)
    become(box, made, MONDAY + 4 * DAY, "completed")
    messages = box.repo.git("log", "--reverse", "--format=%B", "main..work")
    box.repo.git("checkout", "-q", "-")
    box.repo.git("merge", "-q", "--squash", "work")
    by_hand(box, MONDAY + WEEK, f"Land work\n\n{messages}")
    found = ask(box, MONDAY + WEEK + DAY, per="day")
    days = {each.begins.date(): each.figures for each in found.periods}
    assert days[(MONDAY + 2 * DAY).date()].completed == 1  # when it was done, not when it landed
    assert is_near(found.total.lead, lasting(2 * DAY))
    assert found.total.cycle.tasks == 0  # no difference of the squash says when it was begun
    assert (found.total.created, found.total.completed) == (2, 2)


def test_open_tasks_that_go_are_removed_and_completed_ones_stay_done(box: Sandbox) -> None:
    names = [add(box, name, MONDAY) for name in ("done", "purged", "archived", "kept")]
    become(box, names[0], MONDAY + DAY, "completed")
    box.go_to(MONDAY + WEEK)
    remove.rm(box.tracker, names[:2], COMMIT, purge=True)
    remove.rm(box.tracker, names[2:3], COMMIT)
    found = ask(box, MONDAY + WEEK + DAY)
    assert column(found, "removed") == [0, 2]
    assert column(found, "open") == [3, 1]
    assert [level.get("completed") for level in found.levels] == [None, 1, 1]
    box.go_to(MONDAY + 2 * WEEK)
    remove.restore(box.tracker, names[1:3], COMMIT)
    found = ask(box, MONDAY + 2 * WEEK + DAY)
    assert column(found, "restored") == [0, 0, 2]
    assert column(found, "open") == [3, 1, 3]


def test_what_is_archived_with_its_folder_is_not_open(box: Sandbox) -> None:
    add(box, "one", MONDAY)
    add(box, "two", MONDAY)
    box.go_to(MONDAY)
    create.mkdir(box.tracker, ["portal/later"], COMMIT, pairs=[])
    add(box, "later/three", MONDAY)
    box.go_to(MONDAY + WEEK)
    remove.rm(box.tracker, ["portal/later"], COMMIT, recursive=True)
    found = ask(box, MONDAY + 2 * WEEK)
    assert column(found, "open") == [3, 2, 2]
    assert column(found, "removed") == [0, 1, 0]


def test_what_two_branches_completed_counts_once_and_the_end_is_what_head_says(box: Sandbox) -> None:
    both, left = add(box, "both", MONDAY), add(box, "left", MONDAY)
    box.repo.git("checkout", "-q", "-b", "work")
    become(box, both, MONDAY + DAY, "completed")
    become(box, left, MONDAY + DAY, "completed")
    box.repo.git("checkout", "-q", "-")
    become(box, both, MONDAY + 2 * DAY, "completed")
    become(box, left, MONDAY + 2 * DAY, "cancelled")
    box.repo.git("merge", "-q", "-s", "ours", "--no-edit", "work")
    found = ask(box, MONDAY + WEEK)
    assert (found.total.completed, found.total.cancelled, found.total.open) == (1, 1, 0)


def test_estimates_are_of_what_was_completed_and_says_both(box: Sandbox) -> None:
    hours = [(2.0, 3.0), (4.0, 4.5)]
    for number, (estimate, actual) in enumerate(hours):
        task = add(box, f"t-{number}", MONDAY, estimate_hours=str(estimate), actual_hours=str(actual))
        become(box, task, MONDAY + DAY, "completed")
    become(box, add(box, "guessed", MONDAY, estimate_hours="9"), MONDAY + DAY, "completed")
    add(box, "open", MONDAY, estimate_hours="9", actual_hours="9")
    found = ask(box, MONDAY + WEEK).total.estimates
    sums = [sum(each) for each in zip(*hours, strict=True)]
    assert found == (len(hours), *sums, sums[1] / sums[0])


def test_reviews_and_feedback_count_unless_they_are_withdrawn_or_replaced(box: Sandbox) -> None:
    task = add(box, "judged", MONDAY)

    def comment(kind: str, **marks: object) -> str:
        pairs = [(name, str(mark)) for name, mark in marks.items()]
        return str(comments.add(box.tracker, task, "Text.", COMMIT, kind=kind, pairs=pairs).ids[0])

    for verdict in ("fail", "pass", "pass"):
        comment("review", verdict=verdict)
    comments.rm(box.tracker, [comment("review", verdict="fail")], COMMIT)
    first = comment("feedback", quality=1, timeliness=1)
    comment("feedback", quality=4, supersedes=first)
    comment("feedback", quality=5, timeliness=2)
    comment("review")
    found = ask(box, MONDAY + WEEK).total
    assert found.reviews == (3, 1, 1 / 3)
    assert found.quality == (2, (4 + 5) / 2)
    assert found.timeliness == (1, 2)
    before = ask(box, MONDAY + 2 * WEEK, since=MONDAY + WEEK).total
    assert (before.reviews.rate, before.quality.mean) == (None, None)


def test_nothing_to_count_is_no_number(box: Sandbox) -> None:
    add(box, "open", MONDAY)
    found = ask(box, MONDAY + DAY).total
    assert found.reopen_rate is None
    assert found.estimates == (0, None, None, None)
    assert found.cycle == found.lead == (0, None, None)


def rows(found: Statistics) -> dict[str | None, Figures]:
    return {row.name: row.figures for row in found.rows}


def test_an_actor_s_completions_are_those_that_this_actor_made(box: Sandbox) -> None:
    roster.add(box.tracker, "codex", role="agent", options=COMMIT)
    task = add(box, "theirs", MONDAY, assignee="codex")
    become(box, task, MONDAY + DAY, "completed")  # robin's doing
    comments.feedback(box.tracker, task, {"quality": 4}, "", COMMIT)
    found = rows(ask(box, MONDAY + WEEK, by="actor"))
    assert (found["robin"].created, found["robin"].completed, found["robin"].quality.marks) == (1, 1, 0)
    assert (found["codex"].completed, found["codex"].quality) == (0, (1, 4))
    assert found["robin"].open is None


def test_a_task_counts_for_each_of_its_labels_or_for_none(box: Sandbox) -> None:
    add(box, "both", MONDAY, labels="ux,api")
    become(box, add(box, "one", MONDAY, labels="ux"), MONDAY + DAY, "completed")
    add(box, "none", MONDAY)
    found = rows(ask(box, MONDAY + WEEK, by="label"))
    assert {name: (each.created, each.completed, each.open) for name, each in found.items()} == {
        "ux": (2, 1, 1),
        "api": (1, 0, 1),
        None: (1, 0, 1),
    }


def test_features_and_kinds_also_of_what_is_gone(box: Sandbox) -> None:
    box.go_to(MONDAY)
    create.mkdir(box.tracker, ["portal/auth"], COMMIT, pairs=[("kind", "feature"), ("title", "Sign in")])
    become(box, add(box, "auth/gone", MONDAY, kind="bug"), MONDAY + DAY, "completed")
    add(box, "loose", MONDAY)
    remove.rm(box.tracker, ["portal/auth/gone"], COMMIT, purge=True)
    found = ask(box, MONDAY + WEEK, by="feature").rows
    assert [(row.name, row.title, row.figures.completed) for row in found] == [
        ("portal/auth", "Sign in", 1),
        (None, None, 0),
    ]
    kinds = rows(ask(box, MONDAY + WEEK, by="kind"))
    assert {name: each.completed for name, each in kinds.items()} == {"bug": 1, "task": 0}


def test_only_what_is_below_a_container(box: Sandbox) -> None:
    add(box, "one", MONDAY)
    box.add("Elsewhere")
    assert ask(box, MONDAY + WEEK).total.created == 2
    assert ask(box, MONDAY + WEEK, container="portal").total.created == 1
    with pytest.raises(WrkqError) as refused:
        ask(box, MONDAY + WEEK, container="nowhere")
    assert refused.value.code == "not_found"


def test_what_is_not_committed_does_not_count(box: Sandbox) -> None:
    task = add(box, "edited", MONDAY)
    box.set(task, FILES_ONLY, state="completed")
    box.write("portal/new.md", "---\ntitle: New\n---\n")
    found = ask(box, MONDAY + DAY).total
    assert (found.created, found.completed, found.open) == (1, 0, 1)


def test_what_cannot_be_read_is_named_and_not_open(box: Sandbox) -> None:
    add(box, "broken", MONDAY)
    add(box, "whole", MONDAY)
    box.replace("portal/broken.md", "title: ", "title: [")
    by_hand(box, MONDAY + DAY)
    found = ask(box, MONDAY + WEEK)
    assert (found.total.created, found.total.open) == (2, 1)
    assert [fault.path for fault in found.faults] == ["portal/broken.md"]


def test_a_task_to_which_somebody_gave_another_id_goes_on(box: Sandbox) -> None:
    box.write("portal/hand.md", "---\ntitle: By hand\nstate: in_progress\n---\n")
    by_hand(box, MONDAY)
    box.write("portal/hand.md", "---\ntitle: By hand\nid: T-AAAAAAAA\nstate: completed\n---\n")
    by_hand(box, MONDAY + DAY)
    found = ask(box, MONDAY + WEEK)
    assert (found.total.created, found.total.completed, found.total.open) == (1, 1, 0)
    assert found.total.cycle == lasting(DAY)


def test_a_shallow_clone_says_that_it_is_one_and_knows_what_is_open(box: Sandbox, tmp_path: Path) -> None:
    task = add(box, "before", MONDAY)
    add(box, "other", MONDAY)
    become(box, task, MONDAY + WEEK, "completed")
    TestRepo(tmp_path).git("clone", "-q", "--depth=2", f"file://{box.repo.path}", "cut")
    cut = Sandbox.there(tmp_path / "cut")
    found = ask(cut, MONDAY + WEEK + DAY)
    assert statistics.is_cut(cut.tracker)
    assert not statistics.is_cut(box.tracker)
    assert (found.total.created, found.total.completed, found.total.open) == (0, 1, 1)
    assert found.total.lead.tasks == 0
    assert found.levels[0] == {"open": 2}


def test_what_claims_to_be_later_than_now_counts_now(box: Sandbox) -> None:
    box.write("portal/task.md", "---\ntitle: Task\n---\n")
    by_hand(box, MONDAY + 52 * WEEK)
    assert ask(box, MONDAY + DAY).total.open == 1


def test_it_begins_twelve_weeks_ago_but_not_before_the_history(box: Sandbox) -> None:
    add(box, "task", MONDAY)
    found = ask(box, MONDAY + WEEK, since=None)
    assert found.since.date() == MONDAY.date()
    found = ask(box, MONDAY + 30 * WEEK, since=None)
    assert found.since.date() == (MONDAY + 18 * WEEK).date()
    assert [level["open"] for level in found.levels] == [1] * len(found.moments)


def test_the_time_asked_for_is_what_is_counted(box: Sandbox) -> None:
    for number in range(4):
        add(box, f"task-{number}", MONDAY + number * DAY)
    found = ask(box, MONDAY + WEEK, since=MONDAY + DAY, until=MONDAY + 2 * DAY + HOUR)
    assert (found.total.created, found.total.open) == (2, 3)
    with pytest.raises(WrkqError) as refused:
        ask(box, MONDAY + WEEK, since=MONDAY + DAY, until=MONDAY)
    assert refused.value.code == "usage"


def test_an_earlier_commit_has_the_figures_of_its_time(box: Sandbox) -> None:
    task = add(box, "task", MONDAY)
    box.write("portal/note.md", "A note.\n")
    by_hand(box, MONDAY + DAY)
    then = ask(box, MONDAY + DAY, since=None)
    commit = box.repo.head
    become(box, task, MONDAY + 2 * DAY, "completed")
    box.go_to(MONDAY + 50 * WEEK)
    past = open_at(box.door, commit)
    found = statistics.statistics(past.tracker, Asked())
    past.close()
    assert (found.total, found.total.open) == (then.total, 1)
    assert found.until == MONDAY + DAY


def test_without_a_commit_there_is_nothing(tmp_path: Path) -> None:
    box = Sandbox(tmp_path / "new")
    found = ask(box, MONDAY + WEEK, by="label")
    assert (found.total.created, found.total.open, found.rows) == (0, 0, [])


@pytest.mark.parametrize(
    ("per", "expected"),
    [("day", ["30", "31", "01", "02"]), ("week", ["30"]), ("month", ["30", "01"])],
)
def test_periods_begin_where_days_weeks_and_months_do(per: str, expected: list[str]) -> None:
    begin, end = datetime(2026, 3, 30, 12, tzinfo=UTC), datetime(2026, 4, 2, 12, tzinfo=UTC)
    found = [*periods.bounds(begin, end, per)]
    assert [each.astimezone().strftime("%d") for each in found[:-1]] == expected
    assert (found[0], found[-1]) == (begin, end)


@pytest.mark.parametrize(("per", "first"), [("day", 18), ("week", 16), ("month", 1)])
def test_the_first_period_is_a_whole_one_unless_a_time_is_given(box: Sandbox, per: str, first: int) -> None:
    add(box, "task", MONDAY)
    now = datetime(2026, 6, 10, 12, tzinfo=UTC)  # 12 weeks ago it was Wednesday, 18 March
    assert ask(box, now, since=None, per=per).since == datetime(2026, 3, first, tzinfo=UTC)
    given = datetime(2026, 3, 18, 7, tzinfo=UTC)
    assert ask(box, now, since=given, per=per).since == given


def test_periods_after_one_that_was_cut_begin_where_they_do(box: Sandbox) -> None:
    wednesday = datetime(2026, 3, 18, 7, tzinfo=UTC)
    found = [*periods.bounds(wednesday, wednesday + 2 * WEEK, "week")]
    assert [each.date().day for each in found] == [18, 23, 30, 1]
    months = [*periods.bounds(wednesday, wednesday + 12 * WEEK, "month")]
    assert [(each.month, each.day) for each in months[1:-1]] == [(4, 1), (5, 1), (6, 1)]


def test_a_day_on_which_clocks_change_begins_at_midnight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    found = [*periods.bounds(datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 3, 31, tzinfo=UTC), "day")]
    assert [each.astimezone().hour for each in found[1:-1]] == [0, 0, 0]
    assert found[2] - found[1] == timedelta(hours=23)  # from the 29th, on which it happens, to the 30th
