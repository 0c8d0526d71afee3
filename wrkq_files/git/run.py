"""The one place that starts git."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from wrkq_files.errors import WrkqError

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from wrkq_files.git.repo import Repo

#: Our calls run no hooks of the repository: ``update-ref`` would run ``reference-transaction`` (git 2.28),
#: ``update-index`` ``post-index-change`` (2.22), ``gc --auto`` ``pre-auto-gc``.
_ALWAYS = ("-c", "core.hooksPath=/dev/null", "-c", "core.quotePath=false", "--literal-pathspecs")
#: A pipe takes this much without a reader (65,536 on Linux, less where a user has many).
_PIPE = 4096


class Running:
    """A git that was started and not yet waited for, so that several can run side by side."""

    def __init__(self, process: subprocess.Popen[bytes], args: Sequence[str], data: bytes | None):
        self._process, self._args, self._data = process, args, data
        self._out: bytes | None = None
        self._err = b""

    def wait(self, *, check: bool = True) -> bytes:
        """What git wrote to stdout; ``WrkqError("git")`` when it failed and ``check`` is set."""
        if self._out is None:
            self._out, self._err = self._process.communicate(self._data)
        if check and self._process.returncode:
            raise _failure(self._args, self._process.returncode, self._err)
        return self._out

    @property
    def told(self) -> str:
        """What it wrote to stderr."""
        return self._err.decode("utf-8", "replace")

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        """No git outlives its ``with``, whatever else went wrong."""
        self.wait(check=False)

    @property
    def returncode(self) -> int:
        return self._process.returncode


def start(
    where: Repo | Path,
    *args: str,
    input: bytes | None = None,
    env: Mapping[str, str] | None = None,
    inherit_locks: bool = False,
) -> Running:
    """Start ``git ARGS`` in a repository's top folder (or in a folder), with ``input`` as its stdin.

    ``inherit_locks`` hands our worktree lock down: if we are killed, the lock stays held until this git has ended
    too, so nobody begins to mend while it still writes. Never for a git that may start a daemon.
    """
    import subprocess

    try:
        process = subprocess.Popen(
            ["git", *_ALWAYS, *args],
            cwd=where if isinstance(where, os.PathLike) else where.top,
            env=_environment(where, env),
            stdin=subprocess.DEVNULL if input is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            close_fds=not inherit_locks,
        )
    except FileNotFoundError as error:
        raise _not_started(where, error) from error
    if input is not None and len(input) <= _PIPE:
        _feed(process, input)
        input = None
    return Running(process, args, input)


def converse(where: Repo | Path, *args: str) -> subprocess.Popen[bytes]:
    """A git that answers on its stdout what it is asked on its stdin, until that is closed."""
    import subprocess

    try:
        return subprocess.Popen(
            ["git", *_ALWAYS, *args],
            cwd=where if isinstance(where, os.PathLike) else where.top,
            env=_environment(where, None),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except FileNotFoundError as error:
        raise _not_started(where, error) from error


def _feed(process: subprocess.Popen[bytes], data: bytes) -> None:
    """Give a git all its input now, so that it works while we do something else."""
    stdin, process.stdin = process.stdin, None
    if stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            stdin.write(data)
            stdin.flush()
        with contextlib.suppress(BrokenPipeError):
            stdin.close()


def git(
    where: Repo | Path,
    *args: str,
    input: bytes | None = None,
    env: Mapping[str, str] | None = None,
    check: bool = True,
    inherit_locks: bool = False,
) -> bytes:
    """Run git to its end: its stdout, or ``WrkqError("git")`` with the first line of its stderr."""
    return start(where, *args, input=input, env=env, inherit_locks=inherit_locks).wait(check=check)


def wait_all(*running: Running) -> list[bytes]:
    """What each wrote, once all have ended; the first failure raises then, so that none is left behind."""
    for one in running:
        one.wait(check=False)
    return [one.wait() for one in running]


def succeeds(where: Repo | Path, *args: str, env: Mapping[str, str] | None = None) -> bool:
    """Whether git exits 0."""
    running = start(where, *args, env=env)
    running.wait(check=False)
    return running.returncode == 0


def below(prefix: str) -> list[str]:
    """The pathspec of a folder of the repository; none for its top."""
    return [prefix] if prefix not in ("", ".") else []


def nul(items: Iterable[str]) -> bytes:
    """Items as git's ``-z`` formats want them, each closed with a NUL."""
    return b"".join(os.fsencode(item) + b"\0" for item in items)


def _environment(where: Repo | Path, env: Mapping[str, str] | None) -> dict[str, str]:
    # GIT_OPTIONAL_LOCKS: a read must not take index.lock to store what it refreshed (git 2.15).
    ours = {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    if not isinstance(where, os.PathLike) and where.explicit:
        # The caller's GIT_DIR may be relative to a folder that is not the one git runs in.
        ours |= {"GIT_DIR": str(where.git_dir), "GIT_WORK_TREE": str(where.top)}
    return {**os.environ, **ours, **(env or {})}


def _failure(args: Sequence[str], status: int, stderr: bytes) -> WrkqError:
    lines = [line for line in os.fsdecode(stderr).splitlines() if line.strip()]
    first = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[0] if lines else "")
    verb = next((arg for arg in args if not arg.startswith("-") and "=" not in arg), "git")
    return WrkqError(
        "git",
        f"git {verb}: {first or f'ended with status {status}'}",
        hint=_hint("\n".join(lines)),
        details={
            "args": [os.fsencode(arg).decode("utf-8", "replace") for arg in args],
            "status": status,
            "stderr": os.fsencode("\n".join(lines[:20])).decode("utf-8", "replace"),
        },
    )


def _hint(stderr: str) -> str:
    if "dubious ownership" in stderr:
        return (
            "the repository belongs to another user; if you trust it: git config --global --add safe.directory PATH"
        )
    if "No space left" in stderr:
        return "free some space; nothing was changed"
    return ""


def _not_started(where: Repo | Path, error: FileNotFoundError) -> WrkqError:
    folder = where if isinstance(where, os.PathLike) else where.top
    if not os.path.isdir(folder):  # noqa: PTH112 (Popen names the missing folder, not git, in the same error)
        return WrkqError("io", f"{folder}: no such folder")
    return WrkqError("git", f"git could not be started: {error}", hint="install git, or put it on PATH")
