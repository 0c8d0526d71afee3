"""Merging two commits: whole trees, in memory.

Documents are paired by id, so that a move is a move however much was edited, and merged field by field; what is no
part of a tracker is git's to merge. Then the rules look at what came out: two changes that are each right can be
wrong together.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.git import branches, joins, textmerge, trees
from wrkq_files.git.batch import Blobs
from wrkq_files.git.joins import Content
from wrkq_files.git.repo import Repo
from wrkq_files.git.trees import LINK, SUBMODULE, Difference
from wrkq_files.model import layout
from wrkq_files.model.layout import CONFIG_NAME, folders_above
from wrkq_files.model.merged import Conflict, Merged
from wrkq_files.model.rules import ERROR
from wrkq_files.service import scopes
from wrkq_files.service.merging import merge_file
from wrkq_files.service.scopes import Reviewed
from wrkq_files.service.surroundings import own_ids
from wrkq_files.service.tracker import Door

#: A conflict about where a file is, or whether it is at all.
PATH: Final = "path"
_TAKEN: Final = "another document has this name on the other side: rename one of the two"


class Joined(NamedTuple):
    """Two commits merged. Paths are the repository's.

    ``tree``: the merged one's id, its objects stored; files in conflict hold markers. ``findings``: the errors
    that the rules find in it and on neither side. ``bases``: the commits that both came of.
    """

    tree: str
    conflicts: tuple[Conflict, ...]
    findings: tuple[Reviewed, ...]
    bases: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        return not self.conflicts and not self.findings


def join(
    door: Door, repo: Repo, ours: str, theirs: str, *, labels: tuple[str, str] = textmerge.LABELS, check: bool = True
) -> Joined:
    """Merges two commits, by their ids. ``check``: whether the rules look at the result.

    Raises WrkqError ``refused`` where they have no commit in common.
    """
    bases = branches.merge_bases(repo, ours, theirs)
    if not bases:
        message = f"{ours[:8]} and {theirs[:8]} have no commit in common"
        raise WrkqError("refused", message, hint="git merge --allow-unrelated-histories joins them by hand")
    if theirs in bases or ours in bases:
        [found] = trees.commits(repo, "--no-walk", ours if theirs in bases else theirs)
        return Joined(found.tree, (), (), tuple(bases))
    with Blobs(repo) as blobs:
        joined = _Join(repo, blobs, _common(door, repo, bases), ours, theirs, labels)
        tree, conflicts = joined.tree, joined.conflicts
    findings = () if conflicts or not check else tuple(_findings(door, repo, bases[0], ours, theirs, tree))
    return Joined(tree, conflicts, findings, tuple(bases))


def commit_join(repo: Repo, tree: str, parents: Sequence[str], message: str) -> str:
    """A merge commit's id; no branch is at it yet."""
    return joins.write_commit(repo, tree, parents, message)


def _common(door: Door, repo: Repo, bases: Sequence[str]) -> str:
    """One base; after a criss-cross merge what merging the several comes to, as git does it."""
    base = bases[0]
    for other in bases[1:]:
        tree = join(door, repo, base, other, check=False).tree
        base = joins.write_commit(repo, tree, [base, other], "the common base of a merge")
    return base


def _findings(door: Door, repo: Repo, base: str, ours: str, theirs: str, tree: str) -> Iterator[Reviewed]:
    """The errors in the result that are on neither side."""
    merged = joins.write_commit(repo, tree, [ours, theirs], "a merge that is looked at")
    found = [each for each in scopes.compared(door, repo, ours, merged) if each.checked.severity == ERROR]
    sides = (ours, theirs) if found else ()
    before = {_same(each) for side in sides for each in scopes.compared(door, repo, base, side)}
    yield from (each for each in found if _same(each) not in before)


def _same(each: Reviewed) -> tuple[str, str, str]:
    """What a finding has in common with itself in a file that was moved."""
    return each.checked.finding.rule, posixpath.basename(each.file), each.checked.finding.message


class _State(NamedTuple):
    """A file on one side."""

    path: str
    mode: str
    blob: str


