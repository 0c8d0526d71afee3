"""Changing documents: fields, labels, items, the whole text, canonical form."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.files import documents, edits, split
from wrkq_files.files.nodes import Scalar
from wrkq_files.index.entry import Entry
from wrkq_files.index.query import Query
from wrkq_files.model import items, values
from wrkq_files.model.document import Document, Value
from wrkq_files.model.fields import FIELDS, DocType
from wrkq_files.service import assign, graph, refusals, resolve, views, workflow
from wrkq_files.service.change import Change, Failure, FileEdit, Options, Written
from wrkq_files.service.ordering import Placing
from wrkq_files.service.publish import carry_out
from wrkq_files.service.tracker import Tracker

NOTHING: Final = "nothing to change"


class Assignments(NamedTuple):
    """What ``set`` was asked for: ``pairs`` as typed, labels to add and to take away."""

    pairs: Sequence[tuple[str, str]] = ()
    add_labels: Sequence[str] = ()
    remove_labels: Sequence[str] = ()


class Outcome:
    """Failures of single targets, where the request goes on after them."""

    def __init__(self) -> None:
        self.failed: list[Failure] = []


def set_fields(
    tracker: Tracker,
    targets: Sequence[str],
    asked: Assignments | Callable[[Entry], Assignments],
    options: Options,
    *,
    outcome: Outcome | None = None,
) -> Written:
    """Sets fields of every target, in one change; ``asked``: the same of all, or what of each.

    With ``outcome``, a target that fails is noted there and left out; without, it refuses the whole request.
    """
    if isinstance(asked, Assignments) and not any(asked):
        raise WrkqError("usage", "nothing to set", hint="wrkq set TARGET --state in_progress")

    def of(entry: Entry) -> Assignments:
        return asked if isinstance(asked, Assignments) else asked(entry)

    def plan() -> Change:
        done: list[tuple[Entry, FileEdit, str]] = []
        moved: dict[str, tuple[Entry, str]] = {}
        failed: list[Failure] = []
        overrides: set[str] = set()
        referred: dict[str, Entry] = {}
        placing = Placing(tracker)
        for entry in _targets(tracker, targets, failed if outcome is not None else None):
            try:
                told = of(entry)
                told = told._replace(pairs=placing.placed(entry, told.pairs))
                one = _set_one(tracker, entry, told, options, overrides, referred, moved)
                if outcome is not None:
                    _try(tracker, one[1], options)
                done.append(one)
            except WrkqError as error:
                if outcome is None:
                    raise
                failed.append(Failure(entry.address, error))
        if outcome is not None:
            outcome.failed = failed
            if not done:
                raise failed[0][1]
        if isinstance(asked, Assignments):
            _check_one_source(done, asked)
        gone = {target.target for target in failed}
        moved = {path: each for path, each in moved.items() if each[0].address not in gone}
        change = _change("set", done, tuple(sorted(overrides)), referred)._replace(failed=tuple(failed))
        return advanced(tracker, placing.finished(change), moved)

    return carry_out(tracker, plan, options)


def _try(tracker: Tracker, edit: FileEdit, options: Options) -> None:
    """Raises what carrying out this one edit would raise: later it would take the other targets with it."""
    commit = options.commit if options.commit is not None else tracker.config.commit_mode == "auto"
    if commit and not options.dry_run:
        views.committed_writes(tracker, [edit], with_edits=options.with_edits)
    else:
        views.working_writes(tracker, [edit])


def _check_one_source(done: Sequence[tuple[Entry, FileEdit, str]], asked: Assignments) -> None:
    if len(done) > 1 and any(name == "source" and text for name, text in asked.pairs):
        raise WrkqError("exists", "several tasks cannot have one source", hint="set them one by one")


def modified(
    entry: Entry, make: Callable[[Document], Mapping[str, Value | None]], touches: Collection[str]
) -> FileEdit:
    """An edit that sets what ``make`` says of the text it is applied to; a hand-made file gets its id along.

    Raises ``not_found`` for a container that has no document.
    """
    check_document(entry)

    def apply(data: bytes) -> bytes:
        document = document_of(data, entry)
        changes = {name: value for name, value in make(document).items() if value != document.get(name)}
        if changes and entry.type is not DocType.ACTOR and _has_room_for_id(data, document):
            changes["id"] = entry.id
        return edits.set_fields(data, entry.type, changes)

    return FileEdit.modify(entry.path, apply, touches)


def check_document(entry: Entry) -> Entry:
    """The entry again. Raises ``not_found`` for a container that is a folder and nothing else."""
    if entry.id_source == "none":
        raise WrkqError("not_found", f"{entry.address} has no README.md", hint=f"wrkq mkdir {entry.address}")
    return entry


def written_ids(entries: Iterable[Entry]) -> list[FileEdit]:
    """Edits that write the derived ids of hand-made documents, which something is about to refer to."""
    lacking = {e.path: e for e in entries if check_document(e).id_source != "file" and e.type is not DocType.ACTOR}
    return [FileEdit.modify(entry.path, with_id(entry, needed=True), {"id"}) for entry in lacking.values()]


def with_id(entry: Entry, *, needed: bool = False) -> Callable[[bytes], bytes]:
    """A transform that writes the derived id of a hand-made file, and otherwise keeps every byte.

    An ``id`` that is none of ours stays; where ours is ``needed``, because something refers to it, that is refused.
    """

    def apply(data: bytes) -> bytes:
        document = document_of(data, entry)
        if _has_room_for_id(data, document):
            return edits.set_fields(data, entry.type, {"id": entry.id})
        if needed and document.id is None:
            raise WrkqError("refused", f"{entry.path}: its `id` is none of ours", hint="take the line out first")
        return data

    return apply


def _has_room_for_id(data: bytes, document: Document) -> bool:
    """Whether nothing stands where the id belongs, not even another tool's."""
    if document.id is not None:
        return False
    written = documents.read_nodes(split.split(data).frontmatter).pairs.get("id")
    return written is None or (isinstance(written[1], Scalar) and written[1].is_empty)


