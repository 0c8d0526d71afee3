"""Real git repositories for tests, in a temporary folder."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path


class GitFailed(Exception):
    """git ended with another status than 0; the text is what it said."""


class TestRepo:
    """A repository and its worktree. ``git()`` is the person's git: it knows nothing of ours."""

    __test__ = False

    def __init__(self, path: Path):
        self.path = path

    @classmethod
    def init(cls, path: Path, *options: str, files: Mapping[str, str | bytes] | None = None) -> TestRepo:
        """A new repository; with ``files``, these committed."""
        path.mkdir(parents=True, exist_ok=True)
        repo = cls(path)
        repo.git("init", "-q", *options)
        if files:
            repo.commit(files, "first")
        return repo

    def git(self, *args: str, input: bytes | None = None, env: Mapping[str, str] | None = None) -> str:
        """What git prints (final newline off)."""
        done = self.run(*args, input=input, env=env)
        if done.returncode:
            raise GitFailed(f"git {' '.join(args)}: {os.fsdecode(done.stderr)}{os.fsdecode(done.stdout)}")
        return os.fsdecode(done.stdout).removesuffix("\n")

    def run(
        self, *args: str, input: bytes | None = None, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """git run to its end, whatever it says."""
        whole = {**os.environ, **(env or {})}
        return subprocess.run(["git", *args], cwd=self.path, input=input, capture_output=True, env=whole, check=False)

    def write(self, files: Mapping[str, str | bytes | None]) -> None:
        """Write working files; ``None`` removes one."""
        for name, data in files.items():
            target = self.path / name
            if data is None:
                target.unlink()
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data.encode() if isinstance(data, str) else data)

    def commit(self, files: Mapping[str, str | bytes | None], message: str = "change", *options: str) -> str:
        """Write these files and commit them (and what else is staged); the commit's id."""
        self.write(files)
        self.git("add", "-A", "--", *[os.fspath(name) for name in files])
        self.git("commit", "-q", "-m", message, *options)
        return self.head

    def read(self, name: str) -> bytes:
        return (self.path / name).read_bytes()

    @property
    def head(self) -> str:
        return self.git("rev-parse", "HEAD")

    @property
    def git_dir(self) -> Path:
        return Path(self.git("rev-parse", "--absolute-git-dir"))

    def show(self, spec: str) -> bytes | None:
        """The bytes of ``REV:path`` or ``:path``; ``None`` when there is none."""
        done = self.run("cat-file", "blob", spec)
        return None if done.returncode else done.stdout

    def status(self) -> list[str]:
        """``git status``, one line a file; it also refreshes the index, as a person's does."""
        out = self.git("status", "--porcelain", "-z", "-uall")
        return sorted(line for line in out.split("\0") if line)

    def log(self, *options: str) -> list[str]:
        """Subjects, newest first."""
        return self.git("log", "--format=%s", *options).splitlines()

    def fsck(self) -> None:
        """Raises when git finds anything wrong."""
        done = self.run("fsck", "--strict", "--no-dangling", "--no-progress")
        if done.returncode or done.stderr.strip():
            raise GitFailed(os.fsdecode(done.stdout + done.stderr))
