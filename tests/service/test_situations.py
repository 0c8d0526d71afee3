"""Requests in repositories of every kind and state: files, HEAD, git's index and ours agree afterwards."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.service.worker import agree, changed_files, leftovers, opened, snapshot, views
from tests.support import mounts
from tests.support.repos import TestRepo
from tests.support.sandbox import COMMIT, FILES_ONLY, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.service import create, move, remove, setup, status, update
from wrkq_files.service.change import Options
from wrkq_files.service.tracker import Door

PATH = "inbox/fix-it.md"


def every_kind(box: Sandbox) -> str:
    """One request of each kind that writes; the task that is left."""
    first, second = box.add("Fix it"), box.add("Throw away")
    update.set_fields(box.tracker, [first], update.Assignments([("priority", "1")], add_labels=["auth"]), COMMIT)
    create.mkdir(box.tracker, ["portal"], COMMIT, kind="project")
    move.mv(box.tracker, [first], "portal", COMMIT)
    create.mkdir(box.tracker, ["archive"], COMMIT)
    move.mv(box.tracker, ["portal"], "archive", COMMIT)
    remove.rm(box.tracker, [second], COMMIT, purge=True)
    remove.rm(box.tracker, [first], COMMIT)
    return first


def works(box: Sandbox, status: tuple[str, ...] = ()) -> None:
    every_kind(box)
    agree(box.tracker, status)
    text = box.text("archive/portal/fix-it.md")
    assert "priority: 1" in text
    assert box.repo.show(f"HEAD:{box.name('archive/portal/fix-it.md')}") == text.encode()
    box.repo.fsck()


# Where HEAD is


def test_first_commit_by_a_write_holds_that_file_alone(tmp_path: Path) -> None:
    box = Sandbox(tmp_path / "r")
    box.add("Fix it")
    assert box.repo.log() == ["inbox/fix-it: created"]
    assert changed_files(box.repo, "HEAD") == ["wrkq/inbox/fix-it.md"]
    untracked = [".gitattributes", "_actors/robin.md", "inbox/README.md", "wrkq.yaml"]
    agree(box.tracker, [f"?? wrkq/{path}" for path in untracked])


def test_first_commit_by_commit_all(tmp_path: Path) -> None:
    box = Sandbox(tmp_path / "r")
    box.add("Fix it", options=FILES_ONLY)
    made = status.commit_all(box.tracker, Options())
    assert made.status == "committed"
    assert box.repo.git("rev-list", "--count", "HEAD") == "1"
    agree(box.tracker)


def test_unborn_branch_keeps_what_a_person_has_staged(tmp_path: Path) -> None:
    box = Sandbox(tmp_path / "r")
    box.repo.write({"code.py": "a\n"})
    box.repo.git("add", "code.py")
    status.commit_all(box.tracker, Options())
    works(box, ("A  code.py",))


def test_detached_head(box: Sandbox) -> None:
    main = box.repo.head
    box.repo.git("checkout", "-q", "--detach")
    works(box)
    assert box.repo.git("rev-parse", "main") == main != box.repo.head
    assert box.repo.run("symbolic-ref", "-q", "HEAD").returncode


def test_bare_repository(tmp_path: Path) -> None:
    bare = TestRepo.init(tmp_path / "r.git", "--bare")
    for ask in (lambda: opened(bare.path), lambda: setup.init(Door(bare.path, None, None))):  # type: ignore[arg-type]
        with pytest.raises(WrkqError, match="bare") as caught:
            ask()
        assert caught.value.code == "bare_repository"
        assert "worktree" in caught.value.hint


def test_no_repository_and_no_tracker(tmp_path: Path) -> None:
    with pytest.raises(WrkqError) as caught:
        opened(tmp_path)
    assert caught.value.code == "not_a_repository"
    repo = TestRepo.init(tmp_path / "r", files={"a/b/wrkq.yaml": "format: 1\n", "c/x": "x\n"})
    with pytest.raises(WrkqError) as caught:
        opened(repo.path / "c")
    assert (caught.value.code, caught.value.details) == ("no_tracker", {"trackers": ["a/b"]})


def test_a_way_in_through_a_symbolic_link(box: Sandbox, tmp_path: Path) -> None:
    """The shell's own idea of the working directory may lead through a link."""
    (tmp_path / "link").symlink_to(box.root)
    tracker = opened(tmp_path / "link" / "inbox")
    create.add(tracker, "Through", create.New(), COMMIT)
    assert tracker.root == box.root.resolve()
    agree(tracker)


