"""``wrkq doctor``: each thing is really broken, seen, mended where that is safe, and looked at again."""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from tests.support import mounts
from tests.support.repos import TestRepo
from tests.support.sandbox import Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.files.config_file import FORMAT
from wrkq_files.git import health as git_health
from wrkq_files.git.lock import worktree_lock
from wrkq_files.index import pointer
from wrkq_files.service import doctor, hooks
from wrkq_files.service.doctor import Check, Row

TASK = "inbox/hello.md"


@pytest.fixture
def well(box: Sandbox) -> Sandbox:
    """A tracker with a task, its index on the disk."""
    box.add("Hello")
    refreshed(box)
    return box


def refreshed(box: Sandbox) -> None:
    with box.tracker.index as index:
        index.refresh()
    gc.collect()  # trackers of earlier requests, which each process closes as it ends


def row(box: Sandbox, name: str) -> Row:
    return next(each for each in doctor.examine(box.door) if each.name == name)


def ill(box: Sandbox) -> dict[str, Row]:
    """What is not well, by name."""
    return {each.name: each for each in doctor.examine(box.door) if each.status != "ok"}


def mended(box: Sandbox) -> dict[str, str]:
    """What ``--fix`` did, by name; none of it failed."""
    done = doctor.mend(box.door, doctor.examine(box.door))
    assert [each.error for each in done if each.error] == []
    return {each.name: each.done for each in done}


def snapshot(box: Sandbox) -> dict[str, bytes]:
    """Every file of the worktree and of our folder in .git."""
    places = [*box.root.rglob("*"), *(box.repo.git_dir / "wrkq").rglob("*")]
    return {str(place): place.read_bytes() for place in places if place.is_file()}


def generation(box: Sandbox) -> Path:
    folder = box.tracker.place.folder
    named = pointer.read(folder)
    assert named is not None
    return folder / named.file


def test_all_is_well_and_nothing_is_touched(well: Sandbox) -> None:
    before = snapshot(well)
    assert ill(well) == {}
    assert {path: data for path, data in snapshot(well).items() if "write.lock" not in path} == {
        path: data for path, data in before.items() if "write.lock" not in path
    }
    assert doctor.mend(well.door, doctor.examine(well.door)) == []


def test_a_remedy_stands_wherever_something_is_wrong(well: Sandbox) -> None:
    well.write(".gitattributes", "")
    well.write(TASK, "---\ntitle: [\n---\n")
    well.repo.git("config", "commit.gpgsign", "true")
    well.repo.git("config", "gpg.program", "no-such-program")
    for each in ill(well).values():
        assert each.remedy, each
        assert each.expected, each


# --- the repository


def test_an_old_git(well: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    real = shutil.which("git")
    fake = tmp_path / "bin" / "git"
    fake.parent.mkdir()
    fake.write_text(
        f'#!/bin/sh\nfor word; do [ "$word" = version ] && echo git version 2.17.1 && exit; done\nexec {real} "$@"\n'
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}{os.pathsep}{os.environ['PATH']}")
    found = row(well, "git")
    assert (found.status, found.observed, found.expected) == ("error", "2.17.1", "2.22 or later")


def test_versions_are_compared_as_numbers() -> None:
    assert git_health.version_numbers("2.39.3 (Apple Git-146)") == (2, 39, 3)
    assert git_health.version_numbers("2.9.0") < git_health.OLDEST < git_health.version_numbers("2.100")


def test_a_repository_of_another_user_is_said_once(well: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    found = ill(well)
    assert found["owner"].status == "error"
    assert found["owner"].remedy.startswith("git config --global --add safe.directory ")
    assert "identity" not in found["owner"].observed
    assert "(so with " in found["owner"].observed
    assert [each.name for each in found.values() if "dubious" in each.observed] == []


def test_no_identity(well: Sandbox, home: Path) -> None:
    (home / ".gitconfig").write_text("[user]\n\tuseConfigOnly = true\n")
    found = row(well, "identity")
    assert (found.status, found.fixable) == ("error", False)
    subprocess.run(found.remedy, shell=True, check=True, cwd=well.repo.path)
    assert row(well, "identity").observed == "Your Name <you@example.org>"


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"gpg.program": "no-such-program"}, "there is no program `no-such-program`"),
        ({"gpg.format": "ssh", "gpg.ssh.program": "no-such-keygen"}, "there is no program `no-such-keygen`"),
        ({"gpg.format": "ssh", "gpg.ssh.program": "sh"}, "user.signingkey names no key"),
        ({"gpg.format": "ssh", "gpg.ssh.program": "sh", "user.signingkey": "~/none.pub"}, "no key file `~/none.pub`"),
        ({"gpg.format": "wax"}, "gpg.format is `wax`"),
    ],
)
def test_signing_that_cannot_be(well: Sandbox, config: dict[str, str], said: str) -> None:
    for name, value in {"commit.gpgsign": "true", **config}.items():
        well.repo.git("config", name, value)
    found = row(well, "signing")
    assert found.status == "error"
    assert said in found.observed
    with pytest.raises(WrkqError):
        well.add("Not signed")
    well.repo.git("config", "commit.gpgsign", "false")
    assert row(well, "signing").status == "ok"


