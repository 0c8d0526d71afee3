"""What is remembered of branches: how long, and that nothing of it is needed."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.support import branching
from tests.support.branching import LOGIN, on, state
from tests.support.repos import TestRepo
from tests.support.sandbox import Sandbox
from wrkq_files.index import flight as flight_module
from wrkq_files.index.flight import Flight
from wrkq_files.service import flight, since_base


@pytest.fixture
def shop(tmp_path: Path) -> Sandbox:
    return branching.shop(tmp_path / "repo")


def counts(box: Sandbox) -> dict[str, int]:
    """How many rows each table has, in the generation in use."""
    [file] = sorted((box.repo.git_dir / "wrkq/flight-wrkq").glob("generation-*"))[-1:]
    with sqlite3.connect(file) as connection:
        return {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("meeting", "side", "document", "had", "author")
        }


def test_what_deleted_branches_left_is_dropped(shop: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flight_module, "_SPARE", 0)
    for number in range(3):
        on(shop, f"work{number}", lambda n=number: shop.replace("portal/keys.md", "Text.", f"{n}"))  # type: ignore[misc]
    assert len(flight.in_flight(shop.tracker).documents) == 3
    assert counts(shop) == {"meeting": 3, "side": 3, "document": 3, "had": 0, "author": 3}
    shop.repo.git("branch", "-q", "-D", "work0", "work1")
    assert len(flight.in_flight(shop.tracker).documents) == 1
    assert counts(shop) == {"meeting": 1, "side": 1, "document": 1, "had": 0, "author": 1}


def test_a_base_that_moves_leaves_only_so_much_behind(shop: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flight_module, "_SPARE", 2)
    on(shop, "work", state(shop, "login", "in_progress"))
    for number in range(6):
        shop.write("portal/other.md", f"---\ntitle: Other {number}\nid: T-00000001\n---\n")
        shop.commit_all()
        assert len(flight.in_flight(shop.tracker).documents) == 1
    assert counts(shop)["meeting"] <= 3
    assert counts(shop)["side"] == 1


def test_when_the_base_moves_what_the_branch_changed_is_not_read_again(
    shop: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(shop, "work", state(shop, "login", "in_progress"))
    flight.in_flight(shop.tracker)
    shop.write("portal/other.md", "---\ntitle: Other\nid: T-00000001\n---\n")
    shop.commit_all()

    def refuse(*_: object) -> None:
        raise AssertionError("a document was compared")

    monkeypatch.setattr("wrkq_files.index.differing.Comparer.compare", refuse)
    assert [each.document.id for each in flight.in_flight(shop.tracker).documents] == [LOGIN]


def test_without_the_index_the_same_is_derived(shop: Sandbox) -> None:
    on(shop, "work", state(shop, "login", "completed"))
    main, work = (shop.repo.git("rev-parse", name) for name in ("main", "work"))
    tracker = shop.tracker
    tracker.index.refresh()
    found = []
    for index in (tracker.index, None):
        store = Flight(tracker.place, index, keep=False)
        found.append(store.changed(main, [work]))
        store.close()
    assert found[0] == found[1]
    assert found[0][work][0].state == "completed"


def test_without_keeping_nothing_is_written(shop: Sandbox) -> None:
    on(shop, "work", state(shop, "login", "completed"))
    tracker = shop.tracker
    tracker.index.refresh()
    store = Flight(tracker.place, None, keep=False)
    assert store.changed(shop.repo.head, [shop.repo.git("rev-parse", "work")])
    store.close()
    assert not (shop.repo.git_dir / "wrkq/flight-wrkq").exists()


def test_a_tip_that_ours_holds_has_changed_nothing(shop: Sandbox) -> None:
    before = shop.repo.head
    state(shop, "login", "completed")()
    shop.commit_all()
    store = since_base.opened(shop.tracker)
    assert store.bases(shop.repo.head, [before]) == {before: (before,)}
    assert store.changed(shop.repo.head, [before]) == {before: []}
    store.close()


def test_where_a_shallow_clone_is_cut_nothing_is_made_up(shop: Sandbox, tmp_path: Path) -> None:
    on(shop, "work", state(shop, "login", "in_progress"))
    state(shop, "keys", "completed")()
    shop.commit_all()
    TestRepo(tmp_path).git("clone", "-q", "--depth=1", "--no-single-branch", f"file://{shop.repo.path}", "clone")
    clone = Sandbox.there(tmp_path / "clone")
    assert flight.in_flight(clone.tracker).documents == []
    clone.repo.git("checkout", "-q", "work")
    assert since_base.marks(clone.tracker).changed == {}
    clone.repo.git("fetch", "-q", "--unshallow")
    assert set(since_base.marks(clone.tracker).changed) == {branching.KEYS}
    assert [each.document.id for each in flight.in_flight(clone.tracker).documents] == [LOGIN]
