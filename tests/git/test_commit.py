from __future__ import annotations

import itertools
import os
import subprocess
import time
from pathlib import Path

import pytest

from tests.git.writer import assert_clean, leftovers, ours, put, same_everywhere
from tests.support.repos import TestRepo
from wrkq_files.errors import WrkqError
from wrkq_files.git.lock import worktree_lock
from wrkq_files.git.repo import blob_id
from wrkq_files.git.write import UNCHANGED, FileWrite, HeadMoved, commit

A = "wrkq/portal/a.md"


@pytest.fixture
def repo(tmp_path: Path) -> TestRepo:
    files = {A: "title: a\n", "wrkq/portal/b.md": "b\n", "src/main.py": "print()\n", "README.md": "hi\n"}
    return TestRepo.init(tmp_path / "r", files=files)


def write(
    repo: TestRepo, *writes: FileWrite, parent: str | None = "HEAD", message: str = "m", **options: object
) -> str:
    where = ours(repo)
    with worktree_lock(where):
        head = where.head() if parent == "HEAD" else parent
        return commit(where, writes, message, parent=head, **options)  # type: ignore[arg-type]


def test_edits_a_file_in_all_three_views(repo: TestRepo) -> None:
    before = repo.head
    made = put(repo, {A: b"title: A\n"}, "wrkq: edit\n\nWrkq-Op: 1 set T-1")
    assert repo.head == made
    assert repo.git("rev-parse", "HEAD^") == before
    assert repo.show(f"HEAD:{A}") == repo.show(f":{A}") == repo.read(A) == b"title: A\n"
    assert repo.git("log", "-1", "--format=%B").strip() == "wrkq: edit\n\nWrkq-Op: 1 set T-1"
    assert repo.git("diff-tree", "-r", "--name-status", "--no-commit-id", "HEAD") == f"M\t{A}"
    assert_clean(repo)


def test_the_commit_is_the_one_git_itself_would_make(repo: TestRepo, tmp_path: Path) -> None:
    env = {"GIT_AUTHOR_DATE": "1700000000 +0200", "GIT_COMMITTER_DATE": "1700000001 +0000"}
    other = TestRepo(tmp_path / "other")
    repo.git("clone", "-q", str(repo.path), str(other.path))
    (other.path / A).write_text("new\n")
    other.git("commit", "-qam", "subject\n\nbody ü\n", env=env)
    assert put(repo, {A: b"new\n"}, "subject\n\nbody ü", actor_env=env) == other.head


def test_adds_and_removes_with_folders(repo: TestRepo) -> None:
    put(repo, {"wrkq/new/deep/c.md": b"c\n", A: None, "wrkq/portal/b.md": None})
    assert repo.git("ls-files").splitlines() == ["README.md", "src/main.py", "wrkq/new/deep/c.md"]
    assert not (repo.path / "wrkq/portal").exists()
    assert_clean(repo)


def test_removing_everything_leaves_the_worktree_folder(tmp_path: Path) -> None:
    repo = TestRepo.init(tmp_path / "r", files={"only.md": "x\n"})
    put(repo, {"only.md": None})
    assert repo.git("ls-tree", "HEAD") == ""
    assert_clean(repo)


def test_a_folder_with_other_files_stays(repo: TestRepo) -> None:
    repo.write({"wrkq/portal/untracked.txt": "mine\n"})
    put(repo, {A: None, "wrkq/portal/b.md": None})
    assert repo.read("wrkq/portal/untracked.txt") == b"mine\n"


def test_names_sort_as_git_sorts_them(tmp_path: Path) -> None:
    repo = TestRepo.init(tmp_path / "r")
    names = ["a/x", "a.md", "a-b", "a0", "ab/c/d", "ab.c", "ab-c/d", "z"]
    put(repo, {name: name.encode() for name in names})
    assert_clean(repo)


def test_unborn_branch(tmp_path: Path) -> None:
    repo = TestRepo.init(tmp_path / "r")
    put(repo, {A: b"a\n"})
    assert repo.git("symbolic-ref", "HEAD") == "refs/heads/main"
    assert repo.git("rev-list", "--count", "HEAD") == "1"
    assert_clean(repo)


