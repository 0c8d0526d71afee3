"""Readers, writers that are killed and people who delete things, all at once: no list is ever wrong."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.index import support
from wrkq_files.index.index import Index
from wrkq_files.index.place import Place
from wrkq_files.index.query import Query

TASKS = 60
context = multiprocessing.get_context("fork")


def path_of(number: int) -> str:
    return f"p{number % 5}/task-{number}.md"


def put(place: Place, number: int, count: int, name: str) -> None:
    """Write a task's file as the tool does: aside, then in place. Its title only ever counts upwards."""
    aside = place.root / f".{name}"
    aside.write_text(
        f"---\ntitle: '{count:06d}'\nid: T-{number:08d}\nblocked_by: [T-{(number + 1) % TASKS:08d}]\n---\n"
    )
    aside.replace(place.root / path_of(number))


def counts(place: Place) -> dict[str, int]:
    return {path_of(number): int((place.root / path_of(number)).read_text().split("'")[1]) for number in range(TASKS)}


def write_on(place: Place, first: int, step: int) -> None:
    """Own every ``step``-th task, and count it up through the index."""
    source = random.Random()
    while True:
        number = source.randrange(first, TASKS, step)
        with Index(place) as index:
            index.refresh_paths([path_of(number)])
            entry = index.entry(path_of(number))
            assert entry is not None
            put(place, number, int(entry.title) + 1, f"writer-{first}")
            index.refresh_paths([path_of(number)])


def rebuild_on(place: Place) -> None:
    while True:
        with Index(place) as index:
            index.rebuild()
        time.sleep(0.02)


def delete_on(place: Place) -> None:
    source = random.Random()
    while True:
        time.sleep(source.uniform(0.1, 0.3))
        shutil.rmtree(place.folder, ignore_errors=True)


def read_once(place: Place) -> None:
    """The list holds every task once, each as it was at some time between the beginning and the end of the read."""
    before = counts(place)
    with Index(place) as index:
        index.refresh()
        found = index.find(Query())
        edges = index.edges()
    after = counts(place)
    assert [entry.path for entry in found] == sorted(before)
    for entry in found:
        assert before[entry.path] <= int(entry.title) <= after[entry.path], entry.path
        assert entry.effective_state == "blocked"
    assert len(edges) == TASKS


def read_on(place: Place, until: float, reads: Any) -> None:
    while time.time() < until:
        read_once(place)
        with reads.get_lock():
            reads.value += 1


def start(work: Callable[..., None], *arguments: Any) -> Any:
    def run() -> None:
        try:
            work(*arguments)
        except BaseException:
            traceback.print_exc(file=sys.stderr)
            os._exit(1)
        os._exit(0)

    process = context.Process(target=run)
    process.start()
    return process


def struggle(place: Place, seconds: float, others: list[Callable[[Place], None]]) -> tuple[int, int]:
    """(reads, kills) while four readers, two killed writers and the others work; fails on any wrong answer."""
    source = random.Random(7)
    reads = context.Value("i", 0)
    until = time.time() + seconds
    readers = [start(read_on, place, until, reads) for _ in range(4)]
    writers = [start(write_on, place, first, 2) for first in range(2)]
    more = [start(other, place) for other in others]
    kills = 0
    while time.time() < until:
        time.sleep(source.uniform(0.03, 0.15))
        first = source.randrange(2)
        assert writers[first].exitcode is None, "a writer failed"
        os.kill(writers[first].pid, signal.SIGKILL)
        writers[first].join()
        kills += 1
        writers[first] = start(write_on, place, first, 2)
    for reader in readers:
        reader.join(60)
    for process in writers + more:
        assert process.exitcode is None, "a helper failed"
        process.kill()
        process.join()
    assert [reader.exitcode for reader in readers] == [0] * 4
    return reads.value, kills


@pytest.fixture
def tracker(tmp_path: Path) -> Place:
    place = support.place(tmp_path)
    for number in range(TASKS):
        (place.root / path_of(number)).parent.mkdir(exist_ok=True)
        put(place, number, 0, "setup")
    return place


@pytest.mark.parametrize(
    "others", [[], [rebuild_on], [rebuild_on, delete_on]], ids=["writers", "rebuilds", "deletes"]
)
def test_no_list_is_ever_wrong(tracker: Place, others: list[Callable[[Place], None]]) -> None:
    reads, kills = struggle(tracker, 2.5, others)
    assert reads > 8
    assert kills > 3
    read_once(tracker)


@pytest.mark.soak
def test_no_list_is_ever_wrong_for_long(tracker: Place) -> None:
    reads, kills = struggle(tracker, 120, [rebuild_on, delete_on])
    assert reads > 1000, (reads, kills)
    read_once(tracker)


def test_all_at_once_on_a_cold_index(tracker: Place) -> None:
    for _ in range(5):
        shutil.rmtree(tracker.folder, ignore_errors=True)
        readers = [start(read_once, tracker) for _ in range(6)]
        for reader in readers:
            reader.join()
        assert [reader.exitcode for reader in readers] == [0] * 6