def test_signing_that_can_be(well: Sandbox, home: Path) -> None:
    (home / "key.pub").write_text("key")
    for name, value in {
        "commit.gpgsign": "true",
        "gpg.format": "ssh",
        "gpg.ssh.program": "sh",
        "user.signingkey": "~/key.pub",
    }.items():
        well.repo.git("config", name, value)
    assert row(well, "signing").observed == "on, with sh"
    well.repo.git("config", "user.signingkey", "key::ssh-ed25519 AAAA")
    assert row(well, "signing").status == "ok"


def test_a_head_without_a_branch_and_a_merge(well: Sandbox) -> None:
    well.repo.git("checkout", "-q", "--detach")
    assert row(well, "head").observed == "HEAD is on no branch"
    well.repo.git("checkout", "-q", "main")
    (well.repo.git_dir / "MERGE_HEAD").write_text(well.repo.head + "\n")
    found = row(well, "head")
    assert (found.status, found.remedy) == ("warning", "git merge --continue")


def test_a_lock_of_another_program_is_never_removed(well: Sandbox) -> None:
    lock = well.repo.git_dir / "index.lock"
    lock.write_bytes(b"DIRC")
    assert row(well, "locks").status == "warning"
    old = time.time() - 3 * 3600
    os.utime(lock, (old, old))
    found = row(well, "locks")
    assert (found.status, found.fixable) == ("error", False)
    assert found.observed == "index.lock, 3 hours old"
    assert "locks" not in mended(well)
    assert lock.exists()
    subprocess.run(found.remedy, shell=True, check=True, cwd=well.repo.path)
    assert row(well, "locks").status == "ok"


def test_a_lock_with_our_mark_is_removed(well: Sandbox) -> None:
    lock = well.repo.git_dir / "index.lock"
    lock.write_bytes(b"wrkq 1 elsewhere\n")
    found = row(well, "locks")
    assert (found.status, found.fixable) == ("error", True)
    assert "removed" in mended(well)["locks"]
    assert not lock.exists()
    assert ill(well) == {}


def test_a_living_writer_leaves_nothing_over(well: Sandbox) -> None:
    (well.repo.git_dir / "wrkq" / "txn").mkdir()
    (well.repo.git_dir / "index.lock").write_bytes(b"wrkq 1 here\n")
    assert set(ill(well)) == {"leftovers", "locks"}
    with worktree_lock(well.tracker.repo):
        (well.repo.git_dir / "wrkq" / "txn").mkdir()  # opening has just mended the first one
        (well.repo.git_dir / "index.lock").write_bytes(b"wrkq 1 here\n")
        assert ill(well) == {}


