"""What is in flight on branches, seen from the base: real branches, worktrees, remotes."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support import branching
from tests.support.branching import TEXTS, on, state
from tests.support.repos import TestRepo
from tests.support.sandbox import COMMIT, Sandbox
from wrkq_files.service import flight
from wrkq_files.service.flight import Flying


@pytest.fixture
def shop(tmp_path: Path) -> Sandbox:
    return branching.shop(tmp_path / "repo")


def seen(box: Sandbox, *, others: bool = False) -> list[tuple[str, str, str, str]]:
    found = flight.in_flight(box.tracker, others=others).documents
    return [(each.branch, each.document.id, each.document.what, each.document.state) for each in found]


def one(box: Sandbox) -> Flying:
    [found] = flight.in_flight(box.tracker).documents
    return found


def test_a_document_changed_on_a_branch_is_in_flight(shop: Sandbox) -> None:
    on(shop, "work", state(shop, "login", "in_progress"))
    found = flight.in_flight(shop.tracker)
    [each] = found.documents
    assert (found.base, found.as_of) == ("main", shop.repo.head)
    assert (each.branch, each.document.id, each.document.what) == ("work", "T-4K9X2M7Q", "changed")
    assert (each.document.state, each.document.old_state) == ("in_progress", "open")
    assert each.tip == shop.repo.git("rev-parse", "work")
    assert each.mark == flight.TAKEN


def test_nothing_is_in_flight_without_a_base(tmp_path: Path) -> None:
    box = Sandbox(tmp_path / "repo", options=("-b", "trunk"))
    assert flight.in_flight(box.tracker) == flight.InFlight()
    box.commit_all()
    assert flight.in_flight(box.tracker) == flight.InFlight()


def test_what_a_branch_closed_is_landing(shop: Sandbox) -> None:
    on(shop, "work", state(shop, "login", "completed"))
    assert one(shop).mark == flight.LANDING


def test_another_edit_of_a_closed_task_is_not_landing(shop: Sandbox) -> None:
    state(shop, "login", "completed")()
    shop.commit_all()
    on(shop, "work", lambda: shop.replace("portal/login.md", "Text.", "More."))
    assert one(shop).mark == ""


def test_created_and_deleted(shop: Sandbox) -> None:
    def act() -> None:
        shop.write("portal/new.md", "---\ntitle: New\nid: T-00000001\n---\n")
        (shop.root / "portal/keys.md").unlink()

    on(shop, "work", act)
    assert seen(shop) == [
        ("work", "T-8W2D5H0C", "deleted", "open"),
        ("work", "T-00000001", "created", "open"),
    ]


def test_a_rename_follows_the_id(shop: Sandbox) -> None:
    on(shop, "work", lambda: shop.repo.git("mv", "wrkq/portal/login.md", "wrkq/portal/entry.md"))
    each = one(shop).document
    assert (each.id, each.what, each.path, each.old_path) == (
        "T-4K9X2M7Q",
        "moved",
        "portal/entry.md",
        "portal/login.md",
    )


def test_a_document_without_an_id_has_that_of_its_first_commit(shop: Sandbox) -> None:
    on(shop, "work", lambda: shop.write("portal/hand.md", "---\ntitle: By hand\n---\n"))
    on(shop, "work", lambda: shop.write("portal/hand.md", "---\ntitle: By hand, later\n---\n"))
    found = one(shop).document.id
    shop.repo.git("checkout", "-q", "work")
    assert found == shop.derived("portal/hand.md")


def test_a_document_without_an_id_that_was_there_before_keeps_its_own(shop: Sandbox) -> None:
    shop.write("portal/hand.md", "---\ntitle: By hand\n---\n")
    shop.commit_all()
    known = shop.derived("portal/hand.md")
    on(shop, "work", lambda: shop.write("portal/hand.md", "---\ntitle: Other\n---\n"))
    assert one(shop).document.id == known


def test_a_renamed_document_without_an_id_keeps_its_own(shop: Sandbox) -> None:
    shop.write("portal/hand.md", "---\ntitle: By hand\n---\n")
    shop.commit_all()
    known = shop.derived("portal/hand.md")
    on(shop, "work", lambda: shop.repo.git("mv", "wrkq/portal/hand.md", "wrkq/portal/other.md"))
    each = one(shop).document
    assert (each.id, each.what) == (known, "moved")


def test_a_merged_branch_has_nothing_in_flight(shop: Sandbox) -> None:
    on(shop, "work", state(shop, "login", "in_progress"))
    shop.repo.git("merge", "-q", "--no-ff", "-m", "merge", "work")
    assert seen(shop) == []


def test_a_squashed_branch_has_nothing_in_flight(shop: Sandbox) -> None:
    on(shop, "work", state(shop, "login", "completed"))
    shop.repo.git("merge", "-q", "--squash", "work")
    shop.repo.git("commit", "-q", "-m", "squashed")
    assert seen(shop) == []


def test_what_a_squash_brought_is_not_in_flight_when_the_base_goes_on(shop: Sandbox) -> None:
    on(shop, "work", state(shop, "login", "completed"))
    shop.repo.git("merge", "-q", "--squash", "work")
    shop.repo.git("commit", "-q", "-m", "squashed")
    state(shop, "login", "open")()
    shop.replace("portal/login.md", "Text.", "Reopened.")
    shop.commit_all()
    assert seen(shop) == []


def test_a_deletion_that_the_base_has_too_is_not_in_flight(shop: Sandbox) -> None:
    on(shop, "work", lambda: (shop.root / "portal/keys.md").unlink())
    shop.repo.git("rm", "-q", "wrkq/portal/keys.md")
    shop.repo.git("commit", "-q", "-m", "gone here as well")
    assert seen(shop) == []


def test_the_same_change_on_both_sides_and_another_one(shop: Sandbox) -> None:
    on(shop, "work", state(shop, "login", "completed"))
    on(shop, "work", state(shop, "keys", "in_progress"))
    state(shop, "login", "completed")()
    shop.commit_all()
    assert seen(shop) == [("work", "T-8W2D5H0C", "changed", "in_progress")]


def test_a_broken_file_on_a_branch_is_said_to_be_one(shop: Sandbox) -> None:
    on(shop, "work", lambda: shop.write("portal/login.md", "---\ntitle: [\n---\n"))
    each = one(shop)
    assert (each.document.id, each.document.what, each.mark) == ("T-4K9X2M7Q", "unreadable", "")


def test_a_new_broken_file_has_no_id(shop: Sandbox) -> None:
    on(shop, "work", lambda: shop.write("portal/new.md", "---\ntitle: [\n---\n"))
    assert seen(shop) == [("work", "", "unreadable", "")]


def test_a_file_that_was_broken_and_is_mended_on_a_branch(shop: Sandbox) -> None:
    shop.write("portal/login.md", "---\ntitle: [\n---\n")
    shop.commit_all()
    on(shop, "work", lambda: shop.write("portal/login.md", TEXTS["portal/login.md"]))
    assert seen(shop) == [("work", "T-4K9X2M7Q", "created", "open")]


def test_notes_and_other_files_are_none_of_ours(shop: Sandbox) -> None:
    def act() -> None:
        shop.write("portal/note.md", "# A note\n")
        shop.write("portal/picture.png", "x")
        shop.repo.write({"src/a.md": "---\ntitle: Not in the tracker\n---\n"})

    on(shop, "work", act)
    assert seen(shop) == []


def test_ignored_folders_and_other_trackers_are_left_out(shop: Sandbox) -> None:
    shop.write("wrkq.yaml", "format: 1\nignore: [drafts]\n")
    shop.commit_all()

    def act() -> None:
        shop.write("drafts/a.md", "---\ntitle: Draft\n---\n")
        shop.write("inner/wrkq.yaml", "format: 1\n")
        shop.write("inner/b.md", "---\ntitle: Inner\n---\n")

    on(shop, "work", act)
    assert seen(shop) == []


def test_links_are_no_documents(shop: Sandbox) -> None:
    on(shop, "work", lambda: (shop.root / "portal/link.md").symlink_to("keys.md"))
    assert seen(shop) == []


def test_a_branch_that_moved_the_tracker_has_not_deleted_everything(shop: Sandbox) -> None:
    on(shop, "work", lambda: shop.repo.git("mv", "wrkq", "tracker"))
    assert seen(shop) == []


def test_an_unrelated_branch_has_what_it_holds(shop: Sandbox) -> None:
    shop.repo.git("checkout", "-q", "--orphan", "pages")
    shop.repo.git("rm", "-rqf", ".")
    shop.repo.commit({"index.html": "x"}, "site")
    shop.repo.git("checkout", "-q", "main")
    assert seen(shop) == []


def test_the_branch_checked_out_is_left_out_where_others_are_asked_for(shop: Sandbox) -> None:
    on(shop, "work", state(shop, "login", "in_progress"))
    shop.repo.git("checkout", "-q", "work")
    assert [each[0] for each in seen(shop)] == ["work"]
    assert seen(shop, others=True) == []


def test_another_name_of_what_is_checked_out_is_not_another_branch(shop: Sandbox) -> None:
    on(shop, "work", state(shop, "login", "in_progress"))
    shop.repo.git("branch", "copy", "work")
    assert [each[0] for each in seen(shop)] == ["copy"]
    shop.repo.git("checkout", "-q", "work")
    assert seen(shop, others=True) == []


def test_a_branch_in_another_worktree_is_in_flight(shop: Sandbox, tmp_path: Path) -> None:
    shop.repo.git("worktree", "add", "-q", "-b", "agent", str(tmp_path / "other"))
    other = Sandbox.there(tmp_path / "other")
    state(other, "login", "in_progress")()
    other.commit_all()
    assert seen(shop, others=True) == [("agent", "T-4K9X2M7Q", "changed", "in_progress")]
    on(shop, "mine", state(shop, "keys", "completed"))
    assert seen(other, others=True) == [("mine", "T-8W2D5H0C", "changed", "completed")]


def test_both_worktrees_share_what_was_derived(shop: Sandbox, tmp_path: Path) -> None:
    on(shop, "work", state(shop, "login", "in_progress"))
    seen(shop)
    shop.repo.git("worktree", "add", "-q", "--detach", str(tmp_path / "other"))
    other = Sandbox.there(tmp_path / "other")
    assert seen(other) == seen(shop)
    assert (shop.repo.path / ".git/wrkq/flight-wrkq").is_dir()
    assert not (other.repo.git_dir / "wrkq/flight-wrkq").exists()


# Remotes


@pytest.fixture
def clone(shop: Sandbox, tmp_path: Path) -> Sandbox:
    """A clone of the shop."""
    TestRepo(tmp_path).git("clone", "-q", str(shop.repo.path), "clone")
    return Sandbox.there(tmp_path / "clone")


def test_a_remote_tracking_branch_is_in_flight(shop: Sandbox, clone: Sandbox) -> None:
    on(shop, "work", state(shop, "login", "in_progress"))
    clone.repo.git("fetch", "-q")
    assert seen(clone) == [("origin/work", "T-4K9X2M7Q", "changed", "in_progress")]


def test_a_local_branch_and_its_copy_on_the_remote_count_once(shop: Sandbox, clone: Sandbox) -> None:
    on(shop, "work", state(shop, "login", "in_progress"))
    clone.repo.git("fetch", "-q")
    clone.repo.git("branch", "-q", "work", "origin/work")
    assert [each[0] for each in seen(clone)] == ["work"]


def test_of_the_two_the_later_one_counts(shop: Sandbox, clone: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    on(shop, "work", state(shop, "login", "in_progress"))
    clone.repo.git("fetch", "-q")
    clone.repo.git("branch", "-q", "work", "origin/work")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2090-01-01T00:00:00Z")
    on(shop, "work", state(shop, "login", "completed"))
    clone.repo.git("fetch", "-q")
    assert [(each[0], each[3]) for each in seen(clone)] == [("origin/work", "completed")]


def test_a_branch_that_follows_the_base_is_not_its_copy(shop: Sandbox, clone: Sandbox) -> None:
    clone.repo.git("branch", "-q", "--track", "work", "origin/main")
    on(clone, "work", state(clone, "login", "in_progress"))
    assert [each[0] for each in seen(clone)] == ["work"]


def test_two_branches_that_follow_the_same_one_are_two(shop: Sandbox, clone: Sandbox) -> None:
    on(shop, "dev", state(shop, "login", "in_progress"))
    clone.repo.git("fetch", "-q")
    for name in ("one", "two"):
        clone.repo.git("branch", "-q", "--track", name, "origin/dev")
        on(clone, name, lambda name=name: clone.replace("portal/keys.md", "Text.", name))  # type: ignore[misc]
    assert {each[0] for each in seen(clone)} == {"one", "two"}


def test_a_follower_is_not_lost_with_what_another_follower_stands_for(
    shop: Sandbox, clone: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(shop, "dev", state(shop, "login", "in_progress"))
    clone.repo.git("fetch", "-q")
    for name, year in (("one", "2090"), ("two", "2020")):
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"{year}-01-01T00:00:00Z")
        clone.repo.git("branch", "-q", "--track", name, "origin/dev")
        on(clone, name, lambda name=name: clone.replace("portal/keys.md", "Text.", name))  # type: ignore[misc]
    clone.write("wrkq.yaml", "format: 1\nin_flight_days: 10000\n")
    assert {each[0] for each in seen(clone)} == {"one", "two"}


# What is remembered


def test_a_deleted_branch_is_forgotten(shop: Sandbox) -> None:
    on(shop, "work", state(shop, "login", "in_progress"))
    assert len(seen(shop)) == 1
    shop.repo.git("branch", "-q", "-D", "work")
    assert seen(shop) == []


def test_a_branch_that_moves_is_looked_at_again(shop: Sandbox) -> None:
    on(shop, "work", state(shop, "login", "in_progress"))
    seen(shop)
    on(shop, "work", state(shop, "login", "completed"))
    assert seen(shop) == [("work", "T-4K9X2M7Q", "changed", "completed")]


def test_a_base_that_moves_is_looked_at_again(shop: Sandbox) -> None:
    on(shop, "work", state(shop, "login", "in_progress"))
    seen(shop)
    state(shop, "login", "in_progress")()
    shop.commit_all()
    assert seen(shop) == []


def test_the_answer_does_not_need_the_file(shop: Sandbox) -> None:
    on(shop, "work", state(shop, "login", "in_progress"))
    before = seen(shop)
    shutil.rmtree(shop.repo.git_dir / "wrkq" / "flight-wrkq")
    assert seen(shop) == before


def test_a_damaged_file_is_done_without(shop: Sandbox) -> None:
    on(shop, "work", state(shop, "login", "in_progress"))
    before = seen(shop)
    for file in (shop.repo.git_dir / "wrkq" / "flight-wrkq").glob("*.sqlite*"):
        file.write_bytes(b"nothing" * 1000)
    assert seen(shop) == before


def test_old_branches_are_no_work_in_flight(shop: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-01-01T12:00:00Z")
    on(shop, "work", state(shop, "login", "in_progress"))
    assert len(seen(shop)) == 1  # the sandbox's clock says 19 January
    shop.write("wrkq.yaml", "format: 1\nin_flight_days: 10\n")
    assert seen(shop) == []


def test_none_are_with_no_days(shop: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-01-19T12:00:00Z")
    on(shop, "work", state(shop, "login", "in_progress"))
    shop.write("wrkq.yaml", "format: 1\nin_flight_days: 0\n")
    assert seen(shop) == []


# Who


def test_who_is_the_actor_that_the_last_commit_names(shop: Sandbox) -> None:
    shop.write("_actors/codex.md", "---\nrole: agent\n---\n")
    shop.commit_all()
    shop.repo.git("checkout", "-q", "-b", "work")
    from wrkq_files.service import update
    from wrkq_files.service.tracker import open_tracker

    tracker = open_tracker(shop.door._replace(actor="codex"))
    update.set_fields(tracker, ["portal/login"], update.Assignments([("state", "in_progress")]), COMMIT)
    shop.repo.git("checkout", "-q", "main")
    assert one(shop).who == "codex"


def test_else_the_one_with_the_authors_email(shop: Sandbox) -> None:
    on(shop, "work", state(shop, "login", "in_progress"))
    assert one(shop).who == "robin"


def test_else_the_authors_name(shop: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "nobody@example.org")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "No Actor")
    on(shop, "work", state(shop, "login", "in_progress"))
    assert one(shop).who == "No Actor"


# Shapes of history


def test_a_branch_that_merged_the_base_in(shop: Sandbox) -> None:
    on(shop, "work", state(shop, "login", "in_progress"))
    state(shop, "keys", "completed")()
    shop.commit_all()
    shop.repo.git("checkout", "-q", "work")
    shop.repo.git("merge", "-q", "-m", "merge", "main")
    shop.repo.git("checkout", "-q", "main")
    shop.replace("portal/keys.md", "Text.", "Goes on.")
    shop.commit_all()
    assert seen(shop) == [("work", "T-4K9X2M7Q", "changed", "in_progress")]


def test_a_criss_cross(shop: Sandbox) -> None:
    """Each side has merged the other's first commit: neither of these is what the branch changed since."""
    on(shop, "work", state(shop, "login", "in_progress"))
    state(shop, "keys", "completed")()
    shop.commit_all()
    first, other = shop.repo.git("rev-parse", "main"), shop.repo.git("rev-parse", "work")
    shop.repo.git("merge", "-q", "-m", "one way", other)
    shop.repo.git("checkout", "-q", "work")
    shop.repo.git("merge", "-q", "-m", "the other way", first)
    shop.write("portal/new.md", "---\ntitle: New\nid: T-00000001\n---\n")
    shop.commit_all()
    shop.repo.git("checkout", "-q", "main")
    shop.replace("portal/keys.md", "Text.", "Goes on.")
    shop.commit_all()
    assert len(shop.repo.git("merge-base", "--all", "main", "work").split()) == 2
    assert seen(shop) == [("work", "T-00000001", "created", "open")]


