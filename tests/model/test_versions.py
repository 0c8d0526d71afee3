"""What happened between two versions of a document."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wrkq_files.files import documents
from wrkq_files.model import layout, versions
from wrkq_files.model.events import TYPES, Event
from wrkq_files.model.phrases import phrase
from wrkq_files.model.versions import Pair, Version

A = "T-AAAAAAAA"


def version(text: str, path: str = "x/a.md", identifier: str = A) -> Version:
    kind = layout.type_of(path)
    assert kind is not None
    document = documents.parse(text.encode(), kind, path, kinds=None).document
    assert document is not None
    return Version(document.id or identifier, document, str(hash(text)))


def events(before: str, after: str, path: str = "x/a.md") -> list[Event]:
    return list(versions.changes(Pair(version(before, path), version(after, path))))


def doc(*lines: str, body: str = "") -> str:
    return "\n".join(["---", "title: x", *lines, "---", "", body])


def gist(found: list[Event]) -> list[tuple[str, str, Any, Any]]:
    return [(each.type, each.field, each.old, each.new) for each in found]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([], ["state: completed"], [("task.updated", "state", "open", "completed")]),
        (["state: completed"], [], [("task.updated", "state", "completed", "open")]),
        (["state: done"], ["state: completed"], [("task.updated", "layout", None, None)]),
        (["priority: high"], ["priority: 2 # now a number"], [("task.updated", "layout", None, None)]),
        (["priority: 2"], [], [("task.updated", "priority", 2, 3)]),
        (["labels: [a]"], ["labels: [a, b]"], [("task.updated", "labels", ["a"], ["a", "b"])]),
        ([], ["archived: 2026-01-01"], [("task.archived", "archived", None, "2026-01-01")]),
        (["archived: 2026-01-01"], [], [("task.restored", "archived", "2026-01-01", None)]),
        (["meta: {a: 1}"], ["meta: {a: true}"], [("task.updated", "meta", {"a": 1}, {"a": True})]),
        ([], [f"id: {A}"], [("task.updated", "id", None, A)]),
        (
            ["blocked_by: [T-BBBBBBBB]"],
            ["blocked_by: [T-CCCCCCCC]"],
            [
                ("relation.removed", "blocked_by", "T-BBBBBBBB", None),
                ("relation.added", "blocked_by", None, "T-CCCCCCCC"),
            ],
        ),
        (["duplicate_of: T-BBBBBBBB"], [], [("relation.removed", "duplicate_of", "T-BBBBBBBB", None)]),
    ],
)
def test_fields(before: list[str], after: list[str], expected: list[tuple[str, str, Any, Any]]) -> None:
    assert gist(events(doc(*before), doc(*after))) == expected


def test_a_features_section() -> None:
    found = events(doc("kind: feature"), doc("kind: feature", "section: doing"), "x/README.md")
    assert gist(found) == [("feature.section_changed", "section", None, "doing")]


def test_a_comment_is_withdrawn() -> None:
    path = "_comments/AA/T-AAAAAAAA/20260101T000000Z-mara-00000001.md"
    found = events(doc("on: T-AAAAAAAA"), doc("on: T-AAAAAAAA", "deleted: 2026-01-01"), path)
    assert gist(found) == [("comment.withdrawn", "deleted", None, "2026-01-01")]


def test_boxes_alone_are_no_change_of_the_text() -> None:
    found = events(doc(body="- [ ] one\n- [x] two\n"), doc(body="- [x] one\n- [-] two\n"))
    assert [(each.type, each.field, each.new) for each in found] == [
        ("item.checked", "one", {"number": 1, "mark": "x"}),
        ("item.dropped", "two", {"number": 2, "mark": "-"}),
    ]


def test_a_box_and_the_text() -> None:
    found = events(doc(body="- [ ] one\n"), doc(body="Words.\n\n- [x] one\n- [ ] two\n"))
    assert [(each.type, each.field) for each in found] == [
        ("item.checked", "one"),
        ("item.added", "two"),
        ("task.updated", "body"),
    ]
    assert found[-1].new == {"added": 4, "removed": 1}


def test_the_mark_of_a_done_box_in_another_case_is_a_change_of_the_text() -> None:
    assert [each.field for each in events(doc(body="- [x] one\n"), doc(body="- [X] one\n"))] == ["body"]


def test_very_many_boxes_of_one_text() -> None:
    begin = time.process_time()
    found = events(doc(body="- [ ] a\n" * 20_000), doc(body="- [ ] b\n" + "- [x] a\n" * 10_000))
    assert time.process_time() - begin < 10
    assert sum(each.type == "item.removed" for each in found) == 10_000


def test_whose_closed_task_it_is() -> None:
    [closed, *_] = events(doc("assignee: mara"), doc("assignee: mara", "state: completed"))
    assert closed.assignee == "mara"
    [opened, *_] = events(doc("assignee: mara", "state: completed"), doc("assignee: mara"))
    assert opened.assignee == ""


@pytest.mark.parametrize(
    ("old", "new", "counts"),
    [
        ("a\nb\n", "a\nb\nc\n", (1, 0)),
        ("a\nb\nc\n", "a\nc\n", (0, 1)),
        ("a\nb\n", "b\na\n", (1, 1)),
        ("", "a\n", (1, 0)),
        ("a\n" * 1000, "b\n" * 1000, (1000, 1000)),
    ],
)
def test_lines_that_were_added_and_removed(old: str, new: str, counts: tuple[int, int]) -> None:
    assert versions.line_counts(old, new) == counts


@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc")))
def test_the_counts_add_up(old: list[str], new: list[str]) -> None:
    added, removed = versions.line_counts("\n".join(old), "\n".join(new))
    assert len("\n".join(old).splitlines()) + added - removed == len("\n".join(new).splitlines())


# Which is which


def match(old: dict[str, str | None], new: dict[str, str | None], renamed: dict[str, str] | None = None) -> set[Any]:
    """Paths and ids in the files; without one a file's derived id is its path."""

    def made(files: dict[str, str | None]) -> list[Version]:
        return [version(doc(*([f"id: {name}"] if name else [])), path, path) for path, name in files.items()]

    pairs = versions.match(made(old), made(new), renamed or {})
    return {(one and one.path, other and other.path) for one, other in pairs}


