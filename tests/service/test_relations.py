"""``relate`` and ``unrelate``: one edge, in the document that says so."""

from __future__ import annotations

import pytest

from tests.support.sandbox import COMMIT, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.service import checking, relations
from wrkq_files.service.change import Options, Written


def relate(box: Sandbox, a: str, word: str, b: str, options: Options = COMMIT) -> Written:
    return relations.relate(box.tracker, a, word, b, options)


def unrelate(box: Sandbox, a: str, word: str, b: str) -> Written:
    return relations.unrelate(box.tracker, a, word, b, COMMIT)


def code(box: Sandbox, a: str, word: str, b: str) -> str:
    with pytest.raises(WrkqError) as caught:
        relate(box, a, word, b)
    return caught.value.code


@pytest.fixture
def pair(box: Sandbox) -> tuple[str, str]:
    return box.add("A"), box.add("B")


def test_who_blocks_whom_is_stored_in_the_blocked_one(box: Sandbox, pair: tuple[str, str]) -> None:
    a, b = pair
    relate(box, "inbox/a", "blocks", "inbox/b")
    assert f"blocked_by:\n  - {a}\n" in box.text("inbox/b.md")
    assert "blocked_by" not in box.text("inbox/a.md")
    assert box.repo.log()[0] == "inbox/b: blocked_by inbox/a"
    assert relate(box, "inbox/b", "blocked-by", a).status == "unchanged"
    unrelate(box, a, "blocks", b)
    assert "blocked_by" not in box.text("inbox/b.md")
    with pytest.raises(WrkqError) as caught:
        unrelate(box, a, "blocks", b)
    assert caught.value.code == "not_found"


def test_cycles_and_oneself(box: Sandbox, pair: tuple[str, str]) -> None:
    a, b = pair
    relate(box, a, "blocks", b)
    assert code(box, b, "blocks", a) == "validation"
    for word in relations.WORDS:
        assert code(box, a, word, a) == "validation"


def test_what_can_be_related(box: Sandbox, pair: tuple[str, str]) -> None:
    a, _ = pair
    relate(box, a, "relates-to", "inbox")
    assert "relates_to:\n  - P-" in box.text("inbox/a.md")
    for word in ("blocks", "blocked-by", "duplicate-of"):
        assert code(box, a, word, "inbox") == "not_found"
    assert code(box, a, "eats", "inbox") == "usage"
    assert code(box, a, "blocks", "T-00000000") == "not_found"


def test_a_duplicate_is_of_one(box: Sandbox, pair: tuple[str, str]) -> None:
    a, b = pair
    c = box.add("C")
    relate(box, a, "duplicate-of", b)
    relate(box, a, "duplicate-of", c)
    assert f"duplicate_of: {c}\n" in box.text("inbox/a.md")
    unrelate(box, a, "duplicate-of", c)
    assert "duplicate_of" not in box.text("inbox/a.md")


def test_a_symmetric_relation_is_taken_away_from_either_side(box: Sandbox, pair: tuple[str, str]) -> None:
    a, b = pair
    relate(box, a, "relates-to", b)
    unrelate(box, b, "relates-to", a)
    assert "relates_to" not in box.text("inbox/a.md")


def test_ids_of_both_hand_made_documents_are_written(box: Sandbox) -> None:
    box.write("inbox/a.md", "---\ntitle: A\n---\n")
    box.write("inbox/b.md", "---\ntitle: B\n---\n")
    box.commit_all()
    relate(box, "inbox/a", "blocks", "inbox/b")
    first = next(each for each in box.text("inbox/a.md").splitlines() if each.startswith("id: "))
    assert f"  - {first[4:]}\n" in box.text("inbox/b.md")
    assert "\nid: T-" in box.text("inbox/b.md")
    assert box.repo.status() == []


def test_the_remedy_of_a_dangling_reference_works(box: Sandbox, pair: tuple[str, str]) -> None:
    a, _ = pair
    text = box.text("inbox/a.md").replace("---\n", "---\nblocked_by: [T-00000000]\n", 1)
    box.write("inbox/a.md", text)
    box.repo.git("commit", "-qam", "dangling")
    found = [each.finding for each in checking.check(box.tracker) if each.finding.rule == "dangling-reference"]
    assert found[0].remedy == f"wrkq unrelate {a} blocked-by T-00000000"
    unrelate(box, a, "blocked-by", "T-00000000")
    assert not list(checking.errors(checking.check(box.tracker)))


def test_if_match(box: Sandbox, pair: tuple[str, str]) -> None:
    a, b = pair
    with pytest.raises(WrkqError) as caught:
        relate(box, a, "blocks", b, Options(commit=True, if_match="0000"))
    assert caught.value.code == "conflict"
