"""Comments: what they may say, and that they stay as they were said."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.support.sandbox import COMMIT, FILES_ONLY, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.model.fields import COMMENT_KINDS
from wrkq_files.service import checking, comments, move, reading, remove, replacing, update
from wrkq_files.service.change import Options, Written


@pytest.fixture
def task(box: Sandbox) -> str:
    return box.add("Fix it")


def say(
    box: Sandbox,
    text: str = "Words.",
    kind: str = "comment",
    options: Options = FILES_ONLY,
    *,
    on: str = "inbox/fix-it",
    pairs: Mapping[str, str] | None = None,
) -> Written:
    return comments.add(box.tracker, on, text, options, kind=kind, pairs=list((pairs or {}).items()))


def code(box: Sandbox, text: str = "Words.", kind: str = "comment", on: str = "inbox/fix-it", **pairs: str) -> str:
    before = box.repo.status()
    with pytest.raises(WrkqError) as caught:
        say(box, text, kind, on=on, pairs=pairs)
    assert box.repo.status() == before
    return caught.value.code


def test_a_comment_is_a_file_of_its_own(box: Sandbox, task: str) -> None:
    written = say(box, "Two\n\nlines --- \n", options=COMMIT)
    path = written.data["path"]
    assert path.startswith(f"_comments/{task[2:4]}/{task}/20260119T1424")
    assert path.endswith(f"Z-robin-{written.data['id'][2:]}.md")
    assert f"on: {task}\nauthor: robin\n" in box.text(path)
    assert box.text(path).endswith("---\n\nTwo\n\nlines --- \n")
    assert box.repo.log()[0] == "inbox/fix-it: comment added"
    assert box.repo.status() == []
    assert not list(checking.errors(checking.check(box.tracker)))


@pytest.mark.parametrize("kind", COMMENT_KINDS)
def test_every_kind(box: Sandbox, task: str, kind: str) -> None:
    say(box, kind=kind)
    assert [each.entry.kind for each in comments.ls(box.tracker, task)] == [kind]


def test_fields_go_with_their_kind(box: Sandbox, task: str) -> None:
    say(box, kind="progress", pairs={"percent": "62.5"})
    say(box, kind="review", pairs={"verdict": "pass", "gate": "design"})
    say(box, kind="feedback", pairs={"quality": "5", "timeliness": "1"})
    say(box, kind="note", pairs={"meta.tool": "x", "meta.run": "7"})
    found = [dict(each.entry.document_fields()) for each in comments.ls(box.tracker, task)]
    assert found[0]["percent"] == 62.5
    assert (found[1]["verdict"], found[1]["gate"]) == ("pass", "design")
    assert (found[2]["quality"], found[2]["timeliness"]) == (5, 1)
    assert found[3]["meta"] == {"tool": "x", "run": 7}


@pytest.mark.parametrize(
    ("kind", "name", "text", "wanted"),
    [
        ("progress", "percent", "101", "validation"),
        ("progress", "percent", "-1", "validation"),
        ("progress", "percent", "half", "validation"),
        ("comment", "percent", "5", "validation"),
        ("review", "verdict", "maybe", "validation"),
        ("note", "verdict", "pass", "validation"),
        ("feedback", "quality", "6", "validation"),
        ("feedback", "timeliness", "0", "validation"),
        ("feedback", "quality", "2.5", "validation"),
        ("comment", "id", "C-00000000", "usage"),
        ("comment", "on", "T-00000000", "usage"),
        ("comment", "author", "ghost", "usage"),
        ("comment", "created", "2020-01-01", "usage"),
        ("comment", "deleted", "2020-01-01", "usage"),
        ("comment", "nonsense", "1", "usage"),
        ("comment", "supersedes", "C-00000000", "not_found"),
        ("comment", "supersedes", "inbox/fix-it", "not_found"),
        ("shout", "gate", "x", "validation"),
    ],
)
def test_what_does_not_fit(box: Sandbox, task: str, kind: str, name: str, text: str, wanted: str) -> None:
    with pytest.raises(WrkqError) as caught:
        comments.add(box.tracker, task, "Words.", FILES_ONLY, kind=kind, pairs=[(name, text)])
    assert caught.value.code == wanted


def test_superseding(box: Sandbox, task: str) -> None:
    first = say(box).data["id"]
    second = say(box, pairs={"supersedes": first[:6]}).data["path"]
    assert f"supersedes: {first}\n" in box.text(second)
    box.add("Other")
    assert code(box, on="inbox/other", supersedes=first) == "validation"


def test_nothing_said(box: Sandbox, task: str) -> None:
    assert code(box, " \n") == "usage"
    assert code(box, "a\0b") == "validation"
    assert code(box, on="inbox/nope") == "not_found"


def test_nobody_known(box: Sandbox, task: str) -> None:
    box.repo.git("config", "user.email", "stranger@example.com")
    assert code(box) == "refused"


def test_a_hand_made_document_gets_its_id(box: Sandbox) -> None:
    box.write("inbox/hand.md", "---\ntitle: Hand\n---\n")
    box.write("bare/x.md", "---\ntitle: x\n---\n")
    box.commit_all()
    written = say(box, on="inbox/hand", options=COMMIT)
    assert f"\nid: {written.data['on']}\n" in box.text("inbox/hand.md")
    assert box.repo.status() == []
    assert code(box, on="bare") == "not_found"


def test_on_containers_and_never_on_comments(box: Sandbox, task: str) -> None:
    identifier = say(box, on="inbox").data["id"]
    assert len(comments.ls(box.tracker, "p:inbox")) == 1
    assert code(box, on=identifier) == "not_found"
    assert code(box, on=f"c:{identifier}") == "usage"


def test_withdrawn(box: Sandbox, task: str) -> None:
    written = say(box, options=COMMIT)
    identifier, path = written.data["id"], written.data["path"]
    before = box.text(path)
    comments.rm(box.tracker, [identifier[2:6]], COMMIT)
    assert [line for line in box.text(path).splitlines() if line not in before.splitlines()] == [
        line for line in box.text(path).splitlines() if line.startswith("deleted: ")
    ]
    assert comments.ls(box.tracker, task) == []
    assert len(comments.ls(box.tracker, task, everything=True)) == 1
    assert comments.rm(box.tracker, [f"c:{identifier}"], COMMIT).status == "unchanged"
    with pytest.raises(WrkqError):
        comments.rm(box.tracker, [task], COMMIT)


def test_nothing_else_changes_a_comment(box: Sandbox, task: str) -> None:
    written = say(box, "- [ ] box\n", options=COMMIT)
    identifier, path = f"c:{written.data['id']}", written.data["path"]
    tries = (
        lambda: box.set(identifier, meta="{}"),
        lambda: update.tick(box.tracker, identifier, ["1"], "x", COMMIT),
        lambda: update.fmt(box.tracker, [identifier], COMMIT),
        lambda: move.mv(box.tracker, [identifier], "inbox", COMMIT),
        lambda: remove.rm(box.tracker, [identifier], COMMIT),
        lambda: replacing.apply(box.tracker, identifier, b'{"body": "x"}', "json", COMMIT),
        lambda: replacing.checkout(box.tracker, identifier),
        lambda: box.set(path, meta="{}"),
    )
    for each in tries:
        with pytest.raises(WrkqError):
            each()
    box.replace(path, "box", "other words")
    found = {each.finding.rule for each in checking.check(box.tracker)}
    assert "changed-identity" in found


def test_shown_and_searched(box: Sandbox, task: str) -> None:
    from wrkq_files.model.fields import DocType

    identifier = say(box, "A very peculiar word").data["id"]
    assert "peculiar" in reading.cat(box.tracker, [identifier])[0].text
    assert reading.stat(box.tracker, [identifier])[0]["author"] == "robin"
    assert reading.search(box.tracker, "peculiar")[0] == []
    hits, _ = reading.search(box.tracker, "peculiar", types=[DocType.COMMENT])
    assert [hit.entry.id for hit in hits] == [identifier]


def test_two_at_one_moment(box: Sandbox, task: str) -> None:
    paths = {say(box).data["path"] for _ in range(3)}
    assert len(paths) == 3
