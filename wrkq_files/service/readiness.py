"""Whether a task is ready to be taken up: a row of tests, each with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from datetime import datetime
from functools import cached_property
from typing import Final, NamedTuple

from wrkq_files.index.entry import Entry
from wrkq_files.index.query import Hand, Query
from wrkq_files.index.rows import moment
from wrkq_files.model import sections
from wrkq_files.model.fields import CLOSED_STATES, OPEN_STATES, DocType
from wrkq_files.model.layout import INBOX
from wrkq_files.model.urgency import depths
from wrkq_files.service import columns, policy, ways
from wrkq_files.service.flight import TAKEN
from wrkq_files.service.planning import Plan

#: A label that offers a task to any agent, and the beginning of one that offers it to a certain one.
AGENTABLE: Final = "agentable"
AGENT: Final = "agent:"
RETRY: Final = "retry"
BLOCKED: Final = "blocked"
ARTIFACTS: Final = "artifacts"
SUBTASKS: Final = "subtasks"
#: The tests, in the order in which they are made.
NAMES: Final = (
    *("state", "archived", BLOCKED, "elsewhere", "assignee"),
    *("section", "start", SUBTASKS, "labels", "attempts", ARTIFACTS),
)
_BEGUN, _IN_REVIEW = "in_progress", "in_review"
_OPEN_ROLES: Final = frozenset({"ready", "active"})
#: Kinds of comment that tell of an attempt that came to nothing.
_ATTEMPTS: Final = frozenset({"attempt", "handoff"})


class Who(NamedTuple):
    """For whom: an actor's slug (None: for anybody), and whether that is an agent."""

    slug: str | None
    is_agent: bool = False


class Test(NamedTuple):
    """One thing that has to hold; ``says``: how it stands, in words. ``way``: what to type where it does not."""

    name: str
    passed: bool
    says: str
    way: str | None = None


class Stand(NamedTuple):
    """The section that a task stands in by its feature; ``place`` is that section's number in its project's order.

    ``opens``: the first of its project's sections in which tasks are ready.
    """

    slug: str
    role: str
    place: int
    opens: str


