"""Commit messages: one readable line, the why, and the trailers that history is read by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from string import Formatter
from typing import Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.model.config import Config
from wrkq_files.service.change import Change, Key
from wrkq_files.service.tracker import Door

#: The trailer that names a request's key, and how many digits of its digest stand there.
KEY: Final = "Wrkq-Key"
KEY_DIGITS: Final = 16
_SUBJECT_LENGTH = 100
#: Subjects that a commit of many operations lists.
_LISTED: Final = 50


class Operation(NamedTuple):
    """One operation as a commit's trailers tell of it.

    ``key``: that of the request it was asked for in, and the beginning of the request's digest.
    """

    ulid: str
    operation: str
    ids: Sequence[str]
    actor: str | None
    overrides: Sequence[str]
    via: str
    key: str | None = None

    @classmethod
    def of(cls, change: Change, ulid: str, *, actor: str | None, door: Door, key: Key | None = None) -> Operation:
        told = f"{key.name} {key.payload[:KEY_DIGITS]}" if key else None
        return cls(ulid, change.operation, change.ids, actor, change.overrides, door.via, told)


def compose(
    config: Config,
    changes: Sequence[Change],
    operations: Sequence[Operation],
    *,
    why: str | None,
    earlier: Sequence[Operation] = (),
    coauthor: str | None = None,
) -> str:
    """The whole message: subject, body, ``Wrkq-…`` trailers; ``earlier`` are operations that it commits as well.
    ``coauthor``: a name and e-mail as git writes them.

    Raises WrkqError ``validation`` when ``commit.subject`` is no usable template.
    """
    first = changes[0] if len(changes) == 1 else None
    line = first.subject if first else f"{len(changes)} changes to the tracker"
    body = "" if first else _listed([change.subject for change in changes])
    said = trailers([*earlier, *operations]) + ([("Co-authored-by", flat(coauthor))] if coauthor else [])
    lines = "\n".join(f"{key}: {value}" for key, value in said)
    parts = [subject(config, line), why or "", body, lines]
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


def _listed(subjects: Sequence[str]) -> str:
    """A line for each; of very many the first, since the trailers name all."""
    shown = [f"- {flat(each)}" for each in subjects[:_LISTED]]
    return "\n".join([*shown, *([f"- and {len(subjects) - _LISTED} more"] if len(subjects) > _LISTED else [])])


def trailers(operations: Sequence[Operation]) -> list[tuple[str, str]]:
    """The trailers of these operations, key and value, none twice; an actor stands below what is theirs."""
    found: list[tuple[str, str]] = []
    for actor in dict.fromkeys(each.actor for each in operations):
        theirs = [each for each in operations if each.actor == actor]
        found += [("Wrkq-Op", " ".join([each.ulid, each.operation, *each.ids])) for each in theirs]
        found += [("Wrkq-Actor", actor)] if actor else []
    found += [("Wrkq-Override", ", ".join(each.overrides)) for each in operations if each.overrides]
    found += [("Wrkq-Via", each.via) for each in operations]
    found += [(KEY, f"{key} {_span([each.ulid for each in held])}") for key, held in _by_key(operations)]
    return list(dict.fromkeys((key, flat(value)) for key, value in found))


def _by_key(operations: Sequence[Operation]) -> Iterator[tuple[str, list[Operation]]]:
    """The operations of each request that has a key; they stand one after another."""
    for key, held in groupby(operations, lambda each: each.key):
        if key:
            yield key, [*held]


def _span(ulids: Sequence[str]) -> str:
    """The first and the last: a commit can hold other requests' operations before and after them."""
    return ulids[0] if len(ulids) == 1 else f"{ulids[0]}..{ulids[-1]}"


def subject(config: Config, line: str) -> str:
    """``commit.subject`` filled with the line, which is kept to one line of readable length."""
    short = flat(line)
    short = short if len(short) <= _SUBJECT_LENGTH else short[: _SUBJECT_LENGTH - 1] + "…"
    try:
        return flat(_filled(config.commit_subject, short)) or short
    except ValueError as error:
        raise WrkqError(
            "validation",
            f"wrkq.yaml: commit.subject `{flat(config.commit_subject)}` is no template: {error}",
            hint="write {subject} where the line goes, as in `chore(tracker): {subject}`",
        ) from error


def flat(text: str) -> str:
    """Text on one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _filled(template: str, line: str) -> str:
    """Not ``str.format``: a template from a stranger's branch could ask for attributes, or a gigabyte of blanks."""
    parts = []
    for text, name, width, conversion in Formatter().parse(template):
        if name not in (None, "subject") or width or conversion:
            raise ValueError("nothing but {subject} can stand in braces")
        parts += [text, line if name else ""]
    return "".join(parts)
