"""A tracker, and two kinds of ``wrkq`` on PATH: the real one, and one that only writes down how it was called."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.support.sandbox import Sandbox

TOP = Path(__file__).parents[2]
#: ``-P``: not the repository's own files, which may be called as modules are.
REAL = f"""\
#!/bin/sh
PYTHONPATH='{TOP}' exec '{sys.executable}' -P -c 'from wrkq_files.cli.program import wrkq; wrkq()' "$@"
"""
FAKE = """\
#!/bin/sh
echo "wrkq $*" >>"$CALLS"
[ "$2" != pre-push ] || sed 's/^/  ours: /' >>"$CALLS"
exit "${FAKE_EXIT-0}"
"""


@pytest.fixture
def bare_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """A PATH without any ``wrkq``."""
    monkeypatch.setenv("PATH", "/usr/local/bin:/usr/bin:/bin")


@pytest.fixture
def real(tmp_path: Path, bare_path: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ``wrkq`` of this checkout is on PATH."""
    _put_on_path(tmp_path / "bin", REAL, monkeypatch)


@pytest.fixture
def calls(tmp_path: Path, bare_path: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a ``wrkq`` that does nothing was called with, a line each."""
    _put_on_path(tmp_path / "bin", FAKE, monkeypatch)
    log = tmp_path / "calls"
    log.touch()
    monkeypatch.setenv("CALLS", str(log))
    return log


@pytest.fixture
def box(tmp_path: Path) -> Sandbox:
    """A tracker in the folder ``wrkq`` of a repository with a file of code, all committed."""
    sandbox = Sandbox(tmp_path / "repo")
    sandbox.repo.write({"code.py": "1\n"})
    sandbox.commit_all()
    return sandbox


def _put_on_path(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir()
    program = folder / "wrkq"
    program.write_text(script)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
