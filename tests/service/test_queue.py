"""What is offered, in which order, and why not: every test of readiness, and what other branches say."""

from __future__ import annotations

import pytest

from tests.support.sandbox import COMMIT, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.model.fields import SCORE_PARTS
from wrkq_files.service import actors, comments, create, moves, queue, remove, settings
from wrkq_files.service.queue import Asked, Found


@pytest.fixture
def shop(box: Sandbox) -> Sandbox:
    """A project with a feature in `ready`, and nothing to do yet."""
    create.mkdir(box.tracker, ["shop"], COMMIT, pairs=[("kind", "project")])
    create.mkdir(box.tracker, ["shop/auth"], COMMIT, pairs=[("kind", "feature")])
    return box


def add(box: Sandbox, name: str, score: int = 0, **fields: str) -> str:
    parts = [(f"score.{part}", "3") for part in SCORE_PARTS[:score]]
    written = create.touch(box.tracker, [name], create.New(pairs=[*fields.items(), *parts]), COMMIT)
    return str(written.data["created"][0]["id"])


def ask(box: Sandbox, who: str | None = None, **asked: object) -> Found:
    return queue.queue(box.tracker, Asked(who, **asked))  # type: ignore[arg-type]


def offered(box: Sandbox, who: str | None = None, **asked: object) -> list[str]:
    return [row.entry.slug for row in ask(box, who, **asked).rows]


def failing(box: Sandbox, target: str, who: str | None = None) -> list[str]:
    return [test.name for test in queue.why(box.tracker, target, who).tests if not test.passed]


def agent(box: Sandbox, slug: str = "codex") -> str:
    actors.add(box.tracker, slug, role="agent", options=COMMIT)
    return slug


@pytest.mark.parametrize("state", ["idea", "draft", "in_review", "completed", "cancelled"])
def test_state(shop: Sandbox, state: str) -> None:
    add(shop, "shop/auth/a")
    shop.write("shop/auth/a.md", shop.text("shop/auth/a.md").replace("\n---", f"\nstate: {state}\n---", 1))
    shop.commit_all()
    assert offered(shop) == []
    assert failing(shop, "shop/auth/a") == ["state"]


def test_what_i_have_begun_is_offered_to_me_alone(shop: Sandbox) -> None:
    add(shop, "shop/auth/a")
    moves.start(shop.tracker, ["shop/auth/a"], COMMIT)
    assert offered(shop) == ["a"]
    assert offered(shop, agent(shop)) == []
    assert failing(shop, "shop/auth/a", "codex") == ["state", "assignee"]


def test_blockers(shop: Sandbox) -> None:
    first = add(shop, "shop/auth/first")
    add(shop, "shop/auth/second", blocked_by=first)
    assert offered(shop) == ["first"]
    assert failing(shop, "shop/auth/second") == ["blocked"]
    assert ask(shop).kept_back == {"blocked": 1}
    assert offered(shop, blocked=True) == ["first", "second"]
    moves.done(shop.tracker, [first], COMMIT)
    assert offered(shop) == ["second"]


def test_a_file_that_says_blocked_is_ready_when_its_blockers_are_closed(shop: Sandbox) -> None:
    first = add(shop, "shop/auth/first", state="completed")
    add(shop, "shop/auth/second", state="blocked", blocked_by=first)
    add(shop, "shop/auth/third", state="blocked")
    assert offered(shop) == ["second"]
    assert failing(shop, "shop/auth/third") == ["blocked"]


def test_a_missing_blocker_blocks_and_is_named(shop: Sandbox) -> None:
    add(shop, "shop/auth/a")
    shop.replace("shop/auth/a.md", "\n---", "\nblocked_by:\n  - T-ZZZZZZZ9\n---")
    shop.commit_all()
    [row] = ask(shop, blocked=True).rows
    assert row.reason == ("blocked", "it waits for T-ZZZZZZZ9, which is missing")


