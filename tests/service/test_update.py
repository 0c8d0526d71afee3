"""``set``, ``tick`` and ``fmt``: what they write, byte for byte, and what they refuse."""

from __future__ import annotations

import pytest

from tests.support.sandbox import COMMIT, FILES_ONLY, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.service import create, roster, update
from wrkq_files.service.change import Options, Written
from wrkq_files.service.update import Assignments, Outcome

PATH = "inbox/fix-it.md"


@pytest.fixture
def task(box: Sandbox) -> str:
    return box.add("Fix it")


def line(box: Sandbox, name: str, path: str = PATH) -> str | None:
    return next((each for each in box.text(path).splitlines() if each.startswith(f"{name}:")), None)


def refused(box: Sandbox, target: str = "inbox/fix-it", options: Options = COMMIT, /, **fields: str) -> WrkqError:
    """The refusal of a ``set``; nothing is written, nothing committed."""
    before = box.repo.head, box.repo.status()
    with pytest.raises(WrkqError) as caught:
        box.set(target, options, **fields)
    assert (box.repo.head, box.repo.status()) == before
    return caught.value


def force(box: Sandbox, target: str, /, **fields: str) -> Written:
    return box.set(target, Options(commit=True, force=True), **fields)


@pytest.mark.parametrize(
    ("name", "text", "written"),
    [
        ("title", "Mend it", "title: Mend it"),
        ("title", "  no: 'yes' #1 ", "title: 'no: ''yes'' #1'"),
        ("title", "--help", "title: '--help'"),
        ("title", "0042", "title: '0042'"),
        ("state", "draft", "state: draft"),
        ("state", "in-progress", "state: in_progress"),
        ("state", "done", "state: completed"),
        ("assignee", "robin", "assignee: robin"),
        ("assignee", "me", "assignee: robin"),
        ("assignee", "@robin", "assignee: robin"),
        ("reviewer", "me", "reviewer: robin"),
        ("priority", "high", "priority: 2"),
        ("priority", "1", "priority: 1"),
        ("due", "2026-02-01", "due: 2026-02-01"),
        ("due", "tomorrow", "due: 2026-01-20"),
        ("start", "3d", "start: 2026-01-22"),
        ("estimate_hours", "1.5", "estimate_hours: 1.5"),
        ("actual-hours", "2", "actual_hours: 2"),
        ("kind", "bug", "kind: bug"),
        ("labels", "b, a,b", "labels:"),
        ("tags", "a", "labels:"),
        ("summary", "two\nlines", "summary: |-"),
        ("blocked_reason", "legal", "blocked_reason: legal"),
        ("rank", "a0", "rank: a0"),
        ("source", "github:o/r#1", "source: github:o/r#1"),
        ("score", '{"effort": 2, "leverage": "3"}', "score:"),
        ("participants", "robin:pilot", "participants:"),
        ("participants", '[{"actor": "robin"}]', "participants:"),
        ("target", '{"type": "goal", "id": "g-1"}', "target:"),
        ("meta", '{"a": [1, null]}', "meta:"),
        ("meta", "[1]", "meta:"),
    ],
)
def test_every_settable_field(box: Sandbox, task: str, name: str, text: str, written: str) -> None:
    box.set(task, **{name: text})
    field = {"tags": "labels"}.get(name, name).replace("-", "_")
    found = line(box, field)
    assert found is not None
    assert found == written
    box.set(task, **{name: ""})
    assert line(box, field) is None
    assert box.repo.status() == []


