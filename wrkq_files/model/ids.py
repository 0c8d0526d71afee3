"""Ids: a letter for the type, and 40 bits in Crockford's base32 (crockford.com/base32.html)."""

from __future__ import annotations

import re
from typing import Final

from wrkq_files.model.fields import DocType

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 8
BITS: Final = 40
LETTERS: Final = {DocType.TASK: "T", DocType.CONTAINER: "P", DocType.WORKSPACE: "W", DocType.COMMENT: "C"}
TYPE_OF_LETTER: Final = {letter: kind for kind, letter in LETTERS.items()}
ID: Final = re.compile(rf"[TPWC]-[{ALPHABET}]{{{LENGTH}}}")
#: What may be an id or the beginning of one: an optional letter, then at least three characters.
_PREFIX: Final = re.compile(rf"(?:([TPWC])-)?([{ALPHABET}]{{3,{LENGTH}}})")


def mint(kind: DocType, bits: int) -> str:
    """The id that 40 random bits make. Raises ValueError for a number out of range."""
    if not 0 <= bits < 1 << BITS:
        raise ValueError(f"{bits} is not a {BITS}-bit number")
    characters = [ALPHABET[(bits >> (5 * place)) & 31] for place in reversed(range(LENGTH))]
    return f"{LETTERS[kind]}-{''.join(characters)}"


def deterministic(kind: DocType, repository_path: str, content: bytes) -> str:
    """The id of a hand-made file: the first 40 bits of SHA-256 over ``<kind>\\0<repository path>\\0<bytes>``."""
    import hashlib  # costs more than this whole module, and few files need it

    digest = hashlib.sha256(b"\0".join([kind.value.encode(), repository_path.encode(), content])).digest()
    return mint(kind, int.from_bytes(digest[: BITS // 8], "big"))


def is_id(text: str) -> bool:
    return ID.fullmatch(text) is not None


def type_of(identifier: str) -> DocType | None:
    """The document type an id's letter stands for, or None when the text is no id."""
    return TYPE_OF_LETTER[identifier[0]] if is_id(identifier) else None


def parse_prefix(text: str) -> tuple[str | None, str] | None:
    """``t-4k9`` -> ``("T", "4K9")``, ``4k9`` -> ``(None, "4K9")``; None where the text cannot begin an id."""
    match = _PREFIX.fullmatch(text.upper()) if text.isascii() else None  # `ſ` is an S in upper case
    return (match[1], match[2]) if match else None
