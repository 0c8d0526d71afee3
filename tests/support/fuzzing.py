"""A process that feeds inputs of the mutator to the codec and to ``check``: ``python -m tests.support.fuzzing``.

A process of its own, for a crash of the C loader, a hang or a flood of memory ends it: the input it was at is then in
``current`` in its folder. What Python notices is written to ``failed`` with the trace, and the process goes on.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, Final, NamedTuple

from tests.support.mutator import Mutator, seeds
from tests.support.sandbox import Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.files import config_file, edits, schema
from wrkq_files.files.documents import is_document, parse
from wrkq_files.files.schema import verdicts
from wrkq_files.model.document import Document
from wrkq_files.model.fields import DocType
from wrkq_files.model.finding import Finding
from wrkq_files.model.rules import RULES
from wrkq_files.service import checking

TOP: Final = Path(__file__).parents[2]
CORPORA: Final = (TOP / "tests" / "corpus", TOP / "sample-repo", TOP.parent / "shared" / "data")
#: Seconds that one input may take. The slowest of 100,000 took a twentieth of it.
PATIENCE: Final = 5.0
#: Address space of the process, in bytes: a bomb is a MemoryError, and not a machine that swaps.
MEMORY: Final = 3 << 30
#: So many inputs are files of one tracker for one `check`.
TOGETHER: Final = 100
#: So many times as patient with one `check` of them.
_SEVERAL: Final = 6
_KINDS: Final = tuple(DocType)
_PLACES: Final = {
    DocType.TASK: "x/{}.md",
    DocType.CONTAINER: "x/{}/README.md",
    DocType.ACTOR: "_actors/{}.md",
    DocType.COMMENT: "_comments/AA/T-AAAAAAAA/{}.md",
    DocType.WORKSPACE: "_workspaces/W-{}.md",
}


class Work(NamedTuple):
    """So many inputs of a seed, from the number ``first`` on, worked on in a folder."""

    seed: int
    first: int
    number: int
    folder: Path


def codec(data: bytes, kind: DocType) -> None:
    """The laws of reading and editing, on bytes that somebody damaged."""
    parsed = parse(data, kind, "x/a.md")
    _findings_are_whole(parsed.findings)
    assert (parsed.document is None) == any(RULES[finding.rule].unreadable for finding in parsed.findings)
    if not is_document(data):
        assert parsed.document is None
    if parsed.document is None:
        return
    _edits_are_exact(data, kind, parsed.document)
    if all(finding.severity != "error" for finding in parsed.findings):
        assert verdicts(kind, parsed.document.fields) == [], parsed.document.fields


def _findings_are_whole(findings: tuple[Finding, ...]) -> None:
    for finding in findings:
        assert finding.message, finding
        assert finding.remedy, finding
        assert finding.line >= 1, finding
        assert finding.column >= 1, finding


def _edits_are_exact(data: bytes, kind: DocType, document: Document) -> None:
    assert edits.set_fields(data, kind, {}) == data
    assert edits.set_body(data, document.body) == data
    try:
        after = edits.set_fields(data, kind, {"meta": {"fuzz": "a: b"}})
        formatted = edits.fmt(data, kind)
    except WrkqError as error:
        if error.code in ("refused", "validation"):
            return
        raise
    changed = parse(after, kind, "x/a.md").document
    assert changed is not None
    assert {**changed.fields, "meta": 0} == {**document.fields, "meta": 0}
    assert changed.body == document.body
    assert edits.fmt(formatted, kind) == formatted
    in_order = edits.sort_sets(data, kind)
    assert edits.sort_sets(in_order, kind) == in_order


def settings(data: bytes) -> None:
    """`wrkq.yaml` with such text."""
    try:
        config, findings = config_file.read_config(data, "wrkq.yaml")
    except WrkqError as error:
        if error.code == "format":
            return
        raise
    _findings_are_whole(findings)
    if not findings:
        assert list(schema.errors("config", config.raw)) == []


def check(box: Sandbox, inputs: list[tuple[DocType, bytes]]) -> None:
    """``check`` over a tracker of such files: it tells, and touches nothing."""
    for number, (kind, data) in enumerate(inputs):
        place = box.root / _PLACES[kind].format(number)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    before = _state(box)
    for each in checking.check(box.tracker):
        assert each.finding.message, each
        assert each.finding.remedy, each
        assert each.severity in ("error", "warning", "notice"), each
        checking.source_line(box.tracker, each.finding)
    assert _state(box) == before


def _state(box: Sandbox) -> dict[str, tuple[int, int]]:
    """Every file in and beside the repository but for git's own, where the index lies."""
    files = (path for path in box.repo.path.parent.rglob("*") if ".git" not in path.parts and path.is_file())
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in files}


class Worker:
    """Feeds the inputs, and keeps what failed."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.failures: list[dict[str, Any]] = []
        self.slowest = 0.0
        self.current = (work.folder / "current").open("wb", buffering=0)

    def run(self) -> None:
        make = Mutator(seeds(CORPORA), self.work.seed).make
        box = Sandbox(self.work.folder / "tracker" / "repo")
        box.commit_all()
        several: list[tuple[DocType, bytes]] = []
        for number in range(self.work.first, self.work.first + self.work.number):
            data, kind = make(number), _KINDS[number % len(_KINDS)]
            self.attempt(f"codec {number}", data, partial(codec, data, kind))
            self.attempt(f"settings {number}", data, partial(settings, data))
            several.append((kind, data))
            if len(several) == TOGETHER:
                self.attempt(f"check up to {number}", b"", partial(check, box, several), files=TOGETHER)
                several = []

    def attempt(self, name: str, data: bytes, do: Callable[[], None], *, files: int = 1) -> None:
        head = f"{self.work.seed} {name}\n".encode()
        self.current.seek(0)
        self.current.truncate()
        self.current.write(head + data)
        begun = time.perf_counter()
        signal.setitimer(signal.ITIMER_REAL, PATIENCE * (1 if files == 1 else _SEVERAL))
        try:
            do()
        except Exception as error:
            told = "".join(traceback.format_exception(error)[-6:])
            self.failures.append({"input": f"{self.work.seed} {name}", "error": told, "data": data.hex()})
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            if files == 1:
                self.slowest = max(self.slowest, time.perf_counter() - begun)


def _too_slow(number: int, frame: FrameType | None) -> None:
    raise TimeoutError("the input takes too long")


def main(seed: str, start: str, count: str, folder: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, _too_slow)
    worker = Worker(Work(int(seed), int(start), int(count), Path(folder)))
    worker.run()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report = {"failures": worker.failures, "slowest": worker.slowest, "peak_mib": peak // 1024}
    (Path(folder) / "report.json").write_text(json.dumps(report))


if __name__ == "__main__":
    main(*sys.argv[1:])
