"""What to type about a test of readiness that keeps tasks back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from wrkq_files.index.entry import Entry

#: By test, of any task; docs/queue.md is generated from this table.
WAYS: Final[Mapping[str, str]] = {
    "state": "wrkq find --state idea,draft,in_progress,in_review",
    "archived": "wrkq restore TASK",
    "blocked": "wrkq queue --blocked",
    "elsewhere": "wrkq find --in-flight",
    "assignee": "wrkq queue --for ACTOR",
    "section": "wrkq set FEATURE --section ready; in the inbox: wrkq set TASK --assignee me",
    "start": "wrkq set TASK --start ''",
    "subtasks": "wrkq start SUBTASK",
    "labels": "wrkqadm config doctor",
    "attempts": "wrkq retry TASK",
    "artifacts": "wrkq attach put TASK FILE",
}
_IN_INBOX: Final = "wrkq set TASK --assignee me"
#: What makes a task ready that is in one of these states.
_FROM: Final[Mapping[str, str]] = {
    **dict.fromkeys(("idea", "draft", "in_progress"), "wrkq set TASK --state open"),
    "in_review": "wrkq review pass TASK",
    **dict.fromkeys(("completed", "cancelled"), "wrkq reopen TASK"),
}


def way(test: str, task: Entry, *, section: str = "", subtask: str = "") -> str:
    """The same of one task. ``section``: where its feature would have to stand, empty in no feature; ``subtask``: an
    open one's id.
    """
    found = WAYS[test]
    if test == "state":
        found = _FROM.get(task.state, found)
    if test == "section":
        found = f"wrkq set {task.feature} --section {section}" if section else _IN_INBOX
    return found.replace("SUBTASK", subtask).replace("TASK", task.id).replace("ACTOR", task.assignee or "")