def test_what_a_killed_command_left(well: Sandbox) -> None:
    txn = well.repo.git_dir / "wrkq" / "txn"
    txn.mkdir()
    (txn / "0.new").write_text("half")
    aside = well.root / "inbox" / ".wrkq-123-0.tmp.new"
    aside.write_text("half")
    found = row(well, "leftovers")
    assert (found.status, found.fixable) == ("warning", True)
    assert "a write that was not finished and 1 temporary file" in found.observed
    assert txn.exists(), "looking mends nothing"
    assert mended(well)["leftovers"]
    assert not txn.exists()
    assert not aside.exists()
    assert ill(well) == {}


def test_a_shallow_clone(well: Sandbox, tmp_path: Path) -> None:
    well.add("Second")
    clone = TestRepo(tmp_path / "clone")
    source = f"file://{well.repo.path}"
    subprocess.run(["git", "clone", "-q", "--depth", "1", source, clone.path], check=True)
    well.cwd = clone.path
    found = row(well, "history")
    assert (found.status, found.remedy) == ("warning", "git fetch --unshallow")
    clone.git("fetch", "-q", "--unshallow")
    assert row(well, "history").status == "ok"


def test_a_partial_clone(well: Sandbox, tmp_path: Path) -> None:
    well.repo.git("config", "uploadpack.allowFilter", "true")
    clone = TestRepo(tmp_path / "clone")
    source = f"file://{well.repo.path}"
    subprocess.run(["git", "clone", "-q", "--filter=blob:none", source, clone.path], check=True)
    well.cwd = clone.path
    found = row(well, "clone")
    assert (found.status, found.observed) == ("warning", "a partial clone of origin")
    assert clone.run(*found.remedy.split()[1:]).returncode == 0


def test_a_sparse_checkout(well: Sandbox) -> None:
    well.repo.commit({"src/x.py": "x\n"})
    well.repo.git("sparse-checkout", "set", "--no-cone", "/src/", "/wrkq/wrkq.yaml", "/wrkq/.gitattributes")
    found = row(well, "clone")
    assert found.status == "warning"
    assert "hides" in found.observed
    assert "wrkq/inbox/hello.md" in found.observed


# --- the tracker's files


def test_attributes(well: Sandbox) -> None:
    well.write(".gitattributes", "*.png binary\n")
    found = row(well, "attributes")
    assert (found.status, found.fixable, found.remedy) == ("warning", True, "wrkq doctor --fix")
    head = well.repo.head
    before = well.text(".gitattributes")
    dry = doctor.mend(well.door, doctor.examine(well.door), dry_run=True)
    assert "+*.md -text\n" in dry[0].diff
    assert well.text(".gitattributes") == before
    assert "attributes" in mended(well)
    assert well.text(".gitattributes").startswith("*.png binary\n*.md -text\n")
    assert well.repo.head == head, "never committed"
    assert set(ill(well)) <= {"uncommitted"}
    (well.root / ".gitattributes").unlink()
    assert mended(well)
    assert row(well, "attributes").status == "ok"


def test_a_commit_that_undoes_what_the_tool_wrote(well: Sandbox) -> None:
    assert row(well, "undone writes").status == "ok"
    before = well.add("New one")
    head = well.repo.head
    well.set(before, priority="1")
    well.repo.git("checkout", "-q", head, "--", ".")
    well.repo.git("commit", "-q", "-m", "something else entirely")
    found = row(well, "undone writes")
    assert found.status == "warning"
    assert well.repo.head[:8] in found.observed
    assert f"wrkq undo {well.repo.head[:8]}" in found.remedy


def test_a_revert_says_that_it_undoes(well: Sandbox) -> None:
    before = well.add("New one")
    well.set(before, priority="1")
    well.repo.git("revert", "--no-edit", "HEAD")
    assert row(well, "undone writes").status == "ok"


def test_line_ends_that_git_would_change(well: Sandbox) -> None:
    well.repo.git("config", "core.autocrlf", "true")
    assert row(well, "line ends").status == "ok", "our attributes are stronger"
    well.write("inbox/.gitattributes", "*.md text eol=crlf\n")
    found = row(well, "line ends")
    assert (found.status, found.fixable) == ("warning", False)
    assert "text=set, eol=crlf" in found.observed
    assert found.remedy.startswith("git check-attr -a -- wrkq/inbox/")
    (well.root / "inbox" / ".gitattributes").unlink()
    well.write(".gitattributes", "")
    found = row(well, "line ends")
    assert (found.status, found.fixable) == ("warning", True)
    assert "core.autocrlf" in found.observed
    assert mended(well)
    assert row(well, "line ends").status == "ok"


