"""What a branch proposes, and whether it is fit to land, for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from wrkq_files.cli import findings, form, tables, text
from wrkq_files.cli.request import Request
from wrkq_files.model.merged import in_words
from wrkq_files.model.phrases import phrase

if TYPE_CHECKING:
    from wrkq_files.service.bundles.proposal import Bundle, Item, Proposal
    from wrkq_files.service.bundles.review import Contested, Review
    from wrkq_files.service.scopes import Reviewed

_STYLES: Final = {
    "created": "green",
    "completed": "green",
    "deleted": "red",
    "cancelled": "dim",
    "archived": "dim",
    "moved": "yellow",
    "changed": "yellow",
}
_WORDS: Final = {"created": "new", "restored": "back"}
_INDENT: Final = "             "
#: Lines of a comment that are shown.
_QUOTED: Final = 6
#: Days up to which an age says more than a date.
_RECENT: Final = 30


def about(found: Bundle) -> str:
    """``wrkq/login: 3 commits that main lacks, 1 behind it``."""
    base = found.base.name
    ahead = text.plural(found.ahead, "commit") if found.ahead else "no commit"
    behind = f"; {base} has {found.behind} more" if found.behind else ""
    return text.one_line(f"{found.branch.name}: {ahead} ahead of {base}{behind}")


def shown(ask: Request, found: Proposal, review: Review) -> Iterator[str]:
    """All of a proposal."""
    style = ask.screen.styled
    yield style(about(found.bundle), "bold")
    for group in found.groups:
        yield ""
        title = text.one_line(group.title) if group.path else "Elsewhere"
        yield f"{style(title, 'bold')}  {style(text.one_line(group.path), 'dim')}".rstrip()
        for item in group.items:
            yield from _item(ask, item)
    yield ""
    yield from verdict(ask, found.bundle, review)


def _item(ask: Request, item: Item) -> Iterator[str]:
    word = ask.screen.styled(_WORDS.get(item.what, item.what), _STYLES.get(item.what, ""))
    space = " " * max(1, 11 - text.width(_WORDS.get(item.what, item.what)))
    named = " ".join(each for each in (item.id if item.id != item.path else "", item.title) if each)
    room = ask.screen.width - len(_INDENT) if ask.screen.terminal else None
    yield f"  {word}{space}{_fit(named, room)}"
    for event in item.events:
        if not event.type.endswith((".created", ".deleted", ".restored")) or event.field:
            yield _INDENT + ask.screen.styled(_fit(phrase(event), room), "dim")
    for said in item.comments:
        yield from _said(ask, said.author, said.words, said.text, room)


def _said(ask: Request, author: str, kind: str, words: str, room: int | None) -> Iterator[str]:
    head = f"{author or 'somebody'}{f' ({kind})' if kind else ''}: "
    lines = [each for each in words.splitlines() if each.strip()]
    shown = [text.one_line(head + lines[0] if not number else f"  {each}") for number, each in enumerate(lines)]
    folded = [line for each in shown for line in text.wrapped(each, room)]
    for line in folded[:_QUOTED]:
        yield _INDENT + ask.screen.styled(line, "cyan")
    if len(folded) > _QUOTED:
        yield _INDENT + ask.screen.styled(f"… {text.plural(len(folded) - _QUOTED, 'line')} more", "dim")


def _fit(words: str, room: int | None) -> str:
    line = text.one_line(words)
    return line if room is None else text.cut(line, room)


def verdict(ask: Request, found: Bundle, review: Review) -> Iterator[str]:
    """What a check comes to, in a line or two."""
    style = ask.screen.styled
    severities = [each.checked.severity for each in review.findings]
    told = findings.summary(severities)
    yield f"check: {style(told, 'red' if review.errors else 'yellow' if severities else 'green')}"
    base, count = found.base.name, len(review.conflicts) + len(review.broken)
    words = f"{text.plural(count, 'conflict') if count else 'no conflict'} with {base}"
    yield f"merge: {style(text.one_line(words), 'red' if count else 'green')}"


def checked(ask: Request, found: Bundle, review: Review) -> Iterator[str]:
    """Findings, and conflicts with both sides' values."""
    yield from findings.lines(ask, [findings.of_git(ask, each) for each in review.findings])
    if review.findings and (review.conflicts or review.broken):
        yield ""
    for number, each in enumerate(review.conflicts):
        if number:
            yield ""
        yield from _conflict(ask, found, each)
    if review.broken:
        if review.conflicts:
            yield ""
        yield ask.screen.styled(text.one_line(f"only once {found.base.name} is merged:"), "bold")
        shown = [findings.of_git(ask, each)._replace(commit="") for each in review.broken]
        yield from findings.lines(ask, shown)


