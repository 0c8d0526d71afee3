"""Programs and words that hold commands: built from the table, each command imported when it is asked for."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import click
from typer.core import TyperGroup

from wrkq_files.cli import building, options, registry
from wrkq_files.errors import WrkqError

#: What ``--help`` leaves out.
_REST: Final = "More"
#: Columns for a group and its words; of more words the list stands beside the group's line.
_ROOM: Final = 32


class LazyGroup(TyperGroup):
    """A program, or a word like ``comment``: lists its commands without importing them."""

    def __init__(self, program: str, prefix: str = "") -> None:
        self.program, self.prefix = program, prefix
        self.table: Mapping[str, registry.Command | None] = registry.under(program, prefix)
        super().__init__(
            name=prefix or program,
            help=registry.GROUPS[prefix][1] if prefix else registry.ABOUT[program],
            params=[options.as_click(option) for option in (*options.PLACES, *options.ANSWER)]
            + ([] if prefix else [_help_all(), _version()]),
            rich_markup_mode=None,
            context_settings=building.CONTEXT,
            subcommand_metavar="COMMAND [ARGS]...",
            # A missing command is an error that says so, with status 2, and not a page of help.
            no_args_is_help=False,
        )

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.table:
            return None
        command = self.table[cmd_name]
        return building.load(command) if command else LazyGroup(self.program, cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if not self.prefix and args[0] not in self.table and args[0] in registry.ALIASES:
            alias = registry.ALIASES[args[0]]
            if alias[0] in self.table:
                args = [*alias, *args[1:]]
        if args[0] not in self.table and not ctx.resilient_parsing:
            raise self.unknown(args[0])
        return super().resolve_command(ctx, args)

    def unknown(self, word: str) -> WrkqError:
        """There is no such command; names the nearest ones, also those of the other program."""
        name = f"{self.prefix} {word}".strip()
        near = [f"{self.program} {self.prefix} {each}".replace("  ", " ") for each in _near(word, self.table)]
        other = registry.WRKQADM if self.program == registry.WRKQ else registry.WRKQ
        if not self.prefix and word in registry.under(other, ""):
            near = [f"{other} {word}"]
        elif not near and not self.prefix:
            near = [f"{other} {each}" for each in _near(word, registry.under(other, ""), 0.85)]
        hint = (
            f"did you mean `{'`, `'.join(near)}`?"
            if near
            else f"{self.program} {self.prefix} --help".replace("  ", " ")
        )
        return WrkqError("usage", f"there is no command `{name}`", hint=hint, details={"command": name})

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        from click.shell_completion import CompletionItem

        found = [CompletionItem(word, help=self.line(word)) for word in self.table if word.startswith(incomplete)]
        return found if incomplete[:1] != "-" else super(click.Group, self).shell_complete(ctx, incomplete)

    def line(self, word: str) -> str:
        command = self.table[word]
        return command.help if command else registry.GROUPS[word][1]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_commands(self, formatter, everything=bool(self.prefix))


def write_commands(group: LazyGroup, formatter: click.HelpFormatter, *, everything: bool) -> None:
    """The commands in groups; those without a heading with ``everything`` only, and then each word of a group."""
    sections: dict[str, list[tuple[str, str]]] = {}
    for word, command in group.table.items():
        heading = (command.heading if command else registry.GROUPS[word][0]) or (everything and _REST)
        if heading:
            sections.setdefault(heading, []).append(_row(group, word, everything))
    widest = max((len(word) for rows in sections.values() for word, _ in rows), default=0)
    for heading in sorted(sections, key=lambda each: each == _REST):
        with formatter.section("Commands" if group.prefix else heading):
            formatter.write_dl([(word.ljust(widest), line) for word, line in sections[heading]])
    if not everything:
        formatter.write_paragraph()
        formatter.write_text(
            f"`{group.program} --help-all` shows the rest, `{group.program} COMMAND --help` one command."
        )


def _row(group: LazyGroup, word: str, everything: bool) -> tuple[str, str]:
    """A command and its line; of a group every word, beside its name where there is room."""
    line = group.line(word)
    if group.table[word] is not None or not everything:
        return word, line
    words = [*registry.under(group.program, word)]
    joined = f"{word} {'|'.join(words)}"
    return (joined, line) if len(joined) <= _ROOM else (word, f"{line} {', '.join(words)}.")


def _near(word: str, known: Mapping[str, object] | Sequence[str], cutoff: float = 0.6) -> list[str]:
    return difflib.get_close_matches(word, list(known), 3, cutoff)


def _help_all() -> click.Option:
    return click.Option(
        ["--help-all"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        help="Show every command, and exit.",
        callback=_show_all,
    )


def _show_all(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    group = context.command
    if not value or context.resilient_parsing or not isinstance(group, LazyGroup):
        return
    formatter = context.make_formatter()
    group.format_usage(context, formatter)
    group.format_help_text(context, formatter)
    write_commands(group, formatter, everything=True)
    click.echo(formatter.getvalue().rstrip("\n"))
    context.exit()


def _version() -> click.Option:
    return click.Option(
        ["--version"], is_flag=True, is_eager=True, expose_value=False, hidden=True, callback=_show_version
    )


def _show_version(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        from wrkq_files import __version__

        click.echo(f"wrkq-files {__version__}")
        context.exit()
