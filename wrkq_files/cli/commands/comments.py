"""Comments on documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wrkq_files.cli import form, text
from wrkq_files.cli.output import Rows, reader
from wrkq_files.cli.request import Request, body, request
from wrkq_files.cli.request import targets as named
from wrkq_files.cli.written import answer
from wrkq_files.errors import WrkqError

if TYPE_CHECKING:
    from wrkq_files.index.entry import Comment

Target = Annotated[str, typer.Argument(metavar="TARGET", help="A task or container: id, address or path.")]
Comments = Annotated[list[str], typer.Argument(metavar="COMMENT", help="Ids, or their beginnings; - for stdin.")]
_FIELDS = ("id", "on", "author", "created", "kind", "deleted", "file", "fields", "body")


def add(
    ctx: typer.Context,
    target: Target,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="TEXT", help="The text: as it is, from @FILE, or from - (standard input)."),
    ] = None,
    kind: Annotated[
        str,
        typer.Option("-k", "--kind", metavar="KIND", help="note, decision, blocker, progress, handoff … (see docs)."),
    ] = "comment",
    percent: Annotated[
        str | None, typer.Option("--percent", metavar="N", help="With progress: how much is done.")
    ] = None,
    verdict: Annotated[str | None, typer.Option("--verdict", metavar="V", help="With review: pass or fail.")] = None,
    gate: Annotated[str | None, typer.Option("--gate", metavar="TEXT", help="With review: which gate.")] = None,
    quality: Annotated[str | None, typer.Option("--quality", metavar="N", help="With feedback: 1 to 5.")] = None,
    timeliness: Annotated[
        str | None, typer.Option("--timeliness", metavar="N", help="With feedback: 1 to 5.")
    ] = None,
    supersedes: Annotated[
        str | None, typer.Option("--supersedes", metavar="COMMENT", help="The comment it replaces.")
    ] = None,
) -> int:
    """Comment on a document.

    Comments are files of their own: two people who write never conflict. They do not change once written.

    Example: `wrkq comment add T-4K9 "Keyboard focus is lost on Firefox" -k blocker`
    """
    from wrkq_files.service import comments

    ask = request(ctx)
    told = {
        "percent": percent,
        "verdict": verdict,
        "gate": gate,
        "quality": quality,
        "timeliness": timeliness,
        "supersedes": supersedes,
    }
    pairs = [(name, value) for name, value in told.items() if value is not None]
    content = body(" ".join(words)) if words else None
    if content is None:
        raise WrkqError("usage", "the comment has no text", hint='wrkq comment add TARGET "text", or - for stdin')
    return answer(ask, comments.add(ask.tracker, target, content, ask.options, kind=kind, pairs=pairs), many=False)


def ls(
    ctx: typer.Context,
    target: Target,
    everything: Annotated[bool, typer.Option("-a", "--all", help="Withdrawn ones too.")] = False,
) -> None:
    """List the comments on a document.

    Oldest first.
    """
    from wrkq_files.service import comments

    ask = request(ctx)
    found = comments.ls(ask.tracker, target, everything=True)
    shown = [each for each in found if everything or not each.entry.deleted]
    rows = [as_row(each) for each in shown]
    ask.out.rows(
        Rows(
            rows,
            reader(_FIELDS),
            lambda items: _table(ask, items),
            (*_FIELDS[:5], "fields", "body"),
            "id",
            ("created", "id"),
        )
    )
    ask.out.hidden({"withdrawn": len(found) - len(shown)})


def cat(ctx: typer.Context, comments: Comments) -> None:
    """Print comments.

    Their files as they are; with --json an array of objects with `body`.
    """
    from wrkq_files.cli.commands import showing
    from wrkq_files.service import comments as service
    from wrkq_files.service import reading

    ask = request(ctx)
    found = [service.find(ask.tracker, each) for each in named(comments, "COMMENT")]
    shown = reading.cat(ask.tracker, [entry.id for entry in found])
    if ask.form.is_json:
        ask.out.objects([showing.as_object(each) for each in shown])
    else:
        showing.print_texts(ask.out, [(each.entry.path, each.text) for each in shown])


def rm(ctx: typer.Context, comments: Comments) -> int:
    """Withdraw comments; they stay, marked.

    History keeps what was said, so a withdrawn comment is hidden and not deleted.
    """
    from wrkq_files.service import comments as service

    ask = request(ctx)
    return answer(ask, service.rm(ask.tracker, named(comments, "COMMENT"), ask.options), many=True)


def as_row(comment: Comment) -> dict[str, Any]:
    entry = comment.entry
    return {
        "id": entry.id,
        "on": entry.on,
        "author": entry.author,
        "created": entry.created,
        "kind": entry.kind,
        "deleted": entry.deleted,
        "file": entry.path,
        "fields": dict(entry.fields),
        "body": comment.body,
    }


def _table(ask: Request, items: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Each comment with its whole text: a conversation is read, not looked up."""
    extra = ("percent", "verdict", "gate", "quality", "timeliness", "supersedes")
    for number, item in enumerate(items):
        if number:
            yield ""
        facts = [f"{name} {form.plain(item['fields'][name])}" for name in extra if name in item["fields"]]
        facts += ["withdrawn"] if item["deleted"] else []
        head = "  ".join([f"{item['author']}, {item['created']}", item["kind"], *facts])
        yield f"{ask.screen.styled(item['id'], 'dim')}  {ask.screen.styled(text.one_line(head), 'cyan')}"
        room = ask.screen.width - 4 if ask.screen.terminal else None
        for line in item["body"].strip("\n").split("\n"):
            yield from (f"    {part}".rstrip() for part in text.wrapped(text.clean(line), room))
