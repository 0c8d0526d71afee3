"""Whatever happens to the files, an index that was kept equals one that is built anew."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.index import support
from wrkq_files.index import scan
from wrkq_files.index.index import Index

FOLDERS = ("", "a", "a/b", "a/b/c", "d", "d/e")
NAMES = ("one", "two", "three", "Odd Name")
IDS = tuple(f"T-0000000{digit}" for digit in range(5))

folders = st.sampled_from(FOLDERS)
tasks = st.builds(lambda folder, name: f"{folder}/{name}.md".lstrip("/"), folders, st.sampled_from(NAMES))
readmes = folders.map(lambda folder: f"{folder}/README.md".lstrip("/"))
task_texts = st.fixed_dictionaries(
    {},
    optional={
        "id": st.sampled_from(IDS),
        "state": st.sampled_from(["open", "completed", "blocked", "in_progress", "cancelled", "idea", "nonsense"]),
        "blocked_by": st.lists(st.sampled_from(IDS), max_size=2, unique=True).map(lambda ids: f"[{', '.join(ids)}]"),
        "blocked_reason": st.just("waiting for an answer"),
        "parent": st.sampled_from(IDS),
        "labels": st.sampled_from(["[x]", "[x, y]"]),
        "archived": st.just("2026-01-01"),
        "due": st.sampled_from(["2026-01-02", "2026-01-02T10:00:00+02:00"]),
    },
)
readme_texts = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["project", "feature", "area"]),
        "archived": st.just("2026-01-01"),
        "section": st.just("ready"),
    },
)
other_texts = st.sampled_from(["a note\n", "---\ntitle: [\n---\n", "---\nunclosed", "", "---\n---\n- [ ] box\n"])
steps = st.one_of(
    st.tuples(st.just("write"), tasks, task_texts),
    st.tuples(st.just("write"), readmes, readme_texts),
    st.tuples(st.just("text"), st.one_of(tasks, readmes), other_texts),
    st.tuples(st.just("delete"), st.one_of(tasks, readmes, folders.filter(bool)), st.none()),
    st.tuples(
        st.just("move"), st.one_of(tasks, folders.filter(bool)), st.one_of(tasks, st.sampled_from(["f", "a/g"]))
    ),
    st.tuples(st.just("link"), tasks, st.none()),
    st.tuples(st.just("tracker"), st.sampled_from(["a/wrkq.yaml", "d/e/wrkq.yaml"]), st.booleans()),
    st.tuples(st.just("comment"), st.sampled_from(IDS[:2]), st.sampled_from(["one", "two"])),
    st.tuples(st.just("refresh"), st.none(), st.none()),
    st.tuples(st.just("comments"), st.none(), st.none()),
    st.tuples(st.just("paths"), tasks, st.none()),
    st.tuples(st.just("folder"), folders, st.booleans()),
    st.tuples(st.just("reopen"), st.none(), st.none()),
)


class World:
    """A tracker that things happen to, and an index that is kept beside it."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self.root = top / "wrkq"
        self.place = support.place(top)
        self.index = Index(self.place)
        self.clock = 1_700_000_000

    def happen(self, step: tuple[str, object, object]) -> None:
        name, *values = step
        getattr(self, name)(*values)

    def stamp(self, file: Path) -> None:
        """Every write has another mtime: how fine the file system's clock is does not matter here."""
        self.clock += 1
        os.utime(file, (self.clock, self.clock))

    def write(self, path: str, fields: dict[str, str]) -> None:
        self.text(path, "\n".join(["---", *(f"{name}: {value}" for name, value in fields.items()), "---", path, ""]))

    def text(self, path: str, text: str) -> None:
        file = self.root / path
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.unlink(missing_ok=True)
            file.write_text(text)
        except OSError:
            return
        self.stamp(file)

    def delete(self, path: str, _: object) -> None:
        target = self.root / path
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)

    def move(self, source: str, target: str) -> None:
        if (self.root / source).exists() and not os.path.lexists(self.root / target):
            (self.root / target).parent.mkdir(parents=True, exist_ok=True)
            if not f"{target}/".startswith(f"{source}/"):
                (self.root / source).rename(self.root / target)

    def link(self, path: str, _: object) -> None:
        file = self.root / path
        if not file.exists() and not file.is_symlink() and file.parent.is_dir():
            file.symlink_to("README.md")

    def tracker(self, path: str, there: bool) -> None:
        if there and (self.root / path).parent.is_dir():
            (self.root / path).touch()
        elif not there:
            (self.root / path).unlink(missing_ok=True)

    def comment(self, on: str, name: str) -> None:
        self.write(f"_comments/{on[2:4]}/{on}/{name}.md", {"on": on, "author": "mara"})

    def refresh(self, *_: object) -> None:
        self.index.refresh()

    def comments(self, *_: object) -> None:
        self.index.refresh_comments()

    def paths(self, path: str, _: object) -> None:
        """A document that was looked at alone is as the whole view has it, once its folder says what is below it."""
        self.index.refresh_paths([path])
        anew = support.built_anew(self.place, comments=False)
        alone, wanted = self.index.entry(path), anew.entry(path)
        if alone and wanted and {alone.effective_state, wanted.effective_state} == {"open", "in_progress"}:
            alone, wanted = (each._replace(effective_state="") for each in (alone, wanted))
        assert alone == wanted
        self.index.refresh_folder(path.rpartition("/")[0])
        assert self.index.entry(path) == anew.entry(path)
        anew.close()

    def folder(self, folder: str, deep: bool) -> None:
        """So is a folder."""
        self.index.refresh_folder(folder, deep=deep)
        anew = support.built_anew(self.place, comments=False)
        assert self.index.children(folder) == anew.children(folder)
        assert self.index.notes(folder) == anew.notes(folder)
        if deep and folder:
            assert self.index.findings(folder) == anew.findings(folder)
        anew.close()

    def reopen(self, *_: object) -> None:
        self.index.close()
        self.index = Index(self.place)

    def check(self) -> None:
        self.index.refresh()
        self.index.refresh_comments()
        anew = support.built_anew(self.place, comments=True)
        assert support.content(self.index) == support.content(anew)
        assert self.index.search("one") == anew.search("one")
        assert self.index.repairs == anew.repairs == 0
        anew.close()


def go_through(history: list[tuple[str, object, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        for step in history:
            world.happen(step)
        world.check()
        world.index.close()


by_content_and_by_stat = pytest.mark.parametrize("slack", [scan.SLACK, -(10**18)], ids=["by content", "by stat"])
fixtures = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


#: A file that came, was looked at by itself, and went: its folder is as it was, and so is the index.
CAME_AND_WENT = [
    ("refresh", None, None),
    ("write", "README.md", {}),
    ("paths", "one.md", None),
    ("delete", "README.md", None),
]


@by_content_and_by_stat
@settings(max_examples=60, deadline=None, suppress_health_check=fixtures)
@given(history=st.lists(steps, max_size=25))
@example(history=CAME_AND_WENT)
def test_a_kept_index_equals_a_new_one(
    history: list[tuple[str, object, object]], slack: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "SLACK", slack)
    go_through(history)


@pytest.mark.soak
@by_content_and_by_stat
@settings(max_examples=3000, deadline=None, suppress_health_check=fixtures)
@given(history=st.lists(steps, max_size=60))
def test_a_kept_index_equals_a_new_one_for_long(
    history: list[tuple[str, object, object]], slack: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "SLACK", slack)
    go_through(history)
