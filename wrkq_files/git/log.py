"""Commits, what they say and which files they touched: any number of them by two gits, however long the history."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git.run import converse, git, start

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator, Sequence

    from wrkq_files.git.repo import Repo
    from wrkq_files.git.run import Running

#: What a person's configuration could change about `git log`.
_PLAIN: Final = ("--no-show-signature", "--no-color", "--no-mailmap", "--encoding=UTF-8", "--no-follow")
_RAW: Final = ("--raw", "--no-abbrev", "--no-renames", "--no-ext-diff", "--ignore-submodules=none", "--no-relative")
_HEADER: Final = "--format=%H%n%P%n%at%n%ct%n%an%n%ae%n%B"
_FILES: Final = frozenset({"100644", "100755"})
_CHUNK: Final = 1 << 18


class Logged(NamedTuple):
    """A commit. Times are seconds since 1970; ``parents`` is empty for a root, and where a shallow clone is cut."""

    id: str
    parents: tuple[str, ...]
    time: int
    committed: int
    name: str
    email: str
    message: str


class Touched(NamedTuple):
    """A file that differs from what it is in each of the parents: its blob there (``old``, one a parent) and here.

    Empty where there is no such file: what is a link or a submodule is none.
    """

    path: str
    old: tuple[str, ...]
    new: str


def commits(repo: Repo, tips: Sequence[str], known: Sequence[str] = ()) -> Iterator[Logged]:
    """What the tips reach and ``known`` do not, parents first; of ``known``, what is gone is passed over.

    git begins at once; the answer has to be read to its end.
    """
    order = ("--topo-order", "--reverse", "--ignore-missing")
    records = _stream(repo, ["log", "-z", *_PLAIN, *order, _HEADER, *tips, "--not", *known, "--"])
    return (_logged(record.decode("utf-8", "replace")) for record in records if record)


def single(repo: Repo, names: Sequence[str]) -> Iterator[Logged]:
    """These commits and no others."""
    asked = "".join(f"{each}\n" for each in names).encode()
    out = git(repo, "log", "-z", "--no-walk=unsorted", *_PLAIN, _HEADER, "--stdin", input=asked) if names else b""
    return (_logged(record.decode("utf-8", "replace")) for record in out.split(b"\0") if record)


def touched(
    repo: Repo, tips: Sequence[str], known: Sequence[str], prefixes: Sequence[str], wanted: Callable[[bytes], bool]
) -> dict[str, list[Touched]]:
    """For each of the same commits the files below ``prefixes`` that are as in none of its parents.

    ``wanted`` is asked about each path. Where a shallow clone is cut, nothing is known, and nothing is in it.
    """
    paths = [] if "" in prefixes else list(prefixes)
    arguments = ("log", "-z", "-c", "--root", "--full-history", "--ignore-missing", *_PLAIN, *_RAW)
    found: dict[str, list[Touched]] = {}
    tokens = _stream(repo, [*arguments, "--format=%x01%H", *tips, "--not", *known, "--", *paths])
    for commit, meta, path in _raw(tokens):
        if wanted(path):
            found.setdefault(commit, []).append(_touched(meta, os.fsdecode(path)))
    cut = boundary(repo)
    return {commit: rows for commit, rows in found.items() if commit not in cut}


def merged_in(repo: Repo, tip: str, known: Sequence[str], folder: str) -> dict[str, list[tuple[str, str]]]:
    """For each merge what files it brought to its first parent's side that were not there: paths and blobs."""
    arguments = ("log", "-z", "--merges", "--diff-merges=first-parent", "--full-history", "--ignore-missing")
    options = (*arguments, "--diff-filter=A", *_PLAIN, *_RAW, "--format=%x01%H")
    found: dict[str, list[tuple[str, str]]] = {}
    for commit, meta, name in _raw(_stream(repo, [*options, tip, "--not", *known, "--", folder])):
        path = os.fsdecode(name)
        found.setdefault(commit, []).append((path, _touched(meta, path).new))
    return found


def named(repo: Repo, names: Sequence[str]) -> list[Logged]:
    """Some commits, by their ids, in that order."""
    if not names:
        return []
    header = "--format=%H%n%P%n%at%n%ct%n%an%n%ae%n%B"
    arguments = ("log", "-z", "--no-walk=unsorted", *_PLAIN, header, "--stdin")
    out = git(repo, *arguments, input="\n".join(names).encode() + b"\n")
    return [_logged(record.decode("utf-8", "replace")) for record in out.split(b"\0") if record]


def messages(repo: Repo, names: Sequence[str]) -> dict[str, str]:
    """The messages of some commits, by their ids."""
    if not names:
        return {}
    arguments = ("log", "-z", "--no-walk=unsorted", *_PLAIN, "--format=%H%n%B", "--stdin")
    out = git(repo, *arguments, input="\n".join(names).encode() + b"\n")
    pairs = (record.decode("utf-8", "replace").partition("\n") for record in out.split(b"\0") if record)
    return {commit: text for commit, _, text in pairs}


def versions(repo: Repo, commit: str, path: str) -> Iterator[str]:
    """The blobs a file had, from a commit back along the first parents; empty where it was not there."""
    arguments = ("log", "-z", "--first-parent", "-m", "--root", *_PLAIN, *_RAW, "--format=", commit, "--", path)
    for _, meta, _ in _raw(iter(git(repo, *arguments).split(b"\0"))):
        yield _touched(meta, path).new


