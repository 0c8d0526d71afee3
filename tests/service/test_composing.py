"""Several edits of a file as one: the law, and what is said of where a file was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from wrkq_files.service.change import FileEdit
from wrkq_files.service.composing import Composition

PATHS = tuple("abcd")
Files = Mapping[str, bytes]


def carried_out(files: Files, edits: Sequence[FileEdit]) -> dict[str, bytes]:
    """All edits at once: first what leaves, then what comes."""
    texts = [(edit.to, edit.apply(files[edit.path] if edit.path else b"")) for edit in edits if edit.to]
    left = {edit.path for edit in edits}
    after = {path: data for path, data in files.items() if path not in left}
    for path, data in texts:
        assert path not in after, "nothing is overwritten"
        after[path] = data
    return after


@st.composite
def stories(draw: st.DrawFn) -> tuple[Files, list[list[FileEdit]]]:
    """Files, and operations of one edit or two that are possible one after another."""
    files = {path: path.encode() for path in PATHS[:2]}
    now = dict(files)
    story: list[list[FileEdit]] = []
    for number in range(draw(st.integers(1, 8))):
        edits: list[FileEdit] = []
        for path in draw(st.lists(st.sampled_from(PATHS), min_size=1, max_size=2, unique=True)):
            mark = f"{path}{number}".encode()
            free = [each for each in PATHS if each not in now and each not in {edit.to for edit in edits}]
            if path not in now:
                edits += [FileEdit.create(path, mark)] if path in free else []
                continue
            kind = draw(st.sampled_from(("modify", "move", "delete")))
            if kind == "modify":
                edits.append(FileEdit.modify(path, lambda data, mark=mark: data + mark, {f"f{number}"}))
            elif kind == "delete":
                edits.append(FileEdit.delete(path))
            elif free:
                edits.append(FileEdit.move(path, draw(st.sampled_from(free)), lambda data, mark=mark: mark + data))
        now = carried_out(now, edits)
        story.append(edits)
    return files, story


@given(stories())
def test_composed_is_one_after_another(story: tuple[Files, list[list[FileEdit]]]) -> None:
    files, operations = story
    composition = Composition()
    after = dict(files)
    for number, edits in enumerate(operations):
        composition.add(number, edits)
        after = carried_out(after, edits)
    assert carried_out(files, composition.edits) == after
    begun = [edit.path for edit in composition.edits if edit.path]
    ended = [edit.to for edit in composition.edits if edit.to]
    assert len(begun) == len({*begun}), "one edit for each file there was"
    assert len(ended) == len({*ended}), "one for each file there is"
    assert all(edit.path or edit.to for edit in composition.edits)
    held = [edit for edits in composition.by_operation().values() for edit in edits]
    assert {*map(id, held)} <= {*map(id, composition.edits)}


def test_what_is_made_and_taken_away_is_nothing() -> None:
    composition = Composition()
    composition.add(0, [FileEdit.create("a", b"1")])
    composition.add(1, [FileEdit.move("a", "b")])
    composition.add(2, [FileEdit.delete("b")])
    assert composition.edits == ()
    assert composition.by_operation() == {}


def test_touches_are_united_and_a_moved_file_is_known_by_where_it_was() -> None:
    composition = Composition()
    composition.add(0, [FileEdit.modify("a", lambda data: data + b"1", {"title"})])
    composition.add(1, [FileEdit.move("a", "b", lambda data: data + b"2", {"id"})])
    (edit,) = composition.edits
    assert (edit.path, edit.to, edit.touches) == ("a", "b", {"title", "id"})
    assert edit.apply(b"0") == b"012"


def test_what_takes_a_files_place_is_a_file_of_its_own() -> None:
    composition = Composition()
    composition.add(0, [FileEdit.delete("a")])
    composition.add(1, [FileEdit.create("a", b"new")])
    assert {(edit.path, edit.to) for edit in composition.edits} == {("a", None), (None, "a")}


def test_thousands_of_edits_of_one_file() -> None:
    composition = Composition()
    for number in range(5000):
        composition.add(number, [FileEdit.modify("a", lambda data: data + b".", {"body"})])
    assert len(composition.edits[0].apply(b"")) == 5000
