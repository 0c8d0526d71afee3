"""Hypothesis strategies for merges: a file as people type it, and what two of them do to it at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from hypothesis import strategies as st

from tests.support.documents import hand_made
from wrkq_files.errors import WrkqError
from wrkq_files.files import edits
from wrkq_files.files.documents import parse
from wrkq_files.model.fields import DocType
from wrkq_files.model.items import find_items

TASK: Final = DocType.TASK

#: What one person does to a file: its bytes in, others out. Text that nobody can read comes out as it went in.
Edit = Callable[[bytes], bytes]


class Sided(NamedTuple):
    """A base and what each side made of it; ``done`` names the edits, for a failure's report."""

    base: bytes
    ours: bytes
    theirs: bytes
    done: tuple[tuple[str, ...], tuple[str, ...]]


# The base.

_LINES: Final = (
    "title: Login UX",
    "id: T-4K9X2M7Q",
    "state: open",
    "assignee: lance",
    "created: 2026-01-19T14:24:16Z",
    "priority: 2",
    "priority: 3",
    "due: 2026-03-01   # promised",
    "estimate_hours: 8",
    "kind: task",
    "labels:\n  - auth\n  - web",
    "labels: [auth, web]",
    "tags:\n- auth   # first\n- web",
    "blocked_by:\n  - T-8W2D5H0C\n  - T-8W2D5H0D",
    "summary: |\n  Half of it\n\n  works.",
    "summary: >-\n  Half of it\n  works.",
    "reviewer: 'robin'",
    "participants:\n  - actor: robin\n    role: tester\n  - actor: sam\n    role: guest",
    "blocked_reason: no device",
    "rank: a0",
    "score:\n  correctness: 2\n  effort: 1",
    "score: {correctness: 2, effort: 1}",
    "source: github:example/shop#12",
    "meta:\n  ci:\n    runs: 3\n    owner: kim\n  list: [a, b]",
    "meta: {runs: 3}",
    "sprint: 12",
    "team: blue",
    "'quoted key': x",
    "custom:\n  a: 1\n  b: 2",
)
_GAPS: Final = ("", "", "", "", "", "# about the next\n", "\n", "# one\n# two\n", "# about all\n\n")
_PARAGRAPHS: Final = (
    "Users cannot find the button.\n",
    "Two lines\nof one paragraph.\n",
    "## Acceptance criteria\n\n- [ ] above the fold\n- [x] focus lands on it\n- [ ] on a phone\n",
    "- [ ] same\n- [ ] same\n",
    "## A\n\n- [ ] test\n",
    "## B\n\n- [ ] test\n",
    "```yaml\n---\ntitle: no field\n- [ ] no box\n---\n```\n",
    "---\n",
    "Heading\n=======\n",
    "* a\n* b\n* c\n",
    "> quoted\n",
    "A line.\n",
)


@st.composite
def _typed(draw: st.DrawFn) -> bytes:
    """A task with many fields."""
    chosen = draw(st.lists(st.sampled_from(_LINES), max_size=9, unique_by=_key_of))
    if draw(st.booleans()):
        chosen = sorted(chosen, key=_LINES.index)
    front = "".join(draw(st.sampled_from(_GAPS)) + f"{line}\n" for line in chosen) + draw(st.sampled_from(_GAPS))
    body = "\n".join(draw(st.lists(st.sampled_from(_PARAGRAPHS), max_size=4)))
    text = f"---\n{front}---\n{draw(st.sampled_from(['', chr(10), chr(10)]))}{body}"
    text = draw(st.sampled_from([text, text, text, text.removesuffix("\n")]))
    return draw(st.sampled_from([text, text, text, text.replace("\n", "\r\n"), "\ufeff" + text])).encode()


def _key_of(line: str) -> str:
    key = line.partition(":")[0]
    return "labels" if key == "tags" else key


#: Frontmatter of comments alone.
COMMENTED: Final = st.lists(st.sampled_from(["# one", "# two", "# three", "  # indented", ""]), max_size=5).map(
    lambda lines: "\n".join(["---", *lines, "---", ""]).encode()
)
BASES: Final = _typed() | _typed() | hand_made().map(lambda made: made.data)


# The edits.

