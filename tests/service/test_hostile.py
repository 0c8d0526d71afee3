"""Tracker files come from strangers: each oddity is a clear error or a finding, never a crash or a write outside."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.sandbox import COMMIT, FILES_ONLY, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.index.query import Query
from wrkq_files.model.fields import DocType
from wrkq_files.service import (
    attachments,
    checking,
    comments,
    create,
    move,
    reading,
    relations,
    remove,
    replacing,
    settings,
    status,
    update,
)
from wrkq_files.service.change import Options
from wrkq_files.service.create import New

FORCE = Options(commit=True, force=True, with_edits=True)
SECRET = "---\ntitle: Secret\n---\n\nsecret\n"


@pytest.fixture
def outside(box: Sandbox) -> Path:
    """A folder beside the tracker that nothing may touch."""
    folder = box.repo.path / "outside"
    folder.mkdir()
    (folder / "secret.md").write_text(SECRET)
    box.add("Fix it", options=FILES_ONLY)
    box.commit_all()
    return folder


def untouched(outside: Path) -> None:
    assert {path.name: path.read_text() for path in outside.iterdir()} == {"secret.md": SECRET}


def every_request(box: Sandbox, target: str) -> dict[str, str | None]:
    """Every request on one target: the code of its refusal, None where it went through. Anything else fails."""
    requests: dict[str, Callable[[], object]] = {
        "cat": lambda: reading.cat(box.tracker, [target]),
        "stat": lambda: reading.stat(box.tracker, [target]),
        "ls": lambda: reading.ls(box.tracker, [target], everything=True, recursive=True),
        "tree": lambda: reading.tree(box.tracker, target, everything=True),
        "check": lambda: checking.check(box.tracker, [target]),
        "set": lambda: box.set(target, FORCE, priority="1"),
        "tick": lambda: update.tick(box.tracker, target, ["1"], "x", FORCE),
        "fmt": lambda: update.fmt(box.tracker, [target], FORCE),
        "apply": lambda: replacing.apply(box.tracker, target, b'{"summary": "x"}', "json", FORCE),
        "edit": lambda: replacing.checkout(box.tracker, target),
        "comment": lambda: comments.add(box.tracker, target, "Hi", FORCE),
        "comments": lambda: comments.ls(box.tracker, target),
        "attach": lambda: attachments.put(box.tracker, target, "f.txt", b"x", FORCE),
        "attachments": lambda: attachments.ls(box.tracker, target),
        "relate": lambda: relations.relate(box.tracker, "inbox/fix-it", "relates-to", target, FORCE),
        "unrelate": lambda: relations.unrelate(box.tracker, "inbox/fix-it", "relates-to", target, FORCE),
        "add": lambda: create.add(box.tracker, "New", New(), FORCE, into=target),
        "touch": lambda: create.touch(box.tracker, [f"{target}/new"], New(), FORCE),
        "mkdir": lambda: create.mkdir(box.tracker, [f"{target}/area"], FORCE, parents=True),
        "mv into": lambda: move.mv(box.tracker, ["inbox/fix-it"], target, FORCE),
        "mv": lambda: move.mv(box.tracker, [target], "inbox/moved", FORCE),
        "rm": lambda: remove.rm(box.tracker, [target], FORCE, recursive=True),
        "restore": lambda: remove.restore(box.tracker, [target], FORCE),
        "purge": lambda: remove.rm(box.tracker, [target], FORCE, purge=True, recursive=True),
    }
    return {name: outcome(request) for name, request in requests.items()}


def outcome(request: Callable[[], object]) -> str | None:
    try:
        request()
    except WrkqError as error:
        return error.code
    finally:
        gc.collect()  # a read that is left open here would keep the next request's write waiting
    return None


def whole(box: Sandbox) -> list[str]:
    """Every reading request over everything; the rules that check names."""
    reading.ls(box.tracker, [], everything=True, recursive=True)
    reading.tree(box.tracker, everything=True)
    reading.find(box.tracker, Query(types=tuple(DocType)))
    reading.search(box.tracker, "secret", types=tuple(DocType))
    status.status(box.tracker)
    return [each.finding.rule for each in checking.check(box.tracker)]


BOMB = "a: &a [x, x]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\n"


@pytest.mark.parametrize(
    ("frontmatter", "rule"),
    [
        (BOMB, "yaml-feature"),
        ("x: !!python/object/apply:os.system ['touch pwned']\n", "yaml-feature"),
        ("x: !!binary aGk=\n", "yaml-feature"),
        ("<<: {title: y}\n", "yaml-feature"),
        ("%YAML 1.1\n", "yaml-feature"),
        ("x: " + "[" * 25_000 + "\n", "too-deep"),
        ("x: " + "{a: " * 15_000 + "\n", "too-deep"),
        ("x: " + "y" * 70_000 + "\n", "too-large"),
        ("title: a\ntitle: b\n", "duplicate-key"),
        ("x: \x07\n", "control-characters"),
        ("title: a\x1b[2Jb\n", "control-characters"),
        ("title: a\0b\n", "control-characters"),
        ("? [a, b]\n: x\n", "yaml-feature"),
        ("<<<<<<< ours\ntitle: a\n=======\ntitle: b\n>>>>>>> theirs\n", "conflict-markers"),
    ],
    ids=lambda value: value[:20].strip() if isinstance(value, str) else "",
)
def test_frontmatter(box: Sandbox, outside: Path, frontmatter: str, rule: str) -> None:
    text = f"---\n{frontmatter}---\n"
    box.write("inbox/evil.md", text)
    box.write("evil/README.md", text)
    assert rule in whole(box)
    found = every_request(box, "inbox/evil")
    passed = {name for name, code in found.items() if code is None}
    assert passed <= {"check", "edit"}
    assert found["cat"] == "unreadable"
    every_request(box, "evil/README.md")
    assert box.text("inbox/evil.md") == text
    assert box.text("evil/README.md") == text
    assert not list(box.repo.path.rglob("pwned"))


def test_linked_files(box: Sandbox, outside: Path) -> None:
    (box.root / "inbox/link.md").symlink_to(outside / "secret.md")
    (box.root / "inbox/dangling.md").symlink_to("/nowhere")
    (box.root / "inbox/self.md").symlink_to("self.md")
    assert "symlink" in whole(box)
    for name in ("link", "dangling", "self"):
        found = every_request(box, f"inbox/{name}")
        assert {name for name, code in found.items() if code is None} <= {"check"}
        for write in (
            lambda name=name: move.mv(box.tracker, ["inbox/fix-it"], name, FORCE),
            lambda name=name: create.touch(box.tracker, [f"inbox/{name}"], New(), FORCE),
            lambda name=name: create.mkdir(box.tracker, [f"inbox/{name}"], FORCE),
        ):
            assert outcome(write) == "exists"
    untouched(outside)
    assert all("secret" not in hit.snippet for hit in reading.search(box.tracker, "secret")[0])


def test_linked_folders(box: Sandbox, outside: Path) -> None:
    (box.root / "portal").symlink_to(outside)
    (box.root / "inbox/deep").symlink_to(box.repo.path)
    assert "symlink" in whole(box)
    for target in ("portal", "portal/secret", "inbox/deep", "inbox/deep/outside/secret", "inbox/deep/outside"):
        found = every_request(box, target)
        assert {name for name, code in found.items() if code is None} <= {"check"}, target
    untouched(outside)


@pytest.mark.parametrize("name", ["_comments", "_attachments", "_actors", "_templates", "_workspaces"])
def test_linked_reserved_folders(box: Sandbox, outside: Path, name: str) -> None:
    if (box.root / name).is_dir():
        for each in (box.root / name).iterdir():
            each.unlink()
        (box.root / name).rmdir()
    (box.root / name).symlink_to(outside)
    whole(box)
    every_request(box, "inbox/fix-it")
    assert outcome(
        lambda: create.touch(box.tracker, ["inbox/x"], New(template="secret"), FILES_ONLY)
    ) is not None or (name != "_templates")
    untouched(outside)


def test_a_linked_file_inside_a_container_that_moves(box: Sandbox, outside: Path) -> None:
    create.mkdir(box.tracker, ["portal"], COMMIT)
    (box.root / "portal/data").symlink_to(outside)
    box.commit_all()
    for request in (
        lambda: move.mv(box.tracker, ["portal"], "inbox", FORCE),
        lambda: remove.rm(box.tracker, ["portal"], FORCE, purge=True, recursive=True),
    ):
        assert outcome(request) in (None, "refused")
    untouched(outside)


def test_pipes_and_folders_named_like_files(box: Sandbox, outside: Path) -> None:
    os.mkfifo(box.root / "inbox/pipe.md")
    (box.root / "inbox/folder.md").mkdir()
    os.mkfifo(box.root / "inbox/folder.md/README.md")
    whole(box)
    for name in ("inbox/pipe", "inbox/folder", "inbox/folder.md"):
        every_request(box, name)
    assert (box.root / "inbox/pipe.md").is_fifo()


@pytest.mark.parametrize("broken", [BOMB * 3 + "format: 1\n", "x: " + "[" * 25_000, "[", "\0", "!!python/none x"])
def test_settings_from_strangers(box: Sandbox, outside: Path, broken: str) -> None:
    box.write("wrkq.yaml", broken)
    requests = (
        lambda: checking.check(box.tracker),
        lambda: reading.ls(box.tracker, []),
        lambda: settings.doctor(box.tracker),
        lambda: box.set("inbox/fix-it", priority="1"),
    )
    for request in requests:
        outcome(request)
    found = outcome(requests[0])
    assert found is not None or "wrkq.yaml" in [each.finding.path for each in checking.check(box.tracker)]


def test_settings_that_are_no_file(box: Sandbox, outside: Path) -> None:
    (outside / "wrkq.yaml").write_text("format: 1\ndefault_actor: evil\n")
    for make in (
        lambda place: place.symlink_to(outside / "wrkq.yaml"),
        lambda place: os.mkfifo(place),
        lambda place: place.mkdir(),
    ):
        place = box.root / "wrkq.yaml"
        place.unlink()
        make(place)
        assert outcome(lambda: reading.ls(box.tracker, [])) is not None
        assert outcome(lambda: box.set("inbox/fix-it", priority="1")) is not None
        if place.is_dir():
            place.rmdir()
            place.touch()


@pytest.mark.no_cover  # millions of lines
def test_huge_files(box: Sandbox, outside: Path) -> None:
    box.write("inbox/big.md", "---\ntitle: x\n---\n" + "x" * (11 * 1024 * 1024 + 1))
    with (box.root / "inbox/sparse.md").open("wb") as file:
        file.write(b"---\ntitle: x\n---\n")
        file.truncate(1 << 32)
    (box.root / "inbox/picture.bin").write_bytes(b"")
    os.truncate(box.root / "inbox/picture.bin", 1 << 33)
    assert whole(box).count("too-large") == 2
    for name in ("inbox/big", "inbox/sparse"):
        found = every_request(box, name)
        assert {name for name, code in found.items() if code is None} <= {"check"}
    assert (
        outcome(lambda: create.touch(box.tracker, ["inbox/x"], New(body="x" * 11 * 1024 * 1024), COMMIT))
        == "validation"
    )


@pytest.mark.parametrize(
    "name", ["a\nb", "a\x1b[2Jb", "-rf", "--help", "a\\b", "a b", "\u202eb", "％", "c:x", "*", "[x]", "~"]
)
def test_names(box: Sandbox, outside: Path, name: str) -> None:
    box.write(f"inbox/{name}.md", "---\ntitle: Odd\n---\n")
    box.write(f"{name}/x.md", "---\ntitle: Odd\n---\n")
    box.commit_all()
    assert "irregular-name" in whole(box)
    for target in (f"inbox/{name}", f"./{name}"):
        every_request(box, target)
    untouched(outside)
    box.repo.fsck()


def test_names_that_are_not_utf8(box: Sandbox, outside: Path) -> None:
    root = os.fsencode(box.root)
    for name in (b"inbox/\xff\xfe.md", b"\xff\xff.md"):
        Path(os.fsdecode(root + b"/" + name)).write_text("---\ntitle: Odd\n---\n")
    Path(os.fsdecode(root + b"/\xfe")).mkdir()
    Path(os.fsdecode(root + b"/\xfe/x.md")).write_text("---\ntitle: Odd\n---\n")
    assert whole(box).count("bad-utf8") == 3
    for target in ("inbox/\udcff\udcfe", "\udcfe", "\udcff\udcff.md", "\udcfe/x"):
        found = every_request(box, target)
        assert found["cat"] is not None
    assert outcome(lambda: remove.rm(box.tracker, ["inbox"], FORCE, purge=True, recursive=True)) != "crash"


def test_deep_folders(box: Sandbox, outside: Path) -> None:
    deep = "/".join(["d"] * 200)
    box.write(f"{deep}/x.md", "---\ntitle: Deep\n---\n")
    box.commit_all()
    whole(box)
    box.set(f"{deep}/x", priority="1")
    assert outcome(lambda: create.mkdir(box.tracker, ["e/" * 2500 + "x"], FILES_ONLY, parents=True)) is not None
    move.mv(box.tracker, ["d"], "inbox", COMMIT)
    assert (box.root / "inbox" / deep / "x.md").exists()


@pytest.mark.parametrize(
    "line",
    ["id: T-٤K9AAAAA", "id: ../../x", "id: T-AAAAAAAA/..", "id: P-AAAAAAAA", "id: [T-AAAAAAAA]", "id: t-aaaaaaaa"],
)
def test_ids(box: Sandbox, outside: Path, line: str) -> None:
    box.write("inbox/evil.md", f"---\ntitle: x\n{line}\n---\n")
    box.commit_all()
    whole(box)
    every_request(box, "inbox/evil")
    untouched(outside)
    assert not [path for path in box.root.rglob("*") if ".." in path.name]


@pytest.mark.parametrize("on", ["../../outside", "T-../../x", "/etc", "T-AAAAAAAA", "''", "[x]"])
def test_comments_on_tricks(box: Sandbox, outside: Path, on: str) -> None:
    head = "---\nid: C-AAAAAAAA\nauthor: ../robin\ncreated: 2026-01-01\n"
    box.write("_comments/AA/T-AAAAAAAA/x.md", f"{head}on: {on}\n---\n\nHi\n")
    box.write("_comments/x.md", f"{head}on: {on}\n---\n\nHi\n")
    box.write("_comments/a/b/c/d/e/f.md", "no comment\n")
    box.commit_all()
    whole(box)
    for target in ("C-AAAAAAAA", "c:AAAAAAAA", "_comments/x.md"):
        every_request(box, target)
        outcome(lambda target=target: comments.rm(box.tracker, [target], FORCE))  # type: ignore[misc]
    untouched(outside)


def test_a_repository_inside(box: Sandbox, outside: Path) -> None:
    box.write("inbox/.git/config", "[core]\n")
    box.write("inbox/other/wrkq.yaml", "format: 1\n")
    box.write("inbox/other/x.md", "---\ntitle: Theirs\n---\n")
    whole(box)
    for target in ("inbox/.git", "inbox/other", "inbox/other/x"):
        found = every_request(box, target)
        assert {name for name, code in found.items() if code is None} <= {"check"}, target
    assert box.text("inbox/other/x.md") == "---\ntitle: Theirs\n---\n"
