"""Laws of merging one file, on generated documents and edits. `make fuzz` tries 10,000 of each."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, event, example, given, note, settings
from hypothesis import strategies as st

from tests.support import two_sided as sided
from tests.support.agreed import LIFECYCLE, Agreed, agreed, comparable, said_by
from tests.support.documents import fields
from tests.support.regions import OURS, THEIRS, conflicts_in, flipped, regions, taken
from tests.support.two_sided import BASES, Sided, two_sided
from wrkq_files.files import edits, split
from wrkq_files.files.documents import Parsed, is_document, parse
from wrkq_files.files.parts import cut
from wrkq_files.model.document import Document
from wrkq_files.model.fields import DocType
from wrkq_files.model.merged import Merged
from wrkq_files.model.values import same
from wrkq_files.service.merging import merge_file

TASK = DocType.TASK
BOM = b"\xef\xbb\xbf"
#: No generated line has as many of them.
WIDE = 19
law = settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("merge")


def merge(here: Path, base: bytes | None, ours: bytes, theirs: bytes, path: str = "x/a.md") -> Merged:
    return merge_file(here, path, base, ours, theirs, marker_size=WIDE)


def read(data: bytes, kind: DocType = TASK) -> Document | None:
    return parse(data, kind, "a.md", kinds=None).document


def documents(case: Sided) -> tuple[Document, Document, Document]:
    found = [read(data) for data in case[:3]]
    assume(None not in found)
    one, two, three = (each for each in found if each is not None)
    return one, two, three


def fields_in_question(found: Merged) -> set[str]:
    return {each.field for each in found.conflicts}


# One side, or both alike


@law
@given(base=BASES | st.binary(max_size=40), case=two_sided())
def test_one_side_alone_is_taken_as_it_is(here: Path, base: bytes, case: Sided) -> None:
    for side in (case.ours, case.theirs):
        assert merge(here, case.base, case.base, side) == Merged(side)
        assert merge(here, case.base, side, case.base) == Merged(side)
        assert merge(here, base, side, side) == Merged(side)
        assert merge(here, None, side, side) == Merged(side)


# Both sides


@law
@given(case=two_sided())
def test_swapping_the_sides_swaps_only_the_sides(here: Path, case: Sided) -> None:
    one = merge(here, case.base, case.ours, case.theirs)
    other = merge(here, case.base, case.theirs, case.ours)
    assert [*regions(other.data, WIDE)] == flipped([*regions(one.data, WIDE)])
    assert [(each.field, each.base, each.theirs, each.ours) for each in other.conflicts] == [
        (each.field, each.base, each.ours, each.theirs) for each in one.conflicts
    ]


@law
@given(case=two_sided())
def test_the_result_can_be_read_or_is_in_conflict(here: Path, case: Sided) -> None:
    found = merge(here, case.base, case.ours, case.theirs)
    assert not found.is_clean or not conflicts_in(found.data, WIDE)
    documents(case)
    assert found.is_clean == (not conflicts_in(found.data, WIDE))
    for side in (OURS, THEIRS):
        assert read(taken(found.data, side, WIDE)) is not None


@law
@given(case=two_sided())
def test_each_field_comes_to_what_the_design_says(here: Path, case: Sided) -> None:
    base, ours, theirs = documents(case)
    found = merge(here, case.base, case.ours, case.theirs)
    doubtful = set().union(*(misfits(data) for data in case[:3]))
    wanted = {name: each for name, each in agreed(base, ours, theirs).items() if name not in doubtful}
    asked, about_comments = fields_in_question(found), comments_in_question(found)
    assume("" not in asked)
    for name, each in wanted.items():
        assert each.open or name in asked or not each.conflict, name
    for name in asked - about_comments - doubtful - {"body"}:
        assert wanted[name].conflict or wanted[name].open, name
    assert not about_comments or b"#" in case.ours + case.theirs
    for side, document in ((OURS, ours), (THEIRS, theirs)):
        result = read(taken(found.data, side, WIDE))
        assert result is not None
        check_values(result, document, wanted, about_comments)


def comments_in_question(found: Merged) -> set[str]:
    """Fields that are in conflict only because of comments: what both say is no matter, but a comment is kept."""
    names = {each.field for each in found.conflicts if "comments" in each.why}
    return names | ({"state"} if names & {*LIFECYCLE} else set())


def misfits(data: bytes) -> set[str]:
    """Fields whose value does not fit them: what they say is nobody's but the engine's to compare."""
    parsed: Parsed = parse(data, TASK, "a.md", kinds=None)
    lines = data.decode().split("\n")
    found = set()
    for finding in parsed.findings:
        key = re.match(r"['\"]?([\w -]+)", lines[finding.line - 1] if finding.line else "")
        found |= {key[1].strip(), *re.findall(r"`([\w -]+)`", finding.message)} if key else set()
    return found | ({"state"} if found & {*LIFECYCLE} else set()) | ({"labels"} if "tags" in found else set())


MERGED_INSIDE = ("meta", "score", "participants", "past_targets", "custom", "sections")
"""Merged by their keys: beside what is in dispute, both versions of a conflict have what the other side changed."""


def check_values(result: Document, document: Document, wanted: dict[str, Agreed], free: set[str]) -> None:
    says, side = said_by(result), said_by(document)
    for name, each in wanted.items():
        got, own = (comparable(name, result.type, each.get(name)) for each in (says, side))
        if name in free and (same(got, own) or name == "state"):
            continue
        if not each.conflict and not each.open:
            assert same(got, each.value), (name, got, each.value)
        elif each.conflict and name not in MERGED_INSIDE:
            assert same(got, own), name


@law
@given(case=two_sided())
def test_nothing_that_a_side_added_is_missing(here: Path, case: Sided) -> None:
    """Lines that the base does not have at all; ticked boxes aside, which come together with others' words."""
    found = merge(here, case.base, case.ours, case.theirs)
    result = Counter(words(found.data))
    base = Counter(words(case.base))
    for side in (case.ours, case.theirs):
        for line, count in Counter(words(side)).items():
            if base[line] == 0 and line.startswith(("ours ", "theirs ", "more", "less", "# ")):
                assert result[line] >= count, line


