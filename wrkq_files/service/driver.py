"""git's merge driver: three files in, the merged one in the place of ours.

Whatever goes wrong here, what both sides wrote is in the file, and git is told of a conflict.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git import hooks as git_files
from wrkq_files.git import textmerge
from wrkq_files.model.layout import CONFIG_NAME, folders_above


class Sides(NamedTuple):
    """The files that git names: ``%O``, ``%A``, ``%B``. What comes out goes into ``ours``."""

    base: Path
    ours: Path
    theirs: Path


class Driven(NamedTuple):
    """``clean``: nothing is left to decide. ``failure``: why the text was merged by lines, where it should not be."""

    clean: bool
    failure: str = ""


def merge(top: Path, sides: Sides, path: str, *, labels: tuple[str, str], marker_size: int) -> Driven:
    """Merges one file; ``path`` is the repository's name of it, ``top`` the worktree's folder.

    Raises only where nothing could be written: then ours is as it was.
    """
    try:
        clean = _by_fields(top, sides, path, labels, marker_size)
        return Driven(clean)
    except Exception as error:  # also our own bugs: a merge must never cost anybody a line
        failure = str(error) if isinstance(error, WrkqError | OSError) else f"{type(error).__name__}: {error}"
    data, conflicts = textmerge.merge_files(top, *sides, labels=labels, marker_size=marker_size)
    _put(sides.ours, data)
    return Driven(not conflicts, failure)


def _by_fields(top: Path, sides: Sides, path: str, labels: tuple[str, str], marker_size: int) -> bool:
    from wrkq_files.service import merging  # a failure to import it is a failure as any other

    inner = inside(top, path)
    if _is_ignored(top, path, inner):
        data, conflicts = textmerge.merge_files(top, *sides, labels=labels, marker_size=marker_size)
        _put(sides.ours, data)
        return not conflicts
    base, ours, theirs = (each.read_bytes() for each in sides)
    found = merging.merge_file(top, inner, base or None, ours, theirs, labels=labels, marker_size=marker_size)
    _put(sides.ours, found.data)
    return found.is_clean


def _is_ignored(top: Path, path: str, inner: str) -> bool:
    """Whether the tracker leaves the file alone: then its frontmatter, if any, means something else.

    Raises WrkqError ``format`` for a tracker whose documents this program does not understand.
    """
    from wrkq_files.files import config_file

    place = top / path.removesuffix(inner) / CONFIG_NAME
    data = place.read_bytes() if place.is_file() else b""
    if (number := config_file.format_of(data)) not in (None, config_file.FORMAT):
        raise WrkqError("format", f"the tracker is of format {number}, which this program does not merge")
    if b"ignore" not in data:
        return False
    from wrkq_files.index import globs

    config, _ = config_file.read_config(data, CONFIG_NAME)
    return any(map(globs.ignored(config.ignore), folders_above(inner)))


def inside(top: Path, path: str) -> str:
    """A path as the tracker knows it that the file lies in; the whole path where it lies in none."""
    folder = path
    while folder:
        folder = folder.rpartition("/")[0]
        if (top / folder / CONFIG_NAME).is_file():
            return path[len(folder) + 1 :] if folder else path
    return path


def _put(place: Path, data: bytes) -> None:
    """Whole or not at all."""
    git_files.write(place, data, place.stat().st_mode)


#: What git calls the sides where it gives no names: before 2.44 it leaves these words as they are.
_NO_NAMES: Final = ("%X", "%Y")


def labels(names: tuple[str, ...]) -> tuple[str, str]:
    """What the sides are called in markers, by what git gave as their names."""
    ours, theirs, *_ = (*names, *_NO_NAMES[len(names) :])
    return (
        textmerge.LABELS[0] if ours in ("", _NO_NAMES[0]) else ours,
        textmerge.LABELS[1] if theirs in ("", _NO_NAMES[1]) else theirs,
    )
