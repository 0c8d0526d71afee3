"""The three texts of a file - HEAD's, the index's, the working one - and what an edit makes of each.

A person's uncommitted edits stay as staged or unstaged as they were: the edit is applied to each text by itself, and
refused where that has no right answer.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git import read
from wrkq_files.git.repo import blob_id
from wrkq_files.git.write import UNCHANGED, FileWrite
from wrkq_files.model import layout
from wrkq_files.model.rules import ERROR
from wrkq_files.service import refusals
from wrkq_files.service.change import FileEdit
from wrkq_files.service.tracker import Tracker


class Texts(NamedTuple):
    """One file as HEAD, the index and the working tree have it; None where it is absent."""

    head: bytes | None
    staged: bytes | None
    work: bytes | None


ABSENT: Final = Texts(None, None, None)


def working_writes(tracker: Tracker, edits: Sequence[FileEdit]) -> list[FileWrite]:
    """The edits applied to the working files alone."""
    arrivals = _arrivals(edits)
    _check_visible(tracker, arrivals)
    writes: dict[str, FileWrite] = {}
    for edit in edits:
        old = tracker.read(edit.path) if edit.path else None
        new = _applied(tracker, edit, old, old)
        if edit.path and edit.path != edit.to:
            writes.setdefault(edit.path, _write_work(tracker, edit.path, None, old))
        if edit.to and (new != old or edit.path != edit.to):
            before = old if edit.path == edit.to else tracker.read(edit.to)
            if edit.to in arrivals:
                _check_no_file(edit.to, before)
            writes[edit.to] = _write_work(tracker, edit.to, new, before)
    return list(writes.values())


def branch_writes(tracker: Tracker, edits: Sequence[FileEdit]) -> list[FileWrite]:
    """The edits applied to what a branch has that is not checked out."""
    found = working_writes(tracker, edits)
    return [FileWrite(each.path, head=each.work, staged=UNCHANGED, work=UNCHANGED) for each in found]


def committed_writes(tracker: Tracker, edits: Sequence[FileEdit], *, with_edits: bool) -> list[FileWrite]:
    """The edits applied to all three texts. Raises WrkqError ``dirty_file`` where one of them is in the way."""
    arrivals = _arrivals(edits)
    _check_visible(tracker, arrivals)
    texts = _texts(tracker, [path for edit in edits for path in (edit.path, edit.to) if path])
    for path in arrivals:
        _check_free(path, texts[path], with_edits=with_edits)
    writes: dict[str, FileWrite] = {}
    for edit in edits:
        old = texts[edit.path] if edit.path else ABSENT
        new = _applied_to_each(tracker, edit, old, with_edits=with_edits)
        if edit.path and edit.path != edit.to:
            writes.setdefault(edit.path, _write(tracker, edit.path, None, old))
        # With a file's edits, too, it is the request that must change something: else there is nothing to commit.
        changes = new.work != old.work if with_edits else new != old
        if edit.to and (changes or edit.path != edit.to):
            writes[edit.to] = _write(tracker, edit.to, new, texts[edit.to])
    return list(writes.values())


def _arrivals(edits: Sequence[FileEdit]) -> dict[str, None]:
    """Where a file comes to be and none was; where another one leaves in the same change, one was."""
    left = {edit.path for edit in edits if edit.path != edit.to}
    return {edit.to: None for edit in edits if edit.to and edit.to != edit.path and edit.to not in left}


def _check_no_file(path: str, work: bytes | None) -> None:
    if work is not None:
        raise WrkqError("exists", f"{path}: there is a file of that name already", hint="choose another name")


def _check_free(path: str, texts: Texts, *, with_edits: bool) -> None:
    _check_no_file(path, texts.work)
    if not with_edits and (texts.head, texts.staged) != (None, None):
        raise _dirty(path, "a file of that name was there, and its removal is not committed")


def _check_visible(tracker: Tracker, paths: Collection[str]) -> None:
    """Refuses to put a new file where a sparse checkout keeps another one out of sight."""
    if not paths or tracker.ref or not (tracker.repo.git_dir / "info" / "sparse-checkout").exists():
        return
    from wrkq_files.git import gitindex

    names = {tracker.repository_path(path): path for path in paths}
    entries = gitindex.entries(gitindex.ask_entries(tracker.repo, names).wait(), names)
    for name, path in names.items():
        if name in entries and "S" in entries[name].flags:
            raise WrkqError(
                "exists",
                f"{path}: a file of that name is kept out of this worktree by its sparse checkout",
                hint=f"git sparse-checkout add {name.rpartition('/')[0]}, or choose another name",
            )


def _write(tracker: Tracker, path: str, new: Texts | None, old: Texts) -> FileWrite:
    """A write of all three texts; they are written only while the file and the index are as they were read."""
    new = new or ABSENT
    return FileWrite(
        tracker.repository_path(path),
        head=UNCHANGED if new.head == old.head else new.head,
        staged=new.staged,
        work=new.work,
        work_old=old.work,
        staged_old=old.staged,
    )


def _write_work(tracker: Tracker, path: str, new: bytes | None, old: bytes | None) -> FileWrite:
    return FileWrite(tracker.repository_path(path), head=UNCHANGED, staged=UNCHANGED, work=new, work_old=old)


def _texts(tracker: Tracker, paths: Sequence[str]) -> dict[str, Texts]:
    names = {path: tracker.repository_path(path) for path in dict.fromkeys(paths)}
    blobs = read.blobs(tracker.repo, [f"{rev}:{name}" for name in names.values() for rev in ("HEAD", "")])
    return {path: Texts(blobs[f"HEAD:{name}"], blobs[f":{name}"], tracker.read(path)) for path, name in names.items()}


def _applied_to_each(tracker: Tracker, edit: FileEdit, old: Texts, *, with_edits: bool) -> Texts:
    if edit.path is None:
        new = _applied(tracker, edit, None, None)
        return Texts(new, new, new)
    if with_edits:
        new = _applied(tracker, edit, old.work, old.work)
        return Texts(new, new, new)
    if _is_clean(tracker, edit.path, old):
        return Texts(*(_applied(tracker, edit, text, old.work) for text in (old.head, old.staged, old.work)))
    _check_mergeable(tracker, edit, old)
    try:
        return Texts(*(_applied(tracker, edit, text, text) for text in (old.head, old.staged, old.work)))
    except WrkqError as error:
        raise _dirty(edit.path, f"the change does not fit its committed text ({error.message})") from error


def _applied(tracker: Tracker, edit: FileEdit, text: bytes | None, before: bytes | None) -> bytes | None:
    if edit.to is None:
        return None
    new = edit.apply(text or b"")
    if new != text:
        _validate(tracker, edit, before, new)
    return new


def _validate(tracker: Tracker, edit: FileEdit, old: bytes | None, new: bytes) -> None:
    """Refuses an edit after which the file has an error that it had not before."""
    kind = layout.type_of(edit.to or "")
    if kind is None or edit.to is None:
        return
    known = {(f.rule, f.message) for f in tracker.parse(old, kind, edit.to).findings} if old else set()
    for finding in tracker.parse(new, kind, edit.to).findings:
        if finding.severity == ERROR and (finding.rule, finding.message) not in known:
            raise refusals.by_findings([finding])


def _is_clean(tracker: Tracker, path: str, texts: Texts) -> bool:
    """Whether nothing is uncommitted, line ends that git itself converts left out of account."""
    if texts.head is None or texts.staged != texts.head or texts.work is None:
        return False
    if texts.work == texts.head:
        return True
    name = tracker.repository_path(path)
    return read.clean_id(tracker.repo, name, texts.work) == blob_id(texts.head, tracker.repo.object_format)


def _check_mergeable(tracker: Tracker, edit: FileEdit, old: Texts) -> None:
    path = edit.path or ""
    if old.head is None or old.staged is None:
        raise _dirty(path, "it is not committed yet")
    if edit.to is None:
        raise _dirty(path, "it has uncommitted edits, which would be lost")
    theirs = _changed(tracker, path, old.head, old.work) | _changed(tracker, path, old.head, old.staged)
    mine = edit.touches & theirs
    if mine:
        raise _dirty(path, f"its uncommitted edits change {', '.join(sorted(mine))} too")


def _changed(tracker: Tracker, path: str, old: bytes, new: bytes | None) -> set[str]:
    """The names of the fields (``body`` for the text) in which two texts differ. Raises where one is unreadable."""
    kind = layout.type_of(path)
    if old == new:
        return set()
    if kind is None or new is None:
        return {"body"}
    before, after = (tracker.parse(text, kind, path).document for text in (old, new))
    if before is None or after is None:
        raise _dirty(path, "its committed or its present text cannot be read")
    names = {name for name in {*before.fields, *after.fields} if before.get(name) != after.get(name)}
    return names | ({"body"} if before.body != after.body else set())


def _dirty(path: str, reason: str) -> WrkqError:
    return WrkqError(
        "dirty_file",
        f"{path}: {reason}",
        hint="take its edits along (--with-edits), commit them first (wrkq commit), or do not commit (--no-commit)",
        details={"path": path},
    )
