"""Documents in full."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from wrkq_files.cli import form, text
from wrkq_files.cli.output import Output, Rows, reader
from wrkq_files.cli.request import Request, request
from wrkq_files.cli.request import targets as named

if TYPE_CHECKING:
    from wrkq_files.service.reading import Shown

#: What holds ids of other documents.
_REFERENCES: Final = frozenset({"parent", "blocked_by", "blocks", "relates_to", "duplicate_of", "subtasks"})
Targets = Annotated[list[str], typer.Argument(metavar="TARGET", help="Ids, addresses, paths, globs; - for stdin.")]


def cat(ctx: typer.Context, targets: Targets) -> None:
    """Print documents as they are in their files.

    With --json: an array of objects with `fields`, `body` and the `etag` that --if-match takes.
    """
    from wrkq_files.service import reading

    ask = request(ctx)
    shown = reading.cat(ask.tracker, named(targets))
    if ask.form.is_json:
        ask.out.objects([{**as_object(each), "on_base": ask.marks.of(each.entry) or None} for each in shown])
    else:
        print_texts(ask.out, [(each.entry.path, each.text) for each in shown])
        for each in shown:
            if mark := ask.marks.words(each.entry):
                ask.out.about(f"{each.entry.address}: {mark}")
    _say_faults(ask, [each.entry.path for each in shown])


def stat(
    ctx: typer.Context,
    targets: Targets,
    relations: Annotated[
        bool, typer.Option("--relations", "-r", help="Also what others say of it: what it blocks, its subtasks.")
    ] = False,
) -> None:
    """Show everything that is known about documents.

    Also what is derived: the state that open blockers make, counts of boxes, `created` and `created_by` from git,
    its etag.
    """
    from wrkq_files.service import reading

    ask = request(ctx)
    facts = reading.stat(ask.tracker, named(targets), relations=relations)
    _ = ask.marks
    known = list(dict.fromkeys([name for each in facts for name in each] + _all_fields()))
    _say_faults(ask, [each["file"] for each in facts])
    if ask.form.is_json and not ask.form.fields:
        ask.out.objects(facts)
        return
    lean = list(dict.fromkeys(name for each in facts for name in each))
    ask.out.rows(Rows(facts, reader(known), lambda items: _sheets(ask, items), lean, "path", ("path",)))


def _say_faults(ask: Request, paths: Sequence[str]) -> None:
    """What these documents say that does not fit, and so is not shown."""
    from wrkq_files.cli import entries
    from wrkq_files.service import reading

    for path in paths:
        ask.out.faults(entries.moved(ask, reading.faults(ask.tracker, path)))


def as_object(shown: Shown) -> dict[str, Any]:
    entry = shown.entry
    return {
        "id": entry.id,
        "type": entry.type.value,
        "path": entry.address,
        "file": entry.path,
        "title": entry.title,
        "etag": entry.blob,
        "fields": dict(shown.fields),
        "body": shown.body,
    }


def print_texts(out: Output, texts: list[tuple[str, str]]) -> None:
    """One text as it is; several, each under a line that names it."""
    for number, (name, content) in enumerate(texts):
        if len(texts) > 1:
            out.line(f"{'' if number == 0 else chr(10)}==> {name} <==", "bold")
        out.screen.emit_raw(content.encode())


def _all_fields() -> list[str]:
    from wrkq_files.service.rows import FIELDS

    return list(FIELDS)


def _sheets(ask: Request, items: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for number, facts in enumerate(items):
        if number:
            yield ""
        widest = max(map(len, facts))
        for name, value in facts.items():
            yield from _facts(ask, name, widest, value)


def _facts(ask: Request, name: str, widest: int, value: Any) -> Iterator[str]:
    """A name and its value; what holds several things takes a line for each."""
    if name in _REFERENCES and (found := _texts(value)):
        shown = [_named(ask, each) for each in found]
    elif name == "items":
        shown = [_item(each) for each in value]
    elif isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        shown = [_mapping(each) if isinstance(each, Mapping) else form.plain(each) for each in value]
    elif isinstance(value, list):
        shown = [", ".join(map(form.plain, value))]
    else:
        shown = [_mapping(value) if isinstance(value, Mapping) else form.plain(value)]
    for number, each in enumerate(shown):
        head = (name if number == 0 else "").ljust(widest)
        yield f"{ask.screen.styled(head, 'dim')}  {text.one_line(each)}"


def _texts(value: Any) -> list[str]:
    """The ids that a value holds; none where it is an unknown key of a type that has no such field."""
    values = [value] if isinstance(value, str) else value if isinstance(value, (list, tuple)) else []
    return list(values) if all(isinstance(each, str) for each in values) else []


def _named(ask: Request, identifier: str) -> str:
    """An id, and the address it stands for where that is known without reading the whole tracker."""
    found = ask.tracker.index.locate(identifier)
    return f"{identifier}  {found.address}" if found else identifier


def _item(item: Mapping[str, Any]) -> str:
    """A checkbox, with the number that `tick` takes; what completing asks for has a star."""
    mark = {"done": "x", "dropped": "-"}.get(item["state"], " ")
    measure = f" (measure: {item['measure']})" if item["measure"] else ""
    return f"{item['number']} [{mark}]{'*' if item['criterion'] else ''} {item['text']}{measure}"


def _mapping(value: Mapping[str, Any]) -> str:
    return "  ".join(f"{key}: {form.plain(each)}" for key, each in value.items() if each not in (None, ""))
