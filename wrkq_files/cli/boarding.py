"""A board as a person sees it: columns side by side where the terminal is wide enough, else one below the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from wrkq_files.cli import tables, text
from wrkq_files.cli.screen import Screen
from wrkq_files.cli.tables import Column

if TYPE_CHECKING:
    from wrkq_files.service.board import Board, Card, Stack

#: A narrower column cannot be read: then they stand one below the other.
_NARROWEST: Final = 20
_GAP: Final = 2
#: States in which work goes on, as a card says them.
_GOING: Final = (("in_progress", "in progress"), ("in_review", "in review"))
#: Cards of a column that a terminal shows.
_MOST: Final = 12
_BELOW: Final = (
    Column("indent"),
    Column("path", least=14, keep_end=True, style=lambda _: "cyan"),
    Column("title", least=14),
    Column("p"),
    Column("progress", right=True),
    Column("person", least=6, optional=True),
    Column("notes", least=12, style=lambda _: "yellow"),
)


def lines(board: Board, screen: Screen) -> Iterator[str]:
    """One project's board, below its name."""
    yield _head(board, screen)
    columns = board.stacks
    each_has = (screen.width + _GAP) // max(1, len(columns)) - _GAP
    if screen.terminal and each_has >= _NARROWEST:
        yield from _beside(columns, each_has, screen)
    else:
        yield from _below(columns, screen)
    if board.loose:
        where = board.project.address if board.project else ""
        yield screen.styled(
            f"{text.plural(board.loose, 'open task')} in no feature: wrkq board --tasks {where}", "dim"
        )


def _head(board: Board, screen: Screen) -> str:
    name = text.one_line(board.project.title) if board.project else _nameless(board)
    address = f"  {text.one_line(board.project.address)}" if board.project else ""
    done = board.progress
    count = f"  {done.done} of {text.plural(done.total, 'task')}, {done.percent} %" if done.total else "  no tasks"
    return screen.styled(name, "bold") + screen.styled(address + count, "dim")


def _nameless(board: Board) -> str:
    """Above the features that are in no project, or all tasks."""
    return "In no project" if any(stack.role for stack in board.stacks) else "All tasks"


def _title(stack: Stack) -> tuple[str, str]:
    """The words above a column, and how they look."""
    count = str(len(stack.cards)) if stack.wip_limit is None else f"{len(stack.cards)}/{stack.wip_limit}"
    return f"{text.one_line(stack.title)} {count}", "bold red" if stack.is_over else "bold blue"


# Side by side


def _beside(stacks: Sequence[Stack], width: int, screen: Screen) -> Iterator[str]:
    columns = [_column(stack, width) for stack in stacks]
    for number in range(max(map(len, columns), default=0)):
        cells = [column[number] if number < len(column) else ("", "") for column in columns]
        padded = []
        for words, style in cells:
            short = text.cut(words, width)
            padded.append(screen.styled(short, style) + " " * (width - text.width(short)))
        yield (" " * _GAP).join(padded).rstrip()


def _column(stack: Stack, width: int) -> list[tuple[str, str]]:
    title, style = _title(stack)
    found = [(title, style), ("─" * width, "dim")]
    for card in stack.cards[:_MOST]:
        found += [*_card(card, width), ("", "")]
    if len(stack.cards) > _MOST:
        found.append((f"+ {len(stack.cards) - _MOST} more", "dim"))
    return found


def _card(card: Card, width: int) -> list[tuple[str, str]]:
    entry = card.entry
    person = f" {card.person}" if card.person else ""
    found = [(text.one_line(entry.title), ""), (f"{entry.slug} P{entry.priority}{person}", "cyan")]
    if card.progress is not None and card.progress.total:
        found.append((_bar(card, width), "green"))
    return [*found, *_notes(card)]


def _bar(card: Card, width: int) -> str:
    assert card.progress is not None
    said = f" {_progress(card)}"
    room = min(10, width - text.width(said))
    filled = round((card.progress.share or 0) * room) if room > 2 else 0
    return f"{'█' * filled}{'░' * (room - filled)}{said}" if room > 2 else said.strip()


def _progress(card: Card) -> str:
    done = card.progress
    return f"{done.done}/{done.total} {done.percent} %" if done is not None and done.total else ""


def _notes(card: Card) -> Iterator[tuple[str, str]]:
    """What is to be known of a card, a line each."""
    going = [f"{card.states[name]} {words}" for name, words in _GOING if card.states.get(name)]
    if going:
        yield ", ".join(going), "yellow"
    if card.progress is not None and card.blocked:
        yield f"{card.blocked} blocked", "red"
    if card.due is not None:
        late = f" ({card.due_soon} not begun)" if card.due_soon and card.progress is not None else ""
        yield f"due {card.due}{late}", "red" if card.due_soon else ""
    for branch, count in card.branches.items():
        yield f"{count} on {text.one_line(branch)}", "magenta"
    for mark in card.marks:
        yield text.one_line(mark.words), "magenta"
    if card.suggested:
        yield f"-> {card.suggested} (wrkq tidy)", "yellow"


# One below the other


def _below(stacks: Sequence[Stack], screen: Screen) -> Iterator[str]:
    for stack in stacks:
        title, style = _title(stack)
        yield screen.styled(title, style)
        shown = stack.cards[:_MOST] if screen.terminal else stack.cards
        yield from tables.lines(_BELOW, [_cells(each) for each in shown], screen)
        if len(shown) < len(stack.cards):
            yield screen.styled(f"  + {len(stack.cards) - len(shown)} more", "dim")


def _cells(card: Card) -> Sequence[str]:
    entry = card.entry
    is_plain = card.progress is None and card.due is None and not card.marks  # most tasks, of thousands
    notes = "" if is_plain else "; ".join(words for words, _ in _notes(card))
    return [" ", entry.address, entry.title, f"P{entry.priority}", _progress(card), card.person or "", notes]


# Markdown


def markdown(board: Board) -> Iterator[str]:
    """The board as a table that a git host shows, as in a job's summary."""
    from wrkq_files.model.markdown import line

    name = line(board.project.title) if board.project else _nameless(board)
    done = board.progress
    count = f" ({done.done} of {done.total}, {done.percent} %)" if done.total else ""
    yield f"### {name}{count}"
    yield ""
    yield "| Section | Feature | Progress | Notes |"
    yield "|---|---|--:|---|"
    for stack in board.stacks:
        title = f"**{line(_title(stack)[0])}**" + (" over its limit" if stack.is_over else "")
        if not stack.cards:
            yield f"| {title} | | | |"
        for card in stack.cards:
            notes = ", ".join(line(words) for words, _ in _notes(card))
            entry = card.entry
            yield f"| {title} | {line(entry.title)} `{entry.address}` | {_progress(card)} | {notes} |"
            title = ""
    yield ""
