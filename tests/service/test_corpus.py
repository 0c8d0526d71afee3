"""Every rule of the table on real files: `tests/corpus/invalid/<rule>/`; see the README there."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.repos import TestRepo
from tests.support.rights import of_an_ordinary_person
from tests.support.sandbox import START
from wrkq_files.model.finding import Finding
from wrkq_files.model.rules import RULES
from wrkq_files.service import checking, promises
from wrkq_files.service.tracker import Door, Tracker, open_tracker

CORPUS = Path(__file__).parent.parent / "corpus"
INVALID = CORPUS / "invalid"
ALONE = "inbox/case.md"
TASK = b"---\ntitle: A task\nid: T-AAAAAAA%d\n---\n"


class Case(NamedTuple):
    """One case of a rule. ``make`` writes the tracker into the root that it is given; ``expect``: `path` or
    `path:line` of each finding of the rule, none for a near miss."""

    rule: str
    name: str
    make: Callable[[Path], None]
    expect: tuple[str, ...]
    before: Path | None = None
    around: Callable[[], contextlib.AbstractContextManager[None]] = contextlib.nullcontext


def stored(rule: str, path: Path) -> Case:
    """A case that is a file, or a folder that is a tracker."""
    name = path.name.removesuffix(".md")
    near = name.startswith("ok-")
    if path.is_file():
        return Case(rule, name, lambda root: _put(root, {ALONE: path.read_bytes()}), () if near else (ALONE,))
    told = path / "expect"
    expect = tuple(told.read_text().splitlines()) if told.is_file() else ()
    before = path / "before"
    ignore = shutil.ignore_patterns("before", "expect")
    return Case(
        rule,
        name,
        lambda root: _copy(path, root, ignore),
        expect,
        before if before.is_dir() else None,
    )


def _copy(source: Path, root: Path, ignore: Callable[[str, list[str]], set[str]] | None = None) -> None:
    # Not with the times of the corpus: git takes a file of the same time and size for the one it knows.
    shutil.copytree(source, root, ignore=ignore, copy_function=shutil.copyfile, dirs_exist_ok=True)


def _put(root: Path, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)


# --- what a folder in git cannot hold


def _link(name: str, target: str) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        _put(root, {"wrkq.yaml": b"format: 1\nignore: [vendor]\n", "inbox/real.md": TASK % 1})
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(target)

    return make


def _shut(*names: str) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        _put(root, {"inbox/open.md": TASK % 9, **{name: TASK % number for number, name in enumerate(names)}})
        for name in names:
            (root / name).chmod(0)

    return make


def _readable(root: Path) -> None:
    _put(root, {"inbox/a.md": TASK % 1, "inbox/note.md": b"No task.\n"})
    (root / "inbox/a.md").chmod(0o400)


def _names(*names: str) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        _put(root, {name: TASK % number for number, name in enumerate(names)})
        found = {path.relative_to(root).as_posix() for path in root.rglob("*.md")}
        if not found >= set(names):
            pytest.skip("this file system takes names that differ in case for one")

    return make


def _name_of_bytes(root: Path) -> None:
    try:
        _put(root, {os.fsdecode(b"inbox/caf\xe9.md"): TASK % 1})
    except OSError:
        pytest.skip("this file system takes no such name")


MADE = (
    Case("symlink", "to-a-task", _link("inbox/link.md", "real.md"), ("inbox/link.md",)),
    Case("symlink", "out-of-the-tracker", _link("inbox/passwords.md", "/etc/hostname"), ("inbox/passwords.md",)),
    Case("symlink", "to-nothing", _link("inbox/gone.md", "gone/away.md"), ("inbox/gone.md",)),
    Case("symlink", "a-folder", _link("portal", "inbox"), ("portal",)),
    Case("symlink", "ok-in-a-folder-left-alone", _link("vendor/link.md", "../inbox/real.md"), ()),
    Case("no-access", "a-task", _shut("inbox/a.md"), ("inbox/a.md",), around=of_an_ordinary_person),
    Case(
        "no-access",
        "a-container-and-a-task",
        _shut("app/README.md", "app/a.md"),
        ("app/README.md", "app/a.md"),
        around=of_an_ordinary_person,
    ),
    Case("no-access", "ok-read-only", _readable, (), around=of_an_ordinary_person),
    Case("case-clash", "of-tasks", _names("inbox/login.md", "inbox/Login.md"), ("inbox/login.md",)),
    Case("case-clash", "of-folders", _names("Portal/a.md", "portal/b.md"), ("portal/README.md",)),
    Case("case-clash", "ok-in-two-folders", _names("inbox/login.md", "app/login.md"), ()),
    Case("bad-utf8", "a-name-of-other-bytes", _name_of_bytes, ("inbox/caf\\xe9.md",)),
)

STORED = [
    stored(folder.name, path)
    for folder in sorted(INVALID.iterdir())
    for path in sorted(folder.iterdir())
    if path.is_dir() or path.suffix == ".md"
]
CASES = [*STORED, *MADE]


def _tracker(place: Path) -> Tracker:
    return open_tracker(Door(cwd=place, now=lambda: START, random_bits=lambda bits: 0))


def findings(case: Case, place: Path) -> list[Finding]:
    """What ``check`` says of a case, in a repository of its own with the tracker in `wrkq/`."""
    repo = TestRepo.init(place)
    root = place / "wrkq"
    _put(root, {"wrkq.yaml": b"format: 1\n"})
    if case.before:
        _copy(case.before, root)
    else:
        case.make(root)
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "before")
    if case.before:
        for path in case.before.rglob("*"):
            if path.is_file() and path.name != "wrkq.yaml":
                (root / path.relative_to(case.before)).unlink()
        case.make(root)
    with case.around():
        return [each.finding for each in checking.check(_tracker(place))]


def _place(finding: Finding, expected: str) -> str:
    """The finding's place, as exactly as it was asked for."""
    return f"{finding.path}:{finding.line}" if expected.rpartition(":")[2].isdigit() else finding.path


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}/{case.name}")
def test_a_case(case: Case, tmp_path: Path) -> None:
    found = findings(case, tmp_path / "repo")
    own = [each for each in found if each.rule == case.rule]
    if case.name.startswith("ok-"):
        assert own == []
        assert [each for each in found if RULES[each.rule].severity == "error"] == []
        return
    assert case.expect, "a case names the files that the finding is in"
    for expected in case.expect:
        assert expected in [_place(each, expected) for each in own], found
    assert {each.path for each in own} == {re.sub(r":[0-9]+$", "", expected) for expected in case.expect}
    for each in own:
        assert each.message
        assert each.remedy