def test_every_field_of_the_table_is_settable_or_says_why_not(box: Sandbox, task: str) -> None:
    from wrkq_files.model.fields import TASK_FIELDS

    for name, field in TASK_FIELDS.items():
        if field.minted or name == "archived":
            assert refused(box, **{name: "x"}).code in ("refused", "usage")
        elif name not in ("title", "state", "summary", "blocked_reason", "source", "rank", "labels"):
            assert refused(box, **{name: "b@d"}).code in ("validation", "not_found")


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("state", "opne", "validation"),
        ("priority", "5", "validation"),
        ("priority", "０", "validation"),
        ("kind", "epic", "validation"),
        ("resolution", "maybe", "validation"),
        ("due", "2026-02-30", "validation"),
        ("estimate_hours", "-1", "validation"),
        ("estimate_hours", "nan", "validation"),
        ("title", "two\nlines", "validation"),
        ("title", "   ", "validation"),
        ("title", "a\0b", "validation"),
        ("summary", "a\0b", "validation"),
        ("summary", "\x1b[31mred", "validation"),
        ("labels", "a\nb", "validation"),
        ("labels", ",", "validation"),
        ("assignee", "nobody-here", "validation"),
        ("assignee", "../robin", "validation"),
        ("participants", "ghost:pilot", "validation"),
        ("participants", "[1]", "validation"),
        ("participants", '{"actor": "robin"}', "validation"),
        ("score.effort", "4", "validation"),
        ("score.effort", "2.5", "validation"),
        ("score", '{"effort": 9}', "validation"),
        ("score", '{"luck": 1}', "usage"),
        ("score", "[1]", "validation"),
        ("score.luck", "1", "usage"),
        ("score", "5", "validation"),
        ("title.x", "1", "usage"),
        ("meta", "{", "validation"),
        ("meta", "[" * 100_000, "validation"),
        ("meta.x", "[" * 100_000, "validation"),
        ("meta.", "1", "usage"),
        ("blocked_by", "T-00000000", "not_found"),
        ("blocked_by", "inbox", "not_found"),
        ("parent", "inbox", "not_found"),
        ("duplicate_of", "inbox", "not_found"),
        ("id", "T-00000000", "refused"),
        ("created", "2026-01-01", "refused"),
        ("created_by", "robin", "refused"),
        ("archived", "2026-01-01", "usage"),
        ("body", "x", "usage"),
        ("deleted", "2026-01-01", "usage"),
        ("nonsense", "x", "usage"),
        ("asignee", "robin", "usage"),
    ],
)
def test_values_that_do_not_fit(box: Sandbox, task: str, name: str, text: str, code: str) -> None:
    assert refused(box, **{name: text}).code == code


def test_a_misspelt_field_names_the_nearest(box: Sandbox, task: str) -> None:
    assert "assignee" in refused(box, asignee="robin").hint


@pytest.mark.parametrize(("name", "text"), [("priority", "medium"), ("state", "todo"), ("kind", "task")])
def test_defaults_are_never_written(box: Sandbox, task: str, name: str, text: str) -> None:
    other = {"priority": "1", "state": "draft", "kind": "bug"}[name]
    box.set(task, **{name: other})
    assert line(box, name)
    box.set(task, **{name: text})
    assert line(box, name) is None


def test_what_is_so_already_changes_nothing(box: Sandbox, task: str) -> None:
    box.set(task, priority="1", labels="a,b", **{"score.effort": "2"})
    head = box.repo.head
    for fields in ({"priority": "critical"}, {"labels": "b,a"}, {"score.effort": "2"}, {"state": "open"}):
        assert box.set(task, **fields).status == "unchanged"
    assert box.repo.head == head


def test_one_field_is_one_line(box: Sandbox, task: str) -> None:
    before = box.text(PATH).splitlines()
    box.set(task, due="2026-02-01")
    after = box.text(PATH).splitlines()
    assert [each for each in after if each not in before] == ["due: 2026-02-01"]
    assert [each for each in before if each not in after] == []


def test_parts_of_maps(box: Sandbox, task: str) -> None:
    box.set(task, **{"score.effort": "2", "score.leverage": "1"})
    box.set(task, **{"score.effort": "3"})
    assert "  leverage: 1\n" in box.text(PATH)
    assert "  effort: 3\n" in box.text(PATH)
    box.set(task, **{"score.leverage": ""})
    assert "leverage" not in box.text(PATH)
    box.set(task, **{"score.effort": ""})
    assert line(box, "score") is None
    box.set(task, **{"meta.ticket": "17", "meta.who-else": "Ann", "meta.gone": "null"})
    assert "  ticket: 17\n" in box.text(PATH)
    assert "  who-else: Ann\n" in box.text(PATH)
    box.set(task, **{"meta.ticket": "", "meta.who-else": ""})
    assert line(box, "meta") is None


def test_parts_of_what_is_no_map(box: Sandbox, task: str) -> None:
    box.set(task, meta="[1]")
    assert refused(box, **{"meta.x": "1"}).code == "validation"


def test_labels_added_and_removed(box: Sandbox, task: str) -> None:
    def change(add: list[str], remove: list[str]) -> None:
        update.set_fields(box.tracker, [task], Assignments((), add, remove), COMMIT)

    change(["b", "a"], [])
    assert "labels:\n  - a\n  - b\n" in box.text(PATH)
    change(["c"], ["a", "nothing"])
    assert "labels:\n  - b\n  - c\n" in box.text(PATH)
    assert box.repo.log()[0] == "inbox/fix-it: +c -a"
    change([], ["b", "c"])
    assert line(box, "labels") is None
    with pytest.raises(WrkqError, match="labels"):
        change(["a\nb"], [])
    with pytest.raises(WrkqError, match="labels"):
        change([""], [])


