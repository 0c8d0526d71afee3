"""Which path is which document."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wrkq_files.model import ids, layout
from wrkq_files.model.document import address_of
from wrkq_files.model.fields import DocType

SLUGS = st.from_regex(r"[a-z0-9][a-z0-9-]{0,8}", fullmatch=True)
ADDRESSES = st.lists(SLUGS, min_size=1, max_size=4).map("/".join)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("README.md", DocType.CONTAINER),
        ("portal/README.md", DocType.CONTAINER),
        ("portal/readme.md", DocType.TASK),  # a task by its name, and a finding: the slug is reserved
        ("rotate-keys.md", DocType.TASK),
        ("portal/auth/login-ux.md", DocType.TASK),
        ("portal/v1.2.md", DocType.TASK),
        ("portal/My File.md", DocType.TASK),
        ("_actors/mara.md", DocType.ACTOR),
        ("_comments/4K/T-4K9X2M7Q/20260119T142416Z-mara-7Q2M4K9X.md", DocType.COMMENT),
        ("_comments/x.md", DocType.COMMENT),
        ("_workspaces/W-7C3N9RXE.md", DocType.WORKSPACE),
        ("_templates/bug.md", None),
        ("_attachments/4K/T-4K9X2M7Q/notes.md", None),
        ("_attachments/4K/T-4K9X2M7Q/README.md", None),
        ("_actors.md", None),
        ("_actors/.mara.md", None),
        ("_comments/.trash/x.md", None),
        ("_comments/_old/x.md", None),
        ("portal/_actors/mara.md", None),
        ("portal/_draft.md", None),
        (".github/README.md", None),
        ("portal/.md", None),
        ("portal/diagram.png", None),
        ("portal/notes.MD", None),
        ("wrkq.yaml", None),
        ("", None),
    ],
)
def test_type_of(path: str, kind: DocType | None) -> None:
    assert layout.type_of(path) is kind


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("README.md", ""),
        ("portal/README.md", ""),
        ("portal/auth/README.md", "portal"),
        ("top.md", ""),
        ("portal/auth/login-ux.md", "portal/auth"),
        ("portal/NOT-README.md", "portal"),
    ],
)
def test_folder_of(path: str, folder: str) -> None:
    assert layout.folder_of(path) == folder


@given(ADDRESSES, st.sampled_from([DocType.TASK, DocType.CONTAINER]))
def test_paths_and_addresses_are_two_ways_to_say_it(address: str, kind: DocType) -> None:
    path = layout.document_path(kind, address)
    assert layout.type_of(path) is kind
    assert address_of(kind, path) == address
    assert layout.folder_of(path) == address.rpartition("/")[0]


def test_the_root_has_an_empty_address() -> None:
    assert layout.document_path(DocType.CONTAINER, "") == "README.md"


@given(st.integers(0, 2**40 - 1), st.sampled_from([DocType.TASK, DocType.CONTAINER, DocType.WORKSPACE]), SLUGS)
def test_comments_lie_by_what_they_are_on(bits: int, kind: DocType, author: str) -> None:
    on, comment = ids.mint(kind, bits), ids.mint(DocType.COMMENT, bits)
    path = layout.comment_path(on, "20260119T142416Z", author, comment)
    folder, _, name = path.rpartition("/")
    assert folder == layout.comment_folder(on) == f"_comments/{on[2:4]}/{on}"
    assert layout.attachment_folder(on) == f"_attachments/{on[2:4]}/{on}"
    assert name == f"20260119T142416Z-{author}-{comment[2:]}.md"
    assert layout.is_comment_name(name)
    assert layout.type_of(path) is DocType.COMMENT


@pytest.mark.parametrize(
    "name",
    [
        "20260119T142416Z-mara-7Q2M4K9.md",
        "20260119T142416Z-mara-7Q2M4K9I.md",
        "20260119T142416Z-Mara-7Q2M4K9X.md",
        "20260119T142416Z-7Q2M4K9X.md",
        "2026-01-19-mara-7Q2M4K9X.md",
        "20260119T142416Z-mara-7Q2M4K9X.txt",
        "notes.md",
    ],
)
def test_not_comment_names(name: str) -> None:
    assert not layout.is_comment_name(name)
