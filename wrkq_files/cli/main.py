"""One request from its words to its exit status; ``program`` begins and ends it."""

from __future__ import annotations

import os
from collections.abc import Sequence

import click

from wrkq_files.cli import edge
from wrkq_files.cli.groups import LazyGroup
from wrkq_files.cli.request import Request
from wrkq_files.cli.screen import open_screen
from wrkq_files.errors import WrkqError


def run(program: str, arguments: Sequence[str]) -> int:
    """One request from its words to its exit status."""
    if f"_{program.upper()}_COMPLETE" in os.environ:
        from wrkq_files.cli import completing

        return completing.answer(program)
    screen = open_screen(os.environ)
    request = Request(program, screen)
    try:
        status = _answered(request, list(arguments))
        screen.out.flush()
        return status
    except BrokenPipeError:
        edge.silence()
        return 0
    except KeyboardInterrupt:
        return edge.INTERRUPTED
    except OSError as error:
        return edge.report(edge.from_os(error), screen, program, as_json=edge.wants_json(request, arguments))
    except Exception as error:  # the last line of defence: whatever arrives here is a bug
        return edge.report_bug(error, arguments, screen, program, as_json=edge.wants_json(request, arguments))
    finally:
        request.close()


def _answered(request: Request, arguments: list[str]) -> int:
    """Runs the command; what it refuses is reported here."""
    try:
        status = _invoke(LazyGroup(request.program), request, arguments)
        request.out.close()
        return status
    except click.ClickException as error:
        refusal = edge.from_click(error)
    except WrkqError as error:
        if (elsewhere := _in_another_tracker(error, request, arguments)) is not None:
            request.close()
            return _finished(elsewhere, arguments)
        refusal = error
        _close(request)
    return edge.report(refusal, request.screen, request.program, as_json=edge.wants_json(request, arguments))


def _finished(request: Request, arguments: list[str]) -> int:
    try:
        return _answered(request, arguments)
    finally:
        request.close()


def _invoke(group: LazyGroup, request: Request, arguments: list[str]) -> int:
    try:
        with group.make_context(request.program, arguments, obj=request) as context:
            status = group.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code
    return status if isinstance(status, int) else 0


def _in_another_tracker(error: WrkqError, request: Request, arguments: list[str]) -> Request | None:
    """The same request of the tracker in which the id is that this one has not; nothing has been done yet."""
    root = error.details.get("tracker")
    if error.code != "not_found" or not root or "root" in request.given or "-" in arguments:
        return None
    found = Request(request.program, request.screen)
    found.given["root"] = root
    return found


def _close(request: Request) -> None:
    """What was gathered before a refusal is still worth knowing; a form that contradicts itself cannot say it."""
    try:
        request.out.close()
    except WrkqError:
        return