def words(data: bytes) -> list[str]:
    """Lines, and what stands behind a `#`."""
    text = data.decode("utf-8", "replace").replace("\r\n", "\n")
    return [*text.split("\n"), *re.findall(r"# .*", text)]


@law
@given(case=two_sided())
def test_a_comment_is_kept_once(here: Path, case: Sided) -> None:
    """Of comments that a side typed, a clean result has as many as both sides together."""
    found = merge(here, case.base, case.ours, case.theirs)
    assume(found.is_clean)
    documents(case)
    base, ours, theirs, result = (comments(data) for data in (*case[:3], found.data))
    for text in {*ours, *theirs}:
        changed = (ours[text] - base[text], theirs[text] - base[text])
        low, high = (min(changed), max(changed)) if min(changed) * max(changed) > 0 else (sum(changed), sum(changed))
        if low < high or changed[0] == changed[1] != 0:
            assert (
                base[text] + min(*changed, sum(changed)) <= result[text] <= base[text] + max(*changed, sum(changed))
            )
        else:
            assert result[text] == base[text] + sum(changed), text


def comments(data: bytes) -> Counter[str]:
    """The comments that :mod:`tests.support.two_sided` types."""
    front = split.split(data).frontmatter.replace("\r\n", "\n")
    return Counter(re.findall(r"# (?:ours|theirs) (?:one|two)", front))


@law
@example(
    case=Sided(
        b"---\npriority: 3\n---\n",
        b"---\n# ours one\npriority: 3\n---\n",
        b"---\npriority: medium\n---\n",
        ((("comment above (0, 'ours one')",), ("reword 1",))),
    )
)
@given(case=two_sided())
def test_what_one_side_left_alone_is_as_the_other_wrote_it(here: Path, case: Sided) -> None:
    documents(case)
    assume(b"\r" not in b"".join(case[:3]))
    found = merge(here, case.base, case.ours, case.theirs)
    asked = fields_in_question(found)
    assume("" not in asked)
    base, ours, theirs = (typed(data) for data in case[:3])
    for side, mine, yours in ((OURS, ours, theirs), (THEIRS, theirs, ours)):
        result = typed(taken(found.data, side, WIDE))
        for name in {*base, *ours, *theirs} - {*LIFECYCLE, "tags", "labels"}:
            if name in asked:
                continue
            if base.get(name) == yours.get(name):
                assert result.get(name) == mine.get(name), name
            elif base.get(name) == mine.get(name):
                assert result.get(name) == yours.get(name), name


