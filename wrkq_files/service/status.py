"""This worktree: what is uncommitted in the tracker, and committing it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.files.split import is_document
from wrkq_files.git import lock, read
from wrkq_files.git import write as git_write
from wrkq_files.git.repo import blob_id
from wrkq_files.git.write import UNCHANGED, FileWrite
from wrkq_files.model import ids, layout
from wrkq_files.model.config import ON_BASE_COMMIT
from wrkq_files.model.document import Document
from wrkq_files.model.finding import Finding
from wrkq_files.service import actors, flight, message, pending, reading, refusals
from wrkq_files.service.base import Standing, standing
from wrkq_files.service.change import Change, Options, Written
from wrkq_files.service.publish import LOCK_SECONDS, Attempts, coauthor, no_identity, ulid
from wrkq_files.service.tracker import Tracker

_RESERVED: Final = (layout.ACTORS, layout.COMMENTS, layout.ATTACHMENTS, layout.WORKSPACES, layout.TEMPLATES)
_ATTRIBUTES_NAME: Final = ".gitattributes"
#: Documents are merged field by field, where the clone has our driver (`wrkq hooks install`); elsewhere by lines.
MERGE_ATTRIBUTE: Final = "*.md merge=wrkq"
#: Line ends stay as they are written; a reviewer's diff folds the comments away.
_ATTRIBUTES: Final = (
    "*.md -text",
    "wrkq.yaml -text",
    "_attachments/** -text",
    "_comments/** linguist-generated",
    MERGE_ATTRIBUTE,
)
#: A line of attributes that says how files are merged.
_MERGE: Final = re.compile(r"^[^#\s].*\s[-!]?merge(=|\s|$)")


class Pending(NamedTuple):
    """One uncommitted file of the tracker: ``created``, ``changed``, ``deleted`` or ``unmerged``.

    ``what`` says in words how it differs from HEAD, or why that cannot be told.
    """

    path: str
    status: str
    id: str | None
    what: str


class Status(NamedTuple):
    """``operation``: a merge or the like in progress; ``head`` None on an unborn branch, ``branch`` None off one.

    ``base``: how this compares with the base branch; None where there is none. ``problem``: why that cannot be told.
    ``bundle``: what this worktree's commands were switched to.
    """

    root: str
    branch: str | None
    head: str | None
    commit_mode: str
    actor: actors.Who | None
    operation: str | None
    bundle: str | None
    pending: Sequence[Pending]
    broken: Sequence[Finding]
    base: Standing | None
    problem: str
    in_flight: flight.InFlight


class _Found(NamedTuple):
    """A file that git calls changed: its bytes in HEAD, staged and now; why it cannot be read, if so."""

    path: str
    head: bytes | None
    staged: bytes | None
    work: bytes | None
    mode: str = "100644"
    unmerged: bool = False
    error: WrkqError | None = None


def status(tracker: Tracker) -> Status:
    """Where this worktree stands."""
    from wrkq_files.service.bundles import opening

    tracker.index.refresh()
    base, problem = standing(tracker)
    return Status(
        root=tracker.prefix or ".",
        branch=tracker.repo.branch(),
        head=tracker.repo.head(),
        commit_mode=tracker.config.commit_mode,
        actor=actors.current(tracker),
        operation=read.in_progress(tracker.repo),
        bundle=opening.current(tracker.repo),
        pending=[_describe(tracker, each) for each in _uncommitted(tracker)],
        broken=reading.faults(tracker),
        base=base,
        problem=problem,
        in_flight=flight.in_flight(tracker, others=True),
    )


def commit_all(tracker: Tracker, options: Options) -> Written:
    """Commits every uncommitted edit of the tracker, by hand or tool, and nothing else.

    Raises WrkqError ``validation`` when a file has errors (``force`` commits it all the same), ``refused`` while git
    is in the middle of something, ``no_identity``; what cannot be read at all is left out with ``force``.
    """
    if options.dry_run:
        return _commit_once(tracker, options)
    with lock.worktree_lock(tracker.repo, timeout=LOCK_SECONDS):
        git_write.recover(tracker.repo)
        attempts = Attempts()
        while True:
            try:
                return _commit_once(tracker, options)
            except git_write.HeadMoved as moved:
                attempts.again(str(moved), moved=True)
            except WrkqError as error:
                if error.code != "conflict":
                    raise
                attempts.again(error.message, moved=False)


def uncommitted(tracker: Tracker) -> list[str]:
    """The tracker's files that are not in HEAD as they are now."""
    return [each.path for each in _uncommitted(tracker)]


def edits(tracker: Tracker) -> tuple[Change, list[FileWrite]]:
    """Every uncommitted edit of the tracker: what is said of them, and the writes that a commit of them would make.

    A file whose entry in the index, or whose text, is another by then is not written. Raises what cannot be read.
    """
    _check_at_rest(tracker)
    found = [each for each in _uncommitted(tracker) if _may_be_committed(each, Options())]
    found = [each for each in found if not _is_shared(tracker, each.path)]
    change = _change([_describe(tracker, each) for each in found]) if found else Change("commit", (), "", ())
    return change, [_write(tracker, each)._replace(work_old=each.work) for each in found]


