"""An edit changes only the bytes it must: the law, on generated files, and the styles one by one."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import assume, event, example, given, settings
from hypothesis import strategies as st

from tests.support.documents import BODIES, LINES, TEXTS, HandMade, fields, hand_made
from wrkq_files.errors import WrkqError
from wrkq_files.files import edits, split
from wrkq_files.files.documents import parse
from wrkq_files.model.document import Document
from wrkq_files.model.fields import FIELDS, DocType
from wrkq_files.model.items import find_items
from wrkq_files.model.values import same

TASK = DocType.TASK


def read(data: bytes, kind: DocType = TASK) -> Document:
    parsed = parse(data, kind, "a.md")
    assert parsed.document is not None, parsed.findings
    return parsed.document


def readable(made: HandMade) -> Document:
    parsed = parse(made.data, TASK, "a.md")
    assume(parsed.document is not None)
    assert parsed.document is not None
    return parsed.document


def normal(found: Mapping[str, Any]) -> dict[str, Any]:
    """Fields with sets in one order and without what says nothing."""
    sets = ("labels", "blocked_by", "relates_to", "duties", "emails")
    return {
        name: sorted(value) if name in sets else value for name, value in found.items() if value not in ((), {}, [])
    }


def changed_lines(before: bytes, after: bytes) -> tuple[list[bytes], list[bytes]]:
    """The lines that went and the lines that came."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    gone: list[bytes] = []
    come: list[bytes] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            gone += old[a:b]
            come += new[c:d]
    return gone, come


def edit_or_refusal(data: bytes, changes: Mapping[str, Any]) -> bytes | None:
    """The edited bytes, or None for a refusal with a way out; every other error is the test's."""
    try:
        return edits.set_fields(data, TASK, changes)
    except WrkqError as refusal:
        if refusal.code == "refused" and refusal.hint:
            return None
        raise


# Laws.


@settings(deadline=None)
@given(hand_made())
def test_reading_and_writing_nothing_is_nothing(made: HandMade) -> None:
    document = readable(made)
    assert edits.set_fields(made.data, TASK, {}) == made.data
    assert edits.set_fields(made.data, TASK, dict(document.fields)) == made.data
    assert edits.set_body(made.data, document.body) == made.data


@settings(deadline=None, max_examples=400)
@given(hand_made(), fields(TASK), st.sets(st.sampled_from(sorted(FIELDS[TASK]))))
def test_an_edit_is_exactly_the_one_asked_for_or_refused(
    made: HandMade, values: dict[str, Any], removed: set[str]
) -> None:
    document = readable(made)
    changes: dict[str, Any] = {**values, **dict.fromkeys(removed)}
    after = edit_or_refusal(made.data, changes)
    if after is None:
        event("refused")
        return
    expected = {name: value for name, value in {**document.fields, **changes}.items() if value is not None}
    assert same(normal(read(after).fields), normal(expected))
    assert split.split(after).raw_body == split.split(made.data).raw_body


@settings(deadline=None, max_examples=400)
@given(hand_made(), st.sampled_from(["title", "assignee", "due", "priority", "state"]), st.data())
def test_setting_one_scalar_changes_one_entry(made: HandMade, name: str, data: st.DataObject) -> None:
    document = readable(made)
    choices = {"title": LINES.filter(bool), "assignee": st.just("bob"), "due": st.just("2027-01-01")}
    value = data.draw(
        choices.get(name, st.sampled_from([1, 2, 3, 4] if name == "priority" else ["draft", "completed"]))
    )
    after = edits.set_fields(made.data, TASK, {name: value})
    gone, come = changed_lines(made.data, after)
    if document.get(name) == value:
        assert after == made.data
        return
    assert len(come) == 1
    assert name.encode() in (gone + come)[0] or gone[0].startswith(b" ")
    # More lines go only where the old value stood on more.
    assert len(gone) <= 1 or document.get(name) is not None
    for line in gone:
        comment = line.partition(b"#")[2].rstrip()
        assert comment in come[0] or comment.decode() in str(document.get(name))


