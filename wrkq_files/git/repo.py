"""Where a repository is, and what HEAD says, without starting git where plain files tell."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

from wrkq_files.errors import WrkqError

#: How many symbolic refs may follow each other, as in git.
_LINKS = 5
_OID = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class Repo(NamedTuple):
    """A worktree. ``git_dir`` is its own (``HEAD``, ``index``), ``common_dir`` is shared by linked worktrees.

    ``explicit``: found through ``GIT_DIR``; git is then told both folders on every call.
    """

    top: Path
    git_dir: Path
    common_dir: Path
    explicit: bool = False

    @property
    def object_format(self) -> str:
        """``sha1`` or ``sha256``."""
        match = re.search(r"^\s*objectformat\s*=\s*\"?(\w+)", _config(self.common_dir), re.MULTILINE | re.IGNORECASE)
        return match[1].lower() if match else "sha1"

    @property
    def is_bare(self) -> bool:
        """Whether there is no worktree: see :func:`discover_any`."""
        return self.top == self.git_dir

    def head(self) -> str | None:
        """The commit id HEAD stands for, ``None`` when the branch is unborn."""
        data = _read(self.git_dir / "HEAD").strip()
        if _OID.fullmatch(data):
            return data.decode()
        ref = data.removeprefix(b"ref: ")
        if not data.startswith(b"ref: refs/heads/") or ref == b"refs/heads/.invalid":
            return self._ask("HEAD")  # reftable, or a HEAD that points somewhere unusual
        return self.ref(os.fsdecode(ref))

    def ref(self, name: str) -> str | None:
        """The commit that a ref (its full name) stands for, ``None`` where there is none."""
        if ".." in name or not name.isprintable():  # git knows no such names, and the file system might
            return None
        for _ in range(_LINKS):
            value = _read(self.common_dir / name).strip() or self._packed(os.fsencode(name))
            if not value.startswith(b"ref: "):
                break
            name = os.fsdecode(value.removeprefix(b"ref: "))
        if _OID.fullmatch(value):
            return value.decode()
        if not value and not _is_reftable(self.common_dir):
            return None
        return self._ask(name)

    def symbolic(self, name: str) -> str | None:
        """The full name of the ref that a symbolic one, such as ``refs/remotes/origin/HEAD``, points to."""
        value = _read(self.common_dir / name).strip()
        if value.startswith(b"ref: "):
            return os.fsdecode(value.removeprefix(b"ref: "))
        if not _is_reftable(self.common_dir):
            return None
        from wrkq_files.git.run import git

        return os.fsdecode(git(self, "symbolic-ref", "-q", name, check=False)).strip() or None

    def branch(self) -> str | None:
        """The checked-out branch's short name (also while unborn), ``None`` when HEAD is detached."""
        data = _read(self.git_dir / "HEAD").strip()
        if data.startswith(b"ref: refs/heads/") and not data.endswith(b"/.invalid"):
            return os.fsdecode(data.removeprefix(b"ref: refs/heads/"))
        if _OID.fullmatch(data):
            return None
        from wrkq_files.git.run import git

        return os.fsdecode(git(self, "symbolic-ref", "-q", "--short", "HEAD", check=False)).strip() or None

    def _packed(self, ref: bytes) -> bytes:
        # Loose first, then packed: pack-refs writes the packed file before it removes the loose one.
        text = b"\n" + _read(self.common_dir / "packed-refs")
        end = text.find(b" " + ref + b"\n")
        return text[text.rfind(b"\n", 0, end) + 1 : end] if end > 0 else b""

    def _ask(self, ref: str) -> str | None:
        from wrkq_files.git.run import git

        return git(self, "rev-parse", "-q", "--verify", f"{ref}^{{commit}}", check=False).decode().strip() or None


def discover(start: Path, *, use_git: bool = False) -> Repo:
    """The worktree ``start`` is in. Raises ``not_a_repository`` or ``bare_repository``.

    Walks upwards itself, which costs microseconds; ``use_git`` asks git, as it must be when ``GIT_DIR`` or
    ``GIT_WORK_TREE`` are set.
    """
    here = start.resolve()
    if use_git:
        return _ask_git(here, explicit=True)
    for folder in (here, *here.parents):
        git_dir = _git_dir(folder / ".git")
        if git_dir is not None:
            return _worktree(folder, git_dir)
        if _is_git_dir(folder):
            raise _bare(folder)
    raise _none(start)


