"""What may be wrong with a repository: its locks, its configuration, what it hides. Only looked at."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from wrkq_files.git import gitindex
from wrkq_files.git.run import below, git, nul

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wrkq_files.git.repo import Repo

#: The oldest git that knows all we ask of it: ``log --combined-all-paths`` came with 2.22.
OLDEST: Final = (2, 22)
#: Names that ``place`` gives to files it keeps aside, where it cannot keep them in the git folder.
_ASIDE: Final = re.compile(r"\.wrkq-\d+-\d+\.tmp\.(?:new|old)")
_REWRITING: Final = ("text", "eol", "filter", "ident", "working-tree-encoding")


class Lock(NamedTuple):
    """A lock file of git's. ``age`` in seconds; ``ours``: a writer of ours made it."""

    path: Path
    age: float
    ours: bool


class Tracked(NamedTuple):
    """An index entry. ``hidden``: a sparse checkout keeps the file out of the worktree."""

    path: str
    mode: str
    hidden: bool


def version(repo: Repo) -> str:
    """``2.39.5``, as git says it."""
    return os.fsdecode(git(repo, "version")).removeprefix("git version ").strip()


def version_numbers(version: str) -> tuple[int, ...]:
    """The leading numbers of a version: ``2.39.3 (Apple Git-146)`` is (2, 39, 3)."""
    found = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(map(int, found[0].split("."))) if found else ()


def config(repo: Repo) -> Mapping[str, str]:
    """The configuration in force, by key; section and name in lower case, as git gives them. The last value wins."""
    out = os.fsdecode(git(repo, "config", "--list", "-z"))
    rows = (row.partition("\n") for row in out.split("\0") if row)
    return {name: value if newline else "true" for name, newline, value in rows}


def is_true(value: str) -> bool:
    return value.strip().lower() in ("true", "yes", "on", "1")


def locks(repo: Repo) -> list[Lock]:
    """The lock files that keep a commit from being made."""
    branch = repo.branch()
    places = [gitindex.lock_path(repo), repo.git_dir / "HEAD.lock", repo.common_dir / "packed-refs.lock"]
    places += [repo.common_dir / "refs" / "heads" / f"{branch}.lock"] if branch else []
    found = []
    for place in places:
        try:
            with place.open("rb") as file:
                ours = file.read(len(gitindex.MARK)) == gitindex.MARK
            found.append(Lock(place, max(0.0, time.time() - place.stat().st_mtime), ours))
        except OSError:
            continue
    return found


def aside(top: Path, skipped: Callable[[str], bool]) -> list[Path]:
    """Temporary files of ours below a folder, which a killed writer left. ``skipped``: folders not to look into."""
    found: list[Path] = []
    for folder, folders, names in os.walk(top):
        below = Path(folder)
        found += [below / name for name in names if _ASIDE.fullmatch(name)]
        inside = below.relative_to(top)
        folders[:] = [each for each in folders if each != ".git" and not skipped((inside / each).as_posix())]
    return found


def tracked(repo: Repo, prefix: str) -> list[Tracked]:
    """The index entries under ``prefix``."""
    out = os.fsdecode(git(repo, "-c", "index.sparse=false", "ls-files", "-s", "-t", "-z", "--", *below(prefix)))
    rows = (row.partition("\t") for row in out.split("\0") if row)
    return [Tracked(path, head.split(" ")[1], head[0] == "S") for head, _, path in rows]


def ignored(repo: Repo, prefix: str, paths: Sequence[str]) -> list[str]:
    """Those of the paths (all under ``prefix``) that git neither tracks nor would add: some ignore file says so."""
    # Not check-ignore, which takes 0.3 ms for each path.
    out = git(
        repo, "ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory", "--", *below(prefix)
    )
    found = {name for name in os.fsdecode(out).split("\0") if name}
    folders = tuple(name for name in found if name.endswith("/"))
    return [path for path in paths if path in found or path.startswith(folders)]


def rewriting(repo: Repo, paths: Sequence[str]) -> dict[str, dict[str, str]]:
    """The attributes of each path by which git may store other bytes than the file has, those that are given."""
    out = os.fsdecode(git(repo, "check-attr", "-z", "--stdin", *_REWRITING, input=nul(paths))).split("\0")
    found: dict[str, dict[str, str]] = {}
    for path, name, value in zip(out[::3], out[1::3], out[2::3], strict=False):
        if value != "unspecified":
            found.setdefault(path, {})[name] = value
    return found


def promisors(repo: Repo) -> list[str]:
    """The remotes of a partial clone, which keep what is missing here."""
    settings = config(repo)
    named = {found[1] for key in settings if (found := re.fullmatch(r"remote\.(.+)\.promisor", key))}
    old = settings.get("extensions.partialclone")
    return sorted(named | ({old} if old else set()))


def numbers(repo: Repo) -> dict[str, int]:
    """How many branches and worktrees there are."""
    refs = git(repo, "for-each-ref", "--format=x", "refs/heads", "refs/remotes").split()
    worktrees = git(repo, "worktree", "list", "--porcelain").splitlines()
    return {"branches": len(refs), "worktrees": sum(line.startswith(b"worktree ") for line in worktrees)}
