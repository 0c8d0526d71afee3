"""The JSON Schemas say what the table of fields says, and judge as the reader does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.support.documents import JSON, TRICKY, fields
from wrkq_files.files import emit, foreign, schema
from wrkq_files.files.documents import parse
from wrkq_files.files.schema import load_schema, verdicts
from wrkq_files.model.fields import FIELD_SYNONYMS, FIELDS, PRIORITY_WORDS, STATE_SYNONYMS, DocType, Field, FieldType

TOP = Path(__file__).parents[2]


@pytest.mark.parametrize("name", schema.NAMES)
def test_every_schema_is_one(name: str) -> None:
    found = load_schema(name)
    Draft202012Validator.check_schema(found)
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert found["$id"] == f"https://wrkq-files.example/schema/{name}.schema.json"
    assert found["title"]
    assert found["description"]


def test_schemas_are_nowhere_else() -> None:
    assert sorted(path.name for path in (TOP / "schema").iterdir()) == sorted(
        f"{name}.schema.json" for name in schema.NAMES
    )
    with pytest.raises(KeyError):
        load_schema("../config")


@pytest.mark.parametrize("kind", list(DocType))
def test_a_schema_has_the_tables_fields(kind: DocType) -> None:
    properties = load_schema(kind.value)["properties"]
    synonyms = {key for key, name in FIELD_SYNONYMS.items() if name in FIELDS[kind]}
    assert [name for name in properties if name not in synonyms] == list(FIELDS[kind])
    assert set(properties) - set(FIELDS[kind]) == synonyms
    for name, field in FIELDS[kind].items():
        _check_field(field, properties[name])
    assert load_schema(kind.value)["additionalProperties"] is True


def _check_field(field: Field, part: dict[str, Any]) -> None:
    assert part["description"] == field.help
    assert part.get("readOnly", False) is field.minted
    if field.type in (FieldType.MAP, FieldType.MAPS):
        inner = part["items"] if field.type is FieldType.MAPS else part
        assert list(inner["properties"]) == list(field.sub)
        assert inner.get("required", []) == ([field.key] if field.key else [])
        for name, sub in field.sub.items():
            _check_field(sub, inner["properties"][name])
        return
    if field.type is not FieldType.PRIORITY:
        assert part.get("minimum") == field.low
        assert part.get("maximum") == field.high
    assert _enum(part) == _expected_enum(field)


def _enum(part: dict[str, Any]) -> list[Any]:
    for each in [part, *part.get("anyOf", [])]:
        inner = each.get("items", each)
        if "enum" in inner:
            return list(inner["enum"])
    return []


def _expected_enum(field: Field) -> list[Any]:
    if field.type is FieldType.PRIORITY:
        assert field.low is not None
        assert field.high is not None
        return [*range(int(field.low), int(field.high) + 1), *PRIORITY_WORDS]
    return [*field.values, *(STATE_SYNONYMS if field.name == "state" else ())]


@pytest.mark.parametrize("kind", list(DocType))
@settings(deadline=None, max_examples=60)
@given(st.data())
def test_what_the_reader_gives_satisfies_the_schema(kind: DocType, data: st.DataObject) -> None:
    assert verdicts(kind, data.draw(fields(kind))) == []


#: Values for any field: right ones, other fields' ones, and wrong ones.
_ANY = st.one_of(
    st.sampled_from(TRICKY),
    st.sampled_from(
        ["T-4K9X2M7Q", "P-4K9X2M7Q", "t-4k9x2m7q", "done", "high", "open", "a0", "task", "story", "2026-02-30"]
    ),
    st.sampled_from(
        ["2026-01-19T14:24:16Z", "2026-01-19 14:24", "pass", "human", "bob", "Bob", "wont_do", "2026-1-1"]
    ),
    st.integers(-1, 6),
    st.sampled_from([2.5, True, [], {}, ["a"], ["T-4K9X2M7Q"], [1], [["a"]], {"effort": 2}, {"effort": 9}, {"x": 1}]),
    st.sampled_from(
        [
            [{"actor": "bob"}],
            [{"role": "x"}],
            [{"slug": "a", "role": "ready", "wip_limit": 1}],
            [{"slug": "a", "x": 1}],
        ]
    ),
    JSON,
)


@settings(deadline=None, max_examples=1500)
@given(st.sampled_from([(kind, name) for kind in DocType for name in FIELDS[kind]]), _ANY)
@example((DocType.TASK, "past_targets"), [{}])
@example((DocType.TASK, "due"), "2026-02-30")
@example((DocType.TASK, "due"), "2026-02-1\u0663")
@example((DocType.COMMENT, "author"), "a\n")
@example((DocType.TASK, "score"), {"effort": 2, "x": 1})
@example((DocType.TASK, "target"), {"0042": None})
def test_the_reader_and_jsonschema_agree(where: tuple[DocType, str], value: Any) -> None:
    kind, name = where
    data = "".join(f"{line}\n" for line in ("---", *emit.entry(name, value), "---")).encode()
    parsed = parse(data, kind, "a.md")
    assert parsed.document is not None
    wrong = [finding for finding in parsed.findings if finding.severity == "error"]
    assert bool(wrong) == (name not in parsed.document.fields) or _says_nothing(value)
    judged = verdicts(kind, {name: value})
    # The reader is the more lenient one: case, numbers where text is due, a scalar for a list of one.
    if not judged and not (kind is DocType.TASK and name == "kind"):
        assert wrong == []
    if wrong:
        assert judged or (kind is DocType.TASK and name == "kind")
    assert verdicts(kind, parsed.document.fields) == []
    if name in parsed.document.fields and _as_lists(parsed.document.fields[name]) == value:
        assert judged == [] or isinstance(value, (int, float))


def _says_nothing(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_says_nothing, value.values()))
    return value is None or value == [] or value == ""


def _as_lists(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize(
    ("source", "fitting", "others"),
    [
        ("^a$", ["a"], ["a\n", "b"]),
        ("a$|^b", ["xa", "b\n"], ["a\n"]),
        (r"^a\$$", ["a$"], ["a", "a$\n"]),
        (r"^\\$", ["\\"], ["\\\n", "$"]),
        ("^[$^]$", ["$", "^"], ["$\n", "\\Z"]),
        (r"^[\]$]+$", ["]$"], ["]$\n"]),
        (r"^\d$", ["3"], ["\u0663", "3\n"]),
    ],
)
def test_a_pattern_means_what_it_means_to_json_schema(source: str, fitting: list[str], others: list[str]) -> None:
    assert [text for text in [*fitting, *others] if schema.pattern(source).search(text)] == fitting


def test_verdicts_have_the_rule_of_their_field() -> None:
    found = verdicts(DocType.TASK, {"state": "x", "resolution": "y", "id": "z", "priority": 9, "labels": ("a",)})
    assert sorted(finding.rule for finding in found) == ["bad-id", "bad-resolution", "unknown-state", "wrong-type"]
    assert all(finding.message for finding in found)


def test_schemas_are_json_as_people_read_it() -> None:
    for name in schema.NAMES:
        path = schema.folder() / f"{name}.schema.json"
        assert path.read_text() == json.dumps(load_schema(name), indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("---\na: b\n---\n", "yaml"),
        ("----\na: b\n----\n", "yaml"),
        ("\n\n---\na: b\n---\n", "yaml"),
        ('{\n"a": 1\n}\n', "json"),
        ("# Note\n", None),
        ("text\n\n---\n\ntext\n", None),
    ],
)
def test_near_misses_are_recognised(text: str, found: str | None) -> None:
    assert foreign.frontmatter_format(text) == found
