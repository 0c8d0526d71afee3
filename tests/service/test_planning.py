"""Here merged with base, and what other branches say: what a planner reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import branching
from tests.support.branching import KEYS, LOGIN, on, state
from tests.support.repos import TestRepo
from tests.support.sandbox import Sandbox
from wrkq_files.index.query import Query
from wrkq_files.service import planning
from wrkq_files.service.planning import CONFLICT, LANDING, ON_BASE, TAKEN, Mark, Plan


@pytest.fixture
def shop(tmp_path: Path) -> Sandbox:
    return branching.shop(tmp_path / "repo")


@pytest.fixture
def stale(shop: Sandbox) -> Sandbox:
    """On a branch that has a commit of its own, beside what :func:`ahead` puts on main."""
    on(shop, "work", lambda: shop.write("portal/mine.md", "---\ntitle: Mine\nid: T-00000009\n---\n"))
    shop.repo.git("checkout", "-q", "work")
    return shop


def ahead(box: Sandbox, act: Callable[[], object]) -> None:
    on(box, "main", act)


def states(plan: Plan) -> dict[str, str]:
    """The effective state of each task, by address."""
    return {each.address: each.effective_state for each in plan.tracker.index.find(Query())}


def planned(box: Sandbox) -> tuple[dict[str, str], dict[str, list[Mark]]]:
    with planning.plan(box.tracker) as plan:
        return states(plan), {name: list(marks) for name, marks in plan.marks.items()}


def title(box: Sandbox, address: str) -> str:
    with planning.plan(box.tracker) as plan:
        [entry] = [each for each in plan.tracker.index.find(Query()) if each.address == address]
        return entry.title


def test_what_main_has_finished_is_finished_here(stale: Sandbox) -> None:
    ahead(stale, state(stale, "login", "completed"))
    found, marks = planned(stale)
    assert found == {"portal/keys": "open", "portal/login": "completed", "portal/mine": "open"}
    assert marks == {LOGIN: [Mark(ON_BASE, "main", "completed")]}
    assert marks[LOGIN][0].words == "~ completed on main"


def test_nothing_is_written(stale: Sandbox) -> None:
    ahead(stale, state(stale, "login", "completed"))
    planned(stale)
    assert stale.repo.status() == []
    index = stale.tracker.index
    index.refresh()
    assert [each.state for each in index.by_id(LOGIN)] == ["open"]


def test_where_head_holds_the_base_the_tracker_is_read_as_it_is(shop: Sandbox) -> None:
    on(shop, "work", state(shop, "login", "in_progress"))
    shop.repo.git("checkout", "-q", "work")
    tracker = shop.tracker
    with planning.plan(tracker) as plan:
        assert plan.tracker is tracker
        assert not plan.merged
        assert plan.marks == {}
        assert (plan.base, plan.as_of) == ("main", shop.repo.git("rev-parse", "main"))


def test_fields_of_both_sides_are_joined(stale: Sandbox) -> None:
    stale.replace("portal/login.md", "title: Login UX", "title: Better title")
    ahead_of = state(stale, "login", "completed")
    stale.commit_all()
    ahead(stale, ahead_of)
    assert planned(stale)[0]["portal/login"] == "completed"
    assert title(stale, "portal/login") == "Better title"


def test_uncommitted_edits_take_part(stale: Sandbox) -> None:
    ahead(stale, state(stale, "login", "completed"))
    stale.replace("portal/login.md", "title: Login UX", "title: Better title")
    assert title(stale, "portal/login") == "Better title"
    assert planned(stale)[0]["portal/login"] == "completed"


def test_a_conflict_shows_what_the_base_says_and_is_marked(stale: Sandbox) -> None:
    state(stale, "login", "in_progress")()
    stale.replace("portal/login.md", "title: Login UX", "title: Better title")
    stale.commit_all()
    ahead(stale, state(stale, "login", "completed"))
    found, marks = planned(stale)
    assert found["portal/login"] == "completed"
    assert marks[LOGIN] == [Mark(ON_BASE, "main", "completed"), Mark(CONFLICT, "main", "state")]
    assert marks[LOGIN][1].words == "state: in conflict with main"
    assert title(stale, "portal/login") == "Better title"


def test_a_conflict_in_the_text_shows_the_bases(stale: Sandbox) -> None:
    stale.replace("portal/login.md", "Text.", "Ours.")
    stale.commit_all()
    ahead(stale, lambda: stale.replace("portal/login.md", "Text.", "Theirs."))
    with planning.plan(stale.tracker) as plan:
        assert (plan.tracker.read("portal/login.md") or b"").endswith(b"---\n\nTheirs.\n")
        assert plan.marks[LOGIN][-1] == Mark(CONFLICT, "main", "body")


def test_what_waits_for_a_task_that_main_completed_is_free(stale: Sandbox) -> None:
    stale.replace("portal/mine.md", "id: T-00000009\n", f"id: T-00000009\nblocked_by:\n  - {LOGIN}\n")
    stale.commit_all()
    assert planned(stale)[0]["portal/mine"] == "blocked"
    ahead(stale, state(stale, "login", "completed"))
    assert planned(stale)[0]["portal/mine"] == "open"


def test_what_is_new_on_main_is_there(stale: Sandbox) -> None:
    ahead(stale, lambda: stale.write("portal/new.md", "---\ntitle: New\nid: T-00000001\n---\n"))
    assert planned(stale) == (
        {"portal/keys": "open", "portal/login": "open", "portal/mine": "open", "portal/new": "open"},
        {},
    )


def test_what_main_deleted_is_gone(stale: Sandbox) -> None:
    ahead(stale, lambda: (stale.root / "portal/keys.md").unlink())
    found, marks = planned(stale)
    assert "portal/keys" not in found
    assert marks[KEYS] == [Mark(ON_BASE, "main", "deleted")]


def test_what_main_deleted_and_we_changed_stays_and_is_not_offered(stale: Sandbox) -> None:
    stale.replace("portal/keys.md", "Text.", "Changed.")
    ahead_of = (stale.root / "portal/keys.md").unlink
    stale.commit_all()
    ahead(stale, ahead_of)
    with planning.plan(stale.tracker) as plan:
        assert states(plan)["portal/keys"] == "open"
        assert [each.kind for each in plan.marks[KEYS]] == [ON_BASE, CONFLICT]
        assert plan.elsewhere(KEYS) == [Mark(ON_BASE, "main", "deleted")]


def test_what_we_deleted_and_main_changed_is_shown_as_there(stale: Sandbox) -> None:
    (stale.root / "portal/keys.md").unlink()
    stale.commit_all()
    ahead(stale, state(stale, "keys", "in_progress"))
    found, marks = planned(stale)
    assert found["portal/keys"] == "in_progress"
    assert marks[KEYS] == [Mark(CONFLICT, "main", "deleted here")]


def test_what_main_moved_is_where_main_has_it(stale: Sandbox) -> None:
    stale.replace("portal/login.md", "Text.", "Ours.")
    stale.commit_all()
    ahead(stale, lambda: stale.repo.git("mv", "wrkq/portal/login.md", "wrkq/portal/entry.md"))
    with planning.plan(stale.tracker) as plan:
        assert "portal/login" not in states(plan)
        assert b"Ours." in (plan.tracker.read("portal/entry.md") or b"")


def test_what_we_moved_keeps_our_place_and_mains_change(stale: Sandbox) -> None:
    stale.repo.git("mv", "wrkq/portal/login.md", "wrkq/portal/entry.md")
    stale.commit_all()
    ahead(stale, state(stale, "login", "completed"))
    assert planned(stale)[0] == {"portal/entry": "completed", "portal/keys": "open", "portal/mine": "open"}


def test_two_documents_of_one_name(stale: Sandbox) -> None:
    ahead(stale, lambda: stale.write("portal/mine.md", "---\ntitle: Theirs\nid: T-00000001\n---\n"))
    with planning.plan(stale.tracker) as plan:
        assert plan.marks["T-00000001"] == [Mark(CONFLICT, "main", "path")]
        assert [each.id for each in plan.tracker.index.find(Query()) if each.address == "portal/mine"] == [
            "T-00000009"
        ]


def test_what_main_put_in_the_place_of_another_is_there(stale: Sandbox) -> None:
    ahead(stale, lambda: stale.write("portal/keys.md", "---\ntitle: Theirs\nid: T-00000001\n---\n"))
    with planning.plan(stale.tracker) as plan:
        [entry] = [each for each in plan.tracker.index.find(Query()) if each.address == "portal/keys"]
        assert entry.id == "T-00000001"


def test_what_main_put_where_it_moved_another_from_is_there(stale: Sandbox) -> None:
    def act() -> None:
        stale.repo.git("mv", "wrkq/portal/keys.md", "wrkq/portal/locks.md")
        stale.write("portal/keys.md", "---\ntitle: Theirs\nid: T-00000001\n---\n")

    ahead(stale, act)
    with planning.plan(stale.tracker) as plan:
        found = {each.address: each.id for each in plan.tracker.index.find(Query())}
        assert (found["portal/keys"], found["portal/locks"]) == ("T-00000001", KEYS)


def test_what_cannot_be_read_on_main_is_as_here(stale: Sandbox) -> None:
    ahead(stale, lambda: stale.write("portal/login.md", "---\ntitle: [\n---\n"))
    found, marks = planned(stale)
    assert found["portal/login"] == "open"
    assert marks[LOGIN] == [Mark(ON_BASE, "main", "changed")]


def test_what_cannot_be_read_here_is_as_on_main(stale: Sandbox) -> None:
    stale.write("portal/login.md", "---\ntitle: [\n---\n")
    stale.commit_all()
    ahead(stale, state(stale, "login", "completed"))
    with planning.plan(stale.tracker) as plan:
        assert plan.marks[LOGIN] == [Mark(CONFLICT, "main", "unreadable here")]
        assert states(plan)["portal/login"] == "completed"


# What other branches say


def test_a_task_that_another_branch_is_on_is_taken(shop: Sandbox) -> None:
    on(shop, "agent", state(shop, "login", "in_progress"))
    with planning.plan(shop.tracker) as plan:
        assert plan.marks == {LOGIN: [Mark(TAKEN, "agent", "in_progress")]}
        assert [each.words for each in plan.elsewhere(LOGIN)] == ["taken agent"]
        assert plan.elsewhere(KEYS) == []


def test_a_task_that_another_branch_has_closed_is_landing(shop: Sandbox) -> None:
    on(shop, "agent", state(shop, "login", "completed"))
    assert planned(shop)[1] == {LOGIN: [Mark(LANDING, "agent", "completed")]}


def test_two_worktrees_see_each_other(shop: Sandbox, tmp_path: Path) -> None:
    for name, task in (("one", "login"), ("two", "keys")):
        shop.repo.git("worktree", "add", "-q", "-b", name, str(tmp_path / name))
        box = Sandbox.there(tmp_path / name)
        state(box, task, "in_progress")()
        box.commit_all()
    assert planned(Sandbox.there(tmp_path / "one"))[1] == {KEYS: [Mark(TAKEN, "two", "in_progress")]}
    assert planned(Sandbox.there(tmp_path / "two"))[1] == {LOGIN: [Mark(TAKEN, "one", "in_progress")]}
    assert set(planned(shop)[1]) == {LOGIN, KEYS}


def test_a_branch_that_this_one_is_built_on_is_not_another(shop: Sandbox) -> None:
    on(shop, "under", state(shop, "login", "in_progress"))
    shop.repo.git("checkout", "-q", "-b", "top", "under")
    shop.replace("portal/login.md", "Text.", "Further.")
    shop.commit_all()
    assert planned(shop)[1] == {}


def test_what_was_picked_from_another_branch_is_not_taken_there(shop: Sandbox) -> None:
    on(shop, "agent", state(shop, "login", "in_progress"))
    on(shop, "agent", state(shop, "keys", "in_progress"))
    shop.repo.git("checkout", "-q", "-b", "work")
    shop.repo.git("cherry-pick", "agent~1")
    assert planned(shop)[1] == {KEYS: [Mark(TAKEN, "agent", "in_progress")]}


def test_what_main_has_closed_is_not_taken(shop: Sandbox) -> None:
    on(shop, "agent", state(shop, "login", "in_progress"))
    state(shop, "login", "completed")()
    shop.replace("portal/login.md", "Text.", "Done otherwise.")
    shop.commit_all()
    assert planned(shop)[1] == {}


def test_a_stale_branch_beside_another_one(stale: Sandbox) -> None:
    ahead(stale, state(stale, "login", "completed"))
    on(stale, "agent", state(stale, "keys", "in_progress"))
    assert planned(stale)[1] == {
        LOGIN: [Mark(ON_BASE, "main", "completed")],
        KEYS: [Mark(TAKEN, "agent", "in_progress")],
    }


def test_a_main_that_was_fetched_and_not_pulled(shop: Sandbox, tmp_path: Path) -> None:
    TestRepo(tmp_path).git("clone", "-q", str(shop.repo.path), "clone")
    clone = Sandbox.there(tmp_path / "clone")
    state(shop, "login", "completed")()
    shop.commit_all()
    assert planned(clone)[0]["portal/login"] == "open"
    clone.repo.git("fetch", "-q")
    found, marks = planned(clone)
    assert found["portal/login"] == "completed"
    assert marks[LOGIN] == [Mark(ON_BASE, "origin/main", "completed")]


def test_a_tracker_without_a_base_is_read_as_it_is(tmp_path: Path) -> None:
    box = Sandbox(tmp_path / "repo", options=("-b", "trunk"))
    box.commit_all()
    with planning.plan(box.tracker) as plan:
        assert (plan.base, plan.as_of, plan.marks, plan.merged) == ("", "", {}, False)


def test_text_decided_for_theirs() -> None:
    data = b"a\n<<< ours\nb\n===\nc\n>>> theirs\nd\n<<< ours\n===\ne\n>>> theirs\n"
    assert planning.decided(data, 3) == b"a\nc\nd\ne\n"
    assert planning.decided(b"a\n===\nb\n", 3) == b""
