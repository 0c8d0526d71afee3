"""Lists, trees, documents, searches."""

from __future__ import annotations

from contextlib import suppress

import pytest

from tests.support.sandbox import COMMIT, FILES_ONLY, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.index.query import Query
from wrkq_files.model.fields import DocType
from wrkq_files.service import attachments, comments, create, reading, relations, remove
from wrkq_files.service.create import New
from wrkq_files.service.reading import Node


@pytest.fixture
def places(box: Sandbox) -> Sandbox:
    create.mkdir(box.tracker, ["portal", "portal/auth", "attic"], FILES_ONLY)
    create.touch(box.tracker, ["portal/a", "portal/auth/b", "inbox/c", "attic/old"], New(), FILES_ONLY)
    create.touch(box.tracker, ["portal/sub"], New(parent="portal/a"), FILES_ONLY)
    create.touch(box.tracker, ["portal/closed"], New(pairs=[("state", "done")]), FILES_ONLY)
    create.touch(box.tracker, ["portal/idea"], New(pairs=[("state", "idea")]), FILES_ONLY)
    box.commit_all()
    remove.rm(box.tracker, ["attic"], COMMIT, recursive=True)
    return box


def ls(box: Sandbox, *targets: str, everything: bool = False, recursive: bool = False) -> list[str]:
    found = reading.ls(box.tracker, targets, everything=everything, recursive=recursive)
    return [entry.address for entry in found.entries]


def shape(nodes: list[Node]) -> list[object]:
    return [[node.entry.address, *shape(node.children)] if node.children else node.entry.address for node in nodes]


def test_ls(places: Sandbox) -> None:
    assert ls(places) == ["inbox", "portal"]
    assert ls(places, "portal") == ["portal/a", "portal/auth", "portal/sub"]
    found = reading.ls(places.tracker, ["portal", "/"])
    assert dict(found.hidden) == {"closed": 1, "ideas": 1, "archived": 1}
    assert "portal/idea" in ls(places, "portal", everything=True)
    assert ls(places, "/", everything=True) == ["attic", "inbox", "portal"]
    assert ls(places, recursive=True) == [
        "inbox",
        "inbox/c",
        "portal",
        "portal/a",
        "portal/auth",
        "portal/auth/b",
        "portal/sub",
    ]
    assert ls(places, "portal/closed", "portal/a") == ["portal/closed", "portal/a"]
    assert ls(places, "portal/*") == ["portal/a", "portal/auth", "portal/closed", "portal/idea", "portal/sub"]
    places.cwd = places.root / "portal"
    assert ls(places) == ["portal/a", "portal/auth", "portal/sub"]
    assert ls(places, "auth") == ["portal/auth/b"]


@pytest.mark.parametrize("target", ["nowhere", "..", "_comments", "_actors", "", "T-00000000"])
def test_what_cannot_be_listed(places: Sandbox, target: str) -> None:
    (places.root / "_comments").mkdir(exist_ok=True)
    for request in (lambda: ls(places, target), lambda: reading.tree(places.tracker, target or " ")):
        with pytest.raises(WrkqError) as caught:
            request()
        assert caught.value.code in ("not_found", "refused", "usage")


def test_notes_and_broken_files(places: Sandbox) -> None:
    places.write("portal/notes.md", "# no frontmatter\n")
    places.write("portal/bad.md", "---\ntitle: [\n---\n")
    places.write("portal/auth/bad.md", "---\ntitle: [\n---\n")
    plain = reading.ls(places.tracker, ["portal"])
    assert plain.notes == []
    assert [finding.path for finding in plain.broken] == ["portal/bad.md"]
    assert reading.ls(places.tracker, ["portal"], everything=True).notes == ["portal/notes.md"]
    for found in (
        reading.ls(places.tracker, ["portal"], recursive=True).broken,
        reading.tree(places.tracker).broken,
        reading.tree(places.tracker, "portal").broken,
        reading.find(places.tracker, Query()).broken,
        reading.search(places.tracker, "title")[1],
    ):
        assert {finding.path for finding in found} == {"portal/auth/bad.md", "portal/bad.md"}
    assert reading.ls(places.tracker, ["inbox"]).broken == []


def test_tree(places: Sandbox) -> None:
    found = reading.tree(places.tracker)
    assert shape(list(found.roots)) == [
        ["inbox", "inbox/c"],
        ["portal", ["portal/a", "portal/sub"], ["portal/auth", "portal/auth/b"]],
    ]
    assert dict(found.hidden) == {"archived": 2, "closed": 1, "ideas": 1}
    assert shape(list(reading.tree(places.tracker, "portal/auth").roots)) == ["portal/auth/b"]
    assert shape(list(reading.tree(places.tracker, depth=1).roots)) == ["inbox", "portal"]
    assert shape(list(reading.tree(places.tracker, "portal/a").roots)) == [["portal/a", "portal/sub"]]
    everything = shape(list(reading.tree(places.tracker, everything=True).roots))
    assert ["attic", "attic/old"] in everything