def test_a_reason_that_is_no_task(shop: Sandbox) -> None:
    add(shop, "shop/auth/a", blocked_reason="No budget")
    [row] = ask(shop, blocked=True).rows
    assert row.reason == ("blocked", "it is blocked: No budget")


def test_assignee(shop: Sandbox) -> None:
    agent(shop)
    add(shop, "shop/auth/mine", assignee="robin")
    add(shop, "shop/auth/theirs", assignee="codex")
    assert offered(shop) == ["mine"]
    assert offered(shop, "codex") == ["theirs"]
    assert failing(shop, "shop/auth/theirs") == ["assignee"]


@pytest.mark.parametrize(
    ("section", "is_offered"),
    [("backlog", False), ("ready", True), ("doing", True), ("review", False), ("done", False)],
)
def test_section(shop: Sandbox, section: str, is_offered: bool) -> None:
    add(shop, "shop/auth/a")
    shop.set("shop/auth", section=section)
    assert (offered(shop) == ["a"]) is is_offered


def test_outside_of_features_always_but_in_the_inbox_only_mine(shop: Sandbox) -> None:
    add(shop, "shop/loose")
    add(shop, "inbox/unsorted")
    add(shop, "inbox/mine", assignee="robin")
    assert sorted(offered(shop)) == ["loose", "mine"]
    assert failing(shop, "inbox/unsorted") == ["section"]


def test_not_before_it_starts(shop: Sandbox) -> None:
    add(shop, "shop/auth/later", start="2026-03-01")
    add(shop, "shop/auth/begun", start="2026-01-01")
    assert offered(shop) == ["begun"]


def test_subtasks_are_offered_and_their_parent_is_not(shop: Sandbox) -> None:
    parent = add(shop, "shop/auth/parent")
    add(shop, "shop/auth/child", parent=parent)
    assert offered(shop) == ["child"]
    assert failing(shop, "shop/auth/parent") == ["subtasks"]
    moves.done(shop.tracker, ["shop/auth/child"], COMMIT)
    assert offered(shop) == ["parent"]


def test_archived(shop: Sandbox) -> None:
    add(shop, "shop/auth/a")
    remove.rm(shop.tracker, ["shop/auth/a"], COMMIT)
    assert offered(shop) == []
    assert failing(shop, "shop/auth/a") == ["archived"]


def test_labels_for_agents(shop: Sandbox) -> None:
    agent(shop)
    for name, labels in (("any", "agentable"), ("his", "agent:codex"), ("hers", "agent:claude"), ("plain", "x")):
        add(shop, f"shop/auth/{name}", labels=labels)
    assert sorted(offered(shop, "codex")) == ["any", "his", "plain"]
    assert sorted(offered(shop)) == ["any", "hers", "his", "plain"]
    settings.change(shop.tracker, "queue.agents", "labelled", COMMIT)
    assert sorted(offered(shop, "codex")) == ["any", "his"]
    assert sorted(offered(shop)) == ["any", "hers", "his", "plain"]


def test_excluded_labels(shop: Sandbox) -> None:
    add(shop, "shop/auth/parked", labels="parked")
    settings.change(shop.tracker, "queue.exclude_labels", "parked", COMMIT)
    assert failing(shop, "shop/auth/parked") == ["labels"]


def test_attempts_until_it_is_retried(shop: Sandbox) -> None:
    add(shop, "shop/auth/hard")
    settings.change(shop.tracker, "queue.max_attempts", "2", COMMIT)
    for kind in ("attempt", "note", "handoff"):
        assert offered(shop) == ["hard"]
        comments.add(shop.tracker, "shop/auth/hard", "It did not work.", COMMIT, kind=kind)
    assert failing(shop, "shop/auth/hard") == ["attempts"]
    queue.retry(shop.tracker, "shop/auth/hard", COMMIT)
    assert offered(shop) == ["hard"]


