"""``apply`` and ``edit``: a whole document from elsewhere."""

from __future__ import annotations

import json

import pytest

from tests.support.sandbox import COMMIT, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.service import checking, create, replacing
from wrkq_files.service.change import Options, Written

PATH = "inbox/fix-it.md"


@pytest.fixture
def task(box: Sandbox) -> str:
    return box.add("Fix it", priority="2", labels="a")


def apply(
    box: Sandbox,
    text: str | bytes,
    form: str = "yaml",
    target: str | None = "inbox/fix-it",
    options: Options = COMMIT,
) -> Written:
    data = text.encode() if isinstance(text, str) else text
    return replacing.apply(box.tracker, target, data, form, options)


def refused(box: Sandbox, text: str | bytes, form: str = "yaml", target: str | None = "inbox/fix-it") -> str:
    before = box.repo.head
    with pytest.raises(WrkqError) as caught:
        apply(box, text, form, target)
    assert (box.repo.head, box.repo.status()) == (before, [])
    return caught.value.code


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_named_fields_are_set_and_null_removes(box: Sandbox, task: str, form: str) -> None:
    yaml = "title: 'Mend: it'\npriority: ~\ntags: [c, b]\nlabels: null\nsummary:\nbody: |\n  New\n\n  text\n"
    as_json = {"title": "Mend: it", "priority": None, "body": "New\n\ntext\n"}
    apply(
        box,
        yaml.replace("labels: null\n", "").replace("summary:\n", "") if form == "yaml" else json.dumps(as_json),
        form,
    )
    text = box.text(PATH)
    assert "title: 'Mend: it'\n" in text
    assert "priority" not in text
    assert text.endswith(("---\n\nNew\n\ntext\n", "---\nNew\n\ntext\n"))
    assert f"id: {task}\n" in text
    assert box.repo.status() == []
    apply(box, "labels: ~\n" if form == "yaml" else '{"labels": null}', form)
    assert "labels" not in box.text(PATH)
    apply(box, "body:\n" if form == "yaml" else '{"body": null}', form)
    assert "New" not in box.text(PATH)


def test_markdown_is_the_whole_document(box: Sandbox, task: str) -> None:
    apply(box, "---\ntitle: New\nstate: draft\nmine: kept\n---\n\nText.\n", "markdown")
    text = box.text(PATH)
    assert f"title: New\nid: {task}\nstate: draft\ncreated: " in text
    assert "mine: kept\n" in text
    assert "priority" not in text
    assert "labels" not in text
    assert text.endswith("\nText.\n")
    assert apply(box, text, "markdown").status == "unchanged"
    assert refused(box, "no frontmatter\n", "markdown") == "validation"


def test_text_fields_are_text(box: Sandbox, task: str) -> None:
    apply(box, "title: 0042\nsummary: no\nbody: 0042\n")
    assert "title: '0042'\n" in box.text(PATH)
    assert box.text(PATH).rstrip().endswith("0042")


def test_defaults_are_not_written(box: Sandbox, task: str) -> None:
    apply(box, '{"priority": 3, "state": "open", "kind": "task"}', "json")
    assert not {"priority", "state", "kind"} & {line.partition(":")[0] for line in box.text(PATH).splitlines()}


def test_the_text_says_which(box: Sandbox, task: str) -> None:
    apply(box, json.dumps({"title": "A", "target": {"type": "goal", "id": "T-00000000"}, "id": task}), "json", None)
    assert "title: A\n" in box.text(PATH)
    apply(box, f"title: B\nid: {task}\n", "yaml", None)
    apply(box, box.text(PATH).replace("title: B", "title: C"), "markdown", None)
    assert "title: C\n" in box.text(PATH)
    for text, form in (
        ("title: x\n", "yaml"),
        ('{"title": "x"}', "json"),
        ("---\ntitle: x\n---\nid: T-00000000\n", "markdown"),
    ):
        assert refused(box, text, form, None) == "usage"
    assert refused(box, "id: T-00000000\n", "yaml", None) == "not_found"


