"""The repository's own template for requests, as its base branch has it."""

from __future__ import annotations

from typing import Final

from wrkq_files.git import trees
from wrkq_files.git.batch import Blobs
from wrkq_files.service.base import Base
from wrkq_files.service.tracker import Tracker

#: Where git hosts look, in their order: folder and name, in any case.
_PLACES: Final = (
    (".github", "pull_request_template.md"),
    ("", "pull_request_template.md"),
    ("docs", "pull_request_template.md"),
    (".gitlab/merge_request_templates", "default.md"),
)


def template(tracker: Tracker, base: Base) -> str:
    """The template's text; empty where there is none."""
    for folder, name in _PLACES:
        actual = _folder(tracker, base, folder)
        if actual is None:
            continue
        for each in trees.entries(tracker.repo, base.tip, actual):
            if each.path.lower() == name and each.mode.startswith("100"):
                with Blobs(tracker.repo) as blobs:
                    data = blobs.one(each.blob) or b""
                return data.decode("utf-8-sig", "replace").replace("\r\n", "\n")
    return ""


def _folder(tracker: Tracker, base: Base, folder: str) -> str | None:
    """A folder by its name in any case; None where there is none."""
    found = ""
    for part in folder.split("/") if folder else []:
        there = [each.path for each in trees.entries(tracker.repo, base.tip, found) if each.mode == trees.FOLDER]
        name = next((each for each in there if each.lower() == part), None)
        if name is None:
            return None
        found = f"{found}/{name}" if found else name
    return found
