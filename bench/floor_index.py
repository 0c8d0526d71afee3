"""The least a cold index can do: read every document, parse its frontmatter in C, insert a row. Prints how many.

``python bench/floor_index.py TRACKER DATABASE``. Composes nodes and builds no Python values, has one table, no
full-text search and no references. Comments are left out, as a rebuilt index leaves them until somebody asks.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml


def documents(root: str) -> Iterator[tuple[str, bytes]]:
    for folder, folders, names in os.walk(root):
        if folder == root:
            folders.remove("_comments")
        for name in names:
            if name.endswith(".md"):
                path = f"{folder}/{name}"
                with open(path, "rb") as stream:
                    yield path, stream.read()


def row(path: str, content: bytes) -> tuple[str, ...]:
    head, _, body = content.decode()[4:].partition("\n---\n")
    node = yaml.compose(head, Loader=yaml.CSafeLoader)
    assert isinstance(node, yaml.MappingNode)
    values = {key.value: value.value for key, value in node.value if isinstance(value.value, str)}
    return path, *(values.get(name, "") for name in ("id", "title", "state", "assignee")), body


def main() -> None:
    root, database = sys.argv[1:]
    Path(database).unlink(missing_ok=True)
    connection = sqlite3.connect(database)
    connection.execute("CREATE TABLE document (path PRIMARY KEY, id, title, state, assignee, body)")
    with connection:
        rows = (row(path, content) for path, content in documents(root))
        connection.executemany("INSERT INTO document VALUES (?, ?, ?, ?, ?, ?)", rows)
    print(connection.execute("SELECT count(*) FROM document").fetchone()[0])


if __name__ == "__main__":
    main()
