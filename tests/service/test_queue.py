"""What is offered, in which order, and why not: every test of readiness, and what other branches say."""

from __future__ import annotations

import shlex
from collections import Counter
from datetime import timedelta

import pytest

from tests.cli.support import run
from tests.support.branching import on
from tests.support.queues import add, agent, ask, failing, offered
from tests.support.sandbox import COMMIT, START, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.index.query import ONLY, Query
from wrkq_files.model.fields import CLOSED_STATES
from wrkq_files.service import comments, create, moves, queue, remove, roster, settings
from wrkq_files.service.change import Options
from wrkq_files.service.readiness import NAMES
from wrkq_files.service.ways import WAYS


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


def test_capitals_in_labels_for_agents_make_no_difference(shop: Sandbox) -> None:
    settings.change(shop.tracker, "queue.agents", "labelled", COMMIT)
    for name, labels in (("any", "Agentable"), ("his", "Agent:Codex"), ("hers", "AGENT:claude")):
        add(shop, f"shop/auth/{name}", labels=labels)
    assert sorted(offered(shop, agent(shop))) == ["any", "his"]


@pytest.mark.parametrize("setting", ["any", "labelled"])
def test_a_task_for_an_agent_that_does_not_exist_is_offered_to_people_alone(shop: Sandbox, setting: str) -> None:
    settings.change(shop.tracker, "queue.agents", setting, COMMIT)
    add(shop, "shop/auth/ghostly", labels="agent:ghost,agentable")
    assert offered(shop, agent(shop)) == []
    assert failing(shop, "shop/auth/ghostly", "codex") == ["labels"]
    assert offered(shop) == ["ghostly"]
    with pytest.raises(WrkqError) as caught:
        offered(shop, "ghost")
    assert caught.value.code == "not_found"


def test_excluded_labels(shop: Sandbox) -> None:
    add(shop, "shop/auth/parked", labels="parked")
    settings.change(shop.tracker, "queue.exclude_labels", "parked", COMMIT)
    assert failing(shop, "shop/auth/parked") == ["labels"]


def test_an_id_that_two_files_have_is_offered_once(shop: Sandbox) -> None:
    for name in ("one", "two"):
        shop.write(f"shop/auth/{name}.md", f"---\ntitle: {name}\nid: T-00000001\n---\n")
    shop.write("shop/auth/three.md", "---\ntitle: Three\nid: T-00000002\nblocked_by: [T-00000001]\n---\n")
    shop.write("shop/auth/one.md", "---\ntitle: One\nid: T-00000001\nstate: completed\n---\n")
    assert offered(shop) == ["two"]
    [says] = [each.says for each in queue.why(shop.tracker, "shop/auth/three").tests if not each.passed]
    assert says == "it waits for T-00000001 (two)"
    shop.write("shop/auth/one.md", "---\ntitle: One\nid: T-00000001\n---\n")
    assert len(offered(shop)) == 1


NARROWED = {
    "everything": {},
    "a label": {"labels": ["x"]},
    "a feature": {"feature": "shop/auth"},
    "a score": {"min_score": 1},
    "no score at all": {"min_score": -1},
}


