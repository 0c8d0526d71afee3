"""New documents: tasks, containers, from words, options and templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.files import edits
from wrkq_files.index.entry import Entry
from wrkq_files.model import layout, slugs, states, times, values
from wrkq_files.model.document import Document, Value
from wrkq_files.model.fields import DocType
from wrkq_files.service import actors, assign, graph, refusals, resolve, workflow
from wrkq_files.service.change import Change, FileEdit, Options, Written
from wrkq_files.service.publish import carry_out
from wrkq_files.service.tracker import Tracker
from wrkq_files.service.update import written_ids


class New(NamedTuple):
    """What a new task is to hold. ``pairs`` are assignments as typed; ``body`` None means the template's, or none."""

    title: str | None = None
    pairs: Sequence[tuple[str, str]] = ()
    labels: Sequence[str] = ()
    body: str | None = None
    template: str | None = None
    parent: str | None = None


def add(tracker: Tracker, title: str, new: New, options: Options, *, into: str | None = None) -> Written:
    """Quick capture: a task in the container of the working directory, else in ``inbox``; the slug from the title."""

    def plan() -> Change:
        folder = resolve.check_container(tracker, _folder(tracker, into, new))
        line = assign.one_line("title", title)
        slug = slugs.free(slugs.from_title(line), tracker.slugs(folder))
        change = _tasks(tracker, [_joined(folder, slug)], New(line, *_rest(new)), "add")
        if tracker.is_folder(folder):
            return change
        made = FileEdit.create(
            layout.document_path(DocType.CONTAINER, folder), inbox(minted(tracker, DocType.CONTAINER))
        )
        return change._replace(edits=(*change.edits, made))

    return carry_out(tracker, plan, options)


def inbox(made: Mapping[str, Value]) -> bytes:
    """The document of the inbox; ``made`` are the fields that every new one gets."""
    fields = {"title": "Inbox", "kind": "area", **made}
    return edits.write(DocType.CONTAINER, fields, "What came in and has no place yet.")


def touch(tracker: Tracker, addresses: Sequence[str], new: New, options: Options) -> Written:
    """New tasks at the addresses. Raises ``exists``, ``validation``, and ``not_found`` for a missing container."""

    def plan() -> Change:
        paths = [new_address(tracker, address, new.parent) for address in addresses]
        if twice := {path for path in paths if paths.count(path) > 1}:
            raise WrkqError("exists", f"`{min(twice)}` is named twice")
        return _tasks(tracker, paths, new, "touch")

    return carry_out(tracker, plan, options)


def mkdir(
    tracker: Tracker,
    addresses: Sequence[str],
    options: Options,
    *,
    kind: str = "area",
    title: str | None = None,
    pairs: Sequence[tuple[str, str]] = (),
    labels: Sequence[str] = (),
    parents: bool = False,
) -> Written:
    """New containers; with ``parents`` those above are made too (kind ``area``), and one that exists is no error."""

    def plan() -> Change:
        made: dict[str, dict[str, Value | None]] = {}
        for address in addresses:
            where = _address(tracker, address)
            for each in _missing(tracker, where, parents=parents, made=made):
                fields: dict[str, Value | None] = {}
                if each == where:
                    fields |= {"kind": kind, "title": title} | assign.given(tracker, DocType.CONTAINER, pairs)
                    fields["labels"] = _labels(fields, labels)
                made[each] = _container(tracker, each, fields)
        if not made:
            return Change("mkdir", (), f"{addresses[0]}: there already", (), data={"created": []})
        return _made(tracker, DocType.CONTAINER, made, "", "mkdir")

    return carry_out(tracker, plan, options)


def minted(tracker: Tracker, kind: DocType) -> dict[str, Value]:
    """The fields every new document gets: id, created, created_by."""
    who = actors.current(tracker)
    fields: dict[str, Value] = {"id": tracker.mint(kind), "created": times.stamp(tracker.door.now())}
    return fields | ({"created_by": who.slug} if who else {})


def _rest(new: New) -> tuple[Any, ...]:
    return new.pairs, new.labels, new.body, new.template, new.parent