def check_match(entry: Entry, options: Options) -> None:
    """Raises ``conflict`` when the caller saw another version (``--if-match``)."""
    wanted = options.if_match
    if wanted and not (len(wanted) >= 4 and entry.blob.startswith(wanted.lower())):
        raise WrkqError(
            "conflict",
            f"{entry.address} has changed: its etag is {entry.blob[:12]}, not {wanted}",
            hint=f"read it again: wrkq cat {entry.address}",
            details={"etag": entry.blob, "if_match": wanted, "id": entry.id},
        )


def tick(tracker: Tracker, target: str, wanted: Sequence[str], mark: str, options: Options) -> Written:
    """Sets the mark (``x``, `` `` or ``-``) of items, given by number or by a part of their text."""

    def plan() -> Change:
        entry = resolve.one(tracker, target)
        check_match(entry, options)
        found = items.find_items(document_of(tracker.read(check_document(entry).path) or b"", entry).body)
        chosen = [_item(found, word, entry) for word in wanted]
        texts = [item.text for item in chosen]
        places = [(item.text, [each.text for each in found[: item.number]].count(item.text) - 1) for item in chosen]
        said = {"x": "ticked", " ": "unticked"}.get(mark, f"marked [{mark}]")
        edit = FileEdit.modify(entry.path, _marker(entry, places, mark), {f"item {text}" for text in texts})
        subject = f"{entry.address}: {said} {', '.join(texts)}"
        return Change("tick" if mark == "x" else "untick", (entry.id,), subject, (edit,), data={"items": texts})

    return carry_out(tracker, plan, options)


