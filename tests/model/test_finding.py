"""The table of rules, and what one finding says."""

from __future__ import annotations

import re

import pytest

from wrkq_files.model.finding import Finding
from wrkq_files.model.rules import ERROR, RULES, SEVERITIES


@pytest.mark.parametrize("name", RULES)
def test_rules_are_whole(name: str) -> None:
    rule = RULES[name]
    assert rule.id == name
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
    assert rule.severity in SEVERITIES
    assert rule.reason.endswith(".")
    assert rule.remedy
    assert rule.severity == ERROR or not rule.unreadable


def test_errors_are_what_confuses_or_loses_data() -> None:
    workflow = {"illegal-move", "no-assignee", "open-criteria", "resolution-state", "unknown-actor", "missing-id"}
    data = {"duplicate-id", "dangling-reference", "cycle", "unknown-state", "wrong-type", "yaml-syntax", "symlink"}
    assert {name for name in workflow | data if RULES[name].severity == ERROR} == data


@pytest.mark.parametrize(("line", "column", "place"), [(3, 7, "a/b.md:3:7"), (3, 0, "a/b.md:3"), (0, 0, "a/b.md")])
def test_place(line: int, column: int, place: str) -> None:
    assert Finding("cycle", "a/b.md", "waits for itself", line, column).place == place


def test_as_json_and_moved() -> None:
    finding = Finding("unknown-key", "a.md", "`statte` is not a field", 2, 1, allowed="state").moved("b/a.md")
    assert finding.as_json() == {
        "rule": "unknown-key",
        "severity": "notice",
        "path": "b/a.md",
        "line": 2,
        "column": 1,
        "message": "`statte` is not a field",
        "allowed": "state",
        "remedy": "",
    }
