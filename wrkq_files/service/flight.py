"""What is in flight: documents that branches have changed and that have not landed on the base yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git import branches
from wrkq_files.git.branches import LOCAL, REMOTE, Branch
from wrkq_files.index import globs
from wrkq_files.index.differs import Differs
from wrkq_files.index.flight import Author
from wrkq_files.model.fields import CLOSED_STATES, DocType
from wrkq_files.service import since_base
from wrkq_files.service.since_base import ORIGIN, Tips
from wrkq_files.service.tracker import Tracker

#: Names of a row of what is in flight.
FIELDS: Final = (
    *("id", "type", "path", "title", "state", "priority", "assignee", "branch", "what", "from", "tip", "time", "who"),
)
#: States in which somebody is on a task.
_UNDER_WAY: Final = frozenset({"in_progress", "in_review"})
LANDING: Final = "landing"
TAKEN: Final = "taken"


class Flying(NamedTuple):
    """A document on a branch. ``tip`` and ``time``: of the branch's last commit; ``who`` made that: an actor, else
    a name.
    """

    document: Differs
    branch: str
    tip: str
    time: datetime
    who: str

    @property
    def mark(self) -> str:
        """``landing`` for what the branch has closed, ``taken`` for what somebody is on there, else nothing."""
        there = self.document
        if not there.is_task or there.what in ("deleted", "unreadable"):
            return ""
        if there.state in CLOSED_STATES:
            return LANDING if there.old_state not in CLOSED_STATES else ""
        was = (there.old_state, there.old_assignee)
        return TAKEN if there.state in _UNDER_WAY and (there.state, there.assignee) != was else ""


class InFlight(NamedTuple):
    """``base``: the base branch's name, ``as_of`` its commit; both empty where there is none, and nothing to see."""

    base: str = ""
    as_of: str = ""
    documents: Sequence[Flying] = ()

    @property
    def branches(self) -> Sequence[str]:
        return list(dict.fromkeys(each.branch for each in self.documents))


def in_flight(tracker: Tracker, *, others: bool = False) -> InFlight:
    """The documents on branches that had a commit within `in_flight_days` and are not merged, the latest first.

    The base itself is left out, and with ``others`` what is checked out here. A local branch and the remote-tracking
    one that it follows are one: the later of the two counts.
    """
    base = since_base.tips(tracker)
    if base is None or not tracker.is_here:
        return InFlight()
    there = branches.branches(tracker.repo)
    with closing(since_base.opened(tracker)) as flight:
        tip = since_base.tip_of(base, flight)
        head = tracker.repo.head() if others else None
        chosen = [each for each in _candidates(tracker, base, there) if each.tip not in (tip, head)]
        found = flight.changed(tip, [each.tip for each in chosen])
        made = flight.authors([each.tip for each in chosen if found[each.tip]])
        flight.prune([each.tip for each in there])
    known = tracker.actors_by_email() if made else {}
    documents = [
        Flying(document, each.name, each.tip, datetime.fromtimestamp(each.time, UTC), _who(made[each.tip], known))
        for each in chosen
        for document in found[each.tip]
    ]
    return InFlight(base.name, tip, documents)


def _candidates(tracker: Tracker, base: Tips, there: Iterable[Branch]) -> list[Branch]:
    """The branches that may have something in flight, each once, the latest first."""
    since = (tracker.door.now() - timedelta(days=tracker.config.in_flight_days)).timestamp()
    bases = {f"{LOCAL}{base.name}", f"{ORIGIN}{base.name}"}
    known = {each.ref: each for each in there if each.ref not in bases}
    chosen = _pairs(known)
    # Of several names of one commit, a local one comes first.
    late = sorted((each for each in chosen.values() if each.time >= since), key=lambda e: (-e.time, e.ref))
    return list({each.tip: each for each in reversed(late)}.values())[::-1]


def _pairs(known: Mapping[str, Branch]) -> dict[str, Branch]:
    """The branches without those that are another one's copy, here or on a remote."""
    chosen = dict(known)
    for local in [each for each in known.values() if each.is_local]:
        followed = [local.upstream, *(ref for ref in known if ref.startswith(REMOTE) and _name(ref) == local.name)]
        for remote in [known[ref] for ref in dict.fromkeys(followed) if ref in chosen and ref.startswith(REMOTE)]:
            chosen.pop(local.ref if remote.time > local.time else remote.ref, None)
    return chosen


def _name(ref: str) -> str:
    """A remote-tracking branch's name on its remote."""
    return ref.removeprefix(REMOTE).partition("/")[2]


def _who(author: Author, known: Mapping[str, str]) -> str:
    return author.actor or known.get(author.email.casefold()) or author.name or author.email


# Asked for as rows


def select(
    found: InFlight,
    *,
    types: Sequence[DocType] = (DocType.TASK,),
    patterns: Sequence[str] = (),
    states: Sequence[str] = (),
    assignee: str | None = None,
) -> list[Flying]:
    """Those that fit; an empty ``assignee`` means nobody."""
    names = {each.value for each in types}
    fits = globs.matcher(patterns) if patterns else None
    return [
        each
        for each in found.documents
        if each.document.type in names
        and (not states or each.document.state in states)
        and (assignee is None or (each.document.assignee or "") == assignee)
        and (fits is None or fits(each.document.address))
    ]


def rows(items: Iterable[Flying], names: Sequence[str] = FIELDS) -> list[dict[str, object]]:
    """One mapping for each. Raises WrkqError ``usage`` for an unknown name."""
    unknown = [name for name in names if name not in FIELDS]
    if unknown:
        raise WrkqError("usage", f"there is no field `{unknown[0]}`", hint=f"fields: {', '.join(FIELDS)}")
    return [{name: value for name, value in _row(each).items() if name in names} for each in items]


def _row(each: Flying) -> dict[str, object]:
    from wrkq_files.model import times

    there = each.document
    return {
        "id": there.id or None,
        "type": there.type,
        "path": there.address,
        "title": there.title or None,
        "state": there.state or None,
        "priority": there.priority if there.is_task else None,
        "assignee": there.assignee,
        "branch": each.branch,
        "what": there.what,
        "from": there.old_state or None,
        "tip": each.tip,
        "time": times.stamp(each.time),
        "who": each.who,
    }
