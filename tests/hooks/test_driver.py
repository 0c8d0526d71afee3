"""git merges with our driver: both sides are together, or asked for; whatever becomes of us, nothing is lost."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.hooks.conftest import TOP
from tests.support.sandbox import Sandbox
from wrkq_files.service import driver, driving
from wrkq_files.service.merging import merge_file

PATH = "wrkq/inbox/login.md"
TASK = """\
---
id: T-00000001
title: Login
priority: 2
labels:
  - a
---

One line.
"""
#: A conflict in one field, and by lines in two places.
OURS, THEIRS = "title: Log in", "title: Sign in"
KILLED = f"""\
#!/bin/sh
cat >"$TMPDIR/killed.py" <<'EOF'
import os, signal, sys
sys.path.insert(0, {str(TOP)!r})
from wrkq_files.service import driver
from wrkq_files.git import hooks
put, where = driver._put, os.environ["KILLED"]

def killed(place, data):
    if where == "aside":
        hooks.Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    if where == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    put(place, data)
    if where == "after":
        os.kill(os.getpid(), signal.SIGKILL)

driver._put = killed
from wrkq_files.cli.program import wrkq
wrkq()
EOF
exec '{sys.executable}' "$TMPDIR/killed.py" "$@"
"""


@pytest.fixture
def sides(box: Sandbox) -> Sandbox:
    """A task, changed on ``main`` and on ``topic`` in fields that stand beside each other."""
    box.repo.commit({PATH: TASK}, "base")
    box.repo.git("branch", "topic")
    change(box, "title: Login", OURS)
    box.repo.git("switch", "-q", "topic")
    change(box, "priority: 2", "priority: 1")
    change(box, "  - a", "  - a\n  - b")
    box.repo.git("switch", "-q", "main")
    return box


@pytest.fixture
def at_odds(sides: Sandbox) -> Sandbox:
    """The title is changed on both."""
    sides.repo.git("switch", "-q", "topic")
    change(sides, "title: Login", THEIRS)
    sides.repo.git("switch", "-q", "main")
    return sides


def change(box: Sandbox, old: str, new: str) -> None:
    text = box.repo.read(PATH).decode()
    assert old in text
    box.repo.commit({PATH: text.replace(old, new, 1)}, new)


def install(box: Sandbox) -> None:
    assert driving.put_in(box.tracker.repo).changed


def text(box: Sandbox) -> str:
    return box.repo.read(PATH).decode()


def is_open(box: Sandbox) -> bool:
    """Whether both sides' lines are in the file, and git says that it is in conflict."""
    stages = box.repo.git("ls-files", "-u", "--", PATH).splitlines()
    return OURS in text(box) and THEIRS in text(box) and len(stages) > 1


MERGED = TASK.replace("Login", "Log in").replace("priority: 2", "priority: 1").replace("  - a\n", "  - a\n  - b\n")


# git's ways to merge


@pytest.mark.parametrize(
    "words", [("merge", "-q", "--no-edit", "topic"), ("rebase", "-q", "topic"), ("cherry-pick", "main..topic")]
)
def test_fields_side_by_side(sides: Sandbox, real: None, words: tuple[str, ...]) -> None:
    install(sides)
    sides.repo.git(*words)
    assert text(sides) == MERGED
    assert sides.repo.status() == []


def test_a_rebase_of_the_backend_that_applies_patches(sides: Sandbox, real: None) -> None:
    install(sides)
    sides.repo.git("rebase", "-q", "--apply", "topic")
    assert text(sides) == MERGED


def test_stash_pop(sides: Sandbox, real: None) -> None:
    install(sides)
    sides.repo.write({PATH: text(sides).replace(OURS, f"{OURS}\nstate: in_progress")})
    sides.repo.git("stash", "-q")
    sides.repo.git("merge", "-q", "--no-edit", "topic")
    sides.repo.git("stash", "pop", "-q")
    assert f"{OURS}\nstate: in_progress\npriority: 1\n" in text(sides)


def test_revert(sides: Sandbox, real: None) -> None:
    install(sides)
    change(sides, "priority: 2", "priority: 1")
    sides.repo.git("revert", "--no-edit", "HEAD~1")
    assert text(sides) == TASK.replace("priority: 2", "priority: 1")


def test_git_by_itself_asks_about_these(sides: Sandbox) -> None:
    assert sides.repo.run("merge", "topic").returncode == 1


@pytest.mark.parametrize(
    "words", [("merge", "topic"), ("rebase", "topic"), ("rebase", "--apply", "topic"), ("cherry-pick", "topic")]
)
def test_what_is_at_odds_is_asked(at_odds: Sandbox, real: None, words: tuple[str, ...]) -> None:
    install(at_odds)
    assert at_odds.repo.run(*words).returncode == 1
    assert is_open(at_odds)
    assert text(at_odds).count("=======") == 1


