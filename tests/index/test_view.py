"""What the view says of files: which are documents, where they belong, who they wait for."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from tests.index import support
from tests.index.support import ALL, index, paths, write
from wrkq_files.errors import WrkqError
from wrkq_files.git.repo import blob_id
from wrkq_files.index.entry import Edge
from wrkq_files.index.index import Index
from wrkq_files.index.query import Query
from wrkq_files.index.reading import read_file
from wrkq_files.model.fields import FIELDS, DocType
from wrkq_files.model.layout import type_of_document


def rules(made: Index, under: str = "") -> list[tuple[str, str]]:
    """The findings that are more than a notice."""
    return [(each.path, each.rule) for each in made.findings(under) if each.severity != "notice"]


def test_an_entry_has_what_the_file_says(tmp_path: Path) -> None:
    write(tmp_path, "p/README.md", id="P-00000001", kind="project", title="Portal")
    write(tmp_path, "p/f/README.md", id="P-00000002", kind="feature", section="doing")
    write(
        tmp_path,
        "p/f/login.md",
        title="Login",
        id="T-00000001",
        state="in_progress",
        assignee="mara",
        reviewer="lance",
        created="2026-01-19T14:24:16Z",
        priority="1",
        due="2026-02-01",
        labels="[b, a]",
        score="{effort: 3, leverage: 2}",
        source="github:a/b#1",
        rank="a0",
        resolution="done",
        parent="T-00000009",
        meta="{a: [1, null, x]}",
        body="## Acceptance criteria\n\n- [ ] one\n- [x] two\n- [-] three\n",
    )
    made = index(tmp_path)
    entry = made.entry("p/f/login.md")
    assert entry is not None
    assert (entry.type, entry.address, entry.id, entry.id_source) == (DocType.TASK, "p/f/login", "T-00000001", "file")
    assert (entry.title, entry.state, entry.kind, entry.priority) == ("Login", "in_progress", "task", 1)
    assert (entry.assignee, entry.reviewer, entry.parent, entry.resolution) == ("mara", "lance", "T-00000009", "done")
    assert (entry.container, entry.project, entry.feature) == ("p/f", "p", "p/f")
    assert (entry.due, entry.start, entry.created) == ("2026-02-01", None, "2026-01-19T14:24:16Z")
    assert (entry.score_total, entry.source, entry.rank) == (5, "github:a/b#1", "a0")
    assert sorted(entry.labels) == ["a", "b"]
    assert (entry.criteria_open, entry.items_done, entry.items_total) == (1, 1, 2)
    assert entry.archived is False
    assert entry.fields["meta"] == {"a": [1, None, "x"]}
    assert isinstance(entry.fields["labels"], tuple)
    assert made.body("p/f/login.md").startswith("## Acceptance")
    feature = made.entry("p/f/README.md")
    assert feature is not None
    assert (feature.address, feature.container, feature.project, feature.feature) == ("p/f", "p", "p", None)
    assert feature.section == "doing"


def test_the_etag_is_gits_blob_id(tmp_path: Path) -> None:
    write(tmp_path, "a.md", text="---\ntitle: x\n---\n")
    entry = index(tmp_path).entry("a.md")
    assert entry is not None
    assert entry.blob == blob_id((tmp_path / "wrkq/a.md").read_bytes(), "sha1")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("---\ntitle: T\n---\n# H\n", "T"),
        ("---\nstate: open\n---\n# H\n", "H"),
        ("---\nstate: open\n---\n", "some-task"),
    ],
)
def test_a_title_falls_back(tmp_path: Path, text: str, title: str) -> None:
    write(tmp_path, "some-task.md", text=text)
    entry = index(tmp_path).entry("some-task.md")
    assert entry is not None
    assert entry.title == title


@pytest.mark.parametrize("value", ["[a, b]", "{a: b}", "5", "x", "[[x]]"])
@pytest.mark.parametrize("path", ["a/README.md", "_actors/a.md", "_comments/AA/T-AAAAAAAA/c.md", "a/t.md"])
def test_keys_of_another_type_hold_anything(tmp_path: Path, path: str, value: str) -> None:
    """`assignee: [a, b]` in a README.md once made every command of the tracker fail."""
    kind = type_of_document(path)
    foreign = sorted({name for fields in FIELDS.values() for name in fields} - set(FIELDS[kind]))
    write(tmp_path, path, text="\n".join(["---", *(f"{name}: {value}" for name in foreign), "---", ""]))
    write(tmp_path, "a/b.md", title="Other")
    made = index(tmp_path)
    made.refresh()
    made.refresh_comments()
    assert "a/b.md" in paths(made.find(Query(types=tuple(DocType))))
    [entry] = [each for each in made.find(Query(types=tuple(DocType))) if each.path == path]
    assert entry.assignee is None or kind is DocType.TASK
    assert set(foreign) - {"created_at"} <= set(entry.document_fields())


def test_the_same_bytes_in_two_places(tmp_path: Path) -> None:
    """One parsed document, two entries: nothing of the place may be in what they share."""
    for path in ("one.md", "two.md", "Odd One.md"):
        write(tmp_path, path, text="---\nstate: open\nunknown_thing: 1\n---\n")
    made = index(tmp_path)
    assert [entry.title for entry in made.find(ALL)] == ["Odd One", "one", "two"]
    assert [each.path for each in made.findings() if each.rule == "unknown-key"] == ["Odd One.md", "one.md", "two.md"]


def test_the_same_bytes_again_and_again_in_a_new_index(tmp_path: Path) -> None:
    for number in range(1100):  # more than are held in memory before their rows are written
        write(tmp_path, f"a{number}.md", title="Same", state="completed")
    made = index(tmp_path)
    assert {(entry.title, entry.state) for entry in made.find(ALL)} == {("Same", "completed")}
    assert made.find(ALL)[0].id != made.find(ALL)[1].id
    ((kept,),) = made._store.read().execute("SELECT count(*) FROM parsed").fetchall()
    assert kept == 1


def test_notes_are_no_documents(tmp_path: Path) -> None:
    write(tmp_path, "p/task.md", id="T-00000001")
    write(tmp_path, "p/A Note.md", text="just words\n")
    write(tmp_path, "p/plan.txt", text="---\ntitle: x\n---\n")
    write(tmp_path, "_templates/bug.md", title="template")
    write(tmp_path, ".hidden.md", title="hidden")
    write(tmp_path, "_x.md", title="reserved")
    write(tmp_path, "notes/only.md", text="# words\n")
    made = index(tmp_path)
    assert paths(made.find(ALL)) == ["p/README.md", "p/task.md"]
    assert made.notes("p") == ["p/A Note.md"]
    assert made.folders() == ["p"]
    assert rules(made) == []


def test_a_note_becomes_a_document_and_back(tmp_path: Path) -> None:
    write(tmp_path, "a.md", text="words\n")
    made = index(tmp_path)
    write(tmp_path, "a.md", text="---\ntitle: words\n---\n")
    made.refresh()
    assert paths(made.find(ALL)) == ["a.md"]
    assert made.notes("") == []
    write(tmp_path, "a.md", text="words\n")
    made.refresh()
    assert made.find(ALL) == []
    assert made.notes("") == ["a.md"]


def test_folders_without_a_readme_are_containers_of_kind_misc(tmp_path: Path) -> None:
    write(tmp_path, "a/b/c/task.md", id="T-00000001")
    write(tmp_path, "a/b/README.md", kind="feature", id="P-00000001")
    write(tmp_path, "a/README.md", text="A note about this folder\n")
    (tmp_path / "wrkq/empty/deeper").mkdir(parents=True)
    made = index(tmp_path)
    assert made.folders() == ["a", "a/b", "a/b/c"]
    assert paths(made.children("")) == ["a/README.md"]
    assert paths(made.children("a/b")) == ["a/b/c/README.md"]
    plain = made.entry("a/b/c/README.md")
    assert plain is not None
    assert (plain.kind, plain.title, plain.id, plain.id_source, plain.blob) == ("misc", "c", "", "none", "")
    assert plain.feature == "a/b"
    assert made.by_id("") == []
    (tmp_path / "wrkq/a/b/c/task.md").unlink()
    made.refresh()
    assert made.folders() == ["a", "a/b"]


def test_a_folder_whose_last_task_becomes_a_note_is_no_container(tmp_path: Path) -> None:
    write(tmp_path, "a/task.md", id="T-00000001")
    made = index(tmp_path)
    assert made.folders() == ["a"]
    write(tmp_path, "a/task.md", text="words\n")
    made.refresh()
    assert made.folders() == []


def test_a_readme_that_appears_replaces_the_placeholder(tmp_path: Path) -> None:
    write(tmp_path, "a/task.md", id="T-00000001")
    made = index(tmp_path)
    write(tmp_path, "a/README.md", id="P-00000001", kind="feature")
    made.refresh()
    entry, task = made.entry("a/README.md"), made.entry("a/task.md")
    assert entry is not None
    assert task is not None
    assert entry.id == "P-00000001"
    assert task.feature == "a"
    (tmp_path / "wrkq/a/README.md").unlink()
    made.refresh()
    entry, task = made.entry("a/README.md"), made.entry("a/task.md")
    assert entry is not None
    assert task is not None
    assert entry.id_source == "none"
    assert task.feature is None
    assert made.repairs == 0


def test_a_container_of_the_root_is_not_its_own(tmp_path: Path) -> None:
    write(tmp_path, "README.md", id="P-00000001", kind="project", archived="2026-01-01")
    write(tmp_path, "task.md", id="T-00000001")
    made = index(tmp_path)
    root, task = made.entry("README.md"), made.entry("task.md")
    assert root is not None
    assert task is not None
    assert (root.project, root.archived) == (None, True)
    assert (task.project, task.archived) == ("", True)
    assert paths(made.children("")) == ["task.md"]


def test_ignored_folders_are_left_alone(tmp_path: Path) -> None:
    for path in ("src/a.md", "src/deep/a.md", "p/build/a.md", "p/docs/a.md", "docs/a.md", "p/a.md", "vendor/x/a.md"):
        write(tmp_path, path, title="x")
    made = index(tmp_path, ignore=("src", "build/", "/docs/", "vendor/*"))
    assert paths(made.find(Query())) == ["p/a.md", "p/docs/a.md"]
    made.refresh_paths(["src/a.md", "src/deep/a.md"])
    made.refresh_folder("src", deep=True)
    assert paths(made.find(Query())) == ["p/a.md", "p/docs/a.md"]


def test_what_is_ignored_later_goes(tmp_path: Path) -> None:
    write(tmp_path, "src/a.md", title="x")
    assert paths(index(tmp_path).find(Query())) == ["src/a.md"]
    assert paths(index(tmp_path, ignore=("src",)).find(Query())) == []
    assert paths(index(tmp_path).find(Query())) == ["src/a.md"]


def test_another_tracker_below_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path, "p/a.md", title="x")
    write(tmp_path, "p/other/b.md", title="x")
    write(tmp_path, "p/other/wrkq.yaml", text="format: 1\n")
    made = index(tmp_path)
    made.refresh_paths(["p/other/b.md"])
    made.refresh_folder("p/other")
    assert paths(made.find(Query())) == ["p/a.md"]
    (tmp_path / "wrkq/p/other/wrkq.yaml").unlink()
    made.refresh()
    assert paths(made.find(Query())) == ["p/a.md", "p/other/b.md"]


def test_symbolic_links_are_findings_and_never_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "s.md").write_text("---\ntitle: secret\n---\n")
    write(tmp_path, "p/a.md", id="T-00000001")
    root = tmp_path / "wrkq"
    (root / "p/link.md").symlink_to(secret / "s.md")
    (root / "p/folder").symlink_to(secret)
    (root / "p/dangling").symlink_to("nowhere")
    (root / "_actors").symlink_to(secret)
    made = index(tmp_path)
    made.refresh_paths(["p/link.md", "p/folder/s.md", "_actors/s.md"])
    made.refresh_folder("p/folder", deep=True)
    made.refresh()
    assert paths(made.find(Query(types=(DocType.TASK, DocType.ACTOR)))) == ["p/a.md"]
    expected = ["_actors", "p/dangling", "p/folder", "p/link.md"]
    assert rules(made) == [(path, "symlink") for path in expected]
    assert [each.path for each in made.broken("p")] == expected[1:]
    (root / "p/link.md").unlink()
    write(tmp_path, "p/link.md", id="T-00000002")
    made.refresh()
    assert made.by_id("T-00000002")
    assert [each.path for each in made.broken()] == ["_actors", "p/dangling", "p/folder"]


def test_a_file_that_becomes_a_link_before_it_is_read(tmp_path: Path) -> None:
    file = write(tmp_path, "a.md", id="T-00000001")
    assert read_file(str(file), lambda head: True) is not None
    (tmp_path / "link.md").symlink_to(file)
    assert read_file(str(tmp_path / "link.md"), lambda head: True) is None
    assert read_file(str(tmp_path / "none.md"), lambda head: True) is None


def test_irregular_names_are_read_and_said(tmp_path: Path) -> None:
    write(tmp_path, "p/Login UX.md", id="T-00000001")
    write(tmp_path, "Big/a.md", id="T-00000002")
    write(tmp_path, "Big/README.md", kind="area")
    made = index(tmp_path)
    entry = made.entry("p/Login UX.md")
    assert entry is not None
    assert entry.address == "p/Login UX"
    assert rules(made) == [("Big/README.md", "irregular-name"), ("p/Login UX.md", "irregular-name")]


def test_a_name_that_is_not_utf8_is_said(tmp_path: Path) -> None:
    write(tmp_path, "p/a.md", id="T-00000001")
    with open(os.fsencode(tmp_path / "wrkq/p") + b"/b\xff.md", "w") as file:
        file.write("---\ntitle: x\n---\n")
    made = index(tmp_path)
    assert rules(made) == [("p/b\\xff.md", "bad-utf8")]
    assert len(made.find(Query())) == 1


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (b"---\ntitle: [\n---\n", "yaml-syntax"),
        (b"---\ntitle: x\n", "unclosed-frontmatter"),
        (b"---\ntitle: \xff\n---\n", "bad-utf8"),
        (b"---\ntitle: x\ntitle: y\n---\n", "duplicate-key"),
        (b"---\n- x\n---\n", "not-a-mapping"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, text: bytes, rule: str) -> None:
    write(tmp_path, "p/good.md", id="T-00000001")
    write(tmp_path, "p/bad.md", text="x").write_bytes(text)
    made = index(tmp_path)
    assert [(each.path, each.rule) for each in made.broken()] == [("p/bad.md", rule)]
    assert made.broken("p/bad") == made.broken("p/bad.md") == made.broken("p") == made.broken()
    assert made.broken("q") == []
    assert paths(made.find(Query())) == ["p/good.md"]
    write(tmp_path, "p/bad.md", id="T-00000002")
    made.refresh()
    assert made.broken() == []


def test_a_disk_that_fails_stops_the_list_clearly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "a.md", id="T-00000001")
    real = os.open

    def refusing(path: str, *arguments: int, **more: int) -> int:
        if str(path).endswith("a.md"):
            raise OSError(5, "Input/output error", path)
        return real(path, *arguments, **more)

    monkeypatch.setattr(os, "open", refusing)
    with pytest.raises(WrkqError, match=r"a.md: cannot be read"):
        index(tmp_path)


def test_two_documents_with_one_id_are_both_there(tmp_path: Path) -> None:
    write(tmp_path, "a.md", id="T-00000001")
    write(tmp_path, "b.md", id="T-00000001", state="completed")
    write(tmp_path, "c.md", id="T-00000002", blocked_by="[T-00000001]")
    made = index(tmp_path)
    assert paths(made.by_id("T-00000001")) == ["a.md", "b.md"]
    assert made.locate("T-00000001") is None
    waiting = made.entry("c.md")
    assert waiting is not None
    assert waiting.effective_state == "blocked"


def test_prefixes(tmp_path: Path) -> None:
    write(tmp_path, "a.md", id="T-4K9X2M7Q")
    write(tmp_path, "b.md", id="T-4K8X2M7Q")
    write(tmp_path, "p/README.md", id="P-4K9X2M7Q", kind="area")
    made = index(tmp_path)
    assert paths(made.by_prefix("T", "4K9")) == ["a.md"]
    assert paths(made.by_prefix(None, "4K9")) == ["a.md", "p/README.md"]
    assert paths(made.by_prefix("T", "4K")) == ["b.md", "a.md"]
    assert paths(made.by_prefix("T", "4K9X2M7Q")) == ["a.md"]
    assert made.by_prefix("W", "4K9") == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "open"),
        ({"blocked_by": "[T-0000000D]"}, "open"),
        ({"blocked_by": "[T-0000000C]"}, "open"),
        ({"blocked_by": "[T-0000000A]"}, "blocked"),
        ({"blocked_by": "[T-0000000D, T-0000000A]"}, "blocked"),
        ({"blocked_by": "[T-0000000Z]"}, "blocked"),
        ({"blocked_by": "[P-0000000A]"}, "blocked"),
        ({"blocked_reason": "an answer"}, "blocked"),
        ({"state": "blocked"}, "blocked"),
        ({"state": "blocked", "blocked_by": "[T-0000000D]"}, "open"),
        ({"state": "blocked", "blocked_by": "[T-0000000D]", "blocked_reason": "x"}, "blocked"),
        ({"state": "blocked", "blocked_by": "[T-0000000A]"}, "blocked"),
        ({"state": "in_progress", "blocked_by": "[T-0000000A]"}, "in_progress"),
        ({"state": "completed", "blocked_by": "[T-0000000A]"}, "completed"),
    ],
)
def test_effective_states(tmp_path: Path, fields: dict[str, str], expected: str) -> None:
    write(tmp_path, "a.md", id="T-0000000A")
    write(tmp_path, "d.md", id="T-0000000D", state="done")
    write(tmp_path, "c.md", id="T-0000000C", state="cancelled")
    write(tmp_path, "p/README.md", id="P-0000000A", kind="area")
    write(tmp_path, "x.md", id="T-0000000X", **fields)
    entry = index(tmp_path).entry("x.md")
    assert entry is not None
    assert entry.effective_state == expected


def shown_state(made: Index, path: str) -> str:
    """A task's effective state, as its files say now."""
    made.refresh()
    entry = made.entry(path)
    assert entry is not None
    return entry.effective_state


