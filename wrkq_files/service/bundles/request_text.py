"""The text of a request (a pull request, a merge request): title and Markdown body."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from wrkq_files.git.log import Logged
from wrkq_files.model import markdown, messages, trailers
from wrkq_files.model.markdown import line
from wrkq_files.model.merged import in_words
from wrkq_files.model.phrases import short
from wrkq_files.model.rules import ERROR
from wrkq_files.service.bundles import proposal as proposals
from wrkq_files.service.bundles.proposal import Group, Item, Proposal, Said
from wrkq_files.service.bundles.review import Contested, Review
from wrkq_files.service.scopes import Reviewed

#: What hosts take of a body, in characters.
LIMIT: Final = 65_536
#: Kept free for saying what was left out.
_SPARE: Final = 400
_TITLE: Final = 200
_LONGEST: Final = 4_000
_TEMPLATE_MARK: Final = re.compile(r"(?m)^[ \t]*<!--[ \t]*wrkq[ \t]*-->[ \t]*\r?$")
#: Findings, and conflicts, that are listed; the command that lists all is said.
_SHOWN: Final = 20
#: Subjects that the tool writes: `portal/auth: created`, `a/b -> a/c`, `3 changes to the tracker`.
_OWN_SUBJECT: Final = re.compile(r"[\w-]+/[\w/-]+: | -> |\d+ (?:changes|files) |: created$")
_LISTED: Final = re.compile(r"(?:- .*(?:\n|$))+")
_WORDS: Final = {
    "created": "New",
    "completed": "Completed",
    "cancelled": "Cancelled",
    "deleted": "Deleted",
    "archived": "Archived",
    "restored": "Brought back",
    "moved": "Moved",
    "landed": "Landed",
    "changed": "Changed",
    "commented": "Commented",
}
_BOXES: Final = {
    "checked": "ticked",
    "unchecked": "open again",
    "dropped": "crossed out",
    "added": "new box",
    "removed": "box removed",
}


class Text(NamedTuple):
    """``left_out``: how many documents and field changes had no room in the body."""

    title: str
    body: str
    left_out: int


def compose(
    found: Proposal, review: Review, *, template: str = "", title: str | None = None, limit: int = LIMIT
) -> Text:
    """The request for a proposal. ``template``: the repository's; our text stands at its line ``<!-- wrkq -->``,
    else above it. ``title``: another than ours.
    """
    end = "\n".join(_fitting(trailers.repeated(each.message for each in found.commits), limit // 2))
    before, after = _around(template[: limit // 3])
    checks = "\n".join(_checks(found, review))
    fixed = sum(map(len, (before, after, checks, end))) + _SPARE
    room = _Room(limit - fixed)
    room.put("\n".join(_why(found.commits)) + "\n")
    for group in found.groups:
        _group(room, group)
    if room.left_out:
        more = f"_{room.left_out} more lines have no room here: `wrkq bundle show {found.bundle.name}` has them._"
        room.add(f"\n{more}\n")
    ours = re.sub(r"\n{3,}", "\n\n", "".join(room.parts)).strip()
    text = f"{ours}\n\n{checks}".strip()
    parts = [before.strip(), text, after.strip(), end]
    body = "\n\n".join(part for part in parts if part) + "\n"
    return Text(_cut(markdown.title(title or _title(found)), _TITLE), body, room.left_out)


class _Room:
    """What is written as long as there is room; what has none is counted."""

    def __init__(self, left: int) -> None:
        self._left = left
        self.parts: list[str] = []
        self.left_out = 0

    def put(self, text: str) -> bool:
        if len(text) > self._left:
            self.left_out += 1
            return False
        self.add(text)
        return True

    def add(self, text: str) -> None:
        self._left -= len(text)
        self.parts.append(text)


def _fitting(lines: Sequence[str], room: int) -> Iterator[str]:
    for each in lines:
        room -= len(each) + 1
        if room < 0:
            return
        yield each


def _around(template: str) -> tuple[str, str]:
    """What stands before and after our text."""
    if found := _TEMPLATE_MARK.search(template):
        return template[: found.start()], template[found.end() :]
    return "", template


# Title and why


def _title(found: Proposal) -> str:
    """The subject of the only commit; else the feature, or the bundle, and how many tasks are new or completed."""
    subjects = [messages.read(each.message).subject for each in found.commits]
    if len(subjects) == 1 and subjects[0]:
        return subjects[0]
    counts = proposals.counts(found.groups)
    told = [f"{count} {_WORDS.get(what, what).lower()}" for what, count in counts.items()]
    if told:  # `2 tasks new, 1 completed`
        first = next(iter(counts.values()))
        told[0] = told[0].replace(" ", " task " if first == 1 else " tasks ", 1)
    name = found.feature or found.bundle.name.replace("-", " ").replace("_", " ")
    return f"{name}: {', '.join(told)}" if told else name


def _why(commits: Sequence[Logged]) -> Iterator[str]:
    """What the messages say besides what can be seen in the changes."""
    said: dict[str, None] = {}
    for commit in commits:
        if len(commit.parents) < 2 and (text := _message(commit)):
            said[text] = None
    for text in said:
        yield from markdown.lines(_cut(text, _LONGEST), promises=True)
        yield ""


def _message(commit: Logged) -> str:
    """A commit's message without trailers; of one that the tool wrote, only what its author added."""
    told = messages.read(commit.message)
    text = messages.text(commit.message)
    if not told.operations or not _OWN_SUBJECT.search(told.subject):
        return text
    rest = [part for part in text.partition("\n")[2].strip().split("\n\n") if not _LISTED.fullmatch(part)]
    return "\n\n".join(rest).strip()


