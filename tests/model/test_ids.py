"""Ids: minted ones, derived ones against another computation, and prefixes as people type them."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wrkq_files.model import ids
from wrkq_files.model.fields import DocType

KINDS = st.sampled_from(list(ids.LETTERS))
#: RFC 4648's base32 spells the same five bits with other letters than Crockford's.
TO_CROCKFORD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ")


@given(KINDS, st.integers(0, 2**40 - 1))
def test_mint_spells_forty_bits(kind: DocType, bits: int) -> None:
    made = ids.mint(kind, bits)
    spelled = base64.b32encode(bits.to_bytes(5, "big")).decode().translate(TO_CROCKFORD)
    assert made == f"{ids.LETTERS[kind]}-{spelled}"
    assert ids.is_id(made)
    assert ids.type_of(made) is kind


@pytest.mark.parametrize("bits", [-1, 2**40])
def test_mint_refuses_other_numbers(bits: int) -> None:
    with pytest.raises(ValueError, match="40-bit"):
        ids.mint(DocType.TASK, bits)


@given(KINDS, st.text(), st.binary())
def test_deterministic_is_the_digest_in_base32(kind: DocType, path: str, content: bytes) -> None:
    digest = hashlib.sha256()
    for part in (kind.encode(), b"\0", path.encode(errors="replace"), b"\0", content):
        digest.update(part)
    spelled = base64.b32encode(digest.digest()[:5]).decode().translate(TO_CROCKFORD)
    assert ids.deterministic(kind, path.encode(errors="replace").decode(), content)[2:] == spelled


def test_deterministic_never_changes() -> None:
    assert ids.deterministic(DocType.TASK, "wrkq/portal/rotate-keys.md", b"---\n---\n") == "T-TTPFKP6T"


@pytest.mark.parametrize(
    "text", ["T-4K9X2M7", "T-4K9X2M7QQ", "T-4K9X2M7I", "t-4k9x2m7q", "A-4K9X2M7Q", "4K9X2M7Q", ""]
)
def test_not_ids(text: str) -> None:
    assert not ids.is_id(text)
    assert ids.type_of(text) is None


def test_actors_have_no_id() -> None:
    assert DocType.ACTOR not in ids.LETTERS


@given(KINDS, st.integers(0, 2**40 - 1), st.integers(3, 8), st.booleans(), st.booleans())
def test_every_beginning_of_three_is_a_prefix(kind: DocType, bits: int, length: int, lower: bool, bare: bool) -> None:
    letter, _, rest = ids.mint(kind, bits).partition("-")
    text = rest[:length] if bare else f"{letter}-{rest[:length]}"
    assert ids.parse_prefix(text.lower() if lower else text) == (None if bare else letter, rest[:length])


@pytest.mark.parametrize(
    "text", ["4k", "T-4k", "T-", "", "x-4k9", "T-4K9X2M7QQ", "4ki", "4k9 ", "4k9\n", "ſſſ", "t:4k9"]
)
def test_not_prefixes(text: str) -> None:
    assert ids.parse_prefix(text) is None
