"""Comments in frontmatter: what stands between the scalars."""

from __future__ import annotations

import re
from typing import Final

from wrkq_files.files.nodes import Map, Node, Scalar, Seq

_LITERAL_HEADER: Final = re.compile(r"[|>][-+0-9]*([ \t]+#[^\r\n]*)?")


def header_comment(text: str, node: Scalar) -> str:
    """The comment beside a literal text's `|`, the spaces before it included; empty where there is none."""
    found = _LITERAL_HEADER.match(text, node.start) if node.style in ("|", ">") else None
    return found[1] or "" if found else ""


def has_comment(text: str, node: Node, start: int) -> bool:
    """Whether a comment stands between the scalars of a value."""
    first, *others = _outside(text, node, start)
    # A comment on the key's own line stays, unless a bracket has opened before it.
    if not (isinstance(node, (Seq, Map)) and node.flow):
        first = first[first.find("\n") :] if "\n" in first else first
    return "#" in first or any("#" in part for part in others)


def comments(text: str, root: Map) -> list[str]:
    """Every comment of the text that says ``root``, in order."""
    return [found for part in _outside(text, root, 0) for found in re.findall(r"#[^\r\n]*", part)]


def _outside(text: str, node: Node, start: int) -> list[str]:
    """The text before, between and after the scalars of a node; ``start`` is the text's own place in the sheet."""
    rest, at = [], 0
    for leaf in scalars(node):
        begin = leaf.start - start
        beside = text.find("\n", begin) if leaf.style in ("|", ">") else begin
        rest.append(text[at : max(at, beside)])
        at = max(at, leaf.end - start)
    return [*rest, text[at:]]


def scalars(node: Node) -> list[Scalar]:
    """Every scalar in a node, keys too, in order."""
    if isinstance(node, Scalar):
        return [node]
    if isinstance(node, Seq):
        return [leaf for item in node.items for leaf in scalars(item)]
    return [leaf for key, value in node.pairs.values() for leaf in (key, *scalars(value))]
