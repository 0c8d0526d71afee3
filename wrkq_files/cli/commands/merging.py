"""Merging: what git calls to merge one file, what is in conflict, and settling it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from wrkq_files.cli import form, text
from wrkq_files.cli.output import Rows, reader
from wrkq_files.cli.request import Request, request
from wrkq_files.cli.written import answer

if TYPE_CHECKING:
    from wrkq_files.git.unmerged import Doing
    from wrkq_files.service.conflicts import Open, Whose

_FIELDS: Final = (
    *("id", "path", "field", "base", "ours", "theirs"),
    *("ours_by", "ours_at", "theirs_by", "theirs_at", "why"),
)
_ALL: Final = ("n", *_FIELDS, "file", "ours_name", "ours_commit", "theirs_name", "theirs_commit")
#: Operations in which it is not obvious whose side is whose.
_TURNED: Final = frozenset({"rebase", "cherry-pick", "revert", "stash", "squash"})


def merge_driver(
    ctx: typer.Context,
    base: Annotated[
        str, typer.Argument(metavar="BASE", help="The file that both sides began with (%O); empty: none.")
    ],
    ours: Annotated[str, typer.Argument(metavar="OURS", help="Our side's file (%A): the result goes into it.")],
    theirs: Annotated[str, typer.Argument(metavar="THEIRS", help="The other side's file (%B).")],
    size: Annotated[int, typer.Argument(metavar="SIZE", min=1, help="How many characters a marker has (%L).")],
    path: Annotated[str, typer.Argument(metavar="PATH", help="The file's path in the repository (%P).")],
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAMES", help="What the sides are called (%X %Y).")
    ] = None,
) -> int:
    """Merge three versions of a file, as git's merge driver.

    Git runs it where `wrkq hooks install` has put it in. It prints `clean` (exit 0) or `conflict` (exit 1) once the
    result is in the file; where it says neither, it has not done its work.
    """
    from wrkq_files.service import driver

    ask = request(ctx)
    top = ask.door.cwd
    sides = driver.Sides(top / base, top / ours, top / theirs)
    done = driver.merge(top, sides, path, labels=driver.labels(tuple(names or ())), marker_size=size)
    if done.failure:
        ask.out.warn(f"{path}: merged by lines: {done.failure}")
    said = "clean" if done.clean else "conflict"
    if ask.form.is_json:
        ask.out.object({"file": path, "merged": said})
    else:
        ask.out.line(said)
    return 0 if done.clean else 1


def conflicts(ctx: typer.Context) -> None:
    """Show what is in conflict: both values, by whom, and since when.

    Of a merge, rebase, cherry-pick, revert or stash that git has left for you to settle, and of files in which
    markers were left. In a rebase, `ours` is what your commits are put on, and `theirs` is your commit. `wrkq
    resolve` settles one.
    """
    from wrkq_files.service import conflicts as service

    ask = request(ctx)
    doing, found = service.conflicts(ask.tracker)
    if found and doing.operation in _TURNED:
        ask.out.note(f"{_named(doing)}: ours is {doing.ours.name}, theirs is {doing.theirs.name}")
    rows = [_row(ask, number, each) for number, each in enumerate(found, 1)]
    ask.out.rows(Rows(rows, reader(_ALL), lambda items: _blocks(ask, items), _FIELDS, "path", ("n",)))


def resolve(
    ctx: typer.Context,
    target: Annotated[str, typer.Argument(metavar="TARGET", help="A file in conflict: its path, address or id.")],
    field: Annotated[
        str | None, typer.Option("--field", metavar="FIELD", help="Only this field; `body` for the text.")
    ] = None,
    ours: Annotated[bool, typer.Option("--ours", help="Take what our side says.")] = False,
    theirs: Annotated[bool, typer.Option("--theirs", help="Take what their side says.")] = False,
    value: Annotated[
        str | None, typer.Option("--value", metavar="VALUE", help="Take this value for the field.")
    ] = None,
) -> int:
    """Settle what is in conflict in a file: take a side, or a value.

    Only the lines between the markers change. With the last conflict of a file gone it is staged (`git add` of this
    one path), and the answer says what finishes the merge. A file that one side has deleted is kept or deleted.
    """
    from wrkq_files.service import resolving

    ask = request(ctx)
    choice = resolving.Choice(resolving.side(ours=ours, theirs=theirs), value, field)
    return answer(ask, resolving.settle(ask.tracker, target, choice, dry_run=ask.options.dry_run), many=False)


def _named(doing: Doing) -> str:
    return {"stash": "a stash", "squash": "a merge with --squash"}.get(doing.operation or "", f"a {doing.operation}")


def _row(ask: Request, number: int, found: Open) -> dict[str, Any]:
    conflict = found.conflict
    return {
        "n": number,
        "id": found.id,
        "path": conflict.path.removesuffix("/README.md").removesuffix(".md"),
        "file": conflict.path,
        "field": conflict.field,
        "base": conflict.base,
        "ours": conflict.ours,
        "theirs": conflict.theirs,
        "why": conflict.why,
        **_side("ours", found.ours),
        **_side("theirs", found.theirs),
    }


def _side(name: str, whose: Whose) -> dict[str, Any]:
    return {
        f"{name}_name": whose.name,
        f"{name}_by": whose.by,
        f"{name}_at": whose.at,
        f"{name}_commit": whose.commit,
    }


def _blocks(ask: Request, items: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Each conflict as a head line, and a line for each side; several where a value has several."""
    if not items:
        yield "nothing is in conflict"
    for item in items:
        head = text.one_line(f"{item['path']}  {item['field']}".rstrip())
        yield ask.screen.styled(head, "bold") + (f"  {text.one_line(item['why'])}" if item["why"] else "")
        for name in ("base", "ours", "theirs"):
            yield from _value(ask, name, item)


def _value(ask: Request, name: str, item: dict[str, Any]) -> Iterator[str]:
    whose = [item.get(f"{name}_{part}") for part in ("name", "by", "at")] if name != "base" else []
    said = ", ".join(text.one_line(each) for each in whose if each)
    value = "" if item[name] in (None, {}, []) else form.plain(item[name])
    if name == "base" and not value:
        return
    lines = [text.clean(line) for line in value.splitlines()] or ["(nothing)"]
    about = ask.screen.styled(f"  {said}", "dim") if said else ""
    yield f"  {name:<6}  {lines[0]}{about}"
    yield from (f"          {line}" for line in lines[1:])
