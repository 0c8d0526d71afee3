from __future__ import annotations

import pytest

from tests.support.sandbox import Sandbox
from wrkq_files.index.events import Events


@pytest.mark.parametrize("times", [1, 100])
def test_a_view_that_others_move_meanwhile(box: Sandbox, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """Another process of this worktree writes between our derivation and our look: once, or whenever we do."""
    place, old = box.tracker.place, box.repo.head
    box.add("New")
    new = box.repo.head
    derive, left = Events._derive, [times]

    def meddled(self: Events, view: str, tip: str) -> None:
        derive(self, view, tip)
        if tip == new and left[0]:
            left[0] -= 1
            self._store.release()
            other = Events(place)
            other.upto(old, view)
            other.close()

    monkeypatch.setattr(Events, "_derive", meddled)
    events = Events(place)
    [*_, last] = events.ask(events.upto(new, "HEAD"), newest_first=False)
    events.close()
    assert (last.commit, left[0] < times) == (new, True)
