"""A change as data: which files become what, and what is said about it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from wrkq_files.errors import WrkqError

Transform = Callable[[bytes], bytes]


def keep(data: bytes) -> bytes:
    return data


class FileEdit(NamedTuple):
    """One file of a change; paths are relative to the tracker's root.

    ``path`` None: the file is created. ``to`` None: it is deleted; another path: it moves. ``apply`` makes the new
    bytes from the old ones; it is called once for each of HEAD's, the index's and the working text, so it must depend
    on nothing else. ``touches`` names the fields it changes (``body`` for the text).
    """

    path: str | None
    to: str | None
    apply: Transform = keep
    touches: frozenset[str] = frozenset()

    @classmethod
    def create(cls, path: str, content: bytes) -> FileEdit:
        return cls(None, path, lambda _: content)

    @classmethod
    def modify(cls, path: str, apply: Transform, touches: Collection[str]) -> FileEdit:
        return cls(path, path, apply, frozenset(touches))

    @classmethod
    def move(cls, path: str, to: str, apply: Transform = keep, touches: Collection[str] = ()) -> FileEdit:
        return cls(path, to, apply, frozenset(touches))

    @classmethod
    def delete(cls, path: str) -> FileEdit:
        return cls(path, None)


class Failure(NamedTuple):
    """What was left out of a change that goes on without it, by the name that was typed, and why."""

    target: str
    error: WrkqError


class Change(NamedTuple):
    """One operation: its name, the ids it is about, one readable line, its files.

    ``overrides`` are the rules that were set aside by ``--force``; ``notes`` are words for the person who asked;
    ``data`` is what a machine is answered with. ``parts``: it is these operations, whose edits are its own.
    """

    operation: str
    ids: tuple[str, ...]
    subject: str
    edits: tuple[FileEdit, ...]
    overrides: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    data: Mapping[str, Any] = MappingProxyType({})
    failed: tuple[Failure, ...] = ()
    parts: tuple[Change, ...] = ()

    @property
    def operations(self) -> tuple[Change, ...]:
        return self.parts or (self,)


class Key(NamedTuple):
    """What marks a request that shall be carried out once: ``payload`` is a digest of all it asks for."""

    name: str
    payload: str


class Options(NamedTuple):
    """How a write is carried out.

    ``commit``: None follows ``commit.mode``. ``message`` is the why. ``if_match`` is a prefix of the etag that every
    target must have. ``force`` sets workflow rules aside. ``with_edits`` commits a file's uncommitted edits along.
    ``key``: a request that was carried out before is not carried out again.
    """

    commit: bool | None = None
    message: str | None = None
    dry_run: bool = False
    if_match: str | None = None
    force: bool = False
    with_edits: bool = False
    key: Key | None = None


class Written(NamedTuple):
    """What a write did. ``status``: ``committed``, ``written``, ``unchanged`` or ``dry-run``.

    ``replayed``: an earlier request with the same key did it, and this one nothing.
    """

    operation: str
    status: str
    ids: tuple[str, ...]
    subject: str
    paths: tuple[str, ...]
    commit: str | None = None
    diff: str = ""
    notes: tuple[str, ...] = ()
    data: Mapping[str, Any] = MappingProxyType({})
    failed: tuple[Failure, ...] = ()
    replayed: bool = False
