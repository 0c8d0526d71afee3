"""Reading a Markdown backlog: a small file with every case, and the real file it was made for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wrkq_files.files.backlog import Backlog, PlannedFeature, PlannedTask, parse_backlog

SMALL = Path(__file__).parents[1] / "fixtures" / "backlog-small.md"
REAL = Path(__file__).parents[2].parent / "shared" / "data" / "workrail-backlog.md"
with_real = pytest.mark.skipif(not REAL.exists(), reason="the real backlog is not part of this repository")

Item = PlannedFeature | PlannedTask


def read(path: Path) -> tuple[str, Backlog]:
    source = path.read_text(encoding="utf-8")
    return source, parse_backlog(source)


def tasks(backlog: Backlog) -> list[PlannedTask]:
    return [task for feature in backlog.features for task in feature.tasks]


def all_items(backlog: Backlog) -> list[Item]:
    items: list[Item] = [*backlog.features, *tasks(backlog)]
    return sorted(items, key=lambda item: item.line)


def one(head: str, title: str = "T") -> tuple[PlannedTask, list[str]]:
    """The only task of a backlog, and the codes of its notes."""
    backlog = parse_backlog(f"## F\n\n### {title}\n\n{head}\n\nText.\n")
    (task,) = tasks(backlog)
    return task, [note.code for note in backlog.notes]


def score(*parts: int) -> dict[str, int]:
    return dict(zip(("correctness", "capability", "effort", "leverage", "confidence"), parts, strict=True))


# --- the small file -------------------------------------------------------------------------------------------------


def test_preamble_is_the_offer_for_the_project() -> None:
    _, backlog = read(SMALL)
    assert backlog.title == "Kiosk wishes"
    assert backlog.body.startswith("What the ticket kiosks might do one day, unordered.\n\n```sh\n# print")
    assert backlog.body.endswith("```\n\n**Status: this line** explains the notation and is no field.\n")


def test_headings_become_features_and_tasks_in_source_order() -> None:
    _, backlog = read(SMALL)
    assert [(item.line, item.title) for item in all_items(backlog)] == [
        (15, "Printing (2026-02-01)"),
        (21, "Paper runs out without a warning (Apr 30, 2026)"),
        (39, "Receipts in two languages (Apr 18-20, 2026)"),
        (59, "A cut-off receipt, e.g. QR codes, looks paid"),
        (67, "Untitled, line 67"),
        (70, "Shorter receipts"),
        (80, "Selling"),
        (82, "Split payment (2026-05-02)"),
        (100, "Split payment (Feb 30, 2026)"),
        (104, "Season tickets (30 March 2026)"),
    ]
    assert [(feature.line, len(feature.tasks)) for feature in backlog.features] == [(15, 5), (80, 3)]
    assert [task.line for task in tasks(backlog) if task.orphan] == [59, 67]


SMALL_FIELDS: Mapping[int, Mapping[str, object]] = {
    21: {"created": "2026-04-30", "kind": "bug", "priority": 1, "score": score(3, 2, 3, 2, 3)},
    39: {
        "created": "2026-04-18",
        "state": "idea",
        "priority": 4,
        "score": score(1, 3, 1, 2, 1),
        "blocked_reason": "yes (needs the font | licence)",
    },
    59: {"labels": ("ux-gap",), "score": score(2, 2, 2, 2, 2)},
    67: {"labels": ("tech-debt",)},
    70: {"state": "completed", "resolution": "done"},
    82: {"created": "2026-05-02", "labels": ("partial",)},
    100: {"labels": ("waiting-for-bank",)},
    104: {"created": "2026-03-30", "state": "draft", "priority": 4},
}


@pytest.mark.parametrize("line", SMALL_FIELDS)
def test_fields_of_each_task(line: int) -> None:
    _, backlog = read(SMALL)
    (task,) = [task for task in tasks(backlog) if task.line == line]
    assert task.fields == SMALL_FIELDS[line]


def test_every_task_of_the_small_file_is_in_the_table() -> None:
    assert [task.line for task in tasks(read(SMALL)[1])] == list(SMALL_FIELDS)


def test_a_feature_keeps_what_a_container_has_no_field_for() -> None:
    feature = read(SMALL)[1].features[0]
    assert feature.fields == {"created": "2026-02-01", "priority": 2}
    assert feature.body == "Everything between the sale and the paper.\n\nStatus: idea\n"


SMALL_BODIES: Mapping[int, str] = {
    21: (
        "The sensor is read once, at start-up.\n\n"
        "```text\n### no heading either\n**Status: done**\n---\n```\n\n"
        "  An indented line, and the end.\n"
    ),
    39: (
        "Priority: low / next year\n\nFirst paragraph.\n\n**Blocked: still**\n\nSecond paragraph.\n\n"
        "**Priority:** High wherever tourists are.\n\n- Which second language?\n"
    ),
    59: "1. A cut-off receipt, e.g. QR codes, looks\npaid. Nobody notices.\n",
    67: "",
    70: "Shipped with build 77 (Mar 3, 2026)\n\nTwo centimetres saved.\n",
    82: (
        "Cash is ready.\n\n**Score: 8** | Cor:1 Cap:1 Eff:2\n\nCards are not.\n\n#### A deeper heading\n\n---\n\n"
        "Words that follow a rule.\n\n# Another top heading\n"
    ),
    100: "Priority: medium-high | Owner: Ines\n",
    104: "**Priority: high**\n\nA design exists.\n",
}


@pytest.mark.parametrize("line", SMALL_BODIES)
def test_body_is_the_text_without_what_became_a_field(line: int) -> None:
    (task,) = [task for task in tasks(read(SMALL)[1]) if task.line == line]
    assert task.body == SMALL_BODIES[line]


def test_report_of_the_small_file() -> None:
    report: dict[str, list[int]] = {}
    notes = read(SMALL)[1].notes
    assert [note.line for note in notes] == sorted(note.line for note in notes)
    for note in notes:
        report.setdefault(note.code, []).append(note.line)
    assert report == {
        "kept": [19, 41, 48, 52, 72, 84, 102, 110],
        "sum": [42],
        "orphan": [59, 67],
        "score": [86],
        "stray": [94],
        "heading": [96],
        "date": [100],
        "status": [102],
        "priority": [102],
    }


def test_every_word_of_the_small_file_is_found_again() -> None:
    check_words(*read(SMALL))


# --- one line at a time ---------------------------------------------------------------------------------------------


DONE: Mapping[str, object] = {"state": "completed", "resolution": "done"}


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ("**Status: bug**", {"kind": "bug"}),
        ("**Status: UX gap**", {"labels": ("ux-gap",)}),
        ("**Status: tech-debt**", {"labels": ("tech-debt",)}),
        ("**Status: partial**", {"labels": ("partial",)}),
        ("**Status: designing**", {"state": "draft"}),
        ("**Status:** idea", {"state": "idea"}),
        ("**Status: done**", DONE),
        ("**status: resolved.**", DONE),
        ("**Status: shipped**", DONE),
        ("**Status: open**", {}),
        ("**Priority: critical**", {"priority": 1}),
        ("**Status: open** | Priority: high", {"priority": 2}),
        ("**Priority: Medium**", {}),
        ("**Priority: low**", {"priority": 4}),
        ("**Blocked: no**", {}),
        ("**Status: bug | Priority: high**", {"kind": "bug", "priority": 2}),
        ("**Blocked:** by **law**", {"blocked_reason": "by **law**"}),
        ("**Blocked: no licence yet**", {"blocked_reason": "no licence yet"}),
        ("**Score: 9** Con:3 Lev:2 Eff:1 Cap:1 Cor:2", {"score": score(2, 1, 1, 2, 3)}),
    ],
)
def test_metadata_that_leaves_the_body(said: str, fields: Mapping[str, object]) -> None:
    task, codes = one(said)
    assert (task.fields, codes, task.body) == (fields, [], "Text.\n")


@pytest.mark.parametrize(
    ("said", "fields", "codes"),
    [
        ("**Status: done (Apr 30)**", DONE, ["kept"]),
        ("**Status: ???**", {}, ["status"]),
        ("**Status:**", {}, ["kept"]),
        ("**Priority: low, later**", {"priority": 4}, ["kept"]),
        ("**Priority: medium-high**", {}, ["priority"]),
        ("**Priority:** Not **before** May |  ", {}, ["priority"]),
        ("**Score: 9** | Cor:4 Cap:1 Eff:1 Lev:1 Con:2", {}, ["score"]),
        ("**Score: 9** | Cor:2 Cor:2 Eff:1 Lev:2 Con:2", {}, ["score"]),
        ("**Score: 9** | Cor:2 Cor:2 Cap:1 Eff:1 Lev:1 Con:2", {}, ["score"]),
        ("**Score: 9**", {}, ["score"]),
        ("Status: done", {}, []),
        ("- **Status: done**", {}, []),
        ("**Status tab** | Blocked: no", {}, []),
    ],
)
def test_text_that_stays_in_the_body(said: str, fields: Mapping[str, object], codes: list[str]) -> None:
    task, found = one(said)
    assert (task.fields, found, task.body) == (fields, codes, f"{said}\n\nText.\n")


def test_an_unlisted_status_is_a_label_and_is_reported() -> None:
    for status, label in (("done when it ships", "done-when-it-ships"), ("ready to author", "ready-to-author")):
        task, codes = one(f"**Status: {status}**")
        assert (task.fields, codes, task.body) == ({"labels": (label,)}, ["status"], "Text.\n")


def test_a_readable_priority_counts_after_an_unreadable_one() -> None:
    task, codes = one("**Priority: long**\n**Priority: low**")
    assert (task.fields, codes, task.body) == ({"priority": 4}, ["priority"], "**Priority: long**\n\nText.\n")


@pytest.mark.parametrize(
    ("title", "created", "codes"),
    [
        ("A (2026-04-30)", "2026-04-30", []),
        ("A (Apr 30, 2026)", "2026-04-30", []),
        ("A (April 30 2026) and more", "2026-04-30", []),
        ("A (Sept. 1st, 2026)", "2026-09-01", []),
        ("A (Apr 18-20, 2026)", "2026-04-18", []),
        ("A (Apr 30 – May 2, 2026)", "2026-04-30", []),
        ("A (Dec 30 - Jan 2, 2026)", "2025-12-30", []),
        ("A (3-5 May 2026; again 2027-01-01)", "2026-05-03", []),
        ("A (2026-02-30)", None, ["date"]),
        ("A (Q2 2026)", None, ["date"]),
        ("A (Apr 30)", None, ["date"]),
        ("A (30/4/26)", None, ["date"]),
        ("A (v1.2, may wait)", None, []),
        ("A (ſept 1, x)", None, []),
    ],
)
def test_date_in_a_heading(title: str, created: str | None, codes: list[str]) -> None:
    task, found = one("", title)
    assert (task.title, task.fields.get("created"), found) == (title, created, codes)


def test_a_note_names_both_sums() -> None:
    (note,) = parse_backlog("## F\n### T\n**Score: 15** | Cor:1 Cap:1 Eff:1 Lev:1 Con:1\n").notes
    assert (note.line, note.code) == (3, "sum")
    assert re.findall("[0-9]+", note.message) == ["15", "5"]


# --- shapes of files ------------------------------------------------------------------------------------------------


def test_nothing_in_nothing_out() -> None:
    assert parse_backlog("") == Backlog("", "", (), ())


def test_byte_order_mark_and_windows_line_ends_are_not_text() -> None:
    assert parse_backlog("\ufeff# A\r\n\r\nB\r\n").title == "A"
    assert parse_backlog("\ufeff# A\r\n\r\nB\r\n").body == "B\n"


def test_tasks_before_the_first_feature_get_one() -> None:
    backlog = parse_backlog("# A\n### T\nx\n## F\n")
    assert [(f.title, len(f.tasks)) for f in backlog.features] == [("A", 1), ("F", 0)]
    assert [(note.line, note.code) for note in backlog.notes] == [(2, "feature")]
    assert parse_backlog("### T\n").features[0].title == "Backlog"


def test_an_open_fence_is_reported_and_its_rules_stay() -> None:
    backlog = parse_backlog("## F\n### T\n~~~~ md\n~~~\n```\n~~~~ x\n### no\n---\n")
    assert tasks(backlog)[0].body == "~~~~ md\n~~~\n```\n~~~~ x\n### no\n---\n"
    assert [(note.line, note.code) for note in backlog.notes] == [(3, "fence")]


def test_a_line_of_inline_code_opens_no_fence() -> None:
    assert len(tasks(parse_backlog("## F\n```a```\n### T\n"))) == 1


def test_a_rule_in_the_preamble_makes_no_orphans() -> None:
    backlog = parse_backlog("a\n\n---\n\n**Status: idea**\n\n---\n")
    assert (backlog.body, backlog.features) == ("a\n\n---\n\n**Status: idea**\n", ())


def test_an_orphan_of_a_feature_without_tasks() -> None:
    rest = "**Status: idea**\n```\ncode\n```\n# one\n---\n```\n**Status: done**\n```\n**Status: bug**\n**B.** C d.\n"
    backlog = parse_backlog(f"## F\nfeature\n---\n{rest}")
    assert [(t.title, t.orphan) for t in tasks(backlog)] == [("Untitled, line 4", True), ("**B.** C d", True)]
    assert backlog.features[0].body == "feature\n"
    assert tasks(backlog)[0].body == rest.partition("\n")[2].partition("**Status: bug")[0]


LINES = """# {}; ## {}; ### {}; #### {}; {}; ---; ; ```; ~~~ {}; {} (May {}, 2026); ### (Apr 1, 2026) {}
**Status: done** | {}; **Status: idea**; **Status: done ({})**; **Status:** bug {}; **Priority: high {}**
**Status: {}**; **Priority: {}**; **Priority:** low; **Blocked: yes ({})** | {}; **Blocked: no**; **Score: {}** | {}
**Score: 9** | Cor:1 {}; **Score: 9** | Cor:1 Cap:2 Eff:2 Lev:2 Con:2 | Blocked: {}"""


@given(st.lists(st.sampled_from(re.split("; |\n", LINES))))
def test_no_word_is_lost_whatever_the_order_of_lines(templates: list[str]) -> None:
    names = (f"w{number}x" for number in range(1000))
    source = re.sub(r"\{\}", lambda _: next(names), "\n".join(templates))
    found = re.findall(r"w\d+x", "\n".join(texts(parse_backlog(source))))
    assert set(found) == set(re.findall(r"w\d+x", source))


TOKENS = [*"#|()/.,é12x \t\n", "\r\n", "### ", "**Status:", "**Priority:", "**Score:", "**Blocked:", "Cor:1"]
TOKENS += re.findall(".{3}", "```~~~---*** - buglowApr 30/20, 2026-04")


@given(st.lists(st.sampled_from(TOKENS)))
def test_any_text_can_be_read(tokens: list[str]) -> None:
    source = "".join(tokens)
    kept = "".join(texts(parse_backlog(source)))
    assert source.count("x") <= kept.count("x")


def texts(backlog: Backlog) -> Iterator[str]:
    yield from (backlog.title, backlog.body)
    yield from (note.message for note in backlog.notes)
    for item in all_items(backlog):
        yield from (item.title, item.body, repr(dict(item.fields)))


# --- every word is found again --------------------------------------------------------------------------------------

METADATA = re.compile(r"\*\*(?:Status|Priority|Score|Blocked):")
STATUS_SAYS: Mapping[str, Mapping[str, object]] = {
    "bug": {"kind": "bug"},
    "ux gap": {"labels": ("ux-gap",)},
    "tech debt": {"labels": ("tech-debt",)},
    "partial": {"labels": ("partial",)},
    "designing": {"state": "draft"},
    "done": {"state": "completed", "resolution": "done"},
    "resolved": {"state": "completed", "resolution": "done"},
    "shipped": {"state": "completed", "resolution": "done"},
    "idea": {"state": "idea"},
}
PRIORITY_SAYS = {"critical": 1, "high": 2, "medium": 3, "low": 4}
PART_SAYS = {"Cor": "correctness", "Cap": "capability", "Eff": "effort", "Lev": "leverage", "Con": "confidence"}


def words(text: str) -> Counter[str]:
    """Words as the eye sees them; marks that only hold the file together do not count."""
    return Counter(word for word in text.split() if word.strip("*|") not in ("", "---", "#", "##", "###"))


def check_words(source: str, backlog: Backlog) -> None:
    """Line ranges of the source against the items made of them: nothing lost, nothing added."""
    lines = source.split("\n")
    items = all_items(backlog)
    ends = [item.line - 1 for item in items[1:]] + [len(lines)]
    assert words("\n".join(lines[: items[0].line - 1])) == words(backlog.title) + words(backlog.body)
    for item, end in zip(items, ends, strict=True):
        check_item(item, lines[item.line - 1 : end], backlog)


def check_item(item: Item, lines: list[str], backlog: Backlog) -> None:
    found = words(item.body)
    if lines[0].startswith("#"):
        assert re.sub(r"#+ *", "", lines[0]).strip() == item.title
        found += words(item.title)
    else:
        assert isinstance(item, PlannedTask)
        assert item.orphan
    for offset, line in enumerate(head_lines(lines)):
        if METADATA.match(line):
            notes = [note.message for note in backlog.notes if note.line == item.line + offset]
            found += sum((said_by_fields(piece, item, notes) for piece in pieces(line)), Counter())
    assert found == words("\n".join(lines))


def head_lines(lines: list[str]) -> list[str]:
    """What stands before the item's first `---`; the fence of the small file hides one."""
    fenced = [line.startswith("```") for line in lines]
    rules = (at for at, line in enumerate(lines) if line == "---" and sum(fenced[:at]) % 2 == 0)
    return lines[: next(rules, len(lines))]


