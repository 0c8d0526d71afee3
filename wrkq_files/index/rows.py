# ruff: noqa: S608 (only our own column names and placeholders are ever put into SQL)
"""From a file's content and its place to its row of the view."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from wrkq_files.index.entry import COLUMNS, container_of, mark_address, mark_labels, pack
from wrkq_files.index.reading import Content, known
from wrkq_files.model import slugs, states, times
from wrkq_files.model.document import address_of, slug_of
from wrkq_files.model.fields import DEFAULT_PRIORITY, DEFAULT_STATE, DEFAULT_TASK_KIND, DocType

_ALL: Final = (
    f"{COLUMNS}, type, id_source, kind, project, feature, archived, container, parent, reviewer, source, score_total,"
    " due_at, subject, labels, own_archived, reason, parsed, number"
)
INSERT: Final = f"INSERT INTO entry({_ALL}) VALUES ({', '.join('?' * (_ALL.count(',') + 1))})"
_DEFAULT_KIND: Final = {DocType.TASK: DEFAULT_TASK_KIND, DocType.CONTAINER: "misc", DocType.COMMENT: "comment"}
#: Fields that say something of another document; their rows in ``edge`` bear the same names.
RELATIONS: Final = ("blocked_by", "relates_to", "duplicate_of", "parent")


class Context(NamedTuple):
    """What a folder hands down: the nearest project and feature, itself counted, and whether it is archived."""

    project: str | None = None
    feature: str | None = None
    archived: bool = False


class Identity(NamedTuple):
    """A document's id and where it came from; see :class:`wrkq_files.index.entry.Entry`."""

    id: str
    source: str


def entry_row(
    path: str, kind: DocType, identity: Identity, blob: str, content: Content, context: Context, number: int
) -> tuple[Any, ...]:
    """One row for :data:`INSERT`. An effective state that depends on other tasks is put right later."""
    get = known(kind, content.fields or {}).get
    state = (get("state") or DEFAULT_STATE) if kind is DocType.TASK else ""
    reason = bool(get("blocked_reason"))
    own_archived = get("archived") is not None
    archived = int(own_archived or context.archived)
    due, parent, reviewer, source, on = get("due"), get("parent"), get("reviewer"), get("source"), get("on")
    work_kind = get("kind") or _DEFAULT_KIND.get(kind, "")
    score = get("score")
    score_total = sum(score.values()) if score else None
    labels = mark_labels(get("labels") or ())
    project, feature = mark_address(context.project), mark_address(context.feature)
    # In the order of entry.MORE; a test holds the two together.
    more = (
        *(blob, labels, get("resolution"), reviewer, parent, get("section"), due, get("start"), get("created")),
        *(source, get("rank"), score_total, content.criteria_open, content.items_done, content.items_total, on),
        *(get("author"), work_kind, identity.source, project, feature, archived, content.fields_json),
    )
    return (
        path,
        identity.id,
        content.title or slug_of(kind, path),
        state,
        state and states.effective(state, waits=False, lists_blockers=False, has_reason=reason),
        get("priority") or DEFAULT_PRIORITY,
        get("assignee"),
        pack(more),
        kind.value,
        identity.source,
        work_kind,
        context.project,
        context.feature,
        archived,
        container_of(kind, path),
        parent,
        reviewer,
        source,
        score_total,
        moment(due) if due else None,
        on,
        labels,
        int(own_archived),
        int(reason),
        content.key,
        number,
    )


def placeholder_row(folder: str, context: Context, number: int) -> tuple[Any, ...]:
    """The row of a container that has no ``README.md``: only its place says that it is one."""
    path = f"{folder}/README.md"
    empty = Content(0, "", "", {}, "{}", [], 0, 0, 0)
    row = entry_row(path, DocType.CONTAINER, Identity("", "none"), "", empty, context, number)
    return (*row[:-2], None, number)


def moment(text: str) -> float | None:
    """Seconds since the epoch of a time in a document, so that dates and zones compare."""
    found = times.parse(text)
    return found.timestamp() if found else None


def edge_rows(kind_of: DocType, said: Mapping[str, Any], number: int) -> list[tuple[int, str, str]]:
    """The (src, kind, dst) rows of a document that says these fields; src is its row's number."""
    rows, fields = [], known(kind_of, said)
    for kind in RELATIONS:
        value = fields.get(kind)
        if value:
            targets: Iterable[str] = (value,) if isinstance(value, str) else value
            rows += [(number, kind, target) for target in dict.fromkeys(targets)]
    return rows


def name_finding(kind: DocType, path: str) -> tuple[Any, ...] | None:
    """The finding about a name that cannot be typed as an address."""
    slug = slug_of(kind, path)
    if kind is DocType.COMMENT or not slug or (problem := slugs.problem(slug)) is None:
        return None
    from shlex import quote  # few files need it

    suggestion = slugs.from_title(slug)
    return (
        "irregular-name",
        0,
        0,
        f"`{slug}` is no slug: {problem}",
        "",
        f"wrkq mv {quote(address_of(kind, path))} {suggestion}",
    )
