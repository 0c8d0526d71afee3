"""Commits by what git calls them, and by when they were made."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.support.repos import TestRepo
from wrkq_files.errors import WrkqError
from wrkq_files.git import revisions
from wrkq_files.git.repo import Repo, discover


def at(time: int) -> dict[str, str]:
    return {"GIT_AUTHOR_DATE": "@1 +0000", "GIT_COMMITTER_DATE": f"@{time} +0300"}


def commit(repo: TestRepo, time: int, subject: str = "x") -> str:
    repo.git("commit", "-q", "--allow-empty", "-m", subject, env=at(time))
    return repo.head


@pytest.fixture
def made(tmp_path: Path) -> TestRepo:
    return TestRepo.init(tmp_path / "repo", "-b", "main")


def found(repo: TestRepo) -> Repo:
    return discover(repo.path)


def test_whatever_names_a_commit(made: TestRepo) -> None:
    first, second = commit(made, 100), commit(made, 200)
    made.git("tag", "-a", "-m", "a tag of its own", "v1", first)
    made.git("branch", "with/slash", first)
    for word in (
        "v1",
        "with/slash",
        "HEAD~1",
        "@~",
        first[:7],
        first.upper(),
        "main@{1}",
        f"x-3-g{first[:7]}",
        "v1^0",
    ):
        revision = revisions.named(found(made), word)
        assert revision is not None, word
        assert revision == (first, made.git("rev-parse", f"{first}^{{tree}}"), 100, "x"), word
    assert (revisions.named(found(made), "HEAD") or revision).id == second


@pytest.mark.parametrize(
    "word",
    [
        *(
            "",
            " ",
            "nowhere",
            "-1",
            "--all",
            "--output=x",
            "^HEAD",
            "HEAD~1..HEAD",
            "HEAD...",
            "HEAD:",
            "HEAD^{tree}",
        ),
        *(
            "HEAD:",
            "HEAD\nHEAD",
            "HEAD\0",
            "\x1b[31m",
            "HEAD HEAD",
            "@{upstream}",
            "HEAD~99",
            "f" * 40,
            "é",
            "\udcff",
        ),
        "x" * 70_000,
    ],
)
def test_what_names_none(made: TestRepo, word: str) -> None:
    commit(made, 100)
    commit(made, 200)
    assert revisions.named(found(made), word) is None
    assert made.status() == []


def test_a_file_that_is_called_so(made: TestRepo) -> None:
    made.commit({"README.md": "x"})
    assert revisions.named(found(made), "README.md") is None


def test_two_that_begin_alike(made: TestRepo) -> None:
    tree, seen = made.git("write-tree"), dict[str, str]()
    for number in range(10_000):
        text = f"tree {tree}\nauthor a <a> 1 +0000\ncommitter a <a> 1 +0000\n\n{number}\n"
        data = f"commit {len(text)}\0{text}".encode()
        start = hashlib.sha1(data).hexdigest()[:4]
        if start in seen:
            break
        seen[start] = text
    for each in (seen[start], text):
        made.git("hash-object", "-w", "-t", "commit", "--stdin", input=each.encode())
    with pytest.raises(WrkqError) as refused:
        revisions.named(found(made), start)
    assert refused.value.code == "ambiguous"


def test_odd_commits(made: TestRepo) -> None:
    """Names that look like addresses, messages that begin late, other encodings, signed ones, no message."""
    tree = made.git("write-tree")
    head = f"tree {tree}\nauthor a <a> 1 +0000\ncommitter b > 5 <b@c> 77 -0130\n"
    for more, message, subject in (
        ("", b"\n\nlate\nand on\n\nbody\n", "late and on"),
        ("encoding ISO-8859-1\n", b"f\xfcr\n", "f�r"),
        ("gpgsig -----BEGIN\n committer x <x> 5 +0000\n \n tree\n", b"signed\n", "signed"),
        ("", b"", ""),
        ("committer second <b> 5 +0000\n", b"two\n", "two"),
    ):
        data = head.encode() + more.encode() + b"\n" + message
        made.git(
            "update-ref", "refs/heads/main", made.git("hash-object", "-w", "-t", "commit", "--stdin", input=data)
        )
        revision = revisions.named(found(made), "main")
        assert revision is not None
        assert revision[1:] == (tree, 77, subject)


def test_the_last_before_a_time(made: TestRepo) -> None:
    first, second, third = commit(made, 100), commit(made, 200), commit(made, 300)
    for time, expected in ((100, first), (199, first), (200, second), (299, second), (300, third), (10**10, third)):
        assert (revisions.last_before(found(made), time) or (None,))[0] == expected
    assert revisions.last_before(found(made), 99) is None
    assert revisions.last_before(found(made), -5) is None
    assert (revisions.first(found(made)) or (None,))[0] == first


def test_a_merged_branch_was_not_there_before(made: TestRepo) -> None:
    commit(made, 100)
    made.git("checkout", "-q", "-b", "side")
    commit(made, 150)
    made.git("checkout", "-q", "main")
    ours = commit(made, 120)
    made.git("merge", "-q", "--no-ff", "-m", "both", "side", env=at(200))
    assert (revisions.last_before(found(made), 199) or (None,))[0] == ours
    assert (revisions.last_before(found(made), 200) or (None,))[0] == made.head


def test_a_clock_that_went_back(made: TestRepo) -> None:
    """The last of the branch that is not later, whatever came between."""
    commit(made, 100)
    commit(made, 500)
    late = commit(made, 200)
    commit(made, 400)
    assert (revisions.last_before(found(made), 300) or (None,))[0] == late


def test_nothing_was_ever_committed(made: TestRepo) -> None:
    assert revisions.named(found(made), "HEAD") is None
    assert revisions.last_before(found(made), 100) is None
    assert revisions.first(found(made)) is None


def test_sha256(tmp_path: Path) -> None:
    made = TestRepo.init(tmp_path / "repo", "--object-format=sha256")
    head = commit(made, 100)
    revision = revisions.named(found(made), head[:10])
    assert revision is not None
    assert (revision.id, len(revision.tree)) == (head, 64)
