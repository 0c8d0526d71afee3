"""From nodes to typed fields: the schema decides what a scalar's text means; what does not fit is a finding."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, Final

from wrkq_files.files import plain
from wrkq_files.files.nodes import Map, Node, Scalar, Seq, Unreadable
from wrkq_files.model import ids, values
from wrkq_files.model.fields import FIELD_SYNONYMS, FIELDS, DocType, Field, FieldType
from wrkq_files.model.values import Unfit

#: Never in a file: derived from git.
DERIVED: Final = frozenset({"updated_at", "updated_by", "completed_at", "etag", "created_at"})
#: Set-like fields; a plain scalar stands for a set of one.
SETS: Final = frozenset({FieldType.IDS, FieldType.WORDS})
#: Types whose plain `null` and `~` are text; for all others they say that there is no value.
_LITERAL: Final = frozenset({FieldType.TEXT, FieldType.WORDS})
_QUOTES: Final = "\"'"
_NULLS: Final = frozenset({"~", "null", "Null", "NULL"})
#: Longer digits could not be printed again (Python's limit is 4300); they are kept as text.
_MAX_NUMBER: Final = 1000
#: Texts of one field whose values are remembered: states, actors and dates come again and again.
_MAX_KNOWN: Final = 256
_ABSENT: Final = object()

#: What other trackers call fields of ours, where the words are not alike.
_OTHER_WORDS: Final[Mapping[str, str]] = {
    "prio": "priority",
    "owner": "assignee",
    "assigned_to": "assignee",
    "name": "title",
    "deadline": "due",
    "due_date": "due",
    "depends": "blocked_by",
    "depends_on": "blocked_by",
    "dependencies": "blocked_by",
    "estimate": "estimate_hours",
}

#: rule, offset in the frontmatter, message, allowed, remedy
Report = Callable[[str, int, str, str, str], None]


class Plan:
    """How a field is read, looked up once: enum members are slow keys, and this is the index's hot path.

    ``direct``: any scalar's text is the value; else ``value`` makes it, and ``known`` remembers what it made.
    ``sub`` holds the plans of a map's keys.
    """

    __slots__ = ("direct", "field", "is_scalar", "is_set", "known", "name", "read", "sub", "value")

    def __init__(self, field: Field) -> None:
        self.field = field
        self.name = field.name
        self.direct = field.type in _LITERAL and not field.values
        self.read = _READ[field.type]
        self.is_scalar = self.read is _scalar
        self.is_set = self.read is _set
        self.value = _value_reader(field)
        self.known: dict[str, Any] = {}
        self.sub = {name: Plan(sub) for name, sub in field.sub.items()}


def fields_of(root: Map, kind: DocType, report: Report, kinds: Sequence[str] | None = ()) -> dict[str, Any]:
    """The fields that frontmatter says, in its order; values that do not fit are reported and left out.

    ``kinds``: the task kinds that ``wrkq.yaml`` adds; None: any word is one.

    Raises :class:`Unreadable` when a field is given twice under two names.
    """
    table = _table(kind, None if kinds is None else tuple(kinds))
    fields: dict[str, Any] = {}
    for key, (name, node) in root.pairs.items():
        plan = table.get(key)
        if plan is None:
            _unknown(kind, name, report)
            value = None if key in DERIVED else plain_value(node)
            if value is not None:
                fields[key] = value
            continue
        if key != plan.name and plan.name in root.pairs:
            message = f"`{key}` is read as `{plan.name}`, which is given too"
            raise Unreadable("duplicate-key", name.start, message, remedy=f"join both under `{plan.name}`")
        value = plan.read(plan, node, report)
        if value is not _ABSENT:
            fields[plan.name] = value
    return fields


def flat_fields(frontmatter: str, kind: DocType, kinds: Sequence[str] | None = ()) -> dict[str, Any] | None:
    """The same for frontmatter that is plain and flat and about which there is nothing to report; None for all other.

    Most files are so, and this is the index's hot path. A property test holds it to :func:`fields_of`.
    """
    pairs = plain.pairs(frontmatter)
    if pairs is None:
        return None
    table = _table(kind, None if kinds is None else tuple(kinds))
    fields: dict[str, Any] = {}
    try:
        for key, text, block in pairs:
            plan = table[key]
            name = plan.name
            if name in fields:
                return None
            known = plan.known.get(text)
            if known is not None:
                fields[name] = known
            elif text and plan.is_scalar:
                fields[name] = _one(plan, text)
            elif block and plan.is_set:
                fields[name] = _many(plan, plain.items_of(block))
            else:
                return None
    except (KeyError, Unfit):
        return None
    return fields


def _one(plan: Plan, text: str) -> Any:
    """The value of a scalar as it is written. Raises :class:`Unfit`, also where it says that there is no value."""
    is_quoted = text[0] in _QUOTES
    if plan.direct:
        return text[1:-1] if is_quoted else text
    if is_quoted or text in _NULLS:
        raise Unfit("a plain value")
    value = plan.value(text)
    if len(plan.known) < _MAX_KNOWN:
        plan.known[text] = value
    return value


def _many(plan: Plan, texts: list[str]) -> tuple[str, ...]:
    found = texts if plan.direct else [plan.value(text) for text in texts]
    if len(found) > 1 and found != sorted(set(found)):
        raise Unfit("a sorted set")
    return tuple(found)


@lru_cache(maxsize=64)
def _table(kind: DocType, kinds: tuple[str, ...] | None) -> Mapping[str, Plan]:
    """Every key's field, synonyms included; the `id` with its type's letter, a task's `kind` with added kinds."""
    table = dict(FIELDS[kind])
    if kind is DocType.TASK and kinds is None:
        table["kind"] = table["kind"]._replace(type=FieldType.TEXT, values=())
    elif kind is DocType.TASK and kinds:
        table["kind"] = table["kind"]._replace(values=(*table["kind"].values, *kinds))
    if "id" in table:
        table["id"] = table["id"]._replace(key=ids.LETTERS[kind])
    plans = {name: Plan(field) for name, field in table.items()}
    return plans | {synonym: plans[name] for synonym, name in FIELD_SYNONYMS.items() if name in plans}


