"""What two states of a repository have in common, and what not: trees, commits and git's index, path by path."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git.run import below, git, start

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wrkq_files.git.repo import Repo

FOLDER: Final = "040000"
LINK: Final = "120000"
SUBMODULE: Final = "160000"
#: What :func:`staged` and :func:`between` compare with where there is nothing yet; git knows both by heart.
_EMPTY: Final = {
    "sha1": "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "sha256": "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}
_RAW: Final = ("-r", "-z", "--raw", "--no-abbrev", "--no-ext-diff", "--ignore-submodules=none")


class Difference(NamedTuple):
    """One path that differs. ``mode`` and ``blob`` are empty where it is gone, the old ones where it is new.

    ``old_path`` is another name only where git takes a removed and a new file for one that was renamed.
    """

    path: str
    mode: str
    blob: str
    old_path: str
    old_blob: str
    old_mode: str = ""


class Listed(NamedTuple):
    """One path of a tree or of git's index."""

    path: str
    mode: str
    blob: str


class Commit(NamedTuple):
    """A commit's id, its tree's, and its first parent's (empty for the first of all)."""

    id: str
    tree: str
    parent: str


def empty_tree(repo: Repo) -> str:
    return _EMPTY[repo.object_format]


def between(repo: Repo, old: str, new: str, prefix: str = "", *, renames: bool = False) -> list[Difference]:
    """What differs between two trees or commits, below ``prefix``. Raises WrkqError ``git`` where one is missing."""
    found = git(repo, "diff-tree", *_RAW, *_renames(renames), old, new, "--", *below(prefix))
    return list(_differences(found))


def staged(repo: Repo, base: str, prefix: str = "", *, renames: bool = False) -> list[Difference]:
    """What differs between a tree and git's index (``GIT_INDEX_FILE`` honoured); unmerged paths are left out."""
    arguments = ("diff-index", "--cached", *_RAW, *_renames(renames), base, "--", *below(prefix))
    return list(_differences(git(repo, *arguments)))


def listing(repo: Repo, tree: str, prefix: str = "") -> list[Listed]:
    """Every file of a tree below ``prefix``, links and submodules too."""
    out = os.fsdecode(git(repo, "ls-tree", "-r", "-z", "--full-tree", tree, "--", *below(prefix)))
    rows = (row.partition("\t") for row in out.split("\0") if row)
    return [Listed(path, meta.split(" ")[0], meta.split(" ")[2]) for meta, _, path in rows]


def entries(repo: Repo, tree: str, folder: str) -> list[Listed]:
    """What is directly in a folder of a tree, files and folders; nothing where there is none."""
    running = start(repo, "ls-tree", "-z", "--full-tree", f"{tree}:{folder}" if folder else tree)
    out = os.fsdecode(running.wait(check=False))
    rows = (row.partition("\t") for row in out.split("\0") if row)
    return [Listed(path, meta.split(" ")[0], meta.split(" ")[2]) for meta, _, path in rows]


def mode(repo: Repo, tree: str, path: str) -> str:
    """The mode of what a tree has at a path, be it a file or a folder; empty where it has nothing."""
    out = git(repo, "ls-tree", "-z", "--full-tree", tree, "--", path)
    return out.partition(b" ")[0].decode()


def staged_listing(repo: Repo, prefix: str = "") -> list[Listed]:
    """Every file of git's index below ``prefix``; unmerged paths are left out."""
    out = os.fsdecode(git(repo, "ls-files", "-s", "-z", "--", *below(prefix)))
    rows = ((meta.split(" "), path) for meta, _, path in (row.partition("\t") for row in out.split("\0") if row))
    return [Listed(path, mode, blob) for (mode, blob, stage), path in rows if stage == "0"]


def resolve(repo: Repo, revision: str, kind: str = "commit") -> str | None:
    """The id of the commit (or ``tree``) that a revision names; None where it names none."""
    running = start(repo, "rev-parse", "-q", "--verify", "--end-of-options", f"{revision}^{{{kind}}}")
    out = running.wait(check=False).decode().strip()
    return out if running.returncode == 0 and out else None


def commits(repo: Repo, *revisions: str) -> list[Commit]:
    """The commits that git's revision arguments name, oldest first.

    Raises WrkqError ``not_found`` where git does not know one of them.
    """
    running = start(repo, "rev-list", "--reverse", "--topo-order", "--format=%H %T %P", *revisions, "--")
    out = running.wait(check=False).decode()
    if running.returncode:
        raise WrkqError(
            "not_found",
            f"{' '.join(revisions)}: git knows no such commits",
            hint="name a range as in: --range origin/main..HEAD",
        )
    rows = [[*line.split(" "), ""] for line in out.splitlines() if not line.startswith("commit ")]
    return [Commit(row[0], row[1], row[2]) for row in rows]


def _renames(wanted: bool) -> Sequence[str]:
    """By fixed rules, whatever diff.renames and diff.renameLimit say."""
    return ("-M50%", "-l1000") if wanted else ("--no-renames",)


def _differences(out: bytes) -> Iterator[Difference]:
    """Raw lines: modes, ids and a status letter, then one name, or two for a rename."""
    tokens = iter(os.fsdecode(out).split("\0"))
    for meta in tokens:
        if not meta.startswith(":"):
            continue
        old_mode, mode, old_blob, blob, status = meta.removeprefix(":").split(" ")
        old = next(tokens)
        path = next(tokens) if status[0] in "RC" else old
        if status[0] == "U":
            continue
        is_gone, is_new = status[0] == "D", status[0] == "A"
        before = ("", "") if is_new else (old_blob, old_mode)
        yield Difference(path, "" if is_gone else mode, "" if is_gone else blob, old, *before)
