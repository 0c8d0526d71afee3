"""Taking in a whole document: from an editor, or from a file in Markdown, YAML or JSON."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.files import documents, edits, foreign, split
from wrkq_files.files.nodes import Node, Scalar, Unreadable
from wrkq_files.git import read
from wrkq_files.index.entry import MORE, Entry, pack
from wrkq_files.model import layout
from wrkq_files.model.document import Document, Value
from wrkq_files.model.fields import FIELD_SYNONYMS, FIELDS, DocType
from wrkq_files.model.rules import ERROR
from wrkq_files.service import assign, create, graph, refusals, resolve, rows, workflow
from wrkq_files.service.change import Change, FileEdit, Options, Written
from wrkq_files.service.merging import merge_file
from wrkq_files.service.publish import carry_out
from wrkq_files.service.tracker import Tracker
from wrkq_files.service.update import (
    NOTHING,
    advanced,
    check_document,
    check_match,
    move_of,
    summary,
    with_id,
    written_ids,
)

FORMS: Final = ("markdown", "yaml", "json")
_JOINED: Final = "the file had changed since it was read: merged"
_LEAST_ETAG: Final = 4
#: Fields that are said of a document, and never in it.
_SHOWN: Final = frozenset(rows.FIELDS)
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_TYPES: Final = (*resolve.ANY, DocType.WORKSPACE)


def checkout(tracker: Tracker, target: str) -> tuple[Entry, bytes]:
    """A document and its bytes, to be edited elsewhere; an unreadable file can be edited too, by its path."""
    try:
        entry = check_document(resolve.one(tracker, target, _TYPES))
    except WrkqError as error:
        entry = _broken(error)
    return entry, tracker.read(entry.path) or b""


def _broken(error: WrkqError) -> Entry:
    """Stands for the one file that is the reason of the error."""
    found: list[dict[str, Any]] = list(error.details.get("findings") or ())
    kind = layout.type_of(found[0]["path"]) if error.code == "unreadable" and found else None
    if kind is None:
        raise error
    path = str(found[0]["path"])
    known = {"id_source": "none", "criteria_open": 0, "items_done": 0, "items_total": 0, "fields": "{}"}
    empty: dict[str, Any] = dict.fromkeys(Entry._fields, "")
    more = pack(known.get(name, "") for name in MORE)
    return Entry(**{**empty, "path": path, "title": path, "priority": 0, "more": more})


def replace_text(tracker: Tracker, entry: Entry, base: bytes, new: bytes, options: Options) -> Written:
    """Puts an edited text in the place of ``base``; what changed in the file meanwhile is merged with it.

    Raises ``conflict`` where both changed the same, with the text that has both between markers in its details.
    """

    def plan() -> Change:
        now = tracker.read(entry.path)
        if now is None:
            raise WrkqError("conflict", f"{entry.address} is gone since it was read", details={"id": entry.id})
        text = new if now == base else _merged(tracker, entry, base, new, now)
        parsed = tracker.parse(text, entry.type, entry.path)
        if parsed.document is None:
            raise refusals.unreadable(parsed.findings)
        _check_minted(entry, parsed.document)
        before = entry.document_fields() if now == base else _fields(tracker, entry, now)
        changed = _changed(before, parsed.document.fields)
        identifier = entry.id or parsed.document.id or ""
        graph.check(tracker, entry.type, entry.address, identifier, changed)
        edit = FileEdit.modify(entry.path, _replacement(now, text), {*changed, "body"})
        others = written_ids(graph.referred(tracker, entry.type, changed))
        ids = (identifier,) if identifier else ()
        notes = () if now == base else (_JOINED,)
        return Change("edit", ids, f"{entry.address}: edited", (edit, *others), notes=notes)

    return carry_out(tracker, plan, options)


def _replacement(base: bytes, new: bytes) -> Callable[[bytes], bytes]:
    """Takes the new text for the old one, in its line ends, and for no other."""

    def apply(data: bytes) -> bytes:
        if data == base:
            return new
        if data == base.replace(b"\r\n", b"\n"):
            return new.replace(b"\r\n", b"\n")
        raise WrkqError("conflict", "it has another text")

    return apply


def _merged(tracker: Tracker, entry: Entry, base: bytes, mine: bytes, now: bytes) -> bytes:
    """A text made from ``base``, with what has changed in the file since."""
    found = merge_file(tracker.repo, entry.path, base, mine, now, labels=("yours", "the file now"))
    if found.is_clean:
        return found.data
    fields = list(dict.fromkeys(each.field or "the text" for each in found.conflicts))
    raise WrkqError(
        "conflict",
        f"{entry.address}: {', '.join(fields)} changed in the file too, since it was read",
        hint=f"wrkq cat {entry.address} shows it as it is now",
        details={"id": entry.id, "etag": entry.blob, "fields": fields, "text": found.data.decode("utf-8", "replace")},
    )


def _fields(tracker: Tracker, entry: Entry, data: bytes) -> Mapping[str, Value]:
    found = tracker.parse(data, entry.type, entry.path).document
    return found.fields if found else {}


def _version(tracker: Tracker, etag: str) -> bytes:
    """The text that had an etag (or the beginning of one)."""
    is_one = len(etag) >= _LEAST_ETAG and all(each in "0123456789abcdef" for each in etag.lower())
    found = read.blob(tracker.repo, etag.lower()) if is_one else None
    if found is None:
        hint = "an etag, of a version that was committed: wrkq stat shows it"
        raise WrkqError("not_found", f"--base {etag}: git has no such version", hint=hint)
    return found


def apply(
    tracker: Tracker, target: str | None, text: bytes, form: str, options: Options, *, base: str | None = None
) -> Written:
    """Makes a document what ``text`` says.

    Markdown is the whole document: fields that are not in it are removed, minted ones stay. YAML and JSON name the
    fields to set (null removes) and may hold ``body``. Without ``target`` the text's own ``id`` says which document.
    A target that does not exist is created: a task, or a container where it ends in ``README.md``. ``base``: the etag
    of the version that a whole document was made from; what changed in the file since is merged with it.
    """
    if base is not None and form != "markdown":
        raise WrkqError("usage", f"--base goes with a whole document: {form} names the fields to set")

    def plan() -> Change:
        try:
            entry = check_document(resolve.one(tracker, target or _id_in(text, form)))
        except WrkqError as error:
            if error.code != "not_found" or target is None:
                raise
            return _created(tracker, target, text, form)
        check_match(entry, options)
        wanted, now = text, tracker.read(entry.path) or b""
        if base is not None and (version := _version(tracker, base)) != now:
            wanted = _merged(tracker, entry, version, text, now)
        change = _updated(
            tracker, entry, _given(tracker, wanted, form, entry.type), options, whole=form == "markdown"
        )
        return change if wanted is text else change._replace(notes=(*change.notes, _JOINED))

    return carry_out(tracker, plan, options)


class _Given(NamedTuple):
    """What a text says: fields (None removes one), and the body, None where it says nothing about it."""

    fields: Mapping[str, Any]
    body: str | None


def _id_in(text: bytes, form: str) -> str:
    """The id that a text gives itself."""
    raw = _raw_json(text) if form == "json" else _raw_fields(_framed(text) if form == "yaml" else text)
    found = raw.get("id")
    if not isinstance(found, str) or not found:
        raise WrkqError("usage", "which document? the text has no id", hint="wrkq apply TARGET FILE")
    return found


def _updated(tracker: Tracker, entry: Entry, given: _Given, options: Options, *, whole: bool) -> Change:
    present = _document(tracker, entry)
    fixed = _wanted(entry, present, given.fields, whole=whole)
    _check_known(entry.type, given.fields, present, whole=whole)
    body = present.body if given.body is None else given.body
    overrides: set[str] = set()
    fixed |= workflow.consequences(tracker, present._replace(body=body), fixed, options, overrides)
    graph.check(tracker, entry.type, entry.address, entry.id, {n: v for n, v in fixed.items() if v is not None})

    def transform(data: bytes) -> bytes:
        parsed = tracker.parse(data, entry.type, entry.path).document
        assert parsed is not None, "resolve and set_fields refuse unreadable files"
        wanted = _wanted(entry, parsed, given.fields, whole=whole) | fixed
        _check_minted(entry, Document(entry.type, entry.path, {**parsed.fields, **wanted}, ""))
        new = edits.set_fields(data, entry.type, {n: v for n, v in wanted.items() if v != parsed.get(n)})
        new = new if given.body is None or given.body == parsed.body else edits.set_body(new, given.body)
        return data if new == data else with_id(entry)(new)

    touched = {*given.fields, *fixed, *(() if given.body is None else ("body",))}
    others = [each for each in graph.referred(tracker, entry.type, fixed) if each.path != entry.path]
    files = (FileEdit.modify(entry.path, transform, touched), *written_ids(others))
    text_too = given.body is not None and given.body != present.body
    said = ", ".join(part for part in (summary(present, fixed) if fixed else "", "text" if text_too else "") if part)
    subject = f"{entry.address}: {said or NOTHING}"
    change = Change("apply", (entry.id,), subject, files, overrides=tuple(sorted(overrides)))
    return advanced(tracker, change, move_of(entry, present, fixed))


def _document(tracker: Tracker, entry: Entry) -> Document:
    parsed = tracker.parse(tracker.read(entry.path) or b"", entry.type, entry.path)
    if parsed.document is None:
        raise refusals.unreadable(parsed.findings)
    return parsed.document


def _wanted(entry: Entry, present: Document, given: Mapping[str, Any], *, whole: bool) -> dict[str, Value | None]:
    """The fields that have to change; a default that the file writes out may stay, and is never put there."""
    table = FIELDS[entry.type]
    wanted: dict[str, Value | None] = {}
    if whole:
        wanted |= {n: None for n in present.fields if n not in given and not (n in table and table[n].minted)}
    for name, value in given.items():
        fit = assign.without_default(entry.type, name, value)
        if value != present.get(name) and fit != present.get(name):
            wanted[name] = fit
    return wanted


def _check_known(kind: DocType, given: Mapping[str, Any], present: Document, *, whole: bool) -> None:
    """A document may hold unknown keys; a request that names one most likely means another."""
    unknown = [n for n in given if n not in FIELDS[kind] and n not in present.fields and (not whole or n in _SHOWN)]
    if unknown:
        near = difflib.get_close_matches(unknown[0], FIELDS[kind], 1)
        hint = f"did you mean `{near[0]}`?" if near else f"fields: {', '.join(FIELDS[kind])}"
        raise WrkqError("validation", f"a {kind} has no field `{unknown[0]}`", hint=hint)


def _created(tracker: Tracker, target: str, text: bytes, form: str) -> Change:
    kind = DocType.CONTAINER if f"/{target}".endswith(f"/{layout.CONTAINER_NAME}") else DocType.TASK
    given = _given(tracker, text, form, kind)
    if kind is DocType.CONTAINER:
        address = create.new_container(tracker, target.removesuffix(layout.CONTAINER_NAME))
    else:
        address = create.new_address(tracker, target)
    present = Document(kind, layout.document_path(kind, address), {}, "")
    _check_known(kind, given.fields, present, whole=form == "markdown")
    for name in given.fields:
        if name in FIELDS[kind] and FIELDS[kind][name].minted:
            raise WrkqError("validation", f"`{name}` of a new {kind} is not given", hint=f"take `{name}:` out")
    fields = {name: assign.without_default(kind, name, value) for name, value in given.fields.items()}
    return create.whole(tracker, kind, address, fields, given.body or "", "apply")


def _given(tracker: Tracker, text: bytes, form: str, kind: DocType) -> _Given:
    if form == "markdown":
        if not documents.is_document(text):
            hint = foreign.advice(text.decode("utf-8", "replace"))
            raise WrkqError("validation", "the text has no frontmatter: its first line is not `---`", hint=hint)
        return _parsed(tracker, text, kind)
    return _from_json(tracker, text, kind) if form == "json" else _from_yaml(tracker, text, kind)


def _framed(text: bytes) -> bytes:
    return b"---\n" + text.removeprefix(b"---\n").rstrip(b"\n") + b"\n---\n"


def _from_yaml(tracker: Tracker, text: bytes, kind: DocType) -> _Given:
    framed = _framed(text)
    fields, rest = _parsed(tracker, framed, kind, placed=text.startswith(b"---\n"))
    given = dict(fields)
    if rest and rest.strip():
        raise WrkqError("validation", "the text is more than one YAML document", hint="--format markdown has a body")
    raw = _raw_fields(framed)
    given |= {FIELD_SYNONYMS.get(name, name): None for name, value in raw.items() if value is None}
    given.pop("body", None)
    return _Given(given, _body(raw))


def _raw_fields(text: bytes) -> dict[str, Any]:
    """The keys of frontmatter and what stands there: text, None where nothing does, or a collection's nodes."""
    try:
        root = documents.read_nodes(split.split(text).frontmatter)
    except Unreadable as trouble:
        raise WrkqError("validation", f"the text cannot be read: {trouble.message}") from trouble
    return {key: _raw_value(node) for key, (_, node) in root.pairs.items()}


