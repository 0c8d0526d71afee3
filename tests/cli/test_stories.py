"""What people and agents do together, from end to end: the shell scripts of `tests/stories/`, with real git."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
STORIES = TOP / "tests" / "stories"
NAMES = sorted(path.stem for path in STORIES.glob("*.sh") if path.stem != "lib")
PROGRAM = """\
#!/bin/sh
PYTHONPATH='{top}' exec '{python}' -P -c 'from wrkq_files.cli.program import {name}; {name}()' "$@"
"""


@pytest.mark.parametrize("name", NAMES)
def test_story(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for program in ("wrkq", "wrkqadm"):
        place = programs / program
        place.write_text(PROGRAM.format(top=TOP, python=sys.executable, name=program))
        place.chmod(0o755)
    work = tmp_path / "work"
    work.mkdir()
    script = f". '{STORIES}/lib.sh'\n. '{STORIES}/{name}.sh'\n"
    env = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(["sh", "-eu", "-c", script], cwd=work, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
