"""Two branches that went their ways at random, merged: nothing that one side did alone is missing."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.repos import TestRepo
from tests.support.sandbox import Sandbox
from wrkq_files.files.documents import parse
from wrkq_files.git.repo import discover
from wrkq_files.model import layout
from wrkq_files.model.document import Document
from wrkq_files.model.fields import DocType
from wrkq_files.service import joining

STEPS = 7
_STATES = ("open", "in_progress", "blocked", "completed")
_WORDS = ("auth", "api", "docs", "tests")


class Side:
    """One branch's files, changed at random as people do it."""

    def __init__(self, files: dict[str, str], chance: random.Random) -> None:
        self.files = dict(files)
        self._chance = chance

    def step(self) -> None:
        act: Callable[[], None] = self._chance.choice(
            [self._field, self._field, self._field, self._body, self._move, self._folder, self._delete, self._add]
        )
        act()

    def _task(self) -> str | None:
        found = sorted(path for path in self.files if not path.endswith("README.md"))
        return self._chance.choice(found) if found else None

    def _field(self) -> None:
        if path := self._task():
            line = self._chance.choice(
                [
                    f"priority: {self._chance.randint(1, 4)}",
                    f"state: {self._chance.choice(_STATES)}",
                    f"due: 2026-02-{self._chance.randint(10, 28)}",
                    f"labels: [{', '.join(self._chance.sample(_WORDS, 2))}]",
                ]
            )
            key = line.split(":")[0]
            kept = [each for each in self.files[path].split("\n") if not each.startswith(f"{key}:")]
            kept.insert(kept.index("---", 1), line)
            self.files[path] = "\n".join(kept)

    def _body(self) -> None:
        if path := self._task():
            lines = self.files[path].split("\n")
            place = self._chance.randint(lines.index("---", 1) + 2, len(lines) - 1)
            lines[place : place + 1] = [f"Line {self._chance.randint(0, 999)}.", ""]
            self.files[path] = "\n".join(lines)

    def _move(self) -> None:
        if path := self._task():
            folder = self._chance.choice(["shop", "shop/auth", "shop/pay"])
            to = f"{folder}/{self._chance.choice('uvwxyz')}{self._chance.randint(0, 9)}.md"
            if to not in self.files:
                self.files[to] = self.files.pop(path)

    def _folder(self) -> None:
        old = self._chance.choice(["shop/auth", "shop/pay"])
        new = f"{old}-{self._chance.randint(0, 9)}"
        if any(path.startswith(f"{old}/") for path in self.files):
            self.files = {
                path.replace(f"{old}/", f"{new}/", 1) if path.startswith(f"{old}/") else path: text
                for path, text in self.files.items()
            }

    def _delete(self) -> None:
        if path := self._task():
            del self.files[path]

    def _add(self) -> None:
        name = f"shop/{self._chance.choice(['auth/', 'pay/', ''])}n{self._chance.randint(0, 99):02}.md"
        if name not in self.files:
            self.files[name] = task(f"T-{self._chance.randint(0, 10**8):08}")


def task(identifier: str) -> str:
    body = "".join(f"Paragraph {number}.\n\n" for number in range(6))
    return f"---\ntitle: Task {identifier}\nid: {identifier}\npriority: 3\n---\n\n{body}"


def begin() -> dict[str, str]:
    folder = "---\ntitle: {0}\nid: P-{1:08}\nkind: feature\n---\n"
    files = {
        f"{name}/README.md": folder.format(name, at) for at, name in enumerate(["shop", "shop/auth", "shop/pay"])
    }
    for number in range(8):
        files[f"{('shop/auth', 'shop/pay')[number % 2]}/t{number}.md"] = task(f"T-{10**7 + number:08}")
    return files


def documents(repo: TestRepo, tree: str) -> dict[str, Document]:
    found = {}
    for path in repo.git("ls-tree", "-r", "--name-only", tree).splitlines():
        kind = layout.type_of(path.removeprefix("wrkq/"))
        data = repo.show(f"{tree}:{path}")
        if kind in (DocType.TASK, DocType.CONTAINER) and path.startswith("wrkq/") and data is not None:
            document = parse(data, kind, path).document
            assert document is not None, data
            assert document.id is not None
            assert document.id not in found, "one document twice"
            found[document.id] = document
    return found


def commit(box: Sandbox, branch: str, before: dict[str, str], files: dict[str, str]) -> str:
    box.repo.git("checkout", "-q", "-B", branch, "base")
    box.repo.write({f"wrkq/{path}": None for path in before if path not in files})
    box.repo.write({f"wrkq/{path}": text for path, text in files.items()})
    box.repo.git("add", "-A")
    box.repo.git("commit", "-q", "--allow-empty", "-m", branch)
    return box.repo.head


def check_clean(base: dict[str, Document], sides: list[dict[str, Document]], merged: dict[str, Document]) -> None:
    """What only one side did is there; what both left alone is as it was."""
    for identifier in {*base, *sides[0], *sides[1]}:
        was, mine, yours = base.get(identifier), sides[0].get(identifier), sides[1].get(identifier)
        now = merged.get(identifier)
        if was is None:
            assert now is not None, "a new document is missing"
            assert now.fields == (mine or yours).fields  # type: ignore[union-attr]
            continue
        if mine is None or yours is None:
            other = mine or yours
            assert now is None
            assert other is None or (other.fields, other.body) == (was.fields, was.body), (
                "a change went with a deletion"
            )
            continue
        assert now is not None, "a document is missing"
        for name in {*was.fields, *mine.fields, *yours.fields} - {"labels"}:
            if mine.get(name) == was.get(name):
                assert now.get(name) == yours.get(name)
            elif yours.get(name) == was.get(name):
                assert now.get(name) == mine.get(name)
        assert {*now.labels} >= {*mine.labels} - {*was.labels} | {*yours.labels} - {*was.labels}
        for side in (mine, yours):
            assert {*side.body.split("\n")} - {*was.body.split("\n")} <= {*now.body.split("\n")}
        moved = {each.path for each in (mine, yours)} - {was.path}
        assert now.path in (moved or {was.path})


@pytest.mark.parametrize("seed", range(30))
def test_nothing_that_one_side_did_is_missing(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    box = Sandbox(tmp_path)
    before = begin()
    box.repo.write({f"wrkq/{path}": text for path, text in before.items()})
    box.commit_all()
    box.repo.git("branch", "base")
    tips, both = [], []
    for branch in ("one", "two"):
        side = Side(before, chance)
        for _ in range(chance.randint(1, STEPS)):
            side.step()
        tips.append(commit(box, branch, before, side.files))
        both.append(documents(box.repo, branch))
    repo = discover(tmp_path)
    there = joining.join(box.door, repo, *tips)
    back = joining.join(box.door, repo, *tips[::-1])
    assert (there.is_clean, bool(there.conflicts)) == (back.is_clean, bool(back.conflicts))
    assert {each.field for each in there.conflicts} == {each.field for each in back.conflicts}
    if there.conflicts:
        return
    assert there.tree == back.tree
    check_clean(documents(box.repo, "base"), both, documents(box.repo, there.tree))
