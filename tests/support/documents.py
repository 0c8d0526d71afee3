"""Hypothesis strategies for documents: typed fields, and files as people type them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hypothesis import strategies as st

from wrkq_files.files.split import CONTROL
from wrkq_files.model import ids
from wrkq_files.model.fields import FIELDS, DocType, Field, FieldType

#: Words that one YAML reader or another takes for something else than text, or for syntax.
TRICKY: Final = (
    "0042",
    "no",
    "on",
    "null",
    "~",
    "true",
    "1e3",
    "12:30",
    "2026-01-19",
    "0x1F",
    "0o17",
    ".inf",
    "1_000",
    "=",
    "<<",
    "---",
    "...",
    "- a",
    "-",
    "# no comment",
    "@bob",
    "`code`",
    "%percent",
    "*bold*",
    "&amp",
    "!bang",
    "[WIP] x",
    "{a: b}",
    "a: b",
    "a:",
    "a #b",
    "a#b",
    "'quoted'",
    '"double"',
    "it's",
    "back\\slash",
    "trailing ",
    " leading",
    "tab\tinside",
    "?",
    "? x",
    "|",
    ">",
    ",x",
    "é 😀 ß",
    "a\u00a0b",
    "a\u2028b",
    "a\x85b",
    "",
    "x" * 300,
)


def _is_printable(text: str) -> bool:
    return not CONTROL.search(text) and "\r" not in text


_CHARACTERS: Final = st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\t\x85")
LINES: Final = st.sampled_from(TRICKY) | st.text(_CHARACTERS, max_size=30).filter(_is_printable)
TEXTS: Final = (
    LINES | st.lists(LINES, min_size=2, max_size=4).map("\n".join) | st.sampled_from(["a\n", "\n", "a\n\n", " a\nb"])
)
SLUGS: Final = st.from_regex(r"[a-z0-9][a-z0-9-]{0,12}", fullmatch=True)
JSON: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(LINES, inner, max_size=3),
    max_leaves=6,
)


def identifiers(kind: DocType) -> st.SearchStrategy[str]:
    return st.integers(0, (1 << ids.BITS) - 1).map(lambda bits: ids.mint(kind, bits))


def values(field: Field, kind: DocType) -> st.SearchStrategy[Any]:
    """Values a field may hold, typed as in ``Document.fields``."""
    if field.type in (FieldType.MAP, FieldType.MAPS):
        maps = st.fixed_dictionaries(
            {field.key: values(field.sub[field.key], kind)} if field.key else {},
            optional={name: values(sub, kind) for name, sub in field.sub.items() if name != field.key},
        )
        if field.type is FieldType.MAP:
            return maps.filter(bool)
        return st.lists(maps, min_size=1, max_size=4, unique_by=lambda item: str(item[field.key])).map(tuple)
    own = kind if field.name == "id" and kind in ids.LETTERS else DocType.TASK
    if field.type in (FieldType.IDS, FieldType.WORDS):
        words = (
            identifiers(own)
            if field.type is FieldType.IDS
            else st.sampled_from(field.values)
            if field.values
            else LINES
        )
        return st.lists(words, min_size=1, max_size=4, unique=True).map(tuple)
    if field.type in (FieldType.INTEGER, FieldType.PRIORITY):
        low = int(field.low) if field.low is not None else -100
        return st.integers(low, int(field.high) if field.high is not None else 10**9)
    simple: Mapping[FieldType, st.SearchStrategy[Any]] = {
        FieldType.TEXT: TEXTS,
        FieldType.SLUG: SLUGS,
        FieldType.ID: identifiers(own),
        FieldType.ENUM: st.sampled_from(field.values or ("x",)),
        FieldType.NUMBER: st.integers(0, 100) | st.integers(0, 400).map(lambda quarters: quarters / 4),
        FieldType.BOOLEAN: st.booleans(),
        FieldType.TIME: st.sampled_from(["2026-01-19", "2026-01-19T14:24:16Z", "2026-02-13T17:00:00+01:00"]),
        FieldType.RANK: st.sampled_from(["a0", "0042", "1e5", "Zz"]),
        FieldType.JSON: JSON.filter(lambda value: value not in (None, {}, [])),
    }
    return simple[field.type]


def fields(kind: DocType) -> st.SearchStrategy[dict[str, Any]]:
    """Any fields of a document of this type."""
    return st.fixed_dictionaries({}, optional={name: values(each, kind) for name, each in FIELDS[kind].items()})


#: Bodies with all that must not be mistaken for frontmatter.
BODIES: Final = st.sampled_from(
    [
        "",
        "\n",
        "Text.\n",
        "no final newline",
        "---\n\nafter a rule\n---\n",
        "# Heading\n\n## Acceptance criteria\n\n- [ ] one\n- [x] two 😀\n",
        "title: not a field\n",
        "long line " * 2000 + "\n",
        "<<<<<<< nearly\n",
        "\n\nblank lines above and below\n\n\n",
        "\ttab\n",
        "\ufeff a mark in the middle\n",
    ]
)


@dataclass(frozen=True)
class HandMade:
    """A file as a person types it: its bytes, and what follows each `#`."""

    data: bytes
    comments: tuple[str, ...]


_SCALARS: Final = st.sampled_from(
    [
        "plain words",
        "plain words   # beside it",
        "'single ''quoted'''",
        '"double \\"quoted\\" \\u00e9"',
        "'single' # beside it",
        "|\n  literal\n\n    deeper\n  end",
        "|-\n  literal",
        "|-   # beside the header\n    deep",
        "|+\n  kept\n",
        "|+\n  kept\n\n",
        "|2\n    led by spaces\n  end",
        "|",
        ">\n  folded\n  text",
        ">-\n   folded\n\n   text",
        "goes on\n  in the next line",
        "'goes on\n  too'",
        "\n  below its key",
        "0042",
        "é 😀",
        "",
        " # nothing but this",
    ]
)
_SETS: Final = st.sampled_from(
    [
        "\n  - a\n  - b",
        "\n- a\n- b",
        "\n- a\n# between\n- b",
        " |-\n  a",
        "\n    - b # beside\n    - a",
        "\n  # above\n  - a\n  # between\n  - b\n  # after",
        "  # beside the key\n  - 'a'\n  - 'b'",
        " [a, b]",
        " [ a,b ]  # beside",
        " [\n    a, # beside a\n    b\n  ]",
        ' ["a"]',
        " []",
        " a",
        " 'a' # beside",
        "",
        "\n  -   a\n  -   z",
        "\n  - a\n  - a",
    ]
)
_ENTRIES: Final = st.one_of(
    st.tuples(
        st.sampled_from(["title", "summary", "blocked_reason", "source"]), _SCALARS.map(lambda text: f" {text}")
    ),
    st.tuples(st.sampled_from(["labels", "tags"]), _SETS),
    st.tuples(st.just("state"), st.sampled_from([" open", " done", " 'in_progress' # now", "", " nonsense"])),
    st.tuples(st.just("priority"), st.sampled_from([" 2", " high", " '3'", " 9", "   1   # first"])),
    st.tuples(st.just("due"), st.sampled_from([" 2026-01-19", "", " # later", " soon"])),
    st.tuples(st.just("estimate_hours"), st.sampled_from([" 8", " 0.5 # about"])),
    st.tuples(
        st.just("meta"),
        st.sampled_from(
            [
                "\n  a: 1\n  b:\n    - x\n    # why\n    - y: 2",
                " {a: 1, b: [x, {y: 2}]}",
                ' {"a":1}',
                "\n    deep:\n        er: 0x1F",
                "\n  a: 1\n  b: |\n    x",
                "\n  - a: |+\n      x\n\n    b: 2\n  - >-\n    y",
            ]
        ),
    ),
    st.tuples(
        st.just("participants"),
        st.sampled_from(
            [
                "\n  - actor: bob\n    role: x\n  - role: y # beside\n    actor: al",
                " [{actor: bob}]",
                "\n- actor: bob",
            ]
        ),
    ),
    st.tuples(
        st.sampled_from(["custom", "due_by", "x-y", "'quoted key'"]),
        st.sampled_from([" 1", " [x]", " no", "\n  a: b"]),
    ),
)
_GAPS: Final = st.sampled_from(
    [
        "",
        "",
        "",
        "# above the next\n",
        "\n",
        "# one\n\n# two\n",
        "  # indented\n",
        " # by one\n",
        "    # by four\n",
        "\n  # below a blank line\n",
    ]
)


@st.composite
def hand_made(draw: st.DrawFn) -> HandMade:
    """Tasks in many styles, with comments, blank lines, CRLF, a byte order mark, no final newline."""
    entries = draw(
        st.lists(_ENTRIES, max_size=7, unique_by=lambda entry: "labels" if entry[0] == "tags" else entry[0])
    )
    lines = ["---\n"]
    for key, value in entries:
        lines += [draw(_GAPS), f"{key}:{value}\n"]
    lines += [draw(_GAPS), "---\n", draw(st.sampled_from(["", "\n"]))]
    text = "".join(lines) + draw(BODIES)
    if draw(st.booleans()):
        text = text.rstrip("\n") if not text.endswith("---\n") else text
    comments = tuple(sorted(part for part in "".join(lines).split("#")[1:]))
    text = text.replace("\n", draw(st.sampled_from(["\n", "\n", "\r\n"])))
    return HandMade((draw(st.sampled_from(["", "", "\ufeff"])) + text).encode(), comments)