def test_nothing_to_set(box: Sandbox, task: str) -> None:
    with pytest.raises(WrkqError, match="nothing to set"):
        update.set_fields(box.tracker, [task], Assignments(), COMMIT)


def test_several_targets_are_one_commit(box: Sandbox) -> None:
    ids = [box.add(f"Task {n}") for n in range(3)]
    count = len(box.repo.log())
    written = update.set_fields(box.tracker, ["inbox/*"], Assignments([("priority", "1")]), COMMIT)
    assert set(written.ids) == set(ids)
    assert len(box.repo.log()) == count + 1
    assert box.repo.log()[0] == "3 documents: priority 1"


def test_one_bad_target_refuses_all(box: Sandbox, task: str) -> None:
    box.add("Other")
    with pytest.raises(WrkqError):
        update.set_fields(box.tracker, [task, "inbox/nope"], Assignments([("priority", "1")]), COMMIT)
    assert line(box, "priority") is None


def test_continue_on_error(box: Sandbox, task: str) -> None:
    box.add("Other")
    box.add("Dirty", priority="2")
    box.replace("inbox/dirty.md", "priority: 2", "priority: 4")
    box.write("inbox/broken.md", "---\ntitle: [\n---\n")
    outcome = Outcome()
    names = [task, "inbox/nope", "inbox/dirty", "inbox/broken", "inbox/other"]
    written = update.set_fields(box.tracker, names, Assignments([("priority", "1")]), COMMIT, outcome=outcome)
    assert len(written.ids) == 2
    found = {name: error.code for name, error in outcome.failed}
    assert found == {"inbox/nope": "not_found", "inbox/dirty": "dirty_file", "inbox/broken": "unreadable"}
    with pytest.raises(WrkqError):
        update.set_fields(box.tracker, ["inbox/nope"], Assignments([("priority", "1")]), COMMIT, outcome=Outcome())


def test_if_match(box: Sandbox, task: str) -> None:
    etag = box.tracker.index.locate(task)
    blob = box.repo.git("rev-parse", f"HEAD:{box.name(PATH)}")
    assert etag is None or etag.blob == blob
    for wrong in ("0000", blob[:3], blob + "0", "zzzz"):
        assert refused(box, "inbox/fix-it", Options(commit=True, if_match=wrong), priority="1").code == "conflict"
    box.set(task, Options(commit=True, if_match=blob[:4].upper()), priority="1")
    assert refused(box, "inbox/fix-it", Options(commit=True, if_match=blob), priority="2").code == "conflict"


# Hand-made files


def by_hand(box: Sandbox, path: str = "inbox/by-hand.md", text: str = "---\ntitle: By hand\n---\n\nText.\n") -> str:
    """A committed file without an id; the id it is shown with."""
    box.write(path, text)
    box.repo.git("add", "-A")
    box.repo.git("commit", "-qm", "by hand")
    tracker = box.tracker
    tracker.index.refresh()
    entry = tracker.index.entry(path)
    assert entry is not None
    assert entry.id_source == "derived"
    return entry.id


def test_the_first_write_stores_the_derived_id(box: Sandbox) -> None:
    shown = by_hand(box)
    assert box.set("inbox/by-hand", priority="3").status == "unchanged"
    assert box.set(shown, priority="2").ids == (shown,)
    assert line(box, "id", "inbox/by-hand.md") == f"id: {shown}"


def test_a_reference_stores_the_id_of_the_other_document(box: Sandbox, task: str) -> None:
    shown = by_hand(box)
    box.set(task, blocked_by="inbox/by-hand")
    assert line(box, "id", "inbox/by-hand.md") == f"id: {shown}"
    assert box.repo.status() == []
    assert len(box.repo.git("show", "--name-only", "--format=", "HEAD").split()) == 2


def test_a_reference_between_two_targets_of_one_request(box: Sandbox, task: str) -> None:
    shown = by_hand(box)
    other = by_hand(box, "inbox/other.md", "---\ntitle: Other\n---\n")
    with pytest.raises(WrkqError, match="cycle"):
        box.set("inbox/b*", blocked_by=shown)
    update.set_fields(
        box.tracker, ["inbox/other", "inbox/by-hand"], Assignments([("relates_to", task), ("priority", "1")]), COMMIT
    )
    assert line(box, "id", "inbox/other.md") == f"id: {other}"
    update.set_fields(box.tracker, [task], Assignments([("relates_to", f"{shown},{other}")]), COMMIT)
    assert box.repo.status() == []


