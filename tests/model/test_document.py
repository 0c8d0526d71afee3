"""What a document says, what it falls back to, and where its slug and address come from."""

from __future__ import annotations

from typing import Any

import pytest

from wrkq_files.model.document import Document, address_of, first_heading, slug_of
from wrkq_files.model.fields import DocType


def task(body: str = "", **fields: Any) -> Document:
    return Document(DocType.TASK, "portal/login-ux.md", fields, body)


def test_defaults_are_read_and_not_stored() -> None:
    empty = task()
    assert (empty.state, empty.priority, empty.kind, empty.labels) == ("open", 3, "task", ())
    assert (empty.id, empty.score_total, empty.fields) == (None, None, {})
    assert Document(DocType.CONTAINER, "a/README.md", {}, "").kind == "misc"
    assert Document(DocType.COMMENT, "_comments/x.md", {}, "").kind == "comment"


def test_fields_win_over_defaults() -> None:
    full = task(
        state="idea", priority=1, kind="bug", labels=("a",), id="T-00000000", score={"effort": 3, "leverage": 1}
    )
    assert (full.state, full.priority, full.kind, full.labels) == ("idea", 1, "bug", ("a",))
    assert (full.id, full.score_total, full.get("due", "never")) == ("T-00000000", 4, "never")


def test_title_falls_back_to_heading_then_slug() -> None:
    assert task("# Heading", title="Title").title == "Title"
    assert task("# Heading").title == "Heading"
    assert task("text").title == "login-ux"
    assert Document(DocType.ACTOR, "_actors/mara.md", {"title": "no"}, "# no").title == "mara"
    assert Document(DocType.ACTOR, "_actors/mara.md", {"display_name": "Mara"}, "").title == "Mara"


@pytest.mark.parametrize(
    ("kind", "path", "slug", "address"),
    [
        (DocType.TASK, "portal/auth/login-ux.md", "login-ux", "portal/auth/login-ux"),
        (DocType.TASK, "top.md", "top", "top"),
        (DocType.TASK, "v1.2.md", "v1.2", "v1.2"),
        (DocType.CONTAINER, "portal/auth/README.md", "auth", "portal/auth"),
        (DocType.CONTAINER, "README.md", "", ""),
        (DocType.ACTOR, "_actors/mara.md", "mara", "_actors/mara"),
    ],
)
def test_slug_and_address(kind: DocType, path: str, slug: str, address: str) -> None:
    assert (slug_of(kind, path), address_of(kind, path)) == (slug, address)


@pytest.mark.parametrize(
    ("body", "heading"),
    [
        ("text\n\n## Second level ##\n# Later", "Second level"),
        ("   # Indented", "Indented"),
        ("    # code", ""),
        ("#\n# After an empty one", "After an empty one"),
        ("# C#", "C#"),
        ("# Login #", "Login"),
        ("#\ttab", "tab"),
        ("#hash\n####### seven", ""),
        ("Setext\n======\n# Later", "Setext"),
        ("```\n# code\n````\n# After", "After"),
        ("~~~\n```\n# code\n~~~\n# After", "After"),
        ("```inline```\n# After", "After"),
        ("<!--\n# hidden\n-->\n# After", "After"),
        ("> # quoted\n# After", "After"),
        ("- # in an item\n# After", "After"),
        ("", ""),
    ],
)
def test_first_heading(body: str, heading: str) -> None:
    assert first_heading(body) == heading
