"""Settling conflicts in the working file: one side's lines in the place of a region, or a value; then telling git."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from wrkq_files.errors import WrkqError
from wrkq_files.files import documents, edits
from wrkq_files.git import lock, unmerged
from wrkq_files.git import write as git_write
from wrkq_files.git.write import UNCHANGED, FileWrite
from wrkq_files.merge import markers
from wrkq_files.merge.markers import Marked
from wrkq_files.merge.strategies import group
from wrkq_files.merge.weave import BODY
from wrkq_files.model import ids
from wrkq_files.model.document import address_of
from wrkq_files.model.fields import DocType, field_named
from wrkq_files.model.layout import CONTAINER_NAME
from wrkq_files.service import assign, conflicts, refusals, resolve
from wrkq_files.service.change import Written
from wrkq_files.service.conflicts import Contested, State
from wrkq_files.service.health import typed
from wrkq_files.service.publish import LOCK_SECONDS
from wrkq_files.service.tracker import Tracker

OURS: Final = "ours"
THEIRS: Final = "theirs"
_BY_HAND: Final = "take a side first (--ours, --theirs), or edit the file by hand"
_SEE: Final = "wrkq conflicts shows what is open"
#: What finishes what git is in the middle of, once nothing is in conflict.
_FINISH: Final = {
    "merge": "git commit",
    "rebase": "git rebase --continue",
    "cherry-pick": "git cherry-pick --continue",
    "revert": "git revert --continue",
}
#: What git does not go on with where nothing is left of the commit.
_NEVER_EMPTY: Final = ("cherry-pick", "revert")


class Choice(NamedTuple):
    """What is asked for: a side's lines (``ours``, ``theirs``), or a value; ``field``: of this one alone."""

    side: str | None
    value: str | None = None
    field: str | None = None


class _Settled(NamedTuple):
    """What becomes of the file (``data`` None: it goes), and how many of its conflicts stay open."""

    data: bytes | None
    left: int
    said: str


def side(*, ours: bool, theirs: bool) -> str | None:
    """The side that two switches name. Raises ``usage`` for both."""
    if ours and theirs:
        raise WrkqError("usage", "--ours and --theirs contradict each other", hint="choose one")
    return OURS if ours else THEIRS if theirs else None


def settle(tracker: Tracker, target: str, choice: Choice, *, dry_run: bool = False) -> Written:
    """Settles the conflicts of one file, or one of them; the last one also settles it for git.

    Raises WrkqError ``invalid_state`` where nothing of the kind is in conflict, ``refused`` where it needs a hand,
    ``unreadable`` for what would come out, ``not_found``, ``usage``, ``validation``.
    """
    _check_choice(choice)
    if dry_run:
        now = conflicts.state(tracker)
        found = _find(tracker, now, target)
        return _written(tracker, now, found, _decide(tracker, found, choice), status="dry-run")
    with lock.worktree_lock(tracker.repo, timeout=LOCK_SECONDS):
        git_write.recover(tracker.repo)
        now = conflicts.state(tracker)
        found = _find(tracker, now, target)
        settled = _decide(tracker, found, choice)
        _write(tracker, found, settled)
        return _written(tracker, now, found, settled, status="written")


def _check_choice(choice: Choice) -> None:
    if (choice.side is None) == (choice.value is None):
        message = "which side is it to be?" if choice.side is None else "a side and a value contradict each other"
        raise WrkqError("usage", message, hint="one of --ours, --theirs, --value V")
    if choice.value is not None and not choice.field:
        raise WrkqError("usage", "a value of which field?", hint="--field F --value V")


# Which file


def _find(tracker: Tracker, now: State, target: str) -> Contested:
    """The file in conflict that is meant: by its path or address, or the id that its text shows."""
    names = {name for text in (resolve.relative(tracker, target), target.strip("/")) if text for name in _files(text)}
    found = [each for each in now.contested if each.path in names] or _by_id(now, target)
    if len(found) > 1:
        listed = ", ".join(each.path for each in found)
        raise WrkqError("ambiguous", f"`{target}` could be any of {listed}", hint="name one by its path")
    if found:
        return found[0]
    if not now.contested:
        raise WrkqError("invalid_state", "nothing is in conflict in this worktree", hint="wrkq status shows it")
    entry = resolve.one(tracker, target, resolve.EVERY)
    raise WrkqError("invalid_state", f"nothing is in conflict in {entry.path}", hint=_SEE)


