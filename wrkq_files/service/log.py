"""What happened to documents, in commits or by somebody: the history asked by target, time, actor and type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from itertools import islice
from typing import Any, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git.batch import Blobs
from wrkq_files.index.entry import Entry
from wrkq_files.index.query import Query
from wrkq_files.model import layout
from wrkq_files.model.document import address_of
from wrkq_files.model.events import MENTIONED, TYPES, Event
from wrkq_files.model.fields import DocType
from wrkq_files.service import former, resolve
from wrkq_files.service.history import History, Seen, as_row
from wrkq_files.service.tracker import Tracker

#: What a target may be; besides, a commit.


class Asked(NamedTuple):
    """Which events are wanted; what is not set leaves nothing out. ``types``: names, or globs of them."""

    targets: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None
    actor: str | None = None
    types: Sequence[str] = ()
    field: str | None = None
    workspace: str | None = None
    session: str | None = None


class Scope(NamedTuple):
    """What a target stands for: documents by id, folders by address, commits by id; ``paths``: where the documents
    are now.
    """

    ids: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()
    commits: frozenset[str] = frozenset()
    paths: frozenset[str] = frozenset()

    def holds(self, seen: Seen) -> bool:
        """Whether an event is in it, by what the event says itself."""
        event = seen.happened.event
        if event.id in self.ids or seen.happened.commit in self.commits or seen.about in self.ids:
            return True
        return any(each == "" or event.path.startswith(f"{each}/") for each in self.folders)

    def joined(self, other: Scope) -> Scope:
        return Scope(*(mine | theirs for mine, theirs in zip(self, other, strict=True)))


class _Within:
    """Whether an event is in a scope; asked of each event, the latest first: it follows documents to where they were,
    for the moves of the containers that took them along.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._paths = set(scope.paths)

    def __call__(self, seen: Seen) -> bool:
        event = seen.happened.event
        followed = event.type.endswith(".moved") and self._follow(event)
        return followed or self._scope.holds(seen)

    def _follow(self, event: Event) -> bool:
        old, new = str(event.old), str(event.new)
        if event.type == "container.moved" and not event.field:
            old, new = old.removesuffix(layout.CONTAINER_NAME), new.removesuffix(layout.CONTAINER_NAME)
        moved = {path for path in self._paths if path == new or (new.endswith("/") and path.startswith(new))}
        self._paths = (self._paths - moved) | {old + path.removeprefix(new) for path in moved}
        return bool(moved)


class Deed(NamedTuple):
    """The events that one operation (or hand) made of one document in one commit, in their order."""

    events: Sequence[Seen]

    @property
    def first(self) -> Seen:
        return self.events[0]


def log(tracker: Tracker, asked: Asked, *, reverse: bool = False, count: int | None = None) -> list[Deed]:
    """What happened, the latest first.

    Raises WrkqError ``not_found`` for a target that neither the tracker nor its history knows, ``usage``.
    """
    _check(asked)
    history = History(tracker)
    chosen = list(islice(deeds(select(tracker, history, asked)), count))
    return chosen[::-1] if reverse else chosen


def select(tracker: Tracker, history: History, asked: Asked) -> Iterator[Seen]:
    """The events that were asked for, the latest first."""
    tests = [*_tests(asked)]
    where, values = "1", list[str]()
    if asked.targets:
        scope = scope_of(tracker, history, asked.targets)
        tests.insert(0, _Within(scope))
        if not scope.folders and len(scope.ids) + len(scope.commits) < 500:
            ids = _marks(scope.ids)
            where = (
                f"event.id IN ({ids}) OR event.subject IN ({ids}) OR logged.id IN ({_marks(scope.commits)})"
                " OR type = 'container.moved'"
            )
            values = [*scope.ids, *scope.ids, *scope.commits]
    for seen in history.ask(where, values):
        if all(test(seen) for test in tests):
            yield seen


def deeds(found: Iterable[Seen]) -> Iterator[Deed]:
    """Events grouped by commit, operation and document; those of one are in the order in which they happened."""
    group: list[Seen] = []
    for seen in found:
        if group and _group(seen) != _group(group[0]):
            yield Deed(group[::-1])
            group = []
        group.append(seen)
    if group:
        yield Deed(group[::-1])


def scope_of(tracker: Tracker, history: History, targets: Iterable[str]) -> Scope:
    """What the targets stand for: documents there are, commits, and what only history knows."""
    scope = Scope()
    for target in targets:
        scope = scope.joined(_scope(tracker, history, target))
    return scope


def _scope(tracker: Tracker, history: History, target: str) -> Scope:
    try:
        entries = resolve.named(tracker, target, resolve.EVERY)
    except WrkqError as error:
        if error.code not in ("not_found", "unreadable"):
            raise
        found = _known_before(history, target) or _commit(tracker, target)
        if not found:
            raise
        return found
    if len(entries) > 1 and not resolve.is_glob(target):
        raise resolve.ambiguous(target, entries)
    scope = Scope(frozenset(entry.id for entry in entries), paths=frozenset(entry.path for entry in entries))
    for entry in entries:
        if entry.type is DocType.CONTAINER:
            scope = _with_contents(tracker, history, scope, entry)
    return scope