def _raw_value(node: Node) -> Any:
    if not isinstance(node, Scalar):
        return node
    return None if not node.style and node.text in _NULLS else node.text


def _from_json(tracker: Tracker, text: bytes, kind: DocType) -> _Given:
    raw = dict(_raw_json(text))
    body = _body(raw)
    raw.pop("body", None)
    gone = {name: None for name, value in raw.items() if value is None}
    try:
        written = edits.write(kind, _tuples({n: v for n, v in raw.items() if v is not None}), "")
    except (TypeError, ValueError, AttributeError, RecursionError) as error:
        raise WrkqError("validation", f"the JSON does not fit a {kind}: {error}") from error
    return _Given({**_parsed(tracker, written, kind, placed=False).fields, **gone}, body)


def _raw_json(text: bytes) -> Mapping[str, Any]:
    try:
        raw = json.loads(text, parse_constant=assign.no_number)
    except (ValueError, RecursionError) as error:
        raise WrkqError("validation", f"the text is no JSON: {error}") from error
    if isinstance(raw, list) and len(raw) == 1:
        raw = raw[0]
    if not isinstance(raw, dict):
        raise WrkqError("validation", "the JSON is no object")
    return raw


def _body(raw: Mapping[str, Any]) -> str | None:
    """The body that is given; an empty one takes the text away."""
    if "body" not in raw:
        return None
    body = "" if raw["body"] is None else raw["body"]
    if not isinstance(body, str):
        raise WrkqError("validation", "`body` is no text", hint="quote it, or write it as a block: `body: |`")
    return assign.text("body", body)


