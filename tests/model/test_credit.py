"""Which of a commit's operations did what: the first for a beginning, the last for all else."""

from __future__ import annotations

import pytest

from wrkq_files.model import messages
from wrkq_files.model.credit import credited
from wrkq_files.model.events import Event

TASK = "T-4K9X2M7Q"
LINES = [
    f"Wrkq-Op: 01ARZ3NDEKTSV4RRFFQ69G5FA{number} {name} {TASK}"
    for number, name in enumerate(("touch", "start", "done"))
]


@pytest.mark.parametrize("listed", [LINES, LINES[::-1]], ids=["oldest first", "newest first"])
def test_a_squash_may_list_its_commits_in_any_order(listed: list[str]) -> None:
    told = messages.read("\n".join(["Squashed commit of the following:", "", *listed, ""]))
    events = [
        Event("task.created", TASK, "inbox/a.md"),
        Event("task.updated", TASK, "inbox/a.md", "state", "open", "completed"),
    ]
    found = {event.type: credit.operation for event, credit in credited(events, told, 0) if event in events}
    assert found == {"task.created": "touch", "task.updated": "done"}
