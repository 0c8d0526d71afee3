"""The text of a request, for people who have nothing but the git host."""

from __future__ import annotations

import pytest

from tests.support.bundles import PLAIN, Bundles
from tests.support.sandbox import COMMIT
from wrkq_files.service import comments, move, relations, remove, settings, update
from wrkq_files.service.bundles import asking, keeping
from wrkq_files.service.bundles.asking import Asked


@pytest.fixture
def plan(bundles: Bundles) -> Bundles:
    bundles.mkdir("auth", "feature")
    bundles.box.add("Two", into="auth")
    keeping.start(bundles.tracker, "plan", feature="auth")
    return bundles


def asked(bundles: Bundles) -> Asked:
    return asking.ask(bundles.tracker, "plan")


def test_the_feature_gives_the_title(plan: Bundles) -> None:
    plan.set("plan", "auth/two", priority="1")
    found = asked(plan)
    assert found.title == "Auth"
    assert found.body.startswith("Feature: **Auth**\n\nChanges of the tracker: 1 changed.")


def test_an_empty_bundle(plan: Bundles) -> None:
    assert "Changes of the tracker: none." in asked(plan).body


def test_what_happens_besides_fields(plan: Bundles) -> None:
    with plan.on("plan") as there:
        move.mv(there, ["inbox/one"], "auth", PLAIN)
        relations.relate(there, "auth/two", "blocks", "auth/one", PLAIN)
    body = asked(plan).body
    assert "- moved from inbox/one to auth/one\n" in body
    assert "- blocked by T-" in body


def test_what_is_purged(plan: Bundles) -> None:
    plan.box.set("inbox/one", COMMIT, title="Old thing")
    keeping.drop(plan.tracker, "plan")
    plan.start("plan")
    with plan.on("plan") as there:
        remove.rm(there, ["inbox/one"], PLAIN, purge=True)
    found = asked(plan)
    assert found.title == "Remove Old thing"
    assert "## Removed\n\n### Old thing\n" in found.body
    assert found.number["removed"] == 1


def test_a_setting(plan: Bundles) -> None:
    with plan.on("plan") as there:
        settings.change(there, "kinds", "story", PLAIN)
    assert "`wrkq.yaml`" in asked(plan).body


def test_a_comment_that_is_long_and_one_that_is_withdrawn(plan: Bundles) -> None:
    with plan.on("plan") as there:
        comments.add(there, "inbox/one", "word " * 1000, PLAIN)
    body = asked(plan).body
    assert body.count("word") == 400
    assert " …\n" in body
    keeping.drop(plan.tracker, "plan", force=True)
    written = comments.add(plan.tracker, "inbox/one", "Not so.", COMMIT)
    plan.start("plan")
    with plan.on("plan") as there:
        comments.rm(there, [written.ids[0]], PLAIN)
    assert "> comment withdrawn" in asked(plan).body


def test_words_of_strangers_mean_nothing_to_markdown(plan: Bundles) -> None:
    with plan.on("plan") as there:
        title = "# <img> @team | [x](y) `z`"
        update.set_fields(there, ["inbox/one"], update.Assignments([("title", title)]), PLAIN)
    assert "### \\# \\<img\\> &#64;team \\| \\[x\\](y) \\`z\\`\n" in asked(plan).body


def test_errors_are_listed(plan: Bundles) -> None:
    plan.repo.git("switch", "-q", "wrkq/plan")
    plan.box.write("inbox/bad.md", "---\ntitle: Bad\nstate: nowhere\n---\n")
    plan.box.commit_all()
    plan.repo.git("switch", "-q", "main")
    found = asked(plan)
    assert not found.checked.is_sound
    assert "- `wrkq check`: 1 error," in found.body
    assert "  - `wrkq/inbox/bad.md`: " in found.body


@pytest.mark.parametrize(
    ("template", "whole"),
    [
        ("", "ours"),
        ("Be kind.\n", "Be kind.\n\nours"),
        ("A\n<!--wrkq-->\nB\n<!-- wrkq -->\n", "A\nours\nB\n<!-- wrkq -->"),
    ],
)
def test_templates(template: str, whole: str) -> None:
    assert asking.filled(template, "ours") == whole
