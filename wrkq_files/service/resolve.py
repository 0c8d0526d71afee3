"""From what a person types to documents: ids, paths, addresses, globs, prefixes, selectors."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from posixpath import normpath
from typing import Final

from wrkq_files.errors import WrkqError
from wrkq_files.index.entry import Entry
from wrkq_files.index.query import Query
from wrkq_files.model import ids, layout
from wrkq_files.model.fields import DocType
from wrkq_files.model.finding import Finding
from wrkq_files.model.layout import CONTAINER_NAME, document_path
from wrkq_files.service import refusals
from wrkq_files.service.tracker import Tracker

ANY: Final = (DocType.TASK, DocType.CONTAINER)
#: Whatever is a document: for what only looks.
EVERY: Final = (*ANY, DocType.WORKSPACE, DocType.ACTOR, DocType.COMMENT)
SELECTORS: Final = {
    "t": (DocType.TASK,),
    "p": (DocType.CONTAINER,),
    "c": (DocType.COMMENT,),
    "w": (DocType.WORKSPACE,),
    "a": (DocType.ACTOR,),
}
_GLOB: Final = frozenset("*?[")
_TOO_SHORT: Final = re.compile(r"[TPWCtpwc]-[0-9A-Za-z]{0,2}")


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
    """Every document that ``text`` may mean, at least one. Raises ``usage`` for a type that cannot be meant here."""
    wanted, rest = _selector(text, types)
    others: list[Entry] = []
    for look in (_by_id, _by_glob, _by_path, _by_address):
        entries = look(tracker, rest)
        if found := [entry for entry in entries if entry.type in wanted]:
            return found
        others += entries
    if found := _by_prefix(tracker, rest, wanted):
        return found
    if others:
        names = " or a ".join(each.value for each in wanted)
        message = f"`{text}` is a {others[0].type.value}, and a {names} is meant here"
        raise WrkqError("not_found", message, hint="name another", details={"target": text})
    raise not_found(tracker, text)


def is_glob(text: str) -> bool:
    return not _GLOB.isdisjoint(text)


def container_address(tracker: Tracker, text: str) -> str:
    """The address of the container ``text`` names; it need not have a document, nor exist.

    Raises ``refused`` for a place outside of the tracker.
    """
    types, rest = _selector(text, (DocType.CONTAINER,))
    if ids.is_id(rest.upper()):
        return one(tracker, rest, types).address
    here = relative(tracker, rest, exists=True)
    address = _clean(rest) if here is None else here
    if address.partition("/")[0] == "..":
        raise WrkqError("refused", f"`{text}` lies outside of the tracker", hint=f"its root is {tracker.root}")
    if not tracker.is_folder(address) and (found := _by_prefix(tracker, rest, types)):
        return one(tracker, rest, types).address if len(found) == 1 else address
    return address


def new_place(tracker: Tracker, text: str) -> str:
    """The address that a name for something new means. Raises ``validation`` for what no file can be called.

    From the working directory where the folder it goes to exists there, else from the root where it exists there.
    """
    if not _can_exist(text) or "\0" in text or any("\ud800" <= each <= "\udfff" for each in text):
        raise WrkqError("validation", f"{text[:80]!r} cannot be an address: it is too long, or no text")
    here, there = relative(tracker, text), _clean(text)
    for address in (here, there):
        if address and address.partition("/")[0] != ".." and tracker.is_folder(address.rpartition("/")[0]):
            return address
    return here or there


def check_container(tracker: Tracker, address: str) -> str:
    """The address again. Raises ``refused`` for a folder in which nothing would ever be found as a document."""
    if not address:
        return address
    tracker.check_inside(address)
    inner = f"{address}/x.md"
    if layout.type_of(inner) is not DocType.TASK:
        raise WrkqError("refused", f"`{address}` is no container: its name is reserved", hint="choose another folder")
    if tracker.ignores(inner):
        raise WrkqError(
            "refused", f"`{address}` is left alone (`ignore:` in wrkq.yaml)", hint="choose another folder"
        )
    parts = address.split("/")
    for depth in range(1, len(parts) + 1):
        above = "/".join(parts[:depth])
        if tracker.exists(f"{above}/{layout.CONFIG_NAME}"):
            raise WrkqError("refused", f"`{above}` is another tracker", hint=f"wrkq --root {above}")
    return address


def ambiguous(text: str, found: Sequence[Entry]) -> WrkqError:
    names = [f"{entry.id} {entry.address}" for entry in found]
    same_id = ids.is_id(text.upper())
    return WrkqError(
        "ambiguous",
        f"`{text}` could be any of {len(found)}: {'; '.join(names[:10])}",
        hint="name one by its path; wrkq check says how to part them"
        if same_id
        else "type more of the id, or the whole path",
        details={"candidates": [{"id": entry.id, "path": entry.address} for entry in found]},
    )


def not_found(tracker: Tracker, text: str) -> WrkqError:
    """Says what was looked for, and names what comes nearest."""
    tracker.index.refresh()
    if note := _note(tracker, text):
        return note
    addresses = [entry.address for entry in tracker.index.find(Query(types=ANY, archived="include"))]
    by_name = {address.rpartition("/")[2]: address for address in addresses}
    word = text.rstrip("/").removesuffix(".md")
    near = difflib.get_close_matches(word, addresses, 3, 0.6)
    near += [by_name[name] for name in difflib.get_close_matches(word.rpartition("/")[2], by_name, 3, 0.6)]
    hint = "did you mean " + ", ".join(dict.fromkeys(near)) + "?" if near else "see what there is: wrkq find -a"
    details = {"target": text}
    others = tracker.siblings() if ids.is_id(text.upper()) else []
    if holder := next((other for other in others if other.index.by_id(text.upper())), None):
        hint, details["tracker"] = f"it is in another tracker: --root {holder.prefix or '.'}", str(holder.root)
    if went := _where_it_went(tracker, text):
        hint, details = went[0], details | went[1]
    if _TOO_SHORT.fullmatch(text):
        hint = "the beginning of an id has at least 3 characters after the letter"
    return WrkqError("not_found", f"there is no `{text}`", hint=hint, details=details)


def _where_it_went(tracker: Tracker, text: str) -> tuple[str, dict[str, str]] | None:
    """What history says of a name that was somebody's once: words, and facts."""
    from wrkq_files.git import history

    address = _clean(text) if relative(tracker, text) is None else relative(tracker, text) or ""
    address = address.removesuffix(f"/{CONTAINER_NAME}").removesuffix(".md")
    names = [tracker.repository_path(document_path(kind, address)) for kind in (DocType.TASK, DocType.CONTAINER)]
    is_id = ids.is_id(text.upper())
    if "\0" in text:
        return None
    if tracker.repo.head() is None or not (
        is_id or (_can_exist(address) and history.has_touched(tracker.repo, names))
    ):
        return None
    from wrkq_files.service import former

    return former.where(tracker, text.upper() if is_id else address)


