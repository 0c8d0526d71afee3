"""git's index: its lock, its entries, and replacing some of them in a copy."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git.lock import backoff
from wrkq_files.git.run import Running, git, nul, start

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from wrkq_files.git.repo import Repo

#: How an index.lock of ours begins; git's own holds the start of an index (``DIRC``) or nothing.
MARK = b"wrkq "
#: More paths than this are not asked for by name: the command line has an end.
_MANY = 500
#: In a sparse index git 2.39's ``--index-info`` adds the file beside its collapsed folder, and the old one stays.
_EXPAND = ("-c", "index.sparse=false")


class Entry(NamedTuple):
    """An index entry. ``flags``: ``S`` skip-worktree (sparse checkout), ``a`` assume-unchanged."""

    mode: str
    oid: str
    flags: str = ""


#: Path to (mode, blob id), ``None``: no such entry.
Changes = dict[str, tuple[str, str] | None]


def index_path(repo: Repo) -> Path:
    """The worktree's own index, whatever ``GIT_INDEX_FILE`` says: in a hook that is a commit's temporary one."""
    return repo.git_dir / "index"


def lock_path(repo: Repo) -> Path:
    return repo.git_dir / "index.lock"


def take_lock(repo: Repo, mark: Path, timeout: float) -> None:
    """Make ``index.lock``, so that git itself changes no entry; ``busy`` when somebody keeps it for ``timeout``.

    ``mark`` is a file of ours on the same file system. Linking it is atomic with its content, so a lock that a
    killed writer left can always be told from a person's. Held: our worktree lock.
    """
    mark.write_bytes(b"%s%d %s\n" % (MARK, os.getpid(), os.fsencode(os.uname().nodename)))
    began = time.monotonic()
    while not _link(mark, lock_path(repo)):
        remove_our_lock(repo)  # a writer of ours that holds it would also hold the worktree lock
        waited = time.monotonic() - began
        if waited >= timeout:
            raise _busy(lock_path(repo), timeout)
        backoff(waited)


def remove_our_lock(repo: Repo) -> bool:
    """Remove ``index.lock`` if it is one of ours; a person's stays."""
    try:
        with lock_path(repo).open("rb") as file:
            ours = file.read(len(MARK)) == MARK
    except OSError:
        return False
    if ours:
        lock_path(repo).unlink(missing_ok=True)
    return ours


def ask_entries(repo: Repo, paths: Collection[str]) -> Running:
    """Start reading the index entries at ``paths``; read by :func:`entries`."""
    names = list(paths) if len(paths) <= _MANY else []
    return start(repo, "ls-files", "-s", "-v", "-z", "--", *names, env=_with(index_path(repo)))


def entries(answer: bytes, paths: Collection[str]) -> dict[str, Entry]:
    """The entries by path; ``conflict`` when one of them is unmerged."""
    wanted, found = set(paths), {}
    for row in os.fsdecode(answer).split("\0"):
        head, _, path = row.partition("\t")
        if path not in wanted:
            continue
        tag, mode, oid, stage = head.split(" ")
        if stage != "0":
            raise WrkqError(
                "conflict", f"{path}: has an unresolved merge conflict", hint="resolve it, then `git add` it"
            )
        found[path] = Entry(mode, oid, ("S" if tag in "Ss" else "") + ("a" if tag.islower() else ""))
    return found


def start_copy(repo: Repo, copy: Path, changes: Changes, zero: str) -> Running:
    """Start making ``copy``: the index with ``changes`` and nothing else different."""
    with contextlib.suppress(FileNotFoundError):
        _same_file(index_path(repo), copy)
    rows = [f"0 {zero}\t{path}" for path, entry in changes.items() if entry is None]
    rows += [f"{entry[0]} {entry[1]}\t{path}" for path, entry in changes.items() if entry]
    return start(repo, *_EXPAND, "update-index", "-z", "--index-info", input=nul(rows), env=_with(copy))


def with_modes(changes: Changes, before: Mapping[str, Entry]) -> Changes:
    """The changes with the modes the index has: a staged ``chmod +x`` stays staged."""
    return {
        path: (before[path].mode, entry[1]) if entry and path in before else entry for path, entry in changes.items()
    }


def keep_flags(repo: Repo, copy: Path, before: Mapping[str, Entry], changes: Changes) -> None:
    """Give replaced entries their flags again: ``--index-info`` clears skip-worktree (and so does pygit2)."""
    for flag, option in (("S", "--skip-worktree"), ("a", "--assume-unchanged")):
        paths = [path for path, entry in before.items() if flag in entry.flags and changes.get(path)]
        if paths:
            git(repo, *_EXPAND, "update-index", "-z", option, "--stdin", input=nul(paths), env=_with(copy))


def refresh(repo: Repo, copy: Path) -> None:
    """Have git note the working files' times in the copy; ``--index-info`` leaves them zero."""
    git(repo, *_EXPAND, "update-index", "-q", "--refresh", env=_with(copy), check=False)  # 1: a file is modified


def put(repo: Repo, copy: Path) -> None:
    """Put the copy in the index's place. The lock stays until :func:`remove_our_lock`, so nobody is between."""
    copy.replace(index_path(repo))


def _same_file(source: Path, target: Path) -> None:
    """A second name for the file: git replaces an index, it never writes into one.

    A copy keeps the time: by it git knows which entries may have changed in the same tick ("racily clean").
    """
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copy2(source, target)


def _link(mark: Path, lock: Path) -> bool:
    try:
        os.link(mark, lock)
    except FileExistsError:
        return False
    except OSError:
        return _create(mark, lock)  # a file system without hard links
    return True


def _create(mark: Path, lock: Path) -> bool:
    try:
        with lock.open("xb") as file:
            file.write(mark.read_bytes())
    except FileExistsError:
        return False
    return True


def _with(index: Path) -> dict[str, str]:
    return {"GIT_INDEX_FILE": str(index)}


def _busy(lock: Path, timeout: float) -> WrkqError:
    return WrkqError(
        "busy",
        f"git's index is locked by another process (waited {timeout:g} s)",
        hint=f"finish the git command that is open (an editor in `git commit`?); if none is running, remove {lock}",
        details={"lock": str(lock)},
    )