def test_unborn_branch_keeps_what_is_staged(tmp_path: Path) -> None:
    repo = TestRepo.init(tmp_path / "r")
    repo.write({"code.py": "x\n"})
    repo.git("add", "code.py")
    put(repo, {A: b"a\n"})
    assert repo.status() == ["A  code.py"]


def test_detached_head(repo: TestRepo) -> None:
    main = repo.head
    repo.git("checkout", "-q", "--detach")
    made = put(repo, {A: b"detached\n"})
    assert repo.head == made != main == repo.git("rev-parse", "main")
    assert_clean(repo)


def test_packed_refs(repo: TestRepo) -> None:
    repo.git("pack-refs", "--all")
    put(repo, {A: b"packed\n"})
    assert_clean(repo)


def test_reflog_says_what_moved_the_branch(repo: TestRepo) -> None:
    put(repo, {A: b"x\n"}, "wrkq: done a\n\nmore")
    assert repo.git("reflog", "-1", "--format=%gs") == "commit: wrkq: done a"


def test_everything_else_stays_as_it_was(repo: TestRepo) -> None:
    repo.commit({"del.txt": "d\n", "move.txt": "a long enough line\n", "src/two.py": "1\n", "mod.txt": "1\n"})
    repo.write({"src/main.py": "staged\n", "staged-new.txt": "n\n", "untracked.txt": "u\n"})
    repo.git("add", "src/main.py", "staged-new.txt")
    repo.git("rm", "-q", "del.txt")
    repo.git("mv", "move.txt", "moved.txt")
    repo.git("update-index", "--chmod=+x", "mod.txt")
    repo.write({"src/main.py": "staged, then more\n", "src/two.py": "unstaged\n", "README.md": None})
    before, index = repo.status(), repo.git("ls-files", "-s")
    put(repo, {"wrkq/portal/b.md": b"b2\n", "wrkq/portal/c.md": b"c\n"})
    assert repo.status() == before
    now = [row for row in repo.git("ls-files", "-s").splitlines() if "wrkq/portal" not in row]
    assert now == [row for row in index.splitlines() if "wrkq/portal" not in row]


def test_the_users_edits_of_the_same_file_stay_staged_and_unstaged(repo: TestRepo) -> None:
    repo.write({A: "title: a\nstaged: 1\n"})
    repo.git("add", A)
    repo.write({A: "title: a\nstaged: 1\nwork: 1\n"})
    head, staged, work = b"title: A\n", b"title: A\nstaged: 1\n", b"title: A\nstaged: 1\nwork: 1\n"
    write(repo, FileWrite(A, head, staged, work, work_old=repo.read(A), staged_old=repo.show(f":{A}")))
    assert (repo.show(f"HEAD:{A}"), repo.show(f":{A}"), repo.read(A)) == (head, staged, work)
    assert repo.status() == [f"MM {A}"]


def test_a_view_can_stay_unchanged(repo: TestRepo) -> None:
    repo.write({A: "edited\n"})
    write(repo, FileWrite(A, b"head\n", UNCHANGED, UNCHANGED))
    assert (repo.show(f"HEAD:{A}"), repo.show(f":{A}"), repo.read(A)) == (b"head\n", b"title: a\n", b"edited\n")
    write(repo, FileWrite(A, UNCHANGED, b"staged\n", UNCHANGED))
    assert (repo.show(f"HEAD:{A}"), repo.show(f":{A}"), repo.read(A)) == (b"head\n", b"staged\n", b"edited\n")


def test_executable_files_stay_executable(repo: TestRepo) -> None:
    (repo.path / A).chmod(0o755)
    repo.git("commit", "-qam", "x")
    put(repo, {A: b"#!/bin/sh\n"})
    assert repo.git("ls-files", "-s", A).startswith("100755")
    assert repo.git("ls-tree", "HEAD", A).startswith("100755")
    assert os.access(repo.path / A, os.X_OK)
    assert_clean(repo)