def with_attributes(old: bytes) -> bytes:
    """A ``.gitattributes`` with the tracker's lines at its end, those that it has not.

    How files are merged is left to what it says of that, if anything.
    """
    have = set(old.decode("utf-8", "replace").splitlines())
    have |= {MERGE_ATTRIBUTE} if any(_MERGE.search(line) for line in have) else set()
    missing = [line for line in _ATTRIBUTES if line not in have]
    glue = b"" if not old or old.endswith(b"\n") else b"\n"
    return old + glue + "".join(f"{line}\n" for line in missing).encode() if missing else old


def _commit_once(tracker: Tracker, options: Options) -> Written:
    _check_at_rest(tracker)
    if tracker.config.on_base != ON_BASE_COMMIT:
        from wrkq_files.service.bundles import standing

        standing.check_commit(tracker)
    parent = tracker.repo.head()
    found = [each for each in _uncommitted(tracker) if _may_be_committed(each, options)]
    if not options.force:
        _check(tracker, found)
    if not found:
        return Written("commit", "unchanged", (), "nothing to commit", ())
    change = _change([_describe(tracker, each) for each in found])
    writes = [_write(tracker, each) for each in found]
    paths = tuple(write.path for write in writes)
    ids = change.ids if len(found) == 1 else ()  # what the commit is about: one document, or the tracker
    if options.dry_run:
        return Written("commit", "dry-run", ids, change.subject, paths, diff=_diff(found, writes))
    if read.identity(tracker.repo) is None:
        raise no_identity("git does not know who you are")
    text = _message(tracker, change, found, options, earlier=pending.taken_along(tracker.repo, writes))
    commit = git_write.commit(tracker.repo, writes, text, parent=parent)
    with contextlib.suppress(WrkqError):  # the commit is made; the next write forgets what it holds as well
        pending.prune(tracker.repo)
    return Written("commit", "committed", ids, change.subject, paths, commit=commit, data={"ids": list(change.ids)})


def _check_at_rest(tracker: Tracker) -> None:
    if operation := read.in_progress(tracker.repo):
        ending = "git bisect reset" if operation == "bisect" else f"git {operation} --continue"
        raise WrkqError("refused", f"a {operation} is in progress", hint=f"finish it first: {ending}")
    if unmerged := read.unmerged(tracker.repo):
        raise WrkqError("refused", f"{unmerged[0]} is unmerged", hint=f"mend it, then: git add {unmerged[0]}")


def _write(tracker: Tracker, found: _Found) -> FileWrite:
    """The file as it is now becomes HEAD's and the index's; of a repository's own attributes, our lines only."""
    head = staged = found.work
    if _is_shared(tracker, found.path):
        head, staged = with_attributes(found.head or b""), with_attributes(found.staged or b"")
    name = tracker.repository_path(found.path)
    return FileWrite(name, head=head, staged=staged, work=UNCHANGED, mode=found.mode, staged_old=found.staged)


def _is_shared(tracker: Tracker, path: str) -> bool:
    """Whether a file of the tracker is the whole repository's: the attributes, of a tracker at its top."""
    return not tracker.prefix and path == _ATTRIBUTES_NAME


# What is uncommitted


def _uncommitted(tracker: Tracker) -> list[_Found]:
    """Every file of the tracker that is not in HEAD as it is now."""
    cut = len(tracker.prefix) + 1 if tracker.prefix else 0
    listed = read.status(tracker.repo, tracker.prefix)
    unmerged = {each.path for each in listed if each.unmerged}
    names = {name for each in listed for name in (each.path, each.orig) if name}
    names = {
        each for each in names if each.startswith(tracker.repository_path("")) and _may_be_ours(tracker, each[cut:])
    }
    blobs = read.blobs(tracker.repo, [f"{rev}:{name}" for name in sorted(names) for rev in ("HEAD", "")])
    found = [
        _look(tracker, name[cut:], blobs[f"HEAD:{name}"], blobs[f":{name}"], name in unmerged)
        for name in sorted(names)
        # A folder here is a repository of its own, or a submodule.
        if not (tracker.repo.top / name).is_dir() or (tracker.repo.top / name).is_symlink()
    ]
    found = [each for each in found if each.unmerged or each.error or not _is_in_head(tracker, each)]
    folders = _folders(tracker, found)
    return [each for each in found if _is_ours(tracker, each, folders)]


def _look(tracker: Tracker, path: str, head: bytes | None, staged: bytes | None, unmerged: bool) -> _Found:
    try:
        work = tracker.read(path)
    except WrkqError as error:
        return _Found(path, head, staged, None, unmerged=unmerged, error=error)
    executable = work is not None and (tracker.root / path).stat().st_mode & 0o100
    return _Found(path, head, staged, work, "100755" if executable else "100644", unmerged)


