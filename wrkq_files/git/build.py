"""The objects of a commit to be: nothing here is visible to anybody yet."""

from __future__ import annotations

from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git import convert, objects, settings
from wrkq_files.git.run import Running, git, wait_all

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wrkq_files.git.gitindex import Changes
    from wrkq_files.git.repo import Repo


class Unchanged(Enum):
    UNCHANGED = "unchanged"


#: This view of the file stays as it is.
UNCHANGED: Final = Unchanged.UNCHANGED
Content = bytes | None | Literal[Unchanged.UNCHANGED]


class FileWrite(NamedTuple):
    """What one file becomes in HEAD, index and worktree; ``None``: absent there.

    ``head`` and ``staged`` go through git's clean filters, ``work`` is written as it is. ``work_old`` and
    ``staged_old`` are what the caller read: where the file or the entry is different by now, nothing is written.
    ``mode`` is for files git does not have yet.
    """

    path: str
    head: Content
    staged: Content
    work: Content
    mode: str = "100644"
    work_old: bytes | None = None
    staged_old: Content = UNCHANGED


class Built(NamedTuple):
    """A commit's id, the entries the index gets, and the git that is still storing the objects.

    ``tree`` is the commit's, and ``changed`` the entries that it has otherwise than its parent's.
    """

    commit: str
    entries: Changes
    storing: Running | None
    gc: bool
    tree: str = ""
    changed: Mapping[str, tuple[str, str] | None] = MappingProxyType({})


class Request(NamedTuple):
    """Who commits what on what."""

    message: str
    parent: str | None
    env: Mapping[str, str] | None = None
    sign: bool | None = None


def build(repo: Repo, writes: Sequence[FileWrite], request: Request) -> Built:
    """Make blobs, trees and the commit. Three gits side by side read, one stores (two more when signing)."""
    found, trees, through_git = _ask(repo, writes, request)
    for folder in {above for write in writes for above in objects.folders_of([write.path])}:
        if objects.mode_in(trees, folder) not in (None, "40000"):
            raise WrkqError("refused", f"{folder}: is a file, a symbolic link or a submodule in git, not a folder")
    new = objects.NewObjects(repo.object_format)
    ids: dict[tuple[str, bytes], str] = {}

    def entry(write: FileWrite, data: bytes | None) -> tuple[str, str] | None:
        if data is None:
            return None
        if (write.path, data) not in ids:
            ids[write.path, data] = convert.to_blob(repo, new, write.path, data, through_git)
        return _mode(trees, write), ids[write.path, data]

    tree = {write.path: entry(write, write.head) for write in writes if write.head is not UNCHANGED}
    index = {write.path: entry(write, write.staged) for write in writes if write.staged is not UNCHANGED}
    root = objects.write_trees(new, trees, tree)
    if found.sign if request.sign is None else request.sign:
        return Built(_signed(repo, new, root, request), index, None, found.gc, root, tree)
    idents = (found.author, found.committer)
    commit = objects.write_commit(new, root, request.parent, idents, request.message)
    return Built(commit, index, objects.store(repo, new), found.gc, root, tree)


def _ask(
    repo: Repo, writes: Sequence[FileWrite], request: Request
) -> tuple[settings.Settings, dict[str, objects.Tree], set[str]]:
    paths = [write.path for write in writes]
    folders = objects.folders_of(paths)
    asked = [settings.ask_settings(repo, request.env), convert.ask_attributes(repo, paths)]
    if request.parent:
        asked.append(objects.ask_trees(repo, request.parent, folders))
    answers = wait_all(*asked)
    trees = objects.trees(repo, request.parent, folders, answers[2]) if request.parent else {}
    return settings.settings(repo, answers[0], request.env), trees, convert.filtered(answers[1])


def _mode(trees: Mapping[str, objects.Tree], write: FileWrite) -> str:
    """The mode the file has in HEAD; the write's for a new one."""
    mode = objects.mode_in(trees, write.path)
    if mode in (None, "40000"):
        return write.mode
    if mode not in ("100644", "100755"):
        raise WrkqError("refused", f"{write.path}: is a symbolic link or a submodule in git")
    return mode or write.mode


def _signed(repo: Repo, new: objects.NewObjects, root: str, request: Request) -> str:
    """A signed commit object. Only git makes one; ``commit-tree`` ignores commit.gpgsign: ``-S`` it must be."""
    storing = objects.store(repo, new)
    if storing:
        storing.wait()
    parents = ["-p", request.parent] if request.parent else []
    message = (request.message.rstrip("\n") + "\n").encode("utf-8", "surrogateescape")
    return git(repo, "commit-tree", "-S", *parents, root, input=message, env=request.env).decode().strip()
