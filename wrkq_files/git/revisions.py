"""Commits by the words people have for them: what git calls a revision, and times in a branch's history."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git.run import git, start

if TYPE_CHECKING:
    from wrkq_files.git.repo import Repo

_ID: Final = re.compile(r"[0-9a-fA-F]{4,64}")
_ANY: Final = b" ambiguous\n"


class Revision(NamedTuple):
    """A commit and its tree; ``time`` is when it was committed, in seconds since 1970."""

    id: str
    tree: str
    time: int
    subject: str


def named(repo: Repo, word: str) -> Revision | None:
    """The commit that a revision names (branch, tag, beginning of an id, ``HEAD~3``); None where it names none.

    Raises WrkqError ``ambiguous`` where an id could be any of several.
    """
    if not _is_one_revision(word):
        return None
    # Asked on stdin, where nothing is an option; and one git tells all there is to know of the commit.
    running = start(repo, "cat-file", "--batch", input=os.fsencode(f"{word}^{{commit}}\n"))
    head, _, data = running.wait(check=False).partition(b"\n")
    if running.returncode:  # as for @{upstream} of a branch that has none
        git(repo, "rev-parse", "--git-dir")  # where git refuses the repository, that is what there is to say
        return None
    words = head.decode("utf-8", "replace").split(" ")
    if len(words) == 3 and words[1] == "commit":
        return _read(words[0], data)
    # Asked for a commit, git calls missing what could be any of several.
    if _ID.fullmatch(word) and git(repo, "cat-file", "--batch-check", input=f"{word}\n".encode()).endswith(_ANY):
        raise WrkqError("ambiguous", f"`{word}` could be any of several commits", hint="type more of the id")
    return None


def last_before(repo: Repo, time: int, tip: str = "HEAD") -> Revision | None:
    """The last commit of a branch that was made at a time or earlier; None where it began later, or is not born.

    A branch is its first parents: what a merge brought in was not there before the merge.
    """
    if time < 0:  # git takes no such time, and has none
        return None
    return _one(repo, "--max-count=1", f"--min-age={time}", tip)


def first(repo: Repo, tip: str = "HEAD") -> Revision | None:
    """The commit that a branch begins with; in a shallow clone the one at its boundary."""
    return _one(repo, "--max-parents=0", tip)


def _is_one_revision(word: str) -> bool:
    """Not a range nor an exclusion, and nothing that ends the line in which git is asked."""
    return bool(word.strip()) and not word.startswith(("-", "^")) and ".." not in word and word.isprintable()


def _one(repo: Repo, *arguments: str) -> Revision | None:
    running = start(repo, "rev-list", "--first-parent", *arguments, "--")
    found = running.wait(check=False).decode().split()
    return named(repo, found[-1]) if found and running.returncode == 0 else None


def _read(identifier: str, data: bytes) -> Revision:
    """A commit object: lines of headers, an empty line, the message."""
    headers, _, message = data.decode("utf-8", "replace").partition("\n\n")
    values = dict(reversed([line.partition(" ")[::2] for line in headers.split("\n")]))
    subject = message.lstrip("\n").partition("\n\n")[0]
    # "Name <address> SECONDS ZONE": the name may hold anything but what ends it.
    time = values.get("committer", "").rpartition("> ")[2].split(" ")[0]
    seconds = int(time) if time.lstrip("-").isdecimal() else 0  # what git makes of it, too
    return Revision(identifier, values["tree"], seconds, " ".join(subject.split()))
