"""Ids of files that nobody gave one."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.index import support
from wrkq_files.git import history
from wrkq_files.index.entry import Entry
from wrkq_files.index.index import Index
from wrkq_files.index.place import Place
from wrkq_files.model import ids
from wrkq_files.model.fields import DocType


def git(top: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(top), *arguments], check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def tracker(tmp_path: Path) -> Place:
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "config", "user.name", "Mara")
    git(tmp_path, "config", "user.email", "mara@example.com")
    return support.place(tmp_path)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The paths of every question to the history."""
    questions: list[list[str]] = []
    real = history.first_commits

    def first_commits(repo: object, paths: list[str], **more: object) -> object:
        questions.append(sorted(paths))
        return real(repo, paths, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(history, "first_commits", first_commits)
    return questions


def commit(top: Path) -> None:
    git(top, "add", "-A")
    git(top, "commit", "-qm", "change")


def entry(place: Place, path: str) -> Entry:
    with Index(place) as index:
        index.refresh()
        found = index.entry(path)
        assert found is not None
        assert index.by_id(found.id) == [found]
        return found


def expected(path: str, data: bytes, kind: DocType = DocType.TASK) -> str:
    return ids.deterministic(kind, path, data)


def test_from_the_bytes_as_they_are_until_they_are_committed(tracker: Place) -> None:
    file = support.write(tracker.repo.top, "a.md", title="one")
    found = entry(tracker, "a.md")
    assert (found.id, found.id_source) == (expected("wrkq/a.md", file.read_bytes()), "provisional")
    support.write(tracker.repo.top, "a.md", title="two")
    assert entry(tracker, "a.md").id == expected("wrkq/a.md", file.read_bytes())


def test_from_the_bytes_as_first_committed(tracker: Place) -> None:
    file = support.write(tracker.repo.top, "a.md", title="one")
    first = expected("wrkq/a.md", file.read_bytes())
    commit(tracker.repo.top)
    assert (entry(tracker, "a.md").id, entry(tracker, "a.md").id_source) == (first, "derived")
    support.write(tracker.repo.top, "a.md", title="two")
    assert (entry(tracker, "a.md").id, entry(tracker, "a.md").id_source) == (first, "derived")
    commit(tracker.repo.top)
    assert entry(tracker, "a.md").id == first
    git(tracker.repo.top, "mv", "wrkq/a.md", "wrkq/b.md")
    commit(tracker.repo.top)
    assert entry(tracker, "b.md").id == first


def test_a_commit_makes_a_provisional_id_a_derived_one(tracker: Place) -> None:
    support.write(tracker.repo.top, "a.md", title="one")
    found = entry(tracker, "a.md")
    commit(tracker.repo.top)
    again = entry(tracker, "a.md")
    assert (again.id, again.id_source) == (found.id, "derived")


@pytest.mark.parametrize("looks", range(4))
def test_a_file_that_is_moved_by_hand_keeps_its_id_whenever_somebody_looks(tracker: Place, looks: int) -> None:
    top = tracker.repo.top
    support.write(top, "a/one.md", title="One")
    commit(top)
    first = entry(tracker, "a/one.md").id
    if looks & 1:
        support.write(top, "a/other.md", title="Other", state="open")
        commit(top)
    (top / "wrkq/a/one.md").rename(top / "wrkq/a/two.md")
    if looks & 2:
        entry(tracker, "a/two.md")
    commit(top)
    moved = entry(tracker, "a/two.md")
    assert (moved.id, moved.id_source) == (first, "derived")
    anew = support.built_anew(tracker, comments=False)
    assert anew.entry("a/two.md") == moved
    anew.close()


def test_another_branch_may_know_another_beginning(tracker: Place) -> None:
    top = tracker.repo.top
    support.write(top, "z.md", id="T-00000001")
    commit(top)
    git(top, "switch", "-qc", "other")
    support.write(top, "a.md", title="other")
    commit(top)
    support.write(top, "a.md", title="same")
    commit(top)
    on_other = entry(tracker, "a.md").id
    git(top, "switch", "-q", "main")
    support.write(top, "a.md", title="same")
    assert entry(tracker, "a.md").id_source == "provisional"
    commit(top)
    on_main = entry(tracker, "a.md").id
    assert on_main != on_other
    git(top, "switch", "-q", "other")
    assert entry(tracker, "a.md").id == on_other


def test_the_history_is_asked_once_for_a_path_and_head(tracker: Place, asked: list[list[str]]) -> None:
    support.write(tracker.repo.top, "a.md", title="one")
    support.write(tracker.repo.top, "b.md", title="one")
    support.write(tracker.repo.top, "c.md", id="T-00000001")
    commit(tracker.repo.top)
    for _ in range(3):
        entry(tracker, "a.md")
    assert asked == [["wrkq/a.md", "wrkq/b.md"]]
    support.write(tracker.repo.top, "a.md", title="two")
    entry(tracker, "a.md")
    assert len(asked) == 1
    commit(tracker.repo.top)
    entry(tracker, "a.md")
    assert asked[1:] == [["wrkq/a.md", "wrkq/b.md"]]


def test_without_such_files_the_history_is_never_asked(tracker: Place, asked: list[list[str]]) -> None:
    support.write(tracker.repo.top, "a.md", id="T-00000001")
    commit(tracker.repo.top)
    entry(tracker, "a.md")
    assert asked == []


def test_containers_comments_and_workspaces_too(tracker: Place) -> None:
    top = tracker.repo.top
    readme = support.write(top, "p/README.md", kind="area")
    comment = support.write(top, "_comments/00/T-00000001/x.md", on="T-00000001")
    workspace = support.write(top, "_workspaces/w.md", title="w")
    with Index(tracker) as index:
        index.refresh()
        index.refresh_comments()
        found = {each.path: each.id for each in index.find(support.ALL)}
    assert found == {
        "p/README.md": expected("wrkq/p/README.md", readme.read_bytes(), DocType.CONTAINER),
        "_comments/00/T-00000001/x.md": expected(
            "wrkq/_comments/00/T-00000001/x.md", comment.read_bytes(), DocType.COMMENT
        ),
        "_workspaces/w.md": expected("wrkq/_workspaces/w.md", workspace.read_bytes(), DocType.WORKSPACE),
    }


def test_an_id_that_is_written_later_is_the_files(tracker: Place) -> None:
    file = support.write(tracker.repo.top, "a.md", title="one")
    found = entry(tracker, "a.md")
    file.write_text(file.read_text().replace("title", f"id: {found.id}\ntitle"))
    again = entry(tracker, "a.md")
    assert (again.id, again.id_source) == (found.id, "file")


def test_what_waits_for_a_derived_id(tracker: Place) -> None:
    support.write(tracker.repo.top, "a.md", title="one", state="done")
    support.write(tracker.repo.top, "b.md", id="T-00000002", blocked_by=f"[{entry(tracker, 'a.md').id}]")
    assert entry(tracker, "b.md").effective_state == "open"
    support.write(tracker.repo.top, "a.md", title="other", state="done")
    assert entry(tracker, "b.md").effective_state == "blocked"
