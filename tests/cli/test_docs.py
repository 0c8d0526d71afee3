"""The page of commands."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from wrkq_files.cli import registry
from wrkq_files.errors import EXIT_STATUS

TOP = Path(__file__).parent.parent.parent


def test_every_command_and_every_code_has_its_place() -> None:
    page = (TOP / "docs/cli.md").read_text()
    for program, commands in registry.COMMANDS.items():
        for command in commands:
            assert f"\n### {program} {command.name}\n" in page
            assert command.help in page
    for code in EXIT_STATUS:
        assert f"`{code}`" in page


def test_the_page_is_current() -> None:
    done = subprocess.run(
        [sys.executable, "docs/generate/cli.py", "--check"], cwd=TOP, env={"PYTHONPATH": str(TOP)}, check=False
    )
    assert done.returncode == 0
