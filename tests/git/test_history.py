from __future__ import annotations

from pathlib import Path

import pytest

from tests.git.writer import ours
from tests.support.repos import TestRepo
from wrkq_files.git.history import Origin, content, first_commits, is_shallow

LONG = "".join(f"a line of some length, number {n}\n" for n in range(20))


@pytest.fixture
def repo(tmp_path: Path) -> TestRepo:
    return TestRepo.init(tmp_path / "r", files={"code.py": "x\n"})


def origins(repo: TestRepo, *paths: str) -> dict[str, tuple[str, str]]:
    """Path to (commit, first path)."""
    return {path: (one.commit, one.path) for path, one in first_commits(ours(repo), paths).items()}


def test_one_file(repo: TestRepo) -> None:
    env = {"GIT_AUTHOR_DATE": "1700000000 +0100", "GIT_AUTHOR_NAME": "Zoë \x02", "GIT_AUTHOR_EMAIL": "z@example.com"}
    repo.write({"wrkq/ü\n.md": "one\n"})
    repo.git("add", ".")
    repo.git("commit", "-qm", "add", env=env)
    first = repo.head
    repo.commit({"wrkq/ü\n.md": "two\n"})
    found = first_commits(ours(repo), ["wrkq/ü\n.md"])
    blob = repo.git("rev-parse", f"{first}:wrkq/ü\n.md")
    assert found == {"wrkq/ü\n.md": Origin(first, "wrkq/ü\n.md", blob, 1700000000, "Zoë", "z@example.com")}
    assert content(ours(repo), blob) == b"one\n"


def test_never_committed(repo: TestRepo, tmp_path: Path) -> None:
    assert origins(repo, "wrkq/new.md") == {}
    assert first_commits(ours(repo), []) == {}
    assert origins(TestRepo.init(tmp_path / "u"), "a") == {}


def test_renames_are_followed(repo: TestRepo) -> None:
    first = repo.commit({"wrkq/a.md": LONG})
    repo.git("mv", "wrkq/a.md", "wrkq/b.md")
    repo.git("commit", "-qm", "exact")
    repo.git("mv", "wrkq/b.md", "elsewhere.md")
    repo.commit({"elsewhere.md": LONG + "and one more\n"}, "similar")
    assert origins(repo, "elsewhere.md") == {"elsewhere.md": (first, "wrkq/a.md")}


def test_configuration_changes_nothing(repo: TestRepo) -> None:
    first = repo.commit({"a.md": LONG, "b.md": LONG + "b\n"})
    repo.git("mv", "a.md", "c.md")
    repo.git("mv", "b.md", "d.md")
    repo.commit({"c.md": LONG + "c\n", "d.md": LONG + "bd\n"})
    for key, value in (
        ("diff.renames", "false"),
        ("diff.renameLimit", "1"),
        ("log.showSignature", "true"),
        ("log.follow", "true"),
        ("log.diffMerges", "off"),
        ("diff.relative", "true"),
        ("diff.orderFile", "nothing"),
        ("color.ui", "always"),
        ("log.mailmap", "true"),
    ):
        repo.git("config", key, value)
    repo.write({"nothing": ""})
    assert origins(repo, "c.md", "d.md") == {"c.md": (first, "a.md"), "d.md": (first, "b.md")}


def test_two_files_swap_names(repo: TestRepo) -> None:
    one = repo.commit({"a.md": LONG})
    two = repo.commit({"b.md": "".join(reversed(LONG))})
    for names in (("a.md", "t.md"), ("b.md", "a.md"), ("t.md", "b.md")):
        repo.git("mv", *names)
        repo.git("commit", "-qm", "mv")
    assert origins(repo, "a.md", "b.md") == {"a.md": (two, "b.md"), "b.md": (one, "a.md")}


def test_deleted_and_added_again_begins_again(repo: TestRepo) -> None:
    repo.commit({"a.md": "one\n"})
    repo.commit({"a.md": None})
    again = repo.commit({"a.md": "one\n"})
    assert origins(repo, "a.md") == {"a.md": (again, "a.md")}


def test_a_new_file_under_an_old_name(repo: TestRepo) -> None:
    first = repo.commit({"a.md": LONG})
    repo.git("mv", "a.md", "b.md")
    repo.git("commit", "-qm", "mv")
    second = repo.commit({"a.md": "another\n"})
    assert origins(repo, "a.md", "b.md") == {"a.md": (second, "a.md"), "b.md": (first, "a.md")}


def test_a_new_file_under_a_name_that_another_was_renamed_to_and_away_from(repo: TestRepo) -> None:
    """Also where nobody asks about the other: found by a long run of commands, where both got one id."""
    text = "".join(f"{number}\n" for number in range(20))
    repo.commit({"first.md": text})
    repo.git("mv", "first.md", "b.md")
    repo.git("commit", "-q", "-m", "to b")
    repo.git("mv", "b.md", "away.md")
    repo.git("commit", "-q", "-m", "away")
    repo.commit({"b.md": "another\n"})
    assert origins(repo, "b.md")["b.md"][1] == "b.md"
    assert origins(repo, "b.md", "away.md")["away.md"][1] == "first.md"


