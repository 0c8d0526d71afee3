"""The board in an editor, as a person works on it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cli.support import Result, run

FEATURE = "portal/auth"
#: For sed: the one feature's line goes to the top of the section `doing`.
TO_DOING = ("-e", "/^P-/{h;d;}", "-e", "/^== doing/G")
AWAY = ("-e", "/^P-/d")


def edit(site: Path, change: tuple[str, ...], *words: str) -> Result:
    script = site.parent / "my editor"
    quoted = " ".join(f"'{word}'" for word in change)
    script.write_text(f'#!/bin/sh\ncp "$1" seen.txt\nexec sed -i {quoted} "$1"\n')
    script.chmod(0o755)
    return run("board", "portal", "--edit", *words, cwd=site, env={"VISUAL": f"'{script}'"})


def section(site: Path) -> str:
    [row] = run("roadmap", "--json", cwd=site).json
    return str(row["section"])


def git(site: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=site, check=True, capture_output=True, text=True).stdout


def test_a_line_that_is_moved_moves_the_feature_in_one_commit(site: Path) -> None:
    before = git(site, "rev-list", "--count", "HEAD")
    done = edit(site, TO_DOING, "-m", "Mara asked for it")
    assert done.exit == 0, done.err
    assert section(site) == "doing"
    assert int(git(site, "rev-list", "--count", "HEAD")) == int(before) + 1
    assert "\nMara asked for it\n" in git(site, "log", "-1", "--format=%B")
    assert git(site, "status", "--porcelain", "wrkq") == ""


def test_what_the_editor_shows(site: Path) -> None:
    edit(site, ("-e", ""))
    seen = (site / "seen.txt").read_text().splitlines()
    assert [line.split()[1] for line in seen if line.startswith("== ")] == [
        "backlog",
        "ready",
        "doing",
        "review",
        "done",
    ]
    [feature] = [line for line in seen if line.startswith("P-")]
    assert feature.endswith("  auth  Auth")
    assert seen.index(feature) == seen.index("== ready  (Ready)") + 1


def test_nothing_moved_is_nothing_written(site: Path) -> None:
    assert edit(site, ("-e", "")).out.endswith("[unchanged]\n")


def test_a_dry_run_shows_the_difference_and_writes_nothing(site: Path) -> None:
    done = edit(site, TO_DOING, "--dry-run")
    assert (done.exit, "+section: doing" in done.out) == (0, True)
    assert section(site) == "ready"


def test_without_a_commit_the_file_alone_is_written(site: Path) -> None:
    assert edit(site, TO_DOING, "--no-commit").exit == 0
    assert git(site, "status", "--porcelain", "wrkq").strip() == f"M wrkq/{FEATURE}/README.md"


def test_a_line_that_is_missing_is_refused_and_nothing_is_written(site: Path) -> None:
    done = edit(site, AWAY)
    assert (done.exit, "is missing" in done.err) == (1, True)
    assert git(site, "status", "--porcelain", "wrkq") == ""
    assert section(site) == "ready"


def test_where_the_base_takes_no_commits_it_goes_to_the_bundle(site: Path) -> None:
    assert run("config", "set", "on_base", "bundle", "--commit", program="wrkqadm", cwd=site).exit == 0
    head = git(site, "rev-parse", "HEAD")
    assert run("board", "portal", cwd=site).exit == 0
    assert git(site, "branch", "--list", "wrkq/*") == ""
    done = edit(site, TO_DOING, "--as", "agent-codex")
    assert done.exit == 0, done.err
    assert git(site, "rev-parse", "HEAD") == head
    assert "+section: doing" in git(site, "show", "wrkq/pending/agent-codex")


@pytest.mark.parametrize("words", [("--tasks",), ("--markdown",), ("--at", "HEAD")])
def test_only_a_projects_board_of_today_is_edited(site: Path, words: tuple[str, ...]) -> None:
    done = run("board", "portal", "--edit", *words, cwd=site)
    assert (done.exit, "wrkq board PROJECT --edit" in done.err) == (2, True)


@pytest.mark.parametrize("option", ["--dry-run", "--commit", "--no-commit", "--message=why"])
def test_a_board_alone_takes_nothing_about_writing(site: Path, option: str) -> None:
    done = run("board", option, cwd=site)
    assert (done.exit, option.partition("=")[0] in done.err) == (2, True)