# States


def test_illegal_moves_name_the_legal_ones(box: Sandbox, task: str) -> None:
    box.set(task, state="draft")
    error = refused(box, state="completed")
    assert error.code == "invalid_state"
    assert error.details["allowed"] == ["idea", "open", "cancelled"]
    assert "idea, open, cancelled" in error.message


def test_force_is_recorded(box: Sandbox, task: str) -> None:
    box.set(task, state="draft")
    force(box, task, state="completed")
    assert "Wrkq-Override: illegal-move" in box.repo.git("log", "-1", "--format=%B")
    box.set(task, state="open")
    assert "Wrkq-Override" not in box.repo.git("log", "-1", "--format=%B")


def test_completing_asks_for_the_criteria(box: Sandbox) -> None:
    written = create.touch(
        box.tracker,
        ["inbox/fix-it"],
        create.New(body="## Acceptance criteria\n\n- [ ] one\n- [x] two\n- [-] three\n\n## Other\n\n- [ ] four\n"),
        COMMIT,
    )
    error = refused(box, state="done")
    assert (error.code, error.details["open"]) == ("invalid_state", ["one"])
    update.tick(box.tracker, written.ids[0], ["1"], "x", COMMIT)
    box.set("inbox/fix-it", state="done", resolution="done")
    assert line(box, "state") == "state: completed"
    update.tick(box.tracker, "inbox/fix-it", ["1"], " ", COMMIT)
    box.set("inbox/fix-it", state="open")
    assert line(box, "resolution") is None
    force(box, "inbox/fix-it", state="completed")
    assert "Wrkq-Override: open-criteria" in box.repo.git("log", "-1", "--format=%B")


def test_a_resolution_goes_with_a_closed_state(box: Sandbox, task: str) -> None:
    assert refused(box, resolution="done").code == "invalid_state"
    assert refused(box, resolution="done", state="in_progress").code == "invalid_state"
    box.set(task, state="cancelled", resolution="wont_do")
    box.set(task, resolution="duplicate")
    assert line(box, "resolution") == "resolution: duplicate"


def test_beginning_takes_the_task(box: Sandbox, task: str) -> None:
    box.set(task, state="in_progress")
    assert line(box, "assignee") == "assignee: robin"
    roster.add(box.tracker, "mara", options=COMMIT)
    box.set(task, state="open", assignee="mara")
    box.set(task, state="in_progress")
    assert line(box, "assignee") == "assignee: mara"


# Relations by field


def test_a_cycle_is_refused_with_its_path(box: Sandbox) -> None:
    a, b, c = (box.add(title) for title in "ABC")
    box.set(b, blocked_by=a)
    box.set(c, blocked_by=b)
    error = refused(box, a, blocked_by=c)
    assert error.code == "validation"
    assert error.message.endswith(f"{a} (a) waits for {c} (c) waits for {b} (b) waits for {a} (a)")
    assert refused(box, a, blocked_by=a).code == "validation"


def test_parents(box: Sandbox) -> None:
    create.mkdir(box.tracker, ["portal"], COMMIT)
    a, b, c = (box.add(title) for title in "ABC")
    far = box.add("Far", into="portal")
    box.set(b, parent=a)
    for child, parent in ((c, b), (a, c), (far, a), (c, c)):
        assert refused(box, child, parent=parent).code == "validation", (child, parent)
    box.set(b, parent="")


def test_a_source_is_unique(box: Sandbox, task: str) -> None:
    box.add("Other", source="github:o/r#1")
    assert refused(box, source="github:o/r#1").code == "exists"
    box.set("inbox/other", source="github:o/r#1")
    with pytest.raises(WrkqError, match="one source"):
        update.set_fields(box.tracker, ["inbox/*"], Assignments([("source", "x")]), COMMIT)


def test_sections_are_the_projects(box: Sandbox) -> None:
    create.mkdir(box.tracker, ["portal"], COMMIT, kind="project")
    create.mkdir(box.tracker, ["portal/auth"], COMMIT, kind="feature")
    box.set("portal/auth", section="doing")
    error = refused(box, "portal/auth", section="nowhere")
    assert (error.code, error.details["allowed"]) == ("validation", "one of backlog, ready, doing, review, done")