def typed(data: bytes) -> dict[str, str]:
    """The lines of each field, without comments and blank lines of their own."""
    found: dict[str, str] = {}
    name = ""
    for line in re.findall(r"[^\n]*\n", split.split(data).frontmatter):
        if sided.is_key(line):
            name = line.partition(":")[0].strip().strip("'\"")
            found[name] = ""
        if name and line.strip() and not line.lstrip().startswith("#"):
            found[name] += line
    return found


@law
@given(case=two_sided())
def test_fields_keep_the_order_they_are_typed_in(here: Path, case: Sided) -> None:
    documents(case)
    found = merge(here, case.base, case.ours, case.theirs)
    assume("" not in fields_in_question(found))
    base, ours, theirs = ([*typed(data)] for data in case[:3])
    everywhere = {*base} & {*ours} & {*theirs}
    for side in (OURS, THEIRS):
        result = [name for name in typed(taken(found.data, side, WIDE)) if name in everywhere]
        one, two, three = ([name for name in each if name in result] for each in (base, ours, theirs))
        if two in (three, one):
            assert result == three
        elif three == one:
            assert result == two


# The body


BOX = re.compile(r"(?m)^(\s*[-*+] \[)(.)(\] (.*))$")


@law
@given(case=two_sided())
def test_a_body_is_merged_by_boxes_then_as_git_does_it(here: Path, case: Sided) -> None:
    documents(case)
    assume(b"\r" not in b"".join(case[:3]))
    found = merge(here, case.base, case.ours, case.theirs)
    assume("" not in fields_in_question(found))
    texts = [split.split(data).text[split.split(data).close :] for data in case[:3]]
    expected, count = by_git(here, *boxes_first(*texts))
    if texts[1].removesuffix("\n") == texts[2].removesuffix("\n"):
        assert "body" not in fields_in_question(found)  # git asks about a newline at the end
        return
    assert found.data.decode().endswith(expected)
    assert ("body" in fields_in_question(found)) == bool(count)


def boxes_first(base: str, ours: str, theirs: str) -> tuple[str, str, str]:
    """Every box that is the same one in all three: marked as the side that changed it has it."""
    wholes = (base, ours, theirs)
    found = [places(text) for text in wholes]
    letters = [[*text] for text in wholes]
    for name, starts in found[0].items():
        _, text = name
        alone = all(sum(len(each) for key, each in side.items() if key[1] == text) == 1 for side in found)
        sides = [
            next(each for key, each in side.items() if key[1] == text) if alone else side.get(name, [])
            for side in found
        ]
        if len({*map(len, sides)}) > 1:
            continue
        for number in range(len(starts)):
            was, mine, yours = (whole[side[number]] for whole, side in zip(wholes, sides, strict=True))
            if mine == yours or was in (mine, yours):
                for whole, side in zip(letters, sides, strict=True):
                    whole[side[number]] = yours if mine == was else mine
    one, two, three = ("".join(whole) for whole in letters)
    return one, two, three


def places(text: str) -> dict[tuple[str, str], list[int]]:
    """Where the mark of each box is, by its heading and its text; not those in fences."""
    found: dict[tuple[str, str], list[int]] = {}
    fences = [(match.start(), match.end()) for match in re.finditer(r"(?ms)^```.*?(^```$|\Z)", text)]
    for match in BOX.finditer(text):
        if not any(start <= match.start() < end for start, end in fences):
            above = re.findall(r"(?m)^#+ .*$|^.+\n=======$", text[: match.start()])
            found.setdefault((above[-1] if above else "", match[4].strip()), []).append(match.start(2))
    return found


