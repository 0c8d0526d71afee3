"""The tables. What they are is part of an index's key (see ``view``): a file with others is rebuilt."""

from __future__ import annotations

from typing import Final

#: The version of the pointer file and of what lies beside it.
FORMAT: Final = 1

#: The revision of an index that nothing was ever written to; every change gives it another, drawn by lot.
EMPTY: Final = 0

#: A data table: every statement that makes an empty index.
#:
#: ``parsed``: one row for each (blob, type) ever read; never changed, so full text can point at it.
#: ``entry``: the current view; columns up to ``more`` are :class:`wrkq_files.index.entry.Entry`, in order; the
#: others are there to be asked for.
#: ``file``: every Markdown file that was looked at; ``role`` is ``document``, ``note`` or ``broken``; ``safe`` is 0
#: while an edit could still leave the same stat data.
#: ``folder``: every folder looked at; ``signature`` is NULL until all files in it are safe. ``project``, ``feature``
#: and ``archived`` are what the folder hands to what is directly in it.
#: ``meta``: ``revision`` tells apart all states that any view was ever in; ``stale_text``: the full text is behind.
#: ``origin``: what the history said about a file without an id, when HEAD was ``head``.
TABLES: Final = (
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID",
    """CREATE TABLE parsed(key INTEGER PRIMARY KEY, blob TEXT NOT NULL, type TEXT NOT NULL, title TEXT, labels TEXT,
    fields TEXT, findings TEXT, criteria_open INTEGER, items_done INTEGER, items_total INTEGER, body TEXT)""",
    "CREATE UNIQUE INDEX parsed_blob ON parsed(blob, type)",
    """CREATE TABLE entry(path TEXT NOT NULL, id TEXT NOT NULL, title TEXT NOT NULL, state TEXT NOT NULL,
    effective_state TEXT NOT NULL, priority INTEGER NOT NULL, assignee TEXT, more TEXT NOT NULL, type TEXT NOT NULL,
    id_source TEXT NOT NULL, kind TEXT NOT NULL, project TEXT, feature TEXT, archived INTEGER NOT NULL,
    container TEXT NOT NULL, parent TEXT, reviewer TEXT, source TEXT, score_total INTEGER, due_at REAL, subject TEXT,
    labels TEXT NOT NULL, own_archived INTEGER NOT NULL, reason INTEGER NOT NULL, parsed INTEGER,
    number INTEGER PRIMARY KEY)""",
    "CREATE UNIQUE INDEX entry_path ON entry(path)",
    "CREATE INDEX entry_id ON entry(id)",
    "CREATE INDEX entry_container ON entry(container, type)",
    "CREATE INDEX entry_parsed ON entry(parsed)",
    "CREATE INDEX entry_subject ON entry(subject, path) WHERE subject IS NOT NULL",
    "CREATE INDEX entry_handmade ON entry(path) WHERE id_source IN ('derived', 'provisional')",
    "CREATE INDEX entry_source ON entry(source) WHERE source IS NOT NULL",
    # Word for word the condition of select._HIDDEN, so that counting what a list leaves out reads nothing else.
    """CREATE INDEX entry_hidden ON entry(type, archived, state, path)
    WHERE (archived OR state IN ('completed', 'cancelled', 'idea'))""",
    "CREATE INDEX entry_plain ON entry(type) WHERE type NOT IN ('task', 'comment')",
    """CREATE TABLE edge(src INTEGER NOT NULL, kind TEXT NOT NULL, dst TEXT NOT NULL,
    PRIMARY KEY(src, kind, dst)) WITHOUT ROWID""",
    "CREATE INDEX edge_dst ON edge(dst, kind)",
    """CREATE TABLE file(folder TEXT NOT NULL, name TEXT NOT NULL, mtime INTEGER, ctime INTEGER, size INTEGER,
    inode INTEGER, safe INTEGER NOT NULL, blob TEXT NOT NULL, role TEXT NOT NULL, entry INTEGER,
    PRIMARY KEY(folder, name)) WITHOUT ROWID""",
    "CREATE INDEX file_unsafe ON file(folder) WHERE safe = 0",
    """CREATE TABLE folder(path TEXT PRIMARY KEY, signature BLOB, project TEXT, feature TEXT,
    archived INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID""",
    """CREATE TABLE finding(folder TEXT NOT NULL, name TEXT NOT NULL, place INTEGER NOT NULL, rule TEXT NOT NULL,
    line INTEGER, col INTEGER, message TEXT, allowed TEXT, remedy TEXT, unreadable INTEGER NOT NULL,
    PRIMARY KEY(folder, name, place)) WITHOUT ROWID""",
    """CREATE TABLE origin(path TEXT PRIMARY KEY, head TEXT NOT NULL, id TEXT, source TEXT NOT NULL,
    origin TEXT) WITHOUT ROWID""",
    """CREATE VIRTUAL TABLE fulltext USING fts5(title, labels, body, content='parsed', content_rowid='key',
    tokenize="unicode61 remove_diacritics 2")""",
    "CREATE TABLE searchable(parsed INTEGER PRIMARY KEY)",
    """INSERT INTO meta VALUES ('revision', 0), ('stale_text', 1), ('refreshed', 0)""",
)
