"""What happened between two versions of the same document, and which of many documents are the same one."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from wrkq_files.model.document import Document
from wrkq_files.model.events import BODY, LAYOUT, RELATIONS, Event
from wrkq_files.model.fields import CLOSED_STATES, DEFAULTS, DocType
from wrkq_files.model.items import Item, find_items
from wrkq_files.model.layout import CONTAINER_NAME
from wrkq_files.model.values import same

#: Lines on both sides, multiplied, up to which they are aligned; beyond, they are counted without regard to order.
_ALIGNED: Final = 40_000
_DONE: Final = {"done": "item.checked", "dropped": "item.dropped", "open": "item.unchecked"}


class Version(NamedTuple):
    """A document at one moment: its id (derived where the file has none), and git's id of its bytes."""

    id: str
    document: Document
    blob: str

    @property
    def path(self) -> str:
        return self.document.path

    @property
    def closer(self) -> str:
        """Whose closed task this is; empty where it is none."""
        is_closed = self.document.type is DocType.TASK and self.document.state in CLOSED_STATES
        return str(self.document.get("assignee", "")) if is_closed else ""

    def create(self) -> Event:
        event = Event(f"{self.document.type.value}.created", self.id, self.path, "", None, facts(self), self.blob)
        return event._replace(assignee=self.closer)

    def delete(self) -> Event:
        name = f"{self.document.type.value}.deleted"
        return Event(name, self.id, self.path, "", facts(self), None, "", self.blob)


class Pair(NamedTuple):
    """One document on both sides of a change; None where it is not there."""

    before: Version | None
    after: Version | None


def facts(version: Version) -> dict[str, Any]:
    """A document's fields as JSON has them."""
    return {name: _json(value) for name, value in version.document.fields.items()}


def match(before: Iterable[Version], after: Iterable[Version], renamed: Mapping[str, str]) -> list[Pair]:
    """Which document is which: by the id in the file, by the path, by ``renamed`` (new paths to old ones).

    Two files with one id are told apart by their paths.
    """
    old = {each.path: each for each in before}
    new = {each.path: each for each in after}
    partner: dict[str, str] = {path: path for path in new if path in old and _alike(old[path], new[path])}
    by_id: dict[str, list[str]] = {}
    taken = set(partner.values())
    for path, version in old.items():
        if path not in taken:
            by_id.setdefault(version.id, []).append(path)
    for path, version in new.items():
        if path not in partner and (paths := by_id.get(version.id)):
            partner[path] = paths.pop(0)
    taken = set(partner.values())
    for path, origin in renamed.items():
        if path in new and path not in partner and origin in old and origin not in taken:
            partner[path] = origin
            taken.add(origin)
    gone = [Pair(version, None) for path, version in old.items() if path not in taken]
    return gone + [Pair(old.get(partner.get(path, "")), version) for path, version in new.items()]


def _alike(old: Version, new: Version) -> bool:
    """Whether the file of one path is one document: another id makes it another, unless somebody wrote or lost it."""
    ours, theirs = old.document.id, new.document.id
    return ours == theirs or ours is None or theirs is None


def changes(pair: Pair) -> Iterator[Event]:
    """The events between two versions; moves are left to :func:`moves`."""
    before, after = pair
    if before is None or after is None:
        yield from [after.create()] if after else [before.delete()] if before else []
        return
    if before.blob == after.blob:
        return
    found = [*_fields(before, after), *_body(before, after)]
    if not found and before.path == after.path:
        found = [_event("updated", before, after, LAYOUT)]
    yield from found


def moves(pairs: Iterable[Pair], alone: Iterable[str] = (), folders: Mapping[str, str] | None = None) -> list[Event]:
    """One event for each document that moved, and one for a container with all that moved along.

    ``alone``: paths of containers' documents (as they were) of which it is known that the rest stayed. ``folders``:
    containers without a document that moved, old addresses to new ones.
    """
    moved = [(before, after) for before, after in pairs if before and after and before.path != after.path]
    containers = {f"{old}/": f"{new}/" for old, new in (folders or {}).items()} | {
        before.path.removesuffix(CONTAINER_NAME): after.path.removesuffix(CONTAINER_NAME)
        for before, after in moved
        if _is_container(before) and _is_container(after) and before.path not in {*alone, CONTAINER_NAME}
    }
    found = [
        Event(
            "container.moved", "", f"{new}/{CONTAINER_NAME}", "", f"{old}/{CONTAINER_NAME}", f"{new}/{CONTAINER_NAME}"
        )
        for old, new in (folders or {}).items()
    ]
    for before, after in moved:
        folder = before.path.removesuffix(CONTAINER_NAME) if _is_container(before) else ""
        if not _carried(before.path, after.path, containers, but=folder):
            field = "document" if _is_container(before) and folder not in containers else ""
            found.append(_event("moved", before, after, field)._replace(old=before.path, new=after.path))
    return found


def folder_moves(pairs: Iterable[Pair]) -> dict[str, str]:
    """Folders below which several documents moved in the same way, and nothing else did: old addresses to new ones.

    Whether nothing stayed behind, the caller has to find out.
    """
    found: dict[tuple[str, str], int] = {}
    for before, after in pairs:
        if before and after and before.path != after.path:
            old, new = before.path.split("/"), after.path.split("/")
            while old and new and old[-1] == new[-1]:
                old.pop()
                new.pop()
            if old and new and before.path != "/".join(old):
                place = ("/".join(old), "/".join(new))
                found[place] = found.get(place, 0) + 1
    return {old: new for (old, new), count in found.items() if count > 1}