@pytest.mark.parametrize("who", [None, "codex"])
@pytest.mark.parametrize("narrowed", NARROWED)
def test_what_keeps_tasks_back_is_counted_by_the_first_test_that_each_fails(
    shop: Sandbox, narrowed: str, who: str | None
) -> None:
    agent(shop)
    roster.add(shop.tracker, "mara", options=COMMIT)
    create.mkdir(shop.tracker, ["shop/later"], COMMIT, pairs=[("kind", "feature"), ("section", "backlog")])
    for name, fields in {
        "mine": {"assignee": "codex"},
        "hers": {"assignee": "mara"},
        "to-look-at": {"reviewer": "codex", "state": "in_review", "assignee": "mara"},
        "later-on": {"start": "2099-01-01"},
        "away": {},
        "elsewhere": {},
    }.items():
        add(shop, f"shop/later/{name}", labels="x", **fields)
    remove.rm(shop.tracker, ["shop/later/away"], COMMIT)
    shop.repo.git("switch", "-q", "-c", "work")
    moves.start(shop.tracker, ["shop/later/elsewhere"], COMMIT)
    shop.repo.git("switch", "-q", "main")
    for number, state in enumerate(("open", "draft", "idea", "in_progress", "in_review", "completed")):
        begun = {"assignee": "codex", "reviewer": "codex"} if state.startswith("in_") else {}
        for labels in ("x", "y"):
            add(shop, f"shop/auth/t{number}{labels}", number % 2, labels=labels, state=state, **begun)
            add(shop, f"shop/later/t{number}{labels}", state=state, labels=labels, **begun)
            add(shop, f"shop/t{number}{labels}", state=state, labels=labels, **begun)
    add(shop, "shop/auth/waits", labels="x", blocked_by="shop/auth/t0x")
    options = NARROWED[narrowed]
    tasks = [row.entry for row in ask(shop, who, all_states=True, **options).rows]
    tasks += [
        each for each in shop.tracker.index.find(Query(archived=ONLY)) if narrowed not in ("a feature", "a score")
    ]
    failed = {each.id: failing(shop, each.id, who) for each in tasks if each.state not in CLOSED_STATES}
    first = [sorted(names, key=lambda name: name == "blocked")[0] for names in failed.values() if names]
    found = ask(shop, who, **options)
    assert found.kept_back == Counter(first)
    assert {row.entry.id for row in found.rows} == {each for each, names in failed.items() if not names}
    assert found.kept_back["state"] > 0
    assert narrowed in ("a feature", "a score") or {"section", "elsewhere", "archived"} <= {*found.kept_back}


def test_a_parent_is_offered_once_its_subtasks_are_closed_whatever_it_shows(shop: Sandbox) -> None:
    add(shop, "shop/auth/whole")
    add(shop, "shop/auth/half", parent="shop/auth/whole")
    assert (offered(shop), failing(shop, "shop/auth/whole")) == (["half"], ["subtasks"])
    shop.set("shop/auth/half", state="completed")
    assert offered(shop) == ["whole"]
    found = queue.why(shop.tracker, "shop/auth/whole")
    assert found.entry.effective_state == "in_progress"
    assert found.tests[0].says == "it is open, and in progress by its subtasks"


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


def test_attempts_and_references_that_main_has_count_on_a_stale_branch(shop: Sandbox) -> None:
    for name in ("hard", "big"):
        add(shop, f"shop/auth/{name}", labels=name)
    settings.change(shop.tracker, "queue.max_attempts", "1", COMMIT)
    settings.change(shop.tracker, "policy.require", '[{"label": "big", "artifact": "spec"}]', COMMIT)
    shop.repo.git("switch", "-q", "-c", "old")
    comments.add(shop.tracker, "shop/auth/hard", "Here, too, a word.", COMMIT)
    assert failing(shop, "shop/auth/big") == ["artifacts"]
    assert offered(shop) == ["hard"]
    shop.repo.git("switch", "-q", "main")
    comments.add(shop.tracker, "shop/auth/hard", "It did not work.", COMMIT, kind="attempt")
    comments.add(shop.tracker, "shop/auth/big", "spec: it is in the wiki", COMMIT, kind="reference")
    shop.repo.git("switch", "-q", "old")
    assert offered(shop) == ["big"]
    assert failing(shop, "shop/auth/hard") == ["attempts"]
    shop.repo.git("switch", "-q", "main")
    queue.retry(shop.tracker, "shop/auth/hard", COMMIT)
    [written] = [each for each in (shop.root / "_comments").rglob("*.md") if "spec:" in each.read_text()]
    identifier = "C-" + written.stem.rpartition("-")[2]
    comments.rm(shop.tracker, [identifier], COMMIT)
    shop.repo.git("switch", "-q", "old")
    assert offered(shop) == ["hard"]


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


