"""Full text: what is found, in which order, and that whatever is typed is only text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.index import support
from tests.index.support import index, write
from wrkq_files.index.entry import MARK_CLOSE, MARK_OPEN
from wrkq_files.index.fulltext import match_expression
from wrkq_files.index.index import Index
from wrkq_files.model.fields import DocType


@pytest.fixture
def made(tmp_path: Path) -> Index:
    write(tmp_path, "p/README.md", kind="area", title="Payments", body="All about invoices.")
    write(tmp_path, "p/body.md", title="One", body="The login button is gone. It said: sign in, please.")
    write(tmp_path, "p/title.md", title="Login button", body="It is gone.")
    write(tmp_path, "p/label.md", title="Two", labels="[login]", body="x " * 50)
    write(tmp_path, "p/closed.md", title="Größe der Straße", state="done", archived="2026-01-01", body="naïve Käse")
    write(tmp_path, "p/other.md", title="C++ and login-ux", body="NOT near OR and AND ^caret* {col} a:b (x) 日本語")
    write(tmp_path, "_comments/00/T-00000001/c.md", on="T-00000001", body="a remark about zebras")
    return index(tmp_path)


def found(made: Index, text: str) -> list[str]:
    return [hit.entry.slug for hit in made.search(text)]


def test_titles_before_labels_before_bodies(made: Index) -> None:
    assert found(made, "login") == ["title", "other", "label", "body"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("login gone", {"title", "body"}),
        ("LOG", {"title", "body", "label", "other"}),
        ("ogin", set()),
        ('"login button"', {"title", "body"}),
        ('"button login"', set()),
        ('"sign in"', {"body"}),
        ('"sign i"', set()),
        ('"login button" one', {"body"}),
        ('"login but', set()),
        ('"login button', {"title", "body"}),
        ("login-ux", {"other"}),
        ("groß", {"closed"}),
        ("grosse", set()),
        ("große kase", {"closed"}),
        ("größe KÄSE", {"closed"}),
        ("naive", {"closed"}),
        ("invoices", {"p"}),
        ("日本", {"other"}),
        ("login NOT gone", set()),
        ("AND", {"other"}),
        ("OR", {"other"}),
        ("title:login", set()),
        ("login*", {"title", "body", "label", "other"}),
        ("^login", {"title", "body", "label", "other"}),
        ("c++", {"other"}),
        ("zebras", set()),
        ("", set()),
        ("   ", set()),
        ('"', set()),
        ('""', set()),
        ("'", set()),
        ("*", set()),
        ("- + ( )", set()),
        ("login - gone", {"title", "body"}),
        ("{col}", {"other"}),
        ("NEAR(login button)", set()),
        ("a\0b", {"other"}),
    ],
)
def test_what_is_found(made: Index, text: str, expected: set[str]) -> None:
    assert set(found(made, text)) == expected


def test_limit_and_types(made: Index) -> None:
    assert found(made, "login")[:2] == [hit.entry.slug for hit in made.search("login", limit=2)]
    assert made.search("login", limit=0) == []
    assert [hit.entry.slug for hit in made.search("about", types=[DocType.CONTAINER])] == ["p"]
    assert made.search("about", types=[DocType.TASK]) == []
    assert made.search("about", types=[]) == []


def test_snippets_mark_what_matched(made: Index) -> None:
    hit = made.search("please")[0]
    assert f"{MARK_OPEN}please{MARK_CLOSE}" in hit.snippet
    assert "\n" not in hit.snippet
    assert hit.score > 0


def test_comments_take_part_once_they_were_looked_at(made: Index) -> None:
    assert found(made, "zebras") == []
    made.refresh_comments()
    assert found(made, "zebras") == ["c"]


def test_it_follows_the_files(made: Index, tmp_path: Path) -> None:
    assert "body" in found(made, "login")
    write(tmp_path, "p/body.md", title="One", body="nothing")
    (tmp_path / "wrkq/p/title.md").unlink()
    (tmp_path / "wrkq/p/label.md").rename(tmp_path / "wrkq/p/moved.md")
    made.refresh()
    assert set(found(made, "login")) == {"other", "moved"}
    write(tmp_path, "p/new.md", title="login")
    made.refresh()
    anew = support.built_anew(made._place, comments=False)
    assert made.search("login") == anew.search("login")


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(st.text(), st.text(alphabet="ab\"'*^:(){}+-~ \0NOTANDORE", max_size=30)))
def test_any_text_is_only_text(made: Index, text: str) -> None:
    made.search(text)
    assert made.repairs == 0


def test_nothing_of_the_text_is_outside_quotes() -> None:
    assert match_expression('a" OR b') == '"a"* AND "OR"* AND "b"*' or '" OR b"' in match_expression('a" OR b')
    assert match_expression('x "y z" w') == '"x"* AND "y z" AND "w"*'
