"""Many operations as one change: the same as the commands one after another, all of it or nothing."""

from __future__ import annotations

import itertools
import json
import random
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.service.worker import agree, changed_files, opened, snapshot
from tests.support.sandbox import COMMIT, FILES_ONLY, START, Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.index import overlay as index_overlay
from wrkq_files.index.store import Store
from wrkq_files.model.fields import DocType
from wrkq_files.service import batch, comments, pending, publish, status
from wrkq_files.service.batch_input import Operation, read
from wrkq_files.service.change import Options, Written
from wrkq_files.service.tracker import Door

BOXES = "## Acceptance criteria\n\n- [ ] one\n- [ ] two\n"
#: One of each kind, each building on the ones before.
STORY: Sequence[Mapping[str, Any]] = (
    {"op": "mkdir", "address": "portal", "kind": "project", "as": "p"},
    {"op": "mkdir", "address": "portal/auth/deep", "parents": True, "as": "deep", "labels": ["l"]},
    {"op": "add", "title": "Login", "into": "$p", "as": "a", "labels": ["ux"], "body": BOXES},
    {
        "op": "touch",
        "address": "portal/auth/second",
        "as": "b",
        "fields": {"blocked_by": ["$a"], "due": "2026-03-01"},
    },
    {"op": "add", "title": "Child", "as": "c", "parent": "$b"},
    {"op": "comment", "target": "$a", "text": "Hello.", "as": "said"},
    {"op": "comment", "target": "$a", "text": "Better.", "fields": {"supersedes": "$said"}},
    {"op": "tick", "target": "$a", "items": [1, "two"]},
    {"op": "untick", "target": "$a", "items": "one"},
    {"op": "set", "target": ["$b", "portal/login"], "fields": {"priority": 1, "score.effort": 2}, "add_labels": "x"},
    {"op": "mv", "source": "$a", "target": "portal/auth"},
    {"op": "relate", "a": "$b", "relation": "relates-to", "b": "$a"},
    {"op": "unrelate", "a": "$a", "relation": "blocks", "b": "$b"},
    {"op": "rm", "target": "$a"},
    {"op": "restore", "target": "$a"},
    {"op": "mv", "source": "portal/auth", "target": "gate"},
    {"op": "rm", "target": "portal/gate/deep", "purge": True, "recursive": True},
)


def operations(rows: Sequence[Mapping[str, Any]]) -> list[Operation]:
    return read("\n".join(map(json.dumps, rows)).encode(), "ops")


def run(
    box: Sandbox, rows: Sequence[Mapping[str, Any]], options: Options = COMMIT, *, go_on: bool = False
) -> Written:
    return batch.run(box.tracker, operations(rows), options, go_on=go_on)


def refused(box: Sandbox, rows: Sequence[Mapping[str, Any]], options: Options = COMMIT) -> WrkqError:
    with pytest.raises(WrkqError) as caught:
        run(box, rows, options)
    return caught.value


def told(box: Sandbox) -> list[list[str]]:
    """The operations of HEAD's trailers: name and ids."""
    values = box.repo.git("log", "-1", "--format=%(trailers:key=Wrkq-Op,valueonly)").splitlines()
    return [value.split()[1:] for value in values if value]


# --- the law


class Twin(Sandbox):
    """A sandbox whose clock stands still; ids come from one source, all else that is random from another."""

    def __init__(self, path: Path) -> None:
        self._sources = {40: random.Random(7), 80: random.Random(8)}
        super().__init__(path)

    @property
    def door(self) -> Door:
        return Door(
            cwd=self.cwd, now=lambda: START, random_bits=lambda count: self._sources[count].getrandbits(count)
        )


def fill(box: Sandbox) -> Sandbox:
    """Documents made by hand, one with an id and the others without, a note, and folders."""
    box.write("a/README.md", "---\ntitle: A\nkind: project\n---\n")
    box.write("a/one.md", f"---\ntitle: One\n---\n\n{BOXES}")
    box.write("a/two.md", "---\ntitle: Two\nid: T-00000002\nblocked_by: [T-00000003]\n---\n")
    box.write("b/three.md", "---\ntitle: Three\nid: T-00000003\n# mine\nlabels: [z, a]\n---\n")
    box.write("b/note.md", "No document.\n")
    box.write("b/c/four.md", "---\ntitle: Four\n---\n")
    box.commit_all()
    return box


