"""What needs a hand, what does not, and that each command does what it is offered for."""

from __future__ import annotations

import shlex
from datetime import timedelta

import pytest

from tests.cli.support import run
from tests.support.queues import add
from tests.support.sandbox import COMMIT, FILES_ONLY, START, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.service import grooming, moves, remove
from wrkq_files.service.grooming import COMMANDS, DAYS, HIGH, Row
from wrkq_files.service.tracker import open_tracker

BOXES = "## Acceptance criteria\n\n- [x] One\n- [{}] Two\n"


def groom(box: Sandbox, *what: str, days_later: int = 0, under: str | None = None, days: int = DAYS) -> list[Row]:
    """As somebody sees it so many days after all that was done."""
    later = START + timedelta(days=days_later, hours=1)
    return [*grooming.groom(open_tracker(box.door._replace(now=lambda: later)), what, under, days).rows]


def slugs(box: Sandbox, *what: str, days_later: int = 0) -> list[str]:
    return [row.entry.slug for row in groom(box, *what, days_later=days_later)]


def by_hand(box: Sandbox, name: str, body: str, **fields: str) -> None:
    """A task with a body; its id is written."""
    add(box, f"shop/auth/{name}", **fields)
    box.write(f"shop/auth/{name}.md", box.text(f"shop/auth/{name}.md").rstrip() + f"\n\n{body}")
    box.commit_all()


def test_nothing_needs_a_hand(shop: Sandbox) -> None:
    add(shop, "shop/auth/a", score=1)
    assert groom(shop) == []


@pytest.mark.parametrize("state", ["in_progress", "in_review"])
def test_stale_is_what_was_begun_and_not_touched_for_so_long(shop: Sandbox, state: str) -> None:
    add(shop, "shop/auth/a", state=state, assignee="robin")
    add(shop, "shop/auth/open")
    assert slugs(shop, "stale", days_later=DAYS - 1) == []
    [row] = groom(shop, "stale", days_later=DAYS + 1)
    assert (row.entry.slug, row.detail) == ("a", f"{state}, last touched {START.date()}")
    assert [row.entry.slug for row in groom(shop, "stale", days_later=3, days=2)] == ["a"]


def test_an_edit_that_is_not_committed_is_a_touch(shop: Sandbox) -> None:
    add(shop, "shop/auth/a", state="in_progress", assignee="robin")
    shop.set("shop/auth/a", FILES_ONLY, priority="1")
    assert slugs(shop, "stale", days_later=DAYS + 1) == []


def test_what_another_branch_has_finished_or_is_on_is_not_stale(shop: Sandbox) -> None:
    for name in ("finished", "left", "gone-on"):
        add(shop, f"shop/auth/{name}", state="in_progress", assignee="robin")
    for branch, days in (("finishing", 20), ("going-on", 29)):
        shop.repo.git("switch", "-q", "-c", branch, "main")
        if branch == "finishing":
            moves.done(shop.tracker, ["shop/auth/finished"], COMMIT)
        else:
            shop.set("shop/auth/gone-on", priority="1")
        when = {"GIT_COMMITTER_DATE": (START + timedelta(days=days)).isoformat()}
        shop.repo.git("commit", "-q", "--amend", "--no-edit", env=when)
    shop.repo.git("switch", "-q", "main")
    assert [row.entry.slug for row in groom(shop, "stale", days_later=31, days=5)] == ["left"]


def test_what_the_base_has_finished_or_touched_is_not_stale_on_an_old_branch(shop: Sandbox) -> None:
    for name in ("finished", "left", "touched"):
        add(shop, f"shop/auth/{name}", state="in_progress", assignee="robin")
    shop.repo.git("switch", "-q", "-c", "old")
    shop.repo.commit({"code.py": "1\n"})
    shop.repo.git("switch", "-q", "main")
    moves.done(shop.tracker, ["shop/auth/finished"], COMMIT)
    shop._times = iter([START + timedelta(days=20, seconds=n) for n in range(99)])
    shop.set("shop/auth/touched", priority="1")
    shop.repo.git("switch", "-q", "old")
    assert slugs(shop, "stale", days_later=DAYS + 1) == ["left"]


def test_unscored_only_where_scores_are_used(shop: Sandbox) -> None:
    add(shop, "shop/auth/a")
    add(shop, "shop/auth/idea", state="idea")
    assert slugs(shop, "unscored") == []
    add(shop, "shop/auth/scored", score=1)
    assert slugs(shop, "unscored") == ["a"]


