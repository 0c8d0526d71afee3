"""What git has: blobs, the state of the worktree, who is committing."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git.run import below, git, start

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from wrkq_files.git.repo import Repo

#: More words or commits than this are not put on git's command line, which has an end.
_MANY = 1000


class Status(NamedTuple):
    """One line of ``git status``. Codes: git letters (``M`` ``A`` ``D`` ``R`` ``T`` ``U`` ``?``), ``.`` for none."""

    path: str
    staged: str
    unstaged: str
    orig: str | None = None
    untracked: bool = False
    unmerged: bool = False


def blobs(repo: Repo, specs: Sequence[str]) -> dict[str, bytes | None]:
    """The bytes behind each of ``REV:path``, ``:path`` (the index, ``GIT_INDEX_FILE`` honoured) or a blob id.

    ``None`` for what does not exist or is not a blob. One git for all; one more for each name with a newline,
    which ``cat-file --batch`` cannot take before git 2.38's ``-z``.
    """
    simple = [spec for spec in dict.fromkeys(specs) if "\n" not in spec]
    found = _batch(repo, simple) if simple else {}
    for spec in specs:
        if "\n" in spec:
            found[spec] = _single(repo, spec)
    return found


def blob(repo: Repo, spec: str) -> bytes | None:
    """The bytes behind one spec."""
    return blobs(repo, [spec])[spec]


def ids(repo: Repo, specs: Sequence[str], *, env: Mapping[str, str] | None = None) -> dict[str, str | None]:
    """The blob ids behind each of ``REV:path`` and ``:path``; ``None`` for what does not exist or is not a blob."""
    simple = [spec for spec in dict.fromkeys(specs) if "\n" not in spec]
    asked = b"".join(os.fsencode(spec) + b"\n" for spec in simple)
    rows = git(repo, "cat-file", "--batch-check", "--buffer", input=asked, env=env).splitlines() if simple else []
    found: dict[str, str | None] = {}
    for spec, row in zip(simple, rows, strict=True):
        words = row.split(b" ")
        found[spec] = words[0].decode() if len(words) == 3 and words[1] == b"blob" else None
    for spec in specs:
        if "\n" in spec:
            found[spec] = (
                git(repo, "rev-parse", "-q", "--verify", spec, env=env, check=False).decode().strip() or None
            )
    return found


def sizes(repo: Repo, blobs: Sequence[str]) -> dict[str, int]:
    """How many bytes each blob has, by its id."""
    asked = b"".join(blob.encode() + b"\n" for blob in blobs)
    rows = git(repo, "cat-file", "--batch-check", "--buffer", input=asked).splitlines() if blobs else []
    found = {blob: kind_and_size(row) for blob, row in zip(blobs, rows, strict=True)}
    return {blob: answer[1] for blob, answer in found.items() if answer}


def mentions(repo: Repo, words: Collection[str], *, since: Collection[str] = ()) -> set[str]:
    """Which of the words stand in the messages of HEAD and the branches; commits that ``since`` reaches are not read.

    Where one of ``since`` is gone, all are read.
    """
    if not words or repo.head() is None:
        return set()
    greps = [f"--grep={word}" for word in words] if len(words) <= _MANY else []
    ask = ("rev-list", "--format=%B", "--fixed-strings", *greps, "HEAD", "--branches")
    running = start(repo, *ask, "--not", *(since if len(since) <= _MANY else ()))
    text = running.wait(check=False)
    if running.returncode:
        text = git(repo, *ask)
    return {word for word in words if word.encode() in text}


def messages(repo: Repo, words: str) -> list[tuple[str, str]]:
    """The commits of HEAD and the branches in whose messages the words stand, newest first: id and whole message."""
    if repo.head() is None:
        return []
    ask = (
        "--encoding=UTF-8",
        "--no-show-signature",
        "--fixed-strings",
        f"--grep={words}",
        "--format=%H%n%B",
        "HEAD",
        "--branches",
    )
    found = git(repo, "log", "-z", *ask, "--").decode("utf-8", "replace").split("\0")
    return [(commit, text) for commit, newline, text in (each.partition("\n") for each in found) if newline]


def status(repo: Repo, prefix: str = "") -> list[Status]:
    """Everything under ``prefix`` that differs between HEAD, index and working files, untracked files one by one."""
    out = git(repo, "status", "--porcelain=v2", "-z", "--untracked-files=all", "--find-renames", "--", *below(prefix))
    fields = iter(os.fsdecode(out).split("\0"))
    found = []
    for line in fields:
        if line:
            found.append(_status(line, fields.__next__ if line[0] == "2" else None))
    return found


def tracked(repo: Repo) -> list[str]:
    """Every path git tracks in this worktree."""
    return [path for path in os.fsdecode(git(repo, "ls-files", "-z")).split("\0") if path]


def unmerged(repo: Repo, prefix: str = "") -> list[str]:
    """Paths with conflict entries in the index. A conflicting ``stash pop`` leaves these and nothing else."""
    out = os.fsdecode(git(repo, "ls-files", "-u", "-z", "--", *below(prefix)))
    return list(dict.fromkeys(row.partition("\t")[2] for row in out.split("\0") if row))


def in_progress(repo: Repo) -> str | None:
    """``rebase``, ``merge``, ``cherry-pick``, ``revert`` or ``bisect`` when git waits for its end."""
    # Rebase first: while it stops, MERGE_HEAD or CHERRY_PICK_HEAD are there as well. `git am` counts as one.
    signs = {
        "rebase-merge": "rebase",
        "rebase-apply": "rebase",
        "MERGE_HEAD": "merge",
        "CHERRY_PICK_HEAD": "cherry-pick",
        "REVERT_HEAD": "revert",
        "BISECT_LOG": "bisect",
    }
    found = next((what for name, what in signs.items() if (repo.git_dir / name).exists()), None)
    return found or _between_picks(repo)


def identity(repo: Repo) -> tuple[str, str] | None:
    """Name and e-mail git would write as author; ``None`` where git refuses to commit for want of them."""
    running = start(repo, "var", "GIT_AUTHOR_IDENT")
    match = re.match(r"(.*) <(.*)> \d+ [-+]\d+$", os.fsdecode(running.wait(check=False)).strip())
    return (match[1], match[2]) if match and running.returncode == 0 else None


def email(repo: Repo) -> str | None:
    """The e-mail git would write as author, one git call."""
    found = identity(repo)
    return found[1] if found else None


def clean_id(repo: Repo, path: str, data: bytes) -> str:
    """The blob id ``data`` would get when added as ``path``: after line-ending and clean filters."""
    return git(repo, "hash-object", "--stdin", f"--path={path}", input=data).decode().strip()


def kind_and_size(line: bytes) -> tuple[bytes, int] | None:
    """What a line of ``cat-file --batch`` says of the object that follows it; None where none does."""
    header = line.split(b" ")
    # "SPEC missing" or "SPEC ambiguous" (the spec may hold spaces), else "ID TYPE SIZE".
    if len(header) == 3 and header[2].isdigit() and header[1] in (b"blob", b"tree", b"commit", b"tag"):
        return header[1], int(header[2])
    return None


def _batch(repo: Repo, specs: Sequence[str]) -> dict[str, bytes | None]:
    asked = b"".join(os.fsencode(spec) + b"\n" for spec in specs)
    out = git(repo, "cat-file", "--batch", "--buffer", input=asked)
    found: dict[str, bytes | None] = {}
    at = 0
    for spec in specs:
        end = out.index(b"\n", at)
        answer = kind_and_size(out[at:end])
        at = end + 1
        found[spec] = None
        if answer:
            kind, size = answer
            if kind == b"blob":
                found[spec] = out[at : at + size]
            at += size + 1
    return found


def _single(repo: Repo, spec: str) -> bytes | None:
    running = start(repo, "cat-file", "blob", spec)
    out = running.wait(check=False)
    return out if running.returncode == 0 else None


def _status(line: str, origin: object) -> Status:
    kind = line[0]
    if kind == "?":
        return Status(line[2:], ".", "?", untracked=True)
    if kind == "1":
        codes, path = line[2:4], line.split(" ", 8)[8]
        return Status(path, codes[0], codes[1])
    if kind == "2":
        if not callable(origin):
            raise AssertionError(line)
        return Status(line.split(" ", 9)[9], line[2], line[3], orig=str(origin()))
    if kind == "u":
        return Status(line.split(" ", 10)[10], line[2], line[3], unmerged=True)
    raise WrkqError("git", f"git status printed a line that is not understood: {line!r}")


def _between_picks(repo: Repo) -> str | None:
    """A series of picks or reverts that has stopped between two: only ``sequencer/todo`` tells."""
    try:
        todo = (repo.git_dir / "sequencer" / "todo").read_text("utf-8", "replace")
    except OSError:
        return None
    return "revert" if todo.startswith("revert") else "cherry-pick"
