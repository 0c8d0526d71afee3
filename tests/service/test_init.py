"""`init` makes a tracker in any repository, once, and touches nothing else."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.service.worker import agree, changed_files, opened, snapshot, views
from tests.support.repos import TestRepo
from wrkq_files.errors import WrkqError
from wrkq_files.service import create, setup
from wrkq_files.service.change import Options
from wrkq_files.service.tracker import Door

FILES = (".gitattributes", "_actors/robin.md", "inbox/README.md", "wrkq.yaml")


def door(repo: TestRepo, below: str = "") -> Door:
    return Door(repo.path / below, lambda: datetime(2026, 1, 19, tzinfo=UTC), random.Random(1).getrandbits)


def init(repo: TestRepo, folder: str | None = None, **options: bool) -> setup.Initialised:
    return setup.init(door(repo), folder, **options)


@pytest.fixture
def repo(tmp_path: Path) -> TestRepo:
    return TestRepo.init(tmp_path / "r", files={"README.md": "# Plan\n", "LICENSE": "MIT\n", ".gitignore": "x\n"})


def test_twice(repo: TestRepo) -> None:
    made = init(repo)
    assert sorted(made.files) == sorted(f"wrkq/{name}" for name in FILES)
    assert (made.root, made.commit_mode, made.actor, made.commit) == ("wrkq", "auto", "robin", None)
    before = snapshot(repo)
    again = init(repo)
    assert (again.files, again.commit) == ((), None)
    assert snapshot(repo) == before
    agree(opened(repo.path), [f"?? wrkq/{name}" for name in FILES])


def test_dry_run(repo: TestRepo) -> None:
    before = snapshot(repo)
    made = init(repo, dry_run=True)
    assert len(made.files) == 4
    assert "+++ b/wrkq/wrkq.yaml" in made.diff
    assert snapshot(repo) == before
    assert not (repo.path / "wrkq").exists()
    assert not (repo.git_dir / "wrkq").exists()


@pytest.mark.parametrize(
    ("files", "mode"),
    [
        ({}, "auto"),
        ({"README.md": "x", "LICENSE.txt": "x", ".github/x.yml": "x", ".gitignore": "x"}, "auto"),
        ({"main.c": "x"}, "manual"),
        ({"docs/guide.md": "x"}, "manual"),
    ],
)
def test_mode_by_what_is_tracked(tmp_path: Path, files: dict[str, str], mode: str) -> None:
    repo = TestRepo.init(tmp_path / "r", files=dict(files) or None)
    repo.write({"untracked.c": "x"})
    assert init(repo).commit_mode == mode
    assert opened(repo.path).config.commit_mode == mode


@pytest.mark.parametrize("folder", [None, ".", "plan/tracker"])
def test_commit_takes_the_tracker_alone(repo: TestRepo, folder: str | None) -> None:
    repo.commit({"code.py": "a\n", "other.py": "a\n"})
    repo.write({"code.py": "b\n"})
    repo.git("add", "code.py")
    repo.write({"other.py": "b\n", "new.py": "n\n"})
    others = repo.status()
    made = init(repo, folder, commit=True)
    assert made.commit == repo.head
    prefix = "" if folder == "." else f"{folder or 'wrkq'}/"
    assert changed_files(repo, "HEAD") == [prefix + name for name in FILES]
    agree(opened(repo.path / prefix), others)


def test_commit_on_an_unborn_branch(tmp_path: Path) -> None:
    repo = TestRepo.init(tmp_path / "r")
    init(repo, commit=True)
    assert repo.git("log", "--format=%s%n%b").startswith("4 files of the tracker\nBegin the tracker.")
    agree(opened(repo.path))


def test_commit_afterwards_and_never_twice(repo: TestRepo) -> None:
    init(repo)
    assert init(repo, commit=True).commit == repo.head
    create.add(opened(repo.path), "Fix it", create.New(), Options(commit=False))
    before = snapshot(repo)
    assert init(repo, commit=True).commit is None
    assert snapshot(repo) == before


@pytest.mark.parametrize("how", ["unstaged", "staged", "untracked"])
def test_at_the_root_a_person_s_attributes_stay_theirs(repo: TestRepo, how: str) -> None:
    if how != "untracked":
        repo.commit({".gitattributes": "*.c text\n"})
    repo.write({".gitattributes": "*.c text\n*.h text\n"})
    if how == "staged":
        repo.git("add", ".gitattributes")
    init(repo, ".", commit=True)
    head, staged, work = views(repo, ".gitattributes")
    assert work is not None
    assert head is not None
    assert staged is not None
    assert work.startswith(b"*.c text\n*.h text\n*.md -text\n")
    assert head.startswith(b"*.c text\n*.md -text\n" if how != "untracked" else b"*.md -text\n")
    assert b"*.h" not in head
    assert (b"*.h" in staged) == (how == "staged")
    agree(opened(repo.path), ["M  .gitattributes" if how == "staged" else " M .gitattributes"])


def test_attributes_of_the_folder_are_kept(repo: TestRepo) -> None:
    repo.commit({"wrkq/.gitattributes": "*.md -text\n*.png binary"})
    init(repo)
    assert repo.read("wrkq/.gitattributes").startswith(b"*.md -text\n*.png binary\nwrkq.yaml -text\n")


@pytest.mark.parametrize("name", ["src", "my code", "a[b]c", "x: #y", "1e3", "*", "ä"])
def test_at_the_root_the_folders_that_are_there_are_ignored(tmp_path: Path, name: str) -> None:
    repo = TestRepo.init(tmp_path / "r", files={f"{name}/deep/doc.md": "---\ntitle: Code's\n---\n"})
    init(repo, ".")
    tracker = opened(repo.path)
    tracker.index.refresh()
    assert [entry.address for entry in tracker.index.containers() if entry.address] == ["inbox"]
    assert tracker.ignores(f"{name}/deep/doc.md")
    assert not tracker.ignores("inbox/x.md")
    assert not tracker.ignores(f"inbox/{name}/x.md")


@pytest.mark.parametrize("folder", ["wrkq/inner", "wrkq/inbox"])
def test_not_inside_another_tracker(repo: TestRepo, folder: str) -> None:
    init(repo)
    before = snapshot(repo)
    with pytest.raises(WrkqError, match="lies in the tracker") as caught:
        init(repo, folder)
    assert caught.value.code == "refused"
    assert snapshot(repo) == before


@pytest.mark.parametrize("folder", ["..", "/tmp", ".git/wrkq", "wrkq/../../x"])
def test_not_outside(repo: TestRepo, folder: str) -> None:
    before = snapshot(repo)
    with pytest.raises(WrkqError) as caught:
        init(repo, folder)
    assert caught.value.code in ("refused", "bare_repository")
    assert snapshot(repo) == before


def test_not_through_a_symbolic_link(repo: TestRepo, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (repo.path / "wrkq").symlink_to(tmp_path / "out")
    with pytest.raises(WrkqError) as caught:
        init(repo)
    assert caught.value.code == "refused"
    assert list((tmp_path / "out").iterdir()) == []


def test_in_a_folder_of_the_repository(repo: TestRepo) -> None:
    (repo.path / "sub").mkdir()
    assert setup.init(door(repo, "sub")).root == "wrkq"
    assert setup.init(door(repo, "sub"), "plan").root == "sub/plan"


@pytest.mark.parametrize(("name", "slug"), [("李 雷", None), ("O'Neill X", "oneill"), ("-n x", "n")])
def test_the_first_actor(repo: TestRepo, name: str, slug: str | None) -> None:
    repo.git("config", "user.name", name)
    made = init(repo, commit=True)
    assert made.actor
    assert slug in (None, made.actor)
    agree(opened(repo.path))


def test_without_an_identity(repo: TestRepo, home: Path) -> None:
    (home / ".gitconfig").write_text("[user]\n\tuseConfigOnly = true\n")
    made = init(repo)
    assert (made.actor, len(made.files)) == (None, 3)
    before = snapshot(repo)
    with pytest.raises(WrkqError) as caught:
        init(repo, commit=True)
    assert caught.value.code == "no_identity"
    assert snapshot(repo) == before
