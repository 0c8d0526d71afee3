"""What a writer was about to do, and mending what a killed one left.

Everything a write keeps aside lives in ``<git_dir>/wrkq/txn/``. The folder is there only while somebody writes, so
that "nothing to mend" is one ``stat``. The worktree lock is held by whoever calls anything here, so a folder that is
found has a dead owner.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from wrkq_files.git import gitindex, place
from wrkq_files.git.lock import own_folder, read_only
from wrkq_files.git.run import succeeds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wrkq_files.git.place import Placement
    from wrkq_files.git.repo import Repo


class Recovery(NamedTuple):
    """What was mended: ``action`` is ``forward``, ``back`` or ``cleaned``; ``words`` is a line for a person."""

    action: str
    paths: tuple[str, ...]
    words: str


class Journal(NamedTuple):
    """A write's plan, kept until it is over.

    ``commit`` is empty for a write of files only, ``head`` is the ref that moves; ``tree`` and ``entries`` hold by
    path the entry (mode, blob id) the commit and the index get, ``before`` the index's old one. ``temps`` are
    temporary files outside the transaction's folder, written down before they are made.
    """

    commit: str = ""
    parent: str = ""
    head: str = ""
    tree: Mapping[str, tuple[str, str] | None] = {}
    entries: Mapping[str, tuple[str, str] | None] = {}
    before: Mapping[str, tuple[str, str] | None] = {}
    work: tuple[Placement, ...] = ()
    temps: tuple[str, ...] = ()


def folder(repo: Repo) -> Path:
    return repo.git_dir / "wrkq" / "txn"


def begin(repo: Repo) -> Path:
    """Make the transaction's folder."""
    own_folder(repo)
    path = folder(repo)
    try:
        path.mkdir()
    except OSError as error:
        raise read_only(path, error) from error
    return path


def save(repo: Repo, journal: Journal) -> None:
    """Write the journal, whole or not at all."""
    import json

    draft = folder(repo) / "journal.new"
    fields = journal._asdict()
    draft.write_text(json.dumps(fields), "utf-8")
    draft.replace(folder(repo) / "journal")


def end(repo: Repo, journal: Journal) -> None:
    """The write is over: forget the plan first, then what it kept aside."""
    (folder(repo) / "journal").unlink(missing_ok=True)
    clean(repo, journal)


def clean(repo: Repo, journal: Journal) -> None:
    """Remove what a write kept aside."""
    for name in journal.temps:
        Path(name).unlink(missing_ok=True)
    # A git of a killed writer may still be writing its index copy here; the next write removes that.
    with contextlib.suppress(OSError):
        shutil.rmtree(folder(repo))


def recover(repo: Repo, timeout: float = 10) -> Recovery | None:
    """Finish or undo what a dead writer left; ``None`` when there was nothing. Held: the worktree lock.

    A commit that HEAD holds is finished (its index entries, where nobody changed them since), any other is undone
    (the files, where nobody changed them since). Raises ``busy`` when a person's git keeps the index locked.
    """
    if not folder(repo).exists():
        return None
    journal = _load(repo)
    unlocked = gitindex.remove_our_lock(repo)
    if journal is None or not (journal.work or journal.entries or journal.commit):
        clean(repo, journal or Journal())
        words = "removed git's index.lock and temporary files" if unlocked else "removed temporary files"
        return Recovery("cleaned", (), f"{words} that a killed command left; nothing had been written")
    found = _mend(repo, journal, timeout)
    end(repo, journal)
    return found


def _load(repo: Repo) -> Journal | None:
    import json

    try:
        raw = json.loads((folder(repo) / "journal").read_text("utf-8"))
        raw["work"] = tuple(place.Placement(*one) for one in raw["work"])
        for name in ("tree", "entries", "before"):
            raw[name] = {path: tuple(entry) if entry else None for path, entry in raw[name].items()}
        return Journal(**raw)
    except (OSError, ValueError, KeyError, TypeError):
        return None  # not written yet, or torn by a power cut: then nothing had been made visible


