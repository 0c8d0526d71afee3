"""This worktree: what is uncommitted in the tracker, and committing it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from wrkq_files.errors import WrkqError
from wrkq_files.git import lock, read
from wrkq_files.git import write as git_write
from wrkq_files.git.write import UNCHANGED, FileWrite
from wrkq_files.model import ids, layout
from wrkq_files.model.document import Document
from wrkq_files.model.finding import Finding
from wrkq_files.model.rules import ERROR
from wrkq_files.service import actors, message
from wrkq_files.service.change import Change, Options, Written
from wrkq_files.service.publish import ulid
from wrkq_files.service.tracker import Tracker

_TRIES: Final = 12
_OWN_NAMES: Final = frozenset({layout.CONFIG_NAME, ".gitattributes"})
_RESERVED: Final = (layout.ACTORS, layout.COMMENTS, layout.ATTACHMENTS, layout.WORKSPACES, layout.TEMPLATES)


@dataclass(frozen=True, slots=True)
class Pending:
    """One uncommitted file of the tracker. ``what`` says in words how it differs from HEAD."""

    path: str
    status: str
    id: str | None
    what: str


@dataclass(frozen=True, slots=True)
class Status:
    """``operation``: a merge or the like in progress; ``head`` None on an unborn branch, ``branch`` None off one."""

    root: str
    branch: str | None
    head: str | None
    commit_mode: str
    actor: actors.Who | None
    operation: str | None
    pending: Sequence[Pending]
    broken: Sequence[Finding]


def status(tracker: Tracker) -> Status:
    """Where this worktree stands."""
    tracker.index.refresh()
    return Status(
        root=tracker.prefix or ".",
        branch=tracker.repo.branch(),
        head=tracker.repo.head(),
        commit_mode=tracker.config.commit_mode,
        actor=actors.current(tracker),
        operation=read.in_progress(tracker.repo),
        pending=[each for each, _ in _pending(tracker)],
        broken=tracker.index.broken(),
    )


def commit_all(tracker: Tracker, options: Options) -> Written:
    """Commits every uncommitted edit of the tracker, by hand or tool, and nothing else.

    Raises WrkqError ``validation`` when a file has errors (``force`` commits it all the same), ``refused`` while git is
    in the middle of something, ``no_identity``.
    """
    with lock.worktree_lock(tracker.repo, timeout=60.0):
        git_write.recover(tracker.repo)
        for _ in range(_TRIES):
            try:
                return _commit_once(tracker, options)
            except git_write.HeadMoved:
                continue
    raise WrkqError("busy", "the branch keeps changing under this commit", hint="try again")


def _commit_once(tracker: Tracker, options: Options) -> Written:
    if operation := read.in_progress(tracker.repo):
        raise WrkqError(
            "refused", f"a {operation} is in progress", hint=f"finish it first: git {operation} --continue"
        )
    parent = tracker.repo.head()
    found = _pending(tracker)
    if not found:
        return Written("commit", "unchanged", (), "nothing to commit", ())
    for pending, content in found:
        _check(tracker, pending, content, options)
    change = _change([pending for pending, _ in found])
    paths = tuple(tracker.repository_path(pending.path) for pending, _ in found)
    if options.dry_run:
        return Written("commit", "dry-run", change.ids, change.subject, paths, diff=_listed(found))
    if read.identity(tracker.repo) is None:
        raise WrkqError(
            "no_identity",
            "git does not know who you are",
            hint='git config user.name "Your Name"; git config user.email you@example.org',
        )
    commit = git_write.commit(
        tracker.repo, _writes(tracker, found), _message(tracker, change, found, options), parent=parent
    )
    return Written("commit", "committed", change.ids, change.subject, paths, commit=commit)


def _writes(tracker: Tracker, found: Sequence[tuple[Pending, bytes | None]]) -> list[FileWrite]:
    return [
        FileWrite(
            tracker.repository_path(pending.path), head=content, staged=content, work=UNCHANGED, work_old=content
        )
        for pending, content in found
    ]


def _pending(tracker: Tracker) -> list[tuple[Pending, bytes | None]]:
    """Every uncommitted file of the tracker with its present bytes (None: deleted)."""
    cut = len(tracker.prefix) + 1 if tracker.prefix else 0
    listed = read.status(tracker.repo, tracker.prefix)
    if unmerged := [each.path for each in listed if each.unmerged]:
        raise WrkqError("refused", f"{unmerged[0]} is unmerged", hint=f"mend it, then: git add {unmerged[0]}")
    names = sorted(
        {name for each in listed for name in (each.path, each.orig) if name and name.startswith(tracker.prefix)}
    )
    ours = [name for name in names if _is_ours(tracker, name[cut:])]
    blobs = read.blobs(tracker.repo, [f"HEAD:{name}" for name in ours])
    return [_describe(tracker, name[cut:], blobs[f"HEAD:{name}"], tracker.read(name[cut:])) for name in ours]


def _is_ours(tracker: Tracker, path: str) -> bool:
    """Whether a file belongs to the tracker: at a repository's root, code lies beside the documents."""
    if tracker.ignores(path):
        return False
    first = path.partition("/")[0]
    if tracker.prefix or path in _OWN_NAMES or first in _RESERVED:
        return True
    return layout.type_of(path) is not None and "/" in path


