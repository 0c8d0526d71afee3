"""Scalars: YAML 1.2's core schema, and what each type of field takes."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from wrkq_files.model import values
from wrkq_files.model.fields import FIELDS, DocType, Field, FieldType
from wrkq_files.model.values import Unfit, core_scalar, from_scalar

TASK = FIELDS[DocType.TASK]
SECTION = FIELDS[DocType.CONTAINER]["sections"].sub


@pytest.mark.parametrize(
    ("texts", "value"),
    [
        (" null Null NULL ~", None),
        ("true True TRUE", True),
        ("false False FALSE", False),
        ("0 -0 +0 00 0o0 0x0", 0),
        ("3 +3 03 0o3 0x3", 3),
        ("-19", -19),
        ("0o14", 12),
        ("0xC 0xc", 12),
        ("0. 0.0 -0.0 .0 0e5", 0.0),
        ("12e03 12000.0 +12e3 12.e3", 12000.0),
        ("-2E+05", -200000.0),
        (".5 0.5", 0.5),
        (".inf +.Inf .INF", math.inf),
        ("-.inf -.Inf -.INF", -math.inf),
    ],
)
def test_core_schema_as_table_10_3_2_of_the_specification_has_it(texts: str, value: Any) -> None:
    for text in texts.split(" "):
        assert core_scalar(text) == value, text
        assert type(core_scalar(text)) is type(value), text


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "yes",
        "on",
        "off",
        "y",
        "n",
        "No",
        "tRUE",
        "nULL",
        "1_000",
        "1,5",
        "0b11",
        "0o8",
        "0xG",
        "-0x1",
        "+0o7",
        "12:30",
        "2026-01-19",
        "1e",
        "1e+",
        "e3",
        ".",
        ".e3",
        "-.nan",
        "inf",
        "NaN",
        "~~",
        "0x",
        "3rd",
        "+.nan",
        ".iNF",
        "٣",
        "1.2.3",
        "<<",
    ],
)
def test_core_text(text: str) -> None:
    assert core_scalar(text) == text
    assert values.is_core_text(text)


def test_not_a_number() -> None:
    assert all(math.isnan(core_scalar(text)) for text in (".nan", ".NaN", ".NAN"))


@pytest.mark.parametrize("text", ["9" * 5000, "0x" + "f" * 4000, "0o" + "7" * 5000])
def test_numbers_too_long_to_print_are_text(text: str) -> None:
    assert core_scalar(text) == text


@given(st.from_regex(r"(0o|0x)?[0-9a-fA-F]{1,3000}", fullmatch=True))
def test_every_number_can_be_printed(text: str) -> None:
    json.dumps(core_scalar(text))


@given(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_what_json_writes_is_read_back(value: object) -> None:
    assert core_scalar(json.dumps(value)) == value


#: Where YAML 1.1 differs: booleans in words, leading zeros, `_`, `:`, `0b`, `0o`, dates, floats without a point.
ALIKE = st.from_regex(
    r"[-+]?[1-9][0-9]{0,9}(\.[0-9]{1,5}([eE][-+][0-9])?)?|0x[0-9a-f]{1,9}|[A-Z]{2,4}|[tfnu][a-z]{0,4}", fullmatch=True
)


@given(ALIKE.filter(lambda text: text.lower() not in ("no", "on", "off", "yes", "y", "n")))
def test_core_agrees_with_yaml_1_1_where_the_versions_do(text: str) -> None:
    assert core_scalar(text) == yaml.safe_load(text)


@given(st.text())
def test_text_fields_hold_the_source_text(text: str) -> None:
    assert from_scalar(TASK["title"], text) == text


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        (TASK["state"], "done", "completed"),
        (TASK["state"], "in-progress", "in_progress"),
        (TASK["state"], "idea", "idea"),
        (TASK["resolution"], "done", "done"),
        (TASK["priority"], "High", 2),
        (TASK["priority"], "4", 4),
        (TASK["id"], "t-4k9x2m7q", "T-4K9X2M7Q"),
        (TASK["blocked_by"], "T-4K9X2M7Q", "T-4K9X2M7Q"),
        (TASK["assignee"], "agent-codex", "agent-codex"),
        (TASK["labels"], "0042", "0042"),
        (TASK["due"], "2026-01-19", "2026-01-19"),
        (TASK["rank"], "a0V", "a0V"),
        (TASK["estimate_hours"], "1.5", 1.5),
        (TASK["estimate_hours"], "2", 2),
        (TASK["estimate_hours"], "0x10", 16),
        (TASK["estimate_hours"], "0.30000000000000004", 0.30000000000000004),
        (TASK["meta"], "0042", 42),
        (SECTION["default"], "TRUE", True),
        (SECTION["wip_limit"], "3", 3),
    ],
)
def test_values_that_fit(field: Field, text: str, value: Any) -> None:
    found = from_scalar(field, text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("field", "text", "allowed"),
    [
        (TASK["state"], "finished", "one of idea, draft"),
        (TASK["resolution"], "completed", "one of done, wont_do"),
        (TASK["priority"], "0", "1 (highest) to 4"),
        (TASK["priority"], "5", "1 (highest) to 4"),
        (TASK["priority"], "1.0", "1 (highest) to 4"),
        (TASK["id"], "T-1", "an id"),
        (TASK["assignee"], "Mara", "a slug"),
        (TASK["assignee"], "../mara", "a slug"),
        (TASK["due"], "soon", "a date"),
        (TASK["rank"], "a-b", "a fractional index"),
        (TASK["estimate_hours"], "-1", "not below 0"),
        (TASK["estimate_hours"], "two", "a number"),
        (TASK["estimate_hours"], "true", "a number"),
        (TASK["estimate_hours"], "1e999", "a number"),
        (TASK["estimate_hours"], ".inf", "a number"),
        (TASK["estimate_hours"], ".nan", "a number"),
        (TASK["estimate_hours"], "9" * 400, "a number"),
        (TASK["score"].sub["effort"], "4", "a whole number from 1 to 3"),
        (TASK["score"].sub["effort"], "1.5", "a whole number from 1 to 3"),
        (SECTION["wip_limit"], "0", "a whole number not below 1"),
        (SECTION["default"], "yes", "true or false"),
        (TASK["score"], "3", "a map"),
        (TASK["participants"], "mara", "a list of maps"),
    ],
)
def test_values_that_do_not_fit(field: Field, text: str, allowed: str) -> None:
    with pytest.raises(Unfit) as raised:
        from_scalar(field, text)
    assert allowed in str(raised.value)


@given(st.sampled_from(FieldType), st.text() | st.from_regex(r"[-+]?[0-9.eE]{1,30}", fullmatch=True))
def test_any_text_fits_or_says_why_not(kind: FieldType, text: str) -> None:
    why = ""
    try:
        from_scalar(Field("x", kind, "", values=("a",)), text)
    except Unfit as unfit:
        why = str(unfit) or "nothing"
    assert why != "nothing"


def test_sets_are_sorted_and_hold_each_once() -> None:
    assert values.sort_set(["b", "a", "b", "B"]) == ("B", "a", "b")
