"""What the tests of the index share: small trackers, indexes of them, and their content in a form that compares."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

from wrkq_files.git.repo import Repo
from wrkq_files.index.entry import COLUMNS
from wrkq_files.index.index import Index
from wrkq_files.index.place import Place
from wrkq_files.index.query import Query

ALL = Query(types=())


def repository(top: Path) -> Repo:
    """A repository with an unborn branch, without starting git."""
    git_dir = top / ".git"
    (git_dir / "objects").mkdir(parents=True, exist_ok=True)
    (git_dir / "refs" / "heads").mkdir(parents=True, exist_ok=True)
    (git_dir / "HEAD").write_text("ref: refs/heads/main\n")
    return Repo(top, git_dir, git_dir)


def place(top: Path, prefix: str = "wrkq", **settings: Any) -> Place:
    root = top / prefix if prefix else top
    root.mkdir(parents=True, exist_ok=True)
    (root / "wrkq.yaml").touch()
    return Place(repository(top), root, prefix, **settings)


def index(top: Path, **settings: Any) -> Index:
    """An index of the tracker ``top/wrkq``, brought up to date."""
    made = Index(place(top, **settings))
    made.refresh()
    return made


def write(top: Path, path: str, text: str = "", *, body: str = "", **fields: str) -> Path:
    """Write ``wrkq/<path>``: ``text``, or a document with these fields."""
    file = top / "wrkq" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"{name}: {value}" for name, value in fields.items()]
    file.write_text(text or "\n".join(["---", *lines, "---", "", body, ""]))
    return file


def paths(entries: Any) -> list[str]:
    return [entry.path for entry in entries]


def content(made: Index) -> dict[str, list[Any]]:
    """All that an index knows, without what depends on when it learned it."""
    return dump(made._store.read())


def dump(connection: sqlite3.Connection) -> dict[str, list[Any]]:
    own = (
        "type, id_source, kind, project, feature, archived, container, parent, reviewer, source, score_total, due_at,"
        " subject, labels, own_archived, reason"
    )
    queries = {
        "entry": f"SELECT {COLUMNS}, {own} FROM entry",
        "body": "SELECT path, parsed.title, parsed.labels, body FROM entry LEFT JOIN parsed ON parsed = key",
        "edge": "SELECT entry.path, edge.kind, edge.dst FROM edge JOIN entry ON number = src",
        "lost edge": "SELECT * FROM edge WHERE src NOT IN (SELECT number FROM entry)",
        "file": "SELECT folder, name, blob, role, entry.path FROM file LEFT JOIN entry ON number = entry",
        "folder": "SELECT path, project, feature, archived FROM folder",
        "finding": "SELECT * FROM finding",
    }
    return {name: sorted(connection.execute(sql), key=repr) for name, sql in queries.items()}


def built_anew(old: Place, *, comments: bool) -> Index:
    """The index of the same tracker, built from nothing elsewhere."""
    aside = old.repo.top / ".git" / f"aside-{os.urandom(4).hex()}"
    aside.mkdir()
    (aside / "HEAD").write_bytes((old.repo.git_dir / "HEAD").read_bytes())
    repo = Repo(old.repo.top, aside, old.repo.common_dir)
    made = Index(Place(repo, old.root, old.prefix, old.ignore, old.kinds, old.sections))
    made.refresh()
    if comments:
        made.refresh_comments()
    return made