@settings(deadline=None, max_examples=400)
@given(hand_made(), st.lists(st.sampled_from(["a", "b", "c", "m n", "0042", "x:y"]), unique=True, max_size=4))
@example(HandMade(b"---\ntitle: |\n  literal\nlabels:\n  - a\n  - b\n  # indented\n---\n", (" indented\n",)), [])
@example(HandMade(b"---\ntitle: |+\n  kept\n\n  # its own\nlabels:\n  - a\n\n---\n", ()), [])
def test_a_set_edit_keeps_the_other_items_bytes(made: HandMade, labels: list[str]) -> None:
    document = readable(made)
    after = edit_or_refusal(made.data, {"labels": tuple(labels)})
    if after is None:
        # A literal text right above that keeps its blank lines would take one that followed the labels for its own.
        assert not labels
        assert re.search(rb"\|\+\r?\n  kept\r?\n(?:(?:  .+)?\r?\n)+(?:labels|tags):", made.data)
        return
    assert sorted(read(after).labels) == sorted(labels)
    gone, come = changed_lines(made.data, after)
    if labels and set(labels) > set(document.labels) and document.labels:
        # Only additions: every old line is there, but one (or a literal text) that held the whole set.
        assert len(gone) <= 1 or b": |" in gone[0]
    kept = b"".join(come)
    for line in gone:
        comment = line.partition(b"#")[2].strip()
        assert not comment or comment in kept or not set(document.labels) <= set(labels)


@settings(deadline=None, max_examples=400)
@given(hand_made(), st.sampled_from(["title", "summary", "reason"]), TEXTS)
def test_any_text_can_be_set_and_costs_no_comment(made: HandMade, name: str, text: str) -> None:
    document = readable(made)
    after = edits.set_fields(made.data, TASK, {name: text})
    assert same(normal(read(after).fields), normal({**document.fields, name: text}))
    gone, come = changed_lines(made.data, after)
    kept = b"".join(come)
    for line in gone:
        comment = line.partition(b"#")[2].rstrip()
        assert comment in kept or comment.decode() in str(document.get(name))


@settings(deadline=None, max_examples=200)
@given(fields(TASK), BODIES)
def test_what_is_written_is_read_back(values: dict[str, Any], body: str) -> None:
    data = edits.write(TASK, values, body)
    document = read(data)
    assert same(normal(document.fields), normal(values))
    assert document.body == (body.rstrip("\n") + "\n" if body.strip("\n") else "")
    assert parse(data, TASK, "a.md").findings == ()


@pytest.mark.parametrize("kind", [each for each in DocType if each is not TASK])
@settings(deadline=None, max_examples=60)
@given(st.data())
def test_other_documents_are_read_back_too(kind: DocType, data: st.DataObject) -> None:
    values = data.draw(fields(kind))
    written = edits.write(kind, values, "Text.")
    assert same(normal(read(written, kind).fields), normal(values))
    others = data.draw(fields(kind))
    after = edits.set_fields(written, kind, {**dict.fromkeys(values), **others})
    assert same(normal(read(after, kind).fields), normal(others))


@settings(deadline=None, max_examples=300)
@given(fields(TASK), fields(TASK))
@example({}, {"title": "0042\n ", "id": "T-00000000"})
def test_files_the_tool_wrote_take_every_edit(old: dict[str, Any], new: dict[str, Any]) -> None:
    after = edits.set_fields(edits.write(TASK, old, "Body."), TASK, new)
    assert same(normal(read(after).fields), normal({**old, **new}))


LEAVES = (
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["a", "x y", "", "# no", ": c", "[]", "1\n2"])
)
NESTED = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
META = st.dictionaries(st.sampled_from(["k", "l"]), NESTED, min_size=1, max_size=2)


@settings(deadline=None, max_examples=300)
@given(META, META, st.sampled_from(["block", "flow", "half"]))
@example({"k": [[None]]}, {"k": [[None, []]]}, "block")
@example({"k": [["a"]]}, {"k": [["a", {}], "b"]}, "flow")
def test_values_in_values_take_every_edit(old: dict[str, Any], new: dict[str, Any], style: str) -> None:
    flow = {"flow": f"meta: {json.dumps(old)}\n"}
    flow["half"] = "meta:\n" + "".join(f"  {name}: {json.dumps(value)}\n" for name, value in old.items())
    data = f"---\n{flow[style]}---\n".encode() if style in flow else edits.write(TASK, {"meta": old}, "")
    assert same(read(data).get("meta"), old)
    assert same(read(edits.set_fields(data, TASK, {"meta": new})).get("meta"), new)


