"""Taking in a whole document: from an editor, or from a file in Markdown, YAML or JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from wrkq_files.errors import WrkqError
from wrkq_files.files import documents, edits
from wrkq_files.index.entry import Entry
from wrkq_files.model import layout
from wrkq_files.model.document import Document, Value
from wrkq_files.model.fields import FIELDS, DocType
from wrkq_files.service import resolve
from wrkq_files.service.change import Change, FileEdit, Options, Written
from wrkq_files.service.publish import carry_out
from wrkq_files.service.tracker import Tracker
from wrkq_files.service.update import check_match

FORMS: Final = ("markdown", "yaml", "json")
_OWN_ID: Final = re.compile(rb"""^\s*["{]*\s*"?id"?\s*:\s*["']?([TPWC]-[0-9A-Z]{8})\b""", re.MULTILINE)


def checkout(tracker: Tracker, target: str) -> tuple[Entry, bytes]:
    """A document and its bytes, to be edited elsewhere; an unreadable file can be edited too, by its path."""
    entry = resolve.one(tracker, target, (*resolve.ANY, DocType.WORKSPACE))
    return entry, tracker.read(entry.path) or b""


def replace_text(tracker: Tracker, entry: Entry, base: bytes, new: bytes, options: Options) -> Written:
    """Puts an edited text in the place of ``base``, as it is. Raises ``conflict`` when the file changed meanwhile."""

    def plan() -> Change:
        now = tracker.read(entry.path)
        if now != base:
            raise WrkqError("conflict", f"{entry.address} changed while it was edited", details={"id": entry.id})
        parsed = tracker.parse(new, entry.type, entry.path)
        if parsed.document is None:
            finding = parsed.findings[0]
            raise WrkqError("unreadable", f"{finding.place}: {finding.message}", hint=finding.remedy)
        _check_minted(entry, parsed.document)
        touched = {*entry.document_fields(), *parsed.document.fields, "body"}
        edit = FileEdit.modify(entry.path, lambda _: new, touched)
        return Change("edit", (entry.id,), f"{entry.address}: edited", (edit,))

    return carry_out(tracker, plan, options)


def apply(tracker: Tracker, target: str | None, text: bytes, form: str, options: Options) -> Written:
    """Makes a document what ``text`` says.

    Markdown is the whole document: fields that are not in it are removed, minted ones stay. YAML and JSON name the
    fields to set (null removes) and may hold ``body``. Without ``target`` the text's own ``id`` says which document.
    A target that does not exist is created.
    """

    def plan() -> Change:
        try:
            entry = resolve.one(tracker, target or _id_in(text))
        except WrkqError as error:
            if error.code != "not_found" or target is None:
                raise
            return _created(tracker, target, *_given(text, form, DocType.TASK))
        check_match(entry, options)
        return _updated(entry, *_given(text, form, entry.type), whole=form == "markdown")

    return carry_out(tracker, plan, options)


def _id_in(text: bytes) -> str:
    """The id that a text gives itself, in any of the three forms."""
    found = _OWN_ID.search(text)
    if found is None:
        raise WrkqError("usage", "which document? the text has no id", hint="wrkq apply TARGET FILE")
    return found[1].decode()


def _updated(entry: Entry, given: Mapping[str, Any], body: str | None, *, whole: bool) -> Change:
    table = FIELDS[entry.type]

    def transform(data: bytes) -> bytes:
        document = documents.parse(data, entry.type, entry.path).document
        assert document is not None, "resolve and set_fields refuse unreadable files"
        wanted: dict[str, Value | None] = {"id": entry.id} if document.id is None else {}
        if whole:
            wanted |= {n: None for n in document.fields if n not in given and not (n in table and table[n].minted)}
        wanted |= {name: value for name, value in given.items() if value != document.get(name)}
        _check_minted(entry, Document(entry.type, entry.path, {**document.fields, **wanted}, ""))
        data = edits.set_fields(data, entry.type, wanted)
        return data if body is None or body == document.body else edits.set_body(data, body)

    edit = FileEdit.modify(entry.path, transform, {*given, *(() if body is None else ("body",))})
    return Change("apply", (entry.id,), f"{entry.address}: applied", (edit,))


def _created(tracker: Tracker, target: str, given: Mapping[str, Any], body: str | None) -> Change:
    from wrkq_files.service import create

    address = create.new_address(tracker, target)
    fields = {**create.minted(tracker, DocType.TASK), **{n: v for n, v in given.items() if v is not None}}
    fields.setdefault("title", address.rpartition("/")[2])
    if "id" in given and tracker.index.by_id(given["id"]):
        raise WrkqError("exists", f"{given['id']} is another document's id")
    content = edits.write(DocType.TASK, fields, (body or "").strip("\n"))
    path = layout.document_path(DocType.TASK, address)
    row = {"id": fields["id"], "path": address}
    return Change(
        "apply", (fields["id"],), f"{address}: created", (FileEdit.create(path, content),), data={"created": [row]}
    )


def _given(text: bytes, form: str, kind: DocType) -> tuple[dict[str, Any], str | None]:
    """The fields and the body that a text gives; the body is None where it says nothing about it."""
    if form == "markdown":
        if not documents.is_document(text):
            raise WrkqError("validation", "the text has no frontmatter: its first line is not `---`")
        return _parsed(text, kind)
    return _from_json(text, kind) if form == "json" else _from_yaml(text, kind)


def _from_yaml(text: bytes, kind: DocType) -> tuple[dict[str, Any], str | None]:
    given, _ = _parsed(b"---\n" + text.removeprefix(b"---\n").rstrip(b"\n") + b"\n---\n", kind)
    body = given.pop("body", None)
    return given, body


def _from_json(text: bytes, kind: DocType) -> tuple[dict[str, Any], str | None]:
    try:
        raw = json.loads(text)
    except ValueError as error:
        raise WrkqError("validation", f"the text is no JSON: {error}") from error
    if isinstance(raw, list) and len(raw) == 1:
        raw = raw[0]
    if not isinstance(raw, dict):
        raise WrkqError("validation", "the JSON is no object")
    body = raw.pop("body", None)
    gone = {name: None for name, value in raw.items() if value is None}
    written = edits.write(kind, _tuples({n: v for n, v in raw.items() if v is not None}), "")
    given, _ = _parsed(written, kind)
    return {**given, **gone}, body


def _tuples(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in raw.items()}


def _parsed(text: bytes, kind: DocType) -> tuple[dict[str, Any], str]:
    parsed = documents.parse(text, kind, "input")
    wrong = [finding for finding in parsed.findings if finding.severity == "error"]
    if parsed.document is None or wrong:
        raise WrkqError(
            "validation",
            f"{wrong[0].place}: {wrong[0].message}" + (f"; allowed: {wrong[0].allowed}" if wrong[0].allowed else ""),
            hint=wrong[0].remedy,
            details={"findings": [finding.as_json() for finding in wrong]},
        )
    return dict(parsed.document.fields), parsed.document.body


def _check_minted(entry: Entry, document: Document) -> None:
    before = entry.document_fields()
    for name, each in FIELDS[entry.type].items():
        if each.minted and name in before and document.get(name) != before[name]:
            raise WrkqError(
                "validation",
                f"{entry.address}: `{name}` never changes: it is {before[name]}, not {document.get(name)}",
                hint=f"put `{name}: {before[name]}` back",
            )
