"""Taking one commit's changes of the tracker back, as a change of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.files.split import is_document
from wrkq_files.git import textmerge, trees
from wrkq_files.git.batch import Blobs
from wrkq_files.model import layout
from wrkq_files.model.document import address_of
from wrkq_files.model.fields import DocType
from wrkq_files.service import actors, reverting, unwriting
from wrkq_files.service.change import Change, FileEdit, Options, Transform, Written
from wrkq_files.service.history import History, Seen
from wrkq_files.service.publish import carry_out
from wrkq_files.service.tracker import Tracker

_SHORT: Final = 8


class _Target(NamedTuple):
    """A commit to undo, its parent, and what it did."""

    commit: str
    parent: str
    events: Sequence[Seen]

    @property
    def subject(self) -> str:
        return self.events[0].happened.subject


class _File(NamedTuple):
    """A file that the commit changed: where it was and is, and its bytes; None where it was not there."""

    old_path: str | None
    path: str | None
    before: bytes | None
    after: bytes | None


def undo(tracker: Tracker, commit: str | None, options: Options) -> Written:
    """Undoes a commit; without one, the last operation of mine that is not undone yet, be it committed or not.

    Raises WrkqError ``conflict`` where something that it changed was changed again, or what it made is referred to;
    ``refused`` for a merge, and for the beginning of the tracker; ``not_found``.
    """
    if not commit and (written := unwriting.last(tracker, actors.required(tracker).slug)):
        return unwriting.unwrite(tracker, written, options)
    history = History(tracker)
    target = _named(tracker, history, commit) if commit else _mine(tracker, history)
    why = "\n\n".join(part for part in (options.message, f"This reverts commit {target.commit}.") if part)

    def plan() -> Change:
        tracker.index.refresh()
        tracker.index.refresh_comments()
        edits = _Reversal(tracker, history, target).edits()
        ids = tuple(dict.fromkeys(seen.happened.event.id for seen in target.events if seen.happened.event.id))
        return Change(unwriting.OPERATION, ids, f"undo {target.commit[:_SHORT]}: {target.subject}", tuple(edits))

    return carry_out(tracker, plan, options._replace(message=why))


# Which commit


def _named(tracker: Tracker, history: History, word: str) -> _Target:
    from wrkq_files.git import revisions

    found = revisions.named(tracker.repo, word)
    if found is None:
        raise WrkqError("not_found", f"git knows no commit `{word}`", hint="wrkq log --oneline shows them")
    events = [*history.ask("logged.id = ? AND type != 'commit.mentioned'", [found.id], newest_first=False)]
    if not events:
        message = f"{found.id[:_SHORT]} changed nothing in this tracker, or is not part of this branch"
        raise WrkqError("not_found", message, hint="wrkq log --oneline shows what did")
    return _target(tracker, found.id, events)


def _mine(tracker: Tracker, history: History) -> _Target:
    who = actors.required(tracker).slug
    undone: set[str] = set()
    happened = history.ask("type != 'commit.mentioned'")
    for commit, group in groupby(happened, key=lambda seen: seen.happened.commit):  # the latest first
        events = list(group)
        first = events[0]
        reverted = first.happened.reverts
        if any(seen.happened.operation == unwriting.OPERATION for seen in events):
            undone.add(reverted)
        elif commit not in undone and first.actor == who and any(seen.happened.ulid for seen in events):
            return _target(tracker, commit, events[::-1])
    raise WrkqError(
        "not_found", f"there is no operation of {who} to undo", hint="wrkq log shows what there is; wrkq undo COMMIT"
    )


def _target(tracker: Tracker, commit: str, events: Sequence[Seen]) -> _Target:
    [found] = trees.commits(tracker.repo, "--no-walk", commit)
    if not found.parent:
        raise WrkqError("refused", f"{commit[:_SHORT]} is the first commit of all", hint="there is nothing before it")
    if trees.resolve(tracker.repo, f"{commit}^2"):
        raise WrkqError("refused", f"{commit[:_SHORT]} is a merge", hint=f"git revert -m 1 {commit[:_SHORT]}")
    return _Target(commit, found.parent, events)


# What it takes


class _Reversal:
    def __init__(self, tracker: Tracker, history: History, target: _Target) -> None:
        self._tracker, self._history, self._target = tracker, history, target
        self._merge = partial(textmerge.merged, tracker.repo)

    def edits(self) -> list[FileEdit]:
        files = self._files()
        gone = {identifier for each in files if each.before is None for identifier in self._id_of(each)}
        return [edit for each in files for edit in self._edit(each, gone)]

    def _files(self) -> list[_File]:
        tracker = self._tracker
        cut = len(tracker.prefix) + 1 if tracker.prefix else 0
        found = trees.between(tracker.repo, self._target.parent, self._target.commit, tracker.prefix)
        rows = {each.path[cut:]: each for each in found if self._is_ours(each.path[cut:])}
        moved = self._moves(rows)
        with Blobs(tracker.repo) as blobs:
            texts = blobs.many([blob for each in rows.values() for blob in (each.old_blob, each.blob) if blob])

        def content(path: str | None, *, old: bool) -> bytes | None:
            blob = (rows[path].old_blob if old else rows[path].blob) if path in rows else ""
            return texts[blob] if blob else None

        files = [_File(old, new, content(old, old=True), content(new, old=False)) for new, old in moved.items()]
        rest = rows.keys() - moved.keys() - {*moved.values()}
        files += [
            _File(
                path if rows[path].old_blob else None,
                path if rows[path].blob else None,
                content(path, old=True),
                content(path, old=False),
            )
            for path in sorted(rest)
        ]
        return files

    def _is_ours(self, path: str) -> bool:
        tracker = self._tracker
        if tracker.ignores(path):
            return False
        is_document = layout.type_of(path) is not None or path.startswith(layout.ATTACHMENTS)
        return bool(tracker.prefix) or is_document or path in (layout.CONFIG_NAME, ".gitattributes")

    def _moves(self, rows: Mapping[str, trees.Difference]) -> dict[str, str]:
        """New paths to old ones; of a container, of everything in it."""
        moved: dict[str, str] = {}
        for seen in self._target.events:
            event = seen.happened.event
            if event.type == "container.moved" and not event.field:
                old, new = (each.removesuffix(layout.CONTAINER_NAME) for each in (str(event.old), str(event.new)))
                for path, row in rows.items():
                    if path.startswith(new) and row.blob and (origin := old + path.removeprefix(new)) in rows:
                        moved[path] = origin
        for seen in self._target.events:
            event = seen.happened.event
            if event.type.endswith(".moved") and (event.type != "container.moved" or event.field):
                moved[str(event.new)] = str(event.old)
        return moved

    def _id_of(self, file: _File) -> Iterator[str]:
        for seen in self._target.events:
            if seen.happened.event.path == file.path and seen.happened.event.id:
                yield seen.happened.event.id

    def _edit(self, file: _File, gone: set[str]) -> Iterator[FileEdit]:
        if file.path is None:
            yield self._back(file)
            return
        path = self._present(file)
        now = self._tracker.read(path)
        if now is None:
            raise self._conflict(file, reverting.changed_again(file.path, ""))
        if file.before is None or file.old_path is None:
            if now != file.after:
                raise self._conflict(file, reverting.changed_again(file.path, ""))
            self._check_alone(file, gone)
            yield FileEdit.delete(path)
            return
        to = file.old_path if file.old_path != file.path else path
        apply, fields = self._reversed(file)
        try:
            apply(now)
        except WrkqError as error:
            raise self._conflict(file, error) from error
        yield FileEdit(path, to, apply, fields)

    def _reversed(self, file: _File) -> tuple[Transform, frozenset[str]]:
        before, after, path = file.before or b"", file.after or b"", file.path or ""
        kind = layout.type_of(path)
        if kind is None or not (is_document(before) and is_document(after)):
            return reverting.whole(before, after, path), frozenset()
        return reverting.reverse(before, after, kind, path, self._merge), reverting.touched(before, after, kind, path)

    def _present(self, file: _File) -> str:
        """Where the document is now. Raises ``conflict`` where the commit moved it and somebody moved it on."""
        path = file.path or ""
        if self._tracker.read(path) is not None:
            return path
        found = [entry.path for each in self._id_of(file) for entry in self._tracker.index.by_id(each)]
        if not found or file.old_path != file.path:
            raise self._conflict(file, reverting.changed_again(path, "path" if found else ""))
        return found[0]

    def _back(self, file: _File) -> FileEdit:
        """What the commit deleted is made again, where its place is free."""
        path, before = file.old_path or "", file.before or b""
        if self._tracker.read(path) is not None:
            message = f"{path}: there is a file of that name again"
            raise WrkqError("conflict", message, hint="move it out of the way first: wrkq mv", details={"path": path})
        return FileEdit.create(path, before)

    def _check_alone(self, file: _File, gone: set[str]) -> None:
        """Raises ``conflict`` where something that stays refers to what would go."""
        kind = layout.type_of(file.path or "")
        if kind in (None, DocType.COMMENT):
            return
        for identifier in self._id_of(file):
            for other in self._tracker.index.referring([identifier]):
                if other.id not in gone and other.path != file.path:
                    name = other.id if other.type is DocType.COMMENT else other.address
                    message = (
                        f"{address_of(kind, file.path or '') if kind else file.path}: {name} refers to it by now"
                    )
                    hint = f"archive it instead: wrkq rm {identifier}"
                    raise WrkqError("conflict", message, hint=hint, details={"path": file.path, "id": other.id})

    def _conflict(self, file: _File, error: WrkqError) -> WrkqError:
        """The same with the commit that came in between, where one did."""
        field = str(error.details.get("field", ""))
        ids = [*self._id_of(file)]
        later = None
        for seen in self._history.of(ids, newest_first=True) if ids else ():
            if seen.happened.commit == self._target.commit:
                break
            if not field or seen.happened.event.field == field or field == "body":
                later = seen
        if later is None:
            return WrkqError(
                error.code, error.message, hint="wrkq diff shows what is not committed", details=error.details
            )
        commit = later.happened.commit[:_SHORT]
        message = f"{error.message}: by {later.actor} in {commit} ({later.happened.subject})"
        hint = f"undo that first: wrkq undo {commit}; or change it by hand"
        return WrkqError("conflict", message, hint=hint, details={**error.details, "commit": later.happened.commit})
