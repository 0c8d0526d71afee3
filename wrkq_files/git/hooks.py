"""Where git looks for a repository's hooks, and changing the files there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git.lock import read_only
from wrkq_files.git.run import git

if TYPE_CHECKING:
    from wrkq_files.git.repo import Repo


class Hooks(NamedTuple):
    """The folder whose files are to be changed; ``top`` is the worktree's.

    ``husky``: git runs the files of husky's ``_`` folder, which run these with ``sh``, executable or not.
    ``shared``: it lies outside of the repository, so that other repositories may run the same files. ``tracked``: it
    lies in the worktree, so that its files are committed and come to everybody.
    """

    top: Path
    folder: Path
    husky: bool = False
    shared: bool = False
    tracked: bool = False


class HookFile(NamedTuple):
    """What stands under a hook's name. ``data`` None: a symbolic link or a folder, never written through."""

    data: bytes | None
    mode: int

    @property
    def executable(self) -> bool:
        return bool(self.mode & 0o111)


def hooks(repo: Repo) -> Hooks:
    """As ``git rev-parse --git-path hooks`` says, for a git that our own calls do not forbid all hooks.

    Raises WrkqError ``refused`` where ``core.hooksPath`` names no folder (``/dev/null`` turns hooks off).
    """
    # The last value is the one of our own command line (run.py).
    values = git(repo, "config", "--type=path", "-z", "--get-all", "core.hooksPath").split(b"\0")[:-2]
    if not values:
        return Hooks(repo.top, repo.common_dir / "hooks")
    named = os.fsdecode(values[-1])
    folder = Path(os.path.normpath(repo.top / named))
    if not named or (folder.exists() and not folder.is_dir()):
        raise WrkqError(
            "refused",
            f"core.hooksPath is {named or 'empty'}, which turns all hooks off",
            hint="git config --show-origin core.hooksPath says where; git config --unset core.hooksPath",
        )
    inside = repo.top.resolve()
    husky = folder.name == "_" and (folder.parent.name == ".husky" or (folder / "h").is_file())
    folder = folder.parent if husky else folder
    place = folder.resolve()
    own = [inside, repo.common_dir.resolve(), _main_worktree(repo)]
    return Hooks(
        repo.top,
        folder,
        husky=husky,
        shared=not any(place.is_relative_to(each) for each in own),
        tracked=place.is_relative_to(inside) and not place.is_relative_to(repo.git_dir.resolve()),
    )


def look(path: Path) -> HookFile | None:
    """What stands there; None where nothing does, not even a link that leads nowhere."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return None
    return HookFile(path.read_bytes() if stat.S_ISREG(mode) else None, mode)


def write(path: Path, data: bytes, mode: int) -> None:
    """Put a whole file in place, with these permissions. Raises WrkqError ``io``."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.wrkq")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(data)
        draft.chmod(stat.S_IMODE(mode))
        draft.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise _refused(path, error) from error


def rename(old: Path, new: Path) -> None:
    """Give a file, or a link itself, another name. Raises WrkqError ``exists``, ``io``."""
    try:
        if os.path.lexists(new):
            raise WrkqError("exists", f"{new} is there already", hint="move it away, and try again")
        old.rename(new)
    except OSError as error:
        raise _refused(old, error) from error


def remove(path: Path) -> None:
    try:
        path.unlink()
    except OSError as error:
        raise _refused(path, error) from error


def _main_worktree(repo: Repo) -> Path:
    """The folder that holds ``.git``, where linked worktrees take their relative files from too."""
    common = repo.common_dir.resolve()
    return common.parent if common.name == ".git" else common


def _refused(path: Path, error: OSError) -> WrkqError:
    hint = f"make it writable: chmod u+w {path.parent}; wrkq hooks status shows what is there"
    return read_only(path, error, hint)
