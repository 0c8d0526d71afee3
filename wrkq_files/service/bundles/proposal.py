"""What a branch proposes: what it has otherwise than the base, document by document."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.files import documents
from wrkq_files.git import branches, log
from wrkq_files.git.batch import Blobs
from wrkq_files.git.branches import Branch
from wrkq_files.git.log import Logged
from wrkq_files.model import layout
from wrkq_files.model.document import Document, in_order
from wrkq_files.model.events import LAYOUT, Event
from wrkq_files.model.fields import DocType
from wrkq_files.model.phrases import address
from wrkq_files.service import comparing
from wrkq_files.service.base import Base
from wrkq_files.service.bundles import keeping, names, sides
from wrkq_files.service.tracker import Tracker

_FEATURE: Final = "feature"
#: What became of a document, by the last part of its events' types, the weightiest first.
_WEIGHTY: Final = ("deleted", "created", "restored", "archived", "landed", "withdrawn", "moved")
_REACHED: Final = ("completed", "cancelled")


class Bundle(NamedTuple):
    """A branch beside the base. ``forks``: the commits in which both began, several after a criss-cross merge;
    none where they have nothing in common. ``ahead`` and ``behind`` count commits.
    """

    name: str
    branch: Branch
    base: Base
    forks: tuple[str, ...]
    ahead: int
    behind: int

    @property
    def fork(self) -> str:
        """Raises WrkqError ``refused`` where there is none."""
        if not self.forks:
            message = f"{self.branch.name} and {self.base.name} have no commit in common"
            hint = "git merge --allow-unrelated-histories joins them by hand"
            raise WrkqError("refused", message, hint=hint)
        return self.forks[0]


class Said(NamedTuple):
    """A comment that the branch brings; ``author`` as its file says, empty where it does not.

    ``verdict`` and ``gate``: of a review, empty where it says none.
    """

    id: str
    author: str
    kind: str
    text: str
    verdict: str = ""
    gate: str = ""

    @property
    def words(self) -> str:
        """What kind of comment it is; empty for the usual one."""
        if self.verdict:
            return f"review{f' at {self.gate}' if self.gate else ''}: {self.verdict}"
        return "" if self.kind == "comment" else self.kind


class Item(NamedTuple):
    """What becomes of one document. ``what``: created, completed, cancelled, archived, restored, moved, deleted,
    changed, or commented, whichever weighs most. ``path`` is its address; of the settings, the file. ``events`` are
    its own, without what a file that is new or gone holds; ``comments`` are new.
    """

    id: str
    type: DocType | None
    title: str
    path: str
    what: str
    events: tuple[Event, ...]
    comments: tuple[Said, ...]


class Group(NamedTuple):
    """The documents of one feature (or of the container that they are in), by address; an empty ``path`` is none."""

    title: str
    path: str
    items: tuple[Item, ...]


class Proposal(NamedTuple):
    """``commits``: those that the base does not have, oldest first; ``groups`` by address; ``feature``: the title of
    the one that the bundle was started for, empty for none.
    """

    bundle: Bundle
    commits: tuple[Logged, ...]
    groups: tuple[Group, ...]
    feature: str = ""

    @property
    def items(self) -> Iterator[Item]:
        return (item for group in self.groups for item in group.items)


def bundle(tracker: Tracker, name: str | None = None) -> Bundle:
    """A bundle, or any branch, by its name; without one, that which this worktree works on.

    Raises WrkqError ``not_found`` (naming the bundles there are), ``usage``, and for the base itself ``refused``.
    """
    base = sides.required_base(tracker)
    branch = names.required(tracker.repo, name or sides.here(tracker))
    if branch.name == base.name:
        hint = "wrkq bundle ls lists what does"
        raise WrkqError("refused", f"{base.name} is the base: it proposes nothing", hint=hint)
    return beside(tracker, branch, base)


def beside(tracker: Tracker, branch: Branch, base: Base) -> Bundle:
    """Where a branch stands beside the base."""
    forks = branches.merge_bases(tracker.repo, base.tip, branch.tip)
    ahead, behind = branches.ahead_behind(tracker.repo, branch.tip, base.tip)
    return Bundle(names.short(branch.name), branch, base, tuple(forks), ahead, behind)


def difference(tracker: Tracker, found: Bundle, *, unified: bool = False) -> comparing.Difference:
    """What the branch has otherwise than the commit in which it left the base."""
    return comparing.diff(tracker, [f"{found.fork}..{found.branch.tip}"], unified=unified)


def propose(tracker: Tracker, found: Bundle) -> Proposal:
    """What the branch would bring to the base. Raises WrkqError ``refused`` where they have nothing in common."""
    events = difference(tracker, found).events
    commits = log.commits(tracker.repo, [found.branch.tip], [found.base.tip])
    with Blobs(tracker.repo) as blobs:
        groups = tuple(_Reader(tracker, found, blobs).groups(events))
    return Proposal(found, tuple(commits), groups, _feature(tracker, found))


def _feature(tracker: Tracker, found: Bundle) -> str:
    identifier = keeping.feature_of(tracker, found.branch.name)
    tracker.index.refresh()
    return next((entry.title for entry in tracker.index.by_id(identifier or "")), "")


class _Reader:
    """Reads the documents that events are about, as the branch has them; what is gone, as the base had it."""

    def __init__(self, tracker: Tracker, found: Bundle, blobs: Blobs) -> None:
        self._tracker, self._bundle, self._blobs = tracker, found, blobs
        self._containers: dict[str, Document | None] = {"": None}

    def groups(self, events: Iterable[Event]) -> Iterator[Group]:
        by_document: dict[str, list[Event]] = {}
        for event in events:
            by_document.setdefault(comparing.about(event) or event.path, []).append(event)
        named = {blob for some in by_document.values() for each in some for blob in (each.blob, each.old_blob)}
        self._texts = self._blobs.many([*named - {""}])
        items = [self._item(name, some) for name, some in by_document.items()]
        self._read_containers(items)
        grouped: dict[str, list[Item]] = {}
        for item in sorted(items, key=lambda each: in_order(each.path)):
            grouped.setdefault(self._place(item), []).append(item)
        for place in sorted(grouped, key=lambda each: (each == "", in_order(each))):
            above = self._containers.get(place)
            yield Group(above.title if above else place, place, tuple(grouped[place]))

    def _item(self, name: str, events: Sequence[Event]) -> Item:
        own = [each for each in events if not each.path.startswith((layout.COMMENTS, layout.ATTACHMENTS))]
        new = [each for each in events if each.type == "comment.created"]
        rest = [each for each in events if each not in new]
        document = self._document(own[-1]) if own else None
        if document:
            kind: DocType | None = document.type
            title, path = document.title, address(document.path)
        elif own:
            kind, path = layout.type_of(own[-1].path), address(own[-1].path)
            title = path
        else:
            kind, title, path = self._known(name)
        comments = tuple(said for said in map(self._said, new) if said)
        return Item(name, kind, title, path, _what(own, rest), tuple(rest), comments)

    def _known(self, name: str) -> tuple[DocType | None, str, str]:
        """A document of which nothing but a comment or an attachment changed: as the working files have it."""
        self._tracker.index.refresh()
        found = self._tracker.index.by_id(name)
        return (found[0].type, found[0].title, found[0].address) if found else (None, name, "")

    def _said(self, event: Event) -> Said | None:
        document = self._document(event)
        if document is None:
            return None
        author = document.get("author") or ""
        verdict, gate = (str(document.get(name) or "") for name in ("verdict", "gate"))
        return Said(event.id, str(author), document.kind, document.body.strip(), verdict, gate)

    def _document(self, event: Event) -> Document | None:
        """A document as it is after an event; where it is gone or cannot be read, as it was."""
        kind = layout.type_of(event.path)
        for blob in (event.blob, event.old_blob) if kind else ():
            data = self._texts.get(blob)
            found = documents.parse(data, kind, event.path, kinds=None).document if data and kind else None
            if found is not None:
                return found
        return None

    # The features above

    def _read_containers(self, items: Iterable[Item]) -> None:
        folders = {folder for item in items for folder in _around(item)}
        for commit in (self._bundle.branch.tip, self._bundle.fork):
            missing = [each for each in folders if each not in self._containers]
            names = {
                self._tracker.repository_path(posixpath.join(each, layout.CONTAINER_NAME)): each for each in missing
            }
            texts = self._blobs.many([f"{commit}:{name}" for name in names])
            for name, folder in names.items():
                if data := texts[f"{commit}:{name}"]:
                    path = layout.document_path(DocType.CONTAINER, folder)
                    parsed = documents.parse(data, DocType.CONTAINER, path, kinds=None)
                    self._containers[folder] = parsed.document

    def _place(self, item: Item) -> str:
        """The address of the nearest feature, else of the nearest container that says what it is."""
        known = [(folder, each) for folder in _around(item) if (each := self._containers.get(folder))]
        features = [folder for folder, each in known if each.kind == _FEATURE]
        return (features or [folder for folder, _ in known] or [""])[0]


def _around(item: Item) -> list[str]:
    """The folders that an item is, or lies in, the innermost first."""
    if item.type not in (DocType.TASK, DocType.CONTAINER):
        return []
    own = [item.path] if item.type is DocType.CONTAINER and item.path != "." else []
    return [*own, *layout.folders_above(item.path)]


def _what(own: Sequence[Event], rest: Sequence[Event]) -> str:
    """What became of a document: see :class:`Item`."""
    names = [each.type.partition(".")[2] for each in own]
    weighty = [each for each in _WEIGHTY if each in names]
    if weighty and weighty[0] != "moved":
        return weighty[0]
    state = next((each.new for each in own if each.field == "state" and each.type == "task.updated"), None)
    if state in _REACHED:
        return str(state)
    return weighty[0] if weighty else "changed" if rest else "commented"


def fields(item: Item) -> Iterator[tuple[str, Any, Any]]:
    """The fields of a document that is on both sides, which have other values: name, from, to."""
    for event in item.events:
        _, _, what = event.type.partition(".")
        is_field = event.field and event.field != LAYOUT and not event.type.startswith(("item.", "attachment."))
        if what == "moved":
            yield "path", address(str(event.old)), address(str(event.new))
        elif what.startswith("created") or what in ("deleted", "landed") or (what == "restored" and not event.field):
            continue
        elif is_field and not event.type.startswith(("comment.", "file.")):
            yield event.field, event.old, event.new


def boxes(item: Item) -> Iterator[tuple[str, str]]:
    """The checkboxes that were ticked, crossed out, opened, added or removed: how, and their texts."""
    for event in item.events:
        kind, _, what = event.type.partition(".")
        if kind == "item":
            yield what, event.field


def counts(groups: Sequence[Group]) -> Mapping[str, int]:
    """How many tasks are created, completed, and so on."""
    found: dict[str, int] = {}
    for group in groups:
        for item in group.items:
            if item.type is DocType.TASK:
                found[item.what] = found.get(item.what, 0) + 1
    return found