def files_of(repo: Repo, commits: Sequence[str]) -> dict[str, list[str]]:
    """The files that each commit touched; of a merge, those that are as in none of its parents."""
    if not commits:
        return {}
    arguments = ("log", "-z", "-c", "--root", "--no-walk=unsorted", "--name-only", *_PLAIN, *_RAW[2:])
    out = git(repo, *arguments, "--format=%x01%H", "--stdin", input="\n".join(commits).encode() + b"\n")
    found: dict[str, list[str]] = {}
    files: list[str] = []
    for token in out.split(b"\0"):
        text = token.lstrip(b"\n")
        if text.startswith(b"\x01"):
            files = found.setdefault(text[1:].decode(), [])
        elif text:
            files.append(os.fsdecode(text))
    return found


def boundary(repo: Repo) -> frozenset[str]:
    """Where a shallow clone is cut: commits whose parents are not here."""
    try:
        return frozenset((repo.common_dir / "shallow").read_text("ascii").split())
    except FileNotFoundError:
        return frozenset()


def rewritten(repo: Repo) -> str:
    """What tells whether commits have other parents or contents than they had: a cut, grafts, replacements."""
    parts = []
    for name in ("shallow", "info/grafts"):
        try:
            parts.append((repo.common_dir / name).read_text("utf-8", "replace"))
        except FileNotFoundError:
            parts.append("")
    is_replaced = (repo.common_dir / "refs/replace").is_dir() or _is_packed(repo, b" refs/replace/")
    replaced = git(repo, "for-each-ref", "--format=%(refname) %(objectname)", "refs/replace/") if is_replaced else b""
    return "\0".join([*parts, replaced.decode("ascii", "replace")])


def ask_apart(repo: Repo, one: str, other: str) -> Running:
    """Begins to ask which commits two reach apart; :func:`apart` reads it."""
    return start(repo, "rev-list", "--left-right", f"{one}...{other}", "--")


def apart(running: Running) -> tuple[list[str], list[str]] | None:
    """The commits that only the one reaches, and those that only the other does; None where one of them is gone."""
    out = running.wait(check=False).decode()
    if running.returncode:
        return None
    rows = out.split("\n")
    return [row[1:] for row in rows if row.startswith("<")], [row[1:] for row in rows if row.startswith(">")]


def reached(repo: Repo, tip: str) -> list[str]:
    """Every commit that a tip reaches. Raises WrkqError ``git``."""
    return git(repo, "rev-list", tip, "--").decode().split()


def between(repo: Repo, old: str, new: str) -> list[str]:
    """The commits that ``new`` reaches and ``old`` (empty: nothing) does not, parents first, always in one order."""
    known = [f"^{old}"] if old else []
    return git(repo, "rev-list", "--topo-order", "--reverse", new, *known, "--").decode().split()


def is_ancestor(repo: Repo, one: str, other: str) -> bool:
    running = start(repo, "merge-base", "--is-ancestor", one, other)
    running.wait(check=False)
    return running.returncode == 0


def has(repo: Repo, commit: str, path: str) -> bool:
    """Whether a commit has a file or folder."""
    running = start(repo, "cat-file", "-e", f"{commit}:{path}")
    running.wait(check=False)
    return running.returncode == 0


def _is_packed(repo: Repo, name: bytes) -> bool:
    try:
        return name in (repo.common_dir / "packed-refs").read_bytes()
    except FileNotFoundError:
        return False


def _stream(repo: Repo, arguments: list[str]) -> Iterator[bytes]:
    """What git, which begins at once, prints, cut at NULs, as it comes. Raises WrkqError ``git`` when it fails."""
    process = converse(repo, *arguments)
    assert process.stdin is not None
    process.stdin.close()
    return _cut(process, arguments[0])


def _cut(process: subprocess.Popen[bytes], command: str) -> Iterator[bytes]:
    assert process.stdout is not None
    rest = b""
    try:
        while chunk := process.stdout.read(_CHUNK):
            *whole, rest = (rest + chunk).split(b"\0")
            yield from whole
        if rest:
            yield rest
        if process.wait():
            raise WrkqError("git", f"git {command} failed", hint="git fsck says whether the repository is whole")
    finally:
        process.stdout.close()
        process.wait()


def _raw(tokens: Iterator[bytes]) -> Iterator[tuple[str, str, bytes]]:
    """The raw lines of a log in the format ``%x01%H`` or none: commit, what :func:`_touched` reads, path."""
    commit = ""
    for token in tokens:
        text = token.lstrip(b"\n")
        if text.startswith(b"\x01"):
            commit = text[1:].decode()
        elif text.startswith(b":"):
            yield commit, text.decode(), next(tokens)


def _logged(record: str) -> Logged:
    commit, parents, time, committed, name, email, message = record.lstrip("\n").split("\n", 6)
    return Logged(commit, tuple(parents.split()), int(time or 0), int(committed or 0), name, email, message)


def _touched(meta: str, path: str) -> Touched:
    """A raw line: as many colons as parents, the modes, the blobs, the status."""
    parents = len(meta) - len(meta.lstrip(":"))
    words = meta.lstrip(":").split(" ")
    modes, blobs = words[: parents + 1], words[parents + 1 : 2 * parents + 2]
    *old, new = (blob if mode in _FILES else "" for mode, blob in zip(modes, blobs, strict=True))
    return Touched(path, tuple(old), new)
