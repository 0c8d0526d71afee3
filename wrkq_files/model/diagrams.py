"""Graphs in the languages that draw them: Mermaid (mermaid.js.org) and DOT (graphviz.org).

Labels are anybody's text: they are shown as they were written, and draw, load and set nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

#: How a node is drawn; empty for the plain ones.
CLOSED: Final = "closed"
MISSING: Final = "missing"

_CONTROL: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]+"
)
#: What Mermaid may take for something else than a letter, even inside of quotes: entities, elements, Markdown, icons
#: (`fa:…`), directives (`%%{…}%%`).
_SPECIAL: Final = re.compile(r"[^\w .,()/+-]|(?<!\w)_|_(?!\w)")
_MERMAID_STYLES: Final = (
    "classDef closed fill:#eee,stroke:#999,color:#777,stroke-dasharray:4 3",
    "classDef missing fill:#fff,stroke:#c00,color:#c00,stroke-dasharray:2 2",
)
_DOT_STYLES: Final = {
    CLOSED: ", style=dashed, color=gray, fontcolor=gray",
    MISSING: ", style=dotted, color=red, fontcolor=red",
}


class Node(NamedTuple):
    """``lines`` of its label; ``style``: :data:`CLOSED`, :data:`MISSING`, or empty."""

    name: str
    lines: tuple[str, ...]
    style: str = ""


def mermaid(nodes: Iterable[Node], edges: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The lines of a flowchart from left to right."""
    yield "flowchart LR"
    styles = set()
    for node in nodes:
        label = "<br/>".join(_mermaid_text(line) for line in node.lines)
        styles.add(node.style)
        yield f'  {_mermaid_name(node.name)}["{label}"]{node.style and f":::{node.style}"}'
    for first, second in edges:
        yield f"  {_mermaid_name(first)} --> {_mermaid_name(second)}"
    yield from (f"  {style}" for style in _MERMAID_STYLES if style.split()[1] in styles)


def dot(nodes: Iterable[Node], edges: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The lines of a directed graph from left to right."""
    yield "digraph {"
    yield "  rankdir=LR"
    yield "  node [shape=box]"
    for node in nodes:
        label = "\\n".join(_dot_text(line).replace("&", "&amp;") for line in node.lines)
        yield f'  "{_dot_text(node.name)}" [label="{label}"{_DOT_STYLES.get(node.style, "")}]'
    for first, second in edges:
        yield f'  "{_dot_text(first)}" -> "{_dot_text(second)}"'
    yield "}"


def _plain(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", text).split())


def _mermaid_name(name: str) -> str:
    """A name that is no word of the language, whatever it was: ids differ in letters and digits."""
    return "n" + re.sub(r"[^0-9A-Za-z]", "", name)


def _mermaid_text(text: str) -> str:
    """Each special character by its number, as Mermaid writes entities."""
    return _SPECIAL.sub(lambda found: f"#{ord(found[0])};", _plain(text))


def _dot_text(text: str) -> str:
    return _plain(text).replace("\\", "\\\\").replace('"', '\\"')
