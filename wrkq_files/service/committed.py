"""A tracker as a commit, or git's index, has it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from functools import cached_property
from typing import Final

from wrkq_files.errors import WrkqError
from wrkq_files.files import config_file
from wrkq_files.git import trees
from wrkq_files.git.batch import Blobs
from wrkq_files.git.repo import Repo
from wrkq_files.index.place import Place
from wrkq_files.index.snapshot import Snapshot
from wrkq_files.model.config import Config
from wrkq_files.model.finding import Finding
from wrkq_files.model.layout import ATTACHMENTS, CONFIG_NAME
from wrkq_files.service.tracker import Door, Tracker

#: As a commit's id: what is staged.
STAGED: Final = ""


class Committed(Tracker):
    """``commit``: a full id, or :data:`STAGED`. Its folder need not be there; nothing of it can be written."""

    def __init__(
        self, door: Door, repo: Repo, prefix: str, commit: str, blobs: Blobs, tree: str | None = None
    ) -> None:
        super().__init__(door, repo, repo.top / prefix)
        self.commit = commit
        self._tree = tree
        self._blobs = blobs
        self._others: list[Committed] = []

    def close(self) -> None:
        """Ends the reading, of the trackers beside this one too."""
        self.close_others()
        if "snapshot" in self.__dict__:
            self.snapshot.close()

    def close_others(self) -> None:
        """Ends the reading of the trackers beside this one."""
        for each in self._others:
            each.close()

    @cached_property
    def _read_config(self) -> tuple[Config, tuple[Finding, ...]]:
        return config_file.read_config(self.read(CONFIG_NAME) or b"", CONFIG_NAME)

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

    def _listing(self, prefix: str = "") -> list[trees.Listed]:
        if self.commit:
            return trees.listing(self.repo, self.commit, prefix)
        return trees.staged_listing(self.repo, prefix)


def roots(listed: Iterable[trees.Listed]) -> list[str]:
    """The prefixes of all trackers among the files of a tree; hidden folders are left out."""
    found = (posixpath.dirname(each.path) for each in listed if posixpath.basename(each.path) == CONFIG_NAME)
    return sorted(each for each in found if not any(part.startswith(".") for part in each.split("/")))