def test_files_that_git_ignores(well: Sandbox) -> None:
    (well.repo.path / ".gitignore").write_text("draft-*\n")
    well.write("inbox/draft-x.md", "---\ntitle: X\n---\n")
    found = row(well, "ignored")
    assert found.status == "error"
    assert "wrkq/inbox/draft-x.md" in found.observed
    said = subprocess.run(found.remedy, shell=True, check=True, cwd=well.repo.path, capture_output=True)
    assert b".gitignore:1:draft-*" in said.stdout
    (well.repo.path / ".gitignore").write_text("drafts/\n")
    assert row(well, "ignored").status == "ok"
    well.write("inbox/drafts/y.md", "---\ntitle: Y\n---\n")
    assert "wrkq/inbox/drafts/y.md" in row(well, "ignored").observed
    well.repo.git("add", "-f", "wrkq/inbox/drafts/y.md")
    assert row(well, "ignored").status == "ok", "what git tracks is not hidden"


def test_a_program_and_a_link(well: Sandbox) -> None:
    well.repo.git("update-index", "--chmod=+x", f"wrkq/{TASK}")
    found = row(well, "modes")
    assert (found.status, found.observed) == ("warning", "executable: 1 file: wrkq/inbox/hello.md")
    subprocess.run(found.remedy, shell=True, check=True, cwd=well.repo.path)
    assert row(well, "modes").status == "ok"
    (well.root / "inbox" / "link.md").symlink_to("hello.md")
    well.repo.git("add", "-A")
    assert row(well, "modes").observed == "1 symbolic link: wrkq/inbox/link.md"


def test_what_git_believes_of_the_file_system(well: Sandbox) -> None:
    folds = (well.root / "WRKQ.YAML").exists()
    well.repo.git("config", "core.ignorecase", str(not folds).lower())
    found = row(well, "names")
    assert found.status == "warning"
    subprocess.run(found.remedy, shell=True, check=True, cwd=well.repo.path)
    assert row(well, "names").status == "ok"


def test_a_name_that_the_file_system_has_decomposed(well: Sandbox) -> None:
    well.write("inbox/caf\u00e9.md", "---\ntitle: X\n---\n")
    well.repo.git("add", "-A")
    (well.root / "inbox" / "caf\u00e9.md").rename(well.root / "inbox" / "cafe\u0301.md")
    assert row(well, "names").status == "warning"


def test_files_that_cannot_be_read_and_edits(well: Sandbox) -> None:
    well.replace(TASK, "title: Hello", "title: Hullo")
    found = row(well, "uncommitted")
    assert (found.status, found.observed, found.remedy) == ("warning", "1 file: inbox/hello.md", "wrkq commit")
    well.replace(TASK, "title: Hullo", "title: [")
    found = row(well, "unreadable")
    assert found.status == "error"
    assert "inbox/hello.md:" in found.observed


def test_settings_that_do_not_fit(well: Sandbox) -> None:
    well.write("wrkq.yaml", "format: 1\nclaims: off\n")
    found = row(well, "settings")
    assert (found.status, found.remedy) == ("warning", 'wrkqadm config set claims ""')
    well.write("wrkq.yaml", "format: 1\ncommit: {mode: never}\n")
    assert row(well, "settings").status == "error"
    well.write("wrkq.yaml", "format: 1\n\tx: [\n")
    found = row(well, "settings")
    assert found.status == "error"
    assert "wrkq.yaml:2:" in found.observed