# git in the middle of something


def diverge(box: Sandbox) -> None:
    """A branch `side` that conflicts in code.txt, and two commits to bisect."""
    box.repo.commit({"code.txt": "base\n"}, "base")
    box.repo.git("checkout", "-q", "-b", "side")
    box.repo.commit({"code.txt": "side\n"}, "side")
    box.repo.git("checkout", "-q", "main")
    box.repo.commit({"code.txt": "main\n"}, "main")


@pytest.mark.parametrize(
    ("operation", "commands", "status"),
    [
        ("merge", "merge side", "UU code.txt"),
        ("rebase", "rebase side", "UU code.txt"),
        ("cherry-pick", "cherry-pick side", "UU code.txt"),
        ("revert", "revert --no-edit HEAD~1", "UD code.txt"),
        ("bisect", "bisect start HEAD HEAD~2", ""),
        ("merge", "merge side|add code.txt", "M  code.txt"),
        ("unmerged", "stash pop", "UU code.txt"),
    ],
)
def test_git_in_the_middle_of_something(box: Sandbox, operation: str, commands: str, status: str) -> None:
    task = box.add("Fix it")
    diverge(box)
    if operation == "unmerged":
        box.repo.write({"code.txt": "stashed\n"})
        box.repo.git("stash", "-q")
        box.repo.commit({"code.txt": "meanwhile\n"}, "meanwhile")
    if operation == "merge" and "add" in commands:
        box.repo.run("merge", "-q", "side")
        box.repo.write({"code.txt": "resolved\n"})
    for command in commands.split("|"):
        box.repo.run(*command.split())
    before, entries = box.repo.head, box.repo.git("ls-files", "-s")
    made = box.set(task, priority="1")
    assert made.status == "written"
    assert any(operation in note and "not committed" in note for note in made.notes)
    assert (box.repo.head, box.repo.git("ls-files", "-s")) == (before, entries)
    assert "priority: 1" in box.text(PATH)
    agree(box.tracker, [f" M wrkq/{PATH}", *([status] if status else [])])


@pytest.mark.parametrize(
    ("command", "way_out"),
    [
        ("merge side", "git merge --continue"),
        ("rebase side", "git rebase --continue"),
        ("bisect start HEAD HEAD~2", "git bisect reset"),
    ],
)
def test_commit_all_is_refused_meanwhile_and_says_what_ends_it(box: Sandbox, command: str, way_out: str) -> None:
    task = box.add("Fix it")
    diverge(box)
    box.set(task, FILES_ONLY, priority="1")
    box.repo.run(*command.split()) if command.startswith("bisect") else None
    if not command.startswith("bisect"):
        box.repo.git("stash", "-q")
        box.repo.run(*command.split())
        box.set(task, FILES_ONLY, priority="1")
    before = snapshot(box.repo)
    with pytest.raises(WrkqError) as caught:
        status.commit_all(box.tracker, Options())
    assert caught.value.code == "refused"
    assert way_out in caught.value.hint
    assert snapshot(box.repo) == before


def test_unmerged_entries_elsewhere_stop_commit_all_too(box: Sandbox) -> None:
    task = box.add("Fix it")
    diverge(box)
    box.repo.write({"code.txt": "stashed\n"})
    box.repo.git("stash", "-q")
    box.repo.commit({"code.txt": "meanwhile\n"}, "meanwhile")
    box.repo.run("stash", "pop")
    box.set(task, FILES_ONLY, priority="1")
    before = snapshot(box.repo)
    with pytest.raises(WrkqError, match="unmerged"):
        status.commit_all(box.tracker, Options())
    assert snapshot(box.repo) == before