class Readiness:
    """Looks at what is merged with base, once; then answers for each task."""

    def __init__(self, plan: Plan, who: Who, now: datetime) -> None:
        self._plan, self._who, self._now = plan, who, now
        self._tracker, self._index = plan.tracker, plan.tracker.index
        self._settings = plan.tracker.config
        self._policy = policy.Policy(plan.tracker)
        self._tests: Mapping[str, Callable[[Entry], str | None]] = {name: getattr(self, f"_{name}") for name in NAMES}
        self._others = [(name, test) for name, test in self._tests.items() if name != BLOCKED]

    @property
    def hand(self) -> Hand:
        """Which tasks need a look at all; the others fail ``state``, or ``section`` and no test before it."""
        shut = [feature for feature, stand in self._stands.items() if stand.role not in _OPEN_ROLES]
        return Hand(self._who.slug or "", shut, [*self._plan.marks])

    def fails(self, task: Entry) -> str | None:
        """The first test that a task fails; None for one that is ready.

        That it is blocked comes last: it is said of what nothing else keeps back. What the actor has to review is
        offered for that, whatever keeps it from being worked on.
        """
        if self.is_to_review(task):
            return None
        for name, test in self._others:
            if test(task) is not None:
                return name
        return BLOCKED if self.is_blocked(task) else None

    def is_blocked(self, task: Entry) -> bool:
        """Whether it waits for something, in whichever state: only an open task's effective state tells of it."""
        if task.state in ("open", "blocked") or task.state in CLOSED_STATES:
            return task.effective_state == BLOCKED
        return any(map(self._is_open, self._waits.get(task.id, ()))) or "blocked_reason" in task.document_fields()

    def is_to_review(self, task: Entry) -> bool:
        """Whether it is in review, here or on another branch, and the actor is its reviewer."""
        marks = self._plan.elsewhere(task.id)
        if task.state != _IN_REVIEW and not any(each.word == _IN_REVIEW for each in marks):
            return False
        if self._who.slug is None or task.reviewer != self._who.slug or task.archived:
            return False
        return all(each.kind == TAKEN for each in marks)

    def waits(self, fails: str, task: Entry) -> bool:
        """Whether what a task fails is something that it waits for: others' work, or an artifact."""
        return fails == BLOCKED or (fails == ARTIFACTS and not policy.is_skipped(self._policy.missing(task)))

    def reason(self, name: str, task: Entry) -> str:
        """Why it fails a test."""
        return self._tests[name](task) or ""

    def tests(self, task: Entry) -> list[Test]:
        """All of them, in their order; of what the actor has to review that alone."""
        if self.is_to_review(task):
            return [Test("review", True, "it waits for your review", f"wrkq review pass {task.id}")]
        found = []
        for name, test in self._tests.items():
            why = test(task)
            found.append(
                Test(name, why is None, why or self._passed(name, task), self._way(name, task) if why else None)
            )
        return found

    def stand(self, task: Entry) -> Stand | None:
        """Where a task stands by its feature; None for one in no feature."""
        feature = task.feature
        return self._stands.get(feature) if feature is not None else None

    def depth(self, task: Entry) -> int:
        return self._depths.get(task.id, 0)

    def frees(self, task: Entry) -> int:
        """How many open tasks wait for this one alone."""
        return self._frees[task.id]

    # The tests: why not, None where it holds

    def _state(self, task: Entry) -> str | None:
        mine = task.state == _BEGUN and self._who.slug is not None and task.assignee == self._who.slug
        return None if mine or task.state in ("open", BLOCKED) else f"it is {task.state}"

    def _archived(self, task: Entry) -> str | None:
        return "it is archived" if task.archived else None

    def _blocked(self, task: Entry) -> str | None:
        if not self.is_blocked(task):
            return None
        waits = [each for each in self._waits.get(task.id, ()) if self._is_open(each)]
        if waits:
            return f"it waits for {', '.join(self._named(each) for each in waits)}"
        why = task.document_fields().get("blocked_reason")
        return f"it is blocked: {why}" if why else "its file says that it is blocked"

    def _elsewhere(self, task: Entry) -> str | None:
        found = self._plan.elsewhere(task.id)
        return ", ".join(each.words for each in found) if found else None

    def _assignee(self, task: Entry) -> str | None:
        if not task.assignee or task.assignee == self._who.slug:
            return None
        return f"it is {task.assignee}'s"

    def _section(self, task: Entry) -> str | None:
        stand = self.stand(task)
        if stand is not None:
            return None if stand.role in _OPEN_ROLES else f"{task.feature} stands in {stand.slug} ({stand.role})"
        if task.container == INBOX and not (self._who.slug and task.assignee == self._who.slug):
            return "it lies in the inbox, and is not assigned to you"
        return None

    def _start(self, task: Entry) -> str | None:
        begins = moment(task.start) if task.start else None
        return f"not before {task.start}" if begins is not None and begins > self._now.timestamp() else None

    def _subtasks(self, task: Entry) -> str | None:
        count = self._open_subtasks.get(task.id)
        return f"{count} of its subtasks {'is' if count == 1 else 'are'} open" if count else None

    def _labels(self, task: Entry) -> str | None:
        labels = task.labels
        if not labels and not (self._who.is_agent and self._settings.queue_agents == "labelled"):
            return None
        excluded = [each for each in labels if each in self._settings.queue_exclude_labels]
        if excluded:
            return f"label {excluded[0]} is excluded (queue.exclude_labels)"
        low = [each.lower() for each in labels]  # as actors are named, however somebody wrote it
        for_whom = [each.removeprefix(AGENT) for each in low if each.startswith(AGENT)]
        if not self._who.is_agent or self._who.slug in for_whom:
            return None
        if for_whom:
            return f"it is for {', '.join(for_whom)}"
        if self._settings.queue_agents == "labelled" and AGENTABLE not in low:
            return f"no label {AGENTABLE}, nor {AGENT}{self._who.slug} (queue.agents: labelled)"
        return None

    def _attempts(self, task: Entry) -> str | None:
        most = self._settings.queue_max_attempts
        if most is None:
            return None
        count = self._failed[task.id]
        return f"{count} attempts have failed (queue.max_attempts: {most})" if count >= most else None

    def _artifacts(self, task: Entry) -> str | None:
        missing = self._policy.missing(task)
        return policy.says(missing) if missing else None

    def _way(self, name: str, task: Entry) -> str:
        """What to type about a test that this task fails."""
        if name == ARTIFACTS:
            return policy.way(task.id, self._policy.missing(task))
        stand = self.stand(task)
        below = self._index.find(Query(parent=task.id, states=OPEN_STATES)) if name == SUBTASKS else ()
        return ways.way(name, task, section=stand.opens if stand else "", subtask=below[0].id if below else "")

    def _passed(self, name: str, task: Entry) -> str:
        """In words, how a test stands that holds."""
        stand = self.stand(task)
        begun = task.state != _BEGUN == task.effective_state
        said = {
            "state": f"it is {task.state}{', and in progress by its subtasks' if begun else ''}",
            "archived": "not archived",
            "blocked": "nothing it waits for is open",
            "elsewhere": "no other branch is on it, or has closed it",
            "assignee": f"it is {task.assignee}'s" if task.assignee else "nobody's yet",
            "section": f"{task.feature} stands in {stand.slug} ({stand.role})" if stand else "in no feature",
            "start": f"since {task.start}" if task.start else "at any time",
            "subtasks": "no open subtasks",
            "labels": "no label is in the way",
            "attempts": "not tried too often" if self._settings.queue_max_attempts else "no limit to attempts",
            "artifacts": "what policy.require asks for is there"
            if self._settings.policy_require
            else "none required",
        }
        return said[name]

    # What is looked at once

    @cached_property
    def _waits(self) -> Mapping[str, Sequence[str]]:
        """Who waits for whom."""
        return self._index.waits()

    @cached_property
    def _open(self) -> Set[str]:
        """The ids of the tasks that are not closed."""
        return self._index.open_ids()

    def _is_open(self, identifier: str) -> bool:
        """Whether it still blocks: a task that is missing does."""
        if identifier in self._open:
            return True
        return not any(each.state in CLOSED_STATES for each in self._index.by_id(identifier))

    def _named(self, identifier: str) -> str:
        found = sorted(self._index.by_id(identifier), key=lambda each: each.state in CLOSED_STATES)
        return f"{identifier} ({found[0].slug})" if found else f"{identifier}, which is missing"

    @cached_property
    def _open_waits(self) -> Mapping[str, Sequence[str]]:
        """Which open tasks each open task waits for."""
        there = self._open
        return {src: [each for each in dst if each in there] for src, dst in self._waits.items() if src in there}

    @cached_property
    def _depths(self) -> Mapping[str, int]:
        return depths(self._open_waits)

    @cached_property
    def _frees(self) -> Counter[str]:
        return Counter(blockers[0] for blockers in self._open_waits.values() if len(blockers) == 1)

    @cached_property
    def _open_subtasks(self) -> Mapping[str, int]:
        return self._index.open_subtasks()

    @cached_property
    def _stands(self) -> Mapping[str, Stand]:
        """By a feature's address."""
        found = {}
        for board in columns.of(self._tracker, archived=True):
            order = [str(each.get("slug")) for each in board.sections]
            opens = next((name for name in order if sections.role_of(board.sections, name) in _OPEN_ROLES), "")
            for feature in board.features:
                slug = board.section_of(feature)
                place = order.index(slug) if slug in order else len(order)
                role = sections.role_of(board.sections, slug) or "none"
                found[feature.address] = Stand(slug, role, place, opens)
        return found

    @cached_property
    def _failed(self) -> Counter[str]:
        """Attempts that came to nothing, by task, since it was last given another chance."""
        self._index.refresh_comments()
        comments = [
            each for each in self._index.find(Query(types=(DocType.COMMENT,))) if each.on and not each.deleted
        ]
        comments.sort(key=lambda each: each.path.rpartition("/")[2])
        found: Counter[str] = Counter()
        for each in comments:
            if each.kind in _ATTEMPTS:
                found[each.on or ""] += 1
            elif (each.document_fields().get("meta") or {}).get(RETRY):
                found[each.on or ""] = 0
        return found
