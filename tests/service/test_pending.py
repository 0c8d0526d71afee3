"""Records of writes that nobody has committed: kept as long as they may be, told once, gone when committed."""

from __future__ import annotations

import json
from functools import partial

import pytest

from tests.service.worker import opened, spawn
from tests.support.sandbox import COMMIT, FILES_ONLY, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.git import read
from wrkq_files.git import write as git_write
from wrkq_files.service import create, pending, status, update
from wrkq_files.service.change import Options
from wrkq_files.service.pending import Record

PATH = "inbox/fix-it.md"
NAME = f"wrkq/{PATH}"


@pytest.fixture
def task(box: Sandbox) -> str:
    return box.add("Fix it")


def records(box: Sandbox) -> list[Record]:
    return pending.load(box.tracker.repo)


def told(box: Sandbox, key: str = "Wrkq-Op") -> list[str]:
    """The operations of HEAD's trailers, without ULID and ids (the values of another key)."""
    values = box.repo.git("log", "-1", f"--format=%(trailers:key={key},valueonly)").split("\n")
    return [value.split()[1] if key == "Wrkq-Op" else value for value in values if value]


def test_a_write_of_files_is_noted(box: Sandbox, task: str) -> None:
    assert records(box) == [], "a commit needs none"
    box.set(task, FILES_ONLY, priority="1")
    (record,) = records(box)
    assert (record.operation.operation, list(record.operation.ids)) == ("set", [task])
    assert (record.operation.actor, record.operation.via, record.head) == ("robin", "cli", box.repo.head)
    assert record.files == {NAME: box.repo.git("hash-object", NAME)}
    create.add(box.tracker, "New", create.New(), FILES_ONLY)
    (box.root / "inbox/new.md").rename(box.root / "inbox/gone.md")
    assert [record.operation.operation for record in records(box)] == ["set", "add"]


def test_what_changed_nothing_is_not_noted(box: Sandbox, task: str) -> None:
    box.set(task, FILES_ONLY, priority="3")
    box.set(task, FILES_ONLY._replace(dry_run=True), priority="1")
    assert records(box) == []