def test_a_criss_cross_with_deletions(shop: Sandbox) -> None:
    """What one deleted, the other took over, and the base has made again is no deletion of the branch's."""
    texts = {name: shop.text(f"portal/{name}.md") for name in ("login", "keys")}
    on(shop, "work", (shop.root / "portal/login.md").unlink)
    shop.repo.git("rm", "-q", "wrkq/portal/keys.md")
    shop.commit_all()
    first, other = shop.repo.git("rev-parse", "main"), shop.repo.git("rev-parse", "work")
    shop.repo.git("merge", "-q", "-m", "one way", other)
    shop.repo.git("checkout", "-q", "work")
    shop.repo.git("merge", "-q", "-m", "the other way", first)
    shop.repo.git("checkout", "-q", "main")
    for name, text in texts.items():
        shop.write(f"portal/{name}.md", text.replace("Text.", "Again."))
    shop.commit_all()
    assert seen(shop) == []


def test_hundreds_of_branches(shop: Sandbox) -> None:
    stream = []
    tip = shop.repo.head
    for number in range(150):
        text = f"---\ntitle: Task {number}\nid: T-{number:08d}\nstate: in_progress\n---\n"
        stream.append(
            f"commit refs/heads/b{number}\ncommitter A <a@e> {1_800_000_000 + number} +0000\ndata 1\nx\n"
            f"from {tip}\nM 100644 inline wrkq/portal/t{number}.md\ndata {len(text)}\n{text}\n"
        )
    shop.repo.git("fast-import", "--quiet", input="".join(stream).encode())
    found = seen(shop)
    assert len(found) == 150
    assert {each[1] for each in found} == {f"T-{number:08d}" for number in range(150)}


