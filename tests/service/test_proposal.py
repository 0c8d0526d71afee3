"""What a branch proposes, and whether it is fit to land."""

from __future__ import annotations

import pytest

from tests.support.sandbox import COMMIT, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.service import comments, create, move, remove, update
from wrkq_files.service.bundles import keeping, proposal, request_text, review
from wrkq_files.service.bundles import rows as bundle_rows
from wrkq_files.service.bundles.proposal import Item, Proposal
from wrkq_files.service.bundles.review import Review
from wrkq_files.service.create import New


@pytest.fixture
def box(box: Sandbox) -> Sandbox:
    """A project with a feature and two tasks on main; `wrkq/login` is checked out."""
    for address, kind in (("portal", "project"), ("portal/auth", "feature")):
        create.mkdir(box.tracker, [address], COMMIT, kind=kind, title=address.title())
    create.add(box.tracker, "Login", New(body="- [ ] one\n- [ ] two\n"), COMMIT, into="portal/auth")
    box.add("Other", into="portal/auth")
    box.add("Loose")
    box.repo.git("checkout", "-q", "-b", "wrkq/login")
    return box


def proposed(box: Sandbox, name: str | None = "login") -> Proposal:
    tracker = box.tracker
    return proposal.propose(tracker, proposal.bundle(tracker, name))


def reviewed(box: Sandbox, name: str = "login") -> Review:
    tracker = box.tracker
    return review.review(tracker, proposal.bundle(tracker, name))


def items(found: Proposal) -> dict[str, Item]:
    return {item.path: item for item in found.items}


def on_main(box: Sandbox, path: str, old: str, new: str) -> None:
    box.repo.git("checkout", "-q", "main")
    box.replace(path, old, new)
    box.repo.git("commit", "-q", "-a", "-m", "on main", "--author=Ann <ann@example.org>")
    box.repo.git("checkout", "-q", "wrkq/login")


def test_what_becomes_of_each_task(box: Sandbox) -> None:
    box.set("portal/auth/login", state="completed", priority="1")
    box.add("New", into="portal/auth")
    move.mv(box.tracker, ["inbox/loose"], "portal/auth/tight", COMMIT)
    remove.rm(box.tracker, ["portal/auth/other"], COMMIT, purge=True)
    found = items(proposed(box))
    assert {path: item.what for path, item in found.items()} == {
        "portal/auth/login": "completed",
        "portal/auth/new": "created",
        "portal/auth/tight": "moved",
        "portal/auth/other": "deleted",
    }
    assert [*proposal.fields(found["portal/auth/login"])] == [("state", "open", "completed"), ("priority", 3, 1)]
    assert [*proposal.fields(found["portal/auth/tight"])] == [("path", "inbox/loose", "portal/auth/tight")]
    assert not [*proposal.fields(found["portal/auth/new"])]


def test_documents_stand_below_their_feature(box: Sandbox) -> None:
    box.set("portal/auth/login", priority="1")
    box.set("portal/auth", title="Sign-in")
    box.set("inbox/loose", priority="1")
    groups = {group.path: (group.title, [item.title for item in group.items]) for group in proposed(box).groups}
    assert groups == {"portal/auth": ("Sign-in", ["Sign-in", "Login"]), "inbox": ("Inbox", ["Loose"])}


def test_what_is_in_a_feature_that_is_gone(box: Sandbox) -> None:
    box.repo.git("rm", "-q", "-r", "wrkq/portal/auth")
    box.repo.git("commit", "-q", "-m", "No more")
    [group] = proposed(box).groups
    assert (group.title, {item.what for item in group.items}) == ("Portal/Auth", {"deleted"})


def test_ticked_boxes_are_told_by_their_texts(box: Sandbox) -> None:
    update.tick(box.tracker, "portal/auth/login", ["1"], "x", COMMIT)
    [item] = proposed(box).items
    assert (item.what, [*proposal.boxes(item)], [*proposal.fields(item)]) == ("changed", [("checked", "one")], [])


