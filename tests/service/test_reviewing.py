"""Reviews: who may decide, what becomes of the task, what is written down."""

from __future__ import annotations

import pytest

from tests.support.branching import on
from tests.support.sandbox import COMMIT, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.service import comments, create, moves, reviewing, roster, update
from wrkq_files.service.change import Options, Written
from wrkq_files.service.tracker import Tracker, open_tracker

BODY = "## Acceptance criteria\n\n- [ ] above the fold\n"


@pytest.fixture
def shop(box: Sandbox) -> Sandbox:
    """A feature in work with the task `a`, in review by bob, and `b`."""
    for slug in ("al", "bob"):
        roster.add(box.tracker, slug, options=COMMIT, role="human", display_name=None, duties=(), emails=())
    create.mkdir(box.tracker, ["shop"], COMMIT, kind="project")
    create.mkdir(box.tracker, ["shop/auth"], COMMIT, kind="feature")
    pairs = [("reviewer", "bob"), ("assignee", "al")]
    create.touch(box.tracker, ["shop/auth/a", "shop/auth/b"], create.New(pairs=pairs), COMMIT)
    moves.start(by(box, "al"), ["shop/auth/a"], COMMIT)
    moves.done(by(box, "al"), ["shop/auth/a"], COMMIT)
    return box


def by(box: Sandbox, actor: str) -> Tracker:
    return open_tracker(box.door._replace(actor=actor))


def fields(box: Sandbox, address: str = "shop/auth/a") -> dict[str, object]:
    box.tracker.index.refresh()
    entry = box.tracker.index.entry(f"{address}.md")
    assert entry is not None
    return {"state": entry.state, **entry.document_fields()}


def decide(
    box: Sandbox, verdict: str, who: str = "bob", reason: str | None = "because", gate: str | None = None
) -> Written:
    return reviewing.decide(by(box, who), ["shop/auth/a"], verdict, COMMIT, reason=reason, gate=gate)


def test_the_reviewer_s_pass_completes_it_and_is_a_comment_in_the_same_commit(shop: Sandbox) -> None:
    head = shop.repo.head
    written = decide(shop, "pass")
    assert fields(shop)["state"] == "completed"
    [said] = comments.ls(shop.tracker, "shop/auth/a")
    assert said.entry.author == "bob"
    assert {name: said.entry.document_fields()[name] for name in ("kind", "verdict")} == {
        "kind": "review",
        "verdict": "pass",
    }
    assert said.body.strip() == "because"
    assert shop.repo.git("rev-list", "--count", f"{head}..HEAD") == "1"
    assert len(written.paths) == 2


def test_a_pass_needs_no_words(shop: Sandbox) -> None:
    decide(shop, "pass", reason=None)
    assert comments.ls(shop.tracker, "shop/auth/a")[0].body.strip() == "Review passed."


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_a_failure_needs_a_reason(shop: Sandbox, reason: str | None) -> None:
    with pytest.raises(WrkqError, match="why does it fail"):
        decide(shop, "fail", reason=reason)
    assert fields(shop)["state"] == "in_review"


def test_a_failure_sends_it_back_to_whoever_works_on_it(shop: Sandbox) -> None:
    decide(shop, "fail", reason="Focus is lost")
    assert (fields(shop)["state"], fields(shop)["assignee"]) == ("in_progress", "al")
    [said] = comments.ls(shop.tracker, "shop/auth/a")
    assert (said.body.strip(), said.entry.document_fields()["verdict"]) == ("Focus is lost", "fail")


@pytest.mark.parametrize("verdict", ["pass", "fail"])
def test_nobody_else_decides(shop: Sandbox, verdict: str) -> None:
    with pytest.raises(WrkqError, match="bob says") as error:
        decide(shop, verdict, who="al")
    assert error.value.code == "invalid_state"
    forced = reviewing.decide(by(shop, "al"), ["shop/auth/a"], verdict, COMMIT._replace(force=True), reason="so")
    assert forced.status == "committed"
    assert "Wrkq-Override: review" in shop.repo.git("log", "-1", "--format=%B")


@pytest.mark.parametrize("verdict", ["pass", "fail"])
def test_only_what_is_in_review_is_decided(shop: Sandbox, verdict: str) -> None:
    with pytest.raises(WrkqError, match="b is open: only what is in review") as error:
        reviewing.decide(by(shop, "bob"), ["shop/auth/b"], verdict, COMMIT, reason="so")
    assert error.value.hint == "wrkq done shop/auth/b hands over what has a reviewer"


