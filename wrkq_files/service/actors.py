"""Actors: who is asking, and who is meant."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.index.entry import Entry
from wrkq_files.service.tracker import Tracker


class Who(NamedTuple):
    """Who acts, and how we know: ``source`` is ``--as``, ``git`` or ``default_actor``."""

    slug: str
    role: str
    display_name: str
    source: str


def current(tracker: Tracker) -> Who | None:
    """The actor of this request; None when nobody is known.

    Raises ``not_found`` when the caller names an actor that does not exist.
    """
    known = tracker.actors()
    if tracker.door.actor:
        return _who(_known(known, tracker.door.actor), "--as")
    email = tracker.email
    for entry in known.values():
        if email and email.casefold() in {each.casefold() for each in entry.document_fields().get("emails", ())}:
            return _who(entry, "git")
    default = tracker.config.default_actor
    return _who(_known(known, default), "default_actor") if default else None


def coauthor(tracker: Tracker) -> str | None:
    """Name and e-mail of the actor of this request; None for an actor without one, and for git's own author."""
    who = current(tracker)
    emails = tracker.actors()[who.slug].document_fields().get("emails", ()) if who else ()
    author = (tracker.email or "").casefold()
    if who is None or not emails or author in {str(each).casefold() for each in emails}:
        return None
    return f"{who.display_name} <{emails[0]}>"


def required(tracker: Tracker) -> Who:
    """The actor of this request, for what must have an author. Raises ``refused`` when nobody is known."""
    who = current(tracker)
    if who is None:
        raise WrkqError(
            "refused",
            "nobody is known to be acting: no actor has this git e-mail",
            hint="wrkqadm actor add NAME --email your@address, or name one with --as",
        )
    return who


def named(tracker: Tracker, text: str) -> str:
    """The slug of the actor that is meant; ``me`` is the one of this request. Raises ``not_found``, ``refused``."""
    if text in ("me", "@me"):
        return required(tracker).slug
    return check_exists(tracker, text.removeprefix("@"))


def check_exists(tracker: Tracker, slug: str) -> str:
    """The slug, of an actor that there is. Raises ``not_found``."""
    return _known(tracker.actors(), slug).slug


def check_known(tracker: Tracker, slug: str) -> None:
    """Raises ``validation`` when no actor has this name; a tracker without any actors has not begun to name them."""
    known = tracker.actors()
    if known and slug not in known:
        raise _unknown(known, slug, "validation")


def _known(known: dict[str, Entry], slug: str) -> Entry:
    if slug not in known:
        raise _unknown(known, slug, "not_found")
    return known[slug]


def _unknown(known: Mapping[str, Entry], slug: str, code: str) -> WrkqError:
    near = difflib.get_close_matches(slug, known, 1, 0.5) or [name for name in known if slug and slug in name][:1]
    meant = f"did you mean {near[0]}? else: " if near else ""
    names = ", ".join(sorted(known)) or "none"
    return WrkqError(code, f"there is no actor `{slug}`; known: {names}", hint=f"{meant}wrkqadm actor add {slug}")


def _who(entry: Entry, source: str) -> Who:
    fields = entry.document_fields()
    return Who(entry.slug, fields.get("role", "human"), entry.title, source)
