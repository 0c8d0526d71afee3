"""Findings for other programs: what they say can be read back, whatever stood in the files."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.support import run
from wrkq_files.cli import reports, text
from wrkq_files.model.finding import Finding
from wrkq_files.model.rules import RULES
from wrkq_files.service.checking import Checked

#: The schema of OASIS, where somebody has put it beside the checkout.
SCHEMA = Path(__file__).parents[3] / "shared" / "data" / "sarif-schema-2.1.0.json"
RULE_LIST = list(RULES.values())
COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::([^\n\r]*)\Z")

names = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), min_size=1)
checked = st.builds(
    Checked,
    st.builds(
        Finding,
        st.sampled_from(list(RULES)),
        names,
        st.text(),
        st.integers(0, 99),
        st.integers(0, 99),
        st.just(""),
        st.just(""),
    ),
    st.sampled_from(["error", "warning", "notice"]),
)


def unescaped(value: str) -> str:
    """As GitHub's runner reads it: the percent sign last."""
    for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        value = value.replace(code, character)
    return value


def command(line: str) -> tuple[str, dict[str, str], str]:
    found = COMMAND.match(line)
    assert found, line
    properties = dict(pair.split("=", 1) for pair in found[2].split(","))
    return found[1], {name: unescaped(value) for name, value in properties.items()}, unescaped(found[3])


def results(log: str) -> list[dict[str, Any]]:
    return list(json.loads(log)["runs"][0]["results"])


def one(finding: Finding, severity: str = "error") -> dict[str, Any]:
    [result] = results(reports.sarif([Checked(finding, severity)], RULE_LIST, "1"))
    return result


def kept(value: str) -> str:
    """What of a value arrives: line ends are escaped, and what drives a terminal has no escape and is left out."""
    return "".join(character for character in value if character in "\r\n" or text.clean(character))


@given(checked)
def test_a_workflow_command_is_read_back(each: Checked) -> None:
    finding = each.finding
    [line] = reports.github([each])
    severity, properties, message = command(line)
    assert (severity, properties["title"]) == (each.severity, finding.rule)
    assert (properties["file"], message) == (kept(finding.path), kept(finding.message))
    assert int(properties.get("line", 0)) == finding.line
    assert int(properties.get("col", 0)) == finding.column


@given(st.text(st.sampled_from("%:,=\n\rab0AD253"), min_size=1), st.text(st.sampled_from("%:,=\n\rab0AD253")))
def test_what_a_workflow_command_must_escape(path: str, message: str) -> None:
    [line] = reports.github([Checked(Finding("config", path, message), "error")])
    assert command(line)[1:] == ({"file": path, "title": "config"}, message)


def test_a_message_says_what_is_allowed_and_what_mends() -> None:
    finding = Finding("unknown-state", "a.md", "`state` is `x`", 3, 8, "open, done", "wrkq set a --state open")
    assert list(reports.github([Checked(finding, "warning")])) == [
        "::warning file=a.md,line=3,col=8,title=unknown-state::"
        "`state` is `x`%0Aallowed: open, done%0Amend: wrkq set a --state open"
    ]
    assert one(finding)["message"]["text"].splitlines() == [
        "`state` is `x`",
        "allowed: open, done",
        "mend: wrkq set a --state open",
    ]


@given(st.lists(checked, max_size=6))
def test_a_sarif_log_says_every_finding(found: list[Checked]) -> None:
    log = reports.sarif(found, RULE_LIST, "1")
    assert log == reports.sarif(found, RULE_LIST, "1")
    log.encode()
    [driver] = [each["tool"]["driver"] for each in json.loads(log)["runs"]]
    assert len({result["partialFingerprints"]["wrkqFinding/v1"] for result in results(log)}) == len(found)
    for each, result in zip(found, results(log), strict=True):
        finding = each.finding
        rule = driver["rules"][result["ruleIndex"]]
        [place] = [location["physicalLocation"] for location in result["locations"]]
        assert result["ruleId"] == rule["id"] == finding.rule
        assert result["level"] == each.severity.replace("notice", "note")
        assert unquote_to_bytes(place["artifactLocation"]["uri"]) == os.fsencode(finding.path)
        assert result["message"]["text"] == text.clean(finding.message)
        region = place.get("region", {})
        assert (region.get("startLine", 0), region.get("startColumn", 0)) == (finding.line, finding.column)


