"""Writes: what they answer, what they take, what they leave alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.support import adm, run
from tests.support.repos import TestRepo

TASK = "portal/auth/login-ux"


def text(site: Path, address: str) -> str:
    return (site / f"wrkq/{address}.md").read_text()


def test_add_answers_in_one_line(site: Path) -> None:
    done = run("add", "Sign-in", "is", "hidden", "--label", "ux", "--label", "a11y", cwd=site)
    assert re.fullmatch(r"T-[0-9A-Z]{8} inbox/sign-in-is-hidden: created  \[[0-9a-f]{8}\]\n", done.out)
    assert "labels:\n  - a11y\n  - ux\n" in text(site, "inbox/sign-in-is-hidden")
    row = run("add", "Next", "--into", "portal", "--json", cwd=site).json
    assert (row["path"], row["operation"], row["status"]) == ("portal/next", "add", "committed")


def test_touch_takes_every_field(site: Path) -> None:
    done = run(
        *("touch", "portal/all", "meta.ticket=17", "score.leverage=3", "--score", "correctness=3,effort=2"),
        *(
            "--assignee",
            "me",
            "--priority",
            "high",
            "--due",
            "2026-03-01",
            "--kind",
            "bug",
            "--source",
            "github:o/r#1",
        ),
        *("--blocked-by", "portal/rotate-keys", "--participants", "agent-codex:review", "--estimate-hours", "2.5"),
        cwd=site,
    )
    assert done.exit == 0, done.err
    [facts] = run("stat", "portal/all", "--json", cwd=site).json
    assert facts["score"] == {"correctness": 3, "effort": 2, "leverage": 3}
    assert facts["score_total"] == 8
    assert facts["participants"] == [{"actor": "agent-codex", "role": "review"}]
    assert (facts["assignee"], facts["priority"], facts["kind"], facts["estimate_hours"]) == ("robin", 2, "bug", 2.5)
    assert facts["meta"] == {"ticket": 17}


@pytest.mark.parametrize("how", ["text", "file", "stdin"])
def test_bodies(site: Path, how: str) -> None:
    (site / "notes.md").write_text("One.\n\nTwo.\n")
    body, stdin = {"text": ("One.\n\nTwo.\n", ""), "file": ("@notes.md", ""), "stdin": ("-", "One.\n\nTwo.\n")}[how]
    assert run("touch", "portal/b", "--body", body, cwd=site, stdin=stdin).exit == 0
    assert text(site, "portal/b").endswith("---\n\nOne.\n\nTwo.\n")


def test_a_body_that_is_none(site: Path) -> None:
    assert run("touch", "portal/b", "--body", "@none.md", cwd=site).exit == 3
    assert run("touch", "portal/b", "--body", "@wrkq", cwd=site).exit == 2
    assert run("touch", "portal/b", "--body", "-", cwd=site, stdin=b"\xff").exit == 1


def test_set_one_field_changes_one_line(site: Path) -> None:
    before = text(site, "portal/rotate-keys")
    done = run("set", "portal/rotate-keys", "--priority", "2", "-m", "It can wait.", cwd=site)
    assert re.fullmatch(r"T-\w{8} portal/rotate-keys: priority 2  \[[0-9a-f]{8}\]\n", done.out)
    assert text(site, "portal/rotate-keys") == before.replace("priority: 1", "priority: 2")
    message = TestRepo(site).git("log", "-1", "--format=%B")
    assert "It can wait." in message
    assert "Wrkq-Actor: robin" in message


def test_set_many_targets_in_one_commit(site: Path) -> None:
    repo = TestRepo(site)
    count = len(repo.log())
    rows = run("set", TASK, "portal/rotate-keys", "assignee=me", "--add-label", "q1", "--json", cwd=site).json
    assert [row["path"] for row in rows] == [TASK, "portal/rotate-keys"]
    assert len({row["commit"] for row in rows}) == 1
    assert len(repo.log()) == count + 1
    again = run("set", TASK, "portal/rotate-keys", "assignee=me", cwd=site)
    assert again.out.endswith("[unchanged]\n")


def test_set_all_or_none(site: Path) -> None:
    done = run("set", TASK, "nowhere", "--priority", "2", cwd=site)
    assert (done.exit, done.out) == (3, "")
    assert "priority" not in text(site, TASK)


def test_set_goes_on_when_told_to(site: Path) -> None:
    done = run("set", TASK, "nowhere", "--priority", "2", "--continue-on-error", "--json", cwd=site)
    assert done.exit == 5
    good, bad = done.json
    assert (good["path"], good["status"]) == (TASK, "committed")
    assert (bad["path"], bad["status"], bad["error"]["code"]) == ("nowhere", "failed", "not_found")
    words = run("set", TASK, "nowhere", "--priority", "1", "--continue-on-error", cwd=site)
    assert words.exit == 5
    assert "wrkq: nowhere: there is no `nowhere`" in words.err


def test_set_reads_targets(site: Path) -> None:
    names = run("find", "portal", "-1", cwd=site).out
    assert run("set", "-", "--reviewer", "agent-codex", cwd=site, stdin=names).exit == 0
    assert run("find", "--reviewer", "agent-codex", "-1", cwd=site).out == names
    assert run("set", "--priority", "1", cwd=site).exit == 2
    assert run("set", TASK, cwd=site).exit == 2


def test_an_empty_value_clears(site: Path) -> None:
    assert run("set", "portal/rotate-keys", "--priority", "", "due=", cwd=site).exit == 0
    assert "priority" not in text(site, "portal/rotate-keys")
    assert "due" not in text(site, "portal/rotate-keys")


def test_a_move_that_is_none_names_the_legal_ones(site: Path) -> None:
    done = run("set", "portal/auth/old", "--state", "blocked", "--json", cwd=site)
    assert done.exit == 1
    assert done.told("error")["details"]["allowed"] == ["open"]
    assert run("set", "portal/auth/old", "--state", "blocked", "--force", cwd=site).exit == 0
    assert "Wrkq-Override: illegal-move" in TestRepo(site).git("log", "-1", "--format=%B")


def test_if_match(site: Path) -> None:
    etag = run("stat", TASK, "-1", "--fields", "etag", cwd=site).out.strip()
    assert run("set", TASK, "--priority", "2", "--if-match", etag[:10], cwd=site).exit == 0
    assert run("set", TASK, "--priority", "1", "--if-match", etag[:10], cwd=site).exit == 4


def test_commit_modes(site: Path) -> None:
    done = run("set", TASK, "--priority", "2", "--no-commit", cwd=site)
    assert done.out.endswith("[written]\n")
    assert run("commit", "-m", "Because.", cwd=site).out.endswith("]\n")
    assert run("commit", cwd=site).out == "nothing to commit  [unchanged]\n"
    assert run("set", TASK, "--priority", "1", "--commit", "--no-commit", cwd=site).exit == 2


def test_dry_run_prints_the_difference(site: Path) -> None:
    done = run("set", TASK, "--priority", "2", "--dry-run", cwd=site)
    assert "+priority: 2" in done.lines
    assert "[dry run: nothing is written]" in done.err
    [row] = run("set", TASK, "--priority", "2", "-n", "--json", cwd=site).json
    assert "+priority: 2" in row["diff"]
    rows = run("set", TASK, "portal/rotate-keys", "--priority", "2", "-n", "--json", cwd=site).json
    assert [row["files"] for row in rows] == [[f"wrkq/{TASK}.md"], ["wrkq/portal/rotate-keys.md"]]
    assert [row["diff"].count("+priority: 2") for row in rows] == [1, 1]
    assert "\x1b[32m+priority: 2" in run("set", TASK, "--priority", "2", "-n", cwd=site, terminal=True).out


def test_tick_and_untick(site: Path) -> None:
    assert run("tick", TASK, "1", "keyboard", cwd=site).exit == 0
    assert text(site, TASK).count("- [x]") == 2
    assert run("untick", TASK, "fold", cwd=site).exit == 0
    assert run("tick", TASK, "1", "--drop", cwd=site).exit == 0
    assert "- [-] The button is above the fold" in text(site, TASK)


def test_apply_in_three_forms(site: Path) -> None:
    assert run("apply", TASK, "-", cwd=site, stdin='{"priority": 1, "labels": null}').exit == 0
    assert "labels" not in text(site, TASK)
    assert run("apply", TASK, "-", "--format", "yaml", cwd=site, stdin="summary: Done well.\n").exit == 0
    whole = text(site, TASK).replace("title: Login UX", "title: Log in")
    (site / "new.md").write_text(whole)
    assert run("apply", "new.md", cwd=site).exit == 0
    assert text(site, TASK) == whole
    assert run("apply", TASK, "-", "--format", "toml", cwd=site).exit == 2
    assert run("apply", "a", "b", "c", cwd=site).exit == 2


def editor(tmp_path: Path, script: str) -> dict[str, str]:
    place = tmp_path / "my editor"
    place.write_text(f"#!/bin/sh\n{script}\n")
    place.chmod(0o755)
    return {"VISUAL": f"'{place}' --wait", "EDITOR": "false"}


def test_edit(site: Path, tmp_path: Path) -> None:
    done = run("edit", TASK, cwd=site, env=editor(tmp_path, 'sed -i "s/sign-in/login/" "$2"'))
    assert done.exit == 0, done.err
    assert "find the login button" in text(site, TASK)


def test_edit_that_changes_nothing(site: Path, tmp_path: Path) -> None:
    assert run("edit", TASK, cwd=site, env=editor(tmp_path, "true")).out.endswith("[unchanged]\n")


def test_edit_that_fails_keeps_the_text(site: Path, tmp_path: Path) -> None:
    before = text(site, TASK)
    done = run("edit", TASK, "--json", cwd=site, env=editor(tmp_path, 'sed -i "s/^title: /title: a: /" "$2"'))
    assert done.exit == 1
    kept = Path(done.told("error")["details"]["kept"])
    assert "title: a: Login UX" in kept.read_text()
    kept.unlink()
    assert text(site, TASK) == before


def test_edit_while_the_file_changes(site: Path, tmp_path: Path) -> None:
    place = site / "wrkq" / f"{TASK}.md"
    theirs = f'sed -i "s/^title: Login UX/title: Log in/" "{place}"; git commit -qam x'
    change = f'sed -i "s/sign-in/login/" "$2"; {theirs}'
    done = run("edit", TASK, cwd=site, env=editor(tmp_path, change))
    assert (done.exit, "merged" in done.err) == (0, True)
    assert "title: Log in\n" in text(site, TASK)
    assert "find the login button" in text(site, TASK)


def test_edit_while_the_same_changes_keeps_both_between_markers(site: Path, tmp_path: Path) -> None:
    place = site / "wrkq" / f"{TASK}.md"
    change = f'sed -i "s/^title: .*/title: Mine/" "$2"; sed -i "s/^title: .*/title: Theirs/" "{place}"'
    done = run("edit", TASK, "--json", cwd=site, env=editor(tmp_path, change))
    assert (done.exit, done.told("error")["details"]["fields"]) == (4, ["title"])
    kept = Path(done.told("error")["details"]["kept"])
    assert "<<<<<<< yours\ntitle: Mine\n=======\ntitle: Theirs\n>>>>>>> the file now\n" in kept.read_text()
    kept.unlink()
    assert "title: Theirs\n" in text(site, TASK)


def test_editors_that_cannot(site: Path, tmp_path: Path) -> None:
    assert run("edit", TASK, cwd=site, env=editor(tmp_path, "exit 3")).exit == 1
    assert run("edit", TASK, cwd=site, env={"VISUAL": "/no/such/editor"}).exit == 2


def test_mv_rm_restore(site: Path) -> None:
    done = run("mv", TASK, "portal", "--json", cwd=site)
    assert done.json[0]["path"] == "portal/login-ux"
    assert (site / "wrkq/portal/login-ux-google.md").exists()
    assert run("mv", "portal/login-ux", cwd=site).exit == 2
    assert "archived" in run("rm", "portal/login-ux", cwd=site).out
    assert "login-ux " not in run("ls", "portal", cwd=site).out
    assert "restored" in run("restore", "portal/login-ux", cwd=site).out
    assert run("rm", "portal/auth", cwd=site).exit == 1
    assert run("rm", "-r", "--purge", "portal/auth", cwd=site).exit == 0
    assert not (site / "wrkq/portal/auth").exists()


def test_relations(site: Path) -> None:
    assert run("relate", TASK, "blocks", "portal/rotate-keys", cwd=site).exit == 1, "a cycle"
    assert run("unrelate", TASK, "blocked_by", "portal/rotate-keys", cwd=site).exit == 0
    assert "blocked" not in run("ls", "portal/auth", cwd=site).out


def test_comments_from_everywhere(site: Path) -> None:
    done = run("comment", "add", TASK, "-", "-k", "progress", "--percent", "40", cwd=site, stdin="Half\nway.\n")
    assert re.fullmatch(r"C-\w{8} portal/auth/login-ux: progress added  \[\w+\]\n", done.out)
    row = run("comment", "add", TASK, "Good", "-k", "review", "--verdict", "pass", "--json", cwd=site).json
    assert row["file"].startswith("_comments/")
    assert row["id"].startswith("C-")
    assert row["on"].startswith("T-")
    assert "progress  percent 40" in run("comment", "ls", TASK, cwd=site).out
    assert run("comment", "add", TASK, cwd=site).exit == 2


def test_init_twice(repo: Path) -> None:
    dry = adm("init", "--dry-run", cwd=repo)
    assert "+format: 1" in dry.lines
    assert not (repo / "wrkq").exists()
    done = adm("init", cwd=repo)
    assert "commit mode auto, actor robin  [written]" in done.out
    assert "commit it when you are ready" in done.err
    assert adm("init", cwd=repo).out == "there is a tracker in wrkq already  [unchanged]\n"
    assert adm("init", "--json", cwd=repo).json["status"] == "unchanged"


def test_actors(site: Path) -> None:
    assert "agent-codex" in adm("actor", "ls", cwd=site).out
    done = adm("actor", "set", "agent-codex", "--duty", "reviewer", "--duty", "executor", "--name", "Codex", cwd=site)
    assert done.exit == 0, done.err
    rows = {row["actor"]: row for row in adm("actor", "ls", "--json", cwd=site).json}
    assert rows["agent-codex"]["duties"] == ["executor", "reviewer"]
    assert rows["agent-codex"]["display_name"] == "Codex"
    assert adm("actor", "set", "agent-codex", cwd=site).exit == 2
    assert adm("actor", "set", "agent-codex", "word", cwd=site).exit == 2
    assert adm("actor", "add", "two", "--role", "robot", cwd=site).exit == 1


def test_whoami(site: Path) -> None:
    assert run("whoami", cwd=site).out == "robin (human, Robin Example), by git\n"
    assert "an agent seems" in run("whoami", cwd=site, env={"CODEX_SANDBOX": "1"}).err


def test_import(site: Path) -> None:
    place = site / "backlog.md"
    place.write_text("# Old\n\n## Part\n\n### Thing\n\n**Status:** done\n**Priority:** prose\n\nText.\n")
    done = adm("import", "markdown", "backlog.md", "--into", "old", cwd=site)
    assert done.exit == 0, done.err
    assert "1 feature, 1 task" in done.err
    assert "backlog.md:8: " in done.err
    assert run("find", "-a", "old", "-1", cwd=site).lines == ["old/part/thing"]
    assert adm("import", "markdown", "backlog.md", "--into", "old", cwd=site).exit == 1
    assert adm("import", "markdown", "backlog.md", "--into", "old", "--again", "--json", cwd=site).exit == 0


def test_config_doctor_and_index(site: Path) -> None:
    settings = {row["name"]: row for row in adm("config", "doctor", "--json", cwd=site).json}
    assert settings["commit.mode"]["value"] == "auto"
    assert settings["commit.mode"]["source"].startswith("wrkq.yaml:")
    assert "default" in adm("config", "doctor", cwd=site).out
    assert (
        adm("index", "rebuild", "--json", cwd=site).json["documents"]
        == adm("index", "status", "--json", cwd=site).json["documents"]
    )
    assert "documents" in adm("index", "status", cwd=site).out