def _note(tracker: Tracker, text: str) -> WrkqError | None:
    """The answer where there is a file, and it is no document."""
    for address in dict.fromkeys((relative(tracker, text), _clean(text))):
        for path in (f"{address}.md", f"{address}/{CONTAINER_NAME}", address or ""):
            if layout.type_of(path) is None or not tracker.exists(path) or tracker.ignores(path):
                continue
            from wrkq_files.files import foreign

            hint = foreign.advice((tracker.read(path) or b"").decode("utf-8", "replace"))
            return WrkqError("not_found", f"{path} is a note: it has no frontmatter", hint=hint)
    return None


def _selector(text: str, types: Collection[DocType]) -> tuple[Collection[DocType], str]:
    if not text.strip():
        raise WrkqError("usage", "an empty target", hint="an id, an address or a path")
    letter, colon, rest = text.partition(":")
    if not (colon and letter in SELECTORS and rest):
        return types, text
    wanted = [each for each in SELECTORS[letter] if each in types]
    if not wanted:
        names = " or ".join(each.value for each in types)
        raise WrkqError("usage", f"`{text}` cannot be meant here", hint=f"it takes a {names}")
    return wanted, rest


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
    for pattern in (relative(tracker, text), _clean(text)):
        if pattern:
            found = tracker.index.find(Query(types=ANY, globs=(pattern.removesuffix(".md"),), archived="include"))
            if found:
                return found
    return []


def _by_path(tracker: Tracker, text: str) -> list[Entry]:
    here = relative(tracker, text)
    return [] if here is None else _at(tracker, here)


def _by_address(tracker: Tracker, text: str) -> list[Entry]:
    return _at(tracker, _clean(text))


def _by_prefix(tracker: Tracker, text: str, wanted: Collection[DocType]) -> list[Entry]:
    prefix = ids.parse_prefix(text)
    if prefix is None:
        return []
    letters = [prefix[0]] if prefix[0] else [ids.LETTERS[kind] for kind in wanted if kind in ids.LETTERS]
    tracker.index.refresh()
    if "C" in letters:
        tracker.index.refresh_comments()
    found = [entry for letter in letters for entry in tracker.index.by_prefix(letter, prefix[1])]
    return [entry for entry in found if entry.type in wanted]


def _at(tracker: Tracker, address: str) -> list[Entry]:
    """The document at an address (``.md`` optional), read afresh; raises ``unreadable`` where it cannot be read."""
    if address.partition("/")[0] == ".." or not _can_exist(address):
        return []
    base = address.removesuffix("/" + CONTAINER_NAME) if address != CONTAINER_NAME else ""
    paths = [document_path(DocType.CONTAINER, base)]
    if base:
        paths.append(address if address.endswith(".md") else document_path(DocType.TASK, address))
    tracker.index.refresh_paths(paths)
    found = _entries(tracker, paths)
    if tracker.is_folder(base) and all(entry.id_source == "none" for entry in found):
        # Whether it is a container without a document, only what is below it can tell.
        tracker.index.refresh_folder(base, deep=True)
        found = _entries(tracker, paths)
    if not found:
        _raise_if_broken(tracker, paths)
    return found


def _entries(tracker: Tracker, paths: Iterable[str]) -> list[Entry]:
    return [entry for path in dict.fromkeys(paths) if (entry := tracker.index.entry(path))]


def _can_exist(address: str) -> bool:
    """Whether file systems have room for such names."""
    return len(address) < 4000 and all(len(os.fsencode(part)) <= 255 for part in address.split("/"))


def _raise_if_broken(tracker: Tracker, paths: Collection[str]) -> None:
    for finding in tracker.index.broken():
        if finding.path in paths:
            raise refusals.unreadable([finding])


def relative(tracker: Tracker, text: str, *, exists: bool = False) -> str | None:
    """``text``, taken from the working directory, as a path of the tracker; None when it lies outside."""
    place = Path(normpath((tracker.door.cwd / text).as_posix()))
    if not place.is_relative_to(tracker.root):
        return None
    inner = "" if place == tracker.root else place.relative_to(tracker.root).as_posix()
    return None if exists and not tracker.exists(inner) else inner


def _clean(text: str) -> str:
    address = normpath(text.strip("/")) if text.strip("/") else ""
    return "" if address == "." else address
