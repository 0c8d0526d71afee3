"""A tracker as it will be: what several operations make of it, each seeing the earlier ones, with nothing written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from functools import cached_property

from wrkq_files.git import read
from wrkq_files.git.write import UNCHANGED
from wrkq_files.index import overlay as index_overlay
from wrkq_files.index.place import Place
from wrkq_files.model import layout
from wrkq_files.service import views
from wrkq_files.service.change import Change, FileEdit, Options
from wrkq_files.service.committed import Committed
from wrkq_files.service.composing import Composition
from wrkq_files.service.tracker import Tracker


class Overlay(Tracker):
    """Answers as the tracker would after the operations that were taken. To be closed when no more come."""

    def __init__(self, real: Tracker, options: Options) -> None:
        super().__init__(real.door, real.repo, real.root)
        self._real = real
        self._options = options
        self._files: dict[str, bytes | None] = {}
        self._names: dict[str, set[str]] = {}  # what is in a folder, where that is otherwise than on the disk
        self._slugs: dict[str, set[str]] = {}
        self._gone: set[str] = set()  # folders
        self._changes: list[Change] = []
        self._composition = Composition()
        self.gather = self._take
        self.ref = real.ref

    def close(self) -> None:
        if "index" in self.__dict__:
            self.index.close()

    @cached_property
    def index(self) -> index_overlay.Overlay | index_overlay.OnTree:
        found: index_overlay.Overlay | index_overlay.OnTree
        if isinstance(self._real, Committed):
            found = index_overlay.OnTree(self.place, self._real.blobs, self._real.tree)
        else:
            found = index_overlay.Overlay(self.place)
        found.progress = self.door.progress
        return found

    @cached_property
    def place(self) -> Place:
        return self._real.place

    def _config_bytes(self) -> bytes:
        return self._real.read(layout.CONFIG_NAME) or b""

    @cached_property
    def email(self) -> str | None:
        return self._real.email

    # What is there

    def read(self, path: str) -> bytes | None:
        return self._files[path] if path in self._files else self._real.read(path)

    def exists(self, path: str) -> bool:
        if path in self._files:
            return self._files[path] is not None
        return path in self._names or (path not in self._gone and self._real.exists(path))

    def is_folder(self, address: str) -> bool:
        if address in self._names:
            return True
        return address not in self._gone and address not in self._files and self._real.is_folder(address)

    def check_inside(self, path: str) -> None:
        self._real.check_inside(path)

    def attachments(self, identifier: str) -> list[tuple[str, int]]:
        return self._real.attachments(identifier)

    def attached(self) -> list[str]:
        return self._real.attached()

    def siblings(self) -> list[Tracker]:
        return self._real.siblings()

    def names(self, folder: str) -> list[str]:
        return [*self._names_in(folder)]

    def slugs(self, folder: str) -> Set[str]:
        """Kept: a thousand tasks for one folder would look through it a thousand times."""
        if folder not in self._slugs:
            self._slugs[folder] = {*super().slugs(folder)}
        return self._slugs[folder]

    def files(self, folder: str) -> list[str]:
        on_disk = [path for path in self._real.files(folder) if path not in self._files]
        ours = [path for path, data in self._files.items() if data is not None and path.startswith(f"{folder}/")]
        return sorted([*on_disk, *ours])

    def _names_in(self, folder: str) -> set[str]:
        if folder not in self._names:
            return set(self._real.names(folder)) if folder not in self._gone else set()
        return self._names[folder]

    # What comes

    def gathered(self) -> Sequence[Change]:
        """The operations that do something, each with the edits of the whole in which it had a hand."""
        edits = self._composition.by_operation()
        return [change._replace(edits=edits.get(number, ())) for number, change in enumerate(self._changes)]

    @property
    def edits(self) -> tuple[FileEdit, ...]:
        """What all operations do, one edit for each file."""
        return self._composition.edits

    def _take(self, change: Change) -> bool:
        """Notes an operation down; whether it does anything.

        Raises what carrying it out would raise; then it is as if nobody had asked for it.
        """
        writes = views.working_writes(self, change.edits)
        self._check_uncommitted(change.edits)
        if not writes:
            return False
        self._composition.add(len(self._changes), change.edits)
        self._changes.append(change)
        start = len(self.repository_path(""))
        self.put({write.path[start:]: write.work for write in writes if write.work is not UNCHANGED})
        return True

    def put(self, files: Mapping[str, bytes | None]) -> None:
        """These files (by path in the tracker; None: there is none) from now on."""
        self._files |= files
        for path in (path for path, data in files.items() if data is not None):
            self._appear(path)
        for path in (path for path, data in files.items() if data is None):
            self._vanish(path)
        self.index.put(files)

    def _appear(self, path: str) -> None:
        while path:
            folder, _, name = path.rpartition("/")
            names = self._names.setdefault(folder, self._names_in(folder))
            if name in names:
                return
            names.add(name)
            if folder in self._slugs:
                self._slugs[folder].add(name.lower().removesuffix(".md"))
            self._gone.discard(folder)
            path = folder

    def _vanish(self, path: str) -> None:
        """Takes a file out of its folder, and folders that this leaves empty out of theirs, as on the disk."""
        while path:
            folder, _, name = path.rpartition("/")
            names = self._names.setdefault(folder, self._names_in(folder))
            names.discard(name)
            self._slugs.pop(folder, None)
            if names or not folder:
                break
            del self._names[folder]
            self._gone.add(folder)
            path = folder

    # What people have not committed

    def _check_uncommitted(self, edits: Sequence[FileEdit]) -> None:
        """Raises ``dirty_file`` now, while it is known which operation it is that cannot be committed."""
        if self._uncommitted.isdisjoint(self._composition.ends(edits)):
            return
        trial, number = self._composition.copy(), len(self._changes)
        trial.add(number, edits)
        mine = [
            edit for edit in trial.by_operation().get(number, ()) if not self._uncommitted.isdisjoint(_ends(edit))
        ]
        if mine:
            near = trial.near(path for edit in mine for path in _ends(edit))
            views.committed_writes(self._real, near, with_edits=self._options.with_edits)

    @cached_property
    def _uncommitted(self) -> frozenset[str]:
        """The paths with uncommitted edits; none where nothing is to be committed, and so nothing is in the way."""
        options = self._options
        if self._real.ref:
            return frozenset()
        wanted = options.commit if options.commit is not None else self.config.commit_mode == "auto"
        if not wanted or options.dry_run or read.in_progress(self.repo):
            return frozenset()
        found = read.status(self.repo, self.prefix)
        if any(each.unmerged for each in found):
            return frozenset()
        start = len(self.repository_path(""))
        return frozenset(path[start:] for each in found for path in (each.path, each.orig) if path)


def _ends(edit: FileEdit) -> list[str]:
    return [path for path in (edit.path, edit.to) if path]
