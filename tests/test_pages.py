"""The pages for editors and CI: what they tell people to paste works on what the program really prints."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.support import run
from tests.support.repos import TestRepo
from wrkq_files.cli import registry
from wrkq_files.files.documents import parse
from wrkq_files.model.fields import DocType

DOCS = Path(__file__).parents[1] / "docs"
PAGES = ("editors", "ci")


def blocks(page: str, language: str) -> list[str]:
    text = (DOCS / f"{page}.md").read_text()
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Findings of each severity, with a line and without, in names that make reading hard."""
    repo = TestRepo.init(tmp_path / "repo")
    assert run("init", "--commit", program="wrkqadm", cwd=repo.path).exit == 0
    repo.write(
        {
            "wrkq/inbox/a: b.md": "---\ntitle: x: y\n---\n",
            "wrkq/inbox/Big Idea.md": "---\ntitle: Big\nid: T-AAAAAAAA\nstate: doing\nzzz: 1\n---\n",
            "wrkq/inbox/b.md": "---\nid: T-AAAAAAAA\nlabels: ['a.md:3:4: error: not me [config]', a]\n---\n",
            "wrkq/inbox/b/c.md": "---\nid: T-AAAAAAAB\nstate: in_progress\n---\n",
        }
    )
    return repo.path


# --- editors


def matchers() -> list[dict[str, Any]]:
    tasks = json.loads(blocks("editors", "json")[0])["tasks"]
    return list(tasks[0]["problemMatcher"])


def matched(line: str) -> list[tuple[str, int, int, str, str, str]]:
    """What each matcher makes of a line."""
    found = []
    for matcher in matchers():
        pattern = matcher["pattern"]
        if match := re.search(pattern["regexp"], line):
            parts = {name: match[place] for name, place in pattern.items() if isinstance(place, int)}
            numbers = int(parts.get("line") or 0), int(parts.get("column") or 0)
            found.append((parts["file"], *numbers, parts["severity"], parts["message"], parts["code"]))
    return found


def test_the_problem_matchers_read_what_check_prints(broken: Path) -> None:
    rows = run("check", "--json", cwd=broken).json
    lines = run("check", cwd=broken).lines
    assert len(lines) > 2 * len(rows), "there are lines that are no findings"
    found = [each for line in lines for each in matched(line)]
    names = ("file", "line", "column", "severity", "message", "rule")
    assert sorted(found) == sorted(tuple(row[name] for name in names) for row in rows)
    assert {each[3] for each in found} == {"error", "warning", "notice"}
    assert {bool(each[1]) for each in found} == {True, False}
    assert all(matched(line) == [] for line in lines if line.startswith(" "))


def test_the_background_matcher_knows_a_round() -> None:
    [watch] = [task for task in json.loads(blocks("editors", "json")[0])["tasks"] if task.get("isBackground")]
    matcher = watch["problemMatcher"]
    begins, ends = matcher["background"]["beginsPattern"], matcher["background"]["endsPattern"]
    assert re.search(begins, "checking…")
    assert re.search(ends, "done: 2 errors, 1 warning")
    assert not re.search(ends, "checking…")
    assert not re.search(begins, "done: nothing found")
    assert matcher["pattern"] == matchers()[0]["pattern"]


def snippets() -> dict[str, Any]:
    return dict(json.loads(blocks("editors", "json")[1]))


@pytest.mark.parametrize("name", snippets())
def test_a_snippet_makes_a_document(name: str) -> None:
    """With every place left as it is proposed."""
    text = "\n".join(snippets()[name]["body"])
    clock = {"YEAR": "2026", "MONTH": "01", "DATE": "19", "HOUR": "14", "MINUTE": "24", "SECOND": "16"}
    for part, value in (clock | {"TIMEZONE_OFFSET": "+01:00"}).items():
        text = text.replace(f"${{CURRENT_{part}}}", value)
    text = re.sub(r"\$\{\d+\|([^,|]+)[^|]*\|\}", r"\1", text)
    text = re.sub(r"\$\{\d+:([^}]*)\}|\$0", lambda found: found[1] or "", text)
    assert "$" not in text
    kind = {"wrkq feature": DocType.CONTAINER, "wrkq comment": DocType.COMMENT}.get(name, DocType.TASK)
    parsed = parse(text.encode(), kind, "a.md")
    assert parsed.document is not None
    assert parsed.findings == ()


