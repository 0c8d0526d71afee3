"""What a rule over several documents may ask about those it judges, and about what is around them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final, TypeVar

from wrkq_files.errors import WrkqError
from wrkq_files.index.entry import Edge, Entry
from wrkq_files.index.query import Query
from wrkq_files.model.fields import DocType
from wrkq_files.model.finding import Finding
from wrkq_files.model.layout import folders_above
from wrkq_files.model.rules import RULES
from wrkq_files.service import resolve
from wrkq_files.service.tracker import Tracker

Name = TypeVar("Name")
_ALL: Final = (DocType.TASK, DocType.CONTAINER, DocType.COMMENT, DocType.WORKSPACE, DocType.ACTOR)
#: The line in which a file says its own id, however broken the rest is.
_OWN_ID: Final = re.compile(rb"^id:[ \t]*[\"']?([TPWC]-[0-9A-Z]{8})", re.MULTILINE)


class Surroundings:
    """All documents of a tracker, read once. ``subjects`` are those that are judged: here all."""

    def __init__(self, tracker: Tracker) -> None:
        self.tracker = tracker
        self.index = tracker.index

    @cached_property
    def subjects(self) -> Sequence[Entry]:
        return self.index.find(Query(types=_ALL))

    @cached_property
    def containers(self) -> Sequence[Entry]:
        """The containers whose sections are judged."""
        return [entry for entry in self.subjects if entry.type is DocType.CONTAINER]

    @property
    def tasks(self) -> Iterator[Entry]:
        return (entry for entry in self.subjects if entry.type is DocType.TASK)

    def with_id(self, identifier: str) -> Sequence[Entry]:
        """All documents but actors with an id."""
        return self._by_id.get(identifier, ())

    def container(self, address: str | None) -> Entry | None:
        return self._by_address.get(address) if address is not None else None

    def alike(self, entry: Entry) -> Sequence[Entry]:
        """The tasks and containers whose address is this one's but for case, itself among them, by path."""
        return self._by_lower.get(entry.address.lower(), ())

    def with_source(self, source: str) -> Sequence[Entry]:
        """The tasks that came from a source, by path."""
        return self._by_source.get(source, ())

    def features_in(self, project: str | None) -> Sequence[Entry]:
        """The features of the project of this address, or those that are in none."""
        return self._by_project.get(project, ())

    def tasks_in(self, feature: Entry) -> Sequence[Entry]:
        return self._by_feature.get(feature.address, ())

    def edges(self) -> Iterable[Edge]:
        """What the judged documents say of others."""
        return self.index.edges()

    def named(self) -> Iterable[Entry]:
        """The documents and folders whose addresses are judged."""
        return self.subjects

    def talking(self) -> Iterable[Entry]:
        """The documents whose fields beside the relations are judged: those that speak of others."""
        return self.subjects

    def linking(self) -> Iterable[tuple[str, str]]:
        """Paths and bodies of documents that may link to others."""
        return self.index.linking()

    def has_file(self, path: str) -> bool:
        """Whether there is a Markdown file, document or not, or a folder of the tracker at a path."""
        return path in self._files

    def attached(self) -> Iterable[str]:
        """The ids by which attachments are kept."""
        return self.tracker.attached()

    def children(self) -> Iterator[Entry]:
        """The tasks whose parent is judged, or that are judged themselves."""
        return self.tasks

    def waits(self) -> Mapping[str, Sequence[str]]:
        """Which task waits for which others, as far as a judged one may be part of a cycle."""
        found: dict[str, list[str]] = defaultdict(list)
        for edge in self.index.edges("blocked_by"):
            found[edge.src].append(edge.dst)
        return found

    def is_judged(self, identifiers: Collection[str]) -> bool:
        """Whether a document with one of these ids is judged."""
        return True

    def findings(self) -> Sequence[Finding]:
        """What single documents are at fault with."""
        return self.index.findings()

    @cached_property
    def actors(self) -> frozenset[str]:
        return frozenset(entry.slug for entry in self.index.actors())

    @cached_property
    def siblings(self) -> Sequence[Tracker]:
        """The other trackers of the repository: a document may refer to one of theirs."""
        return self.tracker.siblings()

    @cached_property
    def unreadable_ids(self) -> frozenset[str]:
        """The ids that files which cannot be read seem to have."""
        texts = [self.bytes_of(finding.path) for finding in self.index.broken() if finding.line]
        return frozenset(found for text in texts for found in own_ids(text))

    def bytes_of(self, path: str) -> bytes:
        """A file's bytes; none where it has become a link since it was looked at."""
        return bytes_of(self.tracker, path)

    def at(self, rule: str, path: str, message: str, needle: str, *, allowed: str = "", remedy: str = "") -> Finding:
        """A finding at the first line of the file that holds ``needle``."""
        line, column = place(self.tracker, path, needle)
        return Finding(rule, path, message, line, column, allowed, remedy or RULES[rule].remedy)

    # How

    @cached_property
    def _files(self) -> frozenset[str]:
        return frozenset(self.index.files())

    @cached_property
    def _by_id(self) -> Mapping[str, list[Entry]]:
        return _grouped((e.id, e) for e in self.subjects if e.type is not DocType.ACTOR and e.id)

    @cached_property
    def _by_address(self) -> Mapping[str, Entry]:
        return {entry.address: entry for entry in self.containers}

    @cached_property
    def _by_lower(self) -> Mapping[str, list[Entry]]:
        return _grouped((e.address.lower(), e) for e in self.subjects if e.type in resolve.ANY)

    @cached_property
    def _by_source(self) -> Mapping[str, list[Entry]]:
        return _grouped((e.source, e) for e in self.tasks if e.source)

    @cached_property
    def _by_project(self) -> Mapping[str | None, list[Entry]]:
        return _grouped((e.project, e) for e in self.containers if e.kind == "feature")

    @cached_property
    def _by_feature(self) -> Mapping[str | None, list[Entry]]:
        return _grouped((e.feature, e) for e in self.tasks if e.feature)