def discover_any(start: Path, *, use_git: bool = False) -> Repo:
    """As :func:`discover`; of a bare repository, and inside a git folder, ``top`` is that folder.

    It serves what looks at commits only: a server's hooks.
    """
    try:
        return discover(start, use_git=use_git)
    except WrkqError as error:
        if error.code not in ("bare_repository", "git"):
            raise
    from wrkq_files.git.run import git

    found = os.fsdecode(git(start.resolve(), "rev-parse", "--absolute-git-dir", "--git-common-dir")).splitlines()
    git_dir = Path(found[0])
    return Repo(git_dir, git_dir, Path(os.path.normpath(start.resolve() / found[1])))


def blob_id(data: bytes, object_format: str) -> str:
    """git's id of these bytes as a blob."""
    return object_id("blob", data, object_format)


def object_id(kind: str, data: bytes, object_format: str) -> str:
    """git's id of an object (``kind``: blob, tree, commit)."""
    import hashlib  # brings OpenSSL: a read that finds nothing changed needs none

    # Not hashlib.new, which looks its name up again at each call.
    make = hashlib.sha1 if object_format == "sha1" else hashlib.sha256
    return make(b"%s %d\0" % (kind.encode(), len(data)) + data, usedforsecurity=False).hexdigest()


def _worktree(folder: Path, git_dir: Path) -> Repo:
    common = _read(git_dir / "commondir").strip()
    common_dir = Path(os.path.normpath(git_dir / os.fsdecode(common))) if common else git_dir
    # core.bare and core.worktree move the worktree; a submodule's gitfile stands where core.worktree points.
    if (folder / ".git").is_dir() and re.search(
        r"^\s*(worktree\s*=|bare\s*=\s*true|bare\s*$)", _config(git_dir), re.MULTILINE | re.IGNORECASE
    ):
        return _ask_git(folder)
    return Repo(folder, git_dir, common_dir)


def _git_dir(entry: Path) -> Path | None:
    """What a ``.git`` entry stands for: the folder itself, or the one a gitfile names."""
    if entry.is_dir():
        return entry.resolve() if _is_git_dir(entry) else None
    line = _read(entry).strip()
    if not line.startswith(b"gitdir: "):
        return None
    named = Path(os.path.normpath(entry.parent / os.fsdecode(line.removeprefix(b"gitdir: "))))
    return named if (named / "HEAD").exists() else None


def _is_git_dir(folder: Path) -> bool:
    if not (folder / "HEAD").is_file():
        return False
    return (folder / "commondir").is_file() or ((folder / "objects").is_dir() and (folder / "refs").is_dir())


def _ask_git(folder: Path, *, explicit: bool = False) -> Repo:
    from wrkq_files.git.run import git

    try:
        inside = git(folder, "rev-parse", "--is-bare-repository", "--absolute-git-dir", "--git-common-dir")
    except WrkqError as error:
        raise _none(folder) if "not a git repository" in error.message else error from None
    bare, git_dir, common = os.fsdecode(inside).splitlines()
    if bare == "true":
        raise _bare(Path(git_dir))
    top = os.fsdecode(git(folder, "rev-parse", "--show-toplevel")).removesuffix("\n")
    return Repo(Path(top), Path(git_dir), Path(os.path.normpath(folder / common)), explicit)


def _none(start: Path) -> WrkqError:
    return WrkqError(
        "not_a_repository",
        f"{start}: not inside a git repository",
        hint="run `git init` in the folder that should hold the tracker, or go into a repository",
    )


def _bare(folder: Path) -> WrkqError:
    return WrkqError(
        "bare_repository",
        f"{folder}: a bare repository (or the inside of a .git folder) has no working files",
        hint="go into a worktree, or make one: git worktree add PATH BRANCH",
    )


def _is_reftable(common_dir: Path) -> bool:
    """Whether refs lie in tables that only git reads: then no file tells what there is not."""
    return (common_dir / "reftable").is_dir()


def _config(git_dir: Path) -> str:
    return _read(git_dir / "config").decode("utf-8", "replace")


def _read(path: Path) -> bytes:
    """The file's bytes, empty when there is none."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return b""
