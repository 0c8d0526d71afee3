"""The JSON Schemas: where they lie, and what they say about one document's fields."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wrkq_files.model import times
from wrkq_files.model.fields import DocType
from wrkq_files.model.finding import Finding

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

NAMES: Final = ("task", "container", "actor", "comment", "workspace", "config")
#: The name by which the schemas call our times; JSON Schema's own `date-time` takes no dates.
TIME_FORMAT: Final = "wrkq-time"
_RULE_OF_FIELD: Final = {"state": "unknown-state", "resolution": "bad-resolution", "id": "bad-id"}


@lru_cache(maxsize=len(NAMES))
def load_schema(name: str) -> dict[str, Any]:
    """The schema of a document type's name, or of ``config``. Raises KeyError for another name; not to be changed."""
    import json

    if name not in NAMES:
        raise KeyError(name)
    schema: dict[str, Any] = json.loads((folder() / f"{name}.schema.json").read_bytes())
    return schema


def folder() -> Path:
    """Where the schemas lie: inside an installed wheel, else at the top of the checkout."""
    # Not importlib.resources: every command reads `wrkq.yaml`, and that import alone costs more than the reading.
    package = Path(__file__).resolve().parent.parent
    installed = package / "_data" / "schema"
    return installed if installed.is_dir() else package.parent / "schema"


def verdicts(kind: DocType, parsed_fields: Mapping[str, Any]) -> list[Finding]:
    """What the type's schema finds wrong with fields as ``Document.fields`` has them; no path, no places."""
    return [_finding(error) for error in errors(kind.value, parsed_fields)]


def errors(name: str, value: Any) -> Iterator[ValidationError]:
    """jsonschema's errors for a value (tuples count as lists), in the order of the value."""
    return iter(sorted(_validator(name).iter_errors(_as_json(value)), key=lambda error: error.json_path))


@lru_cache(maxsize=64)
def pattern(source: str) -> re.Pattern[str]:
    """A schema's pattern as JSON Schema means it.

    To Python `$` also stands before a last line end, and `\\d` for the digits of every script.
    """
    outside_escapes_and_sets = r"(\\.|\[\^?(?:\\.|[^\]\\])*\])|\$"
    return re.compile(re.sub(outside_escapes_and_sets, lambda found: found[1] or r"\Z", source), re.ASCII)


@lru_cache(maxsize=len(NAMES))
def _validator(name: str) -> Validator:
    from jsonschema import Draft202012Validator, FormatChecker, validators

    checker = FormatChecker(formats=())
    checker.checks(TIME_FORMAT)(lambda value: not isinstance(value, str) or times.parse(value) is not None)
    judge: type[Validator] = validators.extend(  # type: ignore[no-untyped-call]
        Draft202012Validator, {"pattern": _judge_pattern}
    )
    return judge(load_schema(name), format_checker=checker)


def _judge_pattern(validator: Validator, source: str, value: Any, schema: Any) -> Iterator[ValidationError]:
    from jsonschema.exceptions import ValidationError

    if isinstance(value, str) and not pattern(source).search(value):
        yield ValidationError(f"{value!r} does not match {source!r}")


def _as_json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _as_json(child) for key, child in value.items()}
    return [_as_json(child) for child in value] if isinstance(value, (list, tuple)) else value


def _finding(error: ValidationError) -> Finding:
    field = str(error.absolute_path[0]) if error.absolute_path else ""
    message = f"{error.json_path.removeprefix('$.')}: {error.message}"
    return Finding(_RULE_OF_FIELD.get(field, "wrong-type"), "", message, allowed=str(error.validator_value))
