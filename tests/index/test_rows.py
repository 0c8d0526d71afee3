"""From a document to its row."""

from __future__ import annotations

from typing import Any

import pytest

from wrkq_files.index.entry import LABEL_MARK, MORE, PACK_MARK
from wrkq_files.index.reading import Content
from wrkq_files.index.rows import Context, Identity, entry_row
from wrkq_files.model.fields import FIELDS, DocType


@pytest.mark.parametrize("kind", [DocType.TASK, DocType.CONTAINER, DocType.COMMENT])
def test_what_is_packed_stands_in_the_order_that_it_is_unpacked_in(kind: DocType) -> None:
    fields: dict[str, Any] = {
        name: f"its {name}"
        for name in (
            "resolution",
            "reviewer",
            "parent",
            "section",
            "start",
            "created",
            "source",
            "rank",
            "on",
            "author",
        )
    }
    fields |= {"due": "2026-01-19", "labels": ("a", "b"), "score": {"effort": 2, "leverage": 3}, "kind": "its kind"}
    content = Content(7, "Title", "a b", fields, "its fields", [], 11, 12, 13)
    context = Context("its project", "its feature", True)
    row = entry_row("a/b.md", kind, Identity("T-1", "its source of an id"), "its blob", content, context, 1)

    packed = dict(zip(MORE, row[7].split(PACK_MARK), strict=True))
    expected = {name: f"its {name}" for name in MORE} | {"due": "2026-01-19", "score_total": "5", "archived": "1"}
    expected |= {"labels": LABEL_MARK + "a" + LABEL_MARK + "b" + LABEL_MARK, "id_source": "its source of an id"}
    expected |= {"project": "/its project", "feature": "/its feature"}
    expected |= {"criteria_open": "11", "items_done": "12", "items_total": "13"}
    # A field that the type does not have is not a column's: as an unknown key it could hold anything.
    foreign = {*fields, "score_total"} - {*FIELDS[kind], *({"score_total"} if "score" in FIELDS[kind] else ())}
    assert packed == expected | dict.fromkeys(foreign & set(MORE), "")
    assert foreign