def test_a_container_without_a_document_cannot_be_set(box: Sandbox) -> None:
    box.write("bare/task.md", "---\ntitle: T\n---\n")
    assert refused(box, "bare", priority="1").code == "not_found"


def test_kinds_of_the_tracker(box: Sandbox, task: str) -> None:
    box.write("wrkq.yaml", box.text("wrkq.yaml") + "kinds: [story]\n")
    box.commit_all()
    box.set(task, kind="story")
    assert line(box, "kind") == "kind: story"
    box.set(task, priority="1")
    update.fmt(box.tracker, [task], COMMIT)
    assert line(box, "kind") == "kind: story"
    assert box.set(task, kind="task").subject == "inbox/fix-it: kind task"
    assert line(box, "kind") is None


# Items

ITEMS = "- [ ] same\n- [ ] same\n- [ ] Focus lands (measure: `make focus`)\n- [x] done\n"


@pytest.fixture
def listed(box: Sandbox) -> str:
    return create.touch(box.tracker, ["inbox/fix-it"], create.New(body=ITEMS), COMMIT).ids[0]


def tick(box: Sandbox, *words: str, mark: str = "x") -> Written:
    return update.tick(box.tracker, "inbox/fix-it", words, mark, COMMIT)


def test_items_of_one_text_are_told_apart_by_number(box: Sandbox, listed: str) -> None:
    tick(box, "2")
    assert "- [ ] same\n- [x] same\n" in box.text(PATH)
    assert tick(box, "2").status == "unchanged"
    tick(box, "1", "FOCUS")
    assert box.text(PATH).count("[x]") == 4


@pytest.mark.parametrize(
    ("word", "code"),
    [("same", "ambiguous"), ("nope", "not_found"), ("9", "not_found"), ("²", "not_found"), ("0", "not_found")],
)
def test_no_one_item(box: Sandbox, listed: str, word: str, code: str) -> None:
    with pytest.raises(WrkqError) as caught:
        tick(box, word)
    assert caught.value.code == code
    assert "Focus" in caught.value.hint or code == "ambiguous"


def test_dropping_and_unticking(box: Sandbox, listed: str) -> None:
    tick(box, "done", mark="-")
    assert "- [-] done\n" in box.text(PATH)
    tick(box, "done", mark=" ")
    assert "- [ ] done\n" in box.text(PATH)


# fmt


def test_fmt_orders_and_writes_the_id(box: Sandbox) -> None:
    shown = by_hand(box, text="---\nlabels: [b, a]\n# why\ntitle: By hand\n---\nText.\n")
    assert update.fmt(box.tracker, ["inbox/by-hand"], COMMIT).status == "committed"
    text = box.text("inbox/by-hand.md")
    assert text.startswith(f"---\n# why\ntitle: By hand\nid: {shown}\nlabels:\n  - a\n  - b\n---\nText.\n")
    assert update.fmt(box.tracker, [], COMMIT).status == "unchanged"


def test_fmt_of_everything_from_a_subfolder(box: Sandbox, task: str) -> None:
    by_hand(box, "portal/task.md")
    box.cwd = box.root / "inbox"
    update.fmt(box.tracker, [], FILES_ONLY)
    assert "\nid: T-" in box.text("portal/task.md")


def test_labels_may_come_with_commas(box: Sandbox, task: str) -> None:
    update.set_fields(box.tracker, [task], Assignments(add_labels=["b, a", "c"]), COMMIT)
    assert box.text(PATH).count("\n  - ") == 3


def test_a_near_word_is_offered(box: Sandbox, task: str) -> None:
    assert refused(box, state="opne").hint == "did you mean `open`?"
    assert "tomorrow" in refused(box, due="soon").message


@pytest.mark.parametrize(
    ("state", "resolution", "fitting"), [("cancelled", "done", "completed"), ("completed", "wont_do", "cancelled")]
)
def test_a_resolution_goes_with_its_state(box: Sandbox, task: str, state: str, resolution: str, fitting: str) -> None:
    error = refused(box, state=state, resolution=resolution)
    assert (error.code, fitting in error.hint) == ("invalid_state", True)
    box.set(task, state=fitting, resolution=resolution)


def test_settings_that_do_not_fit_are_said_with_every_write(box: Sandbox, task: str) -> None:
    box.replace("wrkq.yaml", "mode: auto", "mode: manul")
    box.commit_all()
    written = box.set(task, Options(), priority="1")
    assert written.status == "written"
    assert written.notes == ("wrkq.yaml:6:9: `commit.mode` is `manul`: the default holds",)
