"""Putting working files in place, whole or not at all, and taking them back."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from wrkq_files.errors import WrkqError

if TYPE_CHECKING:
    from wrkq_files.git.repo import Repo


class Placement(NamedTuple):
    """One working file's change. Digests are SHA-256 of the bytes, ``None`` where there is no file.

    ``staged`` holds the new bytes until they are moved into place, ``backup`` is a second name of the old file.
    """

    path: str
    staged: str
    backup: str
    old: str | None
    new: str | None


def digest(data: bytes | None) -> str | None:
    return None if data is None else hashlib.sha256(data).hexdigest()


def check_path(path: str) -> None:
    """Refuse a repository path that could lead out of the worktree or into ``.git``."""
    parts = path.split("/")
    if not path or "\0" in path or any(part in ("", ".", "..") or part.lower() == ".git" for part in parts):
        raise WrkqError("refused", f"{path!r}: not a path inside the repository")


def check_target(repo: Repo, path: str, seen: set[str]) -> None:
    """Refuse what is not a plain file, and any symbolic link on the way. ``seen``: folders found sound already."""
    target = repo.top / path
    for folder in target.parents:
        if folder == repo.top or str(folder) in seen:
            break
        seen.add(str(folder))
        if folder.is_symlink():
            raise WrkqError("refused", f"{path}: {folder.name} is a symbolic link; they are not followed")
        if folder.exists() and not folder.is_dir():
            raise WrkqError("conflict", f"{path}: {folder.name} is a file, not a folder")
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        if not stat.S_ISREG(os.lstat(target).st_mode):
            raise WrkqError("refused", f"{path}: not a plain file (a folder, a symbolic link or a device)")


def near(folder: Path, txn: Path) -> Path:
    """Where temporary names for files of ``folder`` go: ours in the git folder, or the nearest on its file system."""
    while not folder.exists():
        folder = folder.parent
    return txn if folder.stat().st_dev == txn.stat().st_dev else folder


def stage(repo: Repo, placement: Placement, data: bytes, mode: str) -> None:
    """Write the new bytes aside, with the permissions the file has (a new one: the umask's, and x where git says)."""
    handle = os.open(placement.staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o777 if mode == "100755" else 0o666)
    with open(handle, "wb") as file:
        file.write(data)
        with contextlib.suppress(FileNotFoundError):
            os.fchmod(handle, stat.S_IMODE(os.lstat(repo.top / placement.path).st_mode))


def secure(repo: Repo, placement: Placement) -> None:
    """Keep the old file under a second name; ``conflict`` when it is not what the caller read."""
    target = repo.top / placement.path
    with contextlib.suppress(FileNotFoundError):
        try:
            os.link(target, placement.backup)
        except FileNotFoundError:
            raise
        except OSError:
            shutil.copy2(target, placement.backup)
    if _digest_of(placement.backup) != placement.old:
        raise changed(placement.path)


def place(repo: Repo, placement: Placement) -> None:
    """Move the new file into place, or remove the old one and the folders that leaves empty."""
    target = repo.top / placement.path
    if placement.new is None:
        target.unlink(missing_ok=True)
        prune(repo, target.parent)
    elif placement.old is None:
        _create(placement, target)
    else:
        os.replace(placement.staged, target)  # noqa: PTH105 (names, not paths, come from the journal)


def undo(repo: Repo, placement: Placement) -> bool:
    """Take one change back, if the file is still as we left it; whether it was."""
    target = repo.top / placement.path
    if placement.old == placement.new or _digest_of(str(target)) != placement.new:
        return False
    if placement.old is None:
        target.unlink()
        prune(repo, target.parent)
    elif Path(placement.backup).exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        Path(placement.backup).replace(target)
    else:
        return False
    return True


def redo(repo: Repo, placement: Placement) -> bool:
    """Make one change that had not been made, if the file is still as it was; whether it was."""
    if placement.old == placement.new or _digest_of(str(repo.top / placement.path)) != placement.old:
        return False
    if placement.new is not None and not Path(placement.staged).exists():
        return False
    place(repo, placement)
    return True


def is_made(repo: Repo, placement: Placement) -> bool:
    """Whether the working file is what this change makes it."""
    return _digest_of(str(repo.top / placement.path)) == placement.new


def prune(repo: Repo, folder: Path) -> None:
    """Remove ``folder`` and those above it while they are empty, as git does."""
    with contextlib.suppress(OSError):
        while folder != repo.top:
            folder.rmdir()
            folder = folder.parent


def changed(path: str) -> WrkqError:
    return WrkqError("conflict", f"{path}: changed while it was being written", hint="nothing was changed; try again")


def _create(placement: Placement, target: Path) -> None:
    """Never over a file that appeared in between: a link fails there, a rename would not."""
    staged = Path(placement.staged)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(staged, target)
        staged.unlink()  # now: it changes the file's ctime, which git's index and ours are about to note
    except FileExistsError:
        raise changed(placement.path) from None
    except OSError:
        if os.path.lexists(target):
            raise changed(placement.path) from None
        staged.rename(target)


def _digest_of(path: str) -> str | None:
    try:
        return digest(Path(path).read_bytes())
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