def test_a_copy_has_its_own_beginning(repo: TestRepo) -> None:
    first = repo.commit({"a.md": LONG})
    second = repo.commit({"b.md": LONG})
    assert origins(repo, "a.md", "b.md") == {"a.md": (first, "a.md"), "b.md": (second, "b.md")}


def test_branches(repo: TestRepo) -> None:
    repo.git("checkout", "-qb", "side")
    side = repo.commit({"side.md": LONG})
    repo.git("mv", "side.md", "moved.md")
    repo.git("commit", "-qm", "mv")
    repo.git("checkout", "-q", "main")
    main = repo.commit({"main.md": "m\n"})
    repo.git("merge", "-q", "--no-edit", "side")
    repo.commit({"moved.md": LONG + "x\n", "main.md": "mm\n"})
    assert origins(repo, "moved.md", "main.md") == {"moved.md": (side, "side.md"), "main.md": (main, "main.md")}


def test_renamed_on_one_branch_and_edited_on_the_other(repo: TestRepo) -> None:
    first = repo.commit({"a.md": LONG})
    repo.git("checkout", "-qb", "side")
    repo.git("mv", "a.md", "b.md")
    repo.git("commit", "-qm", "mv")
    repo.git("checkout", "-q", "main")
    repo.commit({"a.md": LONG + "edited\n"})
    repo.git("merge", "-q", "--no-edit", "side")
    assert origins(repo, "b.md") == {"b.md": (first, "a.md")}


def test_removed_on_one_branch_only(repo: TestRepo) -> None:
    first = repo.commit({"a.md": LONG})
    repo.git("checkout", "-qb", "side")
    repo.commit({"a.md": None})
    repo.git("checkout", "-q", "main")
    repo.commit({"a.md": LONG + "edited\n"})
    repo.run("merge", "side")
    repo.git("add", "a.md")
    repo.git("commit", "-qm", "kept")
    assert origins(repo, "a.md") == {"a.md": (first, "a.md")}


def test_added_on_two_branches_begins_with_the_earlier(repo: TestRepo) -> None:
    dates = [
        {f"GIT_{who}_DATE": f"{when} +0000" for who in ("AUTHOR", "COMMITTER")} for when in (1800000000, 1800000100)
    ]
    repo.git("checkout", "-qb", "side")
    repo.write({"a.md": "same\n"})
    repo.git("add", ".")
    repo.git("commit", "-qm", "late", env=dates[1])
    repo.git("checkout", "-q", "main")
    repo.write({"a.md": "same\n"})
    repo.git("add", ".")
    repo.git("commit", "-qm", "early", env=dates[0])
    early = repo.head
    repo.git("merge", "-q", "--no-edit", "side")
    assert origins(repo, "a.md") == {"a.md": (early, "a.md")}


def test_added_or_renamed_by_the_merge_itself(repo: TestRepo) -> None:
    first = repo.commit({"a.md": LONG})
    repo.git("checkout", "-qb", "side")
    repo.commit({"s": "s\n"})
    repo.git("checkout", "-q", "main")
    repo.commit({"m": "m\n"})
    repo.git("merge", "-q", "--no-commit", "side")
    repo.git("mv", "a.md", "b.md")
    repo.write({"evil.md": "e\n"})
    repo.git("add", ".")
    repo.git("commit", "-qm", "merge")
    assert origins(repo, "b.md", "evil.md") == {"b.md": (first, "a.md"), "evil.md": (repo.head, "evil.md")}


def test_an_earlier_answer_saves_the_walk(repo: TestRepo) -> None:
    first = repo.commit({"a.md": LONG, "b.md": "b\n", "gone.md": "g\n"})
    since = repo.head
    known = first_commits(ours(repo), ["a.md", "b.md", "gone.md"])
    repo.git("mv", "a.md", "moved.md")
    last = repo.commit({"new.md": "n\n", "gone.md": None})
    again = repo.commit({"gone.md": "again\n"})
    paths = ["moved.md", "b.md", "new.md", "gone.md"]
    found = first_commits(ours(repo), paths, since=since, known=known)
    assert found == first_commits(ours(repo), paths)
    assert {path: one.commit for path, one in found.items()} == {
        "moved.md": first,
        "b.md": first,
        "new.md": last,
        "gone.md": again,
    }
    never = dict.fromkeys(known)
    assert set(first_commits(ours(repo), paths, since=since, known=never)) == {"new.md", "gone.md"}
    assert first_commits(ours(repo), paths, since=since, known=dict.fromkeys(paths))["moved.md"] == known["a.md"]
    repo.git("commit", "-q", "--amend", "-m", "x")
    assert first_commits(ours(repo), ["b.md"], since=again, known={}) == {"b.md": known["b.md"]}


def test_shallow(repo: TestRepo, tmp_path: Path) -> None:
    repo.commit({"a.md": "1\n"})
    last = repo.commit({"a.md": "2\n"})
    assert not is_shallow(ours(repo))
    clone = TestRepo(tmp_path / "c")
    repo.git("clone", "-q", "--depth=1", f"file://{repo.path}", str(clone.path))
    assert is_shallow(ours(clone))
    assert origins(clone, "a.md") == {"a.md": (last, "a.md")}
