"""``add``, ``touch`` and ``mkdir``: where new documents go, and what is in them."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

import pytest

from tests.support.sandbox import COMMIT, FILES_ONLY, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.model.fields import DocType
from wrkq_files.service import create, reading
from wrkq_files.service.change import Options, Written
from wrkq_files.service.create import New


def touch(box: Sandbox, *addresses: str, new: New | None = None, options: Options = FILES_ONLY) -> Written:
    return create.touch(box.tracker, addresses, new or New(), options)


def mkdir(box: Sandbox, *addresses: str, parents: bool = False, **more: str) -> Written:
    return create.mkdir(box.tracker, addresses, FILES_ONLY, parents=parents, **more)  # type: ignore[arg-type]


def add(box: Sandbox, title: str, new: New | None = None, into: str | None = None) -> str:
    written = create.add(box.tracker, title, new or New(), FILES_ONLY, into=into)
    return str(written.data["created"][0]["path"])


def refused(box: Sandbox, *addresses: str, new: New | None = None) -> str:
    before = box.repo.status()
    with pytest.raises(WrkqError) as caught:
        touch(box, *addresses, new=new)
    assert box.repo.status() == before
    return caught.value.code


def test_a_captured_task(box: Sandbox) -> None:
    box.add("Login: UX!", priority="3", state="open", kind="task")
    lines = box.text("inbox/login-ux.md").splitlines()
    assert [each.partition(":")[0] for each in lines] == ["---", "title", "id", "created", "created_by", "---"]
    assert "created_by: robin" in lines
    assert box.repo.log()[0] == "inbox/login-ux: created"
    assert box.repo.status() == []


def test_names_that_are_taken_in_any_case(box: Sandbox) -> None:
    assert add(box, "Fix it") == "inbox/fix-it"
    assert add(box, "Fix it") == "inbox/fix-it-2"
    box.write("inbox/Case.md", "---\ntitle: x\n---\n")
    box.write("inbox/Folder/x.md", "---\ntitle: x\n---\n")
    assert add(box, "case") == "inbox/case-2"
    assert add(box, "folder") == "inbox/folder-2"
    assert add(box, "Readme") == "inbox/readme-1"
    assert add(box, "日本") == "inbox/task"
    assert add(box, "日本") == "inbox/task-2"
    for name in ("fix-it", "case", "folder"):
        assert refused(box, f"inbox/{name}") == "exists"


@pytest.mark.parametrize("title", ["", "  ", "a\nb", "a\0b", "a\rb"])
def test_titles_that_are_no_line(box: Sandbox, title: str) -> None:
    with pytest.raises(WrkqError, match="title") as caught:
        add(box, title)
    assert caught.value.code == "validation"
    with pytest.raises(WrkqError):
        touch(box, "inbox/x", new=New(title=title or "\n"))


@pytest.mark.parametrize("title", ["--help", "-rf", "@me", "no", "a: b", "# x", "'", "[WIP] x", "../../x", "x" * 500])
def test_titles_that_look_like_something_else(box: Sandbox, title: str) -> None:
    path = add(box, title)
    assert path.startswith("inbox/")
    assert reading.cat(box.tracker, [path])[0].entry.title == title


@pytest.mark.parametrize(
    "address",
    [
        "inbox/readme",
        "inbox/README.md",
        "inbox/Upper",
        "inbox/_x",
        "inbox/.x",
        "inbox/a b",
        "inbox/" + "x" * 201,
        "inbox/é",
        "inbox/٣",
        "_templates/x",
        "_comments/x",
        "inbox/../../x",
        "../x",
        "inbox/a\nb",
        "inbox/a\0b",
        "-x",
    ],
)
def test_addresses_that_cannot_be(box: Sandbox, address: str) -> None:
    assert refused(box, address) == "validation"


def test_touch(box: Sandbox) -> None:
    assert refused(box, "nowhere/x") == "not_found"
    assert refused(box, "inbox/a", "inbox/a") == "exists"
    touch(box, "inbox/a.md", "/inbox/b", new=New(title="Both", labels=["y", "x"], body="Text.\n"))
    assert box.text("inbox/a.md").endswith("labels:\n  - x\n  - y\n---\n\nText.\n")
    assert "title: Both" in box.text("inbox/b.md")
    assert refused(box, "inbox/a") == "exists"
    touch(box, "inbox/long-name")
    assert "title: Long name\n" in box.text("inbox/long-name.md")


def test_fields_at_creation(box: Sandbox) -> None:
    pairs = [("state", "in_progress"), ("score.effort", "2"), ("score.leverage", "1"), ("meta.x", "1"), ("due", "1d")]
    touch(box, "inbox/a", new=New(pairs=pairs))
    text = box.text("inbox/a.md")
    assert "assignee: robin\n" in text
    assert "score:\n  effort: 2\n  leverage: 1\n" in text
    assert "meta:\n  x: 1\n" in text
    bad: Sequence[tuple[str, str]] = (("priority", "9"), ("assignee", "ghost"), ("blocked_by", "T-00000000"))
    for pair in (*bad, ("resolution", "done"), ("id", "T-00000000"), ("x", "1"), ("archived", "1d")):
        assert refused(box, "inbox/b", new=New(pairs=[pair])) in (
            "validation",
            "not_found",
            "invalid_state",
            "refused",
            "usage",
        )
    touch(box, "inbox/c", new=New(pairs=[("state", "done"), ("resolution", "done")]))


def test_one_source_one_task(box: Sandbox) -> None:
    new = New(pairs=[("source", "github:o/r#1")])
    assert refused(box, "inbox/a", "inbox/b", new=new) == "exists"
    touch(box, "inbox/a", new=new)
    assert refused(box, "inbox/b", new=new) == "exists"


def test_subtasks(box: Sandbox) -> None:
    mkdir(box, "portal")
    touch(box, "portal/a")
    touch(box, "b", new=New(parent="portal/a"))
    assert "\nparent: T-" in box.text("portal/b.md")
    assert add(box, "C", New(parent="portal/a")) == "portal/c"
    assert refused(box, "inbox/d", new=New(parent="portal/a")) == "validation"
    assert refused(box, "portal/d", new=New(parent="portal/b")) == "validation"
    assert refused(box, "portal/d", new=New(parent="portal")) == "not_found"


def test_a_parent_made_by_hand_gets_its_id_written(box: Sandbox) -> None:
    box.write("inbox/a.md", "---\ntitle: A\n---\n")
    box.commit_all()
    touch(box, "inbox/b", new=New(parent="inbox/a"), options=COMMIT)
    identifier = box.text("inbox/a.md").splitlines()[2]
    assert identifier.startswith("id: T-")
    assert f"parent: {identifier[4:]}\n" in box.text("inbox/b.md")
    assert box.repo.status() == []


def test_templates(box: Sandbox) -> None:
    box.write(
        "_templates/bug.md",
        "---\ntitle: Bug\nid: T-00000000\nkind: bug\nlabels: [b]\nscore: {effort: 1}\narchived: 2026-01-01\n---\n"
        "\n## Steps\n",
    )
    touch(box, "inbox/a", new=New(template="bug", labels=["a"], pairs=[("score.leverage", "3")]))
    text = box.text("inbox/a.md")
    assert "T-00000000" not in text
    assert "archived" not in text
    assert "kind: bug\nlabels:\n  - a\n  - b\n" in text
    assert "  effort: 1\n  leverage: 3\n" in text
    assert text.endswith("\n## Steps\n")
    touch(box, "inbox/b", new=New(template="bug", body="Mine."))
    assert "Steps" not in box.text("inbox/b.md")
    for name in ("nope", "../inbox/README", "Bug", ""):
        code = refused(box, "inbox/c", new=New(template=name)) if name else "not_found"
        assert code == "not_found"
    box.write("_templates/plain.md", "no frontmatter\n")
    assert refused(box, "inbox/c", new=New(template="plain")) == "unreadable"


def test_captured_where_one_is(box: Sandbox) -> None:
    mkdir(box, "portal/auth", parents=True)
    box.cwd = box.root / "portal" / "auth"
    assert add(box, "Here") == "portal/auth/here"
    assert add(box, "There", into="portal") == "portal/there"
    touch(box, "x", "inbox/y")
    assert (box.root / "portal/auth/x.md").exists()
    assert (box.root / "inbox/y.md").exists()
    box.cwd = box.root / "_templates"
    box.cwd.mkdir()
    assert add(box, "Aside") == "inbox/aside"
    box.cwd = box.repo.path
    assert add(box, "Above") == "inbox/above"
    touch(box, "wrkq/inbox/z")
    assert (box.root / "inbox/z.md").exists()


def test_absolute_paths(box: Sandbox) -> None:
    touch(box, str(box.root / "inbox/x"))
    assert (box.root / "inbox/x.md").exists()
    assert refused(box, "/etc/x") == "not_found"


@pytest.mark.parametrize("into", ["_comments", "_actors", "../..", ".git", "nowhere", "inbox/none"])
def test_what_is_no_container(box: Sandbox, into: str) -> None:
    (box.root / "_comments").mkdir(exist_ok=True)
    with pytest.raises(WrkqError) as caught:
        add(box, "X", into=into)
    assert caught.value.code in ("refused", "not_found")
    assert not list(box.root.rglob("x.md"))


def test_a_container_by_its_id(box: Sandbox) -> None:
    identifier = mkdir(box, "portal").ids[0]
    assert add(box, "X", into=identifier) == "portal/x"
    assert add(box, "Y", into=identifier[:6]) == "portal/y"
    assert add(box, "Z", into=f"p:{identifier}") == "portal/z"


def test_no_inbox(box: Sandbox) -> None:
    (box.root / "inbox/README.md").unlink()
    (box.root / "inbox").rmdir()
    assert add(box, "X") == "inbox/x"
    assert box.tracker.parse((box.root / "inbox/README.md").read_bytes(), DocType.CONTAINER, "").findings == ()
    shutil.rmtree(box.root / "inbox")
    box.write("inbox.md", "---\ntitle: I am a task\n---\n")
    with pytest.raises(WrkqError) as caught:
        add(box, "Y")
    assert caught.value.code == "exists"


def test_folders_left_alone(tmp_path_factory: pytest.TempPathFactory) -> None:
    box = Sandbox(tmp_path_factory.mktemp("at-root"), folder=".")
    box.write("wrkq.yaml", box.text("wrkq.yaml") + "ignore: [src]\n")
    box.write("src/code.py", "")
    box.cwd = box.root / "src"
    assert add(box, "X") == "inbox/x"
    assert refused(box, "task") == "refused"
    with pytest.raises(WrkqError):
        mkdir(box, "area")
    with pytest.raises(WrkqError):
        add(box, "X", into=".git")


def test_containers(box: Sandbox) -> None:
    mkdir(box, "portal", kind="project", title="The portal")
    text = box.text("portal/README.md")
    assert "title: The portal\n" in text
    assert "kind: project\n" in text
    assert [each.strip()[8:] for each in text.splitlines() if "slug:" in each] == [
        "backlog",
        "ready",
        "doing",
        "review",
        "done",
    ]
    mkdir(box, "portal/auth")
    assert "kind: area\n" in box.text("portal/auth/README.md")
    for address in ("portal", "nowhere/x", "_x/y", "portal/Up", "readme"):
        with pytest.raises(WrkqError):
            mkdir(box, address)
    with pytest.raises(WrkqError) as caught:
        mkdir(box, "x", kind="epic")
    assert caught.value.code == "validation"
    create.mkdir(box.tracker, ["tags"], FILES_ONLY, labels=["b", "a"], pairs=[("priority", "1"), ("owner", "me")])
    assert "owner: robin\npriority: 1\n" in box.text("tags/README.md")
    with pytest.raises(WrkqError, match="no section"):
        create.mkdir(box.tracker, ["portal/f"], FILES_ONLY, kind="feature", pairs=[("section", "nowhere")])


def test_parents_are_made_too(box: Sandbox) -> None:
    written = mkdir(box, "a/b/c", "a/b/d", parents=True, kind="feature")
    assert [row["path"] for row in written.data["created"]] == ["a", "a/b", "a/b/c", "a/b/d"]
    assert "kind: area\n" in box.text("a/b/README.md")
    assert "kind: feature\n" in box.text("a/b/d/README.md")
    assert mkdir(box, "a/b", parents=True).status == "unchanged"
    touch(box, "inbox/t")
    for address in ("inbox/t", "inbox/t/x"):
        with pytest.raises(WrkqError) as caught:
            mkdir(box, address, parents=True)
        assert caught.value.code == "exists"
    box.write("Big/x.md", "---\ntitle: x\n---\n")
    with pytest.raises(WrkqError):
        mkdir(box, "big")
    mkdir(box, "Big/inner")


def test_a_folder_becomes_a_container(box: Sandbox) -> None:
    box.write("bare/task.md", "---\ntitle: x\n---\n")
    mkdir(box, "bare")
    assert "title: Bare\n" in box.text("bare/README.md")


def test_sections_of_the_settings(box: Sandbox) -> None:
    box.write(
        "wrkq.yaml",
        box.text("wrkq.yaml")
        + "defaults:\n  sections:\n    - {slug: now, role: active}\n    - {slug: gone, role: done}\n",
    )
    mkdir(box, "portal", kind="project")
    assert "  - slug: now\n    role: active\n" in box.text("portal/README.md")
