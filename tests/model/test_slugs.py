"""Slugs: what can be one, and how one is made from a title."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wrkq_files.model import slugs


@pytest.mark.parametrize("slug", ["a", "0", "login-ux", "a-", "a--b", "readme-1", "a" * 200])
def test_slugs(slug: str) -> None:
    assert slugs.problem(slug) is None


@pytest.mark.parametrize(
    ("slug", "why"),
    [
        *((slug, "a-z, 0-9") for slug in ("", "-a", "_a", ".a", "A", "a.b", "a/b", "..", "é", "a\n", "a\0", "٣")),
        ("README", "a-z, 0-9"),
        ("readme", "reserved"),
        ("a" * 201, "200 bytes"),
    ],
)
def test_no_slugs(slug: str, why: str) -> None:
    assert why in (slugs.problem(slug) or "")


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Login UX: Größe", "login-ux-grosse"),
        ("STRAẞE", "strasse"),
        ("Don't, don’t", "dont-dont"),
        ("one—two→three…four", "one-two-three-four"),
        ("--help", "help"),
        ("../../etc/passwd", "etc-passwd"),
        ("README", "readme-1"),
        ("read me", "read-me"),
        ("日本語", "task"),
        ("", "task"),
        ("a" * 70, "a" * 60),
        ("fix " + "a" * 60, "fix"),
        ("word " * 20, "-".join(["word"] * 12)),
    ],
)
def test_from_title(title: str, slug: str) -> None:
    assert slugs.from_title(title) == slug


@given(st.text() | st.from_regex(r"(readme|README|[a-zß ]{1,90})", fullmatch=True))
def test_a_title_always_makes_a_slug(title: str) -> None:
    slug = slugs.from_title(title)
    assert slugs.problem(slug) is None
    assert len(slug) <= 60
    assert slugs.from_title(slug) == slug


@given(st.sampled_from(["a", "a-2", "b"]), st.sets(st.sampled_from(["a", "b", *(f"a-{n}" for n in range(2, 9))])))
def test_free_is_the_first_that_is_not_taken(slug: str, taken: set[str]) -> None:
    free = slugs.free(slug, taken)
    assert free not in taken
    assert slugs.problem(free) is None
    if slug in taken:
        number = int(free.removeprefix(f"{slug}-"))
        assert all(f"{slug}-{lower}" in taken for lower in range(2, number))
    else:
        assert free == slug
