"""Diagrams: what anybody wrote stays inside of its label."""

from __future__ import annotations

import re

import pytest

from wrkq_files.model.diagrams import CLOSED, MISSING, Node, dot, mermaid

HOSTILE = [
    'say "hello"] --> X',
    "back\\slash\\",
    "`**bold**` <img src=x onerror=alert(1)>",
    '%%{init: {"securityLevel": "loose"}}%%',
    "#quot; &quot; &lt;b&gt; ;",
    "two\nlines\r\x1b[31m\u202e",
    "fa:fa-ban end graph subgraph",
    "{curly} |pipe| ~tilde~ _mark_ snake_case",
    "Größe 大きさ 🚀",
]


def entities(text: str) -> str:
    """Text as Mermaid reads it."""
    return re.sub(r"#(\d+);", lambda found: chr(int(found[1])), text)


def plain(text: str) -> str:
    return " ".join(re.sub(r"[\x00-\x1f\u202e]", " ", text).split())


@pytest.mark.parametrize("title", HOSTILE)
def test_a_label_of_mermaid_reads_as_it_was_written(title: str) -> None:
    head, node = mermaid([Node("T-1", (title,))], [])
    assert head == "flowchart LR"
    found = re.fullmatch(r'  nT1\["([^"]*)"\]', node)
    assert found
    assert entities(found[1]) == plain(title)
    assert not set("\"'`<>{}[]|\\&%*~@$!?:=") & set(found[1])
    assert not re.search(r"#(?!\d+;)", found[1])


@pytest.mark.parametrize("title", HOSTILE)
def test_a_label_of_dot_reads_as_it_was_written(title: str) -> None:
    node = list(dot([Node("T-1", (title,))], []))[3]
    found = re.fullmatch(r'  "T-1" \[label="((?:[^"\\]|\\["\\])*)"\]', node)
    assert found
    assert re.sub(r"\\(.)", r"\1", found[1]).replace("&amp;", "&") == plain(title)
    assert not re.search(r"&(?!amp;)", found[1])


def test_mermaid() -> None:
    nodes = [Node("T-A", ("T-A open", "First")), Node("T-B", ("T-B done", "Second"), CLOSED)]
    assert list(mermaid(nodes, [("T-A", "T-B")])) == [
        "flowchart LR",
        '  nTA["T-A open<br/>First"]',
        '  nTB["T-B done<br/>Second"]:::closed',
        "  nTA --> nTB",
        "  classDef closed fill:#eee,stroke:#999,color:#777,stroke-dasharray:4 3",
    ]


def test_dot() -> None:
    nodes = [Node("T-A", ("T-A open", "First")), Node("T-B", ("T-B missing",), MISSING)]
    assert list(dot(nodes, [("T-A", "T-B")])) == [
        "digraph {",
        "  rankdir=LR",
        "  node [shape=box]",
        '  "T-A" [label="T-A open\\nFirst"]',
        '  "T-B" [label="T-B missing", style=dotted, color=red, fontcolor=red]',
        '  "T-A" -> "T-B"',
        "}",
    ]
