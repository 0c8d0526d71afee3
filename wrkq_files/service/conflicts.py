"""What is in conflict in this worktree: which values, whose, and since when.

git's index says which files, and holds both sides; the markers in a file say what of it is still open. A file that
holds markers, and of which git knows nothing any more, is in conflict too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.files import documents
from wrkq_files.git import read, unmerged
from wrkq_files.git.unmerged import Doing, Unmerged, Version
from wrkq_files.merge import markers
from wrkq_files.merge.markers import Marked, Region
from wrkq_files.merge.weave import BODY
from wrkq_files.model import layout, times
from wrkq_files.model.document import Document, Value
from wrkq_files.model.fields import DocType
from wrkq_files.model.merged import LIFECYCLE, LIFECYCLE_FIELDS, Conflict
from wrkq_files.service.merging import merge_file
from wrkq_files.service.tracker import Tracker

_RULE: Final = "conflict-markers"
_ID: Final = re.compile(rb"^id:[ \t]*[\"']?([A-Z]-[0-9A-Z]+)", re.MULTILINE)
#: How the modes of plain files begin.
_FILE: Final = "100"
_DELETED: Final = "deleted"


class Whose(NamedTuple):
    """One side of a conflict: what it is called; who last touched the file there, when (a stamp), in which commit."""

    name: str
    by: str | None = None
    at: str | None = None
    commit: str | None = None


class Open(NamedTuple):
    """A conflict that is not settled, of the file ``conflict.path`` of the tracker."""

    conflict: Conflict
    id: str | None
    ours: Whose
    theirs: Whose


class Texts(NamedTuple):
    """A file as the base, ours and theirs have it; None where it is absent."""

    base: bytes | None
    ours: bytes | None
    theirs: bytes | None


class Contested(NamedTuple):
    """A file in conflict. ``stages`` None: git knows of none, the markers tell. ``work``: its bytes now, None: gone.

    ``told``: what merging both sides comes to, where both have the file; ``marked``: what of it is still open in the
    working file.
    """

    path: str
    stages: Unmerged | None
    texts: Texts
    work: bytes | None
    told: tuple[Conflict, ...]
    merged: bytes | None
    marked: tuple[Marked, ...]

    @property
    def is_whole(self) -> bool:
        """Whether it is a matter of the file as such: one side has deleted it, or has it elsewhere."""
        return self.stages is not None and (self.texts.ours is None or self.texts.theirs is None)

    @property
    def is_plain(self) -> bool:
        """Whether all versions are files, and none a link or a submodule."""
        return all(each.mode.startswith(_FILE) for each in (self.stages or ())[1:] if each)

    @property
    def kind(self) -> DocType | None:
        kind = layout.type_of(self.path)
        some = [each for each in (*self.texts, self.work) if each is not None]
        return kind if any(map(documents.is_document, some)) else None

    @property
    def id(self) -> str | None:
        """The id that its text shows, whichever side's."""
        found = (_ID.search(each) for each in (self.work, *self.texts) if each)
        return next((each[1].decode() for each in found if each), None)


class State(NamedTuple):
    """What is in conflict, and what git is in the middle of. ``elsewhere``: paths that are no part of the tracker."""

    doing: Doing
    contested: Sequence[Contested]
    elsewhere: Sequence[str]


def state(tracker: Tracker) -> State:
    """What is in conflict, file by file."""
    everywhere = unmerged.unmerged(tracker.repo)
    start = tracker.repository_path("")
    ours = [
        each for each in everywhere if each.path.startswith(start) and not tracker.ignores(each.path[len(start) :])
    ]
    others = [each.path for each in everywhere if each not in ours]
    wanted = [version.blob for each in ours for version in each[1:] if version and version.mode.startswith(_FILE)]
    blobs = read.blobs(tracker.repo, wanted) if wanted else {}
    found = [_contested(tracker, each, blobs) for each in ours]
    known = {each.path for each in found}
    found += [each for path in _broken(tracker) if path not in known and (each := _marked_only(tracker, path))]
    return State(unmerged.doing(tracker.repo, ours), sorted(found, key=lambda each: each.path), others)


def conflicts(tracker: Tracker) -> tuple[Doing, list[Open]]:
    """Every conflict that is open, in the order of files and lines."""
    now = state(tracker)
    return now.doing, [row for each in now.contested for row in _rows(tracker, now.doing, each)]


def count(contested: Sequence[Contested]) -> int:
    """How many conflicts are open."""
    return sum(len(_open(each)) for each in contested)


def _broken(tracker: Tracker) -> list[str]:
    tracker.index.refresh()
    return [each.path for each in tracker.index.broken() if each.rule == _RULE]


def _contested(tracker: Tracker, found: Unmerged, blobs: dict[str, bytes | None]) -> Contested:
    texts = Texts(*(blobs.get(each.blob, b"") if each else None for each in found[1:]))
    path = found.path.removeprefix(tracker.repository_path(""))
    work = _work(tracker, path)
    told: tuple[Conflict, ...] = ()
    merged = None
    if texts.ours is not None and texts.theirs is not None:
        merged, told = merge_file(tracker.repo, path, texts.base, texts.ours, texts.theirs)
    made = Contested(path, found, texts, work, told, merged, ())
    return made._replace(marked=_marked(made, fences=False))


def _marked_only(tracker: Tracker, path: str) -> Contested | None:
    made = Contested(path, None, Texts(None, None, None), _work(tracker, path), (), None, ())
    marked = _marked(made, fences=True)
    return made._replace(marked=marked) if marked else None


