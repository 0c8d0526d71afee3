"""What is allowed, and still asks for somebody's attention: sections, workflow, people, links, places."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from shlex import quote
from typing import Any, Final

from wrkq_files.index.entry import Entry
from wrkq_files.model import layout, links, sections, states
from wrkq_files.model.document import in_order
from wrkq_files.model.fields import DocType
from wrkq_files.model.finding import Finding
from wrkq_files.model.rules import RULES
from wrkq_files.service.surroundings import Surroundings

_Sections = Sequence[Mapping[str, Any]]


def _two_defaults(around: Surroundings) -> Iterator[Finding]:
    for entry in around.containers:
        own = _own_sections(entry)
        defaults = [section.get("slug") for section in own if section.get("default")]
        if len(defaults) > 1:
            message = f"{' and '.join(map(str, defaults))} are both the default"
            yield around.at("two-defaults", entry.path, message, "sections:")


def _unknown_sections(around: Surroundings) -> Iterator[Finding]:
    for entry in around.containers:
        known = [str(section.get("slug")) for section in _sections_for(around, entry.project)]
        if entry.section and entry.section not in known:
            message = f"section `{entry.section}` is none of {entry.project or 'the default sections'}"
            remedy = f"wrkq set {quote(entry.address)} --section {known[0]}"
            yield around.at(
                "unknown-section", entry.path, message, "section:", allowed=", ".join(known), remedy=remedy
            )


def _wip_limits(around: Surroundings) -> Iterator[Finding]:
    """One finding for each column that is too full, at the last feature in it."""
    for project in dict.fromkeys(_projects(around)):
        own = _sections_for(around, project)
        limits = {str(one.get("slug")): one["wip_limit"] for one in own if one.get("wip_limit")}
        if not limits:
            continue
        standing = [each for each in around.features_in(project) if not each.archived]
        for slug, limit in limits.items():
            inside = [each for each in standing if (each.section or sections.default(own)) == slug]
            if len(inside) > limit:
                last = max(inside, key=lambda each: in_order(each.address))
                message = f"{len(inside)} features stand in `{slug}`, whose limit is {limit}"
                remedy = f"wrkq set {quote(last.address)} --section …, or raise its wip_limit"
                yield around.at("wip-limit", last.path, message, "section:", remedy=remedy)


def _projects(around: Surroundings) -> Iterator[str | None]:
    """The addresses of the projects whose columns may have changed; None for features that are in none."""
    for entry in around.containers:
        if entry.kind == "project":
            yield entry.address
        elif entry.kind == "feature":
            yield entry.project


def _at_odds(around: Surroundings) -> Iterator[Finding]:
    features = [entry for entry in around.containers if entry.kind == "feature"]
    features += [each for task in around.tasks if (each := around.container(task.feature))]
    for entry in dict.fromkeys(features):
        if entry.section and not entry.archived:
            found = {task.state for task in around.tasks_in(entry) if not task.archived}
            better = sections.suggested(_sections_for(around, entry.project), entry.section, found)
            if better:
                message = f"it stands in `{entry.section}`; by its tasks it belongs into `{better}`"
                remedy = f"wrkq set {quote(entry.address)} --section {better}"
                yield around.at("section-at-odds", entry.path, message, "section:", remedy=remedy)


def _sections_for(around: Surroundings, project: str | None) -> _Sections:
    entry = around.container(project)
    return (_own_sections(entry) if entry else ()) or around.tracker.config.sections


def _own_sections(entry: Entry) -> _Sections:
    return entry.document_fields().get("sections") or () if entry.kind == "project" else ()


def _workflow(around: Surroundings) -> Iterator[Finding]:
    for entry in around.tasks:
        if entry.state == "in_progress" and not entry.assignee:
            remedy = f"wrkq set {entry.id} --assignee ACTOR"
            yield around.at("no-assignee", entry.path, "in progress, but nobody is assigned", "state:", remedy=remedy)
        if entry.state == "completed" and entry.criteria_open:
            message = f"completed, with {entry.criteria_open} open acceptance items"
            yield around.at("open-criteria", entry.path, message, "state:", remedy=f"wrkq tick {entry.id} ITEM")
        if entry.resolution and not states.agree(entry.state, entry.resolution):
            message = f"resolution {entry.resolution} does not go with state {entry.state}"
            remedy = f"wrkq set {entry.id} --resolution ''"
            yield around.at("resolution-state", entry.path, message, "resolution:", remedy=remedy)


def default_actor(around: Surroundings) -> Iterator[Finding]:
    """The setting names an actor that there is."""
    default = around.tracker.config.default_actor
    if default and default not in around.actors:
        message = f"default_actor `{default}` is no actor"
        remedy = f"wrkqadm actor add {default}, or: wrkqadm config set default_actor ''"
        yield around.at("unknown-actor", layout.CONFIG_NAME, message, "default_actor:", remedy=remedy)


def _actors(around: Surroundings) -> Iterator[Finding]:
    if not around.actors:
        return
    for entry in around.subjects:
        for field, slug in _people(entry):
            if slug and slug not in around.actors:
                message, remedy = f"{field} `{slug}` is no actor", f"wrkqadm actor add {slug}"
                yield around.at("unknown-actor", entry.path, message, f"{field}:", remedy=remedy)


def _people(entry: Entry) -> Iterator[tuple[str, str | None]]:
    yield from (("assignee", entry.assignee), ("reviewer", entry.reviewer), ("author", entry.author))
    if entry.type is DocType.CONTAINER:
        yield "owner", entry.document_fields().get("owner")
    if entry.type is DocType.TASK and '"participants"' in entry.more:
        yield from (("actor", each.get("actor")) for each in entry.document_fields().get("participants") or ())


def _comments(around: Surroundings) -> Iterator[Finding]:
    for entry in around.subjects:
        if (
            entry.type is DocType.COMMENT
            and entry.on
            and not entry.path.startswith(layout.comment_folder(entry.on) + "/")
        ):
            message = f"it is on {entry.on}, and belongs into {layout.comment_folder(entry.on)}"
            remedy = f"wrkq check --fix {quote(entry.path)}"
            yield around.at("misplaced-comment", entry.path, message, "on:", remedy=remedy)


def _dead_links(around: Surroundings) -> Iterator[Finding]:
    """Markdown files of the tracker that a body links to, and that are not there."""
    for path, body in around.linking():
        for link in links.relative_links(body):
            meant = links.target(path, link.path)
            if meant is None or layout.type_of(meant) is None or around.tracker.ignores(meant):
                continue  # it is no document's place, and so not known
            if around.has_file(meant):
                continue
            first = around.bytes_of(path).decode("utf-8", "replace").count("\n") - body.count("\n")
            message = f"there is no {meant}"
            remedy = RULES["dead-link"].remedy
            yield Finding("dead-link", path, message, first + link.line + 1, link.column + 1, remedy=remedy)


def _missing_ids(around: Surroundings) -> Iterator[Finding]:
    for entry in around.subjects:
        if entry.type is DocType.ACTOR or entry.id_source not in ("derived", "provisional"):
            continue
        if entry.id_source == "derived":
            message = f"no id in the file; until one is written it is {entry.id}"
        else:
            message = f"no id in the file; it is {entry.id} until its text changes or it is committed"
        yield Finding("missing-id", entry.path, message, 1, 1, remedy=RULES["missing-id"].remedy)


def _attachments(around: Surroundings) -> Iterator[Finding]:
    """Folders of attachments that belong to nothing: taking an `id:` line out leaves them behind."""
    for identifier in around.attached():
        if not around.with_id(identifier) and identifier not in around.unreadable_ids:
            path = layout.attachment_folder(identifier)
            message = f"no document has the id {identifier}"
            yield Finding("orphaned-attachments", path, message, remedy=RULES["orphaned-attachments"].remedy)


CHECKS: Final[Sequence[Callable[[Surroundings], Iterable[Finding]]]] = (
    _two_defaults,
    _unknown_sections,
    _wip_limits,
    _at_odds,
    _workflow,
    _actors,
    _comments,
    _dead_links,
    _attachments,
    _missing_ids,
)
