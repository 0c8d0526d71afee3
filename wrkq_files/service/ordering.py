"""Putting documents into an order by hand: features within their section, tasks within their folder."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial

from wrkq_files.errors import WrkqError
from wrkq_files.index.entry import Entry
from wrkq_files.index.query import EXCLUDE, Query
from wrkq_files.model import ranks
from wrkq_files.model.document import Document, Value
from wrkq_files.model.fields import CLOSED_STATES, DocType
from wrkq_files.model.ranks import Place
from wrkq_files.service import columns, resolve
from wrkq_files.service.change import Change, FileEdit
from wrkq_files.service.tracker import Tracker


class Placing:
    """What one request puts into another section, or to another place of an order by hand."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self._order: Order | None = None
        self._sections: dict[str, tuple[Entry, str]] = {}

    def placed(self, entry: Entry, pairs: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
        """What a document is to be given, with a rank in place of the words that name a place."""
        texts = dict(pairs)
        section = texts.get("section") if entry.kind == "feature" else None
        if section:
            self._sections[entry.path] = (entry, section)
        place = ranks.place(texts.get("rank", ""))
        if place is None or entry.type not in (DocType.TASK, DocType.CONTAINER):
            return pairs
        if self._order is None:
            self._tracker.index.refresh()
            self._order = Order(self._tracker)
        rank = self._order.put(entry, place, section)
        return [(name, rank if name == "rank" else text) for name, text in pairs]

    def finished(self, change: Change) -> Change:
        """The change with what others get along, and with what there is to say of sections that are too full."""
        own = {edit.path or "" for edit in change.edits}
        if self._order is not None and (more := self._order.edits(own)):
            note = f"{len(more)} other{'s' if len(more) > 1 else ''} got a rank, to stay where they are"
            change = change._replace(edits=(*change.edits, *more), notes=(*change.notes, note))
        moved = {path: each for path, each in self._sections.items() if path in own and each[0].section != each[1]}
        if moved:
            from wrkq_files.service import sections

            change = change._replace(notes=(*change.notes, *sections.over_limit(self._tracker, moved)))
        return change


class Order:
    """The orders that one request changes: each document that is put somewhere sees what was put before it."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self._lists: dict[tuple[str | None, ...], list[Entry]] = {}
        self._last: dict[tuple[tuple[str | None, ...], Place], str] = {}
        self._ranks: dict[str, str] = {}
        self._others: dict[str, Entry] = {}

    def put(self, entry: Entry, place: Place, section: str | None = None) -> str:
        """The rank that puts a document there. ``section``: where a feature stands after this request.

        What is put at the same place later stands behind it. Raises ``not_found`` for a place beside nothing,
        ``usage`` for one beside what is no neighbour.
        """
        key, neighbours = self._neighbours(entry, section)
        listed = [each for each in neighbours if each.path != entry.path]
        at = self._position(entry, place, listed, self._last.get((key, place)))
        listed.insert(at, entry)
        known = [None if each is entry else self._ranks.get(each.path) or each.rank for each in listed]
        new = ranks.ranked(known, at)
        for number, rank in new.items():
            self._ranks[listed[number].path] = rank
            self._others[listed[number].path] = listed[number]
        self._lists[key] = listed
        self._last[key, place] = entry.path
        return self._ranks.get(entry.path) or entry.rank or ""

    def edits(self, without: Collection[str]) -> list[FileEdit]:
        """What others than these get, by path: those whose rank left no room, or that had none."""
        from wrkq_files.service.update import modified

        found = {path: rank for path, rank in self._ranks.items() if path not in without}
        return [modified(self._others[path], partial(_ranked, rank), {"rank"}) for path, rank in found.items()]

    def _position(self, entry: Entry, place: Place, listed: list[Entry], last: str | None) -> int:
        paths = [each.path for each in listed]
        if last in paths and place.where in (ranks.TOP, ranks.AFTER):
            return paths.index(last) + 1
        if not place.other:
            return ranks.inserted(len(listed), place, None)
        other = resolve.one(self._tracker, place.other, (entry.type,))
        if other.path not in paths:
            what = "features of the same section" if entry.kind == "feature" else "what lies in the same folder"
            message = f"{other.address} is no neighbour of {entry.address}: only {what} can be put in order"
            raise WrkqError("usage", message, hint=f"allowed is {ranks.PLACES}")
        return ranks.inserted(len(listed), place, paths.index(other.path))

    def _neighbours(self, entry: Entry, section: str | None) -> tuple[tuple[str | None, ...], list[Entry]]:
        """What a document stands among, in its order, and a name for that."""
        if entry.type is DocType.TASK:
            key: tuple[str | None, ...] = ("task", entry.container, entry.parent)
        elif entry.kind == "feature":
            board = columns.around(self._tracker, entry)
            section = section or board.section_of(entry)
            key = ("feature", entry.project, section)
        else:
            key = ("container", entry.container, entry.kind)
        if key not in self._lists:
            if entry.type is DocType.TASK:
                found = self._tasks(entry)
            elif entry.kind == "feature":
                found = board.standing(section or "")
            else:
                found = [each for each in self._tracker.index.children(entry.container) if each.kind == entry.kind]
            self._lists[key] = sorted(found, key=columns.hand_order)
        return key, self._lists[key]

    def _tasks(self, entry: Entry) -> list[Entry]:
        """The open tasks beside it; a subtask stands among those of its parent."""
        query = Query(types=(DocType.TASK,), container=entry.container, archived=EXCLUDE)
        found = self._tracker.index.find(query)
        return [each for each in found if each.parent == entry.parent and each.state not in CLOSED_STATES]


def _ranked(rank: str, document: Document) -> Mapping[str, Value | None]:
    return {"rank": rank}
