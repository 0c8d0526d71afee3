"""The law that makes git the event log: replaying events along the first parents gives the documents at HEAD."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.replay import State, normal, replay, truth
from tests.support.repos import GitFailed, TestRepo
from tests.support.sandbox import COMMIT, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.index.events import Events
from wrkq_files.model.events import Event
from wrkq_files.service import move, remove

FOLDERS = ("x", "x/y", "z", "")
SLUGS = ("a", "b", "c", "README")
IDS = ("T-AAAAAAAA", "T-BBBBBBBB", "T-CCCCCCCC", "T-DDDDDDDD")
LINES = (
    "state: in_progress",
    "state: completed",
    "state: done",
    "priority: high",
    "assignee: mara",
    "labels: [b, a]",
    "labels:\n  - c",
    "blocked_by: [T-AAAAAAAA, T-BBBBBBBB]",
    "relates_to: [T-CCCCCCCC]",
    "duplicate_of: T-DDDDDDDD",
    "score: {correctness: 2, effort: 1}",
    "meta: {a: [1, true, null], b: 1.0}",
    "odd key: [1, 2]",
    "archived: 2026-01-01T00:00:00Z",
    "kind: bug",
    "due: 2026-02-03",
    "# only a comment",
)
BODIES = (
    "",
    "Words.\n",
    "Words.\nMore of them.\n\n- [ ] one\n- [x] two\n",
    "- [x] one\n- [ ] two\n",
    "- [-] one\n- [ ] two\n- [ ] three\n",
    "- [ ] one\n- [ ] one\n- [X] one\n",
    "```\n- [ ] no item\n```\n",
)


class History:
    """A repository in which things happen by lot."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.box = Sandbox(folder)
        self.box.repo.git("config", "merge.conflictStyle", "merge")
        self.box.commit_all()
        self.lot = random.Random(seed)
        self.branches = ["main"]
        self.box.repo.git("branch", "-M", "main")

    def step(self) -> None:
        kinds: list[tuple[int, Callable[[], None]]] = [
            (12, self.by_hand),
            (4, self.by_command),
            (2, self.branch),
            (2, self.switch),
            (3, self.merge),
            (1, self.octopus),
            (1, self.squash),
            (1, self.rebase),
            (1, self.pick),
            (1, self.revert),
        ]
        weights, does = zip(*kinds, strict=True)
        self.lot.choices(does, weights)[0]()

    # By hand

    def by_hand(self) -> None:
        for _ in range(self.lot.randint(1, 3)):
            self.edit()
        self.commit("by hand")

    def edit(self) -> None:
        files = self.files()
        what = self.lot.randrange(9)
        if what < 4 or not files:
            self.write(self.lot.choice(files) if files and what < 2 else self.place(), self.document())
        elif what == 4:
            self.lot.choice(files).unlink()
        elif what == 5:
            self.rename(self.lot.choice(files), self.place())
        elif what == 6:
            self.write(self.lot.choice(files), "---\ntitle: [\n---\n")
        elif what == 7:
            self.write(self.lot.choice(files), "A note.\n")
        else:
            folder = self.box.root / self.lot.choice(("x", "z"))
            to = self.box.root / self.lot.choice(("w", "x/v", "z", "x"))
            if folder.is_dir() and not to.exists() and not to.is_relative_to(folder):
                to.parent.mkdir(parents=True, exist_ok=True)
                folder.rename(to)

    def document(self) -> str:
        own = self.lot.choice((*IDS, None, None))
        lines = [f"id: {own}"] if own else []
        lines += self.lot.sample(LINES, self.lot.randint(0, 4))
        names = [line.partition(":")[0] for line in lines]
        lines = [line for place, line in enumerate(lines) if names[place] not in names[:place]]
        return "\n".join(["---", f"title: t{self.lot.randrange(3)}", *lines, "---", "", self.lot.choice(BODIES)])

    def files(self) -> list[Path]:
        return sorted(each for each in self.box.root.rglob("*.md") if "_" not in each.parts[len(self.box.root.parts)])

    def place(self) -> Path:
        return self.box.root / self.lot.choice(FOLDERS) / f"{self.lot.choice(SLUGS)}.md"

    def write(self, place: Path, text: str) -> None:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    def rename(self, old: Path, new: Path) -> None:
        new.parent.mkdir(parents=True, exist_ok=True)
        old.rename(new)

    def commit(self, message: str) -> None:
        self.box.repo.git("add", "-A")
        self.box.repo.git("commit", "-q", "--allow-empty", "-m", message)

    # By command

    def by_command(self) -> None:
        index = self.box.tracker.index
        index.refresh()
        tasks = [path.removesuffix(".md") for path in index.files() if path.endswith(".md") and "_" not in path]
        try:
            self.command(self.lot.choice(tasks) if tasks else "none")
        except WrkqError:  # a lot of these histories is nothing a command would touch
            self.box.repo.git("reset", "-q", "--hard")

    def command(self, target: str) -> None:
        what = self.lot.randrange(4)
        if what == 0:
            self.box.add(f"Task {self.lot.randrange(1000)}", into="z" if self.lot.random() < 0.5 else None)
        elif what == 1:
            self.box.set(target, priority=str(self.lot.randint(1, 4)), state=self.lot.choice(("open", "cancelled")))
        elif what == 2:
            move.mv(self.box.tracker, [target], "z/moved" + str(self.lot.randrange(3)), COMMIT)
        else:
            remove.rm(self.box.tracker, [target], COMMIT, purge=True)

    # With git

    def branch(self) -> None:
        name = f"b{len(self.branches)}"
        self.box.repo.git("checkout", "-q", "-b", name)
        self.branches.append(name)

    def switch(self) -> None:
        self.box.repo.git("checkout", "-q", self.lot.choice(self.branches))

    def other(self) -> str:
        return self.lot.choice(self.branches)

    def merge(self) -> None:
        how = self.lot.choice(("-Xours", "-Xtheirs", "-sours"))
        self.settled(lambda: self.box.repo.git("merge", "-q", "--no-ff", "--no-commit", how, self.other()))
        if self.lot.random() < 0.3:
            self.edit()
        self.commit("merge")

    def octopus(self) -> None:
        try:
            self.box.repo.git("merge", "-q", "--no-ff", "-m", "octopus", self.other(), self.other())
        except GitFailed:
            self.box.repo.git("reset", "-q", "--hard")

    def squash(self) -> None:
        self.settled(lambda: self.box.repo.git("merge", "-q", "--squash", "-Xtheirs", self.other()))
        self.commit("squash")

    def rebase(self) -> None:
        try:
            self.box.repo.git("rebase", "-q", "-Xtheirs", self.other())
        except GitFailed:
            self.box.repo.git("rebase", "--abort")

    def pick(self) -> None:
        self.settled(lambda: self.box.repo.git("cherry-pick", "-n", "-Xtheirs", "-m1", self.other()))
        self.commit("pick")

    def revert(self) -> None:
        if "_actors" not in self.box.repo.git("show", "--stat", "HEAD"):  # else the tracker itself would go
            self.settled(lambda: self.box.repo.git("revert", "-n", "-Xtheirs", "HEAD"))
            self.commit("revert")

    def settled(self, act: Callable[[], object]) -> None:
        """Whatever git leaves conflicting is settled by what lies in the folder."""
        try:
            act()
        except GitFailed:
            self.box.repo.git("add", "-A")


