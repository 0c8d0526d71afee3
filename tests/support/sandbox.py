"""A repository with a tracker in it, and requests made of it as the command line makes them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.support.repos import TestRepo
from wrkq_files.service import create, setup, update
from wrkq_files.service.change import Options, Written
from wrkq_files.service.tracker import Door, Tracker, open_tracker

START = datetime(2026, 1, 19, 14, 24, 16, tzinfo=UTC)
COMMIT = Options(commit=True)
FILES_ONLY = Options(commit=False)


def clock(moment: datetime = START) -> Iterator[datetime]:
    """A second later at every look."""
    while True:
        yield moment
        moment += timedelta(seconds=1)


class Sandbox:
    """``tracker`` opens afresh at every look, as each command does."""

    def __init__(self, path: Path, *, folder: str = "wrkq", options: tuple[str, ...] = ()) -> None:
        self._begin(TestRepo.init(path, *options), folder)
        setup.init(self.door, folder)

    @classmethod
    def there(cls, path: Path, *, folder: str = "wrkq") -> Sandbox:
        """A tracker that is there already: a clone's, another worktree's."""
        made = cls.__new__(cls)
        made._begin(TestRepo(path), folder)
        return made

    def _begin(self, repo: TestRepo, folder: str) -> None:
        self.repo = repo
        self.folder = folder
        self._times = clock()
        self._random = random.Random(7)
        self.cwd = repo.path

    @property
    def door(self) -> Door:
        return Door(cwd=self.cwd, now=lambda: next(self._times), random_bits=self._random.getrandbits)

    def go_to(self, moment: datetime) -> None:
        """Requests are made at this moment, and a second later each."""
        self._times = clock(moment)

    @property
    def root(self) -> Path:
        return self.repo.path / self.folder

    @property
    def tracker(self) -> Tracker:
        return open_tracker(self.door)

    def name(self, path: str) -> str:
        """A tracker path as the repository knows it."""
        return path if self.folder == "." else f"{self.folder}/{path}"

    def commit_all(self) -> None:
        self.repo.git("add", "-A")
        self.repo.git("commit", "-q", "-m", "by hand")

    def add(self, title: str, *, options: Options = COMMIT, into: str | None = None, **fields: str) -> str:
        """A new task's id."""
        written = create.add(self.tracker, title, create.New(pairs=list(fields.items())), options, into=into)
        return str(written.data["created"][0]["id"])

    def set(self, target: str, options: Options = COMMIT, /, **fields: str) -> Written:
        return update.set_fields(self.tracker, [target], update.Assignments(list(fields.items())), options)

    def text(self, path: str) -> str:
        return (self.root / path).read_bytes().decode()

    def derived(self, path: str) -> str:
        """The id that a document has, written or not."""
        index = self.tracker.index
        index.refresh()
        entry = index.entry(path)
        assert entry is not None
        return entry.id

    def write(self, path: str, text: str) -> None:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode())

    def replace(self, path: str, old: str, new: str) -> None:
        """An edit by hand."""
        text = self.text(path)
        assert old in text
        self.write(path, text.replace(old, new))