def test_a_comment_stands_with_what_it_is_on(box: Sandbox) -> None:
    comments.add(box.tracker, "portal/auth/login", "It is lost.\n\nAlways.", COMMIT, kind="blocker")
    [item] = proposed(box).items
    assert (item.title, item.path, item.what) == ("Login", "portal/auth/login", "commented")
    [said] = item.comments
    assert (said.author, said.kind, said.text) == ("robin", "blocker", "It is lost.\n\nAlways.")


def test_what_was_changed_and_changed_back_is_not_proposed(box: Sandbox) -> None:
    box.set("portal/auth/login", priority="1")
    box.set("portal/auth/login", priority="3")
    found = proposed(box)
    assert len(found.commits) == 2
    assert not [name for item in found.items for name, _, _ in proposal.fields(item) if name == "priority"]


def test_what_the_base_did_meanwhile_is_not_proposed(box: Sandbox) -> None:
    box.set("portal/auth/login", priority="1")
    on_main(box, "portal/auth/other.md", "title: Other", "title: Another")
    found = proposed(box)
    assert [*items(found)] == ["portal/auth/login"]
    assert (found.bundle.ahead, found.bundle.behind) == (1, 1)
    box.repo.git("merge", "-q", "--no-edit", "main")
    assert [*items(proposed(box))] == ["portal/auth/login"]


def test_a_branch_that_has_landed_proposes_nothing(box: Sandbox) -> None:
    box.set("portal/auth/login", priority="1")
    box.repo.git("branch", "-f", "main", "wrkq/login")
    found = proposed(box)
    assert (found.groups, found.commits, found.bundle.ahead) == ((), (), 0)
    assert reviewed(box).merges


# Which branch


def test_the_checked_out_branch_is_meant_where_none_is_named(box: Sandbox) -> None:
    assert proposal.bundle(box.tracker).branch.name == "wrkq/login"


def test_bundles_and_branches_are_named(box: Sandbox) -> None:
    box.repo.git("branch", "plain", "main")
    assert proposal.bundle(box.tracker, "login").branch.name == "wrkq/login"
    assert proposal.bundle(box.tracker, "wrkq/login").branch.name == "wrkq/login"
    assert proposal.bundle(box.tracker, "plain").branch.name == "plain"


@pytest.mark.parametrize(("name", "code"), [("nope", "not_found"), ("main", "refused"), ("--all", "usage")])
def test_what_proposes_nothing_is_refused(box: Sandbox, name: str, code: str) -> None:
    with pytest.raises(WrkqError) as error:
        proposal.bundle(box.tracker, name)
    assert error.value.code == code


def test_a_branch_of_another_history_is_refused(box: Sandbox) -> None:
    box.repo.git("branch", "other", box.repo.git("commit-tree", "HEAD^{tree}", "-m", "alone"))
    for ask in (proposed, reviewed):
        with pytest.raises(WrkqError, match="no commit in common"):
            ask(box, "other")


# Whether it is fit


def test_errors_that_the_branch_brought_are_found(box: Sandbox) -> None:
    box.replace("portal/auth/login.md", "title: Login", "title: Login\nstate: doing-it")
    box.repo.git("commit", "-q", "-a", "-m", "By hand")
    found = reviewed(box)
    assert found.errors == 1
    assert [each.checked.finding.path for each in found.findings if each.checked.severity == "error"] == [
        "portal/auth/login.md"
    ]


def test_what_was_wrong_before_is_nothing_to_the_branch(box: Sandbox) -> None:
    box.repo.git("checkout", "-q", "main")
    box.replace("portal/auth/other.md", "title: Other", "title: Other\nstate: doing-it")
    box.repo.git("commit", "-q", "-a", "-m", "By hand")
    box.repo.git("checkout", "-q", "wrkq/login")
    box.set("portal/auth/login", priority="1")
    box.repo.git("merge", "-q", "--no-edit", "main")
    assert not reviewed(box).errors