def _tasks(tracker: Tracker, addresses: Sequence[str], new: New, operation: str) -> Change:
    template = _template(tracker, new.template) if new.template else None
    body = new.body if new.body is not None else (template.body if template else "")
    made = {address: _fields(tracker, address, new, template) for address in addresses}
    if len(made) > 1 and any(fields.get("source") for fields in made.values()):
        raise WrkqError("exists", "several tasks cannot have one source", hint="make them one by one")
    return _made(tracker, DocType.TASK, made, body, operation)


def whole(
    tracker: Tracker, kind: DocType, address: str, fields: Mapping[str, Value | None], body: str, operation: str
) -> Change:
    """One new document with these fields, and those that every new one gets."""
    finished = (_task if kind is DocType.TASK else _container)(tracker, address, fields)
    return _made(tracker, kind, {address: finished}, body, operation)


def _made(
    tracker: Tracker, kind: DocType, made: Mapping[str, Mapping[str, Value | None]], body: str, operation: str
) -> Change:
    files: list[FileEdit] = []
    referred: dict[str, Entry] = {}
    for address, fields in made.items():
        referred |= {entry.path: entry for entry in graph.referred(tracker, kind, fields)}
        present = {name: value for name, value in fields.items() if value is not None}
        files.append(
            FileEdit.create(
                layout.document_path(kind, address), edits.write(kind, present, assign.text("body", body).strip("\n"))
            )
        )
    rows = [{"id": str(fields["id"]), "path": address} for address, fields in made.items()]
    subject = f"{rows[0]['path']}: created" if len(rows) == 1 else f"{len(rows)} {kind}s created"
    ids = tuple(row["id"] for row in rows)
    return Change(operation, ids, subject, (*files, *written_ids(referred.values())), data={"created": rows})


def _fields(tracker: Tracker, address: str, new: New, template: Document | None) -> dict[str, Value | None]:
    """The fields of a new task: the template's, what is asked for, what is minted."""
    fields = assign.given(tracker, DocType.TASK, new.pairs, template.fields if template else {})
    fields |= {"title": new.title or fields.get("title"), "labels": _labels(fields, new.labels), "archived": None}
    if new.parent:
        fields["parent"] = resolve.one(tracker, new.parent, (DocType.TASK,)).id
    return _task(tracker, address, fields)


def _task(tracker: Tracker, address: str, given: Mapping[str, Value | None]) -> dict[str, Value | None]:
    fields = {**given, "title": _title(address, given), **minted(tracker, DocType.TASK)}
    fields |= workflow.as_duplicate(fields, "")
    resolution, state = fields.get("resolution"), str(fields.get("state"))
    if resolution and not states.agree(state, resolution):
        fitting = "completed" if resolution == "done" else "cancelled"
        raise WrkqError("invalid_state", f"resolution {resolution} goes with {fitting}", hint=f"--state {fitting}")
    graph.check(tracker, DocType.TASK, address, "", fields)
    if fields.get("state") == "in_progress" and not fields.get("assignee"):
        fields["assignee"] = fields.get("created_by")
    return fields


def _container(tracker: Tracker, address: str, given: Mapping[str, Value | None]) -> dict[str, Value | None]:
    fields = {"kind": "area", **given, "title": _title(address, given), **minted(tracker, DocType.CONTAINER)}
    if fields["kind"] == "project" and not fields.get("sections"):
        fields["sections"] = tuple(dict(section) for section in tracker.config.sections)
    graph.check(tracker, DocType.CONTAINER, address, "", fields)
    return fields


def _labels(fields: Mapping[str, Value | None], more: Sequence[str]) -> tuple[str, ...] | None:
    return values.sort_set([*(fields.get("labels") or ()), *assign.labels(more)]) or None


def _title(address: str, given: Mapping[str, Value | None]) -> str:
    name = address.rpartition("/")[2].replace("-", " ").capitalize()
    return assign.one_line("title", given.get("title") or name)


def _template(tracker: Tracker, name: str) -> Document:
    path = f"{layout.TEMPLATES}/{name}.md"
    data = tracker.read(path) if slugs.problem(name) is None else None  # a path would lead elsewhere
    if data is None:
        there = tracker.names(layout.TEMPLATES)
        known = sorted(each.removesuffix(".md") for each in there if each.endswith(".md"))
        raise WrkqError(
            "not_found", f"there is no template `{name}`", hint=f"there are: {', '.join(known) or 'none'}"
        )
    parsed = tracker.parse(data, DocType.TASK, path)
    if parsed.document is None:
        raise refusals.unreadable(parsed.findings)
    return parsed.document


