"""Text on a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wrkq_files.cli import text


@pytest.mark.parametrize(
    ("words", "columns"),
    [
        ("", 0),
        ("plain", 5),
        ("größe", 5),
        ("e\u0301", 1),
        ("日本語", 6),
        ("ｆｕｌｌ", 8),
        ("🎉", 2),
        ("👩‍💻", 2),
        ("👍🏽", 2),
        ("❤️", 2),
        ("🇩🇪", 2),
        ("\u200b", 0),
    ],
)
def test_width(words: str, columns: int) -> None:
    assert text.width(words) == columns


@pytest.mark.parametrize(
    ("words", "limit", "cut"),
    [
        ("plain", 5, "plain"),
        ("plain", 4, "pla…"),
        ("a b c", 3, "a…"),
        ("日本語", 5, "日本…"),
        ("日本語", 4, "日…"),
        ("plain", 1, "…"),
        ("plain", 0, ""),
        ("👩‍💻x", 2, "…"),
    ],
)
def test_cut(words: str, limit: int, cut: str) -> None:
    assert text.cut(words, limit) == cut


def test_cut_can_keep_the_end() -> None:
    assert text.cut("portal/auth/login-ux", 9, keep_end=True) == "…login-ux"


@given(st.text(), st.integers(0, 30), st.booleans())
def test_a_cut_text_fits(words: str, limit: int, keep_end: bool) -> None:
    assert text.width(text.cut(words, limit, keep_end=keep_end)) <= limit


@given(st.text(alphabet=st.characters()))
def test_what_is_cleaned_cannot_drive_a_terminal(words: str) -> None:
    assert not any((ord(c) < 32 and c not in "\t\n") or 0x7F <= ord(c) < 0xA0 for c in text.clean(words))
    assert "\n" not in text.one_line(words)


def test_clean_takes_escapes_and_reordering_out() -> None:
    assert text.clean("a\x1b]0;owned\x07b\x9b31m\u202egpj.exe\r") == "a]0;ownedb31mgpj.exe"
    assert text.clean("kept\tas\nit is: größe 👩‍💻") == "kept\tas\nit is: größe 👩‍💻"


@pytest.mark.parametrize(("count", "said"), [(1, "1 entry"), (2, "2 entries"), (0, "0 entries")])
def test_plural(count: int, said: str) -> None:
    assert text.plural(count, "entry", "entries") == said
