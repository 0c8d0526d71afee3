"""Who is asking, and who there is."""

from __future__ import annotations

import pytest

from tests.support.sandbox import COMMIT, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.service import actors, roster
from wrkq_files.service.tracker import open_tracker


def code(box: Sandbox, slug: str, **more: object) -> str:
    with pytest.raises(WrkqError) as caught:
        roster.add(box.tracker, slug, options=COMMIT, **more)  # type: ignore[arg-type]
    return caught.value.code


def test_added_and_changed(box: Sandbox) -> None:
    roster.add(
        box.tracker,
        "agent-codex",
        role="agent",
        display_name="Codex",
        duties=["reviewer", "executor"],
        options=COMMIT,
    )
    assert box.text("_actors/agent-codex.md") == (
        "---\nrole: agent\ndisplay_name: Codex\nduties:\n  - executor\n  - reviewer\n---\n"
    )
    roster.change(box.tracker, "agent-codex", {"display_name": "Codex 2", "duties": None}, COMMIT)
    assert box.text("_actors/agent-codex.md") == "---\nrole: agent\ndisplay_name: Codex 2\n---\n"
    assert box.repo.status() == []
    with pytest.raises(WrkqError) as caught:
        roster.change(box.tracker, "ghost", {"role": "agent"}, COMMIT)
    assert caught.value.code == "not_found"
    with pytest.raises(WrkqError) as caught:
        roster.change(box.tracker, "agent-codex", {"role": "boss"}, COMMIT)
    assert caught.value.code == "validation"


def test_names_and_roles(box: Sandbox) -> None:
    for slug in ("Up", "../x", "a/b", "readme", "", "é", "_x", "-x"):
        assert code(box, slug) == "validation"
    assert code(box, "robin") == "exists"
    assert code(box, "x", role="boss") == "validation"
    assert code(box, "x", duties=["dance"]) == "validation"
    assert code(box, "x", display_name="a\0b") == "validation"
    assert code(box, "x", emails=["robin@example.com"]) == "exists"


def test_who(box: Sandbox) -> None:
    tracker = box.tracker
    assert actors.required(tracker) == actors.Who("robin", "human", "Robin Example", "git")
    box.repo.git("config", "user.email", "ROBIN@example.COM")
    assert actors.required(box.tracker).slug == "robin"
    roster.add(box.tracker, "agent-codex", role="agent", options=COMMIT)
    named = open_tracker(box.door._replace(actor="agent-codex"))
    assert actors.required(named) == actors.Who("agent-codex", "agent", "agent-codex", "--as")
    with pytest.raises(WrkqError) as caught:
        actors.required(open_tracker(box.door._replace(actor="ghost")))
    assert caught.value.code == "not_found"
    box.repo.git("config", "user.email", "stranger@example.com")
    assert actors.current(box.tracker) is None
    with pytest.raises(WrkqError) as caught:
        actors.required(box.tracker)
    assert caught.value.code == "refused"
    box.write("wrkq.yaml", box.text("wrkq.yaml") + "default_actor: agent-codex\n")
    assert actors.required(box.tracker).source == "default_actor"


def test_a_tracker_that_names_nobody_takes_any_name(box: Sandbox) -> None:
    task = box.add("Fix it")
    (box.root / "_actors/robin.md").unlink()
    box.commit_all()
    box.set(task, assignee="anybody")
    with pytest.raises(WrkqError):
        box.set(task, assignee="No Slug!")
