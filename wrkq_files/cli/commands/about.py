"""What this program is: its version, its completion."""

from __future__ import annotations

from typing import Annotated

import typer

from wrkq_files import FORMAT, MACHINE_INTERFACE_VERSION, __version__
from wrkq_files.cli.request import request
from wrkq_files.errors import WrkqError

SHELLS = ("bash", "zsh", "fish")


def version(ctx: typer.Context) -> None:
    """The program's version, and that of what it reads and prints."""
    ask = request(ctx)
    if ask.given.get("json"):
        ask.out.object(
            {"version": __version__, "format": FORMAT, "machine_interface_version": MACHINE_INTERFACE_VERSION}
        )
    else:
        ask.out.line(f"wrkq-files {__version__} (format {FORMAT}, machine interface {MACHINE_INTERFACE_VERSION})")


def completion(
    ctx: typer.Context,
    shell: Annotated[str, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")],
) -> None:
    """A script that completes words in your shell.

    For this shell only: `eval "$(wrkq completion bash)"`. For every new one, put that line into ~/.bashrc or
    ~/.zshrc; for fish: `wrkq completion fish > ~/.config/fish/completions/wrkq.fish`.
    """
    from wrkq_files.cli import completing

    ask = request(ctx)
    if shell not in SHELLS:
        raise WrkqError("usage", f"there is no completion for `{shell}`", hint=f"shells: {', '.join(SHELLS)}")
    script = completing.script(ask.program, shell)
    if ask.given.get("json"):
        ask.out.object({"shell": shell, "program": ask.program, "script": script})
    else:
        ask.screen.emit(script)