def pieces(line: str) -> list[str]:
    """At each ` | ` outside parentheses, and behind a bold beginning."""
    return [piece for piece in re.split(r" \| (?![^()]*\))|(?<=[a-z]\*\*) ", line) if piece.strip("| ")]


def said_by_fields(piece: str, item: Item, notes: list[str]) -> Counter[str]:
    """The words of a piece that stand in fields, each checked against its field; none when it stands in the body."""
    if piece in item.body:
        return Counter()
    said, _, value = piece.replace("**", "").partition(": ")
    if said == "Status" and value in STATUS_SAYS:
        assert STATUS_SAYS[value].items() <= item.fields.items()
    elif said == "Status":
        assert item.fields["labels"] == (value.replace(" ", "-"),)
        assert any(value in note for note in notes)
    elif said == "Priority":
        assert item.fields.get("priority", 3) == PRIORITY_SAYS[value]
        assert item.fields.get("priority") != 3
    elif said == "Blocked" and value == "no":
        assert "blocked_reason" not in item.fields
    elif said == "Blocked":
        assert item.fields["blocked_reason"] == value
    else:
        check_score(piece.replace("**", ""), item, notes)
    return words(piece)


def check_score(piece: str, item: Item, notes: list[str]) -> None:
    stored = item.fields["score"]
    assert isinstance(stored, dict)
    if piece.startswith("Score: "):
        printed, total = piece.removeprefix("Score: "), sum(stored.values())
        assert int(printed) == total or any({printed, str(total)} <= set(re.findall("[0-9]+", n)) for n in notes)
        return
    parts = dict(part.split(":") for part in piece.split())
    assert {PART_SAYS[name]: int(number) for name, number in parts.items()} == stored


