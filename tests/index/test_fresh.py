"""What a refresh notices, what it looks at, and when it writes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.index import support
from tests.index.support import index, paths, write
from wrkq_files.errors import WrkqError
from wrkq_files.index import look, pointer, reading, scan, sources
from wrkq_files.index.index import Index
from wrkq_files.index.place import Place
from wrkq_files.index.query import Query


def title(made: Index, path: str) -> str:
    entry = made.entry(path)
    assert entry is not None
    return entry.title


@pytest.fixture
def old_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are safe at once, as if they had been written long before they are read."""
    monkeypatch.setattr(scan, "SLACK", -(10**18))


def test_an_edit_of_the_same_size_with_the_mtime_put_back(tmp_path: Path, old_clock: None) -> None:
    """The ctime tells."""
    file = write(tmp_path, "a.md", title="one")
    made = index(tmp_path)
    before = file.stat()
    time.sleep(0.02)  # longer than the coarsest clock of a local file system
    file.write_text(file.read_text().replace("one", "two"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.stat().st_size == before.st_size
    made.refresh()
    assert title(made, "a.md") == "two"


def test_an_edit_that_no_stat_data_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the same tick of the file system's clock: the file was too young to be trusted, and is read again."""
    file = write(tmp_path, "a.md", title="one")
    stat = scan.Stat(*[getattr(file.stat(), name) for name in ("st_mtime_ns", "st_ctime_ns", "st_size", "st_ino")])
    freeze(monkeypatch, stat)
    made = index(tmp_path)
    file.write_text(file.read_text().replace("one", "two"))
    made.refresh()
    assert title(made, "a.md") == "two"


def freeze(monkeypatch: pytest.MonkeyPatch, stat: scan.Stat) -> None:
    """Every file has this stat data, whatever is done to it."""
    monkeypatch.setattr(scan.Scan, "stats", lambda found: dict.fromkeys(found.names, stat))
    monkeypatch.setattr(scan.Stat, "__new__", lambda *_: tuple.__new__(scan.Stat, stat))


def test_a_moved_clock_is_no_trap(tmp_path: Path) -> None:
    """An mtime in the future does not make a file young for ever; one long ago does not make it old."""
    moment = 2_000_000_000 * 10**9
    year = 365 * 86400 * 10**9
    assert scan.is_safe(scan.Stat(moment + year, moment - year, 1, 1), moment)
    assert not scan.is_safe(scan.Stat(moment - year, moment - 10**9, 1, 1), moment)
    assert not scan.is_safe(scan.Stat(moment - 10**9, moment - year, 1, 1), moment)
    assert scan.is_safe(scan.Stat(moment - year, moment - year, 1, 1), moment)


def test_young_files_settle_with_one_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "p/a.md", title="one")
    write(tmp_path, "p/b.md", title="two")
    place = support.place(tmp_path)

    def seal() -> pointer.Seal:
        with Index(place) as made:
            made.refresh()
            assert len(made.find(Query())) == 2
        named = pointer.read(place.folder)
        assert named is not None
        return named.seal

    first = seal()
    assert seal() == first  # too young: read again, nothing written
    now = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: now() + scan.SLACK)
    settled = seal()
    assert settled != first
    monkeypatch.setattr(reading, "read_file", forbidden)
    assert seal() == settled  # and neither read nor written any more


