"""What `policy.require` asks for: the artifacts that a task needs before it is offered."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from wrkq_files.index.entry import Entry
from wrkq_files.index.globs import matcher
from wrkq_files.index.query import Query
from wrkq_files.model.config import EVERY, SKIP, Requirement
from wrkq_files.model.fields import DocType
from wrkq_files.service.tracker import Tracker

#: The kind of comment that says where an artifact is, and the key of its ``meta`` that names it.
REFERENCE: Final = "reference"
ARTIFACT: Final = "artifact"
_GLOB: Final = frozenset("*?[")


class Policy:
    """Looks at attachments and comments when a requirement holds for the first task, and then once."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self._rules = tracker.config.policy_require

    def missing(self, task: Entry) -> list[Requirement]:
        """The requirements that a task does not meet, in the order of the settings."""
        if not self._rules:
            return []
        labels = {EVERY, *task.labels}
        wanted = [each for each in self._rules if each.label in labels]
        if not wanted:
            return []
        names = self._names(task)
        return [each for each in wanted if not any(map(matcher([each.artifact]), names))]

    def _names(self, task: Entry) -> list[str]:
        """What is there for a task: the names of its attachments, and what its reference comments may name."""
        is_there = task.id in self._attached
        found = [name for name, _ in self._tracker.attachments(task.id)] if is_there else []
        for comment in self._references.get(task.id, ()):
            found += named(comment.document_fields(), self._tracker.index.body(comment.path))
        return found

    @cached_property
    def _attached(self) -> frozenset[str]:
        return frozenset(self._tracker.attached())

    @cached_property
    def _references(self) -> Mapping[str, Sequence[Entry]]:
        """By what they are on."""
        index = self._tracker.index
        index.refresh_comments()
        found: dict[str, list[Entry]] = {}
        for each in index.find(Query(types=(DocType.COMMENT,))):
            if each.kind == REFERENCE and each.on and not each.deleted:
                found.setdefault(each.on, []).append(each)
        return found


def named(fields: Mapping[str, Any], text: str) -> list[str]:
    """The artifacts that a reference comment may be naming.

    ``meta.artifact``; and of the text's first line the first word, and what stands before its first `: `.
    """
    meta = fields.get("meta")
    found = [str(meta[ARTIFACT])] if isinstance(meta, Mapping) and ARTIFACT in meta else []
    line = text.strip().partition("\n")[0].strip()
    before = f"{line} ".partition(": ")[0].strip()
    found += [before, *before.split()[:1]]
    return [each for each in dict.fromkeys(found) if each]


def is_skipped(missing: Sequence[Requirement]) -> bool:
    """Whether a task that lacks these is passed over, and not even listed as waiting."""
    return any(each.on_missing == SKIP for each in missing)


def says(missing: Sequence[Requirement]) -> str:
    """What a task waits for, in words."""
    return f"it lacks {', '.join(each.artifact for each in missing)} (policy.require)"


def way(identifier: str, missing: Sequence[Requirement]) -> str:
    """What to type so that the first of them is met."""
    name = missing[0].artifact
    is_glob = bool(_GLOB & {*name})
    file = "FILE" if is_glob else shlex.quote(name)
    text = "'NAME: where it is'" if is_glob else shlex.quote(f"{name}: where it is")
    return f"wrkq attach put {identifier} {file}, or wrkq comment add {identifier} --kind {REFERENCE} {text}"
