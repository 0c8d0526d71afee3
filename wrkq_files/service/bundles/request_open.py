"""Opening a request on a git host, or bringing the one that is open up to date."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git import hosts
from wrkq_files.git.hosts import Opened
from wrkq_files.service.bundles import request_template, request_text
from wrkq_files.service.bundles.proposal import Proposal
from wrkq_files.service.bundles.request_text import Text
from wrkq_files.service.bundles.review import Review
from wrkq_files.service.tracker import Tracker

#: Characters of a body that fit into an argument, whatever they are.
_FOR_ARGUMENT = hosts.ARGUMENT_BYTES // 4


class Way(NamedTuple):
    """Where a request goes: the remote's name, and the program that opens it."""

    remote: str
    via: str


def text(tracker: Tracker, found: Proposal, review: Review, title: str | None = None) -> Text:
    """Title and body, in the repository's template."""
    template = request_template.template(tracker, found.bundle.base)
    return request_text.compose(found, review, template=template, title=title)


def way(tracker: Tracker, found: Proposal, via: str | None) -> Way:
    """How a request would be opened. Raises WrkqError ``refused``, ``usage``."""
    branch = found.bundle.branch
    remote = hosts.remote(tracker.repo, branch.name) if branch.is_local else None
    if remote is None:
        hint = "git remote add origin URL"
        raise WrkqError("refused", f"there is no remote to push {branch.name} to", hint=hint)
    if not found.bundle.ahead:
        message = f"{found.bundle.base.name} has all that is on {branch.name}"
        raise WrkqError("refused", message, hint="commit something to it first")
    return Way(remote.name, hosts.program(remote.host, via))


def open_request(
    tracker: Tracker,
    found: Proposal,
    review: Review,
    chosen: Way,
    *,
    title: str | None,
    say: Callable[[str], None],
) -> Opened:
    """Pushes the branch, and opens its request or updates it. ``say`` is told what is done."""
    name = found.bundle.branch.name
    made = text(tracker, found, review, title)
    if chosen.via == hosts.GLAB and len(made.body.encode()) > hosts.ARGUMENT_BYTES:
        template = request_template.template(tracker, found.bundle.base)
        made = request_text.compose(found, review, template=template, title=title, limit=_FOR_ARGUMENT)
    say(f"git push -u {chosen.remote} {name}")
    hosts.push(tracker.repo, chosen.remote, name)
    named = made.title if title else None
    return hosts.request(tracker.repo, chosen.via, name, found.bundle.base.name, named, made.body, made.title)
