"""Files to rows: what one file holds, worked out once for each content."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.index.entry import decode_fields
from wrkq_files.index.scan import Stat
from wrkq_files.model.document import first_heading
from wrkq_files.model.fields import FIELDS, DocType
from wrkq_files.model.items import count_items
from wrkq_files.model.rules import RULES

if TYPE_CHECKING:
    from wrkq_files.model.finding import Finding

#: Bytes that tell whether a file is a document.
_HEAD: Final = 4096
_READ: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_COUNT_EVERY: Final = 256
_ENCODE: Final = json.JSONEncoder(separators=(",", ":"), default=dict, check_circular=False).encode
#: More than any document may have: what is longer is a finding, whatever comes after these bytes.
LARGEST: Final = 1 << 25


class Content(NamedTuple):
    """What a file holds, wherever it lies. ``fields`` is None when the file cannot be read as a document.

    ``title`` is the one in the file or its first heading, empty without either. ``key`` is the row in ``parsed``.
    ``findings``: (rule, line, column, message, allowed, remedy).
    """

    key: int
    title: str
    labels: str
    fields: Mapping[str, Any] | None
    fields_json: str
    findings: list[tuple[Any, ...]]
    criteria_open: int
    items_done: int
    items_total: int


class Read(NamedTuple):
    """A file's bytes, the stat data from before they were read, its blob; ``data`` is None for a note."""

    stat: Stat
    data: bytes | None
    blob: str = ""


def read_file(path: str, is_document: Callable[[bytes], bool]) -> Read | None:
    """The file's bytes, never through a symbolic link; None when it is gone.

    Raises PermissionError, and WrkqError ``io`` for what else keeps it from being read.
    """
    try:
        handle = os.open(path, _READ)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError:
        raise
    except OSError as error:
        if error.errno == errno.ELOOP:  # a symbolic link since a moment ago; the next look says so
            return None
        raise WrkqError("io", f"{path}: cannot be read ({error.strerror})") from error
    try:
        found = os.fstat(handle)
        stat = Stat(found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)
        wanted = min(max(stat.size, _HEAD), LARGEST) + 1
        data = os.read(handle, wanted)
        if not is_document(data[:_HEAD]):
            return Read(stat, None)
        if len(data) == wanted:  # it grew meanwhile
            data += os.read(handle, LARGEST)
        return Read(stat, data)
    finally:
        os.close(handle)


class Library:
    """The ``parsed`` table: each (blob, type) is parsed once."""

    def __init__(self, connection: sqlite3.Connection, kinds: tuple[str, ...]) -> None:
        from wrkq_files.files import documents  # brings yaml: a read that finds nothing changed needs none

        self._parse = documents.parse
        self._connection = connection
        self._kinds = kinds
        self._next: int = connection.execute("SELECT coalesce(max(key), 0) + 1 FROM parsed").fetchone()[0]
        self._first = self._next
        #: What the table holds, when all of it is from now: nearly every content is new then, and not asked for.
        self._names: set[tuple[str, str]] | None = set() if self._next == 1 else None
        self._fresh: dict[tuple[str, str], Content] = {}
        self._rows: list[tuple[Any, ...]] = []

    def content(self, blob: str, kind: DocType, data: bytes, path: str) -> Content:
        name = (blob, kind.value)
        return self._fresh.get(name) or self._stored(name, kind) or self._new(name, kind, data, path)

    def flush(self) -> None:
        """Store what was parsed since the last call."""
        self._connection.executemany(
            "INSERT INTO parsed(key, blob, type, title, labels, fields, findings, criteria_open, items_done,"
            " items_total, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            self._rows,
        )
        if self._names is not None:
            self._names.update(self._fresh)
        self._rows.clear()
        self._fresh.clear()

    def has_grown(self) -> bool:
        """Whether it is time to count what is no longer needed: at every 256th content, because counting is slow."""
        return bool(self._first // _COUNT_EVERY != self._next // _COUNT_EVERY)

    def _stored(self, name: tuple[str, str], kind: DocType) -> Content | None:
        if self._names is not None and name not in self._names:
            return None
        row = self._connection.execute(
            "SELECT key, title, labels, fields, findings, criteria_open, items_done, items_total FROM parsed"
            " WHERE blob = ? AND type = ?",
            name,
        ).fetchone()
        if row is None:
            return None
        key, title, labels, text, findings, *counts = row
        fields = None if text is None else decode_fields(kind, text)
        return Content(key, title, labels, fields, text or "", json.loads(findings) if findings else [], *counts)

    def _new(self, name: tuple[str, str], kind: DocType, data: bytes, path: str) -> Content:
        parsed = self._parse(data, kind, path, kinds=self._kinds)
        document = parsed.document
        findings = [_finding_row(each) for each in parsed.findings]
        if document is None:
            content = Content(self._next, "", "", None, "", findings, 0, 0, 0)
            body = None
        else:
            fields, text = _storable(document.fields)
            body = document.body  # decoded from UTF-8, so there is no lone surrogate in it
            own = known(kind, fields)
            title = own.get("title") or own.get("display_name") or first_heading(body)
            labels = " ".join(own.get("labels") or ())
            content = Content(self._next, title, labels, fields, text, findings, *count_items(body))
        self._next += 1
        self._fresh[name] = content
        self._rows.append(
            (
                content.key,
                *name,
                content.title,
                content.labels,
                None if document is None else content.fields_json,
                json.dumps(findings) if findings else None,
                *content[-3:],
                body,
            )
        )
        return content


def known(kind: DocType, fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields that the type has: another key of such a name holds anything, which no column could."""
    table = FIELDS[kind]
    return fields if fields.keys() <= table.keys() else {name: fields[name] for name in fields if name in table}


def _finding_row(finding: Finding) -> tuple[Any, ...]:
    return (
        finding.rule,
        finding.line,
        finding.column,
        _plain(finding.message),
        _plain(finding.allowed),
        _plain(finding.remedy),
    )


def _storable(fields: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """The fields and their JSON, both without lone surrogates, which SQLite cannot hold."""
    text = _ENCODE(fields)
    if "\\ud" in text:
        plain = {_plain(name): _plain_value(value) for name, value in fields.items()}
        return plain, _ENCODE(plain)
    return fields, text


def _plain_value(value: Any) -> Any:
    if isinstance(value, str):
        return _plain(value)
    if isinstance(value, (list, tuple)):
        return type(value)(_plain_value(each) for each in value)
    if isinstance(value, Mapping):
        return {_plain_value(name): _plain_value(each) for name, each in value.items()}
    return value


def _plain(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def is_unreadable(rule: str) -> bool:
    return RULES[rule].unreadable
