"""`wrkq bundle`, `--bundle`, and the request on a git host through stand-ins for its programs."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.support import Result, adm, run

STAND_IN = """\
#!{python}
import json, sys
given = sys.argv[1:]
stdin = "" if given[1] in ("list",) or {name!r} == "glab" else sys.stdin.read()
with open({log!r}, "a") as file:
    file.write(json.dumps({{"words": given, "stdin": stdin}}) + "\\n")
if given[1] == "list":
    print({open!r})
elif given[1] == "create":
    print("Creating\\nhttps://host.example/7")
sys.exit({status})
"""


@pytest.fixture
def planned(site: Path) -> Path:
    """With a bundle that completes a task, comments on it and adds another."""
    for words in (
        ("bundle", "start", "plan"),
        ("--bundle", "plan", "set", "portal/rotate-keys", "--state", "in_progress", "--as", "agent-codex"),
        ("--bundle", "plan", "set", "portal/rotate-keys", "--state", "completed"),
        ("--bundle", "plan", "comment", "add", "portal/rotate-keys", "Rotated @noon."),
        ("--bundle", "plan", "touch", "portal/auth/captcha", "--title", "A | captcha <b>"),
    ):
        assert done(site, *words)
    return site


def done(cwd: Path, *words: str, env: Mapping[str, str] | None = None) -> Result:
    found = run(*words, cwd=cwd, env=env)
    assert found.exit == 0, (words, found.err)
    return found


def git(cwd: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=cwd, check=True, capture_output=True, text=True).stdout.strip()


# --- which bundle


def test_by_option_environment_and_switch(planned: Path) -> None:
    for words, env in (
        (("--bundle", "plan", "ls", "portal/auth"), {}),
        (("ls", "portal/auth", "--bundle", "plan"), {}),
        (("ls", "portal/auth"), {"WRKQ_BUNDLE": "plan"}),
    ):
        found = done(planned, *words, env=env)
        assert "captcha" in found.out
        assert found.err.startswith("bundle plan\n")
    assert done(planned, "bundle", "switch", "plan").out == "commands here work on bundle plan\n"
    assert "captcha" in done(planned, "ls", "portal/auth").out
    assert "captcha" not in done(planned, "--bundle", "-", "ls", "portal/auth").out
    assert "captcha" not in done(planned, "ls", "portal/auth", "--at", "main").out
    assert done(planned, "bundle", "switch", "-").out == "commands here work on the working files\n"
    assert "captcha" not in done(planned, "ls", "portal/auth").out


def test_bundle_commands_know_it_too(planned: Path) -> None:
    for words, env in ((("--bundle", "plan"), {}), ((), {"WRKQ_BUNDLE": "plan"})):
        assert done(planned, *words, "bundle", "show", env=env).out.startswith("wrkq/plan: 4 commits")
    assert "main is the base" in run("--bundle", "-", "bundle", "show", cwd=planned).err


def test_json_names_the_bundle(planned: Path) -> None:
    assert done(planned, "--bundle", "plan", "ls", "--json").told("meta")["bundle"] == "plan"


def test_a_switch_to_a_bundle_that_is_gone(planned: Path) -> None:
    done(planned, "bundle", "switch", "plan")
    git(planned, "branch", "-qD", "wrkq/plan")
    found = run("ls", cwd=planned)
    assert found.exit == 3
    assert "there is no bundle `plan`" in found.err
    assert done(planned, "bundle", "switch", "-")


def test_commands_about_the_files_leave_bundles_out(planned: Path) -> None:
    done(planned, "bundle", "switch", "plan")
    assert "bundle   plan" in done(planned, "status").out
    assert done(planned, "status", "--json").json["bundle"] == "plan"
    assert done(planned, "commit").out == "nothing to commit  [unchanged]\n"
    assert run("--bundle", "plan", "commit", cwd=planned).exit == 2
    assert run("--bundle", "plan", "ls", "--at", "main", cwd=planned).exit == 2


def test_a_key_is_of_its_bundle(planned: Path) -> None:
    done(planned, "bundle", "start", "other")
    first = done(planned, "--bundle", "plan", "add", "Once", "--key", "k1", "--json")
    again = done(planned, "--bundle", "plan", "add", "Once", "--key", "k1", "--json")
    assert (first.json["id"], again.json["replayed"]) == (again.json["id"], True)
    assert run("--bundle", "other", "add", "Once", "--key", "k1", cwd=planned).exit == 4


def test_check_and_diff_in_a_bundle(planned: Path) -> None:
    assert done(planned, "--bundle", "plan", "check").exit == 0
    found = done(planned, "--bundle", "plan", "diff", "--json").json
    assert {each["path"] for each in found} >= {"portal/auth/captcha", "portal/rotate-keys"}


def test_written_in_the_worktree_that_has_it(planned: Path, tmp_path: Path) -> None:
    """In manual mode too it is a commit."""
    assert adm("config", "set", "commit.mode", "manual", "--commit", cwd=planned).exit == 0
    git(planned, "worktree", "add", "-q", str(tmp_path / "w"), "wrkq/plan")
    found = done(planned, "--bundle", "plan", "set", "portal/rotate-keys", "--priority", "2")
    assert f"in {tmp_path / 'w'}, where it is checked out" in found.err
    assert git(tmp_path / "w", "status", "--porcelain") == ""
    assert git(planned, "log", "-1", "--format=%s", "wrkq/plan") == "portal/rotate-keys: priority 2"


# --- what the commands print


def test_the_life_of_a_bundle(planned: Path) -> None:
    assert done(planned, "bundle", "ls").out == "plan  +4 -0  3 documents  robin  now\n"
    assert done(planned, "bundle", "show", "plan").out.startswith("wrkq/plan: 4 commits ahead of main\n\n")
    assert done(planned, "bundle", "check", "plan").lines[-1] == "merge: no conflict with main"
    done(planned, "set", "portal/auth/login-ux", "--priority", "2")
    assert done(planned, "bundle", "check", "plan").lines[-1] == "merge: no conflict with main"
    assert "by merge, 1 file  [dry run" in done(planned, "bundle", "sync", "plan", "--dry-run").out
    assert "main is merged in, by merge, 1 file" in done(planned, "bundle", "sync", "plan").out
    assert "nothing to do" in done(planned, "bundle", "sync", "plan").out
    landed = adm("bundle", "apply", "plan", cwd=planned)
    assert landed.out.startswith("main: wrkq/plan is merged in, by fast-forward, 3 files  [")
    assert done(planned, "bundle", "ls").out.startswith("plan  +0 -0  0 documents")
    assert "kept as refs/wrkq/archive/plan" in done(planned, "bundle", "drop", "plan").out
    assert done(planned, "bundle", "ls").err.startswith("there is no bundle")


def test_a_conflict_is_exit_4_everywhere(planned: Path) -> None:
    done(planned, "set", "portal/rotate-keys", "--priority", "4")
    done(planned, "--bundle", "plan", "set", "portal/rotate-keys", "--priority", "2")
    found = run("bundle", "check", "plan", cwd=planned)
    assert (found.exit, found.lines[-1]) == (4, "merge: 1 conflict with main")
    told = run("bundle", "check", "plan", "--json", cwd=planned).json
    assert (told["merges"], told["conflicts"][0]["field"]) == (False, "priority")
    assert run("bundle", "sync", "plan", cwd=planned).exit == 4
    refused = adm("bundle", "apply", "plan", "--json", cwd=planned)
    assert refused.exit == 4
    assert refused.told("error")["details"]["conflicts"][0]["ours"] == 4


def test_json(planned: Path) -> None:
    made = done(planned, "bundle", "start", "more", "--json").json
    assert (made["branch"], made["origin"]) == ("wrkq/more", "main")
    assert [each["name"] for each in done(planned, "bundle", "ls", "--json").json] == ["more", "plan"]
    shown = done(planned, "bundle", "show", "plan", "--json").json
    assert (shown["ahead"], shown["base"], len(shown["groups"])) == (4, "main", 2)
    assert done(planned, "bundle", "sync", "more", "--json").json["how"] == "unchanged"
    assert done(planned, "bundle", "drop", "more", "--json").json["kept"] == "refs/wrkq/archive/more"
    assert done(planned, "bundle", "switch", "plan", "--json").json == {"bundle": "plan"}
    assert "new file" in done(planned, "bundle", "diff", "-u").out


def test_sync_of_the_repository(planned: Path, tmp_path: Path) -> None:
    git(planned, "init", "-q", "--bare", "-b", "main", str(tmp_path / "hub.git"))
    git(planned, "remote", "add", "origin", str(tmp_path / "hub.git"))
    assert done(planned, "sync").out.startswith("main: 1 sent  [")
    assert done(planned, "sync", "--json").json["sent"] == 0


def test_take(planned: Path) -> None:
    (planned / "wrkq/inbox/by-hand.md").write_text("---\ntitle: By hand\n---\n")
    assert "[dry run: nothing is changed]" in done(planned, "bundle", "take", "plan", "-n").out
    assert done(planned, "bundle", "take", "plan").out.startswith("plan: took 1 edited file from main  [")
    assert done(planned, "bundle", "take", "plan").out == "main has nothing to take  [unchanged]\n"
    assert done(planned, "bundle", "take", "plan", "--json").json["files"] == []
    assert git(planned, "status", "--porcelain", "wrkq") == ""
