"""What is like a new task, and pairs of tasks that may be one."""

from __future__ import annotations

import pytest

from tests.support.sandbox import COMMIT, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.service import create, duplicates, moves, relations, remove
from wrkq_files.service.past import open_at

TITLE = "Sign-in button is below the fold"
LIKE = "The sign-in button below the fold"


def pairs(box: Sandbox, *where: str, **asked: object) -> list[tuple[str, str]]:
    found = duplicates.pairs(box.tracker, *where, **asked)  # type: ignore[arg-type]
    return [(pair.entry.slug, pair.other.slug) for pair in found.pairs]


def similar(box: Sandbox, title: str, address: str = "inbox/new") -> list[str]:
    return [each.entry.address for each in duplicates.similar(box.tracker, title, address)]


@pytest.fixture
def two(box: Sandbox) -> tuple[str, str]:
    for title in ("Rotate keys", "Export invoices", "Queue is slow"):
        box.add(title)
    return box.add(TITLE), box.add(LIKE)


OLDER, NEWER = "sign-in-button-is-below-the-fold", "the-sign-in-button-below-the-fold"


def test_the_newer_of_a_pair_comes_first(box: Sandbox, two: tuple[str, str]) -> None:
    assert pairs(box) == [(NEWER, OLDER)]
    [pair] = duplicates.pairs(box.tracker).pairs
    assert pair.score == 1
    assert pairs(box, least=0.0)[0] == (NEWER, OLDER)


def test_closed_and_archived_tasks_take_part_on_demand(box: Sandbox, two: tuple[str, str]) -> None:
    moves.done(box.tracker, [two[0]], COMMIT)
    assert pairs(box) == []
    assert duplicates.pairs(box.tracker).hidden == {"closed": 1}
    assert pairs(box, everything=True) == [(NEWER, OLDER)]
    moves.reopen(box.tracker, [two[0]], COMMIT)
    remove.rm(box.tracker, [two[1]], COMMIT)
    assert pairs(box) == []
    assert pairs(box, everything=True) == [(NEWER, OLDER)]
    assert duplicates.pairs(box.tracker, everything=True).hidden == {}


def test_ideas_are_looked_at(box: Sandbox, two: tuple[str, str]) -> None:
    box.set(two[1], state="draft")
    box.set(two[1], state="idea")
    assert pairs(box) == [(NEWER, OLDER)]


@pytest.mark.parametrize("first", [0, 1])
def test_what_is_related_is_judged_already(box: Sandbox, two: tuple[str, str], first: int) -> None:
    relations.relate(box.tracker, two[first], "relates-to", two[1 - first], COMMIT)
    assert pairs(box) == []


def test_parent_and_child_are_no_pair(box: Sandbox, two: tuple[str, str]) -> None:
    box.set(two[1], parent=two[0])
    assert pairs(box) == []


def test_a_duplicate_is_settled_even_where_closed_tasks_take_part(box: Sandbox, two: tuple[str, str]) -> None:
    box.set(two[1], duplicate_of=two[0])
    box.add("Sign-in button below the fold")
    assert pairs(box, everything=True) == [("sign-in-button-below-the-fold", OLDER)]


def test_only_below_a_container(box: Sandbox, two: tuple[str, str]) -> None:
    create.mkdir(box.tracker, ["portal"], COMMIT)
    box.add(TITLE, into="portal")
    assert len(pairs(box)) == 2
    assert pairs(box, "portal") == []
    assert pairs(box, "inbox") == [(NEWER, OLDER)]
    with pytest.raises(WrkqError) as caught:
        pairs(box, "nowhere")
    assert caught.value.code == "not_found"


def test_texts_and_labels_add_to_it(box: Sandbox, two: tuple[str, str]) -> None:
    before = duplicates.pairs(box.tracker, least=0.1).pairs
    create.add(box.tracker, "Button colour", create.New(body="zebra crossing", labels=["ux"]), COMMIT)
    create.add(box.tracker, "Button", create.New(), COMMIT)
    bare = {pair.place.first: pair.score for pair in duplicates.pairs(box.tracker, least=0.1).pairs}
    box.write("inbox/button.md", box.text("inbox/button.md").rstrip() + "\n\nzebra crossing\n")
    box.commit_all()
    box.set("inbox/button", labels="ux")
    told = duplicates.pairs(box.tracker, least=0.1)
    best = next(pair for pair in told.pairs if pair.entry.slug == "button" and pair.other.slug == "button-colour")
    assert len(before) == 1
    assert best.score > bare[best.place.first]
    assert told.why(best).split(", ")[0] == "button"
    assert {"zebra", "crossing", "ux"} < set(told.why(best).split(", "))


def test_one_source_by_hand(box: Sandbox) -> None:
    for name in "ab":
        box.write(
            f"inbox/{name}.md", f"---\ntitle: Word {name}{name}\nid: T-0000000{name.upper()}\nsource: x:1\n---\n"
        )
    [pair] = duplicates.pairs(box.tracker).pairs
    assert (pair.score, duplicates.pairs(box.tracker).why(pair)) == (1, "same source")


def test_as_it_was(box: Sandbox, two: tuple[str, str]) -> None:
    before = box.repo.head
    box.set(two[1], duplicate_of=two[0])
    assert pairs(box) == []
    past = open_at(box.door, before)
    try:
        assert len(duplicates.pairs(past.tracker).pairs) == 1
    finally:
        past.close()


@pytest.mark.parametrize("searched", [False, True], ids=["no full text yet", "full text"])
def test_a_new_title_is_held_against_those_there_are(box: Sandbox, two: tuple[str, str], searched: bool) -> None:
    if searched:
        box.tracker.index.search("keys")
    else:
        box.tracker.index.refresh()
    assert similar(box, "Sign-in button below fold") == [f"inbox/{OLDER}", f"inbox/{NEWER}"]
    assert similar(box, "Sign-in buttons: below the fold!")[0] == f"inbox/{OLDER}"
    assert similar(box, "Sign-in is slow") == []
    assert similar(box, "") == similar(box, "of the") == similar(box, '"*" OR (') == []
    assert similar(box, TITLE, f"inbox/{OLDER}") == [f"inbox/{NEWER}"], "it is not like itself"


def test_one_that_was_made_a_moment_ago_is_found(box: Sandbox, two: tuple[str, str]) -> None:
    box.tracker.index.search("keys")
    box.add("Quite another thing")
    assert similar(box, "Quite another thing") == ["inbox/quite-another-thing"]


def test_closed_ones_come_after_open_ones_and_three_are_enough(box: Sandbox, two: tuple[str, str]) -> None:
    moves.done(box.tracker, [two[0]], COMMIT)
    for _ in range(3):
        box.add(TITLE)
    box.tracker.index.refresh()
    assert similar(box, TITLE) == [f"inbox/{OLDER}-{number}" for number in (2, 3, 4)]
    for number in (2, 3, 4):
        moves.cancel(box.tracker, [f"inbox/{OLDER}-{number}"], COMMIT)
    assert similar(box, TITLE)[0] == f"inbox/{NEWER}"
    assert len(similar(box, TITLE)) == 3
