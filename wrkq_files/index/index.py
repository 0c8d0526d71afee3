# ruff: noqa: S608 (only our own column names and placeholders are ever put into SQL)
"""The index of one tracker, as the services use it.

Refresh first, then ask: the answers are those of the last refresh's moment, or newer. What was not refreshed (a
folder elsewhere, comments) is answered as it was last seen.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from wrkq_files.errors import WrkqError
from wrkq_files.index import select
from wrkq_files.index.entry import COLUMNS, Comment, Edge, Entry, Hit, decode_fields
from wrkq_files.index.look import after, within
from wrkq_files.index.query import Hand, Query
from wrkq_files.index.schema import FORMAT
from wrkq_files.index.view import View
from wrkq_files.model import layout
from wrkq_files.model.document import Document
from wrkq_files.model.fields import DocType
from wrkq_files.model.layout import document_path
from wrkq_files.model.progress import Piece

if TYPE_CHECKING:
    import sqlite3

    from wrkq_files.model.finding import Finding

_SELECT = f"SELECT {COLUMNS} FROM entry"
#: ``Piece._make`` without a call into Python for each row.
_PIECE: Final[Callable[[Any], Piece]] = partial(tuple.__new__, Piece)
_OPEN = "type = 'task' AND state NOT IN ('completed', 'cancelled')"
#: Each edge that can be reached along what a task waits for.
_BELOW = """WITH RECURSIVE below(id) AS (SELECT ?1 UNION SELECT edge.dst FROM below
    JOIN entry ON entry.id = below.id JOIN edge ON edge.src = entry.number AND edge.kind = 'blocked_by')
    SELECT entry.id, edge.dst FROM below
    JOIN entry ON entry.id = below.id JOIN edge ON edge.src = entry.number AND edge.kind = 'blocked_by'"""
_BY_ID = f"{_SELECT} WHERE id = ? ORDER BY path"


class Index(View):
    """The questions. See :class:`wrkq_files.index.view.View` for opening and refreshing."""

    # Documents

    def entry(self, path: str) -> Entry | None:
        return next(iter(self._entries(f"{_SELECT} WHERE path = ?", path)), None)

    def by_id(self, identifier: str) -> list[Entry]:
        """All documents with an id: two are a finding, and both are here."""
        return self._entries(_BY_ID, identifier) if identifier else []

    def by_prefix(self, letter: str | None, prefix: str) -> list[Entry]:
        """Documents whose id begins so (``prefix`` without the letter; no letter: tasks, containers, workspaces)."""
        found: list[Entry] = []
        for each in letter or "TPW":
            start = f"{each}-{prefix}"
            found += self._entries(f"{_SELECT} WHERE id >= ? AND id < ? ORDER BY id, path", start, f"{start}~")
        return found

    def by_source(self, source: str) -> list[Entry]:
        """All tasks that came from a source."""
        return self._entries(f"{_SELECT} WHERE source = ? AND type = 'task' ORDER BY path", source)

    def alike(self, address: str) -> list[Entry]:
        """The task and the container of this address, and those whose address differs from it only in case."""
        named = [document_path(kind, address) for kind in (DocType.TASK, DocType.CONTAINER)]
        # SQLite knows no other letters' cases than ASCII's: then all that is there has to be compared.
        sql = f"{_SELECT} WHERE path COLLATE NOCASE IN (?, ?) ORDER BY path"
        if address.isascii():
            return self._entries(sql, *named)
        found = self._entries(f"{_SELECT} WHERE path < '_' OR path >= '`' ORDER BY path")
        lower = {path.lower() for path in named}
        return [each for each in found if each.path.lower() in lower]

    def referring(self, identifiers: Iterable[str]) -> list[Entry]:
        """The documents that say something of one of these ids, and the comments on them."""
        sql = f"{_SELECT} WHERE subject = ?1 OR number IN (SELECT src FROM edge WHERE dst = ?1) ORDER BY path"
        return [each for identifier in identifiers for each in self._entries(sql, identifier)]

    def locate(self, identifier: str) -> Entry | None:
        """The document with an id, when it is still where it was last seen: only that file is looked at."""
        known = self.by_id(identifier)
        if len(known) != 1 or not known[0].blob:
            return None
        if known[0].type is DocType.COMMENT:
            self.refresh_comments([known[0].on or ""])
        else:
            self.refresh_paths([known[0].path])
        found = self.by_id(identifier)
        return found[0] if len(found) == 1 else None

    def find(self, query: Query) -> list[Entry]:
        return self._ask_text(query.text, lambda c: select.find(c, query, self._place.sections))

    def at_hand(self, query: Query, hand: Hand) -> tuple[list[Entry], dict[str, int]]:
        """See :func:`wrkq_files.index.select.at_hand`."""
        return self._ask(lambda c: select.at_hand(c, query, self._place.sections, hand))

    def hidden(self, query: Query) -> dict[str, int]:
        """How many rows ``query.hide`` leaves out, by reason."""
        return self._ask_text(query.text, lambda c: select.hidden(c, query, self._place.sections))

    def search(self, text: str, limit: int | None = None, types: Collection[DocType] | None = None) -> list[Hit]:
        """Documents that hold every word (as a prefix) and every "quoted phrase" of ``text``, best first."""
        from wrkq_files.index import fulltext

        return self._ask_text(text, lambda c: fulltext.search(c, text, limit, types))

    def titled(self, words: Collection[str], limit: int) -> list[Entry]:
        """Tasks whose titles have most of these words (letters and digits), at most about ``limit``."""
        from wrkq_files.index import fulltext

        return self._ask(lambda c: fulltext.titled(c, sorted(words), limit)) if words else []

    def openings(self, length: int) -> dict[str, str]:
        """What the tasks' texts begin with, by path: so many characters."""
        sql = (
            "SELECT path, substr(body, 1, ?) FROM entry JOIN parsed ON parsed.key = entry.parsed"
            " WHERE entry.type = 'task'"
        )
        return dict(self._ask(lambda c: c.execute(sql, (length,)).fetchall()))

    def body(self, path: str) -> str:
        """A document's body as of the last refresh. Raises ``not_found``."""
        sql = "SELECT body FROM parsed WHERE key = (SELECT parsed FROM entry WHERE path = ?)"
        row = self._ask(lambda c: c.execute(sql, (path,)).fetchone())
        if row is None:
            raise WrkqError("not_found", f"{path}: there is no such document")
        return str(row[0] or "")

    def contents(self, blobs: Iterable[tuple[str, DocType]]) -> dict[tuple[str, DocType], Document]:
        """The documents that these blobs are, as far as they were ever read here, without paths and bodies."""
        sql = "SELECT title, fields FROM parsed WHERE blob = ? AND type = ? AND fields IS NOT NULL"

        def ask(connection: sqlite3.Connection) -> dict[tuple[str, DocType], tuple[str, str]]:
            rows = {name: connection.execute(sql, (name[0], name[1].value)).fetchone() for name in blobs}
            return {name: row for name, row in rows.items() if row}

        found = self._ask(ask)
        # A title may be a heading of the body, which is not asked for.
        return {
            (blob, kind): Document(kind, "", _titled(decode_fields(kind, fields), title), "")
            for (blob, kind), (title, fields) in found.items()
        }

    def linking(self) -> list[tuple[str, str]]:
        """Paths and bodies of the documents that have an inline link."""
        sql = (
            "SELECT path, body FROM entry JOIN parsed ON parsed.key = entry.parsed WHERE instr(body, '](')"
            " ORDER BY path"
        )
        return self._ask(lambda c: c.execute(sql).fetchall())

    def has_file(self, path: str) -> bool:
        """Whether a Markdown file was seen at a path, be it a document or not."""
        folder, _, name = path.rpartition("/")
        sql = "SELECT 1 FROM file WHERE folder = ? AND name = ?"
        return self._ask(lambda c: c.execute(sql, (folder, name)).fetchone()) is not None

    def children(self, address: str) -> list[Entry]:
        """The containers and tasks directly in a container."""
        return self.find(Query(types=(DocType.CONTAINER, DocType.TASK), container=address))

    def containers(self) -> list[Entry]:
        return self._entries(f"{_SELECT} WHERE type = 'container' ORDER BY path")

    def folders(self) -> list[str]:
        """The addresses of all containers."""
        return [each.address for each in self.containers()]

    def notes(self, address: str) -> list[str]:
        """Paths of the Markdown files directly in a folder that have no frontmatter."""
        sql = "SELECT name FROM file WHERE folder = ? AND role = 'note' ORDER BY name"
        names = self._ask(lambda c: [name for (name,) in c.execute(sql, (address,))])
        return [f"{address}/{name}" if address else name for name in names]

    def comments(self, on: str) -> list[Comment]:
        """The comments on an id, oldest first."""
        entries = self._entries(f"{_SELECT} WHERE subject = ? AND type = 'comment'", on)
        # By the names: these sort by time wherever the files lie.
        entries.sort(key=lambda each: (each.path.rpartition("/")[2], each.path))
        return [Comment(each, self.body(each.path)) for each in entries]

    def actors(self) -> list[Entry]:
        return self._within(layout.ACTORS)

    def workspaces(self) -> list[Entry]:
        return self._within(layout.WORKSPACES)

    def _within(self, folder: str) -> list[Entry]:
        """The documents of a reserved folder: a range of paths, so that no other row is looked at."""
        return self._entries(f"{_SELECT} WHERE path >= ? AND path < ? ORDER BY path", f"{folder}/", f"{folder}0")

    def open_ids(self) -> frozenset[str]:
        """The ids of the tasks that are not closed."""
        sql = f"SELECT id FROM entry WHERE {_OPEN}"
        return self._ask(lambda c: frozenset(each for (each,) in c.execute(sql)))

    def open_subtasks(self) -> dict[str, int]:
        """How many subtasks that are not closed each task has that has any, by its id."""
        sql = f"SELECT parent, count(*) FROM entry WHERE parent IS NOT NULL AND {_OPEN} GROUP BY parent"
        return self._ask(lambda c: dict(c.execute(sql).fetchall()))

    def pieces(self, places: Collection[tuple[str, bool]] | None = None) -> list[Piece]:
        """What progress is counted from: every task that is not archived, in no order.

        With ``places`` only those there, and their subtasks wherever these are: each is a container's address, and
        whether all below it is meant.
        """
        narrowed, values = _there(places) if places is not None else ("", [])
        sql = (
            "SELECT id, path, parent, feature, project, state, effective_state, items_done, items_total, due_at"
            " FROM entry JOIN parsed ON parsed.key = entry.parsed"
            f" WHERE entry.type = 'task' AND NOT archived {narrowed}"
        )
        return self._ask(lambda c: [*map(_PIECE, c.execute(sql, values))])

    # Relations

    def edges(self, kind: str | None = None) -> list[Edge]:
        """Every relation of the view, or those of a kind."""
        return self._edges("WHERE ?1 IS NULL OR edge.kind = ?1", kind)

    def waits(self, start: str | None = None) -> dict[str, list[str]]:
        """Which tasks each task waits for, by ids, in no order: all at once, for who looks at the whole.

        With a ``start`` only those that it waits for, directly or not.
        """
        # One row for each task: a third of the time of one for each edge, and no id has a space.
        sql = (
            "SELECT entry.id, group_concat(edge.dst, ' ') FROM edge JOIN entry ON entry.number = edge.src"
            " WHERE edge.kind = 'blocked_by' GROUP BY edge.src"
        )
        ask = (_BELOW, (start,)) if start else (sql, ())
        found: dict[str, list[str]] = {}
        for source, targets in self._ask(lambda c: c.execute(*ask).fetchall()):
            found.setdefault(source, []).extend(targets.split(" "))
        return found

    def relations(self, identifier: str) -> list[Edge]:
        """All that a document says of others, and others of it."""
        return self._edges("WHERE edge.src IN (SELECT number FROM entry WHERE id = ?1) OR edge.dst = ?1", identifier)

    def blockers(self, identifier: str) -> list[str]:
        """The ids a task waits for, whether they exist or not."""
        edges = self._edges(
            "WHERE edge.src IN (SELECT number FROM entry WHERE id = ?) AND edge.kind = 'blocked_by'", identifier
        )
        return list(dict.fromkeys(each.dst for each in edges))

    def blocked(self, identifier: str) -> list[str]:
        """The ids of the tasks that wait for a task."""
        edges = self._edges("WHERE edge.dst = ? AND edge.kind = 'blocked_by'", identifier)
        return list(dict.fromkeys(each.src for each in edges))

    # Findings and figures

    def broken(self, under: str = "") -> list[Finding]:
        """Why files cannot be read, as of the last refresh."""
        return self._findings(under, "unreadable")

    def findings(self, under: str = "") -> list[Finding]:
        """All that single documents are at fault with. ``under``: an address or a path; empty for everything."""
        return self._findings(under, "1")

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """How many documents there are: {type: {state: number}}, the state empty for all but tasks."""
        sql = "SELECT type, state, count(*) FROM entry GROUP BY type, state ORDER BY type, state"
        result: dict[str, dict[str, int]] = {}
        for kind, state, count in self._ask(lambda c: c.execute(sql).fetchall()):
            result.setdefault(kind, {})[state] = count
        return result

    def files(self) -> dict[str, tuple[tuple[int, ...], str]]:
        """Every Markdown file that was looked at, by path: its stat data, and the id of what it holds."""
        sql = "SELECT folder, name, mtime, ctime, size, inode, blob FROM file"
        rows = self._ask(lambda c: c.execute(sql).fetchall())
        return {f"{folder}/{name}" if folder else name: (tuple(stat), blob) for folder, name, *stat, blob in rows}

    def status(self) -> Mapping[str, Any]:
        """What the index is, for people who wonder; ``size`` in bytes."""
        from datetime import UTC, datetime

        from wrkq_files.model import times

        documents, refreshed = self._ask(
            lambda c: c.execute(
                "SELECT (SELECT count(*) FROM entry WHERE id_source != 'none'), value FROM meta"
                " WHERE key = 'refreshed'"
            ).fetchone()
        )
        file = self._store.file
        return {
            "format": FORMAT,
            "path": str(file) if file else None,
            "generation": file.name if file else "in memory",
            "size": file.stat().st_size if file else 0,
            "documents": documents,
            "refreshed": times.stamp(datetime.fromtimestamp(refreshed, UTC)) if refreshed else None,
        }

    # How

    def _entries(self, sql: str, *values: Any) -> list[Entry]:
        return self._ask(lambda c: select.entries(c, sql, values))

    def _edges(self, where: str, value: str | None) -> list[Edge]:
        sql = f"SELECT entry.id, edge.kind, edge.dst FROM edge JOIN entry ON entry.number = edge.src {where}"
        return self._ask(lambda c: sorted(map(Edge._make, c.execute(sql, (value,)))))

    def _findings(self, under: str, condition: str) -> list[Finding]:
        sql = (
            "SELECT folder, name, rule, message, line, col, allowed, remedy FROM finding"
            f" WHERE {condition} AND (?1 = '' OR folder = ?1 OR (folder >= ?1 || '/' AND folder < ?2)"
            " OR folder || '/' || name IN (?1, ?1 || '.md') OR folder = '' AND name IN (?1, ?1 || '.md'))"
            " ORDER BY folder, name, place"
        )
        from wrkq_files.model.finding import Finding
        from wrkq_files.model.rules import RULES

        rows = self._ask(lambda c: c.execute(sql, (under, after(under))).fetchall())
        found = [Finding(rule, f"{folder}/{name}" if folder else name, *rest) for folder, name, rule, *rest in rows]
        return [each if each.remedy else each._replace(remedy=RULES[each.rule].remedy) for each in found]


def _there(places: Collection[tuple[str, bool]]) -> tuple[str, list[str]]:
    """SQL and its values: what is in containers, and the subtasks of that."""
    found = [within(*each) for each in places]
    inside = f"SELECT number, id FROM entry WHERE {' OR '.join(term for term, _ in found) or 'FALSE'}"
    below = "SELECT src FROM edge WHERE kind = 'parent' AND dst IN (SELECT id FROM inside)"
    return f"AND number IN (WITH inside AS ({inside}) SELECT number FROM inside UNION {below})", [
        each for _, values in found for each in values
    ]


def _titled(fields: dict[str, Any], title: str) -> dict[str, Any]:
    return fields if "title" in fields or not title else {**fields, "title": title}