def _tuples(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in raw.items()}


def _parsed(tracker: Tracker, text: bytes, kind: DocType, *, placed: bool = True) -> _Given:
    """What a document says. ``placed``: the lines are those of the text that was given."""
    parsed = tracker.parse(text, kind, "input")
    wrong = [finding for finding in parsed.findings if finding.severity == ERROR]
    if parsed.document is None or wrong:
        raise refusals.by_findings(wrong if placed else [each._replace(line=0, column=0) for each in wrong])
    return _Given(dict(parsed.document.fields), parsed.document.body)


def _changed(before: Mapping[str, Value], after: Mapping[str, Value]) -> dict[str, Value | None]:
    return {name: after.get(name) for name in {**before, **after} if before.get(name) != after.get(name)}


def _check_minted(entry: Entry, document: Document) -> None:
    before = entry.document_fields()
    if entry.id and "id" not in before and document.id not in (None, entry.id):
        raise WrkqError("validation", f"{entry.address}: its id is {entry.id}, not {document.id}")
    for name, each in FIELDS[entry.type].items():
        now = document.get(name)
        if each.minted and name in before and now != before[name]:
            said = "and cannot be taken out" if now is None else f"not {now}"
            raise WrkqError(
                "validation",
                f"{entry.address}: `{name}` never changes: it is {before[name]}, {said}",
                hint=f"put `{name}: {before[name]}` back",
            )
