"""Every way to narrow and order a list."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.index.support import index, write
from wrkq_files.errors import WrkqError
from wrkq_files.index.index import Index
from wrkq_files.index.query import Query
from wrkq_files.model.fields import DocType


@pytest.fixture
def made(tmp_path: Path) -> Index:
    write(tmp_path, "p/README.md", kind="project", id="P-00000001")
    write(tmp_path, "p/f/README.md", kind="feature", id="P-00000002", section="doing", labels="[x]")
    write(tmp_path, "p/g/README.md", kind="feature", id="P-00000003")
    write(
        tmp_path,
        "q/README.md",
        kind="project",
        sections="[{slug: now, role: active}, {slug: doing, role: review}, {slug: in, role: backlog, default: true}]",
    )
    write(tmp_path, "q/h/README.md", kind="feature", section="now")
    write(tmp_path, "q/i/README.md", kind="feature")
    write(tmp_path, "p/f/a.md", id="T-0000000A", state="in_progress", assignee="mara", labels="[x, y]", priority="1")
    write(tmp_path, "p/f/b.md", id="T-0000000B", kind="bug", due="2026-03-01", priority="2", reviewer="lance")
    write(tmp_path, "p/g/c.md", id="T-0000000C", parent="T-0000000A", labels="[xx]", due="2026-03-01T12:00:00+02:00")
    write(tmp_path, "q/h/d.md", id="T-0000000D", state="done", score="{effort: 3, leverage: 3}", source="gh:a/b#1")
    write(tmp_path, "q/i/e.md", id="T-0000000E", state="idea", score="{effort: 1}", blocked_reason="x")
    write(tmp_path, "f.md", id="T-0000000F", archived="2026-01-01", due="2026-01-01", body="words")
    write(tmp_path, "p-f.md", id="T-0000000G", blocked_by="[T-0000000A]", kind="bug")
    return index(tmp_path)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query(), "abcdefg"),
        (Query(types=(DocType.CONTAINER,)), "p p/f p/g q q/h q/i"),
        (Query(types=(DocType.CONTAINER, DocType.TASK), under="q/h"), "d"),
        (Query(types=(DocType.CONTAINER, DocType.TASK), under="q"), "d e q/h q/i"),
        (Query(under="p"), "abc"),
        (Query(under="p/f"), "ab"),
        (Query(under="nowhere"), ""),
        (Query(globs=("p/*",)), ""),
        (Query(globs=("p/*/*",)), "abc"),
        (Query(globs=("p/**",)), "abc"),
        (Query(globs=("**/d", "p-?")), "dg"),
        (Query(globs=("*",)), "fg"),
        (Query(globs=("p.f",)), ""),
        (Query(globs=("p/[fg]/[!a-b]",)), "c"),
        (Query(types=(DocType.CONTAINER,), globs=("p/*",)), "p/f p/g"),
        (Query(states=("open",)), "bcfg"),
        (Query(states=("completed", "idea")), "de"),
        (Query(effective_states=("blocked",)), "g"),
        (Query(kinds=("bug",)), "bg"),
        (Query(kinds=("subtask",)), "c"),
        (Query(kinds=("subtask", "bug")), "bcg"),
        (Query(labels=("x",)), "a"),
        (Query(labels=("x", "y")), "a"),
        (Query(labels=("x", "xx")), ""),
        (Query(any_labels=("x", "xx")), "ac"),
        (Query(assignee="mara"), "a"),
        (Query(assignee=""), "bcdefg"),
        (Query(reviewer="lance"), "b"),
        (Query(priorities=(1, 2)), "ab"),
        (Query(parent="T-0000000A"), "c"),
        (Query(due_before="2026-03-01T10:30:00Z"), "bcf"),
        (Query(due_before="2026-03-01"), "f"),
        (Query(due_after="2026-03-01"), "bc"),
        (Query(due_after="2026-03-01T01:00:00Z"), "c"),
        (Query(score_min=3), "d"),
        (Query(score_min=1), "de"),
        (Query(source="gh:a/b#1"), "d"),
        (Query(section="doing"), "ab"),
        (Query(section="ready"), "c"),
        (Query(section="in"), "e"),
        (Query(section_role="active"), "abd"),
        (Query(section_role="backlog"), "e"),
        (Query(section_role="review"), ""),
        (Query(section_role="ready", section="ready"), "c"),
        (Query(types=(DocType.CONTAINER,), section_role="active"), "p/f q/h"),
        (Query(archived="exclude"), "abcdeg"),
        (Query(archived="only"), "f"),
        (Query(hide=True), "abcg"),
        (Query(hide=True, states=("completed",)), ""),
        (Query(text="words"), "f"),
        (Query(text="wor", archived="exclude"), ""),
        (Query(text='"'), ""),
    ],
)
def test_narrowing(made: Index, query: Query, expected: str) -> None:
    found = made.find(query)
    if DocType.CONTAINER in query.types:
        names = [each.slug if each.type is DocType.TASK else each.address for each in found]
        assert sorted(names) == expected.split()
    else:
        assert "".join(sorted(each.id[-1].lower() for each in found)) == expected


def test_containers_stand_before_what_they_hold_and_parents_before_subtasks(tmp_path: Path) -> None:
    for name in ("a-b.md", "a/README.md", "a/1.md", "a/x-1.md", "a/x.md", "ab.md"):
        write(tmp_path, name, title=name)
    found = index(tmp_path).find(Query(types=(DocType.TASK, DocType.CONTAINER)))
    assert [each.address for each in found] == ["a", "a/1", "a/x", "a/x-1", "a-b", "ab"]


def test_times_that_are_none(made: Index) -> None:
    with pytest.raises(WrkqError, match="is no time"):
        made.find(Query(due_before="soon"))


def test_how_many_are_hidden(made: Index) -> None:
    assert made.hidden(Query(hide=True)) == {"archived": 1, "closed": 1, "ideas": 1}
    assert sum(made.hidden(Query(hide=True, under="q")).values()) == 2
    assert made.hidden(Query(hide=True, types=(DocType.CONTAINER,))) == {}


@pytest.mark.parametrize("value", ["' OR 1=1 --", '"; DROP TABLE entry', "%", "_", "\x1f", "\x1e", "", "a\0b"])
def test_values_are_only_values(made: Index, value: str) -> None:
    for query in (
        Query(assignee=value or "x", source=value, parent=value, section=value),
        Query(labels=(value,)),
        Query(globs=(value,)),
        Query(under=value or "x"),
        Query(text=value),
        Query(kinds=(value,)),
    ):
        assert made.find(query) == []
    assert len(made.find(Query())) == 7


def test_text_that_is_not_utf8_is_a_usage_error(made: Index) -> None:
    with pytest.raises(WrkqError) as caught:
        made.find(Query(source="\udcff"))
    assert caught.value.code == "usage"


def test_labels_with_marks_of_ours(tmp_path: Path) -> None:
    write(tmp_path, "a.md", text='---\ntitle: "a\\x1eb"\nlabels: ["x\\x1fy", "z", ", "]\nsource: "s\\x1et"\n---\n')
    made = index(tmp_path)
    entry = made.entry("a.md")
    if entry is None:  # refused as control characters
        assert made.broken()
        return
    assert made.find(Query(labels=("z",)))
    assert made.find(Query(labels=(", ",)))
    assert entry.fields["source"] == "s\x1et"
