"""The terminal, or what stands in its place: two streams, their width, and whether colour is wanted."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Mapping
from typing import BinaryIO, Final, NamedTuple, TextIO

from wrkq_files.cli import text

#: What a style is in SGR codes (ECMA-48, 8.3.117).
_CODES: Final = {
    "dim": "2",
    "bold": "1",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
}


class Screen(NamedTuple):
    """Where output goes. ``terminal``: stdout is one; ``colour`` and ``err_colour``: each stream may have colour."""

    out: TextIO
    err: TextIO
    terminal: bool
    err_terminal: bool
    colour: bool
    err_colour: bool
    width: int

    def emit(self, line: str) -> None:
        """A line of data."""
        self.out.write(line + "\n")

    def emit_raw(self, data: bytes) -> None:
        """Bytes as they are; a terminal gets them cleaned."""
        if self.terminal:
            self.out.write(text.clean(data.decode("utf-8", "replace")))
            return
        self.out.flush()
        binary: BinaryIO | None = getattr(self.out, "buffer", None)
        if binary is None:
            self.out.write(data.decode("utf-8", "replace"))
        else:
            binary.write(data)

    def say(self, line: str) -> None:
        """A line of words about the data."""
        with contextlib.suppress(OSError):  # a full disk: the end of the request says so, and has to be able to
            self.out.flush()
        self.err.write(line + "\n")

    def styled(self, words: str, style: str) -> str:
        """``words`` in a style, where stdout shows one."""
        return paint(words, style) if self.colour and style else words


def paint(words: str, style: str) -> str:
    return f"\x1b[{';'.join(_CODES[each] for each in style.split())}m{words}\x1b[0m" if words else words


def open_screen(environ: Mapping[str, str]) -> Screen:
    out, err = _or_nowhere(sys.stdout), _or_nowhere(sys.stderr)
    for stream in (out, err):
        _make_utf8(stream)
    plain = bool(environ.get("NO_COLOR")) or environ.get("TERM") == "dumb"
    terminal, err_terminal = out.isatty(), err.isatty()
    return Screen(
        out=out,
        err=err,
        terminal=terminal,
        err_terminal=err_terminal,
        colour=terminal and not plain,
        err_colour=err_terminal and not plain,
        width=shutil.get_terminal_size().columns,
    )


def _or_nowhere(stream: TextIO | None) -> TextIO:
    """Python has no stream where the caller closed it (`>&-`): what is said is lost, as was asked for."""
    return stream or open(os.devnull, "w", encoding="utf-8")


def _make_utf8(stream: TextIO) -> None:
    """Tracker files are UTF-8: a locale that is not must not turn a list into an error."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure:
        reconfigure(encoding="utf-8", errors="replace", newline="\n")
