"""What one line of a Markdown backlog says about its item: bold metadata lines, and dates in headings.

A line is read piece by piece (``**Status: idea** | Priority: high`` has two). A piece leaves the body only when
fields say everything that it said; any other piece stays where it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

from wrkq_files.model.fields import DEFAULT_PRIORITY, PRIORITY_WORDS

#: The keys that a task has fields for, and those that a container has.
TASK_KEYS: Final = frozenset({"status", "priority", "score", "blocked"})
FEATURE_KEYS: Final = frozenset({"priority"})

# ASCII, for without it "ſtatus" and "ſep" match too.
_FLAGS: Final = re.IGNORECASE | re.ASCII
_KEYS: Final = "(Status|Priority|Score|Blocked):"
_LINE: Final = re.compile(rf" {{0,3}}\*\*{_KEYS}", _FLAGS)
_PIECE: Final = re.compile(rf"\**{_KEYS}\**(.*)", _FLAGS)
_BOLD_START: Final = re.compile(r"(\s*\*\*\w+:[^*]+\*\*)(\s*\S.*)")

_STATUSES: Final[Mapping[str, Mapping[str, object]]] = {
    "open": {},
    "bug": {"kind": "bug"},
    "ux gap": {"labels": ("ux-gap",)},
    "tech debt": {"labels": ("tech-debt",)},
    "partial": {"labels": ("partial",)},
    "designing": {"state": "draft"},
    "idea": {"state": "idea"},
    "done": {"state": "completed", "resolution": "done"},
    "resolved": {"state": "completed", "resolution": "done"},
    "shipped": {"state": "completed", "resolution": "done"},
}
# Punctuation must stand between a status and what follows: "done when the last caller moves" is not done.
_STATUS: Final = re.compile(r"([\w -]*?\w)((?:\s+[-–—]+\s|\s*[(,;:/.]).*)?")

_DIMENSIONS: Final = {
    "cor": "correctness",
    "cap": "capability",
    "eff": "effort",
    "lev": "leverage",
    "con": "confidence",
}
_PART: Final = "(Cor|Cap|Eff|Lev|Con):[ \t]*([0-9]{1,3})"
_PARTS: Final = re.compile(rf"(?:{_PART}\s*)+", _FLAGS)
_SCORE: Final = re.compile(rf"([0-9]{{1,4}})[*\s|]+((?:{_PART}\s*)+)", _FLAGS)

_MONTHS: Final = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    "|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_MONTH_NUMBER: Final = {month[:3]: number for number, month in enumerate(_MONTHS.split("|"), start=1)}
_DAY: Final = "[0-9]{1,2}"
_TH: Final = "(?:st|nd|rd|th)?"
_TO: Final = r"\s*[-–—]\s*"
_DATES: Final = tuple(
    re.compile(pattern, _FLAGS)
    for pattern in (
        r"(?<![0-9])(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})(?![0-9])",
        rf"\b(?P<month>{_MONTHS})\.?\s+(?P<day>{_DAY}){_TH}"
        rf"(?:{_TO}(?:(?P<last>{_MONTHS})\.?\s+)?{_DAY}{_TH})?,?\s+(?P<year>[0-9]{{4}})(?![0-9])",
        rf"\b(?P<day>{_DAY}){_TH}(?:{_TO}{_DAY}{_TH})?\s+(?P<month>{_MONTHS})\.?,?\s+(?P<year>[0-9]{{4}})(?![0-9])",
    )
)
_DATE_HINT: Final = re.compile(
    rf"\b(?:19|20)[0-9]{{2}}\b|\b[0-9]+/[0-9]+/[0-9]+\b|\b(?:{_MONTHS})\.?\s+[0-9]|[0-9]\s+(?:{_MONTHS})\b",
    _FLAGS,
)


class Note(NamedTuple):
    """One line of the report: what was found at a line of the source, and what became of it."""

    line: int
    code: str
    message: str


class Reading(NamedTuple):
    """What one piece of text says; ``fields`` is None where it could not be read."""

    fields: Mapping[str, object] | None
    code: str = ""
    message: str = ""
    spent: bool = True


def is_metadata(text: str) -> bool:
    return _LINE.match(text) is not None


def is_status(text: str) -> bool:
    match = _LINE.match(text)
    return match is not None and match[1].lower() == "status"


@dataclass(slots=True)
class Metadata:
    """The fields that the metadata lines of one item have given so far."""

    keys: frozenset[str]
    fields: dict[str, object] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    _said: set[str] = field(default_factory=set)

    def take(self, text: str, line: int) -> str:
        """Read one metadata line; returns what must stay of it in the body."""
        pieces = _pieces(text)
        kept = [piece for piece in pieces if not self._spend(piece, line)]
        return text if len(kept) == len(pieces) else "|".join(kept).strip()

    def _spend(self, piece: str, line: int) -> bool:
        reading = self._read(piece.strip())
        if reading.code:
            self.notes.append(Note(line, reading.code, reading.message))
        self.fields.update(reading.fields or {})
        return reading.spent

    def _read(self, piece: str) -> Reading:
        match = _PIECE.fullmatch(piece)
        value = _unbold(match[2].strip()) if match else ""
        if match is None or not value:
            return _kept("no field holds it", piece)
        key = match[1].lower()
        if key not in self.keys:
            return _kept(f"a feature has no field for {match[1]}", piece)
        if key in self._said:
            return _kept(f"an earlier {match[1]} counts", piece)
        reading = _READERS[key](value)
        if reading.fields is None:
            return reading
        self._said.add(key)
        if reading.spent:
            return reading
        return _kept("it says more than the field", piece)._replace(fields=reading.fields)


def _unbold(value: str) -> str:
    """Without the stars that end what began before the value."""
    return value.removesuffix("**").rstrip() if value.count("**") % 2 else value


def _kept(why: str, piece: str) -> Reading:
    return Reading(None, "kept", f"kept in the body, {why}: {piece}", spent=False)


def _pieces(text: str) -> list[str]:
    """The line cut at its bars and after its bold beginning."""
    head, *rest = text.split("|")
    start = _BOLD_START.fullmatch(head)
    pieces: list[str] = []
    for piece in [*(start.groups() if start else [head]), *rest]:
        if pieces and _goes_on(pieces[-1], piece):
            pieces[-1] += "|" + piece
        else:
            pieces.append(piece)
    return [piece for piece in pieces if piece.strip()]


def _goes_on(piece: str, following: str) -> bool:
    """Whether the bar between them belongs to a score and its parts, or stands in parentheses."""
    of_score = "score:" in piece.lower() and _PARTS.fullmatch(following.strip()) is not None
    return of_score or piece.count("(") > piece.count(")")


def _status(value: str) -> Reading:
    value = " ".join(value.split())
    match = _STATUS.fullmatch(value)
    known = _STATUSES.get(re.sub("[ _-]+", " ", match[1].lower())) if match else None
    if match is not None and known is not None:
        return Reading(known, spent=not re.search(r"\w", match[2] or ""))
    label = re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")
    if not label:
        return Reading(None, "status", f'status "{value}" cannot be read: open, kept in the body', spent=False)
    return Reading({"labels": (label,)}, "status", f'status "{value}" is not listed: open, with the label {label}')


def _priority(value: str) -> Reading:
    word = re.split(r"[\s(,;:.]", value, maxsplit=1)[0]
    number = PRIORITY_WORDS.get(word.lower())
    if number is None:
        message = f'priority "{word}" is none of {", ".join(PRIORITY_WORDS)}: default, kept in the body'
        return Reading(None, "priority", message, spent=False)
    fields = {} if number == DEFAULT_PRIORITY else {"priority": number}
    return Reading(fields, spent=not re.search(r"\w", value[len(word) :]))


def _blocked(value: str) -> Reading:
    return Reading({} if value.lower().rstrip(".") == "no" else {"blocked_reason": value})


def _score(value: str) -> Reading:
    match = _SCORE.fullmatch(value)
    parts = re.findall(_PART, match[2], _FLAGS) if match else []
    score = {_DIMENSIONS[name.lower()]: int(number) for name, number in parts}
    if match is None or len(parts) != 5 or len(score) != 5 or not all(1 <= part <= 3 for part in score.values()):
        return Reading(None, "score", f"kept in the body, not five parts from 1 to 3: {value}", spent=False)
    ordered = {name: score[name] for name in _DIMENSIONS.values()}
    total = sum(score.values())
    message = f"the score says {match[1]}, its parts add up to {total}: the parts count"
    return Reading({"score": ordered}, *(() if int(match[1]) == total else ("sum", message)))


_READERS: Final[Mapping[str, Callable[[str], Reading]]] = {
    "status": _status,
    "priority": _priority,
    "blocked": _blocked,
    "score": _score,
}


def heading_date(title: str) -> Reading:
    """``created`` from the first date in a heading; of a range, its first day."""
    matches = [match for pattern in _DATES if (match := pattern.search(title))]
    if matches:
        match = min(matches, key=lambda one: one.start())
        day = _first_day(match.groupdict())
        return Reading({"created": day}) if day else _unreadable(match[0])
    hints = [group for group in re.findall(r"\(([^()]*)\)", title) if _DATE_HINT.search(group)]
    return _unreadable(hints[0]) if hints else Reading({})


def _first_day(parts: Mapping[str, str | None]) -> str | None:
    month, last = _month(parts["month"]), _month(parts.get("last"))
    # "Dec 30 - Jan 2, 2026": the year belongs to the last day.
    year = int(parts["year"] or 0) - (0 < last < month)
    try:
        return date(year, month, int(parts["day"] or 0)).isoformat()
    except ValueError:
        return None


def _month(name: str | None) -> int:
    if not name:
        return 0
    return int(name) if name.isdigit() else _MONTH_NUMBER[name[:3].lower()]


def _unreadable(text: str) -> Reading:
    return Reading(None, "date", f'"{text}" looks like a date but cannot be read: no created')
