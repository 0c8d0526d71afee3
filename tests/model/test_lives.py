"""One line of turns out of what branches tell side by side."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wrkq_files.model.fields import CLOSED_STATES, STATES
from wrkq_files.model.lives import Life, Stand, Step, life

NOW = 1000


def born(state: str, time: int = 1) -> Step:
    return Step(time, "robin", ("", state), (False, False), (False, False), birth=True)


def set_to(old: str, new: str, time: int, actor: str = "robin") -> Step:
    return Step(time, actor, (old, new))


def counts(found: Life) -> list[str]:
    return [each for turn in found.turns for each in turn.counts]


def test_what_happened_in_one_line_is_told_as_it_was() -> None:
    steps = [born("open"), set_to("open", "in_progress", 2), set_to("in_progress", "completed", 3)]
    found = life(steps, Stand("completed"), NOW)
    assert [(turn.time, turn.old, turn.new) for turn in found.turns] == [
        (1, "", "open"),
        (2, "open", "in_progress"),
        (3, "in_progress", "completed"),
    ]
    assert counts(found) == ["created", "completed"]


def test_what_two_branches_did_counts_once() -> None:
    steps = [born("open"), set_to("open", "completed", 2, "robin"), set_to("open", "completed", 3, "sam")]
    assert counts(life(steps, Stand("completed"), NOW)) == ["created", "completed"]


def test_the_side_that_a_merge_left_out_does_not_count() -> None:
    steps = [born("open"), set_to("open", "completed", 2), set_to("open", "cancelled", 3)]
    assert counts(life(steps, Stand("completed"), NOW)) == ["created", "completed"]
    assert counts(life(steps, Stand("cancelled"), NOW)) == ["created", "cancelled"]


def test_what_was_picked_to_another_branch_is_born_once() -> None:
    steps = [born("open"), set_to("open", "completed", 2), born("open", 3), set_to("open", "completed", 4)]
    assert counts(life(steps, Stand("completed"), NOW)) == ["created", "completed"]


def test_what_was_there_before_history_began_is_no_birth() -> None:
    found = life([set_to("in_progress", "completed", 2)], Stand("completed"), NOW)
    assert found.begin == Stand("in_progress")
    assert counts(found) == ["completed"]


def test_a_step_that_is_missing_changes_where_it_began_and_not_where_it_is() -> None:
    found = life([born("open")], Stand("blocked"), NOW)
    assert [turn.new for turn in found.turns] == ["blocked"]


def test_a_task_that_goes_while_it_is_open_is_removed_and_one_that_is_closed_stays_so() -> None:
    gone = Step(3, "robin", gone=(False, True))
    assert counts(life([born("open"), gone], Stand("open", gone=True), NOW)) == ["created", "removed"]
    done = [born("open"), set_to("open", "completed", 2), gone]
    assert counts(life(done, Stand("completed", gone=True), NOW)) == ["created", "completed"]


def test_a_task_that_is_not_there_is_gone_though_nothing_says_so() -> None:
    assert counts(life([born("open")], None, NOW)) == ["created", "removed"]
    assert counts(life([born("completed")], None, NOW)) == ["created", "completed"]


def test_archived_and_back() -> None:
    steps = [born("open"), Step(2, "", archived=(False, True)), Step(3, "", archived=(True, False))]
    assert counts(life(steps, Stand("open"), NOW)) == ["created", "removed", "restored"]


def test_from_one_closed_state_to_the_other_is_reopened_and_closed() -> None:
    steps = [born("completed"), set_to("completed", "cancelled", 2)]
    assert counts(life(steps, Stand("cancelled"), NOW)) == ["created", "completed", "reopened", "cancelled"]


def test_clocks_that_are_wrong_do_not_turn_time_back() -> None:
    steps = [born("open", 500), set_to("open", "in_progress", 100), set_to("in_progress", "completed", NOW + 500)]
    assert [turn.time for turn in life(steps, Stand("completed"), NOW).turns] == [500, 500, NOW]


STANDS = st.builds(Stand, st.sampled_from(STATES), st.booleans(), st.booleans())
PAIRS = st.tuples(st.booleans(), st.booleans())
STEPS = st.builds(
    Step,
    st.integers(0, 2 * NOW),
    st.just("robin"),
    st.none() | st.tuples(st.sampled_from(STATES), st.sampled_from(STATES)),
    st.none() | PAIRS,
    st.none() | PAIRS,
    st.booleans(),
)


@given(st.lists(STEPS, max_size=12), STANDS)
def test_whatever_is_told_the_line_is_whole_and_ends_where_the_task_is(steps: list[Step], end: Stand) -> None:
    found = life(steps, end, NOW)
    stands = [found.begin, *(turn.after for turn in found.turns)]
    assert stands[-1] == end
    assert [turn.before for turn in found.turns] == stands[:-1]
    opened, told = found.begin is not None and is_open(found.begin.stage), counts(found)
    came = sum(told.count(each) for each in ("created", "reopened", "restored"))
    went = sum(told.count(each) for each in ("completed", "cancelled", "removed"))
    assert opened + came - went == is_open(end.stage)


def is_open(stage: str) -> bool:
    return bool(stage) and stage not in CLOSED_STATES