def test_a_tracker_file_that_is_unmerged(box: Sandbox) -> None:
    """It holds conflict markers: it is named, never overwritten, and `status` says what it is."""
    task = box.add("Fix it")
    box.repo.git("checkout", "-q", "-b", "side")
    box.set(task, priority="1")
    box.repo.git("checkout", "-q", "main")
    box.set(task, priority="2")
    box.repo.run("merge", "-q", "side")
    before = snapshot(box.repo)
    with pytest.raises(WrkqError) as caught:
        box.set(task, assignee="robin")
    assert caught.value.code == "unreadable"
    assert snapshot(box.repo) == before
    found = status.status(box.tracker)
    assert [(each.path, each.status) for each in found.pending] == [(PATH, "unmerged")]
    assert [finding.path for finding in found.broken] == [PATH]


# Repositories and worktrees of every kind


def test_linked_worktree(box: Sandbox, tmp_path: Path) -> None:
    task = box.add("Fix it")
    box.repo.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    side = opened(tmp_path / "side")
    before = snapshot(box.repo)
    update.set_fields(side, [task], update.Assignments([("priority", "1")]), COMMIT)
    assert snapshot(box.repo) == before
    assert TestRepo(tmp_path / "side").log("-1", "side") == ["inbox/fix-it: priority 1"]
    box.set(task, priority="4")
    agree(box.tracker)
    agree(opened(tmp_path / "side"))
    assert b"priority: 1" in (tmp_path / "side/wrkq" / PATH).read_bytes()
    assert side.index.status()["path"] != box.tracker.index.status()["path"]


def test_submodule(tmp_path: Path) -> None:
    inner = Sandbox(tmp_path / "inner")
    inner.commit_all()
    outer = TestRepo.init(tmp_path / "outer", files={"code.py": "a\n"})
    outer.git("submodule", "add", "-q", str(inner.repo.path), "plan")
    outer.git("commit", "-qm", "plan")
    before = outer.head
    tracker = opened(outer.path / "plan")
    create.add(tracker, "Fix it", create.New(), COMMIT)
    agree(tracker)
    assert outer.head == before
    assert outer.status() == [" M plan"]
    with pytest.raises(WrkqError) as caught:
        opened(outer.path)
    assert caught.value.code == "no_tracker"


def test_tracker_at_the_root_beside_code(tmp_path: Path) -> None:
    repo = TestRepo.init(tmp_path / "r", files={"src/guide.md": "# Code's\n", "README.md": "# Code\n", "x.py": "x\n"})
    box = Sandbox(repo.path, folder=".")
    assert box.tracker.config.ignore == ("/src",)
    box.commit_all()
    repo.write({"src/guide.md": "# Changed\n", "README.md": "# Changed\n", "x.py": "y\n"})
    repo.git("add", "x.py")
    mine = (" M README.md", " M src/guide.md", "M  x.py")
    works(box, mine)
    assert status.commit_all(box.tracker, Options()).status == "unchanged"
    agree(box.tracker, mine)


@pytest.mark.parametrize("folder", ["wrkq", "plan/tracker", "mit Leerzeichen/ä ß 日本", "-n", 'it\'s "x"'])
def test_folders_and_names(tmp_path: Path, folder: str) -> None:
    box = Sandbox(tmp_path / "Répertoire with spaces" / "r", folder=folder)
    box.cwd = box.root
    box.commit_all()
    works(box)
    box.write("inbox/Nôte mit Leer.txt", "x\n")
    assert status.commit_all(box.tracker, Options()).status == "committed"
    agree(box.tracker)


