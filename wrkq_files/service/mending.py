"""Mending what has one right answer, and nothing else: every other byte stays as it was written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final

from wrkq_files.errors import WrkqError
from wrkq_files.files import edits, legacy
from wrkq_files.index.entry import Entry
from wrkq_files.model import layout, slugs
from wrkq_files.model.fields import DocType
from wrkq_files.model.finding import Finding
from wrkq_files.service import checking
from wrkq_files.service.change import Change, FileEdit, Options, Written
from wrkq_files.service.publish import carry_out
from wrkq_files.service.tracker import Tracker
from wrkq_files.service.update import with_id

Apply = Callable[[bytes], bytes]
#: The rules whose findings are mended; of ``unknown-key`` only those that an earlier format knew.
MENDED: Final = frozenset(
    {"missing-id", "unsorted-set", "misplaced-comment", "irregular-name", "derived-field", "unknown-key"}
)


def mend(tracker: Tracker, targets: Sequence[str] = (), *, dry_run: bool = False) -> Written:
    """Writes missing ids, sorts sets, takes out what is derived, gives legacy keys their names; moves misplaced
    comments and irregular names. The working files change, and nothing is committed or staged.

    Raises ``not_found`` for a target that does not exist.
    """

    def plan() -> Change:
        found: dict[str, set[str]] = defaultdict(set)
        for each in checking.check(tracker, targets):
            if _is_mended(each.finding):
                found[each.finding.path].add(each.finding.rule)
        entries = {path: entry for path in found if (entry := tracker.index.entry(path))}
        names, notes = _new_names(tracker, found, entries)
        changes = [_edit(entries[path], found[path], names.get(path, path)) for path in sorted(entries)]
        wanted = [edit for edit in changes if _does_something(tracker, edit)]
        subject = f"mend {len(wanted)} file{'s' if len(wanted) != 1 else ''}"
        return Change("check --fix", (), subject, tuple(wanted), notes=tuple(notes), data={"moved": names})

    return carry_out(tracker, plan, Options(commit=False, dry_run=dry_run))


def names_now(written: Written, targets: Sequence[str]) -> list[str]:
    """Targets as they are called after mending: a file that was renamed is named by its new name."""
    moved: dict[str, str] = dict(written.data.get("moved", {}))
    return [moved.get(target, moved.get(f"{target}.md", target)) for target in targets]


def _is_mended(finding: Finding) -> bool:
    return finding.rule in MENDED and (finding.rule != "unknown-key" or _is_legacy(finding))


def _is_legacy(finding: Finding) -> bool:
    """Whether the finding is about a key of an earlier format."""
    return any(finding.message.startswith(f"`{key}` ") for key in legacy.RENAMED_0)


def _edit(entry: Entry, rules: Collection[str], to: str) -> FileEdit:
    todo: list[Apply] = []
    if "missing-id" in rules or (to != entry.path and entry.id_source in ("derived", "provisional")):
        todo.append(with_id(entry))  # before the file moves: the id is derived from where it was first
    if {"derived-field", "unknown-key"} & {*rules}:
        todo.append(lambda data: legacy.document_0(data, entry.type))
    if "unsorted-set" in rules:
        todo.append(lambda data: edits.sort_sets(data, entry.type))
    return FileEdit.move(entry.path, to, lambda data: _all(todo, data), {"format"})


def _all(todo: Iterable[Apply], data: bytes) -> bytes:
    for apply in todo:
        data = apply(data)
    return data


def _does_something(tracker: Tracker, edit: FileEdit) -> bool:
    if edit.path != edit.to or edit.path is None:
        return True
    data = tracker.read(edit.path) or b""
    try:
        return edit.apply(data) != data
    except WrkqError:  # a value that cannot be written without touching more
        return False


def _new_names(
    tracker: Tracker, found: Mapping[str, Collection[str]], entries: Mapping[str, Entry]
) -> tuple[dict[str, str], list[str]]:
    """Where files go, by where they are; and words about those that cannot."""
    names: dict[str, str] = {}
    notes: list[str] = []
    for path in sorted(entries):
        to = _new_name(entries[path], found[path])
        if to is None:
            continue
        if to in names.values() or (tracker.root / to).exists():
            notes.append(f"{path} stays: there is a {to} already")
        else:
            names[path] = to
    return names, notes


def _new_name(entry: Entry, rules: Collection[str]) -> str | None:
    folder, _, name = entry.path.rpartition("/")
    if "misplaced-comment" in rules and entry.on:
        return f"{layout.comment_folder(entry.on)}/{name}"
    if "irregular-name" in rules and entry.type is DocType.TASK:
        slug = slugs.from_title(entry.slug)
        return f"{folder}/{slug}.md" if folder else f"{slug}.md"
    return None