@settings(deadline=None)
@given(hand_made(), BODIES | TEXTS)
def test_set_body_keeps_the_frontmatter(made: HandMade, body: str) -> None:
    readable(made)
    after = edits.set_body(made.data, body)
    assert read(after).body == body
    spans = split.split(made.data)
    assert after.decode().startswith(spans.text[: spans.close])


def test_set_body_keeps_the_line_ends_of_lines_that_stay() -> None:
    data = b"---\na: b\n---\n\none\r\ntwo\nthree\r\nfour\n"
    assert edits.set_body(data, "one\ntwo\nTHREE\nfour\n") == b"---\na: b\n---\n\none\r\ntwo\nTHREE\r\nfour\n"
    assert edits.set_body(b"---\r\na: b\r\n---", "x\ny\n") == b"---\r\na: b\r\n---\r\n\r\nx\r\ny\r\n"
    assert edits.set_body(b"---\na: b\n---\nx", "y") == b"---\na: b\n---\ny"


# Styles.

FILE = """---
# about the title
title: 'Login UX'  # t
id: T-4K9X2M7Q
due: # when
assignee:
labels:   # why
  # first
  - auth
  - web # beside
  # after
blocked_by: [T-8W2D5H0C, T-8W2D5H0D]
summary: |
  one
  two

# about meta
meta:
  a: 1
  b: [1, 2]
score: {effort: 3}
participants:
  - actor: bob
    role: x
  - actor: al # hi
custom: x
---

Body
"""


@pytest.mark.parametrize(
    ("changes", "gone", "come"),
    [
        ({"title": "It's"}, ["title: 'Login UX'  # t"], ["title: 'It''s'  # t"]),
        ({"title": "two\nlines"}, ["title: 'Login UX'  # t"], ['title: "two\\nlines"  # t']),
        ({"title": None}, ["title: 'Login UX'  # t"], []),
        ({"due": "2026-01-01"}, ["due: # when"], ["due: 2026-01-01 # when"]),
        ({"assignee": "007"}, ["assignee:"], ["assignee: '007'"]),
        ({"state": "draft"}, [], ["state: draft"]),
        ({"labels": ("auth", "cli", "web")}, [], ["  - cli"]),
        ({"labels": ("web",)}, ["  - auth"], []),
        ({"labels": ("aa", "auth", "web", "zz")}, [], ["  - aa", "  - zz"]),
        ({"labels": ()}, ["labels:   # why", "  # first", "  - auth", "  - web # beside"], []),
        (
            {"blocked_by": ("T-8W2D5H0C",)},
            ["blocked_by: [T-8W2D5H0C, T-8W2D5H0D]"],
            ["blocked_by: [T-8W2D5H0C]"],
        ),
        (
            {"blocked_by": ("T-8W2D5H0C", "T-8W2D5H0D", "T-8W2D5H09")},
            ["blocked_by: [T-8W2D5H0C, T-8W2D5H0D]"],
            ["blocked_by: [T-8W2D5H09, T-8W2D5H0C, T-8W2D5H0D]"],
        ),
        ({"summary": "one\nTWO"}, ["summary: |", "  two"], ["summary: |-", "  TWO"]),
        ({"summary": "short"}, ["summary: |", "  one", "  two"], ["summary: short"]),
        ({"meta": {"a": 2, "b": [1, 2]}}, ["  a: 1"], ["  a: 2"]),
        (
            {"meta": {"a": 1, "b": [1, 2, None], "c": {"d": "no"}}},
            ["  b: [1, 2]"],
            ["  b: [1, 2, null]", "  c:", "    d: no"],
        ),
        ({"score": {"effort": 3, "correctness": 1}}, ["score: {effort: 3}"], ["score: {correctness: 1, effort: 3}"]),
        ({"participants": ({"actor": "bob", "role": "y"}, {"actor": "al"})}, ["    role: x"], ["    role: y"]),
        ({"participants": ({"actor": "al"},)}, ["  - actor: bob", "    role: x"], []),
        (
            {"participants": ({"actor": "al"}, {"actor": "bob", "role": "x"})},
            ["  - actor: al # hi"],
            ["  - actor: al # hi"],
        ),
        ({"custom": {"deep": [1]}}, ["custom: x"], ["custom:", "  deep:", "    - 1"]),
        ({"another": "yes"}, [], ["another: yes"]),
    ],
)
@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_only_these_lines_change(changes: dict[str, Any], gone: list[str], come: list[str], eol: str) -> None:
    before = FILE.replace("\n", eol).encode()
    lost, won = changed_lines(before, edits.set_fields(before, TASK, changes))
    assert (lost, won) == ([(line + eol).encode() for line in gone], [(line + eol).encode() for line in come])


