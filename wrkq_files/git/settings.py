"""The configuration and the identities a commit needs, from one ``git var -l``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git.run import Running, git, start

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wrkq_files.git.repo import Repo


class Settings(NamedTuple):
    """Configuration by lower-case key, and author and committer as git writes them (name, e-mail, time)."""

    config: Mapping[str, str]
    author: str
    committer: str

    @property
    def sign(self) -> bool:
        return self.config.get("commit.gpgsign", "false").lower() in ("", "true", "yes", "on", "1")

    @property
    def gc(self) -> bool:
        return self.config.get("gc.auto", "1").strip() != "0"


def ask_settings(repo: Repo, env: Mapping[str, str] | None) -> Running:
    """Start asking; read by :func:`settings`."""
    return start(repo, "var", "-l", env=env)


def settings(repo: Repo, answer: bytes, env: Mapping[str, str] | None) -> Settings:
    """What git answered; ``no_identity`` where git would refuse to commit."""
    # The last of equal keys wins, as in git; the identities come after all configuration.
    rows = (line.partition("=") for line in os.fsdecode(answer).split("\n"))
    found = {key: value for key, _, value in rows}
    if not (found.get("user.name", "").strip() and found.get("user.email", "").strip()):
        _insist(repo, env)  # `var -l` guesses where `commit` refuses
    return Settings(found, found["GIT_AUTHOR_IDENT"], found["GIT_COMMITTER_IDENT"])


def _insist(repo: Repo, env: Mapping[str, str] | None) -> None:
    asked = [start(repo, "var", name, env=env) for name in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT")]
    for running in asked:
        running.wait(check=False)
    if any(running.returncode for running in asked):
        raise WrkqError(
            "no_identity",
            "git does not know who you are, so it cannot commit",
            hint='git config --global user.name "Your Name"; git config --global user.email you@example.com',
        )


def get(repo: Repo, key: str) -> str | None:
    """One setting of git's configuration."""
    running = start(repo, "config", "--get", key)
    found = os.fsdecode(running.wait(check=False)).strip()
    return found or None


def put(repo: Repo, key: str, value: str) -> None:
    """Write one setting of this repository."""
    git(repo, "config", "--local", key, value)


def forget(repo: Repo, section: str) -> None:
    """Take a section out of this repository's settings, if it is there."""
    git(repo, "config", "--local", "--remove-section", section, check=False)
