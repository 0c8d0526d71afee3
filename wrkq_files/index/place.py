"""Where a tracker is, and where its index lies."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wrkq_files.model.config import DEFAULT_SECTIONS

if TYPE_CHECKING:
    from wrkq_files.git.repo import Repo


@dataclass(frozen=True, slots=True)
class Place:
    """One tracker of one worktree.

    ``root`` is the tracker's folder (absolute); ``prefix`` its repository path without a trailing slash, empty when
    it is the repository's root. ``ignore``, ``kinds`` and ``sections`` are those of ``wrkq.yaml``.
    """

    repo: Repo
    root: Path
    prefix: str
    ignore: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    sections: tuple[Mapping[str, Any], ...] = DEFAULT_SECTIONS

    @property
    def folder(self) -> Path:
        """Where the index lies: in the worktree's own git directory, one folder a tracker."""
        return Path(self.repo.git_dir) / "wrkq" / hashlib.sha256(self.prefix.encode()).hexdigest()[:12]

    def repository_path(self, path: str) -> str:
        """A document's path from the repository's top."""
        return f"{self.prefix}/{path}" if self.prefix else path
