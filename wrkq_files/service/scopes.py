"""Checking what git holds: what is staged, what a range of commits brought, what a revision has.

Of what is staged, and of a commit, only what changed is judged, and what that touches; what was wrong elsewhere
before stops nobody.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git import trees
from wrkq_files.git.batch import Blobs
from wrkq_files.git.repo import Repo, discover_any
from wrkq_files.git.trees import Difference
from wrkq_files.index.snapshot import Snapshot, known_as
from wrkq_files.model.layout import ACTORS, ATTACHMENTS, CONFIG_NAME, folders_above
from wrkq_files.model.rules import OFF
from wrkq_files.service import checking, moments, promises
from wrkq_files.service.against_head import Edited
from wrkq_files.service.checking import Checked
from wrkq_files.service.committed import STAGED, Committed, roots
from wrkq_files.service.surroundings import Nearby, Surroundings, are_two, own_ids
from wrkq_files.service.tracker import Door, Tracker, open_tracker
from wrkq_files.service.tracker import roots as tracker_roots

#: More documents than this at once are judged together with all others: that is then faster than looking each up.
_MANY: Final = 500


class Reviewed(NamedTuple):
    """``file`` is the finding's path from the repository's top; ``commit`` its id, empty for what is staged.

    ``line`` is the text of the finding's line there, if it has one; ``top`` the worktree's folder, None where there
    is no worktree.
    """

    checked: Checked
    file: str
    commit: str
    line: str | None
    top: Path | None


def repository(door: Door) -> Repo:
    """The repository that the door's folder, or the tracker it names, lies in; it may be a bare one.

    Raises WrkqError ``not_a_repository``.
    """
    return discover_any(door.start, use_git=door.ask_git)


def staged(door: Door) -> list[Reviewed]:
    """What is wrong with what would be committed now (``GIT_INDEX_FILE`` honoured), in every tracker it touches."""
    repo = repository(door)
    head = trees.resolve(repo, "HEAD") or ""
    changed = trees.staged(repo, head or trees.empty_tree(repo), renames=True)
    with Blobs(repo) as blobs, closing(_Review(door, repo, blobs)) as review:
        return list(review.of(head, STAGED, changed))


def staged_files(door: Door) -> list[tuple[Tracker, list[str]]]:
    """The trackers of the repository, each with its documents that are staged with a change, and still there."""
    repo = repository(door)
    changed = trees.staged(repo, repo.head() or trees.empty_tree(repo))
    found: list[tuple[Tracker, list[str]]] = []
    places = {root.relative_to(repo.top).as_posix().removeprefix("."): root for root in tracker_roots(repo.top)}
    for prefix, root in sorted(places.items()):
        cut = len(prefix) + 1 if prefix else 0
        inside = (each.path[cut:] for each in changed if _root_of(each.path, list(places)) == prefix)
        paths = [path for path in inside if path.endswith(".md") and (root / path).is_file()]
        if paths:
            found.append((Tracker(door, repo, root), paths))
    return found


def ranged(door: Door, *revisions: str, repo: Repo | None = None) -> list[Reviewed]:
    """What is wrong with each commit that git's revision arguments name, compared with its first parent.

    What a later commit repeats is said once. So is what a message says is closed, and the last commit leaves open.
    Raises WrkqError ``not_found``.
    """
    repo = repo or repository(door)
    named = trees.commits(repo, *revisions)
    found: dict[tuple[str, str, str], Reviewed] = {}
    with Blobs(repo) as blobs, closing(_Review(door, repo, blobs, named)) as review:
        for number, (commit, _, parent) in enumerate(named):
            if door.progress:
                door.progress("checking commits", number, len(named))
            changed = trees.between(repo, parent or trees.empty_tree(repo), commit, renames=True)
            for each in review.of(parent, commit, changed):
                found.setdefault((each.checked.finding.rule, each.file, each.checked.finding.message), each)
        for tracker, commit, finding in promises.broken(door, repo, [each.id for each in named], blobs):
            checked = Checked(finding, checking.severity(tracker, finding))
            kept = [checked] if checked.severity != OFF else []
            for each in _reviewed(tracker, kept):
                found[finding.rule, each.file, finding.message] = each._replace(commit=commit)
        if door.progress:
            door.progress("checking commits", len(named), len(named))
    return list(found.values())


def compared(door: Door, repo: Repo, before: str, after: str) -> list[Reviewed]:
    """What is wrong with what one commit has otherwise than another (their ids), in every tracker."""
    changed = trees.between(repo, before, after, renames=True)
    with Blobs(repo) as blobs, closing(_Review(door, repo, blobs)) as review:
        return list(review.of(before, after, changed))


def at(door: Door, revision: str) -> list[Reviewed]:
    """What is wrong with the tracker as a revision, or a time, has it; in a bare repository with all of them.

    Raises WrkqError ``not_found``, ``no_tracker``.
    """
    repo = repository(door)
    prefix = None if repo.is_bare else open_tracker(door).prefix
    commit = moments.commit_at(repo, door.now(), revision).id
    present = roots(trees.listing(repo, commit))
    wanted = [each for each in present if prefix in (None, each)]
    if not wanted:
        raise WrkqError("no_tracker", f"no tracker in {revision}", hint=f"git ls-tree -r --name-only {revision}")
    found: list[Reviewed] = []
    with Blobs(repo) as blobs:
        for each in wanted:
            tracker = Committed(door, repo, each, commit, blobs)
            tracker.snapshot.keep(tracker.tree)
            found += _reviewed(tracker, checking.judge(Surroundings(tracker), ()))
            tracker.close()
    return found


class _Review:
    """Steps from state to state, tracker by tracker. ``named``: commits that will be looked at, and so are known."""

    def __init__(self, door: Door, repo: Repo, blobs: Blobs, named: Iterable[trees.Commit] = ()) -> None:
        self._door, self._repo, self._blobs = door, repo, blobs
        self._trees = {commit.id: commit.tree for commit in named}
        self._snapshots: dict[tuple[object, ...], Snapshot] = {}

    def close(self) -> None:
        for snapshot in self._snapshots.values():
            snapshot.close()
        self._snapshots.clear()

    def of(self, before: str, commit: str, changed: Sequence[Difference]) -> Iterator[Reviewed]:
        """What is wrong in ``commit``, which differs from the commit ``before`` (or nothing) by ``changed``."""
        present = self._roots(commit, changed)
        for root in self._wanted(present):
            inside = [each for each in changed if _root_of(each.path, present) == root]
            gone = [
                each for each in changed if each.old_path != each.path and _root_of(each.old_path, present) == root
            ]
            if any(_counts(each) for each in (*inside, *gone)):
                yield from self._one(root, before, commit, inside, gone)

    def _wanted(self, present: Sequence[str]) -> Sequence[str]:
        """Only the tracker that is named, where one is."""
        if not self._door.root:
            return present
        place = self._door.start.resolve()
        return [root for root in present if (self._repo.top / root).resolve() == place]

    def _roots(self, commit: str, changed: Sequence[Difference]) -> list[str]:
        """The trackers that hold one of the changed files, or did before: those of the folders above them."""
        names = (name for each in changed if _counts(each) for name in {each.path, each.old_path})
        folders = {folder for name in names for folder in _folders(name)}
        specs = {f"{commit}:{posixpath.join(folder, CONFIG_NAME)}": folder for folder in folders}
        found = self._blobs.many(list(specs))
        return sorted(specs[spec] for spec, data in found.items() if data is not None)

    def _one(
        self, root: str, before: str, commit: str, inside: Sequence[Difference], gone: Sequence[Difference]
    ) -> Iterator[Reviewed]:
        tracker = self._tracker(root, commit)
        older = self._tracker(root, before) if before else None
        try:
            yield from _reviewed(tracker, self._judged(tracker, older, inside, gone))
        finally:
            tracker.close_others()

    def _tracker(self, root: str, commit: str) -> Committed:
        return Committed(self._door, self._repo, root, commit, self._blobs, self._trees.get(commit))

    def _judged(
        self, tracker: Committed, older: Committed | None, inside: Sequence[Difference], gone: Sequence[Difference]
    ) -> list[Checked]:
        cut = len(tracker.prefix) + 1 if tracker.prefix else 0
        paths = [known_as(each.path[cut:]) for each in inside]
        old_paths = [known_as(each.old_path[cut:]) for each in inside if each.old_path == each.path]
        old_paths += [known_as(each.old_path[cut:]) for each in gone]
        everything = older is None or len(paths) > _MANY or any(_reaches_far(path) for path in (*paths, *old_paths))
        known = self._known(older) if everything and older is not None else frozenset()
        snapshot = self._move(tracker, older)
        before = {path: entry.id for path in old_paths if older and (entry := snapshot.entry(path)) and entry.id}
        tracker.move()
        edited = self._edited(inside, cut)
        if everything:
            found = checking.judge(Surroundings(tracker), edited)
            return [each for each in found if each.finding.path in paths or _same(each) not in known]
        after = {path: entry.id for path in before if (entry := snapshot.entry(path))}
        lost = {identifier for path, identifier in before.items() if after.get(path) != identifier}
        lost |= self._seeming(each for each in (*inside, *gone) if each.old_path[cut:] not in before)
        return checking.judge(Nearby(tracker, paths, frozenset(lost)), edited, settings=False)

    def _seeming(self, changed: Iterable[Difference]) -> set[str]:
        """The ids that files seemed to have which could not be read before."""
        blobs = [each.old_blob for each in changed if each.old_blob and each.old_path.endswith(".md")]
        return {each for data in self._blobs.many(blobs).values() for each in own_ids(data or b"")}

    def _move(self, tracker: Committed, older: Committed | None) -> Snapshot:
        """The index of the state before, which is the one that was looked at last where commits follow each other."""
        if snapshot := self._snapshots.get(tracker.settings):
            tracker.look_through(snapshot)
            if older is not None:
                snapshot.try_out(older.tree)
            return snapshot
        self.close()  # other settings have an index of their own, in the same place
        if older is not None:
            tracker.snapshot.keep(older.tree)
        self._snapshots[tracker.settings] = tracker.snapshot
        return tracker.snapshot

    def _known(self, older: Committed) -> frozenset[tuple[str, str, str]]:
        """What was wrong before, by the settings of then."""
        self.close()
        older.snapshot.keep(older.tree)
        found = frozenset(_same(each) for each in checking.judge(Surroundings(older), ()))
        older.close()
        return found

    def _edited(self, inside: Iterable[Difference], cut: int) -> list[Edited]:
        changed = [each for each in inside if each.blob and each.old_blob]
        texts = self._blobs.many([blob for each in changed for blob in (each.old_blob, each.blob)])
        return [
            Edited(known_as(each.path[cut:]), texts[each.old_blob])
            for each in changed
            # git takes a file that went and one that came for one that moved, where they are alike.
            if each.path == each.old_path or not are_two(texts[each.old_blob], texts[each.blob])
        ]


def _reviewed(tracker: Committed, found: Iterable[Checked]) -> list[Reviewed]:
    return [
        Reviewed(
            each,
            tracker.repository_path(each.finding.path),
            tracker.commit,
            checking.source_line(tracker, each.finding),
            None if tracker.repo.is_bare else tracker.repo.top,
        )
        for each in found
    ]


def _same(each: Checked) -> tuple[str, str, str]:
    return each.finding.rule, each.finding.path, each.finding.message


def _folders(path: str) -> Iterator[str]:
    """The folders a file lies in, the innermost first, the repository's top (empty) last."""
    yield from folders_above(path)
    yield ""


def _root_of(path: str, present: Sequence[str]) -> str | None:
    """The innermost of the trackers that a file lies in."""
    return next((folder for folder in _folders(path) if folder in present), None)


def _counts(each: Difference) -> bool:
    """Whether a change may matter to a tracker."""
    name = posixpath.basename(each.path)
    return (
        name.endswith(".md")
        or each.old_path.endswith(".md")
        or name == CONFIG_NAME
        or each.mode == trees.LINK
        or f"{ATTACHMENTS}/" in each.path
    )


def _reaches_far(path: str) -> bool:
    """Whether a change of this file changes what others mean: the settings, and who is an actor."""
    return posixpath.basename(path) == CONFIG_NAME or path.startswith(f"{ACTORS}/")
