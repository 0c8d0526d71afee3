"""Repositories that are not the usual kind."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.git.writer import assert_clean, leftovers, ours, put, put_files, same_everywhere
from tests.support import mounts
from tests.support.repos import TestRepo
from wrkq_files.errors import WrkqError
from wrkq_files.git.lock import worktree_lock
from wrkq_files.git.read import blobs, clean_id, status
from wrkq_files.git.write import FileWrite, commit, recover

A = "wrkq/portal/a.md"
FILES: dict[str, str | bytes] = {A: "a\n", "wrkq/portal/b.md": "b\n", "src/x.py": "x\n", "doc/y.md": "y\n"}


def test_sha256(tmp_path: Path) -> None:
    repo = TestRepo.init(tmp_path / "r", "--object-format=sha256", files=FILES)
    assert ours(repo).object_format == "sha256"
    made = put(repo, {A: b"new\n", "wrkq/n.md": b"n\n", "wrkq/portal/b.md": None})
    assert len(made) == 64
    assert_clean(repo)
    unborn = TestRepo.init(tmp_path / "u", "--object-format=sha256")
    put(unborn, {A: b"new\n"})
    assert_clean(unborn)


def test_split_index(tmp_path: Path) -> None:
    repo = TestRepo.init(tmp_path / "r", files={**FILES, **{f"f/{n}": "x" for n in range(50)}})
    repo.git("config", "core.splitIndex", "true")
    repo.git("update-index", "--split-index")
    repo.write({"src/x.py": "staged\n"})
    repo.git("add", "src/x.py")
    for text in (b"1\n", b"2\n"):
        put(repo, {A: text, "wrkq/n.md": text})
        assert repo.status() == ["M  src/x.py"]
    assert list(repo.git_dir.glob("sharedindex.*"))
    assert b"link" in (repo.git_dir / "index").read_bytes()
    repo.fsck()


@pytest.mark.parametrize("sparse_index", [False, True])
def test_sparse_checkout(tmp_path: Path, sparse_index: bool) -> None:
    repo = TestRepo.init(tmp_path / "r", files=FILES)
    option = "--sparse-index" if sparse_index else "--no-sparse-index"
    repo.git("sparse-checkout", "init", "--cone", option)
    repo.git("sparse-checkout", "set", "src")
    assert not (repo.path / A).exists()
    where = ours(repo)
    with worktree_lock(where):
        commit(where, [FileWrite(A, b"new\n", b"new\n", b"new\n", staged_old=b"a\n")], "m", parent=where.head())
    assert repo.show(f"HEAD:{A}") == repo.show(f":{A}") == b"new\n"
    assert not (repo.path / A).exists()
    assert repo.git("ls-files", "-t", A) == f"S {A}"
    put(repo, {"src/new.md": b"n\n"})
    assert repo.git("ls-files", "-t", "src/new.md") == "H src/new.md"
    assert_clean(repo)


def test_a_sparse_file_that_is_there_anyway_is_written(tmp_path: Path) -> None:
    repo = TestRepo.init(tmp_path / "r", files=FILES)
    repo.git("update-index", "--skip-worktree", A)
    put(repo, {A: b"new\n"})
    assert repo.read(A) == b"new\n"
    assert repo.git("ls-files", "-t", A) == f"S {A}"
    assert_clean(repo)


def test_assume_unchanged_stays(tmp_path: Path) -> None:
    repo = TestRepo.init(tmp_path / "r", files=FILES)
    repo.git("update-index", "--assume-unchanged", A)
    put(repo, {A: b"new\n"})
    assert repo.git("ls-files", "-v", A) == f"h {A}"


def test_autocrlf(tmp_path: Path) -> None:
    repo = TestRepo.init(tmp_path / "r", files=FILES)
    repo.git("config", "core.autocrlf", "true")
    repo.git("config", "core.safecrlf", "true")
    (repo.path / A).unlink()
    repo.git("checkout", "--", A)
    assert repo.read(A) == b"a\r\n"
    put(repo, {A: b"a\r\nb\r\n", "wrkq/n.md": b"1\r\n2\r\n"})
    assert repo.read(A) == b"a\r\nb\r\n"
    assert repo.show(f"HEAD:{A}") == repo.show(f":{A}") == b"a\nb\n"
    put(repo, {"wrkq/mixed.md": b"1\r\n2\n"})
    assert repo.show("HEAD:wrkq/mixed.md") == b"1\n2\n"
    assert clean_id(ours(repo), A, b"a\r\nb\r\n") == repo.git("rev-parse", f"HEAD:{A}")
    assert_clean(repo)


def test_minus_text_keeps_crlf(tmp_path: Path) -> None:
    repo = TestRepo.init(tmp_path / "r", files={**FILES, "wrkq/.gitattributes": "* -text\n"})
    repo.git("config", "core.autocrlf", "true")
    put(repo, {A: b"a\r\n"})
    assert repo.show(f"HEAD:{A}") == b"a\r\n"
    assert_clean(repo)


def test_clean_filters_and_ident(tmp_path: Path) -> None:
    attributes = "*.up filter=up\n*.id ident\n"
    repo = TestRepo.init(tmp_path / "r", files={**FILES, ".gitattributes": attributes})
    repo.git("config", "filter.up.clean", "tr a-z A-Z")
    repo.git("config", "filter.up.smudge", "tr A-Z a-z")
    put(repo, {"wrkq/x.up": b"loud\n", "wrkq/y.id": b"$Id: 123 $\n", "wrkq/z.md": b"$Id: 123 $\n"})
    assert repo.show("HEAD:wrkq/x.up") == b"LOUD\n"
    assert repo.show("HEAD:wrkq/y.id") == b"$Id$\n"
    assert repo.show("HEAD:wrkq/z.md") == b"$Id: 123 $\n"
    assert repo.read("wrkq/x.up") == b"loud\n"
    assert_clean(repo)


def test_linked_worktree(tmp_path: Path) -> None:
    repo = TestRepo.init(tmp_path / "r", files=FILES)
    repo.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    side = TestRepo(tmp_path / "side")
    where = ours(side)
    assert (where.git_dir, where.common_dir) == (repo.git_dir / "worktrees" / "side", repo.git_dir)
    with worktree_lock(ours(repo)):
        put(side, {A: b"side\n"})
    assert side.log() == ["wrkq: change", "first"]
    assert repo.log() == ["first"]
    assert_clean(side)
    assert_clean(repo)


def test_submodule(tmp_path: Path) -> None:
    lib = TestRepo.init(tmp_path / "lib", files=FILES)
    repo = TestRepo.init(tmp_path / "r", files={"top": "t\n"})
    repo.git("submodule", "--quiet", "add", str(lib.path), "lib")
    repo.git("commit", "-qm", "submodule")
    inner = TestRepo(repo.path / "lib")
    assert ours(inner).git_dir == repo.git_dir / "modules" / "lib"
    put(inner, {A: b"inner\n"})
    assert_clean(inner)
    put(repo, {"top": b"t2\n"})
    assert repo.status() == [" M lib"]
    where = ours(repo)
    with worktree_lock(where), pytest.raises(WrkqError) as caught:
        commit(where, [FileWrite("lib/x", b"", b"", b"")], "m", parent=where.head())
    assert "submodule" in caught.value.message
    assert repo.git("ls-tree", "HEAD", "lib").startswith("160000")
    assert repo.status() == [" M lib"]


@pytest.mark.parametrize(
    "name",
    [
        "with space.md",
        "ünïcode – 日本.md",
        "new\nline.md",
        'tab\t"quote".md',
        "-dash.md",
        ":(top)x.md",
        "*.md",
        "\udcff.md",
    ],
)
def test_names(tmp_path: Path, name: str) -> None:
    repo = TestRepo.init(tmp_path / "r", files=FILES)
    path = f"wrkq/dir {name}/{name}"
    for text in (b"1\n", b"2\n"):
        put(repo, {path: text})
        assert repo.show(f"HEAD:{path}") == text
        assert blobs(ours(repo), [f":{path}"]) == {f":{path}": text}
        assert_clean(repo)
    repo.write({path: "edited\n"})
    assert [one.path for one in status(ours(repo), "wrkq")] == [path]
    repo.git("checkout", "-q", "--", ".")
    put(repo, {path: None})
    assert_clean(repo)


def test_partial_clone(tmp_path: Path) -> None:
    origin = TestRepo.init(tmp_path / "o", files=FILES)
    origin.git("config", "uploadpack.allowFilter", "true")
    repo = TestRepo(tmp_path / "r")
    origin.git("clone", "-q", "--filter=blob:none", "--no-checkout", f"file://{origin.path}", str(repo.path))
    repo.git("sparse-checkout", "set", "src")
    repo.git("checkout", "-q", "main")
    put(repo, {"src/n.md": b"n\n"})
    assert repo.status() == []


def signing_key(home: Path) -> Path:
    if not shutil.which("ssh-keygen"):
        pytest.skip("ssh-keygen is not installed, so there is no key to sign with")
    key = home / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    return key


def test_signing(tmp_path: Path, home: Path) -> None:
    key = signing_key(home)
    repo = TestRepo.init(tmp_path / "r", files=FILES)
    repo.git("config", "gpg.format", "ssh")
    repo.git("config", "user.signingKey", str(key))
    assert "gpgsig" in repo.git("cat-file", "commit", put(repo, {A: b"1\n"}, sign=True))
    repo.git("config", "commit.gpgSign", "true")
    made = put(repo, {A: b"2\n"}, "subject\n\nWrkq-Op: x")
    (home / "allowed").write_text(f"robin@example.com {key.with_suffix('.pub').read_text()}")
    repo.git("config", "gpg.ssh.allowedSignersFile", str(home / "allowed"))
    repo.git("verify-commit", made)
    assert repo.git("log", "-1", "--format=%B").strip() == "subject\n\nWrkq-Op: x"
    assert "gpgsig" not in repo.git("cat-file", "commit", put(repo, {A: b"3\n"}, sign=False))
    assert_clean(repo)


def test_a_key_that_is_gone_leaves_everything_as_it_was(tmp_path: Path, home: Path) -> None:
    repo = TestRepo.init(tmp_path / "r", files=FILES)
    repo.git("config", "gpg.format", "ssh")
    repo.git("config", "user.signingKey", str(home / "missing"))
    with pytest.raises(WrkqError) as caught:
        put(repo, {A: b"1\n"}, sign=True)
    assert caught.value.code == "git"
    assert repo.log() == ["first"]
    assert_clean(repo)


def test_git_folder_on_another_file_system(tmp_path: Path) -> None:
    shm = Path("/dev/shm")
    if not shm.is_dir() or shm.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("no second file system at /dev/shm")
    git_dir = shm / f"wrkq-test-{os.getpid()}"
    try:
        repo = TestRepo.init(tmp_path / "r", f"--separate-git-dir={git_dir}", files=FILES)
        put(repo, {A: b"new\n", "wrkq/deep/er/n.md": b"n\n", "wrkq/portal/b.md": None})
        assert_clean(repo)
    finally:
        shutil.rmtree(git_dir, ignore_errors=True)


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB that can be filled and made read-only."""
    with mounts.small(tmp_path / "mnt", "1m") as target:
        yield target


