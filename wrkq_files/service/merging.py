"""Merging one file: what both sides made of it, in bytes.

:mod:`wrkq_files.merge` decides, :mod:`wrkq_files.files` cuts and writes, git merges lines. What comes out is read
again: where it does not say what was decided, it is thrown away for git's merge by lines, with its markers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from wrkq_files.files import documents, parts
from wrkq_files.files.nodes import Unreadable
from wrkq_files.git import textmerge
from wrkq_files.git.repo import Repo
from wrkq_files.merge import lines, weave
from wrkq_files.merge.lines import Style
from wrkq_files.merge.values import Opaque, meaning, merge_values, settle
from wrkq_files.model import layout
from wrkq_files.model.document import Value
from wrkq_files.model.fields import DocType
from wrkq_files.model.merged import Conflict, Merged
from wrkq_files.model.parts import Part, Parts
from wrkq_files.model.values import same


def merge_file(
    repo: Repo | Path,
    path: str,
    base: bytes | None,
    ours: bytes,
    theirs: bytes,
    *,
    labels: tuple[str, str] = textmerge.LABELS,
    marker_size: int = 7,
) -> Merged:
    """What both sides made of a file; ``path`` is relative to the tracker's root, ``base`` None where both added it.

    What cannot be read as a document is merged by lines. Raises WrkqError only where git cannot be started.
    """
    if ours == theirs or theirs == base:
        return Merged(ours)
    if ours == base:
        return Merged(theirs)
    style = Style(*labels, marker_size)
    kind = layout.type_of(path)
    sides = None if kind is None else _readable(kind, (base, ours, theirs))
    if sides is None or kind is None:
        return _by_lines(repo, path, (base, ours, theirs), style)
    if found := _by_fields(repo, kind, path, sides, style):
        return found
    # Where only one side has other line ends, lines would have nothing in common.
    alike = [None if each is None else _encoded(each, crlf=sides.crlf) for each in sides[:3]]
    return _by_lines(repo, path, alike, style)


class _Texts(NamedTuple):
    """Three texts with line feeds alone; ``ends``: what they all had in their place, None where they are mixed."""

    base: str | None
    ours: str
    theirs: str
    crlf: bool


def _readable(kind: DocType, sides: Sequence[bytes | None]) -> _Texts | None:
    """The three texts, where all of them are documents."""
    if any(each is not None and documents.parse(each, kind, "", kinds=None).document is None for each in sides):
        return None
    texts = [None if each is None else each.decode() for each in sides]
    ends = [None if each is None else _ends(each) for each in texts]
    if "" in ends:
        base, ours, theirs = texts
        return _Texts(base, ours or "", theirs or "", crlf=False)
    settled = settle(*ends)
    chosen = "\n" if settled is None else ends[1 + settled]
    base, ours, theirs = (None if each is None else each.replace("\r\n", "\n") for each in texts)
    return _Texts(base, ours or "", theirs or "", crlf=chosen == "\r\n")


def _ends(text: str) -> str:
    """How the lines of a text end; empty where some end so and some otherwise."""
    crlf = text.count("\r\n")
    return "\n" if not crlf else "\r\n" if crlf == text.count("\n") else ""


# By fields


def _by_fields(repo: Repo | Path, kind: DocType, path: str, texts: _Texts, style: Style) -> Merged | None:
    """None where the documents cannot be taken apart, or what comes out is not what was decided."""
    try:
        base = None if texts.base is None else _cut(texts.base, kind)
        ours, theirs = _cut(texts.ours, kind), _cut(texts.theirs, kind)
    except Unreadable:
        return None
    if ours is None or theirs is None or (base is None and texts.base is not None):
        return None
    if base is None and _are_two(ours, theirs):
        return _two_documents(path, texts, style)
    sides = weave.Sides(base, ours, theirs)
    result = weave.weave(kind, path, sides, style, _tools(repo, kind))
    whole = result.woven
    for text, values in zip((whole.ours, whole.theirs), result.values, strict=True):
        if not _says(kind, text, values):
            return None
    if whole.is_clean and (result.conflicts or whole.shown != whole.ours):
        return None
    return Merged(_encoded(whole.shown, crlf=texts.crlf), result.conflicts)


def _cut(text: str, kind: DocType) -> Parts | None:
    found = parts.cut(text.encode(), kind)
    if found is None:
        return None
    cut, odd = found
    fields = {
        name: part._replace(value=Opaque(odd[name])) if name in odd else part for name, part in cut.fields.items()
    }
    return cut._replace(fields=fields)


def _tools(repo: Repo | Path, kind: DocType) -> weave.Tools:
    def with_value(name: str, text: str, value: Value) -> str | None:
        return None if isinstance(value, Opaque) else parts.with_value(text, kind, name, value)

    def value_in(name: str, text: str) -> Value:
        try:
            return parts.value_in(text, kind, name)
        except Unreadable:
            return Opaque(text)

    return weave.Tools(partial(_git_lines, repo), with_value, value_in, parts.comments_in)


def _git_lines(repo: Repo | Path, base: str, ours: str, theirs: str, style: Style) -> tuple[str, int]:
    texts = [each.encode("utf-8", "surrogateescape") for each in (base, ours, theirs)]
    labels = (style.ours, style.theirs)
    data, count = textmerge.merge(repo, *texts, labels=labels, marker_size=style.size)
    return data.decode("utf-8", "surrogateescape"), count


def _says(kind: DocType, text: str, values: Mapping[str, Value]) -> bool:
    """Whether a text can be read, and says these values and no others."""
    found = documents.parse(text.encode(), kind, "", kinds=None).document
    if found is None:
        return False
    fields = {name: value for name, value in found.fields.items() if value not in (None, (), {})}
    for name in {*fields, *values}:
        value = values.get(name)
        if not isinstance(value, Opaque) and not same(
            meaning(kind, name, fields.get(name)), meaning(kind, name, _or_none(value))
        ):
            return False
    return True


def _or_none(value: Value) -> Value:
    return None if value in ((), {}) else value


def _are_two(ours: Parts, theirs: Parts) -> bool:
    """Whether both sides made a document of their own at one path."""
    first, second = (each.fields.get("id", Part("", "", None)).value for each in (ours, theirs))
    return first is not None and second is not None and first != second


def _two_documents(path: str, texts: _Texts, style: Style) -> Merged:
    woven = lines.versus(texts.ours, texts.theirs, style)
    why = "both sides made a document of this name, with ids of their own"
    return Merged(_encoded(woven.shown, crlf=texts.crlf), (Conflict(path, "", None, None, None, why),))


# By lines


def _by_lines(repo: Repo | Path, path: str, sides: Sequence[bytes | None], style: Style) -> Merged:
    """As git merges any text; what comes out must not be less readable than what went in."""
    if any(b"\0" in (each or b"") for each in sides):
        why = "it holds bytes that are no text: one side or the other is to be taken whole"
        return Merged(sides[1] or b"", (Conflict(path, "", None, None, None, why),))
    texts = [(each or b"").decode("utf-8", "surrogateescape") for each in sides]
    crlf = all(_ends(each) == "\r\n" for each in texts if each)
    base, ours, theirs = (each.replace("\r\n", "\n") if crlf else each for each in texts)
    woven = lines.merge(base, ours, theirs, style, partial(_git_lines, repo))
    data = _encoded(woven.shown, crlf=crlf)
    kind = layout.type_of(path)
    if not woven.is_clean or woven.regions:
        why = "it cannot be read as a document on every side: merged by lines" if kind else ""
        return Merged(data, tuple(Conflict(path, "", None, *each, why) for each in _shown(woven.regions)))
    if kind is None or not all(map(documents.is_document, filter(None, sides[1:]))):
        return Merged(data)
    untold = tuple(_untold(kind, path, sides, data))
    if untold and all(each.field for each in untold):
        data = _encoded(lines.versus(ours, theirs, style).shown, crlf=crlf)
    return Merged(data, untold)


def _encoded(text: str, *, crlf: bool) -> bytes:
    return (text.replace("\n", "\r\n") if crlf else text).encode("utf-8", "surrogateescape")


def _shown(regions: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The lines of each conflict as they can be printed."""
    return [(_printable(ours), _printable(theirs)) for ours, theirs in regions]


def _printable(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _untold(kind: DocType, path: str, sides: Sequence[bytes | None], data: bytes) -> Iterator[Conflict]:
    """What git's clean merge of lines may have got wrong: a result that cannot be read, or says something else."""
    read = documents.parse(data, kind, path, kinds=None)
    if read.document is None:
        yield Conflict(path, "", None, None, None, read.findings[0].message)
        return
    found = [None if each is None else documents.parse(each, kind, path, kinds=None).document for each in sides]
    if found[1] is None or found[2] is None or (found[0] is None and sides[0] is not None):
        return
    fields = [each.fields if each else {} for each in found]
    for name in {name for each in (*fields, read.document.fields) for name in each}:
        base, ours, theirs = (each.get(name) for each in fields)
        outcome = merge_values(kind, name, base, ours, theirs)
        said = meaning(kind, name, read.document.fields.get(name))
        if not outcome.is_clean or not same(said, meaning(kind, name, outcome.ours)):
            yield Conflict(path, name, base, ours, theirs, "merged by lines, it would say something else")
