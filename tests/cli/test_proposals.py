"""The commands about what branches propose; gh and glab are stand-ins that write down what they were told."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli.support import Result, run

STAND_IN = """\
#!{python}
import json, os, sys
from pathlib import Path
folder = Path({folder!r})
said = {{"args": sys.argv, "stdin": sys.stdin.read() if "-" in sys.argv else ""}}
said["args"][0] = os.path.basename(sys.argv[0])
with (folder / "told").open("a") as file:
    file.write(json.dumps(said) + "\\n")
answers = json.loads((folder / "answers").read_text())
status, out, err = answers.get(" ".join(sys.argv[1:3]), [0, "", ""])
sys.stdout.write(out)
sys.stderr.write(err)
sys.exit(status)
"""
URL = "https://github.com/acme/shop/pull/7"


class Programs:
    """Stand-ins in a folder of their own, which is all of the PATH that holds such programs."""

    def __init__(self, folder: Path, names: tuple[str, ...]) -> None:
        self.folder = folder
        folder.mkdir()
        for name in names:
            place = folder / name
            place.write_text(STAND_IN.format(python=sys.executable, folder=str(folder)))
            place.chmod(0o755)
        self.answer()

    def answer(self, **answers: tuple[int, str, str]) -> None:
        """What each command (``pr_create``) ends with: status, stdout, stderr."""
        told = {name.replace("_", " "): answer for name, answer in answers.items()}
        (self.folder / "answers").write_text(json.dumps(told))

    @property
    def told(self) -> list[dict[str, Any]]:
        place = self.folder / "told"
        return [json.loads(each) for each in place.read_text().splitlines()] if place.exists() else []

    @property
    def env(self) -> Mapping[str, str]:
        return {"PATH": f"{self.folder}:{os.environ['PATH']}"}


def git(site: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=site, check=True, capture_output=True, encoding="utf-8")
    return done.stdout.strip()


@pytest.fixture
def branch(site: Path, tmp_path: Path) -> Path:
    """`wrkq/login` changes a task, and is checked out; origin is a bare repository that pretends to be on GitHub."""
    bare = tmp_path / "origin.git"
    git(site, "init", "-q", "--bare", str(bare))
    git(site, "remote", "add", "origin", "git@github.com:acme/shop.git")
    git(site, "remote", "set-url", "--push", "origin", str(bare))
    git(site, "checkout", "-q", "-b", "wrkq/login")
    assert run("set", "portal/rotate-keys", "--priority", "2", "-m", "It can wait.", cwd=site).exit == 0
    return site


def opened(site: Path, programs: Programs, *words: str) -> Result:
    return run("bundle", "request", "login", "--create", *words, cwd=site, env=programs.env)


# Looking


def test_show_says_what_becomes_of_what(branch: Path) -> None:
    done = run("bundle", "show", "login", cwd=branch)
    assert (done.exit, done.err) == (0, "")
    assert "priority 1 -> 2" in done.out
    assert done.lines[0] == "wrkq/login: 1 commit ahead of main"
    assert done.lines[-2:] == ["check: nothing found", "merge: no conflict with main"]
    shown = run("bundle", "show", "--json", cwd=branch).json
    assert (shown["branch"], shown["base"], shown["clean"]) == ("wrkq/login", "main", True)
    [document] = shown["groups"][0]["documents"]
    assert (document["what"], document["events"][0]["field"]) == ("changed", "priority")
    assert [each.split(":")[0] for each in shown["trailers"]] == ["Wrkq-Op", "Wrkq-Actor", "Wrkq-Via"]


def test_diff_is_that_of_wrkq_diff(branch: Path) -> None:
    assert run("bundle", "diff", cwd=branch).out == run("diff", "main..wrkq/login", cwd=branch).out
    patch = run("bundle", "diff", "login", "--patch", cwd=branch).out
    assert patch == run("diff", "main..wrkq/login", "--unified", cwd=branch).out
    assert "\n-priority: 1\n+priority: 2\n" in patch


def test_ls_is_a_list_like_others(branch: Path) -> None:
    assert run("bundle", "ls", "-1", cwd=branch).out == "login\n"
    [row] = run("bundle", "ls", "--check", "--json", cwd=branch).json
    assert (row["branch"], row["ahead"], row["behind"], row["documents"]) == ("wrkq/login", 1, 0, 1)
    assert row["merges"] is True
    assert "merges" not in run("bundle", "ls", "--json", cwd=branch).json[0]


def test_check_ends_with_0_with_1_for_errors_and_with_4_for_conflicts(branch: Path) -> None:
    assert run("bundle", "check", cwd=branch).exit == 0
    path = branch / "wrkq/portal/auth/old.md"
    path.write_text(path.read_text().replace("state: completed", "state: doing-it"))
    git(branch, "commit", "-q", "-a", "-m", "By hand")
    broken = run("bundle", "check", "login", cwd=branch)
    assert broken.exit == 1
    assert re.search(r"old\.md:[0-9:]+ error: .*doing-it", broken.out)
    git(branch, "checkout", "-q", "main")
    assert run("set", "portal/rotate-keys", "--priority", "4", cwd=branch).exit == 0
    done = run("bundle", "check", "login", cwd=branch)
    assert done.exit == 4
    where = done.lines.index("wrkq/portal/rotate-keys.md: priority")
    assert [" ".join(line.split()) for line in done.lines[where + 1 : where + 4]] == [
        "before 1",
        "login 2 (robin)",
        "main 4 (robin)",
    ]
    told = run("bundle", "check", "login", "--json", cwd=branch)
    [conflict] = told.json["conflicts"]
    assert (told.exit, conflict["field"], conflict["ours"], conflict["theirs"]) == (4, "priority", 2, 4)


def test_what_is_no_bundle_names_those_there_are(branch: Path) -> None:
    done = run("bundle", "show", "nope", "--json", cwd=branch)
    assert (done.exit, done.told("error")["details"]) == (3, {"bundles": ["login"]})


# Requesting


def test_a_request_is_printed(branch: Path) -> None:
    done = run("bundle", "request", "--title", "Later", cwd=branch)
    assert done.lines[:3] == ["Later", "", "It can wait."]
    told = run("bundle", "request", "--json", cwd=branch).json
    assert {*told} >= {"title", "body", "branch", "base", "conflicts", "findings"}
    assert (told["branch"], told["base"], told["conflicts"]) == ("wrkq/login", "main", [])


def test_a_request_is_opened_with_gh_and_the_branch_is_pushed(branch: Path, tmp_path: Path) -> None:
    programs = Programs(tmp_path / "bin", ("gh", "glab"))
    programs.answer(pr_list=(0, "[]", ""), pr_create=(0, f"{URL}\n", "Creating pull request\n"))
    done = opened(branch, programs)
    assert (done.exit, done.out) == (0, f"{URL}  [opened]\n")
    assert "git push -u origin wrkq/login" in done.err
    pushed = git(tmp_path / "origin.git", "rev-parse", "refs/heads/wrkq/login")
    assert pushed == git(branch, "rev-parse", "wrkq/login")
    assert git(branch, "config", "branch.wrkq/login.remote") == "origin"
    asked, made = programs.told
    assert asked["args"][:5] == ["gh", "pr", "list", "--head", "wrkq/login"]
    title = "--title=portal/rotate-keys: priority 2"
    assert made["args"][:7] == ["gh", "pr", "create", "--head", "wrkq/login", "--base", "main"]
    assert made["args"][7:] == [title, "--body-file", "-"]
    assert made["stdin"] == run("bundle", "request", "--json", cwd=branch).json["body"]


def test_a_request_that_is_open_is_updated_and_keeps_its_title(branch: Path, tmp_path: Path) -> None:
    programs = Programs(tmp_path / "bin", ("gh",))
    programs.answer(pr_list=(0, json.dumps([{"number": 7, "url": URL}]), ""))
    assert opened(branch, programs).out == f"{URL}  [updated]\n"
    assert programs.told[-1]["args"] == ["gh", "pr", "edit", "7", "--body-file", "-"]
    told = opened(branch, programs, "--title", "Later", "--json").json
    assert (told["url"], told["new"]) == (URL, False)
    assert programs.told[-1]["args"] == ["gh", "pr", "edit", "7", "--title=Later", "--body-file", "-"]


def test_at_gitlab_it_is_glab(branch: Path, tmp_path: Path) -> None:
    git(branch, "config", "remote.origin.url", "https://gitlab.example.org/acme/shop.git")
    programs = Programs(tmp_path / "bin", ("gh", "glab"))
    programs.answer(mr_list=(0, "[]", ""), mr_create=(0, "", "https://gitlab.com/acme/shop/-/merge_requests/7\n"))
    done = opened(branch, programs)
    assert done.out == "https://gitlab.com/acme/shop/-/merge_requests/7  [opened]\n"
    made = programs.told[-1]["args"]
    assert made[:5] == ["glab", "mr", "create", "--source-branch", "wrkq/login"]
    assert made[5:8] == ["--target-branch", "main", "--yes"]
    assert made[8].startswith("--title=")
    assert made[9] == "--description=" + run("bundle", "request", "--json", cwd=branch).json["body"]
    programs.answer(mr_list=(0, json.dumps([{"iid": 7, "web_url": URL}]), ""))
    assert opened(branch, programs).out == f"{URL}  [updated]\n"
    assert programs.told[-1]["args"][:5] == ["glab", "mr", "update", "7", "--yes"]


def test_nobody_knows_what_a_host_of_another_name_runs(branch: Path, tmp_path: Path) -> None:
    git(branch, "config", "remote.origin.url", "ssh://git@code.example.org:2222/acme/shop.git")
    programs = Programs(tmp_path / "bin", ("gh", "glab"))
    programs.answer(mr_list=(0, "[]", ""), mr_create=(0, URL, ""))
    done = opened(branch, programs)
    assert (done.exit, "`code.example.org`" in done.err, "--via" in done.err) == (2, True, True)
    assert opened(branch, programs, "--via", "glab").exit == 0


def test_words_of_strangers_are_arguments_and_no_commands(branch: Path, tmp_path: Path) -> None:
    programs = Programs(tmp_path / "bin", ("gh",))
    programs.answer(pr_list=(0, "[]", ""), pr_create=(0, URL, ""))
    words = f"--web; touch {tmp_path}/made $(touch {tmp_path}/made) `id`"
    assert opened(branch, programs, f"--title={words}").exit == 0
    assert f"--title={words}" in programs.told[-1]["args"]
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("when", ["pr_list", "pr_create"])
def test_a_failure_gives_the_programs_own_words(branch: Path, tmp_path: Path, when: str) -> None:
    programs = Programs(tmp_path / "bin", ("gh",))
    answers = {
        "pr_list": (0, "[]", ""),
        when: (4, "", "To get started with GitHub CLI, please run:  gh auth login\n"),
    }
    programs.answer(**answers)
    done = opened(branch, programs)
    assert done.exit == 1
    assert "To get started with GitHub CLI, please run:" in done.err
    assert when.replace("_", " ") in done.err


def test_a_push_that_is_refused_opens_nothing(branch: Path, tmp_path: Path) -> None:
    hook = tmp_path / "origin.git/hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho no bundles on Fridays >&2\nexit 1\n")
    hook.chmod(0o755)
    programs = Programs(tmp_path / "bin", ("gh",))
    done = opened(branch, programs)
    assert done.exit == 1
    assert "no bundles on Fridays" in done.err
    assert not programs.told


def test_without_a_program_or_a_remote_nothing_is_pushed(branch: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty/git").symlink_to(shutil.which("git") or "")
    done = run("bundle", "request", "--create", cwd=branch, env={"PATH": str(tmp_path / "empty")})
    assert done.exit == 1
    assert "`gh`" in done.err
    git(branch, "remote", "remove", "origin")
    done = run("bundle", "request", "--create", cwd=branch)
    assert (done.exit, "no remote" in done.err) == (1, True)
    assert not git(tmp_path / "origin.git", "for-each-ref")


def test_what_the_base_has_is_not_requested(branch: Path, tmp_path: Path) -> None:
    git(branch, "branch", "-f", "main", "wrkq/login")
    done = opened(branch, Programs(tmp_path / "bin", ("gh",)))
    assert (done.exit, "main has all" in done.err) == (1, True)


def test_via_goes_with_create(branch: Path) -> None:
    assert run("bundle", "request", "--via", "gh", cwd=branch).exit == 2
