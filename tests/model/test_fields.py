"""The table of fields, held to the order and words the format promises and to the shipped schemas."""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path

import pytest

from wrkq_files.model import fields
from wrkq_files.model.fields import FIELD_SYNONYMS, FIELDS, DocType, FieldType, field_named

SCHEMA = Path(__file__).parents[2] / "schema"


def test_task_fields_begin_in_the_order_that_conflicts_least() -> None:
    order = "title id state resolution assignee created priority due estimate_hours created_by kind labels blocked_by"
    assert " ".join(list(FIELDS[DocType.TASK])[:14]) == f"{order} summary"


@pytest.mark.parametrize("kind", list(DocType))
def test_schema_knows_the_same_keys_in_the_same_order(kind: DocType) -> None:
    properties = json.loads((SCHEMA / f"{kind}.schema.json").read_text())["properties"]
    assert [key for key in properties if key not in FIELD_SYNONYMS] == list(FIELDS[kind])


def test_schema_allows_the_states_and_their_synonyms() -> None:
    schema = json.loads((SCHEMA / "task.schema.json").read_text())["properties"]
    assert set(schema["state"]["enum"]) == {*fields.STATES, *fields.STATE_SYNONYMS}
    assert schema["resolution"]["enum"] == list(fields.RESOLUTIONS)


@pytest.mark.parametrize("name", ["updated_at", "updated_by", "completed_at", "etag", "score_total"])
def test_nothing_derived_has_a_field(name: str) -> None:
    assert all(field_named(kind, name) is None for kind in DocType)


def test_only_what_is_written_once_is_minted() -> None:
    minted = {kind: {each.name for each in table.values() if each.minted} for kind, table in FIELDS.items()}
    assert minted[DocType.TASK] == minted[DocType.CONTAINER] == {"id", "created", "created_by"}
    assert set(FIELDS[DocType.COMMENT]) - minted[DocType.COMMENT] == {"deleted"}


def test_tags_are_labels_where_there_are_labels() -> None:
    assert field_named(DocType.TASK, "tags") is FIELDS[DocType.TASK]["labels"]
    assert field_named(DocType.ACTOR, "tags") is None


def test_tables_are_sound() -> None:
    for field in chain.from_iterable(table.values() for table in FIELDS.values()):
        assert field.help.endswith("."), field.name
        assert (field.type is FieldType.ENUM) == bool(field.values) or field.name == "duties", field.name
        assert field.key in field.sub if field.type is FieldType.MAPS else not field.key, field.name


def test_score_has_five_parts_from_one_to_three() -> None:
    score = FIELDS[DocType.TASK]["score"].sub
    assert tuple(score) == fields.SCORE_PARTS
    assert {(part.low, part.high) for part in score.values()} == {(1, 3)}


def test_synonyms_lead_to_states() -> None:
    assert set(fields.STATE_SYNONYMS.values()) < set(fields.STATES)
    assert not set(fields.STATE_SYNONYMS) & set(fields.STATES)
