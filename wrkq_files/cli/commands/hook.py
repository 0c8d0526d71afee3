"""What the shims in ``hooks/`` call. Git decides by the exit status; there is nobody to ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer

from wrkq_files.cli.door import opens_editor
from wrkq_files.cli.request import Request, content, request
from wrkq_files.errors import WrkqError

if TYPE_CHECKING:
    from wrkq_files.service.scopes import Reviewed


def hook(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The hook's name: pre-commit.")],
    args: Annotated[
        list[str] | None, typer.Argument(metavar="ARGS", help="What git gives the hook; put -- before them.")
    ] = None,
) -> int:
    """Do what a git hook of this name is for.

    The hooks that `wrkq hooks install` puts in call it; docs of each are in hooks/README.md.
    """
    ask = request(ctx)
    if name not in _HOOKS:
        raise WrkqError("usage", f"there is no hook `{name}`", hint=f"hooks: {', '.join(_HOOKS)}")
    status = _HOOKS[name](ask, args or [])
    if ask.given.get("json"):
        ask.out.object({"hook": name, "exit": status})
    return status


def _pre_commit(ask: Request, args: list[str]) -> int:
    from wrkq_files.service import gate

    return _judged(ask, gate.committing(ask.door), "git commit --no-verify")


def _pre_push(ask: Request, args: list[str]) -> int:
    from wrkq_files.service import gate

    return _judged(ask, gate.pushing(ask.door, [*args, "origin"][0], _told()), "git push --no-verify")


def _update(ask: Request, args: list[str]) -> int:
    """Called for each ref, with its name, the old and the new id."""
    from wrkq_files.service import gate

    ref, old, new = [*args, "", "", ""][:3]
    return _judged(ask, gate.receiving(ask.door, [f"{old} {new} {ref}"]))


def _pre_receive(ask: Request, args: list[str]) -> int:
    from wrkq_files.service import gate

    return _judged(ask, gate.receiving(ask.door, _told()))


def _told() -> list[str]:
    """What git says on standard input, one ref a line."""
    return content("-").decode("utf-8", "surrogateescape").splitlines()


def _judged(ask: Request, found: Sequence[Reviewed], way_out: str = "") -> int:
    """Prints what is wrong, notices left out; 1 where something has to be put right first."""
    from wrkq_files.cli import findings

    shown = [findings.of_git(ask, each) for each in found if each.checked.severity != "notice"]
    ask.out.lines(findings.lines(ask, shown))
    severities = [each.severity for each in shown]
    if "error" not in severities:
        return 0
    aside = f"; {way_out} sets the check aside" if way_out else ""
    ask.out.about(f"wrkq: stopped by {findings.summary(severities)}{aside}")
    return 1


def _prepare_commit_msg(ask: Request, args: list[str]) -> int:
    from wrkq_files.service import hooked

    file, source = [*args, "", ""][:2]
    return _never_in_the_way(ask, lambda: hooked.prepare_message(ask.door, file, source, edited=opens_editor()))


def _commit_msg(ask: Request, args: list[str]) -> int:
    from wrkq_files.service import hooked

    return _never_in_the_way(ask, lambda: hooked.finish_message(ask.door, [*args, ""][0], edited=opens_editor()))


def _refresh(ask: Request, args: list[str]) -> int:
    from wrkq_files.service import hooked

    return _never_in_the_way(ask, lambda: hooked.refresh(ask.door))


def _never_in_the_way(ask: Request, work: Callable[[], None]) -> int:
    """A commit without our trailers, or an index that is behind, is better than no commit."""
    try:
        work()
    except (WrkqError, OSError) as error:
        ask.out.warn(str(error))
    return 0


_HOOKS: Final[Mapping[str, Callable[[Request, list[str]], int]]] = {
    "pre-commit": _pre_commit,
    "prepare-commit-msg": _prepare_commit_msg,
    "commit-msg": _commit_msg,
    "post-merge": _refresh,
    "post-checkout": _refresh,
    "post-rewrite": _refresh,
    "pre-push": _pre_push,
    "update": _update,
    "pre-receive": _pre_receive,
}