def test_every_rule_is_in_a_sarif_log() -> None:
    [run] = json.loads(reports.sarif([], RULE_LIST, "1.2"))["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["results"] == []
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == list(RULES)
    for rule in run["tool"]["driver"]["rules"]:
        known = RULES[rule["id"]]
        assert rule["shortDescription"]["text"] == known.reason
        assert rule["help"]["text"] == known.remedy
        assert rule["defaultConfiguration"]["level"] == known.severity.replace("notice", "note")


def test_a_fingerprint_stays_when_lines_move() -> None:
    def mark(*words: Any) -> str:
        return str(one(Finding(*words))["partialFingerprints"]["wrkqFinding/v1"])

    first = mark("duplicate-key", "a.md", "`x` is given twice: first in line 3", 4, 1)
    assert first == mark("duplicate-key", "a.md", "`x` is given twice: first in line 13", 14, 1)
    assert first != mark("duplicate-key", "b.md", "`x` is given twice: first in line 3", 4, 1)
    assert first != mark("duplicate-key", "a.md", "`y` is given twice: first in line 3", 4, 1)
    assert first != mark("config", "a.md", "`x` is given twice: first in line 3", 4, 1)


def test_a_name_that_is_not_utf_8() -> None:
    finding = Finding("irregular-name", os.fsdecode(b"wrkq/caf\xe9 50%.md"), "x")
    uri = one(finding)["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "wrkq/caf%E9%2050%25.md"
    [line] = reports.github([Checked(finding, "error")])
    assert line.encode().startswith(b"::error file=wrkq/caf 50%25.md,")


def broken(site: Path) -> None:
    (site / "wrkq/portal/caf\u00e9: 1.md").write_text("---\ntitle: a: b\n---\n")
    (site / "wrkq/portal/doing.md").write_text("---\ntitle: x\nstate: doing\nzzz: 1\n---\n")


def test_check_answers_with_a_report(site: Path) -> None:
    broken(site)
    done = run("check", "--format", "github", cwd=site / "wrkq/portal")
    found = [command(line) for line in done.lines]
    assert done.exit == 1
    assert {properties["file"] for _, properties, _ in found} == {
        "wrkq/portal/caf\u00e9: 1.md",
        "wrkq/portal/doing.md",
    }
    assert {severity for severity, _, _ in found} == {"error", "warning", "notice"}
    assert "2 errors" in done.err
    log = run("check", "--format", "sarif", cwd=site)
    assert log.exit == 1
    assert [each["ruleId"] for each in results(log.out)] == [properties["title"] for _, properties, _ in found]
    assert "notice" not in run("check", "-q", "--format", "github", cwd=site).out
    assert run("check", "--format", "github", "portal/auth", cwd=site).out == ""


@pytest.mark.parametrize(
    "more", ["--json", "--ndjson", "--tsv", "-1", "-0", "--fields=path", "--limit=2", "--sort=rule"]
)
def test_a_report_is_one_form(site: Path, more: str) -> None:
    done = run("check", "--format", "github", more, cwd=site)
    assert (done.exit, done.out) == (2, "")
    assert "contradict" in done.err


def test_a_format_that_is_none(site: Path) -> None:
    done = run("check", "--format", "junit", cwd=site)
    assert done.exit == 2
    assert "github, sarif" in done.err


def test_a_sarif_log_is_as_its_schema_says(site: Path) -> None:
    if not SCHEMA.is_file():
        pytest.skip(f"the schema of SARIF is not at {SCHEMA}")
    from jsonschema import Draft4Validator

    validator = Draft4Validator(json.loads(SCHEMA.read_text()), format_checker=Draft4Validator.FORMAT_CHECKER)
    broken(site)
    log = json.loads(run("check", "--format", "sarif", cwd=site).out)
    assert results(json.dumps(log))
    assert [error.message for error in validator.iter_errors(log)] == []
    log["runs"][0]["results"][0]["level"] = "notice"
    assert not validator.is_valid(log), "the schema is one that can refuse"
