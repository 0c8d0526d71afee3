"""Many operations as one change: each sees what the earlier ones made, and nothing is written before the end."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from wrkq_files.errors import WrkqError
from wrkq_files.model.fields import FIELDS, FieldType
from wrkq_files.service import assign, comments, create, move, relations, remove, resolve, update
from wrkq_files.service.batch_input import Operation, is_reference, is_relation, references
from wrkq_files.service.batch_table import OPERATIONS
from wrkq_files.service.change import Change, Failure, Options, Written
from wrkq_files.service.overlay import Overlay
from wrkq_files.service.publish import carry_out
from wrkq_files.service.tracker import Tracker

#: What an answer says of each operation is in ``Written.data`` under this name.
ROWS: Final = "operations"


def run(tracker: Tracker, operations: Sequence[Operation], options: Options, *, go_on: bool = False) -> Written:
    """Carries out all operations, as one change; ``data["operations"]`` has a row for each.

    The first one that fails refuses the whole, with its own code, and ``line`` in the details. With ``go_on`` it is
    left out, and so is what refers to what it would have made; where nothing is left, the first error is raised.
    """
    known: dict[int, WrkqError] = {}
    while True:
        plan = _Plan(tracker, operations, options, known, go_on=go_on)
        try:
            return _told(carry_out(tracker, plan, options))
        except WrkqError as error:
            guilty = plan.guilty(error)
            if guilty is None:
                raise
            if not go_on or guilty in known:
                raise located(operations[guilty], error) from error
            known[guilty] = error


def located(operation: Operation, error: WrkqError) -> WrkqError:
    """An operation's error, with the place where the operation stands."""
    details = {name: value for name, value in error.details.items() if name != "tracker"}
    more = {"line": operation.line, "op": operation.op}
    return WrkqError(error.code, f"{operation.place}: {error.message}", hint=error.hint, details={**details, **more})


def _told(written: Written) -> Written:
    """The answer, in which each operation that does something is as far as the whole is."""
    if ROWS not in written.data:  # told again from a commit's trailers, of one operation
        row = {"op": written.operation, "ids": list(written.ids), "path": None, "status": written.status}
        return written._replace(data={ROWS: [row | {"commit": written.commit}]})
    done = {"status": written.status, "commit": written.commit}
    rows = [{**row, "commit": None, **(done if row["status"] == "written" else {})} for row in written.data[ROWS]]
    return written._replace(data={**written.data, ROWS: rows})


class _Plan:
    """The plan of a batch. ``known``: operations, by number, of which it is known that they fail."""

    def __init__(
        self,
        tracker: Tracker,
        operations: Sequence[Operation],
        options: Options,
        known: Mapping[int, WrkqError],
        *,
        go_on: bool,
    ) -> None:
        self._tracker, self._operations, self._options = tracker, operations, options
        self._known, self._go_on = known, go_on
        self._whole: Change | None = None
        self._doers: list[int] = []  # the operations that the whole consists of

    def __call__(self) -> Change:
        self._whole = None
        overlay = Overlay(self._tracker, self._options)
        try:
            rows, failed = self._carried(overlay)
        finally:
            overlay.close()
        self._doers = [number for number, row in enumerate(rows) if row["status"] == "written"]
        parts = tuple(overlay.gathered())
        notes = dict.fromkeys(note for part in parts for note in part.notes)
        self._whole = Change(
            "batch",
            tuple(dict.fromkeys(each for part in parts for each in part.ids)),
            _subject(parts),
            overlay.edits,
            notes=tuple(notes),
            data={ROWS: rows},
            failed=failed,
            parts=parts,
        )
        return self._whole

    def guilty(self, error: WrkqError) -> int | None:
        """The operation that a file which cannot be written belongs to."""
        path = error.details.get("path")
        for number, part in zip(self._doers, self._whole.parts if self._whole else (), strict=False):
            if path is not None and any(path in (edit.path, edit.to) for edit in part.edits):
                return number
        return None

    def _carried(self, overlay: Overlay) -> tuple[list[dict[str, Any]], tuple[Failure, ...]]:
        made: dict[str, str | int] = {}  # by name: an id, or the line of what failed
        rows: list[dict[str, Any]] = []
        failed: list[Failure] = []
        for number, operation in enumerate(self._operations):
            try:
                if number in self._known:
                    raise self._known[number]
                written = _carry_out(overlay, operation, made, self._options)
            except WrkqError as error:
                if not self._go_on:
                    raise located(operation, error) from error
                failed.append(Failure(operation.place, error))
                rows.append(_failed_row(operation, error))
                if operation.name:
                    made[operation.name] = operation.line
                continue
            rows.append(_row(overlay, operation, written))
            if operation.name:
                made[operation.name] = _made(overlay, operation, written)
        if len(failed) == len(rows):
            first = located(self._operations[0], failed[0].error)
            raise WrkqError(first.code, first.message, hint=first.hint, details={**first.details, "failed": rows})
        return rows, tuple(failed)


