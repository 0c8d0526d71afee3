"""Reading: lists, trees, documents, searches."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.index.entry import Entry, Hit
from wrkq_files.index.query import Query
from wrkq_files.model import ids, items, layout
from wrkq_files.model.fields import DocType
from wrkq_files.model.finding import Finding
from wrkq_files.model.rules import ERROR, RULES
from wrkq_files.service import attached, refusals, resolve, rows
from wrkq_files.service.tracker import Tracker

#: What may be looked at in full.
_SHOWN: Final = (*resolve.ANY, DocType.COMMENT, DocType.WORKSPACE, DocType.ACTOR)


#: A tree that is deeper is nobody's work, and no JSON reader takes it.
_DEEPEST: Final = 200


class Listing(NamedTuple):
    """``hidden`` counts what the default view leaves out, by reason; ``notes`` are plain Markdown files.

    ``broken``: see :func:`faults`.
    """

    entries: Sequence[Entry]
    hidden: Mapping[str, int] = MappingProxyType({})
    notes: Sequence[str] = ()
    broken: Sequence[Finding] = ()


class Node:
    """One line of a tree."""

    __slots__ = ("children", "entry")

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.children: list[Node] = []


class Tree(NamedTuple):
    """``roots`` are what stands directly in the container that was asked for."""

    address: str
    roots: Sequence[Node]
    hidden: Mapping[str, int]
    broken: Sequence[Finding]


class Shown(NamedTuple):
    """One document in full. ``text`` is the file as it is."""

    entry: Entry
    text: str
    body: str
    fields: Mapping[str, Any]


def ls(tracker: Tracker, targets: Sequence[str], *, everything: bool = False, recursive: bool = False) -> Listing:
    """What is directly in each container, or all below it (``recursive``); a task that is named stands for itself."""
    entries: dict[str, Entry] = {}
    notes: list[str] = []
    broken: list[Finding] = []
    hidden: dict[str, int] = {}
    for address in _containers(tracker, targets, entries):
        tracker.index.refresh_folder(address, deep=recursive)
        place = Query(under=address) if recursive else Query(container=address)
        shown, left_out = _shown_and_hidden(tracker, place._replace(types=resolve.ANY), everything=everything)
        entries |= {entry.path: entry for entry in shown}
        hidden = {reason: hidden.get(reason, 0) + left_out.get(reason, 0) for reason in {*hidden, *left_out}}
        notes += tracker.index.notes(address) if everything else []
        broken += [f for f in faults(tracker, address) if recursive or layout.folder_of(f.path) == address]
    return Listing(list(entries.values()), hidden, notes, broken)


def find(tracker: Tracker, query: Query, *, everything: bool = True) -> Listing:
    """Every document that fits the query, unless it is hidden by default."""
    tracker.index.refresh()
    if {DocType.COMMENT, DocType.ACTOR} & set(query.types):
        tracker.index.refresh_comments()
    shown, hidden = _shown_and_hidden(tracker, query, everything=everything)
    return Listing(shown, hidden, (), faults(tracker, query.under or ""))


def search(
    tracker: Tracker, text: str, *, limit: int | None = None, types: Collection[DocType] = resolve.ANY
) -> tuple[list[Hit], list[Finding]]:
    """Full text, best first; nothing is hidden. Comments take part when ``types`` names them."""
    if not text.strip():
        raise WrkqError("usage", "nothing to search for", hint='wrkq search "words"')
    tracker.index.refresh()
    if DocType.COMMENT in types:
        tracker.index.refresh_comments()
    return tracker.index.search(text, limit, tuple(types)), faults(tracker)


def tree(tracker: Tracker, target: str | None = None, *, everything: bool = False, depth: int | None = None) -> Tree:
    """Containers, their tasks, and subtasks under their parents."""
    tracker.index.refresh()
    address, top = _top(tracker, target)
    query = Query(types=resolve.ANY, under=address)
    shown, hidden = _shown_and_hidden(tracker, query, everything=everything)
    if any(entry.path.count("/") > _DEEPEST for entry in shown):
        raise WrkqError("limit", f"folders are nested more than {_DEEPEST} deep", hint="wrkq ls, or wrkq find")
    nodes = {entry.path: Node(entry) for entry in shown}
    parents = _parents(tracker, shown)
    roots: list[Node] = []
    inside: dict[str, list[Node]] = {}  # by folder: where the nodes of what lies in it go
    for path, node in nodes.items():
        if depth is not None and _depth(node.entry.address, address) > depth:
            continue
        folder = layout.folder_of(path)
        if folder not in inside:
            above = nodes.get(layout.document_path(DocType.CONTAINER, folder))
            inside[folder] = above.children if above else roots
        (nodes[parents[path]].children if path in parents else inside[folder]).append(node)
    if top is not None:
        node = nodes.get(top.path) or Node(top)
        return Tree(address, [node], {}, faults(tracker, top.path))
    if depth is not None and hidden:
        # What -a would show: the rest lies deeper than is asked for.
        deep = [e for e in tracker.index.find(query) if e.path not in nodes and _depth(e.address, address) <= depth]
        hidden = {"closed, archived or ideas": len(deep)}
    return Tree(address, roots, hidden, faults(tracker, address))


def _top(tracker: Tracker, target: str | None) -> tuple[str, Entry | None]:
    """The container to show, and the task in it that was asked for."""
    address = resolve.container_address(tracker, target) if target else ""
    if tracker.is_folder(address):
        return resolve.check_container(tracker, address), None
    entry = resolve.one(tracker, target or "")
    return (entry.address, None) if entry.type is DocType.CONTAINER else (entry.container, entry)


def _parents(tracker: Tracker, shown: Sequence[Entry]) -> dict[str, str]:
    """The path of each subtask's parent, where that is shown too and is no subtask of its own subtask."""
    parents = {edge.src: edge.dst for edge in tracker.index.edges("parent")}
    if not parents:
        return {}
    family = {*parents, *parents.values()}
    by_id = {entry.id: entry for entry in shown if entry.id in family and entry.type is DocType.TASK}
    found: dict[str, str] = {}
    for entry in by_id.values():
        above, seen = parents.get(entry.id, ""), {entry.id}
        while above in by_id and above not in seen:
            seen.add(above)
            above = parents.get(above, "")
        if above not in seen and len(seen) > 1:
            found[entry.path] = by_id[parents[entry.id]].path
    return found


