"""What the tool wrote and nobody has committed yet: kept, so that the commit can say which operations it holds.

One line of JSON for each write, in ``<git_dir>/wrkq/pending.jsonl`` of the worktree. The worktree lock is held by
whoever changes the file; a reader needs none. Losing it costs trailers, never anybody's work.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git import lock, objects, read
from wrkq_files.git.repo import Repo, blob_id
from wrkq_files.git.write import UNCHANGED, FileWrite
from wrkq_files.service.message import Operation

#: As long as something is stashed (by hand, or by a rebase or merge in progress), this many records stay whose files
#: are as HEAD has them: their changes may come back.
_KEPT_FOR_STASH: Final = 200
#: Looking through the records asks git about each file: every so many-th write does it, and each commit.
_PRUNED_EACH: Final = 16


class Record(NamedTuple):
    """One uncommitted write. ``head``: the commit it was made on; ``files``: by repository path the blob id it left
    there, None where it removed the file. ``before``: what was there, as a blob that git keeps for a while.
    ``together``: the first operation of those that were written at once.
    """

    operation: Operation
    head: str | None
    files: Mapping[str, str | None]
    before: Mapping[str, str | None] = MappingProxyType({})
    together: str = ""


def path(repo: Repo) -> Path:
    return repo.git_dir / "wrkq" / "pending.jsonl"


@contextlib.contextmanager
def noted(
    repo: Repo, operations: Sequence[tuple[Operation, Collection[str]]], writes: Sequence[FileWrite]
) -> Iterator[None]:
    """Notes a write of files down before it is made, so that no kill can come between; takes it back if it fails.

    ``operations``: each with the repository paths it is about. Now and then, records of what is committed by now are
    dropped. Held: the worktree lock. Raises WrkqError ``io``.
    """
    new = _records(repo, operations, writes)
    _keep(repo, writes)
    before = _content(repo)
    count = before.count(b"\n")
    keyed = {key_name(each.operation) for each in new} - {""}
    if keyed or (count and count % _PRUNED_EACH == 0):
        # Of the same key there can only be what a killed request was about to write, and did not.
        records = [each for each in _parse(before) if key_name(each.operation) not in keyed]
        keeps = _uncommitted(repo, records)
        kept = [each for each, keep in zip(records, keeps, strict=True) if keep]
        _replace(repo, _lines([*kept, *new]))
    else:
        lock.own_folder(repo)
        torn = before and not before.endswith(b"\n")
        _append(repo, (b"\n" if torn else b"") + _lines(new))
    try:
        yield
    except BaseException:
        _replace(repo, before)
        raise


def _records(
    repo: Repo, operations: Sequence[tuple[Operation, Collection[str]]], writes: Sequence[FileWrite]
) -> list[Record]:
    head = repo.head()
    after = {write.path: _blob(repo, write.work) for write in writes}
    before = {write.path: _blob(repo, write.work_old) for write in writes}
    return [
        Record(
            operation,
            head,
            {path: after[path] for path in paths if path in after},
            {path: before[path] for path in paths if path in before},
            operations[0][0].ulid,
        )
        for operation, paths in operations
    ]


def _keep(repo: Repo, writes: Sequence[FileWrite]) -> None:
    """Gives git what the files hold now, so that it can be brought back; where that fails, only undo will."""
    kept = objects.NewObjects(repo.object_format)
    for write in writes:
        if isinstance(write.work_old, bytes):
            kept.add("blob", write.work_old)
    with contextlib.suppress(WrkqError):
        if running := objects.store(repo, kept):
            running.wait()


def uncommitted(repo: Repo) -> list[Record]:
    """The records of what no commit holds yet, oldest first."""
    records = load(repo)
    return [record for record, keep in zip(records, _uncommitted(repo, records, 0), strict=True) if keep]


def key_name(operation: Operation) -> str:
    """The key of the request it was asked for in; empty where that has none."""
    return (operation.key or "").partition(" ")[0]


def prune(repo: Repo) -> None:
    """Forgets what has been committed or taken back. Held: the worktree lock."""
    records = load(repo)
    kept = [record for record, keep in zip(records, _uncommitted(repo, records), strict=True) if keep]
    if len(kept) < len(records):
        _replace(repo, _lines(kept))


def is_made(repo: Repo, record: Record) -> bool:
    """Whether a write that was noted, with what was there before, was made: a kill may have come between."""
    return any(not is_work(repo, name, blob) for name, blob in record.before.items())


def load(repo: Repo) -> list[Record]:
    """Every record, oldest first; a line that a kill has torn is left out."""
    return _parse(_content(repo))


def staged(repo: Repo) -> list[Operation]:
    """The operations whose changes git is about to commit (``GIT_INDEX_FILE`` honoured)."""
    records = load(repo)
    if not records:
        return []
    names = _names(records)
    ids = read.ids(repo, [f":{name}" for name in names])
    # In the middle of a pick or merge git stages other commits' changes: then only what is exactly ours counts.
    return due(repo, records, {name: ids[f":{name}"] for name in names}, exact=read.in_progress(repo) is not None)


def taken_along(repo: Repo, writes: Sequence[FileWrite]) -> list[Operation]:
    """The operations whose changes a commit of these writes holds besides its own."""
    records = load(repo)
    new = {write.path: _blob(repo, write.head) for write in writes if write.head is not UNCHANGED}
    return due(repo, records, new) if records else []


def due(
    repo: Repo, records: Sequence[Record], new: Mapping[str, str | None], *, exact: bool = False
) -> list[Operation]:
    """The operations that a commit holds which makes these paths these blobs; each is told by one commit only."""
    heads = read.ids(repo, [f"HEAD:{name}" for name in new]) if records else {}
    changed = {name: blob for name, blob in new.items() if heads[f"HEAD:{name}"] != blob}
    last = {name: _last(records, name, blob, exact=exact) for name, blob in changed.items()}
    found = [
        record
        for number, record in enumerate(records)
        if any(
            name in changed and number <= last[name] and heads[f"HEAD:{name}"] != blob
            for name, blob in record.files.items()
        )
    ]
    told = read.mentions(
        repo, [record.operation.ulid for record in found], since={record.head for record in found if record.head}
    )
    return [record.operation for record in found if record.operation.ulid not in told]


def _last(records: Sequence[Record], name: str, blob: str | None, *, exact: bool) -> int:
    """The last record that what is committed of this file can hold.

    A later write is not staged yet where the file is exactly what an earlier one left. Where it is none of them, a
    person has edited it since, and all count (with ``exact``: none).
    """
    ours = [number for number, record in enumerate(records) if name in record.files and record.files[name] == blob]
    return ours[-1] if ours else -1 if exact else len(records)


def _uncommitted(repo: Repo, records: Sequence[Record], spared: int = _KEPT_FOR_STASH) -> list[bool]:
    """For each record whether the index or the working files differ from HEAD in one of its paths.

    ``spared``: so many of the last count as if they did, while their changes may lie in a stash.
    """
    if not records:
        return []
    names = _names(records)
    specs = [spec for name in names for spec in (f"HEAD:{name}", f":{name}")]
    # In a hook GIT_INDEX_FILE is one commit's; what stays uncommitted is in the worktree's own.
    ids = read.ids(repo, specs, env={"GIT_INDEX_FILE": str(repo.git_dir / "index")})
    differs = {name for name in names if ids[f":{name}"] != ids[f"HEAD:{name}"]}
    differs |= {name for name in names - differs if not is_work(repo, name, ids[f"HEAD:{name}"])}
    stash = (repo.common_dir / "logs" / "refs" / "stash").exists() or read.in_progress(repo) is not None
    begin = len(records) - (spared if stash else 0)
    return [number >= begin or not differs.isdisjoint(record.files) for number, record in enumerate(records)]


def is_work(repo: Repo, name: str, blob: str | None) -> bool:
    """Whether a working file is this blob (None: whether it is gone); one that cannot be read is not."""
    try:
        data = (repo.top / name).read_bytes()
    except FileNotFoundError:
        return blob is None
    except OSError:
        return False
    if blob_id(data, repo.object_format) == blob:
        return True
    return b"\r" in data and read.clean_id(repo, name, data) == blob  # a git for each file would cost a lot


def _names(records: Sequence[Record]) -> set[str]:
    return {name for record in records for name in record.files}


def _blob(repo: Repo, work: object) -> str | None:
    return blob_id(work, repo.object_format) if isinstance(work, bytes) else None


# The file


def _content(repo: Repo) -> bytes:
    try:
        return path(repo).read_bytes()
    except FileNotFoundError:
        return b""


def _parse(data: bytes) -> list[Record]:
    found = []
    for line in data.splitlines():
        with contextlib.suppress(ValueError, TypeError, KeyError):
            raw = json.loads(line)
            raw["operation"] = Operation(**raw["operation"])
            found.append(Record(**raw))
    return found


def _lines(records: Sequence[Record]) -> bytes:
    rows = [
        {**record._asdict(), "operation": record.operation._asdict(), "before": dict(record.before)}
        for record in records
    ]
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def _append(repo: Repo, data: bytes) -> None:
    try:
        with path(repo).open("ab") as file:
            file.write(data)
    except OSError as error:
        raise lock.read_only(path(repo), error) from error


def _replace(repo: Repo, data: bytes) -> None:
    """The whole file, or none of it: who reads it meanwhile sees the old one."""
    lock.own_folder(repo)
    draft = path(repo).with_name(f"pending.{os.getpid()}.new")
    try:
        draft.write_bytes(data)
        draft.replace(path(repo))
    except OSError as error:
        raise lock.read_only(path(repo), error) from error
