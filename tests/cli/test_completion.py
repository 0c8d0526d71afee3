"""Completion in shells."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.support import adm, run

TASK = "portal/auth/login-ux"


def complete(site: Path, *words: str, program: str = "wrkq") -> list[str]:
    """What bash offers for the last of the words."""
    env = {
        f"_{program.upper()}_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join([program, *words]),
        "COMP_CWORD": str(len(words)),
    }
    return [line.partition(",")[2] for line in run(cwd=site, program=program, env=env).lines if line]


def test_commands_and_options(site: Path) -> None:
    assert complete(site, "st") == ["stat", "start", "standup", "stats", "status"]
    assert complete(site, "comment", "") == ["add", "ls", "cat", "rm"]
    assert "--state" in complete(site, "set", "--st")
    assert "actor" in complete(site, "a", program="wrkqadm")


def test_values(site: Path) -> None:
    assert complete(site, "set", "--state", "in") == ["in_progress", "in_review"]
    assert complete(site, "set", "--assignee", "a") == ["agent-codex"]
    assert complete(site, "set", "--parent", "portal/r") == ["portal/rotate-keys"]
    assert complete(site, "set", "--title", "x") == []


def test_targets(site: Path) -> None:
    assert complete(site, "cat", "portal/auth/login") == [TASK, f"{TASK}-google"]
    assert complete(site, "comment", "add", "portal/auth/login") == [TASK, f"{TASK}-google"]
    identifier = run("find", TASK, "-1", "--fields", "id", cwd=site).lines[0]
    assert complete(site, "set", identifier[:6].lower()) == [identifier]


def test_bundles(site: Path) -> None:
    assert run("bundle", "start", "plan", cwd=site).exit == 0
    assert complete(site, "bundle", "show", "") == ["plan", "main"]
    assert complete(site, "--bundle", "pl") == ["plan"]
    assert complete(site, "bundle", "start", "pl") == []


def test_outside_of_a_tracker_nothing_is_offered(tmp_path: Path) -> None:
    assert complete(tmp_path, "cat", "") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts_are_valid(shell: str, tmp_path: Path) -> None:
    for program, call in (("wrkq", run), ("wrkqadm", adm)):
        script = call("completion", shell).out
        assert f"_{program.upper()}_COMPLETE={shell}_complete" in script
        if shutil.which(shell):
            place = tmp_path / "script"
            place.write_text(script)
            subprocess.run([shell, "-n", str(place)], check=True)
