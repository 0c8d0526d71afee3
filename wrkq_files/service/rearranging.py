"""A board as lines in an editor: features are moved as lines are, and what comes of it is one change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.index.entry import Entry
from wrkq_files.model import ranks
from wrkq_files.model.document import Document, Value
from wrkq_files.service import columns, sections
from wrkq_files.service.advancing import Step
from wrkq_files.service.change import Change, Options, Written
from wrkq_files.service.columns import Columns
from wrkq_files.service.publish import carry_out
from wrkq_files.service.tracker import Tracker
from wrkq_files.service.update import modified

_HEAD: Final = "== "
_WORDS: Final = """\
# The board of {name}. Move the lines of features up and down, and below other sections.
# What follows an id is only there to be read. Lines that begin with # count for nothing.
# A feature's line must not go: wrkq rm archives one. Sections are changed by wrkq section.
"""


class Sheet(NamedTuple):
    """``text`` is what is edited; ``stood``: the features of each section as they were when it was made, by id."""

    project: str
    text: str
    stood: Mapping[str, Sequence[str]]


def checkout(tracker: Tracker, project: str) -> Sheet:
    """A project's board as lines. Raises ``usage`` for what is no project."""
    tracker.index.refresh()
    board = sections.of_project(tracker, project)
    assert board.project is not None
    stood = _standing(board)
    named = {each.id: each for each in board.features}
    titles = {str(each.get("slug")): str(each.get("title") or "") for each in board.sections}
    lines = [_WORDS.format(name=board.project.address or ".")]
    for slug, there in stood.items():
        lines.append(f"{_HEAD}{slug}  ({_plain(titles.get(slug, 'no section of this project'))})")
        lines += [f"{each}  {named[each].slug}  {_plain(named[each].title)}" for each in there]
        lines.append("")
    return Sheet(board.project.address, "\n".join(lines), stood)


def rearrange(tracker: Tracker, sheet: Sheet, text: str, options: Options) -> Written:
    """Puts features where their lines are.

    Raises ``validation`` for a line that is none, a feature that is missing or there twice; ``conflict`` where the
    board has changed since.
    """
    wanted = _read(sheet, text)

    def plan() -> Change:
        tracker.index.refresh()
        board = sections.of_project(tracker, sheet.project)
        if _standing(board) != sheet.stood:
            hint = f"wrkq board {sheet.project or '.'} --edit shows it as it is"
            raise WrkqError("conflict", "the board has changed since it was opened", hint=hint)
        named = {each.id: each for each in board.features}
        todo: dict[str, dict[str, Value | None]] = {}
        for slug, there in wanted.items():
            for identifier, rank in _ranks(named, sheet.stood[slug], there).items():
                todo.setdefault(identifier, {})["rank"] = rank
            for identifier in there:
                if board.section_of(named[identifier]) != slug:
                    todo.setdefault(identifier, {})["section"] = slug
        edits = [modified(named[each], partial(_given, fields), {*fields}) for each, fields in todo.items()]
        moved = [each for each, fields in todo.items() if "section" in fields]
        steps = [Step(named[e], board.section_of(named[e]), str(todo[e]["section"])) for e in moved]
        coming = {each.feature.path: (each.feature, each.new) for each in steps}
        notes = [*(each.words for each in steps), *sections.over_limit(tracker, coming)]
        subject = f"{sheet.project or '.'}: board rearranged" if todo else "the board stays as it is"
        data = {"sections": [each.as_json() for each in steps]} if steps else {}
        return Change("board", tuple(todo), subject, tuple(edits), notes=tuple(notes), data=data)

    return carry_out(tracker, plan, options)


def _standing(board: Columns) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {str(each.get("slug")): [] for each in board.sections}
    for feature in board.features:
        found.setdefault(board.section_of(feature), []).append(feature.id)
    return found


def _ranks(named: Mapping[str, Entry], before: Sequence[str], now: Sequence[str]) -> dict[str, str]:
    """The ranks that bring a section's features into their order."""
    if [each for each in before if each in now] == list(now):
        return {}
    entries = [named[each] for each in now]
    # Those at the end that have none, and stand as they would without, need none.
    count = len(entries)
    while count and entries[count - 1].rank is None and _follows(entries, count - 1):
        count -= 1
    found = ranks.arranged([each.rank for each in entries], count)
    return {now[place]: rank for place, rank in found.items() if entries[place].rank != rank}


def _follows(entries: Sequence[Entry], place: int) -> bool:
    """Whether what has no rank stands before the next one without its help, and is not the first without."""
    following = entries[place + 1] if place + 1 < len(entries) else None
    return following is None or columns.hand_order(entries[place]) < columns.hand_order(following)


def _read(sheet: Sheet, text: str) -> dict[str, list[str]]:
    """The ids of each section, as the lines say."""
    found: dict[str, list[str]] = {slug: [] for slug in sheet.stood}
    features = {each for there in sheet.stood.values() for each in there}
    slug: str | None = None
    seen: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        word = line.split()[0] if line.split() else "#"
        if word.startswith("#"):
            continue
        if line.startswith(_HEAD):
            slug = line.removeprefix(_HEAD).split()[0] if line.removeprefix(_HEAD).split() else ""
            if slug not in found:
                raise _wrong(number, f"`{slug}` is no section", f"sections: {', '.join(found)}; wrkq section add")
        elif word not in features:
            raise _wrong(number, f"`{word}` is no feature of this board", "a line begins with the feature's id")
        elif word in seen:
            raise _wrong(number, f"{word} is in line {seen[word]} already", "leave one of the two")
        elif slug is None:
            raise _wrong(number, f"{word} stands in no section", "put it below a line that begins with ==")
        else:
            seen[word] = number
            found[slug].append(word)
    if missing := sorted(features - {*seen}):
        message = f"the line of {missing[0]} is missing" + (f", and {len(missing) - 1} more" if missing[1:] else "")
        raise WrkqError("validation", message, hint="put it back; wrkq rm archives a feature")
    return found


def _wrong(line: int, message: str, hint: str) -> WrkqError:
    return WrkqError("validation", f"line {line}: {message}", hint=hint)


def _given(fields: Mapping[str, Value | None], document: Document) -> Mapping[str, Value | None]:
    return fields


def _plain(text: str) -> str:
    return " ".join(each for each in text.split() if each.isprintable())
