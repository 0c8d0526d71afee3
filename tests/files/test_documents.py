"""What frontmatter means, and what is said about it when it means nothing."""

from __future__ import annotations

from typing import Any

import pytest
from frontmatter.default_handlers import YAMLHandler
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from tests.support.documents import HandMade, hand_made
from wrkq_files.files import typed
from wrkq_files.files.documents import Parsed, is_document, parse, read_nodes
from wrkq_files.model.fields import FIELDS, DocType
from wrkq_files.model.finding import Finding
from wrkq_files.model.rules import RULES


def read(text: str, kind: DocType = DocType.TASK, body: str = "", **more: Any) -> Parsed:
    return parse(f"---\n{text}\n---\n{body}".encode(), kind, "a.md", **more)


def fields(text: str, kind: DocType = DocType.TASK, **more: Any) -> dict[str, Any]:
    parsed = read(text, kind, **more)
    assert parsed.document is not None, parsed.findings
    return dict(parsed.document.fields)


def only(parsed: Parsed) -> Finding:
    (finding,) = parsed.findings
    return finding


@pytest.mark.parametrize(
    "text", ["0042", "no", "1e3", "12:30", "2026-01-19", "null", "~", "true", "0x1F", ".inf", "=", "9" * 5000]
)
def test_plain_text_stays_text_in_text_fields(text: str) -> None:
    assert fields(f"title: {text}\nlabels:\n  - {text}\n  - 'zz'") == {"title": text, "labels": (text, "zz")}
    assert fields(f"labels: [{text}]") == {"labels": (text,)}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0042", 42),
        ("1e3", 1000.0),
        ("no", "no"),
        ("'1'", "1"),
        ("true", True),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("9" * 5000, "9" * 5000),
        ("0x" + "F" * 6000, "0x" + "F" * 6000),
        ("1e999", "1e999"),
        (".nan", ".nan"),
        ("[1, a]", [1, "a"]),
        ("{x: ~}", {"x": None}),
        ("2026-01-19", "2026-01-19"),
        ("12:30", "12:30"),
    ],
)
def test_meta_and_unknown_keys_are_yaml_1_2_core(text: str, value: object) -> None:
    found = fields(f"meta:\n  v: {text}\nunknown: {text}")
    assert found == {"meta": {"v": value}, "unknown": value}
    assert type(found["unknown"]) is type(value)


def test_values_are_normalised() -> None:
    found = fields(
        "state: done\npriority: High\nid: t-4k9x2m7q\ntags: [b, a, b]\nblocked_by: t-8w2d5h0c\nestimate_hours: '8'"
    )
    assert found == {
        "state": "completed",
        "priority": 2,
        "id": "T-4K9X2M7Q",
        "labels": ("b", "a"),
        "blocked_by": ("T-8W2D5H0C",),
        "estimate_hours": 8,
    }


@pytest.mark.parametrize("empty", ["", " ", " # later", " ~", " null"])
def test_an_empty_value_is_absent(empty: str) -> None:
    assert read(f"title: x\ndue:{empty}\nassignee:{empty}\nmeta:{empty}\nscore:{empty}").findings == ()
    assert fields(f"title: x\ndue:{empty}\nassignee:{empty}\nmeta:{empty}\nscore:{empty}") == {"title": "x"}


def test_empty_collections_say_nothing() -> None:
    assert fields("labels: []\nblocked_by: []\nparticipants: []\nscore: {}") == {}