def test_effective_states_follow_the_others(tmp_path: Path) -> None:
    write(tmp_path, "x.md", id="T-0000000X", blocked_by="[T-0000000A]")
    made = index(tmp_path)

    def state() -> str:
        return shown_state(made, "x.md")

    assert state() == "blocked"
    file = write(tmp_path, "p/a.md", id="T-0000000A", state="completed")
    assert state() == "open"
    write(tmp_path, "p/a.md", id="T-0000000A", state="open")
    assert state() == "blocked"
    write(tmp_path, "p/a.md", id="T-0000000A", state="cancelled")
    assert state() == "open"
    file.rename(tmp_path / "wrkq/p/b.md")
    assert state() == "open"
    write(tmp_path, "p/b.md", text="---\nbroken: [\n---\n")
    assert state() == "blocked"
    (tmp_path / "wrkq/p/b.md").unlink()
    assert state() == "blocked"
    write(tmp_path, "x.md", id="T-0000000X")
    assert state() == "open"


def test_a_parent_has_begun_when_a_subtask_has(tmp_path: Path) -> None:
    write(tmp_path, "p/x.md", id="T-0000000X")
    made = index(tmp_path)

    def state() -> str:
        return shown_state(made, "p/x.md")

    def sub(name: str, state: str, **fields: str) -> Path:
        return write(tmp_path, name, id="T-0000000A", state=state, **{"parent": "T-0000000X", **fields})

    assert state() == "open"
    sub("p/a.md", "open")
    assert state() == "open"
    for begun in ("in_progress", "in_review", "completed"):
        sub("p/a.md", begun)
        assert state() == "in_progress"
        sub("p/a.md", "cancelled")
        assert state() == "open"
    sub("p/a.md", "completed", archived="2026-01-01")
    assert state() == "open"
    file = sub("p/a.md", "completed")
    assert state() == "in_progress"
    sub("p/a.md", "completed", parent="T-0000000Y")
    assert state() == "open"
    sub("p/a.md", "completed")
    assert state() == "in_progress"
    file.rename(tmp_path / "wrkq/a.md")  # no subtask any more: check says so
    assert state() == "open"
    (tmp_path / "wrkq/a.md").rename(file)
    assert state() == "in_progress"
    write(tmp_path, "p/x.md", id="T-0000000X", blocked_reason="no keys")
    assert state() == "blocked"
    write(tmp_path, "p/x.md", id="T-0000000X", state="draft")
    assert state() == "draft"
    write(tmp_path, "p/x.md", id="T-0000000X")
    assert state() == "in_progress"
    write(tmp_path, "p/README.md", id="P-00000001", archived="2026-01-01")
    assert state() == "in_progress"
    write(tmp_path, "p/README.md", id="P-00000001")
    assert state() == "in_progress"
    file.unlink()
    assert state() == "open"