def test_a_write_that_fails_is_not_noted(box: Sandbox, task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    box.set(task, FILES_ONLY, priority="1")
    before = pending.path(box.tracker.repo).read_bytes()

    def refuse(*_: object, **__: object) -> None:
        raise WrkqError("io", "the disk is full")

    monkeypatch.setattr(git_write, "write_files", refuse)
    with pytest.raises(WrkqError, match="disk is full"):
        box.set(task, FILES_ONLY, priority="2")
    assert pending.path(box.tracker.repo).read_bytes() == before


def test_where_git_does_not_know_who_commits(box: Sandbox, task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files are written then, and somebody will commit them."""
    box.repo.git("config", "user.email", "")
    box.repo.git("config", "user.name", "")
    with pytest.raises(WrkqError) as caught:
        box.set(task, COMMIT, priority="1")
    assert caught.value.code == "no_identity"
    assert [record.operation.operation for record in records(box)] == ["set"]


# What goes, and what stays


@pytest.fixture
def each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every write looks through the records, and not only every so many-th."""
    monkeypatch.setattr(pending, "_PRUNED_EACH", 1)


def test_now_and_then_a_write_looks_through_them(box: Sandbox, task: str) -> None:
    for number in range(2 * pending._PRUNED_EACH + 2):
        box.set(task, FILES_ONLY, priority=str(1 + number % 2))
        box.repo.git("commit", "-q", "-a", "--no-verify", "-m", "by hand")
    assert len(records(box)) < pending._PRUNED_EACH


@pytest.mark.usefixtures("each_time")
def test_committed_and_taken_back_are_forgotten_at_the_next_write(box: Sandbox, task: str) -> None:
    other, third = box.add("Other"), box.add("Third")
    box.set(task, FILES_ONLY, priority="1")
    box.repo.git("commit", "-q", "-a", "--no-verify", "-m", "by hand")
    box.set(other, FILES_ONLY, priority="1")
    box.repo.git("checkout", "--", ".")
    box.set(third, FILES_ONLY, priority="1")
    assert [list(record.operation.ids) for record in records(box)] == [[third]]


@pytest.mark.usefixtures("each_time")
@pytest.mark.parametrize("how", ["staged", "staged and taken back", "edited", "removed", "stashed", "other branch"])
def test_what_may_yet_be_committed_stays(box: Sandbox, task: str, how: str) -> None:
    other = box.add("Other")
    box.set(task, FILES_ONLY, priority="1")
    if how.startswith("staged"):
        box.repo.git("add", "-A")
    if how == "staged and taken back":
        box.repo.git("restore", "--source=HEAD", "--worktree", NAME)
    elif how == "edited":
        box.replace(PATH, "Fix it", "Fix it now")
    elif how == "removed":
        (box.root / PATH).unlink()
    elif how == "stashed":
        box.repo.git("stash", "-q")
    elif how == "other branch":
        box.repo.git("checkout", "-q", "-b", "side")
    box.set(other, FILES_ONLY, priority="1")
    assert [list(record.operation.ids) for record in records(box)] == [[task], [other]]


def test_line_ends_that_git_converts_are_no_difference(box: Sandbox, task: str) -> None:
    box.repo.commit({"wrkq/.gitattributes": "*.md text eol=crlf\n"})
    box.set(task, FILES_ONLY, priority="1")
    box.repo.git("commit", "-q", "-a", "-m", "by hand")
    box.repo.write({NAME: box.repo.read(NAME).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")})
    pending.prune(box.tracker.repo)
    assert records(box) == []


def test_a_torn_line_loses_itself_only(box: Sandbox, task: str) -> None:
    box.set(task, FILES_ONLY, priority="1")
    place = pending.path(box.tracker.repo)
    place.write_bytes(place.read_bytes() + b'{"operation": {"ul')
    box.set(task, FILES_ONLY, priority="2")
    assert len(records(box)) == 2


def test_many_are_appended_and_cost_little(box: Sandbox, task: str) -> None:
    """Past some number they are looked through now and then only; a torn line between is stepped over."""
    box.set(task, FILES_ONLY, priority="1")
    place = pending.path(box.tracker.repo)
    row = json.loads(place.read_bytes())
    place.write_text("".join(json.dumps(row | {"files": {"gone.md": "1" * 40}}) + "\n" for _ in range(65)) + '{"torn')
    box.set(task, FILES_ONLY, priority="2")
    assert len(records(box)) == 66
    place.write_text("".join(f"{json.dumps(row)}\n" for _ in range(64)))
    box.repo.git("checkout", "--", ".")
    box.set(task, FILES_ONLY, priority="2")
    assert len(records(box)) == 1, "the file was as HEAD has it when they were looked through"


def test_many_writers_lose_none(box: Sandbox, task: str) -> None:
    def label(number: int) -> None:
        update.set_fields(opened(box.repo.path), [task], update.Assignments(add_labels=[f"w{number}"]), FILES_ONLY)

    assert spawn([partial(label, number) for number in range(10)]) == ["done"] * 10
    assert len({record.operation.ulid for record in records(box)}) == 10


# What commits tell


def test_wrkq_commit_tells_them_before_its_own(box: Sandbox, task: str) -> None:
    box.set(task, FILES_ONLY, priority="1")
    box.set(task, FILES_ONLY, title="Mend it")
    box.replace("inbox/README.md", "title: Inbox", "title: In")
    written = status.commit_all(box.tracker, Options())
    assert written.subject == "2 files of the tracker"
    assert told(box) == ["set", "set", "commit"]
    assert (told(box, "Wrkq-Actor"), told(box, "Wrkq-Via")) == (["robin"], ["cli"])
    assert records(box) == []
    box.replace(PATH, "Mend it", "Mend it by hand")
    status.commit_all(box.tracker, Options())
    assert told(box) == ["commit"]


def test_a_commit_with_edits_tells_them_too(box: Sandbox, task: str) -> None:
    box.set(task, FILES_ONLY, priority="1")
    box.set(task, COMMIT._replace(with_edits=True), title="Mend it")
    assert told(box) == ["set", "set"]


def test_a_commit_beside_them_does_not(box: Sandbox, task: str) -> None:
    other = box.add("Other")
    box.set(task, FILES_ONLY, priority="1")
    box.set(task, title="Mend it")
    assert told(box) == ["set"]
    box.set(other, priority="1")
    assert told(box) == ["set"]
    status.commit_all(box.tracker, Options())
    assert told(box) == ["set", "commit"]


def test_ids_and_mentions_of_strange_names(box: Sandbox, task: str) -> None:
    box.repo.commit({"two\nlines": "x\n", "a folder/b": "y\n"})
    repo = box.tracker.repo
    assert read.ids(repo, ["HEAD:two\nlines", ":two\nlines", "HEAD:a folder", "HEAD:a folder/b", "HEAD:no\nne"]) == {
        "HEAD:two\nlines": box.repo.git("rev-parse", "HEAD:two\nlines"),
        ":two\nlines": box.repo.git("rev-parse", "HEAD:two\nlines"),
        "HEAD:a folder": None,
        "HEAD:a folder/b": box.repo.git("rev-parse", "HEAD:a folder/b"),
        "HEAD:no\nne": None,
    }
    old = box.repo.head
    box.repo.commit({"x": "1"}, "one ABC")
    assert read.mentions(repo, ["ABC", "DEF"], since=[old]) == {"ABC"}
    assert read.mentions(repo, ["ABC", "DEF"], since=["1" * 40]) == {"ABC"}
    assert read.mentions(repo, ["ABC"], since=[box.repo.head]) == set()
    many = [f"word {number}" for number in range(2000)]
    assert read.mentions(repo, [*many, "ABC"], since=[old]) == {"ABC"}
