# ruff: noqa: S608 (only our own column names and placeholders are ever put into SQL)
"""Which features stand in which column."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from wrkq_files.index.entry import COLUMNS, Entry
from wrkq_files.model import sections as sections_of


def features_in(
    connection: sqlite3.Connection, section: str | None, role: str | None, sections: Sequence[Mapping[str, Any]]
) -> list[str]:
    """Addresses of the features that stand in a section of that slug, or of that role, of their projects.

    A feature without a section stands in its project's default one; a project without sections has ``sections``.
    """
    sql = f"SELECT {COLUMNS} FROM entry WHERE type = 'container' AND kind IN ('feature', 'project') ORDER BY path"
    containers = [*map(Entry._make, connection.execute(sql))]
    boards = {
        each.address: tuple(each.fields.get("sections") or ()) or sections
        for each in containers
        if each.kind == "project"
    }
    found = []
    for each in containers:
        if each.kind == "feature":
            own = boards.get(each.project, sections) if each.project is not None else sections
            slug = each.section or sections_of.default(own)
            roles = {one.get("slug"): one.get("role") for one in own}
            if (section is None or slug == section) and (role is None or roles.get(slug) == role):
                found.append(each.address)
    return found
