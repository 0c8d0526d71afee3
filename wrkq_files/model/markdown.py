"""Anybody's text inside of Markdown that a git host shows: it is read as it was written, and does nothing.

It opens no element, breaks no table, mentions nobody, closes no issue, and runs no command of the host's; not even
where the host takes the Markdown for a commit's message, as in a squash.
"""

from __future__ import annotations

import re
from typing import Final

#: Drawn as nothing; what a host looks for (`@name`, `#12`) is none with it inside. As an entity one sees it in the
#: source, and in a commit's message.
_GAP: Final = "&#8203;"
#: The same where no Markdown is read, as in a title.
_PLAIN_GAP: Final = "\u200b"
_CONTROL: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;"}
_MARKED: Final = re.compile(r"[\\`*\[\]|~]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])")
#: What may begin a block, or a host's quick action, at the beginning of a line.
_BEGINS: Final = re.compile(r"^(?:(\d+)([.)])|([#+\-=/]))")
#: References as hosts know them: `@name`, `#12`, `!12`, `%1`, `GH-12`, and the addresses of issues and requests.
_SIGNS: Final = re.compile(r"([@#!%])(?=[\w\"\\])")
_NUMBERED: Final = re.compile(
    r"\b(GH-|(?:issues|pull|pulls|merge_requests|work_items|discussions)/)(?=\d)", re.IGNORECASE
)
#: Our own ids after a word that closes: in a commit's message that would be a promise (see model/messages.py).
_PROMISED: Final = re.compile(
    r"(?i)\b(close[sd]?|fix(?:e[sd])?|resolve[sd]?|complete[sd]?|finish(?:e[sd])?)(?=:?[\s,;&]+(?:and\s+)?#?[TPWC]-)"
)
_TRAILER: Final = re.compile(r"(?i)^(wrkq-[a-z]+|co-authored-by|signed-off-by)(?=:)")


def line(text: str) -> str:
    """A text on one line: for a list, a heading, a cell of a table."""
    return _escaped(" ".join(_CONTROL.sub(" ", text).split()))


def lines(text: str, *, promises: bool = False) -> list[str]:
    """A text line by line; what its own Markdown would draw is shown as it was written.

    ``promises``: it may say that it closes one of our tasks.
    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return [_escaped(_CONTROL.sub("", each).strip(), promises=promises) for each in plain.strip("\n").split("\n")]


def quote(text: str) -> list[str]:
    """A text as a quotation."""
    return [f"> {each}".rstrip() for each in lines(text)]


def title(text: str) -> str:
    """A text where the host reads no Markdown, and still looks for names and numbers."""
    plain = " ".join(_CONTROL.sub(" ", text).split())
    for pattern in (_SIGNS, _NUMBERED):
        plain = pattern.sub(rf"\1{_PLAIN_GAP}", plain)
    return plain


def _escaped(text: str, *, promises: bool = False) -> str:
    text = _MARKED.sub(lambda found: f"\\{found[0]}", "".join(_ENTITIES.get(each, each) for each in text))
    text = _BEGINS.sub(lambda found: f"{found[1]}\\{found[2]}" if found[1] else f"\\{found[3]}", text)
    text = _TRAILER.sub(rf"\1{_GAP}", text)
    for pattern in (_NUMBERED,) if promises else (_PROMISED, _NUMBERED):
        text = pattern.sub(rf"\1{_GAP}", text)
    return _SIGNS.sub(_apart, text)


def _apart(found: re.Match[str]) -> str:
    """An entity's own `#` is no reference."""
    is_entity = found[1] == "#" and found.string[: found.start()].endswith("&")
    return found[1] if is_entity else found[1] + _GAP