B = "T-BBBBBBBB"


def test_the_id_tells() -> None:
    assert match({"a.md": A}, {"b.md": A}) == {("a.md", "b.md")}
    assert match({"a.md": A}, {"a.md": B}) == {("a.md", None), (None, "a.md")}
    assert match({"a.md": A, "b.md": B}, {"a.md": B, "b.md": A}) == {("a.md", "b.md"), ("b.md", "a.md")}


def test_an_id_that_is_written_or_lost_is_the_same_document() -> None:
    assert match({"a.md": None}, {"a.md": A}) == {("a.md", "a.md")}
    assert match({"a.md": A}, {"a.md": None}) == {("a.md", "a.md")}


def test_two_files_of_one_id_are_told_apart_by_their_paths() -> None:
    assert match({"a.md": A}, {"a.md": A, "b.md": A}) == {("a.md", "a.md"), (None, "b.md")}
    assert match({"a.md": A, "b.md": A}, {"b.md": A}) == {("a.md", None), ("b.md", "b.md")}


def test_what_git_takes_for_renamed() -> None:
    assert match({"a.md": None}, {"b.md": None}, {"b.md": "a.md"}) == {("a.md", "b.md")}
    assert match({"a.md": None}, {"b.md": None}) == {("a.md", None), (None, "b.md")}


def moved(*names: tuple[str, str]) -> list[Pair]:
    return [
        Pair(version(doc(), old, f"T-{number:08d}"), version(doc(), new, f"T-{number:08d}"))
        for number, (old, new) in enumerate(names)
    ]


def test_a_container_that_moves_is_one_event() -> None:
    pairs = moved(("x/README.md", "y/README.md"), ("x/a.md", "y/a.md"), ("x/z/README.md", "y/z/README.md"))
    found = versions.moves(pairs)
    assert [(each.type, each.old, each.new) for each in found] == [("container.moved", "x/README.md", "y/README.md")]


def test_what_moves_on_inside_is_told() -> None:
    found = versions.moves(moved(("x/README.md", "y/README.md"), ("x/a.md", "y/b.md")))
    assert [each.new for each in found] == ["y/README.md", "y/b.md"]


def test_a_container_of_which_the_rest_stays() -> None:
    found = versions.moves(moved(("x/README.md", "y/README.md")), alone=["x/README.md"])
    assert [(each.type, each.field) for each in found] == [("container.moved", "document")]


def test_a_folder_without_a_document() -> None:
    pairs = moved(("x/a.md", "y/a.md"), ("x/b.md", "y/b.md"))
    assert versions.folder_moves(pairs) == {"x": "y"}
    found = versions.moves(pairs, folders={"x": "y"})
    assert [(each.type, each.id, each.old) for each in found] == [("container.moved", "", "x/README.md")]


@pytest.mark.parametrize("name", TYPES)
def test_every_type_has_words(name: str) -> None:
    value: Any = {"rule": "x", "line": 1, "message": "why", "added": 1, "removed": 2, "number": 1, "mark": "x"}
    old, new = ("old/a.md", "new/a.md") if name.endswith("moved") else (value, value)
    said = phrase(Event(name, A, "x/a.md", "body", old, new))
    assert said
    assert "\n" not in said