def plain_value(node: Node) -> Any:
    """What YAML 1.2 core reads a node as. Numbers that JSON does not have, or too long to print, stay text."""
    if isinstance(node, Scalar):
        return node.text if node.style else core(node.text)
    if isinstance(node, Seq):
        return [plain_value(item) for item in node.items]
    return {key: plain_value(value) for key, (_, value) in node.pairs.items()}


def core(text: str) -> Any:
    """The value of a plain scalar in `meta`, in unknown keys and in `wrkq.yaml`."""
    if len(text) > _MAX_NUMBER:
        return text
    value = values.core_scalar(text)
    return text if isinstance(value, float) and not math.isfinite(value) else value


def scalar_value(field: Field, node: Scalar) -> Any:
    """The typed value of one scalar. Raises :class:`Unfit`."""
    return text_value(field, node.text)


def text_value(field: Field, text: str) -> Any:
    """The typed value of a scalar's text. Raises :class:`Unfit`."""
    value = values.from_scalar(field, text)
    # The key of a document's own `id` is its type's letter: see `_table`.
    if field.name == "id" and field.key and value[0] != field.key:
        raise Unfit(f"`{field.key}-` and 8 characters of 0-9 A-Z without I, L, O, U")
    if field.type is FieldType.WORDS and field.values and value not in field.values:
        raise Unfit(f"one of {', '.join(field.values)}")
    return value


def _value_reader(field: Field) -> Callable[[str], Any]:
    """:func:`text_value` for one field, without the looking up and the questions that it has no need of."""
    if (field.name == "id" and field.key) or field.values:
        return partial(text_value, field)
    return partial(values.reader(field.type), field)


def _says_nothing(field: Field, node: Scalar) -> bool:
    return not node.style and (not node.text or (node.text in _NULLS and field.type not in _LITERAL))


def _scalar(plan: Plan, node: Node, report: Report) -> Any:
    field = plan.field
    if not isinstance(node, Scalar):
        return _misfit(field, node, report, _allowed(field))
    if (not node.text or node.text in _NULLS) and _says_nothing(field, node):
        return _ABSENT
    if plan.direct:
        return node.text
    try:
        return scalar_value(field, node)
    except Unfit as unfit:
        return _misfit(field, node, report, str(unfit))


def _set(plan: Plan, node: Node, report: Report) -> Any:
    field = plan.field
    if isinstance(node, Map):
        return _misfit(field, node, report, "a list of words, one a line")
    items = node.items if isinstance(node, Seq) else [node]
    if isinstance(node, Scalar) and _says_nothing(field, node):
        return _ABSENT
    found: dict[str, None] = {}
    for item in items:
        if not isinstance(item, Scalar) or item.is_empty:
            return _misfit(field, item, report, "a word for each item", item=True)
        try:
            found[item.text if plan.direct else scalar_value(field, item)] = None
        except Unfit as unfit:
            return _misfit(field, item, report, str(unfit), item=item is not node)
    return _in_order(field, node, tuple(found), len(items), report)


def _in_order(field: Field, node: Node, found: tuple[str, ...], count: int, report: Report) -> Any:
    if not found:
        return _ABSENT
    if count > 1 and (len(found) < count or list(found) != sorted(found)):
        message = f"`{field.name}` is not sorted" if len(found) == count else f"`{field.name}` holds a word twice"
        report("unsorted-set", node.start, message, ", ".join(sorted(found)), "")
    return found


def _map(plan: Plan, node: Node, report: Report) -> Any:
    if isinstance(node, Scalar) and _says_nothing(plan.field, node):
        return _ABSENT
    if not isinstance(node, Map):
        return _misfit(plan.field, node, report, _allowed(plan.field))
    return _pairs(plan, node, report) or _ABSENT


