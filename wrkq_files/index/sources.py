"""Where the bytes of a view's files come from: the disk, or a git tree."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from wrkq_files.git.repo import blob_id
from wrkq_files.index.reading import LARGEST, Read, read_file
from wrkq_files.index.scan import Stat, stat_file

_NOWHERE: Final = Stat(0, 0, 0, 0)
#: The head of a file that tells whether it is a document.
_HEAD: Final = 4096


class Source(Protocol):
    """What a view is made of."""

    def expect(self, paths: Sequence[str]) -> None:
        """These are about to be read."""

    def read(self, path: str) -> Read | None:
        """A file's bytes, None when it is gone. Raises PermissionError, and WrkqError ``io``."""

    def stat(self, path: str) -> Stat | None:
        """The stat data of a file that cannot be read."""


class Disk:
    """The files below a folder. ``is_document`` tells from its head whether a file is to be read whole."""

    def __init__(self, root: str, object_format: str, is_document: Callable[[bytes], bool]) -> None:
        self._root, self._format, self._is_document = root, object_format, is_document

    def expect(self, paths: Sequence[str]) -> None:
        """Nothing to prepare."""

    def read(self, path: str) -> Read | None:
        read = read_file(f"{self._root}/{path}", self._is_document)
        if read is None or read.data is None:
            return read
        return read._replace(blob=blob_id(read.data, self._format))

    def stat(self, path: str) -> Stat | None:
        return stat_file(self._root, path)


class Tree:
    """The files of a git tree. ``names``: the blob of each path that will be read; ``fetch`` brings their bytes."""

    def __init__(
        self,
        names: Mapping[str, str],
        fetch: Callable[[Sequence[str]], Mapping[str, bytes | None]],
        is_document: Callable[[bytes], bool],
    ) -> None:
        self._names, self._fetch, self._is_document = names, fetch, is_document
        self._expected: Mapping[str, bytes | None] = {}

    def expect(self, paths: Sequence[str]) -> None:
        self._expected = self._fetch([self._names[path] for path in paths if path in self._names])

    def read(self, path: str) -> Read | None:
        blob = self._names.get(path)
        data = self._expected.get(blob) if blob else None
        if blob is None or data is None:
            return None
        return Read(_NOWHERE, data[: LARGEST + 1] if self._is_document(data[:_HEAD]) else None, blob)

    def stat(self, path: str) -> Stat | None:
        return _NOWHERE
