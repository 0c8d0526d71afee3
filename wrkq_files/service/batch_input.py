"""What a batch is written in: one JSON object for each operation, each on a line of its own or all in an array.

All of it is looked at before anything is done, and what is wrong is told by line and column.
"""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.model.fields import FIELDS as DOCUMENT_FIELDS
from wrkq_files.service.batch_table import FIELDS, FLAG, OPERATIONS, SYNONYMS, TEXT, TEXTS, Shape, Slot, slots_of

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_BLANKS: Final = re.compile(r"[ \t\r\n]*")
#: Python's own reader gives up somewhere above a thousand; no field is as deep as this.
_DEEPEST: Final = 50
_EXAMPLE: Final = '{"op": "add", "title": "What is to be done"}'


class Operation(NamedTuple):
    """One operation. ``name`` is its ``as``; ``line`` and ``place`` (``FILE:LINE:COLUMN``) are where it stands."""

    op: str
    name: str | None
    given: Mapping[str, Any]
    line: int
    place: str

    def as_json(self) -> Mapping[str, Any]:
        return {"op": self.op, **({"as": self.name} if self.name else {}), **self.given}


def read(data: bytes, file: str) -> list[Operation]:
    """The operations that a file holds. Raises WrkqError ``validation``, with the place of what is wrong."""
    text = _Text(data, file)
    names: set[str] = set()
    found: list[Operation] = []
    for start, value in text.values():
        try:
            operation = _operation(text, start, value)
            _check_references(operation, names)
        except _Wrong as wrong:
            raise text.wrong(text.find(start, wrong.key), wrong.message, wrong.hint) from wrong
        if operation.name:
            names.add(operation.name)
        found.append(operation)
    if not found:
        raise text.wrong(0, "there is no operation in it", f"one JSON object a line: {_EXAMPLE}")
    return found


def is_reference(value: object) -> bool:
    """Whether a value stands for what an earlier operation made; ``$$x`` is the text ``$x``."""
    return isinstance(value, str) and value.startswith("$") and not value.startswith("$$")


class _Wrong(Exception):
    """What is wrong with an operation, and the key (or text) beside which that stands."""

    def __init__(self, message: str, key: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message, self.key, self.hint = message, key, hint


class _Text:
    """The input as text, and the places in it."""

    def __init__(self, data: bytes, file: str) -> None:
        self.file = file
        try:
            self._text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            before = data[: error.start]
            line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
            raise _refused(file, line, column, f"not UTF-8 ({error.reason})", "") from error
        self._decoder = json.JSONDecoder(
            object_pairs_hook=_object, parse_float=_float, parse_int=_int, parse_constant=_constant
        )
        self._counted = (0, 1)  # an offset, and the line it is in

    def values(self) -> Iterator[tuple[int, Any]]:
        """Each operation's place and value."""
        start = self._blanks(0)
        if self._text[start : start + 1] == "[":
            yield from self._array(start + 1)
            return
        while start < len(self._text):
            value, end = self._value(start)
            yield start, value
            line_end = self._text.find("\n", end)
            line_end = len(self._text) if line_end < 0 else line_end
            if rest := self._text[end:line_end].strip():
                raise self.wrong(line_end - len(self._text[end:line_end].lstrip()), f"`{rest[:20]}` after it", "")
            start = self._blanks(line_end)

    def _array(self, at: int) -> Iterator[tuple[int, Any]]:
        at = self._blanks(at)
        while self._text[at : at + 1] != "]":
            value, end = self._value(at)
            yield at, value
            at = self._blanks(end)
            if self._text[at : at + 1] == ",":
                at = self._blanks(at + 1)
            elif self._text[at : at + 1] != "]":
                raise self.wrong(at, "no comma and no end of the array", "")
        if (rest := self._blanks(at + 1)) < len(self._text):
            raise self.wrong(rest, "more after the end of the array", "")

    def _value(self, start: int) -> tuple[Any, int]:
        try:
            value, end = self._decoder.raw_decode(self._text, start)
        except json.JSONDecodeError as error:
            raise self.wrong(error.pos, f"no JSON: {error.msg}", f"one JSON object a line: {_EXAMPLE}") from error
        except RecursionError as error:
            raise self.wrong(start, "nested too deeply", "") from error
        except ValueError as error:  # from our own hooks, which do not know where they are
            raise self.wrong(start, str(error), "") from error
        return value, end

    def _blanks(self, at: int) -> int:
        found = _BLANKS.match(self._text, at)
        return found.end() if found else at

    def find(self, start: int, key: str) -> int:
        """Where a key of the object that starts here stands; the object's own place where it has none."""
        found = re.compile(re.escape(json.dumps(key, ensure_ascii=False)) + r"\s*:").search(self._text, start)
        return found.start() if key and found else start

    def at(self, offset: int) -> tuple[int, int]:
        """Line and column; asked for in rising order, each part of the text is looked through once."""
        before, line = self._counted if self._counted[0] <= offset else (0, 1)
        line += self._text.count("\n", before, offset)
        self._counted = (offset, line)
        return line, offset - self._text.rfind("\n", 0, offset)

    def wrong(self, offset: int, message: str, hint: str) -> WrkqError:
        return _refused(self.file, *self.at(offset), message, hint)


def _refused(file: str, line: int, column: int, message: str, hint: str) -> WrkqError:
    details = {"file": file, "line": line, "column": column}
    return WrkqError("validation", f"{file}:{line}:{column}: {message}", hint=hint, details=details)


# JSON, stricter than Python's


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"`{name[:80]}` stands there twice")
        found[name] = value
    return found


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is too large a number")
    return number