def test_read_only_file_system(mounted: Path) -> None:
    repo = TestRepo.init(mounted / "r", files=FILES)
    put(repo, {A: b"1\n"})
    subprocess.run(["mount", "-o", "remount,ro", str(mounted)], check=True)
    for write in (put, put_files):
        with pytest.raises(WrkqError) as caught:
            write(repo, {A: b"2\n"})
        assert caught.value.code == "io"
    assert repo.read(A) == b"1\n"
    assert status(ours(repo)) == []


def test_read_only_git_folder(mounted: Path) -> None:
    repo = TestRepo.init(mounted / "r", files=FILES)
    subprocess.run(["mount", "-o", "remount,ro", str(mounted)], check=True)
    where = ours(repo)
    with pytest.raises(WrkqError) as caught, worktree_lock(where, 0.1):
        pass
    assert caught.value.code == "io"
    assert "read-only" in caught.value.message.lower()


def attempt(repo: TestRepo, files: dict[str, bytes | None]) -> str:
    """Write; the refusal's code, empty when it succeeded."""
    try:
        put(repo, files)
    except WrkqError as error:
        return error.code
    return ""


@pytest.mark.parametrize("free", [0, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96])
def test_full_file_system(mounted: Path, free: int) -> None:
    """Whatever the write runs out of space at, it is whole or not there."""
    repo = TestRepo.init(mounted / "r", files={**FILES, "big": "0\n"})
    head, entries = repo.head, repo.git("ls-files", "-s")
    where = ours(repo)
    with worktree_lock(where):
        pass
    with (mounted / "filler").open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(b"x" * 4096)
        except OSError:
            filler.truncate(filler.tell() - free * 1024)
    data = os.urandom(10_000)
    writes: dict[str, bytes | None] = {A: data, "wrkq/new/n.md": data[:5000], "wrkq/portal/b.md": None}
    code = attempt(repo, writes)
    (mounted / "filler").unlink()
    if code:
        assert code in ("io", "git")
        assert repo.head == head
        assert repo.git("ls-files", "-s") == entries
        assert repo.status() == []
        assert leftovers(repo) == []
    with worktree_lock(where):
        assert recover(where) is None
        commit(where, same_everywhere(where, {A: b"after\n"}), "after", parent=where.head())
    assert_clean(repo)