def test_archived_is_inherited(tmp_path: Path) -> None:
    write(tmp_path, "a/README.md", id="P-00000001", kind="project", archived="2026-01-01")
    write(tmp_path, "a/b/README.md", id="P-00000002", kind="feature")
    write(tmp_path, "a/b/t.md", id="T-00000001")
    write(tmp_path, "c/t.md", id="T-00000002", archived="2026-01-01")
    made = index(tmp_path)

    def archived() -> list[str]:
        made.refresh()
        return paths(made.find(Query(types=(), archived="only")))

    assert archived() == ["a/README.md", "a/b/README.md", "a/b/t.md", "c/t.md"]
    write(tmp_path, "a/README.md", id="P-00000001", kind="project")
    assert archived() == ["c/t.md"]
    write(tmp_path, "a/b/README.md", id="P-00000002", kind="feature", archived="2026-01-01")
    assert archived() == ["a/b/README.md", "a/b/t.md", "c/t.md"]


def test_relations(tmp_path: Path) -> None:
    write(tmp_path, "a.md", id="T-0000000A", blocked_by="[T-0000000B, T-0000000B]", relates_to="[T-0000000C]")
    write(tmp_path, "b.md", id="T-0000000B", parent="T-0000000A")
    write(tmp_path, "c.md", id="T-0000000C", duplicate_of="T-0000000A", blocked_by="[T-0000000B, T-0000000Z]")
    made = index(tmp_path)
    assert made.blockers("T-0000000C") == ["T-0000000B", "T-0000000Z"]
    assert made.blocked("T-0000000B") == ["T-0000000A", "T-0000000C"]
    assert made.relations("T-0000000B") == [
        Edge("T-0000000A", "blocked_by", "T-0000000B"),
        Edge("T-0000000B", "parent", "T-0000000A"),
        Edge("T-0000000C", "blocked_by", "T-0000000B"),
    ]
    assert made.edges("relates_to") == [Edge("T-0000000A", "relates_to", "T-0000000C")]
    assert len(made.edges()) == 6


