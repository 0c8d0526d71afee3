"""The README's tour, typed line by line by a new user."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def tour() -> list[str]:
    block = re.search(r"```console\n(.*?)```", README.read_text(), re.DOTALL)
    assert block
    return [line.removeprefix("$ ") for line in block[1].splitlines()]


def run(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs one line as it stands, with the commands of this Python."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(line, shell=True, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_tour_does_what_it_says(tmp_path: Path) -> None:
    lines = tour()
    said: dict[str, str] = {}
    folder = tmp_path
    for line in lines:
        done = run(line, folder)
        assert done.returncode == 0, f"{line}\n{done.stderr}"
        said[shlex.split(line)[1] if line.startswith("wrkq ") else line] = done.stdout
        folder = tmp_path / "shop"
    assert "login-ux" in said["tree"]
    assert "login-ux" in said["next"]
    assert "open -> in_progress" in said["start"]
    assert "state: in_progress" in said["cat"]
    assert [row["path"] for row in json.loads(said["find"])] == ["portal/auth/login-ux"]
    assert "rotate-the-signing-keys" in said["search"]
    assert "login-ux.md" in said["status"]
    assert "login-ux: text" in said["commit"]
    assert run("git status --porcelain", folder).stdout == ""
    assert run("wrkq check --strict", folder).returncode == 0


def test_every_page_it_names_is_there() -> None:
    pages = re.findall(r"\]\(([\w./-]+\.md)\)", README.read_text())
    assert len(pages) > 5
    assert [page for page in pages if not (README.parent / page).is_file()] == []