def fmt(tracker: Tracker, targets: Sequence[str], options: Options) -> Written:
    """Canonical order and style, and the id written where it is missing: the one command that reorders."""

    def plan() -> Change:
        tracker.index.refresh()
        entries = resolve.many(tracker, targets) if targets else tracker.index.find(Query(types=resolve.ANY))
        there = [check_document(e) if targets else e for e in entries if targets or e.id_source != "none"]
        done = [FileEdit.modify(entry.path, _formatter(entry), {"format"}) for entry in there]
        return Change("fmt", tuple(e.id for e in there[:1]) if len(there) == 1 else (), "format", tuple(done))

    return carry_out(tracker, plan, options)


def _formatter(entry: Entry) -> Callable[[bytes], bytes]:
    return lambda data: edits.fmt(with_id(entry)(data), entry.type)


def _targets(tracker: Tracker, targets: Sequence[str], failed: list[Failure] | None) -> Iterable[Entry]:
    if failed is None:
        return resolve.many(tracker, targets, (*resolve.ANY, DocType.WORKSPACE))
    found: dict[str, Entry] = {}
    for target in targets:
        try:
            found |= {e.path: e for e in resolve.many(tracker, [target], (*resolve.ANY, DocType.WORKSPACE))}
        except WrkqError as error:
            failed.append(Failure(target, error))
    return found.values()


def _set_one(
    tracker: Tracker,
    entry: Entry,
    asked: Assignments,
    options: Options,
    overrides: set[str],
    referred: dict[str, Entry],
    moved: dict[str, tuple[Entry, str]],
) -> tuple[Entry, FileEdit, str]:
    check_match(check_document(entry), options)
    fixed = assign.all_typed(tracker, entry.type, asked.pairs)
    add, remove = assign.labels(asked.add_labels), set(assign.labels(asked.remove_labels))
    if (add or remove) and "labels" not in FIELDS[entry.type]:
        raise WrkqError("usage", f"a {entry.type} has no labels")
    document = document_of(tracker.read(entry.path) or b"", entry)
    fixed |= workflow.consequences(tracker, document, fixed, options, overrides)
    graph.check(tracker, entry.type, entry.address, entry.id, fixed)
    moved |= move_of(entry, document, fixed)
    referred |= {each.path: each for each in graph.referred(tracker, entry.type, fixed)}
    in_part = assign.partial_maps(asked.pairs)

    def make(text: Document) -> Mapping[str, Value | None]:
        changes = {n: assign.merged(text.get(n), value) if n in in_part else value for n, value in fixed.items()}
        if add or remove:
            # Labels that stand keep their place; only a hand-made order is ever kept.
            labels = [label for label in changes.get("labels", text.labels) or () if label not in remove]
            changes["labels"] = tuple(dict.fromkeys([*labels, *add])) or None
        return {name: value for name, value in changes.items() if value != text.get(name)}

    touches = {*fixed, *(("labels",) if add or remove else ())}
    return entry, modified(entry, make, touches), summary(document, make(document))


def move_of(entry: Entry, document: Document, fixed: Mapping[str, Value | None]) -> dict[str, tuple[Entry, str]]:
    """A task that these fields move to another state, by its path, and that state; nothing for all else."""
    if entry.type is not DocType.TASK or "state" not in fixed:
        return {}
    new = str(fixed["state"] or assign.DEFAULTS["state"])
    return {entry.path: (entry, new)} if new != document.state else {}


def advanced(tracker: Tracker, change: Change, moved: Mapping[str, tuple[Entry, str]]) -> Change:
    """The change, and with it the sections that features go to because tasks of theirs move.

    A feature that the change itself is about stays where that puts it.
    """
    if not moved:
        return change
    from wrkq_files.service import advancing

    own = {edit.path for edit in change.edits}
    steps = [step for step in advancing.steps(tracker, moved) if step.feature.path not in own]
    if not steps:
        return change
    edits = [modified(each.feature, partial(advancing.in_section, each.new), {"section"}) for each in steps]
    told = [each.as_json() for each in steps]
    notes = [each.words for each in steps]
    return change._replace(
        edits=(*change.edits, *edits), notes=(*change.notes, *notes), data={**change.data, "sections": told}
    )