def cat(tracker: Tracker, targets: Sequence[str]) -> list[Shown]:
    """The documents, as they are in their files."""
    found = resolve.many(tracker, targets, _SHOWN)
    return [shown(tracker, entry) for entry in found]


def stat(tracker: Tracker, targets: Sequence[str], *, relations: bool = False) -> list[dict[str, Any]]:
    """Everything that is known about each document, body left out.

    With ``relations`` also what others say of it: that needs a look at every file.
    """
    if relations:
        tracker.index.refresh()
    found = resolve.many(tracker, targets, _SHOWN)
    if not relations:
        found = _with_parts(tracker, found)
    named = rows.rows(tracker, found, rows.FIELDS)
    facts = [_facts(tracker, entry, row) for entry, row in zip(found, named, strict=True)]
    if relations:
        facts = [fact | _said_by_others(tracker, entry) for fact, entry in zip(facts, found, strict=True)]
    return [{name: value for name, value in fact.items() if value not in (None, [], {}, "")} for fact in facts]


def _shown_and_hidden(tracker: Tracker, query: Query, *, everything: bool) -> tuple[list[Entry], dict[str, int]]:
    """The rows of the default view (or all), and how many it leaves out for being archived, closed or ideas."""
    shown = tracker.index.find(query._replace(hide=not everything))
    return shown, {} if everything else tracker.index.hidden(query)


