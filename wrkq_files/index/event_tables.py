"""The tables of the event store. What they are is part of its key: a file with others is made again."""

from __future__ import annotations

from typing import Final

#: ``logged``: the commits that an event came from; a commit's number is greater than its parents'.
#: ``event``: what they did; columns from ``operation`` on say by whom, as far as the message tells. ``subject``: what
#: a comment is on.
#: ``born``: from which commit on a file that says no id has one.
#: ``tip``: all that these commits reach has been derived. ``view``, ``reach``: which of the commits a tip reaches.
TABLES: Final = (
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID",
    """CREATE TABLE logged(number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, parents TEXT NOT NULL,
    authored INTEGER NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL,
    subject TEXT NOT NULL, reverts TEXT NOT NULL, coauthors TEXT)""",
    """CREATE TABLE event(number INTEGER NOT NULL, place INTEGER NOT NULL, type TEXT NOT NULL, id TEXT NOT NULL,
    path TEXT NOT NULL, field TEXT NOT NULL, old TEXT, new TEXT, blob TEXT NOT NULL, old_blob TEXT NOT NULL,
    assignee TEXT NOT NULL, operation TEXT NOT NULL, ulid TEXT NOT NULL, item TEXT NOT NULL,
    actor TEXT NOT NULL, workspace TEXT NOT NULL, session TEXT NOT NULL, time INTEGER NOT NULL, subject TEXT,
    PRIMARY KEY(number, place)) WITHOUT ROWID""",
    "CREATE INDEX event_id ON event(id)",
    "CREATE INDEX event_subject ON event(subject) WHERE subject IS NOT NULL",
    "CREATE TABLE born(path TEXT, number INTEGER, id TEXT NOT NULL, PRIMARY KEY(path, number)) WITHOUT ROWID",
    "CREATE TABLE tip(number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE)",
    "CREATE TABLE view(number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, tip TEXT NOT NULL)",
    "CREATE TABLE reach(view INTEGER, number INTEGER, PRIMARY KEY(view, number)) WITHOUT ROWID",
    "INSERT INTO meta VALUES ('revision', 0)",
)
