"""From ``field=value`` as a person types it to the typed value a document holds."""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from wrkq_files.errors import WrkqError
from wrkq_files.model import ranks, times, values
from wrkq_files.model.document import Value
from wrkq_files.model.fields import (
    DEFAULT_PRIORITY,
    DEFAULT_STATE,
    DEFAULT_TASK_KIND,
    FIELD_SYNONYMS,
    FIELDS,
    DocType,
    Field,
    FieldType,
)
from wrkq_files.service import resolve
from wrkq_files.service.tracker import Tracker

#: A value equal to the default is not written.
DEFAULTS: Final[Mapping[str, Value]] = {
    "state": DEFAULT_STATE,
    "priority": DEFAULT_PRIORITY,
    "kind": DEFAULT_TASK_KIND,
}
#: What the one who makes a document cannot choose.
_ITS_OWN: Final = frozenset({"id", "on", "author", "created", "created_by", "kind", "deleted"})
#: Fields that name an actor: `me` stands for the one who asks.
ACTOR_FIELDS: Final = frozenset({"assignee", "reviewer", "owner"})
#: The types of document that a field may refer to, where it is not any task or container.
_REFERS: Final[Mapping[str, Collection[DocType]]] = {
    **dict.fromkeys(("blocked_by", "duplicate_of", "parent"), (DocType.TASK,)),
    "supersedes": (DocType.COMMENT,),
    "feature": (DocType.CONTAINER,),
}
_ELSEWHERE: Final = {
    "archived": "wrkq rm, wrkq restore",
    "body": "wrkq edit, or wrkq apply",
    "deleted": "wrkq comment rm",
    "sections": "edit the project's README.md",
}


def typed(tracker: Tracker, kind: DocType, name: str, text: str) -> tuple[str, Value | None]:
    """The field and the value that ``name=text`` stands for; None clears the field.

    Raises WrkqError ``validation`` for a value that does not fit, ``usage`` for a field that does not exist.
    """
    base, dot, key = name.partition(".")
    field = _field(tracker, kind, base)
    return _typed(tracker, kind, field, key if dot else None, text)


def minted(tracker: Tracker, kind: DocType, name: str, text: str) -> tuple[str, Value | None]:
    """As :func:`typed`, for a document that is being made: what is written once is given now."""
    base, dot, key = name.partition(".")
    base = base.replace("-", "_")
    field = FIELDS[kind].get(base)
    if field is None or base in _ITS_OWN:
        names = ", ".join(each for each in FIELDS[kind] if each not in _ITS_OWN)
        raise WrkqError("usage", f"`{name}` of a {kind} cannot be given", hint=f"fields: {names}")
    return _typed(tracker, kind, field, key if dot else None, text)


def _typed(tracker: Tracker, kind: DocType, field: Field, key: str | None, text: str) -> tuple[str, Value | None]:
    if key is not None:
        return field.name, {key: _nested(field, key, text)}
    if text == "":
        return field.name, None
    return field.name, without_default(kind, field.name, _value(tracker, field, text))


def without_default(kind: DocType, name: str, value: Value | None) -> Value | None:
    """None in place of the value that a field has when it is absent."""
    default = DEFAULTS.get(name) if kind is DocType.TASK or name == "priority" else None
    return None if value == default else value


def labels(words: Iterable[str]) -> list[str]:
    """Labels as given one by one, or with commas. Raises ``validation`` for what is no word."""
    found = [part.strip() for word in words for part in word.split(",")]
    for word in found:
        if not word or not word.isprintable():
            raise unfit("labels", word, "words in one line")
    return found


def all_typed(tracker: Tracker, kind: DocType, pairs: Iterable[tuple[str, str]]) -> dict[str, Value | None]:
    """Every assignment of one request; parts of one map (``score.effort=2 score.leverage=3``) are gathered."""
    result: dict[str, Value | None] = {}
    for name, text in pairs:
        field, value = typed(tracker, kind, name, text)
        if "." in name and isinstance(result.get(field), dict):
            value = {**(result[field] or {}), **(value or {})}
        result[field] = value
    return result


