"""`wrkq bundle`, `--bundle`, and the request on a git host through stand-ins for its programs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
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
        assert done(planned, *words, "bundle", "show", env=env).out.startswith("plan (wrkq/plan): 4 commits")
    assert done(planned, "--bundle", "-", "bundle", "show").out == "main: nothing that main has not\n"


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
    assert done(planned, "bundle", "ls").out == "   plan  4 commits, 3 files\n"
    assert done(planned, "bundle", "show", "plan").out.startswith("plan (wrkq/plan): 4 commits ahead of main\n\n")
    assert done(planned, "bundle", "check", "plan").out == "plan has all of main\n"
    done(planned, "set", "portal/auth/login-ux", "--priority", "2")
    assert done(planned, "bundle", "check", "plan").out == "plan merges with main\n"
    assert "by merge, 1 file  [dry run" in done(planned, "bundle", "sync", "plan", "--dry-run").out
    assert "main is merged in, by merge, 1 file" in done(planned, "bundle", "sync", "plan").out
    assert "nothing to do" in done(planned, "bundle", "sync", "plan").out
    landed = adm("bundle", "apply", "plan", cwd=planned)
    assert landed.out.startswith("main: wrkq/plan is merged in, by fast-forward, 3 files  [")
    assert done(planned, "bundle", "ls").out == "   plan  landed\n"
    assert "kept as refs/wrkq/archive/plan" in done(planned, "bundle", "drop", "plan").out
    assert done(planned, "bundle", "ls").err.startswith("there is no bundle")


def test_a_conflict_is_exit_4_everywhere(planned: Path) -> None:
    done(planned, "set", "portal/rotate-keys", "--priority", "4")
    done(planned, "--bundle", "plan", "set", "portal/rotate-keys", "--priority", "2")
    found = run("bundle", "check", "plan", cwd=planned)
    assert (found.exit, found.lines[-1]) == (4, "plan does not merge with main: 1 conflict")
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
    assert (shown["ahead"], shown["base"], len(shown["changes"]) > 2) == (4, "main", True)
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


def test_show_of_a_bundle_that_has_nothing(planned: Path) -> None:
    done(planned, "bundle", "start", "more")
    done(planned, "set", "portal/auth/login-ux", "--priority", "2")
    assert done(planned, "bundle", "show", "more").out == "more: nothing that main has not; 1 behind\n"


# --- request


def test_the_request(planned: Path) -> None:
    found = done(planned, "bundle", "request", "plan").out
    assert found.startswith("Plan (2 documents)\n\nChanges of the tracker: 1 added, 1 completed.")
    assert "### A \\| captcha \\<b\\>\n" in found
    assert "| state | open | completed |" in found
    assert "> **robin**:\n> Rotated @noon.\n" in found
    assert "- `wrkq check`: no errors" in found
    assert "- merges with `main` without a conflict" in found
    trailers = found[found.rindex("\n\n") :]
    assert trailers.count("Wrkq-Op: ") == 4
    assert "Wrkq-Actor: agent-codex\n" in trailers
    assert "Wrkq-Actor: robin\n" in trailers


def test_the_template_is_filled(planned: Path) -> None:
    (planned / ".github").mkdir()
    (planned / ".github/pull_request_template.md").write_text("# What\n\n<!-- wrkq -->\n\n- [ ] Read it\n")
    git(planned, "add", ".github")
    git(planned, "commit", "-qm", "template")
    told = done(planned, "bundle", "request", "plan", "--json").json
    assert told["body"].startswith("# What\n\nChanges of the tracker")
    assert "\n\n- [ ] Read it\n\nWrkq-Op" in told["body"]
    assert told["template"] == ".github/pull_request_template.md"


def test_a_template_without_a_mark_stands_before(planned: Path) -> None:
    (planned / "docs").mkdir()
    (planned / "docs/pull_request_template.md").write_text("Be kind.\n")
    git(planned, "add", "docs")
    git(planned, "commit", "-qm", "template")
    assert done(planned, "bundle", "request", "plan", "--json").json["body"].startswith("Be kind.\n\nChanges of")


def test_a_title_of_ones_own(planned: Path) -> None:
    assert done(planned, "bundle", "request", "plan", "--title", "Keys").lines[0] == "Keys"


def test_one_document_gives_the_title(site: Path) -> None:
    done(site, "bundle", "start", "one")
    done(site, "--bundle", "one", "add", "Sign out")
    assert done(site, "bundle", "request", "one").lines[0] == "Add Sign out"


def test_conflicts_are_in_the_request(planned: Path) -> None:
    done(planned, "set", "portal/rotate-keys", "--priority", "4")
    done(planned, "--bundle", "plan", "set", "portal/rotate-keys", "--priority", "2")
    assert "- 1 conflict with `main`:" in done(planned, "bundle", "request", "plan").out


Host = Callable[..., list[dict[str, object]]]


@pytest.fixture
def host(planned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    """Puts a stand-in for a program on the path, and a remote; returns what it was asked so far."""
    log, bin_ = tmp_path / "asked", tmp_path / "bin"
    bin_.mkdir()
    git(planned, "init", "-q", "--bare", "-b", "main", str(tmp_path / "hub.git"))
    git(planned, "remote", "add", "origin", str(tmp_path / "hub.git"))
    only_git = tmp_path / "only-git"
    only_git.mkdir()
    for name in ("git", "sh"):
        found = subprocess.run(["which", name], check=True, capture_output=True, text=True).stdout.strip()
        (only_git / name).symlink_to(found)
    monkeypatch.setenv("PATH", f"{bin_}{os.pathsep}{only_git}")

    def make(name: str = "", *, there: str = "[]", status: int = 0) -> list[dict[str, object]]:
        if name:
            file = bin_ / name
            words = {"python": sys.executable, "log": str(log), "open": there, "status": status, "name": name}
            file.write_text(STAND_IN.format(**words))
            file.chmod(0o755)
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    return make


def test_create_through_gh(planned: Path, host: Host, tmp_path: Path) -> None:
    host("gh")
    found = done(planned, "bundle", "request", "plan", "--create")
    assert found.out == "opened: https://host.example/7\n"
    assert "pushed wrkq/plan to origin" in found.err
    assert git(tmp_path / "hub.git", "rev-parse", "wrkq/plan") == git(planned, "rev-parse", "wrkq/plan")
    _, asked = host()
    title = "Plan (2 documents)"
    words = ["pr", "create", "--head", "wrkq/plan", "--base", "main", "--title", title, "--body-file", "-"]
    assert asked["words"] == words
    assert str(asked["stdin"]).startswith("Changes of the tracker")


def test_what_is_pushed_already_is_not_pushed_again(planned: Path, host: Host) -> None:
    host("gh")
    git(planned, "push", "-q", "origin", "wrkq/plan")
    assert "pushed" not in done(planned, "bundle", "request", "plan", "--create").err


def test_one_that_is_open_is_brought_up_to_date(planned: Path, host: Host) -> None:
    host("gh", there='[{"number": 3, "url": "https://host.example/3"}]')
    assert (
        done(planned, "bundle", "request", "plan", "--create").out == "brought up to date: https://host.example/3\n"
    )
    assert list(host()[1]["words"])[:3] == ["pr", "edit", "3"]  # type: ignore[call-overload]


def test_create_through_glab(planned: Path, host: Host) -> None:
    host("glab")
    found = done(planned, "bundle", "request", "plan", "--create", "--json").json
    assert (found["url"], found["program"], found["updated"]) == ("https://host.example/7", "glab", False)
    words = host()[1]["words"]
    assert isinstance(words, list)
    assert words[:6] == ["mr", "create", "--source-branch", "wrkq/plan", "--target-branch", "main"]
    host("glab", there='[{"iid": 4, "web_url": "https://host.example/4"}]')
    assert done(planned, "bundle", "request", "plan", "--create", "--json").json["url"].endswith("/4")


def test_the_remote_s_address_chooses(planned: Path, host: Host, tmp_path: Path) -> None:
    host("gh")
    (tmp_path / "gitlab.git").symlink_to(tmp_path / "hub.git")
    git(planned, "remote", "set-url", "origin", str(tmp_path / "gitlab.git"))
    found = run("bundle", "request", "plan", "--create", cwd=planned)
    assert "glab is not installed" in found.err
    host("glab")
    assert done(planned, "bundle", "request", "plan", "--create")


def test_without_a_program(planned: Path, host: Host, tmp_path: Path) -> None:
    host()
    found = run("bundle", "request", "plan", "--create", cwd=planned)
    assert found.exit == 1
    assert "gh or glab is not installed" in found.err
    assert git(tmp_path / "hub.git", "branch") == ""


def test_what_the_program_refuses(planned: Path, host: Host) -> None:
    host("gh", status=4)
    found = run("bundle", "request", "plan", "--create", cwd=planned)
    assert (found.exit, "gh pr list: it ended with status 4" in found.err) == (1, True)


def test_a_remote_that_has_more(planned: Path, host: Host, tmp_path: Path) -> None:
    host("gh")
    other = git(planned, "commit-tree", "-p", "wrkq/plan", "-m", "theirs", "wrkq/plan^{tree}")
    git(planned, "push", "-q", "origin", f"{other}:refs/heads/wrkq/plan")
    git(planned, "update-ref", "-d", "refs/remotes/origin/wrkq/plan")
    found = run("bundle", "request", "plan", "--create", cwd=planned)
    assert (found.exit, "has commits of wrkq/plan that are not here" in found.err) == (4, True)


def test_no_remote(planned: Path) -> None:
    assert run("bundle", "request", "plan", "--create", cwd=planned).exit == 3
