"""The generated pages of ``docs/``: they are current, say all there is, and a stale one is noticed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from wrkq_files.cli import registry
from wrkq_files.errors import EXIT_STATUS
from wrkq_files.index.events import Happened
from wrkq_files.model.events import TYPES, Event
from wrkq_files.model.fields import FIELDS, DocType
from wrkq_files.model.rules import RULES
from wrkq_files.service.history import Seen, as_row

TOP = Path(__file__).parent.parent
PAGES = ("batch", "cli", "events", "rules", "schema")


def generate(top: Path, name: str, *words: str) -> int:
    script = top / "docs" / "generate" / f"{name}.py"
    run = [sys.executable, str(script), *words]
    return subprocess.run(run, cwd=top, env={"PYTHONPATH": str(TOP)}, capture_output=True, check=False).returncode


def test_every_command_and_every_code_has_its_place() -> None:
    page = (TOP / "docs/cli.md").read_text()
    for program, commands in registry.COMMANDS.items():
        for command in commands:
            assert f"\n### {program} {command.name}\n" in page
            assert command.help in page
    for code in EXIT_STATUS:
        assert f"`{code}`" in page


def test_every_event_and_what_it_says_has_its_place() -> None:
    page = (TOP / "docs/events.md").read_text()
    assert all(f"| `{name}` |" in page for name in TYPES)
    told = Seen(Happened._make([0, 0, Event("task.created", "", ""), *[""] * 6, 0, "", "", 0, *[""] * 4, ()]), "", "")
    assert all(f"`{name}`" in page for name in as_row(told))


def test_every_field_and_every_rule_has_its_place() -> None:
    fields, rules = (TOP / "docs/schema.md").read_text(), (TOP / "docs/rules.md").read_text()
    for kind in DocType:
        assert all(f"`{name}`" in fields for name in FIELDS[kind])
    assert all(f"`{name}`" in rules for name in RULES)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_current(name: str) -> None:
    assert generate(TOP, name, "--check") == 0


@pytest.mark.parametrize("name", PAGES)
def test_a_stale_page_is_noticed_and_written_anew(tmp_path: Path, name: str) -> None:
    shutil.copytree(TOP / "docs" / "generate", tmp_path / "docs" / "generate")
    shutil.copytree(TOP / "schema", tmp_path / "schema")
    page = tmp_path / "docs" / f"{name}.md"
    assert generate(tmp_path, name, "--check") == 1
    page.write_text("old")
    assert generate(tmp_path, name, "--check") == 1
    assert page.read_text() == "old"
    assert generate(tmp_path, name) == 0
    assert page.read_text() == (TOP / "docs" / f"{name}.md").read_text()
    assert generate(tmp_path, name, "--check") == 0
    assert generate(tmp_path, name, "--nonsense") == 2
