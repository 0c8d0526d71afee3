"""From what a working file holds to the blob git would store for it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wrkq_files.git.run import Running, git, nul, start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wrkq_files.git.objects import NewObjects
    from wrkq_files.git.repo import Repo

#: Attributes that may change any content. Line endings (``text``, ``eol``, core.autocrlf) only change one with a CR.
_ANY_CONTENT = ("filter", "ident", "working-tree-encoding")


def ask_attributes(repo: Repo, paths: Sequence[str]) -> Running:
    """Start asking which of ``paths`` have filters: one git for all, read by :func:`filtered`."""
    return start(repo, "check-attr", "-z", "--stdin", *_ANY_CONTENT, input=nul(paths))


def filtered(answer: bytes) -> set[str]:
    """The paths whose content git may change when it is added."""
    fields = os.fsdecode(answer).split("\0")
    rows = zip(fields[::3], fields[2::3], strict=False)
    return {path for path, value in rows if value not in ("unspecified", "unset")}


def to_blob(repo: Repo, objects: NewObjects, path: str, data: bytes, through_git: set[str]) -> str:
    """The id of the blob for ``data`` at ``path``: made here when nothing can change it, else by git's filters."""
    if path in through_git or b"\r" in data:
        # safecrlf would refuse what the caller asked for: a text with both kinds of line ending.
        return (
            git(repo, "-c", "core.safecrlf=false", "hash-object", "-w", "--stdin", f"--path={path}", input=data)
            .decode()
            .strip()
        )
    return objects.add("blob", data)