@pytest.mark.parametrize("attributes", [True, False])
def test_autocrlf(box: Sandbox, attributes: bool) -> None:
    """A file that git checked out with CRLF counts as clean, keeps its line ends, and is LF in git."""
    task = box.add("Fix it")
    if not attributes:
        box.repo.commit({"wrkq/.gitattributes": None}, "no attributes")
    box.repo.git("config", "core.autocrlf", "true")
    box.repo.git("rm", "-q", "-r", "--cached", ".")
    box.repo.git("reset", "-q", "--hard")
    end = "\n" if attributes else "\r\n"
    box.write(PATH, box.text(PATH).replace("\r\n", "\n").replace("\n", end))
    assert box.repo.status() == []
    box.set(task, priority="1")
    assert f"priority: 1{end}" in box.text(PATH)
    agree(box.tracker)
    head = box.repo.show(f"HEAD:wrkq/{PATH}")
    assert head is not None
    assert b"\r" not in head
    box.replace(PATH, "title: Fix it", "title: Fix it well")
    box.set(task, priority="2")
    head, staged, work = views(box.repo, f"wrkq/{PATH}")
    assert head == staged
    assert head is not None
    assert b"title: Fix it\n" in head
    assert b"priority: 2\n" in head
    assert work is not None
    assert f"title: Fix it well{end}".encode() in work
    agree(box.tracker, [f" M wrkq/{PATH}"])


def test_autocrlf_is_no_edit_that_a_purge_would_lose(box: Sandbox) -> None:
    task = box.add("Fix it")
    box.repo.commit({"wrkq/.gitattributes": None}, "no attributes")
    box.repo.git("config", "core.autocrlf", "true")
    box.write(PATH, box.text(PATH).replace("\n", "\r\n"))
    assert status.status(box.tracker).pending == []
    remove.rm(box.tracker, [task], COMMIT, purge=True)
    assert box.repo.show(f"HEAD:wrkq/{PATH}") is None
    agree(box.tracker)


def test_crlf_files_stay_so(box: Sandbox) -> None:
    task = box.add("Fix it")
    box.write(PATH, box.text(PATH).replace("\n", "\r\n"))
    box.commit_all()
    box.set(task, priority="1")
    assert b"priority: 1\r\n" in (views(box.repo, f"wrkq/{PATH}")[0] or b"")
    agree(box.tracker)


def test_split_index(box: Sandbox) -> None:
    box.repo.git("config", "core.splitIndex", "true")
    box.repo.git("update-index", "--split-index")
    works(box)
    assert list(box.repo.git_dir.glob("sharedindex.*"))


def sparse(box: Sandbox, *options: str) -> None:
    # git 2.39 leaves files in place whose times it has not noted yet; `git status` notes them.
    box.repo.status()
    box.repo.git("sparse-checkout", "init", "--cone", *options)
    box.repo.git("sparse-checkout", "set", "wrkq/inbox", "wrkq/_actors")
    assert not (box.root / "hidden").exists()


@pytest.mark.parametrize("cone", ["--no-sparse-index", "--sparse-index"])
def test_sparse_checkout(box: Sandbox, cone: str) -> None:
    """What is kept out of the worktree stays out of it, and is never written over."""
    box.repo.commit({"code/x.py": "x\n", "docs/y.md": "y\n"})
    create.mkdir(box.tracker, ["hidden"], COMMIT)
    task = box.add("Fix it", into="hidden")
    sparse(box, cone)
    with pytest.raises(WrkqError) as caught:
        box.set(task, priority="1")
    assert caught.value.code == "not_found"
    works(box)
    assert not (box.root / "hidden").exists()
    assert box.repo.show("HEAD:wrkq/hidden/fix-it.md") is not None


def test_a_new_file_never_replaces_one_that_a_sparse_checkout_hides(box: Sandbox) -> None:
    create.mkdir(box.tracker, ["hidden"], COMMIT)
    box.add("Fix it", into="hidden")
    sparse(box)
    before = snapshot(box.repo)
    for options in (COMMIT, FILES_ONLY, Options(commit=True, with_edits=True)):
        with pytest.raises(WrkqError, match="sparse checkout") as caught:
            create.mkdir(box.tracker, ["hidden"], options)
        assert caught.value.code == "exists"
        assert "git sparse-checkout add wrkq/hidden" in caught.value.hint
    assert snapshot(box.repo) == before