def _files(text: str) -> tuple[str, ...]:
    return (text, f"{text}.md", f"{text}/{CONTAINER_NAME}")


def _by_id(now: State, target: str) -> list[Contested]:
    prefix = ids.parse_prefix(target)
    if prefix is None:
        return []
    return [each for each in now.contested if each.id and _fits(each.id, *prefix)]


def _fits(identifier: str, letter: str | None, rest: str) -> bool:
    mine, _, bits = identifier.partition("-")
    return (not letter or letter == mine) and bits.startswith(rest)


# What becomes of it


def _decide(tracker: Tracker, found: Contested, choice: Choice) -> _Settled:
    if not found.is_plain:
        name = _typed(tracker, found)
        hint = f"git checkout --ours {name}, or --theirs; then: git add {name}"
        raise WrkqError("refused", f"{found.path}: a symbolic link or a submodule", hint=hint)
    if found.marked:
        return _regions(tracker, found, choice)
    if choice.field or choice.side is None:
        message = f"{found.path}: it is the file as a whole that is in conflict"
        raise WrkqError("invalid_state", message, hint=f"wrkq resolve {_typed(tracker, found)} --ours, or --theirs")
    return _whole(tracker, found, choice.side)


def _whole(tracker: Tracker, found: Contested, side: str) -> _Settled:
    """The one side's file, or none, where that side has none."""
    data = found.texts.ours if side == OURS else found.texts.theirs
    if found.is_whole and data is not None and found.work is not None:
        data = found.work  # edited since, or not: it is the side's that is left
    elif not conflicts.is_untouched(found):
        message = f"{found.path} has been edited since git left it"
        raise WrkqError("refused", message, hint=f"if it is as it should be: git add {_typed(tracker, found)}")
    return _Settled(data, 0, f"{side}: {'deleted' if data is None else 'kept'}")


def _typed(tracker: Tracker, found: Contested) -> str:
    return typed(tracker, tracker.repository_path(found.path))


def _regions(tracker: Tracker, found: Contested, choice: Choice) -> _Settled:
    text = (found.work or b"").decode("utf-8", "surrogateescape")
    wanted = [each for each in found.marked if choice.field is None or _is_about(found, each, choice.field)]
    if not wanted:
        there = ", ".join(dict.fromkeys(_named(each) for each in found.marked))
        message = f"{found.path}: {choice.field} is not in conflict"
        raise WrkqError("invalid_state", message, hint=f"in conflict: {there}")
    if choice.value is not None and len(wanted) > 1:
        raise WrkqError(
            "refused", f"{found.path}: {choice.field} is in conflict in {len(wanted)} places", hint=_BY_HAND
        )
    chosen = [(each.region, _lines(tracker, found, each, choice)) for each in wanted]
    data = markers.without(text, chosen).encode("utf-8", "surrogateescape")
    left = len(found.marked) - len(wanted)
    if not left:
        _check_readable(found, data)
    what = ", ".join(dict.fromkeys(_named(each) for each in wanted))
    return _Settled(data, left, f"{what}: {choice.side or choice.value}")


def _named(marked: Marked) -> str:
    return ", ".join(marked.fields) or "the whole file"


def _is_about(found: Contested, marked: Marked, name: str) -> bool:
    """Raises ``refused`` for a region that is about other fields as well: nobody has decided these."""
    wanted = name
    if found.kind is not None and name != BODY:
        field = field_named(found.kind, name)
        wanted = group(found.kind, field.name if field else name)
    if wanted in marked.fields and len(marked.fields) > 1:
        message = f"{found.path}: {name} is in conflict together with {', '.join(marked.fields)}: lines side by side"
        raise WrkqError("refused", message, hint="decide them together, without --field; then: wrkq set")
    return wanted in marked.fields


