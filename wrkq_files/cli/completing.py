"""Completion: the scripts that shells run, and the words they are answered with."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from click import shell_completion

from wrkq_files.cli.groups import LazyGroup
from wrkq_files.cli.request import Request
from wrkq_files.cli.screen import open_screen
from wrkq_files.errors import WrkqError
from wrkq_files.model import fields

if TYPE_CHECKING:
    from wrkq_files.index.entry import Entry

#: More than this many words help nobody choose.
_MOST: Final = 200
_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "field_state": fields.STATES,
    "field_resolution": fields.RESOLUTIONS,
    "field_kind": (*fields.TASK_KINDS, *fields.CONTAINER_KINDS),
    "field_operator": ("user", "auto"),
    "field_priority": ("1", "2", "3", "4"),
}
_ACTORS: Final = frozenset({"actor", "field_assignee", "field_reviewer", "field_owner"})
_TASKS: Final = frozenset({"field_parent", "field_blocked_by", "field_relates_to", "field_duplicate_of"})


def script(program: str, shell: str) -> str:
    """The shell's own script; it asks this program for words."""
    found = shell_completion.get_completion_class(shell)
    if found is None:
        raise WrkqError("usage", f"there is no completion for `{shell}`")
    # Not `source()`: for bash that starts the shell to ask for its version.
    completion = found(LazyGroup(program), {}, program, _variable(program))
    return (completion.source_template % completion.source_vars()).strip()


def answer(program: str) -> int:
    """What the script asked for: the words that may stand here."""
    variable = _variable(program)
    request = Request(program, open_screen(os.environ))
    return shell_completion.shell_complete(
        LazyGroup(program), {"obj": request}, program, variable, os.environ[variable]
    )


def values_of(request: Request, name: str, incomplete: str) -> list[str]:
    """The values that an option may take."""
    if name in _WORDS:
        return [word for word in _WORDS[name] if word.startswith(incomplete)]
    if name in _ACTORS:
        return [each.slug for each in _quietly(request, "actors") if each.slug.startswith(incomplete)]
    if name == "bundle":
        return bundles(request, incomplete)
    return targets(request, incomplete) if name in _TASKS else []


def bundles(request: Request, incomplete: str) -> list[str]:
    """The bundles, and the other branches, that begin as typed."""
    from wrkq_files.service import tracker
    from wrkq_files.service.bundles import names

    try:
        found = names.listed(tracker.open_tracker(request.door).repo)
    except (WrkqError, OSError):
        return []
    return [name for name in found if name.startswith(incomplete)][:_MOST]


def documents(request: Request, incomplete: str) -> list[shell_completion.CompletionItem]:
    return [shell_completion.CompletionItem(name) for name in targets(request, incomplete)]


def targets(request: Request, incomplete: str) -> list[str]:
    """The addresses and ids that begin as typed."""
    found = [name for entry in _quietly(request, "targets") for name in _names(entry, incomplete)]
    return sorted(found)[:_MOST]


def _names(entry: Entry, incomplete: str) -> list[str]:
    names = [entry.address] if entry.address.startswith(incomplete) else []
    if incomplete and entry.id.startswith(incomplete.upper()):
        names.append(entry.id)
    return names


def _quietly(request: Request, what: str) -> list[Entry]:
    """A shell that completes words is no place for errors."""
    from wrkq_files.index.query import Query
    from wrkq_files.service import resolve

    try:
        tracker = request.tracker
        if what == "actors":
            return list(tracker.index.actors())
        tracker.index.refresh()
        return list(tracker.index.find(Query(types=resolve.ANY, hide=True)))
    except (WrkqError, OSError):
        return []


def _variable(program: str) -> str:
    return f"_{program.upper()}_COMPLETE"
