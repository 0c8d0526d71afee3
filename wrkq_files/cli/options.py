"""Options that many commands share: declared once, handed to the request and not to the command's function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click
from typer.core import TyperOption

from wrkq_files.cli import registry

if TYPE_CHECKING:
    from wrkq_files.model.fields import Field


class Option(NamedTuple):
    """One option. Without a ``metavar`` it is a flag; ``many``: it may be given several times."""

    names: tuple[str, ...]
    help: str
    metavar: str = ""
    many: bool = False
    number: bool = False


PLACES: Final = (
    Option(("root", "--root"), "The tracker's folder: the one that holds wrkq.yaml.", "DIR"),
    Option(("actor", "--as"), "Who acts: an actor's name.", "ACTOR"),
    Option(("directory", "-C"), "Work as if started there.", "DIR", many=True),
    Option(("bundle", "--bundle"), "Work on this bundle, without checking it out.", "NAME"),
)
ANSWER: Final = (Option(("json", "--json"), "Answer in JSON."),)
ROWS: Final = (
    Option(("json", "--json"), "Answer with a JSON array."),
    Option(("ndjson", "--ndjson"), "Answer with one JSON object a line."),
    Option(("tsv", "--tsv"), "Answer with tab-separated values under a line of names."),
    Option(("lines", "-1"), "One value a line: the address, or what --fields names."),
    Option(("nul", "-0"), "As -1, with a NUL after each in place of a line end."),
    Option(("fields", "--fields"), "Show these fields.", "A,B"),
    Option(("sort", "--sort"), "Order by these fields; -FIELD for the other direction.", "A,-B"),
    Option(("limit", "--limit"), "Show at most N.", "N", number=True),
    Option(("cursor", "--cursor"), "Go on where an answer with --limit ended (its next_cursor).", "CURSOR"),
)
WRITE: Final = (
    Option(("dry_run", "-n", "--dry-run"), "Print the exact difference, and write nothing."),
    Option(("message", "-m", "--message"), "Why: goes into the commit's message.", "TEXT"),
    Option(("commit", "--commit"), "Commit at once, whatever commit.mode says."),
    Option(("no_commit", "--no-commit"), "Write the files, and leave the commit to you."),
    Option(("if_match", "--if-match"), "Only where the document still has this etag.", "ETAG"),
    Option(("force", "--force"), "Set workflow rules aside; the commit records it."),
    Option(("with_edits", "--with-edits"), "Commit a file's uncommitted edits along."),
    Option(("key", "--key"), "Do this once: with the same key again, tell what it did.", "KEY"),
)
AT: Final = (Option(("at", "--at"), "The tracker as it was at a revision or time.", "REV|DATE"),)
_BY_NAME: Final = {option.names[0]: option for option in WRITE}


def _some(*names: str) -> tuple[Option, ...]:
    return tuple(_BY_NAME[name] for name in names)


#: The sets of :mod:`registry` by their names.
SETS: Final[Mapping[str, tuple[Option, ...]]] = MappingProxyType(
    {
        registry.WRITE: WRITE,
        registry.CREATE: _some("dry_run", "message", "commit", "no_commit", "force", "key"),
        registry.EDIT: _some("dry_run", "message", "commit", "no_commit"),
        registry.COMMIT: _some("dry_run", "message", "force"),
        registry.INIT: _some("dry_run", "commit"),
        registry.DRY: _some("dry_run"),
        registry.BATCH: _some("dry_run", "message", "commit", "no_commit", "force", "with_edits", "key"),
        registry.ROWS: ROWS,
        registry.STREAM: ROWS[:2],
        registry.AT: AT,
    }
)
#: What ``--edit`` of a command that reads takes.
EDITING: Final = tuple(option.names[0] for option in SETS[registry.EDIT])
_WRITING: Final = (
    *(registry.WRITE, registry.CREATE, registry.EDIT, registry.COMMIT, registry.INIT, registry.DRY, registry.BATCH),
)
_ANSWERS: Final = (registry.ROWS, registry.STREAM)
#: Metavars of arguments that name a document.
DOCUMENT_WORDS: Final = frozenset({"TARGET", "CONTAINER", "A", "B", "SOURCE...", "PATTERN"})
#: The metavar of arguments that name a bundle, or another branch.
BUNDLE_WORD: Final = "BUNDLE"
LABELS_AT_BIRTH: Final = (Option(("label", "--label"), "A label; may be given several times.", "LABEL", many=True),)
LABELS: Final = (
    Option(("add_label", "--add-label"), "Add a label; may be given several times.", "LABEL", many=True),
    Option(("remove_label", "--remove-label"), "Take a label away; may be given several times.", "LABEL", many=True),
)
#: Fields that have a command or an option of their own, or that hold what an option cannot say well.
_NOT_OPTIONS: Final = frozenset({"labels", "past_targets", "sections", "archived", "meta"})
_METAVARS: Final = {
    "text": "TEXT",
    "slug": "ACTOR",
    "id": "TASK",
    "ids": "TASK,…",
    "priority": "1-4",
    "number": "HOURS",
    "time": "TIME",
    "rank": "RANK",
    "map": "PART=N,…",
    "maps": "ACTOR:ROLE,…",
}
#: Where the general word would mislead.
_NAMED_METAVARS: Final = {
    "state": "STATE",
    "resolution": "HOW",
    "kind": "KIND",
    "section": "SECTION",
    "operator": "WHO",
    "target": "thread|goal",
}
#: Where a field's own help does not say what the option takes.
_HELPS: Final = {"target": "What will carry it out: its id is minted now, and reserved. An earlier one is kept."}
#: What changes a document can put it in an order; what makes one only takes a rank.
_PLACE: Final[Mapping[str, Any]] = MappingProxyType(
    {"metavar": "PLACE", "help": "Its place in the order by hand: top, bottom, before:OTHER or after:OTHER."}
)
FIELD_PREFIX: Final = "field_"


def field_options(takes: Sequence[str]) -> tuple[Option, ...]:
    """The options for a command's fields, from the model's table."""
    if not {registry.ANY_FIELDS, registry.TASK_FIELDS, registry.CONTAINER_FIELDS} & set(takes):
        return ()
    from wrkq_files.model.fields import CONTAINER_FIELDS, TASK_FIELDS

    if registry.ANY_FIELDS in takes:
        found = _for_fields({**CONTAINER_FIELDS, **TASK_FIELDS}.values())
        return (*(each._replace(**_PLACE) if "--rank" in each.names else each for each in found), *LABELS)
    if registry.TASK_FIELDS in takes:
        return (*_for_fields(TASK_FIELDS.values()), *LABELS_AT_BIRTH)
    return (*_for_fields(CONTAINER_FIELDS.values()), *LABELS_AT_BIRTH)


def all_options(takes: Sequence[str]) -> dict[str, tuple[Option, ...]]:
    """Every shared option of a command that takes these sets, by the heading it stands under."""
    writing = [option for name in _WRITING for option in (SETS[name] if name in takes else ())]
    answer = [option for name in _ANSWERS for option in (SETS[name] if name in takes else ())]
    return {
        "Fields": field_options(takes),
        "Writing": tuple(writing),
        "When": AT if registry.AT in takes else (),
        "Answer": tuple(answer) or ANSWER,
        "Everywhere": PLACES,
    }


def add_to(command: click.Command, takes: Sequence[str]) -> None:
    """Gives a command the options it shares with others."""
    for heading, options in all_options(takes).items():
        command.params += [as_click(option, heading) for option in options]


def as_click(option: Option, heading: str | None = None) -> click.Option:
    """The option as click knows it: its value goes to the request (see :func:`_keep`)."""
    flag = not option.metavar
    return TyperOption(
        param_decls=list(option.names),
        help=option.help,
        metavar=option.metavar or None,
        is_flag=flag or None,
        multiple=option.many,
        type=None if flag else click.INT if option.number else click.STRING,
        default=None if not flag else False,
        expose_value=False,
        callback=_keep,
        autocompletion=None if flag else _completion(option.names[0]),
        rich_help_panel=heading,
    )


def _keep(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Notes what was given in the request; a repeated option adds to what stands before the command's name."""
    if parameter.name is None or value is None or value is False or value == ():
        return
    given: dict[str, Any] = context.obj.given
    if isinstance(value, (tuple, list)):
        value = (*given.get(parameter.name, ()), *value)
    given[parameter.name] = value


def _completion(name: str) -> Callable[..., list[str]]:
    def complete(context: click.Context, args: list[str], incomplete: str) -> list[str]:
        from wrkq_files.cli import completing

        return completing.values_of(context.obj, name, incomplete)

    return complete


def _for_fields(fields: Iterable[Field]) -> tuple[Option, ...]:
    chosen = [field for field in fields if not field.minted and field.name not in _NOT_OPTIONS]
    return tuple(_for_field(field) for field in chosen)


def _for_field(field: Field) -> Option:
    metavar = _NAMED_METAVARS.get(field.name) or _METAVARS[field.type]
    words = ", ".join(field.values or field.sub if field.type != "maps" else ())
    if field.name in _HELPS:
        return Option((FIELD_PREFIX + field.name, f"--{field.name}"), _HELPS[field.name], metavar)
    text = field.help.replace("`", "")
    text += f" One of: {words}." if field.values else f" Parts: {words}." if words else ""
    return Option((FIELD_PREFIX + field.name, "--" + field.name.replace("_", "-")), text, metavar)
