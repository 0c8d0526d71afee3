"""A file dropped into `tests/corpus/` is a test: see its README."""

from __future__ import annotations

from pathlib import Path

import pytest

from wrkq_files.errors import WrkqError
from wrkq_files.files import edits
from wrkq_files.files.documents import Parsed, is_document, parse
from wrkq_files.model.fields import DocType
from wrkq_files.model.rules import RULES

CORPUS = Path(__file__).parent.parent / "corpus"
#: Real files of Backlog.md, where somebody has put them beside the checkout.
FOREIGN = Path(__file__).parents[3] / "shared" / "data" / "backlogmd-sample"


def _files(*folders: str) -> list[str]:
    """The cases that are one file; those that are a tracker are `tests/service/test_corpus.py`'s."""
    found = (path.relative_to(CORPUS) for folder in folders for path in (CORPUS / folder).rglob("*.md"))
    return sorted(path.as_posix() for path in found if path.parts[0] != "invalid" or len(path.parts) == 3)


def _read(name: str) -> tuple[bytes, DocType, Parsed]:
    kind = next((each for each in DocType if f"/{each.value}/" in name), DocType.TASK)
    data = (CORPUS / name).read_bytes()
    return data, kind, parse(data, kind, name)


@pytest.mark.parametrize("name", _files("valid", "by-hand"))
def test_valid_files_have_no_error(name: str) -> None:
    data, _, parsed = _read(name)
    if is_document(data):
        assert parsed.document is not None
        assert [finding for finding in parsed.findings if finding.severity == "error"] == []


@pytest.mark.parametrize("name", _files("invalid"))
def test_invalid_files_break_their_rule(name: str) -> None:
    data, _, parsed = _read(name)
    rule = name.split("/")[1]
    if Path(name).name.startswith("ok-"):
        assert not is_document(data) or [each for each in parsed.findings if each.severity == "error"] == []
        return
    found = [finding for finding in parsed.findings if finding.rule == rule]
    assert found, parsed.findings
    assert found[0].message
    assert found[0].path == name
    assert (parsed.document is None) == RULES[rule].unreadable


@pytest.mark.parametrize("name", _files("valid", "by-hand", "invalid", "foreign"))
def test_no_edit_changes_more_than_it_should(name: str) -> None:
    data, kind, parsed = _read(name)
    assert (parsed.document is None) == any(RULES[finding.rule].unreadable for finding in parsed.findings)
    if parsed.document is None:
        with pytest.raises(WrkqError) as caught:
            edits.set_fields(data, kind, {"title": "x"})
        assert caught.value.code == "unreadable"
        return
    assert edits.set_fields(data, kind, {}) == data
    assert edits.set_body(data, parsed.document.body) == data
    formatted = edits.fmt(data, kind)
    assert edits.fmt(formatted, kind) == formatted


def _foreign() -> list[Path]:
    return sorted(FOREIGN.rglob("*.md")) or [FOREIGN / "absent"]


@pytest.mark.parametrize("path", _foreign(), ids=lambda path: path.name)
def test_real_files_of_another_tracker_are_read_or_reported_and_edited_exactly(path: Path) -> None:
    if not path.is_file():
        pytest.skip(f"the sample of real Backlog.md files is not at {FOREIGN}")
    data = path.read_bytes()
    parsed = parse(data, DocType.TASK, path.name)
    if parsed.document is None:
        assert parsed.findings[0].line > 1
        return
    labels = tuple(sorted({*parsed.document.labels, "added"}))
    for changes in ({"title": "A new: title"}, {"labels": labels}, {"title": "x", "labels": labels, "priority": 1}):
        after = edits.set_fields(data, DocType.TASK, changes)
        old, new = data.split(b"\n"), after.split(b"\n")
        touched = [line for line in new if line not in old]
        assert len(touched) <= len(changes) + ("labels" in changes and not parsed.document.labels)
        assert data.split(b"\n---\n", 1)[1] == after.split(b"\n---\n", 1)[1]
        kept = [line for line in old if not line.startswith((b"title:", b"labels:", b"priority:", b"  "))]
        assert [line for line in new if line in kept] == kept