# Documents


def _group(room: _Room, group: Group) -> None:
    rows = [row for item in group.items for row in _rows(item)]
    title = line(_cut(group.title, _TITLE)) if group.path else "Elsewhere"
    if not room.put(f"\n### {title}\n\n"):
        room.left_out += len(group.items) + len(rows)
        return
    for item in group.items:
        room.put(f"{_headline(item)}\n")
        for said in item.comments:
            room.put("\n" + "".join(f"  {each}\n" for each in _quoted(said)) + "\n")
    if rows and room.put("\n| Document | Field | From | To |\n|---|---|---|---|\n"):
        for row in rows:
            room.put(row + "\n")


def _headline(item: Item) -> str:
    boxes = (f"  - {_BOXES.get(how, how)}: {line(_cut(text, _TITLE))}" for how, text in proposals.boxes(item))
    return "\n".join((f"- **{_WORDS.get(item.what, item.what)}:** {_named(item)}", *boxes))


def _named(item: Item) -> str:
    """Title and id; in underscores, so that a squash's message does not name it once more (see model/messages.py)."""
    title = line(_cut(item.title or item.path, _TITLE))
    return f"{title} (_{line(item.id)}_)" if item.id and item.id != item.path else title


def _quoted(said: Said) -> Iterator[str]:
    kind = f" ({line(said.words)})" if said.words else ""
    yield f"> **{line(said.author or 'somebody')}**{kind}:"
    yield ">"
    yield from markdown.quote(_cut(said.text, _LONGEST))


def _rows(item: Item) -> Iterator[str]:
    for name, old, new in proposals.fields(item):
        cells = (_named(item), line(name), *_values(name, old, new))
        yield f"| {' | '.join(cells)} |"


def _values(name: str, old: Any, new: Any) -> tuple[str, str]:
    if name == "body" and isinstance(new, dict):
        return "", f"{new.get('added')} lines added, {new.get('removed')} removed"
    return _value(old), _value(new)


def _value(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        value = ", ".join(value)
    return "" if value is None else line(short(value))


# Checks


def _checks(found: Proposal, review: Review) -> Iterator[str]:
    base, name = line(found.bundle.base.name), found.bundle.name
    yield "### Checks"
    yield ""
    errors, others = review.errors, len(review.findings) - review.errors
    told = [f"{errors} error{'s' * (errors != 1)}"] * bool(errors) + [f"{others} to look at"] * bool(others)
    yield f"- `wrkq check`: {', '.join(told) or 'nothing found'}"
    yield from _listed([_finding(each) for each in review.findings], name)
    yield from _listed([*_gates(found)], name)
    count = len(review.conflicts) + len(review.broken)
    if not count:
        yield f"- merging with {base}: no conflicts"
        return
    yield f"- merging with {base}: {count} conflict{'s' * (count != 1)}"
    yield from _listed([_finding(each) for each in review.broken], name)
    if review.conflicts:
        yield ""
        yield f"| File | Field | Before | Here | {base} |"
        yield "|---|---|---|---|---|"
        yield from (_conflict(each) for each in review.conflicts[:_SHOWN])
        if len(review.conflicts) > _SHOWN:
            yield ""
            yield f"{len(review.conflicts) - _SHOWN} more: `wrkq bundle check {name}` lists them."


def _gates(found: Proposal) -> Iterator[str]:
    """The last verdict at each gate, task by task."""
    last = {
        (said.gate, item.id): (said, item)
        for group in found.groups
        for item in group.items
        for said in item.comments
        if said.gate and said.verdict
    }
    for (gate, _), (said, item) in sorted(last.items(), key=lambda pair: pair[0]):
        verdict = "passed" if said.verdict == "pass" else f"**{line(said.verdict)}ed**"
        who = line(said.author or "somebody")
        yield f"- gate {line(gate)}: {verdict}, {line(item.title)} (`{item.id}`, by {who})"


def _listed(lines: Sequence[str], name: str) -> Iterator[str]:
    yield from lines[:_SHOWN]
    if len(lines) > _SHOWN:
        yield f"  - and {len(lines) - _SHOWN} more: `wrkq bundle check {name}` lists them"


def _finding(reviewed: Reviewed) -> str:
    finding, severity = reviewed.checked.finding, reviewed.checked.severity
    place = f"{reviewed.file}:{finding.line}" if finding.line else reviewed.file
    weight = f"**{severity}**" if severity == ERROR else severity
    return f"  - {weight}: {line(place)}: {line(_cut(finding.message, _TITLE))}"


def _conflict(each: Contested) -> str:
    conflict = each.conflict
    base, ours, theirs = (in_words(conflict.field, each) for each in (conflict.base, conflict.ours, conflict.theirs))
    field = line(conflict.field) if conflict.field else line(conflict.why)
    cells = (line(conflict.path), field, _value(base), _side(ours, each.ours), _side(theirs, each.theirs))
    return f"| {' | '.join(cells)} |"


def _side(value: Any, who: str) -> str:
    return _value(value) + (f" ({line(who)})" if who else "")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
