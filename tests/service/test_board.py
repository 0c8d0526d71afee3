"""The board: features in their sections with what is to be known of them, tasks by state, moved as lines."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.branching import on
from tests.support.sandbox import COMMIT, START, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.service import board, create, rearranging, rows, tidying, update
from wrkq_files.service.board import Board, Card
from wrkq_files.service.change import Options, Written

DAY = timedelta(days=1)


@pytest.fixture
def shop(box: Sandbox) -> Sandbox:
    """A project with features `auth` (of tasks a and b), `pay` (c) and `search` (none), in this order."""
    create.mkdir(box.tracker, ["shop"], COMMIT, kind="project")
    for priority, name in enumerate(("auth", "pay", "search"), 1):
        create.mkdir(box.tracker, [f"shop/{name}"], COMMIT, kind="feature", pairs=[("priority", str(priority))])
    create.touch(box.tracker, ["shop/auth/a", "shop/auth/b", "shop/pay/c"], create.New(), COMMIT)
    return box


def put(box: Sandbox, *addresses: str, **fields: str) -> Written:
    return update.set_fields(box.tracker, addresses, update.Assignments([*fields.items()]), COMMIT)


def only(box: Sandbox, target: str | None = "shop") -> Board:
    [found] = board.features(box.tracker, target).boards
    return found


def standing(found: Board) -> dict[str, list[str]]:
    return {each.slug: [card.entry.slug for card in each.cards] for each in found.stacks if each.cards}


def card(box: Sandbox, slug: str) -> Card:
    [found] = [each for stack in only(box).stacks for each in stack.cards if each.entry.slug == slug]
    return found


def test_every_section_is_a_column_in_the_project_s_order(shop: Sandbox) -> None:
    put(shop, "shop/pay", section="done")
    assert [each.slug for each in only(shop).stacks] == ["backlog", "ready", "doing", "review", "done"]
    assert standing(only(shop)) == {"ready": ["auth", "search"], "done": ["pay"]}


def test_a_section_that_the_project_has_not_is_a_column_too(shop: Sandbox) -> None:
    shop.replace("shop/pay/README.md", "kind: feature\n", "kind: feature\nsection: gone\n")
    assert standing(only(shop))["gone"] == ["pay"]


def test_archived_features_and_tasks_are_not_on_it(shop: Sandbox) -> None:
    shop.replace("shop/pay/README.md", "kind: feature\n", "kind: feature\narchived: 2026-01-01\n")
    shop.replace("shop/auth/b.md", "title: B\n", "title: B\narchived: 2026-01-01\n")
    assert standing(only(shop)) == {"ready": ["auth", "search"]}
    assert card(shop, "auth").progress == (0, 1, 0.0)


def test_a_card_tells_of_its_tasks(shop: Sandbox) -> None:
    put(shop, "shop/auth/a", state="completed")
    put(shop, "shop/auth/b", blocked_reason="no keys")
    found = card(shop, "auth")
    assert found.progress == (1, 2, 0.5)
    assert found.states == {"completed": 1, "blocked": 1}
    assert found.blocked == 1


def test_what_is_due_within_two_days_and_not_begun_is_counted(shop: Sandbox) -> None:
    put(shop, "shop/auth/a", due=(START + DAY).date().isoformat())
    put(shop, "shop/auth/b", due=(START + 5 * DAY).date().isoformat())
    assert (card(shop, "auth").due, card(shop, "auth").due_soon) == ((START + DAY).date().isoformat(), 1)
    put(shop, "shop/auth/a", state="in_progress", assignee="")
    assert (card(shop, "auth").due, card(shop, "auth").due_soon) == ((START + DAY).date().isoformat(), 0)
    put(shop, "shop/auth/a", state="completed")
    assert card(shop, "auth").due == (START + 5 * DAY).date().isoformat()


def test_a_full_section_is_marked(shop: Sandbox) -> None:
    shop.replace("shop/README.md", "    role: ready\n", "    role: ready\n    wip_limit: 2\n")
    [ready] = [each for each in only(shop).stacks if each.slug == "ready"]
    assert ready.is_over
    put(shop, "shop/pay", section="done")
    [ready] = [each for each in only(shop).stacks if each.slug == "ready"]
    assert not ready.is_over


def test_what_other_branches_have_in_flight_is_on_the_card(shop: Sandbox) -> None:
    on(shop, "work", lambda: shop.replace("shop/auth/a.md", "title: A\n", "title: A\nstate: in_progress\n"))
    on(shop, "more", lambda: shop.write("shop/auth/new.md", "---\ntitle: New\n---\n"))
    assert card(shop, "auth").branches == {"work": 1, "more": 1}
    assert card(shop, "pay").branches == {}


def test_a_stale_branch_sees_what_main_has_done(shop: Sandbox) -> None:
    shop.repo.git("branch", "stale")
    put(shop, "shop/auth/a", "shop/auth/b", state="completed")
    shop.repo.git("checkout", "-q", "stale")
    found = board.features(shop.tracker, "shop")
    assert found.merged
    assert standing(found.boards[0])["done"] == ["auth"]
    assert found.boards[0].progress.done == 2


def test_tasks_in_no_feature_are_counted(shop: Sandbox) -> None:
    create.touch(shop.tracker, ["shop/loose", "shop/other"], create.New(), COMMIT)
    put(shop, "shop/other", state="completed")
    assert only(shop).loose == 1
    assert only(shop).progress.total == 5


def test_features_in_no_project_have_a_board_of_their_own(shop: Sandbox) -> None:
    create.mkdir(shop.tracker, ["alone"], COMMIT, kind="feature")
    found = board.features(shop.tracker).boards
    assert [each.project.slug if each.project else None for each in found] == ["shop", None]
    assert standing(found[1]) == {"ready": ["alone"]}


def test_only_projects_have_one(shop: Sandbox) -> None:
    with pytest.raises(WrkqError, match="no project") as error:
        board.features(shop.tracker, "shop/auth")
    assert error.value.hint == "wrkq board --tasks shop/auth"


def test_tasks_stand_by_their_effective_state(shop: Sandbox) -> None:
    put(shop, "shop/auth/a", state="in_progress")
    put(shop, "shop/auth/b", blocked_by="shop/auth/a")
    [found] = board.tasks(shop.tracker, "shop").boards
    assert standing(found) == {"open": ["c"], "blocked": ["b"], "in_progress": ["a"]}
    [found] = board.tasks(shop.tracker, "shop/pay").boards
    assert standing(found) == {"open": ["c"]}


def test_a_task_stands_in_progress_when_a_subtask_does(shop: Sandbox) -> None:
    put(shop, "shop/auth/a", due="2020-01-01")
    put(shop, "shop/auth/b", parent="shop/auth/a", state="completed")
    [found] = board.tasks(shop.tracker, "shop").boards
    assert standing(found) == {"open": ["c"], "in_progress": ["a"]}
    assert {card.due_soon for stack in found.stacks for card in stack.cards} == {0}


def test_completed_tasks_are_shown_when_asked_for_and_counted_always(shop: Sandbox) -> None:
    put(shop, "shop/auth/a", state="completed")
    [found] = board.tasks(shop.tracker, "shop").boards
    assert (standing(found), found.progress.done) == ({"open": ["b", "c"]}, 1)
    assert found.hidden["closed"] == 1
    [found] = board.tasks(shop.tracker, "shop", everything=True).boards
    assert (standing(found)["completed"], found.hidden) == (["a"], {})
    put(shop, "shop/auth/b", state="cancelled")
    shop.add("Dream", into="shop/auth", state="idea")
    [found] = board.tasks(shop.tracker, "shop").boards
    assert (standing(found), found.hidden) == ({"open": ["c"]}, {"closed": 2, "ideas": 1})
    [found] = board.tasks(shop.tracker, "shop", everything=True).boards
    slugs = [each.slug for each in found.stacks]
    assert slugs == ["idea", "open", "in_progress", "in_review", "completed", "cancelled"]
    assert standing(found) == {"idea": ["dream"], "open": ["c"], "completed": ["a"], "cancelled": ["b"]}


def test_a_file_that_cannot_be_read_is_named(shop: Sandbox) -> None:
    shop.write("shop/auth/a.md", "---\ntitle: [\n---\n")
    assert [each.path for each in board.features(shop.tracker).broken] == ["shop/auth/a.md"]


def test_percent_is_a_field_of_lists(shop: Sandbox) -> None:
    shop.tracker.index.refresh()
    entries = [each for each in shop.tracker.index.containers() if each.address]
    shop.replace("shop/auth/a.md", "title: A\n", "title: A\nstate: completed\n")
    found = {each["path"]: each["percent"] for each in rows.rows(shop.tracker, entries, ["path", "percent"])}
    assert found == {"inbox": None, "shop": 33, "shop/auth": 50, "shop/pay": 0, "shop/search": None} | {
        name: percent for name, percent in found.items() if name == "inbox"
    }


# Features that their tasks have left behind


def by_hand(box: Sandbox, *names: str, state: str) -> None:
    for name in names:
        path = f"shop/auth/{name}.md"
        box.write(path, box.text(path).replace("\n---\n", f"\nstate: {state}\n---\n", 1))


def test_hand_edits_leave_a_suggestion_and_tidy_follows_it(shop: Sandbox) -> None:
    by_hand(shop, "a", state="in_progress")
    shop.commit_all()
    assert card(shop, "auth").suggested == "doing"
    written = tidying.tidy(shop.tracker, [], COMMIT)
    assert written.notes == ("shop/auth goes from ready to doing",)
    assert standing(only(shop)) == {"doing": ["auth"], "ready": ["pay", "search"]}
    assert card(shop, "auth").suggested is None
    assert tidying.tidy(shop.tracker, [], COMMIT).status == "unchanged"


def test_two_branches_that_each_complete_half_of_a_feature(shop: Sandbox) -> None:
    shop.repo.git("checkout", "-q", "-b", "other")
    put(shop, "shop/auth/b", state="completed")
    shop.repo.git("checkout", "-q", "main")
    put(shop, "shop/auth/a", state="completed")
    assert standing(only(shop)).get("done") is None
    shop.repo.git("merge", "-q", "--no-edit", "other")
    assert card(shop, "auth").suggested == "done"
    tidying.tidy(shop.tracker, ["shop"], COMMIT)
    assert standing(only(shop))["done"] == ["auth"]


@pytest.mark.parametrize("committed", [True, False])
def test_a_section_that_was_chosen_after_the_tasks_moved_holds(shop: Sandbox, committed: bool) -> None:
    put(shop, "shop/auth/a", state="in_progress")
    put_ = Options(commit=committed)
    update.set_fields(shop.tracker, ["shop/auth"], update.Assignments([("section", "backlog")]), put_)
    assert card(shop, "auth").suggested is None
    assert tidying.tidy(shop.tracker, [], COMMIT).status == "unchanged"


def test_a_section_that_no_commit_has_yet_was_chosen_after_the_tasks_moved(shop: Sandbox) -> None:
    by_hand(shop, "a", state="in_progress")
    shop.commit_all()
    assert card(shop, "auth").suggested == "doing"
    shop.replace("shop/auth/README.md", "kind: feature\n", "kind: feature\nsection: backlog\n")
    assert card(shop, "auth").suggested is None


def test_it_holds_until_the_next_task_moves(shop: Sandbox) -> None:
    put(shop, "shop/auth/a", state="in_progress")
    put(shop, "shop/auth", section="backlog")
    by_hand(shop, "b", state="in_progress")
    shop.commit_all()
    assert card(shop, "auth").suggested == "doing"


def test_tidy_keeps_to_what_is_named(shop: Sandbox) -> None:
    by_hand(shop, "a", state="in_progress")
    assert tidying.tidy(shop.tracker, ["shop/pay"], COMMIT).status == "unchanged"
    dry = tidying.tidy(shop.tracker, ["shop/auth"], Options(dry_run=True))
    assert "+section: doing" in dry.diff
    assert standing(only(shop)) == {"ready": ["auth", "pay", "search"]}


def test_tidy_changes_one_line(shop: Sandbox) -> None:
    put(shop, "shop/auth", section="ready", labels="x")
    shop.replace("shop/auth/README.md", "section: ready", "section:   'ready'   # as it was")
    by_hand(shop, "a", state="in_progress")
    shop.commit_all()
    before = shop.text("shop/auth/README.md").splitlines()
    tidying.tidy(shop.tracker, [], COMMIT)
    after = shop.text("shop/auth/README.md").splitlines()
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert changed == [("section:   'ready'   # as it was", "section:   'doing'   # as it was")]


# Moving lines


def edited(box: Sandbox, *moves: tuple[str, str]) -> Written:
    """Each move puts a feature's line below another line: of a feature, or of a section (`== doing`)."""
    sheet = rearranging.checkout(box.tracker, "shop")
    lines = sheet.text.splitlines()
    for what, where in moves:
        [line] = [each for each in lines if f"  {what}  " in each]
        lines.remove(line)
        [at] = [n for n, each in enumerate(lines) if each.startswith(where) or f"  {where}  " in each]
        lines.insert(at + 1, line)
    return rearranging.rearrange(box.tracker, sheet, "\n".join(lines), COMMIT)