def test_permissions_of_a_file_stay_and_new_ones_follow_the_umask(repo: TestRepo) -> None:
    (repo.path / A).chmod(0o640)
    old = os.umask(0o027)
    try:
        put(repo, {A: b"x\n", "wrkq/n/new.md": b"n\n"})
    finally:
        os.umask(old)
    assert (repo.path / A).stat().st_mode & 0o777 == 0o640
    assert (repo.path / "wrkq/n/new.md").stat().st_mode & 0o777 == 0o640
    assert (repo.path / "wrkq/n").stat().st_mode & 0o777 == 0o750


def test_a_staged_chmod_stays_staged(repo: TestRepo) -> None:
    repo.git("update-index", "--chmod=+x", A)
    put(repo, {A: b"x\n"})
    assert repo.git("ls-files", "-s", A).startswith("100755")
    assert repo.git("ls-tree", "HEAD", A).startswith("100644")


def test_head_moved_before(repo: TestRepo) -> None:
    old = repo.head
    repo.commit({"x": "x"})
    before = repo.git("ls-files", "-s")
    steps: list[str] = []
    with pytest.raises(HeadMoved):
        write(repo, FileWrite(A, b"1", b"1", b"1", work_old=repo.read(A)), parent=old, step=steps.append)
    assert steps == ["built", "staged", "locked"]
    assert repo.git("ls-files", "-s") == before
    assert_clean(repo)


def test_head_moved_while_writing_takes_the_files_back(repo: TestRepo) -> None:
    """Only the compare-and-swap sees this one: somebody moved the branch without git's index lock."""

    def move(name: str) -> None:
        assert name != "ref"
        if name == "placed 0":
            tree = repo.git("rev-parse", "HEAD^{tree}")
            repo.git("update-ref", "HEAD", repo.git("commit-tree", "-p", "HEAD", "-m", "theirs", tree))

    with pytest.raises(HeadMoved):
        write(repo, FileWrite(A, b"1", b"1", b"1", work_old=repo.read(A)), step=move)
    assert repo.log()[0] == "theirs"
    assert repo.read(A) == b"title: a\n"
    assert_clean(repo)


@pytest.mark.parametrize("at", ["built", "staged", "locked", "copied"])
def test_an_edit_while_writing_is_a_conflict_and_survives(repo: TestRepo, at: str) -> None:
    def edit(name: str) -> None:
        if name == at:
            repo.write({"wrkq/portal/b.md": "mine\n"})

    head = repo.head
    with pytest.raises(WrkqError, match="changed while it was being written") as caught:
        put(repo, {A: b"1\n", "wrkq/portal/b.md": b"2\n"}, step=edit)
    assert caught.value.code == "conflict"
    assert repo.head == head
    assert repo.status() == [" M wrkq/portal/b.md"]
    assert repo.read("wrkq/portal/b.md") == b"mine\n"
    assert leftovers(repo) == []


@pytest.mark.parametrize("at", ["locked", "journal"])
def test_a_new_file_that_appears_meanwhile_is_not_overwritten(repo: TestRepo, at: str) -> None:
    def create(name: str) -> None:
        if name == at:
            repo.write({"wrkq/new.md": "theirs\n"})

    with pytest.raises(WrkqError) as caught:
        put(repo, {A: b"1\n", "wrkq/new.md": b"ours\n"}, step=create)
    assert caught.value.code == "conflict"
    assert repo.read("wrkq/new.md") == b"theirs\n"
    assert repo.status() == ["?? wrkq/new.md"]


def test_an_entry_staged_meanwhile_is_a_conflict(repo: TestRepo) -> None:
    where = ours(repo)
    (planned,) = same_everywhere(where, {A: b"ours\n"})
    repo.write({A: "staged\n"})
    repo.git("add", A)
    repo.write({A: "title: a\n"})
    with pytest.raises(WrkqError, match="changed while"):
        write(repo, planned)
    assert repo.show(f":{A}") == b"staged\n"
    assert leftovers(repo) == []