# --- the real file --------------------------------------------------------------------------------------------------


def chunks(source: str) -> list[tuple[str, str]]:
    """Per level-3 heading: the text before its first `---`, and the text after it up to the next heading."""
    parts = re.split(r"(?m)^##(?=#? )", source)[1:]
    own = [re.split(r"(?m)^---$", part, maxsplit=1) for part in parts if part.startswith("# ")]
    return [(head, rest[0] if rest else "") for head, *rest in own]


@with_real
def test_real_headings_are_tasks() -> None:
    source, backlog = read(REAL)
    assert len(re.findall(r"(?m)^### ", source)) == len(chunks(source)) == 134
    assert [task.title for task in tasks(backlog) if not task.orphan] == re.findall(r"(?m)^### (.*)$", source)
    assert [feature.title for feature in backlog.features] == re.findall(r"(?m)^## (.*)$", source)
    assert len(backlog.features) == 8


@with_real
def test_real_scores() -> None:
    source, backlog = read(REAL)
    assert sum("**Score: " in head for head, _ in chunks(source)) == 123
    assert len(re.findall(r"(?m)^\*\*Score: [0-9]", source)) == 127
    scored = [task for task in tasks(backlog) if "score" in task.fields]
    assert Counter(task.orphan for task in scored) == {False: 123, True: 4}


