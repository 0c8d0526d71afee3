"""The law of this room: whatever is asked, in whatever order, the repository stays whole.

After any sequence of commands, each done or refused: ``check`` finds no error, nothing is uncommitted, the index is
what a rebuild would make it, and every earlier commit is still reachable.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.support.sandbox import COMMIT, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.index.query import Query
from wrkq_files.model.fields import DocType
from wrkq_files.service import attachments, checking, comments, create, move, relations, remove, replacing, update
from wrkq_files.service.change import Options
from wrkq_files.service.create import New
from wrkq_files.service.tracker import Tracker

TITLES = st.sampled_from(["Fix it", "Größe: 12", "--help", "no", "Login UX", "日本", "a #b"])
PLACES = st.sampled_from(["inbox", "portal", "portal/auth", "area", "portal/deep/er", "nowhere"])
SLUGS = st.sampled_from(["a", "b", "fix-it", "Up", "auth", "portal"])
FIELDS = st.sampled_from(
    [
        *(("state", each) for each in ("open", "in_progress", "done", "cancelled", "draft", "nonsense")),
        *(("priority", each) for each in ("1", "3", "9", "")),
        *(("labels", each) for each in ("x,y", "z", "")),
        *(("section", each) for each in ("doing", "done", "nowhere", "")),
        ("assignee", "me"),
        ("resolution", "done"),
        ("due", "3d"),
        ("summary", "two\nlines"),
        ("score.effort", "2"),
        ("meta.x", "[1]"),
        ("source", "s:1"),
        ("parent", ""),
        ("kind", "bug"),
        ("title", "Another: title"),
    ]
)
BODY = "Text.\n\n## Acceptance criteria\n\n- [ ] one\n- [ ] one\n- [x] two\n"
FLAGS = st.booleans()


class Commands(RuleBasedStateMachine):
    """``pick`` numbers name a document of those there are, so that most requests find one."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.box = Sandbox(self.folder / "repo")
        self.box.commit_all()
        self.heads = [self.box.repo.head]
        self.ask(lambda t: create.mkdir(t, ["portal"], COMMIT, kind="project"))
        self.ask(lambda t: create.touch(t, ["portal/a", "inbox/b", "portal/c"], New(body=BODY), COMMIT))

    def ask(self, request: Callable[[Tracker], object]) -> None:
        try:
            request(self.box.tracker)
        except WrkqError:
            assert self.box.repo.status() == [], "a refusal left something behind"
        if self.box.repo.head != self.heads[-1]:
            self.heads.append(self.box.repo.head)

    def name(self, pick: int, *types: DocType) -> str:
        tracker = self.box.tracker
        tracker.index.refresh()
        entries = tracker.index.find(Query(types=types or (DocType.TASK, DocType.CONTAINER)))
        entry = entries[pick % len(entries)]
        return entry.id if entry.id and pick % 2 else entry.address or "/"

    @rule(title=TITLES, place=PLACES, field=FIELDS)
    def add(self, title: str, place: str, field: tuple[str, str]) -> None:
        self.ask(lambda t: create.add(t, title, New(pairs=[field], body=BODY), COMMIT, into=place))

    @rule(place=PLACES, slug=SLUGS, pick=st.integers(0, 50), subtask=FLAGS)
    def touch(self, place: str, slug: str, pick: int, subtask: bool) -> None:
        parent = self.name(pick, DocType.TASK) if subtask else None
        self.ask(lambda t: create.touch(t, [f"{place}/{slug}"], New(parent=parent), COMMIT))

    @rule(place=PLACES, slug=SLUGS, kind=st.sampled_from(["area", "project", "feature"]), parents=FLAGS)
    def mkdir(self, place: str, slug: str, kind: str, parents: bool) -> None:
        self.ask(lambda t: create.mkdir(t, [place, f"{place}/{slug}"], COMMIT, kind=kind, parents=parents))

    @rule(place=PLACES, slug=SLUGS)
    def by_hand(self, place: str, slug: str) -> None:
        """A person makes a file without an id where nothing is, and commits it."""
        folder = self.box.root / place
        taken = [each.name.lower().removesuffix(".md") for each in folder.iterdir()] if folder.is_dir() else []
        above = [self.box.root / f"{each}.md" for each in (place, place.rpartition("/")[0]) if each]
        if slug.lower() in taken or any(each.exists() for each in above):
            return
        # The same bytes at the same place as before would get the same id: see test_move.
        self.box.write(f"{place}/{slug.lower()}.md", f"---\ntitle: by hand {len(self.heads)} # mine\n---\n")
        self.box.commit_all()
        self.heads.append(self.box.repo.head)

    @rule(pick=st.integers(0, 50), field=FIELDS, force=FLAGS)
    def set(self, pick: int, field: tuple[str, str], force: bool) -> None:
        target, asked = self.name(pick), update.Assignments([field], ["new"] if pick % 3 == 0 else [])
        self.ask(lambda t: update.set_fields(t, [target], asked, Options(commit=True, force=force)))

    @rule(a=st.integers(0, 50), b=st.integers(0, 50), field=st.sampled_from(["blocked_by", "parent", "relates_to"]))
    def refer(self, a: int, b: int, field: str) -> None:
        one, other = self.name(a), self.name(b)
        self.ask(lambda t: update.set_fields(t, [one], update.Assignments([(field, other)]), COMMIT))

    @rule(a=st.integers(0, 50), b=st.integers(0, 50), word=st.sampled_from(list(relations.WORDS)), away=FLAGS)
    def relate(self, a: int, b: int, word: str, away: bool) -> None:
        one, other = self.name(a), self.name(b)
        self.ask(lambda t: (relations.unrelate if away else relations.relate)(t, one, word, other, COMMIT))

    @rule(pick=st.integers(0, 50), to=PLACES | SLUGS)
    def mv(self, pick: int, to: str) -> None:
        source = self.name(pick)
        self.ask(lambda t: move.mv(t, [source], to, COMMIT))

    @rule(pick=st.integers(0, 50), purge=FLAGS, force=FLAGS)
    def rm(self, pick: int, purge: bool, force: bool) -> None:
        target = self.name(pick)
        self.ask(lambda t: remove.rm(t, [target], Options(commit=True, force=force), purge=purge, recursive=force))
        if not (self.box.root / "portal").exists():
            self.ask(lambda t: create.mkdir(t, ["portal"], COMMIT, kind="project"))

    @rule(pick=st.integers(0, 50))
    def restore(self, pick: int) -> None:
        target = self.name(pick)
        self.ask(lambda t: remove.restore(t, [target], COMMIT))

    @rule(pick=st.integers(0, 50), kind=st.sampled_from(["comment", "progress", "shout"]))
    def comment(self, pick: int, kind: str) -> None:
        target = self.name(pick)
        pairs = [("percent", "50")] if pick % 2 else []
        self.ask(lambda t: comments.add(t, target, "Words.", COMMIT, kind=kind, pairs=pairs))

    @rule(pick=st.integers(0, 50), name=st.sampled_from(["f.txt", "../x"]), content=st.binary(max_size=5))
    def attach(self, pick: int, name: str, content: bytes) -> None:
        target = self.name(pick)
        self.ask(lambda t: attachments.put(t, target, name, content, Options(commit=True, force=bool(pick % 2))))

    @rule(pick=st.integers(0, 50), word=st.sampled_from(["1", "2", "two", "9"]), mark=st.sampled_from("x -"))
    def tick(self, pick: int, word: str, mark: str) -> None:
        target = self.name(pick, DocType.TASK, DocType.CONTAINER)
        self.ask(lambda t: update.tick(t, target, [word], mark, COMMIT))

    @rule(
        pick=st.integers(0, 50),
        text=st.sampled_from(
            [
                ("yaml", b"title: Applied\nlabels: [b, a]\nbody: |\n  - [ ] one\n"),
                ("yaml", b"blocked_by: [T-00000000]\n"),
                ("json", b'{"state": "in_progress", "priority": 3, "summary": null}'),
                ("json", b'{"parent": null, "source": "s:1"}'),
                ("markdown", b"---\ntitle: Whole\nmine: 1\n---\n\nNew.\n"),
            ]
        ),
        new=FLAGS,
    )
    def apply(self, pick: int, text: tuple[str, bytes], new: bool) -> None:
        target = f"portal/new-{pick}" if new else self.name(pick)
        self.ask(lambda t: replacing.apply(t, target, text[1], text[0], COMMIT))

    @rule(pick=st.integers(-20, 50))
    def fmt(self, pick: int) -> None:
        targets = [self.name(pick)] if pick >= 0 else []
        self.ask(lambda t: update.fmt(t, targets, COMMIT))

    @invariant()
    def nothing_is_uncommitted(self) -> None:
        assert self.box.repo.status() == []

    def teardown(self) -> None:
        try:
            self.is_whole()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def is_whole(self) -> None:
        assert [each.finding for each in checking.errors(checking.check(self.box.tracker))] == []
        every = Query(types=tuple(DocType))
        tracker = self.box.tracker
        tracker.index.refresh()
        tracker.index.refresh_comments()
        found, edges = tracker.index.find(every), tracker.index.edges()
        tracker.index.rebuild()
        assert found == tracker.index.find(every)
        assert edges == tracker.index.edges()
        for head in self.heads:
            self.box.repo.git("merge-base", "--is-ancestor", head, "HEAD")
        self.box.repo.fsck()


def obey(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        Commands,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.slow
@pytest.mark.no_cover
def test_any_sequence_of_commands_leaves_it_whole() -> None:
    obey(6, 20)


@pytest.mark.soak
def test_many_long_sequences() -> None:
    obey(150, 60)
