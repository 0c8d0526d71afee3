"""Checking what git holds: staged files, ranges of commits, revisions."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.support.repos import TestRepo
from tests.support.sandbox import Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.service import checking, scopes
from wrkq_files.service.scopes import Reviewed

A, B, C, D = "T-AAAAAAAA", "T-BBBBBBBB", "T-CCCCCCCC", "T-DDDDDDDD"
P, Q = "P-PPPPPPPP", "P-QQQQQQQQ"


def doc(identifier: str | None, *lines: str, body: str = "") -> str:
    own = [f"id: {identifier}"] if identifier else []
    return "\n".join(["---", "title: x", *own, *lines, "---", body])


def said(found: Sequence[Reviewed]) -> list[tuple[str, str]]:
    return [(each.checked.finding.rule, each.file) for each in found if each.checked.severity != "notice"]


def staged(box: Sandbox) -> list[tuple[str, str]]:
    box.repo.git("add", "-A")
    return said(scopes.staged(box.door))


# Staged


def test_it_is_the_index_that_is_judged(box: Sandbox) -> None:
    box.write("x/a.md", doc(A, "state: nonsense"))
    box.repo.git("add", "-A")
    box.write("x/a.md", doc(A))
    assert said(scopes.staged(box.door)) == [("unknown-state", "wrkq/x/a.md")]
    box.repo.git("add", "-A")
    box.write("x/a.md", doc(A, "state: nonsense"))
    assert said(scopes.staged(box.door)) == []


def test_the_line_is_the_staged_one(box: Sandbox) -> None:
    box.write("x/a.md", doc(A, "state: nonsense"))
    box.repo.git("add", "-A")
    box.write("x/a.md", "gone\n")
    [found] = scopes.staged(box.door)
    assert (found.line, found.checked.finding.line) == ("state: nonsense", 4)


def test_another_index_file(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """As ``git commit PATH`` and ``git commit -a`` run their hook."""
    box.write("x/a.md", doc(A, "state: nonsense"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(box.repo.path / ".git" / "other"))
    box.repo.git("read-tree", "HEAD")
    box.repo.git("add", "-A")
    assert said(scopes.staged(box.door)) == [("unknown-state", "wrkq/x/a.md")]
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert said(scopes.staged(box.door)) == []


def test_the_first_commit_of_all(tmp_path: Path) -> None:
    box = Sandbox(tmp_path)
    box.write("x/a.md", doc(A, f"blocked_by: [{B}]"))
    assert staged(box) == [("dangling-reference", "wrkq/x/a.md")]


def test_what_was_wrong_elsewhere_stops_nobody(box: Sandbox) -> None:
    box.write("x/a.md", doc(A, "state: nonsense", f"blocked_by: [{B}]"))
    box.write("x/b.md", "---\ntitle: [\n---\n")
    box.commit_all()
    box.write("x/c.md", doc(C))
    assert staged(box) == []


#: what is there, what is staged then, the file that is named: the change is elsewhere, and the cause
FAR: list[tuple[str, dict[str, str], dict[str, str | None], str]] = [
    ("dangling-reference", {"x/a.md": doc(A, f"blocked_by: [{B}]"), "x/b.md": doc(B)}, {"x/b.md": None}, "x/a.md"),
    (
        "dangling-reference",
        {"x/a.md": doc(A), "_comments/AA/T-AAAAAAAA/20260101T000000Z-mara-00000001.md": f"---\non: {A}\n---\nhi\n"},
        {"x/a.md": None},
        "_comments/AA/T-AAAAAAAA/20260101T000000Z-mara-00000001.md",
    ),
    (
        "parent-elsewhere",
        {"x/a.md": doc(A), "x/b.md": doc(B, f"parent: {A}")},
        {"x/a.md": None, "y/a.md": doc(A)},
        "x/b.md",
    ),
    (
        "nested-subtask",
        {"x/a.md": doc(A), "x/b.md": doc(B), "x/c.md": doc(C, f"parent: {B}")},
        {"x/b.md": doc(B, f"parent: {A}")},
        "x/c.md",
    ),
    (
        "unknown-section",
        {
            "p/README.md": doc(P, "kind: project", "sections: [{slug: now, role: active}]"),
            "p/f/README.md": doc(Q, "kind: feature", "section: now"),
        },
        {"p/README.md": doc(P, "kind: project", "sections: [{slug: then, role: active}]")},
        "p/f/README.md",
    ),
    (
        "cycle",
        {"x/a.md": doc(A, f"blocked_by: [{B}]"), "x/b.md": doc(B)},
        {"x/b.md": doc(B, f"blocked_by: [{A}]")},
        "x/a.md",
    ),
    ("case-clash", {"x/B.md": doc(A)}, {"x/b.md": doc(B)}, "x/b.md"),
    ("case-clash", {"x/É.md": doc(A)}, {"x/é.md": doc(B)}, "x/é.md"),
    ("duplicate-slug", {"x/a.md": doc(A)}, {"x/a/b.md": doc(B)}, "x/a.md"),
    ("duplicate-id", {"x/a.md": doc(A)}, {"x/b.md": doc(A)}, "x/b.md"),
    ("duplicate-source", {"x/a.md": doc(A, "source: s")}, {"x/b.md": doc(B, "source: s")}, "x/b.md"),
    (
        "changed-identity",
        {"x/a.md": doc(A, "created: 2026-01-01")},
        {"x/a.md": doc(B, "created: 2026-01-01")},
        "x/a.md",
    ),
    ("illegal-move", {"x/a.md": doc(A, "state: idea")}, {"x/a.md": doc(A, "state: completed")}, "x/a.md"),
    (
        "unknown-actor",
        {"x/a.md": doc(A, "assignee: mara"), "_actors/mara.md": "---\nrole: human\n---\n"},
        {"_actors/mara.md": None},
        "x/a.md",
    ),
]


@pytest.mark.parametrize(("rule", "before", "change", "named"), FAR)
def test_a_change_that_breaks_something_elsewhere(
    box: Sandbox, rule: str, before: dict[str, str], change: dict[str, str | None], named: str
) -> None:
    for path, text in before.items():
        box.write(path, text)
    box.commit_all()
    box.write("x/another.md", doc(D))
    assert staged(box) == []
    for path, after in change.items():
        if after is None:
            (box.root / path).unlink()
        else:
            box.write(path, after)
    assert (rule, f"wrkq/{named}") in staged(box)


def test_a_setting_that_makes_old_files_wrong(box: Sandbox) -> None:
    box.write("x/a.md", doc(A, "kind: story"))
    box.replace("wrkq.yaml", "format: 1", "format: 1\nkinds: [story]")
    box.commit_all()
    box.replace("wrkq.yaml", "kinds: [story]", "kinds: [epic]")
    assert staged(box) == [("wrong-type", "wrkq/x/a.md")]


def test_every_tracker_of_the_repository(box: Sandbox) -> None:
    for folder in ("docs/plan", "wrkq/inside"):
        for path, text in {"wrkq.yaml": "format: 1\n", "x/a.md": doc(A, "state: nonsense")}.items():
            place = box.repo.path / folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
    assert staged(box) == [("unknown-state", "docs/plan/x/a.md"), ("unknown-state", "wrkq/inside/x/a.md")]


def test_a_reference_into_another_tracker(box: Sandbox) -> None:
    place = box.repo.path / "docs" / "plan"
    (place / "x").mkdir(parents=True)
    (place / "wrkq.yaml").write_text("format: 1\n")
    (place / "x" / "b.md").write_text(doc(B))
    box.write("x/a.md", doc(A, f"relates_to: [{B}, {C}]"))
    box.repo.git("add", "-A")
    [found] = scopes.staged(box.door)
    assert C in found.checked.finding.message


def test_a_folder_is_staged_as_a_link(box: Sandbox) -> None:
    (box.root / "x").symlink_to("inbox")
    assert staged(box) == [("symlink", "wrkq/x")]


def test_names_that_need_care(box: Sandbox) -> None:
    for name in ("with space", "tab\there", "line\nend", "ümläut", 'quo"te'):
        box.write(f"x/{name}.md", doc(None, "state: nonsense"))
    found = {name for rule, name in staged(box) if rule == "unknown-state"}
    assert found == {f"wrkq/x/{name}.md" for name in ("with space", "tab\there", "line\nend", "ümläut", 'quo"te')}


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_names_that_are_not_utf8(box: Sandbox) -> None:
    """Beside good ones, in the tracker and beside it."""
    for name in (b"bad\xff.md", b"bad\xff/in.md", b"../code\xff.md"):
        box.write(os.fsdecode(name), doc(A, "state: nonsense"))
    box.write("x/b.md", doc(B, "state: nonsense"))
    assert staged(box) == [
        ("bad-utf8", "wrkq/bad\\xff"),
        ("bad-utf8", "wrkq/bad\\xff.md"),
        ("unknown-state", "wrkq/x/b.md"),
    ]
    box.commit_all()
    assert {rule for rule, _ in said(scopes.at(box.door, "HEAD"))} == {"bad-utf8", "unknown-state"}
    assert len(said(scopes.ranged(box.door, "HEAD"))) == 3


def test_the_tracker_that_is_named(box: Sandbox, tmp_path: Path) -> None:
    place = box.repo.path / "docs" / "plan"
    (place / "x").mkdir(parents=True)
    (place / "wrkq.yaml").write_text("format: 1\n")
    for folder in (place, box.root):
        (folder / "x").mkdir(exist_ok=True)
        (folder / "x" / "a.md").write_text(doc(A, "state: nonsense"))
    box.repo.git("add", "-A")
    named = box.door._replace(cwd=tmp_path, root=place)
    assert said(scopes.staged(named)) == [("unknown-state", "docs/plan/x/a.md")]
    assert len(said(scopes.staged(box.door))) == 2


# Ranges


def test_every_commit_of_a_range(box: Sandbox) -> None:
    start = box.repo.git("rev-parse", "HEAD")
    box.write("x/a.md", doc(A, "state: nonsense"))
    box.commit_all()
    bad = box.repo.git("rev-parse", "HEAD")
    box.write("x/b.md", doc(B))
    box.commit_all()
    box.write("x/a.md", doc(A))
    box.commit_all()
    found = scopes.ranged(box.door, f"{start}..HEAD")
    assert [(each.commit, each.file) for each in found] == [(bad, "wrkq/x/a.md")]
    assert scopes.ranged(box.door, f"{bad}..HEAD") == []


def test_a_merge_is_judged_by_what_it_brings_together(box: Sandbox) -> None:
    start = box.repo.git("rev-parse", "HEAD")
    box.repo.git("checkout", "-q", "-b", "other")
    box.write("x/b.md", doc(A))
    box.commit_all()
    box.repo.git("checkout", "-q", "-")
    box.write("x/a.md", doc(A))
    box.commit_all()
    box.repo.git("merge", "-q", "-m", "both", "other")
    merge = box.repo.git("rev-parse", "HEAD")
    found = scopes.ranged(box.door, f"{start}..HEAD")
    assert {(each.checked.finding.rule, each.commit) for each in found} == {("duplicate-id", merge)}


def test_a_range_that_git_does_not_know(box: Sandbox) -> None:
    with pytest.raises(WrkqError) as refused:
        scopes.ranged(box.door, "nowhere..HEAD")
    assert refused.value.code == "not_found"


def test_a_bare_repository(box: Sandbox, tmp_path: Path) -> None:
    box.write("x/a.md", doc(A, "state: nonsense"))
    box.commit_all()
    bare = TestRepo(tmp_path / "bare")
    box.repo.git("clone", "-q", "--bare", ".", str(bare.path))
    door = box.door._replace(cwd=bare.path)
    assert said(scopes.ranged(door, "HEAD")) == [("unknown-state", "wrkq/x/a.md")]
    assert said(scopes.at(door, "HEAD")) == [("unknown-state", "wrkq/x/a.md")]


# A revision


def test_a_revision_whole(box: Sandbox) -> None:
    box.write("x/a.md", doc(A, f"blocked_by: [{B}]"))
    box.commit_all()
    box.write("x/b.md", doc(B))
    box.commit_all()
    assert said(scopes.at(box.door, "HEAD~1")) == [("dangling-reference", "wrkq/x/a.md")]
    assert said(scopes.at(box.door, "HEAD")) == []


@pytest.mark.parametrize(
    ("revision", "code"), [("nowhere", "not_found"), ("-x", "not_found"), ("HEAD:wrkq", "not_found")]
)
def test_a_revision_that_is_none(box: Sandbox, revision: str, code: str) -> None:
    with pytest.raises(WrkqError) as refused:
        scopes.at(box.door, revision)
    assert refused.value.code == code


# The law

IDS = (A, B, C)
PATHS = ("a.md", "b.md", "c.md", "x/a.md", "x/A.md", "x/b.md", "a/c.md", "x/README.md", "a/README.md", "README.md")
fields = st.fixed_dictionaries(
    {},
    optional={
        "id": st.sampled_from(IDS),
        "blocked_by": st.lists(st.sampled_from(IDS), max_size=2, unique=True).map(lambda ids: f"[{', '.join(ids)}]"),
        "relates_to": st.sampled_from(IDS).map(lambda each: f"[{each}]"),
        "parent": st.sampled_from(IDS),
        "source": st.sampled_from(["one", "two"]),
        "kind": st.sampled_from(["project", "feature", "bug"]),
        "section": st.sampled_from(["now", "then"]),
        "sections": st.sampled_from(["[{slug: now, role: active}]", "[{slug: then, role: done}]"]),
        "state": st.sampled_from(["open", "nonsense"]),
    },
)
texts = st.one_of(
    fields.map(lambda each: "\n".join(["---", *(f"{name}: {value}" for name, value in each.items()), "---", ""])),
    st.sampled_from(["a note\n", f"---\nid: {A}\ntitle: [\n---\n"]),
)
files = st.dictionaries(st.sampled_from(PATHS), st.one_of(texts, st.none()), max_size=6)


#: Rules about several documents at once: when one of them goes, the others are told in other words.
TOGETHER = {"duplicate-id", "duplicate-slug", "case-clash", "duplicate-source"}


def key(rule: str, file: str, message: str) -> tuple[str, str, str]:
    if rule == "cycle":  # of several that share a task one is told, at one of its tasks
        return rule, "", ""
    return rule, file, "" if rule in TOGETHER else message


def errors(box: Sandbox) -> set[tuple[str, str, str]]:
    found = [each.finding for each in checking.errors(checking.check(box.tracker))]
    return {key(each.rule, f"wrkq/{each.path}", each.message) for each in found}


def write(box: Sandbox, wanted: dict[str, str | None]) -> None:
    for path, text in wanted.items():
        if text is not None:
            box.write(path, text)
        else:
            (box.root / path).unlink(missing_ok=True)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(before=files, after=files)
@example(before={"a.md": doc(A)}, after={"a.md": None, "x/a.md": doc(A)})
@example(
    before={"a.md": f"---\nid: {A}\ntitle: [\n---\n", "b.md": doc(B, f"relates_to: [{A}]")}, after={"a.md": None}
)
@example(before={"a.md": doc(A), "b.md": doc(A, f"parent: {A}")}, after={"a.md": None})
@example(before={"a.md": doc(A), "b.md": doc(A, f"blocked_by: [{A}]")}, after={"a.md": None})
def test_no_new_error_passes_a_staged_check(before: dict[str, str | None], after: dict[str, str | None]) -> None:
    """What a check of everything finds after a change and not before it, the check of that change finds."""
    with tempfile.TemporaryDirectory() as folder:
        box = Sandbox(Path(folder).resolve())
        write(box, before)
        box.commit_all()
        known = errors(box)
        write(box, after)
        box.repo.git("add", "-A")
        new = errors(box) - known
        found = scopes.staged(box.door)
        told = {key(each.checked.finding.rule, each.file, each.checked.finding.message) for each in found}
        assert new <= told
        assert {each for each in told if each[0] != "changed-identity"} <= {
            key(each.finding.rule, f"wrkq/{each.finding.path}", each.finding.message)
            for each in checking.check(box.tracker)
        }
