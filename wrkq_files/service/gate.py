"""What a commit or a push brings, looked at before git lets it in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from wrkq_files.git import trees
from wrkq_files.git.repo import Repo
from wrkq_files.service import scopes
from wrkq_files.service.scopes import Reviewed
from wrkq_files.service.tracker import Door


def committing(door: Door) -> list[Reviewed]:
    """What is wrong with what is about to be committed."""
    return scopes.staged(door)


def pushing(door: Door, remote: str, lines: Iterable[str]) -> list[Reviewed]:
    """What is wrong with the commits that a remote does not have.

    ``lines``: what git tells ``pre-push``, ``<local ref> <local id> <remote ref> <remote id>`` each.
    """
    repo = scopes.repository(door)
    updates = [line.split(" ") for line in lines if line.count(" ") == 3]
    known = [f"^{words[3]}" for words in updates if trees.resolve(repo, words[3])]
    return _brought(door, repo, [words[1] for words in updates], [*known, "--not", f"--remotes={remote}"])


def receiving(door: Door, lines: Iterable[str]) -> list[Reviewed]:
    """What is wrong with the commits that a push brings to this repository.

    ``lines``: what git tells ``pre-receive``, ``<old id> <new id> <ref>`` each. The commits may still be in git's
    quarantine; no ref points at them yet.
    """
    repo = scopes.repository(door)
    updates = [line.split(" ", 2) for line in lines if line.count(" ") >= 2]
    return _brought(door, repo, [words[1] for words in updates], ["--not", "--all"])


def _brought(door: Door, repo: Repo, tips: Iterable[str], known: Sequence[str]) -> list[Reviewed]:
    """Refs that are deleted (an id of zeros), and tags of what is no commit, bring nothing."""
    commits = [commit for tip in tips if (commit := trees.resolve(repo, tip))]
    return scopes.ranged(door, *commits, *known, repo=repo) if commits else []
