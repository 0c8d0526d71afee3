from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wrkq_files.errors import WrkqError
from wrkq_files.model import mentions
from wrkq_files.model.cursors import Cursor, decode, encode

COMMITS = st.text("0123456789abcdef", min_size=40, max_size=40)


@given((st.just("") | COMMITS).map(Cursor) | st.builds(Cursor, COMMITS, COMMITS, COMMITS, st.integers(0, 10**9)))
def test_round_trip(cursor: Cursor) -> None:
    word = encode(cursor)
    assert decode(word) == cursor
    assert word.replace("-", "").replace("_", "").isalnum()


@given(st.text(max_size=200) | st.binary(max_size=60).map(bytes.hex))
def test_anything_else_is_refused(word: str) -> None:
    with pytest.raises(WrkqError) as refused:
        decode(word)
    assert refused.value.code == "usage"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("@lance, please", 1),
        ("(@lance) and @Lance.", 2),
        ("**@lance**", 1),
        ("@lance-two @lances x@lance @lance.example @lance@host me@lance.org", 0),
        ("https://example.com/@lance", 0),
        ("lance", 0),
    ],
)
def test_mentions(text: str, count: int) -> None:
    assert mentions.count(text, "lance") == count
