"""Sections: the columns of a project, and the features that go with them when they change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.index.entry import Entry
from wrkq_files.model import ranks, sections, slugs
from wrkq_files.model.document import Document, Value
from wrkq_files.model.fields import SECTION_ROLES, DocType
from wrkq_files.model.ranks import Place
from wrkq_files.service import assign, columns, graph, resolve
from wrkq_files.service.advancing import Step, in_section
from wrkq_files.service.change import Change, Options, Written
from wrkq_files.service.columns import Columns
from wrkq_files.service.publish import carry_out
from wrkq_files.service.tracker import Tracker
from wrkq_files.service.update import check_match, modified

Section = dict[str, Any]


class Row(NamedTuple):
    """One section; ``features``: how many stand in it. ``project`` is an address, None: of features in no project."""

    project: str | None
    slug: str
    title: str
    role: str
    default: bool
    wip_limit: int | None
    features: int


class Given(NamedTuple):
    """What is said of a section; None: not said. ``wip_limit`` 0: none. ``slug``: another name."""

    title: str | None = None
    role: str | None = None
    wip_limit: int | None = None
    default: bool = False
    slug: str | None = None


def ls(tracker: Tracker, project: str | None = None) -> list[Row]:
    """The sections of a project, or of all, in their order."""
    tracker.index.refresh()
    chosen = columns.of(tracker)
    if project is not None:
        chosen = [of_project(tracker, project)]
    elif not chosen:
        chosen = [Columns(None, tracker.config.sections, [])]
    return [_row(each, one) for each in chosen for one in each.sections]


def add(tracker: Tracker, project: str, slug: str, given: Given, place: Place, options: Options) -> Written:
    """A new section. Raises ``exists``, ``validation``."""

    def make(own: list[Section]) -> list[Section]:
        if problem := slugs.problem(slug):
            raise WrkqError("validation", f"`{slug}` cannot be a section's name: {problem}")
        if slug in _slugs(own):
            raise WrkqError("exists", f"there is already a section `{slug}`", hint=f"wrkq section edit … {slug}")
        return _inserted(_with(own, given), _described({"slug": slug}, given), place)

    return _rewrite(tracker, project, f"section {slug} added", make, options)


def edit(tracker: Tracker, project: str, slug: str, given: Given, options: Options) -> Written:
    """Another title, role, limit or name; with another name the features that stand there go along."""

    def make(own: list[Section]) -> list[Section]:
        _find(own, slug)
        if given.slug and given.slug != slug:
            if problem := slugs.problem(given.slug):
                raise WrkqError("validation", f"`{given.slug}` cannot be a section's name: {problem}")
            if given.slug in _slugs(own):
                raise WrkqError("exists", f"there is already a section `{given.slug}`")
        return [_described(each, given) if each.get("slug") == slug else each for each in _with(own, given)]

    if not any(value not in (None, False) for value in given):
        raise WrkqError("usage", "nothing to change", hint="--title, --role, --wip-limit, --default or --slug")
    return _rewrite(tracker, project, f"section {slug} changed", make, options, {slug: given.slug or slug})


def mv(tracker: Tracker, project: str, slug: str, place: Place, options: Options) -> Written:
    """The section at another place among the others."""

    def make(own: list[Section]) -> list[Section]:
        one = _find(own, slug)
        return _inserted([each for each in own if each is not one], one, place)

    return _rewrite(tracker, project, f"section {slug} moved", make, options)


def rm(tracker: Tracker, project: str, slug: str, options: Options, *, move_to: str | None = None) -> Written:
    """No such section any more. Raises ``refused`` where features stand in it and ``move_to`` names no other."""

    def make(own: list[Section]) -> list[Section]:
        left = [each for each in own if each is not _find(own, slug)]
        if not left:
            raise WrkqError("refused", f"`{slug}` is the only section", hint="add another one first")
        if move_to is not None:
            _find(left, move_to)
        return left

    def check(board: Columns) -> None:
        there = board.standing(slug)
        if there and move_to is None:
            others = [each for each in _slugs(board.sections) if each != slug]
            some = ", ".join(each.address for each in there[:3]) + (" …" if len(there) > 3 else "")
            message = f"{len(there)} features stand in `{slug}`: {some}"
            hint = f"--move-to SECTION takes them along; one of {', '.join(others)}"
            raise WrkqError("refused", message, hint=hint)

    follow = {slug: move_to} if move_to else {}
    return _rewrite(tracker, project, f"section {slug} removed", make, options, follow, check)


def over_limit(tracker: Tracker, moved: Mapping[str, tuple[Entry, str]]) -> list[str]:
    """What to say of sections that hold more than they should once these features stand there; by path."""
    said = []
    for address, slug in dict.fromkeys((entry.project, new) for entry, new in moved.values()):
        coming = {path for path, (entry, new) in moved.items() if (entry.project, new) == (address, slug)}
        limit = _limit(tracker, moved[min(coming)][0], slug)
        if limit is not None:
            tracker.index.refresh()
            board = columns.around(tracker, moved[min(coming)][0])
            there = coming | ({each.path for each in board.standing(slug)} - {*moved})
            if len(there) > limit:
                said.append(f"{slug} holds {len(there)} features, and its limit is {limit}")
    return said


def _limit(tracker: Tracker, feature: Entry, slug: str) -> int | None:
    own = columns.own(tracker, graph.project_above(tracker, feature.address))
    return next((each.get("wip_limit") for each in own if each.get("slug") == slug), None)


def _rewrite(
    tracker: Tracker,
    project: str,
    subject: str,
    make: Callable[[list[Section]], list[Section]],
    options: Options,
    follow: Mapping[str, str] = {},
    check: Callable[[Columns], None] | None = None,
) -> Written:
    """Another list of sections in a project's document; features go where ``follow`` says, and else stay.

    One that names no section stands in the default one: where that is another now, it names the old one.
    """

    def plan() -> Change:
        tracker.index.refresh()
        board = of_project(tracker, project)
        entry = board.project
        assert entry is not None
        check_match(entry, options)
        if check is not None:
            check(board)
        before = [dict(each) for each in board.sections]
        after = make(before)

        def rewritten(document: Document) -> Mapping[str, Value | None]:
            own = document.get("sections") or tracker.config.sections
            return {"sections": tuple(make([dict(each) for each in own]))}

        edits = [modified(entry, rewritten, {"sections"})]
        moved = _following(board, before, after, follow)
        told = [each.as_json() for each in moved]
        notes = [each.words for each in moved if each.old != each.new]
        edits += [modified(each.feature, partial(in_section, each.new), {"section"}) for each in moved]
        data = {"sections": told} if told else {}
        subject_ = f"{entry.address}: {subject}"
        return Change("section", (entry.id,), subject_, tuple(edits), notes=tuple(notes), data=data)

    return carry_out(tracker, plan, options)


def _following(
    board: Columns, before: Sequence[Section], after: Sequence[Section], follow: Mapping[str, str]
) -> list[Step]:
    """The features whose own documents have to name a section: where each stood, and where it stands."""
    found = []
    for feature in board.features:
        old = feature.section or sections.default(before)
        new = follow.get(old, old)
        if new != (feature.section or sections.default(after)):
            found.append(Step(feature, old, new))
    return found


def of_project(tracker: Tracker, project: str) -> Columns:
    entry = resolve.one(tracker, project, (DocType.CONTAINER,))
    if entry.kind != "project":
        kind = "an area" if entry.kind == "area" else f"a {entry.kind}"
        hint = f"wrkq set {entry.address} --kind project, or name the project above"
        raise WrkqError("usage", f"{entry.address} is {kind}: only projects have sections", hint=hint)
    found = next((each for each in columns.of(tracker) if each.project and each.project.path == entry.path), None)
    return found or Columns(entry, columns.own(tracker, entry), [])


def _row(board: Columns, one: Mapping[str, Any]) -> Row:
    slug = str(one.get("slug"))
    return Row(
        board.project.address if board.project else None,
        slug,
        columns.title_of(one),
        str(one.get("role") or ""),
        slug == sections.default(board.sections),
        one.get("wip_limit"),
        len(board.standing(slug)),
    )


def _slugs(own: Sequence[Mapping[str, Any]]) -> list[str]:
    return [str(each.get("slug")) for each in own]


def _find(own: Sequence[Section], slug: str) -> Section:
    found = next((each for each in own if each.get("slug") == slug), None)
    if found is None:
        raise WrkqError("not_found", f"there is no section `{slug}`", hint=f"there are: {', '.join(_slugs(own))}")
    return found


def _with(own: list[Section], given: Given) -> list[Section]:
    """The others, as they are when this one is described so: there is one default."""
    return [{n: v for n, v in each.items() if n != "default"} for each in own] if given.default else own


def _described(one: Section, given: Given) -> Section:
    if given.role is not None and given.role not in SECTION_ROLES:
        allowed = f"one of {', '.join(SECTION_ROLES)}"
        raise assign.unfit("role", given.role, allowed)
    if given.wip_limit is not None and given.wip_limit < 0:
        raise assign.unfit("wip_limit", str(given.wip_limit), "a number from 1; 0 takes the limit away")
    title = None if given.title is None else assign.one_line("title", given.title)
    told: Section = {"slug": given.slug, "title": title, "role": given.role, "wip_limit": given.wip_limit}
    told["default"] = given.default or None
    new = {**one, **{name: value for name, value in told.items() if value is not None}}
    if new.get("wip_limit") == 0:
        del new["wip_limit"]
    return new


def _inserted(own: list[Section], one: Section, place: Place) -> list[Section]:
    other = own.index(_find(own, place.other)) if place.other else None
    at = ranks.inserted(len(own), place, other)
    return [*own[:at], one, *own[at:]]
