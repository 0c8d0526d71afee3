"""What commit messages promise: a message that says it closes a task, in a range that leaves it open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wrkq_files.git import log, trees
from wrkq_files.git.batch import Blobs
from wrkq_files.git.repo import Repo
from wrkq_files.index.entry import Entry
from wrkq_files.model import messages
from wrkq_files.model.fields import CLOSED_STATES, DocType
from wrkq_files.model.finding import Finding
from wrkq_files.service.committed import Committed, roots
from wrkq_files.service.surroundings import place
from wrkq_files.service.tracker import Door

RULE = "closed-in-words"
_SHORT = 8


def broken(door: Door, repo: Repo, commits: Sequence[str], blobs: Blobs) -> Iterator[tuple[Committed, str, Finding]]:
    """The promises of these commits (oldest first) that the last does not keep: in which tracker, and whose."""
    said = {commit: messages.read(text).closed for commit, text in log.messages(repo, commits).items()}
    promised = [(commit, identifier) for commit in commits for identifier in sorted(said.get(commit, ()))]
    if not promised:
        return
    end = commits[-1]
    for prefix in roots(trees.listing(repo, end)):
        tracker = Committed(door, repo, prefix, end, blobs)
        tracker.snapshot.keep(tracker.tree)
        for commit, identifier in promised:
            for entry in tracker.snapshot.by_id(identifier):
                if entry.type is DocType.TASK and entry.state not in CLOSED_STATES:
                    yield tracker, commit, _finding(tracker, commit, entry)
        tracker.close()


def _finding(tracker: Committed, commit: str, entry: Entry) -> Finding:
    message = f"{commit[:_SHORT]} says that it closes {entry.id}, which is {entry.state} at the end of the range"
    line, column = place(tracker, entry.path, "state:")
    remedy = f"wrkq set {entry.id} --state completed, in a commit of the same range"
    return Finding(RULE, entry.path, message, line, column, remedy=remedy)
