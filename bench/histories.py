"""Makes git repositories with long histories: N commits that all touch a tracker of 1,000 tasks, or one in ten does.

``python -m bench.histories 1000 10000`` prints where they are; they are kept in ``bench/out/`` and made once.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import IO, Final

from bench import generate, words
from bench import tracker as making

TASKS: Final = 1_000
#: In the repositories of the second kind: one commit in so many touches the tracker, and one of the others names a
#: task.
ONE_IN: Final = 10
_CODE_FILES: Final = 3_000
_SOURCES: Final = (Path(__file__), Path(generate.__file__), Path(making.__file__), Path(words.__file__))


def write_repository(folder: Path, commits: int, *, beside_code: bool) -> None:
    """A new repository in ``folder``, with a checkout."""
    generate.begin(folder)
    tracker = making.generate(TASKS, generate.SEED)
    importer = subprocess.Popen(
        ["git", "-C", str(folder), "fast-import", "--quiet", "--force"],
        stdin=subprocess.PIPE,
        env=generate.environment(),
    )
    assert importer.stdin is not None
    with importer.stdin as stream:
        _write(stream, tracker, commits, beside_code=beside_code)
    if importer.wait():
        raise RuntimeError("git fast-import failed")
    generate.git(folder, "reset", "--quiet", "--hard", "main")
    generate.git(folder, "tag", generate.TAG)


def _write(stream: IO[bytes], tracker: making.Tracker, commits: int, *, beside_code: bool) -> None:
    settings = {f"{making.ROOT}/wrkq.yaml": generate.CONFIG, f"{making.ROOT}/.gitattributes": generate.ATTRIBUTES}
    code = _Code(Random(f"code/{commits}"))
    if beside_code:
        settings |= dict(code.all())
    generate.commit(stream, making.BEGIN, "Settings", settings.items())
    generate.commit(stream, tracker.now(), "Plan", generate.contents(tracker.files.values()))
    for number in range(commits - 2):
        if beside_code and number % ONE_IN:
            named = f"\n\nTowards {tracker.tasks[number % len(tracker.tasks)].id}" if number % ONE_IN == 1 else ""
            generate.commit(stream, tracker.now(), f"Change some code{named}", code.change(number))
        else:
            subject, files = making.work(tracker)
            generate.commit(stream, tracker.now(), subject, generate.contents(files))


class _Code:
    """Files beside the tracker."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.paths = [f"src/part{n // 100}/unit{n // 10 % 10}/module{n}.c" for n in range(_CODE_FILES)]

    def all(self) -> Iterator[tuple[str, str]]:
        return ((path, self._text(path, 0)) for path in self.paths)

    def change(self, number: int) -> list[tuple[str, str]]:
        return [(path, self._text(path, number)) for path in self.random.sample(self.paths, 3)]

    def _text(self, path: str, number: int) -> str:
        return f"/* {path} */\n\n" + "".join(f"int value_{line} = {number * line};\n" for line in range(20))


def cached(commits: int, *, beside_code: bool) -> Path:
    """The repository, put back to its start; made when none comes from these very sources."""
    version = hashlib.sha256(b"\0".join(path.read_bytes() for path in _SOURCES)).hexdigest()[:8]
    name = f"{'code' if beside_code else 'history'}-{commits}"
    folder = generate.OUT / f"{name}-{version}"
    if not folder.exists():
        for old in generate.OUT.glob(f"{name}-*"):
            shutil.rmtree(old)
        making_folder = generate.OUT / f"making-{name}-{os.getpid()}"
        write_repository(making_folder, commits, beside_code=beside_code)
        making_folder.rename(folder)
    generate.put_back(folder)
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[1_000, 10_000, 50_000])
    for commits in parser.parse_args().sizes:
        for beside_code in (False, True):
            print(cached(commits, beside_code=beside_code), flush=True)


if __name__ == "__main__":
    main()