@pytest.mark.parametrize(
    ("text", "rule", "place", "allowed"),
    [
        ("title: [a]", "wrong-type", (2, 8), "one value"),
        ("priority: 9", "wrong-type", (2, 11), "1 (highest) to 4"),
        ("state: ready", "unknown-state", (2, 8), "idea, draft"),
        ("resolution: fixed", "bad-resolution", (2, 13), "done, wont_do"),
        ("id: T-123", "bad-id", (2, 5), "`-` and 8 characters"),
        ("id: P-4K9X2M7Q", "bad-id", (2, 5), "`T-` and 8 characters"),
        ("blocked_by: [T-1]", "bad-id", (2, 14), "an id"),
        ("blocked_by:\n  - T-4K9X2M7Q\n  -", "wrong-type", (4, 4), "a word"),
        ("labels: {a: b}", "wrong-type", (2, 9), "a list"),
        ("due: soon", "wrong-type", (2, 6), "a date"),
        ("score: {effort: 7}", "wrong-type", (2, 17), "from 1 to 3"),
        ("score: {effort: 3, fun: 3}", "wrong-type", (2, 20), "correctness"),
        ("score: 3", "wrong-type", (2, 8), "correctness"),
        ("participants: {actor: bob}", "wrong-type", (2, 15), "a list of maps"),
        ("past_targets: [{}]", "wrong-type", (2, 16), "`id`"),
        ("past_targets: [{id: [x]}]", "wrong-type", (2, 21), "one value"),
        ("participants:\n  - role: x", "wrong-type", (3, 5), "`actor`"),
        ("participants: [bob]", "wrong-type", (2, 16), "a list of maps"),
        ("kind: story", "wrong-type", (2, 7), "task, spike"),
        ("assignee: Bob Smith", "wrong-type", (2, 11), "a slug"),
        ("assignee: [bob]", "wrong-type", (2, 11), "one value"),
    ],
)
def test_a_value_that_does_not_fit(text: str, rule: str, place: tuple[int, int], allowed: str) -> None:
    parsed = read(text)
    finding = only(parsed)
    assert (finding.rule, finding.line, finding.column) == (rule, *place)
    assert allowed in finding.allowed
    assert parsed.document is not None
    assert parsed.document.fields == {}


def test_added_kinds_are_kinds() -> None:
    assert fields("kind: story", kinds=["story"]) == {"kind": "story"}
    assert only(read("kind: epic", kinds=["story"])).allowed == "one of task, spike, bug, chore, story"


def test_unknown_keys_are_kept_and_named() -> None:
    parsed = read("titel: x\nzzz: 1")
    assert [finding.rule for finding in parsed.findings] == ["unknown-key"] * 2
    assert "`title`" in parsed.findings[0].message
    assert parsed.document is not None
    assert parsed.document.fields == {"titel": "x", "zzz": 1}


@pytest.mark.parametrize("key", ["updated_at", "updated_by", "completed_at", "etag", "created_at"])
def test_derived_fields_are_not_read(key: str) -> None:
    parsed = read(f"{key}: 2026-01-01")
    assert only(parsed).rule == "derived-field"
    assert parsed.document is not None
    assert parsed.document.fields == {}


def test_unsorted_sets_are_a_notice() -> None:
    assert only(read("labels: [b, a]")).rule == "unsorted-set"
    assert only(read("labels: [a, a]")).rule == "unsorted-set"
    assert read("labels: [a, b]").findings == ()


