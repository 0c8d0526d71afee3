"""Damaged files, thousands of them: nothing crashes, hangs, takes memory without end or writes anywhere.

`make test` tries some; `make fuzz` tries 100,000 (EXAMPLES times 20). The same seed makes the same inputs: what fails
is named by its number, and its bytes are kept in `.hypothesis/damaged/`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.fuzzing import CORPORA, PATIENCE, TOP, codec
from tests.support.fuzzing import settings as read_settings
from tests.support.mutator import Mutator, seeds
from tests.support.sandbox import Sandbox
from wrkq_files.model.fields import DocType
from wrkq_files.service import checking

SEED = 1
FEW = 600
#: A process that dies takes only so many inputs with it.
CHUNK = 10_000
KEPT = TOP / ".hypothesis" / "damaged"
#: Above the 40 MiB that a process has with everything imported.
PEAK_MIB = 400

marked = pytest.mark.hypothesis  # so that `make fuzz` runs it, and coverage does not slow it down


@pytest.fixture(scope="module")
def files() -> list[bytes]:
    return seeds(CORPORA)


def chunks(total: int) -> Iterator[tuple[int, int]]:
    yield from ((first, min(CHUNK, total - first)) for first in range(0, total, CHUNK))


def run(first: int, number: int, folder: Path) -> dict[str, Any]:
    """What the process said; when it died, that and the input it was at."""
    (folder / "tracker").mkdir(parents=True)
    words = [sys.executable, "-m", "tests.support.fuzzing", str(SEED), str(first), str(number), str(folder)]
    limit = 60 + number * 0.1
    try:
        done = subprocess.run(words, cwd=TOP, capture_output=True, text=True, timeout=limit, check=False)
        died = f"exit {done.returncode}: {done.stderr[-2000:]}"
    except subprocess.TimeoutExpired:
        died = f"not done after {limit} s"
    report = folder / "report.json"
    if report.is_file():
        return dict(json.loads(report.read_bytes()))
    name, _, data = (folder / "current").read_bytes().partition(b"\n")
    return {"failures": [{"input": name.decode(), "error": died, "data": data.hex()}], "slowest": 0, "peak_mib": 0}


def keep(failure: dict[str, Any]) -> str:
    """Puts the input where it can be looked at; a line that says where."""
    KEPT.mkdir(parents=True, exist_ok=True)
    place = KEPT / f"{failure['input'].replace(' ', '-')}.md"
    place.write_bytes(bytes.fromhex(failure["data"]))
    return f"{place}: {failure['error']}"


@marked
def test_damaged_files(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    profile = request.config.pluginmanager.get_plugin("fuzz_profile")
    for first, number in chunks(profile.INPUTS if profile else FEW):
        report = run(first, number, tmp_path / str(first))
        assert [keep(failure) for failure in report["failures"]] == []
        assert report["slowest"] < PATIENCE
        assert report["peak_mib"] < PEAK_MIB


@given(st.integers(min_value=1 << 20), st.sampled_from(list(DocType)))
@settings(max_examples=50, deadline=None)
def test_one_damaged_file(files: list[bytes], number: int, kind: DocType) -> None:
    """The same in this process, so that hypothesis looks for the smallest number that fails."""
    data = Mutator(files, SEED).make(number)
    codec(data, kind)
    read_settings(data)


def test_inputs_are_the_same_again_and_differ(files: list[bytes]) -> None:
    assert len(files) > 150
    made = [Mutator(files, SEED).make(number) for number in range(200)]
    assert made == [Mutator(files, SEED).make(number) for number in range(200)]
    assert len(set(made)) > 190
    assert len(set(made) & set(files)) < 40


@pytest.mark.parametrize("failing", ["crash", "hang", "bomb", "error"])
def test_what_goes_wrong_is_noticed(tmp_path: Path, failing: str) -> None:
    """The process with a codec that does what must not happen."""
    todo = {
        "crash": "os.kill(os.getpid(), signal.SIGSEGV)",
        "hang": "time.sleep(60)",
        "bomb": "len(bytes(1 << 40))",
        "error": "1 / 0",
    }[failing]
    code = (
        "import os, signal, sys, time\n"
        "from tests.support import fuzzing\n"
        "fuzzing.PATIENCE = 0.2\n"
        f"fuzzing.codec = lambda data, kind: {todo}\n"
        "fuzzing.main(*sys.argv[1:])\n"
    )
    (tmp_path / "tracker").mkdir()
    words = [sys.executable, "-c", code, "1", "0", "2", str(tmp_path)]
    done = subprocess.run(words, cwd=TOP, capture_output=True, text=True, timeout=60, check=False)
    if failing == "crash":
        assert done.returncode < 0
        assert (tmp_path / "current").read_bytes().startswith(b"1 codec 0\n")
        return
    assert done.returncode == 0, done.stderr
    failures = json.loads((tmp_path / "report.json").read_bytes())["failures"]
    assert [each["input"] for each in failures] == ["1 codec 0", "1 codec 1"]
    word = {"hang": "TimeoutError", "bomb": "MemoryError", "error": "ZeroDivisionError"}[failing]
    assert all(word in each["error"] for each in failures)


def test_participants_of_a_container(box: Sandbox) -> None:
    """Found by damaged files."""
    box.write("x/README.md", "---\ntitle: x\nparticipants: nobody\n---\n")
    checking.check(box.tracker)
