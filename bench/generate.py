"""Makes git repositories that hold nothing but a tracker of N tasks, the same for the same N and seed.

``python -m bench.generate 1000 10000`` prints where they are; they are kept in ``bench/out/`` and made once.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Final

from bench import tracker as making
from bench import words

OUT: Final = Path(__file__).resolve().parent / "out"
SEED: Final = 1
#: The tag of the commit that a repository is put back to before each use.
TAG: Final = "generated"
CONFIG: Final = "format: 1\nbase: main\ncommit:\n  mode: auto\n"
ATTRIBUTES: Final = (
    "*.md -text\nwrkq.yaml -text\n_attachments/** -text\n_comments/** linguist-generated\n*.md merge=wrkq\n"
)
_SOURCES: Final = (Path(__file__), Path(making.__file__), Path(words.__file__))


def environment() -> dict[str, str]:
    """This process's environment without anything that points git, wrkq or Python elsewhere, or configures them."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "WRKQ_", "PYTHON"))}
    return kept | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "NO_COLOR": "1",
        "WRKQ_ACTOR": words.ACTORS[0],
    }


def git(repository: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(repository), *arguments],
        env=environment(),
        check=True,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    return done.stdout.strip()


def edits_for(count: int) -> int:
    """How many commits of small edits a history gets."""
    return min(500, max(20, count // 5))


def write_repository(folder: Path, count: int, seed: int = SEED) -> making.Tracker:
    """A new repository in ``folder``, with a checkout; returns what is in it."""
    begin(folder)
    tracker = making.generate(count, seed)
    importer = subprocess.Popen(
        ["git", "-C", str(folder), "fast-import", "--quiet", "--force"], stdin=subprocess.PIPE, env=environment()
    )
    assert importer.stdin is not None
    with importer.stdin as stream:
        _write_history(stream, tracker, edits_for(count))
    if importer.wait():
        raise RuntimeError("git fast-import failed")
    git(folder, "reset", "--quiet", "--hard", "main")
    git(folder, "tag", TAG)
    return tracker


def begin(folder: Path) -> None:
    """An empty repository."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    for key, value in (("user.name", "Robin"), ("user.email", "robin@example.com"), ("core.autocrlf", "false")):
        git(folder, "config", key, value)


def _write_history(stream: IO[bytes], tracker: making.Tracker, edits: int) -> None:
    """A commit for the settings, one for each project, and then the edits."""
    settings = {f"{making.ROOT}/wrkq.yaml": CONFIG, f"{making.ROOT}/.gitattributes": ATTRIBUTES}
    settings["README.md"] = "# A generated tracker\n\nMade by `make bench`; nobody works here.\n"
    commit(stream, making.BEGIN, "Settings", settings.items())
    by_first: dict[str, list[making.File]] = {}
    for file in tracker.files.values():
        by_first.setdefault(file.path.partition("/")[0], []).append(file)
    for name, files in by_first.items():
        commit(stream, tracker.now(), f"Plan {name}", contents(files))
    for _ in range(edits):
        subject, files = making.work(tracker)
        commit(stream, tracker.now(), subject, contents(files))


def contents(files: Iterable[making.File]) -> Iterator[tuple[str, str]]:
    return ((f"{making.ROOT}/{file.path}", file.text()) for file in files)


def commit(stream: IO[bytes], when: datetime, subject: str, files: Iterable[tuple[str, str]]) -> None:
    message = f"{subject}\n".encode()
    who = f"committer Robin <robin@example.com> {int(when.timestamp())} +0000"
    stream.write(f"commit refs/heads/main\n{who}\ndata {len(message)}\n".encode() + message)
    for path, text in files:
        content = text.encode()
        stream.write(f"M 100644 inline {path}\ndata {len(content)}\n".encode() + content + b"\n")
    stream.write(b"\n")


def cached(count: int, seed: int = SEED) -> Path:
    """The repository for ``count`` tasks, put back to its start; made when none comes from these very sources."""
    version = hashlib.sha256(b"\0".join(path.read_bytes() for path in _SOURCES)).hexdigest()[:8]
    folder = OUT / f"tracker-{count}-{seed}-{version}"
    if not folder.exists():
        for old in OUT.glob(f"tracker-{count}-{seed}-*"):
            shutil.rmtree(old)
        making_folder = OUT / f"making-{count}-{os.getpid()}"
        write_repository(making_folder, count, seed)
        making_folder.rename(folder)
    put_back(folder)
    return folder


def put_back(folder: Path) -> None:
    """Make a repository what it was when it was made."""
    git(folder, "reset", "--quiet", "--hard", TAG)
    git(folder, "clean", "--quiet", "-d", "--force", "-x")
    shutil.rmtree(folder / ".git" / "wrkq", ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[1_000, 10_000, 50_000])
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    for count in arguments.sizes:
        print(cached(count, arguments.seed), flush=True)


if __name__ == "__main__":
    main()
