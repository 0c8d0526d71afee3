"""Hook files as bytes: our shims, our block in a script that is there already, and telling ours from other people's.

Everything we write carries a digest of itself, so that an older version of ours can be told from a person's edit.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

#: The hooks of a person's repository, in the order git runs them in.
CLIENT: Final = (
    "pre-commit",
    "prepare-commit-msg",
    "commit-msg",
    "post-merge",
    "post-checkout",
    "post-rewrite",
    "pre-push",
)
#: The hooks of a repository that others push to; nobody but its keeper installs these.
SERVER: Final = ("update", "pre-receive")
#: What a hook that is no shell script is called once ours has taken its place.
BEFORE: Final = ".before-wrkq"

OWN: Final = "own"
CHAIN: Final = "chain"
BLOCK: Final = "block"

_SHEBANG: Final = b"#!/bin/sh\n"
_SHELLS: Final = frozenset({"sh", "bash", "dash", "zsh"})
_BEGIN: Final = b"# >>> wrkq >>>\n"
_END: Final = b"# <<< wrkq <<<"
_MARK: Final = re.compile(rb"# wrkq hooks ([0-9a-f]{12}): [^\n]*\n")
_OWN_MARK: Final = b"# wrkq hooks %s: `wrkq hooks uninstall` takes this file away.\n"
_BLOCK_MARK: Final = b"# wrkq hooks %s: `wrkq hooks uninstall` takes this block away; edit above or below it.\n"
#: git tells pre-push on standard input what goes where: it is read once, for us and for the script below.
_TWICE: Final = (
    b"""\
wrkq_pushed=$(cat)
[ -z "$wrkq_pushed" ] || printf '%s\\n' "$wrkq_pushed" 2>/dev/null | (
""",
    b"""\
) || exit $?
if [ -n "$wrkq_pushed" ]; then
exec <<WRKQ_PUSHED
$wrkq_pushed
WRKQ_PUSHED
else exec </dev/null; fi
""",
)
_ONCE: Final = (b"(\n", b") || exit $?\n")
_NEXT: Final = b"""\
[ -f "$0%s" ] && [ -x "$0%s" ] || exit 0
exec "$0%s" "$@"
""" % ((BEFORE.encode(),) * 3)


class Found(NamedTuple):
    """What of ours is in a hook file.

    ``kind``: ``own`` (the whole file), ``chain`` (the whole file, with another hook after it) or ``block``.
    ``edited``: it is not as we wrote it; ``current``: it is as we would write it today.
    """

    kind: str
    edited: bool
    current: bool


def folder() -> Path:
    """Where the shims lie: inside an installed wheel, else at the top of the checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "_data" / "hooks"
    return installed if installed.is_dir() else package.parent / "hooks"


def own(name: str) -> bytes:
    """The whole file where there was no hook."""
    body = _body(name)
    return _SHEBANG + _OWN_MARK % _digest(body) + body


def chain(name: str) -> bytes:
    """The whole file that runs ours, then the hook that was there under its new name."""
    body = block(name) + _NEXT
    return _SHEBANG + _OWN_MARK % _digest(body) + body


def block(name: str) -> bytes:
    """The lines that stand in another script: ours in a subshell; the rest runs when it succeeds."""
    before, after = _TWICE if name == "pre-push" else _ONCE
    inner = before + _body(name) + after
    return _BEGIN + _BLOCK_MARK % _digest(inner) + inner + _END + b"\n"


def is_script(data: bytes) -> bool:
    """Whether a block can stand in it: a shell's script by its first line, and no archive that unpacks itself."""
    first = data.partition(b"\n")[0]
    if not first.startswith(b"#!") or first.endswith(b"\r") or b"\0" in data:
        return False
    words = first[2:].decode("utf-8", "replace").split()
    names = [word.rpartition("/")[2] for word in words]
    if names[:1] == ["env"]:
        names = [name for name in names[1:] if not name.startswith("-") and "=" not in name]
    return bool(names) and names[0] in _SHELLS


def with_block(name: str, data: bytes) -> bytes:
    """The script with our block below its first line (above everything where that is no shebang)."""
    if not data.startswith(b"#!"):
        return block(name) + data
    first, newline, rest = data.partition(b"\n")
    # Without a final newline there, there is none after the block: what is taken out again is the same either way.
    return first + newline + block(name) + rest if newline else first + b"\n" + block(name).rstrip(b"\n")


def without_block(data: bytes) -> bytes:
    """The script as it was before :func:`with_block`."""
    start, end = _place(data)
    if end == len(data) and not data.endswith(b"\n"):
        start = max(start - 1, 0)
    return data[:start] + data[end:]


def replaced_block(name: str, data: bytes) -> bytes:
    """The script with today's block where an older one of ours is."""
    start, end = _place(data)
    new = block(name)
    return data[:start] + (new if data[:end].endswith(b"\n") else new.rstrip(b"\n")) + data[end:]


def find(name: str, data: bytes) -> Found | None:
    """What of ours is in the file, None where there is nothing."""
    whole = _MARK.match(data, len(_SHEBANG)) if data.startswith(_SHEBANG) else None
    if whole:
        body = data[whole.end() :]
        kind = CHAIN if BEFORE.encode() in body else OWN
        current = data == (chain(name) if kind == CHAIN else own(name))
        return Found(kind, _digest(body) != whole[1], current)
    start, end = _place(data)
    if start == end:
        return None
    text = data[start:end].removesuffix(b"\n") + b"\n"
    mark = _MARK.match(text, len(_BEGIN))
    inner = text[mark.end() : -len(_END) - 1] if mark else b""
    return Found(BLOCK, mark is None or _digest(inner) != mark[1], text == block(name))


def _place(data: bytes) -> tuple[int, int]:
    """Where the block is, with its line end; an empty place where there is none."""
    start = 0 if data.startswith(_BEGIN) else data.find(b"\n" + _BEGIN) + 1
    if not data.startswith(_BEGIN, start):
        return 0, 0
    end = data.find(b"\n" + _END, start)
    if end < 0:
        return start, len(data)  # its end has been edited away: never ours again
    line_end = data.find(b"\n", end + 1)
    return start, len(data) if line_end < 0 else line_end + 1


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest()[:12].encode()


@lru_cache(maxsize=len(CLIENT))
def _body(name: str) -> bytes:
    """A shim without its first line."""
    return (folder() / name).read_bytes().removeprefix(_SHEBANG)
