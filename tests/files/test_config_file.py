"""`wrkq.yaml`: read by its schema without a YAML library, changed without losing a comment."""

from __future__ import annotations

import copy
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.documents import JSON, LINES
from wrkq_files.errors import WrkqError
from wrkq_files.files import config_edit, emit, light_schema, plain, schema, typed, yaml_events
from wrkq_files.files.config_edit import new_config, set_config, typed_value
from wrkq_files.files.config_file import FORMAT, read_config
from wrkq_files.model.config import KEYS, Config

FILE = b"""# The tracker.
format: 1

base: main   # agreed
commit:
  # at once
  mode: auto
kinds:
  - story
rules:
  unknown-key: off
"""


def raw(data: bytes) -> dict[str, Any]:
    config, findings = read_config(data, "wrkq.yaml")
    assert findings == ()
    return dict(config.raw)


def test_reading() -> None:
    config, findings = read_config(FILE, "wrkq.yaml")
    assert findings == ()
    assert (config.base, config.commit_mode, config.kinds, config.rules) == (
        "main",
        "auto",
        ("story",),
        {"unknown-key": "off"},
    )
    assert read_config(b"", "wrkq.yaml") == (Config(), ())
    assert raw(b"\xef\xbb\xbf" + FILE.replace(b"\n", b"\r\n")) == raw(FILE)


def test_the_schema_decides_the_type() -> None:
    assert raw(b"base: 2024\nkinds: [007, no]\nrules: {x: off}\nclaims: off\n") == {
        "base": "2024",
        "kinds": ["007", "no"],
        "rules": {"x": "off"},
        "claims": "off",
    }


@pytest.mark.parametrize(
    ("text", "place", "message", "allowed"),
    [
        ("commit:\n  mode: yes", (2, 9), "`commit.mode` is `yes`", "auto, manual"),
        ("bases: main", (1, 1), "did you mean `base`?", "base"),
        ("queue: 3", (1, 8), "`queue` is `3`", "a map"),
        ("queue:\n  weights:\n    age: much", (3, 10), "`queue.weights.age` is `much`", "a number"),
        ("kinds: story", (1, 8), "`kinds` is `story`", "a list"),
        ("kinds: [Story]", (1, 9), "`kinds[0]` is `Story`", "a slug"),
        ('kinds: ["story\\n"]', (1, 9), "`kinds[0]` is `story", "a slug"),
        ("in_flight_days: -1", (1, 17), "`in_flight_days` is `-1`", "not below 0"),
        ("defaults:\n  sections:\n    - title: x", (3, 7), "lacks slug", "a map with slug"),
        ("base: ''", (1, 7), "`base` is ``", "some text"),
        ("format: x", (1, 9), "`format` is `x`", "a whole number"),
    ],
)
def test_a_setting_that_does_not_fit_is_a_finding_and_has_its_default(
    text: str, place: tuple[int, int], message: str, allowed: str
) -> None:
    config, (finding,) = read_config(f"{text}\n".encode(), "wrkq.yaml")
    assert finding.rule == "config"
    assert (finding.line, finding.column) == place
    assert message in finding.message
    assert allowed in finding.allowed
    assert config == Config(raw=config.raw)


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"a: b: c\n", "yaml-syntax"),
        (b"a: &x 1\n", "yaml-feature"),
        (b"base: a\nbase: b\n", "duplicate-key"),
        (b"- a\n", "not-a-mapping"),
        (b"base: \xff\n", "bad-utf8"),
        (b"base: \x07\n", "control-characters"),
        (b"base: " + b"[" * 25000, "too-deep"),
        (b"base: " + b"x" * 70000, "too-large"),
        (b"<<<<<<< a\nbase: a\n=======\nbase: b\n>>>>>>> b\n", "conflict-markers"),
    ],
)
def test_a_file_that_cannot_be_read(data: bytes, rule: str) -> None:
    config, (finding,) = read_config(data, "wrkq.yaml")
    assert (config, finding.rule) == (Config(), rule)
    assert finding.line >= 1
    with pytest.raises(WrkqError) as caught:
        set_config(data, "base", "main")
    assert caught.value.code == "unreadable"


def test_a_newer_format_is_an_error() -> None:
    with pytest.raises(WrkqError) as caught:
        read_config(f"format: {FORMAT + 1}\n".encode(), "wrkq.yaml")
    assert caught.value.code == "format"


