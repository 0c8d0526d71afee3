# ruff: noqa: S608 (only our own column names and placeholders are ever put into SQL)
"""Effective states: worked out when a task, or one it waits for, changes, so that no query has to join."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection

from wrkq_files.model import states

_AT_ONCE = 2000
_SELECT = """SELECT task.number, task.state, task.effective_state, task.reason,
    max(NOT EXISTS (SELECT 1 FROM entry blocker WHERE blocker.id = edge.dst AND blocker.type = 'task')
        OR EXISTS (SELECT 1 FROM entry blocker WHERE blocker.id = edge.dst AND blocker.type = 'task'
                   AND blocker.state NOT IN ('completed', 'cancelled')))
    FROM edge JOIN entry task ON task.number = edge.src WHERE edge.kind = 'blocked_by' AND task.type = 'task'"""


def update(connection: sqlite3.Connection, ids: Collection[str], numbers: Collection[int]) -> None:
    """Put right the effective states of the tasks with these numbers, and of all that wait for one of the ids."""
    if len(ids) + len(numbers) > _AT_ONCE:
        rows = connection.execute(f"{_SELECT} GROUP BY task.number").fetchall()
    else:
        connection.execute("CREATE TEMP TABLE IF NOT EXISTS affected(number INTEGER PRIMARY KEY)")
        connection.execute("DELETE FROM affected")
        connection.executemany("INSERT OR IGNORE INTO affected VALUES (?)", [(number,) for number in numbers])
        connection.executemany(
            "INSERT OR IGNORE INTO affected SELECT src FROM edge WHERE dst = ? AND kind = 'blocked_by'",
            [(each,) for each in ids],
        )
        narrowed = f"{_SELECT} AND task.number IN (SELECT number FROM affected) GROUP BY task.number"
        rows = connection.execute(narrowed).fetchall()
    changed = [
        (state, number)
        for number, stored, old, reason, waits in rows
        if (state := states.effective(stored, waits=bool(waits), lists_blockers=True, has_reason=bool(reason))) != old
    ]
    connection.executemany("UPDATE entry SET effective_state = ? WHERE number = ?", changed)