def test_a_stash_at_odds(at_odds: Sandbox, real: None) -> None:
    install(at_odds)
    at_odds.repo.git("switch", "-q", "topic")
    at_odds.repo.write({PATH: text(at_odds).replace(THEIRS, "title: Something else")})
    at_odds.repo.git("stash", "-q")
    at_odds.repo.git("switch", "-q", "main")
    assert at_odds.repo.run("stash", "pop").returncode == 1
    assert OURS in text(at_odds)
    assert "title: Something else" in text(at_odds)


def test_a_revert_at_odds(at_odds: Sandbox, real: None) -> None:
    install(at_odds)
    change(at_odds, OURS, "title: Later")
    assert at_odds.repo.run("revert", "--no-edit", "HEAD~1").returncode == 1
    assert "title: Later\n=======\ntitle: Login\n" in text(at_odds)


def test_both_sides_made_a_document_of_one_name(box: Sandbox, real: None) -> None:
    install(box)
    box.repo.git("branch", "topic")
    box.repo.commit({PATH: TASK.replace("title: Login", OURS)})
    box.repo.git("switch", "-q", "topic")
    box.repo.commit({PATH: TASK.replace("title: Login", THEIRS).replace("T-00000001", "T-00000002")})
    assert box.repo.run("merge", "main").returncode == 1
    assert is_open(box)
    assert "T-00000002" in text(box)


def test_an_octopus_at_odds_is_refused_by_git(at_odds: Sandbox, real: None) -> None:
    install(at_odds)
    at_odds.repo.git("branch", "other", "main~1")
    assert at_odds.repo.run("merge", "topic", "other").returncode != 0
    assert text(at_odds).count(OURS) == 1


def test_a_criss_cross(at_odds: Sandbox, real: None) -> None:
    """The two bases are at odds themselves: git merges them first, with longer markers."""
    install(at_odds)
    for branch, other in (("main", "topic"), ("topic", "main~1")):
        at_odds.repo.git("switch", "-q", branch)
        at_odds.repo.git("merge", "-q", "--no-edit", "-s", "ours", other)
    assert at_odds.repo.run("merge", "main").returncode == 1
    assert is_open(at_odds)


def test_the_sides_are_called_as_git_calls_them() -> None:
    assert driver.labels(("HEAD", "topic")) == ("HEAD", "topic")
    assert driver.labels(("%X", "%Y")) == driver.labels(()) == ("ours", "theirs")


# When we are not there, or broken


def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "wrkq").write_text(script)
    (folder / "wrkq").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("TMPDIR", str(folder))


BROKEN = {
    "a bug": "exit 70",
    "an exit that means a conflict": "exit 1",
    "an exit that means success": "exit 0",
    "another program": "echo merged; exit 0",
    "syntax": "syntax ( error",
    "python": 'exec python3 -c "import no_such_module"',
    "not to be run": "exit 126",
    "killed": "kill -KILL $$",
    "ended": "kill -TERM $$",
    "hung up": "echo clea; kill -HUP $$",
    "interrupted": "kill -INT $$",
}


