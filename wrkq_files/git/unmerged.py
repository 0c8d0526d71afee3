"""What git has left in conflict: the versions it keeps in its index, what it was doing, and whose they are."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from wrkq_files.git import read
from wrkq_files.git.run import below, git, start, succeeds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wrkq_files.git.repo import Repo

STASH: Final = "stash"
SQUASH: Final = "squash"
_SHORT: Final = 8
#: Stashes that are looked through for a version.
_STASHES: Final = 50
_COMMIT: Final = "%H%x00%an%x00%ae%x00%ct%x00%(trailers:key=Wrkq-Actor,valueonly,separator=%x2C)"


class Version(NamedTuple):
    """A file's version in one of the index's stages."""

    mode: str
    blob: str


class Unmerged(NamedTuple):
    """A path in conflict, and its versions; None where there is none."""

    path: str
    base: Version | None
    ours: Version | None
    theirs: Version | None


class Side(NamedTuple):
    """One side of what git was doing: a name that people know it by, and its commit, None where nobody knows."""

    name: str
    commit: str | None = None


class Doing(NamedTuple):
    """``operation``: merge, rebase, cherry-pick, revert, stash, squash; None where nothing tells."""

    operation: str | None
    ours: Side
    theirs: Side


class Touch(NamedTuple):
    """The commit that last touched a file: ``actor`` is what its trailer says, ``time`` in seconds since 1970."""

    commit: str
    name: str
    email: str
    time: int
    actor: str


def unmerged(repo: Repo, prefix: str = "") -> list[Unmerged]:
    """The paths in conflict below a folder, by name."""
    found: dict[str, dict[str, Version]] = {}
    for row in os.fsdecode(git(repo, "ls-files", "-u", "-z", "--", *below(prefix))).split("\0"):
        head, tab, path = row.partition("\t")
        if tab:
            mode, blob, stage = head.split(" ")
            found.setdefault(path, {})[stage] = Version(mode, blob)
    return [Unmerged(path, *(stages.get(each) for each in "123")) for path, stages in sorted(found.items())]


def doing(repo: Repo, found: Sequence[Unmerged] = ()) -> Doing:
    """What git is in the middle of. ``found``: what is in conflict; a stash is known by the versions it holds."""
    operation = read.in_progress(repo)
    head = repo.head()
    ours = Side(repo.branch() or "HEAD", head)
    if operation == "rebase":
        return _rebase(repo, ours)
    if operation == "revert":
        return _revert(repo, ours)
    names = {"merge": "MERGE_HEAD", "cherry-pick": "CHERRY_PICK_HEAD"}
    if operation in names:
        commit = _first_line(repo, names[operation])
        return Doing(operation, ours, _side(repo, commit, by_branch=operation == "merge"))
    if commit := _squashed(repo):
        return Doing(SQUASH, ours, _side(repo, commit, by_branch=True))
    return _stash(repo, ours, found) or Doing(operation, ours, Side("theirs"))


def _rebase(repo: Repo, ours: Side) -> Doing:
    """Ours is what was there before; theirs is the commit that is put on top of it."""
    folder = next((name for name in ("rebase-merge", "rebase-apply") if (repo.git_dir / name).exists()), "")
    onto = _first_line(repo, f"{folder}/onto")
    picked = _first_line(repo, "REBASE_HEAD") or _first_line(repo, f"{folder}/original-commit")
    branch = _first_line(repo, f"{folder}/head-name").removeprefix("refs/heads/")
    name = _branch_at(repo, onto) or onto[:_SHORT] or ours.name
    theirs = _side(repo, picked, by_branch=False)
    return Doing("rebase", Side(name, ours.commit), theirs._replace(name=f"{branch} {theirs.name}".strip()))


def _revert(repo: Repo, ours: Side) -> Doing:
    """Theirs is what was there before the commit that is taken back."""
    commit = _first_line(repo, "REVERT_HEAD")
    before = _commit_at(repo, f"{commit}^")
    return Doing("revert", ours, Side(f"before {commit[:_SHORT]}", before))


def _stash(repo: Repo, ours: Side, found: Sequence[Unmerged]) -> Doing | None:
    wanted = [(each.path, each.theirs.blob) for each in found if each.theirs]
    listed = git(repo, "stash", "list", "--format=%H", f"-{_STASHES}", check=False).decode().split() if wanted else []
    if not listed:
        return None
    specs = {commit: f"{commit}:{wanted[0][0]}" for commit in listed}
    there = read.ids(repo, [*specs.values()])
    for number, commit in enumerate(listed):
        if there[specs[commit]] == wanted[0][1]:
            return Doing(STASH, ours, Side(f"stash@{{{number}}}", commit))
    return None


def _squashed(repo: Repo) -> str:
    """The newest commit that a merge with ``--squash`` brought."""
    try:
        text = (repo.git_dir / "SQUASH_MSG").read_text("utf-8", "replace")
    except OSError:
        return ""
    found = re.search(r"^commit ([0-9a-f]{40,64})$", text, re.MULTILINE)
    return found[1] if found else ""


def _side(repo: Repo, commit: str, *, by_branch: bool) -> Side:
    if not commit:
        return Side("theirs")
    subject = os.fsdecode(git(repo, "log", "-1", "--format=%s", "--no-show-signature", commit, "--", check=False))
    said = f"{commit[:_SHORT]} {subject.strip()}".strip()
    return Side((by_branch and _branch_at(repo, commit)) or said, commit)


def _branch_at(repo: Repo, commit: str) -> str:
    """A branch that is at a commit, one of this clone's own if there is one; empty for none."""
    if not commit:
        return ""
    places = ("refs/heads", "refs/remotes")
    out = git(repo, "for-each-ref", f"--points-at={commit}", "--format=%(refname:short)", *places, check=False)
    return next(iter(os.fsdecode(out).splitlines()), "")


def _commit_at(repo: Repo, revision: str) -> str | None:
    running = start(repo, "rev-parse", "-q", "--verify", f"{revision}^{{commit}}")
    return running.wait(check=False).decode().strip() or None


def _first_line(repo: Repo, name: str) -> str:
    try:
        return next(iter((repo.git_dir / name).read_text("utf-8", "replace").splitlines()), "")
    except OSError:
        return ""


def last_touch(repo: Repo, commit: str, path: str, version: Version | None) -> Touch | None:
    """The last commit that touched a file, of those that a commit reaches.

    Where the file has another name there, it is found by its version.
    """
    found = _touch(repo, commit, "--", path)
    return found or (_touch(repo, commit, f"--find-object={version.blob}", "--") if version else None)


def _touch(repo: Repo, *what: str) -> Touch | None:
    plain = ("--no-show-signature", "--no-color", "--encoding=UTF-8", "--no-follow")
    out = git(repo, "log", "-1", f"--format={_COMMIT}", *plain, *what, check=False)
    words = out.decode("utf-8", "replace").split("\n")[0].split("\0")
    if len(words) < 5 or not words[3].isdigit():
        return None
    return Touch(words[0], words[1], words[2], int(words[3]), words[4].split(",")[0].strip())


def is_as_head(repo: Repo) -> bool:
    """Whether what is staged is what HEAD has, so that a commit of it would be empty."""
    return succeeds(repo, "diff-index", "--cached", "--quiet", "HEAD", "--")


def add(repo: Repo, path: str) -> None:
    """Tell git that one path is settled, as its file is now; that it is gone, where there is none."""
    git(repo, "add", "-A", "--", path)