def test_the_regexp_for_emacs(broken: Path) -> None:
    [lisp] = blocks("editors", "elisp")
    quoted = re.search(r'\'\(wrkq "(.*)"\n', lisp)
    assert quoted
    regexp = quoted[1].replace("\\t", "\t").replace("\\n", "\n").replace("\\\\", "\\")
    # Emacs has its brackets the other way round.
    regexp = re.sub(r"\\?[()|]", lambda found: found[0][1:] if found[0][0] == "\\" else f"\\{found[0]}", regexp)
    regexp = regexp.replace("\\(?:", "(?:")
    rows = run("check", "--json", cwd=broken).json
    found = [match for line in run("check", cwd=broken).lines if (match := re.match(regexp, line))]
    told = sorted(
        (match[1], int(match[2] or 0), int(match[3] or 0), bool(match[4]), bool(match[5])) for match in found
    )
    assert told == sorted(
        (row["file"], row["line"], row["column"], row["severity"] == "warning", row["severity"] == "notice")
        for row in rows
    )


# --- CI


@pytest.mark.parametrize("text", blocks("ci", "yaml"))
def test_the_jobs_are_yaml(text: str) -> None:
    jobs = yaml.safe_load(text)
    assert isinstance(jobs, dict)
    listed = jobs.get("jobs") or {"tracker": jobs["tracker"]}
    for job in listed.values():
        assert job.get("steps") or job.get("script")
        scripts = [step.get("run", "") for step in job.get("steps", ())] + job.get("script", [])
        for script in scripts:
            assert subprocess.run(["sh", "-n", "-c", script], check=False).returncode == 0, script


def test_the_check_is_a_job_that_is_skipped() -> None:
    workflow = yaml.safe_load(blocks("ci", "yaml")[0])
    on = workflow[True]  # what YAML 1.1 takes `on` for
    assert "pull_request" in on
    assert not (on["pull_request"] or {}).get("paths")
    check = workflow["jobs"]["check"]
    assert check["needs"] == "look"
    assert "changed == 'true'" in check["if"]


def shell(script: str, folder: Path, **more: str) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, **more}
    done = subprocess.run(["bash", "-e", "-c", script], cwd=folder, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_first_job_looks(broken: Path, tmp_path: Path) -> None:
    repo = TestRepo(broken)
    steps = yaml.safe_load(blocks("ci", "yaml")[0])["jobs"]["look"]["steps"]
    [look] = [step["run"] for step in steps if step.get("id") == "look"]
    base = repo.head
    code = repo.commit({"code.py": "1\n"})
    tracker = repo.commit({"wrkq/inbox/new.md": "---\ntitle: New\n---\n"})
    output = tmp_path / "output"
    for head in (code, tracker):
        shell(look, broken, BASE=base, HEAD=head, GITHUB_OUTPUT=str(output))
    assert output.read_text() == "changed=false\nchanged=true\n"


def test_the_board_is_markdown(broken: Path, tmp_path: Path) -> None:
    steps = yaml.safe_load(blocks("ci", "yaml")[0])["jobs"]["check"]["steps"]
    [board] = [step["run"] for step in steps if step.get("name") == "Show the board"]
    task = broken / "wrkq/inbox/b/c.md"
    task.write_text("---\nid: T-AAAAAAAB\ntitle: 'A | B <b>'\nassignee: robin\nstate: in_progress\n---\n")
    summary = tmp_path / "summary"
    shell(board, broken, GITHUB_STEP_SUMMARY=str(summary))
    text = summary.read_text()
    assert "\n| inbox/b/c | A \\| B \\<b> | robin |\n" in text
    assert text.count("\n~~~~~~") == 2
    assert "inbox" in text.partition("~~~~~~text")[2]


@pytest.mark.parametrize("text", blocks("ci", "sh"))
def test_the_hooks_are_scripts(text: str) -> None:
    assert text.startswith("#!/bin/sh\n")
    assert subprocess.run(["sh", "-n", "-c", text], check=False).returncode == 0


@pytest.mark.parametrize("page", PAGES)
def test_every_command_that_a_page_names_exists(page: str) -> None:
    text = (DOCS / f"{page}.md").read_text()
    known = {command.name.partition(" ")[0] for commands in registry.COMMANDS.values() for command in commands}
    named = set(re.findall(r"(?:`|\n\s*(?:- |run: )*|exec |\s{2})wrkq ([a-z]+)\b", text))
    assert named
    assert named <= known