def given(
    tracker: Tracker, kind: DocType, pairs: Sequence[tuple[str, str]], before: Mapping[str, Value] | None = None
) -> dict[str, Value | None]:
    """The fields of a new document that begins with those of ``before``."""
    fields: dict[str, Value | None] = dict(before or {})
    partial = partial_maps(pairs)
    for name, value in all_typed(tracker, kind, pairs).items():
        fields[name] = merged(fields.get(name), value) if name in partial else value
    return fields


def partial_maps(pairs: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The maps of which only some keys are assigned: the other keys stay."""
    return frozenset(name.partition(".")[0].replace("-", "_") for name, _ in pairs if "." in name)


def merged(old: Value, new: Value) -> Value | None:
    """A map after some of its keys were assigned; None for a key takes it out."""
    if old is not None and not isinstance(old, Mapping):
        raise WrkqError("validation", "it is no map, so it has no parts", hint="give it another value first")
    both = {**(old or {}), **(new or {})}
    return {key: value for key, value in both.items() if value is not None} or None


def _field(tracker: Tracker, kind: DocType, name: str) -> Field:
    table = FIELDS[kind]
    plain = FIELD_SYNONYMS.get(name, name).replace("-", "_")
    if plain in _ELSEWHERE:
        raise WrkqError("usage", f"`{plain}` is not set this way", hint=_ELSEWHERE[plain])
    field = table.get(plain)
    if field is None:
        near = difflib.get_close_matches(plain, table, 1)
        hint = f"did you mean `{near[0]}`?" if near else f"fields: {', '.join(table)}"
        raise WrkqError("usage", f"a {kind} has no field `{name}`", hint=hint)
    if field.minted:
        raise WrkqError("refused", f"`{plain}` is written once and never changes", hint="make a new document instead")
    if plain == "kind" and kind is DocType.TASK and tracker.config.kinds:
        return Field(field.name, field.type, field.help, (*field.values, *tracker.config.kinds))
    return field


def _value(tracker: Tracker, field: Field, text: str) -> Value:
    if field.type is FieldType.TIME:
        text = times.from_words(text, tracker.door.now()) or text
    if field.name in ACTOR_FIELDS:
        return _actor(tracker, text)
    if field.type in (FieldType.ID, FieldType.IDS):
        words = text.split(",") if field.type is FieldType.IDS else [text]
        types = _REFERS.get(field.name, resolve.ANY)
        found = [resolve.one(tracker, word.strip(), types).id for word in words]
        return values.sort_set(found) if field.type is FieldType.IDS else found[0]
    if field.type is FieldType.WORDS:
        return values.sort_set(_words(field, text))
    if field.name == "target" and not text.startswith("{"):
        return _new_target(tracker, field, text)
    if field.name == "participants" and not text.startswith("["):
        return tuple(_participant(tracker, part) for part in text.split(",") if part.strip())
    if field.type in (FieldType.MAP, FieldType.MAPS, FieldType.JSON):
        return _json(tracker, field, text)
    return _scalar(field, text)


def _new_target(tracker: Tracker, field: Field, text: str) -> Value:
    """A target of this type, whose id is minted now."""
    from wrkq_files.service.publish import ulid

    types = field.sub["type"].values
    if text not in types:
        raise unfit(field.name, text, f"{' or '.join(types)}; or JSON with type and id")
    return {"type": text, "id": ulid(tracker)}


def _words(field: Field, text: str) -> list[str]:
    words = [part.strip() for part in text.split(",") if part.strip()]
    if not words or not all(word.isprintable() for word in words):
        raise unfit(field.name, text, "words in one line")
    if field.values and (unknown := sorted(set(words) - set(field.values))):
        raise unfit(field.name, unknown[0], f"one of {', '.join(field.values)}")
    return words


def _scalar(field: Field, text: str) -> Value:
    if field.name == "title":
        return one_line(field.name, text)
    if field.type is FieldType.RANK and ranks.place(text):
        raise WrkqError("usage", f"`{text}` is a place among others", hint=f"wrkq set TARGET --rank {text}")
    if field.type is FieldType.RANK and not ranks.is_key(text):
        raise unfit(field.name, text, f"{ranks.PLACES}; or a fractional index, such as a0")
    try:
        return values.from_scalar(field, text)
    except values.Unfit as error:
        allowed = str(error) + (", or today, tomorrow, 3d, -2w, 12h" if field.type is FieldType.TIME else "")
        near = difflib.get_close_matches(text.lower(), field.values, 1) if field.values else []
        raise unfit(field.name, text, allowed, hint=f"did you mean `{near[0]}`?" if near else "") from error


def no_number(word: str) -> float:
    """For ``json.loads``: JSON has no ``NaN`` and no ``Infinity``, though Python reads them."""
    raise ValueError(f"{word} is no JSON number")


def text(name: str, words: str) -> str:
    """A body as given. Raises ``validation`` for what a text file cannot hold."""
    if "\0" in words or any("\ud800" <= each <= "\udfff" for each in words):
        raise unfit(name, words, "text, without NUL")
    return words


def one_line(name: str, text: str) -> str:
    """The text without blanks around it. Raises ``validation`` for what a line of a list could not show."""
    line = text.strip()
    if not line or "\n" in line or "\r" in line or "\0" in line:
        raise unfit(name, text, "one line of text")
    return line


def _nested(field: Field, key: str, text: str) -> Value | None:
    if not key:
        raise WrkqError("usage", f"`{field.name}.` names no part", hint=f"{field.name}.NAME=VALUE")
    if field.type is FieldType.JSON:
        return None if text == "" else _loose_json(text)
    if field.type is FieldType.MAPS:
        raise WrkqError("usage", f"`{field.name}` is a list", hint=f"{field.name}='[{{…}}]'")
    part = _part(field, key)
    return None if text == "" else _scalar(part, text)


def _actor(tracker: Tracker, text: str) -> str:
    from wrkq_files.service import actors

    slug = actors.required(tracker).slug if text in ("me", "@me") else text.removeprefix("@")
    actors.check_known(tracker, slug)
    return slug


def _participant(tracker: Tracker, text: str) -> dict[str, Any]:
    slug, colon, role = text.strip().partition(":")
    return {"actor": _actor(tracker, slug)} | ({"role": role.strip()} if colon else {})


def _json(tracker: Tracker, field: Field, text: str) -> Value:
    try:
        value = json.loads(text, parse_constant=no_number)
    except (ValueError, RecursionError) as error:
        raise unfit(field.name, text, f"JSON ({error})") from error
    if field.type is FieldType.JSON:
        return value
    items = value if field.type is FieldType.MAPS and isinstance(value, list) else [value]
    if (field.type is FieldType.MAPS and items is not value) or not all(isinstance(item, dict) for item in items):
        raise unfit(field.name, text, "a JSON object" if field.type is FieldType.MAP else "a JSON list of objects")
    typed_items = [_parts(tracker, field, item) for item in items]
    return tuple(typed_items) if field.type is FieldType.MAPS else typed_items[0]


def _parts(tracker: Tracker, field: Field, item: Mapping[str, Any]) -> dict[str, Value]:
    """The typed parts of one JSON object."""
    found: dict[str, Value] = {}
    for key, value in item.items():
        if isinstance(value, (dict, list)):
            raise unfit(f"{field.name}.{key}", str(value), "one value")
        if value is not None:
            text = value if isinstance(value, str) else json.dumps(value)
            found[key] = _actor(tracker, text) if key == "actor" else _scalar(_part(field, key), text)
    return found


def _part(field: Field, key: str) -> Field:
    if key not in field.sub:
        hint = f"it has: {', '.join(field.sub)}" if field.sub else "it is no map"
        raise WrkqError("usage", f"`{field.name}` has no part `{key}`", hint=hint)
    return field.sub[key]


def _loose_json(text: str) -> Value:
    try:
        return json.loads(text, parse_constant=no_number)
    except RecursionError as error:
        raise unfit("the value", text, "JSON that is not nested as deeply") from error
    except ValueError:
        return text


def unfit(name: str, text: str, allowed: str, *, hint: str = "") -> WrkqError:
    return WrkqError(
        "validation",
        f"`{text[:80]}` does not fit {name}: allowed is {allowed}",
        hint=hint,
        details={"field": name, "allowed": allowed},
    )
