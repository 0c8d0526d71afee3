"""The law of figures: whatever happens on whatever branches, periods add up, and they end with what HEAD says."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.index.test_truth import History
from tests.support.replay import State, truth
from wrkq_files.model.fields import CLOSED_STATES, STATE_SYNONYMS
from wrkq_files.service import statistics
from wrkq_files.service.statistics import Asked, Statistics

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 60


def check(history: History) -> None:
    box = history.box
    box.go_to(BEGIN + timedelta(days=DAYS))
    found = statistics.statistics(box.tracker, Asked(since=BEGIN, per="day"))
    check_that_it_adds_up(found)
    documents, _ = truth(box.repo, box.repo.head, box.folder)
    tasks = {path: each for path, each in documents.items() if not path.endswith("README.md") and path[0] != "_"}
    ids = [fields["id"] for fields, _ in tasks.values() if "id" in fields]
    if len(ids) == len(set(ids)):  # of two files with one id nobody knows which is the task
        assert found.total.open == opened(tasks, documents)


def check_that_it_adds_up(found: Statistics) -> None:
    levels = [sum(count for state, count in level.items() if state not in CLOSED_STATES) for level in found.levels]
    assert all(count >= 0 for level in found.levels for count in level.values())
    for before, each, after in zip(levels[:-1], found.periods, levels[1:], strict=True):
        told = each.figures
        came = told.created + told.reopened + told.restored
        went = told.completed + told.cancelled + told.removed
        assert (before + came - went, told.open) == (after, after)
    for name in ("created", "completed", "cancelled", "reopened", "removed", "restored"):
        assert sum(getattr(each.figures, name) for each in found.periods) == getattr(found.total, name)


def opened(tasks: State, documents: State) -> int:
    """How many tasks are open, by what the files say."""
    folders = {path.removesuffix("README.md") for path, (fields, _) in documents.items() if fields.get("archived")}
    shown = [
        str(fields.get("state", "open"))
        for path, (fields, _) in tasks.items()
        if not fields.get("archived") and not path.startswith(tuple(folders))
    ]
    return sum(STATE_SYNONYMS.get(state, state) not in CLOSED_STATES for state in shown)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**6), st.integers(1, 25))
def test_periods_add_up_and_end_with_what_head_says(seed: int, steps: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        history = History(Path(folder), seed)
        for number in range(steps):
            day = BEGIN + timedelta(days=history.lot.randrange(DAYS))
            history.box.go_to(day)
            with mock.patch.dict(os.environ, {"GIT_AUTHOR_DATE": day.isoformat()}):
                history.step()
            if number % 5 == 4:
                check(history)
        check(history)
