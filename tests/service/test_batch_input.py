"""What a batch is written in: lines and columns of what is wrong, and input that means harm."""

from __future__ import annotations

import contextlib
import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wrkq_files.errors import WrkqError
from wrkq_files.service.batch_input import Operation, read
from wrkq_files.service.batch_table import OPERATIONS

ADD = '{"op": "add", "title": "x"}'


def refused(text: str | bytes) -> WrkqError:
    with pytest.raises(WrkqError) as caught:
        read(text.encode() if isinstance(text, str) else text, "ops")
    assert caught.value.code == "validation"
    assert caught.value.message.startswith(f"ops:{caught.value.details['line']}:{caught.value.details['column']}: ")
    return caught.value


def place(text: str | bytes) -> tuple[int, int]:
    details = refused(text).details
    return details["line"], details["column"]


def parsed(text: str) -> list[Operation]:
    return read(text.encode(), "ops")


def test_lines_and_arrays_say_the_same() -> None:
    lines = f'{ADD}\n\n\t{{"op": "rm",\r\n "target": ["a", 1]}}\n'
    array = f'\ufeff[{ADD},\n\n{{"op": "rm", "target": ["a", 1]}}]\n'
    first, second = (parsed(text) for text in (lines, array))
    assert [each.as_json() for each in first] == [each.as_json() for each in second]
    assert [each.place for each in first] == ["ops:1:1", "ops:3:2"]
    assert [each.line for each in second] == [1, 3]
    assert first[1].given == {"target": ["a", "1"]}


@pytest.mark.parametrize(("word", "op"), [("create", "add"), ("move", "mv"), ("archive", "rm"), ("add", "add")])
def test_the_words_people_use(word: str, op: str) -> None:
    keys = {"add": '"title": "x"', "mv": '"source": "a", "target": "b"', "rm": '"target": "a"'}[op]
    assert parsed(f'{{"op": "{word}", {keys}}}')[0].op == op


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ("", (1, 1), "no operation"),
        ("[]", (1, 1), "no operation"),
        (f"{ADD}\n{{'op': 1}}", (2, 2), "no JSON"),
        (f"{ADD}\n{ADD} x", (2, 29), "after it"),
        (f"{ADD} {ADD}", (1, 29), "after it"),
        (f"[{ADD}", (1, 29), "no comma"),
        (f"[{ADD}]\n{ADD}", (2, 1), "more after"),
        (f"{ADD}\nnull", (2, 1), "a JSON object"),
        (f'{ADD}\n{{"op": 7}}', (2, 2), "`7` is no operation"),
        ('{"title": "x"}', (1, 1), "no `op`"),
        ('{"op": {"op": "add"}}', (1, 2), "is no operation"),
        ('{"op": "commit"}', (1, 2), '`"commit"` is no operation'),
        ('{"op": "add"}', (1, 1), "add without `title`"),
        ('{"op": "add", "title": 7}', (1, 15), "`title` is text"),
        ('{"op": "add", "title": null}', (1, 15), "`title` is text"),
        ('{"op": "rm", "target": []}', (1, 14), "`target` is text, or a list"),
        ('{"op": "rm", "target": [true]}', (1, 14), "`target` is text, or a list"),
        ('{"op": "rm", "target": "a", "purge": 1}', (1, 29), "`purge` is true or false"),
        ('{"op": "set", "target": "a", "fields": []}', (1, 30), "`fields` is an object"),
        ('{"op": "add", "title": "x", "titel": "y"}', (1, 29), "add has no `titel`"),
        (f'{ADD}\n{{"op": "set", "as": "a", "target": "x"}}', (2, 15), "makes nothing"),
        ('{"op": "add", "title": "x", "if_match": "1234"}', (1, 29), "add has no `if_match`"),
        ('{"op": "add", "title": "x", "as": "1"}', (1, 29), "`as` is a name"),
        ('{"op": "add", "title": "x", "as": 1}', (1, 29), "`as` is a name"),
        ('{"op": "add", "title": "x", "as": "a"}\n{"op": "add", "title": "x", "as": "a"}', (2, 29), "named twice"),
        ('{"op": "rm", "target": "$a"}', (1, 14), "`$a`: nothing before it"),
        ('{"op": "add", "title": "x", "as": "a", "parent": "$a"}', (1, 40), "`$a`: nothing before it"),
        ('{"op": "set", "target": "x", "fields": {"blocked_by": ["$b"]}}', (1, 41), "`$b`: nothing before it"),
        ('{"op": "add", "title": "x", "title": "y"}', (1, 1), "`title` stands there twice"),
        ('{"op": "set", "target": "x", "fields": {"meta": {"a": 1, "a": 2}}}', (1, 1), "twice"),
        ('{"op": "set", "target": "x", "fields": {"priority": NaN}}', (1, 1), "NaN is no JSON number"),
        ('{"op": "set", "target": "x", "fields": {"priority": -Infinity}}', (1, 1), "-Infinity is no JSON"),
        ('{"op": "set", "target": "x", "fields": {"priority": 1e999}}', (1, 1), "too large"),
        ('{"op": "set", "target": "x", "fields": {"priority": ' + "9" * 6000 + "}}", (1, 1), "too large"),
        ('{"op": "add", "title": "x\\u0000"}', (1, 1), "NUL"),
        ('{"op": "add", "title": "\\ud800"}', (1, 1), "lone surrogate"),
        ('{"op": "add", "title": "x\x01"}', (1, 26), "no JSON"),
        (ADD.encode() + b'\n{"op": "\xff"}', (2, 9), "not UTF-8"),
        ('{"op": "set", "target": "x", "fields": {"meta": ' + "[" * 60 + "]" * 60 + "}}", (1, 1), "too deeply"),
        ("[" * 200_000, (1, 2), ""),
        ('{"op":' * 100_000, (1, 1), "too deeply"),
    ],
)
def test_what_is_wrong_is_told_by_its_place(text: str | bytes, where: tuple[int, int], said: str) -> None:
    error = refused(text)
    assert (error.details["line"], error.details["column"]) == where, error.message
    assert said in error.message