def _is_in_head(tracker: Tracker, found: _Found) -> bool:
    """Whether nothing but its mode, or what is staged, differs: that is no edit, and a commit would hold nothing."""
    if _is_shared(tracker, found.path):
        head = with_attributes(found.head or b"")
        return head == found.head or found.work is None or with_attributes(found.work) != found.work
    if found.work == found.head or found.work is None or found.head is None:
        return found.work == found.head
    name, repo = tracker.repository_path(found.path), tracker.repo
    return b"\r" in found.work and read.clean_id(repo, name, found.work) == blob_id(found.head, repo.object_format)


def _may_be_ours(tracker: Tracker, path: str) -> bool:
    """Whether a file can belong to the tracker: at a repository's root, code lies beside the documents."""
    if tracker.ignores(path):
        return False
    return bool(tracker.prefix) or _is_own_name(path) or layout.type_of(path) is not None


def _is_own_name(path: str) -> bool:
    return path in (layout.CONFIG_NAME, _ATTRIBUTES_NAME) or path.partition("/")[0] in _RESERVED


def _is_ours(tracker: Tracker, found: _Found, folders: Collection[str]) -> bool:
    """Whether it does: a Markdown file beside code is the code's, unless it is a document, or lies among some."""
    if tracker.prefix or _is_own_name(found.path):
        return True
    return not found.error and (_has_document(found) or found.path.rpartition("/")[0] in folders)


def _has_document(found: _Found) -> bool:
    return any(text is not None and is_document(text) for text in (found.work, found.head))


def _folders(tracker: Tracker, found: Sequence[_Found]) -> set[str]:
    """The folders whose notes are the tracker's, at a repository's root."""
    if tracker.prefix or not found:
        return set()
    tracker.index.refresh()
    near = {each.path.rpartition("/")[0] for each in found if _has_document(each) and layout.type_of(each.path)}
    return ({*tracker.index.folders()} | near) - {""}


# What is said about it


def _describe(tracker: Tracker, found: _Found) -> Pending:
    before, after = (_document(tracker, found.path, text) for text in (found.head, found.work))
    present = after or before
    identifier = present.id if present else None
    if found.unmerged or found.error:
        word = "unmerged" if found.unmerged else "changed"
        return Pending(found.path, word, identifier, found.error.message if found.error else word)
    if found.head is None or found.work is None:
        word = "deleted" if found.work is None else "created"
        return Pending(found.path, word, identifier, word)
    what = difference(before, after) if before and after else "changed"
    return Pending(found.path, "changed", identifier, what)


def _document(tracker: Tracker, path: str, data: bytes | None) -> Document | None:
    kind = layout.type_of(path)
    if kind is None or data is None or not is_document(data):
        return None
    return tracker.parse(data, kind, path).document


def difference(before: Document, after: Document) -> str:
    """In words, how a document differs from what it was."""
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


def _may_be_committed(found: _Found, options: Options) -> bool:
    """Raises for what cannot be read; with ``force`` it is left out."""
    if found.error and not options.force:
        raise found.error
    return found.error is None


def _check(tracker: Tracker, found: Sequence[_Found]) -> None:
    """Raises ``validation`` where a file that is to be committed has errors, by itself or together with others."""
    from wrkq_files.service import checking  # reads every file, where most requests need none

    paths = {each.path for each in found}
    wrong = [each.finding for each in checking.errors(checking.check(tracker)) if each.finding.path in paths]
    if wrong:
        raise refusals.by_findings(wrong, hint="see them all: wrkq check; or commit as it is: --force")


def _change(found: Sequence[Pending]) -> Change:
    known = [each.id for each in found if each.id and ids.is_id(each.id)]
    first = found[0]
    line = f"{_name(first)}: {first.what}" if len(found) == 1 else f"{len(found)} files of the tracker"
    return Change("commit", tuple(dict.fromkeys(known)), line, ())


def _name(pending: Pending) -> str:
    return pending.path.removesuffix(".md")


def _message(
    tracker: Tracker,
    change: Change,
    found: Sequence[_Found],
    options: Options,
    earlier: Sequence[message.Operation],
) -> str:
    who = actors.current(tracker)
    rows = [_describe(tracker, each) for each in found] if len(found) > 1 else []
    listed = "".join(f"- {message.flat(f'{_name(row)}: {row.what}')}\n" for row in rows)
    why = "\n\n".join(part for part in (options.message, listed) if part)
    operation = message.Operation.of(change, ulid(tracker), actor=who.slug if who else None, door=tracker.door)
    return message.compose(
        tracker.config, [change], [operation], why=why, earlier=earlier, coauthor=coauthor(tracker)
    )


def _diff(found: Sequence[_Found], writes: Sequence[FileWrite]) -> str:
    from wrkq_files.git.diff import unified

    pairs = zip(found, writes, strict=True)
    return "".join(unified(w.path, each.head, w.head if isinstance(w.head, bytes) else None) for each, w in pairs)
