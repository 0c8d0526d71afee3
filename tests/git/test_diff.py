from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.repos import TestRepo
from wrkq_files.git.diff import renamed, unified

CASES = {
    "edit": (b"a\nb\nc\n", b"a\nB\nc\n"),
    "new": (None, b"a\nb\n"),
    "deleted": (b"a\nb\n", None),
    "no newline": (b"a\nb", b"a\nc"),
    "newline added": (b"a", b"a\n"),
    "crlf": (b"a\r\nb\r\n", b"a\r\nc\r\n"),
    "binary": (b"a\0b", b"a\0c"),
    "emptied": (b"a\n", b""),
    "far apart": (
        b"".join(b"%d\n" % n for n in range(50)),
        b"".join(b"%d\n" % (n if n % 40 else -n) for n in range(50)),
    ),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("path", ["wrkq/a.md", "wrkq/with space.md"])
def test_reads_as_git_s(tmp_path: Path, name: str, path: str) -> None:
    old, new = CASES[name]
    repo = TestRepo.init(tmp_path / "r", files={"keep": "k\n"})
    if old is not None:
        repo.commit({path: old})
    repo.write({path: new})
    repo.git("add", "-A")
    git = repo.run("diff", "--cached", "--no-renames").stdout.decode()
    assert comparable(unified(path, old, new)) == comparable(git)


def comparable(diff: str) -> list[str]:
    """libgit2 abbreviates ids to seven digits always, and ends no name with a tab (git does, after a space in it)."""
    lines = [line.rstrip("\t") if line.startswith(("---", "+++")) else line for line in diff.split("\n")]
    return [line for line in lines if not line.startswith("index ")]


def test_a_new_empty_file() -> None:
    assert unified("a", None, b"").startswith("diff --git a/a b/a\nnew file mode 100644\n")


def test_nothing_differs() -> None:
    assert unified("a", b"x", b"x") == ""
    assert unified("a", None, None) == ""


def test_not_utf_8() -> None:
    assert "+\ufffd" in unified("a", b"a\n", b"\xff\n")


def test_crlf() -> None:
    assert "-b\r\n+c\r\n" in unified("a", b"b\r\n", b"c\r\n")


def test_a_name_that_is_not_utf_8() -> None:
    assert "+x" in unified("\udcff.md", None, b"x\n")


@pytest.mark.parametrize("new", [b"1\n2\n3\n4\n5\n6\n7\n8\n", b"1\n2\n3\nfour\n5\n6\n7\n8\n"])
def test_a_move_reads_as_git_s(tmp_path: Path, new: bytes) -> None:
    old = b"1\n2\n3\n4\n5\n6\n7\n8\n"
    repo = TestRepo.init(tmp_path / "r", files={"wrkq/a.md": old})
    (repo.path / "wrkq/a.md").unlink()
    repo.write({"wrkq/in/b.md": new})
    repo.git("add", "-A")
    git = repo.run("diff", "--cached", "-M").stdout.decode().splitlines()
    told = [line for line in git if not line.startswith(("similarity", "index"))]
    assert renamed("wrkq/a.md", "wrkq/in/b.md", old, new).splitlines() == told