def test_a_new_file_never_takes_a_deletion_of_the_person_along(box: Sandbox) -> None:
    task = box.add("Fix it")
    (box.root / PATH).unlink()
    before = snapshot(box.repo)
    with pytest.raises(WrkqError, match="not committed") as caught:
        box.add("Fix it")
    assert caught.value.code == "dirty_file"
    assert snapshot(box.repo) == before
    assert box.add("Fix it", options=Options(commit=True, with_edits=True)) != task
    agree(box.tracker)


def test_sha256(tmp_path: Path) -> None:
    box = Sandbox(tmp_path / "r", options=("--object-format=sha256",))
    box.commit_all()
    works(box)
    assert len(box.repo.head) == 64


def test_two_trackers_in_one_repository(tmp_path: Path) -> None:
    box = Sandbox(tmp_path / "r", folder="one")
    setup.init(box.door, "two")
    box.commit_all()
    one, two = opened(box.repo.path / "one"), opened(box.repo.path / "two")
    first = create.add(one, "First", create.New(), COMMIT).data["created"][0]["id"]
    before = (box.repo.path / "one/inbox/first.md").read_bytes()
    create.add(two, "Second", create.New(), COMMIT)
    assert changed_files(box.repo, "HEAD") == ["two/inbox/second.md"]
    assert (box.repo.path / "one/inbox/first.md").read_bytes() == before
    assert one.index.status()["path"] != two.index.status()["path"]
    assert not two.index.by_id(first)
    (box.repo.path / "two/wrkq.yaml").write_text("format: 1\ncommit:\n  mode: manual\n")
    assert opened(two.root).config.commit_mode == "manual"
    assert opened(one.root).config.commit_mode == "auto"
    assert status.commit_all(opened(one.root), Options()).status == "unchanged"
    assert status.commit_all(opened(two.root), Options()).paths == ("two/wrkq.yaml",)
    agree(opened(one.root))
    agree(opened(two.root))


def test_the_folder_wrkq_does_not_own_its_neighbours(tmp_path: Path) -> None:
    """`wrkq-old/` begins with the same letters."""
    box = Sandbox(tmp_path / "r")
    box.repo.write({"wrkq-old/inbox/fix.md": "---\ntitle: x\n---\n" * 3})
    box.commit_all()
    box.repo.write({"wrkq-old/inbox/fix.md": "changed\n"})
    assert status.commit_all(box.tracker, Options()).status == "unchanged"
    box.repo.git("checkout", "-q", ".")
    box.repo.git("mv", "wrkq-old/inbox/fix.md", "wrkq/inbox/fix.md")
    made = status.commit_all(box.tracker, Options(force=True))
    assert made.paths == ("wrkq/inbox/fix.md",)
    agree(box.tracker, ["D  wrkq-old/inbox/fix.md"])


# Who commits


def test_no_identity(box: Sandbox, home: Path) -> None:
    task = box.add("Fix it")
    (home / ".gitconfig").write_text("[user]\n\tuseConfigOnly = true\n")
    before = box.repo.head
    with pytest.raises(WrkqError) as caught:
        box.set(task, priority="1")
    assert caught.value.code == "no_identity"
    assert "git config user.name" in caught.value.hint
    assert "git config user.email" in caught.value.hint
    assert "priority: 1" in box.text(PATH)
    assert box.repo.head == before
    agree(box.tracker, [f" M wrkq/{PATH}"])
    with pytest.raises(WrkqError) as caught:
        status.commit_all(box.tracker, Options())
    assert caught.value.code == "no_identity"
    agree(box.tracker, [f" M wrkq/{PATH}"])
    (home / ".gitconfig").write_text("[user]\n\tname = Robin\n\temail = robin@example.com\n")
    status.commit_all(box.tracker, Options())
    agree(box.tracker)


