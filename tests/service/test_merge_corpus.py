"""Merges as files: `tests/corpus/merge/<case>/`; see the README there. Each case runs in both directions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from tests.support.regions import OURS, THEIRS, Region, flipped, regions, taken
from wrkq_files.files.documents import parse
from wrkq_files.model import layout
from wrkq_files.model.merged import Merged
from wrkq_files.service.merging import merge_file

CORPUS = Path(__file__).parent.parent / "corpus" / "merge"
NAMES = sorted(folder.name for folder in CORPUS.iterdir() if folder.is_dir())
#: No body of the corpus has such a line.
WIDE = 19


class Case(NamedTuple):
    """One folder: three files (``base`` may be missing) and what must come of them."""

    path: str
    base: bytes | None
    ours: bytes
    theirs: bytes
    expected: bytes | None
    says: Mapping[str, Any]


def load(name: str) -> Case:
    folder = CORPUS / name
    base, ours, theirs, expected = (
        file.read_bytes() if (file := folder / f"{each}.md").exists() else None
        for each in ("base", "ours", "theirs", "expected")
    )
    says = yaml.safe_load(file.read_text()) if (file := folder / "case.yaml").exists() else {}
    assert ours is not None
    assert theirs is not None
    assert set(says) <= {"path", "conflicts", "fields", "ours_fields", "theirs_fields", "has", "lacks"}
    return Case(says.get("path", "portal/login-ux.md"), base, ours, theirs, expected, says)


def merged(case: Case, repo: Path, **more: Any) -> Merged:
    return merge_file(repo, case.path, case.base, case.ours, case.theirs, **more)


def fields(case: Case, data: bytes) -> dict[str, Any]:
    """Sets in one order: where it matters, a case has an ``expected.md``."""
    kind = layout.type_of(case.path)
    assert kind is not None
    document = parse(data, kind, case.path).document
    assert document is not None, data
    return {
        name: sorted(value) if isinstance(value, tuple) and all(isinstance(each, str) for each in value) else value
        for name, value in document.fields.items()
    }


def is_readable(case: Case, data: bytes) -> bool:
    kind = layout.type_of(case.path)
    return kind is not None and parse(data, kind, case.path).document is not None


@pytest.mark.parametrize("name", NAMES)
def test_case(name: str, tmp_path: Path) -> None:
    case = load(name)
    found = merged(case, tmp_path)
    if case.expected is not None:
        assert found.data.decode("utf-8", "replace") == case.expected.decode("utf-8", "replace")
        assert found.data == case.expected
    assert sorted(each.field for each in found.conflicts) == sorted(case.says.get("conflicts", [])), found.conflicts
    assert {each.path for each in found.conflicts} <= {case.path}
    text = found.data.decode("utf-8", "replace")
    assert [part for part in case.says.get("has", []) if part not in text] == [], text
    assert [part for part in case.says.get("lacks", []) if part in text] == [], text


@pytest.mark.parametrize("name", NAMES)
def test_what_it_says(name: str, tmp_path: Path) -> None:
    """The fields of a clean result, and of a conflicted one with either side taken everywhere."""
    case = load(name)
    found = merged(case, tmp_path, marker_size=WIDE)
    for key, side in (("fields", OURS), ("ours_fields", OURS), ("theirs_fields", THEIRS)):
        if wanted := case.says.get(key):
            says = fields(case, taken(found.data, side, WIDE))
            assert {name: says.get(name) for name in wanted} == wanted
    if all(is_readable(case, data) for data in (case.base, case.ours, case.theirs) if data is not None):
        assert is_readable(case, taken(found.data, OURS, WIDE))
        assert is_readable(case, taken(found.data, THEIRS, WIDE))


@pytest.mark.parametrize("name", NAMES)
def test_swapping_the_sides_swaps_only_the_sides(name: str, tmp_path: Path) -> None:
    case = load(name)
    one = merged(case, tmp_path, marker_size=WIDE)
    other = merged(case._replace(ours=case.theirs, theirs=case.ours), tmp_path, marker_size=WIDE)
    assert [*regions(other.data, WIDE)] == flipped([*regions(one.data, WIDE)])
    assert [(each.field, each.base, each.theirs, each.ours) for each in other.conflicts] == [
        (each.field, each.base, each.ours, each.theirs) for each in one.conflicts
    ]


@pytest.mark.parametrize("name", NAMES)
def test_one_side_alone_is_taken_as_it_is(name: str, tmp_path: Path) -> None:
    case = load(name)
    sides = [case.ours, case.theirs, *([case.expected] if case.expected else [])]
    for side in sides:
        for base in (case.ours, case.theirs, case.base):
            if base is not None:
                assert merge_file(tmp_path, case.path, base, base, side) == Merged(side)
                assert merge_file(tmp_path, case.path, base, side, base) == Merged(side)
        assert merge_file(tmp_path, case.path, case.base, side, side) == Merged(side)


def test_there_are_enough() -> None:
    assert len(NAMES) >= 60
    assert all((CORPUS / name / file).exists() for name in NAMES for file in ("ours.md", "theirs.md"))


def test_markers_are_read_as_they_are_written() -> None:
    torn = b"a\n<<<<<<< ours\nb\n=======\nc\n>>>>>>> theirs\nd"
    assert [*regions(torn)] == [Region(b"a\n"), Region(b"b\n", b"c\n"), Region(b"d")]
    assert taken(torn, OURS) == b"a\nb\nd"
    assert taken(torn, THEIRS) == b"a\nc\nd"
