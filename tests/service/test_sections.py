"""Sections of a project, and what becomes of the features in them; orders by hand."""

from __future__ import annotations

import pytest

from tests.support.sandbox import COMMIT, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.index.entry import Entry
from wrkq_files.model.document import Value
from wrkq_files.model.fields import DocType
from wrkq_files.model.layout import document_path
from wrkq_files.model.ranks import BOTTOM, TOP, Place
from wrkq_files.service import columns, create, sections, update
from wrkq_files.service.change import Written
from wrkq_files.service.sections import Given

DEFAULTS = ["backlog", "ready", "doing", "review", "done"]


@pytest.fixture
def shop(box: Sandbox) -> Sandbox:
    """A project with three features that name no section."""
    create.mkdir(box.tracker, ["shop"], COMMIT, pairs=[("kind", "project")])
    for priority, name in enumerate(("auth", "pay", "search"), 1):
        create.mkdir(box.tracker, [f"shop/{name}"], COMMIT, kind="feature", pairs=[("priority", str(priority))])
    return box


def entry(box: Sandbox, address: str) -> Entry:
    box.tracker.index.refresh()
    found = box.tracker.index.entry(document_path(DocType.CONTAINER, address))
    assert found
    return found


def slugs(box: Sandbox) -> list[str]:
    return [each.slug for each in sections.ls(box.tracker, "shop")]


def standing(box: Sandbox) -> dict[str, list[str]]:
    """The slugs of the features in each section that holds some, in their order."""
    box.tracker.index.refresh()
    [board] = columns.of(box.tracker)
    named = {str(each["slug"]): [f.slug for f in board.standing(str(each["slug"]))] for each in board.sections}
    return {name: there for name, there in named.items() if there}


def own(box: Sandbox, name: str) -> Value:
    return entry(box, f"shop/{name}").section


def put(box: Sandbox, *names: str, **fields: str) -> Written:
    asked = update.Assignments([*fields.items()])
    return update.set_fields(box.tracker, [f"shop/{name}" for name in names], asked, COMMIT)


def test_a_project_begins_with_the_default_sections(shop: Sandbox) -> None:
    assert slugs(shop) == DEFAULTS
    [start] = [each for each in sections.ls(shop.tracker, "shop") if each.default]
    assert (start.slug, start.features) == ("ready", 3)


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (Place(TOP), ["qa", *DEFAULTS]),
        (Place(BOTTOM), [*DEFAULTS, "qa"]),
        (Place("before", "done"), [*DEFAULTS[:-1], "qa", "done"]),
        (Place("after", "backlog"), ["backlog", "qa", *DEFAULTS[1:]]),
    ],
)
def test_a_section_comes_where_it_is_put_and_changes_one_file(
    shop: Sandbox, place: Place, expected: list[str]
) -> None:
    written = sections.add(shop.tracker, "shop", "qa", Given(role="review", wip_limit=2), place, COMMIT)
    assert slugs(shop) == expected
    assert written.paths == (shop.name("shop/README.md"),)
    [qa] = [each for each in sections.ls(shop.tracker, "shop") if each.slug == "qa"]
    assert (qa.title, qa.role, qa.wip_limit, qa.features) == ("Qa", "review", 2, 0)


def test_only_the_lines_of_the_section_change(shop: Sandbox) -> None:
    sections.add(shop.tracker, "shop", "qa", Given(role="review"), Place(BOTTOM), COMMIT)
    before = shop.text("shop/README.md")
    shop.write("shop/README.md", before.replace("  - slug: doing", "  # the busy one\n  - slug: doing"))
    shop.commit_all()
    old = shop.text("shop/README.md").splitlines()
    sections.edit(shop.tracker, "shop", "qa", Given(title="In test"), COMMIT)
    new = shop.text("shop/README.md").splitlines()
    assert [line for line in new if line not in old] == ["    title: In test"]
    assert [line for line in new if line != "    title: In test"] == old


