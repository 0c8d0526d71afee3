"""Settings and their defaults."""

from __future__ import annotations

import json
from pathlib import Path

from wrkq_files.model.config import DEFAULT_SECTIONS, KEYS, Config, Requirement, effective, from_mapping
from wrkq_files.model.fields import SECTION_ROLES

SCHEMA = json.loads((Path(__file__).parents[2] / "schema" / "config.schema.json").read_text())


def test_schema_has_the_same_keys() -> None:
    assert tuple(SCHEMA["properties"]) == KEYS


def test_defaults_are_the_schemas() -> None:
    assert from_mapping({}) == Config()
    commit = SCHEMA["properties"]["commit"]["properties"]
    assert (Config().commit_mode, Config().commit_subject) == (
        commit["mode"]["default"],
        commit["subject"]["default"],
    )
    assert Config().format == SCHEMA["properties"]["format"]["default"]


def test_empty_values_mean_the_defaults() -> None:
    empty = dict.fromkeys(
        (
            "base",
            "commit",
            "in_flight_days",
            "default_actor",
            "kinds",
            "ignore",
            "rules",
            "defaults",
            "queue",
            "policy",
        )
    )
    assert effective(from_mapping(empty)) == effective(Config())


def test_everything_given_is_in_force() -> None:
    raw = {
        "format": 1,
        "base": "trunk",
        "commit": {"mode": "auto", "subject": "chore: {subject}", "co_author": True},
        "on_base": "bundle",
        "in_flight_days": 7,
        "default_actor": "mara",
        "queue": {
            "preset": "rubric",
            "weights": {"score": 2},
            "agents": "labelled",
            "exclude_labels": ["parked"],
            "max_attempts": 3,
        },
        "policy": {"require": [{"label": "ui", "artifact": "*.png", "on_missing": "skip"}]},
        "kinds": ["story"],
        "ignore": ["src", "docs/**"],
        "rules": {"no-assignee": "off"},
        "defaults": {"sections": [{"slug": "now", "role": "active"}]},
    }
    config = from_mapping(raw)
    assert effective(config) == raw
    assert config.raw is raw
    assert (config.kinds, config.ignore) == (("story",), ("src", "docs/**"))


def test_a_requirement_holds_for_every_task_and_waits_unless_told_otherwise() -> None:
    config = from_mapping({"policy": {"require": [{"artifact": "plan.md"}]}})
    assert config.policy_require == (Requirement("*", "plan.md", "wait"),)
    item = SCHEMA["properties"]["policy"]["properties"]["require"]["items"]["properties"]
    assert (item["label"]["default"], item["on_missing"]["default"]) == config.policy_require[0][::2]


def test_new_projects_have_five_columns_and_one_default() -> None:
    assert [section["slug"] for section in DEFAULT_SECTIONS] == ["backlog", "ready", "doing", "review", "done"]
    assert [section["role"] for section in DEFAULT_SECTIONS] == list(SECTION_ROLES)
    assert [section["slug"] for section in DEFAULT_SECTIONS if section.get("default")] == ["ready"]