_VALUES: Final[dict[str, tuple[Any, ...]]] = {
    "title": ("Sign-in", "0042", "Fix: it", None),
    "id": ("T-4K9X2M7Q", "T-8W2D5H0F"),
    "state": ("in_progress", "completed", "draft"),
    "resolution": ("done", "wont_do", None),
    "assignee": ("robin", "sam", None),
    "priority": (1, 2, 4, None),
    "due": ("2026-03-01", "2026-04-01", None),
    "estimate_hours": (0.5, 8, None),
    "kind": ("bug", "chore"),
    "summary": ("All of it works.", "Of two\nlines.", None),
    "reviewer": ("robin", "kim", None),
    "blocked_reason": ("no phone", None),
    "rank": ("a1", "b0"),
    "source": ("github:example/shop#13", None),
    "sprint": (13, 14, None),
    "customer": ("acme", "@umbrella"),
    "score": ({"effort": 3}, {"correctness": 2, "leverage": 1}, None),
    "archived": ("2026-05-01",),
}
_SETS: Final[dict[str, tuple[str, ...]]] = {
    "labels": ("auth", "web", "css", "dark", "a11y", "0042"),
    "blocked_by": ("T-8W2D5H0C", "T-8W2D5H0D", "T-8W2D5H0E", "T-AAAAAAA1"),
    "relates_to": ("T-8W2D5H0C", "T-AAAAAAA1"),
}


def _asked(data: bytes, changes: dict[str, Any]) -> bytes:
    try:
        return edits.set_fields(data, TASK, changes)
    except WrkqError:
        return data


def _fields(data: bytes) -> dict[str, Any]:
    document = parse(data, TASK, "a.md", kinds=None).document
    return dict(document.fields) if document else {}


def set_field(name: str, value: Any) -> Edit:
    return lambda data: _asked(data, {name: value})


def toggle(name: str, word: str) -> Edit:
    """A word into a set, or out of it."""

    def edit(data: bytes) -> bytes:
        old = _fields(data).get(name) or ()
        return _asked(data, {name: tuple(each for each in old if each != word) if word in old else (*old, word)})

    return edit


def put(name: str, path: Sequence[str], value: Any) -> Edit:
    """A key of a map, however deep; None takes it out."""

    def edit(data: bytes) -> bytes:
        old = _fields(data).get(name) or {}
        return _asked(data, {name: _with(old, path, value)}) if isinstance(old, dict) else data

    return edit


def _with(old: Any, path: Sequence[str], value: Any) -> Any:
    if not path:
        return value
    inner = dict(old) if isinstance(old, dict) else {}
    deeper = _with(inner.get(path[0]), path[1:], value)
    return {key: each for key, each in {**inner, path[0]: deeper}.items() if each not in (None, {})}


def role(actor: str, word: str | None) -> Edit:
    """A participant's role; None takes the participant out."""

    def edit(data: bytes) -> bytes:
        old = _fields(data).get("participants") or ()
        others = [each for each in old if each.get("actor") != actor]
        if word is None:
            return _asked(data, {"participants": tuple(others)})
        fresh = {"actor": actor, "role": word}
        known = [fresh if each.get("actor") == actor else each for each in old]
        return _asked(data, {"participants": tuple(known if len(others) < len(old) else [*old, fresh])})

    return edit


def mark(number: int, letter: str) -> Edit:
    """The mark of one checkbox."""

    def edit(data: bytes) -> bytes:
        document = parse(data, TASK, "a.md", kinds=None).document
        items = find_items(document.body) if document else []
        try:
            return edits.mark_item(data, items[number % len(items)], letter) if items else data
        except WrkqError:
            return data

    return edit


def _cut(data: bytes) -> tuple[list[str], list[str], str] | None:
    """The frontmatter's lines, the rest's lines, what precedes them; all with their line ends."""
    match = re.match(rb"(?s)((?:\xef\xbb\xbf)?---\r?\n)(.*?)(^---\r?(?:\n|\Z).*)\Z", data, re.MULTILINE)
    if match is None:
        return None
    first, front, rest = (part.decode() for part in match.groups())
    return _split(front), _split(rest), first