@pytest.mark.parametrize(
    ("slug", "given", "code"),
    [
        ("ready", Given(role="ready"), "exists"),
        ("Not a slug", Given(role="ready"), "validation"),
        ("qa", Given(role="testing"), "validation"),
        ("qa", Given(role="review", wip_limit=-1), "validation"),
        ("qa", Given(role="review", title="two\nlines"), "validation"),
    ],
)
def test_what_cannot_be_a_section(shop: Sandbox, slug: str, given: Given, code: str) -> None:
    with pytest.raises(WrkqError) as error:
        sections.add(shop.tracker, "shop", slug, given, Place(BOTTOM), COMMIT)
    assert error.value.code == code
    assert slugs(shop) == DEFAULTS


def test_a_new_name_takes_the_features_along_in_one_commit(shop: Sandbox) -> None:
    put(shop, "auth", section="doing")
    head = shop.repo.head
    sections.edit(shop.tracker, "shop", "doing", Given(slug="wip"), COMMIT)
    assert shop.repo.git("rev-list", "--count", f"{head}..HEAD") == "1"
    assert own(shop, "auth") == "wip"
    assert {"wip", "doing"} & {*slugs(shop)} == {"wip"}


def test_a_new_name_of_the_default_leaves_the_files_of_its_features_alone(shop: Sandbox) -> None:
    written = sections.edit(shop.tracker, "shop", "ready", Given(slug="next"), COMMIT)
    assert written.paths == (shop.name("shop/README.md"),)
    assert standing(shop) == {"next": ["auth", "pay", "search"]}


@pytest.mark.parametrize("how", ["edit", "add", "mv"])
def test_another_default_moves_nobody(shop: Sandbox, how: str) -> None:
    if how == "edit":
        sections.edit(shop.tracker, "shop", "backlog", Given(default=True), COMMIT)
    elif how == "add":
        sections.add(shop.tracker, "shop", "new", Given(role="backlog", default=True), Place(TOP), COMMIT)
    else:  # without a default the first ready section is it
        shop.write("shop/README.md", shop.text("shop/README.md").replace("    default: true\n", ""))
        shop.commit_all()
        sections.add(shop.tracker, "shop", "soon", Given(role="ready"), Place(BOTTOM), COMMIT)
        sections.mv(shop.tracker, "shop", "soon", Place(TOP), COMMIT)
    assert standing(shop) == {"ready": ["auth", "pay", "search"]}
    assert len([each for each in sections.ls(shop.tracker, "shop") if each.default]) == 1


def test_a_section_in_use_goes_only_with_a_place_for_its_features(shop: Sandbox) -> None:
    put(shop, "auth", section="doing")
    with pytest.raises(WrkqError, match="1 features stand in `doing`: shop/auth") as error:
        sections.rm(shop.tracker, "shop", "doing", COMMIT)
    assert error.value.code == "refused"
    assert slugs(shop) == DEFAULTS
    sections.rm(shop.tracker, "shop", "doing", COMMIT, move_to="review")
    assert own(shop, "auth") == "review"
    assert "doing" not in slugs(shop)


def test_the_default_section_is_in_use_where_features_name_none(shop: Sandbox) -> None:
    with pytest.raises(WrkqError, match="3 features"):
        sections.rm(shop.tracker, "shop", "ready", COMMIT)
    sections.rm(shop.tracker, "shop", "ready", COMMIT, move_to="done")
    assert standing(shop) == {"done": ["auth", "pay", "search"]}


def test_a_section_nobody_stands_in_goes_and_the_last_one_stays(shop: Sandbox) -> None:
    for slug in ("backlog", "doing", "review", "done"):
        sections.rm(shop.tracker, "shop", slug, COMMIT)
    assert slugs(shop) == ["ready"]
    with pytest.raises(WrkqError, match="only section"):
        sections.rm(shop.tracker, "shop", "ready", COMMIT, move_to="ready")


@pytest.mark.parametrize("target", ["shop/auth", "shop/auth/x"])
def test_only_projects_have_sections(shop: Sandbox, target: str) -> None:
    create.touch(shop.tracker, ["shop/auth/x"], create.New(), COMMIT)
    with pytest.raises(WrkqError):
        sections.add(shop.tracker, target, "qa", Given(role="review"), Place(BOTTOM), COMMIT)


