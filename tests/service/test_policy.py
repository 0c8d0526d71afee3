"""What `policy.require` keeps back: when an artifact is there, who is told, and that no policy costs nothing."""

from __future__ import annotations

import shlex

import pytest

from tests.support.queues import add, ask, failing, offered
from tests.support.sandbox import COMMIT, Sandbox
from wrkq_files.index.view import View
from wrkq_files.service import attachments, comments, queue, settings, update
from wrkq_files.service.tracker import Tracker

PLAN = "shop/auth/plan"


def require(box: Sandbox, *lines: str) -> None:
    """Requirements as a person writes them."""
    items = "".join(f"    - {{{line}}}\n" for line in lines)
    box.write("wrkq.yaml", box.text("wrkq.yaml") + f"policy:\n  require:\n{items}")
    box.commit_all()


@pytest.fixture
def planned(shop: Sandbox) -> Sandbox:
    """A task that wants `design.md`, and one that wants nothing."""
    require(shop, "label: big, artifact: design.md")
    add(shop, PLAN, labels="big")
    add(shop, "shop/auth/plain", labels="bigger")
    return shop


def refer(box: Sandbox, text: str, kind: str = "reference", **meta: str) -> str:
    pairs = [(f"meta.{name}", value) for name, value in meta.items()]
    return str(comments.add(box.tracker, PLAN, text, COMMIT, kind=kind, pairs=pairs).data["id"])


def test_a_task_that_lacks_its_artifact_is_not_offered(planned: Sandbox) -> None:
    assert offered(planned) == ["plain"]
    assert failing(planned, PLAN) == ["artifacts"]
    assert ask(planned).kept_back == {"artifacts": 1}


def test_on_missing_wait_is_listed_with_what_waits(planned: Sandbox) -> None:
    rows = {row.entry.slug: row.reason for row in ask(planned, blocked=True).rows}
    assert rows == {"plain": None, "plan": ("artifacts", "it lacks design.md (policy.require)")}
    assert ask(planned, blocked=True).kept_back == {}


def test_on_missing_skip_is_counted_and_never_listed(shop: Sandbox) -> None:
    require(shop, "label: big, artifact: design.md, on_missing: skip", "artifact: plan.md")
    add(shop, PLAN, labels="big")
    found = ask(shop, blocked=True)
    assert (found.rows, found.kept_back) == ([], {"artifacts": 1})
    assert failing(shop, PLAN) == ["artifacts"]
    attachments.put(shop.tracker, PLAN, "design.md", b"x", COMMIT)
    assert offered(shop, blocked=True) == ["plan"], "what is left is waited for"


def test_an_attachment_of_that_name(planned: Sandbox) -> None:
    attachments.put(planned.tracker, PLAN, "Design.md", b"x", COMMIT)
    assert "plan" not in offered(planned)
    attachments.rm(planned.tracker, PLAN, "Design.md", COMMIT)
    attachments.put(planned.tracker, PLAN, "design.md", b"x", COMMIT)
    assert "plan" in offered(planned)


@pytest.mark.parametrize(
    ("glob", "name", "is_there"),
    [("*.png", "a.png", True), ("*.png", "a.png.txt", False), ("mock-?", "mock-1", True), ("[ab].md", "b.md", True)],
)
def test_an_attachment_that_fits_the_glob(shop: Sandbox, glob: str, name: str, is_there: bool) -> None:
    require(shop, f'artifact: "{glob}"')
    add(shop, PLAN)
    attachments.put(shop.tracker, PLAN, name, b"x", COMMIT)
    assert (offered(shop) == ["plan"]) is is_there


@pytest.mark.parametrize(
    ("text", "is_there"),
    [
        ("design.md", True),
        ("design.md: on the wiki, page 4", True),
        ("design.md is on the wiki", True),
        ("design.md\n\nSee there.", True),
        ("See design.md", False),
        ("About it\ndesign.md", False),
        ("design.md.old: gone", False),
    ],
)
def test_a_reference_names_it_at_the_beginning_of_its_first_line(planned: Sandbox, text: str, is_there: bool) -> None:
    refer(planned, text)
    assert ("plan" in offered(planned)) is is_there


def test_a_name_of_several_words_stands_before_a_colon(shop: Sandbox) -> None:
    require(shop, "artifact: threat model")
    add(shop, PLAN)
    refer(shop, "threat model of last year")
    assert offered(shop) == []
    refer(shop, "threat model: on the wiki")
    assert offered(shop) == ["plan"]


def test_a_reference_names_it_in_its_meta(planned: Sandbox) -> None:
    refer(planned, "See there", artifact="other.md")
    assert "plan" not in offered(planned)
    refer(planned, "See there", artifact="design.md")
    assert "plan" in offered(planned)


def test_comments_of_another_kind_and_withdrawn_ones_do_not_count(planned: Sandbox) -> None:
    refer(planned, "design.md", kind="note")
    assert "plan" not in offered(planned)
    reference = refer(planned, "design.md")
    assert "plan" in offered(planned)
    comments.rm(planned.tracker, [reference], COMMIT)
    assert "plan" not in offered(planned)


def test_every_requirement_has_to_be_met(shop: Sandbox) -> None:
    require(shop, "artifact: a.md", 'label: "*", artifact: b.md', "label: ui, artifact: c.md")
    add(shop, PLAN)
    attachments.put(shop.tracker, PLAN, "a.md", b"x", COMMIT)
    [says] = [test.says for test in queue.why(shop.tracker, PLAN).tests if not test.passed]
    assert says == "it lacks b.md (policy.require)"
    refer(shop, "b.md")
    assert offered(shop) == ["plan"]
    update.set_fields(shop.tracker, [PLAN], update.Assignments([("labels", "ui")]), COMMIT)
    assert offered(shop) == []


def test_the_commands_that_why_names_put_it_there(planned: Sandbox) -> None:
    [way] = [test.way for test in queue.why(planned.tracker, PLAN).tests if not test.passed]
    put, refer_to = (shlex.split(each) for each in way.split(", or "))
    identifier = planned.derived(f"{PLAN}.md")
    assert put == ["wrkq", "attach", "put", identifier, "design.md"]
    assert refer_to[:6] == ["wrkq", "comment", "add", identifier, "--kind", "reference"]
    refer(planned, refer_to[6])
    assert "plan" in offered(planned)


def test_a_tracker_without_a_policy_looks_at_no_comment_and_no_attachment(
    shop: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("looked at")

    require(shop, "label: big, artifact: x")
    add(shop, PLAN)
    for name in ("attached", "attachments"):
        monkeypatch.setattr(Tracker, name, never)
    monkeypatch.setattr(View, "refresh_comments", never)
    assert offered(shop) == ["plan"], "nor one in which no task has the label"


def test_the_setting_is_json_for_the_command(shop: Sandbox) -> None:
    settings.change(shop.tracker, "policy.require", '[{"label": "big", "artifact": "x"}]', COMMIT)
    assert [each.artifact for each in shop.tracker.config.policy_require] == ["x"]
    rows = {row.name: row.value for row in settings.doctor(shop.tracker)}
    assert rows["policy.require"] == [{"label": "big", "artifact": "x", "on_missing": "wait"}]
    settings.change(shop.tracker, "policy.require", "", COMMIT)
    assert shop.tracker.config.policy_require == ()
