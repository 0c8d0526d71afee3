"""What merging costs, and how often it has to ask."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from bench import generate, two_sides
from bench.report import Row
from bench.rows import MIDDLE, PROGRAMS, Bench, Group, against, group, pick
from bench.timing import Arguments, in_turns
from bench.tracker import ROOT

#: A merge of one file, in process.
_EACH: Final = 0.003
#: Tasks that a bundle changes; the base changes half of these and as many more. 1.5 s where T is 50 ms.
_CHANGED: Final = 200
_CHECK: Final = 30


@group("conflicts")
def conflicts(bench: Bench) -> Iterator[Row]:
    """The share of merges that end in conflict, by the way they are merged, against that of real disagreements."""
    cases = [*two_sides.cases()]
    found = two_sides.outcome(cases, bench.tracker(bench.sizes[0]))
    real = found.real / found.merges
    for name, count, limit in (
        ("git on one JSON file", found.json, None),
        ("git on our files", found.files, None),
        ("the engine on our files", found.engine, 1.0),
    ):
        what = f"merges in conflict of {found.merges}, {name}"
        yield Row(what, count / found.merges, real, "real", limit, "<= real ones" if limit else "", unit="share")


@group("one merge")
def one(bench: Bench) -> Iterator[Row]:
    """One file that both sides changed, in a process that has merged before."""
    from wrkq_files.service.merging import merge_file

    folder = bench.tracker(bench.sizes[0])
    files = [*two_sides.merged_files([*two_sides.cases(100)])]
    merge_file(folder, *files[0])
    times = []
    for each in files:
        start = time.perf_counter()
        merge_file(folder, *each)
        times.append(time.perf_counter() - start)
    what = f"the merge of one file, of {len(files)}"
    yield Row(f"{what}: median", statistics.median(times), limit=_EACH, target="<= 3 ms")
    yield Row(f"{what}: the slowest", max(times))


@group("one file through the merge driver")
def driver(bench: Bench) -> Iterator[Row]:
    repository = bench.tracker(bench.sizes[0])
    tiny, command = bench.tiny(), bench.command(bench.sizes[0], _driver(repository))
    in_turns([tiny, command], bench.rounds)
    yield against("one file through the merge driver", command, tiny, "T", 3, "T")


def _driver(repository: Path) -> Arguments:
    """As git calls it: the base, ours (which the result replaces), theirs, the markers' length, the file's name."""
    name = f"{ROOT}/{pick(repository)}.md"
    base = (repository / name).read_text(encoding="utf-8")
    ours = base.replace("\n---\n", "\nsummary: Ours.\n---\n", 1)
    theirs = base.replace("\n---\n", "\nrank: b0\n---\n", 1) + "\nOne more line.\n"
    folder = repository / ".git" / "bench-merge"
    folder.mkdir(exist_ok=True)
    for label, text in (("base", base), ("theirs", theirs)):
        (folder / label).write_text(text, encoding="utf-8")

    def arguments(_: int) -> Sequence[str]:
        (folder / "ours").write_text(ours, encoding="utf-8")
        files = [str(folder / label) for label in ("base", "ours", "theirs")]
        return [str(PROGRAMS / "wrkq"), "merge-driver", *files, "7", name]

    return arguments


@group("bundle check")
def bundle_check(bench: Bench) -> Iterator[Row]:
    """A bundle's commits checked, and the bundle merged with the base in memory."""
    sizes = [size for size in bench.sizes if size <= MIDDLE]
    tiny = bench.tiny()
    commands = {size: bench.wrkq(size, "bundle", "check", "-q", "two-sides") for size in sizes}
    try:
        for size, command in commands.items():
            _two_sides(bench.tracker(size))
            command.run()
        in_turns([tiny, *commands.values()], bench.slow_rounds)
    finally:
        for size in commands:
            generate.git(bench.tracker(size), "branch", "-q", "-D", "wrkq/two-sides")
            generate.put_back(bench.tracker(size))
    for size, command in commands.items():
        limit = _CHECK if size == MIDDLE else None
        what = f"bundle check, {_CHANGED} changed tasks of {size:,}"
        yield Row(what, command.seconds, tiny.seconds, "T", limit, f"<= {_CHECK} T" if limit else "")


def _two_sides(repository: Path) -> None:
    """Two branches that change some of the same tasks, each another field."""
    names = generate.git(repository, "ls-files", "--", f"{ROOT}/[a-z]*/*/*.md").splitlines()
    tasks = [name for name in names if not name.endswith("/README.md")]
    step = max(1, len(tasks) // (2 * _CHANGED))
    chosen = tasks[::step]
    generate.git(repository, "checkout", "-q", "-b", "wrkq/two-sides")
    _edit(repository, chosen[:_CHANGED], "\n---\n\n", "\n---\n\nOurs first.\n\n")
    generate.git(repository, "checkout", "-q", "main")
    _edit(repository, chosen[_CHANGED // 2 : 2 * _CHANGED], "\n---\n\n", "\nnoted: by the base\n---\n\n")


def _edit(repository: Path, names: Sequence[str], old: str, new: str) -> None:
    for name in names:
        place = repository / name
        place.write_text(place.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    generate.git(repository, "commit", "-q", "-a", "-m", "One side")


GROUPS: Final[Sequence[Group]] = (conflicts, one, driver, bundle_check)
