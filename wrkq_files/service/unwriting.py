"""Taking back what the tool wrote and nobody has committed, where the files are as it left them."""

from __future__ import annotations

from collections.abc import Sequence

from wrkq_files.errors import WrkqError
from wrkq_files.git.batch import Blobs
from wrkq_files.model import ids
from wrkq_files.service import pending
from wrkq_files.service.change import Change, FileEdit, Options, Transform, Written
from wrkq_files.service.pending import Record
from wrkq_files.service.publish import carry_out
from wrkq_files.service.tracker import Tracker

OPERATION = "undo"


def last(tracker: Tracker, actor: str) -> list[Record]:
    """What an actor wrote last, at once, that is neither committed nor taken back; empty for nothing."""
    if tracker.ref:  # all that is written to a branch is committed
        return []
    mine = [each for each in pending.uncommitted(tracker.repo) if each.operation.actor == actor]
    back = 0
    while mine:
        together = [each for each in mine if each.together == mine[-1].together] if mine[-1].together else mine[-1:]
        mine = mine[: -len(together)]
        if together[0].operation.operation == OPERATION:
            back += 1
        elif back:
            back -= 1
        else:
            return together
    return []


def unwrite(tracker: Tracker, records: Sequence[Record], options: Options) -> Written:
    """Makes the files what they were before. Raises WrkqError ``conflict`` where one was changed since."""

    def plan() -> Change:
        edits = _edits(tracker, records)
        named = [each for record in records for each in record.operation.ids if ids.is_id(each)]
        what = " and ".join(dict.fromkeys(record.operation.operation for record in records))
        return Change(OPERATION, tuple(dict.fromkeys(named)), f"undo {what}, which was not committed", tuple(edits))

    return carry_out(tracker, plan, options._replace(commit=False))


def _edits(tracker: Tracker, records: Sequence[Record]) -> list[FileEdit]:
    after = {name: blob for record in records for name, blob in record.files.items()}
    before: dict[str, str | None] = {}
    for record in records:
        for name, blob in record.before.items():
            before.setdefault(name, blob)
    cut = len(tracker.prefix) + 1 if tracker.prefix else 0
    edits = []
    with Blobs(tracker.repo) as blobs:
        for name, blob in after.items():
            path = name[cut:]
            if not pending.is_work(tracker.repo, name, blob):
                message = f"{path} was changed since, and is not committed"
                hint = "wrkq diff shows it; commit it, or change it by hand"
                raise WrkqError("conflict", message, hint=hint, details={"path": path})
            edits.append(_back(path, before.get(name), blob is None, blobs))
    return edits


def _back(path: str, old: str | None, is_gone: bool, blobs: Blobs) -> FileEdit:
    if old is None:
        return FileEdit.delete(path)
    data = blobs.one(old)
    if data is None:
        raise WrkqError("not_found", f"{path}: git no longer has what it was", hint="change it by hand")
    return FileEdit.create(path, data) if is_gone else FileEdit.modify(path, _become(data), ())


def _become(data: bytes) -> Transform:
    return lambda _: data
