"""Requests that are carried out once: what one with a key did is kept, and told again to whoever repeats it.

Kept in the repository's local store. The truth of a commit is its own ``Wrkq-Key`` trailer, and that of files not
committed yet the note in :mod:`wrkq_files.service.pending`: both come with the write itself, so that a kill leaves
neither a write without its key nor a key without its write. They are asked where the store knows nothing, so that a
commit's trailer also answers in other clones.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git import read, trees
from wrkq_files.index import local
from wrkq_files.model import times
from wrkq_files.service import pending
from wrkq_files.service.change import Failure, Key, Written
from wrkq_files.service.message import KEY, KEY_DIGITS
from wrkq_files.service.tracker import Tracker

#: No key is longer: it stands in a line of a commit's message.
MAX_LENGTH = 200
#: Where the addresses of documents are kept that a result names by their ids alone.
PLACES = "places"


class _Told(NamedTuple):
    """A request's digest, or its beginning, and what it did."""

    payload: str
    written: Written


def _name(name: str) -> str:
    """The name again. Raises ``usage`` for one that a line of a commit's message could not hold."""
    if not 1 <= len(name) <= MAX_LENGTH or not name.isprintable() or any(each.isspace() for each in name):
        message = f"a key has 1 to {MAX_LENGTH} printable characters without spaces"
        raise WrkqError("usage", message, hint="--key import-2026-01-19")
    return name


def key(name: str, said: str) -> Key:
    """The key of a request that asks for what ``said`` says. Raises ``usage`` for a name that is none."""
    return Key(_name(name), hashlib.sha256(said.encode("utf-8", "surrogateescape")).hexdigest())


def once(tracker: Tracker, key: Key, act: Callable[[], Written]) -> Written:
    """What ``act`` does, or what the same request did before. Held: the worktree lock.

    Raises ``conflict`` where the key stands for another request; what ``act`` raises does not use the key up.
    """
    with local.keys(tracker.repo) as store:
        kept = store.get(key.name)
        told = _from_json(kept) if kept else _from_commits(tracker, key) or _from_pending(tracker, key)
        if told and not key.payload.startswith(told.payload):
            raise _used(key, told.written)
        written = told.written if told else act()
        if kept is None:
            written = _noted(tracker, store, key, written)
    return _again(written, key) if told else written


def _noted(tracker: Tracker, store: local.Keys, key: Key, written: Written) -> Written:
    """Puts it into the store; a full disk cannot undo what is done, and the trailer or the note is there already."""
    kept = local.Kept(key.payload, _as_json(tracker, written))
    try:
        store.put(key.name, kept, times.stamp(tracker.door.now()))
    except WrkqError as error:
        return written._replace(notes=(*written.notes, f"done, but the key is not noted here: {error.message}"))
    return written


def _again(written: Written, key: Key) -> Written:
    where = f" in {written.commit[:8]}" if written.commit else ""
    note = f"key `{key.name}`: this was done before{where}, and nothing is changed now"
    return written._replace(notes=(*written.notes, note), replayed=True)


def _used(key: Key, written: Written) -> WrkqError:
    return WrkqError(
        "conflict",
        f"key `{key.name}` stands for another request: {written.subject}",
        hint="choose another key for what is new; a request that is repeated has the same words and input",
        details={
            "key": key.name,
            "operation": written.operation,
            "ids": list(written.ids),
            "commit": written.commit,
        },
    )


# The store


def _as_json(tracker: Tracker, written: Written) -> str:
    raw = {**written._asdict(), "diff": "", "data": {**written.data, PLACES: _places(tracker, written)}}
    raw["failed"] = [
        {"target": target, "code": error.code, "message": error.message, "hint": error.hint, "details": error.details}
        for target, error in written.failed
    ]
    return json.dumps(raw, default=dict)


def _places(tracker: Tracker, written: Written) -> list[dict[str, str]]:
    """Where the documents are now: they may have moved when somebody asks again."""
    if written.operation == "batch":
        return []
    found = {identifier: tracker.index.by_id(identifier) for identifier in written.ids}
    return [{"id": identifier, "path": entries[0].address} for identifier, entries in found.items() if entries]


