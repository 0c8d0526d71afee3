"""Checking a tracker: what each file says wrong, and what documents together say wrong."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Sequence
from shlex import quote
from typing import Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.model.config import NOT_IN_FORCE
from wrkq_files.model.fields import DocType
from wrkq_files.model.finding import Finding
from wrkq_files.model.layout import CONFIG_NAME
from wrkq_files.model.rules import OFF, RULES
from wrkq_files.service import against_head, crosscheck, resolve, tidiness
from wrkq_files.service.surroundings import Surroundings, bytes_of, place
from wrkq_files.service.tracker import Tracker


class Checked(NamedTuple):
    """A finding and its severity, after ``rules:`` of ``wrkq.yaml`` had its say."""

    finding: Finding
    severity: str


def _unknown_rules(tracker: Tracker) -> Iterator[Finding]:
    """A misspelt rule in ``rules:`` would leave the one that is meant as it is."""
    for name in tracker.config.rules:
        if name not in RULES:
            near = difflib.get_close_matches(name, RULES, 1)
            message = f"rules: there is no rule `{name}`" + (f"; did you mean `{near[0]}`?" if near else "")
            line, column = place(tracker, CONFIG_NAME, name)
            yield Finding("config", CONFIG_NAME, message, line, column, remedy="see docs/rules.md")


def _without_effect(tracker: Tracker) -> Iterator[Finding]:
    """A safety switch that does nothing is worse than none."""
    rule = RULES["setting-without-effect"]
    for name in NOT_IN_FORCE:
        if name in tracker.config.raw:
            line, column = place(tracker, CONFIG_NAME, f"{name}:")
            yield Finding(rule.id, CONFIG_NAME, f"`{name}` has no effect yet", line, column, remedy=rule.remedy)


_ANY: Final = tuple(DocType)
_OF_SETTINGS: Final[Sequence[Callable[[Surroundings], Iterable[Finding]]]] = (
    lambda around: around.tracker.config_findings,
    lambda around: _unknown_rules(around.tracker),
    lambda around: _without_effect(around.tracker),
    tidiness.default_actor,
)


def check(tracker: Tracker, targets: Sequence[str] = ()) -> list[Checked]:
    """Every finding, in the order of files and lines; with targets, those of these files and folders.

    Raises ``not_found`` for a target that does not exist.
    """
    tell = tracker.door.progress or (lambda *_: None)
    tell("looking at files", 0, 2)
    tracker.index.refresh()
    tell("looking at files", 1, 2)
    tracker.index.refresh_comments()
    tell("looking at files", 2, 2)
    wanted = [path for target in targets for path in _paths(tracker, target)]
    found = judge(Surroundings(tracker), against_head.uncommitted(tracker))
    return [each for each in found if _within(each.finding.path, wanted)]


def judge(around: Surroundings, edited: Sequence[against_head.Edited], *, settings: bool = True) -> list[Checked]:
    """Every finding about the judged documents, in the order of files and lines.

    ``edited``: those that are compared with what they were. ``settings``: judge ``wrkq.yaml`` as well.
    """
    tracker = around.tracker
    rules = [*(_OF_SETTINGS if settings else ()), lambda around: around.findings(), *crosscheck.CHECKS]
    found: list[Finding] = []
    for number, rule in enumerate(rules):
        if tracker.door.progress:
            tracker.door.progress("checking", number, len(rules))
        found += rule(around)
    found += against_head.findings(tracker, edited)
    if tracker.door.progress:
        tracker.door.progress("checking", len(rules), len(rules))
    checked = [Checked(_addressed(finding), severity(tracker, finding)) for finding in dict.fromkeys(found)]
    kept = [each for each in checked if each.severity != OFF]
    return sorted(kept, key=lambda c: (c.finding.path, c.finding.line, c.finding.column, c.finding.rule))


def _addressed(finding: Finding) -> Finding:
    """The finding with its own file where the rule's remedy says FILE: to be typed as it stands."""
    if "FILE" not in finding.remedy:
        return finding
    return finding._replace(remedy=finding.remedy.replace("FILE", quote(finding.path.removesuffix(".md"))))


def severity(tracker: Tracker, finding: Finding) -> str:
    return tracker.config.rules.get(finding.rule, finding.severity)


def source_line(tracker: Tracker, finding: Finding) -> str | None:
    """The line that a finding is about, as it is in the file."""
    if not finding.line:
        return None
    lines = bytes_of(tracker, finding.path).decode("utf-8", "replace").splitlines()
    return lines[finding.line - 1] if finding.line <= len(lines) else None


def _paths(tracker: Tracker, target: str) -> list[str]:
    """A target as paths of the tracker: files that cannot be read have no document that could be resolved."""
    if not target.strip():
        raise WrkqError("usage", "an empty target", hint="an id, an address or a path")
    relative = resolve.relative(tracker, target)
    for candidate in dict.fromkeys(each for each in (relative, target.strip("/")) if each is not None):
        found = [path for path in (candidate, f"{candidate}.md") if _is_there(tracker, path)]
        if found:
            return [path.removeprefix(".") if path == "." else path for path in found]
    return [e.address if e.type is DocType.CONTAINER else e.path for e in resolve.many(tracker, [target], _ANY)]


def _is_there(tracker: Tracker, path: str) -> bool:
    if not path:
        return True
    if ".." in path.split("/"):
        return False
    if tracker.ref:
        return tracker.exists(path)
    named = tracker.root / path
    try:
        return named.is_symlink() or named.exists()
    except OSError:  # a name longer than the file system takes
        return False


def _within(path: str, wanted: Sequence[str]) -> bool:
    return not wanted or any(path == each or not each or path.startswith(f"{each}/") for each in wanted)


def errors(checked: Iterable[Checked]) -> Iterator[Checked]:
    return (each for each in checked if each.severity == "error")
