"""What several documents together say wrong: ids, addresses, references, cycles, sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from shlex import quote
from typing import Final

from wrkq_files.index.entry import Entry
from wrkq_files.model.fields import DocType
from wrkq_files.model.finding import Finding
from wrkq_files.model.graph import cycles
from wrkq_files.service import resolve, tidiness
from wrkq_files.service.surroundings import Surroundings


def _duplicate_ids(around: Surroundings) -> Iterator[Finding]:
    for entry in around.subjects:
        entries = around.with_id(entry.id) if entry.id and entry.type is not DocType.ACTOR else ()
        for one in entries if len(entries) > 1 else ():
            others = ", ".join(each.path for each in entries if each is not one)
            message = f"{one.id} is also the id of {others}"
            remedy = "remove the `id:` line of the newer file: another is derived; wrkq fmt writes it"
            yield around.at("duplicate-id", one.path, message, one.id, remedy=remedy)


def _addresses(around: Surroundings) -> Iterator[Finding]:
    for entry in around.named():
        alike = around.alike(entry) if entry.type in resolve.ANY and entry.address else ()
        if len(alike) < 2:
            continue
        # Folders without a document first: there is no file that a finding could name.
        first, *rest = sorted(alike, key=lambda each: each.id_source != "none")
        for each in rest:
            same = first.address == each.address
            word = "has the address of" if same else "differs only in case from"
            yield Finding(
                "duplicate-slug" if same else "case-clash",
                each.path,
                f"{each.path} {word} {first.path}",
                remedy=f"wrkq mv {quote(each.address)} NEW-NAME",
            )


def _dangling(around: Surroundings) -> Iterator[Finding]:
    for source, kind, target in _references(around):
        found = around.with_id(target)
        if not found and target in around.unreadable_ids:
            continue  # its own finding says what is wrong; taking the reference out would lose it
        if not found:
            if any(other.index.by_id(target) for other in around.siblings):
                continue
            said = "there is no such document"
        elif kind in _OF_TASKS and not any(entry.type is DocType.TASK for entry in found):
            said = "it is no task"
        else:
            continue
        remedy = _REMEDIES.get(kind, "remove the file, or correct the id").format(source=source, target=target)
        for entry in around.with_id(source):
            yield around.at("dangling-reference", entry.path, f"{kind} {target}: {said}", target, remedy=remedy)


def _references(around: Surroundings) -> Iterator[tuple[str, str, str]]:
    """(id, field, id) of all that documents say of others."""
    yield from around.edges()
    for entry in around.talking():
        if entry.type is DocType.COMMENT and entry.on:
            yield entry.id, "on", entry.on
        # Only few have one: their fields are decoded where the text may have it.
        name = _FIELDS.get(entry.type)
        if name and f'"{name}"' in entry.more and (value := entry.document_fields().get(name)):
            yield entry.id, name, str(value)


#: The field of a type that refers to another document, besides the relations.
_FIELDS: Final = {DocType.COMMENT: "supersedes", DocType.WORKSPACE: "feature"}
_OF_TASKS: Final = frozenset({"blocked_by", "parent", "duplicate_of"})
_REMEDIES: Final = {
    "blocked_by": "wrkq unrelate {source} blocked-by {target}",
    "relates_to": "wrkq unrelate {source} relates-to {target}",
    "duplicate_of": "wrkq unrelate {source} duplicate-of {target}",
    "parent": "wrkq set {source} --parent ''",
}


def _cycles(around: Surroundings) -> Iterator[Finding]:
    for cycle in cycles(around.waits()):
        if around.is_judged(cycle):
            names = " waits for ".join([*cycle, cycle[0]])
            after = cycle[1 % len(cycle)]
            for entry in around.with_id(cycle[0])[:1]:
                remedy = f"wrkq unrelate {cycle[0]} blocked-by {after}"
                yield around.at("cycle", entry.path, names, after, remedy=remedy)


def _subtasks(around: Surroundings) -> Iterator[Finding]:
    for entry in around.children():
        for parent in around.with_id(entry.parent or "")[:1]:
            if parent.parent:
                message = f"its parent {parent.address} is a subtask itself"
                remedy = f"wrkq set {entry.id} --parent {parent.parent}"
                yield around.at("nested-subtask", entry.path, message, "parent:", remedy=remedy)
            if parent.container != entry.container:
                message = f"its parent lies in {parent.container or '.'}"
                remedy = f"wrkq mv {entry.id} {parent.container or '.'}"
                yield around.at("parent-elsewhere", entry.path, message, "parent:", remedy=remedy)


def _sources(around: Surroundings) -> Iterator[Finding]:
    for entry in around.tasks:
        tasks: Sequence[Entry] = around.with_source(entry.source) if entry.source else ()
        for other in tasks[1:]:
            message = f"{entry.source} is also the source of {tasks[0].path}"
            yield around.at("duplicate-source", other.path, message, "source:")


#: Every rule over several documents. A finding may come more than once.
CHECKS: Final[Sequence[Callable[[Surroundings], Iterable[Finding]]]] = (
    _duplicate_ids,
    _addresses,
    _dangling,
    _cycles,
    _subtasks,
    _sources,
    *tidiness.CHECKS,
)