def by_git(here: Path, base: str, ours: str, theirs: str) -> tuple[str, int]:
    for name, text in zip(("base", "ours", "theirs"), (base, ours, theirs), strict=True):
        (here / name).write_bytes(text.encode())
    words = ["git", "merge-file", "-p", "-q", f"--marker-size={WIDE}", *("-L", "ours", "-L", "base", "-L", "theirs")]
    done = subprocess.run([*words, "ours", "base", "theirs"], cwd=here, capture_output=True, check=False)
    return done.stdout.decode(), done.returncode


# Anything at all


@law
@given(
    base=st.none() | st.binary(max_size=60) | BASES,
    ours=st.binary(max_size=60) | BASES,
    theirs=st.binary(max_size=60) | BASES,
    path=st.sampled_from(["x/a.md", "x/README.md", "_actors/a.md", "note.txt", "wrkq.yaml"]),
)
def test_nothing_raises(here: Path, base: bytes | None, ours: bytes, theirs: bytes, path: str) -> None:
    found = merge(here, base, ours, theirs, path)
    other = merge(here, base, theirs, ours, path)
    assert found.is_clean == other.is_clean


@law
@given(
    case=two_sided(),
    spoilt=st.sampled_from([b"title: a: b\n", b"<<<<<<< x\n=======\n>>>>>>> y\n", b"\xff\n", b"\0\n"]),
)
def test_a_side_that_nobody_can_read_is_merged_by_lines(here: Path, case: Sided, spoilt: bytes) -> None:
    ours = case.ours.replace(b"\n", b"\n" + spoilt, 1)
    found = merge(here, case.base, ours, case.theirs)
    if found.is_clean and case.theirs != case.base:
        assert read(found.data) is not None or not is_document(found.data)
    if b"\0" not in ours:
        base, lines, mine, yours = (
            {*re.split(rb"\r*\n", each)} for each in (case.base, found.data, ours, case.theirs)
        )
        assert mine - base <= lines
        assert yours - base <= lines


@law
@given(case=two_sided())
def test_both_added_the_file(here: Path, case: Sided) -> None:
    """Without a base, what is in one side only is an addition: nothing is taken away."""
    documents(case)
    ours, theirs = (comparable_fields(data) for data in (case.ours, case.theirs))
    found = merge(here, None, case.ours, case.theirs)
    assume("" not in fields_in_question(found))
    for side in (OURS, THEIRS):
        says = comparable_fields(taken(found.data, side, WIDE))
        for name in {*ours, *theirs} - fields_in_question(found) - misfits(case.ours) - misfits(case.theirs):
            value = says.get(name)
            if not isinstance(value, (tuple, dict)):
                assert value in (ours.get(name), theirs.get(name)), name
            elif name != "state":
                assert {*value} >= {*ours.get(name, ()), *theirs.get(name, ())}, name
    event(f"{len(found.conflicts)} conflicts")
    note(str(case.done))


PATHS = {
    DocType.TASK: "x/a.md",
    DocType.CONTAINER: "x/README.md",
    DocType.ACTOR: "_actors/a.md",
    DocType.COMMENT: "_comments/4K/T-4K9X2M7Q/20260119T142416Z-robin-7Q2M4K9X.md",
    DocType.WORKSPACE: "_workspaces/W-7C3N9RXE.md",
}


@pytest.mark.parametrize("kind", [*DocType])
@law
@given(data=st.data())
def test_documents_of_every_kind(here: Path, kind: DocType, data: st.DataObject) -> None:
    """Any values at all, in files that the tool wrote."""
    some = fields(kind)
    start = data.draw(some)
    base = edits.write(kind, start, "Text.\n")
    case = [base]
    for _ in range(2):
        removed = data.draw(st.sets(st.sampled_from([*start]), max_size=2)) if start else set()
        case.append(edits.set_fields(base, kind, {**data.draw(some), **dict.fromkeys(removed)}))
    found = merge(here, *case, path=PATHS[kind])
    documents = [read(each, kind) for each in case]
    first, ours, theirs = (each for each in documents if each is not None)
    wanted, asked = agreed(first, ours, theirs), fields_in_question(found)
    assert {name for name, each in wanted.items() if each.conflict} <= asked
    assert asked <= {name for name, each in wanted.items() if each.conflict or each.open}
    for side, document in ((OURS, ours), (THEIRS, theirs)):
        result = read(taken(found.data, side, WIDE), kind)
        assert result is not None
        check_values(result, document, wanted, set())


