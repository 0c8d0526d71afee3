"""Where things lie in a tracker: which path is which document, and which names are not documents at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from wrkq_files.model.fields import DocType
from wrkq_files.model.ids import ALPHABET, LENGTH

CONFIG_NAME: Final = "wrkq.yaml"
CONTAINER_NAME: Final = "README.md"
ACTORS: Final = "_actors"
COMMENTS: Final = "_comments"
ATTACHMENTS: Final = "_attachments"
WORKSPACES: Final = "_workspaces"
TEMPLATES: Final = "_templates"
INBOX: Final = "inbox"
_TYPE_OF_FOLDER: Final = {ACTORS: DocType.ACTOR, COMMENTS: DocType.COMMENT, WORKSPACES: DocType.WORKSPACE}
_COMMENT_FILE: Final = re.compile(rf"[0-9]{{8}}T[0-9]{{6}}Z-[a-z0-9][a-z0-9-]*-[{ALPHABET}]{{{LENGTH}}}\.md")


def type_of(path: str) -> DocType | None:
    """The type a path would have as a document (``/`` separated, relative to the root); None when it cannot be one.

    Whether it *is* one also depends on its frontmatter: without it a Markdown file is a note.
    """
    first, *rest = path.split("/")
    kind = _TYPE_OF_FOLDER.get(first) if rest else None
    names = rest if kind else [first, *rest]
    if not path.endswith(".md") or any(name.startswith(("_", ".")) for name in names):
        return None
    if kind:
        return kind
    return DocType.CONTAINER if names[-1] == CONTAINER_NAME else DocType.TASK


def type_of_document(path: str) -> DocType:
    """The type of what is known to be a document: lists ask for it tens of thousands of times."""
    if path[0] == "_":
        return _TYPE_OF_FOLDER[path[: path.index("/")]]
    is_container = path.endswith(CONTAINER_NAME) and path[-len(CONTAINER_NAME) - 1 : -len(CONTAINER_NAME)] in (
        "",
        "/",
    )
    return DocType.CONTAINER if is_container else DocType.TASK


def folder_of(path: str) -> str:
    """The address of the container that a document lies in; the root's own ``README.md`` lies in none (empty too)."""
    folder, _, name = path.rpartition("/")
    return folder.rpartition("/")[0] if name == CONTAINER_NAME else folder


def folders_above(path: str) -> Iterator[str]:
    """The folders a file lies in, the innermost first, the root's left out."""
    while path := path.rpartition("/")[0]:
        yield path


def document_path(kind: DocType, address: str) -> str:
    """``portal/auth`` -> ``portal/auth/README.md`` for a container, ``portal/auth.md`` for a task."""
    if kind is DocType.CONTAINER:
        return f"{address}/{CONTAINER_NAME}" if address else CONTAINER_NAME
    return f"{address}.md"


def comment_folder(on: str) -> str:
    """Comments are keyed by the id they are on, in a folder of its first two characters: git's trees stay small."""
    return f"{COMMENTS}/{on[2:4]}/{on}"


def comment_path(on: str, compact_time: str, author: str, identifier: str) -> str:
    return f"{comment_folder(on)}/{compact_time}-{author}-{identifier[2:]}.md"


def attachment_folder(on: str) -> str:
    return f"{ATTACHMENTS}/{on[2:4]}/{on}"


def owner_of(path: str) -> str | None:
    """The id that a comment's or an attachment's file belongs to: its folder says so, whatever became of the file."""
    parts = path.split("/")
    return parts[2] if parts[0] in (COMMENTS, ATTACHMENTS) and len(parts) > 3 else None


def is_comment_name(name: str) -> bool:
    return _COMMENT_FILE.fullmatch(name) is not None
