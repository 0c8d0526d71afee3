"""Attachments: any bytes, plain names."""

from __future__ import annotations

import os

import pytest

from tests.support.sandbox import COMMIT, FILES_ONLY, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.service import attachments, remove
from wrkq_files.service.change import Options, Written

BYTES = bytes(range(256)) * 3 + b"\r\n\xff\xfe"
LARGE = 12 * 1024 * 1024


@pytest.fixture
def task(box: Sandbox) -> str:
    return box.add("Fix it")


def put(box: Sandbox, name: str, content: bytes = b"x", options: Options = FILES_ONLY) -> Written:
    return attachments.put(box.tracker, "inbox/fix-it", name, content, options)


def test_bytes_are_kept(box: Sandbox, task: str) -> None:
    written = put(box, "Diagram é.png", BYTES, COMMIT)
    path = f"_attachments/{task[2:4]}/{task}/Diagram é.png"
    assert written.data == {"id": task, "name": "Diagram é.png", "path": path, "size": len(BYTES)}
    assert attachments.get(box.tracker, task, "Diagram é.png") == BYTES
    assert box.repo.show(f"HEAD:{box.name(path)}") == BYTES
    assert box.repo.status() == []
    assert [(each.name, each.size) for each in attachments.ls(box.tracker, task)] == [("Diagram é.png", len(BYTES))]


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        ".hidden",
        "-rf",
        "--help",
        "../x",
        "a/b",
        "/etc/passwd",
        "a\\b",
        "a\0b",
        "a\nb",
        "\x1b[31m",
        "a\u202eb",
        "x" * 201,
        "\udcff",
    ],
)
def test_names_that_cannot_be(box: Sandbox, task: str, name: str) -> None:
    with pytest.raises(WrkqError) as caught:
        put(box, name)
    assert caught.value.code == "validation"
    assert box.repo.status() == []
    for request in (
        lambda: attachments.get(box.tracker, task, name),
        lambda: attachments.rm(box.tracker, task, name, COMMIT),
    ):
        with pytest.raises(WrkqError) as caught:
            request()
        assert caught.value.code == "not_found"


def test_replacing_and_removing(box: Sandbox, task: str) -> None:
    put(box, "f.txt", b"one", COMMIT)
    assert put(box, "f.txt", b"one", COMMIT).status == "unchanged"
    for name in ("f.txt", "F.TXT"):
        with pytest.raises(WrkqError) as caught:
            put(box, name, b"two", COMMIT)
        assert caught.value.code == "exists"
    put(box, "f.txt", b"two", Options(commit=True, force=True))
    assert attachments.get(box.tracker, task, "f.txt") == b"two"
    attachments.rm(box.tracker, task, "f.txt", COMMIT)
    assert attachments.ls(box.tracker, task) == []
    assert box.repo.status() == []
    with pytest.raises(WrkqError) as caught:
        attachments.get(box.tracker, task, "f.txt")
    assert caught.value.code == "not_found"


def test_the_limit(box: Sandbox, task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MAX_BYTES", 10)
    put(box, "ten", b"x" * 10)
    with pytest.raises(WrkqError) as caught:
        put(box, "eleven", b"x" * 11)
    assert caught.value.code == "limit"


def test_a_large_one_is_put_and_read(box: Sandbox, task: str) -> None:
    put(box, "large.bin", bytes(LARGE), COMMIT)
    assert len(attachments.get(box.tracker, task, "large.bin")) == LARGE
    assert box.repo.status() == []


def test_a_large_one_is_replaced_and_removed(box: Sandbox, task: str) -> None:
    put(box, "large.bin", bytes(LARGE), COMMIT)
    put(box, "large.bin", bytes(LARGE + 1), Options(commit=True, force=True))
    attachments.rm(box.tracker, task, "large.bin", COMMIT)
    put(box, "large.bin", bytes(LARGE), COMMIT)
    remove.rm(box.tracker, [task], COMMIT, purge=True)


def test_a_hand_made_document_gets_its_id(box: Sandbox) -> None:
    box.write("inbox/fix-it.md", "---\ntitle: Hand\n---\n")
    box.write("bare/x.md", "---\ntitle: x\n---\n")
    box.commit_all()
    put(box, "f", options=COMMIT)
    assert "\nid: T-" in box.text("inbox/fix-it.md")
    assert box.repo.status() == []
    with pytest.raises(WrkqError) as caught:
        attachments.put(box.tracker, "bare", "f", b"x", COMMIT)
    assert caught.value.code == "not_found"
    assert attachments.ls(box.tracker, "bare") == []


def test_links_are_not_followed(box: Sandbox, task: str) -> None:
    secret = box.repo.path / "secret"
    secret.write_text("secret")
    folder = box.root / f"_attachments/{task[2:4]}/{task}"
    folder.mkdir(parents=True)
    (folder / "link").symlink_to(secret)
    os.mkfifo(folder / "pipe")
    (folder / "sub").mkdir()
    assert attachments.ls(box.tracker, task) == []
    for name in ("link", "pipe", "sub"):
        with pytest.raises(WrkqError):
            attachments.get(box.tracker, task, name)
    with pytest.raises(WrkqError):
        put(box, "link", b"overwritten", Options(commit=False, force=True))
    assert secret.read_text() == "secret"


def test_a_folder_that_is_a_link(box: Sandbox, task: str) -> None:
    outside = box.repo.path / "outside"
    outside.mkdir()
    (outside / "f").write_text("secret")
    (box.root / f"_attachments/{task[2:4]}").mkdir(parents=True)
    (box.root / f"_attachments/{task[2:4]}/{task}").symlink_to(outside)
    for request in (
        lambda: attachments.ls(box.tracker, task),
        lambda: attachments.get(box.tracker, task, "f"),
        lambda: put(box, "new"),
        lambda: attachments.rm(box.tracker, task, "f", COMMIT),
    ):
        with pytest.raises(WrkqError):
            request()
    assert [each.name for each in outside.iterdir()] == ["f"]