def test_a_task_without_a_reviewer_is_anybody_s(shop: Sandbox) -> None:
    shop.set("shop/auth/a", reviewer="")
    decide(shop, "pass", who="al")
    assert fields(shop)["state"] == "completed"


def test_open_criteria_are_in_the_way_of_a_pass(shop: Sandbox) -> None:
    shop.write("shop/auth/a.md", shop.text("shop/auth/a.md") + BODY)
    shop.commit_all()
    with pytest.raises(WrkqError, match='open acceptance item: 1 "above the fold"'):
        decide(shop, "pass")
    update.tick(shop.tracker, "shop/auth/a", ["1"], "x", COMMIT)
    decide(shop, "pass")


def test_the_last_task_to_pass_takes_its_feature_along(shop: Sandbox) -> None:
    shop.set("shop/auth/b", state="cancelled")
    written = decide(shop, "pass")
    assert written.notes == ("shop/auth goes from doing to done",)


# Targets


@pytest.mark.parametrize("kind", ["thread", "goal"])
def test_a_target_is_minted_with_the_task(box: Sandbox, kind: str) -> None:
    create.touch(box.tracker, ["inbox/x", "inbox/y"], create.New(pairs=[("target", kind)]), COMMIT)
    first, second = (fields(box, f"inbox/{name}")["target"] for name in "xy")
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert first["type"] == second["type"] == kind
    assert first["id"] != second["id"]


def test_what_is_no_target_is_refused_with_what_is(box: Sandbox) -> None:
    with pytest.raises(WrkqError, match="allowed is thread or goal"):
        create.touch(box.tracker, ["inbox/x"], create.New(pairs=[("target", "chat")]), COMMIT)
    create.touch(box.tracker, ["inbox/x"], create.New(pairs=[("target", '{"type": "goal", "id": "G1"}')]), COMMIT)
    assert fields(box, "inbox/x")["target"] == {"type": "goal", "id": "G1"}


def test_a_task_that_fails_gets_another_target_and_keeps_the_old_ones(shop: Sandbox) -> None:
    shop.set("shop/auth/a", target="thread")
    seen = [fields(shop)["target"]]
    for _ in range(2):
        decide(shop, "fail")
        seen.append(fields(shop)["target"])
        assert list(fields(shop)["past_targets"]) == seen[:-1]  # type: ignore[call-overload]
        moves.done(by(shop, "al"), ["shop/auth/a"], COMMIT)
    assert len({str(each) for each in seen}) == 3
    decide(shop, "pass")
    assert fields(shop)["target"] == seen[-1]


def test_a_task_without_a_target_gets_none(shop: Sandbox) -> None:
    decide(shop, "fail")
    assert "target" not in fields(shop)


# Gates


def test_passing_a_gate_completes_nothing_and_failing_one_sends_it_back(shop: Sandbox) -> None:
    decide(shop, "pass", who="al", gate="security")
    assert fields(shop)["state"] == "in_review"
    [item] = reviewing.ls(shop.tracker)
    assert item.gates == {"security": "pass"}
    decide(shop, "fail", gate="security")
    assert fields(shop)["state"] == "in_progress"


# What waits


def test_what_waits_for_whom(shop: Sandbox) -> None:
    shop.write("shop/auth/a.md", shop.text("shop/auth/a.md") + BODY)
    [item] = reviewing.ls(shop.tracker, "bob")
    assert (item.path, item.reviewer, item.criteria, item.branch) == ("shop/auth/a", "bob", ["above the fold"], "")
    assert reviewing.ls(shop.tracker, "al") == []
    with pytest.raises(WrkqError, match="no actor"):
        reviewing.ls(shop.tracker, "nobody")


def test_what_is_in_review_on_another_branch_waits_too(shop: Sandbox) -> None:
    def hand_over() -> None:
        shop.replace("shop/auth/b.md", "title: B\n", "title: B\nstate: in_review\n")

    on(shop, "work", hand_over)
    assert [(each.path, each.branch) for each in reviewing.ls(shop.tracker, "bob")] == [
        ("shop/auth/a", ""),
        ("shop/auth/b", "work"),
    ]


def test_a_withdrawn_verdict_does_not_count(shop: Sandbox) -> None:
    decide(shop, "pass", gate="security")
    [said] = comments.ls(shop.tracker, "shop/auth/a")
    comments.rm(shop.tracker, [said.entry.id], Options(commit=True))
    [item] = reviewing.ls(shop.tracker)
    assert item.gates == {}