class _Side:
    """What one side made of the base's files: by base path where each is (None: gone), and what is new.

    ``has_folder`` tells whether there is anything left at an address on this side.
    """

    def __init__(self, found: Sequence[Difference], has_folder: Callable[[str], bool]) -> None:
        self.found = found
        self._has_folder = has_folder
        self.moved: dict[str, _State | None] = {}
        self.added: dict[str, _State] = {}
        for each in found:
            now = _State(each.path, each.mode, each.blob) if each.mode else None
            if each.old_blob:
                self.moved[each.old_path] = now
            elif now:
                self.added[each.path] = now

    @cached_property
    def folders(self) -> dict[str, str]:
        """The folders that this side moved as a whole: old name to new."""
        pairs = {old: now.path for old, now in self.moved.items() if now and now.path != old}
        homes: dict[str, set[str]] = {}
        for old, new in pairs.items():
            homes.setdefault(posixpath.dirname(old), set()).add(posixpath.dirname(new))
        return {
            old: next(iter(new))
            for old, new in homes.items()
            if len(new) == 1 and old not in new and not self._has_folder(old)
        }

    def leaves(self, path: str) -> bool:
        """Whether a file of the base is no longer at its path on this side."""
        return path in self.moved and ((now := self.moved[path]) is None or now.path != path)