@pytest.mark.parametrize(
    ("before", "changes", "after"),
    [
        ("tags: [a]\n", {"labels": ("a", "b")}, "tags: [a, b]\n"),
        ("labels: a\n", {"labels": ("a", "b")}, "labels: [a, b]\n"),
        ("labels: a\n", {"labels": ("b",)}, "labels: b\n"),
        ("labels:\n- a\n", {"labels": ("a", "b")}, "labels:\n- a\n- b\n"),
        ("labels:\n    - 'a'\n", {"labels": ("a", "b")}, "labels:\n    - 'a'\n    - 'b'\n"),
        ("labels:\n  -   a\n", {"labels": ("a", "b")}, "labels:\n  -   a\n  -   b\n"),
        ('labels: ["a"]\n', {"labels": ("a", "b")}, 'labels: ["a", "b"]\n'),
        ("labels: []\n", {"labels": ("b",)}, "labels:\n  - b\n"),
        ("labels: # c\n", {"labels": ("b",)}, "labels: # c\n  - b\n"),
        ("labels: [z, a]\n", {"labels": ("z", "a", "b")}, "labels: [z, a, b]\n"),
        ("labels: [a, b,]\n", {"labels": ("a",)}, "labels: [a,]\n"),
        ("labels: [\n  a, # c\n  b\n]\n", {"labels": ("a",)}, "labels: [\n  a, # c\n]\n"),
        ("id: T-4K9X2M7Q\n", {"title": "x"}, "title: x\nid: T-4K9X2M7Q\n"),
        ("# c\nid: T-4K9X2M7Q\n", {"title": "x"}, "title: x\n# c\nid: T-4K9X2M7Q\n"),
        ("title: x\ncreated: 2026-01-01\n", {"state": "draft"}, "title: x\nstate: draft\ncreated: 2026-01-01\n"),
        (
            "labels:\n  - a\n  # b\n# next\nmeta: 1\n",
            {"summary": "s"},
            "labels:\n  - a\n  # b\nsummary: s\n# next\nmeta: 1\n",
        ),
        (
            "summary: |+\n  x\n\n\n# c\nmeta: 1\n",
            {"parent": "T-4K9X2M7Q"},
            "summary: |+\n  x\n\n\nparent: T-4K9X2M7Q\n# c\nmeta: 1\n",
        ),
        ("", {"title": "x", "state": "draft"}, "title: x\nstate: draft\n"),
        ("# only this\n", {"title": "x"}, "# only this\ntitle: x\n"),
        ("title: goes\n  on # c\n", {"title": "x"}, "title: x # c\n"),
        ("title:\n  below # c\n", {"title": "x"}, "title:\n  x # c\n"),
        ("title: |\n  a\n  b\n", {"title": "c\nd\n"}, "title: |\n  c\n  d\n"),
        ("title: >-\n  a\n", {"title": "c"}, "title: c\n"),
        ("priority: high\n", {"priority": 1}, "priority: 1\n"),
        ("priority: high\n", {"priority": 2}, "priority: high\n"),
        ("priority: banana\n", {"priority": 2}, "priority: 2\n"),
        ("assignee: [bob]\n", {"assignee": "al"}, "assignee: al\n"),
        ("state: todo # c\n", {"state": "open"}, "state: todo # c\n"),
        (
            "{title: x, labels: [a]}\n",
            {"state": "draft", "labels": ("a", "b")},
            "{title: x, state: draft, labels: [a, b]}\n",
        ),
        ("meta:\n  - a: 1\n    b: 2\n", {"meta": [{"b": 2}]}, "meta:\n  - b: 2\n"),
        (
            "blocked_reason: a\n  # of a\n",
            {"score": {"effort": 2}},
            "blocked_reason: a\nscore: {effort: 2}\n  # of a\n",
        ),
        (
            "score:\n  effort: 2 # c\n",
            {"score": {"correctness": 1, "effort": 2}},
            "score:\n  correctness: 1\n  effort: 2 # c\n",
        ),
        ("{}\n", {"title": "x"}, "{title: x}\n"),
        ("meta: {}\n", {"meta": {"a": 1}}, "meta:\n  a: 1\n"),
        ("meta: {a: {}}\n", {"meta": {"a": {"b": 1}}}, "meta: {a: {b: 1}}\n"),
        ("meta: {a: 1, b: 2}\n", {"meta": {"a": [1], "b": 2}}, "meta: {a: [1], b: 2}\n"),
        ("meta: {a: }\n", {"meta": {"a": 1}}, "meta: {a: 1}\n"),
        ("meta: [a, [b]]\n", {"meta": ["a", ["b", "c"]]}, "meta: [a, [b, c]]\n"),
        ("meta: [a, []]\n", {"meta": ["a", ["c"]]}, "meta: [a, [c]]\n"),
        ("meta: [a, b]\n", {"meta": ["b", "a"]}, "meta: [b, a]\n"),
        ("meta: [a, b]\n", {"meta": ["a", {"b": 1}]}, "meta: [a, {b: 1}]\n"),
        ("meta: [a, a]\n", {"meta": ["a", {"b": 1}]}, "meta: [a, {b: 1}]\n"),
        ("meta: [a, a, b]\n", {"meta": ["a", "c"]}, "meta: [a, c]\n"),
        ("meta:\n  - a\n  - a\n", {"meta": ["a", {"b": 1}]}, "meta:\n  - a\n  - b: 1\n"),
        ("meta:\n  - a\n  - a\n", {"meta": ["a", "a", ["b"]]}, "meta:\n  - a\n  - a\n  - [b]\n"),
        ("meta:\n  - - a\n", {"meta": [["a", "b"]]}, "meta:\n  - [a, b]\n"),
        ("meta:\n  a: 1\n", {"meta": {"a": 1, "b": "x\ny\n"}}, "meta:\n  a: 1\n  b: |\n    x\n    y\n"),
        ("meta:\n  a: 1 # c\n", {"meta": {"a": "x\ny"}}, 'meta:\n  a: "x\\ny" # c\n'),
        ("meta:\n  a: [1]\n", {"meta": {"a": 2}}, "meta:\n  a: 2\n"),
        ("meta:\n  a: # c\n    - 1\n", {"meta": {"a": 2}}, "meta:\n  a: 2 # c\n"),
        ("meta: 1\n", {"meta": {}}, ""),
        ("labels: [a, # on a\n  b]\n", {"labels": ("a",)}, "labels: [a, # on a\n  ]\n"),
        ("labels: [\n  b,\n  c\n]\n", {"labels": ("a", "b", "c")}, "labels: [\n  a,\n  b,\n  c\n]\n"),
        ("labels: [b,\n    c]\n", {"labels": ("b", "c", "d")}, "labels: [b,\n    c,\n    d]\n"),
        ("labels: a, b\n", {"labels": ("a, b", "c")}, "labels: ['a, b', c]\n"),
        ("labels: |-\n  a\n", {"labels": ("a", "b")}, "labels:\n  - a\n  - b\n"),
        ("labels:\n  -\n    a\n  - b\n", {"labels": ("b",)}, "labels:\n  - b\n"),
        ("score: {effort: 2}\n", {"score": {"effort": 2, "confidence": 1}}, "score: {effort: 2, confidence: 1}\n"),
        ("title: |\n  a\nlabels:\n  - b\n  # c\n  # d\n", {"labels": ()}, "title: |\n  a\n# c\n  # d\n"),
        ("title: >\n  a\nlabels: [b]\n\n  # c\n", {"labels": ()}, "title: >\n  a\n\n# c\n"),
        ("title: |\n    a\nlabels: [b]\n  # c\n", {"labels": ()}, "title: |\n    a\n  # c\n"),
        ("title: |\n  a\n# c\nlabels: [b]\n  # d\n", {"labels": ()}, "title: |\n  a\n# c\n  # d\n"),
        ("title: |2\n  a\nlabels: [b]\n  # c\n", {"labels": ()}, "title: |2\n  a\n# c\n"),
        ("title: |\nlabels: [b]\n # c\n", {"labels": ()}, "title: |\n# c\n"),
        ("title: | # c\n  a\n", {"title": "b"}, "title: b # c\n"),
        ("title: >-  # c\n  a\n", {"title": "b\nc"}, "title: |-  # c\n  b\n  c\n"),
        ("title: >-  # c\n  a\n # d\n", {"title": "b\x85\nc"}, 'title: "b\\N\\nc"  # c\n # d\n'),
        ("labels: |- # c\n  a\n", {"labels": ("a", "b")}, "labels: # c\n  - a\n  - b\n"),
        ("meta:\n  a: |- # c\n    b\n", {"meta": {"a": [1]}}, "meta:\n  a: # c\n    - 1\n"),
        ("title: |-\n  a\n   \n", {"id": "T-4K9X2M7Q"}, "title: |-\n  a\n   \nid: T-4K9X2M7Q\n"),
        ("title: |-\n  a\n   \n  \n# c\n", {"title": "b"}, "title: b\n  \n# c\n"),
        ("title: |2\n   \nstate: open\n", {"id": "T-4K9X2M7Q"}, "title: |2\n   \nid: T-4K9X2M7Q\nstate: open\n"),
        ("title: |+\r\n  a\r\n\r\n", {"title": "b"}, "title: b\r\n"),
        ("meta:\n  - a\n  - a\n", {"meta": ["\nb", "a"]}, "meta:\n  - |2-\n\n    b\n  - a\n"),
        ("meta:\n  - - a\n    - a\n", {"meta": [["\nb", "a"]]}, "meta:\n  - - |2-\n\n      b\n    - a\n"),
        ("meta:\n  - a: b\n", {"meta": [{"a": "\nb"}]}, "meta:\n  - a: |2-\n\n      b\n"),
        ("meta:\n  -a: b\n", {"meta": {"-a": "\nb"}}, "meta:\n  -a: |2-\n\n    b\n"),
        ("meta:\n- |\n  a\n- b\n  # c\n", {"meta": ["a\n"]}, "meta:\n- |\n  a\n# c\n"),
        ("title: x\n  # c\n", {"title": "a\nb"}, 'title: "a\\nb"\n  # c\n'),
        ("title: x\n # c\n", {"title": "a\nb"}, "title: |-\n  a\n  b\n # c\n"),
        ("title: x\n\n", {"title": "a\n\n"}, 'title: "a\\n\\n"\n\n'),
        ("title:\n  # c\n", {"title": "a\nb"}, 'title: "a\\nb"\n  # c\n'),
        ("title: x\n  # c\n", {"summary": "a\nb"}, 'title: x\nsummary: "a\\nb"\n  # c\n'),
        ("  # c\nstate: open\n", {"title": "a\nb"}, 'title: "a\\nb"\n  # c\nstate: open\n'),
        ("meta:\n- a\n    # c\n", {"meta": ["a", "b\n"]}, 'meta:\n- a\n- "b\\n"\n    # c\n'),
        ("meta:\n- [a]\n    # c\n", {"meta": [{"b": "c\n"}]}, 'meta:\n- {b: "c\\n"}\n    # c\n'),
        ("title: x\n", {"due_by": 3, "meta": {"k": "a\nb"}}, "title: x\nmeta:\n  k: |-\n    a\n    b\ndue_by: 3\n"),
    ],
)
def test_every_style_is_kept(before: str, changes: dict[str, Any], after: str) -> None:
    assert edits.set_fields(f"---\n{before}---\n".encode(), TASK, changes).decode() == f"---\n{after}---\n"


