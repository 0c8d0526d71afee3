"""Where a file's frontmatter and body are, and whether its text can be read at all."""

from __future__ import annotations

import re
from typing import Final

from wrkq_files.files.nodes import Unreadable

MAX_FRONTMATTER: Final = 64 * 1024
MAX_BODY: Final = 10 * 1024 * 1024
BOM: Final = "\ufeff"
_OPENING: Final = re.compile(rb"(?:\xef\xbb\xbf)?---(?:\r?\n|\Z)")
#: A conflict that begins with the file's very first line: the opening `---` comes after the marker.
_TORN: Final = re.compile(rb"(?:\xef\xbb\xbf)?<{7} [^\n]*\n(?:[^\n]*\n){0,200}?---\r?\n")
_CLOSING: Final = re.compile(r"\n---\r?(?:\n|\Z)")
#: What people and their editors write for the closing line.
_NEARLY_CLOSING: Final = re.compile(r"^[ \t]*(?:-{2,}|[—–]-?|\.{3})[ \t]*(?=\r?$)", re.MULTILINE)
#: The opening line in UTF-16, as some editors and shells of Windows save a file.
_UTF_16: Final = tuple("\ufeff---".encode(name) for name in ("utf-16-le", "utf-16-be"))
_FENCE: Final = re.compile(r" {0,3}(?:[-*+] +)?(`{3,}|~{3,})")
#: What YAML calls not printable, a byte order mark in the middle, a carriage return that ends no line. Written as
#: what to forbid: the ranges to allow take 3 ms to compile.
CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]|\r(?!\n)")


class Spans:
    """A file's text (a byte order mark included) and the offsets that cut it.

    ``text[front:close]`` is the frontmatter's lines, ``text[close:body]`` the closing ``---`` and the one blank line
    that may follow it, ``text[body:]`` the body.
    """

    __slots__ = ("body", "close", "front", "text")

    def __init__(self, text: str, front: int, close: int, body: int) -> None:
        self.text = text
        self.front = front
        self.close = close
        self.body = body

    @property
    def frontmatter(self) -> str:
        return self.text[self.front : self.close]

    @property
    def raw_body(self) -> str:
        return self.text[self.body :]

    @property
    def eol(self) -> str:
        """The line end of the file's first line."""
        return "\r\n" if self.text[self.front - 2 : self.front] == "\r\n" else "\n"


def is_document(head: bytes) -> bool:
    """Whether a file that begins so is a document: its first line is ``---``, a byte order mark aside.

    A file whose first line a conflict displaced, or that was saved as UTF-16, is one too: it must not vanish from
    lists.
    """
    if _OPENING.match(head) or head.startswith(_UTF_16):
        return True
    return head[:10].find(b"<<<<<<< ") >= 0 and bool(_TORN.match(head))


def split(data: bytes) -> Spans:
    """The spans of a document. Raises :class:`Unreadable`, with offsets in the whole text."""
    text = _decoded(data)
    if "<<<<<<< " in text and (place := conflict(text)) is not None:
        raise Unreadable("conflict-markers", place, "a merge was left unfinished here")
    front = _front(text)
    closing = _CLOSING.search(text, front - 1)
    if closing is None:
        raise _unclosed(text, front)
    close, body = closing.start() + 1, closing.end()
    # The first question costs a third of the second, and answers it for nearly every file.
    easy = text[front:close].replace("\n", "").isprintable()
    if not easy and (bad := CONTROL.search(text, front, close)):
        raise Unreadable("control-characters", bad.start(), f"the frontmatter holds U+{ord(bad[0]):04X}")
    if text.startswith("\n", body):
        body += 1
    elif text.startswith("\r\n", body):
        body += 2
    _check_sizes(data, text, front, close, body)
    return Spans(text, front, close, body)


def place(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def conflict(text: str) -> int | None:
    """The offset of a conflict's first marker: all three in order at line starts, the first outside code fences."""
    wanted = ("<<<<<<< ", "=======", ">>>>>>> ")
    found, first, fence, offset = 0, 0, "", 0
    for line in text.split("\n"):
        start = line.removeprefix(BOM) if not offset else line
        if fence:
            closing = line.strip()
            fence = "" if closing.startswith(fence) and not closing.strip(fence[0]) else fence
        elif not found and (opening := _FENCE.match(line)):
            fence = opening[1]
        elif start.rstrip() == wanted[1] if found == 1 else start.startswith(wanted[found]):
            first = first if found else offset
            found += 1
            if found == len(wanted):
                return first
        offset += len(line) + 1
    return None


def _decoded(data: bytes) -> str:
    if len(data) > MAX_FRONTMATTER + MAX_BODY + 16:
        raise Unreadable("too-large", 0, f"the file has {len(data)} bytes", allowed=f"at most {MAX_BODY}")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        if data.startswith(_UTF_16):
            raise Unreadable("bad-utf8", 0, "the file is UTF-16") from None
        before = len(data[: error.start].decode())
        raise Unreadable("bad-utf8", before, f"byte 0x{data[error.start]:02x} is not UTF-8") from None


def _front(text: str) -> int:
    start = 1 if text.startswith(BOM) else 0
    if text.startswith("---\n", start):
        return start + 4
    if text.startswith("---\r\n", start):
        return start + 5
    if text[start:] == "---":
        raise Unreadable("unclosed-frontmatter", 0, "the frontmatter is never closed by a line of exactly `---`")
    raise Unreadable("not-a-mapping", 0, "there is no frontmatter: the first line is not `---`")


def _unclosed(text: str, front: int) -> Unreadable:
    """Names the line that was likely meant to close the frontmatter, if there is one."""
    if nearly := _NEARLY_CLOSING.search(text, front):
        message = f"`{nearly[0]}` does not close the frontmatter: the closing line is exactly `---`"
        return Unreadable("unclosed-frontmatter", nearly.start(), message, remedy="write `---` in this line")
    message = "the frontmatter is never closed by a line of exactly `---`"
    return Unreadable("unclosed-frontmatter", 0, message, remedy="write `---` in a line below the last `key: value`")


def _check_sizes(data: bytes, text: str, front: int, close: int, body: int) -> None:
    if len(data) <= MAX_FRONTMATTER:
        return
    size = len(text[front:close].encode())
    if size > MAX_FRONTMATTER:
        raise Unreadable("too-large", 0, f"the frontmatter has {size} bytes", allowed=f"at most {MAX_FRONTMATTER}")
    size = len(data) - len(text[:body].encode())
    if size > MAX_BODY:
        raise Unreadable("too-large", body, f"the body has {size} bytes", allowed=f"at most {MAX_BODY}")
