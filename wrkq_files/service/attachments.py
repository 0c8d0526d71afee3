"""Attachments: files that belong to a document, kept by its id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from wrkq_files.errors import WrkqError
from wrkq_files.index.entry import Entry
from wrkq_files.model import layout
from wrkq_files.service import resolve
from wrkq_files.service.attached import Attachment, of
from wrkq_files.service.change import Change, FileEdit, Options, Written
from wrkq_files.service.comments import TARGETS
from wrkq_files.service.publish import carry_out
from wrkq_files.service.tracker import Tracker
from wrkq_files.service.update import check_document, check_match, written_ids

#: Git keeps every version of a large file for ever, and hosts refuse files over 100 MB.
MAX_BYTES: Final = 50 * 1024 * 1024
_MAX_NAME: Final = 200


def put(tracker: Tracker, target: str, name: str, content: bytes, options: Options) -> Written:
    """Attaches a file. Raises ``exists`` for another one of that name unless ``force``, ``limit`` over 50 MiB."""

    def plan() -> Change:
        check_name(name)
        if len(content) > MAX_BYTES:
            raise WrkqError("limit", f"{name} has {len(content)} bytes; at most {MAX_BYTES} are kept in git")
        entry = check_document(resolve.one(tracker, target, TARGETS))
        check_match(entry, options)
        path = f"{layout.attachment_folder(entry.id)}/{name}"
        old = tracker.read(path)
        _check_case(tracker, entry, name)
        if old is not None and old != content and not options.force:
            raise WrkqError("exists", f"{entry.address} has another attachment {name}", hint="--force replaces it")
        create = FileEdit.create(path, content)
        files = [create if old is None else FileEdit.modify(path, lambda _: content, {"body"}), *written_ids([entry])]
        row = {"id": entry.id, "name": name, "path": path, "size": len(content)}
        return Change("attach", (entry.id,), f"{entry.address}: {name} attached", tuple(files), data=row)

    return carry_out(tracker, plan, options)


def ls(tracker: Tracker, target: str) -> list[Attachment]:
    """The attachments of a document, by name."""
    return of(tracker, resolve.one(tracker, target, TARGETS))


def get(tracker: Tracker, target: str, name: str) -> bytes:
    """The content of an attachment. Raises ``not_found``."""
    entry = resolve.one(tracker, target, TARGETS)
    data = tracker.read(_existing(tracker, entry, name).path)
    if data is None:
        raise _missing(entry, name, [])
    return data


def rm(tracker: Tracker, target: str, name: str, options: Options) -> Written:
    """Deletes an attachment's file; git's history keeps it."""

    def plan() -> Change:
        entry = resolve.one(tracker, target, TARGETS)
        found = _existing(tracker, entry, name)
        subject = f"{entry.address}: {name} removed"
        return Change("attach-rm", (entry.id,), subject, (FileEdit.delete(found.path),), data={"name": name})

    return carry_out(tracker, plan, options)


def check_name(name: str) -> None:
    """Raises ``validation`` for a name that could leave its folder, hide, or confuse a terminal."""
    bad = not name or name.startswith((".", "-")) or "/" in name or "\\" in name or not name.isprintable()
    if bad or len(name.encode()) > _MAX_NAME:
        raise WrkqError(
            "validation",
            f"{name[:80]!r} cannot be an attachment's name",
            hint="a plain file name: no folders, no leading `.` or `-`, at most 200 bytes; --name gives another",
        )


def _check_case(tracker: Tracker, entry: Entry, name: str) -> None:
    for each in of(tracker, entry):
        if each.name != name and each.name.casefold() == name.casefold():
            raise WrkqError("exists", f"{entry.address} has an attachment {each.name}: one file on some systems")


def _existing(tracker: Tracker, entry: Entry, name: str) -> Attachment:
    found = of(tracker, entry)
    for each in found:
        if each.name == name:
            return each
    raise _missing(entry, name, found)


def _missing(entry: Entry, name: str, found: Sequence[Attachment]) -> WrkqError:
    names = ", ".join(each.name for each in found) or "none"
    return WrkqError("not_found", f"{entry.address} has no attachment `{name}`", hint=f"there are: {names}")