def _split(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+\Z", text)


def in_front(change: Callable[[list[str], str], list[str]]) -> Edit:
    """An edit of the frontmatter's lines, by hand; the second argument is the line end."""

    def edit(data: bytes) -> bytes:
        if (cut := _cut(data)) is None:
            return data
        front, rest, first = cut
        end = "\r\n" if first.endswith("\r\n") else "\n"
        return (first + "".join(change(front, end)) + "".join(rest)).encode()

    return edit


def in_body(change: Callable[[list[str], str], list[str]]) -> Edit:
    """The same for the lines below the closing ``---``."""

    def edit(data: bytes) -> bytes:
        if (cut := _cut(data)) is None:
            return data
        front, rest, first = cut
        end = "\r\n" if first.endswith("\r\n") else "\n"
        if not rest[0].endswith("\n"):
            rest[0] += end
        return (first + "".join(front) + rest[0] + "".join(change(rest[1:], end))).encode()

    return edit


def is_key(line: str) -> bool:
    """Whether a field begins at a line of frontmatter."""
    return re.match(r"[^\s#\-\[\]{},][^#]*?:(\s|$)", line) is not None


def entries(front: Sequence[str]) -> list[list[str]]:
    """The lines of each field, with the comments above it; what is below the last is the last's own."""
    found: list[list[str]] = [[]]
    for line in front:
        if any(map(is_key, found[-1])) and (is_key(line) or line.startswith("#")):
            found.append([])
        found[-1].append(line)
    return [each for each in found if each]


def comment_above(number: int, text: str) -> Edit:
    def change(front: list[str], end: str) -> list[str]:
        places = [place for place, line in enumerate(front) if is_key(line)]
        if not places:
            return front
        at = places[number % len(places)]
        return [*front[:at], f"# {text}{end}", *front[at:]]

    return in_front(change)


def comment_beside(number: int, text: str) -> Edit:
    def change(front: list[str], end: str) -> list[str]:
        places = [
            place
            for place, line in enumerate(front)
            if re.match(r"(title|priority|state|due|sprint): [\w -]+$", line)
        ]
        if not places:
            return front
        at = places[number % len(places)]
        return [*front[:at], f"{front[at].rstrip()}  # {text}{end}", *front[at + 1 :]]

    return in_front(change)


def change_comment(number: int, text: str) -> Edit:
    """Another comment in the place of one that has a line of its own."""

    def change(front: list[str], end: str) -> list[str]:
        places = [place for place, line in enumerate(front) if line.startswith("#")]
        at = places[number % len(places)] if places else len(front)
        return [f"# {text}{end}" if place == at else line for place, line in enumerate(front)]

    return in_front(change)


def requote(number: int) -> Edit:
    """Quotes around a plain value."""

    def change(front: list[str], end: str) -> list[str]:
        places = [
            place
            for place, line in enumerate(front)
            if re.match(r"(title|source|assignee|team|state|kind): [\w -]+$", line)
        ]
        if not places:
            return front
        at = places[number % len(places)]
        key, _, value = front[at].partition(": ")
        return [*front[:at], f"{key}: '{value.rstrip()}'{end}", *front[at + 1 :]]

    return in_front(change)


def move_entry(number: int, to: int) -> Edit:
    def change(front: list[str], end: str) -> list[str]:
        found = entries(front)
        if len(found) < 2:
            return front
        entry = found.pop(number % len(found))
        found.insert(to % (len(found) + 1), entry)
        return [line for each in found for line in each]

    return in_front(change)


def drop_entry(number: int) -> Edit:
    def change(front: list[str], end: str) -> list[str]:
        found = entries(front)
        return [line for place, each in enumerate(found) if place != number % len(found) for line in each]

    return in_front(change)


def tags_to_labels() -> Edit:
    return in_front(lambda front, end: [re.sub(r"^tags:", "labels:", line) for line in front])


def insert_line(number: int, text: str) -> Edit:
    def change(body: list[str], end: str) -> list[str]:
        at = number % (len(body) + 1)
        above = [*body[:at]]
        if above and not above[-1].endswith("\n"):
            above[-1] += end
        return [*above, f"{text}{end}", *body[at:]]

    return in_body(change)


def change_line(number: int, text: str) -> Edit:
    def change(body: list[str], end: str) -> list[str]:
        at = number % len(body) if body else 0
        return [*body[:at], f"{text}{end}", *body[at + 1 :]] if body else body

    return in_body(change)


def delete_line(number: int) -> Edit:
    return in_body(lambda body, end: [line for place, line in enumerate(body) if place != number % len(body)])


def move_section(number: int) -> Edit:
    """A heading with all below it changes places with the one before."""

    def change(body: list[str], end: str) -> list[str]:
        starts = [place for place, line in enumerate(body) if line.startswith("## ")]
        if len(starts) < 2 or not body[-1].endswith("\n"):
            return body
        at = 1 + number % (len(starts) - 1)
        first, second, after = starts[at - 1], starts[at], [*starts, len(body)][at + 1]
        return [*body[:first], *body[second:after], *body[first:second], *body[after:]]

    return in_body(change)


def reword(number: int) -> Edit:
    """The same value in other words."""
    words = [("priority: 2", "priority: high"), ("priority: 3", "priority: medium"), ("state: open", "state: todo")]
    words += [("state: open", "state: 'open'"), ("kind: task", 'kind: "task"'), ("due: 2026", "due:   2026")]
    old, new = words[number % len(words)]
    return in_front(lambda front, end: [re.sub(f"^{old}", new, line) for line in front])


def append(text: str) -> Edit:
    def change(body: list[str], end: str) -> list[str]:
        if body and not body[-1].endswith("\n"):
            body[-1] += end
        return [*body, end, text + end]

    return in_body(change)


def fmt(data: bytes) -> bytes:
    try:
        return edits.fmt(data, TASK)
    except WrkqError:
        return data


def crlf(data: bytes) -> bytes:
    return re.sub(rb"\r?\n", b"\r\n", data)


def lf(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")


def mark_order(data: bytes) -> bytes:
    """A byte order mark, or none."""
    bom = b"\xef\xbb\xbf"
    return data.removeprefix(bom) if data.startswith(bom) else bom + data


def end_off(data: bytes) -> bytes:
    """No newline at the end."""
    return data if data.rstrip(b"\r\n").endswith(b"---") else data.rstrip(b"\r\n")


_NUMBERS: Final = st.integers(0, 20)
_SHARED: Final = ("more", "less")


def _by_hand(side: str) -> st.SearchStrategy[tuple[str, Edit]]:
    """Edits whose text tells the side, or is the same on both."""
    words = st.sampled_from([f"{side} one", f"{side} two", *_SHARED])

    def named(
        name: str, *parts: st.SearchStrategy[Any], of: Callable[..., Edit]
    ) -> st.SearchStrategy[tuple[str, Edit]]:
        return st.tuples(*parts).map(lambda given: (f"{name} {given}", of(*given)))

    return st.one_of(
        named("comment above", _NUMBERS, words, of=comment_above),
        named("change comment", _NUMBERS, words, of=change_comment),
        named("comment beside", _NUMBERS, words, of=comment_beside),
        named("requote", _NUMBERS, of=requote),
        named("insert line", _NUMBERS, words, of=insert_line),
        named("insert box", _NUMBERS, words.map(lambda word: f"- [ ] {word}"), of=insert_line),
        named("change line", _NUMBERS, words, of=change_line),
        named("append", words, of=append),
        named("delete line", _NUMBERS, of=delete_line),
    )


def _constant(*named: tuple[str, Edit]) -> st.SearchStrategy[tuple[str, Edit]]:
    return st.sampled_from(named)


FIELD_EDITS: Final = st.one_of(
    st.sampled_from([(name, value) for name, values in _VALUES.items() for value in values]).map(
        lambda pair: (f"set {pair[0]}={pair[1]!r}", set_field(*pair))
    ),
    st.sampled_from([(name, word) for name, words in _SETS.items() for word in words]).map(
        lambda pair: (f"toggle {pair[0]} {pair[1]}", toggle(*pair))
    ),
    st.sampled_from(
        [
            ("score", ("effort",), 2),
            ("score", ("effort",), 3),
            ("score", ("leverage",), 1),
            ("score", ("correctness",), None),
            ("meta", ("ci", "runs"), 4),
            ("meta", ("ci", "runs"), 5),
            ("meta", ("ci", "owner"), None),
            ("meta", ("tool",), "x"),
            ("meta", ("list",), ["a"]),
            ("custom", ("a",), 7),
            ("custom", ("c",), 8),
        ]
    ).map(lambda step: (f"put {step}", put(*step))),
    st.sampled_from(
        [("robin", "pilot"), ("robin", "judge"), ("robin", None), ("sam", "pilot"), ("uma", "x"), ("kim", "y")]
    ).map(lambda pair: (f"role {pair}", role(*pair))),
)
_MARKS: Final = st.tuples(_NUMBERS, st.sampled_from("x- ")).map(lambda pair: (f"mark {pair}", mark(*pair)))
_SHAPE: Final = st.one_of(
    st.tuples(_NUMBERS, _NUMBERS).map(lambda pair: (f"move entry {pair}", move_entry(*pair))),
    _NUMBERS.map(lambda number: (f"drop entry {number}", drop_entry(number))),
    _NUMBERS.map(lambda number: (f"move section {number}", move_section(number))),
    _NUMBERS.map(lambda number: (f"reword {number}", reword(number))),
    _constant(
        ("fmt", fmt),
        ("crlf", crlf),
        ("lf", lf),
        ("byte order mark", mark_order),
        ("no newline at the end", end_off),
        ("tags to labels", tags_to_labels()),
    ),
)


def edits_of(side: str) -> st.SearchStrategy[tuple[str, Edit]]:
    return st.one_of(FIELD_EDITS, FIELD_EDITS, _by_hand(side), _by_hand(side), _MARKS, _SHAPE)


def _done(base: bytes, steps: Sequence[tuple[str, Edit]]) -> bytes:
    for _, step in steps:
        base = step(base)
    return base


@st.composite
def two_sided(draw: st.DrawFn, most: int = 4) -> Sided:
    """A base, and up to ``most`` edits on each side."""
    base = draw(BASES)
    ours = draw(st.lists(edits_of("ours"), max_size=most))
    theirs = draw(st.lists(edits_of("theirs"), max_size=most))
    names = (tuple(name for name, _ in ours), tuple(name for name, _ in theirs))
    return Sided(base, _done(base, ours), _done(base, theirs), names)
