from __future__ import annotations

import multiprocessing
import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.git.writer import ours
from tests.support.repos import TestRepo
from wrkq_files.errors import WrkqError
from wrkq_files.git.lock import worktree_lock
from wrkq_files.git.run import start


@pytest.fixture
def repo(tmp_path: Path) -> TestRepo:
    return TestRepo.init(tmp_path / "r", files={"a": "a\n"})


def test_busy_says_who_and_how_long(repo: TestRepo) -> None:
    with worktree_lock(ours(repo)):
        began = time.monotonic()
        with pytest.raises(WrkqError) as caught, worktree_lock(ours(repo), 0.2):
            pass
        assert 0.2 <= time.monotonic() - began < 2
    assert caught.value.code == "busy"
    assert caught.value.details["pid"] == os.getpid()
    assert f"process {os.getpid()} on " in caught.value.message


def test_the_next_one_gets_it_as_soon_as_it_is_free(repo: TestRepo) -> None:
    got = threading.Event()

    def wait() -> None:
        with worktree_lock(ours(repo), 10):
            got.set()

    thread = threading.Thread(target=wait)
    with worktree_lock(ours(repo)):
        thread.start()
        assert not got.wait(0.1)
    assert got.wait(5)
    thread.join()


def test_it_goes_with_its_holder(repo: TestRepo) -> None:
    def hold() -> None:
        with worktree_lock(ours(repo)):
            os._exit(1)

    child = multiprocessing.get_context("fork").Process(target=hold)
    child.start()
    child.join()
    with worktree_lock(ours(repo), 0):
        pass


def test_an_exception_gives_it_back(repo: TestRepo) -> None:
    with pytest.raises(KeyError), worktree_lock(ours(repo)):
        raise KeyError
    with worktree_lock(ours(repo), 0):
        pass


@pytest.mark.parametrize("inherit", [True, False])
def test_a_git_that_outlives_its_writer_can_keep_it(repo: TestRepo, inherit: bool) -> None:
    """A killed writer's ``update-ref`` may still be moving the branch."""
    where = ours(repo)
    repo.git("config", "alias.nap", "!sleep 0.5")
    with worktree_lock(where):
        running = start(where, "nap", inherit_locks=inherit)
    with running:
        try:
            with worktree_lock(where, 0.1):
                free = True
        except WrkqError:
            free = False
    assert free != inherit


def test_a_torn_name_is_no_trouble(repo: TestRepo) -> None:
    with worktree_lock(ours(repo)):
        (repo.git_dir / "wrkq/write.lock").write_bytes(b"\xff 1")
        with pytest.raises(WrkqError, match="another wrkq command"), worktree_lock(ours(repo), 0):
            pass


def test_a_group_s_repository(tmp_path: Path) -> None:
    repo = TestRepo.init(tmp_path / "r", "--shared=group")
    with worktree_lock(ours(repo)):
        pass
    assert stat.S_IMODE((repo.git_dir / "wrkq").stat().st_mode) == stat.S_IMODE(repo.git_dir.stat().st_mode)


def test_taking_it_imports_little(repo: TestRepo) -> None:
    code = (
        "import sys, pathlib; from wrkq_files.git import lock, repo\n"
        f"with lock.worktree_lock(repo.discover(pathlib.Path({str(repo.path)!r}))): pass\n"
        "print({'subprocess', 'socket', 'filelock', 'tempfile', 'random'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