@law
@given(base=BASES | sided.COMMENTED, steps=st.lists(sided.FIELD_EDITS, min_size=2, max_size=8), data=st.data())
def test_edits_of_different_fields_are_both_kept(
    here: Path, base: bytes, steps: list[tuple[str, sided.Edit]], data: st.DataObject
) -> None:
    assume(read(base) is not None)
    ours = theirs = base
    for _, step in steps:
        is_ours = data.draw(st.booleans())
        ours, theirs = (step(ours), theirs) if is_ours else (ours, step(theirs))
    sides = [said_by(document) for each in (base, ours, theirs) if (document := read(each))]
    changed = [
        {name for name in {*sides[0], *each} if not same(sides[0].get(name), each.get(name))} for each in sides
    ]
    assume(not changed[1] & changed[2])
    found = merge(here, base, ours, theirs)
    assert found.is_clean
    result = read(found.data)
    assert result is not None
    says = said_by(result)
    for name in {*says, *sides[0], *sides[1], *sides[2]}:
        assert same(says.get(name), sides[2 if name in changed[2] else 1].get(name)), name


@pytest.mark.parametrize("first", [b"", b"title: One\n"])
@pytest.mark.parametrize("last", [b"", b"due: 2026-01-01\n"])
def test_a_comment_of_the_base_that_both_sides_put_a_field_below_is_there_once(
    here: Path, first: bytes, last: bytes
) -> None:
    base, ours, theirs = (
        b"---\n" + first + b"# mine\n" + added + last + b"---\n" for added in (b"", b"labels: [a]\n", b"rank: a0\n")
    )
    found, other = merge(here, base, ours, theirs), merge(here, base, theirs, ours)
    assert found.is_clean
    assert found.data == other.data
    assert found.data.count(b"# mine") == 1
    assert b"labels: [a]\nrank: a0\n" in found.data


@pytest.mark.parametrize("own", [b"", b"# its own\n"])
@pytest.mark.parametrize("last", [b"", b"rank: a0\n"])
@pytest.mark.parametrize("eol", [b"\n", b"\r\n"])
def test_two_neighbours_are_removed_one_by_each_side(here: Path, own: bytes, last: bytes, eol: bytes) -> None:
    base = b"---\nid: T-4K9X2M7Q\n# about it\nreviewer: robin\n" + own + b"priority: 2\n" + last + b"---\n"
    base = base.replace(b"\n", eol)
    ours, theirs = (sided.set_field(name, None)(base) for name in ("reviewer", "priority"))
    found, other = merge(here, base, ours, theirs), merge(here, base, theirs, ours)
    assert found.is_clean
    assert found.data == other.data
    wanted = b"---\nid: T-4K9X2M7Q\n# about it\n" + own + last + b"---\n"
    assert found.data == wanted.replace(b"\n", eol)


@pytest.mark.parametrize("eol", [b"\n", b"\r\n"])
def test_the_first_field_of_all_stands_below_the_comment_about_all(here: Path, eol: bytes) -> None:
    base = b"---\n# about all\n\n# two\n---\n".replace(b"\n", eol)
    ours = b"---\n# about all\n\ntitle: One\n# two\n---\n".replace(b"\n", eol)
    theirs = b"---\n# about all\n\n# two\nlabels: [a]\n---\n".replace(b"\n", eol)
    found, other = merge(here, base, ours, theirs), merge(here, base, theirs, ours)
    assert found.is_clean
    assert found.data == other.data
    assert found.data == ours.replace(b"# two" + eol, b"# two" + eol + b"labels: [a]" + eol)


@pytest.mark.parametrize("eol", [b"\n", b"\r\n"])
def test_first_fields_above_and_below_a_comment_ask_nothing(here: Path, eol: bytes) -> None:
    base, ours, theirs, wanted = (
        b"---\n%b\n# one\n%b---\n".replace(b"\n", eol) % added
        for added in (
            (b"", b""),
            (b"title: One" + eol, b""),
            (b"", b"labels: [a]" + eol),
            (b"title: One" + eol, b"labels: [a]" + eol),
        )
    )
    for found in (merge(here, base, ours, theirs), merge(here, base, theirs, ours)):
        assert found == Merged(wanted)


