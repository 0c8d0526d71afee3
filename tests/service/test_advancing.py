"""A feature follows its tasks: every rule and exception, and the one commit that holds both."""

from __future__ import annotations

import pytest

from tests.support.sandbox import COMMIT, Sandbox
from wrkq_files.service import create, replacing, update
from wrkq_files.service.change import Options

FEATURE = "shop/auth/README.md"
SECTIONS = ("backlog", "ready", "doing", "review", "done")


@pytest.fixture
def shop(box: Sandbox) -> Sandbox:
    """A project with a feature of two tasks, `a` and `b`."""
    create.mkdir(box.tracker, ["shop"], COMMIT, pairs=[("kind", "project")])
    create.mkdir(box.tracker, ["shop/auth"], COMMIT, pairs=[("kind", "feature")])
    for name in ("a", "b"):
        create.touch(box.tracker, [f"shop/auth/{name}"], create.New(), COMMIT)
    return box


def stand(box: Sandbox, section: str | None = None, **states: str) -> None:
    """Puts the feature into a section and the tasks into states, as a person with an editor does."""
    if section:
        box.write(FEATURE, box.text(FEATURE).replace("kind: feature\n", f"kind: feature\nsection: {section}\n"))
    for name, state in states.items():
        path = f"shop/auth/{name}.md"
        box.write(path, box.text(path).replace("\n---", f"\nstate: {state}\n---"))
    if section or states:
        box.commit_all()


def section(box: Sandbox) -> str | None:
    lines = [line for line in box.text(FEATURE).splitlines() if line.startswith("section: ")]
    return lines[0].removeprefix("section: ") if lines else None


@pytest.mark.parametrize(
    ("where", "before", "move", "after"),
    [
        # Work begins: out of backlog and ready, and back out of done.
        (None, {}, "in_progress", "doing"),
        ("backlog", {}, "in_progress", "doing"),
        ("ready", {}, "in_progress", "doing"),
        ("done", {}, "in_progress", "doing"),
        # A manual move further on holds.
        ("doing", {}, "in_progress", "doing"),
        ("review", {}, "in_progress", "review"),
        # All is done: cancelled tasks do not count, but something must have been completed.
        ("doing", {"b": "completed"}, "completed", "done"),
        ("backlog", {"b": "completed"}, "completed", "done"),
        ("doing", {"b": "cancelled"}, "completed", "done"),
        ("doing", {"b": "completed"}, "cancelled", "done"),
        ("doing", {"b": "cancelled"}, "cancelled", "doing"),
        ("done", {"b": "completed"}, "completed", "done"),
        # Not all is done.
        ("doing", {}, "completed", "doing"),
        ("doing", {"b": "in_progress"}, "completed", "doing"),
        ("doing", {"b": "idea"}, "completed", "doing"),
        # Other moves say nothing about the feature.
        ("ready", {}, "in_review", "ready"),
        ("ready", {}, "blocked", "ready"),
        ("ready", {}, "draft", "ready"),
        ("backlog", {"b": "in_progress"}, "draft", "backlog"),
    ],
)
def test_where_a_feature_goes(
    shop: Sandbox, where: str | None, before: dict[str, str], move: str, after: str | None
) -> None:
    stand(shop, where, **before)
    shop.set("shop/auth/a", state=move)
    assert section(shop) == after


def test_both_are_one_commit_and_are_told(shop: Sandbox) -> None:
    head = shop.repo.head
    written = shop.set("shop/auth/a", state="in_progress")
    assert shop.repo.git("rev-list", "--count", f"{head}..HEAD") == "1"
    assert written.paths == (shop.name("shop/auth/a.md"), shop.name(FEATURE))
    assert written.notes == ("shop/auth goes from ready to doing",)
    [told] = written.data["sections"]
    assert (told["path"], told["from"], told["to"]) == ("shop/auth", "ready", "doing")


def test_a_manual_move_holds_until_the_next_task_moves(shop: Sandbox) -> None:
    shop.set("shop/auth/a", state="in_progress")
    shop.set("shop/auth", section="ready")
    shop.set("shop/auth/a", priority="1")
    assert section(shop) == "ready"
    shop.set("shop/auth/b", state="in_progress")
    assert section(shop) == "doing"


def test_a_whole_document_moves_its_feature_too(shop: Sandbox) -> None:
    replacing.apply(shop.tracker, "shop/auth/a", b"state: in_progress\n", "yaml", COMMIT)
    assert section(shop) == "doing"


def test_several_tasks_at_once(shop: Sandbox) -> None:
    stand(shop, "doing")
    asked = update.Assignments([("state", "completed")])
    update.set_fields(shop.tracker, ["shop/auth/a", "shop/auth/b"], asked, COMMIT)
    assert section(shop) == "done"


def test_a_dry_run_shows_it(shop: Sandbox) -> None:
    written = shop.set("shop/auth/a", Options(dry_run=True), state="in_progress")
    assert "+section: doing" in written.diff
    assert section(shop) is None


def test_a_task_in_a_feature_below_moves_only_that(shop: Sandbox) -> None:
    create.mkdir(shop.tracker, ["shop/auth/sso"], COMMIT, pairs=[("kind", "feature")])
    create.touch(shop.tracker, ["shop/auth/sso/c"], create.New(), COMMIT)
    shop.set("shop/auth/sso/c", state="in_progress")
    assert section(shop) is None
    assert "section: doing\n" in shop.text("shop/auth/sso/README.md")


def test_a_project_whose_columns_have_no_such_role_stays_as_it_is(shop: Sandbox) -> None:
    text = shop.text("shop/README.md")
    shop.write("shop/README.md", text[: text.index("sections:")] + "sections:\n  - slug: all\n    role: ready\n---\n")
    shop.commit_all()
    shop.set("shop/auth/a", state="in_progress")
    assert section(shop) is None


def test_tasks_outside_of_features_and_folders_without_a_document(shop: Sandbox) -> None:
    shop.set(shop.add("Fix it"), state="in_progress")
    shop.write("misc/x.md", "---\ntitle: X\n---\n")
    shop.commit_all()
    assert shop.set("misc/x", state="in_progress").notes == ()