def test_nothing_is_mended_in_files_of_a_newer_format(well: Sandbox) -> None:
    well.write(".gitattributes", "")
    well.write("wrkq.yaml", f"format: {FORMAT + 1}\n")
    done = doctor.mend(well.door, doctor.examine(well.door))
    assert [(each.name, "format 2" in each.error) for each in done] == [("attributes", True)]
    assert well.text(".gitattributes") == ""


@pytest.mark.parametrize("number", [FORMAT - 1, FORMAT + 1])
def test_another_format(well: Sandbox, number: int) -> None:
    well.write("wrkq.yaml", f"format: {number}\n")
    rows = doctor.examine(well.door)
    assert rows[0].status == "error"
    assert len([each for each in rows if f"format {number}" in each.observed]) <= 2
    assert row(well, "git").status == "ok"


def test_no_format(well: Sandbox) -> None:
    well.write("wrkq.yaml", "")
    found = row(well, "format")
    assert (found.status, found.remedy) == ("warning", "wrkqadm migrate")


# --- the index


def test_an_index_that_was_cut_short(well: Sandbox) -> None:
    place = generation(well)
    place.write_bytes(place.read_bytes()[:5000])
    for _ in range(2):  # looking repairs nothing
        found = row(well, "index")
        assert (found.status, found.fixable) == ("warning", True)
        assert "5000 bytes" in found.observed
    assert mended(well)["index"] == "built the index anew"
    assert ill(well) == {}
    assert generation(well) != place