def _carried(old: str, new: str, containers: Mapping[str, str], but: str) -> bool:
    """Whether a path is what the innermost moved container above it makes of the old one."""
    folder = old
    while folder := folder.rstrip("/").rpartition("/")[0]:
        name = f"{folder}/"
        if name != but and name in containers:
            return new == containers[name] + old.removeprefix(name)
    return False


def _is_container(version: Version) -> bool:
    return version.document.type is DocType.CONTAINER


def _event(what: str, before: Version, after: Version, field: str = "", old: Any = None, new: Any = None) -> Event:
    name = f"{after.document.type.value}.{what}" if "." not in what else what
    return Event(name, after.id, after.path, field, _json(old), _json(new), after.blob, before.blob)


def _fields(before: Version, after: Version) -> Iterator[Event]:
    old, new = before.document.fields, after.document.fields
    for name in dict.fromkeys([*old, *new]):
        one, other = old.get(name), new.get(name)
        if same(one, other) or (name == "id" and one is not None and other is not None):
            continue
        if name in RELATIONS and after.document.type is DocType.TASK:
            yield from _relations(before, after, name, one, other)
        else:
            what = _kind_of(after, name, one, other)
            event = _event(what, before, after, name, *(_said(after, name, value) for value in (one, other)))
            yield event._replace(assignee=after.closer) if name == "state" else event


def _said(version: Version, name: str, value: Any) -> Any:
    """A value, the default where the file says none."""
    return DEFAULTS.get((version.document.type, name)) if value is None else value


def _kind_of(after: Version, name: str, old: Any, new: Any) -> str:
    """Which type of event a field's change is."""
    kind = after.document.type
    if name == "archived" and kind in (DocType.TASK, DocType.CONTAINER) and (old is None or new is None):
        return "restored" if new is None else "archived"
    if name == "section" and kind is DocType.CONTAINER:
        return "feature.section_changed"
    if name == "deleted" and kind is DocType.COMMENT and old is None:
        return "withdrawn"
    return "updated"


def _relations(before: Version, after: Version, name: str, old: Any, new: Any) -> Iterator[Event]:
    was, now = _several(old), _several(new)
    for other in was:
        if other not in now:
            yield _event("relation.removed", before, after, name, old=other)
    for other in now:
        if other not in was:
            yield _event("relation.added", before, after, name, new=other)
    if sorted(was) == sorted(now):  # only their order
        yield _event("updated", before, after, name, old, new)


def _several(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, (list, tuple)) else [value]


# The body


def _body(before: Version, after: Version) -> Iterator[Event]:
    old, new = before.document.body, after.document.body
    if old == new:
        return
    was, now = find_items(old), find_items(new)
    if [each.text for each in was] == [each.text for each in now]:
        pairs = list(zip(was, now, strict=True))
        yield from _marks(before, after, pairs)
        if marked(old, {one.number: other.mark for one, other in pairs if one.state != other.state}) == new:
            return
    else:
        yield from _items(before, after, was, now)
    added, removed = line_counts(old, new)
    yield _event("updated", before, after, BODY, None, {"added": added, "removed": removed})


def marked(body: str, marks: Mapping[int, str]) -> str:
    """The body with other marks in some of its checkboxes, by their numbers."""
    lines = body.split("\n")
    for item in find_items(body):
        if item.number in marks:
            line = lines[item.line]
            lines[item.line] = line[: item.column] + marks[item.number] + line[item.column + 1 :]
    return "\n".join(lines)


def _marks(before: Version, after: Version, pairs: Iterable[tuple[Item, Item]]) -> Iterator[Event]:
    for one, other in pairs:
        if one.state != other.state:
            yield _event(_DONE[other.state], before, after, other.text, _mark(one), _mark(other))


def _items(before: Version, after: Version, was: list[Item], now: list[Item]) -> Iterator[Event]:
    """By their texts; of several with one text, the first with the first."""
    left: dict[str, deque[Item]] = {}
    for item in was:
        left.setdefault(item.text, deque()).append(item)
    pairs, fresh = [], []
    for item in now:
        if left.get(item.text):
            pairs.append((left[item.text].popleft(), item))
        else:
            fresh.append(item)
    yield from _marks(before, after, pairs)
    for item in sorted((item for items in left.values() for item in items), key=lambda item: item.number):
        yield _event("item.removed", before, after, item.text, old=_mark(item))
    for item in fresh:
        yield _event("item.added", before, after, item.text, new=_mark(item))


def _mark(item: Item) -> dict[str, Any]:
    return {"number": item.number, "mark": item.mark}


def line_counts(old: str, new: str) -> tuple[int, int]:
    """How many lines were added and removed."""
    was, now = old.splitlines(), new.splitlines()
    start = 0
    while start < min(len(was), len(now)) and was[start] == now[start]:
        start += 1
    end = 0
    while end < min(len(was), len(now)) - start and was[-1 - end] == now[-1 - end]:
        end += 1
    was, now = was[start : len(was) - end], now[start : len(now) - end]
    if not was or not now:
        return len(now), len(was)
    if len(was) * len(now) > _ALIGNED:  # aligning takes time by the square of their number
        one, other = Counter(was), Counter(now)
        return (other - one).total(), (one - other).total()
    from difflib import SequenceMatcher  # most changes only add lines

    kept = sum(size for _, _, size in SequenceMatcher(None, was, now, autojunk=False).get_matching_blocks())
    return len(now) - kept, len(was) - kept


def _json(value: Any) -> Any:
    """A field's value as JSON has it."""
    return list(value) if isinstance(value, tuple) else value
