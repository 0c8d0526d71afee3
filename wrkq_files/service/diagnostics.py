"""``wrkqadm diagnostics``: a report to send along, which says how things are and nothing of what they are about.

Whatever a person chose - titles, texts, addresses, file names, people, branches, words in settings - is left out or
masked, unless content is asked for. What is shown is listed here; what is new is masked until it is listed.
"""

from __future__ import annotations

import json
import platform
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

from wrkq_files import __version__
from wrkq_files.errors import WrkqError
from wrkq_files.files import archive
from wrkq_files.files.config_file import FORMAT, format_of
from wrkq_files.git import health as git_health
from wrkq_files.git import history, read
from wrkq_files.index import health as index_health
from wrkq_files.index import schema as index_schema
from wrkq_files.model import layout, times
from wrkq_files.model.events import BODY, LAYOUT
from wrkq_files.model.fields import FIELDS, STATES
from wrkq_files.model.rules import RULES
from wrkq_files.service import doctor, settings
from wrkq_files.service.tracker import Door, Tracker, open_tracker

#: Settings whose values are words of ours, or numbers.
_SHOWN: Final = frozenset({"format", "commit.mode", *(f"rules.{name}" for name in RULES)})
_LIBRARIES: Final = ("typer", "click", "PyYAML", "ruamel.yaml", "jsonschema", "pygit2", "python-ulid", "rich")


def write(door: Door, file: Path, *, content: bool = False, force: bool = False) -> Sequence[str]:
    """Writes the report; the names of its members. ``content`` adds the documents, and masks nothing.

    A part that cannot be told says why in its place. Raises WrkqError ``conflict`` for a file that is there, unless
    ``force``; ``not_found`` for a folder that is not; ``io``.
    """
    archive.check_free(file, force=force)  # before the work, which takes a while
    tracker = open_tracker(door, as_found=True)
    members = {f"{name}.json": _json(_told(part, tracker, content)) for name, part in _PARTS.items()}
    if content:
        members |= _content(tracker)
    archive.write(file, members, force=force)
    return sorted(members)


def _told(part: Callable[[Tracker, bool], Any], tracker: Tracker, content: bool) -> Any:
    """What a part says, or which kind of error it met: the words of one may name anything."""
    try:
        return part(tracker, content)
    except Exception as error:  # a report is wanted most where something is broken
        told = {"error": error.code if isinstance(error, WrkqError) else type(error).__name__}
        return told | ({"message": str(error)} if content else {})


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, default=str) + "\n").encode()


def _versions(tracker: Tracker, content: bool) -> Mapping[str, Any]:
    return {
        "wrkq_files": __version__,
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "sqlite": index_health.sqlite_version(),
        "git": git_health.version(tracker.repo),
        "system": platform.system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "encoding": sys.getfilesystemencoding(),
        "libraries": {name: _installed(name) for name in _LIBRARIES},
    }


def _installed(name: str) -> str | None:
    from importlib import metadata

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _settings(tracker: Tracker, content: bool) -> list[dict[str, Any]]:
    rows = []
    for each in settings.doctor(tracker):
        shown = content or each.name in _SHOWN or each.value is None
        name = each.name if content or _is_known(each.name) else "(another)"
        rows.append({"name": name, "value": each.value if shown else _masked(each.value), "source": each.source})
    return rows


def _is_known(name: str) -> bool:
    """Whether a setting's name is one of ours: below ``rules`` stands whatever somebody typed."""
    return not name.startswith("rules.") or name in _SHOWN


def _masked(value: Any) -> str:
    """What kind of value it is, and how much of it."""
    if isinstance(value, str):
        return f"(text of {len(value)})"
    if isinstance(value, (list, tuple, Mapping)):
        return f"({len(value)} entries)"
    return f"({type(value).__name__})"


def _schema(tracker: Tracker, content: bool) -> Mapping[str, Any]:
    found = format_of(tracker.read(layout.CONFIG_NAME) or b"")
    return {"format": FORMAT, "format_of_the_files": found, "index_format": index_schema.FORMAT}


def _counts(tracker: Tracker, content: bool) -> Mapping[str, Any]:
    tracker.index.refresh_comments()
    by_type: dict[str, Counter[str]] = {}
    for kind, states in tracker.index.counts().items():
        for state, count in states.items():
            by_type.setdefault(kind, Counter())[state if state in (*STATES, "") else "(another)"] += count
    return {
        "documents": {
            kind: {state or "all": count for state, count in found.items()} for kind, found in by_type.items()
        },
        "findings": dict(Counter(finding.rule for finding in tracker.index.findings())),
        "unreadable": dict(Counter(finding.rule for finding in tracker.index.broken())),
        "files": len(tracker.index.files()),
    }


def _index(tracker: Tracker, content: bool) -> Mapping[str, Any]:
    found = index_health.look(tracker.place, tracker.index)
    told: dict[str, Any] = {
        "state": found.state,
        "writable": found.writable,
        "wrong": len(found.wrong),
        "stale": len(found.stale),
    }
    if found.state == index_health.GOOD:
        told |= index_health.figures(tracker.place)
    return told


def _doctor(tracker: Tracker, content: bool) -> list[dict[str, Any]]:
    rows = []
    for row in doctor.examine(tracker.door):
        told: dict[str, Any] = {"name": row.name, "status": row.status, "fixable": row.fixable}
        if content:
            told |= {"observed": row.observed, "expected": row.expected, "remedy": row.remedy}
        elif row.plain:
            told |= {"observed": row.observed}
        rows.append(told)
    return rows


def _git(tracker: Tracker, content: bool) -> Mapping[str, Any]:
    repo = tracker.repo
    return {
        "version": git_health.version(repo),
        "object_format": repo.object_format,
        "shallow": history.is_shallow(repo),
        "partial": bool(git_health.promisors(repo)),
        "hidden_files": sum(each.hidden for each in git_health.tracked(repo, tracker.prefix)),
        "on_a_branch": repo.branch() is not None,
        "unborn": repo.head() is None,
        "in_progress": read.in_progress(repo),
        **git_health.numbers(repo),
    }


def _content(tracker: Tracker) -> dict[str, bytes]:
    """The settings and every Markdown file, as they are."""
    found: dict[str, bytes] = {}
    for path in (layout.CONFIG_NAME, *tracker.index.files()):
        try:
            found[f"content/{path}"] = tracker.read(path) or b""
        except WrkqError as error:  # a link, or a file that may not be read
            found[f"content/{path}.error"] = f"{error.message}\n".encode()
    return found


_LAST_EVENTS: Final = 100
#: Other fields' names are what somebody wrote.
_FIELD_NAMES: Final = frozenset({name for table in FIELDS.values() for name in table} | {BODY, LAYOUT})


def _events(tracker: Tracker, content: bool) -> Any:
    """The last things that happened: what kind, to which field, when; no value and nobody's name."""
    from wrkq_files.service.history import History

    latest = islice(History(tracker).ask(), _LAST_EVENTS)
    return [
        {
            "type": seen.happened.event.type,
            "field": seen.happened.event.field if seen.happened.event.field in _FIELD_NAMES else None,
            "time": times.stamp(seen.time),
            "by_tool": bool(seen.happened.ulid),
            "actor_source": seen.source,
        }
        for seen in latest
    ]


#: What the report consists of: a member's name, and who tells it.
_PARTS: Final[Mapping[str, Callable[[Tracker, bool], Any]]] = {
    "versions": _versions,
    "settings": _settings,
    "schema": _schema,
    "counts": _counts,
    "index": _index,
    "doctor": _doctor,
    "events": _events,
    "git": _git,
}