def test_signing(box: Sandbox, home: Path) -> None:
    if not shutil.which("ssh-keygen"):
        pytest.skip("ssh-keygen is not installed, so there is no key to sign with")
    key = home / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    (home / "allowed").write_text(f"robin@example.com {key.with_suffix('.pub').read_text()}")
    settings = {
        "gpg.format": "ssh",
        "user.signingKey": str(key),
        "commit.gpgSign": "true",
        "gpg.ssh.allowedSignersFile": str(home / "allowed"),
    }
    for name, value in settings.items():
        box.repo.git("config", name, value)
    task = box.add("Fix it")
    box.set(task, FILES_ONLY, priority="1")
    status.commit_all(box.tracker, Options())
    for commit in ("HEAD", "HEAD~1"):
        box.repo.git("verify-commit", commit)
    agree(box.tracker)


def test_a_signing_key_that_is_gone(box: Sandbox, home: Path) -> None:
    task = box.add("Fix it")
    for name, value in {"gpg.format": "ssh", "user.signingKey": str(home / "no"), "commit.gpgSign": "true"}.items():
        box.repo.git("config", name, value)
    before = snapshot(box.repo)
    with pytest.raises(WrkqError) as caught:
        box.set(task, priority="1")
    assert caught.value.code == "git"
    assert snapshot(box.repo) == before


@pytest.mark.parametrize("hook", ["pre-commit", "commit-msg", "prepare-commit-msg", "reference-transaction"])
def test_hooks_do_not_run(box: Sandbox, hook: str) -> None:
    place = box.repo.git_dir / "hooks" / hook
    place.parent.mkdir(exist_ok=True)
    place.write_text(f"#!/bin/sh\ntouch {box.repo.git_dir}/ran\nexit 1\n")
    place.chmod(0o755)
    works(box)
    box.write("inbox/note.md", "a note\n")
    status.commit_all(box.tracker, Options())
    assert not (box.repo.git_dir / "ran").exists()


# What is committed when


@pytest.mark.parametrize(
    ("mode", "asked", "status"),
    [
        ("auto", None, "committed"),
        ("auto", False, "written"),
        ("auto", True, "committed"),
        ("manual", None, "written"),
        ("manual", False, "written"),
        ("manual", True, "committed"),
    ],
)
def test_commit_mode(box: Sandbox, mode: str, asked: bool | None, status: str) -> None:
    box.replace("wrkq.yaml", "mode: auto", f"mode: {mode}")
    box.repo.git("commit", "-qam", "mode", "--allow-empty")
    before = box.repo.head
    made = create.add(box.tracker, "Fix it", create.New(), Options(commit=asked))
    assert (made.status, made.notes) == (status, ())
    committed = status == "committed"
    assert (box.repo.head != before, made.commit) == (committed, box.repo.head if committed else None)
    agree(box.tracker, [] if committed else [f"?? wrkq/{PATH}"])


def test_manual_writes_leave_git_s_index_alone(box: Sandbox) -> None:
    task = box.add("Fix it")
    before = (box.repo.git_dir / "index").read_bytes()
    box.set(task, FILES_ONLY, priority="1")
    create.mkdir(box.tracker, ["portal"], FILES_ONLY)
    move.mv(box.tracker, [task], "portal", FILES_ONLY)
    assert (box.repo.git_dir / "index").read_bytes() == before
    agree(box.tracker, [f" D wrkq/{PATH}", "?? wrkq/portal/README.md", "?? wrkq/portal/fix-it.md"])


def test_nothing_to_change_makes_no_commit(box: Sandbox) -> None:
    task = box.add("Fix it")
    box.set(task, priority="1")
    before = snapshot(box.repo)
    assert box.set(task, priority="1").status == "unchanged"
    assert snapshot(box.repo) == before