def _from_json(kept: local.Kept) -> _Told:
    raw: dict[str, Any] = json.loads(kept.result)
    for name in ("ids", "paths", "notes"):
        raw[name] = tuple(raw[name])
    raw["failed"] = tuple(
        Failure(each["target"], WrkqError(each["code"], each["message"], hint=each["hint"], details=each["details"]))
        for each in raw["failed"]
    )
    return _Told(kept.payload, Written(**raw))


# What a killed request left, and what other clones made


def _from_pending(tracker: Tracker, key: Key) -> _Told | None:
    """A write of files whose note is there, if it was made: then some file is not as it was before."""
    found = [each for each in pending.load(tracker.repo) if pending.key_name(each.operation) == key.name]
    if not any(pending.is_made(tracker.repo, each) for each in found):
        return None
    operations = [(each.operation.operation, tuple(each.operation.ids)) for each in found]
    paths = tuple(dict.fromkeys(path for each in found for path in each.files))
    payload = (found[0].operation.key or "").rpartition(" ")[2]
    return _Told(payload, _rebuilt(tracker, operations, "written", paths=paths))


def _from_commits(tracker: Tracker, key: Key) -> _Told | None:
    """The oldest commit that says it is this request's: a later one repeats it, as a squash does."""
    for commit, text in reversed(read.messages(tracker.repo, f"{KEY}: {key.name} ")):
        for name, payload, span in _key_lines(text):
            if name == key.name and len(payload) == KEY_DIGITS:
                operations = _operations(text, span)
                subject = text.partition("\n")[0]
                paths = _changed(tracker, commit)
                return _Told(
                    payload, _rebuilt(tracker, operations, "committed", subject=subject, paths=paths, commit=commit)
                )
    return None


def _key_lines(text: str) -> Iterator[tuple[str, str, str]]:
    for line in text.splitlines():
        words = line.split(" ")
        if words[0] == f"{KEY}:" and len(words) == 4:
            yield words[1], words[2], words[3]


def _operations(text: str, span: str) -> list[tuple[str, tuple[str, ...]]]:
    """The operations between two ULIDs: name and ids; where these are gone, all of the commit."""
    rows = [line.split(" ")[1:] for line in text.splitlines() if line.startswith("Wrkq-Op: ")]
    rows = [row for row in rows if len(row) > 1]
    ulids = [row[0] for row in rows]
    first, _, last = span.partition("..")
    if first in ulids and (last or first) in ulids:
        rows = rows[ulids.index(first) : ulids.index(last or first) + 1]
    return [(row[1], tuple(row[2:])) for row in rows]


def _changed(tracker: Tracker, commit: str) -> tuple[str, ...]:
    parent = trees.resolve(tracker.repo, f"{commit}^", "commit")
    if parent is None:
        return ()
    return tuple(each.path for each in trees.between(tracker.repo, parent, commit, tracker.prefix))


def _rebuilt(
    tracker: Tracker,
    operations: Sequence[tuple[str, tuple[str, ...]]],
    status: str,
    *,
    paths: tuple[str, ...],
    subject: str = "",
    commit: str | None = None,
) -> Written:
    """A result as far as trailers tell of it."""
    tracker.index.refresh()
    ids = tuple(dict.fromkeys(each for _, found in operations for each in found))
    several = len(operations) > 1
    rows = [
        {"op": name, "ids": list(found), "path": _address(tracker, found), "status": status, "commit": commit}
        for name, found in operations
    ]
    return Written(
        operation="batch" if several or not operations else operations[0][0],
        status=status,
        ids=ids,
        subject=subject or f"{len(operations)} operations" if several else subject or ", ".join(ids),
        paths=paths,
        commit=commit,
        data={"operations": rows} if several else {},
    )


def _address(tracker: Tracker, ids: Sequence[str]) -> str | None:
    found = [entry for each in ids if not each.startswith("C-") for entry in tracker.index.by_id(each)]
    return found[0].address if found else None