def test_a_conflict_says_who_said_what(box: Sandbox) -> None:
    box.set("portal/auth/login", priority="1")
    on_main(box, "portal/auth/login.md", "title: Login", "priority: 4\ntitle: Login")
    found = reviewed(box)
    [each] = found.conflicts
    assert (each.conflict.path, each.conflict.field) == ("wrkq/portal/auth/login.md", "priority")
    assert (each.conflict.base, each.conflict.ours, each.conflict.theirs) == (None, 1, 4)
    assert (each.ours, each.theirs, found.merges) == ("robin", "Ann", False)


def test_of_a_moved_file_the_other_side_is_known_too(box: Sandbox) -> None:
    move.mv(box.tracker, ["portal/auth/login"], "portal/auth/sign-in", COMMIT)
    box.set("portal/auth/sign-in", priority="1")
    on_main(box, "portal/auth/login.md", "title: Login", "priority: 4\ntitle: Login")
    [each] = reviewed(box).conflicts
    assert (each.ours, each.theirs) == ("robin", "Ann")


def test_an_error_that_only_merging_makes(box: Sandbox) -> None:
    box.set("portal/auth/login", blocked_by="portal/auth/other")
    login = box.text("portal/auth/login.md").partition("id: ")[2].split("\n")[0]
    on_main(box, "portal/auth/other.md", "title: Other", f"title: Other\nblocked_by:\n  - {login}")
    found = reviewed(box)
    assert not found.conflicts
    assert {each.checked.finding.rule for each in found.broken} == {"cycle"}
    assert not found.merges


def test_nothing_of_the_repository_changes(box: Sandbox) -> None:
    box.set("portal/auth/login", priority="1")
    on_main(box, "portal/auth/login.md", "title: Login", "priority: 4\ntitle: Login")
    before = (box.repo.git("for-each-ref"), box.repo.status(), box.repo.read(".git/HEAD"))
    reviewed(box)
    proposed(box)
    assert (box.repo.git("for-each-ref"), box.repo.status(), box.repo.read(".git/HEAD")) == before


# The list


def test_bundles_and_branches_that_change_documents_are_listed(box: Sandbox) -> None:
    box.set("portal/auth/login", priority="1")
    on_main(box, "portal/auth/login.md", "title: Login", "priority: 4\ntitle: Login")
    box.repo.git("branch", "wrkq/empty", "main")
    box.repo.git("branch", "landed", "main")
    box.repo.git("checkout", "-q", "-b", "feature/auth")
    box.set("portal/auth/other", priority="1")
    box.repo.git("checkout", "-q", "-b", "code", "main")
    box.repo.commit({"code.py": "x = 1\n"})
    rows = {row["name"]: row for row in bundle_rows.rows(box.tracker, check=True)}
    assert [*rows] == ["empty", "feature/auth", "login"]
    assert (rows["login"]["ahead"], rows["login"]["behind"], rows["login"]["documents"]) == (1, 1, 1)
    assert (rows["login"]["actor"], rows["login"]["merges"], rows["empty"]["merges"]) == ("robin", False, True)
    assert bundle_rows.rows(box.tracker)[0]["merges"] is None


def test_what_a_merge_itself_broke_is_found(box: Sandbox) -> None:
    box.set("portal/auth/login", priority="1")
    on_main(box, "portal/auth/other.md", "title: Other", "title: Another")
    box.repo.git("merge", "-q", "--no-commit", "main")
    box.replace("portal/auth/other.md", "title: Another", "title: Another\nstate: doing-it")
    box.repo.git("commit", "-q", "-a", "-m", "An evil merge")
    assert reviewed(box).errors == 1


def test_a_bundle_that_was_started_for_a_feature_says_so(box: Sandbox) -> None:
    box.repo.git("checkout", "-q", "main")
    keeping.start(box.tracker, "auth", feature="portal/auth")
    box.repo.git("checkout", "-q", "wrkq/auth")
    for title in ("One", "Two"):
        box.add(title, into="portal/auth")
    found = proposed(box, "auth")
    assert found.feature == "Portal/Auth"
    assert request_text.compose(found, reviewed(box, "auth")).title == "Portal/Auth: 2 tasks new"
