"""What a search found: a line for the document, a line with the words in their place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from wrkq_files.cli import entries, text
from wrkq_files.cli.output import Rows
from wrkq_files.cli.request import Request

if TYPE_CHECKING:
    from wrkq_files.index.entry import Hit

_INDENT = "    "


def rows(ask: Request, found: Sequence[Hit]) -> Rows:
    from wrkq_files.service.rows import LEAN
    from wrkq_files.service.rows import rows as read_rows

    def read(items: Sequence[Any], names: Sequence[str]) -> list[dict[str, Any]]:
        plain = [name for name in names if name not in ("snippet", "relevance")]
        listed = read_rows(ask.tracker, [hit.entry for hit in items], plain)
        extra = [{"snippet": snippet(hit), "relevance": round(hit.score, 4)} for hit in items]
        return [{name: (row | more)[name] for name in names} for row, more in zip(listed, extra, strict=True)]

    return Rows(
        found, read, lambda items: _lines(ask, items), (*LEAN, "snippet", "relevance"), "path", ("-relevance", "path")
    )


def snippet(hit: Hit) -> str:
    """The words around the match, without the marks."""
    from wrkq_files.index.entry import MARK_CLOSE, MARK_OPEN

    return text.one_line(hit.snippet.replace(MARK_OPEN, "").replace(MARK_CLOSE, ""))


def _lines(ask: Request, found: Sequence[Hit]) -> Iterator[str]:
    heads = entries.lines(ask, [hit.entry for hit in found])
    for hit, head in zip(found, heads, strict=True):
        yield head
        if words := _marked(ask, hit):
            yield _INDENT + words


def _marked(ask: Request, hit: Hit) -> str:
    from wrkq_files.index.entry import MARK_CLOSE, MARK_OPEN

    if not ask.screen.terminal:
        return snippet(hit)
    room = ask.screen.width - len(_INDENT)
    words = _around_the_match(hit.snippet.replace(MARK_CLOSE, MARK_OPEN), MARK_OPEN, room)
    if not ask.screen.colour:
        return text.cut(text.one_line(words.replace(MARK_OPEN, "")), room)
    parts: list[str] = []
    for number, piece in enumerate(words.split(MARK_OPEN)):
        short = text.cut(_one_line_keeping_ends(piece), max(room, 0))
        room -= text.width(short)
        parts.append(ask.screen.styled(short, "bold yellow" if number % 2 else "dim"))
    return "".join(parts)


def _around_the_match(words: str, mark: str, room: int) -> str:
    """The words from where their first match can still be seen in the room there is."""
    before, found, rest = words.partition(mark)
    match = rest.partition(mark)[0]
    if text.width(before) + text.width(match) < room - 1:
        return words
    return text.cut(before, room // 3, keep_end=True) + found + rest


def _one_line_keeping_ends(piece: str) -> str:
    """A piece between two marks: the spaces at its ends are between words."""
    return "".join(character if character.isprintable() else " " for character in text.clean(piece))
