"""A clone's own configuration and attributes: what is in no commit, and shared by its worktrees."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from wrkq_files.git.run import git, nul, start

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wrkq_files.git.repo import Repo


def file(repo: Repo) -> Path:
    """The clone's configuration file."""
    return repo.common_dir / "config"


def attributes_file(repo: Repo) -> Path:
    """The clone's own attributes, which win over those of the tree."""
    return repo.common_dir / "info" / "attributes"


def local(repo: Repo, name: str) -> list[str]:
    """The values of a key in the clone's configuration, none elsewhere."""
    running = start(repo, "config", "--local", "-z", "--get-all", name)
    out = os.fsdecode(running.wait(check=False))
    if running.returncode not in (0, 1):  # 1: there is none
        running.wait()
    return out.split("\0")[:-1]


def put(repo: Repo, values: Mapping[str, str]) -> None:
    """Set keys of the clone's configuration, each to one value."""
    for name, value in values.items():
        git(repo, "config", "--local", "--replace-all", name, value)


def drop(repo: Repo, names: Sequence[str]) -> None:
    """Remove keys from the clone's configuration; a section that is left empty goes too."""
    for name in names:
        running = start(repo, "config", "--local", "--unset-all", name)
        running.wait(check=False)
        if running.returncode not in (0, 5):  # 5: there is none
            running.wait()


def merge_attributes(repo: Repo, paths: Sequence[str]) -> dict[str, str]:
    """The attribute ``merge`` of each path, which need not exist.

    A driver's name, or ``set``, ``unset``, ``unspecified``.
    """
    out = os.fsdecode(git(repo, "check-attr", "-z", "--stdin", "merge", input=nul(paths))).split("\0")
    return dict(zip(out[::3], out[2::3], strict=False))


def is_program(repo: Repo, name: str) -> bool:
    """Whether the shell that git starts finds a program of this name (which needs no quoting)."""
    running = start(repo, "-c", f"alias.wrkq-looks=!command -v {name}", "wrkq-looks")
    running.wait(check=False)
    return running.returncode == 0