def _work(tracker: Tracker, path: str) -> bytes | None:
    try:
        return tracker.read(path)
    except WrkqError:  # a link or a folder stands there
        return None


def _marked(found: Contested, *, fences: bool) -> tuple[Marked, ...]:
    """What stands between markers in the working file; what a side has written so itself is none."""
    if found.work is None or found.is_whole:
        return ()
    text = found.work.decode("utf-8", "surrogateescape")
    sides = [each.decode("utf-8", "surrogateescape") for each in found.texts if each is not None]
    there = markers.regions(text, fences=fences)
    there = [each for each in there if not any(text[each.start : each.end] in side for side in sides)]
    return tuple(markers.marked(found.kind, text, [_settled(each, found.texts) for each in there]))


def _settled(region: Region, texts: Texts) -> Region:
    """Where a line of a side looks like the marker in the middle, the versions of the sides tell the two apart."""
    if len(region.splits) < 2 or texts.ours is None or texts.theirs is None:
        return region
    mine, yours = (each.decode("utf-8", "surrogateescape") for each in (texts.ours, texts.theirs))
    fitting = [(ours, theirs) for ours, theirs in region.splits if ours in mine and theirs in yours]
    return region._replace(splits=fitting) if len(fitting) == 1 else region


# As rows


def _rows(tracker: Tracker, doing: Doing, found: Contested) -> Iterator[Open]:
    if found.stages is None:
        sides = (Whose("ours"), Whose("theirs"))
    else:
        name = found.stages.path
        sides = (
            _whose(tracker, doing.ours, name, found.stages.ours),
            _whose(tracker, doing.theirs, name, found.stages.theirs),
        )
    for conflict in _open(found):
        yield Open(conflict, found.id, *sides)


def _whose(tracker: Tracker, side: unmerged.Side, name: str, version: Version | None) -> Whose:
    touch = unmerged.last_touch(tracker.repo, side.commit, name, version) if side.commit else None
    if touch is None:
        return Whose(side.name)
    who = touch.actor or tracker.actors_by_email().get(touch.email.casefold()) or touch.name
    return Whose(side.name, who, times.stamp(datetime.fromtimestamp(touch.time, UTC)), touch.commit)


def _open(found: Contested) -> list[Conflict]:
    if found.is_whole:
        return [_of_the_file(found)]
    if found.marked:
        return [_of_a_region(found, each) for each in found.marked]
    return [Conflict(found.path, "", None, None, None, _why_unmarked(found))]


def _why_unmarked(found: Contested) -> str:
    if (whole := next((each for each in found.told if not each.field), None)) and is_untouched(found):
        return whole.why
    return "no marker is left in it; `git add` tells git that it is settled"


def is_untouched(found: Contested) -> bool:
    """Whether the working file is what a program made of the two sides, so that nobody's edit is in it."""
    return found.work is None or found.work in (found.texts.ours, found.texts.theirs, found.merged)


def _of_the_file(found: Contested) -> Conflict:
    base, ours, theirs = found.texts
    why = {
        (True, False, True): "deleted on our side, changed on theirs",
        (True, True, False): "changed on our side, deleted on theirs",
        (False, True, False): "only our side has it under this name",
        (False, False, True): "only their side has it under this name",
    }.get((base is not None, ours is not None, theirs is not None), "both sides have moved or deleted it")
    said = [_differs(found, base, each) if each is not None else _DELETED for each in (ours, theirs)]
    return Conflict(found.path, "", None, said[0], said[1], why)


def _differs(found: Contested, base: bytes | None, side: bytes) -> str:
    """In words, what a side has changed."""
    from wrkq_files.service.status import difference

    before, after = (None if each is None else _document(found, each) for each in (base, side))
    return "added" if base is None else difference(before, after) if before and after else "changed"


def _document(found: Contested, data: bytes) -> Document | None:
    return documents.parse(data, found.kind, found.path, kinds=None).document if found.kind else None


def _of_a_region(found: Contested, marked: Marked) -> Conflict:
    """The engine knows the values; of a region that it would not have made, the lines tell."""
    name = ", ".join(marked.fields)
    known = [each for each in found.told if each.field == name]
    if len(known) == 1 and name != BODY:
        return known[0]
    ours, theirs = (_value(found, marked.fields, side) for side in marked.region.sides)
    if whole := next((each for each in found.told if not each.field), None):
        return whole._replace(ours=ours, theirs=theirs)
    return Conflict(found.path, name, None, ours, theirs, _why(found, marked))


def _why(found: Contested, marked: Marked) -> str:
    if found.stages is None:
        return "markers are in the file, and git knows of no conflict"
    return "" if marked.fields in ((), (BODY,)) else "merged by lines: field by field there would be less to decide"


def _value(found: Contested, names: Sequence[str], lines: str) -> Any:
    """What a side's lines say of a field, or of several by name; the lines themselves, where that is unclear."""
    if not names or names == (BODY,) or found.kind is None:
        return lines
    text = f"---\n{lines}---\n".encode("utf-8", "surrogateescape")
    document = documents.parse(text, found.kind, "", kinds=None).document if lines else None
    if not lines:
        return None
    if document is None:
        return lines
    if len(names) == 1 and names[0] != LIFECYCLE and [*document.fields] in ([], [names[0]]):
        return _plain(document.get(names[0]))
    said = {name: _plain(value) for name, value in document.fields.items()}
    inside = {*names, *(LIFECYCLE_FIELDS if LIFECYCLE in names else ())}
    return said if {*said} <= inside else lines


def _plain(value: Value | None) -> Any:
    return list(value) if isinstance(value, tuple) else value
