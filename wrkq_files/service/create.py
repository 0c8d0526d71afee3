"""New documents: tasks, containers, from words, options and templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wrkq_files.errors import WrkqError
from wrkq_files.files import edits
from wrkq_files.model import layout, slugs, times, values
from wrkq_files.model.document import Document, Value
from wrkq_files.model.fields import DocType
from wrkq_files.service import actors, assign, graph, resolve
from wrkq_files.service.change import Change, FileEdit, Options, Written
from wrkq_files.service.publish import carry_out
from wrkq_files.service.tracker import Tracker


@dataclass(frozen=True, slots=True)
class New:
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
        folder = _folder(tracker, into, new)
        slug = slugs.free(slugs.from_title(title), taken(tracker, folder))
        return _tasks(tracker, [_joined(folder, slug)], New(title, *_rest(new)), "add")

    return carry_out(tracker, plan, options)


def touch(tracker: Tracker, addresses: Sequence[str], new: New, options: Options) -> Written:
    """New tasks at the addresses. Raises ``exists``, ``validation``, and ``not_found`` for a missing container."""

    def plan() -> Change:
        paths = [new_address(tracker, address, new.parent) for address in addresses]
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
        made: dict[str, tuple[str, bytes]] = {}
        for address in addresses:
            where = _address(tracker, address)
            for each in _missing(tracker, where, parents=parents, made=made):
                last = each == where
                fields = assign.all_typed(tracker, DocType.CONTAINER, pairs) if last else {}
                made[each] = _container(
                    tracker, each, kind if last else "area", title if last else None, fields, labels if last else ()
                )
        ids = tuple(identifier for identifier, _ in made.values())
        files = [
            FileEdit.create(layout.document_path(DocType.CONTAINER, address), content)
            for address, (_, content) in made.items()
        ]
        rows = [{"id": identifier, "path": address} for address, (identifier, _) in made.items()]
        return Change(
            "mkdir", ids, f"{', '.join(made) or addresses[0]}: created", tuple(files), data={"created": rows}
        )

    return carry_out(tracker, plan, options)


def minted(tracker: Tracker, kind: DocType) -> dict[str, Value]:
    """The fields every new document gets: id, created, created_by."""
    who = actors.current(tracker)
    fields: dict[str, Value] = {"id": tracker.mint(kind), "created": times.stamp(tracker.door.now())}
    return fields | ({"created_by": who.slug} if who else {})


def _rest(new: New) -> tuple[Any, ...]:
    return new.pairs, new.labels, new.body, new.template, new.parent


def _tasks(tracker: Tracker, addresses: Sequence[str], new: New, operation: str) -> Change:
    rows: list[dict[str, str]] = []
    files: list[FileEdit] = []
    template = _template(tracker, new.template) if new.template else None
    for address in addresses:
        identifier, content = _task(tracker, address, new, template)
        files.append(FileEdit.create(layout.document_path(DocType.TASK, address), content))
        rows.append({"id": identifier, "path": address})
    subject = f"{addresses[0]}: created" if len(addresses) == 1 else f"{len(addresses)} tasks created"
    return Change(operation, tuple(r["id"] for r in rows), subject, tuple(files), data={"created": rows})


def _task(tracker: Tracker, address: str, new: New, template: Document | None) -> tuple[str, bytes]:
    folder, _, slug = address.rpartition("/")
    fields: dict[str, Value | None] = dict(template.fields) if template else {}
    fields |= {"title": new.title or fields.get("title") or slug.replace("-", " ").capitalize()}
    fields |= assign.all_typed(tracker, DocType.TASK, new.pairs) | minted(tracker, DocType.TASK)
    labels = values.sort_set([*(fields.get("labels") or ()), *new.labels])
    fields |= {"labels": labels or None}
    if new.parent:
        fields["parent"] = resolve.one(tracker, new.parent, (DocType.TASK,)).id
    if fields.get("parent"):
        graph.check_parent(tracker, "", folder, str(fields["parent"]))
    _check_source(tracker, fields.get("source"))
    if fields.get("state") == "in_progress" and not fields.get("assignee"):
        fields["assignee"] = fields.get("created_by")
    body = new.body if new.body is not None else (template.body if template else "")
    return str(fields["id"]), edits.write(DocType.TASK, _present(fields), body.strip("\n"))


def _container(
    tracker: Tracker,
    address: str,
    kind: str,
    title: str | None,
    fields: Mapping[str, Value | None],
    labels: Sequence[str],
) -> tuple[str, bytes]:
    slug = address.rpartition("/")[2]
    all_fields: dict[str, Value | None] = {"title": title or slug.replace("-", " ").capitalize(), "kind": kind}
    all_fields |= fields
    if kind == "project" and not all_fields.get("sections"):
        all_fields["sections"] = tuple(dict(section) for section in tracker.config.sections)
    all_fields |= {"labels": values.sort_set(labels) or None} | minted(tracker, DocType.CONTAINER)
    return str(all_fields["id"]), edits.write(DocType.CONTAINER, _present(all_fields), "")


def _present(fields: Mapping[str, Value | None]) -> dict[str, Value]:
    return {name: value for name, value in fields.items() if value is not None}


def _check_source(tracker: Tracker, source: str | None) -> None:
    if not source:
        return
    from wrkq_files.index.query import Query

    tracker.index.refresh()
    if found := tracker.index.find(Query(types=(DocType.TASK,), source=source, archived="include")):
        raise WrkqError("exists", f"{found[0].address} ({found[0].id}) already came from {source}")


def _template(tracker: Tracker, name: str) -> Document:
    path = f"{layout.TEMPLATES}/{name}.md"
    data = tracker.read(path) if slugs.problem(name) is None else None
    if data is None:
        folder = tracker.root / layout.TEMPLATES
        known = sorted(each.stem for each in folder.glob("*.md")) if folder.is_dir() else []
        raise WrkqError(
            "not_found", f"there is no template `{name}`", hint=f"there are: {', '.join(known) or 'none'}"
        )
    parsed = tracker.parse(data, DocType.TASK, path)
    if parsed.document is None:
        raise WrkqError("unreadable", f"{parsed.findings[0].place}: {parsed.findings[0].message}")
    return parsed.document


def _folder(tracker: Tracker, into: str | None, new: New) -> str:
    """Where a captured task goes."""
    if into is not None:
        return _existing(tracker, resolve.container_address(tracker, into))
    if new.parent:
        return resolve.one(tracker, new.parent, (DocType.TASK,)).container
    if tracker.door.cwd != tracker.root and tracker.door.cwd.is_relative_to(tracker.root):
        here = tracker.door.cwd.relative_to(tracker.root).as_posix()
        if not any(part.startswith(("_", ".")) for part in here.split("/")):
            return here
    return layout.INBOX


def new_container_address(tracker: Tracker, text: str) -> str:
    """The address of a container that is, or may be made. Raises ``exists`` where a task has it, ``validation``."""
    address = resolve.container_address(tracker, text)
    if not (tracker.root / address).is_dir():
        address = _address(tracker, text)
        _missing(tracker, address, parents=False, made={})
    return address


def _existing(tracker: Tracker, address: str) -> str:
    if address and not (tracker.root / address).is_dir():
        raise WrkqError("not_found", f"there is no container `{address}`", hint=f"wrkq mkdir -p {address}")
    return address


def new_address(tracker: Tracker, text: str, parent: str | None = None) -> str:
    """A free address for a new task. Raises ``exists``, ``not_found`` for a missing container, ``validation``."""
    address = _address(tracker, text.removesuffix(".md"))
    folder, _, slug = address.rpartition("/")
    if parent and not folder:
        folder = resolve.one(tracker, parent, (DocType.TASK,)).container
    _existing(tracker, folder)
    if slug in taken(tracker, folder):
        raise WrkqError(
            "exists", f"there is already a `{_joined(folder, slug)}`", hint="choose another name, or wrkq set"
        )
    return _joined(folder, slug)


def _address(tracker: Tracker, text: str) -> str:
    """A new address, taken from the working directory inside the tracker and from its root elsewhere."""
    if tracker.door.cwd.is_relative_to(tracker.root) and not text.startswith("/"):
        here = tracker.door.cwd.relative_to(tracker.root).as_posix()
        text = text if here == "." else f"{here}/{text}"
    from posixpath import normpath

    address = normpath(text.strip("/"))
    for part in address.split("/"):
        if reason := slugs.problem(part):
            raise WrkqError("validation", f"`{part}` cannot be part of an address: {reason}")
    return address


def _missing(tracker: Tracker, address: str, *, parents: bool, made: Mapping[str, object]) -> list[str]:
    """The containers to make for ``address``, outermost first."""
    parts = address.split("/")
    above = ["/".join(parts[:end]) for end in range(1, len(parts))]
    missing = [each for each in above if each not in made and not (tracker.root / each).is_dir()]
    if missing and not parents:
        raise WrkqError("not_found", f"there is no container `{missing[0]}`", hint=f"wrkq mkdir -p {address}")
    if (tracker.root / layout.document_path(DocType.CONTAINER, address)).exists() or address in made:
        if not parents:
            raise WrkqError("exists", f"there is already a container `{address}`")
        return missing
    if (tracker.root / f"{address}.md").exists():
        raise WrkqError("exists", f"`{address}` is a task: a task and a folder cannot share an address")
    return [*missing, address]


def taken(tracker: Tracker, folder: str) -> set[str]:
    """The slugs in use in a folder, by files as they are now, in any case."""
    place = tracker.root / folder
    names = [each.name for each in place.iterdir()] if place.is_dir() else []
    return {name.removesuffix(".md").lower() for name in names}


def _joined(folder: str, slug: str) -> str:
    return f"{folder}/{slug}" if folder else slug
