"""Inputs made from real files by small damage, the same for the same seed and number."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

#: A longer seed would slow down every input made of it; what is too large is tested by files of its own.
LARGEST: Final = 80_000
_TOKENS: Final[tuple[bytes, ...]] = (
    *(b"---\n", b"\n---\n", b"--- \n", b"...\n", b": ", b":\n", b" #", b"#", b"- ", b"? ", b"\n- a\n", b"\t", b"  "),
    *(
        b"[",
        b"]",
        b"{",
        b"}",
        b",",
        b"'",
        b'"',
        b"|",
        b">",
        b"|2-\n",
        b">+9\n",
        b"|\n\n\n",
        b"\\",
        b'"\\x00"',
        b'"\\',
    ),
    *(
        b"&a ",
        b"*a",
        b"!x ",
        b"!!python/object/apply:os.system ",
        b"<<: *a\n",
        b"%YAML 1.1\n",
        b"@",
        b"`",
        b"~",
        b"=",
    ),
    *(b"\r", b"\r\n", b"\0", b"\x1b[31m", b"\x7f", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xff\xfe"),
    *(each.encode() for each in "\x85\u2028\u2029\u00a0\u200d\u202e\ufffe\U0001f389\u6728"),
    *(b"<<<<<<< HEAD\n", b"=======\n", b">>>>>>> x\n", b"||||||| x\n", b"```\n", b"~~~\n", b"<!--\n", b"- [ ] x\n"),
    *(b"id: T-AAAAAAAA\n", b"state: done\n", b"labels: [b, a]\n", b"blocked_by:\n  - T-00000000\n", b"parent: x\n"),
    *(b"title: x\n", b"due: 2026-02-30\n", b"score: {effort: 9}\n", b"meta: {a: [1, {b: 2}]}\n", b"kind: feature\n"),
    *(b"participants: x\n", b"sections: [1]\n", b"assignee: [a, b]\n", b"supersedes: {a: b}\n", b"archived: [x]\n"),
    *(b"0x1F", b"1e309", b"-.inf", b"0o777", b"9" * 400, b"2026-01-19T14:24:16Z", b"0001-01-01", b"9999-12-31"),
    *(b"[" * 60, b"{a: " * 60, b"- " * 60, b"a" * 5000, b"\n" * 300, b" " * 3000, b"x: y\n" * 300),
)


def seeds(folders: Iterable[Path]) -> list[bytes]:
    """The files below these folders (those that are there), in an order that does not change."""
    found = sorted(path for folder in folders for path in folder.rglob("*") if path.suffix in (".md", ".yaml"))
    files = (path.read_bytes() for path in found if path.is_file() and not path.is_symlink())
    return list(dict.fromkeys(data for data in files if len(data) <= LARGEST))


class Mutator:
    """``make(n)`` is input number ``n``; nothing but the seed, the files and the number decide it."""

    def __init__(self, files: Sequence[bytes], seed: int) -> None:
        self.files = files
        self.seed = seed

    def make(self, number: int) -> bytes:
        chance = random.Random(f"{self.seed}-{number}")
        data = chance.choice(self.files)
        for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 5, 8))):
            data = chance.choice(_DAMAGE)(data, chance, self.files)
        return data[: 2 * LARGEST]


def _spot(data: bytes, chance: random.Random) -> int:
    """A place in the data, most often near the beginning: that is where the frontmatter is."""
    return chance.randint(0, min(len(data), chance.choice((40, 200, 400, len(data)))))


def _insert(data: bytes, chance: random.Random, files: Sequence[bytes]) -> bytes:
    at = _spot(data, chance)
    return data[:at] + chance.choice(_TOKENS) + data[at:]


def _insert_line(data: bytes, chance: random.Random, files: Sequence[bytes]) -> bytes:
    lines = data.split(b"\n")
    lines.insert(chance.randint(0, min(len(lines), 12)), chance.choice(_TOKENS).rstrip(b"\n"))
    return b"\n".join(lines)


def _replace(data: bytes, chance: random.Random, files: Sequence[bytes]) -> bytes:
    at = _spot(data, chance)
    return data[:at] + chance.choice(_TOKENS) + data[at + chance.randint(1, 8) :]


def _delete(data: bytes, chance: random.Random, files: Sequence[bytes]) -> bytes:
    at = _spot(data, chance)
    return data[:at] + data[at + chance.choice((1, 1, 2, 5, 40)) :]


def _flip(data: bytes, chance: random.Random, files: Sequence[bytes]) -> bytes:
    at = _spot(data, chance)
    return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]


def _repeat(data: bytes, chance: random.Random, files: Sequence[bytes]) -> bytes:
    at = _spot(data, chance)
    piece = data[at : at + chance.randint(1, 60)]
    return data[:at] + piece * chance.choice((2, 2, 3, 50)) + data[at + len(piece) :]


def _swap_lines(data: bytes, chance: random.Random, files: Sequence[bytes]) -> bytes:
    lines = data.split(b"\n")
    one, other = (chance.randrange(min(len(lines), 20)) for _ in "ab")
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def _change_value(data: bytes, chance: random.Random, files: Sequence[bytes]) -> bytes:
    lines = data.split(b"\n")
    at = chance.randrange(min(len(lines), 20))
    key, colon, _ = lines[at].partition(b":")
    lines[at] = key + colon + b" " + chance.choice(_TOKENS).strip(b"\n")
    return b"\n".join(lines)


def _splice(data: bytes, chance: random.Random, files: Sequence[bytes]) -> bytes:
    other = chance.choice(files)
    return data[: _spot(data, chance)] + other[_spot(other, chance) :]


def _cut(data: bytes, chance: random.Random, files: Sequence[bytes]) -> bytes:
    return data[: _spot(data, chance)]


def _line_ends(data: bytes, chance: random.Random, files: Sequence[bytes]) -> bytes:
    return data.replace(b"\n", b"\r\n") if b"\r\n" not in data else data.replace(b"\r\n", b"\n")


def _indent(data: bytes, chance: random.Random, files: Sequence[bytes]) -> bytes:
    lines = data.split(b"\n")
    at = chance.randrange(min(len(lines), 20))
    lines[at] = chance.choice((b" ", b"  ", b"    ", b"\t", b"- ")) + lines[at]
    return b"\n".join(lines)


_DAMAGE: Final[Sequence[Callable[[bytes, random.Random, Sequence[bytes]], bytes]]] = (
    *(_insert, _insert, _insert_line, _replace, _delete, _flip, _repeat, _swap_lines, _change_value, _change_value),
    *(_splice, _cut, _line_ends, _indent),
)
