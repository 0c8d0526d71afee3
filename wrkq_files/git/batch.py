"""Blobs by their ids, from one git that goes on running."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from wrkq_files.git.objects import Tree, decode
from wrkq_files.git.read import kind_and_size
from wrkq_files.git.run import converse

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Sequence
    from types import TracebackType
    from typing import Self

    from wrkq_files.git.repo import Repo

#: Names that are asked for before the answers are read: a pipe takes these without a reader.
_AT_ONCE: Final = 200


class Blobs:
    """Started when it is first asked, closed by ``with`` or :meth:`close`."""

    def __init__(self, repo: Repo) -> None:
        self._repo = repo
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._process is not None:
            self._process.communicate()
            self._process = None

    def one(self, name: str) -> bytes | None:
        return self.many([name])[name]

    def many(self, names: Sequence[str]) -> dict[str, bytes | None]:
        """The bytes behind blob ids, ``REV:path`` or ``:path``; None for what does not exist or is no blob."""
        found: dict[str, bytes | None] = {}
        for start in range(0, len(names), _AT_ONCE):
            some = names[start : start + _AT_ONCE]
            self._ask(some)
            for name in some:
                found[name] = self._answer()
        return found

    def tree(self, name: str) -> tuple[str, Tree] | None:
        """The tree behind ``REV^{tree}`` or ``REV:folder``, with its id; None where there is none."""
        self._ask([name])
        found = self._next()
        if found is None or found[1] != b"tree":
            return None
        identifier, _, data = found
        return identifier, decode(data, len(identifier) // 2)

    def _ask(self, names: Sequence[str]) -> None:
        if self._process is None:
            self._process = converse(self._repo, "cat-file", "--batch")
        stdin = self._process.stdin
        assert stdin is not None
        # No object has a line end in its name; what is asked for with one does not exist.
        stdin.write(b"".join(os.fsencode(name).replace(b"\n", b"\0") + b"\n" for name in names))
        stdin.flush()

    def _answer(self) -> bytes | None:
        found = self._next()
        return found[2] if found and found[1] == b"blob" else None

    def _next(self) -> tuple[str, bytes, bytes] | None:
        """The next object's id, kind and bytes."""
        assert self._process is not None
        stdout = self._process.stdout
        assert stdout is not None
        line = stdout.readline().rstrip(b"\n")
        answer = kind_and_size(line)
        if answer is None:
            return None
        kind, size = answer
        return line.partition(b" ")[0].decode(), kind, stdout.read(size + 1)[:-1]