@pytest.mark.parametrize(
    ("before", "changes"),
    [
        ("meta:\n  # why\n  a: 1", {"meta": 3}),
        ("labels:\n  - a\n  - {x: 1}", {"labels": ("a",)}),
        ("meta: [ # why\n  a ]", {"meta": 3}),
        ("labels:\n  - # why\n    a\n  - b", {"labels": ("b",)}),
        ("meta:\n  - | # why\n    a", {"meta": 3}),
        ("meta:\n  - | # why\n    a", {"meta": [{"a": 1}]}),
        ("meta:\n  - - a # why\n", {"meta": [["a", "b"]]}),
        ("meta: {x: [a, # why\n  b]}", {"meta": {"x": 1}}),
        ("meta: [[a, # why\n  b], [], []]", {"meta": [1, [], []]}),
        ("meta:\n  - a # why\n  - a", {"meta": [{"x": 1}, "a"]}),
        ("blocked_by: T-bad", {"blocked_by": ("T-4K9X2M7Q",)}),
        ("score: {effort: 9}", {"score": {"effort": 1}}),
        ("title: |+\n  kept\n\nstate: open\n\nmeta: 1", {"state": None}),
    ],
)
def test_what_would_cost_a_comment_or_somebodys_words_is_refused(before: str, changes: dict[str, Any]) -> None:
    assert edit_or_refusal(f"---\n{before}\n---\n".encode(), changes) is None
    assert edits.set_fields(f"---\n{before}\n---\n".encode(), TASK, {"priority": 1})


