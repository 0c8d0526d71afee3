"""What concerns somebody, and up to where it was read."""

from __future__ import annotations

import sqlite3

import pytest

from tests.support.sandbox import Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.index import inbox, local
from wrkq_files.service import news
from wrkq_files.service.change import Options
from wrkq_files.service.news import News

COMMIT = Options(commit=True)


@pytest.fixture
def team(box: Sandbox) -> Sandbox:
    for slug in ("codex", "mara"):
        box.write(f"_actors/{slug}.md", "---\nrole: agent\n---\n")
    box.commit_all()
    return box


def of(box: Sandbox, slug: str = "codex") -> News:
    return news.news(box.tracker, slug)


def told(box: Sandbox, slug: str = "codex") -> list[tuple[str, str]]:
    found = of(box, slug)
    events = [seen.happened.event for deed in found.deeds for seen in deed.events]
    return [(f"{event.type} {event.field}".strip(), why) for event, why in zip(events, found.why, strict=True)]


def ack(box: Sandbox, slug: str = "codex") -> None:
    news.acknowledge(box.tracker, slug, box.repo.head)


def test_why(team: Sandbox) -> None:
    for title, fields in (
        ("Mine", {"assignee": "codex"}),
        ("Review", {"reviewer": "codex"}),
        ("With", {"participants": "codex:helper"}),
        ("Not mine", {"assignee": "mara"}),
    ):
        team.add(title, **fields)
    assert told(team) == [
        ("task.created", "assignee"),
        ("task.created", "reviewer"),
        ("task.created", "participant"),
    ]
    ack(team)
    assert told(team) == []
    for name in ("mine", "not-mine"):
        team.set(f"inbox/{name}", COMMIT, priority="1")
    assert told(team) == [("task.updated priority", "assignee")]


def test_what_was_mine_when_it_happened(team: Sandbox) -> None:
    team.add("Lost", assignee="codex")
    ack(team)
    team.set("inbox/lost", COMMIT, priority="1")
    team.set("inbox/lost", COMMIT, assignee="mara")
    team.set("inbox/lost", COMMIT, priority="2")
    assert told(team) == [("task.updated priority", "assignee"), ("task.updated assignee", "assignee")]


def test_my_own_deeds_are_no_news(team: Sandbox) -> None:
    team.write("inbox/x.md", "---\ntitle: X\nid: T-AAAAAAAA\nassignee: codex\n---\n")
    team.repo.git("add", "-A")
    team.repo.git("commit", "-q", "-m", "x", "-m", "Wrkq-Actor: codex")
    assert told(team) == []


def test_mentions(team: Sandbox) -> None:
    """Only what names somebody more often than before."""
    path = "inbox/x.md"
    head = "---\ntitle: '@codex'\nid: T-AAAAAAAA\n---\n\n"
    ack(team)
    for text, expected in (
        ("Nobody.\n", 0),
        ("Ask @codex.\n", 1),
        ("Ask @codex, soon.\n", 1),
        ("Mail me@codex.example or @codex-two, and @codex.\n", 1),
        ("@codex and @codex.\n", 2),
    ):
        team.write(path, head + text)
        team.commit_all()
        assert told(team) == [("task.updated body", "mentioned")] * expected, text
    name = "_comments/AA/T-AAAAAAAA/20260119T142416Z-mara-BBBBBBBB.md"
    team.write(
        name,
        "---\nid: C-BBBBBBBB\non: T-AAAAAAAA\nauthor: mara\ncreated: 2026-01-19T14:24:16Z\n---\n\n@codex?\n",
    )
    team.commit_all()
    assert told(team)[-1] == ("comment.created", "mentioned")


def test_where_it_was_read_to_is_gone(team: Sandbox) -> None:
    team.add("Old", assignee="codex")
    ack(team)
    team.add("New", assignee="codex")
    assert of(team).since is None
    team.repo.git("commit", "-q", "--amend", "-m", "other words")
    inbox.put(team.tracker.place, "codex", inbox.Read("f" * 40, "2026-01-01T00:00:00Z"))
    found = of(team)
    assert found.lost
    assert found.since is not None
    assert f"{found.since:%Y-%m-%d}" == "2026-01-01"
    assert len(found.deeds) == 2


def test_each_has_an_inbox_of_their_own(team: Sandbox) -> None:
    for name in ("codex", "mara"):
        team.add(name, assignee=name)
    ack(team)
    assert (told(team), len(told(team, "mara"))) == ([], 1)


def test_at_first_a_week(team: Sandbox) -> None:
    found = of(team)
    assert found.since is not None
    assert not found.lost


def test_an_inbox_waits_for_who_writes_and_is_read_meanwhile(team: Sandbox) -> None:
    ack(team)
    place = team.tracker.place
    read = inbox.get(place, "codex")
    other = sqlite3.connect(local.path(team.tracker.repo), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert inbox.get(place, "codex") == read
    with pytest.raises(WrkqError) as refused:
        inbox.put(place, "codex", inbox.Read("a", "b"), patience=0.1)
    assert refused.value.code == "busy"
    other.execute("ROLLBACK")
    other.close()


def test_a_damaged_inbox_is_said_and_left(team: Sandbox) -> None:
    ack(team)
    place = local.path(team.tracker.repo)
    place.write_bytes(b"nonsense" * 1000)
    with pytest.raises(WrkqError) as refused:
        of(team)
    assert refused.value.code == "index"
    assert place.read_bytes() == b"nonsense" * 1000


def test_beside_other_tables(team: Sandbox) -> None:
    """The file is there for the keys of requests, and nothing was read yet."""
    place = local.path(team.tracker.repo)
    place.parent.mkdir(exist_ok=True)
    with sqlite3.connect(place) as other:
        other.execute("CREATE TABLE request(key TEXT)")
    other.close()
    assert inbox.get(team.tracker.place, "codex") is None
    ack(team)
    assert inbox.get(team.tracker.place, "codex") is not None