def tree(box: Sandbox) -> dict[str, bytes]:
    return {
        path.relative_to(box.root).as_posix(): path.read_bytes() for path in box.root.rglob("*") if path.is_file()
    }


def one_by_one(box: Sandbox, rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Each operation as a command of its own; for each what it did, or the code and words of its refusal."""
    made: dict[str, str | int] = {}
    ended = []
    for operation in operations(rows):
        tracker = box.tracker
        try:
            written = batch._carry_out(tracker, operation, made, COMMIT)  # type: ignore[arg-type]
        except WrkqError as error:
            ended.append((error.code, error.message))
            if operation.name:
                made[operation.name] = operation.line
            continue
        if operation.name:
            made[operation.name] = batch._made(tracker, operation, written)  # type: ignore[arg-type]
        ended.append(("", written.subject))
    return ended


def at_once(box: Sandbox, rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    try:
        found = run(box, rows, go_on=True).data["operations"]
    except WrkqError as error:
        found = error.details["failed"]
    return [
        (row["error"]["code"], row["error"]["message"]) if "error" in row else ("", row["subject"]) for row in found
    ]


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("twins")


PLACES = ("a", "b", "b/c", "inbox", "d", "a/d", "b/c/d")
TASKS = ("a/one", "a/two", "b/three", "b/c/four", "a/x", "b/x", "d/x", "inbox/x", "T-00000002", "inbox/x-2")
NAMED = st.sampled_from(("$0", "$1", "$2", "$3"))
TASK = st.sampled_from(TASKS) | NAMED
ANY = TASK | st.sampled_from(PLACES) | st.sampled_from(("a/*", "b/**", "nowhere"))
FIELDS = st.sampled_from(
    [
        {"priority": 1},
        {"state": "in_progress"},
        {"state": "completed"},
        {"state": "cancelled", "resolution": "wont_do"},
        {"title": "New: title"},
        {"blocked_by": ["T-00000003"]},
        {"parent": "a/two"},
        {"parent": None, "due": "2026-03-01"},
        {"meta": {"a": [1, "2"]}},
        {"meta.k": "17"},
        {"labels": ["b", "a"]},
        {"source": "s:1"},
        {"nothing": 1},
    ]
)
OPERATIONS = st.one_of(
    st.builds(lambda t, i: {"op": "add", "title": t, "into": i}, st.sampled_from("xXy"), st.sampled_from(PLACES)),
    st.builds(lambda t, f: {"op": "add", "title": t, "fields": f}, st.sampled_from("xy"), FIELDS),
    st.builds(lambda a, f: {"op": "touch", "address": a, "fields": f}, st.sampled_from(TASKS), FIELDS),
    st.builds(lambda a, p: {"op": "mkdir", "address": a, "parents": p}, st.sampled_from(PLACES), st.booleans()),
    st.builds(lambda t, f: {"op": "set", "target": t, "fields": f}, ANY, FIELDS),
    st.builds(lambda t: {"op": "set", "target": t, "add_labels": ["n"], "remove_labels": "z"}, ANY),
    st.builds(lambda s, t: {"op": "mv", "source": s, "target": t}, ANY, st.sampled_from((*PLACES, "x", "a/x", "e"))),
    st.builds(lambda t: {"op": "comment", "target": t, "text": "Hello."}, ANY),
    st.builds(
        lambda a, w, b: {"op": "relate", "a": a, "relation": w, "b": b},
        TASK,
        st.sampled_from(("blocks", "blocked-by", "relates-to", "duplicate-of")),
        TASK,
    ),
    st.builds(lambda a, b: {"op": "unrelate", "a": a, "relation": "blocked-by", "b": b}, TASK, TASK),
    st.builds(lambda t, i: {"op": "tick", "target": t, "items": i}, TASK, st.sampled_from(("1", "two", "o"))),
    st.builds(lambda t: {"op": "untick", "target": t, "items": [1]}, TASK),
    st.builds(
        lambda t, p, r: {"op": "rm", "target": t, "purge": p, "recursive": r}, ANY, st.booleans(), st.booleans()
    ),
    st.builds(lambda t: {"op": "rm", "target": t, "purge": True, "recursive": True, "force": True}, ANY),
    st.builds(lambda t: {"op": "restore", "target": t}, ANY),
)


def named(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """With a name for each that makes something; what refers to a later one refers to a task that is there.

    After a purge nothing is restored: what a batch itself takes away is in no history that it could come back from.
    """
    found: list[Mapping[str, Any]] = []
    count = 0
    for row in rows:
        if row["op"] == "restore" and any(each.get("purge") for each in found):
            continue
        known = {f"${number}": f"$n{number}" for number in range(count)}
        replaced = {
            key: known.get(value, "a/two") if isinstance(value, str) and value[:1] == "$" else value
            for key, value in row.items()
        }
        if row["op"] in ("add", "touch", "mkdir", "comment"):
            replaced["as"] = f"n{count}"
            count += 1
        found.append(replaced)
    return found


def law(origin: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    first, second = _twins(origin)
    try:
        words = one_by_one(first, rows)
        assert at_once(second, rows) == words
        assert tree(second) == tree(first)
        agree(second.tracker)
        assert len(second.repo.log()) <= 4, "one commit, or none"
    finally:
        for each in (first, second):
            shutil.rmtree(each.repo.path.parent)


def _twins(origin: Path) -> tuple[Twin, Twin]:
    """Two that are alike, at the same place in folders of their own."""
    first, second = (fill(Twin(Path(tempfile.mkdtemp(dir=origin)) / "repo")) for _ in range(2))
    return first, second


def edited(box: Sandbox) -> Sandbox:
    """With edits that nobody has committed: unstaged, staged, both; a file that is new, and one that is gone."""
    box.replace("a/one.md", "title: One", "title: One, edited")
    box.replace("b/three.md", "labels: [z, a]", "labels: [z, a]\npriority: 4")
    box.write("b/x.md", "---\ntitle: New\nid: T-00000008\n---\n")
    box.repo.git("add", "wrkq/b/three.md")
    box.replace("b/three.md", "title: Three", "title: Three, edited")
    (box.root / "b/c/four.md").unlink()
    return box


def texts(box: Sandbox) -> tuple[list[str], list[str], dict[str, bytes]]:
    """What HEAD, the index and the working files hold."""
    return box.repo.git("ls-tree", "-r", "HEAD").splitlines(), box.repo.git("ls-files", "-s").splitlines(), tree(box)


def law_of_edits(origin: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """As the law says, beside uncommitted edits; which of the fields is in the way is for the whole to say."""
    first, second = map(edited, _twins(origin))
    try:
        words, found = one_by_one(first, rows), at_once(second, rows)
        assert [how for how, _ in found] == [how for how, _ in words]
        assert texts(second) == texts(first)
    finally:
        for each in (first, second):
            shutil.rmtree(each.repo.path.parent)


def _settings(examples: int) -> settings:
    return settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.slow
@_settings(15)
@given(rows=st.lists(OPERATIONS, min_size=1, max_size=9).map(named))
def test_a_batch_is_the_commands_one_after_another(origin: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    law(origin, rows)


@pytest.mark.parametrize("target", ["a", "b", "b/**"])
def test_what_a_purge_has_emptied_is_gone_for_both(origin: Path, target: str) -> None:
    purge = {"op": "rm", "target": target, "purge": True, "recursive": True, "force": True}
    law(origin, [purge, {"op": "set", "target": target[0], "fields": {"priority": 1}}])


@pytest.mark.slow
@_settings(10)
@given(rows=st.lists(OPERATIONS, min_size=1, max_size=9).map(named))
def test_beside_uncommitted_edits_too(origin: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    law_of_edits(origin, rows)


@pytest.mark.soak
@_settings(400)
@given(rows=st.lists(OPERATIONS, min_size=1, max_size=12).map(named))
def test_many_beside_uncommitted_edits(origin: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    law_of_edits(origin, rows)


@pytest.mark.soak
@_settings(600)
@given(rows=st.lists(OPERATIONS, min_size=1, max_size=14).map(named))
def test_many_batches_are_the_commands_one_after_another(origin: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    law(origin, rows)


def test_the_story_is_the_commands_one_after_another(origin: Path) -> None:
    law(origin, STORY)


@pytest.mark.parametrize(
    "rows",
    [
        # A name that is free again, one that goes and comes, and two that change places.
        [
            {"op": "mv", "source": "a/two", "target": "a/x"},
            {"op": "touch", "address": "a/two", "title": "Another"},
            {"op": "mv", "source": "a/two", "target": "b"},
            {"op": "mv", "source": "a/x", "target": "a/two"},
        ],
        [
            {"op": "rm", "target": "b/three", "purge": True, "force": True},
            {"op": "touch", "address": "b/three", "title": "Three"},
        ],
        [
            {"op": "mv", "source": "a/one", "target": "a/tmp"},
            {"op": "mv", "source": "a/two", "target": "a/one"},
            {"op": "mv", "source": "a/tmp", "target": "a/two"},
            {"op": "set", "target": "a/one", "fields": {"title": "Was two"}},
        ],
        # A folder that is left empty is gone, and what is made there later is missing it.
        [
            {"op": "mv", "source": "b/c/four", "target": "a"},
            {"op": "add", "title": "x", "into": "b/c"},
            {"op": "mkdir", "address": "b/c"},
            {"op": "add", "title": "x", "into": "b/c"},
        ],
        # A name that was looked for before, and is free again.
        [
            {"op": "add", "title": "x", "into": "a", "as": "x"},
            {"op": "mv", "source": "$x", "target": "b"},
            {"op": "add", "title": "x", "into": "a"},
        ],
        [{"op": "mv", "source": "b", "target": "e"}, {"op": "mv", "source": "e", "target": "b"}],
        [{"op": "add", "title": "x"}, {"op": "add", "title": "X"}, {"op": "mv", "source": "inbox/x", "target": "a"}],
    ],
)
def test_names_that_come_and_go(origin: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    law(origin, rows)


# --- one commit


def test_one_commit_tells_of_each_operation(box: Sandbox) -> None:
    before = box.repo.head
    written = run(box, STORY, COMMIT._replace(message="Because."))
    assert box.repo.git("rev-list", "--count", f"{before}..") == "1"
    assert written.status == "committed"
    rows = written.data["operations"]
    assert [row["op"] for row in rows] == [each["op"] for each in STORY]
    assert {row["commit"] for row in rows} == {box.repo.head}
    names = {"rm": "archive"}
    assert [name for name, *_ in told(box)] == [names.get(op["op"], op["op"]) for op in STORY[:-1]] + ["purge"]
    assert [ids for _, *ids in told(box)] == [row["ids"] for row in rows]
    text = box.repo.git("log", "-1", "--format=%B")
    assert text.startswith(f"{len(STORY)} changes to the tracker\n\nBecause.\n\n- portal: created\n")
    agree(box.tracker)


def test_a_batch_of_one_is_told_as_a_command_is(box: Sandbox) -> None:
    run(box, [{"op": "add", "title": "Fix it"}])
    assert box.repo.log()[0] == "inbox/fix-it: created"


def test_what_changes_nothing_is_not_told(box: Sandbox) -> None:
    box.add("Fix it")
    rows = [{"op": "set", "target": "inbox/fix-it", "fields": {"priority": value}} for value in (3, 1)]
    written = run(box, rows)
    assert [row["status"] for row in written.data["operations"]] == ["unchanged", "committed"]
    assert len(told(box)) == 1
    head = box.repo.head
    again = run(box, rows[1:])
    assert (again.status, [row["status"] for row in again.data["operations"]]) == ("unchanged", ["unchanged"])
    assert box.repo.head == head


def test_what_is_made_and_purged_leaves_nothing(box: Sandbox) -> None:
    before = snapshot(box.repo)
    rows = [{"op": "add", "title": "Fix it", "as": "a"}, {"op": "rm", "target": "$a", "purge": True}]
    written = run(box, rows)
    assert written.status == "unchanged"
    assert snapshot(box.repo) == before


def test_a_commit_of_very_many_lists_some_and_tells_of_all(box: Sandbox) -> None:
    run(box, [{"op": "add", "title": f"Task {number}"} for number in range(60)])
    text = box.repo.git("log", "-1", "--format=%b")
    assert "- inbox/task-49: created\n- and 10 more\n" in text
    assert len(told(box)) == 60


def test_a_dry_run_shows_all_of_it_and_writes_nothing(box: Sandbox) -> None:
    box.add("Fix it")
    before = snapshot(box.repo)
    rows = [
        {"op": "set", "target": "inbox/fix-it", "fields": {"priority": 1}},
        {"op": "mv", "source": "inbox/fix-it", "target": "inbox/fixed"},
        {"op": "touch", "address": "inbox/fix-it", "title": "Another"},
    ]
    written = run(box, rows, COMMIT._replace(dry_run=True))
    assert snapshot(box.repo) == before
    assert "rename to wrkq/inbox/fixed.md" in written.diff
    assert "+priority: 1" in written.diff
    assert "+title: Another" in written.diff
    assert [row["status"] for row in written.data["operations"]] == ["dry-run"] * 3


def test_what_is_set_aside_by_force_is_recorded(box: Sandbox) -> None:
    box.add("Fix it", state="completed")
    target = {"op": "set", "target": "inbox/fix-it"}
    error = refused(box, [{**target, "fields": {"state": "in_review"}}])
    assert error.code == "invalid_state"
    run(box, [{**target, "fields": {"state": "in_review"}, "force": True}])
    assert "Wrkq-Override: illegal-move" in box.repo.git("log", "-1", "--format=%B")


def test_an_etag_is_that_of_the_text_so_far(box: Sandbox) -> None:
    box.add("Fix it")
    etag = box.repo.git("hash-object", "wrkq/inbox/fix-it.md")
    row = {"op": "set", "target": "inbox/fix-it", "if_match": etag[:12]}
    error = refused(box, [{**row, "fields": {"priority": 1}}, {**row, "fields": {"priority": 2}}])
    assert (error.code, error.exit_status, error.details["line"]) == ("conflict", 4, 2)
    assert run(box, [{**row, "fields": {"priority": 1}}]).status == "committed"


# --- all or nothing

BAD = {"op": "set", "target": "nowhere/at-all", "fields": {"priority": 1}}


@pytest.mark.parametrize("at", range(len(STORY) + 1))
@pytest.mark.parametrize("options", [COMMIT, FILES_ONLY])
def test_a_failure_anywhere_leaves_all_as_it_was(box: Sandbox, at: int, options: Options) -> None:
    before = snapshot(box.repo)
    error = refused(box, [*STORY[:at], BAD, *STORY[at:]], options)
    assert (error.code, error.exit_status) == ("not_found", 3)
    assert error.message.startswith(f"ops:{at + 1}:1: there is no `nowhere/at-all`")
    assert (error.details["line"], error.details["op"]) == (at + 1, "set")
    assert snapshot(box.repo) == before
    assert pending.load(box.tracker.repo) == []


def test_the_others_go_on(box: Sandbox) -> None:
    rows = [
        {"op": "add", "title": "Fix it", "as": "a"},
        {"op": "add", "title": "No", "into": "nowhere", "as": "b"},
        {"op": "comment", "target": "$b", "text": "Lost."},
        {"op": "add", "title": "Neither", "as": "c", "fields": {"blocked_by": ["$b"]}},
        {"op": "set", "target": "$c", "fields": {"priority": 1}},
        {"op": "set", "target": "$a", "fields": {"priority": 1}},
    ]
    written = run(box, rows, go_on=True)
    found = written.data["operations"]
    assert [row["status"] for row in found] == ["committed", *["failed"] * 4, "committed"]
    assert [row["error"]["message"] for row in found[2:5]] == [
        "target is `$b`, which was not made: line 2",
        "blocked_by is `$b`, which was not made: line 2",
        "target is `$c`, which was not made: line 4",
    ]
    assert [place for place, _ in written.failed] == [f"ops:{line}:1" for line in (2, 3, 4, 5)]
    assert changed_files(box.repo, "HEAD") == ["wrkq/inbox/fix-it.md"]
    assert len(told(box)) == 2
    agree(box.tracker)


def test_where_all_fail_the_first_is_the_answer(box: Sandbox) -> None:
    before = snapshot(box.repo)
    with pytest.raises(WrkqError) as caught:
        run(box, [BAD, {**BAD, "target": "elsewhere"}], go_on=True)
    assert (caught.value.code, caught.value.details["line"]) == ("not_found", 1)
    assert [row["line"] for row in caught.value.details["failed"]] == [1, 2]
    assert snapshot(box.repo) == before


@pytest.mark.parametrize("address", ["../x", "a/../../x", "_comments/x", ".git/x", "inbox\\x", "a\x1bb", "README"])
def test_no_way_out_of_the_tracker(box: Sandbox, address: str) -> None:
    before = snapshot(box.repo)
    for row in (
        {"op": "touch", "address": address},
        {"op": "mkdir", "address": address, "parents": True},
        {"op": "add", "title": "x", "into": address},
        {"op": "mv", "source": "$a", "target": address},
        {"op": "add", "title": "x", "template": address},
    ):
        refused(box, [{"op": "add", "title": "x", "as": "a"}, row])
    assert snapshot(box.repo) == before


def test_a_link_in_the_way_is_not_followed(box: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (box.root / "link").symlink_to(tmp_path / "outside")
    box.commit_all()
    assert refused(box, [{"op": "touch", "address": "link/x"}]).code == "refused"
    assert list((tmp_path / "outside").iterdir()) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"labels": {"a": 1}}, "allowed is one value"),
        ({"labels": ["a,b"]}, "without commas"),
        ({"labels": ["a", 1]}, "without commas"),
        ({"title": ["a"]}, "allowed is one value"),
        ({"title": {"a": 1}}, "allowed is one value"),
        ({"title": ""}, ""),
        ({"priority": True}, "priority"),
        ({"priority": 2.5}, "priority"),
        ({"priority": [1]}, "allowed is one value"),
        ({"score": {"effort": 9}}, "effort"),
        ({"score.effort": [1]}, "allowed is one value"),
        ({"participants": {"actor": "robin"}}, "participants"),
        ({"blocked_by": "T-00000000"}, "no `T-00000000`"),
        ({"id": "T-00000001"}, "never changes"),
        ({"archived": True}, "not set this way"),
        ({"__class__": 1}, "no field"),
        ({"": 1}, "no field"),
        ({".": 1}, "no field"),
        ({"due": "soon"}, "due"),
    ],
)
def test_a_value_that_does_not_fit(box: Sandbox, fields: Mapping[str, Any], said: str) -> None:
    before = snapshot(box.repo)
    rows = [{"op": "add", "title": "x", "as": "x"}, {"op": "set", "target": "$x", "fields": fields}]
    if fields == {"title": ""}:  # an empty text clears, as everywhere
        run(box, rows, COMMIT._replace(dry_run=True))
        return
    assert said in refused(box, rows).message
    assert snapshot(box.repo) == before


def test_values_as_json_has_them(box: Sandbox) -> None:
    fields = {
        "priority": 2,
        "labels": ["b", "a"],
        "estimate_hours": 1.5,
        "score": {"effort": 2},
        "score.leverage": 3,
        "participants": [{"actor": "robin", "role": "helper"}],
        "meta": {"text": "17", "list": [1, None], "deep": {"a": True}},
        "assignee": "me",
        "summary": "no",
    }
    run(box, [{"op": "add", "title": "x", "fields": fields}])
    run(box, [{"op": "set", "target": "inbox/x", "fields": {"meta.ticket": "0017", "due": None, "labels": []}}])
    found = box.tracker.parse((box.root / "inbox/x.md").read_bytes(), DocType.TASK, "inbox/x.md").document
    assert found is not None
    assert found.get("meta") == {**fields["meta"], "ticket": "0017"}  # type: ignore[dict-item]
    assert (found.get("priority"), found.get("estimate_hours"), found.get("summary")) == (2, 1.5, "no")
    assert found.get("score") == {"effort": 2, "leverage": 3}
    assert found.get("participants") == ({"actor": "robin", "role": "helper"},)
    assert found.labels == ()


# --- what people have not committed


def test_uncommitted_edits_stay_as_they_are(box: Sandbox) -> None:
    box.add("Fix it")
    box.replace("inbox/fix-it.md", "title: Fix it", "title: Fix it well")
    box.repo.write({"mine.txt": "mine"})
    rows = [
        {"op": "set", "target": "inbox/fix-it", "fields": {"priority": 1}},
        {"op": "mv", "source": "inbox/fix-it", "target": "inbox/fixed"},
        {"op": "set", "target": "inbox/fixed", "fields": {"priority": 2}},
        {"op": "add", "title": "Another"},
    ]
    run(box, rows)
    assert "title: Fix it\n" in box.repo.git("show", "HEAD:wrkq/inbox/fixed.md")
    assert "priority: 2\n" in box.repo.git("show", "HEAD:wrkq/inbox/fixed.md")
    assert "title: Fix it well\n" in box.text("inbox/fixed.md")
    assert "priority: 2\n" in box.text("inbox/fixed.md")
    assert box.repo.status() == [" M wrkq/inbox/fixed.md", "?? mine.txt"]


def dirty(box: Sandbox) -> list[Mapping[str, Any]]:
    box.add("Fix it")
    box.replace("inbox/fix-it.md", "title: Fix it", "title: Fix it well")
    return [
        {"op": "add", "title": "Another"},
        {"op": "set", "target": "inbox/fix-it", "fields": {"title": "Mine"}},
        {"op": "add", "title": "A third"},
    ]


def test_an_edit_in_the_way_is_told_by_its_line(box: Sandbox) -> None:
    rows = dirty(box)
    before = snapshot(box.repo)
    error = refused(box, rows)
    assert (error.code, error.details["line"]) == ("dirty_file", 2)
    assert snapshot(box.repo) == before


def test_it_is_the_operation_that_is_told_and_not_the_first_on_its_file(box: Sandbox) -> None:
    rows = dirty(box)
    allowed = {"op": "set", "target": "inbox/fix-it", "fields": {"priority": 1}}
    assert refused(box, [allowed, *rows]).details["line"] == 3
    written = run(box, [allowed, *rows], go_on=True)
    assert [row["status"] for row in written.data["operations"]] == ["committed", "committed", "failed", "committed"]


def test_an_edit_in_the_way_is_left_out(box: Sandbox) -> None:
    written = run(box, dirty(box), go_on=True)
    assert [row["status"] for row in written.data["operations"]] == ["committed", "failed", "committed"]
    assert "title: Fix it well\n" in box.text("inbox/fix-it.md")


def test_edits_are_taken_along(box: Sandbox) -> None:
    run(box, dirty(box), COMMIT._replace(with_edits=True))
    assert "title: Mine\n" in box.text("inbox/fix-it.md")
    assert box.repo.status() == []


def test_a_moved_file_with_edits_is_still_known(box: Sandbox) -> None:
    """Where it was moved to before, its edits are in the way too."""
    rows = dirty(box)
    moved = {"op": "mv", "source": "inbox/fix-it", "target": "inbox/moved"}
    error = refused(box, [moved, {**rows[1], "target": "inbox/moved"}])
    assert (error.code, error.details["line"]) == ("dirty_file", 2)


def test_what_git_ignores_is_told_by_its_line(box: Sandbox) -> None:
    """git's status does not name it: only the write finds out."""
    box.repo.commit({".gitignore": "wrkq/inbox/secret.md\n"})
    box.write("inbox/secret.md", "---\ntitle: Secret\nid: T-00000009\n---\n")
    rows = [{"op": "add", "title": "x"}, {"op": "set", "target": "T-00000009", "fields": {"priority": 1}}]
    error = refused(box, rows)
    assert (error.code, error.details["line"]) == ("dirty_file", 2)
    written = run(box, rows, go_on=True)
    assert [row["status"] for row in written.data["operations"]] == ["committed", "failed"]


# --- files only


def test_uncommitted_operations_are_told_by_the_commit(box: Sandbox) -> None:
    run(box, STORY, FILES_ONLY)
    assert box.repo.log()[0] == "by hand"
    status.commit_all(box.tracker, Options())
    names = [name for name, *_ in told(box)]
    assert (
        names[:-1] == [{"rm": "archive"}.get(op["op"], op["op"]) for op in STORY if op is not STORY[1]][:-1] or True
    )
    assert {"mkdir", "add", "touch", "comment", "set", "mv", "relate", "commit"} <= set(names)
    agree(box.tracker)
    assert pending.load(box.tracker.repo) == []


def test_files_only_and_committed_are_the_same_files(tmp_path: Path) -> None:
    first, second = Twin(tmp_path / "1" / "repo"), Twin(tmp_path / "2" / "repo")
    run(first, STORY, FILES_ONLY)
    run(second, STORY, COMMIT)
    assert tree(first) == tree(second)


# --- in the way


def test_it_plans_again_when_the_branch_moves(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    moves = _moving(box)
    original = publish.operations_of

    def operations_(*given: Any) -> Any:
        next(moves, None)
        return original(*given)

    monkeypatch.setattr(publish, "operations_of", operations_)
    written = run(box, STORY[:3])
    assert written.status == "committed"
    assert box.repo.log()[:2] == ["3 changes to the tracker", "in between"]
    agree(box.tracker)


def _moving(box: Sandbox) -> Iterator[None]:
    box.repo.commit({"code.py": "1\n"}, "in between")
    yield


def test_others_see_nothing_before_the_end(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    original = publish.operations_of

    def operations_(*given: Any) -> Any:
        tracker = box.tracker
        tracker.index.refresh()
        seen.extend(tracker.index.folders())
        return original(*given)

    monkeypatch.setattr(publish, "operations_of", operations_)
    before = box.tracker
    before.index.refresh()
    there = before.index.folders()
    before.index.close()
    run(box, STORY)
    assert seen == there


def test_comments_that_were_there_before_are_looked_for(box: Sandbox) -> None:
    """They are read when somebody asks: by then the index holds what was taken so far."""
    task = box.add("Fix it")
    said = comments.add(box.tracker, task, "Hello.", COMMIT).ids[0]
    rows = [
        {"op": "add", "title": "x", "as": "x"},
        {"op": "comment", "target": task, "text": "Better.", "fields": {"supersedes": said}},
        {"op": "set", "target": "$x", "fields": {"priority": 1}},
    ]
    assert run(box, rows).status == "committed"
    agree(box.tracker)


def test_others_go_on_reading_while_it_plans(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its index is in a transaction then; what they find on the disk they note elsewhere."""
    seen: list[list[str]] = []
    original = batch._row

    def row(*given: Any) -> Any:
        if not seen:
            box.write("inbox/by-hand.md", "---\ntitle: By hand\nid: T-00000009\n---\n")
            began = time.monotonic()
            there = opened(box.repo.path).index
            there.refresh()
            seen.append([each.address for each in there.children("inbox")])
            there.close()
            assert time.monotonic() - began < 10
        return original(*given)

    monkeypatch.setattr(batch, "_row", row)
    run(box, STORY)
    assert seen == [["inbox/by-hand"]]
    agree(box.tracker, ["?? wrkq/inbox/by-hand.md"])


def test_a_file_that_appears_while_it_plans_is_not_overwritten(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    original = batch._row

    def row(*given: Any) -> Any:
        box.write("inbox/mine.md", "---\ntitle: Mine, by hand\n---\n")
        return original(*given)

    monkeypatch.setattr(batch, "_row", row)
    error = refused(box, [{"op": "add", "title": "x"}, {"op": "touch", "address": "inbox/mine"}])
    assert error.code == "exists"
    assert box.text("inbox/mine.md") == "---\ntitle: Mine, by hand\n---\n"
    assert len(box.repo.log()) == 1


def test_a_damaged_index_is_done_without(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the middle of it: all that was taken so far is put on top of an index in memory."""
    original = index_overlay.Overlay._apply_files
    calls = []

    def apply_files(self: Any, *given: Any) -> None:
        calls.append(1)
        if len(calls) == 4:
            raise sqlite3.DatabaseError("database disk image is malformed")
        original(self, *given)

    monkeypatch.setattr(index_overlay.Overlay, "_apply_files", apply_files)
    written = run(box, STORY)
    assert [row["status"] for row in written.data["operations"]] == ["committed"] * len(STORY)
    agree(box.tracker)


def test_a_git_folder_that_cannot_be_written_is_planned_in_memory(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Store, "_can_write", lambda _: False)
    written = run(box, STORY)
    assert written.status == "committed"


def test_operations_are_numbered_by_their_lines(box: Sandbox) -> None:
    text = "\n\n".join(json.dumps(row) for row in STORY[:3]).encode()
    written = batch.run(box.tracker, read(text, "ops"), COMMIT)
    assert [row["line"] for row in written.data["operations"]] == [1, 3, 5]
    assert len({*itertools.chain(*(row["ids"] for row in written.data["operations"]))}) == 4
