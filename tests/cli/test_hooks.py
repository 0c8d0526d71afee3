"""What `wrkq hooks` and `wrkq hook` answer."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cli.support import run

NAMES = ["pre-commit", "prepare-commit-msg", "commit-msg", "post-merge", "post-checkout", "post-rewrite", "pre-push"]


def test_install_and_uninstall_in_words(site: Path) -> None:
    folder = site / ".git/hooks"
    assert run("hooks", "install", cwd=site).out == f"7 hooks in {folder}, and the merge driver  [written]\n"
    assert run("hooks", "install", cwd=site).out == f"0 hooks in {folder}  [unchanged]\n"
    rows = run("hooks", "status", "--fields", "name,state", "--tsv", cwd=site).lines[1:]
    assert rows == [f"{name}\tinstalled" for name in (*NAMES, "merge-driver")]
    assert run("hooks", "uninstall", cwd=site).out == f"7 hooks in {folder}, and the merge driver  [written]\n"
    assert {row["state"] for row in run("hooks", "status", "--json", cwd=site).json} == {"missing"}


def test_a_dry_run_says_so(site: Path) -> None:
    done = run("hooks", "install", "--dry-run", cwd=site)
    assert done.out.startswith("diff --git a/.git/hooks/pre-commit b/.git/hooks/pre-commit\n")
    assert "7 hooks in" in done.err
    assert "[dry run: nothing is written]" in done.err
    assert not (site / ".git/hooks/pre-commit").exists()
    told = run("hooks", "install", "--dry-run", "--json", cwd=site).json
    assert (told["status"], told["changed"], "+++ b/" in told["diff"]) == ("dry-run", [*NAMES, "merge-driver"], True)


def test_what_is_left_is_named_and_the_exit_status_says_partly(site: Path) -> None:
    run("hooks", "install", cwd=site)
    hook = site / ".git/hooks/pre-push"
    hook.write_text(hook.read_text() + "# mine\n")
    done = run("hooks", "uninstall", cwd=site)
    assert done.exit == 5
    assert "warning: pre-push: left as it is: a file of ours, changed by hand" in done.err
    done = run("hooks", "uninstall", "--json", cwd=site)
    assert (done.exit, [each["name"] for each in done.json["left"]]) == (5, ["pre-push"])
    assert hook.read_text().endswith("# mine\n")


def test_it_is_hidden_but_for_those_who_look(site: Path) -> None:
    assert "\n  hook " not in run("--help").out
    assert "\n  hook " in run("--help-all").out
    assert "\n  merge-driver " not in run("--help").out


@pytest.mark.parametrize(("theirs", "said", "status"), [("b", "clean", 0), ("c", "conflict", 1)])
def test_the_driver_says_how_it_ended(tmp_path: Path, theirs: str, said: str, status: int) -> None:
    for name, text in (("O", "a\n"), ("A", "b\n"), ("B", f"{theirs}\n")):
        (tmp_path / name).write_text(text)
    done = run("merge-driver", "--", "O", "A", "B", "7", "-x.md", "HEAD", "topic", cwd=tmp_path)
    assert (done.exit, done.out, done.err) == (status, f"{said}\n", "")
    (tmp_path / "A").write_text("b\n")
    done = run("merge-driver", "--json", "--", "O", "A", "B", "7", "x.md", cwd=tmp_path)
    assert (done.exit, done.json) == (status, {"file": "x.md", "merged": said})


def test_a_driver_that_cannot_read_says_neither(tmp_path: Path) -> None:
    done = run("merge-driver", "--", "O", "A", "B", "7", "x.md", cwd=tmp_path)
    assert done.exit != 0
    assert done.out == ""


def test_outside_of_any_repository(tmp_path: Path) -> None:
    assert run("hooks", "install", "--json", cwd=tmp_path).told("error")["code"] == "not_a_repository"
    done = run("hook", "post-merge", "--", "0", cwd=tmp_path)
    assert (done.exit, done.out) == (0, "")


def test_a_message_that_cannot_be_read_stops_nothing(site: Path) -> None:
    run("set", "portal", "--title", "Gate", "--no-commit", cwd=site)
    subprocess.run(["git", "add", "-A"], cwd=site, check=True)
    done = run("hook", "commit-msg", "--", ".git/no-such-file", cwd=site)
    assert (done.exit, done.out) == (0, "")
    assert "no-such-file" in done.err
