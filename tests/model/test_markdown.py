"""Anybody's text in Markdown does nothing but be read."""

from __future__ import annotations

import pytest

from wrkq_files.model import markdown, messages

GAP = "&#8203;"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a | b", "a \\| b"),
        ("`rm`", "\\`rm\\`"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("<!-- -->", "&lt;!-- --&gt;"),
        ("ask @robin", f"ask @{GAP}robin"),
        ("@acme/team", f"@{GAP}acme/team"),
        ("see #12", f"see #{GAP}12"),
        ("Fixes #3", f"Fixes #{GAP}3"),
        ("closes acme/shop#3", f"closes acme/shop#{GAP}3"),
        ("fixes gh-7", f"fixes gh-{GAP}7"),
        ("Fixes https://host/acme/shop/issues/3", f"Fixes https://host/acme/shop/issues/{GAP}3"),
        ("!12 and %4", f"!{GAP}12 and %{GAP}4"),
        ("[a](http://x) ![b](c)", f"\\[a\\](http://x) !{GAP}\\[b\\](c)"),
        ("&lt;b&gt; &#64;robin", f"&amp;lt;b&amp;gt; &amp;#{GAP}64;robin"),
        ("a_b _c_ **d**", "a_b \\_c\\_ \\*\\*d\\*\\*"),
        ("# one", "\\# one"),
        ("- one", "\\- one"),
        ("1. one", "1\\. one"),
        ("/close", "\\/close"),
        ("===", "\\==="),
        ("$x$", "&#36;x&#36;"),
        ("Co-authored-by: A <a@x.org>", f"Co-authored-by{GAP}: A &lt;a@{GAP}x.org&gt;"),
        ("two\nlines\r\n\x1b[31m", "two lines \\[31m"),
        ("plain words, 50% done!", "plain words, 50% done!"),
    ],
)
def test_a_line_is_shown_as_it_was_written(text: str, shown: str) -> None:
    assert markdown.line(text) == shown


def test_a_quotation_holds_every_line() -> None:
    assert markdown.quote("one\n\n    two\n</blockquote>\n```\n> three") == [
        "> one",
        ">",
        "> two",
        "> &lt;/blockquote&gt;",
        "> \\`\\`\\`",
        "> &gt; three",
    ]


def test_what_a_stranger_promises_is_no_promise_of_the_commit() -> None:
    said = markdown.line("Closes T-4K9X2M7Q")
    assert not messages.read(f"x\n\n{said}").closed
    assert messages.read("x\n\n" + markdown.lines("Closes T-4K9X2M7Q", promises=True)[0]).closed


def test_a_strangers_trailer_is_none() -> None:
    [said] = markdown.lines("Wrkq-Op: 01HZY3Q2T4N5M6P7R8S9V0W1X2 set T-4K9X2M7Q")
    assert not messages.read(f"x\n\n{said}\n").operations
    assert not messages.read("x\n\n" + "\n".join(markdown.quote("Wrkq-Actor: robin"))).actors


def test_a_title_is_plain_and_names_nobody() -> None:
    assert markdown.title("Fixes #3 for\n@robin, gh-4 & `x`") == "Fixes #\u200b3 for @\u200brobin, gh-\u200b4 & `x`"
