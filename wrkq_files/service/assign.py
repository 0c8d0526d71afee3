"""From ``field=value`` as a person types it to the typed value a document holds."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from wrkq_files.errors import WrkqError
from wrkq_files.model import times, values
from wrkq_files.model.document import Value
from wrkq_files.model.fields import (
    DEFAULT_PRIORITY,
    DEFAULT_STATE,
    DEFAULT_TASK_KIND,
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
#: Fields that name an actor: `me` stands for the one who asks.
ACTOR_FIELDS: Final = frozenset({"assignee", "reviewer", "owner"})
_ELSEWHERE: Final = {
    "archived": "wrkq rm, wrkq restore",
    "body": "wrkq edit, or wrkq apply",
    "labels+": "--add-label",
    "sections": "edit the project's README.md",
}


def typed(tracker: Tracker, kind: DocType, name: str, text: str) -> tuple[str, Value | None]:
    """The field and the value that ``name=text`` stands for; None clears the field.

    Raises WrkqError ``validation`` for a value that does not fit, ``usage`` for a field that does not exist.
    """
    base, dot, key = name.partition(".")
    field = _field(tracker, kind, base)
    if dot:
        return base, {key: _nested(field, key, text)}
    if text == "":
        return field.name, None
    value = _value(tracker, field, text)
    default = DEFAULTS.get(field.name) if kind is DocType.TASK or field.name == "priority" else None
    return field.name, None if value == default else value


def all_typed(tracker: Tracker, kind: DocType, pairs: Iterable[tuple[str, str]]) -> dict[str, Value | None]:
    """Every assignment of one request; parts of one map (``score.effort=2 score.leverage=3``) are gathered."""
    result: dict[str, Value | None] = {}
    for name, text in pairs:
        field, value = typed(tracker, kind, name, text)
        if "." in name and isinstance(result.get(field), dict):
            result[field] = {**(result[field] or {}), **(value or {})}
        else:
            result[field] = value
    return result


def partial_maps(pairs: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The maps of which only some keys are assigned: the other keys stay."""
    return frozenset(name.partition(".")[0] for name, _ in pairs if "." in name)


def _field(tracker: Tracker, kind: DocType, name: str) -> Field:
    table = FIELDS[kind]
    plain = name.replace("-", "_")
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
        found = [resolve.one(tracker, part.strip()).id for part in text.split(",") if part.strip()]
        return values.sort_set(found) if field.type is FieldType.IDS else found[0]
    if field.type is FieldType.WORDS:
        return values.sort_set(_words(field, text))
    if field.name == "participants" and not text.startswith("["):
        return tuple(_participant(tracker, part) for part in text.split(",") if part.strip())
    if field.type in (FieldType.MAP, FieldType.MAPS, FieldType.JSON):
        return _json(field, text)
    return _scalar(field, text)


def _words(field: Field, text: str) -> list[str]:
    words = [part.strip() for part in text.split(",") if part.strip()]
    if field.values and (unknown := sorted(set(words) - set(field.values))):
        raise unfit(field.name, unknown[0], f"one of {', '.join(field.values)}")
    return words


def _scalar(field: Field, text: str) -> Value:
    if field.type is FieldType.TEXT and ("\0" in text or (field.name == "title" and "\n" in text)):
        raise unfit(field.name, text, "one line of text")
    try:
        return values.from_scalar(field, text)
    except values.Unfit as error:
        raise unfit(field.name, text, str(error)) from error


def _nested(field: Field, key: str, text: str) -> Value | None:
    if field.type is FieldType.JSON:
        return _loose_json(text)
    if field.type is not FieldType.MAP or key not in field.sub:
        hint = f"it has: {', '.join(field.sub)}" if field.sub else "it is no map"
        raise WrkqError("usage", f"`{field.name}` has no part `{key}`", hint=hint)
    return None if text == "" else _scalar(field.sub[key], text)


def _actor(tracker: Tracker, text: str) -> str:
    from wrkq_files.service import actors

    slug = actors.required(tracker).slug if text in ("me", "@me") else text.removeprefix("@")
    actors.check_known(tracker, slug)
    return slug


def _participant(tracker: Tracker, text: str) -> dict[str, Any]:
    slug, colon, role = text.strip().partition(":")
    return {"actor": _actor(tracker, slug)} | ({"role": role.strip()} if colon else {})


def _json(field: Field, text: str) -> Value:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise unfit(field.name, text, f"JSON ({error})") from error
    wanted = {FieldType.MAP: dict, FieldType.MAPS: list}.get(field.type)
    if wanted and not isinstance(value, wanted):
        raise unfit(field.name, text, "a JSON object" if wanted is dict else "a JSON list of objects")
    return tuple(value) if field.type is FieldType.MAPS else value


def _loose_json(text: str) -> Value:
    try:
        return json.loads(text)
    except ValueError:
        return text


def unfit(name: str, text: str, allowed: str) -> WrkqError:
    return WrkqError(
        "validation",
        f"`{text[:80]}` does not fit {name}: allowed is {allowed}",
        details={"field": name, "allowed": allowed},
    )


def minted_value(tracker: Tracker, kind: DocType, name: str, text: str) -> Value:
    """The value of a field that is written once, at creation (a comment's ``percent``, ``verdict`` …)."""
    field = FIELDS[kind].get(name.replace("-", "_"))
    if field is None:
        raise WrkqError("usage", f"a {kind} has no field `{name}`", hint=f"fields: {', '.join(FIELDS[kind])}")
    return _value(tracker, field, text)