def test_lines_are_features_in_their_sections(shop: Sandbox) -> None:
    lines = [each for each in rearranging.checkout(shop.tracker, "shop").text.splitlines() if each[:1] not in "#"]
    ids = [card(shop, slug).entry.id for slug in ("auth", "pay", "search")]
    titles = ("Backlog", "Ready", "Doing", "Review", "Done")
    heads = [f"== {title.lower()}  ({title})" for title in titles]
    features = [
        f"{each}  {name}  {name.capitalize()}" for each, name in zip(ids, ("auth", "pay", "search"), strict=True)
    ]
    assert lines == [*heads[:2], *features, *heads[2:]]


def test_moved_lines_are_one_commit_of_the_files_they_stand_for(shop: Sandbox) -> None:
    head = shop.repo.head
    written = edited(shop, ("search", "== ready"), ("pay", "== doing"))
    assert standing(only(shop)) == {"ready": ["search", "auth"], "doing": ["pay"]}
    assert shop.repo.git("rev-list", "--count", f"{head}..HEAD") == "1"
    assert sorted(written.paths) == [shop.name("shop/pay/README.md"), shop.name("shop/search/README.md")]
    assert written.notes == ("shop/pay goes from ready to doing",)


def test_as_few_ranks_as_can_be_are_written(shop: Sandbox) -> None:
    edited(shop, ("search", "== ready"), ("pay", "search"))
    assert standing(only(shop)) == {"ready": ["search", "pay", "auth"]}
    written = edited(shop, ("auth", "== ready"))
    assert standing(only(shop)) == {"ready": ["auth", "search", "pay"]}
    assert written.paths == (shop.name("shop/auth/README.md"),)


