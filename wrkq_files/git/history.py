"""Where files come from: one walk over history for any number of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from wrkq_files.git.run import git, succeeds

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from wrkq_files.git.repo import Repo


class Origin(NamedTuple):
    """The commit that first added a file, the path and blob it had there, and its author and author time."""

    commit: str
    path: str
    blob: str
    time: int
    name: str
    email: str


class _Change(NamedTuple):
    """``status`` is git's letter (one for each parent in a merge), ``old`` the earlier name."""

    status: str
    old: str
    new: str
    blob: str


def first_commits(
    repo: Repo,
    paths: Collection[str],
    *,
    tip: str | None = None,
    since: str | None = None,
    known: Mapping[str, Origin | None] | None = None,
) -> dict[str, Origin]:
    """For each repository path the commit that added it, back through renames; absent when never committed.

    One ``git log`` over everything ``tip`` (a commit; else HEAD) reaches: only what all history says is the same
    whichever paths are asked for. A file deleted and added again begins with the later addition; one added on two
    branches, with the earlier.
    In a shallow clone the boundary adds everything: see :func:`is_shallow`.

    ``known`` is an earlier answer, for paths at ``since`` (None: never committed): only what came later is walked
    then, and what came before for a file that had a name which ``known`` lacks. It is not used when ``since`` is not
    part of that history (any more).
    """
    end = tip or repo.head()
    if not paths or end is None:
        return {}
    usable = bool(since and known is not None and succeeds(repo, "merge-base", "--is-ancestor", since, end))
    found: dict[str, Origin] = {}
    follow = {path: [path] for path in paths}
    for origin, changes in _log(repo, f"{since}..{end}" if usable else end):
        _step(follow, found, origin, changes)
    if usable and known is not None:
        lacking = [name for name, wanted in follow.items() if wanted and name not in known]
        before = {**known, **(first_commits(repo, lacking, tip=since) if lacking else {})}
        for name, asked in follow.items():
            if begun := before.get(name):
                for path in asked:
                    _note(found, path, begun)
    return found


def content(repo: Repo, blob: str) -> bytes:
    """A blob's bytes."""
    return git(repo, "cat-file", "blob", blob)


def has_touched(repo: Repo, paths: Collection[str]) -> bool:
    """Whether some commit of HEAD's history touched one of these paths."""
    out = git(
        repo, "log", "-1", "--format=%H", "--no-follow", "--no-show-signature", "HEAD", "--", *paths, check=False
    )
    return bool(out.strip())


def is_shallow(repo: Repo) -> bool:
    """Whether history ends early here because the clone did."""
    return (repo.common_dir / "shallow").exists()


def _log(repo: Repo, commits: str) -> Iterator[tuple[Origin, list[_Change]]]:
    """Every commit with what it added, removed or renamed, newest first, a branch's commits together."""
    # -c: what a merge itself added. Renames by fixed rules, whatever diff.renames and diff.renameLimit say.
    args = ("-z", "--raw", "--no-abbrev", "-c", "--combined-all-paths", "-M50%", "-l1000", "--diff-filter=ADR")
    header = "--format=%x01%H%x02%at%x02%an%x02%ae"
    out = git(repo, "log", *args, "--topo-order", "--no-show-signature", "--no-use-mailmap", header, commits, "--")
    tokens = iter(os.fsdecode(out).split("\0"))
    origin: Origin | None = None
    changes: list[_Change] = []
    for token in tokens:
        if token.startswith("\x01"):
            if origin:
                yield origin, changes
            commit, time, name, email = token[1:].split("\x02")
            origin, changes = Origin(commit, "", "", int(time), name, email), []
        elif token.strip("\n"):
            changes.append(_change(token.strip("\n"), tokens))
    if origin:
        yield origin, changes


def _change(meta: str, tokens: Iterator[str]) -> _Change:
    """One raw line: as many colons as parents, modes, ids, the status; then a name for each parent and the result."""
    parents = len(meta) - len(meta.lstrip(":"))
    *ids, status = meta.split(" ")
    count = parents + 1 if parents > 1 else 2 if status[0] in "RC" else 1
    names = [next(tokens) for _ in range(count)]
    letters = "".join(letter for letter in status if letter.isalpha())
    return _Change(letters, names[0], names[-1], ids[-1])


def _step(follow: dict[str, list[str]], found: dict[str, Origin], origin: Origin, changes: list[_Change]) -> None:
    """Go back over one commit: note additions, follow renames; a deletion ends what began after it.

    ``follow``: the name a file has at this point of the walk, to the asked paths it becomes.
    """
    renamed: list[tuple[str, list[str]]] = []
    for change in changes:
        if "D" in change.status:
            _end(follow, found, change.new)
        elif set(change.status) == {"A"}:
            for path in follow.get(change.new, ()):
                _note(found, path, origin._replace(path=change.new, blob=change.blob))
        elif "R" in change.status:
            # Its old name ends here, also where nobody asks for the new one: another file has had that name since.
            renamed.append((change.old, follow.pop(change.new, [])))
    for old, _ in renamed:
        _end(follow, found, old)
    for old, paths in renamed:
        if paths:
            follow[old] = [*follow.get(old, []), *paths]


def _end(follow: dict[str, list[str]], found: dict[str, Origin], name: str) -> None:
    """Whose beginning is known needs no older one. The others live on: it was another branch that removed them."""
    rest = [path for path in follow.pop(name, ()) if path not in found]
    if rest:
        follow[name] = rest


def _note(found: dict[str, Origin], path: str, origin: Origin) -> None:
    known = found.get(path)
    if known is None or (origin.time, origin.commit) < (known.time, known.commit):
        found[path] = origin
