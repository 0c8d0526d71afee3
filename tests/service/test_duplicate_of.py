"""Closing a task as a duplicate of another; sources that come twice; cycles, by whatever way they are asked for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.sandbox import COMMIT, FILES_ONLY, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.service import batch, batch_input, create, moves, relations, replacing, update
from wrkq_files.service.change import Options
from wrkq_files.service.update import Assignments

FORCE = Options(commit=True, force=True)
SOURCE = "github:o/r#1"


@pytest.fixture
def pair(box: Sandbox) -> tuple[str, str]:
    return box.add("A"), box.add("B")


def fields(box: Sandbox, slug: str) -> dict[str, str]:
    head = box.text(f"inbox/{slug}.md").split("---\n")[1]
    names = ("state", "resolution", "duplicate_of")
    return dict(line.split(": ") for line in head.splitlines() if line.startswith(names))


def refused(act: Callable[[], object]) -> WrkqError:
    with pytest.raises(WrkqError) as caught:
        act()
    return caught.value


def run_batch(box: Sandbox, *lines: str) -> None:
    operations = batch_input.read("\n".join(lines).encode(), "ops")
    batch.run(box.tracker, operations, COMMIT)


def duplicate(original: str) -> dict[str, str]:
    return {"state": "cancelled", "resolution": "duplicate", "duplicate_of": original}


def test_a_duplicate_is_closed_in_the_same_change(box: Sandbox, pair: tuple[str, str]) -> None:
    a, b = pair
    for original in (a, a[2:6].lower(), "inbox/a", "inbox/a.md"):
        box.set(b, duplicate_of="", state="open", resolution="")
        before = len(box.repo.log())
        written = box.set(b, duplicate_of=original)
        assert fields(box, "b") == duplicate(a)
        assert len(box.repo.log()) == before + 1
        assert "open -> cancelled" in written.subject
        assert "resolution duplicate" in written.subject
    assert fields(box, "a") == {}
    assert box.set(b, duplicate_of=a).status == "unchanged"


@pytest.mark.parametrize("state", ["idea", "draft", "in_progress", "in_review", "blocked"])
def test_whatever_state_it_is_in(box: Sandbox, pair: tuple[str, str], state: str) -> None:
    a, b = pair
    box.set(b, FORCE, state=state)
    box.set(b, duplicate_of=a)
    assert fields(box, "b") == duplicate(a)


def test_what_was_completed_stays_so(box: Sandbox, pair: tuple[str, str]) -> None:
    a, b = pair
    box.set(b, state="completed", resolution="done")
    box.set(b, duplicate_of=a)
    assert fields(box, "b") == {"state": "completed", "resolution": "done", "duplicate_of": a}


def test_what_was_cancelled_for_another_reason_is_a_duplicate_after_that(box: Sandbox, pair: tuple[str, str]) -> None:
    a, b = pair
    box.set(b, state="cancelled", resolution="wont_do")
    box.set(b, duplicate_of=a)
    assert fields(box, "b") == duplicate(a)


@pytest.mark.parametrize("state", ["open", "in_progress", "completed"])
def test_a_state_that_does_not_agree_is_refused(box: Sandbox, pair: tuple[str, str], state: str) -> None:
    a, b = pair
    error = refused(lambda: box.set(b, state=state, duplicate_of=a))
    assert (error.code, "resolution duplicate goes with cancelled" in error.message) == ("invalid_state", True)
    assert fields(box, "b") == {}
    box.set(b, state="cancelled", duplicate_of=a)
    assert fields(box, "b") == duplicate(a)


def test_a_resolution_that_is_given_stands(box: Sandbox, pair: tuple[str, str]) -> None:
    a, b = pair
    box.set(b, resolution="wont_do", duplicate_of=a)
    assert fields(box, "b") == {**duplicate(a), "resolution": "wont_do"}


def test_a_new_task_may_be_a_duplicate_from_the_beginning(box: Sandbox, pair: tuple[str, str]) -> None:
    a, _ = pair
    box.add("C", duplicate_of=a)
    assert fields(box, "c") == duplicate(a)
    assert refused(lambda: box.add("D", duplicate_of=a, state="open")).code == "invalid_state"


def test_json_says_it_as_well(box: Sandbox, pair: tuple[str, str]) -> None:
    a, b = pair
    replacing.apply(box.tracker, b, f'{{"duplicate_of": "{a}"}}'.encode(), "json", COMMIT)
    assert fields(box, "b") == duplicate(a)


def test_a_duplicate_leads_to_its_original_in_one_step(box: Sandbox, pair: tuple[str, str]) -> None:
    a, b = pair
    c = box.add("C")
    box.set(b, duplicate_of=a)
    for act in (
        lambda: box.set(c, duplicate_of=b),
        lambda: relations.relate(box.tracker, c, "duplicate-of", b, COMMIT),
    ):
        error = refused(act)
        assert (error.code, error.hint) == ("validation", f"wrkq set {c} --duplicate-of {a}")
        assert f"a duplicate of {a} (a)" in error.message
    assert refused(lambda: box.add("D", duplicate_of=b)).hint == f"--duplicate-of {a}"
    assert refused(lambda: box.set(a, duplicate_of=b)).hint.startswith(f"wrkq reopen {b}")
    assert refused(lambda: box.set(a, duplicate_of=a)).code == "validation"


def test_what_is_open_again_is_no_duplicate(box: Sandbox, pair: tuple[str, str]) -> None:
    a, b = pair
    box.set(b, duplicate_of=a)
    moves.reopen(box.tracker, [b], COMMIT)
    assert fields(box, "b") == {}
    box.set(b, duplicate_of=a)
    box.set(b, FORCE, state="in_progress")
    assert "duplicate_of" not in fields(box, "b")


def test_the_relation_alone_stays_where_work_goes_on(box: Sandbox, pair: tuple[str, str]) -> None:
    a, b = pair
    relations.relate(box.tracker, b, "duplicate-of", a, COMMIT)
    moves.start(box.tracker, [b], COMMIT)
    assert fields(box, "b") == {"state": "in_progress", "duplicate_of": a}


def test_a_source_that_comes_twice_is_refused_with_the_other_task(box: Sandbox) -> None:
    first, other = box.add("First", source=SOURCE), box.add("Other")
    new = create.New(pairs=[("source", SOURCE)])
    acts: list[Callable[[], object]] = [
        lambda: box.add("Second", source=SOURCE),
        lambda: create.touch(box.tracker, ["inbox/second"], new, COMMIT),
        lambda: box.set(other, source=SOURCE),
        lambda: run_batch(box, f'{{"op": "add", "title": "Second", "fields": {{"source": "{SOURCE}"}}}}'),
        lambda: run_batch(box, f'{{"op": "set", "target": "{other}", "fields": {{"source": "{SOURCE}"}}}}'),
        lambda: replacing.apply(box.tracker, other, f'{{"source": "{SOURCE}"}}'.encode(), "json", COMMIT),
    ]
    for act in acts:
        error = refused(act)
        assert (error.code, first in error.hint, error.details["id"]) == ("exists", True, first)
    assert not (box.root / "inbox/second.md").exists()


def test_two_of_one_batch_cannot_have_one_source(box: Sandbox) -> None:
    line = '{"op": "add", "title": "Twin", "fields": {"source": "x:1"}}'
    assert refused(lambda: run_batch(box, line, line)).code == "exists"


def test_a_cycle_is_refused_by_whatever_way(box: Sandbox, pair: tuple[str, str]) -> None:
    a, b = pair
    box.set(b, blocked_by=a)
    acts: list[Callable[[], object]] = [
        lambda: box.set(a, blocked_by=b),
        lambda: update.set_fields(box.tracker, [a], Assignments([("blocked-by", b)]), COMMIT),
        lambda: relations.relate(box.tracker, b, "blocks", a, COMMIT),
        lambda: relations.relate(box.tracker, a, "blocked-by", b, COMMIT),
        lambda: moves.block(box.tracker, [a], COMMIT, by=[b]),
        lambda: run_batch(box, f'{{"op": "set", "target": "{a}", "fields": {{"blocked_by": ["{b}"]}}}}'),
        lambda: replacing.apply(box.tracker, a, f'{{"blocked_by": ["{b}"]}}'.encode(), "json", COMMIT),
    ]
    for act in acts:
        error = refused(act)
        assert error.code == "validation"
        assert error.message.endswith(f"a cycle: {a} (a) waits for {b} (b) waits for {a} (a)")
    assert "blocked_by" not in box.text("inbox/a.md")


def test_a_cycle_that_a_batch_would_close_by_itself_is_refused(box: Sandbox) -> None:
    error = refused(
        lambda: run_batch(
            box,
            '{"op": "add", "title": "One", "as": "one"}',
            '{"op": "add", "title": "Two", "as": "two", "fields": {"blocked_by": ["$one"]}}',
            '{"op": "relate", "a": "$two", "relation": "blocks", "b": "$one"}',
        )
    )
    assert (error.code, error.details["line"], "a cycle" in error.message) == ("validation", 3, True)
    assert not (box.root / "inbox/one.md").exists()


def test_of_a_long_cycle_both_ends_are_named(box: Sandbox) -> None:
    ids = [f"T-{number:08d}" for number in range(300)]
    for number, each in enumerate(ids):
        waits = f"blocked_by: [{ids[number + 1]}]\n" if number + 1 < len(ids) else ""
        box.write(f"inbox/t{number}.md", f"---\ntitle: T\nid: {each}\n{waits}---\n")
    error = refused(lambda: box.set(ids[-1], FILES_ONLY, blocked_by=ids[0]))
    named = [each for each in ids if each in error.message]
    hidden = len(ids) + 1 - (error.message.count("T-"))
    assert {ids[-1], ids[0], ids[-2]} <= set(named)
    assert f"… ({hidden} more)" in error.message
    assert error.hint == f"wrkq unrelate {ids[-2]} blocked-by {ids[-1]}"
