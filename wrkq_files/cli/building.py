"""Commands as click runs them: typer's reading of a function, with the shared options and help in sections."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, Final, get_type_hints

import click
from typer.core import TyperArgument, TyperCommand
from typer.main import get_command_from_info
from typer.models import ArgumentInfo, CommandInfo
from typer.utils import get_params_from_function

from wrkq_files.cli import options, registry

CONTEXT: Final = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class SectionedCommand(TyperCommand):
    """A command whose help keeps what many commands share apart from what is its own."""

    def format_arguments(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Nothing: click 8.5 would list the arguments a second time."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for heading, rows in sections(self, ctx).items():
            with formatter.section(heading):
                formatter.write_dl(rows)


def sections(command: click.Command, ctx: click.Context) -> dict[str, list[tuple[str, str]]]:
    """The parameters with their help, by heading, in the order they are shown in."""
    found: dict[str, list[tuple[str, str]]] = {}
    for parameter in command.get_params(ctx):
        record = parameter.get_help_record(ctx)
        if record:
            own = "Arguments" if isinstance(parameter, click.Argument) else "Options"
            own = "Everywhere" if "--help" in parameter.opts else own
            found.setdefault(getattr(parameter, "rich_help_panel", None) or own, []).append(record)
    return found


def load(command: registry.Command) -> click.Command:
    """The command of one row of the table."""
    module, _, function = command.where.partition(":")
    callback = getattr(import_module(f"wrkq_files.cli.commands.{module}"), function)
    # Typer asks for them three times, and works them out from their text each time: 15 ms where there are many.
    callback.__annotations__ = get_type_hints(callback, include_extras=True)
    name = command.name.rpartition(" ")[2]
    built = get_command_from_info(
        CommandInfo(name=name, callback=callback, cls=SectionedCommand, context_settings=CONTEXT),
        pretty_exceptions_short=False,
        rich_markup_mode=None,
    )
    _finish_arguments(built, callback)
    options.add_to(built, command.takes)
    return built


def _finish_arguments(command: click.Command, callback: Callable[..., Any]) -> None:
    """The help of arguments, which typer 0.24 loses with click 8.5; and completion of what names a document."""
    told = get_params_from_function(callback)
    for parameter in command.params:
        info = told[parameter.name].default if parameter.name in told else None
        if isinstance(parameter, TyperArgument) and isinstance(info, ArgumentInfo):
            parameter.help = info.help
            metavar = info.metavar or ""
            parameter.metavar = metavar if parameter.nargs == 1 or "..." in metavar else f"{metavar}..."
            if set(metavar.split()) & options.DOCUMENT_WORDS:
                parameter._custom_shell_complete = _documents
            if metavar == options.BUNDLE_WORD:
                parameter._custom_shell_complete = _bundles


def _bundles(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[Any]:
    from click.shell_completion import CompletionItem

    from wrkq_files.cli import completing

    return [CompletionItem(name) for name in completing.bundles(context.obj, incomplete)]


def _documents(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[Any]:
    from wrkq_files.cli import completing

    return completing.documents(context.obj, incomplete)