@with_real
def test_real_orphans_are_named_in_source_order() -> None:
    source, backlog = read(REAL)
    rests = [rest for _, rest in chunks(source)]
    starts = [re.search(r"Blocked: no\n\n(.*)", part) for rest in rests for part in rest.split("**Status: ")[1:]]
    orphans = [task for task in tasks(backlog) if task.orphan]
    assert len(orphans) == len(starts) == 4
    assert all(found and found[1].startswith(f"{task.title}. ") for task, found in zip(orphans, starts, strict=True))
    reported = [(note.line, note.message) for note in backlog.notes if note.code == "orphan"]
    assert [line for line, _ in reported] == [task.line for task in orphans]
    assert all(task.title in message for task, (_, message) in zip(orphans, reported, strict=True))
    assert [task.line for task in tasks(backlog)] == sorted(task.line for task in tasks(backlog))


@with_real
def test_real_sums_that_disagree() -> None:
    source, backlog = read(REAL)
    wrong = [
        number
        for number, line in enumerate(source.split("\n"), start=1)
        if (match := re.match(r"\*\*Score: ([0-9]+)\*\* \| ([^|]*)", line))
        and int(match[1]) != sum(map(int, re.findall(":([0-9])", match[2])))
    ]
    assert [note.line for note in backlog.notes if note.code == "sum"] == wrong
    assert len(wrong) == 2


