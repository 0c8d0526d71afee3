"""`wrkq batch` and `--key` as they are typed."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.support import Result, run
from tests.cli.test_contract import CASES, TABLE, call
from wrkq_files.cli import registry, request

TASK = "portal/auth/login-ux"
PAGE = Path(__file__).parents[2] / "docs" / "batch.md"
STORY = (
    '{"op": "add", "title": "One", "into": "portal", "as": "a"}\n'
    '{"op": "set", "target": "$a", "fields": {"priority": 1}}\n'
    f'{{"op": "relate", "a": "$a", "relation": "blocks", "b": "{TASK}"}}\n'
)


def head(site: Path) -> str:
    return subprocess.run(["git", "rev-parse", "HEAD"], cwd=site, check=True, capture_output=True).stdout.decode()


def batch(site: Path, text: str = STORY, *more: str) -> Result:
    return run("batch", "-", *more, cwd=site, stdin=text)


def test_a_line_for_each_operation(site: Path) -> None:
    done = batch(site)
    assert done.exit == 0, done.err
    commit = head(site)[:8]
    assert [line.partition(" ")[2] for line in done.lines] == [
        f"portal/one: created  [{commit}]",
        f"portal/one: priority 1  [{commit}]",
        f"{TASK}: blocked_by portal/one  [{commit}]",
    ]


def test_an_object_for_each_operation(site: Path) -> None:
    rows = batch(site, STORY, "--json").json
    assert [row["line"] for row in rows] == [1, 2, 3]
    assert set(rows[0]) == {"line", "op", "ids", "path", "status", "subject", "commit"}
    assert rows[0] == {
        "line": 1,
        "op": "add",
        "ids": rows[1]["ids"],
        "path": "portal/one",
        "status": "committed",
        "subject": "portal/one: created",
        "commit": head(site).strip(),
    }
    lines = batch(site, STORY, "--ndjson").lines
    assert len([json.loads(line) for line in lines]) == 3


def test_from_a_file(site: Path) -> None:
    (site / "ops.json").write_text(json.dumps([json.loads(line) for line in STORY.splitlines()]))
    assert run("batch", "ops.json", cwd=site).exit == 0
    assert run("batch", "none.json", cwd=site).exit == 3


def test_the_first_that_fails_is_the_answer(site: Path) -> None:
    before = head(site)
    done = batch(site, STORY + '{"op": "rm", "target": "nowhere"}\n', "--json")
    error = done.told("error")
    assert (done.exit, error["code"], error["details"]["line"]) == (3, "not_found", 4)
    assert error["message"].startswith("stdin:4:1: there is no `nowhere`")
    assert (done.out, head(site)) == ("", before)


def test_some_fail_and_the_others_go_on(site: Path) -> None:
    bad = '{"op": "rm", "target": "nowhere"}\n'
    done = batch(site, bad + STORY, "--continue-on-error", "--json")
    assert done.exit == 5
    assert [row["status"] for row in done.json] == ["failed", *["committed"] * 3]
    assert set(done.json[0]["error"]) == {"code", "message", "hint", "details"}
    words = batch(site, bad + STORY, "--continue-on-error")
    assert words.exit == 5
    assert len(words.lines) == 3
    assert "wrkq: stdin:1:1: there is no `nowhere`" in words.err


def test_a_dry_run_prints_the_difference(site: Path) -> None:
    before = head(site)
    done = batch(site, STORY, "--dry-run")
    assert done.exit == 0
    assert "+++ b/wrkq/portal/one.md" in done.lines
    assert "+priority: 1" in done.lines
    assert head(site) == before
    told = batch(site, STORY, "--dry-run", "--json")
    assert [row["status"] for row in told.json] == ["dry-run"] * 3
    assert "+priority: 1" in told.told("meta")["diff"]


def test_escapes_do_not_reach_the_terminal(site: Path) -> None:
    for row in ({"op": "rm", "target": "\x1b]0;x"}, {"op": "rm", "\x1b]0;x": 1}, {"op": "\x1b]0;x"}):
        done = run("batch", "-", cwd=site, stdin=json.dumps(row), terminal=True)
        assert done.exit != 0
        assert "\x1b]0" not in done.out + done.err


def test_the_page_tells_the_truth(site: Path) -> None:
    found = re.search(r"^```jsonl\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert found
    subprocess.run(["git", "mv", "wrkq/portal", "wrkq/old"], cwd=site, check=True)
    done = run("batch", "-", "--no-commit", cwd=site, stdin=found[1])
    assert done.exit == 0, done.err
    assert len(done.lines) == len(found[1].splitlines())


# --- keys

#: A tracker of today's format has nothing to migrate: then there is no write, and nothing to repeat.
KEYED = [
    name
    for name, command in TABLE.items()
    if {registry.WRITE, registry.CREATE, registry.BATCH} & {*command.takes} and name != "wrkqadm migrate"
]


def caller(site: Path, name: str) -> Callable[..., Result]:
    """Calls the command with the words of its case, the same each time."""
    case = CASES[name]
    comment = run("comment", "ls", TASK, "-1", cwd=site).out.strip()
    return lambda *more: call(site, name, case.words.replace("COMMENT", comment), *more, stdin=case.stdin)


@pytest.mark.parametrize("name", KEYED)
def test_every_write_is_done_once(site: Path, name: str) -> None:
    again = caller(site, name)
    first = again("--key", "k", "--json")
    assert first.exit == 0, first.err
    before = state(site)
    second = again("--key", "k", "--json")
    assert second.exit == 0, second.err
    assert state(site) == before
    assert without_mark(second.json) == without_mark(first.json)
    assert [each["replayed"] for each in rows(second.json)] == [True] * len(rows(first.json))
    assert any("done before" in note for note in second.told("meta")["notes"])


def state(site: Path) -> tuple[str, dict[Path, bytes]]:
    return head(site), {path: path.read_bytes() for path in (site / "wrkq").rglob("*") if path.is_file()}


def rows(answer: Any) -> list[dict[str, Any]]:
    return answer if isinstance(answer, list) else [answer]


def without_mark(answer: Any) -> list[dict[str, Any]]:
    return [{name: value for name, value in each.items() if name != "replayed"} for each in rows(answer)]


@pytest.mark.parametrize("name", KEYED)
def test_every_write_with_other_words_is_another_request(site: Path, name: str) -> None:
    again = caller(site, name)
    first = again("--key", "k")
    assert first.exit == 0, first.err
    other = again("--key", "k", "-m", "another reason", "--json")
    assert (other.exit, other.told("error")["code"]) == (4, "conflict")


def twice(site: Path, first: Callable[[], Result], second: Callable[[], Result]) -> int:
    assert first().exit == 0
    return second().exit


def test_what_comes_in_counts(site: Path) -> None:
    def said(text: str) -> Callable[[], Result]:
        return lambda: run("comment", "add", TASK, "-", "--key", "c", cwd=site, stdin=text)

    assert twice(site, said("One."), said("One.")) == 0
    assert said("Two.")().exit == 4
    (site / "notes.md").write_text("One.")

    def noted() -> Result:
        return run("add", "Task", "--body", "@notes.md", "--key", "f", cwd=site)

    assert twice(site, noted, noted) == 0
    (site / "notes.md").write_text("Two.")
    assert noted().exit == 4


def test_targets_from_standard_input_count(site: Path) -> None:
    def priority(text: str) -> int:
        return run("set", "-", "--priority", "1", "--key", "t", cwd=site, stdin=text).exit

    assert [priority(TASK), priority(TASK), priority("portal/rotate-keys")] == [0, 0, 4]


def test_what_was_typed_into_an_editor_counts(site: Path) -> None:
    def edit(word: str) -> int:
        return run("edit", TASK, "--key", "e", cwd=site, env={"EDITOR": f"sed -i s/sign-in/{word}/"}).exit

    assert edit("login") == 0
    assert edit("login") == 0
    assert run("edit", TASK, "--key", "e", cwd=site, env={"EDITOR": "sed -i s/login/door/"}).exit == 4


def test_how_and_where_it_is_asked_does_not_count(site: Path) -> None:
    assert run("add", "Task", "--key", "k", cwd=site).exit == 0
    done = run("-C", str(site / "wrkq"), "add", "Task", "--key", "k", "--json", cwd=site.parent)
    assert done.exit == 0, done.err
    assert done.json["replayed"]


def test_the_same_operations_from_elsewhere_are_the_same(site: Path) -> None:
    assert batch(site, STORY, "--key", "k").exit == 0
    (site / "ops.json").write_text(json.dumps([json.loads(line) for line in STORY.splitlines()], indent=1))
    done = run("batch", "ops.json", "--key", "k", "--json", cwd=site)
    assert done.exit == 0, done.err
    assert all(row["replayed"] for row in done.json)
    assert run("batch", "ops.json", "--key", "k", "--continue-on-error", cwd=site).exit == 4


def test_a_part_that_failed_is_told_again(site: Path) -> None:
    text = '{"op": "rm", "target": "nowhere"}\n' + STORY
    first = batch(site, text, "--continue-on-error", "--key", "k", "--json")
    second = batch(site, text, "--continue-on-error", "--key", "k", "--json")
    assert (first.exit, second.exit) == (5, 5)
    assert without_mark(second.json) == first.json


def test_a_key_that_is_none(site: Path) -> None:
    done = run("add", "Task", "--key", "two words", "--json", cwd=site)
    assert (done.exit, done.told("error")["code"]) == (2, "usage")


def test_the_same_words_in_another_tracker_are_another_request(site: Path) -> None:
    assert run("init", "other", "--commit", program="wrkqadm", cwd=site).exit == 0
    assert run("add", "Task", "--root", "wrkq", "--key", "k", cwd=site).exit == 0
    assert run("add", "Task", "--root", "other", "--key", "k", cwd=site).exit == 4


def test_more_than_is_read(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request, "_MOST_BYTES", 1000)
    (site / "ops").write_text(STORY * 10)
    assert batch(site, STORY * 10, "--json").told("error")["code"] == "limit"
    assert run("batch", "ops", "--json", cwd=site).told("error")["code"] == "limit"


def test_an_agent_that_signs_as_a_person_is_warned(site: Path) -> None:
    done = run("batch", "-", cwd=site, stdin=STORY, env={"CLAUDECODE": "1"})
    assert done.exit == 0
    assert "signs as robin, a person" in done.err
