"""What happened lately: for all who meet, and for whom it concerns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from wrkq_files.cli import entries, text
from wrkq_files.cli.commands import history
from wrkq_files.cli.output import Rows, reader
from wrkq_files.cli.request import Request, request

if TYPE_CHECKING:
    from wrkq_files.service.news import News
    from wrkq_files.service.standup import Item, Standup


class Audience(StrEnum):
    """For whom a standup is."""

    OWNER = "owner"
    STAKEHOLDER = "stakeholder"


_HEADINGS: Final = {
    "done": "Done",
    "doing": "Doing",
    "in_review": "In review",
    "blocked": "Blocked",
    "due_soon": "Due soon",
    "added": "Added",
    "moved": "Moved",
    "cancelled": "Cancelled",
}
#: What stands after a number of tasks.
_COUNTED: Final = {**{name: word.lower() for name, word in _HEADINGS.items()}, "doing": "in progress"}
_WHY: Final = {
    "assignee": "assigned to you",
    "reviewer": "you review it",
    "participant": "you take part",
    "mentioned": "mentions you",
}
_FIELDS: Final = (*(name for name in history.FIELDS if name not in ("diff", "files")), "why")
_SHORT: Final = 8


def standup(
    ctx: typer.Context,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="WHEN", help="A time or revision; else yesterday, on Mondays Friday."),
    ] = None,
    actor: Annotated[
        str | None, typer.Option("--actor", metavar="ACTOR", help="What this actor did or is assigned to; or `me`.")
    ] = None,
    audience: Annotated[
        Audience, typer.Option("--audience", help="owner: all, with ids. stakeholder: features and titles only.")
    ] = Audience.OWNER,
) -> None:
    """Say what was done, is going on, and waits.

    Markdown to paste, by feature. What happened comes from commits, what is so now from the files, merged with the
    base branch; due soon is what is due within 48 hours, or past due, and not begun. Tasks that another branch is on
    (`taken BRANCH`) or has closed (`landing BRANCH`) are said to be so.
    Each task stands in one section. For stakeholders there are no ids, names, subtasks and chores.
    """
    from wrkq_files.service import actors, reading
    from wrkq_files.service import standup as service

    ask = request(ctx)
    who = actors.named(ask.tracker, actor) if actor else None
    found = service.standup(ask.tracker, service.since(ask.tracker, since), who)
    if audience is Audience.STAKEHOLDER:
        rest = {name: [each for each in items if not each.is_small] for name, items in found.sections.items()}
        found = found._replace(sections=rest)
    if found.as_of:
        ask.out.about(as_of=found.as_of)
    if ask.form.is_json:
        ask.out.object(_object(found, who, audience))
    else:
        ask.out.lines(_standup(ask, found, audience))
    ask.out.faults(entries.moved(ask, reading.faults(ask.tracker)))


def news(
    ctx: typer.Context,
    ack: Annotated[bool, typer.Option("--ack", help="Mark all as read, for this actor in this clone.")] = False,
) -> None:
    """Show what happened that concerns you.

    What others committed to tasks that are assigned to you, that you review or take part in, or were then; and texts
    that say @you. Since what you marked as read with --ack; before that, the last 7 days.
    """
    from wrkq_files.service import news as service

    ask = request(ctx)
    slug = service.who(ask.tracker)
    found = service.news(ask.tracker, slug)
    rows = service.rows(ask.tracker, found)
    ask.out.rows(Rows(rows, reader(_FIELDS), lambda items: _news(ask, items), _FIELDS, "commit", ("time", "commit")))
    if found.since:
        begin = f"since {found.since.astimezone():%Y-%m-%d %H:%M}"
        lost = "what you read last is no part of this history any more: "
        ask.out.note(f"{lost}{begin}" if found.lost else f"nothing was ever marked as read: {begin}")
    if ack and found.tip:
        service.acknowledge(ask.tracker, slug, found.tip)
    ask.out.about(_counted(found, ack=ack), news=len(found.deeds), read=ack)


# A standup in words


def _standup(ask: Request, found: Standup, audience: Audience) -> Iterator[str]:
    begin = f"{found.since.time.astimezone():%Y-%m-%d}"
    if found.since.commit:
        begin = f"{found.since.commit[:_SHORT]} ({begin})"
    if not any(found.sections.values()):
        yield f"Nothing happened since {begin}."
        return
    yield ask.screen.styled(f"# Since {begin}", "bold")
    draw = _for_owner if audience is Audience.OWNER else _for_stakeholder
    for name, items in found.sections.items():
        if items:
            yield ""
            yield ask.screen.styled(f"## {_HEADINGS[name]}", "bold")
            for _, some in groupby(items, key=lambda item: item.place):
                yield ""
                yield from draw(name, [*some])


def _for_owner(name: str, items: Sequence[Item]) -> Iterator[str]:
    yield f"**{text.one_line(items[0].feature or 'No feature')}**"
    for item in items:
        title = f"{text.one_line(item.title)} ({item.id})"
        more = [text.one_line(each) for each in _more(name, item)]
        yield f"- {title}" + (f" — {', '.join(more)}" if more else "")


def _more(name: str, item: Item) -> Iterator[str]:
    """What there is to say of a task besides its title."""
    if name == "moved":
        yield f"{item.old} → {item.new}"
    if item.actor:
        yield item.actor
    if name == "doing" and item.time:
        yield f"since {item.time.astimezone():%Y-%m-%d}"
    if name == "in_review" and item.reviewer:
        yield f"{item.reviewer} reviews"
    if item.due:
        yield f"due {item.due}"
    if item.waits_for:
        yield "waits for " + " and ".join(f"{title} ({each})" if title else each for each, title in item.waits_for)
    if item.reason:
        yield item.reason
    yield from (each.words for each in item.marks)


def _for_stakeholder(name: str, items: Sequence[Item]) -> Iterator[str]:
    tasks = [item for item in items if item.path != item.place]
    counts = [f"{text.plural(len(tasks), 'task')} {_COUNTED[name]}"] if tasks else []
    counts += [f"from {item.old} to {item.new}" for item in items if item.path == item.place]
    yield text.one_line(f"**{items[0].feature or 'Other work'}**: {', '.join(counts)}")
    for item in tasks:
        yield f"- {text.one_line(item.title)}"


def _object(found: Standup, who: str | None, audience: Audience) -> dict[str, Any]:
    from wrkq_files.model import times

    row = _row if audience is Audience.OWNER else _plain_row
    return {
        "since": times.stamp(found.since.time),
        "until": times.stamp(found.until),
        "commit": found.since.commit or None,
        "actor": who,
        "audience": audience.value,
        "sections": {name: [row(item) for item in items] for name, items in found.sections.items()},
    }


def _row(item: Item) -> dict[str, Any]:
    from wrkq_files.model import times

    return {
        "id": item.id,
        "title": item.title,
        "path": item.path,
        "feature": item.feature,
        "feature_path": item.place,
        "actor": item.actor,
        "time": times.stamp(item.time) if item.time else None,
        "assignee": item.assignee,
        "reviewer": item.reviewer,
        "waits_for": [{"id": identifier, "title": title} for identifier, title in item.waits_for],
        "reason": item.reason,
        "from": item.old,
        "to": item.new,
        "due": item.due,
        "marks": [each._asdict() for each in item.marks],
    }


def _plain_row(item: Item) -> dict[str, Any]:
    moved = {"from": item.old, "to": item.new} if item.path == item.place else {}
    return {"title": item.title, "feature": item.feature, **moved}


# News in words


def _news(ask: Request, items: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    return history.entries(ask, items, lambda row: f"({_WHY[row['why']]})")


def _counted(found: News, *, ack: bool) -> str:
    count = len(found.deeds)
    if not count:
        return "no news"
    return f"{count} news, marked as read" if ack else f"{count} news; wrkq news --ack marks them as read"
