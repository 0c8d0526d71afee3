"""Findings as compilers print them: place, what, the line itself with a caret below."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from wrkq_files.cli import text
from wrkq_files.cli.request import Request

if TYPE_CHECKING:
    from wrkq_files.model.finding import Finding
    from wrkq_files.service.checking import Checked
    from wrkq_files.service.scopes import Reviewed
    from wrkq_files.service.tracker import Tracker

STYLES: Final = {"error": "red bold", "warning": "yellow", "notice": "cyan"}
FIELDS: Final = ("severity", "rule", "path", "line", "column", "message", "allowed", "remedy", "file", "commit")
_INDENT: Final = "    "
_HASH: Final = 8


class Shown(NamedTuple):
    """A finding with what showing it needs.

    ``file`` is as it can be opened from here, ``top`` from the repository's top; ``commit`` is where it was found,
    empty for what is staged and for working files; ``line`` gives the text of its line.
    """

    finding: Finding
    severity: str
    file: str
    top: str
    commit: str
    line: Callable[[], str | None]


def of_worktree(ask: Request, tracker: Tracker, checked: Checked) -> Shown:
    from wrkq_files.service.checking import source_line

    finding = checked.finding
    place = os.path.relpath(tracker.root / finding.path, ask.door.cwd)
    top = tracker.repository_path(finding.path)
    return Shown(finding, checked.severity, place, top, "", lambda: source_line(tracker, finding))


def of_git(ask: Request, reviewed: Reviewed) -> Shown:
    finding, file = reviewed.checked.finding, reviewed.file
    place = os.path.relpath(reviewed.top / file, ask.door.cwd) if reviewed.top else file
    return Shown(finding, reviewed.checked.severity, place, file, reviewed.commit, lambda: reviewed.line)


def as_row(shown: Shown) -> dict[str, Any]:
    """``path`` is the file in the tracker."""
    row = {
        **shown.finding.as_json(),
        "severity": shown.severity,
        "file": shown.file,
        "commit": shown.commit or None,
    }
    return {name: row[name] for name in FIELDS}


def lines(ask: Request, found: Sequence[Shown]) -> Iterator[str]:
    for shown in found:
        yield from _finding(ask, shown)


def summary(severities: Sequence[str]) -> str:
    """``2 errors, 1 warning``, or that there is nothing."""
    counts = {word: severities.count(word) for word in STYLES}
    return ", ".join(text.plural(count, word) for word, count in counts.items() if count) or "nothing found"


def _finding(ask: Request, shown: Shown) -> Iterator[str]:
    finding, style = shown.finding, ask.screen.styled
    place = finding.moved(shown.file).place
    message = text.one_line(finding.message)
    severity = style(shown.severity, STYLES.get(shown.severity, ""))
    commit = f" (in {shown.commit[:_HASH]})" if shown.commit else ""
    yield f"{style(text.one_line(place), 'bold')}: {severity}: {message}{commit} [{finding.rule}]"
    yield from _source(ask, shown)
    for word, value in (("allowed", finding.allowed), ("mend", finding.remedy)):
        if value:
            yield f"{_INDENT}{style(word + ':', 'dim')} {text.one_line(value)}"


def _source(ask: Request, shown: Shown) -> Iterator[str]:
    """The line, and a caret below the column; a long line is cut around it."""
    line = shown.line()
    if not line or not line.strip():
        return
    column = max(shown.finding.column - 1, 0)
    room = (ask.screen.width if ask.screen.terminal else 200) - len(_INDENT)
    skipped = max(0, column - room + 20)
    before = _visible(line[skipped:column])
    yield _INDENT + text.cut(before + _visible(line[column:]), room)
    if shown.finding.column:
        yield _INDENT + " " * text.width(before) + ask.screen.styled("^", "green bold")


def _visible(piece: str) -> str:
    return text.clean(piece.replace("\t", " "))