class Nearby(Surroundings):
    """The documents at these paths, and of the rest what they touch, looked up: the tracker's size does not count.

    ``paths``: what changed. ``gone``: ids that are not where they were before.
    """

    def __init__(self, tracker: Tracker, paths: Sequence[str], gone: frozenset[str]) -> None:
        super().__init__(tracker)
        self._paths, self._gone = paths, gone

    @cached_property
    def subjects(self) -> Sequence[Entry]:
        return [entry for path in self._paths if (entry := self.index.entry(path))]

    @cached_property
    def containers(self) -> Sequence[Entry]:
        changed = [entry for entry in self.subjects if entry.type is DocType.CONTAINER]
        features = [each for entry in changed if entry.kind == "project" for each in self.features_in(entry.address)]
        return list(dict.fromkeys([*changed, *features]))

    @cached_property
    def ids(self) -> frozenset[str]:
        """The ids whose meaning may have changed."""
        return frozenset({entry.id for entry in self.subjects if entry.id} | self._gone)

    def with_id(self, identifier: str) -> Sequence[Entry]:
        return [entry for entry in self.index.by_id(identifier) if entry.type is not DocType.ACTOR]

    def container(self, address: str | None) -> Entry | None:
        return None if address is None else self.index.entry(f"{address}/README.md" if address else "README.md")

    def alike(self, entry: Entry) -> Sequence[Entry]:
        return self.index.alike(entry.address)

    def with_source(self, source: str) -> Sequence[Entry]:
        return self.index.by_source(source)

    def features_in(self, project: str | None) -> Sequence[Entry]:
        found = self.index.find(Query(types=(DocType.CONTAINER,), under=project or ""))
        return [each for each in found if each.kind == "feature" and each.project == project]

    def tasks_in(self, feature: Entry) -> Sequence[Entry]:
        found = self.index.find(Query(types=(DocType.TASK,), under=feature.address))
        return [each for each in found if each.feature == feature.address]

    def edges(self) -> Iterable[Edge]:
        """What changed documents say, and what others say of ids that changed."""
        own = [each for entry in self.subjects for each in self.index.relations(entry.id) if each.src == entry.id]
        others = [each for identifier in self._gone for each in self.index.relations(identifier)]
        return list(dict.fromkeys([*own, *(each for each in others if each.dst in self._gone)]))

    def children(self) -> Iterator[Entry]:
        said = [edge for identifier in self.ids for edge in self.index.relations(identifier)]
        sources = [edge.src for edge in said if edge.kind == "parent" and edge.dst in self.ids]
        found = (each for source in sources for each in self.with_id(source) if each.type is DocType.TASK)
        return iter(dict.fromkeys([*self.tasks, *found]))

    def named(self) -> Iterable[Entry]:
        folders = dict.fromkeys(folder for entry in self.subjects for folder in folders_above(entry.path))
        above = [entry for folder in folders if (entry := self.container(folder))]
        return dict.fromkeys([*self.subjects, *above])

    def talking(self) -> Iterable[Entry]:
        others = [each for each in self.index.referring(self._gone) if each.type is DocType.COMMENT]
        return dict.fromkeys([*self.subjects, *others])

    def linking(self) -> Iterable[tuple[str, str]]:
        return [(entry.path, self.index.body(entry.path)) for entry in self.subjects if entry.blob]

    def has_file(self, path: str) -> bool:
        return self.index.has_file(path)

    def attached(self) -> Iterable[str]:
        return self._gone & {*self.tracker.attached()} if self._gone else ()

    def waits(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, Sequence[str]] = {}
        waiting = [*(entry.id for entry in self.tasks), *self._gone]
        while waiting:
            identifier = waiting.pop()
            if identifier not in found:
                found[identifier] = self.index.blockers(identifier)
                waiting += found[identifier]
        return found

    def is_judged(self, identifiers: Collection[str]) -> bool:
        return not self.ids.isdisjoint(identifiers)

    def findings(self) -> Sequence[Finding]:
        return [finding for path in self._paths for finding in self.index.findings(path) if finding.path == path]


def are_two(one: bytes | None, other: bytes | None) -> bool:
    """Whether two texts are two documents by the ids that they give themselves."""
    first, second = own_ids(one or b""), own_ids(other or b"")
    return bool(first and second) and {*first}.isdisjoint(second)


def own_ids(data: bytes) -> list[str]:
    """The ids that a file says it has, however broken the rest is."""
    return [found.decode() for found in _OWN_ID.findall(data)]


def bytes_of(tracker: Tracker, path: str) -> bytes:
    """A file's bytes; none where there is no file, or only a link."""
    try:
        return tracker.read(path) or b""
    except WrkqError:
        return b""


def place(tracker: Tracker, path: str, needle: str) -> tuple[int, int]:
    """Line and column (1-based) of a text in a file; zeros when it is not there."""
    lines = bytes_of(tracker, path).decode("utf-8", "replace").splitlines()
    for number, line in enumerate(lines, 1):
        if (column := line.find(needle)) >= 0:
            return number, column + 1
    return 0, 0


def _grouped(pairs: Iterable[tuple[Name, Entry]]) -> Mapping[Name, list[Entry]]:
    found: dict[Name, list[Entry]] = defaultdict(list)
    for name, entry in pairs:
        found[name].append(entry)
    return found
