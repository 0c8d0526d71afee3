"""A small tracker that every kind of document is in."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.support import run

BODY = """\
Users cannot find the sign-in button.

## Acceptance criteria

- [ ] The button is above the fold
- [ ] Keyboard focus lands on it
"""


@pytest.fixture
def repo(tmp_path: Path, home: Path) -> Path:
    """A repository with one commit and nothing else."""
    place = tmp_path / "repo"
    place.mkdir()
    subprocess.run(["git", "init", "-q"], cwd=place, check=True)
    return place


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first ``site`` leaves a copy for the others: a dozen commands take half a second."""
    return tmp_path_factory.mktemp("site") / "repo"


@pytest.fixture
def site(repo: Path, kept: Path) -> Path:
    """A repository that holds a tracker in which something is going on; commits are automatic."""
    if kept.exists():
        shutil.copytree(kept, repo, symlinks=True, dirs_exist_ok=True)
        subprocess.run(["git", "update-index", "-q", "--refresh"], cwd=repo, check=True)
        return repo
    fill(repo)
    shutil.copytree(repo, kept, symlinks=True)
    return repo


def fill(repo: Path) -> None:
    for program, *words in (
        ("wrkqadm", "init", "--commit"),
        ("wrkqadm", "actor", "add", "agent-codex", "--role", "agent"),
        ("wrkq", "mkdir", "portal", "--kind", "project", "--title", "Portal"),
        ("wrkq", "mkdir", "portal/auth", "--kind", "feature", "--title", "Auth"),
        ("wrkq", "touch", "portal/auth/login-ux", "--title", "Login UX", "--label", "ux", "--body", BODY),
        (
            "wrkq",
            "touch",
            "portal/auth/login-ux-google",
            "--title",
            "With Google",
            "--parent",
            "portal/auth/login-ux",
        ),
        ("wrkq", "touch", "portal/auth/old", "--title", "Old", "--state", "completed"),
        ("wrkq", "touch", "portal/rotate-keys", "--title", "Rotate keys", "--priority", "1", "--due", "2026-02-01"),
        ("wrkq", "relate", "portal/rotate-keys", "blocks", "portal/auth/login-ux"),
        ("wrkq", "comment", "add", "portal/auth/login-ux", "Focus is lost on Firefox", "-k", "blocker"),
    ):
        done = run(*words, program=program, cwd=repo)
        assert done.exit == 0, (words, done.err)
    (repo / "shot.txt").write_text("a picture\n")
    assert run("attach", "put", "portal/auth/login-ux", "shot.txt", cwd=repo).exit == 0