def _with_contents(tracker: Tracker, history: History, scope: Scope, container: Entry) -> Scope:
    """Also what the container holds, what it held, wherever it was then, and the comments on all that."""
    tracker.index.refresh()
    held = {entry.id for entry in tracker.index.find(Query(types=resolve.ANY, under=container.address))}
    folders = {container.address}
    for seen in history.of([container.id]):
        if seen.happened.event.type == "container.moved":
            folders.add(address_of(DocType.CONTAINER, seen.happened.event.old))
    return scope._replace(ids=scope.ids | held, folders=scope.folders | folders)


def _known_before(history: History, target: str) -> Scope | None:
    """What has gone, by its id or an address that it had."""
    found = former.ids_of(history, target)
    return Scope(frozenset(found)) if found else None


def _commit(tracker: Tracker, target: str) -> Scope | None:
    from wrkq_files.git import revisions

    found = revisions.named(tracker.repo, target)
    return Scope(commits=frozenset([found.id])) if found else None


def rows(tracker: Tracker, found: Sequence[Deed], *, patch: bool = False, code: bool = False) -> list[dict[str, Any]]:
    """The events as rows. ``patch``: the first of each deed has the ``diff`` of its file. ``code``: only commits that
    touched ``files`` outside of the tracker, with these.
    """
    beside = _beside(tracker, found) if code else {}
    paths = _Addresses(tracker)
    listed = []
    with Blobs(tracker.repo) as blobs:
        for deed in found:
            files = beside.get(deed.first.happened.commit, [])
            if code and not files:
                continue
            for number, seen in enumerate(deed.events):
                row = as_row(seen)
                if code:
                    row["files"] = files
                if seen.about != seen.happened.event.id or not row["path"]:
                    row |= {"on": seen.about, "path": paths.of(seen.about) or row["path"]}
                if patch and not number:
                    row["diff"] = _diff(tracker, blobs, deed)
                listed.append(row)
    return listed


class _Addresses:
    """Where documents are now, for events that happened to no file."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self._known: dict[str, str | None] = {}

    def of(self, identifier: str) -> str | None:
        if not self._known:
            self._tracker.index.refresh()
        if identifier not in self._known:
            found = self._tracker.index.by_id(identifier)
            self._known[identifier] = found[0].address if found else None
        return self._known[identifier]


def _beside(tracker: Tracker, found: Sequence[Deed]) -> dict[str, list[str]]:
    """The files of each commit that are not the tracker's."""
    from wrkq_files.git import log as git_log

    commits = list(dict.fromkeys(deed.first.happened.commit for deed in found))
    before = f"{tracker.prefix}/" if tracker.prefix else ""

    def is_beside(path: str) -> bool:
        if before:
            return not path.startswith(before)
        return layout.type_of(path) is None and not path.startswith("_") and path != layout.CONFIG_NAME

    touched = git_log.files_of(tracker.repo, commits)
    return {commit: [path for path in files if is_beside(path)] for commit, files in touched.items()}


def _diff(tracker: Tracker, blobs: Blobs, deed: Deed) -> str:
    from wrkq_files.git.diff import renamed, unified

    events = [seen.happened.event for seen in deed.events]
    event = events[-1]
    old, new = (blobs.one(blob) if blob else None for blob in (event.old_blob, event.blob))
    if not event.old_blob and not event.blob:
        return ""
    path = tracker.repository_path(event.path)
    moved = next((each for each in events if each.type.endswith(".moved")), None)
    return renamed(tracker.repository_path(str(moved.old)), path, old, new) if moved else unified(path, old, new)


def _tests(asked: Asked) -> Iterator[Callable[[Seen], bool]]:
    since, until, types = asked.since, asked.until, tuple(asked.types)
    if since is not None:
        yield lambda seen: seen.time >= since
    if until is not None:
        yield lambda seen: seen.time <= until
    if asked.actor:
        wanted = asked.actor.casefold()
        yield (
            lambda seen: (
                wanted
                in {
                    each.casefold() for each in (seen.actor, seen.happened.email, seen.happened.name, *seen.coauthors)
                }
            )
        )
    if types:
        yield lambda seen: any(fnmatchcase(seen.happened.event.type, each) for each in types)
    if asked.field:
        yield lambda seen: seen.happened.event.field == asked.field
    if asked.workspace:
        yield lambda seen: seen.happened.workspace == asked.workspace
    if asked.session:
        yield lambda seen: seen.happened.session == asked.session


def _check(asked: Asked) -> None:
    import difflib

    for each in asked.types:
        if not any(fnmatchcase(name, each) for name in TYPES):
            near = difflib.get_close_matches(each, TYPES, 3, 0.5)
            hint = (
                f"did you mean {', '.join(near)}?" if near else "docs/events.md lists them; task.* means every task's"
            )
            raise WrkqError("usage", f"there is no type of event `{each}`", hint=hint)


def _group(seen: Seen) -> tuple[object, ...]:
    happened = seen.happened
    kind = "mention" if happened.event.type == MENTIONED else ""
    return (happened.number, happened.ulid, happened.event.id, kind)


def _marks(values: Iterable[object]) -> str:
    return ", ".join("?" for _ in values)
