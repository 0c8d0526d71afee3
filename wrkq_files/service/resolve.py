"""From what a person types to documents: ids, paths, addresses, globs, prefixes, selectors."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from posixpath import normpath
from typing import Final

from wrkq_files.errors import WrkqError
from wrkq_files.index.entry import Entry
from wrkq_files.index.query import Query
from wrkq_files.model import ids
from wrkq_files.model.fields import DocType
from wrkq_files.model.finding import Finding
from wrkq_files.model.layout import CONTAINER_NAME, document_path
from wrkq_files.service.tracker import Tracker

ANY: Final = (DocType.TASK, DocType.CONTAINER)
SELECTORS: Final = {
    "t": (DocType.TASK,),
    "p": (DocType.CONTAINER,),
    "c": (DocType.COMMENT,),
    "w": (DocType.WORKSPACE,),
    "a": (DocType.ACTOR,),
}
_GLOB: Final = frozenset("*?[")


def one(tracker: Tracker, text: str, types: Collection[DocType] = ANY) -> Entry:
    """The one document that ``text`` names.

    Raises WrkqError: ``not_found`` (exit 3), ``ambiguous`` (exit 2, with the candidates), ``unreadable``.
    """
    found = named(tracker, text, types)
    if len(found) > 1:
        raise ambiguous(text, found)
    return found[0]


def many(tracker: Tracker, texts: Iterable[str], types: Collection[DocType] = ANY) -> list[Entry]:
    """The documents that the texts name, each once, in the order given; a glob may name several."""
    entries: dict[str, Entry] = {}
    for text in texts:
        found = named(tracker, text, types)
        if len(found) > 1 and not is_glob(text):
            raise ambiguous(text, found)
        entries |= {entry.path: entry for entry in found}
    return list(entries.values())


def named(tracker: Tracker, text: str, types: Collection[DocType] = ANY) -> list[Entry]:
    """Every document that ``text`` may mean, at least one."""
    wanted, rest = _selector(text, types)
    for look in (_by_id, _by_glob, _by_path, _by_address, _by_prefix):
        found = [entry for entry in look(tracker, rest) if entry.type in wanted]
        if found:
            return found
    raise not_found(tracker, text)


def is_glob(text: str) -> bool:
    return not _GLOB.isdisjoint(text)


def container_address(tracker: Tracker, text: str) -> str:
    """The address of the container ``text`` names; it need not have a document, nor exist."""
    if ids.is_id(text.upper()):
        return one(tracker, text, (DocType.CONTAINER,)).address
    return relative(tracker, text, exists=True) or _clean(text)


def ambiguous(text: str, found: Sequence[Entry]) -> WrkqError:
    names = [f"{entry.id} {entry.address}" for entry in found]
    return WrkqError(
        "ambiguous",
        f"`{text}` could be any of {len(found)}: {'; '.join(names[:10])}",
        hint="type more of the id, or the whole path",
        details={"candidates": [{"id": entry.id, "path": entry.path} for entry in found]},
    )


def not_found(tracker: Tracker, text: str) -> WrkqError:
    """Says what was looked for, and names what comes nearest."""
    tracker.index.refresh()
    addresses = [entry.address for entry in tracker.index.find(Query(types=ANY, archived="include"))]
    by_name = {address.rpartition("/")[2]: address for address in addresses}
    word = text.rstrip("/").removesuffix(".md")
    near = difflib.get_close_matches(word, addresses, 3, 0.6)
    near += [by_name[name] for name in difflib.get_close_matches(word.rpartition("/")[2], by_name, 3, 0.6)]
    hint = "did you mean " + ", ".join(dict.fromkeys(near)) + "?" if near else "see what there is: wrkq tree -a"
    return WrkqError("not_found", f"there is no `{text}`", hint=hint, details={"target": text})


def _selector(text: str, types: Collection[DocType]) -> tuple[Collection[DocType], str]:
    letter, colon, rest = text.partition(":")
    if colon and letter in SELECTORS and rest:
        return SELECTORS[letter], rest
    return types, text


def _by_id(tracker: Tracker, text: str) -> list[Entry]:
    identifier = text.upper()
    if not ids.is_id(identifier):
        return []
    located = tracker.index.locate(identifier)
    if located is not None:
        return [located]
    tracker.index.refresh()
    if identifier.startswith("C-"):
        tracker.index.refresh_comments()
    found = tracker.index.by_id(identifier)
    if not found:
        _raise_if_broken(tracker, [each.path for each in tracker.index.broken() if _holds(tracker, each, identifier)])
    return found


def _holds(tracker: Tracker, finding: Finding, identifier: str) -> bool:
    """Whether a file that cannot be read has this id in its text: then it is not missing, it is broken."""
    try:
        return identifier.encode() in (tracker.read(finding.path) or b"")
    except WrkqError:
        return False


def _by_glob(tracker: Tracker, text: str) -> list[Entry]:
    if not is_glob(text):
        return []
    tracker.index.refresh()
    patterns = {relative(tracker, text) or text, text.removesuffix(".md").lstrip("/")}
    query = Query(
        types=ANY, globs=tuple(sorted(pattern.removesuffix(".md") for pattern in patterns)), archived="include"
    )
    return tracker.index.find(query)


def _by_path(tracker: Tracker, text: str) -> list[Entry]:
    here = relative(tracker, text)
    return [] if here is None else _at(tracker, here)


def _by_address(tracker: Tracker, text: str) -> list[Entry]:
    return _at(tracker, _clean(text))


def _by_prefix(tracker: Tracker, text: str) -> list[Entry]:
    prefix = ids.parse_prefix(text)
    if prefix is None:
        return []
    tracker.index.refresh()
    if prefix[0] == "C":
        tracker.index.refresh_comments()
    return tracker.index.by_prefix(*prefix)


def _at(tracker: Tracker, address: str) -> list[Entry]:
    """The document at an address (``.md`` optional), read afresh; raises ``unreadable`` where it cannot be read."""
    if address.startswith("../") or address == "..":
        return []
    base = address.removesuffix("/" + CONTAINER_NAME) if address != CONTAINER_NAME else ""
    paths = [document_path(DocType.CONTAINER, base)]
    if base:
        paths.append(address if address.endswith(".md") else document_path(DocType.TASK, address))
    tracker.index.refresh_paths(paths)
    found = [entry for path in dict.fromkeys(paths) if (entry := tracker.index.entry(path))]
    if not found:
        _raise_if_broken(tracker, paths)
    return found


def _raise_if_broken(tracker: Tracker, paths: Collection[str]) -> None:
    for finding in tracker.index.broken():
        if finding.path in paths:
            raise WrkqError(
                "unreadable",
                f"{finding.place}: {finding.message}",
                hint=finding.remedy,
                details={"findings": [finding.as_json()]},
            )


def relative(tracker: Tracker, text: str, *, exists: bool = False) -> str | None:
    """``text``, taken from the working directory, as a path of the tracker; None when it lies outside."""
    place = Path(normpath((tracker.door.cwd / text).as_posix()))
    if exists and not place.exists():
        return None
    if not place.is_relative_to(tracker.root):
        return None
    inner = place.relative_to(tracker.root).as_posix()
    return "" if inner == "." else inner


def _clean(text: str) -> str:
    address = normpath(text.strip("/")) if text.strip("/") else ""
    return "" if address == "." else address
