"""Branches: what there is, how two of them are related, and moving one that nobody has checked out."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git.run import git, start, succeeds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wrkq_files.git.repo import Repo

LOCAL: Final = "refs/heads/"
REMOTE: Final = "refs/remotes/"
#: One ref: its name, its commit and that one's tree and time, where it points to, its upstream, its worktree.
_FORMAT: Final = "%(refname)%00%(objectname)%00%(tree)%00%(committerdate:unix)%00%(symref)%00%(upstream)%00"
_FORMAT_END: Final = "%(worktreepath)%00"
_FIELDS: Final = 7


class Branch(NamedTuple):
    """A local or remote-tracking branch.

    ``ref`` is its full name; ``tip`` and ``tree`` ids; ``time`` when the tip was committed, in seconds since 1970;
    ``upstream`` the full name of the ref it follows; ``worktree`` the folder of the worktree that has it checked out.
    """

    ref: str
    tip: str
    tree: str
    time: int
    upstream: str = ""
    worktree: str = ""

    @property
    def name(self) -> str:
        """As people type it: ``main``, ``origin/main``."""
        return self.ref.removeprefix(LOCAL).removeprefix(REMOTE)

    @property
    def is_local(self) -> bool:
        return self.ref.startswith(LOCAL)


class Moved(Exception):
    """The branch is not where it was read. Nothing was changed: the caller reads again."""


def branches(repo: Repo, *patterns: str) -> list[Branch]:
    """The branches below these (``refs/heads``, ``refs/remotes``: both without any), by name.

    Symbolic ones, as ``origin/HEAD``, are left out: they are another name of a branch that is here as well.
    """
    out = git(repo, "for-each-ref", f"--format={_FORMAT}{_FORMAT_END}", *(patterns or (LOCAL, REMOTE)))
    words = os.fsdecode(out).split("\0")
    found = []
    for at in range(0, len(words) - _FIELDS, _FIELDS):
        ref, tip, tree, time, symref, upstream, worktree = words[at : at + _FIELDS]
        if tree and not symref:  # a ref to something that is no commit has no tree
            found.append(Branch(ref.lstrip("\n"), tip, tree, int(time or 0), upstream, worktree))
    return found


def branch(repo: Repo, name: str) -> Branch | None:
    """The local branch of a name."""
    found = branches(repo, f"{LOCAL}{name}") if is_name(repo, name) else []
    return next((each for each in found if each.name == name), None)


def is_name(repo: Repo, name: str) -> bool:
    """Whether git takes this as a branch's name."""
    plain = bool(name) and name.isprintable() and not name.startswith("-") and "\\" not in name
    return plain and succeeds(repo, "check-ref-format", "--branch", name)


def remote_head(repo: Repo, remote: str = "origin") -> str | None:
    """The full name of the branch that a remote calls its default; None where this clone does not know one."""
    running = start(repo, "symbolic-ref", "-q", f"{REMOTE}{remote}/HEAD")
    found = os.fsdecode(running.wait(check=False)).strip()
    return found if running.returncode == 0 and found else None


def remotes(repo: Repo) -> list[str]:
    return os.fsdecode(git(repo, "remote")).splitlines()


def merge_bases(repo: Repo, one: str, other: str) -> list[str]:
    """The best common ancestors of two commits: none for unrelated ones, several after a criss-cross merge."""
    running = start(repo, "merge-base", "--all", one, other)
    found = running.wait(check=False).decode().split()
    if running.returncode not in (0, 1):
        running.wait()
    return sorted(found)


def is_ancestor(repo: Repo, old: str, new: str) -> bool:
    """Whether ``new`` contains ``old``."""
    return old == new or succeeds(repo, "merge-base", "--is-ancestor", old, new)


def ahead_behind(repo: Repo, one: str, other: str) -> tuple[int, int]:
    """How many commits only ``one`` has, and how many only ``other``."""
    left, right = git(repo, "rev-list", "--left-right", "--count", f"{one}...{other}", "--").split()
    return int(left), int(right)


def move(
    repo: Repo, ref: str, new: str | None, old: str | None, why: str, *, env: Mapping[str, str] | None = None
) -> None:
    """Make a ref another commit's, by compare-and-swap; ``old`` None: it must not exist; ``new`` None: it goes.

    Raises :class:`Moved` where it is not at ``old``. It does not ask whether a worktree has the branch checked out:
    the caller must.
    """
    zero = "0" * (64 if repo.object_format == "sha256" else 40)
    change = ("-d", ref, old or zero) if new is None else (ref, new, old or zero)
    try:
        git(repo, "update-ref", "-m", why, "--create-reflog", *change, env=env, inherit_locks=True)
    except WrkqError as error:
        if tip(repo, ref) != old:
            raise Moved(f"{ref} is not at {old or 'nothing'}") from error
        raise


def tip(repo: Repo, ref: str) -> str | None:
    """The commit that a ref, by its full name, stands for."""
    running = start(repo, "rev-parse", "-q", "--verify", "--end-of-options", f"{ref}^{{commit}}")
    found = running.wait(check=False).decode().strip()
    return found if running.returncode == 0 and found else None


def unmerged(repo: Repo, base: str, found: Sequence[Branch]) -> list[Branch]:
    """Those of the branches that ``base`` does not contain."""
    merged = git(repo, "for-each-ref", "--format=%(refname)", f"--merged={base}", LOCAL, REMOTE)
    known = set(os.fsdecode(merged).splitlines())
    return [each for each in found if each.ref not in known]
