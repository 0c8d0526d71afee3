"""What happens from now on, or has happened since somebody looked: the events of commits, each told once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import groupby
from pathlib import Path
from typing import Any, Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git import log as git_log
from wrkq_files.git import moves
from wrkq_files.model import cursors
from wrkq_files.model.cursors import Cursor
from wrkq_files.service import conditions, log, resolve
from wrkq_files.service.history import History, Seen
from wrkq_files.service.log import Deed, Scope
from wrkq_files.service.tracker import Tracker, open_tracker

#: Seconds for which HEAD has to stand still: a merge or a pick of many commits moves it several times.
_CALM: Final = 0.1
#: Commits whose events are fetched together.
_TOGETHER: Final = 200


class Told(NamedTuple):
    """One line: an event, or without one that history was rewritten, and ``seen`` is no longer part of it.

    ``cursor`` is the place after it.
    """

    cursor: Cursor
    event: Seen | None = None
    seen: str = ""


class Watch:
    """``cursor``: where to go on; without one, HEAD as it is now. ``untils``: ``field=value``, one of which holds.

    Raises WrkqError ``not_found``, ``usage``, ``validation``.
    """

    def __init__(
        self,
        tracker: Tracker,
        targets: Sequence[str] = (),
        untils: Sequence[str] = (),
        cursor: Cursor | None = None,
    ) -> None:
        self.tracker = tracker
        self._wanted, self._awaited = self._resolved(targets, untils)
        self._conditions = conditions.conditions(tracker, self._awaited, untils)
        self._scope = Scope()
        self._tip: str | None = None  # what HEAD was when it was last read
        self._last: tuple[str | None, float] = (None, 0.0)  # what HEAD is, and since when
        with closing(History(tracker)) as history:
            if targets:
                self._scope = log.scope_of(tracker, history, self._wanted)
            self.cursor = cursor or Cursor(history.tip or "")
            if cursor is None:
                self._tip = history.tip
        tracker.index.release()

    @property
    def is_waiting(self) -> bool:
        """Whether anything is awaited."""
        return bool(self._conditions)

    def folders(self) -> list[Path]:
        """Where it shows first that HEAD has moved."""
        return moves.folders(self.tracker.repo)

    @property
    def holds(self) -> bool:
        """Whether what is awaited is so, in the commit that was read last; nothing is where nothing is awaited."""
        if not self._conditions or self._tip is None:
            return False
        return conditions.hold(self.tracker, self._tip, [each.id for each in self._awaited], self._conditions)

    def is_moving(self, now: float) -> bool:
        """Whether HEAD moved a moment ago. ``now``: seconds of a clock that never goes back."""
        head = self.tracker.repo.head()
        if head != self._last[0]:
            self._last = (head, now)
        return now - self._last[1] < _CALM

    def is_due(self, now: float) -> bool:
        """Whether there is something to read: HEAD is another, and stands still."""
        if self.is_moving(now) or self._last[0] in (None, self._tip):
            return False
        return not moves.is_rebasing(self.tracker.repo)

    def read(self) -> Iterator[Told]:
        """What has happened since it was last read, parents first."""
        if self.tracker.repo.head() is None:
            return
        self.tracker = _reopened(self.tracker)
        with closing(History(self.tracker)) as history:
            before = self._scope
            if self._wanted:
                self._scope = self._scope_now(history)
            self._tip = history.tip
            for told in self._read(history):
                if told.event is None or not self._wanted or any(e.holds(told.event) for e in (before, self._scope)):
                    yield told
        self.tracker.index.release()

    def row(self, told: Told) -> dict[str, Any]:
        """A line as JSON has it."""
        cursor = cursors.encode(told.cursor)
        if told.event is None:
            return {"type": "cursor_lost", "cursor": cursor, "seen": told.seen, "head": told.cursor.seen}
        [row] = log.rows(self.tracker, [Deed([told.event])])
        return row | {"cursor": cursor}

    # How

    def _resolved(self, targets: Sequence[str], untils: Sequence[str]) -> tuple[list[str], list[Any]]:
        """The targets by ids where they have one, so that they are found wherever they go, and their documents."""
        if untils and not targets:
            hint = "wrkq watch TASK --until state=completed"
            raise WrkqError("usage", "--until waits for a document, and none is named", hint=hint)
        if untils:
            entries = resolve.many(self.tracker, targets)
            return [entry.id for entry in entries], entries
        wanted: list[str] = []
        for target in targets:
            try:
                wanted += [entry.id for entry in resolve.many(self.tracker, [target], resolve.EVERY)]
            except WrkqError as error:
                if error.code not in ("not_found", "unreadable"):
                    raise
                wanted.append(target)  # history may know it, and else says that it does not
        return wanted, []

    def _scope_now(self, history: History) -> Scope:
        try:
            return log.scope_of(self.tracker, history, self._wanted)
        except WrkqError:  # on this branch there is no such document
            return self._scope

    def _read(self, history: History) -> Iterator[Told]:
        tip = history.tip or ""
        steps = self._steps(tip)
        if steps is None:
            lost, self.cursor = self.cursor.tip, Cursor(tip)
            yield Told(self.cursor, seen=lost)
            return
        for old, new, commits in steps:
            yield from self._events(history, old, new, commits)
            self.cursor = Cursor(new)

    def _steps(self, tip: str) -> list[tuple[str, str, list[str]]] | None:
        """From which commit to which, with what lies between and is not told yet; None where the place is lost."""
        repo, cursor = self.tracker.repo, self.cursor
        if cursor.tip and not git_log.is_ancestor(repo, cursor.tip, tip):
            return None
        rest = [(cursor.tip, tip, git_log.between(repo, cursor.tip, tip))]
        if not cursor.reading:
            return rest
        if cursor.seen and not git_log.is_ancestor(repo, cursor.seen, cursor.reading):
            return None
        middle = git_log.between(repo, cursor.seen, cursor.reading)
        if cursor.commit not in middle:
            return None
        return [(cursor.seen, cursor.reading, middle[middle.index(cursor.commit) :]), *rest]

    def _events(self, history: History, old: str, new: str, commits: Sequence[str]) -> Iterator[Told]:
        cursor = self.cursor
        for start in range(0, len(commits), _TOGETHER):
            some = commits[start : start + _TOGETHER]
            asked = history.of_commits(some)
            found = {commit: [*each] for commit, each in groupby(asked, key=lambda seen: seen.happened.commit)}
            for seen in (seen for commit in some for seen in found.get(commit, ())):
                if seen.happened.commit == cursor.commit and seen.happened.place <= cursor.place:
                    continue
                self.cursor = Cursor(old, new, seen.happened.commit, seen.happened.place)
                yield Told(self.cursor, seen)


def _reopened(tracker: Tracker) -> Tracker:
    """The tracker with the settings of now; as it was, where a branch has none."""
    try:
        return open_tracker(tracker.door._replace(root=tracker.root))
    except WrkqError:
        return tracker