def test_where_lines_stand_twice_either_way_round_is_the_same_conflict(here: Path) -> None:
    base, ours, theirs = (b"---\n---\n" + text for text in (b"Text.", b"more\nText.\nmore\n", b"Text.\nmore\nmore\n"))
    one, other = merge(here, base, ours, theirs), merge(here, base, theirs, ours)
    assert not one.is_clean
    assert [*regions(other.data, WIDE)] == flipped([*regions(one.data, WIDE)])


@pytest.mark.parametrize("eol", [b"\n", b"\r\n"])
def test_a_comment_that_comes_to_close_a_map_leaves_what_the_other_side_wrote_there(here: Path, eol: bytes) -> None:
    state, meta, added = b"  # indented\nstate: open\n", b"meta:\n  a: 1\n", b"  ci:\n    runs: 4\n"
    base, ours, theirs, wanted = (
        b"---\n%b---\n".replace(b"\n", eol) % text.replace(b"\n", eol)
        for text in (state + meta, meta + state, state + meta + added, meta + added + state)
    )
    for found in (merge(here, base, ours, theirs), merge(here, base, theirs, ours)):
        assert found == Merged(wanted)


def test_a_comment_that_a_side_took_away_does_not_come_back_unasked(here: Path) -> None:
    base, ours, theirs = (
        b"---\n" + text + b"state: open\n---\n"
        for text in (
            b"# about it\nassignee: al\nsprint: 1\nsource: x\n",
            b"assignee: al\nsprint: 1\n",
            b"sprint: 1\n# about it\nsource: x\n",
        )
    )
    assert not merge(here, base, ours, theirs).is_clean
    assert not merge(here, base, theirs, ours).is_clean


def test_comments_that_both_sides_put_below_a_map_are_asked_about(here: Path) -> None:
    base, ours, theirs = (b"---\nmeta:\n  a: 1\n" + text + b"---\n" for text in (b"", b"  # one\n", b"  # two\n"))
    found, other = merge(here, base, ours, theirs), merge(here, base, theirs, ours)
    assert not found.is_clean
    assert [*regions(other.data, WIDE)] == flipped([*regions(found.data, WIDE)])


def test_a_comment_that_a_side_wrote_above_what_the_other_removed_is_asked_about(here: Path) -> None:
    base = b"---\nid: T-4K9X2M7Q\n# about it\nreviewer: robin\npriority: 2\n---\n"
    ours = base.replace(b"# about it\nreviewer: robin\n", b"# about it\n# not before May\n")
    assert not merge(here, base, ours, sided.set_field("priority", None)(base)).is_clean


@pytest.mark.parametrize("eol", [b"\n", b"\r\n"])
def test_markers_around_what_cannot_be_read_end_as_the_lines_do(here: Path, eol: bytes) -> None:
    base, ours, theirs = (b"---\ntitle: [%b\n---\n".replace(b"\n", eol) % word for word in (b"one", b"two", b"three"))
    found = merge(here, base, ours, theirs).data
    assert found.count(b" ours") == 1
    assert found.count(b"\n") == found.count(eol)


@pytest.mark.parametrize("eol", [b"\n", b"\r\n"])
def test_a_field_that_is_added_first_leaves_the_comment_about_all_on_top(here: Path, eol: bytes) -> None:
    base = b"---\n# about all\n\nsprint: 12\nstate: open\n---\n".replace(b"\n", eol)
    ours, theirs = sided.set_field("title", "One")(base), sided.set_field("sprint", None)(base)
    assert ours.startswith(b"---\n# about all\n\ntitle: One\nsprint: 12\n".replace(b"\n", eol))
    assert merge(here, base, ours, theirs).is_clean


def test_a_field_that_is_added_takes_no_comment_of_its_neighbours(here: Path) -> None:
    base = b"---\ntitle: One\n# above\nblocked_reason: no keys\n  # indented\nstate: open\n---\n"
    sides = (sided.put("score", ("effort",), 2)(base), sided.set_field("blocked_reason", None)(base))
    assert merge(here, base, *sides).is_clean


