"""Two branches merged as whole trees, with what only shows across files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.repos import TestRepo
from tests.support.sandbox import Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.git.repo import discover
from wrkq_files.service import joining
from wrkq_files.service.joining import Joined

ID = {"a": "T-AAAAAAA1", "b": "T-BBBBBBB2", "c": "T-CCCCCCC3", "f": "P-FFFFFFF4", "p": "P-PPPPPPP5"}


def task(letter: str, *lines: str, body: str = "Text.\n") -> str:
    fields = "".join(f"{line}\n" for line in lines)
    return f"---\ntitle: Task {letter}\nid: {ID[letter]}\n{fields}---\n\n{body}"


def container(letter: str, kind: str, *lines: str) -> str:
    fields = "".join(f"{line}\n" for line in lines)
    return f"---\ntitle: Container {letter}\nid: {ID[letter]}\nkind: {kind}\n{fields}---\n"


class Two:
    """A tracker with two branches, `one` checked out and `two`."""

    def __init__(self, path: Path, files: dict[str, str]) -> None:
        self.box = Sandbox(path)
        self.repo: TestRepo = self.box.repo
        self.repo.write({f"wrkq/{name}": text for name, text in files.items()})
        self.box.commit_all()
        self.repo.git("branch", "two")
        self.repo.git("checkout", "-q", "-b", "one")

    def on(self, branch: str, files: dict[str, str | None], *, moves: dict[str, str] | None = None) -> None:
        self.repo.git("checkout", "-q", branch)
        for old, new in (moves or {}).items():
            target = self.repo.path / "wrkq" / new
            target.parent.mkdir(parents=True, exist_ok=True)
            self.repo.git("mv", f"wrkq/{old}", f"wrkq/{new}")
        self.repo.write({f"wrkq/{name}": text for name, text in files.items()})
        self.box.commit_all()

    def join(self) -> Joined:
        repo = discover(self.repo.path)
        one, two = (self.repo.git("rev-parse", each) for each in ("one", "two"))
        there = joining.join(self.box.door, repo, one, two)
        back = joining.join(self.box.door, repo, two, one)
        assert there.is_clean == back.is_clean
        if there.is_clean:
            assert there.tree == back.tree
        return there

    def show(self, joined: Joined, path: str) -> str | None:
        found = self.repo.show(f"{joined.tree}:wrkq/{path}")
        return None if found is None else found.decode()

    def names(self, joined: Joined) -> list[str]:
        return self.repo.git("ls-tree", "-r", "--name-only", joined.tree).splitlines()


@pytest.fixture
def files() -> dict[str, str]:
    return {
        "shop/README.md": container("p", "project"),
        "shop/auth/README.md": container("f", "feature", "section: ready"),
        "shop/auth/a.md": task("a", "priority: 2"),
        "shop/auth/b.md": task("b"),
        "shop/c.md": task("c"),
    }


def rules(joined: Joined) -> set[str]:
    return {each.checked.finding.rule for each in joined.findings}


def test_changes_of_different_files_and_fields_come_together(tmp_path: Path, files: dict[str, str]) -> None:
    two = Two(tmp_path, files)
    two.on("one", {"shop/auth/a.md": task("a", "state: in_progress", "assignee: robin", "priority: 2")})
    two.on("two", {"shop/auth/a.md": task("a", "priority: 1"), "shop/c.md": None})
    joined = two.join()
    assert not joined.conflicts
    assert two.show(joined, "shop/auth/a.md") == task("a", "state: in_progress", "assignee: robin", "priority: 1")
    assert two.show(joined, "shop/c.md") is None


def test_a_conflict_is_told_with_its_path_and_marked_in_the_tree(tmp_path: Path, files: dict[str, str]) -> None:
    two = Two(tmp_path, files)
    two.on("one", {"shop/c.md": task("c", "priority: 1")})
    two.on("two", {"shop/c.md": task("c", "priority: 4")})
    joined = two.join()
    assert [(each.path, each.field, each.ours, each.theirs) for each in joined.conflicts] == [
        ("wrkq/shop/c.md", "priority", 1, 4)
    ]
    assert "<<<<<<< ours\npriority: 1\n=======\npriority: 4\n>>>>>>> theirs\n" in (
        two.show(joined, "shop/c.md") or ""
    )


def test_a_renamed_task_takes_the_other_sides_edit_however_much_was_changed(
    tmp_path: Path, files: dict[str, str]
) -> None:
    two = Two(tmp_path, files)
    rewritten = task("a", "priority: 2", body="Nothing of the old text is left.\n\n" * 20)
    two.on("one", {"shop/renamed.md": rewritten, "shop/auth/a.md": None})
    two.on("two", {"shop/auth/a.md": task("a", "priority: 1")})
    joined = two.join()
    assert not joined.conflicts
    assert two.show(joined, "shop/renamed.md") == rewritten.replace("priority: 2", "priority: 1")
    assert two.show(joined, "shop/auth/a.md") is None


def test_a_moved_container_takes_the_edits_and_the_new_tasks_along(tmp_path: Path, files: dict[str, str]) -> None:
    two = Two(tmp_path, files)
    two.on("one", {}, moves={"shop/auth": "shop/login"})
    new = "---\ntitle: New\nid: T-NNNNNNN6\n---\n"
    two.on("two", {"shop/auth/b.md": task("b", "priority: 1"), "shop/auth/new.md": new})
    joined = two.join()
    assert joined.is_clean
    assert two.show(joined, "shop/login/b.md") == task("b", "priority: 1")
    assert two.show(joined, "shop/login/new.md") == new
    assert not [name for name in two.names(joined) if "/auth/" in name]


def test_a_task_that_is_moved_out_of_a_container_takes_no_new_ones_along(
    tmp_path: Path, files: dict[str, str]
) -> None:
    two = Two(tmp_path, files)
    two.on("one", {}, moves={"shop/auth/a.md": "shop/a.md"})
    two.on("two", {"shop/auth/new.md": "---\ntitle: New\nid: T-NNNNNNN6\n---\n"})
    assert two.show(two.join(), "shop/auth/new.md") is not None


def test_moved_to_two_places(tmp_path: Path, files: dict[str, str]) -> None:
    two = Two(tmp_path, files)
    two.on("one", {}, moves={"shop/c.md": "shop/here.md"})
    two.on("two", {}, moves={"shop/c.md": "shop/there.md"})
    [conflict] = two.join().conflicts
    assert (conflict.field, conflict.base, conflict.ours, conflict.theirs) == (
        "path",
        "wrkq/shop/c.md",
        "wrkq/shop/here.md",
        "wrkq/shop/there.md",
    )


def test_a_deleted_task_that_the_other_side_changed_is_kept_and_told(tmp_path: Path, files: dict[str, str]) -> None:
    two = Two(tmp_path, files)
    two.on("one", {"shop/c.md": None})
    two.on("two", {"shop/c.md": task("c", "priority: 1")})
    joined = two.join()
    [conflict] = joined.conflicts
    assert (conflict.field, conflict.ours, conflict.theirs) == ("path", "deleted", "changed")
    assert two.show(joined, "shop/c.md") == task("c", "priority: 1")


def test_a_deleted_task_that_nobody_changed_is_gone(tmp_path: Path, files: dict[str, str]) -> None:
    two = Two(tmp_path, files)
    two.on("one", {"shop/auth/a.md": None})
    two.on("two", {"shop/c.md": task("c", "priority: 1")})
    joined = two.join()
    assert joined.is_clean
    assert two.show(joined, "shop/auth/a.md") is None


def test_one_name_for_two_new_documents(tmp_path: Path, files: dict[str, str]) -> None:
    two = Two(tmp_path, files)
    two.on("one", {"shop/new.md": "---\ntitle: Mine\nid: T-MMMMMMM7\n---\n"})
    two.on("two", {"shop/new.md": "---\ntitle: Yours\nid: T-YYYYYYY8\n---\n"})
    joined = two.join()
    [conflict] = joined.conflicts
    assert "ids of their own" in conflict.why
    text = two.show(joined, "shop/new.md") or ""
    assert "Mine" in text
    assert "Yours" in text


def test_a_file_without_an_id_made_alike_on_both_sides_is_one(tmp_path: Path, files: dict[str, str]) -> None:
    two = Two(tmp_path, files)
    two.on("one", {"shop/new.md": "---\ntitle: New\n---\n"})
    two.on("two", {"shop/new.md": "---\ntitle: New\n---\n", "shop/c.md": task("c", "priority: 1")})
    assert two.join().is_clean


def test_one_moves_a_task_to_where_the_other_makes_one(tmp_path: Path, files: dict[str, str]) -> None:
    two = Two(tmp_path, files)
    two.on("one", {}, moves={"shop/c.md": "shop/new.md"})
    made = "---\ntitle: Made\nid: T-MMMMMMM7\n---\n"
    two.on("two", {"shop/new.md": made})
    joined = two.join()
    assert {each.field for each in joined.conflicts} == {"path"}
    back = joining.join(
        two.box.door, discover(two.repo.path), two.repo.git("rev-parse", "two"), two.repo.git("rev-parse", "one")
    )
    assert {each.field for each in back.conflicts} == {"path"}
    assert two.show(back, "shop/new.md") == made
    assert two.show(back, "shop/c.md") == task("c")


def test_two_move_different_tasks_to_one_name(tmp_path: Path, files: dict[str, str]) -> None:
    two = Two(tmp_path, files)
    two.on("one", {}, moves={"shop/auth/a.md": "shop/new.md"})
    two.on("two", {}, moves={"shop/c.md": "shop/new.md"})
    joined = two.join()
    assert {each.field for each in joined.conflicts} == {"path"}
    assert {two.show(joined, name) for name in ("shop/new.md", "shop/c.md")} == {task("a", "priority: 2"), task("c")}


def test_swapped_names_are_in_conflict_where_the_other_side_changed_one(
    tmp_path: Path, files: dict[str, str]
) -> None:
    two = Two(tmp_path, files)
    two.on("one", {"shop/auth/a.md": task("b"), "shop/auth/b.md": task("a", "priority: 2")})
    two.on("two", {"shop/auth/a.md": task("a", "priority: 1")})
    assert {each.path for each in two.join().conflicts} == {"wrkq/shop/auth/a.md"}


def test_the_same_id_in_two_new_files_is_found(tmp_path: Path, files: dict[str, str]) -> None:
    two = Two(tmp_path, files)
    text = "---\ntitle: Copy\nid: T-MMMMMMM7\n---\n"
    two.on("one", {"shop/x.md": text})
    two.on("two", {"shop/y.md": text})
    assert "duplicate-id" in rules(two.join())


def test_a_cycle_of_two_harmless_edges_is_found(tmp_path: Path, files: dict[str, str]) -> None:
    two = Two(tmp_path, files)
    two.on("one", {"shop/auth/a.md": task("a", "blocked_by:", f"  - {ID['b']}")})
    two.on("two", {"shop/auth/b.md": task("b", "blocked_by:", f"  - {ID['a']}")})
    joined = two.join()
    assert rules(joined) == {"cycle"}
    assert not joined.is_clean


def test_a_comment_on_a_task_that_the_other_side_deleted_is_found(tmp_path: Path, files: dict[str, str]) -> None:
    two = Two(tmp_path, files)
    two.on("one", {"shop/c.md": None})
    name = f"_comments/{ID['c'][2:4]}/{ID['c']}/20260119T142416Z-robin-7Q2M4K9X.md"
    head = f"id: C-7Q2M4K9X\non: {ID['c']}\nauthor: robin\ncreated: 2026-01-19T14:24:16Z"
    two.on("two", {name: f"---\n{head}\n---\n\nWait.\n", "_actors/robin.md": "---\nrole: human\n---\n"})
    assert "dangling-reference" in rules(two.join())


def test_a_subtask_of_a_parent_that_the_other_side_deleted_is_found(tmp_path: Path, files: dict[str, str]) -> None:
    two = Two(tmp_path, files)
    two.on("one", {"shop/c.md": None})
    child = f"---\ntitle: Child\nid: T-MMMMMMM7\nparent: {ID['c']}\n---\n"
    two.on("two", {"shop/child.md": child})
    assert "dangling-reference" in rules(two.join())


def test_a_section_that_one_removes_and_another_moves_to_is_found(tmp_path: Path, files: dict[str, str]) -> None:
    sections = ["sections:"]
    for slug in ("ready", "later"):
        sections += [f"  - slug: {slug}", f"    title: {slug}", "    role: ready"]
    two = Two(tmp_path, {**files, "shop/README.md": container("p", "project", *sections)})
    two.on("one", {"shop/README.md": container("p", "project", *sections[:4])})
    two.on("two", {"shop/auth/README.md": container("f", "feature", "section: later")})
    assert "unknown-section" in rules(two.join())


def test_a_task_closed_here_may_be_waited_for_there(tmp_path: Path, files: dict[str, str]) -> None:
    two = Two(tmp_path, files)
    two.on("one", {"shop/auth/a.md": task("a", "state: completed", "priority: 2")})
    two.on("two", {"shop/auth/b.md": task("b", "blocked_by:", f"  - {ID['a']}")})
    assert two.join().is_clean


def test_what_was_wrong_on_one_side_already_is_no_finding_of_the_merge(tmp_path: Path, files: dict[str, str]) -> None:
    two = Two(tmp_path, files)
    two.on("one", {"shop/c.md": task("c", "priority: 1")})
    two.on("two", {"shop/auth/a.md": task("a", "blocked_by:", "  - T-ZZZZZZZ9")})
    assert two.join().findings == ()


def test_code_beside_the_tracker_is_merged_by_git(tmp_path: Path, files: dict[str, str]) -> None:
    two = Two(tmp_path, {**files, "../code.py": "a\nb\nc\nd\ne\n"})
    two.on("one", {"../code.py": "A\nb\nc\nd\ne\n", "shop/c.md": task("c", "priority: 1")})
    two.on("two", {"../code.py": "a\nb\nc\nd\nE\n", "../new.py": "new\n"})
    joined = two.join()
    assert joined.is_clean
    assert two.show(joined, "../code.py") is None  # the path below is git's own spelling
    assert two.repo.show(f"{joined.tree}:code.py") == b"A\nb\nc\nd\nE\n"
    assert two.repo.show(f"{joined.tree}:new.py") == b"new\n"


def test_code_in_conflict_is_told(tmp_path: Path, files: dict[str, str]) -> None:
    two = Two(tmp_path, {**files, "../code.py": "a\n"})
    two.on("one", {"../code.py": "b\n"})
    two.on("two", {"../code.py": "c\n"})
    assert [each.path for each in two.join().conflicts] == ["code.py"]


def test_a_tracker_at_the_top_with_code_beside_it(tmp_path: Path) -> None:
    repo = TestRepo.init(
        tmp_path, files={"wrkq.yaml": "format: 1\n", "a.md": task("a", "priority: 2"), "main.c": "a\nb\nc\n"}
    )
    base = repo.head
    one = repo.commit({"a.md": task("a", "priority: 1"), "main.c": "A\nb\nc\n"})
    repo.git("checkout", "-q", "-b", "two", base)
    two = repo.commit({"a.md": task("a", "labels:", "  - x", "priority: 2"), "main.c": "a\nb\nC\n"})
    box = Sandbox.there(tmp_path, folder=".")
    joined = joining.join(box.door, discover(tmp_path), one, two)
    assert joined.is_clean
    assert repo.show(f"{joined.tree}:main.c") == b"A\nb\nC\n"
    assert repo.show(f"{joined.tree}:a.md") == task("a", "labels:", "  - x", "priority: 1").encode()


def test_a_criss_cross_merge_has_what_both_agreed_on_as_its_base(tmp_path: Path, files: dict[str, str]) -> None:
    two = Two(tmp_path, files)
    two.on("one", {"shop/c.md": task("c", "priority: 1")})
    two.on("two", {"shop/auth/b.md": task("b", "priority: 1")})
    first, second = (two.repo.git("rev-parse", each) for each in ("one", "two"))
    two.repo.git("checkout", "-q", "one")
    two.repo.git("merge", "-q", "--no-edit", second)
    two.repo.git("checkout", "-q", "two")
    two.repo.git("merge", "-q", "--no-edit", first)
    two.on("one", {"shop/c.md": task("c", "priority: 4")})
    two.on("two", {"shop/auth/a.md": task("a", "priority: 4")})
    joined = two.join()
    assert len(joined.bases) == 2
    assert joined.is_clean
    assert two.show(joined, "shop/c.md") == task("c", "priority: 4")
    assert two.show(joined, "shop/auth/a.md") == task("a", "priority: 4")


def test_nothing_to_merge_and_fast_forward(tmp_path: Path, files: dict[str, str]) -> None:
    two = Two(tmp_path, files)
    two.on("one", {"shop/c.md": task("c", "priority: 1")})
    joined = two.join()
    assert joined.tree == two.repo.git("rev-parse", "one^{tree}")
    assert joined.bases == (two.repo.git("rev-parse", "two"),)


def test_histories_without_a_common_commit_are_refused(tmp_path: Path, files: dict[str, str]) -> None:
    two = Two(tmp_path, files)
    two.repo.git("checkout", "-q", "--orphan", "three")
    two.repo.git("commit", "-q", "-m", "alone")
    alone, one = two.repo.head, two.repo.git("rev-parse", "one")
    with pytest.raises(WrkqError, match="no commit in common"):
        joining.join(two.box.door, discover(two.repo.path), one, alone)