def test_unmerged_entries_are_refused(repo: TestRepo) -> None:
    repo.git("checkout", "-qb", "other")
    repo.commit({A: "theirs\n"})
    repo.git("checkout", "-q", "main")
    repo.commit({A: "ours\n"})
    repo.run("merge", "other")
    before = repo.git("ls-files", "-s")
    with pytest.raises(WrkqError, match="unresolved merge conflict"):
        put(repo, {A: b"x\n"})
    assert repo.git("ls-files", "-s") == before
    assert leftovers(repo) == []


def test_a_commit_that_holds_the_index_makes_us_wait_and_write_nothing(repo: TestRepo, tmp_path: Path) -> None:
    """``git commit -a`` holds index.lock while its editor is open."""
    ready, go = tmp_path / "ready", tmp_path / "go"
    editor = tmp_path / "editor"
    editor.write_text(f'#!/bin/sh\ntouch "{ready}"\nwhile [ ! -e "{go}" ]; do sleep 0.02; done\necho theirs > "$1"\n')
    editor.chmod(0o755)
    repo.write({"src/main.py": "theirs\n"})
    human = subprocess.Popen(["git", "commit", "-qa"], cwd=repo.path, env={**os.environ, "GIT_EDITOR": str(editor)})
    while not ready.exists():
        assert human.poll() is None
    head = repo.git("rev-parse", "HEAD")
    with pytest.raises(WrkqError) as caught:
        put(repo, {A: b"ours\n"}, timeout=0.3)
    assert caught.value.code == "busy"
    assert "index.lock" in caught.value.hint
    assert repo.read(A) == b"title: a\n"
    assert repo.git("rev-parse", "HEAD") == head
    go.touch()
    assert human.wait(timeout=20) == 0
    put(repo, {A: b"ours\n"})
    assert repo.log()[:2] == ["wrkq: change", "theirs"]
    assert_clean(repo)


def test_waits_for_a_short_lock(repo: TestRepo) -> None:
    lock = repo.git_dir / "index.lock"
    lock.touch()
    helper = subprocess.Popen(["sh", "-c", f'sleep 0.3; rm "{lock}"'])
    put(repo, {A: b"x\n"}, timeout=10)
    helper.wait()
    assert_clean(repo)


def test_a_person_s_lock_is_never_removed(repo: TestRepo) -> None:
    lock = repo.git_dir / "index.lock"
    lock.write_bytes(b"DIRC")
    with pytest.raises(WrkqError):
        put(repo, {A: b"x\n"}, timeout=0.05)
    assert lock.read_bytes() == b"DIRC"


def test_no_hook_of_the_repository_runs(repo: TestRepo) -> None:
    hooks = repo.git_dir / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in (
        "pre-commit",
        "commit-msg",
        "post-commit",
        "reference-transaction",
        "post-index-change",
        "post-rewrite",
    ):
        (hooks / name).write_text(f'#!/bin/sh\necho {name} >> "{repo.path}/../ran"\nexit 1\n')
        (hooks / name).chmod(0o755)
    put(repo, {A: b"x\n"})
    assert not (repo.path / "../ran").exists()


def test_identity_comes_from_the_caller_s_environment(repo: TestRepo) -> None:
    env = {"GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.com", "GIT_AUTHOR_DATE": "1700000000 +0000"}
    put(repo, {A: b"x\n"}, actor_env=env)
    assert repo.git("log", "-1", "--format=%an %ae %at %cn") == "Ada ada@example.com 1700000000 Robin Example"