def _change(
    operation: str,
    done: Sequence[tuple[Entry, FileEdit, str]],
    overrides: tuple[str, ...],
    referred: Mapping[str, Entry],
) -> Change:
    entries = [entry for entry, _, _ in done]
    named = entries[0].address if len(done) == 1 else f"{len(done)} documents"
    said = next((each for _, _, each in done if each != NOTHING), NOTHING)
    changed = [_referred_too(edit, referred) for _, edit, _ in done]
    others = [entry for path, entry in referred.items() if path not in {each.path for each in entries}]
    return Change(
        operation,
        tuple(entry.id for entry in entries),
        f"{named}: {said}",
        (*changed, *written_ids(others)),
        overrides=overrides,
    )


def _referred_too(edit: FileEdit, referred: Mapping[str, Entry]) -> FileEdit:
    """The edit, and the id with it where another of the same change refers to the document."""
    path = edit.path or ""
    if path not in referred:
        return edit
    write = with_id(referred[path], needed=True)
    return FileEdit.modify(path, lambda data: write(edit.apply(data)), {*edit.touches, "id"})


def summary(document: Document, changes: Mapping[str, Value | None]) -> str:
    """What a change of fields does, in words for a commit's subject."""
    return ", ".join(_said(document, name, value) for name, value in changes.items()) or NOTHING


def _said(document: Document, name: str, value: Value | None) -> str:
    if name == "state":
        return f"{document.state} -> {value or assign.DEFAULTS['state']}"
    if name == "labels":
        return " ".join(
            [f"+{label}" for label in value or () if label not in document.labels]
            + [f"-{label}" for label in document.labels if label not in (value or ())]
        )
    if value is None:
        return f"no {name}" if name not in assign.DEFAULTS else f"{name} {assign.DEFAULTS[name]}"
    return f"{name} {_short(value)}"


def _short(value: Value) -> str:
    if isinstance(value, dict):
        return " ".join(f"{key}:{each}" for key, each in value.items())
    if isinstance(value, tuple):
        return ",".join(str(each) for each in value)
    return str(value)


def document_of(data: bytes, entry: Entry) -> Document:
    parsed = documents.parse(data, entry.type, entry.path, kinds=None)
    if parsed.document is None:
        raise refusals.unreadable(parsed.findings)
    return parsed.document


def _item(found: Sequence[items.Item], word: str, entry: Entry) -> items.Item:
    if word.isascii() and word.isdigit() and 1 <= int(word) <= len(found):
        return found[int(word) - 1]
    same = [item for item in found if item.text.casefold() == word.casefold()]
    near = same or [item for item in found if word.casefold() in item.text.casefold()]
    if len(near) != 1:
        listed = "; ".join(f"{item.number} [{item.mark}] {item.text}" for item in near or found)
        code = "ambiguous" if near else "not_found"
        raise WrkqError(code, f"{entry.address} has no one item `{word}`", hint=f"its items: {listed or 'none'}")
    return near[0]


def _marker(entry: Entry, places: Sequence[tuple[str, int]], mark: str) -> Callable[[bytes], bytes]:
    """Finds each item by its text and which of that text it is, so that it fits HEAD's text and the working one."""

    def apply(data: bytes) -> bytes:
        before = data
        for text, place in places:
            found = [item for item in items.find_items(document_of(data, entry).body) if item.text == text]
            if place >= len(found):
                raise WrkqError("not_found", f"{entry.address} has no item `{text}` there")
            data = edits.mark_item(data, found[place], mark)
        return data if data == before else with_id(entry)(data)

    return apply


def sorted_set(old: Sequence[str], add: Iterable[str] = (), remove: Collection[str] = ()) -> tuple[str, ...] | None:
    """A set of ids after adding and removing; None when nothing is left."""
    return values.sort_set([*(each for each in old if each not in remove), *add]) or None
