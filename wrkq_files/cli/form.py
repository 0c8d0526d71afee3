"""The forms of an answer: a table for people, JSON, NDJSON, TSV, one value a line; ordered, cut into pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from wrkq_files.errors import WrkqError

TABLE: Final = "table"
JSON: Final = "json"
NDJSON: Final = "ndjson"
TSV: Final = "tsv"
LINES: Final = "lines"
NUL: Final = "nul"
#: Option -> form; at most one of them in a request.
FORMS: Final = {"json": JSON, "ndjson": NDJSON, "tsv": TSV, "lines": LINES, "nul": NUL}
#: Fields that hold times: written with another zone, or as a date, a later one may come first as text.
_TIMES: Final = frozenset({"due", "start", "created", "deleted"})
_TSV_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\\0"})

Row = Mapping[str, Any]


class Form(NamedTuple):
    """What was asked of the answer. ``sort``: field names, ``-`` in front for the other direction."""

    name: str = TABLE
    fields: tuple[str, ...] = ()
    sort: tuple[str, ...] = ()
    limit: int | None = None
    cursor: str | None = None

    @property
    def is_json(self) -> bool:
        return self.name in (JSON, NDJSON)


def from_options(given: Mapping[str, Any]) -> Form:
    """The form that the options ask for. Raises ``usage`` when they contradict each other."""
    asked = [name for name in FORMS if given.get(name)]
    if len(asked) > 1:
        names = " and ".join({"lines": "-1", "nul": "-0"}.get(name, f"--{name}") for name in asked)
        raise WrkqError("usage", f"{names} are two forms of one answer", hint="choose one")
    limit = given.get("limit")
    if limit is not None and limit < 1:
        raise WrkqError("usage", f"--limit {limit} would show nothing", hint="--limit 1 or more")
    return Form(
        FORMS[asked[0]] if asked else TABLE,
        fields=words(given.get("fields")),
        sort=words(given.get("sort")),
        limit=limit,
        cursor=given.get("cursor"),
    )


def words(text: str | None) -> tuple[str, ...]:
    return tuple(word.strip() for word in (text or "").split(",") if word.strip())


def dumps(value: Any, *, indent: int | None = None) -> str:
    import json

    return json.dumps(value, ensure_ascii=False, indent=indent, default=_plain)


def _plain(value: Any) -> Any:
    """Sets, tuples' kin and value objects as JSON knows them."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return str(value)


def lines(form: Form, names: Sequence[str], rows: Sequence[Row]) -> Iterator[str]:
    """The rows as a program reads them, line by line."""
    if form.name == JSON:
        yield from _json_array(rows)
    elif form.name == NDJSON:
        yield from (dumps(row) for row in rows)
    elif form.name == TSV:
        yield "\t".join(names)
        yield from ("\t".join(_tsv(row[name]) for name in names) for row in rows)
    else:
        yield from ("\t".join(plain(row[name]) for name in names) for row in rows)


def _json_array(rows: Sequence[Row]) -> Iterator[str]:
    """An array with a line for each element: a diff or a pager can read it too."""
    if not rows:
        yield "[]"
        return
    last = len(rows) - 1
    yield from (
        ("[" if number == 0 else " ") + dumps(row) + ("]" if number == last else ",")
        for number, row in enumerate(rows)
    )


def _tsv(value: Any) -> str:
    return plain(value).translate(_TSV_ESCAPES)


def plain(value: Any) -> str:
    """A value as text: nothing for nothing, lists with commas, maps as JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(each if isinstance(each, str) else dumps(each) for each in value)
    return dumps(value) if isinstance(value, Mapping) else str(value)


def ordered(rows: Sequence[Row], sort: Sequence[str]) -> list[Row]:
    """The rows in the order of ``sort``; what has no value comes last either way."""
    result = list(rows)
    for word in reversed(sort):
        name = word.removeprefix("-")
        result.sort(key=lambda row, name=name: _rank(name, row[name])[1:], reverse=word.startswith("-"))  # type: ignore[misc]
        # A second, stable pass: reversing must not bring the empty ones to the front.
        result.sort(key=lambda row, name=name: row[name] is None)  # type: ignore[misc]
    return result


def _rank(name: str, value: Any) -> tuple[bool, bool, Any]:
    """A value as something to sort by: numbers and moments before text, nothing last."""
    from wrkq_files.model import times
    from wrkq_files.model.document import in_order

    if isinstance(value, (int, float)):
        return (False, False, value)
    if name in _TIMES and (moment := times.parse(plain(value))):
        return (False, False, moment.timestamp())
    return (value is None, True, in_order(plain(value)))


def page(rows: Sequence[Row], form: Form, keys: Sequence[str]) -> tuple[int, int, str | None]:
    """The page that ``--cursor`` and ``--limit`` ask for: its first row, the one after its last, the next cursor.

    ``keys``: what the rows are ordered by, ending with what identifies a row.
    """
    start = _start(rows, form.cursor, keys) if form.cursor else 0
    end = len(rows) if form.limit is None else min(start + form.limit, len(rows))
    if end >= len(rows) or end == start:
        return start, end, None
    return start, end, _encode({"keys": list(keys), "last": [rows[end - 1][word.removeprefix("-")] for word in keys]})


def _start(rows: Sequence[Row], cursor: str, keys: Sequence[str]) -> int:
    """The place after the row the last page ended with; the row itself may have left the list meanwhile."""
    told = _decode(cursor)
    if told["keys"] != list(keys) or len(told["last"]) != len(keys):
        raise WrkqError("usage", "the cursor belongs to another order", hint="begin again without --cursor")
    last = told["last"]
    identity = keys[-1].removeprefix("-")
    for number, row in enumerate(rows):
        if row[identity] == last[-1]:
            return number + 1
    return next((number for number, row in enumerate(rows) if _is_after(row, keys, last)), len(rows))


def _is_after(row: Row, keys: Sequence[str], last: Sequence[Any]) -> bool:
    for word, value in zip(keys, last, strict=True):
        name = word.removeprefix("-")
        ours, theirs = _rank(name, row[name]), _rank(name, value)
        if ours[0] != theirs[0]:
            return ours[0]
        if ours != theirs:
            return (ours < theirs) if word.startswith("-") else (ours > theirs)
    return False


def _encode(value: Mapping[str, Any]) -> str:
    import base64
    import json

    compact = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(compact.encode()).decode().rstrip("=")


def _decode(cursor: str) -> dict[str, Any]:
    import base64
    import json

    try:
        value: dict[str, Any] = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not (isinstance(value["keys"], list) and isinstance(value["last"], list)):
            raise TypeError
    except (ValueError, TypeError, KeyError) as error:
        raise WrkqError("usage", "the cursor is not one", hint="use next_cursor of the answer before") from error
    return value