@pytest.mark.parametrize("options", [COMMIT, FILES_ONLY])
def test_dry_run_writes_nothing(box: Sandbox, options: Options) -> None:
    task = box.add("Fix it")
    before = snapshot(box.repo)
    dry = Options(commit=options.commit, dry_run=True)
    made = box.set(task, dry, priority="1")
    assert made.status == "dry-run"
    assert "+priority: 1" in made.diff
    box.write("inbox/note.md", "a note\n")
    before = snapshot(box.repo)
    assert status.commit_all(box.tracker, dry).status == "dry-run"
    assert snapshot(box.repo) == before


# File systems that refuse


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1.5 MB that can be filled and made read-only."""
    with mounts.small(tmp_path / "mnt", "1536k") as target:
        yield target


@pytest.mark.parametrize("options", [COMMIT, FILES_ONLY])
def test_read_only_file_system(mounted: Path, options: Options) -> None:
    box = Sandbox(mounted / "r")
    task = box.add("Fix it")
    box.commit_all()
    before = snapshot(box.repo)
    gc.collect()  # closes the indexes of those trackers
    subprocess.run(["mount", "-o", "remount,ro", str(mounted)], check=True)
    for ask in (
        lambda: box.set(task, options, priority="1"),
        lambda: box.add("Another", options=options),
        lambda: remove.rm(box.tracker, [task], options, purge=True),
        lambda: status.commit_all(box.tracker, options),
    ):
        with pytest.raises(WrkqError) as caught:
            ask()
        assert caught.value.code == "io"
        assert "Read-only" in caught.value.message
    assert snapshot(box.repo) == before
    assert status.status(box.tracker).pending == []


def bind_read_only(place: Path) -> None:
    subprocess.run(["mount", "--bind", str(place), str(place)], check=True)
    subprocess.run(["mount", "-o", "remount,ro,bind", str(place)], check=True)


@pytest.mark.parametrize("part", ["wrkq", ".git"])
@pytest.mark.parametrize("options", [COMMIT, FILES_ONLY])
def test_read_only_worktree_or_git_folder(mounted: Path, part: str, options: Options) -> None:
    box = Sandbox(mounted / "r")
    task = box.add("Fix it")
    box.commit_all()
    before = snapshot(box.repo)
    bind_read_only(box.repo.path / part)
    try:
        for ask in (lambda: box.set(task, options, priority="1"), lambda: box.add("Another", options=options)):
            with pytest.raises(WrkqError) as caught:
                ask()
            assert caught.value.code == "io"
        assert snapshot(box.repo) == before
    finally:
        subprocess.run(["umount", str(box.repo.path / part)], check=True)
    box.set(task, priority="1")
    agree(box.tracker)


@pytest.mark.parametrize("options", [COMMIT, FILES_ONLY])
@pytest.mark.parametrize("free", [0, 4, 12, 32, 48, 64, 80, 112])
def test_full_file_system(mounted: Path, free: int, options: Options) -> None:
    box = Sandbox(mounted / "r")
    task = box.add("Fix it")
    box.commit_all()
    box.tracker.index.refresh()
    before = snapshot(box.repo)
    fill(mounted, free)
    body = os.urandom(12_000).hex()
    code = attempt(lambda: update.set_fields(box.tracker, [task], update.Assignments([("summary", body)]), options))
    assert code in ("", "io", "git", "index")
    (mounted / "filler").unlink()
    if code:
        assert snapshot(box.repo) == before
    assert leftovers(box.repo) == []
    box.set(task, options, priority="1")
    if options is COMMIT:
        agree(box.tracker)
    assert (body in box.text(PATH)) == (not code)


def attempt(work: Callable[[], object]) -> str:
    """The code of the refusal, empty when there was none."""
    try:
        work()
    except WrkqError as error:
        return error.code
    return ""


def fill(mounted: Path, free: int) -> None:
    with (mounted / "filler").open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(b"x" * 4096)
        except OSError:
            filler.truncate(filler.tell() - free * 1024)
