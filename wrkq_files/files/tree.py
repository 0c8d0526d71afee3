"""Paths inside a tracker, and reading what lies there: never outside, never through a symbolic link."""

from __future__ import annotations

import errno
import os
from pathlib import Path, PurePosixPath
from typing import Final

from wrkq_files.errors import WrkqError

#: No document is longer: 64 KiB of frontmatter and 10 MiB of body, and some room to say so.
MAX_FILE: Final = 11 * 1024 * 1024
_CHUNK: Final = 1 << 20


def inside(root: Path, relative: str) -> Path:
    """``root / relative``, proven to stay inside the root and to cross no symbolic link below it.

    What does not exist yet is fine. Raises :class:`WrkqError` ``refused``.
    """
    path = root
    for part in parts(relative):
        path = path / part
        if path.is_symlink():
            raise symlink(path)
    return path


def parts(relative: str) -> tuple[str, ...]:
    """The names of a path that stays inside the tracker, wherever that is. Raises ``refused``."""
    pure = PurePosixPath(relative)
    if not pure.parts or pure.is_absolute() or ".." in pure.parts or "\0" in relative or "\\" in relative:
        raise WrkqError("refused", f"{relative!r} is no path inside the tracker", hint="give a path below its root")
    if os.name == "nt" and ":" in relative:
        raise WrkqError("refused", f"{relative!r} is no path inside the tracker", hint="give a path below its root")
    return pure.parts


def read(path: Path) -> bytes:
    """A file's bytes. Raises :class:`WrkqError`: ``unreadable`` for a link or a file too long, else ``io``."""
    try:
        # Not blocking: a named pipe in the tree must not hold a command forever.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        # ELOOP on Linux and macOS, EMLINK on FreeBSD.
        if error.errno in (errno.ELOOP, errno.EMLINK):
            raise symlink(path, "unreadable") from None
        raise _io(path, error) from None
    try:
        return _bounded(descriptor, path)
    except OSError as error:
        raise _io(path, error) from None
    finally:
        os.close(descriptor)


def _bounded(descriptor: int, path: Path) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while chunk := os.read(descriptor, _CHUNK):
        chunks.append(chunk)
        size += len(chunk)
        if size > MAX_FILE:
            message = f"{path} is longer than {MAX_FILE} bytes"
            raise WrkqError("unreadable", message, hint="move the text to an attachment")
    return b"".join(chunks)


def symlink(path: Path, code: str = "refused") -> WrkqError:
    """The refusal of a link."""
    return WrkqError(code, f"{path} is a symbolic link", hint="replace the link by a file")


def _io(path: Path, error: OSError) -> WrkqError:
    return WrkqError("io", f"{path}: {error.strerror or error}", hint="see that the file exists and may be read")