def test_a_comment_that_both_sides_put_above_fields_of_their_own_is_there_twice(here: Path) -> None:
    base, ours, theirs = (
        b"---\ntitle: One\n" + added + b"---\n" for added in (b"", b"# why\nlabels: [a]\n", b"# why\nrank: a0\n")
    )
    assert merge(here, base, ours, theirs).data.count(b"# why") == 2


@pytest.mark.parametrize(
    ("ours", "theirs", "wanted"),
    [
        (b"priority:", b"priority: ~", b"priority:"),
        (b"priority: # later", b"priority: null", b"priority: # later"),
        (b"# later\npriority:", b"priority: ~", b"# later\npriority:"),
        (b"priority:", b"state: open", b"state: open"),
    ],
)
def test_a_field_that_both_sides_left_empty_stays(here: Path, ours: bytes, theirs: bytes, wanted: bytes) -> None:
    base, ours, theirs, wanted = (
        b"---\ntitle: One\n" + text + b"\n---\n" for text in (b"priority: 2", ours, theirs, wanted)
    )
    for found in (merge(here, base, ours, theirs), merge(here, base, theirs, ours)):
        assert found == Merged(wanted)


MOVED = b"---\nid: T-4K9X2M7Q\n%btitle: One\n\nstate: open\n---\n"


@pytest.mark.parametrize("eol", [b"\n", b"\r\n"])
@pytest.mark.parametrize(
    ("base", "ours", "theirs", "wanted"),
    [
        (
            b"---\ntitle: One\nsummary: Two\n\n---\n",
            b"---\nsummary: Two\n\ntitle: One\n---\n",
            b"---\ntitle: One\n---\n",
            b"---\n\ntitle: One\n---\n",
        ),
        (
            b"---\n# about all\n\ntitle: One\n\nid: T-4K9X2M7Q\nstate: open\n---\n",
            b"---\n# ours\n\ntitle: One\n\nid: T-4K9X2M7Q\nstate: open\n---\n",
            MOVED % b"# about all\n\n",
            MOVED % b"# ours\n\n",
        ),
        (
            b"---\n\ntitle: One\n\nid: T-4K9X2M7Q\nstate: open\n---\n",
            b"---\n\n# ours\ntitle: One\n\nid: T-4K9X2M7Q\nstate: open\n---\n",
            MOVED % b"\n",
            MOVED % b"\n# ours\n",
        ),
    ],
    ids=["the base's first field", "a comment about all goes along", "a comment is added above"],
)
def test_what_stands_above_the_first_field_is_the_fields_where_it_moves(
    here: Path, base: bytes, ours: bytes, theirs: bytes, wanted: bytes, eol: bytes
) -> None:
    base, ours, theirs, wanted = (each.replace(b"\n", eol) for each in (base, ours, theirs, wanted))
    for found in (merge(here, base, ours, theirs), merge(here, base, theirs, ours)):
        assert found == Merged(wanted)
    for side in (ours, theirs):
        assert merge(here, base, side, wanted) == Merged(wanted)


@law
@given(case=two_sided())
@example(
    Sided(
        b"---\nstate: open\n\ntitle: plain words\n---\n",
        b"---\ntitle: plain words\nstate: open\n\n---\n",
        b"---\n---\n",
        (("move entry (0, 1)",), ("drop entry 0", "drop entry 0")),
    )
)
def test_what_has_been_merged_can_be_merged_again(here: Path, case: Sided) -> None:
    found = merge(here, case.base, case.ours, case.theirs)
    assume(found.is_clean)
    documents(case)
    # A comment above no field is everybody's: each side's first field takes it along, with what it adds to it.
    assume(typed(case.base) or b"#" not in case.base)
    # An indented comment is the list's that one side adds above it: then it is in two places.
    assume(not any(indents_a_comment(data) for data in case[:3]))
    for side in (case.ours, case.theirs):
        again = merge(here, case.base, side, found.data)
        # The body is git's: two neighbouring lines that a merge has joined are one change to it, and where a line
        # stands twice, it takes one for the other and brings an added one in again.
        if any(moves(case.base, each) for each in (case.ours, case.theirs)):
            # A comment comes to stand above one field on this side, and above another on that.
            assert fields_in_question(again) <= {"body", *comments_in_question(again)}
            says = [comparable_fields(taken(again.data, each, WIDE)) for each in (OURS, THEIRS)]
            assert says == [comparable_fields(found.data)] * 2
            assert comments_in_question(again) or once(again.data, case) == once(found.data, case)
        else:
            assert fields_in_question(again) <= {"body"}
            assert front(again.data) == front(found.data)
        if again.is_clean and not any(has_twins(lines_of(data)) for data in (*case[:3], found.data)):
            assert lines_of(again.data) == lines_of(found.data)


