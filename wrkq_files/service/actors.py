"""Actors: who is asking, and the list of those who may."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.files import edits
from wrkq_files.index.entry import Entry
from wrkq_files.model import slugs
from wrkq_files.model.fields import DocType
from wrkq_files.model.layout import ACTORS
from wrkq_files.model.rules import ERROR
from wrkq_files.service.change import Change, FileEdit, Options, Written
from wrkq_files.service.publish import carry_out
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
    return _known(tracker.actors(), text.removeprefix("@")).slug


def add(
    tracker: Tracker,
    slug: str,
    *,
    role: str = "human",
    display_name: str | None = None,
    duties: Sequence[str] = (),
    emails: Sequence[str] = (),
    options: Options,
) -> Written:
    """A new actor. Raises ``exists``, and ``validation`` for a name that is no slug."""
    path = f"{ACTORS}/{slug}.md"

    def plan() -> Change:
        if reason := slugs.problem(slug):
            raise WrkqError("validation", f"`{slug}` cannot be an actor's name: {reason}")
        _check_emails(tracker, slug, emails)
        if tracker.read(path) is not None:
            raise WrkqError("exists", f"there is already an actor `{slug}`", hint=f"wrkqadm actor set {slug} …")
        fields = {
            "role": role,
            "display_name": display_name,
            "duties": tuple(sorted(duties)),
            "emails": tuple(sorted(emails)),
        }
        content = edits.write(DocType.ACTOR, {name: value for name, value in fields.items() if value}, "")
        return Change("actor-add", (slug,), f"{slug}: actor added", (FileEdit.create(path, content),))

    return carry_out(tracker, plan, options)


def change(tracker: Tracker, slug: str, assignments: dict[str, object], options: Options) -> Written:
    """Sets fields of an actor; a value of None removes the field."""
    path = f"{ACTORS}/{slug}.md"

    def plan() -> Change:
        _known(tracker.actors(), slug)
        _check_fit(tracker, assignments)
        emails = assignments.get("emails")
        _check_emails(tracker, slug, emails if isinstance(emails, (list, tuple)) else ())
        edit = FileEdit.modify(path, lambda data: edits.set_fields(data, DocType.ACTOR, assignments), assignments)
        return Change("actor-set", (slug,), f"{slug}: {', '.join(assignments)}", (edit,))

    return carry_out(tracker, plan, options)


def _check_fit(tracker: Tracker, assignments: Mapping[str, object]) -> None:
    """Raises ``validation`` for values that an actor cannot have."""
    written = edits.write(DocType.ACTOR, {n: v for n, v in assignments.items() if v is not None}, "")
    for finding in tracker.parse(written, DocType.ACTOR, "input").findings:
        if finding.severity == ERROR:
            raise WrkqError("validation", finding.message, hint=f"allowed: {finding.allowed}")


def _check_emails(tracker: Tracker, slug: str, emails: Iterable[str]) -> None:
    """Raises ``exists`` for a git identity that is somebody else already."""
    mine = {each.casefold() for each in emails}
    for other in tracker.actors().values():
        theirs = {each.casefold() for each in other.document_fields().get("emails", ())}
        if other.slug != slug and (same := mine & theirs):
            raise WrkqError("exists", f"{min(same)} is an e-mail of {other.slug} already")


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
