"""Reading one document: bytes in, a typed document and findings out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from wrkq_files.files import plain, split, typed
from wrkq_files.files.nodes import Map, Unreadable
from wrkq_files.files.split import is_document
from wrkq_files.model.document import Document
from wrkq_files.model.fields import DocType
from wrkq_files.model.finding import Finding
from wrkq_files.model.rules import RULES

__all__ = ["Parsed", "is_document", "parse"]


class Parsed(NamedTuple):
    """``document`` is None exactly when one of the findings is of an unreadable kind."""

    document: Document | None
    findings: tuple[Finding, ...]


def parse(data: bytes, kind: DocType, path: str, *, kinds: Sequence[str] | None = ()) -> Parsed:
    """The document that the bytes hold. ``kinds`` are task kinds that ``wrkq.yaml`` adds; None: any word is one."""
    try:
        spans = split.split(data)
    except Unreadable as trouble:
        return Parsed(None, (_finding(trouble, path, data.decode("utf-8", "replace"), 0),))
    findings: list[Finding] = []

    def report(rule: str, offset: int, message: str, allowed: str, remedy: str) -> None:
        line, column = split.place(spans.text, spans.front + offset)
        findings.append(Finding(rule, path, message, line, column, allowed, remedy or RULES[rule].remedy))

    frontmatter = spans.frontmatter
    try:
        fields = typed.flat_fields(frontmatter, kind, kinds)
        if fields is None:
            fields = typed.fields_of(read_nodes(frontmatter), kind, report, kinds)
    except Unreadable as trouble:
        return Parsed(None, (_finding(trouble, path, spans.text, spans.front),))
    body = spans.raw_body
    if "\r" in body:
        body = body.replace("\r\n", "\n")
    return Parsed(Document(kind, path, fields, body), tuple(findings))


def read_nodes(frontmatter: str) -> Map:
    """The frontmatter's map. Raises :class:`Unreadable`."""
    root = plain.read(frontmatter)
    if root is None:
        # Costs 15 ms to import, so only where the plain reader gives up.
        from wrkq_files.files import yaml_events

        root = yaml_events.read(frontmatter)
    return root


def _finding(trouble: Unreadable, path: str, text: str, front: int) -> Finding:
    line, column = split.place(text, front + trouble.offset)
    remedy = trouble.remedy or RULES[trouble.rule].remedy
    return Finding(trouble.rule, path, trouble.message, line, column, trouble.allowed, remedy)