def test_all_states_marks_what_is_due_soon_and_what_is_blocked(shop: Sandbox) -> None:
    first = add(shop, "shop/auth/first", state="idea", due="2026-01-20")
    add(shop, "shop/auth/waits", blocked_by=first, state="draft")
    add(shop, "shop/auth/stuck", blocked_reason="No budget", state="idea")
    add(shop, "shop/auth/done", blocked_reason="No budget", state="completed", due="2026-01-20")
    found = {row.entry.slug: (row.due_soon, row.reason) for row in ask(shop, all_states=True).rows}
    assert found == {
        "first": (True, None),
        "waits": (False, ("blocked", f"it waits for {first} (first)")),
        "stuck": (False, ("blocked", "it is blocked: No budget")),
        "done": (False, None),
    }
    assert sorted(offered(shop, all_states=True, unblocked_only=True)) == ["done", "first"]


def test_what_i_am_on_waits_too(shop: Sandbox) -> None:
    first = add(shop, "shop/auth/first")
    add(shop, "shop/auth/second", blocked_by=first, state="in_progress", assignee="robin")
    assert offered(shop) == ["first"]
    assert failing(shop, "shop/auth/second") == ["blocked"]


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
    assert refusal.hint == f"state: {WAYS['state']}"


def test_a_date_lasts_until_its_end(shop: Sandbox) -> None:
    add(shop, "shop/auth/today", due=START.date().isoformat())
    add(shop, "shop/auth/earlier", due=(START - timedelta(hours=1)).isoformat())
    points = {row.entry.slug: {term.name: term.points for term in row.terms}["due"] for row in ask(shop).rows}
    assert points == {"today": 3, "earlier": 4}


#: By test: the fields of a task that fails it, and whether what `why` says to type makes it ready.
FAILING: dict[str, tuple[dict[str, str], str]] = {
    "state": ({"state": "draft"}, "ready"),
    "archived": ({}, "ready"),
    "blocked": ({"blocked_reason": "No budget"}, ""),
    "assignee": ({"assignee": "codex"}, ""),
    "start": ({"start": "2026-03-01"}, "ready"),
    "labels": ({"labels": "parked"}, ""),
    "attempts": ({}, "ready"),
    "section": ({}, "ready"),
    "subtasks": ({}, ""),
    "elsewhere": ({}, ""),
    "artifacts": ({"labels": "big"}, "ready"),
}


def _prepare(box: Sandbox, test: str, task: str) -> None:
    """What a test needs besides the task's own fields."""
    if test == "attempts":
        settings.change(box.tracker, "queue.max_attempts", "1", COMMIT)
        comments.add(box.tracker, task, "It did not work.", COMMIT, kind="attempt")
    elif test == "archived":
        remove.rm(box.tracker, [task], COMMIT)
    elif test == "section":
        box.set("shop/auth", section="backlog")
    elif test == "subtasks":
        add(box, "shop/auth/child", parent=task)
    elif test == "elsewhere":
        box.repo.git("switch", "-q", "-c", "work")
        moves.start(box.tracker, [task], COMMIT)
        box.repo.git("switch", "-q", "main")
    elif test == "labels":
        settings.change(box.tracker, "queue.exclude_labels", "parked", COMMIT)
    elif test == "artifacts":
        settings.change(box.tracker, "policy.require", '[{"label": "big", "artifact": "FILE"}]', COMMIT)
        (box.root / "FILE").write_text("x")


@pytest.mark.parametrize("test", NAMES)
def test_what_to_type_about_a_test_works_when_it_is_typed(shop: Sandbox, test: str) -> None:
    fields, makes_it = FAILING[test]
    agent(shop)
    task = add(shop, "shop/auth/a", **fields)
    _prepare(shop, test, task)
    [found] = [each for each in queue.why(shop.tracker, task).tests if not each.passed]
    assert found.name == test
    refusal = queue.nothing(ask(shop, feature="shop/auth"))
    assert WAYS[test] in refusal.hint
    words = {"TASK": task, "FEATURE": "shop/auth", "ACTOR": "codex"}
    words["SUBTASK"] = shop.derived("shop/auth/child.md") if test == "subtasks" else ""
    general = WAYS[test].partition("; in the inbox: ")[0]
    for name in ("SUBTASK", "TASK", "FEATURE", "ACTOR"):
        general = general.replace(name, words[name])
    for line in (found.way or "").split(", or ")[0], general:
        program, *typed = shlex.split(line)
        done = run(*typed, program=program, cwd=shop.root)
        assert done.exit == 0, (line, done.err)
    assert ("a" in offered(shop)) == (makes_it == "ready")


