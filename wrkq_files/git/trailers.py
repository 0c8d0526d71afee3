"""A commit's message as git takes it from an editor, and adding trailers to it."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from wrkq_files.git.run import git

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wrkq_files.git.repo import Repo

#: What `git commit -v` puts between the message and the difference it shows.
_SCISSORS: Final = re.compile(rb"^(.) -{24} >8 -{24}$", re.MULTILINE)
#: What git chooses from where ``core.commentChar`` is ``auto``.
_CHARS: Final = b"#;@!$%^&|:"


def comment_char(repo: Repo, message: bytes) -> bytes:
    """What a comment line of this message begins with."""
    named = git(repo, "config", "--get", "core.commentChar", check=False).strip()
    if named and named != b"auto":
        return named
    if named and (found := _SCISSORS.search(message)):
        return found[1]
    last = message.rstrip().rpartition(b"\n")[2][:1]
    return last if named and last and last in _CHARS else b"#"


def above_scissors(message: bytes, comment: bytes) -> tuple[bytes, bytes]:
    """The message, and what git cuts off it: the scissors line and all below. Without an editor it cuts nothing."""
    found = next((each for each in _SCISSORS.finditer(message) if each[1] == comment), None)
    return (message[: found.start()], message[found.start() :]) if found else (message, b"")


def added(repo: Repo, text: bytes, trailers: Sequence[tuple[str, str]], comment: bytes) -> bytes:
    """The text with these trailers, as ``git interpret-trailers`` adds them; those it has are not added again.

    ``comment`` empty: every line is the message's, whatever it begins with.
    """
    unused = (bytes([each]) for each in _CHARS)
    char = comment or next((each for each in unused if not re.search(rb"(?m)^\s*" + re.escape(each), text)), b"#")
    # A person's own `trailer.…` settings are for the trailers that they add.
    settings = ("-c", f"core.commentChar={os.fsdecode(char)}", "-c", "trailer.separators=:")
    how = ("--no-divider", "--where=end", "--if-exists=addIfDifferent", "--if-missing=add")
    words = [word for key, value in trailers for word in ("--trailer", f"{key}: {value}")]
    return git(repo, *settings, "interpret-trailers", *how, *words, input=text)
