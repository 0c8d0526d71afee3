"""The small file that names the generation in use, and says what it looked like after its last write."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from typing import Final, NamedTuple

from wrkq_files.index.schema import FORMAT

NAME: Final = "current"
_GENERATION: Final = re.compile(r"generation-(\d{8})-[0-9a-f]{8}\.sqlite")
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
#: Generations that are kept beside the one in use, for readers that have just read the pointer.
KEEP: Final = 2


class Seal(NamedTuple):
    """The stat data of a generation after its last write: whoever else writes to the file breaks it.

    SQLite itself cannot tell a page that was overwritten with other plausible bytes, or a copy taken half-way.
    """

    inode: int
    size: int
    mtime: int
    ctime: int


class Pointer(NamedTuple):
    """``boot`` is the boot the file was written in: unsynced pages of an earlier one may be lost (see Store)."""

    file: str
    boot: str
    key: str
    seal: Seal


def boot_id() -> str:
    """This boot's id; empty where the system has none, and then writes are synced to the disk."""
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return ""


def seal_of(path: Path) -> Seal:
    """Raises OSError when there is no such file."""
    found = path.stat()
    return Seal(found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def read(folder: Path) -> Pointer | None:
    """What the pointer file says; None when there is none, or none that this version wrote whole."""
    try:
        words = (folder / NAME).read_text("ascii").split(" ")
        version, file, boot, key, *numbers, end = words
        seal = Seal(*map(int, numbers))
    except (OSError, ValueError, TypeError):
        return None
    if version != f"wrkq-index-{FORMAT}" or end != "." or generation_number(file) < 0:
        return None
    return Pointer(file, boot, key, seal)


def write(folder: Path, pointer: Pointer) -> None:
    """Put a pointer in place at once. Only the holder of the lock may; raises OSError."""
    numbers = " ".join(map(str, pointer.seal))
    aside = folder / f"{NAME}.new"
    aside.write_text(f"wrkq-index-{FORMAT} {pointer.file} {pointer.boot} {pointer.key} {numbers} .", "ascii")
    aside.replace(folder / NAME)


def generation_number(name: str) -> int:
    """The number in a generation's name, -1 for any other name."""
    match = _GENERATION.fullmatch(name)
    return int(match[1]) if match else -1


def next_name(folder: Path) -> str:
    """A name that no generation has, or ever had: a deleted file's journal must not be taken for a new file's."""
    number = 1 + max((generation_number(name) for name in _names(folder)), default=0)
    return f"generation-{max(number, 1):08d}-{os.urandom(4).hex()}.sqlite"


def drop_old(folder: Path, current: str) -> None:
    """Remove what :func:`old` names. Only the holder of the lock may."""
    for name in old(folder, current):
        with contextlib.suppress(OSError):
            (folder / name).unlink()


def old(folder: Path, current: str) -> list[str]:
    """What dead builders left, and all generations but the current one and :data:`KEEP` before it."""
    names = sorted(name for name in _names(folder) if generation_number(name) >= 0)
    place = names.index(current) if current in names else len(names)
    kept = set(names[max(0, place - KEEP) : place + 1])
    listed = sorted(_names(folder))
    return [n for n in listed if n.startswith("generation-") and n.removesuffix("-journal") not in kept]


def _names(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir()]