def test_what_lies_in_the_inbox_is_ready_for_whom_it_is_assigned(shop: Sandbox) -> None:
    task = add(shop, "inbox/unsorted")
    [found] = [each for each in queue.why(shop.tracker, task).tests if not each.passed]
    assert WAYS["section"].endswith(f"; in the inbox: {found.way}".replace(task, "TASK"))
    assert run(*shlex.split(found.way or "")[1:], cwd=shop.root).exit == 0
    assert offered(shop) == ["unsorted"]


def test_the_section_to_move_to_is_one_that_the_project_has(shop: Sandbox) -> None:
    own = "sections:\n  - {slug: later, role: backlog}\n  - {slug: soon, role: ready}\n"
    shop.write("shop/README.md", f"---\ntitle: Shop\nid: P-AAAAAAAA\nkind: project\n{own}---\n")
    shop.commit_all()
    shop.set("shop/auth", section="later")
    add(shop, "shop/auth/a")
    [found] = [each for each in queue.why(shop.tracker, "shop/auth/a").tests if not each.passed]
    assert found.way == "wrkq set shop/auth --section soon"


def test_every_test_has_a_way_out() -> None:
    assert set(WAYS) == set(NAMES)


def test_why_wants_a_task(shop: Sandbox) -> None:
    with pytest.raises(WrkqError):
        queue.why(shop.tracker, "shop/auth")


# Reviews


def reviewed(box: Sandbox) -> Sandbox:
    for slug in ("al", "bob"):
        roster.add(box.tracker, slug, options=COMMIT, role="agent", display_name=None, duties=(), emails=())
    create.mkdir(box.tracker, ["looked-at"], COMMIT, kind="area")
    pairs = [("reviewer", "bob"), ("assignee", "al")]
    create.touch(box.tracker, ["looked-at/a"], create.New(pairs=pairs), COMMIT)
    return box


def given(box: Sandbox, who: str) -> dict[str, str]:
    found = queue.queue(box.tracker, queue.Asked(who)).rows
    return {row.entry.address: row.action for row in found if row.entry.container == "looked-at"}


def test_a_reviewer_is_offered_the_review_and_nobody_else_the_task(box: Sandbox) -> None:
    reviewed(box)
    assert (given(box, "al"), given(box, "bob")) == ({"looked-at/a": "work"}, {})
    box.set("looked-at/a", state="in_review")
    assert (given(box, "al"), given(box, "bob")) == ({}, {"looked-at/a": "review"})
    [test] = queue.why(box.tracker, "looked-at/a", "bob").tests
    assert (test.name, test.passed) == ("review", True)
    assert [each.name for each in queue.why(box.tracker, "looked-at/a", "al").tests if not each.passed] == ["state"]
    box.set("looked-at/a", Options(commit=True, force=True), state="completed")
    assert (given(box, "al"), given(box, "bob")) == ({}, {})


def test_a_review_on_another_branch_is_offered_too(box: Sandbox) -> None:
    reviewed(box)
    on(box, "work", lambda: box.replace("looked-at/a.md", "title: A\n", "title: A\nstate: in_review\n"))
    assert (given(box, "al"), given(box, "bob")) == ({}, {"looked-at/a": "review"})


def test_a_file_that_cannot_be_read_is_named(box: Sandbox) -> None:
    reviewed(box)
    box.write("looked-at/a.md", "---\ntitle: [\n---\n")
    assert [each.path for each in queue.queue(box.tracker, queue.Asked()).broken] == ["looked-at/a.md"]