def test_what_is_allowed_is_named() -> None:
    assert refused('{"op": "delete", "target": "x"}').hint == f"operations: {', '.join(OPERATIONS)}"
    assert refused('{"op": "rm", "targets": "x", "target": "y"}').hint == "did you mean `target`?"
    assert '"fields": {"priority": …}' in refused('{"op": "add", "title": "x", "priority": 1}').hint
    assert refused('{"op": "add", "title": "x", "as": "a"}\n{"op": "rm", "target": "$b"}').hint.endswith("$a")


def test_a_dollar_can_be_meant() -> None:
    (operation,) = parsed('{"op": "rm", "target": ["$$a"]}')
    assert operation.given == {"target": ["$$a"]}
    parsed('{"op": "add", "title": "$5 a month", "body": "$x"}')


@pytest.mark.usefixtures("untraced")
def test_a_long_line_and_many_lines_take_no_long_time() -> None:
    began = time.process_time()
    body = json.dumps("x" * 20_000_000)
    (operation,) = parsed(f'{{"op": "add", "title": "x", "body": {body}}}')
    assert len(operation.given["body"]) == 20_000_000
    assert len(parsed(f"{ADD}\n" * 20_000)) == 20_000
    assert place(f"{ADD}\n" * 20_000 + "{") == (20_001, 2)
    assert time.process_time() - began < 20


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(sorted({key for shape in OPERATIONS.values() for key in shape.slots} | {"as", "op", "force"}))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(KEYS, JSON | st.sampled_from(["$a", "a"])), st.sampled_from(sorted(OPERATIONS)), st.booleans())
def test_any_object_is_read_or_refused(value: dict[str, object], op: str, named: bool) -> None:
    text = json.dumps(value | ({"op": op} if named else {}))
    read_or_refused(text.encode())


def read_or_refused(data: bytes) -> None:
    with contextlib.suppress(WrkqError):
        read(data, "ops")


@given(st.binary(max_size=60) | st.text(alphabet='{}[]":,op add\n\\u0d8 -1e', max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    read_or_refused(data)
