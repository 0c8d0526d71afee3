"""The driver comes with the hooks, into this clone alone; taking it out leaves no trace."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.repos import TestRepo
from tests.support.sandbox import Sandbox
from wrkq_files.service import driving, hooktexts
from wrkq_files.service.status import MERGE_ATTRIBUTE, with_attributes

OLD = "*.md -text\nwrkq.yaml -text\n_attachments/** -text\n_comments/** linguist-generated\n"


@pytest.fixture
def unattributed(box: Sandbox) -> Sandbox:
    """A tracker whose ``.gitattributes`` is of an earlier version."""
    box.repo.commit({"wrkq/.gitattributes": OLD})
    return box


def picture(box: Sandbox) -> dict[str, bytes | None]:
    files = {name: box.repo.git_dir / name for name in ("config", "info/attributes")}
    return {name: place.read_bytes() if place.exists() else None for name, place in files.items()}


def row(box: Sandbox) -> tuple[str, str]:
    found = driving.status(box.door)[1][-1]
    assert found.name == "merge-driver"
    return found.state, found.how


def merges(box: Sandbox, path: str = "wrkq/inbox/login.md") -> str:
    """The driver by which git would merge a file."""
    return box.repo.git("check-attr", "merge", path).rpartition(": ")[2]


def test_install_twice_and_uninstall(box: Sandbox) -> None:
    before = picture(box)
    assert row(box)[0] == "missing"
    assert [*driving.install(box.door).changed] == [*hooktexts.CLIENT, "merge-driver"]
    assert row(box)[0] == "installed"
    assert box.repo.git("config", "--local", "merge.wrkq.driver") == driving.COMMAND
    once = picture(box)
    assert (driving.install(box.door).changed, picture(box)) == ([], once)
    assert driving.uninstall(box.door).changed[-1] == "merge-driver"
    assert picture(box) == before
    assert driving.uninstall(box.door).changed == []
    assert box.repo.status() == []


def test_a_dry_run_writes_nothing(unattributed: Sandbox) -> None:
    before = picture(unattributed)
    done = driving.install(unattributed.door, dry_run=True)
    assert "+merge.wrkq.driver=said=$(" in done.diff
    assert "+/wrkq/**/*.md merge=wrkq\n" in done.diff
    assert picture(unattributed) == before


def test_a_new_tracker_asks_for_the_driver_itself(box: Sandbox) -> None:
    assert merges(box) == "wrkq"
    driving.install(box.door)
    assert picture(box)["info/attributes"] is None


def test_where_the_tracker_does_not_ask_for_it_the_clone_does(unattributed: Sandbox) -> None:
    box = unattributed
    assert merges(box) == "unspecified"
    before = picture(box)
    done = driving.install(box.door)
    assert done.notes == ("merge=wrkq for wrkq is in this clone's info/attributes",)
    assert (merges(box), merges(box, "README.md"), row(box)[0]) == ("wrkq", "unspecified", "installed")
    assert box.repo.status() == [], "no tracked file is touched"
    once = picture(box)
    assert (driving.install(box.door).changed, picture(box)) == ([], once)
    driving.uninstall(box.door)
    assert picture(box) == before


@pytest.mark.parametrize("old", ["*.png binary\n", "*.png binary", "# none\n\n", "\n"])
def test_attributes_that_are_there_stay_to_the_byte(unattributed: Sandbox, old: str) -> None:
    place = unattributed.repo.git_dir / "info/attributes"
    place.parent.mkdir(exist_ok=True)
    place.write_text(old)
    place.chmod(0o600)
    driving.install(unattributed.door)
    assert merges(unattributed) == "wrkq"
    once = place.read_bytes()
    driving.install(unattributed.door)
    assert place.read_bytes() == once
    driving.uninstall(unattributed.door)
    assert (place.read_text(), place.stat().st_mode & 0o777) == (old, 0o600)


@pytest.mark.parametrize("folder", ["a b/[x]*", 'say "hi"', "back\\slash", "#1", "plän", "."])
def test_a_tracker_s_folder_of_any_name(tmp_path: Path, folder: str) -> None:
    box = Sandbox(tmp_path / "repo", folder=folder)
    (box.root / ".gitattributes").unlink()
    box.commit_all()
    driving.install(box.door)
    for path in ("x.md", "a/b.md"):
        assert box.repo.git("check-attr", "-z", "merge", box.name(path)).split("\0")[2] == "wrkq"
    assert row(box)[0] == "installed"


def test_a_second_tracker_is_added_to_the_first(unattributed: Sandbox) -> None:
    driving.install(unattributed.door)
    unattributed.repo.commit({"other/wrkq.yaml": "format: 1\n"})
    assert row(unattributed) == ("outdated", "no attribute merge=wrkq for other")
    driving.install(unattributed.door)
    assert [merges(unattributed, f"{name}/x.md") for name in ("wrkq", "other")] == ["wrkq", "wrkq"]
    driving.uninstall(unattributed.door)
    assert picture(unattributed)["info/attributes"] is None


def test_another_driver_that_somebody_chose_stays(box: Sandbox) -> None:
    box.repo.commit({"wrkq/.gitattributes": "*.md merge=union\n"})
    done = driving.install(box.door)
    assert "another merge attribute is there" in done.notes[0]
    assert (merges(box), picture(box)["info/attributes"]) == ("union", None)


def test_a_command_that_somebody_changed_stays(box: Sandbox) -> None:
    driving.install(box.door)
    box.repo.git("config", "merge.wrkq.driver", "my-wrkq %O %A %B")
    assert row(box)[0] == "edited"
    before = picture(box)
    for act in (driving.install, driving.uninstall):
        assert [name for name, _ in act(box.door).left] == ["merge-driver"]
        assert picture(box) == before


def test_an_older_command_of_ours_is_replaced(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driving, "_OLDER", ("wrkq merge-driver %O %A %B",))
    box.repo.git("config", "merge.wrkq.driver", "wrkq merge-driver %O %A %B")
    assert row(box)[0] == "outdated"
    driving.install(box.door)
    assert row(box)[0] == "installed"


def test_what_else_stands_in_the_section_stays(box: Sandbox) -> None:
    box.repo.git("config", "merge.wrkq.recursive", "text")
    before = picture(box)
    driving.install(box.door)
    driving.uninstall(box.door)
    assert picture(box) == before


def test_linked_worktrees_have_it_too(unattributed: Sandbox, tmp_path: Path) -> None:
    linked = TestRepo(tmp_path / "linked")
    unattributed.repo.git("worktree", "add", "-q", str(linked.path), "-b", "side")
    unattributed.cwd = linked.path
    driving.install(unattributed.door)
    assert linked.git("check-attr", "merge", "wrkq/x.md").endswith(": wrkq")
    assert unattributed.repo.git("config", "--local", "merge.wrkq.driver") == driving.COMMAND


def test_whether_git_finds_the_program(box: Sandbox, real: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert driving.has_program(box.tracker.repo)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert not driving.has_program(box.tracker.repo)


def test_the_line_is_added_to_attributes_of_before() -> None:
    assert with_attributes(OLD.encode()) == f"{OLD}{MERGE_ATTRIBUTE}\n".encode()


@pytest.mark.parametrize("line", ["*.md merge=union", "special.md -merge", "a/*.md text merge", "*.md !merge"])
def test_who_says_how_to_merge_is_not_overruled(line: str) -> None:
    assert MERGE_ATTRIBUTE not in with_attributes(f"{line}\n".encode()).decode()


@pytest.mark.parametrize("line", ["# merge", "*.md mergetool=x", "merge/*.md text"])
def test_what_does_not_say_how_to_merge(line: str) -> None:
    assert MERGE_ATTRIBUTE in with_attributes(f"{line}\n".encode()).decode()
