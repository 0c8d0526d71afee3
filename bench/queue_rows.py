"""What it costs to ask what is next, and to write to a branch that is not checked out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from bench import generate
from bench.report import Row
from bench.rows import MIDDLE, PROGRAMS, Bench, Group, against, group, pick
from bench.timing import Arguments, in_turns

#: `next`, `queue` and what else looks at branches as well.
_PLANNING: Final = 3.5
_BUNDLE: Final = "bench"


@group("the queue")
def queue(bench: Bench) -> Iterator[Row]:
    for size in (each for each in bench.sizes if each <= MIDDLE):
        task = pick(bench.tracker(size))
        tiny = bench.tiny()
        named = {
            words[0]: bench.wrkq(size, *words) for words in (("next",), ("queue", "--limit", "20"), ("why", task))
        }
        in_turns([tiny, *named.values()], bench.rounds)
        for name, command in named.items():
            yield against(f"{name}, {size:,}", command, tiny, "T", _PLANNING, "T")


@group("a write to a bundle")
def bundle(bench: Bench) -> Iterator[Row]:
    """Held against the same write to the branch that is checked out, each changing the task every time."""
    size = max(each for each in bench.sizes if each <= MIDDLE)
    repository = bench.tracker(size)
    generate.put_back(repository)
    generate.git(repository, "branch", "-f", f"wrkq/{_BUNDLE}", "HEAD")
    task = pick(repository)

    def hours(*before: str) -> Arguments:
        """Each run writes another value than the one before."""
        words = [str(PROGRAMS / "wrkq"), *before, "set", task, "--estimate-hours"]
        return lambda number: [*words, str(number + 1)]

    here, there = bench.command(size, hours()), bench.command(size, hours("--bundle", _BUNDLE))
    for command in (here, there):
        command.run()
    in_turns([here, there], bench.rounds)
    yield against(f"one-field write to a bundle, {size:,}", there, here, "to the branch", 1.1)
    generate.git(repository, "branch", "-D", f"wrkq/{_BUNDLE}")
    generate.put_back(repository)


GROUPS: Final[Sequence[Group]] = (queue, bundle)