def test_a_closed_parent_does_not_hide_its_subtasks(places: Sandbox) -> None:
    places.set("portal/a", state="done")
    assert "portal/sub" in str(shape(list(reading.tree(places.tracker).roots)))


def test_parents_in_a_circle_do_not_vanish(places: Sandbox) -> None:
    a, b = "T-AAAAAAAA", "T-BBBBBBBB"
    places.write("x/a.md", f"---\ntitle: A\nid: {a}\nparent: {b}\n---\n")
    places.write("x/b.md", f"---\ntitle: B\nid: {b}\nparent: {a}\n---\n")
    places.write("x/c.md", "---\ntitle: C\nid: T-CCCCCCCC\nparent: T-CCCCCCCC\n---\n")
    places.write("x/d.md", "---\ntitle: D\nparent: T-DDDDDDDD\n---\n")
    text = str(shape(list(reading.tree(places.tracker, "x").roots)))
    assert all(f"x/{name}" in text for name in "abcd")


def test_find(places: Sandbox) -> None:
    def find(everything: bool = False, **asked: object) -> list[str]:
        query = Query(**asked)  # type: ignore[arg-type]
        return [entry.address for entry in reading.find(places.tracker, query, everything=everything).entries]

    assert find() == ["inbox/c", "portal/a", "portal/auth/b", "portal/sub"]
    assert find(True, states=("completed",)) == ["portal/closed"]
    assert find(kinds=("subtask",)) == ["portal/sub"]
    assert find(under="portal/auth") == ["portal/auth/b"]
    assert find(types=(DocType.ACTOR,)) == ["_actors/robin"]
    assert find(types=(DocType.CONTAINER,)) == ["inbox", "portal", "portal/auth"]
    assert dict(reading.find(places.tracker, Query(), everything=False).hidden) == {
        "archived": 1,
        "closed": 1,
        "ideas": 1,
    }


def test_search(places: Sandbox) -> None:
    places.set("portal/closed", summary="x")
    hits, _ = reading.search(places.tracker, "closed")
    assert [hit.entry.address for hit in hits] == ["portal/closed"]
    assert [hit.entry.address for hit in reading.search(places.tracker, "old")[0]] == ["attic/old"]
    for text in ("", "  "):
        with pytest.raises(WrkqError):
            reading.search(places.tracker, text)
    for text in ('"', "a OR", "NEAR(", "*", "a:b", "\0", "-", "'; DROP", "^", "(", "\udcff"):
        with suppress(WrkqError):
            reading.search(places.tracker, text)


def test_cat(places: Sandbox) -> None:
    shown = reading.cat(places.tracker, ["portal/a", "portal"])
    assert [each.text for each in shown] == [places.text("portal/a.md"), places.text("portal/README.md")]
    places.write("portal/a.md", "\ufeff---\r\ntitle: Mine\r\n---\r\nText\r\n")
    assert reading.cat(places.tracker, ["portal/a"])[0].body == "Text\n"
    places.write("bare/x.md", "---\ntitle: x\n---\n")
    with pytest.raises(WrkqError) as caught:
        reading.cat(places.tracker, ["bare"])
    assert (caught.value.code, caught.value.hint) == ("not_found", "wrkq mkdir -p bare")


def test_a_folder_that_has_lost_its_last_document_is_no_container(places: Sandbox) -> None:
    places.write("bare/x.md", "---\ntitle: x\n---\n")
    places.write("bare/note.md", "A note.\n")
    assert reading.stat(places.tracker, ["bare"])[0]["kind"] == "misc"
    (places.root / "bare/x.md").unlink()
    with pytest.raises(WrkqError, match="there is no `bare`"):
        reading.cat(places.tracker, ["bare"])


def test_stat(places: Sandbox) -> None:
    relations.relate(places.tracker, "portal/a", "blocks", "inbox/c", COMMIT)
    attachments.put(places.tracker, "portal/a", "f.txt", b"x", COMMIT)
    places.write("portal/a.md", places.text("portal/a.md") + "\n- [ ] one\n")
    a, c, bare = (
        reading.stat(places.tracker, [name], relations=True)[0] for name in ("portal/a", "inbox/c", "portal/auth")
    )
    assert len(a["blocks"]) == len(a["subtasks"]) == 1
    assert a["attachments"] == ["f.txt"]
    assert a["items"][0]["text"] == "one"
    assert a["file"] == "portal/a.md"
    assert c["effective_state"] == "blocked"
    assert c["state"] == "open"
    assert bare["kind"] == "area"
    places.write("bare/x.md", "---\ntitle: x\n---\n")
    assert reading.stat(places.tracker, ["bare"])[0]["kind"] == "misc"


