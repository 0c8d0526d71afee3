"""``config doctor`` and ``config set``: what is in force and why, and changing one line of ``wrkq.yaml``."""

from __future__ import annotations

import pytest

from tests.support.sandbox import COMMIT, FILES_ONLY, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.service import settings
from wrkq_files.service.change import Options


def refused(box: Sandbox, name: str, text: str, options: Options = COMMIT) -> WrkqError:
    """The refusal; nothing is written, nothing committed."""
    before = box.repo.head, box.text("wrkq.yaml")
    with pytest.raises(WrkqError) as caught:
        settings.change(box.tracker, name, text, options)
    assert (box.repo.head, box.text("wrkq.yaml")) == before
    return caught.value


def test_doctor_says_where_a_setting_comes_from(box: Sandbox) -> None:
    rows = {row.name: (row.value, row.source) for row in settings.doctor(box.tracker)}
    assert rows["commit.mode"] == ("auto", "wrkq.yaml:6")
    assert rows["commit.subject"] == ("{subject}", "default")
    assert rows["actor"] == ("robin", "git")


def test_one_setting_changes_one_line(box: Sandbox) -> None:
    before = box.text("wrkq.yaml")
    written = settings.change(box.tracker, "commit.mode", "manual", COMMIT)
    assert written.subject == "wrkq.yaml: commit.mode manual"
    assert box.text("wrkq.yaml") == before.replace("mode: auto", "mode: manual")
    assert box.repo.show("HEAD:wrkq/wrkq.yaml").decode() == box.text("wrkq.yaml")
    assert box.tracker.config.commit_mode == "manual"


def test_a_setting_comes_and_goes(box: Sandbox) -> None:
    before = box.text("wrkq.yaml")
    settings.change(box.tracker, "kinds", "story, epic", COMMIT)
    assert box.tracker.config.kinds == ("story", "epic")
    settings.change(box.tracker, "kinds", "", COMMIT)
    assert box.text("wrkq.yaml") == before
    assert settings.change(box.tracker, "kinds", "", COMMIT).status == "unchanged"


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("commit.mode", "never", "validation"),
        ("comit.mode", "auto", "validation"),
        ("in_flight_days", "soon", "validation"),
        ("default_actor", "nobody", "validation"),
        ("queue.weights", "age=1", "usage"),
        ("policy.require", "big=design.md", "usage"),
        ("policy.require", '[{"label": "big"}]', "validation"),
        ("policy.require", '[{"artifact": "x", "on_missing": "warn"}]', "validation"),
        ("format", "2", "refused"),
    ],
)
def test_what_cannot_be(box: Sandbox, name: str, text: str, code: str) -> None:
    assert refused(box, name, text).code == code


def test_a_hint_names_the_setting_that_is_meant(box: Sandbox) -> None:
    assert "did you mean `commit`?" in refused(box, "comit.mode", "auto").message


def test_an_uncommitted_edit_of_the_settings_is_in_the_way(box: Sandbox) -> None:
    box.write("wrkq.yaml", box.text("wrkq.yaml") + "claims: off\n")
    assert refused(box, "commit.mode", "manual").code == "dirty_file"
    assert settings.change(box.tracker, "commit.mode", "manual", FILES_ONLY).status == "written"
    assert box.text("wrkq.yaml").endswith("claims: off\n")


def test_a_dry_run_shows_the_line(box: Sandbox) -> None:
    found = settings.change(box.tracker, "commit.mode", "manual", Options(dry_run=True))
    assert "-  mode: auto\n+  mode: manual\n" in found.diff