def _describe(tracker: Tracker, path: str, head: bytes | None, work: bytes | None) -> tuple[Pending, bytes | None]:
    before, after = _document(tracker, path, head), _document(tracker, path, work)
    present = after or before
    identifier = present.id if present else None
    if head is None or work is None:
        word = "deleted" if work is None else "created"
        return Pending(path, word, identifier, word), work
    what = _difference(before, after) if before and after else "changed"
    return Pending(path, "changed", identifier, what), work


def _document(tracker: Tracker, path: str, data: bytes | None) -> Document | None:
    kind = layout.type_of(path)
    if kind is None or data is None:
        return None
    return tracker.parse(data, kind, path).document


def _difference(before: Document, after: Document) -> str:
    names = [name for name in dict.fromkeys([*before.fields, *after.fields]) if before.get(name) != after.get(name)]
    said = [_said(before, after, name) for name in names]
    said += ["text"] if before.body != after.body else []
    return ", ".join(said) or "layout"


def _said(before: Document, after: Document, name: str) -> str:
    if name == "state":
        return f"{before.state} -> {after.state}"
    if name == "id" and before.id is None:
        return "id written"
    value = after.get(name)
    return f"no {name}" if value is None else f"{name} {value}" if isinstance(value, str | int | float) else name


def _check(tracker: Tracker, pending: Pending, content: bytes | None, options: Options) -> None:
    kind = layout.type_of(pending.path)
    if kind is None or content is None or options.force:
        return
    for finding in tracker.parse(content, kind, pending.path).findings:
        if tracker.config.rules.get(finding.rule, finding.severity) == ERROR:
            raise WrkqError(
                "validation",
                f"{finding.place}: {finding.message}",
                hint=f"{finding.remedy}; or commit it as it is: --force",
                details={"findings": [finding.as_json()]},
            )


def _change(found: Sequence[Pending]) -> Change:
    known = [each.id for each in found if each.id and ids.is_id(each.id)]
    first = found[0]
    line = (
        f"{first.path.removesuffix('.md')}: {first.what}" if len(found) == 1 else f"{len(found)} files of the tracker"
    )
    return Change("commit", tuple(dict.fromkeys(known)), line, ())


def _message(
    tracker: Tracker, change: Change, found: Sequence[tuple[Pending, bytes | None]], options: Options
) -> str:
    who = actors.current(tracker)
    listed = _listed(found) if len(found) > 1 else ""
    why = "\n\n".join(part for part in (options.message, listed) if part)
    return message.compose(
        tracker.config, tracker.door, [change], actor=who.slug if who else None, why=why, ulids=[ulid(tracker)]
    )


def _listed(found: Sequence[tuple[Pending, bytes | None]]) -> str:
    return "".join(f"- {pending.path.removesuffix('.md')}: {pending.what}\n" for pending, _ in found)
