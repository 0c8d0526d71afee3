"""Taking things away: archived by default, purged when told to, and back again."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from wrkq_files.errors import WrkqError
from wrkq_files.index.entry import Entry
from wrkq_files.index.query import Query
from wrkq_files.model import layout, times
from wrkq_files.model.document import Document, Value
from wrkq_files.model.fields import DocType
from wrkq_files.service import resolve
from wrkq_files.service.change import Change, FileEdit, Options, Written
from wrkq_files.service.publish import carry_out
from wrkq_files.service.tracker import Tracker
from wrkq_files.service.update import check_match, modified, sorted_set


def rm(
    tracker: Tracker, targets: Sequence[str], options: Options, *, purge: bool = False, recursive: bool = False
) -> Written:
    """Archives documents, or with ``purge`` deletes their files, comments and attachments.

    Raises WrkqError ``refused`` for a container that holds something without ``recursive``, and for a purge of what
    others refer to without ``force`` (which takes the references out).
    """

    def plan() -> Change:
        tracker.index.refresh()
        entries = resolve.many(tracker, targets)
        for entry in entries:
            if not entry.address:
                raise WrkqError("refused", "the tracker's root cannot be taken away", hint="name what is in it")
            check_match(entry, options)
            _check_recursive(tracker, entry, recursive=recursive, purge=purge)
        edits = purging(tracker, entries, options) if purge else _archive(tracker, entries)
        return _change("purge" if purge else "archive", entries, edits)

    return carry_out(tracker, plan, options)


def restore(tracker: Tracker, targets: Sequence[str], options: Options) -> Written:
    """Brings archived documents back, and purged ones with their comments and attachments.

    Raises WrkqError ``refused`` for one that is archived with a container above it, ``exists`` where something else
    is in a purged one's place.
    """

    def plan() -> Change:
        tracker.index.refresh()
        entries, gone = _present(tracker, targets)
        for entry in entries:
            if not entry.document_fields().get("archived") and entry.archived:
                raise WrkqError(
                    "refused",
                    f"{entry.address} is archived with a container above it",
                    hint=f"wrkq restore {_archived_above(tracker, entry)}",
                )
        edits = [modified(e, lambda _: {"archived": None}, {"archived"}) for e in entries if e.archived]
        if not gone:
            return _change("restore", entries, edits)
        from wrkq_files.service import purged

        ids, files = purged.back(tracker, gone)
        named = gone[0] if len(gone) == 1 and not entries else f"{len(entries) + len(ids)} documents"
        return Change("restore", (*(e.id for e in entries), *ids), f"{named}: restored", (*edits, *files))

    return carry_out(tracker, plan, options)


def _present(tracker: Tracker, targets: Sequence[str]) -> tuple[list[Entry], list[str]]:
    """The documents that are there, and the targets that may have been."""
    entries: dict[str, Entry] = {}
    gone: list[str] = []
    for target in targets:
        try:
            entries |= {entry.path: entry for entry in resolve.many(tracker, [target])}
        except WrkqError as error:
            if error.code != "not_found" or resolve.is_glob(target):
                raise
            gone.append(target)
    return list(entries.values()), gone


def _archive(tracker: Tracker, entries: Sequence[Entry]) -> list[FileEdit]:
    now = times.stamp(tracker.door.now())
    return [
        modified(entry, lambda _: {"archived": now}, {"archived"})
        for entry in entries
        if not entry.document_fields().get("archived")
    ]


def _check_recursive(tracker: Tracker, entry: Entry, *, recursive: bool, purge: bool) -> None:
    if entry.type is DocType.CONTAINER and not recursive:
        held = _below(tracker, entry)[1:]
        if held:
            count = "1 document" if len(held) == 1 else f"{len(held)} documents"
            words = "rm -r --purge" if purge else "rm -r"
            raise WrkqError("refused", f"{entry.address} holds {count}", hint=f"wrkq {words} {entry.address}")


def _below(tracker: Tracker, entry: Entry) -> list[Entry]:
    """The document itself, then those in it."""
    if entry.type is not DocType.CONTAINER:
        return [entry]
    return [entry, *_inside(tracker, entry)]


def _inside(tracker: Tracker, entry: Entry) -> list[Entry]:
    return tracker.index.find(Query(types=resolve.ANY, under=entry.address, archived="include"))


def purging(tracker: Tracker, entries: Sequence[Entry], options: Options) -> list[FileEdit]:
    """The edits that delete documents with all they hold, their comments and attachments.

    Raises WrkqError ``refused`` where others refer to them, without ``force``.
    """
    # A folder without a document has no id, and nothing belongs to it.
    gone = {each.id for entry in entries for each in _below(tracker, entry) if each.id}
    edits = _without_references(tracker, gone, options)
    paths: set[str] = set()
    for entry in entries:
        paths |= {*tracker.files(entry.address)} if entry.type is DocType.CONTAINER else {entry.path}
    for identifier in sorted(gone):
        paths |= {*tracker.files(layout.comment_folder(identifier))}
        paths |= {*tracker.files(layout.attachment_folder(identifier))}
    return [*edits, *(FileEdit.delete(path) for path in sorted(paths))]


def _without_references(tracker: Tracker, gone: Collection[str], options: Options) -> list[FileEdit]:
    """Edits that take the purged ids out of the documents that stay."""
    held = [edge for edge in tracker.index.edges() if edge[2] in gone and edge[0] not in gone]
    if held and not options.force:
        source, field, target = held[0]
        raise WrkqError(
            "refused",
            f"{source} says {field} {target}" + (f", and {len(held) - 1} more refer to it" if held[1:] else ""),
            hint="archive it instead (without --purge), or --force to take the references out too",
            details={"references": [{"id": s, "field": f, "to": t} for s, f, t in held]},
        )
    by_holder: dict[str, list[tuple[str, str]]] = {}
    for source, field, target in held:
        by_holder.setdefault(source, []).append((field, target))
    return [_cut(tracker.index.by_id(source)[0], cuts) for source, cuts in by_holder.items()]


def _cut(entry: Entry, cuts: Sequence[tuple[str, str]]) -> FileEdit:
    fields = {field for field, _ in cuts}

    def make(document: Document) -> dict[str, Value | None]:
        return {field: _after_all(document, field, [target for f, target in cuts if f == field]) for field in fields}

    return modified(entry, make, fields)


def _after_all(document: Document, field: str, targets: Collection[str]) -> Value | None:
    held = document.get(field)
    return None if isinstance(held, str) else sorted_set(held or (), remove=targets)


def _archived_above(tracker: Tracker, entry: Entry) -> str:
    address = entry.address
    while address:
        address = address.rpartition("/")[0]
        above = tracker.index.entry(layout.document_path(DocType.CONTAINER, address))
        if above and above.document_fields().get("archived"):
            break
    return address or "."


def _change(operation: str, entries: Sequence[Entry], edits: Sequence[FileEdit]) -> Change:
    word = {"purge": "purged", "archive": "archived", "restore": "restored"}[operation]
    names = entries[0].address if len(entries) == 1 else f"{len(entries)} documents"
    return Change(operation, tuple(entry.id for entry in entries), f"{names}: {word}", tuple(edits))
