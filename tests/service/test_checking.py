"""``check``: every rule over several documents, failing and passing; severities, targets, HEAD."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.support.sandbox import COMMIT, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.service import attachments, checking, comments, create, update
from wrkq_files.service.tracker import open_tracker

A, B, C, P, Q = "T-AAAAAAAA", "T-BBBBBBBB", "T-CCCCCCCC", "P-PPPPPPPP", "P-QQQQQQQQ"


def doc(identifier: str | None, *lines: str, body: str = "") -> str:
    own = [f"id: {identifier}"] if identifier else []
    return "\n".join(["---", "title: x", *own, *lines, "---", body])


def rules(box: Sandbox, *targets: str) -> list[tuple[str, str]]:
    return [(each.finding.rule, each.finding.path) for each in checking.check(box.tracker, targets)]


PROJECT = ("kind: project", "sections: [{slug: now, role: active, default: true}, {slug: gone, role: done}]")
ACTOR = {"_actors/mara.md": "---\nrole: human\n---\n"}
#: rule, files that pass, files that fail, the file that is named
CASES: list[tuple[str, Mapping[str, str], Mapping[str, str], str]] = [
    ("duplicate-id", {"x/a.md": doc(A), "x/b.md": doc(B)}, {"x/a.md": doc(A), "x/b.md": doc(A)}, "x/b.md"),
    ("duplicate-slug", {"x/a.md": doc(A)}, {"x/a.md": doc(A), "x/a/b.md": doc(B)}, "x/a.md"),
    ("case-clash", {"x/a.md": doc(A), "x/b.md": doc(B)}, {"x/a.md": doc(A), "x/A.md": doc(B)}, "x/a.md"),
    (
        "dangling-reference",
        {"x/a.md": doc(A, f"relates_to: [{B}]"), "x/b.md": doc(B)},
        {"x/a.md": doc(A, f"relates_to: [{B}]")},
        "x/a.md",
    ),
    ("dangling-reference", {"x/a.md": doc(A)}, {"x/a.md": doc(A, f"duplicate_of: {B}")}, "x/a.md"),
    (
        "dangling-reference",
        {"x/a.md": doc(A)},
        {"x/a.md": doc(A, f"blocked_by: [{P}]"), "x/README.md": doc(P)},
        "x/a.md",
    ),
    ("dangling-reference", {"x/a.md": doc(A)}, {"x/a.md": doc(A, f"parent: {P}"), "x/README.md": doc(P)}, "x/a.md"),
    (
        "cycle",
        {"x/a.md": doc(A, f"blocked_by: [{B}]"), "x/b.md": doc(B)},
        {"x/a.md": doc(A, f"blocked_by: [{B}]"), "x/b.md": doc(B, f"blocked_by: [{A}]")},
        "x/a.md",
    ),
    ("cycle", {"x/a.md": doc(A)}, {"x/a.md": doc(A, f"blocked_by: [{A}]")}, "x/a.md"),
    (
        "nested-subtask",
        {"x/a.md": doc(A), "x/b.md": doc(B, f"parent: {A}")},
        {"x/a.md": doc(A), "x/b.md": doc(B, f"parent: {A}"), "x/c.md": doc(C, f"parent: {B}")},
        "x/c.md",
    ),
    (
        "parent-elsewhere",
        {"x/a.md": doc(A), "x/b.md": doc(B, f"parent: {A}")},
        {"x/a.md": doc(A), "y/b.md": doc(B, f"parent: {A}")},
        "y/b.md",
    ),
    (
        "duplicate-source",
        {"x/a.md": doc(A, "source: s"), "x/b.md": doc(B, "source: t")},
        {"x/a.md": doc(A, "source: s"), "x/b.md": doc(B, "source: s")},
        "x/b.md",
    ),
    (
        "unknown-section",
        {"p/README.md": doc(P, *PROJECT), "p/f/README.md": doc(Q, "kind: feature", "section: now")},
        {"p/README.md": doc(P, *PROJECT), "p/f/README.md": doc(Q, "kind: feature", "section: doing")},
        "p/f/README.md",
    ),
    (
        "unknown-section",
        {"f/README.md": doc(Q, "section: doing")},
        {"f/README.md": doc(Q, "section: now")},
        "f/README.md",
    ),
    (
        "two-defaults",
        {"p/README.md": doc(P, *PROJECT)},
        {"p/README.md": doc(P, PROJECT[0], PROJECT[1].replace("role: done", "role: done, default: true"))},
        "p/README.md",
    ),
    (
        "no-assignee",
        {"x/a.md": doc(A, "state: in_progress", "assignee: robin")},
        {"x/a.md": doc(A, "state: in_progress")},
        "x/a.md",
    ),
    (
        "open-criteria",
        {"x/a.md": doc(A, "state: completed", body="# Definition of done\n- [x] a\n- [-] b\n")},
        {"x/a.md": doc(A, "state: completed", body="# Definition of done\n- [ ] a\n")},
        "x/a.md",
    ),
    (
        "resolution-state",
        {"x/a.md": doc(A, "state: done", "resolution: done")},
        {"x/a.md": doc(A, "resolution: done")},
        "x/a.md",
    ),
    ("resolution-state", {"x/a.md": doc(A)}, {"x/a.md": doc(A, "state: cancelled", "resolution: done")}, "x/a.md"),
    ("unknown-actor", {"x/a.md": doc(A, "assignee: mara"), **ACTOR}, {"x/a.md": doc(A, "assignee: mara")}, "x/a.md"),
    ("unknown-actor", {"x/README.md": doc(P, "owner: robin")}, {"x/README.md": doc(P, "owner: mara")}, "x/README.md"),
    ("unknown-actor", {"x/a.md": doc(A)}, {"x/a.md": doc(A, "participants: [{actor: mara}]")}, "x/a.md"),
    ("missing-id", {"x/a.md": doc(A)}, {"x/a.md": doc(None)}, "x/a.md"),
    ("irregular-name", {"x/a.md": doc(A)}, {"x/A b.md": doc(A)}, "x/A b.md"),
    ("unknown-key", {"x/a.md": doc(A)}, {"x/a.md": doc(A, "asignee: robin")}, "x/a.md"),
    ("bad-id", {"x/a.md": doc(A)}, {"x/a.md": doc("BACK-12")}, "x/a.md"),
    ("yaml-syntax", {"x/a.md": doc(A)}, {"x/a.md": doc(A, "due: [")}, "x/a.md"),
]


@pytest.mark.parametrize(
    ("rule", "good", "bad", "path"), CASES, ids=[f"{n}-{case[0]}" for n, case in enumerate(CASES)]
)
def test_each_rule(box: Sandbox, rule: str, good: Mapping[str, str], bad: Mapping[str, str], path: str) -> None:
    for name, text in good.items():
        box.write(name, text)
    assert rule not in [found for found, _ in rules(box)]
    for name in good:
        (box.root / name).unlink()
    for name, text in bad.items():
        box.write(name, text)
    assert (rule, path) in rules(box)
    found = next(each.finding for each in checking.check(box.tracker) if each.finding.rule == rule)
    assert found.remedy
    if found.line:
        line = checking.source_line(box.tracker, found)
        assert line is not None
        assert 1 <= found.column <= len(line) + 1


def test_comments(box: Sandbox) -> None:
    task = box.add("Fix it")
    path = comments.add(box.tracker, task, "Hi", COMMIT).data["path"]
    assert rules(box) == []
    box.replace(path, "---\n\nHi", "supersedes: C-00000000\n---\n\nHi")
    assert ("dangling-reference", path) in rules(box)
    box.repo.git("checkout", "-q", ".")
    (box.root / path).rename(box.root / "_comments/stray.md")
    assert ("misplaced-comment", "_comments/stray.md") in rules(box)
    (box.root / "inbox/fix-it.md").unlink()
    assert ("dangling-reference", "_comments/stray.md") in rules(box)


def test_against_head(box: Sandbox) -> None:
    task = box.add("Fix it", priority="1")
    box.add("Other")
    assert rules(box) == []
    for old, new, rule in (
        (f"id: {task}", "id: T-00000000", "changed-identity"),
        (f"id: {task}\n", "", "changed-identity"),
        ("created: 2026", "created: 2020", "changed-identity"),
        ("created_by: robin", "created_by: robin2", "changed-identity"),
        ("priority: 1", "state: idea", "illegal-move"),
    ):
        box.replace("inbox/fix-it.md", old, new)
        assert (rule, "inbox/fix-it.md") in rules(box), new
        assert rule not in [found for found, path in rules(box) if path != "inbox/fix-it.md"]
        box.repo.git("checkout", "-q", ".")
    box.replace("inbox/fix-it.md", "priority: 1", "state: completed\npriority: 1")
    assert rules(box) == []
    box.repo.git("checkout", "-q", ".")
    box.repo.git("mv", "wrkq/inbox/fix-it.md", "wrkq/inbox/moved.md")
    box.replace("inbox/moved.md", "created: 2026", "created: 2020")
    assert ("changed-identity", "inbox/moved.md") in rules(box)
    box.repo.git("reset", "-q", "--hard")
    (box.root / "inbox/fix-it.md").unlink()
    (box.root / "inbox/fix-it.md").symlink_to("other.md")
    assert ("symlink", "inbox/fix-it.md") in rules(box)


def test_on_an_unborn_branch(tmp_path_factory: pytest.TempPathFactory) -> None:
    box = Sandbox(tmp_path_factory.mktemp("unborn"))
    box.write("x/a.md", doc(A))
    assert rules(box) == []


def test_severities(box: Sandbox) -> None:
    box.write("x/a.md", doc(A, "state: in_progress", "zzz: 1"))
    before = {each.finding.rule: each.severity for each in checking.check(box.tracker)}
    assert before == {"no-assignee": "warning", "unknown-key": "notice"}
    box.write("wrkq.yaml", box.text("wrkq.yaml") + "rules: {no-assignee: error, unknown-key: off}\n")
    after = {each.finding.rule: each.severity for each in checking.check(box.tracker)}
    assert after == {"no-assignee": "error"}
    assert [each.finding.rule for each in checking.errors(checking.check(box.tracker))] == ["no-assignee"]
    box.write("wrkq.yaml", box.text("wrkq.yaml").replace("unknown-key: off", "no-such-rule: error"))
    assert "config" in [rule for rule, _ in rules(box)]


def test_targets(box: Sandbox) -> None:
    create.mkdir(box.tracker, ["x", "x/y"], COMMIT)
    identifier = create.touch(box.tracker, ["x/a", "x/y/b"], create.New(), COMMIT).ids[0]
    for name in ("x/a", "x/y/b", "inbox/c"):
        box.write(
            f"{name}.md",
            doc(None, "zzz: 1") if name != "x/a" else box.text("x/a.md").replace("---\n", "---\nzzz: 1\n", 1),
        )
    box.write("x/bad.md", "---\ntitle: [\n---\n")

    def paths(*targets: str) -> list[str]:
        return sorted({path for _, path in rules(box, *targets)})

    everything = ["inbox/c.md", "x/a.md", "x/bad.md", "x/y/b.md"]
    assert paths() == paths("/") == everything
    assert paths("x") == paths("x/") == paths("wrkq/x") == everything[1:]
    assert paths("x/a") == paths("x/a.md") == paths(identifier) == paths("wrkq/x/a.md") == ["x/a.md"]
    assert paths("x/bad") == paths("x/bad.md") == ["x/bad.md"]
    assert paths("x/y", "inbox") == ["inbox/c.md", "x/y/b.md"]
    assert paths("t:x/*") == ["x/a.md"]
    assert paths("wrkq.yaml") == []
    from wrkq_files.service import resolve

    assert paths(resolve.one(box.tracker, "x").id) == everything[1:]
    box.cwd = box.root / "x"
    assert paths("y") == ["x/y/b.md"]
    assert paths(".") == everything[1:]
    for target in ("nope", "../nope", "../..", "", "T-00000000", "x" * 300, "a\0b"):
        with pytest.raises(WrkqError) as caught:
            paths(target)
        assert caught.value.code in ("not_found", "usage")


def test_a_reference_to_a_broken_file_is_kept(box: Sandbox) -> None:
    """Taking it out, as for one that dangles, would lose it: the broken file is what is to be mended."""
    box.write("inbox/a.md", doc(A, f"blocked_by: [{B}]"))
    box.write("inbox/b.md", doc(B).replace("title: x", "title: a: b"))
    found = rules(box)
    assert ("yaml-syntax", "inbox/b.md") in found
    assert not [rule for rule, _ in found if rule == "dangling-reference"]
    box.write("inbox/b.md", doc(C).replace("title: x", "title: a: b"))
    assert ("dangling-reference", "inbox/a.md") in rules(box)


def test_mends_are_typed_as_they_stand(box: Sandbox) -> None:
    box.write("inbox/Big Idea.md", "---\ntitle: Big\nlabels: [z, a]\n---\n")
    told = {each.finding.rule: each.finding.remedy for each in checking.check(box.tracker)}
    assert told["irregular-name"] == "wrkq mv 'inbox/Big Idea' big-idea"
    assert told["unsorted-set"] == told["missing-id"] == "wrkq check --fix 'inbox/Big Idea'"


def test_attachments_of_nobody(box: Sandbox) -> None:
    task = box.add("Fix it")
    attachments.put(box.tracker, task, "shot.txt", b"x", COMMIT)
    assert "orphaned-attachments" not in [each.finding.rule for each in checking.check(box.tracker)]
    box.write("inbox/fix-it.md", "---\ntitle: Fix it\n---\n")
    [found] = [each for each in checking.check(box.tracker) if each.finding.rule == "orphaned-attachments"]
    assert (found.severity, found.finding.path) == ("warning", f"_attachments/{task[2:4]}/{task}")


def test_settings_that_do_nothing_yet_are_said(box: Sandbox) -> None:
    box.write("wrkq.yaml", box.text("wrkq.yaml") + "claims: required\n")
    [found] = [each for each in checking.check(box.tracker) if each.finding.path == "wrkq.yaml"]
    assert (found.finding.rule, found.severity) == ("setting-without-effect", "warning")
    assert found.finding.line


def test_a_default_actor_that_is_none(box: Sandbox) -> None:
    box.write("wrkq.yaml", box.text("wrkq.yaml") + "default_actor: ghost\n")
    [found] = [each.finding for each in checking.check(box.tracker) if each.finding.path == "wrkq.yaml"]
    assert (found.rule, bool(found.line)) == ("unknown-actor", True)


def test_a_copy_is_mended_as_the_finding_says(box: Sandbox) -> None:
    box.add("Fix it")
    box.write("inbox/copy.md", box.text("inbox/fix-it.md"))
    box.commit_all()
    rules = [each.finding.rule for each in checking.check(box.tracker)]
    assert rules.count("duplicate-id") == 2
    box.write(
        "inbox/copy.md", "".join(line for line in box.text("inbox/copy.md").splitlines(True) if "id:" not in line)
    )
    assert [each.finding.rule for each in checking.check(box.tracker)] == ["missing-id"]
    box.commit_all()
    update.fmt(box.tracker, ["inbox/copy"], COMMIT)
    assert checking.check(box.tracker) == []


def test_how_far_it_is(box: Sandbox) -> None:
    told: list[tuple[str, int, int]] = []
    tracker = open_tracker(box.door._replace(progress=lambda *words: told.append(words)))
    checking.check(tracker)
    steps = [(done, total) for what, done, total in told if what == "checking"]
    assert steps == sorted(steps)
    assert (steps[0][0], steps[-1][0]) == (0, steps[-1][1])


@pytest.mark.parametrize("path", ["_workspaces/w.md", "inbox/README.md"])
def test_a_key_that_belongs_to_another_type_refers_to_nothing(box: Sandbox, path: str) -> None:
    box.write(path, f"---\ntitle: x\nsupersedes: {C}\n---\n")
    assert "dangling-reference" not in [rule for rule, _ in rules(box)]