def test_what_main_has_finished_is_not_offered_on_a_stale_branch(shop: Sandbox) -> None:
    add(shop, "shop/auth/a")
    add(shop, "shop/auth/b")
    shop.repo.git("switch", "-q", "-c", "old")
    shop.repo.commit({"code.py": "1\n"})
    shop.repo.git("switch", "-q", "main")
    moves.done(shop.tracker, ["shop/auth/a"], COMMIT)
    shop.repo.git("switch", "-q", "old")
    assert offered(shop) == ["b"]
    assert "state" in failing(shop, "shop/auth/a")


def test_what_other_branches_are_on_or_have_closed_is_not_offered(shop: Sandbox) -> None:
    for name in "abc":
        add(shop, f"shop/auth/{name}")
    shop.repo.git("switch", "-q", "-c", "work")
    moves.start(shop.tracker, ["shop/auth/a"], COMMIT)
    moves.done(shop.tracker, ["shop/auth/b"], COMMIT)
    shop.repo.git("switch", "-q", "main")
    assert offered(shop) == ["c"]
    assert failing(shop, "shop/auth/a") == ["elsewhere"]
    says = {test.name: test.says for test in queue.why(shop.tracker, "shop/auth/b").tests}
    assert says["elsewhere"] == "landing work"


def test_the_order_and_its_ties(shop: Sandbox) -> None:
    add(shop, "shop/auth/low", priority="4")
    add(shop, "shop/auth/high", priority="1")
    blocker = add(shop, "shop/auth/blocker")
    add(shop, "shop/auth/waiting", blocked_by=blocker)
    add(shop, "shop/auth/plain")
    add(shop, "shop/auth/ranked", rank="a0")
    assert offered(shop) == ["high", "blocker", "ranked", "plain", "low"]


def test_filters(shop: Sandbox) -> None:
    add(shop, "shop/auth/scored", score=1, labels="x")
    add(shop, "shop/auth/other", labels="x,y")
    add(shop, "shop/loose")
    assert offered(shop, labels=("x", "y")) == ["other"]
    assert offered(shop, feature="shop/auth", min_score=3) == ["scored"]
    assert "loose" in offered(shop, feature="shop")
    assert "loose" not in offered(shop, feature="shop/auth")
    with pytest.raises(WrkqError) as caught:
        ask(shop, feature="nowhere")
    assert caught.value.code == "not_found"


def test_all_states_asks_nothing(shop: Sandbox) -> None:
    first = add(shop, "shop/auth/first", state="idea")
    add(shop, "shop/auth/second", blocked_by=first)
    assert sorted(offered(shop, all_states=True)) == ["first", "second"]
    assert offered(shop, all_states=True, unblocked_only=True) == ["first"]


def test_rubric_orders_by_score_and_what_is_blocked_last(shop: Sandbox) -> None:
    settings.change(shop.tracker, "queue.preset", "rubric", COMMIT)
    best = add(shop, "shop/auth/best", score=2)
    add(shop, "shop/auth/blocked", score=3, blocked_by=best)
    add(shop, "shop/auth/worse", score=1, priority="1")
    add(shop, "shop/auth/none")
    assert offered(shop, all_states=True) == ["best", "worse", "none", "blocked"]


def test_due_soon_is_flagged_until_it_is_begun(shop: Sandbox) -> None:
    add(shop, "shop/auth/a", due="2026-01-20")
    assert ask(shop).rows[0].due_soon
    moves.start(shop.tracker, ["shop/auth/a"], COMMIT)
    assert not ask(shop).rows[0].due_soon


def test_nothing_ready_says_what_keeps_tasks_back(shop: Sandbox) -> None:
    assert queue.nothing(ask(shop)).message == "nothing is open"
    add(shop, "shop/auth/a", state="draft")
    refusal = queue.nothing(ask(shop))
    assert (refusal.code, refusal.message) == ("not_found", "nothing is ready; what keeps tasks back: state 1")
    assert "wrkq find --state draft" in refusal.hint


def test_every_test_has_a_way_out() -> None:
    from wrkq_files.service.readiness import NAMES

    assert set(queue.WAYS) == set(NAMES)


def test_why_wants_a_task(shop: Sandbox) -> None:
    with pytest.raises(WrkqError):
        queue.why(shop.tracker, "shop/auth")
