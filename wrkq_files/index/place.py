"""Where a tracker is, and where its index lies."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from wrkq_files.model.config import DEFAULT_SECTIONS

if TYPE_CHECKING:
    from wrkq_files.git.repo import Repo

_UNSAFE: Final = re.compile(rb"[^0-9A-Za-z_-]")
#: File systems have room for 255 bytes in a name.
_LONGEST: Final = 200


class Place(NamedTuple):
    """One tracker of one worktree.

    ``root`` is the tracker's folder (absolute); ``prefix`` its repository path without a trailing slash, empty when
    it is the repository's root. ``ignore``, ``kinds`` and ``sections`` are those of ``wrkq.yaml``. ``revision`` is
    the commit whose history says where files come from; without one it is HEAD's.
    """

    repo: Repo
    root: Path
    prefix: str
    ignore: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    sections: tuple[Mapping[str, Any], ...] = DEFAULT_SECTIONS
    revision: str | None = None

    @property
    def folder(self) -> Path:
        """Where the index lies: in the worktree's own git directory, one folder a tracker."""
        return self.repo.git_dir / "wrkq" / _folder_name(self.prefix)

    @property
    def snapshot_folder(self) -> Path:
        """Where the index of a committed or staged state lies, beside that of the working files."""
        return self.folder.with_name(self.folder.name.replace("index", "snapshot", 1))

    def head(self) -> str | None:
        return self.revision or self.repo.head()

    def repository_path(self, path: str) -> str:
        """A document's path from the repository's top."""
        return f"{self.prefix}/{path}" if self.prefix else path


def _folder_name(prefix: str) -> str:
    """``index`` for a tracker at the repository's top, ``index-docs%2fplan`` for one in ``docs/plan``."""
    plain = _UNSAFE.sub(lambda found: b"%%%02x" % found[0][0], os.fsencode(prefix)).decode()
    if len(plain) > _LONGEST:
        import hashlib  # brings OpenSSL; nobody's tracker lies that deep

        plain = hashlib.sha256(plain.encode()).hexdigest()
    return f"index-{plain}" if plain else "index"
