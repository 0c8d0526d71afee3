"""The view of a tracker as a git tree, or git's index, has it.

One file beside the index of the working files, and begun as a copy of that: most of their contents are the same. It
is kept at the tree it was last asked for, and moves to another by what git says differs; what is staged, and what a
push brings, is looked at in a transaction that is never committed.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple, TypeVar

from wrkq_files.errors import WrkqError
from wrkq_files.git import trees
from wrkq_files.git.batch import Blobs
from wrkq_files.index import fulltext, handmade
from wrkq_files.index.index import Index
from wrkq_files.index.look import Candidate, Changes, Known, after
from wrkq_files.index.place import Place
from wrkq_files.index.scan import Stat
from wrkq_files.index.sources import Tree
from wrkq_files.index.store import Store, Work
from wrkq_files.index.view import key, not_text, revision_of
from wrkq_files.model import layout

T = TypeVar("T")
#: A tree by its id, and what another has otherwise.
Step = tuple[str, Sequence[trees.Difference]]
#: The folders beginning with ``_`` whose documents are read.
_RESERVED: Final = frozenset({layout.ACTORS, layout.COMMENTS, layout.WORKSPACES})
#: For names that differ in case (see ``alike``), which are asked of each changed file. Only here: the index of the
#: working files is built from nothing more often, and looks through all names at once.
_NAMES: Final = "CREATE INDEX IF NOT EXISTS entry_nocase ON entry(path COLLATE NOCASE)"
_CONFIG: Final = f"/{layout.CONFIG_NAME}"


class _Path(NamedTuple):
    """A path relative to the tracker's root, and what it is now; the mode is empty where it is gone.

    A name that is not UTF-8 is written as findings have it.
    """

    folder: str
    name: str
    mode: str
    blob: str
    is_utf8: bool = True

    @property
    def path(self) -> str:
        return f"{self.folder}/{self.name}" if self.folder else self.name


class Snapshot(Index):
    """Answers what :class:`Index` does, of the state it was last moved to; there is nothing to refresh."""

    def __init__(self, place: Place, blobs: Blobs) -> None:
        self._blobs = blobs
        self._kept: str | None = None
        self._move: Work | None = None
        self._is_trying = False
        super().__init__(place)

    # Moving

    def of(self, place: Place) -> None:
        """Go on as the same tracker at another revision: its settings are the same."""
        self._place = place

    def keep(self, tree: str, known: Step | None = None) -> None:
        """Become a tree (its id), and keep that for the next process.

        ``known``: a tree, and what this one has otherwise, where that need not be asked of git.
        """
        self.close()
        self._move, self._kept = self._to(tree, known), tree
        self._repairing(self._settle)

    def try_out(self, tree: str | None) -> None:
        """Become a tree (its id; None: what is staged) until this is closed or moved on."""
        self._move, self._kept = self._to(tree), None
        self._repairing(self._begin)

    def blob_of(self, path: str) -> str | None:
        """The blob of a Markdown file; None where there is none, empty for one that is never read."""
        folder, _, name = path.rpartition("/")
        sql = "SELECT blob FROM file WHERE folder = ? AND name = ?"
        row = self._ask(lambda c: c.execute(sql, (folder, name)).fetchone())
        return None if row is None else str(row[0])

    def is_link(self, path: str) -> bool:
        """Whether a path of the tracker is a symbolic link."""
        folder, _, name = path.rpartition("/")
        sql = "SELECT 1 FROM finding WHERE folder = ? AND name = ? AND rule = 'symlink'"
        return self._ask(lambda c: c.execute(sql, (folder, name)).fetchone()) is not None

    def has_folder(self, address: str) -> bool:
        """Whether any Markdown file that was looked at lies in a folder, or below it."""
        sql = (
            "SELECT 1 FROM file WHERE folder = ?1 UNION ALL"
            " SELECT 1 FROM file WHERE folder >= ?1 || '/' AND folder < ?2 LIMIT 1"
        )
        return self._ask(lambda c: c.execute(sql, (address, after(address))).fetchone()) is not None

    def _settle(self) -> None:
        """Read the tree that is kept, once that is ours: a reader is in nobody's way, and nobody in a reader's."""
        assert self._move is not None
        if not self._is_there(self._store.read()):
            self._store.change(self._move)
            if not self._is_there(self._store.read()):  # another process wants another tree, and was quicker
                self._begin()

    def _is_there(self, connection: sqlite3.Connection) -> bool:
        return self._stored_tree(connection) == self._kept and not handmade.is_stale(connection, self._place)

    def _begin(self) -> None:
        assert self._move is not None
        if self._is_trying:
            self._move(self._store.read())
        else:
            self._store.try_out(self._move)
            self._is_trying = True

    def close(self) -> None:
        self._is_trying = False
        super().close()

    def _to(self, tree: str | None, known: Step | None = None) -> Work:
        repo, prefix = self._place.repo, self._place.prefix

        def work(connection: sqlite3.Connection) -> None:
            stored = self._stored_tree(connection)
            if tree and stored == tree and not handmade.is_stale(connection, self._place):
                return

            def differences() -> Sequence[trees.Difference]:
                if known is not None and known[0] == stored:
                    return known[1]
                return trees.between(repo, stored, tree, prefix) if tree else trees.staged(repo, stored, prefix)

            changes = self._step(connection, differences) if stored else None
            if changes is None:
                listed = trees.listing(repo, tree, prefix) if tree else trees.staged_listing(repo, prefix)
                changes = self._compare(connection, listed)
            self._become(connection, *changes, tree or "")

        return work

    def _stored_tree(self, connection: sqlite3.Connection) -> str:
        row = connection.execute("SELECT value FROM meta WHERE key = 'tree'").fetchone()
        return str(row[0]) if row else ""

    def _become(self, connection: sqlite3.Connection, changes: Changes, names: Mapping[str, str], tree: str) -> None:
        changes.handmade = handmade.is_stale(connection, self._place)
        if changes:
            from wrkq_files.files.documents import is_document  # brings yaml
            from wrkq_files.index.apply import apply

            apply(connection, self._place, changes, Tree(names, self._blobs.many, is_document), self.progress)
        connection.execute(_NAMES)
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('tree', ?)", (tree,))
        self._revision = revision_of(connection)

    # What differs

    def _step(
        self, connection: sqlite3.Connection, ask: Callable[[], Sequence[trees.Difference]]
    ) -> tuple[Changes, Mapping[str, str]] | None:
        """The changes since the tree we are at; None where only a comparison of everything can tell."""
        try:
            found = ask()
        except WrkqError:  # a tree that was collected, or was in a quarantine
            return None
        if any(each.path.endswith(_CONFIG) and self._relative(each.path) != layout.CONFIG_NAME for each in found):
            return None  # a tracker within this one came or went
        nested = self._stored_nested(connection)
        paths = [_split(self._relative(each.path), each.mode, each.blob) for each in found]
        return self._changes(paths, nested, lambda each: self._known_file(connection, each))

    def _compare(
        self, connection: sqlite3.Connection, listed: Sequence[trees.Listed]
    ) -> tuple[Changes, Mapping[str, str]]:
        """The changes from whatever the view holds to these files."""
        paths = [_split(self._relative(each.path), each.mode, each.blob) for each in listed]
        nested = sorted(each.folder for each in paths if each.name == layout.CONFIG_NAME and each.folder)
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('nested', ?)", (json.dumps(nested),))
        known = {
            (folder, name): Known(Stat(0, 0, 0, 0), 1, blob, role, number)
            for folder, name, blob, role, number in connection.execute(
                "SELECT folder, name, blob, role, entry FROM file"
            )
        }
        differing = [each for each in paths if not _is_same(known.get((each.folder, each.name)), each)]
        changes, names = self._changes(differing, nested, lambda each: known.get((each.folder, each.name)))
        present = {(each.folder, each.name) for each in paths if self._is_ours(each, nested)}
        changes.gone += [Candidate(*name, known[name]) for name in known.keys() - present]
        return changes, names

    def _changes(
        self, paths: Iterable[_Path], nested: Sequence[str], known_of: Callable[[_Path], Known | None]
    ) -> tuple[Changes, dict[str, str]]:
        changes, names = Changes(), {}
        for each in paths:
            known = known_of(each)
            if each.mode and self._is_ours(each, nested):
                if rule := _oddity(each):
                    changes.odd.append((each.folder, each.name, rule))
                    if known is not None and known.role != "odd":
                        changes.gone.append(Candidate(each.folder, each.name, known))
                else:
                    changes.read.append(Candidate(each.folder, each.name, known))
                    names[each.path] = each.blob
            elif known is not None:
                changes.gone.append(Candidate(each.folder, each.name, known))
        return changes, names

    def _is_ours(self, each: _Path, nested: Sequence[str]) -> bool:
        """Whether a walk of the working files would come to it, and look at it."""
        parts = each.folder.split("/") if each.folder else []
        if each.name[0] in "._" or each.mode == trees.SUBMODULE:
            return not parts and each.name in _RESERVED and each.mode == trees.LINK
        if parts and parts[0][0] in "._" and parts[0] not in _RESERVED:
            return False
        if any(part[0] in "._" for part in parts[1:]) or not (each.name.endswith(".md") or _oddity(each)):
            return False
        return not any(self._ignored(folder) or folder in nested for folder in layout.folders_above(each.path))

    def _known_file(self, connection: sqlite3.Connection, each: _Path) -> Known | None:
        sql = "SELECT blob, role, entry FROM file WHERE folder = ? AND name = ?"
        row = connection.execute(sql, (each.folder, each.name)).fetchone()
        return Known(Stat(0, 0, 0, 0), 1, *row) if row else None

    def _stored_nested(self, connection: sqlite3.Connection) -> Sequence[str]:
        row = connection.execute("SELECT value FROM meta WHERE key = 'nested'").fetchone()
        found: list[str] = json.loads(row[0]) if row else []
        return found

    def _relative(self, path: str) -> str:
        return path.removeprefix(f"{self._place.prefix}/") if self._place.prefix else path

    # In place of looking at the disk

    def _open_store(self, patience: float) -> Store:
        place = self._place
        ignored = zlib.crc32("\0".join(place.ignore).encode())
        seed = Store(place.folder, key(place), self._make_folder, patience)
        return Store(place.snapshot_folder, f"{key(place)}-{ignored:08x}", self._make_own_folder, patience, seed)

    def _make_own_folder(self) -> None:
        self._make_folder()
        self._place.snapshot_folder.mkdir(exist_ok=True)

    def _update(self, scope: object) -> None:
        """What a tree holds does not change."""

    def _follow_blockers(self, paths: list[str]) -> None:
        """They are there as well."""

    def _current(self) -> sqlite3.Connection:
        return self._store.read()

    def _ask_text(self, text: str | None, question: Callable[[sqlite3.Connection], T]) -> T:
        def act() -> T:
            connection = self._current()
            if text is not None and fulltext.is_stale(connection):
                connection = self._with_text(connection)
            return question(connection)

        return self._repairing(act)

    def _with_text(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        """The same with full text; that of a tree that is kept is kept as well."""
        if self._kept and not self._is_trying:
            move = self._move
            assert move is not None

            def work(latest: sqlite3.Connection) -> None:
                move(latest)
                fulltext.update(latest)

            self._store.change(work, large=fulltext.is_empty(connection))
            self._settle()
            connection = self._current()
        if fulltext.is_stale(connection):
            fulltext.update(connection)
        return connection

    def _repairing(self, act: Callable[[], T]) -> T:
        """Do it; where the file turns out to be damaged, do it in memory."""
        try:
            return act()
        except UnicodeEncodeError as error:
            raise not_text() from error
        except sqlite3.DatabaseError:
            self.repairs += 1
            self._store.stay_in_memory()
            self._is_trying = False
        self._begin()
        return act()


def _split(path: str, mode: str = "", blob: str = "") -> _Path:
    """A folder whose name is not UTF-8 stands for all that is in it: nobody looks further."""
    parts = path.split("/")
    for depth, part in enumerate(() if path.isascii() else parts):
        if (printed := _printable(part)) != part:
            return _Path("/".join(parts[:depth]), printed, mode, blob, is_utf8=False)
    return _Path("/".join(parts[:-1]), parts[-1], mode, blob)


def known_as(path: str) -> str:
    """The path under which a snapshot has a file, or the folder that stands for it."""
    return _split(path).path


def _oddity(each: _Path) -> str:
    """The rule that a name breaks which is no file of ours, as :mod:`wrkq_files.index.scan` has it."""
    if not each.is_utf8:
        return "bad-utf8"
    return "symlink" if each.mode == trees.LINK else ""


def _printable(name: str) -> str:
    """A name as findings and the index have it, whatever its bytes are."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _is_same(known: Known | None, each: _Path) -> bool:
    if known is None or not each.mode:
        return False
    return known.role == "odd" if _oddity(each) else known.role in ("document", "broken") and known.blob == each.blob