@pytest.mark.parametrize(
    ("key", "value", "gone", "come"),
    [
        ("base", "dev", "base: main   # agreed\n", "base: dev   # agreed\n"),
        ("commit.mode", "manual", "  mode: auto\n", "  mode: manual\n"),
        ("commit.subject", "chore: {subject}", "  mode: auto\n", "  mode: auto\n  subject: 'chore: {subject}'\n"),
        ("rules.unknown-key", None, "rules:\n  unknown-key: off\n", ""),
        ("kinds", ["story", "epic"], "  - story\n", "  - story\n  - epic\n"),
        ("claims", "off", "  unknown-key: off\n", "  unknown-key: off\nclaims: off\n"),
        ("in_flight_days", 7, "  mode: auto\n", "  mode: auto\nin_flight_days: 7\n"),
        ("queue.weights", {"age": 0.5}, "unknown-key: off\n", "unknown-key: off\nqueue:\n  weights:\n    age: 0.5\n"),
    ],
)
@pytest.mark.parametrize("eol", [b"\n", b"\r\n"])
def test_changing_one_setting(key: str, value: Any, gone: str, come: str, eol: bytes) -> None:
    after = set_config(FILE.replace(b"\n", eol), key, value)
    assert after == FILE.replace(gone.encode(), come.encode()).replace(b"\n", eol)


def test_what_cannot_be_spliced_is_done_by_ruamel_and_keeps_comments() -> None:
    data = b"commit:\n  # why\n  mode: auto\nqueue: # none\n  # above\n  preset: rubric # beside\n"
    assert (
        config_edit._spliced(data, {"commit": {"mode": "auto"}, "queue": {"preset": "rubric"}}, {"commit": 3}) is None
    )
    after = config_edit._round_trip(data, {"commit": {"mode": "manual"}, "queue": {"preset": "rubric"}, "base": "x"})
    assert b"# beside" in after
    assert raw(after) == {"commit": {"mode": "manual"}, "queue": {"preset": "rubric"}, "base": "x"}


def test_a_setting_that_only_ruamel_can_change_keeps_the_others_as_they_are_written() -> None:
    data = b"\xef\xbb\xbfkinds: # why\r\n  # more\r\n  []\r\nbase: 2024-01-01\r\n"
    assert config_edit._spliced(data, {"kinds": [], "base": "x"}, {"kinds": ["a"], "base": "x"}) is None
    assert set_config(data, "kinds", ["a"]) == data.replace(b"[]", b"- a")


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("kinds: [ # c\n]\n", "kinds", ["a"]),
        ("base: |+\n  main\n\nclaims: off\n\n# c\nformat: 1\n", "claims", None),
    ],
)
def test_a_change_that_would_cost_a_comment_is_refused(text: str, key: str, value: Any) -> None:
    with pytest.raises(WrkqError) as caught:
        set_config(text.encode(), key, value)
    assert (caught.value.code, caught.value.hint) == ("refused", "edit wrkq.yaml by hand")


@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_a_missing_final_line_end_stays_missing(eol: str) -> None:
    before = f"base: x{eol}claims: off".encode()
    assert set_config(before, "base", "y") == f"base: y{eol}claims: off".encode()
    assert set_config(before, "in_flight_days", 7) == f"base: x{eol}in_flight_days: 7{eol}claims: off".encode()
    assert raw(set_config(before, "base", "y\n\n")) == {"base": "y\n\n", "claims": "off"}
    assert raw(set_config(b"# c", "base", "y\n\n")) == {"base": "y\n\n"}
    assert set_config(before, "queue.preset", "rubric") == before + f"{eol}queue:{eol}  preset: rubric".encode()


def test_a_setting_that_goes_takes_the_comments_within_it_along() -> None:
    assert set_config(b"base: x\nrules:\n  # c\n  unknown-key: off # d\n", "rules", None) == b"base: x\n"


def test_a_value_that_the_schema_does_not_allow_is_refused() -> None:
    for key, value in [("commit.mode", "sometimes"), ("nonsense", 1), ("kinds", "x"), ("queue.preset.x", 1)]:
        with pytest.raises(WrkqError) as caught:
            set_config(FILE, key, value)
        assert caught.value.code == "validation"
    # A finding that was there before does not stand in the way.
    assert set_config(b"foo: 1\n", "base", "x") == b"base: x\nfoo: 1\n"


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("commit.mode", "auto", "auto"),
        ("commit.subject", "2024", "2024"),
        ("in_flight_days", "7", 7),
        ("kinds", "story, epic", ["story", "epic"]),
        ("kinds", '["story"]', ["story"]),
        ("rules.unknown-key", "off", "off"),
        ("queue.weights.age", "0.5", 0.5),
        ("queue.weights", '{"age": 0.5}', {"age": 0.5}),
        ("kinds", "", None),
        ("nonsense.at.all", "x", "x"),
    ],
)
def test_a_typed_setting_has_the_type_of_its_schema(key: str, text: str, value: Any) -> None:
    assert typed_value(key, text) == value


