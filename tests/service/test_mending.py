"""``check --fix``: what has one right answer, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.sandbox import Sandbox
from wrkq_files.errors import WrkqError
from wrkq_files.files import edits
from wrkq_files.files.documents import parse
from wrkq_files.model.fields import DocType
from wrkq_files.service import checking, mending

A, B = "T-AAAAAAAA", "T-BBBBBBBB"

#: name, path and text before, path and text after (``ID``: the id that was derived)
CASES: list[tuple[str, str, str, str | None, str]] = [
    (
        "sets",
        "x/a.md",
        f"---\r\nid: {A}\r\nlabels: [b,  'a'] # why\r\n---\r\nbody",
        None,
        f"---\r\nid: {A}\r\nlabels: ['a',  b] # why\r\n---\r\nbody",
    ),
    (
        "block sets",
        "x/a.md",
        f"---\nid: {A}\nlabels:\n- b # of b\n- a\n---\n",
        None,
        f"---\nid: {A}\nlabels:\n- a\n- b # of b\n---\n",
    ),
    ("doubled words", "x/a.md", f"---\nid: {A}\ntags: [b, a, b]\n---\n", None, f"---\nid: {A}\ntags: [a, b]\n---\n"),
    (
        "a stray updated_at",
        "x/a.md",
        f"---\nupdated_at: 2026-01-01\nid: {A}   # mine\nmeta: {{z:  1}}\n---\n",
        None,
        f"---\nid: {A}   # mine\nmeta: {{z:  1}}\n---\n",
    ),
    (
        "legacy names",
        "x/a.md",
        f"---\nid: {A}\nstatus: open\ncreated_at: 2026-01-01\n---\n",
        None,
        f"---\nid: {A}\nstate: open\ncreated: 2026-01-01\n---\n",
    ),
    ("an id", "x/a.md", "---\ntitle:   as it is\n---\n", None, "---\ntitle:   as it is\nid: ID\n---\n"),
    ("a name", "x/Login UX.md", f"---\nid: {A}\n---\n", "x/login-ux.md", f"---\nid: {A}\n---\n"),
    ("a name and an id", "x/Login UX.md", "---\ntitle: y\n---\n", "x/login-ux.md", "---\ntitle: y\nid: ID\n---\n"),
    (
        "a comment elsewhere",
        "_comments/20260101T000000Z-mara-00000001.md",
        f"---\nid: C-00000001\non: {B}\nauthor: mara\n---\nhi\n",
        f"_comments/BB/{B}/20260101T000000Z-mara-00000001.md",
        f"---\nid: C-00000001\non: {B}\nauthor: mara\n---\nhi\n",
    ),
]


@pytest.mark.parametrize(
    ("path", "before", "to", "after"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_what_is_mended(box: Sandbox, path: str, before: str, to: str | None, after: str) -> None:
    box.write("x/other.md", f"---\nid: {B}\ntitle: other\n---\n")
    box.write(path, before)
    box.commit_all()
    derived = box.derived(path) if "ID" in after else ""
    found = mending.mend(box.tracker)
    assert found.status == "written"
    assert box.text(to or path) == after.replace("id: ID", f"id: {derived}")
    assert to is None or not (box.root / path).exists()
    assert not any(each.finding.rule in mending.MENDED for each in checking.check(box.tracker))
    assert box.repo.git("diff", "--cached", "--name-only") == ""
    assert mending.mend(box.tracker).status == "unchanged"


def test_a_dry_run_shows_it(box: Sandbox) -> None:
    text = f"---\nid: {A}\nlabels: [b, a]\n---\n"
    box.write("x/a.md", text)
    found = mending.mend(box.tracker, dry_run=True)
    assert "-labels: [b, a]\n+labels: [a, b]\n" in found.diff
    assert box.text("x/a.md") == text


def test_only_what_is_named(box: Sandbox) -> None:
    for name in "ab":
        box.write(f"x/{name}.md", f"---\nid: T-0000000{'AB'.index(name.upper())}\nlabels: [b, a]\n---\n")
    assert mending.mend(box.tracker, ["x/a"]).paths == ("wrkq/x/a.md",)
    with pytest.raises(WrkqError):
        mending.mend(box.tracker, ["x/c"])


def test_two_files_that_would_have_one_name(box: Sandbox) -> None:
    box.write("x/Login UX.md", f"---\nid: {A}\n---\n")
    box.write("x/login ux.md", f"---\nid: {B}\n---\n")
    box.write("x/login-ux.md", "---\nid: T-00000001\n---\n")
    found = mending.mend(box.tracker)
    assert found.status == "unchanged"
    assert [note for note in found.notes if "x/Login UX.md stays" in note]


def test_another_tools_id_stays(box: Sandbox) -> None:
    box.write("x/a.md", "---\nid: TASK-12\nlabels: [b, a]\n---\n")
    mending.mend(box.tracker)
    assert box.text("x/a.md") == "---\nid: TASK-12\nlabels: [a, b]\n---\n"


def test_a_broken_file_stays(box: Sandbox) -> None:
    text = "---\nlabels: [b, a]\ntitle: [\n---\n"
    box.write("x/a.md", text)
    assert mending.mend(box.tracker).status == "unchanged"
    assert box.text("x/a.md") == text


words = st.lists(st.sampled_from(["a", "b", "'c c'", '"d"', "e-f"]), min_size=1, max_size=5)
comments = st.sampled_from(["", " # why", "   # [b, a]"])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    items=words,
    flow=st.booleans(),
    comment=comments,
    eol=st.sampled_from(["\n", "\r\n"]),
    indent=st.sampled_from(["", "  "]),
)
def test_sorting_moves_items_and_nothing_else(
    items: list[str], flow: bool, comment: str, eol: str, indent: str
) -> None:
    if flow:
        lines = [f"labels: [{', '.join(items)}]{comment}"]
    else:
        lines = ["labels:", *(f"{indent}- {item}{comment}" for item in items)]
    data = eol.join(["---", "title:  odd   style", *lines, "zeta: {b: 1,a: 2}", "---", "b, a"]).encode()
    result = edits.sort_sets(data, DocType.TASK)
    before, after = (parse(each, DocType.TASK, "x.md").document for each in (data, result))
    assert before is not None
    assert after is not None
    assert list(after.labels) == sorted(set(before.labels))
    assert after.body == before.body
    kept = [line for line in data.decode().split(eol) if "label" not in line and "- " not in line]
    assert [line for line in result.decode().split(eol) if "label" not in line and "- " not in line] == kept
    assert edits.sort_sets(result, DocType.TASK) == result