def test_without_an_identity_nothing_is_written(repo: TestRepo, home: Path) -> None:
    (home / ".gitconfig").write_text("[user]\n\tuseConfigOnly = true\n")
    head = repo.head
    with pytest.raises(WrkqError) as caught:
        put(repo, {A: b"x\n"})
    assert caught.value.code == "no_identity"
    assert "git config --global user.email" in caught.value.hint
    assert repo.head == head
    assert_clean(repo)
    env = {f"GIT_{who}_{what}": "x@y" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    put(repo, {A: b"x\n"}, actor_env=env)


@pytest.mark.parametrize(
    "path", ["../x", "/etc/x", "a//b", "a/./b", ".git/config", "a/.GIT/hooks/x", "", "a\0b", "wrkq/../../x"]
)
def test_paths_that_lead_out_are_refused(repo: TestRepo, path: str) -> None:
    with pytest.raises(WrkqError) as caught:
        write(repo, FileWrite(path, b"x", b"x", b"x"))
    assert caught.value.code == "refused"
    assert_clean(repo)


def test_symbolic_links_are_not_followed(repo: TestRepo, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (repo.path / "wrkq/link").symlink_to(outside)
    (repo.path / "wrkq/file.md").symlink_to(repo.path / A)
    for path in ("wrkq/link/x.md", "wrkq/file.md", "wrkq/portal"):
        with pytest.raises(WrkqError) as caught:
            write(repo, FileWrite(path, b"x", b"x", b"x", work_old=b"title: a\n"))
        assert caught.value.code == "refused"
    assert list(outside.iterdir()) == []
    assert repo.read(A) == b"title: a\n"
    assert leftovers(repo) == []


def test_a_symbolic_link_in_head_is_refused(repo: TestRepo) -> None:
    (repo.path / "wrkq/l.md").symlink_to("portal/a.md")
    repo.git("add", ".")
    repo.git("commit", "-qm", "link")
    with pytest.raises(WrkqError, match="symbolic link"):
        write(repo, FileWrite("wrkq/l.md", b"x", b"x", UNCHANGED))
    assert_clean(repo)


def test_many_files_in_one_commit(repo: TestRepo) -> None:
    put(repo, {f"wrkq/many/{n:04}.md": b"%d\n" % n for n in range(1500)})
    assert len(repo.git("ls-files", "wrkq/many").splitlines()) == 1500
    assert repo.git("diff-files") == ""  # the index knows their times
    assert repo.git("count-objects", "-v").splitlines()[0] != "count: 1500"
    assert_clean(repo)


def test_big_content(repo: TestRepo) -> None:
    data = os.urandom(3_000_000)
    put(repo, {A: data, "wrkq/zero.md": b""})
    assert repo.show(f"HEAD:{A}") == data
    assert_clean(repo)


def test_git_packs_when_there_are_many_loose_objects(repo: TestRepo) -> None:
    repo.git("config", "gc.auto", "6700")
    texts = (b"%d" % n for n in itertools.count())
    for data in itertools.islice((data for data in texts if blob_id(data, "sha1").startswith("17")), 30):
        repo.git("hash-object", "-w", "--stdin", input=data)
    put(repo, {A: b"x\n"})
    until = time.monotonic() + 20
    while not list((repo.git_dir / "objects" / "pack").glob("*.pack")):
        assert time.monotonic() < until
        time.sleep(0.05)
    while (repo.git_dir / "gc.pid").exists() or (repo.git_dir / "gc.pid.lock").exists():
        time.sleep(0.05)
    assert repo.show(f"HEAD:{A}") == b"x\n"


def test_a_file_system_without_hard_links(repo: TestRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    put(repo, {A: b"1\n", "wrkq/portal/b.md": None, "wrkq/new.md": b"n\n"})
    assert_clean(repo)
    (repo.git_dir / "index.lock").touch()
    with pytest.raises(WrkqError, match="locked by another"):
        put(repo, {A: b"2\n"}, timeout=0.05)
    (repo.git_dir / "index.lock").unlink()

    def create(name: str) -> None:
        if name == "journal":
            repo.write({"wrkq/late.md": "theirs\n"})

    with pytest.raises(WrkqError, match="changed while"):
        put(repo, {A: b"2\n", "wrkq/late.md": b"ours\n"}, step=create)
    assert repo.read(A) == b"1\n"
    assert repo.read("wrkq/late.md") == b"theirs\n"
    assert leftovers(repo) == []


def test_a_folder_where_a_file_was_and_the_other_way_round(repo: TestRepo) -> None:
    with pytest.raises(WrkqError) as caught:
        put(repo, {f"{A}/below.md": b"x\n"})
    assert caught.value.code in ("conflict", "refused")
    with pytest.raises(WrkqError):
        put(repo, {"wrkq/portal": b"x\n"})
    assert_clean(repo)