def test_a_detached_head_is_another_place_to_look_from(shop: Sandbox) -> None:
    on(shop, "work", state(shop, "login", "in_progress"))
    shop.repo.git("checkout", "-q", "--detach", "work")
    assert seen(shop, others=True) == []
    shop.repo.git("checkout", "-q", "--detach", "main")
    assert len(seen(shop, others=True)) == 1


def test_odd_names_of_branches(shop: Sandbox) -> None:
    names = ["feature/a b".replace(" ", "_"), "wörk", "x'y", "a;b", "-".join("ab"), "refs/heads/deep"]
    for number, name in enumerate(names):
        on(shop, name, lambda n=number: shop.replace("portal/keys.md", "Text.", f"Text {n}."))  # type: ignore[misc]
    assert {each[0] for each in seen(shop)} == set(names)


def test_moments_of_the_past_have_nothing_in_flight(shop: Sandbox) -> None:
    from wrkq_files.service.past import open_at

    on(shop, "work", state(shop, "login", "in_progress"))
    past = open_at(shop.door, "HEAD")
    assert flight.in_flight(past.tracker) == flight.InFlight()
    past.close()


def test_the_clock_decides(shop: Sandbox) -> None:
    on(shop, "work", state(shop, "login", "in_progress"))
    later = shop.door.now() + timedelta(days=100_000)
    tracker = shop.tracker
    tracker.door = tracker.door._replace(now=lambda: later)
    assert flight.in_flight(tracker).documents == []


# Asking for some


def test_rows_have_stable_names(shop: Sandbox) -> None:
    on(shop, "work", state(shop, "login", "in_progress"))
    [row] = flight.rows(flight.in_flight(shop.tracker).documents)
    assert tuple(row) == flight.FIELDS
    assert (row["path"], row["from"], row["what"]) == ("portal/login", "open", "changed")


def test_select_by_state_and_pattern(shop: Sandbox) -> None:
    on(shop, "work", state(shop, "login", "in_progress"))
    on(shop, "work", state(shop, "keys", "completed"))
    found = flight.in_flight(shop.tracker)
    assert [each.document.id for each in flight.select(found, states=("completed",))] == ["T-8W2D5H0C"]
    assert [each.document.id for each in flight.select(found, patterns=("portal/l*",))] == ["T-4K9X2M7Q"]
    assert flight.select(found, assignee="mara") == []
