"""Commit messages: one readable line, the why, and the trailers that history is read by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from string import Formatter
from typing import NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.model.config import Config
from wrkq_files.service.change import Change
from wrkq_files.service.tracker import Door

_SUBJECT_LENGTH = 100


class Operation(NamedTuple):
    """One operation as a commit's trailers tell of it."""

    ulid: str
    operation: str
    ids: Sequence[str]
    actor: str | None
    overrides: Sequence[str]
    via: str

    @classmethod
    def of(cls, change: Change, ulid: str, *, actor: str | None, door: Door) -> Operation:
        return cls(ulid, change.operation, change.ids, actor, change.overrides, door.via)


def compose(
    config: Config,
    door: Door,
    changes: Sequence[Change],
    *,
    actor: str | None,
    why: str | None,
    ulids: Iterable[str],
    earlier: Sequence[Operation] = (),
) -> str:
    """The whole message: subject, body, ``Wrkq-…`` trailers; ``earlier`` are operations that it commits as well.

    Raises WrkqError ``validation`` when ``commit.subject`` is no usable template.
    """
    first = changes[0] if len(changes) == 1 else None
    line = first.subject if first else f"{len(changes)} changes to the tracker"
    body = "\n".join(f"- {flat(change.subject)}" for change in changes) if not first else ""
    ours = [Operation.of(change, ulid, actor=actor, door=door) for ulid, change in zip(ulids, changes, strict=False)]
    lines = "\n".join(f"{key}: {value}" for key, value in trailers([*earlier, *ours]))
    parts = [subject(config, line), why or "", body, lines]
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


def trailers(operations: Sequence[Operation]) -> list[tuple[str, str]]:
    """The trailers of these operations, key and value, none twice."""
    found = [("Wrkq-Op", " ".join([each.ulid, each.operation, *each.ids])) for each in operations]
    found += [("Wrkq-Actor", each.actor) for each in operations if each.actor]
    found += [("Wrkq-Override", ", ".join(each.overrides)) for each in operations if each.overrides]
    found += [("Wrkq-Via", each.via) for each in operations]
    return list(dict.fromkeys((key, flat(value)) for key, value in found))


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
