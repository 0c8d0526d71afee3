"""Values of fields: from the words of a file or a command line to the typed value, or a reason why not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from wrkq_files.model import ids, slugs, times
from wrkq_files.model.fields import PRIORITY_WORDS, STATE_SYNONYMS, Field, FieldType

_INTEGER: Final = re.compile(r"[-+]?[0-9]+")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
#: Written as a date is, whatever it says.
_DATE_FORM: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[Tt ][0-9]{2}:[0-9]{2}.*)?$")
_RANK: Final = re.compile(r"[0-9A-Za-z]+")
#: Python does not print numbers of more than 4300 decimal digits; longer scalars than this stay text.
_LONGEST: Final = 3000


class Unfit(ValueError):
    """A value that a field cannot hold; ``str()`` says what is allowed, as a phrase."""


def from_scalar(field: Field, text: str) -> Any:
    """The typed value of one scalar's source text. Raises :class:`Unfit`."""
    return _READERS[field.type](field, text)


def reader(kind: FieldType) -> Callable[[Field, str], Any]:
    """What :func:`from_scalar` calls for fields of one type."""
    return _READERS[kind]


def check_range(field: Field, number: float) -> None:
    """Raises :class:`Unfit` for a number outside the field's bounds."""
    if (field.low is not None and number < field.low) or (field.high is not None and number > field.high):
        raise Unfit(_numbers(field))


def _numbers(field: Field) -> str:
    noun = "a whole number" if field.type is FieldType.INTEGER else "a number"
    if field.high is not None:
        return f"{noun} from {field.low:g} to {field.high:g}"
    return noun if field.low is None else f"{noun} not below {field.low:g}"


def core_scalar(text: str) -> Any:
    """What YAML 1.2's core schema reads a plain scalar as (yaml.org/spec/1.2.2, 10.3.2)."""
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE"):
        return True
    if text in ("false", "False", "FALSE"):
        return False
    return _core_number(text)


def _core_number(text: str) -> Any:
    if len(text) > _LONGEST:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if re.fullmatch(r"0o[0-7]+", text):
        return int(text[2:], 8)
    if re.fullmatch(r"0x[0-9a-fA-F]+", text):
        return int(text[2:], 16)
    if _FLOAT.fullmatch(text):
        return float(text)
    if re.fullmatch(r"[-+]?\.(?:inf|Inf|INF)", text):
        return float("-inf") if text[0] == "-" else float("inf")
    return float("nan") if text in (".nan", ".NaN", ".NAN") else text


def is_core_text(text: str) -> bool:
    """Whether core resolution reads the plain scalar back as this same text."""
    value = core_scalar(text)
    return isinstance(value, str)


def sort_set(values: Iterable[str]) -> tuple[str, ...]:
    """A set in the order it is written in, each value once."""
    return tuple(sorted(set(values)))


def _text(field: Field, text: str) -> str:
    return text


def _slug(field: Field, text: str) -> str:
    if not slugs.SLUG.fullmatch(text):
        raise Unfit("a slug: a-z, 0-9 and `-`")
    return text


def _id(field: Field, text: str) -> str:
    upper = text.upper()
    if not ids.ID.fullmatch(upper):
        raise Unfit("an id: a letter, `-` and 8 characters of 0-9 A-Z without I, L, O, U")
    return upper


def _enum(field: Field, text: str) -> str:
    value = STATE_SYNONYMS.get(text, text) if field.name == "state" else text
    if value not in field.values:
        raise Unfit(f"one of {', '.join(field.values)}")
    return value


def _priority(field: Field, text: str) -> int:
    value = PRIORITY_WORDS.get(text.lower())
    if value is None and text in ("1", "2", "3", "4"):
        value = int(text)
    if value is None:
        raise Unfit("1 (highest) to 4, or critical, high, medium, low")
    return value


def _integer(field: Field, text: str) -> int:
    value = _number(field, text)
    if not isinstance(value, int):
        raise Unfit(_numbers(field))
    return value


def _number(field: Field, text: str) -> int | float:
    value = core_scalar(text)
    # Not beyond 64 bits, nor what JSON has no number for.
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1 << 63:
        raise Unfit(_numbers(field))
    check_range(field, value)
    return value


def _boolean(field: Field, text: str) -> bool:
    value = core_scalar(text)
    if not isinstance(value, bool):
        raise Unfit("true or false")
    return value


def _time(field: Field, text: str) -> str:
    if times.parse(text) is None:
        if _DATE_FORM.match(text):
            raise Unfit("a day that the calendar has, and a time of the day")
        raise Unfit("a date (2026-01-19) or a time (2026-01-19T14:24:16Z)")
    return text


def _rank(field: Field, text: str) -> str:
    if not _RANK.fullmatch(text):
        raise Unfit("letters and digits: a fractional index")
    return text


def _not_scalar(field: Field, text: str) -> Any:
    raise Unfit({FieldType.MAP: "a map of `key: value`", FieldType.MAPS: "a list of maps"}.get(field.type, "a list"))


_READERS: Final[Mapping[FieldType, Callable[[Field, str], Any]]] = {
    FieldType.TEXT: _text,
    FieldType.SLUG: _slug,
    FieldType.ID: _id,
    FieldType.IDS: _id,
    FieldType.WORDS: _text,
    FieldType.ENUM: _enum,
    FieldType.PRIORITY: _priority,
    FieldType.INTEGER: _integer,
    FieldType.NUMBER: _number,
    FieldType.BOOLEAN: _boolean,
    FieldType.TIME: _time,
    FieldType.RANK: _rank,
    FieldType.MAP: _not_scalar,
    FieldType.MAPS: _not_scalar,
    FieldType.JSON: lambda field, text: core_scalar(text),
}


def same(one: Any, other: Any) -> bool:
    """Equality of values as JSON sees them: ``1`` is not ``True``, a tuple is a list, maps have no order."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    return type(one) is type(other) and bool(one == other)
