"""Where nobody may write to the base (``on_base``): the standing bundle that waits for it, one for each actor."""

from __future__ import annotations

from typing import NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git import branches, onto
from wrkq_files.git.branches import LOCAL
from wrkq_files.model.config import ON_BASE_BUNDLE, ON_BASE_COMMIT
from wrkq_files.service import actors
from wrkq_files.service import base as bases
from wrkq_files.service.base import Base
from wrkq_files.service.bundles import names, opening
from wrkq_files.service.bundles.names import PENDING, PREFIX
from wrkq_files.service.bundles.opening import Opened
from wrkq_files.service.tracker import Tracker


class Pending(NamedTuple):
    """What is worked on in place of the base. ``behind``: commits that the base has and this has not."""

    opened: Opened
    base: str
    behind: int


def protected(tracker: Tracker) -> Base | None:
    """The base branch, where it is what a write would go to, and may not."""
    if tracker.config.on_base == ON_BASE_COMMIT:
        return None
    found = bases.base(tracker)
    here = tracker.ref.removeprefix(LOCAL) or tracker.repo.branch()
    return found if found and here == found.name else None


def check_free(tracker: Tracker) -> None:
    """Raises ``refused`` for a write to a base that takes none."""
    found = protected(tracker)
    if found is None:
        return
    hint = (
        f"git switch -c BRANCH; or: wrkq bundle start NAME; wrkq --bundle NAME ...; `on_base` in {_settings(tracker)}"
    )
    if tracker.config.on_base == ON_BASE_BUNDLE:
        hint = "leave out --bundle: it goes to your pending bundle then"
    raise WrkqError(
        "refused", f"nothing is written to {found.name} itself (on_base: {tracker.config.on_base})", hint=hint
    )


def check_commit(tracker: Tracker) -> None:
    """The same for committing what is in the working files."""
    found = protected(tracker)
    if found is not None:
        message = f"nothing is committed to {found.name} itself (on_base: {tracker.config.on_base})"
        raise WrkqError(
            "refused", message, hint="wrkq bundle take moves the edits to a bundle; or: git switch -c BRANCH"
        )


def _settings(tracker: Tracker) -> str:
    return tracker.repository_path("wrkq.yaml")


def ref_of(tracker: Tracker) -> str | None:
    """The full name of the actor's pending bundle's branch; None where nobody is known to act."""
    who = actors.current(tracker)
    return f"{LOCAL}{PREFIX}{PENDING}{who.slug}" if who else None


def in_place(tracker: Tracker, *, writes: bool) -> Pending | None:
    """What to work on where the base is checked out, and ``on_base: bundle``; None for the working files.

    Something is read there only where something waits; ``writes``: it will. Raises ``refused`` for a write of nobody.
    """
    if tracker.config.on_base != ON_BASE_BUNDLE or (base := protected(tracker)) is None:
        return None
    ref = ref_of(tracker)
    if ref is None:
        if not writes:
            return None
        actors.required(tracker)
    assert ref is not None
    old = tracker.repo.ref(ref)
    is_landed = old is None or branches.is_ancestor(tracker.repo, old, base.tip)
    if is_landed and not writes:
        return None
    behind = 0 if old is None else branches.ahead_behind(tracker.repo, old, base.tip)[1]
    if onto.holder(tracker.repo, ref) is not None:
        return Pending(opening.opened(tracker.door, ref), base.name, behind)
    there = opening.on_branch(tracker.door, tracker.repo, ref, old, at=base.tip if is_landed else None)
    return Pending(Opened(there, names.short(ref)), base.name, 0 if is_landed else behind)


def default(tracker: Tracker) -> str | None:
    """The pending bundle's name, where that is what this worktree works on."""
    ref = ref_of(tracker) if tracker.config.on_base == ON_BASE_BUNDLE and protected(tracker) else None
    return names.short(ref) if ref and tracker.repo.ref(ref) else None
