"""Changing documents: fields, text, boxes, form."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from wrkq_files.cli.request import assignments, body, came_in, content, request
from wrkq_files.cli.request import targets as named
from wrkq_files.cli.written import answer
from wrkq_files.errors import WrkqError

if TYPE_CHECKING:
    from wrkq_files.service.change import Written

Target = Annotated[str, typer.Argument(metavar="TARGET", help="An id, an address or a path.")]
Tasks = Annotated[list[str], typer.Argument(metavar="TARGET", help="Ids, addresses, globs, or - for stdin.")]
GoOn = Annotated[bool, typer.Option("--continue-on-error", help="Leave out targets that fail; exit 5 when some did.")]
Boxes = Annotated[list[str], typer.Argument(metavar="ITEM", help="Its number, or a part of its text.")]
_SUFFIXES = {".md": "markdown", ".yaml": "yaml", ".yml": "yaml", ".json": "json"}


def set_(
    ctx: typer.Context,
    targets: Annotated[
        list[str],
        typer.Argument(metavar="TARGET | FIELD=VALUE", help="Ids, addresses, globs, - for stdin; and fields."),
    ],
    go_on: GoOn = False,
) -> int:
    """Set fields of documents.

    Fields are options, or words of the form FIELD=VALUE, also for parts: `score.effort=2`, `meta.ticket=17`. An empty
    value clears the field. All targets change together, or none.

    Example: `wrkq set T-4K9 --state in_progress --assignee me`
    """
    from wrkq_files.service import update

    ask = request(ctx)
    names, pairs = assignments(targets)
    outcome = update.Outcome() if go_on else None
    asked = update.Assignments([*ask.pairs, *pairs], ask.many("add_label"), ask.many("remove_label"))
    written = update.set_fields(ask.tracker, named(names), asked, ask.options, outcome=outcome)
    return answer(ask, written, many=True)


def start(ctx: typer.Context, targets: Tasks, go_on: GoOn = False) -> int:
    """Begin work on tasks: in_progress, and yours if nobody's.

    A feature that stands in a backlog or ready section goes to the first active one along.
    """
    from wrkq_files.service import moves

    return _moved(ctx, targets, go_on, moves.start)


def done(
    ctx: typer.Context,
    targets: Tasks,
    summary: Annotated[
        str | None, typer.Option("--summary", metavar="TEXT", help="What was delivered (or @FILE, or -).")
    ] = None,
    go_on: GoOn = False,
) -> int:
    """Complete tasks; with a reviewer, hand them to review.

    On a branch it means: done when this lands. Open acceptance items are in the way (--force sets that aside, and is
    recorded). The reviewer's own `done` completes a task that is in review.
    """
    from wrkq_files.service import moves

    return _moved(ctx, targets, go_on, partial(moves.done, summary=body(summary)))


def block(
    ctx: typer.Context,
    targets: Tasks,
    by: Annotated[list[str] | None, typer.Option("--by", metavar="TASK", help="It waits for this task.")] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help="It waits for this; empty: no longer.")
    ] = None,
    go_on: GoOn = False,
) -> int:
    """Say what tasks wait for: other tasks, or a reason.

    Their state stays as it is. What waits for a task shows as blocked until that is closed; `wrkq unrelate` takes the
    edge away, `--reason ''` the reason.

    Example: `wrkq block T-4K9 --by T-8W2`
    """
    from wrkq_files.service import moves

    return _moved(ctx, targets, go_on, partial(moves.block, by=by or (), reason=reason))


def cancel(
    ctx: typer.Context,
    targets: Tasks,
    resolution: Annotated[
        str | None, typer.Option("--resolution", metavar="HOW", help="wont_do, duplicate or needs_info.")
    ] = None,
    go_on: GoOn = False,
) -> int:
    """Cancel tasks: they will not be done."""
    from wrkq_files.service import moves

    return _moved(ctx, targets, go_on, partial(moves.cancel, resolution=resolution))


def reopen(ctx: typer.Context, targets: Tasks, go_on: GoOn = False) -> int:
    """Open closed tasks again."""
    from wrkq_files.service import moves

    return _moved(ctx, targets, go_on, moves.reopen)


def edit(ctx: typer.Context, target: Target) -> int:
    """Edit a document in your editor.

    Takes VISUAL, else EDITOR. Nothing is written when you leave the text as it was. What changes in the file
    meanwhile is merged. A text that is not valid can be edited again; it is kept if you do not.
    """
    from wrkq_files.cli import editor
    from wrkq_files.service import replacing

    ask = request(ctx)
    entry, base = replacing.checkout(ask.tracker, target)
    new = base
    while True:
        new = editor.edit(new, entry.slug + ".md")
        ask.came_in.clear()
        came_in(new)
        try:
            written = replacing.replace_text(ask.tracker, entry, base, new, ask.options)
        except WrkqError as error:
            if not editor.again(error):
                kept = str(error.details.pop("text", "")).encode() or new
                raise editor.keep(kept, error, target) from error
            continue
        return answer(ask, written, many=False)


def apply(
    ctx: typer.Context,
    words: Annotated[
        list[str],
        typer.Argument(metavar="[TARGET] FILE", help="The document (else the text's own id), and the file or -."),
    ],
    given: Annotated[
        str | None,
        typer.Option("--format", metavar="FORMAT", help="markdown, yaml or json; else by the file's name."),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option("--base", metavar="ETAG", help="The version it was made from; what changed since is merged."),
    ] = None,
) -> int:
    """Make a document what a file or standard input says.

    Markdown is the whole document. YAML and JSON set the fields they name (null clears), and `body`. A target that
    does not exist is made.

    Example: `echo '{"state": "completed", "summary": "done"}' | wrkq apply T-4K9 - --format json`
    """
    from wrkq_files.service import replacing

    ask = request(ctx)
    if len(words) > 2:
        raise WrkqError("usage", f"one target and one file, not {len(words)} words", hint="wrkq apply TARGET FILE")
    file, target = words[-1], words[0] if len(words) == 2 else None
    data = content(file)
    kind = given or _kind(file, data)
    if kind not in replacing.FORMS:
        raise WrkqError("usage", f"there is no format `{kind}`", hint=f"formats: {', '.join(replacing.FORMS)}")
    return answer(ask, replacing.apply(ask.tracker, target, data, kind, ask.options, base=base), many=False)


def tick(
    ctx: typer.Context,
    target: Target,
    items: Boxes,
    drop: Annotated[bool, typer.Option("--drop", help="Mark as dropped: [-] in place of [x].")] = False,
) -> int:
    """Tick checkboxes of a document.

    Example: `wrkq tick T-4K9 1 2`, `wrkq tick T-4K9 "keyboard focus"`
    """
    return _mark(ctx, target, items, "-" if drop else "x")


def untick(ctx: typer.Context, target: Target, items: Boxes) -> int:
    """Untick checkboxes of a document."""
    return _mark(ctx, target, items, " ")


def fmt(
    ctx: typer.Context,
    targets: Annotated[list[str] | None, typer.Argument(metavar="TARGET", help="Else every document.")] = None,
) -> int:
    """Bring documents into canonical order and style.

    The one command that reorders keys and rewrites layout; it also writes the id where a file has none.
    """
    from wrkq_files.service import update

    ask = request(ctx)
    chosen = named(targets) if targets else []
    return answer(ask, update.fmt(ask.tracker, chosen, ask.options), many=True)


def _moved(ctx: typer.Context, targets: list[str], go_on: bool, move: Callable[..., Written]) -> int:
    from wrkq_files.service import update

    ask = request(ctx)
    outcome = update.Outcome() if go_on else None
    return answer(ask, move(ask.tracker, named(targets), ask.options, outcome), many=True)


def _mark(ctx: typer.Context, target: str, items: list[str], mark: str) -> int:
    from wrkq_files.service import update

    ask = request(ctx)
    return answer(ask, update.tick(ask.tracker, target, items, mark, ask.options), many=False)


def _kind(file: str, data: bytes) -> str:
    """The format of a text, by its name, else by how it begins."""
    for suffix, kind in _SUFFIXES.items():
        if file.endswith(suffix):
            return kind
    start = data.lstrip()[:3]
    return "json" if start[:1] in (b"{", b"[") else "markdown" if start == b"---" else "yaml"