def _folder(tracker: Tracker, into: str | None, new: New) -> str:
    """Where a captured task goes."""
    if into is not None:
        return _existing(tracker, resolve.container_address(tracker, into))
    if new.parent:
        return resolve.one(tracker, new.parent, (DocType.TASK,)).container
    here = resolve.relative(tracker, ".")
    if here:
        try:
            return resolve.check_container(tracker, here)
        except WrkqError:
            pass  # a folder that only lies beside the documents
    if not tracker.is_folder(layout.INBOX):
        _check_free(tracker, "", layout.INBOX)
    return layout.INBOX


def new_container_address(tracker: Tracker, text: str) -> str:
    """The address of a container that is, or may be made. Raises ``exists`` where a task has it, ``validation``."""
    address = resolve.container_address(tracker, text)
    if not tracker.is_folder(address):
        address = _address(tracker, text)
        _missing(tracker, address, parents=False, made={})
    return resolve.check_container(tracker, address)


def new_container(tracker: Tracker, text: str) -> str:
    """The address of a container that has no document yet. Raises ``exists``, ``not_found``, ``validation``."""
    address = _address(tracker, text.rstrip("/"))
    _missing(tracker, address, parents=False, made={})
    return address


def _existing(tracker: Tracker, address: str) -> str:
    if address and not tracker.is_folder(address):
        raise WrkqError("not_found", f"there is no container `{address}`", hint=f"wrkq mkdir -p {address}")
    return address


def new_address(tracker: Tracker, text: str, parent: str | None = None) -> str:
    """A free address for a new task. Raises ``exists``, ``not_found`` for a missing container, ``validation``."""
    address = _address(tracker, text.removesuffix(".md"))
    if parent and "/" not in text:
        address = _joined(resolve.one(tracker, parent, (DocType.TASK,)).container, address.rpartition("/")[2])
    folder, _, slug = address.rpartition("/")
    _existing(tracker, folder)
    _check_free(tracker, folder, slug)
    return address


def _check_free(tracker: Tracker, folder: str, slug: str) -> None:
    if slug in tracker.slugs(folder):
        raise WrkqError(
            "exists", f"there is already a `{_joined(folder, slug)}`", hint="choose another name, or wrkq set"
        )


def _address(tracker: Tracker, text: str) -> str:
    """A new address. Folders that exist may have any name; the rest has to be slugs."""
    address = resolve.new_place(tracker, text)
    parts = address.split("/")
    for depth, part in enumerate(parts, 1):
        exists = depth < len(parts) and tracker.is_folder("/".join(parts[:depth]))
        if (reason := slugs.problem(part)) and not (exists and part != ".."):
            raise WrkqError("validation", f"`{part}` cannot be part of an address: {reason}")
    resolve.check_container(tracker, address.rpartition("/")[0])
    return address


def _missing(tracker: Tracker, address: str, *, parents: bool, made: Mapping[str, object]) -> list[str]:
    """The containers to make for ``address``, outermost first."""
    parts = address.split("/")
    above = ["/".join(parts[:end]) for end in range(1, len(parts))]
    missing = [each for each in above if each not in made and not tracker.is_folder(each)]
    if missing and not parents:
        raise WrkqError("not_found", f"there is no container `{missing[0]}`", hint=f"wrkq mkdir -p {address}")
    if tracker.exists(layout.document_path(DocType.CONTAINER, address)) or address in made:
        if not parents:
            raise WrkqError("exists", f"there is already a container `{address}`")
        return missing
    for each in [*missing, address]:
        if not tracker.is_folder(each):
            _check_free(tracker, *each.rpartition("/")[::2])
    resolve.check_container(tracker, address)
    if tracker.exists(f"{address}.md"):
        raise WrkqError("exists", f"`{address}` is a task: a task and a folder cannot share an address")
    return [*missing, address]


def _joined(folder: str, slug: str) -> str:
    return f"{folder}/{slug}" if folder else slug
