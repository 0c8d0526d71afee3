"""What a person in a hurry is told: the place, what is wrong, and the very text that mends it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wrkq_files.files.documents import Parsed, parse
from wrkq_files.files.split import is_document
from wrkq_files.model.fields import DocType
from wrkq_files.model.finding import Finding


def read(frontmatter: str) -> Parsed:
    return parse(f"---\n{frontmatter}\n---\n".encode(), DocType.TASK, "a.md")


def first(frontmatter: str) -> Finding:
    return read(frontmatter).findings[0]


#: frontmatter, line and column, a part of the message, the remedy
SYNTAX = [
    ("title: Login: slow", (2, 13), "cannot hold `: `", "quote it: title: 'Login: slow'"),
    ("title: Do this:", (2, 15), "cannot end with `:`", "quote it: title: 'Do this:'"),
    ("title: it's: so", (2, 12), "cannot hold `: `", 'quote it: title: "it\'s: so"'),
    ("title: “Ship: it”", (2, 13), "cannot hold `: `", "quote it: title: 'Ship: it'"),
    ("assignee: @robin", (2, 11), "begin with `@`", "write `assignee: robin`"),
    ("title: @robin asks", (2, 8), "begin with `@`", "quote it: title: '@robin asks'"),
    ("labels:\n  - @home", (3, 5), "begin with `@`", "quote it: - '@home'"),
    ("labels: [a, @home, b]", (2, 13), "begin with `@`", "quote it: labels: [a, '@home', b]"),
    ("title: `code` x", (2, 8), "begin with a backtick", "quote it: title: '`code` x'"),
    ("title: > quote", (2, 8), "begin with `>`", "quote it: title: '> quote'"),
    ("title: - x", (2, 8), "a list cannot begin", "quote it: title: '- x'"),
    ("title: 'Don't do it'", (2, 8), "text follows the closing `'`", 'quote it: title: "Don\'t do it"'),
    ('title: "a" and "b"', (2, 8), 'text follows the closing `"`', 'quote it: title: \'"a" and "b"\''),
    ("title: [wip] Ship", (2, 8), "text follows the closing `]`", "quote it: title: '[wip] Ship'"),
    ('title: "never closed\nstate: open', (2, 8), "never closed", 'close it: "never closed"'),
    ('title: "C:\\path"', (2, 11), "`\\p` is no escape", "quote it: title: 'C:\\path'"),
    ("labels: [a, b\nstate: open", (2, 9), "the `[` is never closed", "close it: [a, b]"),
    ("meta: {a: 1 # one", (2, 7), "the `{` is never closed", "close it: {a: 1}"),
    ('"title": "x",\n"state": "open"', (2, 13), "a comma ends the value", 'write `"title": "x"`'),
    ("labels: [a, b],", (2, 15), "a comma ends the value", "write `labels: [a, b]`"),
    ("title x\nstate: open", (2, 6), "a `:` is missing", "write `title: x`"),
    ("title = x\nstate: open", (2, 6), "`=` stands for", "write `title: x`"),
    ("title:x\nstate: open", (2, 6), "a space is missing", "write `title: x`"),
    ("title:x", (2, 6), "a space is missing", "write `title: x`"),
    ("title:\u00a0x", (2, 6), "a no-break space follows", "write `title: x`"),
    ("title: x\n state: open", (3, 2), "indented more", "write `state: open` below it"),
    (
        "title: goes on\nand on\nstate: open",
        (3, 1),
        "no `key: value`",
        "indent it when it goes on with the value above",
    ),
    ("title: x\n\tstate: open", (3, 1), "a tab indents", "indent with spaces"),
    ("title: x\n=======\nstate: open\n>>>>>>> theirs", (3, 1), "left over from a merge", "choose a side"),
    ("title: !important", (2, 8), "tags are not allowed", "quote it: title: '!important'"),
    ("title: &more", (2, 8), "anchors are not allowed", "quote it: title: '&more'"),
    ("title: *more", (2, 8), "aliases are not allowed", "quote it: title: '*more'"),
    ("title: x\n--- \nstate: open", (3, 1), "not the closing line", "remove what follows"),
]


@pytest.mark.parametrize(("text", "place", "message", "remedy"), SYNTAX, ids=[case[0][:30] for case in SYNTAX])
def test_what_is_said_of_a_line(text: str, place: tuple[int, int], message: str, remedy: str) -> None:
    parsed = read(text)
    assert parsed.document is None
    [finding] = parsed.findings
    assert (finding.line, finding.column) == place
    assert message in finding.message
    assert remedy in finding.remedy


#: A remedy that is the line as it should be.
LINE = re.compile(r"(?:quote it: |write `?)([\w\"-].*?: .*?|- .*?)`?( below it)?$")


@pytest.mark.parametrize("text", [case[0] for case in SYNTAX if LINE.search(case[3])])
def test_typing_what_is_said_mends_it(text: str) -> None:
    finding = first(text)
    said = LINE.search(finding.remedy)
    assert said
    lines = text.split("\n")
    old = lines[finding.line - 2]
    indent = "" if said[2] else old[: len(old) - len(old.lstrip())]
    lines[finding.line - 2] = indent + said[1]
    after = read("\n".join(lines)).findings
    assert [each for each in after if (each.line, each.rule) == (finding.line, finding.rule)] == []


#: frontmatter, the remedy
VALUES = [
    ("state: doing", "write `state: in_progress`"),
    ("state: In Progress", "write `state: in_progress`"),
    ("state: Done", "write `state: completed`"),
    ("state: opne", "write `state: open`"),
    ("state: open,", "write `state: open`"),
    ("state: “open”", "write `state: open`"),
    ("state: 'open '", "write `state: open`"),
    ("state: canceled", "write `state: cancelled`"),
    ("resolution: wontfix", "write `resolution: wont_do`"),
    ("resolution: fixed", "write `resolution: done`"),
    ("kind: Bug", "write `kind: bug`"),
    ("priority: P1", "write `priority: 1`"),
    ("priority: urgent", "write `priority: 1`"),
    ("priority: hihg", "write `priority: high`"),
    ("priority: 2,", "write `priority: 2`"),
    ("due: 19.01.2026", "write `due: 2026-01-19`"),
    ("due: 01/19/2026", "write `due: 2026-01-19`"),
    ("due: 19/01/2026", "write `due: 2026-01-19`"),
    ("due: 2026/1/9", "write `due: 2026-01-09`"),
    ("due: 20260119", "write `due: 2026-01-19`"),
    ("due: Jan 19, 2026", "write `due: 2026-01-19`"),
    ("due: 19th January 2026", "write `due: 2026-01-19`"),
    ("estimate_hours: 1,5", "write `estimate_hours: 1.5`"),
    ("estimate_hours: 3h", "write `estimate_hours: 3`"),
    ("assignee: '@robin'", "write `assignee: robin`"),
    ("assignee: Robin Example", "write `assignee: robin-example`"),
    ("assignee: [[robin]]", "write `assignee: robin`"),
    ("assignee: '[[robin|Robin]]'", "write `assignee: robin`"),
    ("assignee: [robin, mara]", "keep one: `assignee: robin`"),
    ("title: [wip]", "quote it: title: '[wip]'"),
    ("labels: {ux: true}", "write `labels: [ux]`"),
    ("blocked_by: T-AAAAAAA1, t-aaaaaaa2", "write `blocked_by: [T-AAAAAAA1, t-aaaaaaa2]`"),
    ("blocked_by: [T-AAAAAAAO]", "write `T-AAAAAAA0`"),
    ("blocked_by: [inbox/other]", "write the id that `wrkq stat inbox/other` shows"),
    ("parent: $(touch x)", "correct the id, or remove it"),
    ("titel: x", "write `title:`"),
    ("depends_on: [T-AAAAAAAA]", "write `blocked_by:`"),
]


@pytest.mark.parametrize(("text", "remedy"), VALUES, ids=[case[0] for case in VALUES])
def test_what_was_meant(text: str, remedy: str) -> None:
    finding = first(text)
    assert finding.remedy.startswith(remedy)
    typed = re.fullmatch(r"(?:write|quote it:|keep one:) `?([a-z_]+: .*?)`?", finding.remedy)
    if typed:
        assert [each for each in read(typed[1]).findings if each.rule != "unsorted-set"] == []


@pytest.mark.parametrize(
    "text", ["due: 02/03/2026", "due: tomorrow", "priority: 5", "state: zzz", "estimate_hours: no"]
)
def test_where_there_is_nothing_to_guess(text: str) -> None:
    finding = first(text)
    assert "write `" not in finding.remedy
    assert finding.allowed
    assert finding.remedy


def test_a_day_that_there_is_not() -> None:
    assert first("due: 2026-02-30").allowed == "a day that the calendar has, and a time of the day"


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("---\ntitle: x\n--- \n\nBody\n", (3, 1), "`--- ` does not close"),
        ("---\r\ntitle: x\r\n----\r\n", (3, 1), "`----` does not close"),
        ("---\ntitle: x\n—\n", (3, 1), "`—` does not close"),
        ("---\ntitle: x\n...\n", (3, 1), "`...` does not close"),
        ("---\ntitle: x\n\nBody\n", (1, 1), "never closed"),
    ],
)
def test_a_line_that_was_meant_to_close(text: str, place: tuple[int, int], message: str) -> None:
    [finding] = parse(text.encode(), DocType.TASK, "a.md").findings
    assert (finding.rule, finding.line, finding.column) == ("unclosed-frontmatter", *place)
    assert message in finding.message


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_utf_16_is_said_to_be_it(encoding: str) -> None:
    text = "---\ntitle: x\n---\n"
    data = (text if encoding == "utf-16" else "\ufeff" + text).encode(encoding)
    assert is_document(data)
    [finding] = parse(data, DocType.TASK, "a.md").findings
    assert (finding.rule, finding.message) == ("bad-utf8", "the file is UTF-16")


@given(st.text(st.sampled_from("abt:-=[]{}'\"@`#,\\ \n\t\u00a0“”|>!&*%?"), max_size=40))
def test_there_is_always_something_to_say(text: str) -> None:
    for finding in read(text).findings:
        assert finding.message
        assert finding.remedy
        assert finding.line >= 1
