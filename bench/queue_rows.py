"""What it costs to ask what is next, to look at a board, and to write to a branch that is not checked out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

from bench import generate
from bench.report import Row
from bench.rows import MIDDLE, PROGRAMS, Bench, Group, against, group, pick
from bench.timing import Arguments, in_turns
from bench.tracker import ROOT

#: `next`, `queue` and what else looks at branches as well.
_PLANNING: Final = 3.5
_BUNDLE: Final = "bench"
#: What 20,000 edges may add to the queue.
_GRAPH: Final = 1.2
_EDGES: Final = re.compile(r"^blocked_by:\n(?:  - .*\n)*", re.MULTILINE)
_ID: Final = re.compile(r"^id: (T-\w+)$", re.MULTILINE)


@group("the queue")
def queue(bench: Bench) -> Iterator[Row]:
    for size in (each for each in bench.sizes if each <= MIDDLE):
        task = pick(bench.tracker(size))
        tiny = bench.tiny()
        named = {
            "next": bench.wrkq(size, "next"),
            "queue": bench.wrkq(size, "queue", "--limit", "20"),
            "why": bench.wrkq(size, "why", task),
            "board": bench.wrkq(size, "board"),
            "board --tasks": bench.wrkq(size, "board", "--tasks"),
            "roadmap": bench.wrkq(size, "roadmap"),
        }
        in_turns([tiny, *named.values()], bench.rounds)
        for name, command in named.items():
            yield against(f"{name}, {size:,}", command, tiny, "T", _PLANNING, "T")


@group("the graph")
def graph(bench: Bench) -> Iterator[Row]:
    """The queue where every task but two waits for two others, against the same where none waits."""
    size = max(each for each in bench.sizes if each <= MIDDLE)
    repository = bench.tracker(size)
    generate.put_back(repository)
    listed = generate.git(repository, "ls-files", "--", f"{ROOT}/[a-z]*.md").splitlines()
    tasks = [repository / name for name in listed if not name.endswith("/README.md")]
    texts = [_EDGES.sub("", task.read_text(encoding="utf-8")) for task in tasks]
    ids = [_ID.search(text) for text in texts]
    known = [found[1] for found in ids if found]
    queue, tiny = bench.wrkq(size, "queue", "--limit", "20"), bench.tiny()
    seconds = []
    for count in (0, 2):
        chance = Random("graph")
        for number, (task, text) in enumerate(zip(tasks, texts, strict=True)):
            others = chance.sample(known[:number], count) if number >= 2 else []
            edges = "".join(["blocked_by:\n" * bool(others), *(f"  - {each}\n" for each in sorted(others))])
            task.write_text(text.replace("\n---\n", f"\n{edges}---\n", 1), encoding="utf-8")
        queue.run()
        in_turns([tiny, queue], bench.rounds)
        seconds.append(queue.seconds)
    what = f"queue, {size:,} tasks, {2 * size:,} edges"
    yield Row(what, seconds[1], seconds[0], "without", _GRAPH, f"<= {_GRAPH:g} x")
    generate.put_back(repository)


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


GROUPS: Final[Sequence[Group]] = (queue, graph, bundle)
