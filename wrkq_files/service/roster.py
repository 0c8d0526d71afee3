"""The list of actors: who is added to it, and changed in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from wrkq_files.errors import WrkqError
from wrkq_files.files import edits
from wrkq_files.model import slugs
from wrkq_files.model.fields import DocType
from wrkq_files.model.layout import ACTORS
from wrkq_files.model.rules import ERROR
from wrkq_files.service.actors import check_exists
from wrkq_files.service.change import Change, FileEdit, Options, Written
from wrkq_files.service.publish import carry_out
from wrkq_files.service.tracker import Tracker


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
        check_exists(tracker, slug)
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