def test_features_of_no_project_stand_in_the_tracker_s_sections(box: Sandbox) -> None:
    create.mkdir(box.tracker, ["alone"], COMMIT, kind="feature")
    [row] = [each for each in sections.ls(box.tracker) if each.features]
    assert (row.project, row.slug) == (None, "ready")


def test_a_full_section_takes_another_one_and_says_so(shop: Sandbox) -> None:
    sections.edit(shop.tracker, "shop", "doing", Given(wip_limit=1), COMMIT)
    assert put(shop, "auth", section="doing").notes == ()
    assert put(shop, "pay", section="doing").notes == ("doing holds 2 features, and its limit is 1",)
    assert put(shop, "pay", priority="4").notes == ()


# Orders by hand


def test_features_are_ordered_within_their_section(shop: Sandbox) -> None:
    put(shop, "search", rank="top")
    assert standing(shop) == {"ready": ["search", "auth", "pay"]}
    put(shop, "pay", rank="before:shop/search")
    put(shop, "auth", rank="after:shop/search")
    assert standing(shop) == {"ready": ["pay", "search", "auth"]}
    written = put(shop, "pay", rank="bottom")
    assert standing(shop) == {"ready": ["search", "auth", "pay"]}
    assert written.paths == (shop.name("shop/pay/README.md"),)


def test_below_features_without_a_rank_these_get_one_too_and_it_is_said(shop: Sandbox) -> None:
    written = put(shop, "auth", rank="bottom")
    assert standing(shop)["ready"][-1] == "auth"
    assert written.notes == ("2 others got a rank, to stay where they are",)


def test_several_come_in_the_order_they_are_named_in(shop: Sandbox) -> None:
    put(shop, "search", "auth", "pay", rank="top")
    assert standing(shop) == {"ready": ["search", "auth", "pay"]}
    put(shop, "pay", "auth", rank="after:shop/search")
    assert standing(shop) == {"ready": ["search", "pay", "auth"]}


def test_section_and_place_are_one_change(shop: Sandbox) -> None:
    put(shop, "auth", section="doing")
    put(shop, "pay", section="doing", rank="before:shop/auth")
    assert standing(shop) == {"ready": ["search"], "doing": ["pay", "auth"]}


@pytest.mark.parametrize(
    ("place", "code"),
    [("before:shop/pay", "usage"), ("after:shop/nix", "not_found"), ("sideways", "validation"), ("1", "validation")],
)
def test_a_place_beside_what_is_not_there(shop: Sandbox, place: str, code: str) -> None:
    put(shop, "auth", section="doing")
    with pytest.raises(WrkqError) as error:
        put(shop, "auth", rank=place)
    assert error.value.code == code


def test_tasks_are_ordered_within_their_folder(shop: Sandbox) -> None:
    for name in ("a", "b", "c"):
        create.touch(shop.tracker, [f"shop/auth/{name}"], create.New(), COMMIT)
    put(shop, "auth/c", rank="top")
    put(shop, "auth/b", rank="before:shop/auth/c")
    shop.tracker.index.refresh()
    tasks = [each for each in shop.tracker.index.children("shop/auth") if each.type is DocType.TASK]
    assert [each.slug for each in sorted(tasks, key=columns.hand_order)] == ["b", "c", "a"]


def test_a_new_task_takes_a_rank_and_no_place(shop: Sandbox) -> None:
    with pytest.raises(WrkqError, match="a place among others") as error:
        create.touch(shop.tracker, ["shop/auth/a"], create.New(pairs=[("rank", "top")]), COMMIT)
    assert error.value.hint == "wrkq set TARGET --rank top"


def test_two_branches_that_put_features_at_one_place_merge_and_both_are_there(shop: Sandbox) -> None:
    shop.repo.git("checkout", "-q", "-b", "other")
    put(shop, "search", rank="top")
    shop.repo.git("checkout", "-q", "main")
    put(shop, "pay", rank="top")
    shop.repo.git("merge", "-q", "--no-edit", "other")
    assert sorted(standing(shop)["ready"][:2]) == ["pay", "search"]
    first, second = standing(shop)["ready"][:2]
    put(shop, "auth", rank=f"after:shop/{first}")  # between two of the same rank
    assert standing(shop)["ready"] == [first, "auth", second]
