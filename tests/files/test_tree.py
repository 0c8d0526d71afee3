"""Paths stay inside the tracker, and nothing is read through a link."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wrkq_files.errors import WrkqError
from wrkq_files.files import tree


@pytest.mark.parametrize("path", ["", ".", "..", "../x", "a/../../x", "/etc/passwd", "a/..", "a\0b", "a\\..\\b"])
def test_paths_that_leave(tmp_path: Path, path: str) -> None:
    with pytest.raises(WrkqError) as caught:
        tree.inside(tmp_path, path)
    assert caught.value.code == "refused"


@pytest.mark.parametrize("path", ["a", "a/b.md", "not/there/yet.md", "..a", "a..b", "-x", "ü"])
def test_paths_that_stay(tmp_path: Path, path: str) -> None:
    assert tree.inside(tmp_path, path) == tmp_path / path


def test_links_are_not_crossed(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret.md").write_text("x")
    (root / "folder").symlink_to(tmp_path)
    (root / "file.md").symlink_to(tmp_path / "secret.md")
    (root / "dangling.md").symlink_to(tmp_path / "nowhere")
    for path in ("folder/secret.md", "file.md", "dangling.md"):
        with pytest.raises(WrkqError, match="symbolic link"):
            tree.inside(root, path)
    for path in ("file.md", "dangling.md"):
        with pytest.raises(WrkqError) as caught:
            tree.read(root / path)
        assert caught.value.code == "unreadable"


def test_a_root_that_is_reached_through_a_link_is_fine(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert tree.inside(tmp_path / "link", "a.md") == tmp_path / "link" / "a.md"


def test_reading(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"x" * (3 << 20))
    assert tree.read(path) == b"x" * (3 << 20)
    path.write_bytes(b"x" * (tree.MAX_FILE + 1))
    with pytest.raises(WrkqError, match="longer than") as caught:
        tree.read(path)
    assert caught.value.code == "unreadable"
    for other in (tmp_path / "absent", tmp_path):
        with pytest.raises(WrkqError) as caught:
            tree.read(other)
        assert caught.value.code == "io"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    assert tree.read(tmp_path / "pipe.md") == b""
