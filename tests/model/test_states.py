"""The table of moves, spelled out once more, and the state that is shown."""

from __future__ import annotations

from itertools import product

import pytest

from wrkq_files.model import states
from wrkq_files.model.fields import CLOSED_STATES, STATES

#: From (rows) to (columns): idea, draft, open, in_progress, in_review, blocked, completed, cancelled.
TABLE = """
  I D O P R B C X
I = + + - - - - +
D + = + - - - - +
O - + = + + + + +
P - - + = + + + +
R - - - + = - + +
B - - + + + = + +
C - - + - - - = -
X - - + - - - - =
"""
ROWS = [line.split()[1:] for line in TABLE.strip().split("\n")[1:]]


@pytest.mark.parametrize(("old", "new"), list(product(STATES, STATES)))
def test_every_move(old: str, new: str) -> None:
    assert states.allowed(old, new) == (ROWS[STATES.index(old)][STATES.index(new)] in "=+")


def test_no_state_moves_to_itself_and_all_are_known() -> None:
    assert tuple(states.MOVES) == STATES
    assert all(old not in new and set(new) < set(STATES) for old, new in states.MOVES.items())


@pytest.mark.parametrize(
    ("state", "waits", "lists", "reason", "shown"),
    [
        ("open", False, False, False, "open"),
        ("open", False, True, False, "open"),
        ("open", True, True, False, "blocked"),
        ("open", False, False, True, "blocked"),
        ("open", False, True, True, "blocked"),
        ("open", True, True, True, "blocked"),
        ("blocked", False, False, False, "blocked"),
        ("blocked", False, True, False, "open"),
        ("blocked", True, True, False, "blocked"),
        ("blocked", False, True, True, "blocked"),
        ("blocked", False, False, True, "blocked"),
        ("blocked", True, True, True, "blocked"),
    ],
)
def test_effective(state: str, waits: bool, lists: bool, reason: bool, shown: str) -> None:
    assert states.effective(state, waits=waits, lists_blockers=lists, has_reason=reason) == shown


@pytest.mark.parametrize(
    ("state", "waits", "lists", "shown"),
    [
        ("open", False, False, "in_progress"),
        ("open", True, True, "blocked"),
        ("blocked", False, True, "in_progress"),
        ("blocked", False, False, "blocked"),
        ("idea", False, False, "idea"),
        ("in_review", False, False, "in_review"),
    ],
)
def test_effective_where_a_subtask_has_begun(state: str, waits: bool, lists: bool, shown: str) -> None:
    assert states.effective(state, waits=waits, lists_blockers=lists, has_reason=False, has_begun=True) == shown


@pytest.mark.parametrize("state", [state for state in STATES if state not in ("open", "blocked")])
def test_other_states_are_shown_as_they_are(state: str) -> None:
    for waits, lists, reason in product((False, True), repeat=3):
        assert states.effective(state, waits=waits, lists_blockers=lists, has_reason=reason) == state


def test_only_closed_states_reopen() -> None:
    assert {old for old, new in states.MOVES.items() if new == ("open",)} == CLOSED_STATES
