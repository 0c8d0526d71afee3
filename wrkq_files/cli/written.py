"""What a write answers: one line for people, objects for programs, the difference in a dry run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from wrkq_files.cli import text
from wrkq_files.cli.request import Request
from wrkq_files.errors import WrkqError

if TYPE_CHECKING:
    from wrkq_files.service.change import Written

#: Exit status where some targets were done and others not.
PARTLY: Final = 5
#: Lists in ``Written.data`` that say, for each document, where it is now.
_PLACES: Final = ("created", "moved", "places")
_SHORT: Final = 8
#: Where one file's part of a difference begins, and the file's name in it.
_PART: Final = re.compile(r"^(?=diff --git )", re.MULTILINE)
_NAME: Final = re.compile(r"diff --git a/.* b/(.*)$", re.MULTILINE)


def answer(ask: Request, written: Written, *, many: bool) -> int:
    """Prints what was done; the exit status. ``many``: the command takes several targets, so JSON is an array."""
    for note in written.notes:
        ask.out.note(note)
    warn_agent(ask, written)
    _warn_behind(ask, written)
    if ask.form.is_json:
        _as_json(ask, written, many=many)
    else:
        _as_text(ask, written, many=many)
    return PARTLY if written.failed else 0


def _as_text(ask: Request, written: Written, *, many: bool) -> None:
    if written.status == "dry-run":
        ask.out.lines(painted(ask, written.diff))
        ask.out.about(f"{_subject(written, many=many)}  [dry run: nothing is written]")
    else:
        how = written.commit[:_SHORT] if written.commit else written.status
        style = "dim" if written.status == "unchanged" else "green"
        ask.out.lines([f"{text.one_line(_subject(written, many=many))}  {ask.screen.styled(f'[{how}]', style)}"])
    for target, error in written.failed:
        ask.out.about(f"{ask.program}: {target}: {error.message}" + (f"\n  hint: {error.hint}" if error.hint else ""))


def _as_json(ask: Request, written: Written, *, many: bool) -> None:
    if not many:
        ask.out.object(_object(written, _place(ask, written)))
        return
    done = [{**place, **_extra(written), **facts} for place, facts in _shared_out(ask, written)]
    ask.out.objects([*done, *(_failure(target, error) for target, error in written.failed)])


def _object(written: Written, place: Mapping[str, Any]) -> dict[str, Any]:
    return {**place, **_facts(written, written.paths, written.diff)}


def _facts(written: Written, files: Sequence[str], diff: str) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "operation": written.operation,
        "status": written.status,
        "subject": written.subject,
        "commit": written.commit,
        "files": list(files),
    }
    facts |= {"diff": diff} if written.status == "dry-run" else {}
    return facts | ({"replayed": True} if written.replayed else {})


def _shared_out(ask: Request, written: Written) -> Iterator[tuple[Mapping[str, Any], dict[str, Any]]]:
    """Each document with its own files and its own part of the difference; what is nobody's goes to the first."""
    places = _places(ask, written)
    owners = {_file(ask, place): number for number, place in enumerate(places)}
    files: list[list[str]] = [[] for _ in places]
    diffs = ["" for _ in places]
    for path in written.paths if places else ():
        files[owners.get(path, 0)].append(path)
    for part in _PART.split(written.diff) if places else ():
        named = _NAME.match(part)
        diffs[owners.get(named[1] if named else "", 0)] += part
    for place, own, diff in zip(places, files, diffs, strict=True):
        yield place, _facts(written, own, diff)


def _file(ask: Request, place: Mapping[str, Any]) -> str:
    """A document's file, from the repository's top."""
    address = place.get("path", "")
    name = f"{address}/README.md" if place["id"].startswith("P-") else f"{address}.md"
    return ask.tracker.repository_path(name.lstrip("/"))


def _failure(target: str, error: WrkqError) -> dict[str, Any]:
    told = {"code": error.code, "message": error.message, "hint": error.hint, "details": error.details}
    return {"path": target, "status": "failed", "error": told}


def _places(ask: Request, written: Written) -> list[Mapping[str, Any]]:
    """The id and address of each document that was written, as they are now."""
    told = {row["id"]: row for name in reversed(_PLACES) for row in written.data.get(name, ())}
    return [told.get(each) or _document(ask, each) for each in written.ids]


def _place(ask: Request, written: Written) -> dict[str, Any]:
    """What a write of one document is about: the first of the ids."""
    if not written.ids:
        return _extra(written)
    rows = written.data.get("created") or [
        row for row in written.data.get("places", ()) if row["id"] == written.ids[0]
    ]
    return {**(rows[0] if rows else _document(ask, written.ids[0])), **_extra(written)}


def _document(ask: Request, identifier: str) -> dict[str, Any]:
    found = ask.tracker.index.by_id(identifier)
    return {"id": identifier} | ({"path": found[0].address} if found else {})


def _extra(written: Written) -> dict[str, Any]:
    """What else the operation has to tell; ``path`` always means an address here, so its file is called that."""
    rest = {name: value for name, value in written.data.items() if name not in _PLACES}
    return rest | ({"file": rest.pop("path")} if "path" in rest else {})


def _subject(written: Written, *, many: bool) -> str:
    """The line with the id before it, unless it speaks of several documents or begins with the id."""
    first = written.ids[0] if written.ids and (not many or len(written.ids) == 1) else ""
    return written.subject if written.subject.startswith(first) else f"{first} {written.subject}"


def painted(ask: Request, diff: str) -> list[str]:
    """A difference's lines, in colour on a terminal."""
    lines = [text.clean(line) for line in diff.splitlines()]
    styles = {"+": "green", "-": "red", "@": "cyan"}
    heads = ("+++", "---", "diff ", "rename ", "new file", "deleted file")
    return [ask.screen.styled(line, "bold" if line.startswith(heads) else styles.get(line[:1], "")) for line in lines]


def _warn_behind(ask: Request, written: Written) -> None:
    """Who writes to what the base branch has changed since should know it before both meet."""
    if written.status == "unchanged" or written.replayed or not written.ids:
        return
    from wrkq_files.service import since_base

    for words in since_base.warnings(ask.tracker, written.ids):
        ask.out.warn(words)


def warn_agent(ask: Request, written: Written) -> None:
    """An agent that signs as a person makes the history lie."""
    if not ask.door.agent or written.status not in ("committed", "written"):
        return
    from wrkq_files.service import actors

    who = actors.current(ask.tracker)
    if who and who.role == "human":
        ask.out.warn(
            f"an agent seems to run this, and signs as {who.slug}, a person: --as ACTOR or WRKQ_ACTOR names it"
        )