def _subject(parts: Sequence[Change]) -> str:
    if len(parts) == 1:
        return parts[0].subject
    return f"{len(parts)} changes to the tracker" if parts else update.NOTHING


def _row(overlay: Overlay, operation: Operation, written: Written) -> dict[str, Any]:
    places = [*written.data.get("created", ()), *written.data.get("moved", ())]
    path = places[0]["path"] if places else _address(overlay, written.ids)
    row = {"line": operation.line, "op": operation.op, "ids": list(written.ids), "path": path}
    return row | {"status": written.status, "subject": written.subject}


def _failed_row(operation: Operation, error: WrkqError) -> dict[str, Any]:
    told = {"code": error.code, "message": error.message, "hint": error.hint, "details": error.details}
    return {"line": operation.line, "op": operation.op, "ids": [], "path": None, "status": "failed", "error": told}


def _address(overlay: Overlay, ids: Sequence[str]) -> str | None:
    """The address of the task or container an operation is about: a comment is on the second of its ids."""
    found = [entry for each in ids if not each.startswith("C-") for entry in overlay.index.by_id(each)]
    return found[0].address if found else None


def _made(overlay: Overlay, operation: Operation, written: Written) -> str:
    """The id of what an operation made; of a container that was there already, its own."""
    created = written.data.get("created", ())
    if operation.op == "mkdir" and not created:
        return resolve.one(overlay, operation.given["address"]).id
    return str(created[-1]["id"]) if created else written.ids[0]


# Each operation


def _carry_out(overlay: Overlay, operation: Operation, made: Mapping[str, str | int], options: Options) -> Written:
    for key, name in references(operation):
        if isinstance(made[name], int):
            message = f"{key} is `${name}`, which was not made: line {made[name]}"
            raise WrkqError("not_found", message, hint="see why that one failed")
    given = _resolved(operation, made)
    own = options._replace(if_match=given.get("if_match"), force=options.force or given.get("force", False), key=None)
    return _DO[operation.op](overlay, given, own)


def _resolved(operation: Operation, made: Mapping[str, str | int]) -> dict[str, Any]:
    """What was given, with ids in place of names."""
    slots = OPERATIONS[operation.op].slots

    def meant(value: Any) -> Any:
        if isinstance(value, list):
            return [meant(each) for each in value]
        if is_reference(value):
            return made[value[1:]]
        return value[1:] if isinstance(value, str) and value.startswith("$$") else value

    given = {
        key: meant(value) if key in slots and slots[key].refers else value for key, value in operation.given.items()
    }
    if "fields" in given:
        given["fields"] = {name: meant(v) if is_relation(name) else v for name, v in given["fields"].items()}
    return given