def _conflict(ask: Request, found: Bundle, each: Contested) -> Iterator[str]:
    conflict = each.conflict
    what = conflict.field or "the file"
    yield f"{ask.screen.styled(text.one_line(conflict.path), 'bold')}: {ask.screen.styled(what, 'red')}"
    names = (text.one_line(found.name), text.one_line(found.base.name))
    width = max(map(text.width, (*names, "before")))
    sides = (
        ("before", conflict.base, ""),
        (names[0], conflict.ours, each.ours),
        (names[1], conflict.theirs, each.theirs),
    )
    for name, side, who in sides if conflict.field else ():
        value = in_words(conflict.field, side)
        by = ask.screen.styled(f"  ({text.one_line(who)})", "cyan") if who else ""
        room = ask.screen.width - width - 8 - text.width(by) if ask.screen.terminal else None
        shown = "none" if value is None else _fit(form.plain(value), max(room, 20) if room is not None else None)
        yield f"    {name}{' ' * (width - text.width(name))}  {shown}{by}"
    if conflict.why:
        yield ask.screen.styled(f"    {text.one_line(conflict.why)}", "dim")


# Lists of bundles


def listed(ask: Request, items: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    from wrkq_files.model import times

    now = ask.door.now()
    columns = [
        tables.Column("", style=lambda _: "green"),
        tables.Column("name", least=10, style=lambda _: "bold"),
        tables.Column("branch", least=10, optional=True, style=lambda _: "dim"),
        tables.Column("commits"),
        tables.Column("documents", right=True),
        tables.Column("actor", least=6, style=lambda _: "cyan"),
        tables.Column("age"),
        tables.Column("merges", style=lambda word: "red" if word == "conflicts" else "green"),
    ]
    cells = [
        [
            "*" if row["current"] else "",
            row["name"],
            row["branch"] if row["branch"] != f"wrkq/{row['name']}" else "",
            f"+{row['ahead']} -{row['behind']}",
            text.plural(row["documents"], "document"),
            row["actor"],
            _age(now, times.parse(row["time"])),
            {None: "", True: "merges", False: "conflicts"}[row["merges"]],
        ]
        for row in items
    ]
    return tables.lines(columns, cells, ask.screen)


def _age(now: datetime, then: datetime | None) -> str:
    if then is None:
        return ""
    past = max(now - then, timedelta(0))
    if past.days > _RECENT:
        return f"{then.astimezone():%Y-%m-%d}"
    if past.days:
        return f"{past.days}d ago"
    minutes = past.seconds // 60
    return f"{minutes // 60}h ago" if minutes >= 60 else f"{minutes}m ago" if minutes else "now"


# JSON


def as_object(found: Proposal, review: Review) -> dict[str, Any]:
    from wrkq_files.model import trailers

    return {
        **place(found.bundle),
        "fork": found.bundle.fork,
        "tip": found.bundle.branch.tip,
        "commits": [{"commit": each.id, "subject": each.message.partition("\n")[0]} for each in found.commits],
        "groups": [
            {"title": group.title, "path": group.path or None, "documents": [_document(item) for item in group.items]}
            for group in found.groups
        ],
        "feature": found.feature or None,
        "trailers": trailers.repeated(each.message for each in found.commits),
        **verdicts(review),
    }


def place(found: Bundle) -> dict[str, Any]:
    return {
        "name": found.name,
        "branch": found.branch.name,
        "base": found.base.name,
        "ahead": found.ahead,
        "behind": found.behind,
    }


def verdicts(review: Review) -> dict[str, Any]:
    """``broken``: findings that only the merged tree has."""
    return {
        "clean": review.merges and not review.errors,
        "merges": review.merges,
        "findings": [_finding(each) for each in review.findings],
        "conflicts": [conflict(each) for each in review.conflicts],
        "broken": [_finding(each) | {"commit": None} for each in review.broken],
    }


def conflict(each: Contested) -> dict[str, Any]:
    told = each.conflict
    return {
        "path": told.path,
        "field": told.field or None,
        "base": told.base,
        "ours": told.ours,
        "theirs": told.theirs,
        "ours_by": each.ours or None,
        "theirs_by": each.theirs or None,
        "why": told.why,
    }


def _document(item: Item) -> dict[str, Any]:
    from wrkq_files.service.history import of_event

    return {
        "id": item.id or None,
        "type": item.type.value if item.type else None,
        "title": item.title,
        "path": item.path,
        "what": item.what,
        "events": [of_event(event) for event in item.events],
        "comments": [said._asdict() for said in item.comments],
    }


def _finding(each: Reviewed) -> dict[str, Any]:
    found = each.checked.finding.as_json()
    return {**found, "severity": each.checked.severity, "file": each.file, "commit": each.commit or None}