def test_idle_is_ready_with_a_high_score_and_untouched(shop: Sandbox) -> None:
    scores = {"best": 3, "second": 2, "third": 1, "fourth": 1}
    for name, score in scores.items():
        add(shop, f"shop/auth/{name}", score=score)
    add(shop, "shop/auth/waits", score=4, blocked_reason="No budget")
    best = sorted([*scores.values(), 4], reverse=True)[: -(-5 // 4)]
    assert slugs(shop, "idle", days_later=DAYS - 1) == []
    assert slugs(shop, "idle", days_later=DAYS + 1) == [name for name, score in scores.items() if score >= min(best)]


def test_idle_is_any_score_of_twelve_and_more(shop: Sandbox) -> None:
    for name in "abcdefgh":
        add(shop, f"shop/auth/{name}", score=5)
    add(shop, "shop/auth/twelve", score=HIGH // 3)
    add(shop, "shop/auth/nine", score=HIGH // 3 - 1)
    found = slugs(shop, "idle", days_later=DAYS + 1)
    assert ("twelve" in found, "nine" in found) == (True, False)


def test_unblocked_when_the_last_blocker_was_closed_lately(shop: Sandbox) -> None:
    first, second = add(shop, "shop/auth/first"), add(shop, "shop/auth/second")
    add(shop, "shop/auth/waits", blocked_by=f"{first},{second}")
    moves.done(shop.tracker, [first], COMMIT)
    assert slugs(shop, "unblocked") == []
    moves.done(shop.tracker, [second], COMMIT)
    [row] = groom(shop, "unblocked", days_later=DAYS - 1)
    assert row.detail == f"free since {START.date()}"
    assert slugs(shop, "unblocked", days_later=DAYS + 1) == []
    moves.start(shop.tracker, ["shop/auth/waits"], COMMIT)
    assert slugs(shop, "unblocked") == []


def test_likely_done_with_every_acceptance_item_ticked(shop: Sandbox) -> None:
    by_hand(shop, "ticked", BOXES.format("x"))
    by_hand(shop, "dropped", BOXES.format("-"), state="in_progress", assignee="robin")
    by_hand(shop, "half", BOXES.format(" "))
    by_hand(shop, "plain", "- [x] No acceptance item\n")
    by_hand(shop, "draft", BOXES.format("x"), state="draft")
    details = {row.entry.slug: row.detail for row in groom(shop, "likely_done")}
    assert details == {"ticked": "all 2 acceptance items are ticked", "dropped": "the acceptance item is ticked"}


def test_likely_done_with_every_subtask_closed_and_one_completed(shop: Sandbox) -> None:
    for name, states in {"both": ("completed", "cancelled"), "none": ("cancelled",), "one": ("open",)}.items():
        parent = add(shop, f"shop/auth/{name}")
        for number, state in enumerate(states):
            add(shop, f"shop/auth/{name}-{number}", parent=parent, state=state)
    [row] = groom(shop, "likely_done")
    assert (row.entry.slug, row.detail) == ("both", "all 2 subtasks are closed")


def test_past_due_until_it_is_closed(shop: Sandbox) -> None:
    today = START.date().isoformat()
    add(shop, "shop/auth/late", due="2026-01-18")
    add(shop, "shop/auth/today", due=today)
    add(shop, "shop/auth/done", due="2026-01-18", state="completed")
    assert slugs(shop, "past_due") == ["late"]
    assert sorted(slugs(shop, "past_due", days_later=1)) == ["late", "today"]


def test_they_come_by_kind_and_then_the_most_urgent_first(shop: Sandbox) -> None:
    add(shop, "shop/auth/low", due="2026-01-01", priority="4")
    add(shop, "shop/auth/high", due="2026-01-01", priority="1")
    by_hand(shop, "ticked", BOXES.format("x"))
    add(shop, "shop/auth/scored", score=1)
    found = groom(shop)
    assert [(row.what, row.entry.slug) for row in found if row.what != "unscored"] == [
        ("likely_done", "ticked"),
        ("past_due", "high"),
        ("past_due", "low"),
    ]
    kinds = [row.what for row in found]
    assert kinds == sorted(kinds, key=[*COMMANDS].index)


def test_only_what_is_asked_for(shop: Sandbox) -> None:
    add(shop, "shop/auth/a", due="2026-01-01")
    add(shop, "shop/b", due="2026-01-01")
    remove.rm(shop.tracker, [add(shop, "shop/auth/archived", due="2026-01-01")], COMMIT)
    assert [row.entry.slug for row in groom(shop, under="shop/auth")] == ["a"]
    assert groom(shop, "stale", "idle") == []
    for asked in ({"what": ["late"]}, {"under": "nowhere"}):
        with pytest.raises(WrkqError) as caught:
            grooming.groom(shop.tracker, **asked)  # type: ignore[arg-type]
        assert caught.value.code == ("usage" if "what" in asked else "not_found")


def test_each_command_does_what_it_is_offered_for(shop: Sandbox) -> None:
    """Typed as they are shown: the task does not come again."""
    add(shop, "shop/auth/stale", state="in_progress", assignee="robin")
    add(shop, "shop/auth/stale-too", state="in_review", assignee="robin")
    add(shop, "shop/auth/idle", score=5)
    add(shop, "shop/auth/unscored")
    blocker = add(shop, "shop/auth/blocker", state="completed")
    add(shop, "shop/auth/freed", blocked_by=blocker, score=1)
    by_hand(shop, "ticked", BOXES.format("x"), score=1)  # type: ignore[arg-type]
    add(shop, "shop/auth/late", due="2025-01-01", score=1)
    rows = [
        *groom(shop, "unblocked", "unscored", "likely_done", "past_due"),
        *groom(shop, "stale", "idle", days_later=99),
    ]
    assert {row.what for row in rows} == {*COMMANDS}
    for row in rows:
        done = run(*shlex.split(row.command.replace("=N", "=2"))[1:], cwd=shop.root)
        assert done.exit == 0, (row.command, done.err)
    again = {(row.what, row.entry.id) for row in groom(shop)}
    assert again.isdisjoint({(row.what, row.entry.id) for row in rows})