@pytest.mark.parametrize(
    ("text", "form", "code"),
    [
        ("id: T-00000000\n", "yaml", "validation"),
        ("created: 2020-01-01\n", "yaml", "validation"),
        ('{"created_by": "ghost"}', "json", "validation"),
        ('{"id": null}', "json", "validation"),
        ("priority: 9\n", "yaml", "validation"),
        ("state: nonsense\n", "yaml", "validation"),
        ("prioritty: 2\n", "yaml", "validation"),
        ('{"path": "x"}', "json", "validation"),
        ("resolution: done\n", "yaml", "invalid_state"),
        ("blocked_by: [T-00000000]\n", "yaml", "not_found"),
        ("body: [x]\n", "yaml", "validation"),
        ('{"body": 5}', "json", "validation"),
        ("a: [\n", "yaml", "validation"),
        ("a: &x 1\n", "yaml", "validation"),
        ("a: !!python/object:os.system x\n", "yaml", "validation"),
        ("- a\n", "yaml", "validation"),
        ("title: a\n---\ntitle: b\n", "yaml", "validation"),
        ("[" * 100_000, "yaml", "validation"),
        ("{", "json", "validation"),
        ("[1, 2]", "json", "validation"),
        ("[" * 100_000, "json", "validation"),
        ('{"meta": ' + "[" * 200 + "]" * 200 + "}", "json", "validation"),
        ('{"title": "\\ud800"}', "json", "validation"),
        ('{"title": "a\\u0000b"}', "json", "validation"),
        ('{"body": "a\\u0000b"}', "json", "validation"),
        ('{"body": "\\ud800"}', "json", "validation"),
        ('{"meta": NaN}', "json", "validation"),
        ('{"labels": "a", "labels": [{}]}', "json", "validation"),
        ('{"participants": [1]}', "json", "validation"),
        ('{"score": 3}', "json", "validation"),
        (b"\xff\xfe", "json", "validation"),
        (b"title: \xff\n", "yaml", "validation"),
        (b"---\ntitle: \xff\n---\n", "markdown", "validation"),
    ],
)
def test_what_is_refused(box: Sandbox, task: str, text: str | bytes, form: str, code: str) -> None:
    assert refused(box, text, form) == code


def test_the_workflow_holds_here_too(box: Sandbox, task: str) -> None:
    apply(box, "body: |\n  ## Acceptance criteria\n\n  - [ ] one\n")
    assert refused(box, "state: completed\n") == "invalid_state"
    apply(box, "state: completed\nbody: |\n  ## Acceptance criteria\n\n  - [x] one\n")
    assert refused(box, "state: draft\n") == "invalid_state"
    apply(box, "state: draft\n", options=Options(commit=True, force=True))
    assert "Wrkq-Override: illegal-move" in box.repo.git("log", "-1", "--format=%B")


def test_if_match(box: Sandbox, task: str) -> None:
    with pytest.raises(WrkqError) as caught:
        apply(box, "title: x\n", options=Options(commit=True, if_match="0000"))
    assert caught.value.code == "conflict"


def test_containers(box: Sandbox) -> None:
    apply(box, "title: The inbox\nbody: What came in.\n", target="inbox")
    assert "title: The inbox\n" in box.text("inbox/README.md")
    apply(box, "---\ntitle: Inbox\nkind: area\n---\n", "markdown", "inbox")
    assert "\nid: P-" in box.text("inbox/README.md")
    for text in ("id: P-00000000\n", "state: open\n", "kind: epic\n"):
        assert refused(box, text, target="inbox") == "validation"
    apply(box, "title: Portal\nkind: project\n", target="portal/README.md")
    assert "sections:\n  - slug: backlog\n" in box.text("portal/README.md")
    apply(box, "title: Deep\n", target="portal/deep/README.md")
    assert not list(checking.errors(checking.check(box.tracker)))


def test_creating(box: Sandbox) -> None:
    written = apply(box, "---\ntitle: New\npriority: 3\n---\n\nText.\n", "markdown", "inbox/new")
    assert written.data["created"][0]["path"] == "inbox/new"
    text = box.text("inbox/new.md")
    assert "created_by: robin\n" in text
    assert "priority" not in text
    assert text.endswith("---\n\nText.\n")
    for field in ("id: T-00000000", "created: 2020-01-01", "created_by: robin", "nonsense: 1", "parent: T-00000000"):
        assert refused(box, f"title: x\n{field}\n", target="inbox/other") in ("validation", "not_found")
    assert refused(box, "title: x\n", target="nowhere/x") == "not_found"
    assert refused(box, "title: x\n", target="inbox/Up") == "validation"
    apply(box, '{"body": "no title"}', "json", "inbox/no-title")
    assert "title: No title\n" in box.text("inbox/no-title.md")


def test_a_hand_made_file_gets_its_id(box: Sandbox) -> None:
    box.write(PATH, "---\ntitle: Hand\n---\n")
    box.commit_all()
    assert refused(box, "id: T-00000000\n") == "validation"
    assert apply(box, "title: Hand\n").status == "unchanged"
    apply(box, "title: By hand\n")
    assert "\nid: T-" in box.text(PATH)


# edit


def edit(box: Sandbox, old: str, new: str, target: str = "inbox/fix-it") -> Written:
    entry, base = replacing.checkout(box.tracker, target)
    return replacing.replace_text(box.tracker, entry, base, base.replace(old.encode(), new.encode()), COMMIT)


def test_edited_as_it_is(box: Sandbox, task: str) -> None:
    edit(box, "priority: 2\n", "# why\npriority:   1\n")
    assert "# why\npriority:   1\n" in box.text(PATH)
    assert box.repo.log()[0] == "inbox/fix-it: edited"
    assert edit(box, "nothing", "else").status == "unchanged"
    assert box.repo.status() == []


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("id: T-", "id: T-0", "validation"),
        ("id: ", "idx: ", "validation"),
        ("created: 2026", "created: 2025", "validation"),
        ("priority: 2", "priority: 9", "validation"),
        ("priority: 2", "priority: [", "unreadable"),
        ("priority: 2", "blocked_by: [T-00000000]", "not_found"),
        ("---\ntitle", "title", "unreadable"),
    ],
)
def test_edits_that_are_refused(box: Sandbox, task: str, old: str, new: str, code: str) -> None:
    before = box.text(PATH)
    with pytest.raises(WrkqError) as caught:
        edit(box, old, new)
    assert caught.value.code == code
    assert box.text(PATH) == before