def test_a_map_is_given_as_json() -> None:
    with pytest.raises(WrkqError) as caught:
        typed_value("queue.weights", "age=0.5")
    assert caught.value.code == "usage"


def test_settings_of_a_new_tracker() -> None:
    data = new_config(base="2024", commit_mode="auto", ignore=["src", "*.x"], default_actor="bob")
    assert raw(data) == {
        "format": FORMAT,
        "base": "2024",
        "commit": {"mode": "auto"},
        "default_actor": "bob",
        "ignore": ["src", "*.x"],
    }
    assert raw(new_config()) == {"format": FORMAT, "commit": {"mode": "manual"}}
    assert plain.read(data.decode()) is not None


CONFIG = schema.load_schema("config")
_WORDS = st.sampled_from(
    ["auto", "manual", "rubric", "off", "error", "bundle", "required", "x", "", "A b", "1", "wait", "user"]
)


def configs(part: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that fit a part of the schema or nearly do."""
    kind = part.get("type")
    inner: st.SearchStrategy[Any]
    if kind == "object":
        names = {name: configs(each) for name, each in part["properties"].items()}
        extra = part["additionalProperties"]
        more = st.dictionaries(st.sampled_from(["x", "unknown-key"]), configs(extra or {}), max_size=2)
        inner = st.fixed_dictionaries({}, optional=names)
        inner = inner if not extra else st.tuples(inner, more).map(lambda pair: {**pair[1], **pair[0]})
    elif kind == "array":
        inner = st.lists(configs(part["items"]), max_size=3)
    elif "enum" in part:
        inner = st.sampled_from(part["enum"])
    else:
        inner = {"integer": st.integers(-1, 50), "number": st.floats(-5, 5), "boolean": st.booleans()}.get(
            str(kind), _WORDS
        )
    return st.one_of(inner, inner, inner, inner, _WORDS | st.integers(-2, 9) | st.just(["x"]) | st.just({"x": "y"}))


@settings(deadline=None, max_examples=400)
@given(configs(CONFIG).filter(lambda value: isinstance(value, dict)))
def test_the_light_check_and_jsonschema_agree(value: dict[str, Any]) -> None:
    value.pop("format", None)
    text = "".join(f"{line}\n" for name, child in value.items() for line in emit.entry(name, child))
    config, findings = read_config(text.encode(), "wrkq.yaml")
    wrong = list(schema.errors("config", as_text(value, CONFIG)))
    assert bool(findings) == bool(wrong), (findings, wrong)
    assert not list(schema.errors("config", config.raw))


def as_text(value: Any, part: dict[str, Any]) -> Any:
    """The value with numbers as their source text where text is due: there the schema decides the type."""
    if isinstance(value, dict) and part.get("type") == "object":
        known, extra = part["properties"], part["additionalProperties"] or {}
        return {name: as_text(child, known.get(name, extra)) for name, child in value.items()}
    if isinstance(value, list) and part.get("type") == "array":
        return [as_text(child, part["items"]) for child in value]
    return str(value) if part.get("type") == "string" and isinstance(value, int) else value


@settings(deadline=None, max_examples=300)
@given(st.dictionaries(LINES, JSON, max_size=4), st.dictionaries(LINES, JSON, max_size=4))
def test_any_mapping_is_read_alike_by_both_readers_and_changed_exactly(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    text = "".join(f"{line}\n" for name, child in old.items() for line in emit.entry(name, child))
    slow = typed.plain_value(yaml_events.read(text))
    quick = plain.read(text)
    assert slow == old
    assert quick is None or typed.plain_value(quick) == old
    after = config_edit._spliced(text.encode(), old, copy.deepcopy(new))
    assert after is None or typed.plain_value(yaml_events.read(after.decode())) == new


def test_the_light_check_knows_every_word_of_the_schema() -> None:
    def words(part: Any) -> set[str]:
        if not isinstance(part, dict):
            return set()
        found = set(part)
        for child in [*part.get("properties", {}).values(), part.get("items"), part.get("additionalProperties")]:
            found |= words(child)
        return found

    assert words(CONFIG) <= light_schema.WORDS


def test_the_model_knows_every_key() -> None:
    assert tuple(CONFIG["properties"]) == KEYS


def test_reading_is_quick() -> None:
    read_config(FILE, "wrkq.yaml")
    started = time.perf_counter()
    for _ in range(50):
        read_config(FILE, "wrkq.yaml")
    assert (time.perf_counter() - started) / 50 < 0.002
