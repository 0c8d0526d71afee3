"""A tracker as a commit, or git's index, has it."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Final

from wrkq_files.errors import WrkqError
from wrkq_files.files import tree
from wrkq_files.git import read, trees
from wrkq_files.git.batch import Blobs
from wrkq_files.git.repo import Repo
from wrkq_files.index.place import Place
from wrkq_files.index.snapshot import Snapshot
from wrkq_files.model.layout import ATTACHMENTS, CONFIG_NAME, attachment_folder, folders_above
from wrkq_files.service.tracker import Door, Tracker

#: As a commit's id: what is staged.
STAGED: Final = ""
#: No path is longer; git is not asked for one.
_LONGEST: Final = 4096


class Committed(Tracker):
    """``commit``: a full id, or :data:`STAGED`. Its folder need not be there; nothing of it can be written.

    ``tree``: the id of the commit's tree, where that is known.
    """

    is_here = False

    def __init__(
        self, door: Door, repo: Repo, prefix: str, commit: str, blobs: Blobs, tree: str | None = None
    ) -> None:
        super().__init__(door, repo, repo.top / prefix)
        self.commit = commit
        self._tree = tree
        self._blobs = blobs
        self._others: list[Committed] = []
        self._folders: dict[str, Mapping[bytes, tuple[bytes, str]]] = {}

    @property
    def blobs(self) -> Blobs:
        return self._blobs

    def close(self) -> None:
        """Ends the reading, of the trackers beside this one too."""
        self.close_others()
        if "snapshot" in self.__dict__:
            self.snapshot.close()

    def close_others(self) -> None:
        """Ends the reading of the trackers beside this one."""
        for each in self._others:
            each.close()

    def _config_bytes(self) -> bytes:
        return self.read(CONFIG_NAME) or b""

    @cached_property
    def place(self) -> Place:
        config = self.config
        return Place(
            repo=self.repo,
            root=self.root,
            prefix=self.prefix,
            ignore=config.ignore,
            kinds=config.kinds,
            sections=config.sections,
            revision=self.commit or None,
        )

    @property
    def settings(self) -> tuple[object, ...]:
        """What two states of a tracker have to have in common to be looked at through one index."""
        return (self.prefix, self.config.ignore, self.config.kinds)

    def look_through(self, snapshot: Snapshot) -> None:
        """Use the index of another state of this tracker, which has the same settings."""
        snapshot.of(self.place)
        self.__dict__["snapshot"] = snapshot

    @cached_property
    def snapshot(self) -> Snapshot:
        found = Snapshot(self.place, self._blobs)
        found.progress = self.door.progress
        return found

    @property
    def index(self) -> Snapshot:
        return self.snapshot

    def read(self, path: str) -> bytes | None:
        """The bytes of a file. Raises WrkqError for a link."""
        blob = self.snapshot.blob_of(path) if path.endswith(".md") else None
        if blob == "":
            raise WrkqError("refused", f"{path} is a symbolic link", hint="replace the link by a file")
        return self._blobs.one(blob or f"{self.commit}:{self.repository_path(path)}")

    def exists(self, path: str) -> bool:
        return self.snapshot.has_file(path) or self.is_folder(path) or self._mode(path) != ""

    def is_folder(self, address: str) -> bool:
        """A link counts as one here, and :meth:`check_inside` says what it is."""
        if not address or self.snapshot.has_folder(address):
            return True
        return self.snapshot.is_link(address) or self._mode(address) in (trees.FOLDER, trees.SUBMODULE)

    def check_inside(self, path: str) -> None:
        tree.parts(path)
        for each in (path, *folders_above(path)):
            if self.snapshot.is_link(each):
                raise tree.symlink(self.root / each)

    def attachments(self, identifier: str) -> list[tuple[str, int]]:
        folder = self.repository_path(attachment_folder(identifier))
        listed = [each for each in self._listing(folder) if posixpath.dirname(each.path) == folder]
        files = [each for each in listed if each.mode not in (trees.LINK, trees.SUBMODULE)]
        sizes = read.sizes(self.repo, [each.blob for each in files])
        return sorted((posixpath.basename(each.path), sizes[each.blob]) for each in files)

    def names(self, folder: str) -> list[str]:
        return [os.fsdecode(name) for name in self._folder(self.repository_path(folder))] if self.commit else []

    def files(self, folder: str) -> list[str]:
        cut = len(self.repository_path(""))
        kept = (each for each in self._listing(self.repository_path(folder)) if each.mode != trees.SUBMODULE)
        return sorted(each.path[cut:] for each in kept)

    def siblings(self) -> list[Tracker]:
        others = [prefix for prefix in roots(self._listing()) if prefix != self.prefix]
        found = [Committed(self.door, self.repo, each, self.commit, self._blobs) for each in others]
        self._others += found
        for other in found:
            other.move()
        return [*found]

    def attached(self) -> list[str]:
        before = self.repository_path(ATTACHMENTS) + "/"
        return sorted({each.path.removeprefix(before).split("/")[1] for each in self._listing(before.rstrip("/"))})

    def move(self) -> None:
        """Make the index that of this commit, or of what is staged."""
        self.snapshot.try_out(self.tree if self.commit else None)

    @cached_property
    def tree(self) -> str:
        """The id of the commit's tree. Raises WrkqError ``not_found``."""
        found = self._tree or trees.resolve(self.repo, self.commit, "tree")
        if found is None:
            raise WrkqError("not_found", f"{self.commit}: git knows no such commit")
        return found

    def _mode(self, path: str) -> str:
        """The mode of what lies at a path of the tracker; empty where nothing does."""
        if "\0" in path or len(path) > _LONGEST:
            return ""
        name = self.repository_path(path)
        if self.commit:
            folder, _, last = name.rpartition("/")
            mode, _ = self._folder(folder).get(os.fsencode(last), (b"", ""))
            return mode.decode().rjust(len(trees.FOLDER), "0") if mode else ""
        found = {each.path: each.mode for each in self._listing(name)}
        return found.get(name, trees.FOLDER if found else "")

    def _folder(self, name: str) -> Mapping[bytes, tuple[bytes, str]]:
        """What the commit has directly in a folder of the repository: modes and ids, by name."""
        if name not in self._folders:
            found = self._blobs.tree(f"{self.commit}:{name}")
            self._folders[name] = found[1] if found else {}
        return self._folders[name]

    def _listing(self, prefix: str = "") -> list[trees.Listed]:
        if self.commit:
            return trees.listing(self.repo, self.commit, prefix)
        return trees.staged_listing(self.repo, prefix)


def roots(listed: Iterable[trees.Listed]) -> list[str]:
    """The prefixes of all trackers among the files of a tree; hidden folders are left out."""
    found = (posixpath.dirname(each.path) for each in listed if posixpath.basename(each.path) == CONFIG_NAME)
    return sorted(each for each in found if not any(part.startswith(".") for part in each.split("/")))