def lines_of(data: bytes) -> list[str]:
    """The lines of the body that are not blank."""
    return [line for line in split.split(data).raw_body.split("\n") if line.strip()]


def has_twins(lines: list[str]) -> bool:
    return len(lines) > len({*lines})


def moves(base: bytes, side: bytes) -> bool:
    """Whether a side has lines of the base's frontmatter in another order."""
    was, now = (front(data).splitlines() for data in (base, side))
    return [line for line in was if line in now] != [line for line in now if line in was]


def once(data: bytes, case: Sided) -> Counter[str]:
    """The comment lines of the frontmatter which none of the three holds twice: those cannot be told apart."""
    texts = [re.findall(r"(?m)^ *(#.*\S)", front(each)) for each in (data, *case[:3])]
    most = Counter(texts[1]) | Counter(texts[2]) | Counter(texts[3])
    return Counter(text for text in texts[0] if most[text] < 2)


def indents_a_comment(data: bytes) -> bool:
    """Whether a comment that belongs to no field is indented."""
    found = cut(data, TASK)
    if found is None:
        return False
    texts = (found[0].header, *(part.above for part in found[0].fields.values()), found[0].footer)
    return any(re.search("(?m)^ +#", text) for text in texts)


def front(data: bytes) -> str:
    """The text to the end of the frontmatter."""
    spans = split.split(data)
    return spans.text[: spans.close]


@law
@given(case=two_sided())
def test_the_length_of_markers_changes_nothing_else(here: Path, case: Sided) -> None:
    wide = merge(here, case.base, case.ours, case.theirs)
    usual = merge_file(here, "x/a.md", case.base, case.ours, case.theirs)
    assert usual.conflicts == wide.conflicts
    shorter = re.sub(rb"(?m)^([<=>])\1{18}(?= ours\r?$| theirs\r?$|\r?$)", rb"\1\1\1\1\1\1\1", wide.data)
    assert usual.data == shorter


@law
@given(case=two_sided())
def test_line_ends_and_a_byte_order_mark_make_no_difference(here: Path, case: Sided) -> None:
    plain = [sided.lf(each).removeprefix(BOM) for each in case[:3]]
    assume(all(read(each) for each in plain))
    found = merge(here, *plain)
    for change in (sided.crlf, BOM.__add__):
        other = merge(here, *map(change, plain))
        assert fields_in_question(other) == fields_in_question(found)
        assert other.data == change(found.data)


@law
@given(case=two_sided())
@example(
    Sided(
        b"---\ntitle: plain words\n\nsummary: |+\n  kept\n\n---\n",
        b"---\ntitle: plain words\n\n# ours one\nsummary: |+\n  kept\n\n---\n",
        b"---\ntitle: plain words\n\n---\n",
        (("comment above (1, 'ours one')",), ("drop entry 1",)),
    )
)
def test_line_ends_that_one_side_changed_are_the_results(here: Path, case: Sided) -> None:
    base, ours, theirs = (sided.lf(each) for each in case[:3])
    assume(all(read(each) for each in (base, ours, theirs)))
    found, other = merge(here, base, ours, theirs), merge(here, base, sided.crlf(ours), theirs)
    assert fields_in_question(other) == fields_in_question(found)
    assert other.data == sided.crlf(found.data)


def comparable_fields(data: bytes) -> dict[str, Any]:
    document = read(data)
    assert document is not None
    return {name: comparable(name, TASK, value) for name, value in said_by(document).items()}