#: What commit messages promise is in no file: see test_log.
@pytest.mark.parametrize("rule", [rule for rule in RULES if rule != promises.RULE])
def test_every_rule_has_cases(rule: str) -> None:
    names = [case.name for case in CASES if case.rule == rule]
    assert len([name for name in names if not name.startswith("ok-")]) >= 2
    assert [name for name in names if name.startswith("ok-")]


def test_every_folder_is_a_rule() -> None:
    assert {case.rule for case in CASES} <= set(RULES)


def test_files_typed_by_hand_are_no_errors_in_a_tracker(tmp_path: Path) -> None:
    repo = TestRepo.init(tmp_path)
    _copy(CORPUS / "by-hand", tmp_path / "wrkq/inbox")
    _put(tmp_path / "wrkq", {"wrkq.yaml": b"format: 1\n"})
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "by hand")
    checked = checking.check(_tracker(tmp_path))
    assert [each for each in checked if each.severity == "error"] == []
    assert {each.finding.rule for each in checked} >= {"missing-id", "unknown-key"}


def _typed() -> Iterator[str]:
    yield from (path.read_text() for path in sorted((CORPUS / "by-hand").glob("*.md")))


@pytest.mark.parametrize(
    "sign",
    [
        "\ntags:",
        "\naliases:",
        "\naliases: [",
        "[-]",
        "[/]",
        "[>]",
        "[[",
        "![[",
        "[due::",
        "due::",
        "```dataview",
        "%%",
    ],
)
def test_what_other_tools_write_is_among_them(sign: str) -> None:
    assert any(sign in text for text in _typed())
