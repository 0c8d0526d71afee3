"""What several documents together say wrong: references, cycles, names, sections, actors."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from shlex import quote
from typing import Final

from wrkq_files.errors import WrkqError
from wrkq_files.index.entry import Entry
from wrkq_files.index.query import Query
from wrkq_files.model import layout, states
from wrkq_files.model.fields import DocType
from wrkq_files.model.finding import Finding
from wrkq_files.model.graph import cycles
from wrkq_files.model.rules import RULES
from wrkq_files.service import resolve
from wrkq_files.service.tracker import Tracker, siblings

_ALL: Final = (DocType.TASK, DocType.CONTAINER, DocType.COMMENT, DocType.WORKSPACE, DocType.ACTOR)


#: The line in which a file says its own id, however broken the rest is.
_OWN_ID: Final = re.compile(rb"^id:[ \t]*[\"']?([TPWC]-[0-9A-Z]{8})", re.MULTILINE)


class View:
    """Everything a rule may look at, read once."""

    def __init__(self, tracker: Tracker) -> None:
        self.tracker = tracker

    @cached_property
    def entries(self) -> Sequence[Entry]:
        return self.tracker.index.find(Query(types=_ALL))

    @cached_property
    def tasks(self) -> Sequence[Entry]:
        return [entry for entry in self.entries if entry.type is DocType.TASK]

    @cached_property
    def containers(self) -> Mapping[str, Entry]:
        return {entry.address: entry for entry in self.entries if entry.type is DocType.CONTAINER}

    @cached_property
    def by_id(self) -> Mapping[str, list[Entry]]:
        found: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            if entry.type is not DocType.ACTOR and entry.id:
                found[entry.id].append(entry)
        return found

    @cached_property
    def siblings(self) -> Sequence[Tracker]:
        """The other trackers of the repository: a document may refer to one of theirs."""
        return siblings(self.tracker)

    @cached_property
    def unreadable_ids(self) -> frozenset[str]:
        """The ids that files which cannot be read seem to have."""
        texts = [self.tracker.read(finding.path) or b"" for finding in self.tracker.index.broken() if finding.line]
        return frozenset(found.decode() for text in texts for found in _OWN_ID.findall(text))

    def at(self, rule: str, path: str, message: str, needle: str, *, allowed: str = "", remedy: str = "") -> Finding:
        """A finding at the first line of the file that holds ``needle``."""
        line, column = place(self.tracker, path, needle)
        return Finding(rule, path, message, line, column, allowed, remedy or RULES[rule].remedy)


def place(tracker: Tracker, path: str, needle: str) -> tuple[int, int]:
    """Line and column (1-based) of a text in a file; zeros when it is not there."""
    try:
        data = tracker.read(path)
    except WrkqError:  # it has become a link since it was looked at
        data = None
    for number, line in enumerate((data or b"").decode("utf-8", "replace").splitlines(), 1):
        if (column := line.find(needle)) >= 0:
            return number, column + 1
    return 0, 0


def _duplicate_ids(view: View) -> Iterator[Finding]:
    for identifier, entries in view.by_id.items():
        if len(entries) < 2:
            continue
        for entry in entries:
            others = ", ".join(each.path for each in entries if each is not entry)
            yield view.at(
                "duplicate-id",
                entry.path,
                f"{identifier} is also the id of {others}",
                identifier,
                remedy="remove the `id:` line of the newer file: another is derived; wrkq fmt writes it",
            )


def _addresses(view: View) -> Iterator[Finding]:
    seen: dict[str, Entry] = {}
    # Folders without a document first: there is no file that a finding could name.
    for entry in sorted(view.entries, key=lambda each: each.id_source != "none"):
        if entry.type not in resolve.ANY or not entry.address:
            continue
        other = seen.setdefault(entry.address.lower(), entry)
        if other is entry:
            continue
        rule = "duplicate-slug" if other.address == entry.address else "case-clash"
        word = "has the address of" if rule == "duplicate-slug" else "differs only in case from"
        yield Finding(
            rule, entry.path, f"{entry.path} {word} {other.path}", remedy=f"wrkq mv {quote(entry.address)} NEW-NAME"
        )


def _dangling(view: View) -> Iterator[Finding]:
    for source, kind, target in _references(view):
        found = view.by_id.get(target, ())
        if not found and target in view.unreadable_ids:
            continue  # its own finding says what is wrong; taking the reference out would lose it
        if not found:
            if any(other.index.by_id(target) for other in view.siblings):
                continue
            said = "there is no such document"
        elif kind in _OF_TASKS and not any(entry.type is DocType.TASK for entry in found):
            said = "it is no task"
        else:
            continue
        remedy = _REMEDIES.get(kind, "remove the file, or correct the id").format(source=source, target=target)
        for entry in view.by_id.get(source, ()):
            yield view.at("dangling-reference", entry.path, f"{kind} {target}: {said}", target, remedy=remedy)


def _references(view: View) -> Iterator[tuple[str, str, str]]:
    """(id, field, id) of all that documents say of others."""
    yield from view.tracker.index.edges()
    for entry in view.entries:
        if entry.type is DocType.COMMENT and entry.on:
            yield entry.id, "on", entry.on
        # Only few have one: their fields are decoded where the text may have it.
        for name in ("supersedes", "feature"):
            likely = entry.type in (DocType.COMMENT, DocType.WORKSPACE) and f'"{name}"' in entry.more
            if likely and (value := entry.document_fields().get(name)):
                yield entry.id, name, str(value)


_OF_TASKS: Final = frozenset({"blocked_by", "parent", "duplicate_of"})
_REMEDIES: Final = {
    "blocked_by": "wrkq unrelate {source} blocked-by {target}",
    "relates_to": "wrkq unrelate {source} relates-to {target}",
    "duplicate_of": "wrkq unrelate {source} duplicate-of {target}",
    "parent": "wrkq set {source} --parent ''",
}


def _cycles(view: View) -> Iterator[Finding]:
    waits: dict[str, list[str]] = defaultdict(list)
    for edge in view.tracker.index.edges():
        if edge.kind == "blocked_by":
            waits[edge.src].append(edge.dst)
    for cycle in cycles(waits):
        names = " waits for ".join([*cycle, cycle[0]])
        for entry in view.by_id.get(cycle[0], ())[:1]:
            yield view.at(
                "cycle",
                entry.path,
                names,
                cycle[1 % len(cycle)],
                remedy=f"wrkq unrelate {cycle[0]} blocked-by {cycle[1 % len(cycle)]}",
            )


def _subtasks(view: View) -> Iterator[Finding]:
    for entry in view.tasks:
        for parent in view.by_id.get(entry.parent or "", ())[:1]:
            if parent.parent:
                message = f"its parent {parent.address} is a subtask itself"
                remedy = f"wrkq set {entry.id} --parent {parent.parent}"
                yield view.at("nested-subtask", entry.path, message, "parent:", remedy=remedy)
            if parent.container != entry.container:
                message = f"its parent lies in {parent.container or '.'}"
                remedy = f"wrkq mv {entry.id} {parent.container or '.'}"
                yield view.at("parent-elsewhere", entry.path, message, "parent:", remedy=remedy)


def _sources(view: View) -> Iterator[Finding]:
    seen: dict[str, Entry] = {}
    for entry in view.tasks:
        if entry.source and (other := seen.setdefault(entry.source, entry)) is not entry:
            yield view.at(
                "duplicate-source", entry.path, f"{entry.source} is also the source of {other.path}", "source:"
            )


def _sections(view: View) -> Iterator[Finding]:
    for entry in view.containers.values():
        sections = entry.document_fields().get("sections") or () if entry.kind == "project" else ()
        defaults = [section.get("slug") for section in sections if section.get("default")]
        if len(defaults) > 1:
            message = f"{' and '.join(map(str, defaults))} are both the default"
            yield view.at("two-defaults", entry.path, message, "sections:")
        if entry.section:
            yield from _section(view, entry)


def _section(view: View, entry: Entry) -> Iterator[Finding]:
    project = view.containers.get(entry.project or "")
    sections = (project.document_fields().get("sections") if project else None) or view.tracker.config.sections
    known = [str(section.get("slug")) for section in sections]
    if entry.section not in known:
        message = f"section `{entry.section}` is none of {entry.project or 'the default sections'}"
        yield view.at(
            "unknown-section",
            entry.path,
            message,
            "section:",
            allowed=", ".join(known),
            remedy=f"wrkq set {entry.address} --section {known[0]}",
        )


def _workflow(view: View) -> Iterator[Finding]:
    for entry in view.tasks:
        if entry.state == "in_progress" and not entry.assignee:
            remedy = f"wrkq set {entry.id} --assignee ACTOR"
            yield view.at("no-assignee", entry.path, "in progress, but nobody is assigned", "state:", remedy=remedy)
        if entry.state == "completed" and entry.criteria_open:
            message = f"completed, with {entry.criteria_open} open acceptance items"
            yield view.at("open-criteria", entry.path, message, "state:", remedy=f"wrkq tick {entry.id} ITEM")
        if entry.resolution and not states.agree(entry.state, entry.resolution):
            message = f"resolution {entry.resolution} does not go with state {entry.state}"
            remedy = f"wrkq set {entry.id} --resolution ''"
            yield view.at("resolution-state", entry.path, message, "resolution:", remedy=remedy)


def _actors(view: View) -> Iterator[Finding]:
    known = {entry.slug for entry in view.entries if entry.type is DocType.ACTOR}
    default = view.tracker.config.default_actor
    if default and default not in known:
        message = f"default_actor `{default}` is no actor"
        remedy = f"wrkqadm actor add {default}, or: wrkqadm config set default_actor ''"
        yield view.at("unknown-actor", layout.CONFIG_NAME, message, "default_actor:", remedy=remedy)
    if not known:
        return
    for entry in view.entries:
        for field, slug in _people(entry):
            if slug and slug not in known:
                message, remedy = f"{field} `{slug}` is no actor", f"wrkqadm actor add {slug}"
                yield view.at("unknown-actor", entry.path, message, f"{field}:", remedy=remedy)


def _people(entry: Entry) -> Iterator[tuple[str, str | None]]:
    yield from (("assignee", entry.assignee), ("reviewer", entry.reviewer), ("author", entry.author))
    if entry.type is DocType.CONTAINER:
        yield "owner", entry.document_fields().get("owner")
    if '"participants"' in entry.more:
        yield from (("actor", each.get("actor")) for each in entry.document_fields().get("participants") or ())


def _comments(view: View) -> Iterator[Finding]:
    for entry in view.entries:
        if (
            entry.type is DocType.COMMENT
            and entry.on
            and not entry.path.startswith(layout.comment_folder(entry.on) + "/")
        ):
            folder = layout.comment_folder(entry.on)
            message = f"it is on {entry.on}, and belongs into {folder}"
            remedy = f"mkdir -p {folder} && git mv {quote(entry.path)} {folder}/"
            yield view.at("misplaced-comment", entry.path, message, "on:", remedy=remedy)


def _missing_ids(view: View) -> Iterator[Finding]:
    for entry in view.entries:
        if entry.type is DocType.ACTOR or entry.id_source not in ("derived", "provisional"):
            continue
        name = quote(entry.address)
        if entry.id_source == "derived":
            message, remedy = f"no id in the file; until one is written it is {entry.id}", f"wrkq fmt {name}"
        else:
            message = f"no id in the file; it is {entry.id} until its text changes or it is committed"
            remedy = f"wrkq fmt --with-edits {name}, or commit it"
        yield Finding("missing-id", entry.path, message, 1, 1, remedy=remedy)


def _attachments(view: View) -> Iterator[Finding]:
    """Folders of attachments that belong to nothing: taking an `id:` line out leaves them behind."""
    top = view.tracker.root / layout.ATTACHMENTS
    for place in sorted(top.glob("*/*")) if top.is_dir() and not top.is_symlink() else ():
        known = place.name in view.by_id or place.name in view.unreadable_ids
        if not known and place.is_dir() and any(place.iterdir()):
            path = place.relative_to(view.tracker.root).as_posix()
            message = f"no document has the id {place.name}"
            yield Finding("orphaned-attachments", path, message, remedy=RULES["orphaned-attachments"].remedy)


#: Every rule over several documents.
CHECKS: Final[Sequence[Callable[[View], Iterable[Finding]]]] = (
    _duplicate_ids,
    _addresses,
    _dangling,
    _cycles,
    _subtasks,
    _sources,
    _sections,
    _workflow,
    _actors,
    _comments,
    _attachments,
    _missing_ids,
)
