"""Findings as compilers print them: place, what, the line itself with a caret below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from wrkq_files.cli import entries, text
from wrkq_files.cli.request import Request

if TYPE_CHECKING:
    from wrkq_files.service.checking import Checked

STYLES: Final = {"error": "red bold", "warning": "yellow", "notice": "cyan"}
FIELDS: Final = ("severity", "rule", "path", "line", "column", "message", "allowed", "remedy", "file")
_INDENT: Final = "    "


def as_row(ask: Request, checked: Checked) -> dict[str, Any]:
    """``path`` is the file in the tracker, ``file`` the same as it can be opened from here."""
    finding = checked.finding
    row = {**finding.as_json(), "severity": checked.severity, "file": entries.place(ask, finding.path)}
    return {name: row[name] for name in FIELDS}


def lines(ask: Request, found: Sequence[Checked]) -> Iterator[str]:
    for checked in found:
        yield from _finding(ask, checked)


def summary(found: Sequence[Checked]) -> str:
    """``2 errors, 1 warning``, or that there is nothing."""
    counts = {word: sum(each.severity == word for each in found) for word in STYLES}
    return ", ".join(text.plural(count, word) for word, count in counts.items() if count) or "nothing found"


def _finding(ask: Request, checked: Checked) -> Iterator[str]:
    finding, style = checked.finding, ask.screen.styled
    place = finding.moved(entries.place(ask, finding.path)).place
    message = text.one_line(finding.message)
    severity = style(checked.severity, STYLES.get(checked.severity, ""))
    yield f"{style(text.one_line(place), 'bold')}: {severity}: {message} [{finding.rule}]"
    yield from _source(ask, checked)
    for word, value in (("allowed", finding.allowed), ("mend", finding.remedy)):
        if value:
            yield f"{_INDENT}{style(word + ':', 'dim')} {text.one_line(value)}"


def _source(ask: Request, checked: Checked) -> Iterator[str]:
    """The line, and a caret below the column; a long line is cut around it."""
    from wrkq_files.service.checking import source_line

    line = source_line(ask.tracker, checked.finding)
    if not line or not line.strip():
        return
    column = max(checked.finding.column - 1, 0)
    room = (ask.screen.width if ask.screen.terminal else 200) - len(_INDENT)
    skipped = max(0, column - room + 20)
    before = _visible(line[skipped:column])
    yield _INDENT + text.cut(before + _visible(line[column:]), room)
    if checked.finding.column:
        yield _INDENT + " " * text.width(before) + ask.screen.styled("^", "green bold")


def _visible(piece: str) -> str:
    return text.clean(piece.replace("\t", " "))
