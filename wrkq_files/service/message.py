"""Commit messages: one readable line, the why, and the trailers that history is read by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from string import Formatter

from wrkq_files.errors import WrkqError
from wrkq_files.model.config import Config
from wrkq_files.service.change import Change
from wrkq_files.service.tracker import Door

_SUBJECT_LENGTH = 100


def compose(
    config: Config, door: Door, changes: Sequence[Change], *, actor: str | None, why: str | None, ulids: Iterable[str]
) -> str:
    """The whole message: subject, body, ``Wrkq-…`` trailers.

    Raises WrkqError ``validation`` when ``commit.subject`` is no usable template.
    """
    first = changes[0] if len(changes) == 1 else None
    line = first.subject if first else f"{len(changes)} changes to the tracker"
    body = "\n".join(f"- {flat(change.subject)}" for change in changes) if not first else ""
    trailers = [
        flat(f"Wrkq-Op: {' '.join([ulid, change.operation, *change.ids])}")
        for ulid, change in zip(ulids, changes, strict=False)
    ]
    trailers += [flat(f"Wrkq-Actor: {actor}")] if actor else []
    trailers += [f"Wrkq-Override: {', '.join(c.overrides)}" for c in changes if c.overrides]
    trailers.append(f"Wrkq-Via: {door.via}")
    parts = [subject(config, line), why or "", body, "\n".join(trailers)]
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


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
