"""The table of commands says what the commands are."""

from __future__ import annotations

import inspect
from importlib import import_module

import click
import pytest

from tests.cli.support import run
from wrkq_files.cli import building, registry
from wrkq_files.cli.groups import LazyGroup
from wrkq_files.cli.registry import Command

ALL = [(program, command) for program, table in registry.COMMANDS.items() for command in table]
NAMES = [f"{program} {command.name}" for program, command in ALL]


@pytest.mark.parametrize(("program", "command"), ALL, ids=NAMES)
def test_the_help_line_is_the_function_s(program: str, command: Command) -> None:
    module, _, function = command.where.partition(":")
    callback = getattr(import_module(f"wrkq_files.cli.commands.{module}"), function)
    assert (inspect.getdoc(callback) or "").partition("\n")[0] == command.help


@pytest.mark.parametrize(("program", "command"), ALL, ids=NAMES)
def test_every_command_has_help_and_json(program: str, command: Command) -> None:
    built = building.load(command)
    for parameter in built.params:
        assert getattr(parameter, "help", None), parameter.name
    names = [name for parameter in built.params for name in parameter.opts]
    assert "--json" in names
    options = [name for parameter in built.params if isinstance(parameter, click.Option) for name in parameter.opts]
    assert len(options) == len(set(options)), "an option is declared twice"
    done = run(*command.name.split(), "--help", program=program)
    assert (done.exit, done.err) == (0, "")
    assert command.help.split()[0] in done.out


@pytest.mark.parametrize("program", registry.COMMANDS)
def test_names_are_unique_and_groups_are_known(program: str) -> None:
    names = [command.name for command in registry.COMMANDS[program]]
    assert len(names) == len(set(names))
    groups = {name.partition(" ")[0] for name in names if " " in name}
    assert groups <= set(registry.GROUPS)
    assert not groups & set(names)


def test_help_shows_about_two_dozen_words() -> None:
    shown = [word for word in registry.under("wrkq", "") if f"\n  {word} " in run("--help").out]
    assert 20 <= len(shown) <= 30


@pytest.mark.parametrize("program", registry.COMMANDS)
def test_help_all_shows_every_word(program: str) -> None:
    text = run("--help-all", program=program).out
    for command in registry.COMMANDS[program]:
        word, _, more = command.name.partition(" ")
        assert f"\n  {word}" in text
        assert more in text


def test_aliases_lead_somewhere() -> None:
    for alias, words in registry.ALIASES.items():
        assert alias not in registry.under("wrkq", "")
        assert words[0] in registry.under("wrkq", "")


def test_an_alias_is_in_no_help() -> None:
    assert "close" not in LazyGroup("wrkq").list_commands(click.Context(LazyGroup("wrkq")))