def test_an_index_with_bad_pages(well: Sandbox) -> None:
    place = generation(well)
    stat = place.stat()
    data = bytearray(place.read_bytes())
    data[8192:] = os.urandom(len(data) - 8192)
    place.write_bytes(data)
    os.utime(place, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert row(well, "index").observed.startswith("damaged: ")
    assert mended(well)
    assert ill(well) == {}


def test_an_index_that_says_other_than_the_files(well: Sandbox) -> None:
    time.sleep(2.1)  # until the stat data of files and folders is trusted
    refreshed(well)
    for statement in ("UPDATE file SET blob = 'x' WHERE name = 'hello.md'", "DELETE FROM file"):
        place = generation(well)
        with contextlib.closing(sqlite3.connect(place, isolation_level=None)) as connection:
            connection.execute(statement)
        named = pointer.read(place.parent)
        assert named is not None
        pointer.write(place.parent, named._replace(seal=pointer.seal_of(place)))
        found = row(well, "index")
        assert (found.status, found.fixable) == ("error", True)
        assert "inbox/hello.md" in found.observed
        assert mended(well)["index"] == "built the index anew"
        assert ill(well) == {}


def test_generations_that_nobody_needs(well: Sandbox) -> None:
    stale = generation(well).parent / "generation-99999999-0badcafe.sqlite"
    stale.write_bytes(b"left")
    assert row(well, "index").observed == "1 old file beside it"
    assert mended(well)["index"] == "removed 1 old index file"
    assert not stale.exists()
    assert ill(well) == {}


def test_a_git_folder_that_takes_nothing(well: Sandbox) -> None:
    shutil.rmtree(well.repo.git_dir / "wrkq")
    (well.repo.git_dir / "wrkq").write_text("in the way")
    found = row(well, "index")
    assert (found.status, found.observed) == ("warning", "kept in memory: nothing can be written")


def test_a_copied_repository_is_well(well: Sandbox, tmp_path: Path) -> None:
    shutil.copytree(well.repo.path, tmp_path / "copy", symlinks=True)
    well.cwd = tmp_path / "copy"
    assert row(well, "index").status == "ok"


# --- itself


def test_a_check_that_fails_is_an_error_and_the_others_go_on(well: Sandbox) -> None:
    def fails(_: object) -> None:
        raise ZeroDivisionError("so")

    checks = [Check("one", fails), Check("two", fails), *doctor.CHECKS]  # type: ignore[arg-type]
    rows = doctor.examine(well.door, checks)
    assert rows[0].status == "error"
    assert rows[0].observed == "cannot be told: ZeroDivisionError: so (so with two)"
    assert [each.name for each in rows[1:]] == [check.name for check in doctor.CHECKS]


def test_without_a_tracker(tmp_path: Path, well: Sandbox) -> None:
    shutil.rmtree(well.root)
    with pytest.raises(WrkqError) as caught:
        doctor.examine(well.door)
    assert caught.value.code == "no_tracker"
    well.cwd = tmp_path
    with pytest.raises(WrkqError) as caught:
        doctor.examine(well.door)
    assert caught.value.code == "not_a_repository"


def test_a_tracker_at_the_top_of_a_repository(tmp_path: Path) -> None:
    box = Sandbox(tmp_path / "top", folder=".")
    box.commit_all()
    box.add("Hello")
    assert ill(box) == {}
    (box.repo.path / "run.sh").write_text("#!/bin/sh\n")
    box.repo.git("add", "-A")
    box.repo.git("update-index", "--chmod=+x", "run.sh")
    assert "modes" not in ill(box), "code beside the documents is not ours"


def test_before_the_first_commit(tmp_path: Path) -> None:
    box = Sandbox(tmp_path / "new")
    found = ill(box)
    assert set(found) == {"uncommitted"}
    assert row(box, "head").observed == "on main, no commit yet"


def test_on_a_disk_that_cannot_be_written(tmp_path: Path) -> None:
    with mounts.small(tmp_path / "disk", "30m") as disk:
        box = Sandbox(disk / "repo")
        box.commit_all()
        refreshed(box)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        found = ill(box)
        assert set(found) == {"index"}
        assert found["index"].observed == "kept in memory: nothing can be written"


def test_hooks_as_they_were_put_in(well: Sandbox) -> None:
    assert row(well, "hooks").status == "ok"
    hooks.install(well.door)
    assert row(well, "hooks").observed == "7 installed"
    (well.repo.path / ".git" / "hooks" / "pre-push").unlink()
    found = row(well, "hooks")
    assert (found.status, found.observed) == ("warning", "pre-push missing")
    assert "wrkq hooks install" in found.remedy
    hooks.install(well.door)
    assert row(well, "hooks").status == "ok"


# The base branch


@pytest.fixture
def clone(well: Sandbox, tmp_path: Path) -> Sandbox:
    TestRepo(tmp_path).git("clone", "-q", str(well.repo.path), "clone")
    return Sandbox.there(tmp_path / "clone")


def one_more(box: Sandbox) -> None:
    box.repo.git("commit", "-q", "--allow-empty", "-m", f"more in {box.repo.path.name}")


def test_the_base_is_named(clone: Sandbox) -> None:
    branch = clone.repo.git("rev-parse", "--abbrev-ref", "HEAD")
    assert row(clone, "base").observed == branch
    one_more(clone)
    assert row(clone, "base").observed == f"{branch}, 1 commit ahead"


def test_a_base_that_there_is_not(clone: Sandbox) -> None:
    clone.write("wrkq.yaml", "format: 1\nbase: gone\n")
    found = row(clone, "base")
    assert (found.status, found.remedy) == (
        "error",
        "wrkqadm config set base BRANCH; git branch -a lists them",
    )


def test_no_base_is_said(well: Sandbox) -> None:
    well.repo.git("branch", "-m", "trunk")
    assert row(well, "base").observed.startswith("no branch is the base")


@pytest.mark.parametrize("setting", ["bundle", "refuse"])
def test_commits_that_cannot_be_pushed(clone: Sandbox, setting: str) -> None:
    clone.write("wrkq.yaml", f"format: 1\non_base: {setting}\n")
    assert row(clone, "base").status == "ok"
    one_more(clone)
    found = row(clone, "base")
    assert (found.status, found.remedy) == ("warning", "wrkq bundle take")
    assert found.observed.startswith("1 commit on ")


def test_a_base_that_has_diverged(clone: Sandbox, well: Sandbox) -> None:
    one_more(clone)
    one_more(well)
    clone.repo.git("fetch", "-q")
    found = row(clone, "base")
    assert found.status == "warning"
    assert "have diverged: 1 commit here, 1 commit there" in found.observed
    assert found.remedy.startswith("git rebase origin/")