@pytest.mark.parametrize(
    ("text", "rule", "place", "words"),
    [
        ("title: Fix: this", "yaml-syntax", (2, 11), "quote it: title: 'Fix: this'"),
        ("assignee: @bob", "yaml-syntax", (2, 11), "write `assignee: bob`"),
        ("a: 1\ntitle: [x] y", "yaml-syntax", (3, 8), "quote it: title: '[x] y'"),
        ("title: 'x", "yaml-syntax", (2, 8), "never closed"),
        ("title: *b*", "yaml-syntax", (2, 8), "quote it: title: '*b*'"),
        ("title: x\n\tdue: y", "yaml-syntax", (3, 1), "a tab indents"),
        ("meta: {a:}", "yaml-syntax", (2, 9), "mend the brackets"),
        ("meta: [a", "yaml-syntax", (2, 7), "never closed"),
        ("labels: - a", "yaml-syntax", (2, 9), "on its key's line"),
        ("%TAG ! x\n---x: 1\n", "yaml-feature", (2, 1), "directives"),
        ("title: it's: x", "yaml-syntax", (2, 12), "quote it"),
        ("a: &x 1", "yaml-feature", (2, 4), "anchors"),
        ("a: *x", "yaml-feature", (2, 4), "aliases"),
        ("a: !!str x", "yaml-feature", (2, 4), "tags"),
        ("%YAML 1.1", "yaml-feature", (2, 1), "directives"),
        ("<<: {a: b}", "yaml-feature", (2, 1), "merge keys"),
        ("? [a]\n: b", "yaml-feature", (2, 3), "a key is a list"),
        ("title: x\ntitle: y", "duplicate-key", (3, 1), "first in line 2"),
        ("meta:\n  a: 1\n  'a': 2", "duplicate-key", (4, 3), "first in line 3"),
        ("labels: a\ntags: b", "duplicate-key", (3, 1), "`tags` is read as `labels`"),
        ("- a", "not-a-mapping", (2, 1), "a list"),
        ("a: \x07", "control-characters", (2, 4), "U+0007"),
        ('a: "\\x07"', "control-characters", (2, 4), "U+0007"),
        ("a: b\rc: d", "control-characters", (2, 5), "U+000D"),
        ("a: " + "[" * 51, "too-deep", (2, 54), "50"),
        ("a: x\n...", "yaml-syntax", (3, 1), "`...`"),
        ("a: x\n--- # more", "yaml-syntax", (3, 1), "not the closing line"),
        ("a: " + "x" * 65536, "too-large", (1, 1), "frontmatter"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(text: str, rule: str, place: tuple[int, int], words: str) -> None:
    parsed = read(text)
    finding = only(parsed)
    assert parsed.document is None
    assert (finding.rule, finding.line, finding.column) == (rule, *place)
    assert words in finding.message + finding.remedy
    assert finding.remedy


def test_what_is_no_document_or_far_too_long_is_said_too() -> None:
    for data, rule in [
        (b"# x\n", "not-a-mapping"),
        (b"---", "unclosed-frontmatter"),
        (b"x" * (11 << 20), "too-large"),
    ]:
        assert only(parse(data, DocType.TASK, "a.md")).rule == rule
    body = b"---\n---\n\n" + b"x" * (10 << 20)
    assert parse(body, DocType.TASK, "a.md").findings == ()
    assert only(parse(body + b"x", DocType.TASK, "a.md")).rule == "too-large"


def test_a_very_long_key_has_no_neighbour() -> None:
    assert "did you mean" not in only(read("x" * 90 + ": 1")).message


def test_fifty_deep_is_not_too_deep() -> None:
    assert fields("a: " + "[" * 50 + "]" * 50)


def test_places_count_characters_and_not_the_byte_order_mark() -> None:
    data = "\ufeff---\r\ntitle: é😀\r\nstate: 😀\r\n---\r\n".encode()
    finding = only(parse(data, DocType.TASK, "a.md"))
    assert finding.place == "a.md:3:8"


def test_bad_utf8_has_a_place() -> None:
    finding = only(parse("---\ntitle: é".encode() + b"\xff\n---\n", DocType.TASK, "a.md"))
    assert (finding.rule, finding.line, finding.column) == ("bad-utf8", 2, 9)


MARKERS = "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n"


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (f"---\n{MARKERS}---\n", (2, 1)),
        (f"---\na: b\n---\n\n{MARKERS}", (5, 1)),
        (f"---\na: b\n---\n\n```\n{MARKERS}```\n", None),
        (f"---\na: b\n---\n\n```\n```\n{MARKERS}", (7, 1)),
        ("---\na: b\n---\n<<<<<<< HEAD\n>>>>>>> x\n=======\n", None),
        ("---\na: b\n---\n<<<<<<< HEAD\n```\n=======\nx\n>>>>>>> y\n", (4, 1)),
        (f"---\na: b\n---\n{MARKERS}".replace("\n", "\r\n"), (4, 1)),
        ("<<<<<<< HEAD\n---\na: b\n=======\n---\na: c\n>>>>>>> x\n---\n", (1, 1)),
    ],
)
def test_conflict_markers(data: str, found: tuple[int, int] | None) -> None:
    assert is_document(data.encode())
    parsed = parse(data.encode(), DocType.TASK, "a.md")
    assert [(each.rule, (each.line, each.column)) for each in parsed.findings if each.rule != "unknown-key"] == (
        [("conflict-markers", found)] if found else []
    )


@pytest.mark.parametrize(
    ("head", "answer"),
    [
        (b"---\n", True),
        (b"---\r\n", True),
        (b"\xef\xbb\xbf---\n", True),
        (b"---", True),
        (b"--- \n", False),
        (b"----\n", False),
        (b"\n---\n", False),
        (b" ---\n", False),
        (b"", False),
        (b"# x\n", False),
        (b"---x\n", False),
    ],
)
def test_is_document(head: bytes, answer: bool) -> None:
    assert is_document(head) is answer


@given(hand_made())
def test_python_frontmatter_recognises_what_is_a_document(made: HandMade) -> None:
    # Only this way round: it also takes `-----` and blank lines before the first `---`, and stumbles over a BOM.
    text = made.data.decode().removeprefix("\ufeff")
    assert YAMLHandler().detect(text)


@pytest.mark.parametrize(
    ("after", "body"),
    [
        ("", ""),
        ("\n", ""),
        ("\n\n", "\n"),
        ("x", "x"),
        ("\nx\n", "x\n"),
        ("\r\nx\r\n", "x\n"),
        ("---\n", "---\n"),
        ("\na\rb", "a\rb"),
    ],
)
def test_the_body_is_what_follows_one_blank_line(after: str, body: str) -> None:
    parsed = parse(f"---\na: b\n---\n{after}".encode(), DocType.TASK, "a.md")
    assert parsed.document is not None
    assert parsed.document.body == body


@given(hand_made())
def test_a_document_is_none_exactly_when_a_finding_is_unreadable(made: HandMade) -> None:
    parsed = parse(made.data, DocType.TASK, "a.md")
    assert (parsed.document is None) == any(RULES[finding.rule].unreadable for finding in parsed.findings)


def test_importing_the_reader_imports_no_yaml() -> None:
    import subprocess
    import sys

    code = (
        "import sys, wrkq_files.files.documents as d, wrkq_files.files.config_file as c, wrkq_files.files.edits\n"
        "d.parse(b'---\\ntitle: x\\nlabels:\\n  - a\\n---\\n', d.DocType.TASK, 'a.md')\n"
        "c.read_config(b'format: 1\\n', 'w')\n"
        "print(sorted({'yaml', 'ruamel', 'jsonschema', 'frontmatter', 'difflib'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


_KEYS = st.sampled_from(sorted({*FIELDS[DocType.TASK], *FIELDS[DocType.COMMENT], "duties", "tags", "etag", "zzz"}))
_TEXTS = st.sampled_from(
    [
        "open",
        "done",
        "todo",
        "bug",
        "x",
        "x y",
        "T-00000001",
        "t-0000000a",
        "P-00000001",
        "C-00000001",
        "2026-01-19",
        "2026-01-19T14:24:16Z",
        "2026-13-01",
        "1",
        "3",
        "5",
        "high",
        "HIGH",
        "1.5",
        "-1",
        "0x1F",
        "true",
        "null",
        "~",
        "Null",
        "'null'",
        '"3"',
        "''",
        '"a: b"',
        "'a",
        "robin",
        "Robin",
        "planner",
        "pass",
        "0042",
        "é",
        "x: y",
        "[a]",
    ]
)
_LISTS = st.lists(_TEXTS, min_size=1, max_size=3).map(lambda texts: "".join(f"\n  - {text}" for text in texts))
_LINES = st.lists(st.tuples(_KEYS, _TEXTS.map(" {}".format) | _LISTS), max_size=4).map(
    lambda pairs: "".join(f"{key}:{value}\n" for key, value in pairs)
)


@settings(max_examples=2000, deadline=None)
@given(_LINES, st.sampled_from(DocType), st.sampled_from([(), ("x",), None]))
@example("assignee: null\n", DocType.TASK, ())
@example("labels: null\n", DocType.TASK, ())
@example("labels:\n  - ~\n", DocType.TASK, ())
@example("labels:\n  - b\n  - a\n", DocType.TASK, ())
@example("blocked_by:\n  - t-00000002\n  - T-00000002\n", DocType.TASK, ())
@example("tags:\n  - a\nlabels:\n  - a\n", DocType.TASK, ())
@example("id: P-00000001\n", DocType.TASK, ())
@example("duties:\n  - planner\n", DocType.ACTOR, ())
def test_flat_frontmatter_is_read_as_its_nodes_are(text: str, kind: DocType, kinds: tuple[str, ...] | None) -> None:
    quick = typed.flat_fields(text, kind, kinds)
    event("flat" if quick is not None else "by its nodes")
    if quick is None:
        return
    reports: list[str] = []
    slow = typed.fields_of(read_nodes(text), kind, lambda *report: reports.append(report[0]), kinds)
    assert (list(quick.items()), reports) == (list(slow.items()), [])
    assert [*map(type, quick.values())] == [*map(type, slow.values())]


def test_usual_frontmatter_needs_no_nodes() -> None:
    text = "title: 'A: b'\nid: T-00000001\nstate: done\npriority: high\n"
    text += "blocked_by:\n  - t-00000002\nlabels:\n  - a\n  - b\n"
    assert typed.flat_fields(text, DocType.TASK) == {
        "title": "A: b",
        "id": "T-00000001",
        "state": "completed",
        "priority": 2,
        "blocked_by": ("T-00000002",),
        "labels": ("a", "b"),
    }


def test_what_a_field_remembers_is_bounded() -> None:
    for number in range(1000):
        typed.flat_fields(f"assignee: robin-{number}\n", DocType.TASK)
    assert len(typed._table(DocType.TASK, ())["assignee"].known) <= 256