def check(box: Sandbox, events: Events) -> None:
    head = box.repo.head
    view = events.upto(head, "HEAD")
    state: State = {}
    for line in box.repo.git("rev-list", "--first-parent", "--reverse", "--parents", head).splitlines():
        commit, *parents = line.split()
        if len(parents) > 1:
            found = events.between(parents[0], commit)
        else:
            found = [each.event for each in events.ask(view, "logged.id = ?", (commit,), newest_first=False)]
        state = replay(state, found, lambda event: text_of(box.repo, event))
    expected, broken = truth(box.repo, head, "wrkq")
    got = {path: value for path, value in normal(state).items() if path not in broken}
    assert got == normal(expected)
    box.tracker.index.refresh()


def text_of(repo: TestRepo, event: Event) -> str:
    from wrkq_files.files import documents
    from wrkq_files.model import layout

    data, kind = repo.show(event.blob), layout.type_of(event.path)
    assert data is not None
    assert kind is not None
    document = documents.parse(data, kind, event.path, kinds=None).document
    assert document is not None
    return document.body


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**6), st.integers(1, 25))
def test_replaying_the_events_gives_the_documents(seed: int, steps: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        history = History(Path(folder), seed)
        events = Events(history.box.tracker.place)
        for number in range(steps):
            history.step()
            if number % 5 == 4:
                check(history.box, events)
        check(history.box, events)
        events.close()
        check(history.box, anew := Events(history.box.tracker.place))
        anew.close()