def test_an_unchanged_sheet_changes_nothing(shop: Sandbox) -> None:
    assert edited(shop).status == "unchanged"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  auth  Auth", "  auth  Auth\nP-00000000  x  X", "`P-00000000` is no feature of this board"),
        ("== doing", "== nix", "`nix` is no section"),
        ("== doing", "==doing", "`==doing` is no feature"),
    ],
)
def test_lines_that_are_none_are_refused_with_their_number(shop: Sandbox, old: str, new: str, said: str) -> None:
    sheet = rearranging.checkout(shop.tracker, "shop")
    text = sheet.text.replace(old, new)
    with pytest.raises(WrkqError, match=said) as error:
        rearranging.rearrange(shop.tracker, sheet, text, COMMIT)
    assert error.value.code == "validation"
    assert error.value.message.startswith("line ")
    assert standing(only(shop)) == {"ready": ["auth", "pay", "search"]}


def test_a_line_above_all_sections_is_refused(shop: Sandbox) -> None:
    sheet = rearranging.checkout(shop.tracker, "shop")
    text = sheet.text.replace("== backlog  (Backlog)\n", "").replace("== ready  (Ready)\n", "")
    with pytest.raises(WrkqError, match="stands in no section"):
        rearranging.rearrange(shop.tracker, sheet, text, COMMIT)


def test_a_line_that_is_gone_or_there_twice_is_refused(shop: Sandbox) -> None:
    sheet = rearranging.checkout(shop.tracker, "shop")
    [line] = [each for each in sheet.text.splitlines(keepends=True) if "  pay  " in each]
    for text, said in ((sheet.text.replace(line, ""), "is missing"), (sheet.text + line, "already")):
        with pytest.raises(WrkqError, match=said):
            rearranging.rearrange(shop.tracker, sheet, text, COMMIT)


def test_a_board_that_has_changed_meanwhile_is_not_overwritten(shop: Sandbox) -> None:
    sheet = rearranging.checkout(shop.tracker, "shop")
    put(shop, "shop/pay", section="doing")
    with pytest.raises(WrkqError, match="has changed since") as error:
        rearranging.rearrange(shop.tracker, sheet, sheet.text, COMMIT)
    assert error.value.code == "conflict"