def test_stat_of_one_says_what_stat_of_all_says(places: Sandbox) -> None:
    """One is looked at where it lies, many with the whole tracker."""
    create.touch(places.tracker, ["portal/auth/far"], New(pairs=[("state", "done")]), FILES_ONLY)
    parent = places.text("portal/sub.md").partition("parent: ")[2].split()[0]
    places.replace("portal/auth/far.md", "title: Far\n", f"title: Far\nparent: {parent}\n")
    together = reading.stat(places.tracker, ["**"])
    assert {each["path"]: each.get("percent") for each in together}["portal/a"] == 50
    assert [reading.stat(places.tracker, [each["file"]])[0] for each in together] == together


@pytest.mark.parametrize(
    ("target", "edited", "before", "after", "state"),
    [
        ("portal/a", "portal/sub.md", 0, 99, "in_progress"),
        ("portal", "portal/sub.md", 25, 50, None),
        ("portal", "portal/auth/b.md", 25, 50, None),
    ],
)
def test_stat_sees_what_was_edited_by_hand_and_counts_to_it(
    places: Sandbox, target: str, edited: str, before: int, after: int, state: str | None
) -> None:
    assert reading.stat(places.tracker, [target])[0]["percent"] == before
    places.write(edited, places.text(edited).replace("title:", "state: completed\ntitle:"))
    found = reading.stat(places.tracker, [target])[0]
    assert (found["percent"], found.get("effective_state")) == (after, state)


def test_created_is_asked_of_git_when_shown(places: Sandbox) -> None:
    places.write("inbox/hand.md", "---\ntitle: Hand\n---\n")
    places.write("inbox/now.md", "---\ntitle: Now\n---\n")
    places.repo.git("add", "wrkq/inbox/hand.md")
    places.repo.git(
        "commit", "-qm", "x", "--date=2001-01-01T00:00:00Z", env={"GIT_COMMITTER_DATE": "2020-02-02T10:00:00Z"}
    )
    found = reading.stat(places.tracker, ["inbox/hand"])[0]
    assert found["created"][:4] in ("2001", "2020")
    assert found["created_by"] == "robin"
    assert "created" not in reading.stat(places.tracker, ["inbox/now"])[0]


def test_comments_of_what_is_archived(places: Sandbox) -> None:
    comments.add(places.tracker, "attic/old", "Remember", COMMIT)
    assert len(comments.ls(places.tracker, "attic/old")) == 1


def test_values_that_do_not_fit_are_named_by_every_list(places: Sandbox) -> None:
    places.write("portal/d.md", "---\ntitle: D\nstate: Done\n---\n")
    for found in (
        reading.ls(places.tracker, ["portal"]).broken,
        reading.find(places.tracker, Query()).broken,
        reading.tree(places.tracker).broken,
        reading.search(places.tracker, "closed")[1],
        reading.faults(places.tracker, "portal/d"),
    ):
        assert [(each.rule, each.place) for each in found] == [("unknown-state", "portal/d.md:3:8")]
    assert reading.ls(places.tracker, ["inbox"]).broken == []
    places.write("wrkq.yaml", places.text("wrkq.yaml") + "rules: {unknown-state: off}\n")
    assert reading.find(places.tracker, Query()).broken == []


def test_a_tree_cut_at_a_depth_counts_what_it_hides_there(places: Sandbox) -> None:
    assert reading.tree(places.tracker, depth=1).hidden == {"closed, archived or ideas": 1}
    assert sum(reading.tree(places.tracker).hidden.values()) == 4


def test_an_actor_can_be_looked_at(places: Sandbox) -> None:
    assert reading.cat(places.tracker, ["_actors/robin"])[0].entry.slug == "robin"
    assert reading.stat(places.tracker, ["a:_actors/robin"])[0]["type"] == "actor"


def test_a_tree_that_is_too_deep(places: Sandbox) -> None:
    places.write("d/" * 250 + "task.md", "---\ntitle: deep\n---\n")
    with pytest.raises(WrkqError) as caught:
        reading.tree(places.tracker)
    assert caught.value.code == "limit"
    assert len(reading.find(places.tracker, Query(globs=("d/**",))).entries) == 1
