"""What a value that a field cannot hold was likely meant to be: words of other trackers, dates of other countries.

Only ever advice: no file is read this way.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from wrkq_files.model import slugs
from wrkq_files.model.fields import PRIORITY_WORDS, STATE_SYNONYMS, Field, FieldType

#: Longer texts are no misspelt words.
_LONGEST: Final = 60
_AROUND: Final = " \t,;\"'“”„‟‘’‚«»`"
_LINK: Final = re.compile(r"\[\[([^\]|#]+)(?:[|#][^\]]*)?\]\]")
_STATES: Final[Mapping[str, str]] = {
    **STATE_SYNONYMS,
    **dict.fromkeys(("doing", "wip", "started", "active", "ongoing", "in_work"), "in_progress"),
    **dict.fromkeys(("review", "reviewing", "needs_review", "in_test", "testing", "qa"), "in_review"),
    **dict.fromkeys(("complete", "finished", "resolved", "fixed", "merged", "shipped"), "completed"),
    **dict.fromkeys(("canceled", "abandoned", "rejected", "dropped", "wontfix", "wont_do"), "cancelled"),
    **dict.fromkeys(("new", "ready", "pending", "backlog", "to_do", "queued", "reopened"), "open"),
    **dict.fromkeys(("waiting", "on_hold", "paused", "stuck"), "blocked"),
}
_RESOLUTIONS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("fixed", "completed", "complete", "resolved", "implemented", "merged"), "done"),
    **dict.fromkeys(("wontfix", "wont_fix", "won't_fix", "won't_do", "rejected", "invalid"), "wont_do"),
    **dict.fromkeys(("dup", "duplicated"), "duplicate"),
    **dict.fromkeys(("incomplete", "needinfo", "cannot_reproduce"), "needs_info"),
}
_KINDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("defect", "fix", "bugfix"), "bug"),
    **dict.fromkeys(("research", "investigation"), "spike"),
    **dict.fromkeys(("maintenance", "housekeeping", "refactoring"), "chore"),
    **dict.fromkeys(("story", "enhancement", "improvement", "todo"), "task"),
}
_WORDS: Final = {"state": _STATES, "resolution": _RESOLUTIONS, "kind": _KINDS}
_PRIORITIES: Final[Mapping[str, int]] = {
    **dict.fromkeys(("urgent", "highest", "blocker", "asap", "p0", "0"), 1),
    **{f"p{number}": number for number in range(1, 5)},
    **dict.fromkeys(("important", "major"), 2),
    **dict.fromkeys(("normal", "moderate", "med"), 3),
    **dict.fromkeys(("lowest", "minor", "trivial"), 4),
}
_BOOLEANS: Final = {
    **dict.fromkeys(("yes", "y", "on", "1"), "true"),
    **dict.fromkeys(("no", "n", "off", "0"), "false"),
}
_HOURS: Final = re.compile(r"~?([0-9]+(?:[.,][0-9]+)?) ?(?:h|hrs?|hours?)?", re.IGNORECASE)
_YEAR_FIRST: Final = re.compile(r"([0-9]{4})([-/.]?)([0-9]{1,2})\2([0-9]{1,2})")
_DAY_FIRST: Final = re.compile(r"([0-9]{1,2})([./-])([0-9]{1,2})\2([0-9]{4})")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAME: Final = re.compile(
    r"(?:(?P<before>[0-9]{1,2})(?:st|nd|rd|th|\.)? )?(?P<month>[a-z]{3,9})\.?"
    r"(?: (?P<after>[0-9]{1,2})(?:st|nd|rd|th)?)?,? (?P<year>[0-9]{4})",
    re.IGNORECASE,
)


def meant(field: Field, text: str, fits: Callable[[str], bool]) -> str:
    """The first guess that ``fits``; empty when there is none."""
    if len(text) > _LONGEST:
        return ""
    return next((guess for guess in _guesses(field, text) if guess != text and fits(guess)), "")


def _guesses(field: Field, text: str) -> Iterator[str]:
    """What the text may mean, the likeliest first."""
    plain = text.strip(_AROUND)
    link = _LINK.fullmatch(plain)
    plain = link[1].strip() if link else plain
    yield plain
    yield from _BY_TYPE.get(field.type, _nothing)(field, plain)


def _nothing(field: Field, text: str) -> Iterator[str]:
    yield from ()


def _word(field: Field, text: str) -> Iterator[str]:
    word = re.sub(r"[\s-]+", "_", text.casefold())
    known = _WORDS.get(field.name, {})
    yield known.get(word, word)
    near = difflib.get_close_matches(word, [*field.values, *known], 1, cutoff=0.75)
    yield from (known.get(each, each) for each in near)


def _priority(field: Field, text: str) -> Iterator[str]:
    word = text.casefold()
    if word in _PRIORITIES:
        yield str(_PRIORITIES[word])
    yield from difflib.get_close_matches(word, PRIORITY_WORDS, 1, cutoff=0.75)


def _boolean(field: Field, text: str) -> Iterator[str]:
    yield _BOOLEANS.get(text.casefold(), "")


def _number(field: Field, text: str) -> Iterator[str]:
    if found := _HOURS.fullmatch(text):
        yield found[1].replace(",", ".")


def _slug(field: Field, text: str) -> Iterator[str]:
    plain = text.removeprefix("@")
    if any(character.isascii() and character.isalnum() for character in plain) and "<" not in plain:
        yield slugs.from_title(plain)


def _id(field: Field, text: str) -> Iterator[str]:
    """Crockford's alphabet leaves out the letters that are taken for digits."""
    letter, dash, rest = text.upper().removeprefix("#").partition("-")
    yield f"{letter}{dash}{rest}"
    yield f"{letter}{dash}{rest.translate(str.maketrans('OIL', '011'))}"


def _time(field: Field, text: str) -> Iterator[str]:
    if found := _YEAR_FIRST.fullmatch(text):
        yield _date(found[1], found[3], found[4])
    if found := _DAY_FIRST.fullmatch(text):
        first, second = int(found[1]), int(found[3])
        # With slashes the month comes first for some and the day for others: only one can be over 12.
        if found[2] == "." or first > 12 or first == second:
            yield _date(found[4], found[3], found[1])
        elif second > 12:
            yield _date(found[4], found[1], found[3])
    if found := _MONTH_NAME.fullmatch(text):
        month, day = found["month"][:3].lower(), found["before"] or found["after"]
        if month in _MONTHS and day:
            yield _date(found["year"], str(_MONTHS.index(month) + 1), day)


def _date(year: str, month: str, day: str) -> str:
    return f"{year}-{month:0>2}-{day:0>2}"


_BY_TYPE: Final[Mapping[FieldType, Callable[[Field, str], Iterator[str]]]] = {
    FieldType.ENUM: _word,
    FieldType.WORDS: _word,
    FieldType.PRIORITY: _priority,
    FieldType.BOOLEAN: _boolean,
    FieldType.INTEGER: _number,
    FieldType.NUMBER: _number,
    FieldType.SLUG: _slug,
    FieldType.ID: _id,
    FieldType.IDS: _id,
    FieldType.TIME: _time,
}
