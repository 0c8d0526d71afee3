"""What waits for what: around one task, and of all."""

from __future__ import annotations

import pytest

from tests.support.sandbox import COMMIT, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.service import blocking, moves, remove
from wrkq_files.service.blocking import Graph
from wrkq_files.service.past import open_at

MISSING = "T-ZZZZZZZ9"


@pytest.fixture
def web(box: Sandbox) -> dict[str, str]:
    """Ids by name: `end` waits for `left` and `right`, these for `top`; `other` waits for `right` alone."""
    ids = {"top": box.add("Top")}
    ids |= {name: box.add(name, blocked_by=ids["top"]) for name in ("left", "right")}
    ids["end"] = box.add("End", blocked_by=f"{ids['left']},{ids['right']}")
    ids["other"] = box.add("Other", blocked_by=ids["right"])
    return ids


def graph(box: Sandbox, target: str | None = None, **asked: object) -> Graph:
    return blocking.graph(box.tracker, target, **asked)  # type: ignore[arg-type]


def slugs(found: Graph) -> set[str]:
    return {task.slug if task else name for name, task in found.tasks.items()}


def pairs(found: Graph) -> set[tuple[str, str]]:
    named = {name: task.slug if task else name for name, task in found.tasks.items()}
    return {(named[first], named[second]) for first, second in found.edges}


def freed(box: Sandbox, target: str) -> tuple[set[str], int]:
    found = graph(box, target).freeing
    assert found is not None
    return {each.slug for each in found.frees}, found.waiting


def edit(box: Sandbox, slug: str, line: str) -> None:
    box.replace(f"inbox/{slug}.md", "\n---", f"\n{line}\n---")
    box.commit_all()


def test_below_a_task_is_what_it_waits_for(box: Sandbox, web: dict[str, str]) -> None:
    found = graph(box, web["end"])
    assert (found.starts, slugs(found)) == ([web["end"]], {"end", "left", "right", "top"})
    assert found.below[web["end"]] == [web["left"], web["right"]]
    assert pairs(found) == {("top", "left"), ("top", "right"), ("left", "end"), ("right", "end")}


def test_the_other_way_round_what_waits_for_it(box: Sandbox, web: dict[str, str]) -> None:
    found = graph(box, "inbox/right", reverse=True)
    assert pairs(found) == {("right", "end"), ("right", "other")}


def test_without_a_target_all_that_have_an_edge_from_what_waits_for_nothing(
    box: Sandbox, web: dict[str, str]
) -> None:
    box.add("Alone")
    found = graph(box)
    assert (found.starts, slugs(found)) == ([web["top"]], set(web))
    assert len(found.edges) == 5
    assert graph(box, reverse=True).starts == [web["end"], web["other"]]
    assert pairs(graph(box, reverse=True)) == pairs(found)


def test_a_depth_counts_what_it_cuts_off(box: Sandbox, web: dict[str, str]) -> None:
    found = graph(box, depth=1)
    assert (slugs(found), found.deeper) == ({"top", "left", "right"}, 2)
    assert pairs(found) == {("top", "left"), ("top", "right")}


def test_closed_tasks_are_left_out_and_counted(box: Sandbox, web: dict[str, str]) -> None:
    moves.done(box.tracker, [web["top"]], COMMIT)
    found = graph(box)
    assert (slugs(found), dict(found.hidden)) == ({*web} - {"top"}, {"closed": 1})
    assert found.starts == [web["left"], web["right"]]
    assert (slugs(graph(box, everything=True)), dict(graph(box, everything=True).hidden)) == ({*web}, {})
    assert dict(graph(box, web["end"]).hidden) == {"closed": 1}
    assert slugs(graph(box, web["top"])) == {"top"}, "what is named is there"


def test_what_lies_behind_a_closed_task_is_not_waited_for(box: Sandbox, web: dict[str, str]) -> None:
    for name in ("left", "right"):
        moves.done(box.tracker, [web[name]], COMMIT)
    assert slugs(graph(box, web["end"])) == {"end"}


def test_an_archived_task_is_there_where_it_still_blocks(box: Sandbox, web: dict[str, str]) -> None:
    remove.rm(box.tracker, [web["top"], web["other"]], COMMIT)
    found = graph(box)
    assert (slugs(found), dict(found.hidden)) == ({"top", "left", "right", "end"}, {"archived": 1})


def test_a_missing_blocker_is_there_and_comes_last(box: Sandbox, web: dict[str, str]) -> None:
    edit(box, "top", f"blocked_by:\n  - {MISSING}")
    found = graph(box, web["top"])
    assert found.tasks == {web["top"]: found.tasks[web["top"]], MISSING: None}
    assert graph(box).starts == [MISSING]


def test_a_cycle_has_a_beginning(box: Sandbox) -> None:
    first, second = box.add("First"), box.add("Second")
    edit(box, "first", f"blocked_by: [{second}]")
    edit(box, "second", f"blocked_by: [{first}]")
    assert (graph(box).starts, len(graph(box).edges)) == ([first], 2)
    assert freed(box, first) == ({"second"}, 1)


def test_what_finishing_a_task_frees_is_what_waits_for_it_alone(box: Sandbox, web: dict[str, str]) -> None:
    assert freed(box, web["top"]) == ({"left", "right"}, 4)
    assert freed(box, web["right"]) == ({"other"}, 2)
    moves.done(box.tracker, [web["left"]], COMMIT)
    assert freed(box, web["right"]) == ({"end", "other"}, 2)
    assert graph(box).freeing is None


def test_a_reason_or_a_missing_task_keeps_it_back_all_the_same(box: Sandbox, web: dict[str, str]) -> None:
    box.set(web["other"], blocked_reason="No budget")
    assert freed(box, web["right"]) == (set(), 2)
    box.replace("inbox/left.md", f"- {web['top']}", f"- {web['top']}\n  - {MISSING}")
    box.commit_all()
    assert freed(box, web["top"]) == ({"right"}, 4)


def test_a_closed_task_frees_nothing(box: Sandbox, web: dict[str, str]) -> None:
    moves.cancel(box.tracker, [web["top"]], COMMIT)
    assert freed(box, web["top"]) == (set(), 0)


def test_a_target_that_is_none(box: Sandbox) -> None:
    for target in ("inbox", "nowhere"):
        with pytest.raises(WrkqError) as caught:
            graph(box, target)
        assert caught.value.code == "not_found"


def test_as_it_was(box: Sandbox, web: dict[str, str]) -> None:
    before = box.repo.head
    moves.done(box.tracker, [web["top"]], COMMIT)
    past = open_at(box.door, before)
    try:
        assert blocking.graph(past.tracker).starts == [web["top"]]
    finally:
        past.close()