def faults(tracker: Tracker, under: str = "") -> list[Finding]:
    """Why files are missing in a list, or are not shown as they say: what cannot be read, and values that do not fit.

    ``under``: an address or a path; empty for the whole tracker.
    """
    severity = tracker.config.rules.get
    found = tracker.index.findings(under)
    return [each for each in found if RULES[each.rule].unreadable or severity(each.rule, each.severity) == ERROR]


def _containers(tracker: Tracker, targets: Sequence[str], entries: dict[str, Entry]) -> list[str]:
    """The containers named (the working directory's without any); tasks that are named go to ``entries``."""
    if not targets:
        return [_here(tracker)]
    addresses: list[str] = []
    tasks: list[Entry] = []
    for target in targets:
        if resolve.is_glob(target):
            entries |= {entry.path: entry for entry in resolve.many(tracker, [target])}
            continue
        address = resolve.container_address(tracker, target) if not ids.is_id(target.upper()) else None
        if address is not None and tracker.is_folder(address):
            addresses.append(resolve.check_container(tracker, address))
            continue
        [entry] = resolve.many(tracker, [target])
        if entry.type is DocType.CONTAINER:
            addresses.append(entry.address)
        else:
            tasks.append(entry)
    entries |= {each.path: each for each in _with_parts(tracker, tasks)}
    return list(dict.fromkeys(addresses))


def _with_parts(tracker: Tracker, entries: Sequence[Entry]) -> list[Entry]:
    """The same documents, as what counts to them makes them: a task's state depends on its subtasks."""
    rows.refresh_parts(tracker, entries)
    return [tracker.index.entry(each.path) or each for each in entries]


def _here(tracker: Tracker) -> str:
    cwd = tracker.door.cwd
    if not cwd.is_relative_to(tracker.root) or cwd == tracker.root:
        return ""
    address = cwd.relative_to(tracker.root).as_posix()
    if not tracker.is_folder(address):  # of a tracker as it was: we are where nothing was then
        raise WrkqError("not_found", f"there was no `{address}`", hint="name a container; / is the whole tracker")
    return address


def _depth(address: str, under: str) -> int:
    return address.count("/") + 1 - (under.count("/") + 1 if under else 0)


def shown(tracker: Tracker, entry: Entry) -> Shown:
    """A document in full. Raises WrkqError ``not_found`` for a container without one, ``unreadable``."""
    data = tracker.read(entry.path)
    if data is None:
        raise WrkqError("not_found", f"{entry.address} has no README.md", hint=f"wrkq mkdir -p {entry.address}")
    parsed = tracker.parse(data, entry.type, entry.path)
    if parsed.document is None:
        raise refusals.unreadable(parsed.findings)
    return Shown(entry, data.decode("utf-8-sig"), parsed.document.body, entry.document_fields())


def _facts(tracker: Tracker, entry: Entry, row: Mapping[str, Any]) -> dict[str, Any]:
    facts = dict(row)
    facts["attachments"] = [each.name for each in attached.of(tracker, entry)] if "-" in entry.id else []
    facts["items"] = _items(tracker, entry)
    return facts


def _said_by_others(tracker: Tracker, entry: Entry) -> dict[str, Any]:
    edges = [edge for edge in tracker.index.relations(entry.id) if edge.dst == entry.id]
    words = {"blocks": "blocked_by", "subtasks": "parent", "duplicates": "duplicate_of", "related_from": "relates_to"}
    return {word: [edge.src for edge in edges if edge.kind == kind] for word, kind in words.items()}


def _items(tracker: Tracker, entry: Entry) -> list[dict[str, Any]]:
    if not entry.items_total and not entry.criteria_open:
        return []
    return [
        {"number": i.number, "state": i.state, "text": i.text, "criterion": i.is_criterion, "measure": i.measure}
        for i in items.find_items(tracker.index.body(entry.path))
    ]