def forbidden(*arguments: object) -> object:
    raise AssertionError(f"not to be called: {arguments}")


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders that are scanned (``.``: the root) and the files that are read."""
    seen: list[str] = []
    real_scan, real_read = scan.scan, reading.read_file

    def scanning(root: str, path: str) -> scan.Scan | None:
        seen.append(path or ".")
        return real_scan(root, path)

    def read(path: str, is_document: Callable[[bytes], bool]) -> reading.Read | None:
        seen.append(path)
        return real_read(path, is_document)

    monkeypatch.setattr(scan, "scan", scanning)
    monkeypatch.setattr(look, "scan", scanning)
    monkeypatch.setattr(reading, "read_file", read)
    monkeypatch.setattr(sources, "read_file", read)
    return seen


@pytest.fixture
def tracker(tmp_path: Path, old_clock: None) -> Place:
    for folder in ("p", "p/f", "p/g", "q", "q/h"):
        write(tmp_path, f"{folder}/README.md", kind="area")
        for name in ("a", "b"):
            write(tmp_path, f"{folder}/{name}.md", title=name)
    write(tmp_path, "p/f/w.md", id="T-0000000W", blocked_by="[T-0000000B]")
    write(tmp_path, "q/h/blocker.md", id="T-0000000B")
    place = support.place(tmp_path)
    with Index(place) as made:
        made.refresh()
    return place


def test_one_document_is_looked_at_alone(tracker: Place, looked: list[str]) -> None:
    top = tracker.repo.top
    write(top, "p/f/a.md", title="changed")
    write(top, "q/h/a.md", title="changed")
    with Index(tracker) as made:
        made.refresh_paths(["p/f/a.md"])
        assert title(made, "p/f/a.md") == "changed"
        assert title(made, "q/h/a.md") == "a"  # not asked for
    assert [each for each in looked if not each.endswith("p/f/a.md")] == []


def test_a_document_knows_its_containers(tracker: Place) -> None:
    top = tracker.repo.top
    write(top, "p/README.md", kind="project", archived="2026-01-01")
    write(top, "p/f/README.md", kind="feature")
    with Index(tracker) as made:
        made.refresh_paths(["p/f/a.md"])
        entry = made.entry("p/f/a.md")
    assert entry is not None
    assert (entry.project, entry.feature, entry.archived) == ("p", "p/f", True)


def test_a_document_knows_what_it_waits_for(tracker: Place, looked: list[str]) -> None:
    top = tracker.repo.top
    write(top, "q/h/blocker.md", id="T-0000000B", state="done")
    with Index(tracker) as made:
        made.refresh_paths(["p/f/w.md"])
        entry = made.entry("p/f/w.md")
        assert entry is not None
        assert entry.effective_state == "open"
        assert [each for each in looked if not each.endswith("blocker.md")] == []
        (top / "wrkq/q/h/blocker.md").rename(top / "wrkq/q/moved.md")
        made.refresh_paths(["p/f/w.md"])
        entry = made.entry("p/f/w.md")
        assert entry is not None
        assert entry.effective_state == "open"
        assert made.entry("q/moved.md") is not None  # everything was looked at, for want of a better place


def test_a_folder_is_looked_at_alone(tracker: Place, looked: list[str]) -> None:
    top = tracker.repo.top
    write(top, "p/new.md", title="new")
    write(top, "p/f/README.md", kind="feature", title="F")
    (top / "wrkq/p/b.md").unlink()
    with Index(tracker) as made:
        made.refresh_folder("p")
        assert paths(made.children("p")) == ["p/a.md", "p/f/README.md", "p/g/README.md", "p/new.md"]
        assert title(made, "p/f/README.md") == "F"
    assert [each for each in looked if "." not in each] == ["p"]


def test_a_new_folder_in_a_folder(tracker: Place) -> None:
    top = tracker.repo.top
    write(top, "p/new/deep/task.md", title="x")
    (top / "wrkq/p/none").mkdir()
    with Index(tracker) as made:
        made.refresh_folder("p")
        assert "p/new/README.md" in paths(made.children("p"))
        assert "p/none/README.md" not in paths(made.children("p"))
        write(top, "p/none/task.md", title="x")
        made.refresh_folder("p")
        assert "p/none/README.md" in paths(made.children("p"))


def test_a_folder_that_is_gone(tracker: Place) -> None:
    top = tracker.repo.top
    (top / "wrkq/p").rename(top / "wrkq/r")
    with Index(tracker) as made:
        made.refresh_folder("p")
        assert made.children("p") == []
        assert made.entry("p/f/a.md") is None


def test_locate(tracker: Place, looked: list[str]) -> None:
    top = tracker.repo.top
    with Index(tracker) as made:
        found = made.locate("T-0000000W")
        assert found is not None
        assert found.path == "p/f/w.md"
        assert looked == []
        (top / "wrkq/p/f/w.md").rename(top / "wrkq/p/w.md")
        assert made.locate("T-0000000W") is None
        made.refresh()
        found = made.locate("T-0000000W")
        assert found is not None
        assert found.path == "p/w.md"
        assert made.locate("T-ZZZZZZZZ") is None
        assert made.locate("") is None


@pytest.mark.parametrize(
    "path", ["../x.md", "a/../b.md", "/etc/passwd.md", "p//a.md", "p/./a.md", "p/\0.md", "_x/a.md", ""]
)
def test_paths_that_are_none(tracker: Place, path: str) -> None:
    (tracker.repo.top / "x.md").write_text("---\ntitle: outside\n---\n")
    with Index(tracker) as made:
        made.refresh_paths([path])
        assert len(made.find(Query())) == 12


def test_a_path_that_is_not_utf8(tracker: Place) -> None:
    with Index(tracker) as made, pytest.raises(WrkqError) as caught:
        made.refresh_paths(["\udcff.md"])
    assert caught.value.code == "usage"


def test_a_path_without_a_file(tracker: Place) -> None:
    with Index(tracker) as made:
        made.refresh_paths(["p/none.md", "none/none.md"])
        assert made.entry("p/none.md") is None


@pytest.mark.parametrize("asked", ["p/f/README.md", "p/f/a.md", "p/f/none.md"])
def test_a_folder_that_is_gone_takes_all_along_whatever_of_it_is_asked_for(tracker: Place, asked: str) -> None:
    with Index(tracker) as made:
        made.refresh()
        inside = [each.path for each in made.find(Query(under="p/f"))]
        assert len(inside) > 1
        shutil.rmtree(tracker.root / "p/f")
        made.refresh_paths([asked])
        assert made.find(Query(under="p/f")) == []
        assert all(made.entry(path) is None for path in inside)


def test_a_warm_read_brings_no_yaml(tracker: Place) -> None:
    code = f"""
import sys
from pathlib import Path
from tests.index import support
from wrkq_files.index.index import Index
from wrkq_files.index.query import Query
made = Index(support.place(Path({str(tracker.repo.top)!r})))
made.refresh()
assert made.find(Query(hide=True))
heavy = {{"yaml", "fcntl", "wrkq_files.files.documents", "wrkq_files.index.apply", "subprocess", "pygit2"}}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""
    made = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
