"""Making trees and commits of a merge: objects only, nothing that anybody sees yet."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from wrkq_files.git import objects, settings
from wrkq_files.git.run import git, start

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wrkq_files.git.repo import Repo


class Content(NamedTuple):
    """What a path becomes: its mode, and the blob's id or its bytes."""

    mode: str
    blob: str | bytes


class GitMerge(NamedTuple):
    """What git itself makes of two commits: a tree, and the paths that are in conflict (with markers in the tree)."""

    tree: str
    unmerged: frozenset[str]


def write_tree(repo: Repo, commit: str, changes: Mapping[str, Content | None]) -> str:
    """The id of the tree that a commit's (or a tree's) becomes with these paths changed; None: it goes."""
    folders = objects.folders_of(changes)
    answer = objects.ask_trees(repo, commit, folders).wait()
    found = objects.trees(repo, commit, folders, answer)
    new = objects.NewObjects(repo.object_format)

    def entry(content: Content | None) -> tuple[str, str] | None:
        if content is None:
            return None
        made = content.blob if isinstance(content.blob, str) else new.add("blob", content.blob)
        return content.mode.lstrip("0"), made

    root = objects.write_trees(new, found, {path: entry(content) for path, content in changes.items()})
    storing = objects.store(repo, new)
    if storing:
        storing.wait()
    return root


def write_commit(repo: Repo, tree: str, parents: Sequence[str], message: str) -> str:
    """A commit's id, signed where git is configured so. Raises WrkqError ``no_identity``, ``git``."""
    found = settings.settings(repo, settings.ask_settings(repo, None).wait(), None)
    named = [word for parent in parents for word in ("-p", parent)]
    data = (message.rstrip("\n") + "\n").encode("utf-8", "surrogateescape")
    return git(repo, "commit-tree", *(["-S"] if found.sign else []), *named, tree, input=data).decode().strip()


def by_git(repo: Repo, ours: str, theirs: str) -> GitMerge | None:
    """git's own merge of two commits, in memory; None where git is older than 2.38 and cannot."""
    running = start(repo, "merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ours, theirs)
    out = running.wait(check=False)
    if running.returncode not in (0, 1):
        return None
    tree, *names = os.fsdecode(out).split("\0")
    return GitMerge(tree, frozenset(filter(None, names)))