class _Join:
    def __init__(self, repo: Repo, blobs: Blobs, base: str, ours: str, theirs: str, labels: tuple[str, str]) -> None:
        self._repo, self._blobs, self._labels = repo, blobs, labels
        self._base, self._ours, self._theirs = base, ours, theirs
        self._changes: dict[str, Content | None] = {}
        self._taken: dict[str, str] = {}  # paths of the result, and the base's path (or the new one) they came of
        self._conflicts: list[Conflict] = []
        found = [trees.between(repo, base, each, renames=True) for each in (ours, theirs)]
        self._roots = self._all_roots(each for side in found for each in side)
        documents = [[each for each in side if self._root(each) is not None] for side in found]
        mine, yours = (
            _Side([*self._paired(each)], partial(self._has_folder, commit))
            for each, commit in zip(documents, (ours, theirs), strict=True)
        )
        self._documents(mine, yours)
        self._others(*([each for each in side if self._root(each) is None] for side in found))

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        return tuple(self._conflicts)

    @cached_property
    def tree(self) -> str:
        return joins.write_tree(self._repo, self._ours, self._changes) if self._changes else self._ours_tree

    @cached_property
    def _ours_tree(self) -> str:
        return trees.resolve(self._repo, self._ours, "tree") or ""

    def _has_folder(self, commit: str, folder: str) -> bool:
        return trees.mode(self._repo, commit, folder) != ""

    # Which file is which

    def _all_roots(self, found: Iterable[Difference]) -> list[str]:
        """The trackers that hold a changed file, on any side, the innermost first."""
        names = {name for each in found for name in (each.path, each.old_path)}
        folders = {folder for name in names for folder in (*folders_above(name), "")}
        specs = {
            f"{commit}:{posixpath.join(folder, CONFIG_NAME)}": folder
            for folder in folders
            for commit in (self._ours, self._theirs, self._base)
        }
        there = self._blobs.many([*specs])
        return sorted({specs[spec] for spec, data in there.items() if data is not None}, key=len, reverse=True)

    def _root(self, each: Difference) -> str | None:
        return self._root_of(each.path)

    def _root_of(self, path: str) -> str | None:
        """The tracker a file lies in; at the repository's top only what looks like a part of one does."""
        for root in self._roots:
            if not root or path.startswith(f"{root}/"):
                inside = path[len(root) + 1 if root else 0 :]
                return root if root or _is_ours(inside) else None
        return None

    def _inside(self, path: str) -> str:
        root = self._root_of(path)
        return path[len(root) + 1 :] if root else path

    def _paired(self, found: Sequence[Difference]) -> Iterator[Difference]:
        """The differences, with removed and new documents paired by id: git pairs them by likeness."""
        split = [half for each in found for half in _halves(each)]
        gone = {each.path: each for each in split if not each.mode}
        new = {each.path: each for each in split if not each.old_blob}
        ids = self._ids([*gone.values(), *new.values()])
        by_id = {identifier: path for path in gone for identifier in ids.get(path, ())}
        pairs = {path: by_id[identifier] for path in new for identifier in ids.get(path, ()) if identifier in by_id}
        known = {*pairs.values()}
        for each in found:
            is_free = each.path != each.old_path and each.path not in pairs and each.old_path not in known
            if is_free and not (ids.get(each.path) and ids.get(each.old_path)):  # ids that differ are two documents
                pairs[each.path] = each.old_path
        for path, old in pairs.items():
            yield new[path]._replace(old_path=old, old_blob=gone[old].old_blob, old_mode=gone[old].old_mode)
        rest = {*gone, *new} - {*pairs, *pairs.values()}
        yield from (each for each in split if each.path in rest or (each.mode and each.old_blob))

    def _ids(self, found: Sequence[Difference]) -> dict[str, tuple[str, ...]]:
        named = {each.path: each.blob or each.old_blob for each in found if each.path.endswith(".md")}
        texts = self._blobs.many([*named.values()])
        return {path: tuple(own_ids(texts[blob] or b""))[:1] for path, blob in named.items()}

    # The tracker's files

    def _documents(self, mine: _Side, yours: _Side) -> None:
        before = {each.old_path: each for side in (mine, yours) for each in side.found if each.old_blob}
        for path, each in sorted(before.items()):
            base = _State(path, each.old_mode, each.old_blob)
            self._one(base, mine.moved.get(path, base), yours.moved.get(path, base), mine, yours)
        for path in sorted({*mine.added, *yours.added}):
            self._new(mine.added.get(path), yours.added.get(path), mine, yours)

    def _one(self, base: _State, ours: _State | None, theirs: _State | None, mine: _Side, yours: _Side) -> None:
        """What becomes of a file of the base."""
        if ours is None or theirs is None:
            self._deleted(base, ours, theirs)
            return
        path = ours.path if theirs.path in (base.path, ours.path) else theirs.path
        if ours.path != base.path and theirs.path not in (base.path, ours.path):
            why = "moved to two places"
            self._tell(Conflict(ours.path, PATH, base.path, ours.path, theirs.path, why))
            path = ours.path
        if path != ours.path and self._is_taken(path, mine, yours):
            self._tell(Conflict(path, PATH, base.path, path, theirs.path, _TAKEN))
            path = ours.path
        data = self._content(path, base, ours, theirs)
        if ours.path != path:
            self._put(ours.path, None)
        self._claim(path, base.path)
        if (path, data) != (ours.path, Content(ours.mode, ours.blob)):
            self._put(path, data)

    def _deleted(self, base: _State, ours: _State | None, theirs: _State | None) -> None:
        kept = ours or theirs
        if kept is None:
            return
        if (kept.mode, kept.blob) == (base.mode, base.blob):
            if ours:
                self._put(ours.path, None)
            return
        words = ("deleted on one side, changed on the other: it is kept", "deleted", "changed")
        told = (words[2], words[1]) if ours else (words[1], words[2])
        self._tell(Conflict(kept.path, PATH, base.path, *told, words[0]))
        if not ours:
            self._put(kept.path, Content(kept.mode, kept.blob))

    def _new(self, ours: _State | None, theirs: _State | None, mine: _Side, yours: _Side) -> None:
        """A file that is on no base; one in a container that the other side moved goes along."""
        if ours and theirs:
            if ours != theirs:
                self._put(ours.path, self._content(ours.path, None, ours, theirs))
            return
        if ours:
            path = _followed(ours.path, yours.folders)
            if path != ours.path:
                self._put(ours.path, None)
                self._arrive(path, ours)
        elif theirs:
            self._arrive(_followed(theirs.path, mine.folders), theirs)

    def _arrive(self, path: str, state: _State) -> None:
        if path in self._taken or (self._changes.get(path) is None and self._is_there(path)):
            self._tell(Conflict(path, PATH, None, self._taken.get(path, path), state.path, _TAKEN))
            return
        self._put(path, Content(state.mode, state.blob))
        self._claim(path, state.path)

    def _is_there(self, path: str) -> bool:
        return path not in self._changes and self._blobs.one(f"{self._ours}:{path}") is not None

    def _is_taken(self, path: str, mine: _Side, yours: _Side) -> bool:
        """Whether ours has a file, and will go on having it, where theirs moved another to."""
        return self._blobs.one(f"{self._ours}:{path}") is not None and not yours.leaves(path)

    def _claim(self, path: str, origin: str) -> None:
        if self._taken.setdefault(path, origin) != origin:
            self._tell(Conflict(path, PATH, None, self._taken[path], origin, _TAKEN))

    def _content(self, path: str, base: _State | None, ours: _State, theirs: _State) -> Content:
        mode = theirs.mode if base and ours.mode == base.mode else ours.mode
        was = base.blob if base else None
        if ours.blob == theirs.blob or theirs.blob == was:
            return Content(mode, ours.blob)
        if ours.blob == was:
            return Content(mode, theirs.blob)
        if {LINK, SUBMODULE} & {ours.mode, theirs.mode}:
            self._tell(Conflict(path, PATH, was, ours.blob, theirs.blob, "a link or a submodule on one side"))
            return Content(ours.mode, ours.blob)
        merged = self._merged(path, was, ours.blob, theirs.blob)
        for each in merged.conflicts:
            self._tell(each._replace(path=path))
        return Content(mode, merged.data)

    def _merged(self, path: str, *blobs: str | None) -> Merged:
        texts = self._blobs.many([blob for blob in blobs if blob])
        base, ours, theirs = (texts[blob] if blob else None for blob in blobs)
        inside = self._inside(path)
        return merge_file(self._repo, inside, base, ours or b"", theirs or b"", labels=self._labels)

    def _put(self, path: str, content: Content | None) -> None:
        """A path that one file leaves and another comes to holds the other."""
        if content is not None or self._changes.get(path) is None:
            self._changes[path] = content

    def _tell(self, conflict: Conflict) -> None:
        self._conflicts.append(conflict)

    # Everything else

    def _others(self, ours: Sequence[Difference], theirs: Sequence[Difference]) -> None:
        """Files outside of the trackers: where both sides have such, git merges them."""
        if not theirs:
            return
        if not ours:
            self._take(theirs)
            return
        found = joins.by_git(self._repo, self._ours, self._theirs)
        if found is None:
            both = sorted({each.path for each in ours} & {each.path for each in theirs})
            for path in both:
                why = "changed on both sides, and this git is too old to merge it in memory (2.38 can)"
                self._tell(Conflict(path, "", None, None, None, why))
            self._take(each for each in theirs if each.path not in both)
            return
        changed = trees.between(self._repo, self._ours, found.tree)
        self._take(each for each in changed if self._root(each) is None)
        for path in sorted(found.unmerged):
            if self._root_of(path) is None:
                self._tell(Conflict(path, "", None, None, None, "git cannot merge it"))

    def _take(self, found: Iterable[Difference]) -> None:
        for each in found:
            if each.old_path != each.path:
                self._put(each.old_path, None)
            self._put(each.path, Content(each.mode, each.blob) if each.mode else None)


def _halves(each: Difference) -> list[Difference]:
    """A rename as what went and what came."""
    if each.path == each.old_path:
        return [each]
    gone = Difference(each.old_path, "", "", each.old_path, each.old_blob, each.old_mode)
    return [gone, Difference(each.path, each.mode, each.blob, each.path, "", "")]


def _followed(path: str, folders: Mapping[str, str]) -> str:
    """Where a new file goes whose container was moved."""
    for folder in folders_above(path):
        if folder in folders:
            return folders[folder] + path[len(folder) :]
    return path


def _is_ours(path: str) -> bool:
    """Whether a file belongs to a tracker at the repository's top: there others lie beside it."""
    reserved = path.split("/")[0] in (layout.ATTACHMENTS, layout.TEMPLATES)
    return reserved or layout.type_of(path) is not None or path == CONFIG_NAME


__all__ = ["Joined", "commit_join", "join"]