def pairs(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Fields as words on a command line would give them. Raises ``validation`` for what no such word can say."""
    return [(name, _as_text(name, value)) for name, value in fields.items()]


def _as_text(name: str, value: Any) -> str:
    base, dot, _ = name.partition(".")
    kinds = {table[base.replace("-", "_")].type for table in FIELDS.values() if base.replace("-", "_") in table}
    if value is None:
        return ""
    if FieldType.JSON in kinds:
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list) and not dot and kinds & {FieldType.IDS, FieldType.WORDS}:
        if any(not isinstance(each, str) or "," in each or not each.strip() for each in value):
            raise assign.unfit(name, json.dumps(value), 'a list of texts without commas: ["one", "two"]')
        return ",".join(value)
    shape = FieldType.MAPS if isinstance(value, list) else FieldType.MAP if isinstance(value, dict) else None
    if shape and (dot or shape not in kinds):
        raise assign.unfit(name, json.dumps(value), "a list of objects" if FieldType.MAPS in kinds else "one value")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _new(given: Mapping[str, Any]) -> create.New:
    named = dict(pairs(given.get("fields", {})))
    title, parent = named.pop("title", None), named.pop("parent", None)
    return create.New(
        title=given.get("title", title),
        pairs=[*named.items()],
        labels=given.get("labels", ()),
        body=given.get("body"),
        template=given.get("template"),
        parent=given.get("parent", parent) or None,
    )


def _add(tracker: Tracker, given: Mapping[str, Any], options: Options) -> Written:
    return create.add(tracker, given["title"], _new(given), options, into=given.get("into"))


def _touch(tracker: Tracker, given: Mapping[str, Any], options: Options) -> Written:
    return create.touch(tracker, [given["address"]], _new(given), options)


def _mkdir(tracker: Tracker, given: Mapping[str, Any], options: Options) -> Written:
    named = dict(pairs(given.get("fields", {})))
    kind, title = named.pop("kind", "area"), named.pop("title", None)
    return create.mkdir(
        tracker,
        [given["address"]],
        options,
        kind=given.get("kind", kind),
        title=given.get("title", title),
        pairs=[*named.items()],
        labels=given.get("labels", ()),
        parents=given.get("parents", False),
    )


def _set(tracker: Tracker, given: Mapping[str, Any], options: Options) -> Written:
    words = pairs(given.get("fields", {}))
    asked = update.Assignments(words, given.get("add_labels", ()), given.get("remove_labels", ()))
    return update.set_fields(tracker, given["target"], asked, options)


def _mv(tracker: Tracker, given: Mapping[str, Any], options: Options) -> Written:
    return move.mv(tracker, given["source"], given["target"], options)


def _comment(tracker: Tracker, given: Mapping[str, Any], options: Options) -> Written:
    words = pairs(given.get("fields", {}))
    kind = given.get("kind", "comment")
    return comments.add(tracker, given["target"], given["text"], options, kind=kind, pairs=words)


def _relate(tracker: Tracker, given: Mapping[str, Any], options: Options) -> Written:
    return relations.relate(tracker, given["a"], given["relation"].replace("_", "-"), given["b"], options)


def _unrelate(tracker: Tracker, given: Mapping[str, Any], options: Options) -> Written:
    return relations.unrelate(tracker, given["a"], given["relation"].replace("_", "-"), given["b"], options)


def _tick(tracker: Tracker, given: Mapping[str, Any], options: Options) -> Written:
    return update.tick(tracker, given["target"], given["items"], "-" if given.get("drop") else "x", options)


def _untick(tracker: Tracker, given: Mapping[str, Any], options: Options) -> Written:
    return update.tick(tracker, given["target"], given["items"], " ", options)


def _rm(tracker: Tracker, given: Mapping[str, Any], options: Options) -> Written:
    how = {name: given.get(name, False) for name in ("purge", "recursive")}
    return remove.rm(tracker, given["target"], options, **how)


def _restore(tracker: Tracker, given: Mapping[str, Any], options: Options) -> Written:
    return remove.restore(tracker, given["target"], options)


_DO: Final[Mapping[str, Callable[[Tracker, Mapping[str, Any], Options], Written]]] = MappingProxyType(
    {
        "add": _add,
        "touch": _touch,
        "mkdir": _mkdir,
        "set": _set,
        "mv": _mv,
        "comment": _comment,
        "relate": _relate,
        "unrelate": _unrelate,
        "tick": _tick,
        "untick": _untick,
        "rm": _rm,
        "restore": _restore,
    }
)
