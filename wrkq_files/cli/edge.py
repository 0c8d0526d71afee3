"""The one place where errors end: each becomes words or JSON on stderr, and an exit status."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Sequence
from typing import Any, Final

import click

from wrkq_files.cli import registry, text
from wrkq_files.cli.request import Request
from wrkq_files.cli.screen import Screen, paint
from wrkq_files.errors import WrkqError

INTERRUPTED: Final = 130
BUG: Final = 70
#: Where a report about a bug goes.
_ISSUES: Final = "the project's issues"


def report(error: WrkqError, screen: Screen, program: str, *, as_json: bool) -> int:
    """Says what is wrong, and how to go on; returns the exit status."""
    if as_json:
        from wrkq_files.cli.form import dumps

        told = {"code": error.code, "message": error.message, "hint": error.hint, "details": error.details}
        screen.say(dumps({"error": told}))
        return error.exit_status
    head = paint(f"{program}:", "red") if screen.err_colour else f"{program}:"
    screen.say(f"{head} {text.clean(error.message)}")
    if error.hint:
        screen.say(f"  hint: {text.clean(error.hint)}")
    return error.exit_status


def from_click(error: click.ClickException) -> WrkqError:
    """What click refuses, as one of our errors: usage, with a hint where there is one."""
    message = error.message if isinstance(error, click.UsageError) else error.format_message()
    if isinstance(error, click.NoSuchOption):
        return _no_such_option(error)
    if isinstance(error, click.BadParameter):
        message = error.format_message()
    path = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else ""
    message = message.strip().rstrip(".")
    return WrkqError("usage", message[:1].lower() + message[1:], hint=f"{path} --help" if path else "")


def _no_such_option(error: click.NoSuchOption) -> WrkqError:
    context = error.ctx
    known = [name for parameter in context.command.params for name in parameter.opts] if context else []
    near = difflib.get_close_matches(error.option_name, known, 3)
    path = context.command_path if context else ""
    hint = f"did you mean {', '.join(near)}?" if near else f"{path} --help; put -- before a word that begins with -"
    if error.option_name == "--at":
        program = path.partition(" ")[0]
        reading = [each.name for each in registry.COMMANDS.get(program, ()) if registry.AT in each.takes]
        hint = f"the past can be looked at, and not changed: --at goes after {', '.join(reading)}"
    return WrkqError(
        "usage",
        f"there is no option {error.option_name} of `{path}`",
        hint=hint,
        details={"option": error.option_name},
    )


def from_os(error: OSError) -> WrkqError:
    """A file system that says no is nobody's bug."""
    place = f"{os.fsdecode(error.filename)}: " if error.filename else ""
    return WrkqError("io", f"{place}{error.strerror or error}")


def report_bug(error: BaseException, arguments: Sequence[str], screen: Screen, program: str, *, as_json: bool) -> int:
    """A bug: a report to paste."""
    import platform
    import traceback

    from wrkq_files import __version__

    place = traceback.extract_tb(error.__traceback__)
    where = f"{os.path.basename(place[-1].filename)}:{place[-1].lineno}" if place else ""  # noqa: PTH119
    line = f"{type(error).__name__}: {error}"
    if as_json:
        from wrkq_files.cli.form import dumps

        details: dict[str, Any] = {"exception": line, "at": where, "traceback": traceback.format_exc()}
        told = {"code": "bug", "message": f"a bug in {program}: {line}", "hint": "", "details": details}
        screen.say(dumps({"error": told}))
        return BUG
    screen.say(f"{program}: this is a bug, and not your mistake. Please send all below this line to {_ISSUES}:")
    screen.say(f"{'-' * 72}\nwrkq-files {__version__}, Python {platform.python_version()}, {platform.platform()}")
    screen.say(f"arguments: {text.clean(' '.join(map(repr, arguments)))}")
    screen.say(text.clean("".join(traceback.format_exception(error))).rstrip())
    return BUG


def wants_json(request: Request, arguments: Sequence[str]) -> bool:
    """Whether a JSON form was asked for; where the words could not be parsed, whether it is among them."""
    if any(request.given.get(name) for name in ("json", "ndjson")):
        return True
    before = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in before or "--ndjson" in before


def silence() -> None:
    """Who reads our output has gone: nothing more is written, not even by Python as it exits."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            os.dup2(nowhere, stream.fileno())
        except (OSError, ValueError):
            continue
    os.close(nowhere)