def test_comments_only_when_asked_for(tmp_path: Path) -> None:
    write(tmp_path, "a.md", id="T-0000000A")
    for name, on in (
        ("20260102T000000Z-mara-00000002", "T-0000000A"),
        ("20260101T000000Z-mara-00000001", "T-0000000A"),
    ):
        write(
            tmp_path,
            f"_comments/00/{on}/{name}.md",
            id=f"C-{name[-8:]}",
            on=on,
            author="mara",
            kind="note",
            body=name,
        )
    made = index(tmp_path)
    assert made.comments("T-0000000A") == []
    made.refresh_comments(["T-0000000A"])
    found = made.comments("T-0000000A")
    assert [each.entry.id for each in found] == ["C-00000001", "C-00000002"]
    assert "20260101" in found[0].body
    assert (found[0].entry.on, found[0].entry.author, found[0].entry.kind) == ("T-0000000A", "mara", "note")
    assert found[0].entry.deleted is None
    assert paths(made.find(Query())) == ["a.md"]
    made.refresh()
    assert len(made.comments("T-0000000A")) == 2
    (tmp_path / "wrkq/_comments/00/T-0000000A/20260102T000000Z-mara-00000002.md").unlink()
    made.refresh_comments()
    assert len(made.comments("T-0000000A")) == 1


