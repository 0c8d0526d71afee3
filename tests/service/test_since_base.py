"""What the base has changed since this branch left it: marks on what is read and written here."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import branching
from tests.support.branching import KEYS, LOGIN, on, state
from tests.support.sandbox import COMMIT, Sandbox
from wrkq_files.git import run
from wrkq_files.service import rows, since_base
from wrkq_files.service.past import open_at


@pytest.fixture
def shop(tmp_path: Path) -> Sandbox:
    return branching.shop(tmp_path / "repo")


@pytest.fixture
def stale(shop: Sandbox) -> Sandbox:
    """On a branch with a commit of its own; main has completed the login task since."""
    on(shop, "work", lambda: shop.write("portal/mine.md", "---\ntitle: Mine\nid: T-00000009\n---\n"))
    state(shop, "login", "completed")()
    shop.commit_all()
    shop.repo.git("checkout", "-q", "work")
    return shop


def marked(box: Sandbox) -> dict[str, str]:
    tracker = box.tracker
    tracker.index.refresh()
    found = since_base.marks(tracker)
    entries = [each for name in (LOGIN, KEYS, "T-00000009") for each in tracker.index.by_id(name)]
    return {each.address: words for each in entries if (words := found.words(each))}


def test_what_main_has_completed(stale: Sandbox) -> None:
    assert marked(stale) == {"portal/login": "~ completed on main"}
    assert since_base.marks(stale.tracker).tip == stale.repo.git("rev-parse", "main")


def test_what_main_has_changed_otherwise(stale: Sandbox) -> None:
    on(stale, "main", lambda: stale.replace("portal/keys.md", "Text.", "More."))
    assert marked(stale)["portal/keys"] == "~ changed on main"


def test_what_main_has_moved_or_deleted(stale: Sandbox) -> None:
    on(stale, "main", lambda: stale.repo.git("mv", "wrkq/portal/keys.md", "wrkq/portal/locks.md"))
    assert marked(stale)["portal/keys"] == "~ moved on main"
    on(stale, "main", lambda: stale.repo.git("rm", "-q", "wrkq/portal/locks.md"))
    assert marked(stale)["portal/keys"] == "~ deleted on main"


def test_a_state_that_is_the_same_here_is_no_news(stale: Sandbox) -> None:
    state(stale, "login", "completed")()
    stale.replace("portal/login.md", "Text.", "Here too.")
    assert marked(stale) == {"portal/login": "~ changed on main"}


def test_what_is_here_as_it_is_there_has_no_mark(stale: Sandbox) -> None:
    stale.repo.git("checkout", "-q", "main", "--", "wrkq/portal/login.md")
    assert marked(stale) == {}


def test_after_a_merge_there_is_nothing_to_mark(stale: Sandbox) -> None:
    stale.repo.git("merge", "-q", "-m", "merge", "main")
    assert since_base.marks(stale.tracker) == since_base.NOTHING


def test_what_this_branch_changed_has_no_mark(shop: Sandbox) -> None:
    on(shop, "work", state(shop, "login", "completed"))
    shop.repo.git("checkout", "-q", "work")
    assert since_base.marks(shop.tracker) == since_base.NOTHING


def test_no_git_is_started_where_head_is_the_base(shop: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = shop.tracker
    tracker.index.refresh()

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a git was started")

    monkeypatch.setattr(run, "start", refuse)
    monkeypatch.setattr("subprocess.Popen", refuse)
    assert since_base.marks(tracker) == since_base.NOTHING


def test_no_git_is_started_for_what_was_asked_before(stale: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    before = marked(stale)
    tracker = stale.tracker
    tracker.index.refresh()

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a git was started")

    monkeypatch.setattr("subprocess.Popen", refuse)
    assert len(since_base.marks(tracker).changed) == len(before)


def test_the_past_is_not_marked(stale: Sandbox) -> None:
    past = open_at(stale.door, "HEAD")
    assert since_base.marks(past.tracker) == since_base.NOTHING
    past.close()


def test_a_field_of_rows(stale: Sandbox) -> None:
    tracker = stale.tracker
    tracker.index.refresh()
    entries = [*tracker.index.by_id(LOGIN), *tracker.index.by_id(KEYS)]
    assert [row["on_base"] for row in rows.rows(tracker, entries, ("id", "on_base"))] == ["completed", None]


def test_who_writes_is_warned(stale: Sandbox) -> None:
    stale.set("portal/login", COMMIT, priority="1")
    stale.set("portal/keys", COMMIT, priority="1")
    tracker = stale.tracker
    tracker.index.refresh()
    assert since_base.warnings(tracker, [LOGIN, KEYS]) == [
        "portal/login: completed on main since this branch left it; bring that here first: git merge main"
    ]


def test_nobody_is_warned_while_it_is_being_merged(stale: Sandbox) -> None:
    stale.set("portal/login", COMMIT, priority="1")
    stale.repo.run("merge", "--no-commit", "main")
    tracker = stale.tracker
    tracker.index.refresh()
    assert since_base.warnings(tracker, [LOGIN]) == []


def test_who_deletes_is_warned_too(stale: Sandbox) -> None:
    (stale.root / "portal/login.md").unlink()
    stale.commit_all()
    tracker = stale.tracker
    tracker.index.refresh()
    [words] = since_base.warnings(tracker, [LOGIN])
    assert words.startswith("portal/login: completed on main")


def test_by_paths_for_files_that_cannot_be_read(stale: Sandbox) -> None:
    stale.write("portal/login.md", "---\ntitle: [\n---\n")
    assert since_base.marks(stale.tracker).by_path() == {"portal/login.md": "completed"}


def test_unborn_and_bare_of_branches(tmp_path: Path) -> None:
    box = Sandbox(tmp_path / "repo", options=("-b", "main"))
    assert since_base.marks(box.tracker) == since_base.NOTHING
    box.repo.git("checkout", "-q", "-b", "trunk")
    box.commit_all()
    assert since_base.marks(box.tracker) == since_base.NOTHING
