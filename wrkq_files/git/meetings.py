"""Where branches left another one, and what they changed since: for a hundred of them by as many gits as for one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git.run import below, git, start

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from wrkq_files.git.repo import Repo

_RAW: Final = ("-r", "-z", "--raw", "--no-abbrev", "--no-renames", "--no-ext-diff", "--ignore-submodules=none")
_LOG: Final = ("--full-history", "-m", "--format=", "--no-show-signature", "--no-color", "--no-follow")
_FILES: Final = frozenset({"100644", "100755"})
#: Commits on a command line, which has an end.
_MANY: Final = 500


class Changed(NamedTuple):
    """A path that differs between two trees: its blob in each, empty where it has no file."""

    path: str
    old: str
    new: str


def bases(repo: Repo, ours: str, tips: Collection[str]) -> dict[str, tuple[str, ...]]:
    """For each tip the best common ancestors that it has with ``ours``, sorted; a tip that ours contains is its own.

    None for an unrelated one, several after a criss-cross merge. Tips that are gone are left out.
    """
    parents = _only(repo, ours, tips)
    ends: dict[str, frozenset[str]] = {}  # of each commit: the first ones of ours below it
    for commit in reversed(parents):  # parents come before their children
        below_it = [ends[each] if each in parents else frozenset({each}) for each in parents[commit]]
        ends[commit] = below_it[0].union(*below_it[1:]) if below_it else frozenset()
    found = {tip: ends.get(tip, frozenset({tip})) for tip in tips}
    best = _best(repo, {each for each in found.values() if len(each) > 1})
    return {tip: tuple(sorted(best.get(each, each))) for tip, each in found.items()}


def _only(repo: Repo, ours: str, tips: Iterable[str]) -> dict[str, list[str]]:
    """The commits that some tip has and ``ours`` does not, with their parents; children first."""
    asked = "".join(f"{each}\n" for each in [*tips, f"^{ours}"])
    out = git(repo, "rev-list", "--topo-order", "--parents", "--stdin", input=asked.encode())
    return {commit: rest for commit, *rest in map(str.split, out.decode().splitlines())}


def _best(repo: Repo, groups: Collection[frozenset[str]]) -> dict[frozenset[str], frozenset[str]]:
    """Of each group of commits those that no other of the group contains."""
    if not groups:
        return {}
    everyone = sorted(frozenset().union(*groups))
    common = git(repo, "merge-base", "--octopus", *everyone, check=False).split() if len(everyone) < _MANY else []
    asked = "".join(f"{each}\n" for each in [*everyone, *(f"^{each.decode()}" for each in common)])
    out = git(repo, "rev-list", "--topo-order", "--parents", "--stdin", input=asked.encode())
    bit = {commit: 1 << number for number, commit in enumerate(everyone)}
    held: dict[str, int] = {}  # of each commit: which of everyone it contains
    for commit, *above in reversed([*map(str.split, out.decode().splitlines())]):
        held[commit] = bit.get(commit, 0)
        for each in above:
            held[commit] |= held.get(each, 0)
    # What is not listed is contained in all that is.
    return {group: _alone(group, bit, held) for group in groups}


def _alone(group: frozenset[str], bit: Mapping[str, int], held: Mapping[str, int]) -> frozenset[str]:
    listed = [each for each in group if each in held]
    return frozenset(
        each for each in listed if not any(other != each and held[other] & bit[each] for other in listed)
    ) or frozenset(sorted(group)[:1])


def trees(repo: Repo, commits: Sequence[str]) -> dict[str, str]:
    """The trees of commits, by their ids. Raises WrkqError ``git`` where one is missing."""
    asked = "".join(f"{each}^{{tree}}\n" for each in commits)
    out = git(repo, "cat-file", "--batch-check=%(objectname)", "--buffer", input=asked.encode()) if commits else b""
    found = dict(zip(commits, out.decode().splitlines(), strict=True))
    missing = next((commit for commit, tree in found.items() if " " in tree), None)
    if missing:
        raise WrkqError("git", f"git has no commit {missing}", hint="git fsck says whether the repository is whole")
    return found


def differences(
    repo: Repo, pairs: Collection[tuple[str, str]], prefix: str = ""
) -> dict[tuple[str, str], list[Changed]]:
    """What differs between the two trees of each pair, below ``prefix``; what is no file is not there."""
    found: dict[tuple[str, str], list[Changed]] = {pair: [] for pair in pairs}
    asked = "".join(f"{old} {new}\n" for old, new in found)
    out = git(repo, "diff-tree", "--stdin", *_RAW, "--", *below(prefix), input=asked.encode()) if found else b""
    rows: list[Changed] = []
    tokens = iter(out.split(b"\0"))
    for token in tokens:
        *heads, meta = token.decode().split("\n")
        for head in heads:  # a pair is named on a line of its own, also where nothing differs
            old, new = head.split(" ")
            rows = found[old, new]
        if meta:
            rows.append(_changed(meta, next(tokens)))
    return found


def blobs_since(repo: Repo, ours: str, bases: Collection[str], paths: Sequence[str]) -> dict[str, set[str]]:
    """The blobs that each path ever had in what ``ours`` has and not all of ``bases`` contain."""
    common = sorted(bases)
    if len(common) > 1:
        common = git(repo, "merge-base", "--octopus", *common[:_MANY], check=False).decode().split()
    few = paths if len(paths) <= _MANY else ()
    running = start(repo, "log", *_RAW[1:], *_LOG, ours, *(f"^{each}" for each in common), "--", *few)
    found: dict[str, set[str]] = {path: set() for path in paths}
    tokens = iter(running.wait().split(b"\0"))
    for token in tokens:
        if meta := token.decode().strip("\n"):
            row = _changed(meta, next(tokens))
            found.setdefault(row.path, set()).add(row.new)
    return found


def _changed(meta: str, path: bytes) -> Changed:
    old_mode, mode, old, new, _ = meta.removeprefix(":").split(" ")
    return Changed(os.fsdecode(path), old if old_mode in _FILES else "", new if mode in _FILES else "")
