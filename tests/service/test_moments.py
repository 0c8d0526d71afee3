"""From words to moments, and from these to commits."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.repos import TestRepo
from wrkq_files.errors import WrkqError
from wrkq_files.git.repo import discover
from wrkq_files.service import moments

NOW = datetime(2026, 1, 19, 14, 24, 16, tzinfo=UTC)


@pytest.fixture(params=["UTC", "Pacific/Kiritimati", "America/St_Johns"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    yield from _in_zone(request.param, monkeypatch)


def _in_zone(name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", name)
        time.tzset()
        yield name
    time.tzset()


#: the zone, what is typed, when it begins and when it ends (in UTC), at NOW
CASES = [
    ("UTC", "2026-01-18", "2026-01-18T00:00:00", "2026-01-18T23:59:59"),
    ("Pacific/Kiritimati", "2026-01-18", "2026-01-17T10:00:00", "2026-01-18T09:59:59"),
    ("America/St_Johns", "2026-01-18", "2026-01-18T03:30:00", "2026-01-19T03:29:59"),
    ("UTC", "today", "2026-01-19T00:00:00", "2026-01-19T23:59:59"),
    ("Pacific/Kiritimati", "today", "2026-01-19T10:00:00", "2026-01-20T09:59:59"),
    ("Pacific/Kiritimati", " Yesterday ", "2026-01-18T10:00:00", "2026-01-19T09:59:59"),
    ("America/St_Johns", "yesterday", "2026-01-18T03:30:00", "2026-01-19T03:29:59"),
    ("America/St_Johns", "2026-01-18T10:00Z", "2026-01-18T10:00:00", "2026-01-18T10:00:59"),
    ("America/St_Johns", "2026-01-18 10:00:05+02:00", "2026-01-18T08:00:05", "2026-01-18T08:00:05"),
    ("America/St_Johns", "2026-01-18t10:00", "2026-01-18T13:30:00", "2026-01-18T13:30:59"),
    ("America/St_Johns", "2026-01-18T10:00:07.5", "2026-01-18T13:30:07.500000", "2026-01-18T13:30:07.500000"),
    ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00", "2026-03-29T21:59:59"),  # of 23 hours
    ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00", "2026-10-25T22:59:59"),  # of 25
    ("Asia/Beirut", "2026-03-28", "2026-03-27T22:00:00", "2026-03-28T21:59:59"),  # the next has no midnight
    ("UTC", "3d", "2026-01-16T14:24:16", "2026-01-16T14:24:16"),
    ("UTC", "-3d", "2026-01-16T14:24:16", "2026-01-16T14:24:16"),
    ("UTC", "12H", "2026-01-19T02:24:16", "2026-01-19T02:24:16"),
    ("UTC", "2w", "2026-01-05T14:24:16", "2026-01-05T14:24:16"),
    ("UTC", "1m", "2025-12-20T14:24:16", "2025-12-20T14:24:16"),
]


@pytest.mark.parametrize(("zone", "text", "begin", "end"), CASES, indirect=["zone"])
def test_what_is_typed(zone: str, text: str, begin: str, end: str) -> None:
    assert moments.moment(text, NOW, end=False) == datetime.fromisoformat(begin + "+00:00")
    assert moments.moment(text, NOW, end=True) == datetime.fromisoformat(end + "+00:00")


@pytest.mark.parametrize(
    "text", ["", "soon", "tomorrow", "+3d", "3", "3x", "2026-02-30", "2026-1-1", "20260119", "9999-12-31", "99999m"]
)
def test_what_is_no_time(text: str) -> None:
    assert moments.moment(text, NOW, end=True) is None


@pytest.fixture
def made(tmp_path: Path) -> TestRepo:
    """A commit at noon (UTC) of each of three days."""
    repo = TestRepo.init(tmp_path / "repo", "-b", "main")
    for day in (16, 17, 18):
        date = {"GIT_COMMITTER_DATE": f"2026-01-{day}T12:00:00+0000"}
        repo.git("commit", "-q", "--allow-empty", "-m", f"on the {day}th", env=date)
    return repo


def subject(repo: TestRepo, text: str) -> str:
    return moments.commit_at(discover(repo.path), NOW, text).subject


def test_the_commit_of_a_day(made: TestRepo, zone: str) -> None:
    """In Kiritimati noon in Greenwich is early on the next day."""
    expected = "on the 16th" if zone == "Pacific/Kiritimati" else "on the 17th"
    assert subject(made, "2026-01-17") == expected
    assert subject(made, "2026-01-17T12:00:00Z") == "on the 17th"
    assert subject(made, "2026-01-17T11:59:59Z") == "on the 16th"
    assert subject(made, "48h") == "on the 17th"
    assert subject(made, "2030-01-01") == "on the 18th"


def test_git_comes_first(made: TestRepo) -> None:
    for name in ("2026-01-18", "yesterday", "3d"):
        made.git("branch", name, "main~2")
        assert subject(made, name) == "on the 16th"


def refusal(repo: TestRepo, text: str) -> WrkqError:
    with pytest.raises(WrkqError) as refused:
        moments.commit_at(discover(repo.path), NOW, text)
    assert refused.value.code == "not_found"
    return refused.value


def test_neither(made: TestRepo) -> None:
    error = refusal(made, "nowhere")
    assert "neither a revision that git knows nor a time" in error.message
    assert "HEAD~3" in error.hint
    assert "2026-01-19" in error.hint


def test_before_history_begins(made: TestRepo) -> None:
    error = refusal(made, "2025-12-31")
    assert made.git("rev-list", "--max-parents=0", "HEAD")[:8] in error.message
    assert "history begins with" in error.message
    refusal(made, "0001-01-01T00:00Z")


def test_a_clone_that_is_cut(made: TestRepo, tmp_path: Path) -> None:
    cut = TestRepo(tmp_path / "cut")
    made.git("clone", "-q", "--depth=2", f"file://{made.path}", str(cut.path))
    assert subject(cut, "2026-01-17T12:00Z") == "on the 17th"
    for text in ("2026-01-16T13:00Z", "HEAD~2"):
        error = refusal(cut, text)
        assert "cut" in error.message + error.hint
        assert "git fetch --unshallow" in error.hint


def test_a_commit_may_claim_any_time(made: TestRepo) -> None:
    tree = made.git("rev-parse", "HEAD^{tree}")
    for claimed in ("9999999999999", "-1", "soon"):
        data = f"tree {tree}\nauthor a <a> 1 +0000\ncommitter a <a> {claimed} +0000\n\nodd\n".encode()
        commit = made.git("hash-object", "-w", "-t", "commit", "--literally", "--stdin", input=data)
        found = moments.commit_at(discover(made.path), NOW, commit)
        assert found.subject == "odd"
        assert moments.shown(found).startswith(commit[:8])


def test_nothing_was_ever_committed(tmp_path: Path) -> None:
    empty = TestRepo.init(tmp_path / "empty")
    assert "no commit yet" in refusal(empty, "today").message
    refusal(empty, "HEAD")