def test_an_unreadable_file_is_never_overwritten() -> None:
    every: list[Callable[[bytes], bytes]] = [
        lambda data: edits.set_fields(data, TASK, {"title": "x"}),
        lambda data: edits.set_body(data, "x"),
        lambda data: edits.fmt(data, TASK),
    ]
    for edit in every:
        with pytest.raises(WrkqError) as caught:
            edit(b"---\n<<<<<<< a\nx: 1\n=======\nx: 2\n>>>>>>> b\n---\n")
        assert caught.value.code == "unreadable"
        assert "line 2" in caught.value.message
        assert caught.value.details["findings"][0]["rule"] == "conflict-markers"


@pytest.mark.parametrize("text", ["a\x00b", "a\x1b[31m", "a\rb", "a\ud800"])
def test_text_that_frontmatter_cannot_hold_is_refused(text: str) -> None:
    every: list[Callable[[], bytes]] = [
        lambda: edits.set_fields(b"---\ntitle: x\n---\n", TASK, {"title": text}),
        lambda: edits.write(TASK, {"title": text}, ""),
    ]
    for edit in every:
        with pytest.raises(WrkqError) as caught:
            edit()
        assert caught.value.code == "validation"


# Boxes.

BOXES = (
    b"---\r\ntitle: x\r\n---\r\n\r\n- [ ] one\r\n```\r\n- [ ] code\r\n```\r\n- [x] two \xf0\x9f\x98\x80\n* [ ] three"
)


def test_marking_changes_one_character() -> None:
    for item in find_items(read(BOXES).body):
        after = edits.mark_item(BOXES, item, "-")
        assert sum(a != b for a, b in zip(BOXES, after, strict=True)) == 1
        assert find_items(read(after).body)[item.number - 1].state == "dropped"


def test_marking_what_has_changed_is_a_conflict() -> None:
    item = find_items(read(BOXES).body)[1]
    with pytest.raises(WrkqError) as caught:
        edits.mark_item(BOXES.replace(b"two", b"2"), item, "x")
    assert caught.value.code == "conflict"
    with pytest.raises(WrkqError) as caught:
        edits.mark_item(b"---\n---\n", item, "x")
    assert caught.value.code == "conflict"
    with pytest.raises(WrkqError) as caught:
        edits.mark_item(BOXES, item, "xx")
    assert caught.value.code == "validation"
