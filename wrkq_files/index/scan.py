"""A folder as it is on the disk now: names and stat data, nothing read."""

from __future__ import annotations

import marshal
import os
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from wrkq_files.model import layout

#: How long after its last change a file may still change without its stat data saying so.
#:
#: The largest step that a file system's clock makes: FAT's 2 s (ext4 and its like: 10 ms, HFS+: 1 s).
SLACK: Final = 2_000_000_000
_WALKED: Final = frozenset({layout.ACTORS, layout.COMMENTS, layout.WORKSPACES})
_REGULAR: Final = 0o100000
_FORMAT: Final = 0o170000
_LINK: Final = 0o120000
_FOLDER: Final = 0o040000


class Stat(NamedTuple):
    """Times in nanoseconds since the epoch, size in bytes."""

    mtime: int
    ctime: int
    size: int
    inode: int


class Scan(NamedTuple):
    """One folder. ``path`` is relative to the tracker's root, ``""`` for the root itself.

    ``names`` are its Markdown files, and ``numbers`` four for each: the parts of a :class:`Stat`. ``odd`` are names
    that are no files of ours but need saying, with the rule they break: symbolic links, names that are not UTF-8.
    """

    path: str
    names: list[str]
    numbers: list[int]
    folders: list[str]
    odd: dict[str, str]

    @property
    def signature(self) -> bytes:
        """Equal for two scans exactly when all names and stat data are."""
        # Version 2 of the format, which has no references to objects: equal values are equal bytes.
        return marshal.dumps((self.names, self.numbers, list(self.odd)), 2)

    def stats(self) -> dict[str, Stat]:
        numbers = iter(self.numbers)
        # Four times the same iterator: its numbers in groups of four.
        return dict(zip(self.names, map(Stat, numbers, numbers, numbers, numbers), strict=True))


def scan(root: str, path: str) -> Scan | None:
    """The folder's scan, or None where there is no such folder (or another tracker's root)."""
    names: list[str] = []
    numbers: list[int] = []
    folders: list[str] = []
    odd: dict[str, str] = {}
    try:
        with os.scandir(f"{root}/{path}" if path else root) as found:
            for each in found:
                name = each.name
                if name[0] in "._":
                    if name in _WALKED and not path and each.is_symlink():
                        odd[name] = "symlink"
                    continue
                if not name.isascii() and not _is_utf8(name):
                    odd[os.fsencode(name).decode("utf-8", "backslashreplace")] = "bad-utf8"
                elif name.endswith(".md"):
                    try:
                        stat = each.stat(follow_symlinks=False)
                    except FileNotFoundError:  # removed since the folder was listed
                        continue
                    mode = stat.st_mode & _FORMAT
                    if mode == _REGULAR:
                        names.append(name)
                        numbers += (stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino)
                    elif mode == _LINK:
                        odd[name] = "symlink"
                    elif mode == _FOLDER:
                        folders.append(name)
                elif each.is_dir(follow_symlinks=False):
                    folders.append(name)
                elif each.is_symlink():
                    odd[name] = "symlink"
                elif name == layout.CONFIG_NAME and path:
                    return None
    except (FileNotFoundError, NotADirectoryError):
        return None
    return Scan(path, names, numbers, folders, odd)


def walk(root: str, path: str, ignored: Callable[[str], bool]) -> Iterator[Scan]:
    """Scans of a folder and of everything below it, parents first."""
    waiting = [path]
    while waiting:
        found = scan(root, waiting.pop())
        if found is None:
            continue
        yield found
        before = f"{found.path}/" if found.path else ""
        waiting += [below for name in found.folders if not ignored(below := before + name)]


def is_safe(stat: Stat, moment: int) -> bool:
    """Whether a file read at ``moment`` (nanoseconds) cannot have changed since without other stat data.

    An mtime in the future is somebody's wish, not a clock's reading; the ctime then stands alone.
    """
    newest = stat.ctime if stat.mtime > moment else max(stat.mtime, stat.ctime)
    return newest + SLACK < moment


def stat_file(root: str, path: str) -> Stat | None:
    """The stat data of one regular file; None where there is none."""
    try:
        found = os.lstat(f"{root}/{path}")
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    if found.st_mode & _FORMAT != _REGULAR:
        return None
    return Stat(found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)


def is_ours(root: str, folder: str, ignored: Callable[[str], bool]) -> bool:
    """Whether a walk from the root would come to a folder: no link, ignored folder or other tracker above."""
    parts = folder.split("/") if folder else []
    if any(part in ("", ".", "..") for part in parts):
        return False
    for depth in range(1, len(parts) + 1):
        path = "/".join(parts[:depth])
        if ignored(path) or (parts[depth - 1][0] in "._" and (depth > 1 or path not in _WALKED)):
            return False
        try:
            mode = os.lstat(f"{root}/{path}").st_mode & _FORMAT
        except (OSError, ValueError):
            return False
        if mode != _FOLDER or os.path.lexists(f"{root}/{path}/{layout.CONFIG_NAME}"):
            return False
    return True


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