def _lines(tracker: Tracker, found: Contested, marked: Marked, choice: Choice) -> str:
    """What is to stand in the place of a region."""
    if len(marked.region.splits) > 1:
        message = f"{found.path}: a line of the text looks like a marker, so the sides cannot be told apart"
        raise WrkqError("refused", message, hint="edit the file by hand, then: git add")
    ours, theirs = marked.region.sides
    if choice.value is None:
        return ours if choice.side == OURS else theirs
    if marked.fields == (BODY,):
        return choice.value if choice.value.endswith("\n") or not choice.value else choice.value + "\n"
    if found.kind is None or choice.field is None:
        raise WrkqError("refused", f"{found.path}: a value cannot be put there", hint=_BY_HAND)
    return _with_value(tracker, found.kind, ours or theirs, choice.field, choice.value)


def _with_value(tracker: Tracker, kind: DocType, lines: str, name: str, text: str) -> str:
    """A side's lines with another value of the field."""
    field, value = assign.typed(tracker, kind, name, text)
    end = "\r\n" if "\r\n" in lines else "\n"
    framed = f"---{end}{lines}---{end}".encode("utf-8", "surrogateescape")
    if documents.parse(framed, kind, "", kinds=None).document is None:
        raise WrkqError("refused", f"{name}: only a part of its lines is in conflict", hint=_BY_HAND)
    new = edits.set_fields(framed, kind, {field: value}).decode("utf-8", "surrogateescape")
    return new[len(f"---{end}") : -len(f"---{end}")]


def _check_readable(found: Contested, data: bytes) -> None:
    if found.kind is None:
        return
    parsed = documents.parse(data, found.kind, found.path, kinds=None)
    if parsed.document is None:
        raise refusals.unreadable(parsed.findings)


# Writing, and telling git


def _write(tracker: Tracker, found: Contested, settled: _Settled) -> None:
    name = tracker.repository_path(found.path)
    if settled.data != found.work:
        version = next((each for each in (found.stages or ())[1:] if each), None) if found.stages else None
        mode = version.mode if version else "100644"
        write = FileWrite(name, UNCHANGED, UNCHANGED, settled.data, mode=mode, work_old=found.work)
        git_write.write_files(tracker.repo, [write])
    if found.stages and not settled.left:
        unmerged.add(tracker.repo, name)


def _written(tracker: Tracker, now: State, found: Contested, settled: _Settled, *, status: str) -> Written:
    others = [each for each in now.contested if each.path != found.path]
    left = conflicts.count(others) + settled.left
    is_staged = found.stages is not None and not settled.left
    finish = _finish(tracker, now, left)
    name = tracker.repository_path(found.path)
    said = f"{found.path.removesuffix('.md')}: {settled.said}{', staged' if is_staged else ''}"
    return Written(
        "resolve",
        status,
        (found.id,) if found.id else (),
        f"{said}; {_what_is_left(left, finish)}",
        (name,),
        diff=_diff(name, found.work, settled.data) if status == "dry-run" else "",
        data={**_place(found), "file": found.path, "staged": is_staged, "left": left, "next": finish},
    )


def _place(found: Contested) -> dict[str, Any]:
    """Where the document is: the index may not know it, for markers are in it."""
    if not found.id or found.kind is None:
        return {}
    return {"places": [{"id": found.id, "path": address_of(found.kind, found.path)}]}


def _finish(tracker: Tracker, now: State, left: int) -> str | None:
    """What to type next."""
    if left:
        return "wrkq conflicts"
    if now.elsewhere:
        return "git status"
    operation = now.doing.operation or ""
    if operation == unmerged.STASH:
        return f"git stash drop {now.doing.theirs.name}  # if it was popped"
    if operation in _NEVER_EMPTY and unmerged.is_as_head(tracker.repo):
        return f"git {operation} --skip"
    return _FINISH.get(operation, "git commit")


def _what_is_left(left: int, finish: str | None) -> str:
    if left:
        return f"{left} conflict{'s are' if left > 1 else ' is'} left: {finish}"
    return f"none is left: {finish}"


def _diff(name: str, old: bytes | None, new: bytes | None) -> str:
    from wrkq_files.git.diff import unified

    return unified(name, old, new)