@pytest.mark.parametrize("how", [*BROKEN, "missing"])
def test_with_a_broken_program_both_sides_lines_are_there(
    at_odds: Sandbox, bare_path: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    install(at_odds)
    if how in BROKEN:
        broken(tmp_path, monkeypatch, f"#!/bin/sh\n{BROKEN[how]}\n")
    assert at_odds.repo.run("merge", "topic").returncode == 1
    assert is_open(at_odds)
    assert "<<<<<<< ours\n" in text(at_odds)


@pytest.mark.parametrize(("how", "clean"), [("missing", True), ("a bug", True), ("killed", False)])
def test_with_a_broken_program_git_merges_lines(
    sides: Sandbox, bare_path: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, clean: bool
) -> None:
    """Where lines can be merged, all is well; but what a killed program has left is for a person to look at."""
    sides.repo.git("reset", "-q", "--hard", "main~1")
    change(sides, "One line.", "One line, or two.")
    install(sides)
    if how in BROKEN:
        broken(tmp_path, monkeypatch, f"#!/bin/sh\n{BROKEN[how]}\n")
    assert (sides.repo.run("merge", "--no-edit", "topic").returncode == 0) == clean
    assert "or two." in text(sides)
    assert "priority: 1" in text(sides)


@pytest.mark.parametrize("where", ["before", "aside", "after"])
def test_killed_while_it_writes(
    at_odds: Sandbox, bare_path: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    install(at_odds)
    broken(tmp_path, monkeypatch, KILLED)
    monkeypatch.setenv("KILLED", where)
    assert at_odds.repo.run("merge", "topic").returncode == 1
    assert is_open(at_odds)


def test_a_clone_without_the_driver_merges_lines(sides: Sandbox, real: None) -> None:
    """The attribute is in the tree; git takes the text merge for a driver that it does not know."""
    assert sides.repo.git("check-attr", "merge", PATH).endswith(": wrkq")
    sides.repo.git("reset", "-q", "--hard", "main~1")
    change(sides, "One line.", "One line, or two.")
    sides.repo.git("merge", "-q", "--no-edit", "topic")
    assert "or two." in text(sides)
    sides.repo.git("reset", "-q", "--hard", "HEAD~1")
    change(sides, "title: Login", "title: Login, or so\nstate: in_progress")
    change(sides, "priority: 2", "priority: 3")
    assert sides.repo.run("merge", "topic").returncode == 1
    assert "<<<<<<< HEAD" in text(sides)


# The driver itself


def three(folder: Path, base: bytes, ours: bytes, theirs: bytes) -> driver.Sides:
    for name, data in (("O", base), ("A", ours), ("B", theirs)):
        (folder / name).write_bytes(data)
    return driver.Sides(folder / "O", folder / "A", folder / "B")


def test_a_bug_of_ours_is_a_merge_by_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(*_: object, **__: object) -> None:
        raise RuntimeError("oh")

    monkeypatch.setattr("wrkq_files.service.merging.merge_file", bug)
    sides = three(tmp_path, b"a\nb\nc\n", b"A\nb\nc\n", b"a\nb\nC\n")
    done = driver.merge(tmp_path, sides, "x.md", labels=("ours", "theirs"), marker_size=7)
    assert done == driver.Driven(True, "RuntimeError: oh")
    assert sides.ours.read_bytes() == b"A\nb\nC\n"
    sides = three(tmp_path, b"a\n", b"b\n", b"c\n")
    done = driver.merge(tmp_path, sides, "x.md", labels=("us", "them"), marker_size=9)
    assert not done.clean
    assert sides.ours.read_bytes() == b"<<<<<<<<< us\nb\n=========\nc\n>>>>>>>>> them\n"


def test_a_note_is_merged_by_lines(tmp_path: Path) -> None:
    sides = three(tmp_path, b"a\nb\nc\n", b"A\nb\nc\n", b"a\nb\nC\n")
    assert driver.merge(tmp_path, sides, "notes.md", labels=("ours", "theirs"), marker_size=7).clean
    assert sides.ours.read_bytes() == b"A\nb\nC\n"


@pytest.mark.parametrize(("path", "clean"), [("docs/x.md", False), ("inbox/x.md", True)])
def test_what_the_tracker_leaves_alone_is_merged_by_lines(tmp_path: Path, path: str, clean: bool) -> None:
    (tmp_path / "wrkq.yaml").write_text("format: 1\nignore:\n  - /docs\n")
    text = "---\ntitle: A\nlabels: [a]\n---\n"
    sides = three(tmp_path, *(text.replace("[a]", each).encode() for each in ("[a]", "[a, b]", "[a, c]")))
    done = driver.merge(tmp_path, sides, path, labels=("ours", "theirs"), marker_size=7)
    assert done == driver.Driven(clean)


def test_a_format_that_is_not_ours_is_merged_by_lines(tmp_path: Path) -> None:
    (tmp_path / "wrkq.yaml").write_text("format: 2\n")
    texts = [f"---\ntitle: A\nlabels: {each}\n---\n".encode() for each in ("[a]", "[a, b]", "[a, c]")]
    done = driver.merge(tmp_path, three(tmp_path, *texts), "x.md", labels=("ours", "theirs"), marker_size=7)
    assert (done.clean, "format 2" in done.failure) == (False, True)


def test_what_is_no_text_is_in_conflict_and_ours_stays(tmp_path: Path) -> None:
    sides = three(tmp_path, b"\0a", b"\0b", b"\0c")
    assert not driver.merge(tmp_path, sides, "x.md", labels=("ours", "theirs"), marker_size=7).clean
    assert sides.ours.read_bytes() == b"\0b"


def test_its_mode_and_its_neighbours_stay(tmp_path: Path) -> None:
    sides = three(tmp_path, b"a\n", b"b\n", b"c\n")
    sides.ours.chmod(0o640)
    driver.merge(tmp_path, sides, "x.md", labels=("ours", "theirs"), marker_size=7)
    assert sides.ours.stat().st_mode & 0o777 == 0o640
    assert sorted(each.name for each in tmp_path.iterdir()) == ["A", "B", "O"]


@pytest.mark.parametrize(
    ("path", "inner"),
    [
        ("wrkq/a/b.md", "a/b.md"),
        ("wrkq/inner/a.md", "a.md"),
        ("other/_actors/a.md", "other/_actors/a.md"),
        ("README.md", "README.md"),
    ],
)
def test_which_tracker_a_file_lies_in(tmp_path: Path, path: str, inner: str) -> None:
    for folder in ("wrkq", "wrkq/inner"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "wrkq.yaml").touch()
    assert driver.inside(tmp_path, path) == inner


def test_it_merges_as_the_engine_does(tmp_path: Path) -> None:
    texts = [
        TASK.encode(),
        TASK.replace("Login", "Log in").encode(),
        TASK.replace("  - a\n", "  - a\n  - b\n").encode(),
    ]
    sides = three(tmp_path, *texts)
    assert driver.merge(tmp_path, sides, "x.md", labels=("ours", "theirs"), marker_size=7).clean
    assert sides.ours.read_bytes() == merge_file(tmp_path, "x.md", *texts).data