@with_real
def test_real_statuses_dates_and_blocks() -> None:
    source, backlog = read(REAL)
    found = [task.fields for task in tasks(backlog)]
    said = Counter(re.findall(r"(?m)^\*\*Status: (.*?)\*\*", source))
    assert sum(said.values()) == len(found) - 2
    for status, says in STATUS_SAYS.items():
        if status not in ("done", "resolved", "shipped"):
            assert sum(says.items() <= fields.items() for fields in found) == said[status]
    done = said["done"] + said["resolved"] + said["shipped"]
    assert sum(fields.get("state") == "completed" for fields in found) == done == 11
    assert sum("created" in fields for fields in found) == len(re.findall(r"(?m)^### .*\(\w+ \d+, 2026\)$", source))
    blocked = re.findall(r"(?m)^\*\*Score.*\| Blocked: (?!no$)(.*)$", source)
    assert [fields["blocked_reason"] for fields in found if "blocked_reason" in fields] == blocked


@with_real
def test_every_word_of_the_real_file_is_found_again() -> None:
    check_words(*read(REAL))


@with_real
def test_real_bodies_keep_their_lines_in_order() -> None:
    source, backlog = read(REAL)
    lines = source.split("\n")
    for task in tasks(backlog):
        at = task.line - 1
        for line in task.body.rstrip("\n").split("\n"):
            at = next(n for n in range(at, len(lines)) if lines[n] == line or lines[n].endswith(f"| {line}"))
