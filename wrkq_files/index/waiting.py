# ruff: noqa: S608 (only our own column names and placeholders are ever put into SQL)
"""Effective states: worked out when a task, or one it waits for, changes, so that no query has to join."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection

from wrkq_files.model import states

_AT_ONCE = 2000
#: Whether a blocker is missing or open (None: there is none), and whether a subtask has begun.
_SELECT = f"""SELECT task.number, task.state, task.effective_state, task.reason,
    (SELECT max(NOT EXISTS (SELECT 1 FROM entry blocker WHERE blocker.id = edge.dst AND blocker.type = 'task')
        OR EXISTS (SELECT 1 FROM entry blocker WHERE blocker.id = edge.dst AND blocker.type = 'task'
                   AND blocker.state NOT IN ('completed', 'cancelled')))
     FROM edge WHERE edge.src = task.number AND edge.kind = 'blocked_by'),
    EXISTS (SELECT 1 FROM edge JOIN entry below ON below.number = edge.src AND below.container = task.container
            AND NOT below.own_archived AND below.state IN ({", ".join(map(repr, states.BEGUN))})
            WHERE edge.dst = task.id AND edge.kind = 'parent')
    FROM entry task WHERE task.type = 'task' AND task.state IN ('open', 'blocked') AND"""
_ALL = """(task.effective_state != task.state OR task.number IN (SELECT src FROM edge WHERE kind = 'blocked_by')
    OR task.id IN (SELECT dst FROM edge WHERE kind = 'parent'))"""


def update(connection: sqlite3.Connection, ids: Collection[str]) -> None:
    """Put right the effective states of the tasks with these ids, and of all that wait for one of them."""
    if len(ids) > _AT_ONCE:
        rows = connection.execute(f"{_SELECT} {_ALL}").fetchall()
    else:
        connection.execute("CREATE TEMP TABLE IF NOT EXISTS affected(number INTEGER PRIMARY KEY)")
        connection.execute("DELETE FROM affected")
        connection.executemany(
            "INSERT OR IGNORE INTO affected SELECT number FROM entry WHERE id = ?1"
            " UNION SELECT src FROM edge WHERE dst = ?1 AND kind = 'blocked_by'",
            [(each,) for each in ids],
        )
        rows = connection.execute(f"{_SELECT} task.number IN (SELECT number FROM affected)").fetchall()
    changed = []
    for number, stored, old, reason, waits, has_begun in rows:
        state = states.effective(
            stored,
            waits=bool(waits),
            lists_blockers=waits is not None,
            has_reason=bool(reason),
            has_begun=bool(has_begun),
        )
        if state != old:
            changed.append((state, number))
    connection.executemany("UPDATE entry SET effective_state = ? WHERE number = ?", changed)
