"""Finding documents: by their fields, by their words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from wrkq_files.cli import entries
from wrkq_files.cli.form import words
from wrkq_files.cli.request import Request, request
from wrkq_files.errors import WrkqError

if TYPE_CHECKING:
    from wrkq_files.index.entry import Entry
    from wrkq_files.index.query import Query
    from wrkq_files.model.fields import DocType

_LETTERS = {"t": "task", "p": "container", "c": "comment", "w": "workspace", "a": "actor"}


def find(
    ctx: typer.Context,
    patterns: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATTERN", help="Addresses: portal, portal/**, */login-*; any of them."),
    ] = None,
    types: Annotated[
        str, typer.Option("--type", "-t", metavar="T", help="t task, p container, c comment, w workspace, a actor.")
    ] = "t",
    state: Annotated[str | None, typer.Option("--state", metavar="A,B", help="The state in the file.")] = None,
    effective: Annotated[
        str | None,
        typer.Option(
            "--effective-state", metavar="A,B", help="The state that is shown: blockers and subtasks count."
        ),
    ] = None,
    kind: Annotated[str | None, typer.Option("--kind", metavar="A,B", help="The kind; `subtask` is one too.")] = None,
    label: Annotated[list[str] | None, typer.Option("--label", metavar="LABEL", help="All of these labels.")] = None,
    any_label: Annotated[str | None, typer.Option("--any-label", metavar="A,B", help="One of these labels.")] = None,
    assignee: Annotated[
        str | None, typer.Option("--assignee", metavar="ACTOR", help="An actor, `me`, or `none`.")
    ] = None,
    reviewer: Annotated[
        str | None, typer.Option("--reviewer", metavar="ACTOR", help="An actor, `me`, or `none`.")
    ] = None,
    priority: Annotated[str | None, typer.Option("--priority", metavar="1,2", help="1 to 4, or their words.")] = None,
    parent: Annotated[str | None, typer.Option("--parent", metavar="TASK", help="The subtasks of this task.")] = None,
    due_before: Annotated[
        str | None, typer.Option("--due-before", metavar="TIME", help="Due before: 2026-01-19, today, 7d.")
    ] = None,
    due_after: Annotated[str | None, typer.Option("--due-after", metavar="TIME", help="Due then or later.")] = None,
    score: Annotated[int | None, typer.Option("--score", metavar="N", help="A score of N or more in total.")] = None,
    source: Annotated[
        str | None, typer.Option("--source", metavar="TEXT", help="Where it came from, exactly.")
    ] = None,
    section: Annotated[
        str | None, typer.Option("--section", metavar="SECTION", help="In a feature that is in this section.")
    ] = None,
    section_role: Annotated[
        str | None, typer.Option("--section-role", metavar="ROLE", help="In a feature whose section has this role.")
    ] = None,
    text: Annotated[
        str | None, typer.Option("--text", metavar="WORDS", help="With these words in title, labels or text.")
    ] = None,
    stale: Annotated[
        str | None, typer.Option("--stale", metavar="TIME", help="Not changed since: 2d, 3w, a time.")
    ] = None,
    in_flight: Annotated[
        bool, typer.Option("--in-flight", help="On branches that are not merged: what they changed, as it is there.")
    ] = False,
    archived: Annotated[bool, typer.Option("--archived", help="Archived documents only.")] = False,
    everything: Annotated[bool, typer.Option("-a", "--all", help="Closed and archived tasks and ideas too.")] = False,
    long: Annotated[
        bool, typer.Option("-l", "--long", help="More columns: kind, due, boxes, score, labels.")
    ] = False,
) -> None:
    """Find documents by their fields.

    Every option narrows. Without -a, closed and archived tasks and ideas are left out unless you ask for them, and
    counted on stderr. No match is no error.

    --in-flight lists documents as they are on branches (PATTERN, --type, --state and --assignee narrow it), each with
    its branch and whether it was created, changed, moved or deleted there.

    Example: `wrkq find --assignee me --state open,in_progress --sort priority,due`
    """
    from wrkq_files.index.query import EXCLUDE, INCLUDE, ONLY, Query
    from wrkq_files.service import reading

    ask = request(ctx)
    asked_state = bool(state or effective)
    query = Query(
        types=_types(types),
        globs=tuple(patterns or ()),
        states=_states(state),
        effective_states=_states(effective),
        kinds=words(kind),
        labels=tuple(label or ()),
        any_labels=words(any_label),
        assignee=_actor(ask, assignee),
        reviewer=_actor(ask, reviewer),
        priorities=_priorities(priority),
        parent=_parent(ask, parent),
        due_before=_time(ask, "--due-before", due_before),
        due_after=_time(ask, "--due-after", due_after),
        score_min=score,
        source=source,
        section=section,
        section_role=section_role,
        archived=ONLY if archived else EXCLUDE if asked_state and not everything else INCLUDE,
        text=text,
    )
    if in_flight:
        _in_flight(ask, query, stale=stale, everything=everything or long)
        return
    found = reading.find(ask.tracker, _placed(ask, query), everything=everything or asked_state or archived)
    if stale is not None:
        found = found._replace(entries=_stale(ask, stale, found.entries))
    ask.out.rows(entries.rows(ask, found.entries, long=long))
    if not found.entries:
        _say_unknown(ask, query)
    ask.out.hidden(found.hidden)
    ask.out.faults(entries.moved(ask, found.broken))


def search(
    ctx: typer.Context,
    query: Annotated[list[str], typer.Argument(metavar="WORDS", help='Words; "a phrase"; a begin*.')],
    types: Annotated[str, typer.Option("--type", "-t", metavar="T", help="t task, p container, c comment.")] = "t,p",
) -> None:
    """Find documents by their words, best first.

    Looks into titles, labels and texts of everything, closed and archived too.
    """
    from wrkq_files.cli import hits
    from wrkq_files.service import reading

    ask = request(ctx)
    # A page that is sorted otherwise, or goes on from another, needs all the hits.
    limit = None if ask.form.sort or ask.form.cursor or ask.form.limit is None else ask.form.limit + 1
    found, broken = reading.search(ask.tracker, " ".join(query), limit=limit, types=_types(types))
    ask.out.rows(hits.rows(ask, found))
    ask.out.faults(entries.moved(ask, broken))


def _in_flight(ask: Request, query: Query, *, stale: str | None, everything: bool) -> None:
    """What branches have changed; nothing of it is hidden, and most of it is not here."""
    from wrkq_files.cli import flying
    from wrkq_files.index.query import Query
    from wrkq_files.service import flight

    taken = {"types", "globs", "states", "assignee", "archived"}
    rest = query._replace(**{name: Query._field_defaults[name] for name in taken})
    if rest != Query() or query.archived == "only" or stale is not None or everything:
        hint = "--in-flight goes with PATTERN, --type, --state and --assignee"
        raise WrkqError("usage", "documents on branches cannot be narrowed by all that documents here can", hint=hint)
    patterns = [each for pattern in query.globs for each in _branch_patterns(ask, pattern)]
    found = flight.in_flight(ask.tracker)
    chosen = flight.select(found, types=query.types, patterns=patterns, states=query.states, assignee=query.assignee)
    ask.out.rows(flying.rows(ask, chosen))
    if found.as_of:
        ask.out.about(as_of=found.as_of)
    elif not ask.given.get("at"):
        ask.out.note("there is no base branch to hold other branches against: wrkqadm config set base BRANCH")


def _branch_patterns(ask: Request, pattern: str) -> Sequence[str]:
    """A pattern from here and from the top, as for documents; without wildcards also all below it."""
    from wrkq_files.service import resolve

    given = dict.fromkeys([resolve.relative(ask.tracker, pattern) or pattern, pattern.strip("/")])
    names = [name.removesuffix(".md") for name in given]
    return names if resolve.is_glob(pattern) else [*names, *(f"{name}/**" for name in names)]


def _types(given: str) -> tuple[DocType, ...]:
    from wrkq_files.model.fields import DocType

    found: list[DocType] = []
    for word in words(given):
        name = _LETTERS.get(word.lower(), word.lower())
        if name not in {each.value for each in DocType}:
            raise WrkqError(
                "usage",
                f"there is no type `{word}`",
                hint="types: t task, p container, c comment, w workspace, a actor",
            )
        found.append(DocType(name))
    return tuple(found)


def _states(given: str | None) -> tuple[str, ...]:
    from wrkq_files.model.fields import STATE_SYNONYMS, STATES

    found = tuple(STATE_SYNONYMS.get(word, word) for word in words(given))
    for word in found:
        if word not in STATES:
            raise WrkqError("usage", f"there is no state `{word}`", hint=f"states: {', '.join(STATES)}")
    return found


def _priorities(given: str | None) -> tuple[int, ...]:
    from wrkq_files.model.fields import PRIORITY_WORDS

    found: list[int] = []
    for word in words(given):
        number = PRIORITY_WORDS.get(word.lower(), int(word) if word.isdecimal() else 0)
        if not 1 <= number <= 4:
            raise WrkqError(
                "usage", f"there is no priority `{word}`", hint="1 (highest) to 4, or critical, high, medium, low"
            )
        found.append(number)
    return tuple(found)


def _actor(ask: Request, given: str | None) -> str | None:
    """A slug; an empty one stands for nobody."""
    if given is None or given in ("none", "nobody", ""):
        return None if given is None else ""
    if given in ("me", "@me"):
        from wrkq_files.service import actors

        return actors.required(ask.tracker).slug
    return given.removeprefix("@")


def _time(ask: Request, option: str, given: str | None) -> str | None:
    if given is None:
        return None
    from wrkq_files.model import times

    found = times.from_words(given, ask.door.now())
    if found is None:
        raise WrkqError("usage", f"{option} {given} is no time", hint="2026-01-19, today, tomorrow, 3d, -2w, 12h")
    return found


def _stale(ask: Request, since: str, found: Sequence[Entry]) -> Sequence[Entry]:
    """Those that no commit has changed since, and that have no uncommitted edits."""
    from wrkq_files.service import derived, moments

    moment = moments.moment(since, ask.door.now(), end=False)
    if moment is None:
        raise WrkqError("usage", f"--stale {since} is no time", hint="2d, 3w, 12h, 2026-01-19, yesterday")
    return derived.unchanged_since(ask.tracker, found, moment)


def _parent(ask: Request, given: str | None) -> str | None:
    if not given:
        return None
    from wrkq_files.model.fields import DocType
    from wrkq_files.service import resolve

    return resolve.one(ask.tracker, given, (DocType.TASK,)).id


def _say_unknown(ask: Request, query: Query) -> None:
    """A name that nobody has explains why nothing was found."""
    known = ask.tracker.actors()
    for slug in filter(None, (query.assignee, query.reviewer)):
        if slug not in known:
            ask.out.note(f"there is no actor `{slug}`; known: {', '.join(sorted(known)) or 'none'}")


def _placed(ask: Request, query: Query) -> Query:
    """Patterns are taken from the working directory; one that names a container means all below it."""

    if not query.globs:
        return query
    patterns = [each for pattern in query.globs for each in _patterns(ask, pattern)]
    return query._replace(globs=tuple(dict.fromkeys(patterns)))


def _patterns(ask: Request, pattern: str) -> Sequence[str]:
    from wrkq_files.service import resolve

    if resolve.is_glob(pattern):
        here = resolve.relative(ask.tracker, pattern)
        return [each.removesuffix(".md") for each in dict.fromkeys([here or pattern, pattern.strip("/")])]
    address = resolve.container_address(ask.tracker, pattern)
    if ask.tracker.is_folder(address):
        return [f"{address}/**" if address else "**"]
    return [entry.address for entry in resolve.named(ask.tracker, pattern)]