def _mend(repo: Repo, journal: Journal, timeout: float) -> Recovery:
    _remove_ref_locks(repo, journal)
    if journal.commit and journal.head != (repo.branch() or ""):
        return Recovery("cleaned", (), "a killed command's leftovers were removed; HEAD is on another branch now")
    if _in_head(repo, journal):
        paths = [one.path for one in journal.work if place.redo(repo, one)]
        paths += _finish_index(repo, journal, timeout)
        return Recovery("forward", tuple(dict.fromkeys(paths)), "finished what a killed command had begun")
    if _adopted(repo, journal):
        paths = [one.path for one in journal.work if place.redo(repo, one)]
        return Recovery(
            "forward", tuple(paths), "finished what a killed command had begun: its files have been added"
        )
    paths = [one.path for one in reversed(journal.work) if place.undo(repo, one)]
    return Recovery("back", tuple(paths), "undid what a killed command had not finished")


def _in_head(repo: Repo, journal: Journal) -> bool:
    head = repo.head()
    if not journal.commit or not head:
        return False
    return journal.commit == head or succeeds(repo, "merge-base", "--is-ancestor", journal.commit, head)


def _adopted(repo: Repo, journal: Journal) -> bool:
    """Whether somebody has added one of the new files since: taking it back would revert what they mean to commit."""
    from wrkq_files.git.read import clean_id

    made = [one.path for one in journal.work if one.new and one.new != one.old]
    if not made:
        return False
    entries = gitindex.entries(_entries(repo, made), made)
    for one in journal.work:
        entry = entries.get(one.path)
        if not entry or _pair(entry) == journal.before.get(one.path) or not place.is_made(repo, one):
            continue
        if entry.oid == clean_id(repo, one.path, (repo.top / one.path).read_bytes()):
            return True
    return False


def _entries(repo: Repo, paths: list[str]) -> bytes:
    return gitindex.ask_entries(repo, paths).wait()


def _finish_index(repo: Repo, journal: Journal, timeout: float) -> list[str]:
    """Set the index entries that are still as the dead writer saw them."""
    if not journal.entries:
        return []
    mark = folder(repo) / "mark"
    mark.unlink(missing_ok=True)
    gitindex.take_lock(repo, mark, timeout)
    try:
        now = gitindex.entries(_entries(repo, list(journal.entries)), journal.entries)
        changes = {path: new for path, new in journal.entries.items() if _pair(now.get(path)) == journal.before[path]}
        changes = {path: new for path, new in changes.items() if new != journal.before[path]}
        if changes:
            copy = folder(repo) / f"index.{os.getpid()}.again"
            zero = "0" * len(journal.commit)
            gitindex.start_copy(repo, copy, changes, zero).wait()
            gitindex.keep_flags(repo, copy, now, changes)
            gitindex.put(repo, copy)
    finally:
        gitindex.remove_our_lock(repo)
    return list(changes)


def _pair(entry: gitindex.Entry | None) -> tuple[str, str] | None:
    return (entry.mode, entry.oid) if entry else None


def _remove_ref_locks(repo: Repo, journal: Journal) -> None:
    """Remove the ref locks of a ``git update-ref`` of ours that was killed too.

    git writes the new id into the branch's lock; one with another id is a person's. An empty one (HEAD's always is)
    tells nothing, but a living git holds it for milliseconds: it is ours when it does not go away.
    """
    if not journal.commit:
        return
    locks = [repo.git_dir / "HEAD.lock"]
    if journal.head:
        locks.append(repo.common_dir / "refs" / "heads" / f"{journal.head}.lock")
    for lock in locks:
        first = _seen(lock)
        if first is None or first[1].strip() not in (b"", journal.commit.encode()):
            continue
        if not first[1].strip():
            time.sleep(1)
        if _seen(lock) == first:
            lock.unlink(missing_ok=True)


def _seen(lock: Path) -> tuple[int, bytes] | None:
    try:
        return lock.stat().st_ino, lock.read_bytes()
    except OSError:
        return None