def _pairs(plan: Plan, node: Map, report: Report) -> dict[str, Any] | None:
    """The typed values of a map's keys; None when one of them does not fit (and is reported)."""
    found: dict[str, Any] = {}
    for key, (name, child) in node.pairs.items():
        sub = plan.sub.get(key)
        if sub is None and _is_closed(plan.field):
            _misfit(plan.field, name, report, f"the keys {', '.join(plan.sub)}", f"`{key}` is none")
            return None
        if sub is None:
            report("unknown-key", name.start, f"`{key}` is not a key of `{plan.name}`", ", ".join(plan.sub), "")
        value = sub.read(sub, child, report) if sub else plain_value(child)
        if value is not _ABSENT and value is not None:
            found[key] = value
        elif sub and not (isinstance(child, Scalar) and _says_nothing(sub.field, child)):
            return None
    return found


def _is_closed(field: Field) -> bool:
    """Whether other keys would change what the map means: a score is the sum of all its parts."""
    return all(sub.type is FieldType.INTEGER for sub in field.sub.values())


def _maps(plan: Plan, node: Node, report: Report) -> Any:
    field = plan.field
    if isinstance(node, Scalar) and _says_nothing(field, node):
        return _ABSENT
    if not isinstance(node, Seq):
        return _misfit(field, node, report, _allowed(field))
    found: list[dict[str, Any]] = []
    for item in node.items:
        if not isinstance(item, Map):
            return _misfit(field, item, report, _allowed(field))
        value = _pairs(plan, item, report)
        if value is None:
            return _ABSENT
        if field.key not in value:
            return _misfit(field, item, report, f"an item with `{field.key}`", f"`{field.key}` is missing")
        found.append(value)
    return tuple(found) or _ABSENT


def _json(plan: Plan, node: Node, report: Report) -> Any:
    value = plain_value(node)
    return _ABSENT if value is None else value


_ALLOWED: Final[Mapping[FieldType, str]] = {
    FieldType.MAP: "a map of `key: value`",
    FieldType.MAPS: "a list of maps",
}


def _allowed(field: Field) -> str:
    if field.type in _ALLOWED:
        return f"{_ALLOWED[field.type]} with {', '.join(field.sub)}"
    return f"one of {', '.join(field.values)}" if field.values else "one value"


def _misfit(field: Field, node: Node, report: Report, allowed: str, what: str = "", *, item: bool = False) -> Any:
    """Reports a value that does not fit, under its field's own rule. ``item``: the node stands in a list of it."""
    from wrkq_files.files import value_advice  # only for files with something wrong

    if isinstance(node, Scalar):
        found = f"`{_shortened(node.text)}`" if node.text else "nothing"
    else:
        found = "a list" if isinstance(node, Seq) else "a map"
    remedy = "" if what else value_advice.remedy(field, node, partial(_fits, field), item=item)
    report(_rule(field, node), node.start, what or f"`{field.name}` is {found}", allowed, remedy)
    return _ABSENT


def _fits(field: Field, text: str) -> bool:
    try:
        text_value(field, text)
    except Unfit:
        return False
    return True


def _rule(field: Field, node: Node) -> str:
    if isinstance(node, Scalar) and node.text:
        if field.type in (FieldType.ID, FieldType.IDS):
            return "bad-id"
        if field.name in ("state", "resolution"):
            return "unknown-state" if field.name == "state" else "bad-resolution"
    return "wrong-type"


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


def _unknown(kind: DocType, name: Scalar, report: Report) -> None:
    if name.text in DERIVED:
        report("derived-field", name.start, f"`{name.text}` is derived from git, and not read", "", "")
        return
    near = nearest(kind, name.text)
    hint = f"; did you mean `{near}`?" if near else ""
    remedy = f"write `{near}:`, or use `meta` for data of your own" if near else ""
    report(
        "unknown-key", name.start, f"`{_shortened(name.text)}` is not a field of a {kind.value}{hint}", near, remedy
    )


@lru_cache(maxsize=512)
def nearest(kind: DocType, key: str) -> str:
    """The known field whose name is nearest to the key; empty when none is near."""
    import difflib

    if len(key) > 40:
        return ""
    word = key.strip().lower().replace("-", "_").replace(" ", "_")
    if _OTHER_WORDS.get(word) in FIELDS[kind]:
        return _OTHER_WORDS[word]
    found = difflib.get_close_matches(word, FIELDS[kind], n=1, cutoff=0.7)
    return found[0] if found else ""


_READ: Final[Mapping[FieldType, Callable[[Plan, Node, Report], Any]]] = {
    **dict.fromkeys(FieldType, _scalar),
    FieldType.IDS: _set,
    FieldType.WORDS: _set,
    FieldType.MAP: _map,
    FieldType.MAPS: _maps,
    FieldType.JSON: _json,
}
