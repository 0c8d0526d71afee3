"""Importing a backlog kept in one Markdown file: headings become features and tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.files import edits
from wrkq_files.files.backlog import Backlog, Note, PlannedFeature, PlannedTask, parse_backlog
from wrkq_files.model import layout, slugs, values
from wrkq_files.model.document import Document, Value
from wrkq_files.model.fields import DocType
from wrkq_files.service import assign, create, resolve
from wrkq_files.service.change import Change, FileEdit, Options, Written
from wrkq_files.service.publish import carry_out
from wrkq_files.service.tracker import Tracker
from wrkq_files.service.update import modified


class Imported(NamedTuple):
    """``notes`` is the report: what was not taken over word for word into a field."""

    written: Written
    features: int
    tasks: int
    notes: Sequence[Note]


def import_markdown(
    tracker: Tracker, content: bytes, name: str, into: str, options: Options, *, again: bool = False
) -> Imported:
    """Imports a backlog into the project ``into``, which is made when it is not there.

    Raises WrkqError ``exists`` for a second import of the same file into the project, unless ``again``;
    ``validation`` for a file that is not UTF-8.
    """
    try:
        backlog = parse_backlog(content.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        raise WrkqError("validation", f"{name} is not UTF-8: {error}", hint="convert it first, with iconv") from error

    def plan() -> Change:
        project = create.new_container_address(tracker, into)
        files = [*_project(tracker, backlog, name, project, again=again)]
        taken = {*tracker.slugs(project)}
        for feature in backlog.features:
            files += _feature(tracker, feature, project, taken)
        count = sum(len(feature.tasks) for feature in backlog.features)
        return Change("import", (), f"{project}: {count} tasks imported from {name}", tuple(files))

    written = carry_out(tracker, plan, options)
    return Imported(written, len(backlog.features), sum(len(f.tasks) for f in backlog.features), backlog.notes)


def _project(tracker: Tracker, backlog: Backlog, name: str, project: str, *, again: bool) -> list[FileEdit]:
    path = layout.document_path(DocType.CONTAINER, project)
    data = tracker.read(path)
    if data is None:
        fields = {"title": backlog.title or name, "kind": "project", **create.minted(tracker, DocType.CONTAINER)}
        fields["sections"] = tuple(dict(section) for section in tracker.config.sections)
        fields["meta"] = {"imported_from": [name]}
        return [FileEdit.create(path, edits.write(DocType.CONTAINER, fields, backlog.body))]
    entry = resolve.one(tracker, project, (DocType.CONTAINER,))
    if name in _imported(entry.document_fields()) and not again:
        raise WrkqError("exists", f"{name} was imported into {project} before", hint="--again imports it once more")

    def make(document: Document) -> dict[str, Value | None]:
        before = _imported(document.fields)
        return {"meta": assign.merged(document.get("meta"), {"imported_from": list(dict.fromkeys([*before, name]))})}

    return [modified(entry, make, {"meta"})]


def _imported(fields: Mapping[str, Value]) -> list[str]:
    """The names of the files that came into a project."""
    meta = fields.get("meta")
    names = meta.get("imported_from") if isinstance(meta, Mapping) else None
    return [str(each) for each in names] if isinstance(names, list) else []


def _feature(tracker: Tracker, feature: PlannedFeature, project: str, taken: set[str]) -> list[FileEdit]:
    address = f"{project}/{_slug(feature.title, taken)}"
    fields = {
        "title": feature.title,
        "kind": "feature",
        **create.minted(tracker, DocType.CONTAINER),
        **feature.fields,
    }
    files = [_file(DocType.CONTAINER, address, fields, feature.body)]
    used: set[str] = set()
    for task in feature.tasks:
        files.append(_task(tracker, task, f"{address}/{_slug(task.title, used)}"))
    return files


def _task(tracker: Tracker, task: PlannedTask, address: str) -> FileEdit:
    # A date in the heading is when the item was written down: it wins over the time of the import.
    fields: dict[str, Any] = {"title": task.title, **create.minted(tracker, DocType.TASK), **task.fields}
    return _file(DocType.TASK, address, fields, task.body)


def _file(kind: DocType, address: str, fields: Mapping[str, Any], body: str) -> FileEdit:
    plain = {name: values.sort_set(value) if name == "labels" else value for name, value in fields.items()}
    return FileEdit.create(layout.document_path(kind, address), edits.write(kind, plain, body))


def _slug(title: str, taken: set[str]) -> str:
    slug = slugs.free(slugs.from_title(title), taken)
    taken.add(slug)
    return slug