def test_what_changed_meanwhile_is_merged(box: Sandbox, task: str) -> None:
    entry, base = replacing.checkout(box.tracker, "inbox/fix-it")
    box.set(task, priority="1")
    written = replacing.replace_text(box.tracker, entry, base, base + b"more\n", COMMIT)
    assert "priority: 1\n" in box.text(PATH)
    assert box.text(PATH).endswith("more\n")
    assert "merged" in written.notes[0]


def test_the_same_changed_meanwhile_is_a_conflict_that_shows_both(box: Sandbox, task: str) -> None:
    entry, base = replacing.checkout(box.tracker, "inbox/fix-it")
    box.set(task, priority="1")
    now = box.text(PATH)
    with pytest.raises(WrkqError) as caught:
        replacing.replace_text(box.tracker, entry, base, base.replace(b"priority: 2", b"priority: 4"), COMMIT)
    assert (caught.value.code, caught.value.details["fields"]) == ("conflict", ["priority"])
    assert "<<<<<<< yours\npriority: 4\n=======\npriority: 1\n" in caught.value.details["text"]
    assert box.text(PATH) == now


def test_deleted_meanwhile(box: Sandbox, task: str) -> None:
    entry, base = replacing.checkout(box.tracker, "inbox/fix-it")
    (box.root / PATH).unlink()
    with pytest.raises(WrkqError) as caught:
        replacing.replace_text(box.tracker, entry, base, base + b"more\n", COMMIT)
    assert caught.value.code == "conflict"


def test_a_document_made_from_an_older_version_takes_in_what_came_since(box: Sandbox, task: str) -> None:
    old = box.text(PATH)
    etag = box.repo.git("rev-parse", f"HEAD:{box.name(PATH)}")
    box.set(task, priority="1")
    data = (old + "more\n").encode()
    replacing.apply(box.tracker, "inbox/fix-it", data, "markdown", COMMIT, base=etag[:8])
    assert "priority: 1\n" in box.text(PATH)
    assert "more\n" in box.text(PATH)
    other = old.replace("priority: 2", "priority: 3").encode()
    with pytest.raises(WrkqError) as caught:
        replacing.apply(box.tracker, "inbox/fix-it", other, "markdown", COMMIT, base=etag)
    assert caught.value.details["fields"] == ["priority"]


@pytest.mark.parametrize(
    ("base", "form", "code"),
    [("12", "markdown", "not_found"), ("HEAD", "markdown", "not_found"), ("x", "yaml", "usage")],
)
def test_a_base_that_is_none(box: Sandbox, task: str, base: str, form: str, code: str) -> None:
    with pytest.raises(WrkqError) as caught:
        replacing.apply(box.tracker, "inbox/fix-it", b"---\ntitle: x\n---\n", form, COMMIT, base=base)
    assert caught.value.code == code


def test_uncommitted_edits_are_not_swept_in(box: Sandbox, task: str) -> None:
    box.replace(PATH, "labels:\n  - a\n", "")
    with pytest.raises(WrkqError) as caught:
        edit(box, "priority: 2", "priority: 1")
    assert caught.value.code == "dirty_file"


def test_a_broken_file_can_be_mended(box: Sandbox, task: str) -> None:
    box.replace(PATH, "priority: 2", "priority: [")
    box.commit_all()
    entry, base = replacing.checkout(box.tracker, "inbox/fix-it")
    written = replacing.replace_text(
        box.tracker, entry, base, base.replace(b"priority: [", b"priority: 1"), Options(commit=False)
    )
    assert written.ids == (task,)
    assert box.tracker.index.locate(task) is not None or "priority: 1\n" in box.text(PATH)
    with pytest.raises(WrkqError):
        replacing.checkout(box.tracker, "inbox/nope")
    create.mkdir(box.tracker, ["portal"], COMMIT)
    box.write("bare/x.md", "---\ntitle: x\n---\n")
    with pytest.raises(WrkqError):
        replacing.checkout(box.tracker, "bare")


def test_json_has_no_lines_of_ours(box: Sandbox) -> None:
    task = box.add("Fix it")
    with pytest.raises(WrkqError) as caught:
        replacing.apply(box.tracker, task, b'{"priority": 9}', "json", COMMIT)
    assert caught.value.message.startswith("input: `priority` is `9`")


def test_a_change_by_apply_says_what_it_is(box: Sandbox) -> None:
    task = box.add("Fix it")
    written = replacing.apply(box.tracker, task, b'{"priority": 1, "body": "New."}', "json", COMMIT)
    assert written.subject == "inbox/fix-it: priority 1, text"
