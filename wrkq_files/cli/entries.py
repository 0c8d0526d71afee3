"""Documents as rows and as table lines."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from wrkq_files.cli import tables
from wrkq_files.cli.output import Rows
from wrkq_files.cli.request import Request
from wrkq_files.cli.tables import Column
from wrkq_files.model.document import address_of
from wrkq_files.model.layout import CONTAINER_NAME

if TYPE_CHECKING:
    from wrkq_files.index.entry import Entry
    from wrkq_files.model.fields import DocType
    from wrkq_files.model.finding import Finding
    from wrkq_files.service.tracker import Tracker

STATE_STYLES: Final[Mapping[str, str]] = {
    "idea": "dim",
    "draft": "dim",
    "in_progress": "yellow",
    "in_review": "magenta",
    "blocked": "red",
    "completed": "green",
    "cancelled": "dim",
    "archived": "dim",
    "project": "blue bold",
    "feature": "blue",
    "area": "blue",
    "misc": "blue",
}
_PRIORITY_STYLES: Final[Mapping[str, str]] = {"P1": "red bold", "P2": "yellow", "P4": "dim"}
_SHORT: Final = (
    Column("id", style=lambda _: "dim"),
    Column("state", style=lambda word: STATE_STYLES.get(word, "")),
    Column("p", style=lambda word: _PRIORITY_STYLES.get(word, "")),
    Column("path", least=14, keep_end=True),
    Column("title", least=14),
    Column("assignee", least=6, optional=True, style=lambda _: "cyan"),
)
_LONG: Final = (
    *_SHORT,
    Column("due", optional=True),
    Column("boxes", right=True, optional=True),
    Column("kind", optional=True, style=lambda _: "dim"),
    Column("score", right=True, optional=True),
    Column("labels", least=10, optional=True, style=lambda _: "magenta"),
)
#: What the base branch has changed since; with nothing to mark there is no such column.
_MARK: Final = Column("base", least=10, optional=True, style=lambda _: "yellow")


class Note(NamedTuple):
    """A plain Markdown file beside the documents."""

    path: str


def rows(
    ask: Request, listed: Sequence[Entry | Note], *, long: bool = False, keys: Sequence[str] = ("path",)
) -> Rows:
    from wrkq_files.service.rows import LEAN

    _ = ask.marks  # rows of any form say as of which commit of the base they are marked

    def read(items: Sequence[Any], names: Sequence[str]) -> list[dict[str, Any]]:
        return _read(ask.tracker, items, names)

    def table(items: Sequence[Any]) -> Iterable[str]:
        return lines(ask, items, long=long)

    return Rows(listed, read, table, LEAN, "path", keys)


def lines(ask: Request, listed: Sequence[Entry | Note], *, long: bool = False) -> Iterator[str]:
    columns = _LONG if long else _SHORT
    marks = [_mark(ask, each) for each in listed] if ask.marks.changed else []
    if any(marks):
        columns = (*columns, _MARK)
    if not long and (cells := _task_columns(listed)):
        return tables.by_column(columns, [*cells, marks] if any(marks) else cells, ask.screen)
    rows = [_cells(each, long=long) for each in listed]
    if any(marks):
        rows = [[*row, mark] for row, mark in zip(rows, marks, strict=True)]
    return tables.lines(columns, rows, ask.screen)


def _mark(ask: Request, each: Entry | Note) -> str:
    return "" if isinstance(each, Note) else ask.marks.words(each)


def _task_columns(listed: Sequence[Entry | Note]) -> list[list[str]] | None:
    """The cells of a list of tasks, column by column, which costs half; None where there is anything else in it."""
    tasks = [each for each in listed if not isinstance(each, Note) and each.path[0] != "_"]
    if len(tasks) < len(listed) or any(each.path.endswith(CONTAINER_NAME) for each in tasks):
        return None
    return [
        [each.id for each in tasks],
        ["archived" if each.archived else each.effective_state for each in tasks],
        [f"P{each.priority}" for each in tasks],
        [each.path.removesuffix(".md") for each in tasks],
        [each.title for each in tasks],
        [each.assignee or "" for each in tasks],
    ]


def state_word(entry: Entry, kind: DocType) -> str:
    """What a table says in the column of states: containers have a kind instead. ``kind``: the entry's type."""
    if entry.archived:
        return "archived"
    return entry.effective_state if kind == "task" else entry.kind or kind.value


def shown_address(entry: Entry) -> str:
    return entry.address + "/" if entry.type == "container" else entry.address


def place(ask: Request, path: str) -> str:
    """A file of the tracker, as it can be opened from where the request works."""
    return os.path.relpath(ask.tracker.root / path, ask.tracker.door.cwd)


def moved(ask: Request, broken: Iterable[Finding]) -> list[Finding]:
    return [finding.moved(place(ask, finding.path)) for finding in broken]


def _cells(entry: Entry | Note, *, long: bool) -> list[str]:
    if isinstance(entry, Note):
        return ["", "note", "", entry.path, *[""] * (len(_LONG if long else _SHORT) - 4)]
    kind = entry.type
    state = state_word(entry, kind)
    if kind == "task":
        address = address_of(kind, entry.path)
        cells = [entry.id, state, f"P{entry.priority}", address, entry.title, entry.assignee or ""]
    else:
        identifier = entry.id if entry.id_source != "none" else ""
        cells = [identifier, state, "", shown_address(entry), entry.title, entry.author or ""]
    return cells + _more_cells(entry) if long else cells


def _more_cells(entry: Entry) -> list[str]:
    boxes = f"{entry.items_done}/{entry.items_total}" if entry.items_total else ""
    kind = ("subtask" if entry.parent else entry.kind) if entry.type == "task" else ""
    return [(entry.due or "")[:10], boxes, kind, str(entry.score_total or ""), " ".join(entry.labels)]


def _read(tracker: Tracker, items: Sequence[Entry | Note], names: Sequence[str]) -> list[dict[str, Any]]:
    from wrkq_files.service import rows as service_rows

    entries = [each for each in items if not isinstance(each, Note)]
    found = iter(service_rows.rows(tracker, entries, names))
    return [_note_row(each, names) if isinstance(each, Note) else next(found) for each in items]


def _note_row(note: Note, names: Sequence[str]) -> dict[str, Any]:
    known = {"type": "note", "path": note.path, "file": note.path, "title": note.path.rpartition("/")[2]}
    return {name: known.get(name) for name in names}