def test_actors_and_workspaces(tmp_path: Path) -> None:
    write(tmp_path, "_actors/mara.md", role="human", display_name="Mara", emails="[mara@example.com]")
    write(tmp_path, "_workspaces/W-00000001.md", id="W-00000001", title="Login", branch="feature/login")
    made = index(tmp_path)
    assert [(each.id, each.title, each.id_source) for each in made.actors()] == [("mara", "Mara", "file")]
    assert made.actors()[0].fields["emails"] == ("mara@example.com",)
    assert [each.id for each in made.workspaces()] == ["W-00000001"]


def test_counts_and_status(tmp_path: Path) -> None:
    write(tmp_path, "a.md", id="T-0000000A")
    write(tmp_path, "p/b.md", id="T-0000000B", state="done")
    made = index(tmp_path)
    assert made.counts() == {"container": {"": 1}, "task": {"completed": 1, "open": 1}}
    status = made.status()
    assert status["documents"] == 2
    assert status["generation"].startswith("generation-")
    assert status["size"] > 0


def test_an_empty_tracker(tmp_path: Path) -> None:
    made = Index(support.place(tmp_path))
    assert made.find(ALL) == []
    assert made.folders() == []
    made.refresh()
    assert made.counts() == {}


def test_a_tracker_at_the_top_of_the_repository(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p/a.md").write_text("---\ntitle: x\n---\n")
    (tmp_path / "README.md").write_text("# My program\n")
    made = Index(support.place(tmp_path, ""))
    made.refresh()
    assert paths(made.find(ALL)) == ["p/README.md", "p/a.md"]


def test_asking_without_a_refresh_fills_an_empty_index(tmp_path: Path) -> None:
    write(tmp_path, "a.md", id="T-0000000A")
    made = Index(support.place(tmp_path))
    assert paths(made.by_id("T-0000000A")) == ["a.md"]


def test_surrogates_do_no_harm(tmp_path: Path) -> None:
    write(tmp_path, "a.md", text='---\ntitle: "x \\ud800 y"\nlabels: ["\\udc00"]\n---\n')
    made = index(tmp_path)
    assert len(made.find(ALL)) + len(made.broken()) == 1


def test_a_long_refresh_says_how_far_it_is(tmp_path: Path) -> None:
    for number in range(620):
        write(tmp_path, f"p/t{number}.md", title="t")
    told: list[tuple[str, int, int]] = []
    made = Index(support.place(tmp_path))
    made.progress = lambda *each: told.append(each)
    made.refresh()
    assert len(told) > 1
    assert told[-1][1] == told[-1][2] >= 620
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
    told.clear()
    made.refresh()
    assert told == []


def test_a_file_that_may_not_be_read_is_named_and_the_others_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the rights of an administrator this is ``chmod 0``; here the system's answer is put in its place."""
    secret = write(tmp_path, "p/secret.md", title="Secret")
    write(tmp_path, "p/open.md", title="Open")
    opened = os.open

    def refuse(path: str, *rest: int) -> int:
        if path == str(secret):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return opened(path, *rest)

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refuse)
        made = index(tmp_path)
        for _ in range(2):  # also while its time is too near to be trusted
            made.refresh()
            assert [each.path for each in made.find(Query())] == ["p/open.md"]
            assert rules(made) == [("p/secret.md", "no-access")]
            assert [each.path for each in made.broken()] == ["p/secret.md"]
    secret.touch()  # as `chmod` does, this changes its stat data
    made.refresh()
    assert [each.path for each in made.find(Query())] == ["p/open.md", "p/secret.md"]