def _int(text: str) -> int:
    if len(text) > 20:
        raise ValueError(f"{text[:20]}… is too large a number")
    return int(text)


def _constant(word: str) -> float:
    raise ValueError(f"{word} is no JSON number")


def _check_plain(value: Any, depth: int = 0) -> None:
    """Raises where a text holds what no file and no name can, or where it is deeper than any field."""
    if depth > _DEEPEST:
        raise _Wrong("nested too deeply")
    if isinstance(value, str) and ("\0" in value or any("\ud800" <= each <= "\udfff" for each in value)):
        raise _Wrong("a text with NUL, or with half a character (a lone surrogate)")
    if isinstance(value, dict):
        for each in (*value, *value.values()):
            _check_plain(each, depth + 1)
    if isinstance(value, list):
        for each in value:
            _check_plain(each, depth + 1)


# One operation


def _operation(text: _Text, start: int, value: Any) -> Operation:
    if not isinstance(value, dict):
        raise _Wrong("an operation is a JSON object", hint=_EXAMPLE)
    _check_plain(value)
    word = value.get("op")
    op = SYNONYMS.get(word, word) if isinstance(word, str) else ""
    if op not in OPERATIONS:
        told = "no `op`" if "op" not in value else f"`{json.dumps(word)[:80]}` is no operation"
        raise _Wrong(told, "op", f"operations: {', '.join(OPERATIONS)}")
    shape = OPERATIONS[op]
    slots = slots_of(op)
    name = _named(value, op, shape)
    for key, slot in shape.slots.items():
        if slot.needed and key not in value:
            raise _Wrong(f"{op} without `{key}`", hint=slot.help)
    given = {key: _checked(op, key, slots, each) for key, each in value.items() if key not in ("op", "as")}
    line, column = text.at(start)
    return Operation(op, name, given, line, f"{text.file}:{line}:{column}")


def _named(value: Mapping[str, Any], op: str, shape: Shape) -> str | None:
    if "as" not in value:
        return None
    name = value["as"]
    if not shape.makes:
        makers = ", ".join(each for each, other in OPERATIONS.items() if other.makes)
        raise _Wrong(f"{op} makes nothing that `as` could name", "as", f"these do: {makers}")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise _Wrong("`as` is a name: letters, digits, - and _, at most 64, a letter first", "as")
    return name


def _checked(op: str, key: str, slots: Mapping[str, Slot], value: Any) -> Any:
    if key not in slots:
        raise _Wrong(f"{op} has no `{key[:80]}`", key, _meant(op, key, slots))
    kind = slots[key].kind
    fits = {
        TEXT: isinstance(value, str),
        TEXTS: _is_text(value) or (isinstance(value, list) and bool(value) and all(map(_is_text, value))),
        FLAG: isinstance(value, bool),
        FIELDS: isinstance(value, dict),
    }[kind]
    if not fits:
        raise _Wrong(f"`{key}` is {kind}", key)
    if kind == TEXTS:
        return [str(each) for each in (value if isinstance(value, list) else [value])]
    return value


def _is_text(value: object) -> bool:
    """A number is as good as its text: items are told by numbers."""
    return isinstance(value, (str, int)) and not isinstance(value, bool)


def _meant(op: str, key: str, slots: Mapping[str, Slot]) -> str:
    if "fields" in slots and any(key.partition(".")[0] in table for table in DOCUMENT_FIELDS.values()):
        return f'fields stand together: "fields": {{"{key[:80]}": …}}'
    near = difflib.get_close_matches(key, slots, 1)
    return f"did you mean `{near[0]}`?" if near else f"{op} takes: {', '.join(['op', *slots])}"


# References


def _check_references(operation: Operation, names: set[str]) -> None:
    if operation.name in names:
        raise _Wrong(f"`{operation.name}` is named twice", "as")
    for key, name in references(operation):
        if name not in names:
            known = ", ".join(f"${each}" for each in sorted(names)[:20]) or "none"
            raise _Wrong(f"`${name[:80]}`: nothing before it is named so", key, f"named so far: {known}")


def references(operation: Operation) -> list[tuple[str, str]]:
    """The names it refers to, each with the key where it does."""
    slots = OPERATIONS[operation.op].slots
    found: list[tuple[str, str]] = []
    for key, value in operation.given.items():
        if key in slots and slots[key].refers:
            found += [(key, each[1:]) for each in _each(value) if is_reference(each)]
    for field, value in operation.given.get("fields", {}).items():
        if is_relation(field):
            found += [(field, each[1:]) for each in _each(value) if is_reference(each)]
    return found


def is_relation(field: str) -> bool:
    """Whether the values of a field are documents."""
    found = (table.get(field.replace("-", "_")) for table in DOCUMENT_FIELDS.values())
    return field not in ("id", "on") and any(each is not None and each.type in ("id", "ids") for each in found)


def _each(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else [value]
