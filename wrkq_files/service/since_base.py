"""What the base branch has changed since the checked-out one left it: marks for whoever reads or writes here.

Every command asks, so the usual answer costs a few small files: where HEAD is at the base there is nothing to mark,
and no git is started to find that out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.index.differs import CHANGED, DELETED, MOVED, Differs
from wrkq_files.service.tracker import Tracker

if TYPE_CHECKING:
    from wrkq_files.index.entry import Entry
    from wrkq_files.index.flight import Flight

LOCAL: Final = "refs/heads/"
ORIGIN: Final = "refs/remotes/origin/"
#: What a base branch is called where nobody says so.
USUAL: Final = ("main", "master")


class Tips(NamedTuple):
    """The two sides of the base branch, as far as they exist; ``name`` as people type it."""

    name: str
    local: str | None
    remote: str | None


class Marks(NamedTuple):
    """``base`` is the branch's name, ``tip`` its commit (empty: there is nothing to mark); ``changed`` is by id."""

    base: str = ""
    tip: str = ""
    changed: Mapping[str, Differs] = MappingProxyType({})

    def of(self, entry: Entry) -> str:
        """What has happened to a document there, in a word: its new state, ``changed``, ``moved``, ``deleted``.

        Empty where nothing has, and where it is here as it is there.
        """
        there = self.changed.get(entry.id) if self.changed else None
        if there is None or (there.blob == entry.blob and (there.what != MOVED or there.path == entry.path)):
            return ""
        return word(there, entry.state)

    def words(self, entry: Entry) -> str:
        """The mark for people: ``~ completed on main``."""
        found = self.of(entry)
        return f"~ {found} on {self.base}" if found else ""

    def by_path(self) -> dict[str, str]:
        """The same of files that may not be readable, by their paths here."""
        return {each.old_path or each.path: word(each) for each in self.changed.values()}


#: Where HEAD holds all that the base does.
NOTHING: Final = Marks()


def marks(tracker: Tracker) -> Marks:
    """What the base has changed since HEAD left it. It never fails: what is wrong with branches, `status` says."""
    if not tracker.is_here:
        return NOTHING
    try:
        return _marks(tracker)
    except WrkqError:
        return NOTHING


def warnings(tracker: Tracker, identifiers: Iterable[str]) -> list[str]:
    """What to tell somebody who has written to these documents; in the middle of a merge it is on its way here."""
    from wrkq_files.git import read  # lists have no use for it

    found = marks(tracker)
    if not found.changed or read.in_progress(tracker.repo):
        return []
    told = []
    for identifier in identifiers:
        entries = tracker.index.by_id(identifier)
        there = found.changed.get(identifier)
        words = [(entry.address, found.of(entry)) for entry in entries] if entries else []
        words += [(there.address, word(there))] if there and not entries else []
        told += [_warning(address, said, found.base) for address, said in words if said]
    return told


def _warning(address: str, said: str, base: str) -> str:
    return f"{address}: {said} on {base} since this branch left it; bring that here first: git merge {base}"


def tips(tracker: Tracker) -> Tips | None:
    """The base branch by files alone: as `base:` says, else the remote's default, else main or master."""
    repo = tracker.repo
    named = tracker.config.base
    default = repo.symbolic(f"{ORIGIN}HEAD") if named is None else None
    names = () if named == "HEAD" else (named,) if named else (default.removeprefix(ORIGIN),) if default else USUAL
    for name in names:
        found = Tips(name, repo.ref(f"{LOCAL}{name}"), repo.ref(f"{ORIGIN}{name}"))
        if found.local or found.remote:
            return found
    return None


def _marks(tracker: Tracker) -> Marks:
    head = tracker.repo.head()
    base = tips(tracker) if head else None
    if head is None or base is None or {base.local, base.remote} <= {head, None}:
        return NOTHING
    with closing(opened(tracker)) as flight:
        tip = tip_of(base, flight)
        if tip == head or flight.bases(head, [tip])[tip] == (tip,):
            return NOTHING
        changed = flight.changed(head, [tip])[tip]
    # Somebody on the base's own branch is told that the other side of it is meant.
    own = tip == base.remote and tracker.repo.branch() == base.name
    name = f"origin/{base.name}" if own or base.local is None else base.name
    return Marks(name, tip, {each.id: each for each in changed if each.id})


def tip_of(base: Tips, flight: Flight) -> str:
    """The side that holds the other's commits; the remote-tracking one where each has commits of its own."""
    if base.local and base.remote and base.local != base.remote:
        return base.local if flight.bases(base.local, [base.remote])[base.remote] == (base.remote,) else base.remote
    return base.remote or base.local or ""


def opened(tracker: Tracker) -> Flight:
    """The store of what branches changed, to be closed."""
    from wrkq_files.index.flight import Flight

    return Flight(tracker.place, tracker.index, keep=not tracker.as_found)


def word(there: Differs, state_here: str = "") -> str:
    """What happened to a document, in a word; ``state_here``: the state it has where that is told."""
    if there.what == DELETED:
        return DELETED
    if there.state and there.state not in (there.old_state, state_here):
        return there.state
    return MOVED if there.what == MOVED else CHANGED
