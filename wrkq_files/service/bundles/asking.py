"""The request that asks for a bundle to be landed: title and body, for people who have nothing but the git host."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, Final, NamedTuple

from wrkq_files.git.batch import Blobs
from wrkq_files.model import layout
from wrkq_files.model.document import Document
from wrkq_files.model.events import LAYOUT, Event
from wrkq_files.model.phrases import phrase, short
from wrkq_files.model.rules import ERROR
from wrkq_files.service import comparing
from wrkq_files.service.bundles import keeping, landing, opening, showing
from wrkq_files.service.bundles.landing import Checked
from wrkq_files.service.bundles.sides import Sides
from wrkq_files.service.onbranch import OnBranch
from wrkq_files.service.tracker import Tracker

#: Where git hosts look for the text that a request begins with, the first that is there.
TEMPLATES: Final = (
    ".github/pull_request_template.md",
    ".github/PULL_REQUEST_TEMPLATE.md",
    "docs/pull_request_template.md",
    "docs/PULL_REQUEST_TEMPLATE.md",
    "pull_request_template.md",
    "PULL_REQUEST_TEMPLATE.md",
    ".gitlab/merge_request_templates/Default.md",
    ".gitlab/merge_request_templates/default.md",
)
#: Where in such a text ours goes.
_MARK: Final = re.compile(r"<!--\s*wrkq\s*-->")
_HEADINGS: Final = {"added": "Added", "completed": "Completed", "changed": "Changed", "removed": "Removed"}
_MARKDOWN: Final = re.compile(r"([\\`*_\[\]<>|#])")
_MOST_COMMENT: Final = 2000


class Asked(NamedTuple):
    """``number`` counts the documents that it adds, completes, changes and removes, by these words."""

    title: str
    body: str
    sides: Sides
    number: Mapping[str, int]
    checked: Checked
    template: str | None


class _Part(NamedTuple):
    """What a bundle does to one document."""

    id: str
    kind: str
    title: str
    address: str
    group: str
    events: Sequence[Event]
    comments: Sequence[Event]


def ask(tracker: Tracker, name: str | None, *, title: str | None = None) -> Asked:
    """Title and body of a request for a bundle, or any branch. Raises what :func:`sides.of` does."""
    checked = landing.check(tracker, name)
    both = checked.sides
    there = opening.on_branch(tracker.door, tracker.repo, both.branch.ref, both.branch.tip)
    with closing(there), Blobs(tracker.repo) as blobs:
        parts = _parts(there, blobs, showing.changes(tracker, both))
        feature = _feature(there, keeping.feature_of(tracker, both.branch.name))
        template = next((path for path in TEMPLATES if blobs.one(f"{both.base.tip}:{path}") is not None), None)
        ours = "\n\n".join(_body(there, blobs, parts, checked, feature)).strip()
        given = (blobs.one(f"{both.base.tip}:{template}") or b"").decode("utf-8", "replace") if template else ""
    trailers = landing.trailers(landing.texts_of(tracker, both.fork, both.branch.tip))
    body = filled(given, ours) + ("\n\n" + "\n".join(trailers) if trailers else "") + "\n"
    number = {group: sum(part.group == group for part in parts) for group in _HEADINGS}
    return Asked(title or _title(both, parts, feature), body, both, number, checked, template)


def filled(template: str, ours: str) -> str:
    """A template with our text at its mark, else after it."""
    if _MARK.search(template):
        return _MARK.sub(lambda _: ours, template, count=1).strip()
    return "\n\n".join(part for part in (template.strip(), ours) if part)


# What it does, by document


def _parts(there: OnBranch, blobs: Blobs, events: Iterable[Event]) -> list[_Part]:
    by_id: dict[str, list[Event]] = {}
    for event in events:
        if event.field != LAYOUT:
            by_id.setdefault(comparing.about(event) or event.path, []).append(event)
    found = [_part(there, blobs, identifier, its) for identifier, its in by_id.items()]
    return sorted(found, key=lambda part: (part.kind != "feature", part.address))


def _part(there: OnBranch, blobs: Blobs, identifier: str, events: Sequence[Event]) -> _Part:
    comments = [each for each in events if each.type.startswith("comment.")]
    own = [each for each in events if not each.type.startswith("comment.")]
    entries = there.index.by_id(identifier)
    if entries:
        entry = entries[0]
        title, address, kind = entry.title, entry.address or ".", entry.kind or entry.type.value
    else:
        last = (own or comments)[-1]
        document = _document(there, blobs, last.path, last.old_blob or last.blob)
        title = document.title if document else last.path
        address, kind = last.path.removesuffix(".md"), "document"
    return _Part(identifier, kind, title, address, _group(own), own, comments)


def _group(events: Sequence[Event]) -> str:
    types = {each.type.partition(".")[2] for each in events}
    if "deleted" in types:
        return "removed"
    if any(each.field == "state" and each.new == "completed" for each in events):
        return "completed"
    return "added" if "created" in types else "changed"


def _feature(there: OnBranch, identifier: str | None) -> str | None:
    entries = there.index.by_id(identifier) if identifier else []
    return entries[0].title if entries else None


def _document(there: OnBranch, blobs: Blobs, path: str, blob: str) -> Document | None:
    kind, data = layout.type_of(path), blobs.one(blob) if blob else None
    return there.parse(data, kind, path).document if kind and data is not None else None


# Words


def _title(both: Sides, parts: Sequence[_Part], feature: str | None) -> str:
    if feature:
        return feature
    if len(parts) == 1:
        part = parts[0]
        verb = {"added": "Add", "completed": "Complete", "changed": "Change", "removed": "Remove"}[part.group]
        return f"{verb} {part.title}"
    name = both.name.replace("-", " ").replace("/", ": ").capitalize()
    return f"{name} ({_many(len(parts), 'document')})"


def _body(
    there: OnBranch, blobs: Blobs, parts: Sequence[_Part], checked: Checked, feature: str | None
) -> Iterator[str]:
    both = checked.sides
    if feature:
        yield f"Feature: **{text(feature)}**"
    yield _summary(parts, both)
    for group, heading in _HEADINGS.items():
        chosen = [part for part in parts if part.group == group]
        if chosen:
            yield f"## {heading}"
            yield from (_described(there, blobs, part) for part in chosen)
    yield "## Check"
    yield "\n".join(_judged(checked))


def _summary(parts: Sequence[_Part], both: Sides) -> str:
    counts = [(group, sum(part.group == group for part in parts)) for group in _HEADINGS]
    said = ", ".join(f"{count} {group}" for group, count in counts if count)
    return f"Changes of the tracker: {said or 'none'}. Bundle `{both.name}`, to land on `{both.base.name}`."


def _described(there: OnBranch, blobs: Blobs, part: _Part) -> str:
    lines = [f"### {text(part.title)}", "", f"{code(part.id)} {text(part.kind)} {code(part.address)}"]
    rows = [each for each in part.events if each.field and each.type.endswith((".updated", ".section_changed"))]
    rows = [each for each in rows if each.field != "body"]
    told = [each for each in part.events if each not in rows and not each.type.endswith((".created", ".deleted"))]
    if rows:
        lines += ["", "| field | from | to |", "|---|---|---|"]
        lines += [f"| {each.field} | {_cell(each.old)} | {_cell(each.new)} |" for each in rows]
    if told:
        lines += ["", *(f"- {text(phrase(each))}" for each in told)]
    lines += _added(part)
    for comment in part.comments:
        lines += ["", *_quoted(there, blobs, comment)]
    return "\n".join(lines)


def _added(part: _Part) -> list[str]:
    """The fields of a new document that say something of it."""
    found = next((each.new for each in part.events if each.type.endswith(".created")), None)
    if not isinstance(found, Mapping):
        return []
    left_out = ("id", "title", "created", "created_by", "body", "sections")
    rows = [f"| {name} | {_cell(value)} |" for name, value in found.items() if name not in left_out]
    return ["", "| field | value |", "|---|---|", *rows] if rows else []


def _quoted(there: OnBranch, blobs: Blobs, comment: Event) -> Iterator[str]:
    """A comment as a quotation, with who wrote it."""
    document = _document(there, blobs, comment.path, comment.blob or comment.old_blob)
    if document is None or comment.type != "comment.created":
        yield f"> {text(phrase(comment))}"
        return
    author, kind = document.get("author"), document.get("kind")
    yield f"> **{text(str(author or 'somebody'))}**" + (f" ({kind})" if kind not in (None, "comment") else "") + ":"
    body = document.body.strip()
    cut = body if len(body) <= _MOST_COMMENT else body[:_MOST_COMMENT] + " …"
    yield from (f"> {_printable(line)}".rstrip() for line in cut.splitlines())


def _printable(line: str) -> str:
    return "".join(c for c in line if c.isprintable() or c == "\t")


def _judged(checked: Checked) -> Iterator[str]:
    both = checked.sides
    wrong = [each for each in checked.findings if each.checked.severity == ERROR]
    others = len(checked.findings) - len(wrong)
    lesser = _many(others, "warning or notice", "warnings and notices")
    yield f"- `wrkq check`: {_many(len(wrong), 'error')}, {lesser}"
    yield from (f"  - {code(each.file)}: {text(each.checked.finding.message)}" for each in wrong)
    joined = checked.joined
    if joined.is_clean:
        yield f"- merges with `{both.base.name}` without a conflict"
        return
    count = len(joined.conflicts) + len(joined.findings)
    yield f"- {_many(count, 'conflict')} with `{both.base.name}`:"
    yield from (f"  - {text(landing.words(each))}" for each in joined.conflicts)
    yield from (f"  - {text(landing.found_words(each))}" for each in joined.findings)


def _many(count: int, one: str, many: str = "") -> str:
    return f"{count or 'no'} {one if count == 1 else many or one + 's'}"


def _cell(value: Any) -> str:
    return "" if value is None else text(short(value))


def text(words: str) -> str:
    """Words that mean nothing to Markdown, on one line: they come from files of strangers."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in words).split())
    return _MARKDOWN.sub(r"\\\1", flat).replace("@", "&#64;")  # nobody is called by a title


def code(words: str) -> str:
    """Words between backticks."""
    return "`" + "".join(c for c in words if c.isprintable() and c != "`") + "`"
