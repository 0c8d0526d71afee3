"""A tracker with bundles, written to as commands do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.repos import TestRepo
from tests.support.sandbox import COMMIT, Sandbox
from wrkq_files.service import comments, create, update
from wrkq_files.service.bundles import keeping, opening
from wrkq_files.service.change import Options
from wrkq_files.service.tracker import Tracker

PLAIN = Options()


class Bundles:
    """``box`` holds the task ``inbox/one``, committed on main, which is checked out."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        box.add("One")

    @property
    def repo(self) -> TestRepo:
        return self.box.repo

    @property
    def tracker(self) -> Tracker:
        return self.box.tracker

    def start(self, name: str) -> None:
        keeping.start(self.tracker, name)

    @contextmanager
    def on(self, name: str) -> Iterator[Tracker]:
        """The tracker as a bundle has it."""
        found = opening.opened(self.box.door, name)
        try:
            yield found.tracker
        finally:
            found.close()

    def add(self, name: str, title: str, into: str | None = None, **fields: str) -> None:
        with self.on(name) as there:
            create.add(there, title, create.New(pairs=[*fields.items()]), PLAIN, into=into)

    def set(self, name: str, target: str, **fields: str) -> None:
        with self.on(name) as there:
            update.set_fields(there, [target], update.Assignments([*fields.items()]), PLAIN)

    def comment(self, name: str, target: str, text: str) -> None:
        with self.on(name) as there:
            comments.add(there, target, text, PLAIN)

    def mkdir(self, address: str, kind: str) -> None:
        create.mkdir(self.tracker, [address], COMMIT, kind=kind)

    def show(self, ref: str, path: str) -> str:
        return (self.repo.show(f"{ref}:wrkq/{path}") or b"").decode()

    def tip(self, ref: str) -> str:
        return self.repo.git("rev-parse", ref)
